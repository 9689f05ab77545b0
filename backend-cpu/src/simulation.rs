//! A plan on the CPU: made ready, run, read.

pub(crate) mod build;
mod collect;
mod enter;
mod late;
pub(crate) mod memory;
mod programs;
mod signals;

use crate::arch::Detected;
use crate::run::autotuner::Autotuner;
use crate::run::exchange::Exchange;
use crate::run::phases::Phases;
use crate::run::pool::Pool;
#[cfg(test)]
use crate::run::worker::Engine;
use crate::synapse::late::Late;
use crate::synapse::layout::Choice;
use build::Built;
use collect::Snapshot;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{BackendError, Simulation, one_nan_of_state};
use isospike_core::run::checkpoint::{Checkpoint, Recent};
use isospike_core::run::cost::{Cost, Phase, PhaseTime};
use isospike_core::run::counters::{Counters, InDegrees, OutDegrees};
use isospike_core::run::input::Input;
use isospike_core::run::parameters::{Parameters, WrittenParameter};
use isospike_core::run::quantity::{Place, Quantity};
use isospike_core::run::record::Recording;
use isospike_core::run::weights;
use late::Learning;
use programs::Programs;
use std::sync::Arc;

/// A plan in the middle of its run on the CPU.
#[derive(Debug)]
pub struct CpuSimulation {
    plan: Plan,
    /// Steps run so far.
    step: u32,
    pool: Pool,
    autotuner: Autotuner,
    choices: Vec<Choice>,
    programs: Programs,
    /// The time of the last run, and of all.
    phases: Phases,
    all_phases: Phases,
    /// Lengths of built rows; 0 for those that are drawn and counted at each spike.
    degrees: OutDegrees,
    parameters: Parameters,
    in_degrees: InDegrees,
    /// Since step 0, without the spikes that `degrees` has noted.
    counters: Counters,
    /// The spikes that may be on their way.
    recent: Recent,
    learning: Vec<Learning>,
    /// The state before a call of several steps, this or an earlier one.
    before: Snapshot,
    /// The error that ended the run.
    failed: Option<BackendError>,
}

impl CpuSimulation {
    pub(crate) fn new(
        plan: &Plan,
        isa: Detected,
        interpret: bool,
        autotuner: Autotuner,
    ) -> Result<Self, BackendError> {
        Self::build(plan, Programs::new(plan, isa, interpret), autotuner)
    }

    /// Builds the rows of a plan whose programs are compiled.
    fn build(plan: &Plan, programs: Programs, autotuner: Autotuner) -> Result<Self, BackendError> {
        let built = build::engine(plan, &programs, autotuner.most())?;
        let Built { engine, choices, degrees, learning } = built;
        let workers = engine.workers;
        let mut built = Self {
            plan: plan.clone(),
            step: 0,
            pool: Pool::new(Arc::new(engine))?,
            autotuner: autotuner.limited(workers),
            choices,
            programs,
            phases: Phases::default(),
            all_phases: Phases::default(),
            degrees,
            in_degrees: InDegrees::new(plan),
            parameters: Parameters::new(plan),
            counters: Counters::new(plan),
            recent: Recent::new(plan),
            learning,
            before: Snapshot::default(),
            failed: None,
        };
        if plan.learns() {
            built.write_synapses(&plan.initial_state(), 0);
        }
        Ok(built)
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
        self.programs.generated()
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
        let engine = self.pool.engine();
        let stores: u64 = engine.stores.iter().map(|store| store.rows.bytes()).sum();
        let late = |shard| engine.shard(shard).late.iter().map(Late::synapse_bytes).sum::<u64>();
        stores + (0..engine.shards.len()).map(late).sum::<u64>()
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
        // Input is not there any more once its steps are done: nothing goes back behind it.
        let is_given = !input.spikes.is_empty() || !input.currents.is_empty();
        if is_given {
            self.before.forget();
        }
        self.pool.engine().give(given);
        if self.plan.samples_start(self.step, steps) {
            record.begin(&self.plan, &self.neuron_words());
            self.sample_synapses(None, record);
        }
        self.phases = Phases::default();
        let result = loop {
            let piece = self.plan.steps_to_sample(self.step, end - self.step);
            let result = self.run_piece(piece, record);
            if piece > 0 {
                self.sample_synapses(self.step.checked_sub(1), record);
            }
            if self.step == end || result.is_err() {
                break result;
            }
        };
        if is_given {
            self.before.forget();
        }
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

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        self.parameters.written(&self.plan)
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        checkpoint.fits(&self.plan)?;
        self.before.forget();
        for (population, new) in self.parameters.restore(&self.plan, &checkpoint.parameters)? {
            self.write_constants(population, &new);
        }
        self.enter(checkpoint);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.before.forget();
        self.enter(&Checkpoint::start(&self.plan));
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        Ok(match quantity.place(&self.plan)? {
            Place::State(place) => self.read_variable(&place),
            Place::Parameter(place) => self.parameters.read(place),
            Place::Weights(projection) => weights::read(&self.plan, quantity, projection)?,
            Place::Synapse(place) => self.read_synapse(&place),
            Place::Signal(place) => self.read_signal(&place),
        })
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.before.forget();
        match quantity.place(&self.plan)? {
            Place::State(place) => {
                let words = place.accept(&self.plan, quantity, words)?;
                self.write_variable(&place, &words);
            }
            Place::Parameter(place) => {
                let new = self.parameters.write(&self.plan, quantity, place, words)?;
                self.write_constants(place.population, &new);
            }
            Place::Weights(projection) => self.write_weights(quantity, projection, words)?,
            Place::Synapse(place) => {
                let words = place.accept(&self.plan, quantity, words)?;
                self.write_synapse(&place, &words);
            }
            Place::Signal(place) => {
                let words = place.accept(quantity, words)?;
                self.set_signal(place.signal, &words);
            }
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let note = |names| {
            format!("interpreted, for their programs are too long for machine code: {names}")
        };
        let interpreted = self.programs.interpreted(&self.plan);
        let names = (!interpreted.is_empty()).then(|| interpreted.join(", "));
        names.map(note).into_iter().collect()
    }

    fn memory_bytes(&self) -> u64 {
        let engine = self.pool.engine();
        let shards: u64 = (0..engine.shards.len()).map(|shard| engine.shard(shard).bytes()).sum();
        let exchanges: u64 = engine.exchanges.iter().map(Exchange::bytes).sum();
        let shown = engine.shown.bytes();
        shards
            + exchanges
            + shown
            + self.synapse_bytes()
            + self.degrees.bytes()
            + self.in_degrees.bytes()
    }
}
