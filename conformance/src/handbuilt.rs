//! Plans made by hand, without model language or lowering, and an oracle that runs them word by
//! word, as slowly and plainly as possible. They test what a network cannot say.

pub mod code;
pub mod column_batch;
pub mod contract;
pub mod everything;
pub mod oracle;

use code::Code;
use isospike_core::base::id::PopulationId;
use isospike_core::connect::{Draw, RowSite, RowSource};
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::checked::Checked;
use isospike_core::ir::{Input, Program, Type};
use isospike_core::plan::{
    NeuronPlan, Plan, PopulationPlan, PopulationPlanKind, ProbePlan, ProjectionPlan, Quantisation,
    ReceptorPlan, StateDef, Words,
};
use std::sync::Arc;

/// One neuron with one variable that stays: the least that a backend can run or refuse.
pub fn smallest() -> Plan {
    let mut code = Code::default();
    let state = code.input(Input::State(0));
    code.give(vec![state], None, None);
    let mut builder = PlanBuilder::new(1, 1);
    builder.neurons("n", 1, 0, neuron_plan(code.0, vec![Words::All(1.0_f32.to_bits())]));
    builder.0
}

/// A plan in the making.
pub struct PlanBuilder(pub Plan);

impl PlanBuilder {
    /// An empty plan.
    pub fn new(seed: u64, batch: u32) -> Self {
        let network = Checked {
            name: "by hand".to_string(),
            dt_ms: 0.1,
            duration_steps: 0,
            transient_steps: 0,
            seed,
            batch,
            populations: Vec::new(),
            projections: Vec::new(),
            stimuli: Vec::new(),
            probes: Vec::new(),
            synapse_probes: Vec::new(),
            signals: Vec::new(),
        };
        Self(Plan {
            network: Arc::new(network),
            seed,
            batch,
            populations: Vec::new(),
            receptors: Vec::new(),
            projections: Vec::new(),
            stimuli: Vec::new(),
            currents: Vec::new(),
            probes: Vec::new(),
            synapse_probes: Vec::new(),
            signals: Vec::new(),
            max_delay_steps: 1,
        })
    }

    fn population(&mut self, name: &str, size: u32, kind: PopulationPlanKind) -> u32 {
        let first_neuron = self.0.neurons();
        let name = name.to_string();
        self.0.populations.push(PopulationPlan { name, size, first_neuron, kind });
        self.0.populations.len() as u32 - 1
    }

    /// Neurons; `receptors` accumulators each.
    pub fn neurons(&mut self, name: &str, size: u32, receptors: u32, plan: NeuronPlan) -> u32 {
        let first_receptor = self.0.receptors.len() as u32;
        let mut first_accumulator = self.0.accumulators();
        let plan = NeuronPlan { first_receptor, receptors, ..plan };
        let kind = PopulationPlanKind::Neurons(Box::new(plan));
        let population = PopulationId(self.population(name, size, kind));
        for r in 0..receptors {
            let quantisation = Quantisation { bound: u64::MAX, ..Quantisation::default() };
            self.0.receptors.push(ReceptorPlan {
                population,
                name: format!("r{r}"),
                first_accumulator,
                scale_exponent: 0,
                quantisation,
                afferents: Vec::new(),
            });
            first_accumulator += size;
        }
        population.0
    }

    /// Neurons that spike at given times: (step, neuron), sorted.
    pub fn spike_list(&mut self, name: &str, size: u32, spikes: &[(u32, u32)]) -> u32 {
        self.population(name, size, PopulationPlanKind::SpikeList(spikes.into()))
    }

    /// A projection onto receptor `receptor` of `post`.
    pub fn project(&mut self, pre: u32, post: u32, receptor: u32, rule: &Rule, values: Values) {
        let size = |p: u32| self.0.populations[p as usize].size;
        let PopulationPlanKind::Neurons(neurons) = &self.0.populations[post as usize].kind else {
            panic!("{post} takes no synapses");
        };
        let receptor = neurons.first_receptor + receptor;
        let site = RowSite {
            seed: self.0.seed,
            projection: self.0.projections.len() as u32,
            rows: size(pre),
            targets: size(post),
            skip_self: false,
            weight: values.weight,
            delay: values.delay,
        };
        let rows = RowSource::new(site, rule, |w| w as i32);
        let (mut min_delay_steps, mut max_delay_steps) = (u32::MAX, 1);
        for row in 0..rows.rows() {
            rows.for_each(row, |s| {
                min_delay_steps = min_delay_steps.min(s.delay_steps);
                max_delay_steps = max_delay_steps.max(s.delay_steps);
            });
        }
        self.0.max_delay_steps = self.0.max_delay_steps.max(max_delay_steps);
        self.0.projections.push(ProjectionPlan {
            name: format!("p{}", self.0.projections.len()),
            pre: PopulationId(pre),
            post: PopulationId(post),
            receptor,
            rows,
            procedural: values.procedural,
            weight_bits: values.weight_bits,
            weight_bounds: None,
            synapse: None,
            min_delay_steps: min_delay_steps.min(max_delay_steps),
            max_delay_steps,
        });
    }

    /// A probe of one state variable; an even interval has the state before step 0, too.
    pub fn probe(&mut self, population: u32, variable: u32, neurons: Vec<u32>, every_steps: u32) {
        let name = format!("probe {}", self.0.probes.len());
        let population = PopulationId(population);
        self.0.probes.push(ProbePlan {
            name,
            population,
            variable,
            neurons,
            every_steps,
            initial: every_steps.is_multiple_of(2),
        });
    }
}

/// The weights and delays of a projection.
#[derive(Clone)]
pub struct Values {
    /// In weight units.
    pub weight: Draw,
    /// In steps.
    pub delay: Draw,
    /// 16 or 32.
    pub weight_bits: u8,
    /// Rows are not to be stored.
    pub procedural: bool,
}

impl Values {
    /// Stored, of 16 bits.
    pub fn new(weight: Draw, delay: Draw) -> Self {
        Self { weight, delay, weight_bits: 16, procedural: false }
    }

    /// All the same.
    pub fn constant(weight: i32, delay: i32) -> Self {
        Self::new(Draw::Constant(weight), Draw::Constant(delay))
    }
}

/// A synapse with everything given.
pub fn synapse(pre: u32, post: u32, weight: i32, delay: u32) -> ExplicitSynapse {
    ExplicitSynapse { pre, post, weight: Some(f64::from(weight)), delay_steps: Some(delay) }
}

/// A neuron plan without constants and stimuli. `initial` are the words of its floats; a variable
/// that counts starts at 0.
pub fn neuron_plan(program: Program, initial: Vec<Words>) -> NeuronPlan {
    let float = |(n, initial)| StateDef { name: format!("s{n}"), ty: Type::F32, initial };
    let counters = program.next_state().filter(|(_, counts, _)| *counts).count();
    let counters = std::iter::repeat_with(StateDef::refractory).take(counters);
    NeuronPlan {
        state: initial.into_iter().enumerate().map(float).chain(counters).collect(),
        program,
        constants: Vec::new(),
        poisson: Vec::new(),
        series: Vec::new(),
        external: Vec::new(),
        first_receptor: 0,
        receptors: 0,
    }
}
