//! A backend for tests: three neurons that count, and faults at will.

use isospike_core::base::id::PopulationId;
use isospike_core::describe::checked::{Checked, Population, PopulationKind};
use isospike_core::ir::{Program, Type};
use isospike_core::plan::{
    NeuronPlan, Plan, PopulationPlan, PopulationPlanKind, ProbePlan, StateDef, Words,
};
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::cost::Cost;
use isospike_core::run::counters::Counters;
use isospike_core::run::input::Input;
use isospike_core::run::parameters::WrittenParameter;
use isospike_core::run::quantity::{Place, Quantity};
use isospike_core::run::record::{Recording, Spike};
use std::sync::Arc;

/// A backend whose neuron `i` holds `v = step` and spikes at every third step.
#[derive(Clone, Default)]
pub struct Fake {
    /// The names that it reports.
    pub info: BackendInfo,
    /// From this step on, this state word has its lowest bit flipped, and ten steps later spikes
    /// are missing.
    pub fault: Option<(u32, usize)>,
    /// The device is lost in this step.
    pub fails_at: Option<u32>,
    /// In this step one neuron update too many is counted.
    pub miscounts_at: Option<u32>,
    /// No plan is taken.
    pub refuses: bool,
}

struct FakeSimulation {
    fake: Fake,
    step: u32,
    counters: Counters,
}

impl Backend for Fake {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        if self.refuses {
            return Err(BackendError::Unsupported("it refuses all".into()));
        }
        Ok(Box::new(FakeSimulation { fake: self.clone(), step: 0, counters: Counters::new(plan) }))
    }
}

impl Simulation for FakeSimulation {
    fn advance(
        &mut self,
        steps: u32,
        _: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        for _ in 0..steps {
            if self.fake.fails_at == Some(self.step) {
                return Err(BackendError::Lost("unplugged".into()));
            }
            let missing = self.fake.fault.is_some_and(|(from, _)| self.step >= from + 10);
            if self.step.is_multiple_of(3) && !missing {
                record.spikes.push(Spike { step: self.step, neuron: self.step % 4 });
                self.counters.spikes[usize::from(self.step % 4 == 3)] += 1;
            }
            record.traces[0].push((self.step as f32).to_bits());
            self.counters.steps += 1;
            let extra = self.fake.miscounts_at == Some(self.step);
            self.counters.neuron_updates[0] += 3 + u64::from(extra);
            self.step += 1;
        }
        record.steps += steps;
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut state = vec![(self.step as f32).to_bits(); 3];
        state.extend([self.step % 5; 3]);
        if let Some((from, word)) = self.fake.fault
            && self.step > from
        {
            state[word] ^= 1;
        }
        Ok(state)
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        Ok(self.counters.clone())
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        Vec::new()
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        self.step = checkpoint.step;
        self.counters.clone_from(&checkpoint.counters);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        (self.step, self.counters) = (0, Counters::new(&plan()));
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        let Place::State(place) = quantity.place(&plan())? else { return Ok(Vec::new()) };
        Ok(place.of(&self.state()?).to_vec())
    }

    fn write(&mut self, quantity: &Quantity, _: &[u32]) -> Result<(), BackendError> {
        Err(BackendError::Unsupported(format!("{quantity} is its step")))
    }

    fn memory_bytes(&self) -> u64 {
        24
    }
}

/// A plan for the fake: population `a` of three neurons with `v` and a refractory counter, and
/// `list`, one neuron without state.
pub fn plan() -> Plan {
    let float = StateDef { name: "v".into(), ty: Type::F32, initial: Words::All(0) };
    let neurons = NeuronPlan {
        program: Program::default(),
        state: vec![float, StateDef::refractory()],
        constants: Vec::new(),
        poisson: Vec::new(),
        series: Vec::new(),
        external: Vec::new(),
        first_receptor: 0,
        receptors: 0,
    };
    let population = |name: &str, size, first_neuron, kind| PopulationPlan {
        name: name.into(),
        size,
        first_neuron,
        kind,
    };
    Plan {
        network: Arc::new(network()),
        seed: 1,
        batch: 1,
        populations: vec![
            population("a", 3, 0, PopulationPlanKind::Neurons(Box::new(neurons))),
            population("list", 1, 3, PopulationPlanKind::SpikeList(Arc::new([]))),
        ],
        receptors: Vec::new(),
        projections: Vec::new(),
        stimuli: Vec::new(),
        currents: Vec::new(),
        probes: vec![ProbePlan {
            name: "v".into(),
            population: PopulationId(0),
            variable: 0,
            neurons: vec![0],
            every_steps: 1,
            initial: false,
        }],
        synapse_probes: Vec::new(),
        signals: Vec::new(),
        max_delay_steps: 1,
    }
}

/// The network of [`plan`], as far as reports need it.
pub fn network() -> Checked {
    let population = |name: &str, size, reference_rate_hz| Population {
        name: name.into(),
        size,
        kind: PopulationKind::SpikeList(Arc::new([])),
        reference_rate_hz,
    };
    Checked {
        name: "fake".into(),
        dt_ms: 0.1,
        duration_steps: 1000,
        transient_steps: 0,
        seed: 1,
        batch: 1,
        populations: vec![population("a", 3, Some(800.0)), population("list", 1, None)],
        projections: Vec::new(),
        stimuli: Vec::new(),
        probes: Vec::new(),
        synapse_probes: Vec::new(),
        signals: Vec::new(),
    }
}
