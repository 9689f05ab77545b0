//! A plan on the CPU: made ready, run, read.

mod collect;
mod enter;

use crate::autotuner::Autotuner;
use crate::build;
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::format::tile::Site;
use crate::layout::{self, Choice, Layout};
use crate::memory::{self, Estimate};
use crate::partition::{Partition, Places};
use crate::phases::Phases;
use crate::pool::Pool;
use crate::ring::Ring;
use crate::shard::{ProbePart, Shard, Slice};
use crate::simd::{Detected, LANES};
use crate::spin_wait::SpinWait;
use crate::store::Store;
use crate::timing_wheel::TimingWheel;
use crate::worker::{Drawn, Engine, Scripted};
use isospike_core::base::cores::cores;
use isospike_core::plan::{
    Plan, PopulationPlan, PopulationPlanKind, ProbePlan, ProjectionPlan, Words,
};
use isospike_core::run::backend::{BackendError, Simulation, one_nan_of_state};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::cost::{Cost, Phase, PhaseTime};
use isospike_core::run::counters::{Counters, OutDegrees};
use isospike_core::run::input::Input;
use isospike_core::run::parameters::Parameters;
use isospike_core::run::quantity::{Place, Quantity};
use isospike_core::run::record::{Recording, Spike};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, RwLock};

/// More steps than this between two exchanges of spikes gain nothing.
const WINDOW_MAX: u32 = 16;

/// A plan in the middle of its run on the CPU.
#[derive(Debug)]
pub struct CpuSimulation {
    plan: Plan,
    /// Steps run so far.
    step: u32,
    pool: Pool,
    autotuner: Autotuner,
    choices: Vec<Choice>,
    generated: usize,
    /// Populations that have no machine code although that was wanted.
    interpreted: Vec<String>,
    /// Of the last run, and of all.
    phases: Phases,
    all_phases: Phases,
    /// Of built rows; 0 for those that are drawn and counted at each spike.
    degrees: OutDegrees,
    parameters: Parameters,
    /// Since step 0, without the spikes that `degrees` has noted.
    counters: Counters,
    /// The spikes that may be on their way: those of the last steps.
    recent: Vec<Spike>,
    /// What ended the run.
    failed: Option<BackendError>,
}

impl CpuSimulation {
    pub(crate) fn new(
        plan: &Plan,
        isa: Detected,
        interpret: bool,
        autotuner: Autotuner,
    ) -> Result<Self, BackendError> {
        let threads = autotuner.most();
        if u64::from(plan.batch) * u64::from(plan.neurons()) > u64::from(u32::MAX) {
            let what = "all copies together have more than 2^32 - 1 neurons";
            return Err(BackendError::Unsupported(what.to_string()));
        }
        let partition = Partition::new(plan, threads);
        let shards = partition.shards;
        let lanes = partition.lanes(plan);
        let choices = layout::choose(plan, shards, partition.most_accumulators(plan));
        let ring_delay = ring_delay(plan, &choices);
        let estimate = Estimate::new(plan, &partition, &choices);
        memory::check(&estimate.what(plan, &choices), estimate.total())?;

        let mut programs: Vec<Option<Arc<Compiled>>> = Vec::new();
        for index in 0..plan.populations.len() {
            let same = (0..index).find(|other| share_code(plan, *other, index));
            let known = same.and_then(|other| programs[other].clone());
            programs.push(known.or_else(|| compile(plan, index, isa, interpret)));
        }
        let mut slices = Vec::new();
        let mut first_lanes = Vec::new();
        for shard in 0..shards {
            let (shard_slices, firsts) = slices_of(plan, &partition, shard, &programs);
            slices.push(shard_slices);
            first_lanes.push(firsts);
        }
        let place = |projection: &ProjectionPlan| {
            let receptor = projection.receptor as usize;
            let first: Vec<u32> =
                first_lanes.iter().map(|firsts| (firsts[receptor] * LANES) as u32).collect();
            Places::new(&partition, projection.post.index(), &first)
        };
        let places: Vec<Places> = plan.projections.iter().map(place).collect();
        let mut degrees = OutDegrees::new(plan, |_| false);
        let columns = degrees.columns().to_vec();
        let site = Site { plan, places: &places, lanes: &lanes, columns: &columns };
        // More threads than cores would only be in each other's way, and each holds a tile.
        let stores = build::build(&site, &choices, threads.min(cores()), &mut degrees)?;
        degrees.tell_rows(plan, |projection| !projection.procedural);

        let make = |(number, (slices, lanes)): (u32, (Vec<Slice>, usize))| Shard {
            number,
            stage: 0,
            taken: u32::MAX,
            probes: plan.probes.iter().map(|probe| probe_part(probe, &slices)).collect(),
            slices,
            ring: Ring::new(ring_delay, plan.batch, lanes),
            wheels: stores.iter().map(|store| wheel(store, plan.batch)).collect(),
            record: Vec::new(),
            spikes: Vec::new(),
            counters: Counters::new(plan),
        };
        let shards: Vec<Shard> = (0..).zip(slices.into_iter().zip(lanes)).map(make).collect();
        let exchange = |shard: &Shard| {
            let neurons: usize = shard.slices.iter().map(|slice| slice.neurons.len()).sum();
            Exchange::new(neurons * plan.batch as usize)
        };
        let workers = threads.clamp(1, shards.len().max(1));
        let least_delay = plan.projections.iter().map(|p| p.min_delay_steps).min();
        let engine = Engine {
            isa,
            seed: plan.seed,
            batch: plan.batch,
            neurons: plan.neurons(),
            first_neurons: plan.populations.iter().map(|p| p.first_neuron).collect(),
            window: least_delay.unwrap_or(WINDOW_MAX).clamp(1, WINDOW_MAX),
            workers,
            spin_wait: SpinWait::new(workers),
            exchanges: shards.iter().map(exchange).collect(),
            shards: shards.into_iter().map(Mutex::new).collect(),
            stores,
            scripted: scripted(plan),
            given: RwLock::default(),
            drawn: drawn(plan, &choices, places),
            failed: AtomicU32::new(u32::MAX),
            #[cfg(test)]
            disturbance: Default::default(),
        };
        Ok(Self {
            plan: plan.clone(),
            step: 0,
            pool: Pool::new(Arc::new(engine))?,
            autotuner: autotuner.limited(workers),
            choices,
            generated: programs.iter().flatten().filter(|c| c.is_generated()).count(),
            interpreted: if interpret { Vec::new() } else { interpreted(plan, &programs) },
            phases: Phases::default(),
            all_phases: Phases::default(),
            degrees,
            parameters: Parameters::new(plan),
            counters: Counters::new(plan),
            recent: Vec::new(),
            failed: None,
        })
    }

    /// How the time of the last run was spent.
    pub fn phases(&self) -> Phases {
        self.phases
    }

    /// The layout of each projection, and why.
    pub fn layouts(&self) -> &[Choice] {
        &self.choices
    }

    /// How many populations run as machine code; the others are interpreted.
    pub fn generated(&self) -> usize {
        self.generated
    }

    /// How many threads may run it: no more than there are shards.
    pub fn workers(&self) -> usize {
        self.pool.engine().workers
    }

    /// How many shards the network was cut into.
    pub fn shards(&self) -> usize {
        self.pool.engine().shards.len()
    }

    #[cfg(test)]
    pub(crate) fn engine(&self) -> &Engine {
        self.pool.engine()
    }

    /// How many bytes the stored synapses take, places of rows and padding included.
    pub fn synapse_bytes(&self) -> u64 {
        self.pool.engine().stores.iter().map(|store| store.rows.bytes()).sum()
    }
}

impl Simulation for CpuSimulation {
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        let clock = std::time::Instant::now();
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let end = self.step.checked_add(steps).ok_or_else(|| {
            BackendError::Unsupported("a run has at most 2^32 - 1 steps".to_string())
        })?;
        let given = input.accept(&self.plan, self.step..end)?;
        self.pool.engine().give(given);
        if self.plan.samples_start(self.step, steps) {
            record.begin(&self.plan, &self.state_words());
        }
        // After one step no shard is ahead of another: there is nothing to go back to.
        let before = (steps > 1).then(|| self.state_words());
        let steps = self.step..end;
        self.phases = self.run_steps(steps.clone());
        let result = match self.first_failure() {
            None => {
                self.collect(steps, record);
                Ok(())
            }
            Some(step) => self.end_with(step, before, record),
        };
        self.all_phases.add(&self.phases);
        self.phases.wall = clock.elapsed();
        result
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut words = self.state_words();
        if self.failed.is_some() {
            one_nan_of_state(&self.plan, &mut words);
        }
        Ok(words)
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        self.degrees.settle(&self.plan, &mut self.counters);
        Ok(self.counters.clone())
    }

    fn cost(&self) -> Cost {
        let Phases { deliver, update, emit, wait, .. } = self.all_phases;
        let phases = [
            (Phase::Deliver, deliver),
            (Phase::Update, update),
            (Phase::Emit, emit),
            (Phase::Wait, wait),
        ];
        let phases = phases.map(|(phase, time)| PhaseTime { phase, time }).to_vec();
        Cost { phases, ..Cost::default() }
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        checkpoint.fits(&self.plan)?;
        self.enter(checkpoint);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.enter(&Checkpoint::start(&self.plan));
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        Ok(match quantity.place(&self.plan)? {
            Place::State(place) => self.read_variable(&place),
            Place::Parameter(place) => self.parameters.read(place),
        })
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match quantity.place(&self.plan)? {
            Place::State(place) => {
                let words = place.accept(&self.plan, quantity, words)?;
                self.write_variable(&place, &words);
            }
            Place::Parameter(place) => {
                let new = self.parameters.write(&self.plan, quantity, place, words)?;
                self.write_constants(place.population, &new);
            }
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let note = |names| {
            format!("interpreted, for their programs are too long for machine code: {names}")
        };
        let names = (!self.interpreted.is_empty()).then(|| self.interpreted.join(", "));
        names.map(note).into_iter().collect()
    }

    fn memory_bytes(&self) -> u64 {
        let engine = self.pool.engine();
        let shards: u64 = (0..engine.shards.len()).map(|shard| engine.shard(shard).bytes()).sum();
        let exchanges: u64 = engine.exchanges.iter().map(Exchange::bytes).sum();
        shards + exchanges + self.synapse_bytes() + self.degrees.bytes()
    }
}

/// Whether two populations run one code: nothing in their programs differs but the values of each
/// neuron.
fn share_code(plan: &Plan, a: usize, b: usize) -> bool {
    let neurons = |index: usize| match &plan.populations[index].kind {
        PopulationPlanKind::Neurons(neurons) => Some(neurons),
        PopulationPlanKind::SpikeList(_) => None,
    };
    let (Some(x), Some(y)) = (neurons(a), neurons(b)) else { return false };
    let counted = |index| plan.stimuli.iter().any(|s| s.population.index() == index);
    let same = |(x, y): (&Words, &Words)| match (x, y) {
        (Words::All(x), Words::All(y)) => x == y,
        (Words::Each(_), Words::Each(_)) => true,
        _ => false,
    };
    x.program == y.program
        && x.constants.len() == y.constants.len()
        && x.constants.iter().zip(&y.constants).all(same)
        && (x.receptors, x.state.len()) == (y.receptors, y.state.len())
        && x.series.is_empty()
        && y.series.is_empty()
        && !counted(a)
        && !counted(b)
}

fn compile(plan: &Plan, index: usize, isa: Detected, interpret: bool) -> Option<Arc<Compiled>> {
    let PopulationPlanKind::Neurons(neurons) = &plan.populations[index].kind else { return None };
    Some(Arc::new(Compiled::new(plan, index, neurons, isa, interpret)))
}

/// The names of the populations whose programs have no machine code.
fn interpreted(plan: &Plan, programs: &[Option<Arc<Compiled>>]) -> Vec<String> {
    let lacks =
        |program: &Option<Arc<Compiled>>| program.as_ref().is_some_and(|c| !c.is_generated());
    let all = plan.populations.iter().zip(programs).filter(|(_, program)| lacks(program));
    all.map(|(population, _)| population.name.clone()).collect()
}

/// The slices of a shard, and where the accumulators of each receptor of the plan start in it.
fn slices_of(
    plan: &Plan,
    partition: &Partition,
    shard: u32,
    programs: &[Option<Arc<Compiled>>],
) -> (Vec<Slice>, Vec<usize>) {
    let mut slices = Vec::new();
    let mut firsts = vec![0; plan.receptors.len()];
    let mut next = 0;
    for (index, population) in plan.populations.iter().enumerate() {
        let range = partition.range(index, shard);
        let (PopulationPlanKind::Neurons(neurons), Some(program)) =
            (&population.kind, &programs[index])
        else {
            continue;
        };
        if range.is_empty() {
            continue;
        }
        let slice = Slice::new(plan, index, range, program.clone(), neurons, &mut next);
        let first = neurons.first_receptor as usize;
        firsts[first..first + slice.arrays.receptors.len()]
            .copy_from_slice(&slice.arrays.receptors);
        slices.push(slice);
    }
    (slices, firsts)
}

/// The largest delay of the rows that are delivered at once.
pub(crate) fn ring_delay(plan: &Plan, choices: &[Choice]) -> u32 {
    let rows = plan.projections.iter().zip(choices).filter(|(_, c)| !c.layout.waits());
    rows.map(|(projection, _)| projection.max_delay_steps).max().unwrap_or(1)
}

fn wheel(store: &Store, copies: u32) -> TimingWheel {
    match store.waits() {
        true => TimingWheel::new(store.rows.max_delay_steps, copies),
        false => TimingWheel::default(),
    }
}

/// Bytes of all states and constants.
pub(crate) fn state_bytes(plan: &Plan) -> u64 {
    let of = |population: &PopulationPlan| match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            let words = (neurons.state.len() + 2) as u64 * u64::from(plan.batch)
                + (neurons.constants.len() + neurons.series.len()) as u64;
            words * 4 * u64::from(population.size)
        }
        PopulationPlanKind::SpikeList(_) => 0,
    };
    plan.populations.iter().map(of).sum()
}

/// The part of a probe whose neurons are in these slices.
fn probe_part(probe: &ProbePlan, slices: &[Slice]) -> ProbePart {
    let slice = slices.iter().position(|s| s.population == probe.population.index());
    let range = slice.map_or(0..0, |s| slices[s].neurons.clone());
    let from = probe.neurons.partition_point(|&i| i < range.start);
    let to = probe.neurons.partition_point(|&i| i < range.end).max(from);
    ProbePart {
        slice: slice.unwrap_or(0),
        variable: probe.variable as usize,
        neurons: probe.neurons[from..to].iter().map(|i| i - range.start).collect(),
        positions: (from as u32..to as u32).collect(),
        every_steps: probe.every_steps.max(1),
        words: Vec::new(),
    }
}

fn scripted(plan: &Plan) -> Vec<Scripted> {
    let lists = plan.populations.iter().filter_map(|population| match &population.kind {
        PopulationPlanKind::SpikeList(spikes) => {
            Some(Scripted { first_neuron: population.first_neuron, spikes: spikes.clone() })
        }
        PopulationPlanKind::Neurons(_) => None,
    });
    lists.collect()
}

fn drawn(plan: &Plan, choices: &[Choice], places: Vec<Places>) -> Vec<Drawn> {
    let all = plan.projections.iter().enumerate().zip(choices).zip(places);
    let kept = all.filter(|((_, choice), _)| choice.layout == Layout::Drawn);
    let of = |(((index, projection), _), places): (((usize, &ProjectionPlan), _), _)| Drawn {
        projection: index,
        population: projection.pre.index() as u32,
        rows: projection.rows.clone(),
        places,
    };
    kept.map(of).collect()
}
