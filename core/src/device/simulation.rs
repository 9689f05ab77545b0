//! The simulation that all devices with kernels share.

mod enter;
mod learned;
mod outside;
mod signal;
mod single;

use super::learned::Learned;
use super::rows::{RowPlan, StoredSums, upload};
use super::tally::{Spent, Tally};
use super::{Device, Launch, memory};
use crate::base::progress;
use crate::base::words::count;
use crate::device::kernels::layout::{Layout, control, samples_in};
use crate::device::kernels::{Buffer, Role, Stage, Width, clear, is_stored, stages};
use crate::ir::verify::Verified;
use crate::plan::{AccumulatorSums, Plan};
use crate::run::backend::{BackendError, Simulation, not_finite, one_nan_of_state};
use crate::run::checkpoint::{Checkpoint, Recent};
use crate::run::cost::Cost;
use crate::run::counters::Counters;
use crate::run::input::{Accepted, Input};
use crate::run::parameters::{Parameters, WrittenParameter};
use crate::run::quantity::Quantity;
use crate::run::record::{Recording, Spike};
use std::time::Instant;

/// The most words that are written to a device at once.
const WRITE_WORDS: usize = 1 << 22;

/// A plan on a device.
pub struct DeviceSimulation<D: Device> {
    device: D,
    plan: Plan,
    layout: Layout,
    /// Every buffer, in a list for linear search: there are few.
    buffers: Vec<(Buffer, D::Buffer)>,
    /// The words of every buffer.
    sizes: Vec<(Buffer, u64)>,
    /// The launches of a step.
    step_stages: Vec<Compiled<D>>,
    /// The launch before a chunk.
    clear_stage: Compiled<D>,
    /// Steps done.
    step: u32,
    /// The spikes that may be on their way.
    recent: Recent,
    /// The error that ended the run.
    failed: Option<BackendError>,
    memory_bytes: u64,
    parameters: Parameters,
    /// Whether the rows of currents from outside may hold words other than 0.
    has_currents: bool,
    /// The projections that learn.
    learned: Vec<Learned>,
    tally: Tally,
    spent: Spent,
}

/// A launch with its compiled kernel.
struct Compiled<D: Device> {
    name: String,
    kernel: D::Kernel,
    buffers: Vec<Buffer>,
    groups: u32,
    /// The part of a step that it carries out.
    role: Role,
}

impl<D: Device> DeviceSimulation<D> {
    /// Builds the simulation of a plan: checks the limits, allocates, compiles, draws the rows and
    /// uploads.
    pub fn new(mut device: D, plan: &Plan) -> Result<Self, BackendError> {
        plan.verify()?;
        let (limits, guarantees) = (device.limits(), device.guarantees());
        check_counts(plan)?;
        let mut sums = AccumulatorSums::new(plan);
        sums.draw(plan, |projection| !is_stored(projection));
        sums.check(plan)?;
        let layout = Layout::new(plan);
        let rows = RowPlan::new(plan, limits)?;
        let mut tally = Tally::new(plan);
        let learned = Learned::all(plan, &layout, limits, &mut tally.degrees)?;
        let width = width(device.info().software, limits.groups);
        let sites = (0..).zip(&learned).filter_map(|(n, own)| own.site(plan, &layout, n));
        let sites: Vec<_> = sites.collect();
        let format = rows.format(&layout);
        let step_stages = stages(plan, &layout, &format, &sites, width, guarantees);
        let clear_stage = clear(&layout, width, guarantees);
        let sizes = memory::sizes(&layout, &rows, &learned);
        memory::check(&sizes, &step_stages, limits)?;
        progress::begin("compiling kernels", step_stages.len() as u64 + 1);
        let mut buffers = Vec::with_capacity(sizes.len());
        for (buffer, words) in &sizes {
            buffers.push((*buffer, device.alloc(*words)?));
        }
        let step_stages = step_stages
            .iter()
            .map(|stage| compile(&mut device, stage, &sizes))
            .collect::<Result<Vec<_>, _>>()?;
        let clear_stage = compile(&mut device, &clear_stage, &sizes)?;
        let memory_bytes = 4 * sizes.iter().map(|(_, words)| words).sum::<u64>();
        let mut simulation = Self {
            device,
            plan: plan.clone(),
            layout,
            buffers,
            sizes,
            step_stages,
            clear_stage,
            step: 0,
            recent: Recent::new(plan),
            failed: None,
            memory_bytes,
            parameters: Parameters::new(plan),
            has_currents: false,
            learned,
            tally,
            spent: Spent::default(),
        };
        simulation.upload(&rows, &mut sums)?;
        sums.check(plan)?;
        // Building is not part of the steps.
        simulation.spent = Spent::default();
        Ok(simulation)
    }

    /// Uploads all that step 0 starts from. Adds the rows that are stored to `sums`.
    fn upload(&mut self, rows: &RowPlan, sums: &mut AccumulatorSums) -> Result<(), BackendError> {
        let initial = self.plan.initial_state();
        let neurons = self.layout.state_words as usize;
        self.write_buffer(Buffer::State, &initial[..neurons])?;
        self.upload_learned()?;
        self.write_synapses(&initial, Recent::default().flight(0))?;
        self.write_signals(&initial, Recent::default().flight(0))?;
        self.write_buffer(Buffer::Constants, &self.layout.constant_data(&self.plan))?;
        self.set_clock(0, 0)?;
        self.set_series(0)?;
        let stored = StoredSums::new(sums);
        self.upload_rows(rows, &stored)?;
        stored.add_to(sums);
        Ok(())
    }

    /// Draws the stored rows and writes them to their buffers. Adds them to `stored`.
    fn upload_rows(&mut self, rows: &RowPlan, stored: &StoredSums) -> Result<(), BackendError> {
        for (index, part) in (0..).zip(&rows.parts) {
            // Taken out of the list, because the device is borrowed to write to it.
            let arena = take(&mut self.buffers, Buffer::Rows(index))?;
            let degrees = &mut self.tally.degrees;
            let done = upload(&mut self.device, &arena, &self.plan, rows, part, degrees, stored);
            self.buffers.push((Buffer::Rows(index), arena));
            done?;
        }
        Ok(())
    }

    fn write_buffer(&mut self, to: Buffer, words: &[u32]) -> Result<(), BackendError> {
        self.write_at(to, 0, words)
    }

    fn write_at(&mut self, to: Buffer, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        let since = Instant::now();
        let buffer = find(&self.buffers, to)?;
        for (piece, at) in words.chunks(WRITE_WORDS).zip((offset..).step_by(WRITE_WORDS)) {
            self.device.write(buffer, at, piece)?;
        }
        self.spent.wrote(words.len(), since);
        Ok(())
    }

    fn read_buffer(
        &mut self,
        from: Buffer,
        offset: u64,
        len: u64,
    ) -> Result<Vec<u32>, BackendError> {
        let mut words = vec![0; len as usize];
        if len > 0 {
            let since = Instant::now();
            let buffer = find(&self.buffers, from)?;
            self.device.read(buffer, offset, &mut words)?;
            self.spent.read(words.len(), since);
        }
        Ok(words)
    }

    /// Runs and records the steps of a chunk.
    fn run_chunk(
        &mut self,
        steps: u32,
        given: &[Spike],
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        if self.tally.is_full(steps) {
            self.collect_events()?;
        }
        self.write_at(Buffer::Control, control::CHUNK.into(), &[self.step])?;
        let since = Instant::now();
        let clear = launch(&self.buffers, &self.clear_stage)?;
        self.device.submit(&[clear], 1)?;
        self.submit_steps(steps, given)?;
        self.spent.submitted(steps, since);
        // The clock stands at the step in which state was not finite: the launches behind it did
        // nothing.
        let control = self.read_buffer(Buffer::Control, 0, control::SERIES.into())?;
        let stopped = control[control::FAILED as usize] != 0;
        let steps = if stopped { control[control::STEP as usize] - self.step } else { steps };
        let width = u64::from(self.layout.raster_step_words);
        let raster = self.read_buffer(Buffer::Raster, 0, u64::from(steps) * width)?;
        let first = record.spikes.len();
        record_spikes(&raster, width as usize, self.step, &mut record.spikes);
        self.tally.chunk(&self.plan, steps, &record.spikes[first..]);
        self.recent.note(&self.plan, &record.spikes[first..], self.step + steps);
        for index in 0..self.plan.probes.len() {
            let probe = &self.plan.probes[index];
            let samples = samples_in(self.step, steps, probe.every_steps);
            let width = u64::from(self.layout.batch) * probe.neurons.len() as u64;
            let offset = self.layout.traces[index];
            let words = self.read_buffer(Buffer::Traces, offset, u64::from(samples) * width)?;
            record.traces[index].extend_from_slice(&words);
        }
        self.step += steps;
        record.steps += steps;
        if stopped {
            record.one_nan(&self.plan);
            let state = self.state()?;
            let error = not_finite(&self.plan, &state, self.step - 1);
            self.failed = Some(error.unwrap_or_else(|| {
                BackendError::Kernel("a kernel took finite state for infinite".into())
            }));
        }
        Ok(())
    }

    /// Adds the events that the kernels counted to the tally, and clears their words.
    fn collect_events(&mut self) -> Result<(), BackendError> {
        let words = self.layout.event_words;
        if self.tally.has_events() && words > 0 {
            let counts = self.read_buffer(Buffer::Events, 0, words)?;
            self.tally.collect(&self.layout, &counts);
            self.clear_events()?;
        }
        Ok(())
    }

    fn clear_events(&mut self) -> Result<(), BackendError> {
        self.write_buffer(Buffer::Events, &vec![0; self.layout.event_words as usize])
    }
}

impl<D: Device> Simulation for DeviceSimulation<D> {
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut left = steps;
        if self.step.checked_add(steps).is_none() {
            return Err(BackendError::Unsupported(format!(
                "{} after step {}: a run has at most 2^32 - 1 steps",
                count(steps, "step"),
                self.step
            )));
        }
        let Accepted { spikes, currents } =
            input.accept(&self.plan, self.step..self.step + steps)?;
        let mut given = spikes.as_slice();
        if self.plan.samples_start(self.step, steps) {
            let state = self.state()?;
            record.begin(&self.plan, &state);
            self.sample_synapses(None, record)?;
        }
        while left > 0 {
            let most = left.min(self.layout.chunk_steps).min(self.tally.most_steps());
            let chunk = self.plan.steps_to_sample(self.step, most);
            let end = self.step + chunk;
            let (now, later) = given.split_at(given.partition_point(|spike| spike.step < end));
            given = later;
            self.write_currents(chunk, &currents)?;
            self.run_chunk(chunk, now, record)?;
            self.sample_synapses(self.step.checked_sub(1), record)?;
            if let Some(error) = &self.failed {
                return Err(error.clone());
            }
            left -= chunk;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut words = self.read_buffer(Buffer::State, 0, self.layout.state_words)?;
        words.resize(self.plan.state_words() as usize, 0);
        self.read_synapses(&mut words)?;
        self.read_signals(&mut words)?;
        if self.failed.is_some() {
            one_nan_of_state(&self.plan, &mut words);
        }
        Ok(words)
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        self.collect_events()?;
        self.collect_conditions()?;
        Ok(self.tally.counters(&self.plan))
    }

    fn cost(&self) -> Cost {
        let of_step = self.step_stages.iter().map(|stage| stage.name.as_str());
        self.spent.cost(&self.clear_stage.name, of_step)
    }

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        self.parameters.written(&self.plan)
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        checkpoint.fits(&self.plan)?;
        for (population, new) in self.parameters.restore(&self.plan, &checkpoint.parameters)? {
            self.write_constants(population, new)?;
        }
        self.go_to(checkpoint)
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.go_to(&Checkpoint::start(&self.plan))
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        self.read_quantity(quantity)
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        self.write_quantity(quantity, words)
    }

    fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }
}

/// Refuses plans whose counts do not fit the words that kernels compute with.
fn check_counts(plan: &Plan) -> Result<(), BackendError> {
    let neurons = u64::from(plan.neurons()) * u64::from(plan.batch);
    if plan.batch > 65_536 || neurons > u64::from(u32::MAX) {
        return Err(BackendError::Unsupported(format!(
            "a batch of {} of {}: a device runs at most 65536 copies and 2^32 - 1 \
             neurons in all",
            count(plan.batch, "copy"),
            count(plan.neurons(), "neuron")
        )));
    }
    Ok(())
}

/// Returns the width of launches. Software devices spend time on every idle group; others need
/// many groups to be busy.
fn width(software: bool, groups: u32) -> Width {
    // A step with synapses that learn has several launches, most of them with little to do.
    let (deliver_groups, learn_groups) = if software { (32, 2) } else { (1024, 1024) };
    Width {
        deliver_groups: deliver_groups.min(groups),
        learn_groups: learn_groups.min(groups),
        clear_groups: 256.min(groups),
    }
}

fn compile<D: Device>(
    device: &mut D,
    stage: &Stage,
    sizes: &[(Buffer, u64)],
) -> Result<Compiled<D>, BackendError> {
    let words = stage.buffers.iter().map(|buffer| find(sizes, *buffer).copied());
    let words = words.collect::<Result<Vec<_>, _>>()?;
    let kernel = Verified::new(&stage.kernel, &words).map_err(BackendError::Kernel)?;
    let kernel = device.compile(&kernel)?;
    progress::advance(1);
    let (name, buffers) = (stage.kernel.name.clone(), stage.buffers.clone());
    let (groups, role) = (stage.groups, stage.role);
    Ok(Compiled { name, kernel, buffers, groups, role })
}

fn launch<'a, D: Device>(
    buffers: &'a [(Buffer, D::Buffer)],
    stage: &'a Compiled<D>,
) -> Result<Launch<'a, D>, BackendError> {
    let bound = stage.buffers.iter().map(|buffer| find(buffers, *buffer));
    let buffers = bound.collect::<Result<Vec<_>, _>>()?;
    Ok(Launch { kernel: &stage.kernel, buffers, groups: stage.groups })
}

fn find<B>(buffers: &[(Buffer, B)], buffer: Buffer) -> Result<&B, BackendError> {
    let found = buffers.iter().find(|(b, _)| *b == buffer).map(|(_, handle)| handle);
    found.ok_or_else(|| missing(buffer))
}

fn take<B>(buffers: &mut Vec<(Buffer, B)>, buffer: Buffer) -> Result<B, BackendError> {
    let at = buffers.iter().position(|(b, _)| *b == buffer).ok_or_else(|| missing(buffer))?;
    Ok(buffers.swap_remove(at).1)
}

fn missing(buffer: Buffer) -> BackendError {
    BackendError::Kernel(format!("no buffer `{}` was allocated", buffer.name()))
}

/// Appends the spikes of a raster by step, then by bit, which is the canonical order.
fn record_spikes(raster: &[u32], width: usize, first_step: u32, spikes: &mut Vec<Spike>) {
    for (row, step) in raster.chunks(width.max(1)).zip(first_step..) {
        for (&word, first) in row.iter().zip((0..).step_by(32)) {
            let mut bits = word;
            while bits != 0 {
                spikes.push(Spike { step, neuron: first + bits.trailing_zeros() });
                bits &= bits - 1;
            }
        }
    }
}
