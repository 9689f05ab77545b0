//! Level 4: what a device must do, and each kernel of many networks alone on seeded buffers,
//! against the machine oracle.

use super::{Done, Level, Needs, Run, Settings, Test};
use crate::cases;
use crate::device;
use crate::failure::Failure;
use crate::golden;
use crate::verdict;
use isospike_core::base::random::{key, philox, pick};
use isospike_core::device::kernels::layout::{Layout, control};
use isospike_core::device::kernels::{Buffer, Role};
use isospike_core::device::{Device, DeviceBackend, DeviceSimulation};
use isospike_core::oracle::kernel::Machine;
use isospike_core::plan::{Phase, Plan, PopulationPlanKind};
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;

/// Steps that the oracle runs before kernels are looked at: input is under way then.
const STEPS_BEFORE: u32 = 12;

/// Spikes of the step that delivery kernels find.
const SPIKES: u32 = 24;

/// A backend on a device with kernels, of any type.
pub trait KernelBackend: Backend {
    /// Runs the test with this number in [`device::all`].
    fn duty(&self, number: usize) -> Result<Done, Failure>;

    /// Compares each kernel of a plan, alone on seeded buffers, with the machine oracle.
    fn kernels(&self, plan: &Plan, seed: u64) -> Result<Done, Failure>;
}

/// Duties of the device itself; then the kernels of each case, and of examples whose kernels
/// no case has.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let seed = settings.seed;
    let duties = device::all::<Machine>().into_iter().enumerate();
    let mut tests: Vec<Test> =
        duties.map(|(number, (name, _))| test(name, move |device| device.duty(number))).collect();
    for case in cases::all() {
        let name = format!("kernels of {}", case.name);
        tests.push(test(name, move |device| device.kernels(&verdict::plan(&case.text)?, seed)));
    }
    let with_own_kernels = ["cobahh", "izhikevich_2003", "microcircuit"];
    for example in golden::cases().into_iter().filter(|e| with_own_kernels.contains(&e.name)) {
        let name = format!("kernels of {}", example.name);
        tests.push(test(name, move |device| device.kernels(&golden::plan(&example)?, seed)));
    }
    tests
}

fn test(
    name: impl Into<String>,
    run: impl Fn(&dyn KernelBackend) -> Result<Done, Failure> + Send + Sync + 'static,
) -> Test {
    let (name, run) = (name.into(), Run::Kernels(Box::new(run)));
    Test { level: Level::Kernels, name, needs: Needs::Kernels, run }
}

impl<D: Device + Clone + 'static> KernelBackend for DeviceBackend<D> {
    fn duty(&self, number: usize) -> Result<Done, Failure> {
        let (_, body) = device::all()[number];
        body(&mut self.device().clone())
    }

    fn kernels(&self, plan: &Plan, seed: u64) -> Result<Done, Failure> {
        check(self.device().clone(), plan, seed)
    }
}

/// Every kernel of a plan: the same words in all buffers, one launch, every buffer compared.
fn check<D: Device>(device: D, plan: &Plan, seed: u64) -> Result<Done, Failure> {
    let mut oracle = DeviceSimulation::new(Machine::like(&device), plan)?;
    let mut mine = DeviceSimulation::new(device, plan)?;
    let buffers = oracle.buffers().to_vec();
    let mut checked = 0;
    for &(buffer, _) in &buffers {
        let (expected, got) = (oracle.buffer(buffer)?, mine.buffer(buffer)?);
        checked += equal("the upload", buffer, None, &expected, &got)?;
    }
    // State, spikes under way and a raster as they are in the middle of a run.
    let run = isospike_core::run::backend::Simulation::run;
    run(&mut oracle, STEPS_BEFORE, &mut Recording::new(plan))?;
    let mut base = Vec::with_capacity(buffers.len());
    for &(buffer, _) in &buffers {
        base.push((buffer, oracle.buffer(buffer)?));
    }
    let kernels = oracle.kernels().map(|(name, role)| (name.to_owned(), role));
    let kernels: Vec<(String, Role)> = kernels.collect();
    for (number, (kernel, role)) in kernels.iter().enumerate() {
        let (role, number) = (*role, number as u32);
        let seeded = Seeded { plan, kernel, role, key: key(seed), number };
        let mut before = Vec::with_capacity(base.len());
        for (buffer, words) in &base {
            let words = seeded.words(*buffer, words);
            oracle.set_buffer(*buffer, &words)?;
            mine.set_buffer(*buffer, &words)?;
            before.push(words);
        }
        let of_oracle = |why| Failure::new(format!("the oracle on kernel {kernel}: {why}"));
        oracle.launch(number as usize).map_err(of_oracle)?;
        mine.launch(number as usize)
            .map_err(|why| Failure::new(format!("kernel {kernel}: {why}")))?;
        for (&(buffer, _), before) in buffers.iter().zip(&before) {
            let (mut expected, mut got) = (oracle.buffer(buffer)?, mine.buffer(buffer)?);
            if buffer == Buffer::Spikes {
                // Threads append in any order.
                let listed = oracle.buffer(Buffer::Control)?[control::SPIKES as usize] as usize;
                for words in [&mut expected, &mut got] {
                    let listed = listed.min(words.len());
                    words[..listed].sort_unstable();
                }
            }
            let what = format!("kernel {kernel}");
            checked += equal(&what, buffer, Some(before), &expected, &got)?;
        }
    }
    Ok(Done::of(checked))
}

fn equal(
    what: &str,
    buffer: Buffer,
    before: Option<&[u32]>,
    expected: &[u32],
    got: &[u32],
) -> Result<u64, Failure> {
    // A NaN has many names; what makes one is not lowered from any model.
    let same = |a: u32, b: u32| {
        a == b
            || buffer == Buffer::State && f32::from_bits(a).is_nan() && f32::from_bits(b).is_nan()
    };
    let Some(at) = expected.iter().zip(got).position(|(a, b)| !same(*a, *b)) else {
        return Ok(expected.len() as u64);
    };
    let before = before.map_or(String::new(), |words| format!(", before {:#010x}", words[at]));
    let wrong = expected.iter().zip(got).filter(|(a, b)| !same(**a, **b)).count();
    Err(Failure::new(format!(
        "{what}: word {at} of `{}` is {:#010x}, not {:#010x}{before}; {wrong} of {} words differ",
        buffer.name(),
        got[at],
        expected[at],
        expected.len()
    )))
}

/// The words of buffers before a kernel is launched.
struct Seeded<'a> {
    plan: &'a Plan,
    kernel: &'a str,
    role: Role,
    key: [u32; 2],
    number: u32,
}

impl Seeded<'_> {
    /// Words like those of a run, each a little different; indices stay in range.
    fn words(&self, buffer: Buffer, base: &[u32]) -> Vec<u32> {
        let all_neurons = self.plan.neurons() * self.plan.batch;
        let each = |f: &dyn Fn(u32, u32) -> u32| {
            base.iter().zip(0..).map(|(word, i)| f(*word, self.draw(buffer, i))).collect()
        };
        match buffer {
            Buffer::Control => self.control(base),
            // Counters are small integers and flushed floats are zero: both stay. The last 12 bits
            // of other floats are drawn.
            Buffer::State => each(&|word, drawn| match f32::from_bits(word).is_normal() {
                true => word ^ (drawn >> 20),
                false => word,
            }),
            Buffer::Accumulators => each(&|word, drawn| word.wrapping_add(drawn >> 24)),
            // A thread has each target that spikes, and no neuron spikes twice in a step.
            Buffer::Spikes
                if matches!(self.role, Role::Phase(Phase::PostEvents | Phase::Signals)) =>
            {
                let first = pick(self.draw(buffer, 0), all_neurons);
                (0..all_neurons).map(|i| (first + i) % all_neurons).collect()
            }
            Buffer::Spikes => each(&|_, drawn| pick(drawn, all_neurons)),
            Buffer::Raster | Buffer::Traces | Buffer::Events => each(&|_, drawn| drawn),
            Buffer::Constants | Buffer::Rows(_) | Buffer::Recent | Buffer::Learned(..) => {
                base.to_vec()
            }
        }
    }

    /// A step in which the kernel has something to do. Delivery finds spikes; kernels that emit
    /// find an empty list, which has room for all neurons.
    fn control(&self, base: &[u32]) -> Vec<u32> {
        let mut words = base.to_vec();
        let step = self.step(base[control::STEP as usize]);
        words[control::STEP as usize] = step;
        words[control::CHUNK as usize] = step.saturating_sub(3);
        let room = self.plan.neurons() * self.plan.batch;
        words[control::SPIKES as usize] = match self.role {
            Role::Phase(Phase::Update | Phase::Emit) => 0,
            Role::Phase(
                Phase::PreEvents
                | Phase::Deliver
                | Phase::PostEvents
                | Phase::Signals
                | Phase::Probe,
            )
            | Role::Tick
            | Role::Clear => SPIKES.min(room),
        };
        if self.plan.learns() {
            // The word that says whether a ring of post events is full: all synapses catch up.
            words[Layout::new(self.plan).full_at() as usize] = 1;
        }
        words
    }

    fn step(&self, now: u32) -> u32 {
        let index = |prefix| self.kernel.strip_prefix(prefix)?.parse::<usize>().ok();
        if let Some(population) = index("emit_")
            && let PopulationPlanKind::SpikeList(list) = &self.plan.populations[population].kind
        {
            return list.first().map_or(now, |(step, _)| *step);
        }
        // The second sample: the first step may be that of the chunk.
        if self.kernel == "clocked" {
            // The end of a period.
            let all = self.plan.projections.iter().filter_map(|p| p.synapse.as_ref());
            let block = all.flat_map(|synapse| &synapse.clocked).next();
            return block.map_or(now, |block| block.period_steps - 1);
        }
        index("probe_").map_or(now, |probe| self.plan.probes[probe].every_steps)
    }

    fn draw(&self, buffer: Buffer, i: u32) -> u32 {
        let of_buffer =
            buffer.name().bytes().fold(0_u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        philox([i / 4, self.number, of_buffer, 4], self.key)[i as usize % 4]
    }
}
