//! The plan: everything that can be decided from the network alone, decided. No device in it.

mod bound;
pub mod lower;
mod phase;
mod probe;
mod series;
pub mod signal;
pub mod synapse;
mod verify;

pub use bound::{AccumulatorSums, Overflow};
pub use phase::Phase;
pub use probe::{Places, ProbePlan, SynapseProbePlan, SynapseSamplePlan};
pub use series::{SeriesPlan, Span};
pub use verify::Malformed;

use crate::base::id::PopulationId;
use crate::base::random::PoissonTable;
use crate::connect::{RowSource, SynapseCount};
use crate::describe::checked::Checked;
use crate::ir::{Program, Type};
use signal::SignalPlan;
use std::ops::Range;
use std::sync::Arc;
use synapse::SynapsePlan;

/// The largest delay of a synapse: devices keep it in 16 bits.
pub const DELAY_STEPS_MAX: u32 = u16::MAX as u32;

/// All that happens in one step, for any backend. Made by [`crate::plan::lower::lower`].
///
/// Numbering: the neurons of all populations in order have *global ids* 0..[`Plan::neurons`];
/// the accumulators of all receptors in order have ids 0..[`Plan::accumulators`].
#[derive(Clone, Debug)]
pub struct Plan {
    /// The network this came from (names, parameters, reference rates).
    pub network: Arc<Checked>,
    /// The seed.
    pub seed: u64,
    /// Copies side by side.
    pub batch: u32,
    /// One for each population, in order.
    pub populations: Vec<PopulationPlan>,
    /// One for each receptor of each population, in order of population then receptor.
    pub receptors: Vec<ReceptorPlan>,
    /// One for each projection, in order.
    pub projections: Vec<ProjectionPlan>,
    /// One for each stimulus that has events, which are the Poisson ones, in order of the file.
    pub stimuli: Vec<StimulusPlan>,
    /// One for each current from outside, in order of the file.
    pub currents: Vec<CurrentPlan>,
    /// One for each signal of the whole network, in order.
    pub signals: Vec<SignalPlan>,
    /// One for each probe of neurons, in order.
    pub probes: Vec<ProbePlan>,
    /// One for each probe of synapses, in order.
    pub synapse_probes: Vec<SynapseProbePlan>,
    /// The largest delay of any synapse, and of a spike on its way back to one; at least 1.
    pub max_delay_steps: u32,
}

impl Plan {
    /// How many neurons one copy has.
    pub fn neurons(&self) -> u32 {
        self.populations.last().map_or(0, |p| p.first_neuron + p.size)
    }

    /// How many accumulators one copy has.
    pub fn accumulators(&self) -> u32 {
        self.receptors
            .last()
            .map_or(0, |r| r.first_accumulator + self.populations[r.population.index()].size)
    }

    /// How many synapses one copy has ([`ProjectionPlan::count`]).
    pub fn synapses(&self) -> SynapseCount {
        self.projections.iter().map(ProjectionPlan::count).sum()
    }

    /// How many words the state of all copies has ([`crate::run::backend::Simulation::state`]).
    pub fn state_words(&self) -> u64 {
        let rows = self.row_words().last().map(|last| last.delays_steps.end);
        rows.unwrap_or(self.signal_words().end) as u64
    }

    /// How many of these words are of neurons: those of synapses that learn follow
    /// ([`Plan::synapse_blocks`]), then those of signals ([`Plan::signal_words`]), then those of
    /// rows ([`Plan::row_words`]).
    pub fn neuron_words(&self) -> u64 {
        let of_copy: u64 = self.populations.iter().map(PopulationPlan::state_words).sum();
        of_copy * u64::from(self.batch)
    }

    /// The blocks of the words of neurons, in order: one for each state variable of each
    /// population.
    pub fn state_blocks(&self) -> impl Iterator<Item = StateBlock<'_>> {
        let mut first = 0;
        self.populations.iter().flat_map(PopulationPlan::state_of).map(
            move |(population, variable)| {
                let start = first;
                first += population.size as usize * self.batch as usize;
                StateBlock { population, variable, words: start..first }
            },
        )
    }

    /// These words before step 0.
    pub fn initial_state(&self) -> Vec<u32> {
        let mut state = Vec::with_capacity(self.state_words() as usize);
        for StateBlock { population, variable, .. } in self.state_blocks() {
            for _ in 0..self.batch {
                state.extend((0..population.size).map(|i| variable.initial.get(i)));
            }
        }
        self.initial_synapses(&mut state);
        state.resize(self.signal_words().end, 0);
        self.initial_rows(&mut state);
        state
    }

    /// Returns whether a run of `steps` more steps from `step` on begins with samples of the state
    /// before step 0.
    pub fn samples_start(&self, step: u32, steps: u32) -> bool {
        let neurons = self.probes.iter().map(|probe| probe.initial);
        let synapses = self.synapse_probes.iter().map(|probe| probe.initial);
        step == 0 && steps > 0 && neurons.chain(synapses).any(|initial| initial)
    }

    /// Returns the place of the first word of a state variable of a population among the state
    /// words of all copies: copy after copy, neuron after neuron follow.
    pub fn first_state_word(&self, population: PopulationId, variable: u32) -> u64 {
        let index = population.index();
        let before: u64 = self.populations[..index].iter().map(PopulationPlan::state_words).sum();
        let own = u64::from(variable) * u64::from(self.populations[index].size);
        (before + own) * u64::from(self.batch)
    }

    /// The population of a global neuron id, and the neuron's number in it.
    pub fn locate(&self, global: u32) -> (PopulationId, u32) {
        let p = self.populations.partition_point(|p| p.first_neuron <= global) - 1;
        (PopulationId(p as u32), global - self.populations[p].first_neuron)
    }
}

/// A population in the plan.
#[derive(Clone, Debug)]
pub struct PopulationPlan {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// The global id of its neuron 0.
    pub first_neuron: u32,
    /// The activity of its neurons.
    pub kind: PopulationPlanKind,
}

impl PopulationPlan {
    /// The state variables of its neurons; a spike list has none.
    pub fn state(&self) -> &[StateDef] {
        match &self.kind {
            PopulationPlanKind::Neurons(neuron) => &neuron.state,
            PopulationPlanKind::SpikeList(_) => &[],
        }
    }

    /// State words of one copy: those of each variable in turn.
    pub fn state_words(&self) -> u64 {
        u64::from(self.size) * self.state().len() as u64
    }

    fn state_of(&self) -> impl Iterator<Item = (&Self, &StateDef)> {
        self.state().iter().map(move |variable| (self, variable))
    }
}

/// The words of one state variable of one population: those of copy 0 in order of the neurons, then
/// those of the next copy.
#[derive(Clone, Debug)]
pub struct StateBlock<'a> {
    /// Whose variable.
    pub population: &'a PopulationPlan,
    /// The variable.
    pub variable: &'a StateDef,
    /// The place of the words among those of [`crate::run::backend::Simulation::state`].
    pub words: Range<usize>,
}

/// The activity of the neurons of a population.
#[derive(Clone, Debug)]
pub enum PopulationPlanKind {
    /// They run a program.
    Neurons(Box<NeuronPlan>),
    /// They spike at given times: (step, neuron), sorted. The same in every copy of the batch.
    SpikeList(Arc<[(u32, u32)]>),
}

/// A neuron program with its data.
#[derive(Clone, Debug)]
pub struct NeuronPlan {
    /// The update of one neuron in one step. Stimuli are part of it.
    pub program: Program,
    /// The state variables.
    pub state: Vec<StateDef>,
    /// The bits of each per-neuron constant (`Input::Parameter`).
    pub constants: Vec<Words>,
    /// The tables of `Input::Poisson`.
    pub poisson: Vec<PoissonTable>,
    /// The words that change in time (`Input::Series`).
    pub series: Vec<SeriesPlan>,
    /// The index in [`Plan::currents`] of each current from outside (`Input::External`).
    pub external: Vec<u32>,
    /// The index in [`Plan::receptors`] of receptor 0.
    pub first_receptor: u32,
    /// How many receptors there are.
    pub receptors: u32,
}

impl NeuronPlan {
    /// How many of the state variables are floats: they come first, those that count follow.
    pub fn float_variables(&self) -> usize {
        self.state.iter().take_while(|variable| variable.ty == Type::F32).count()
    }
}

/// A state variable of a neuron: one word for each neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDef {
    /// Its name in the model.
    pub name: String,
    /// F32, or I32 for one that counts. Floats come first.
    pub ty: Type,
    /// The bits before step 0; those of floats are flushed.
    pub initial: Words,
}

impl StateDef {
    /// The counter of the steps left of the refractory period, 0 at the start.
    pub fn refractory() -> Self {
        Self { name: "refractory".into(), ty: Type::I32, initial: Words::All(0) }
    }
}

/// A 32-bit word for each neuron of one copy.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    /// The same for all.
    All(u32),
    /// One each.
    Each(Arc<[u32]>),
    /// The same for all. A backend keeps it in a place of its own, which is written between steps.
    Slot(u32),
}

impl Words {
    /// The word of neuron `i`.
    pub fn get(&self, i: u32) -> u32 {
        match self {
            Self::All(w) | Self::Slot(w) => *w,
            Self::Each(ws) => ws[i as usize],
        }
    }
}

/// A receptor in the plan: a block of accumulators.
#[derive(Clone, Debug)]
pub struct ReceptorPlan {
    /// Whose receptor.
    pub population: PopulationId,
    /// Its name.
    pub name: String,
    /// The accumulator id of neuron 0.
    pub first_accumulator: u32,
    /// Weights are multiples of 2^-scale_exponent base units.
    pub scale_exponent: i32,
    /// The cost of quantising the weights.
    pub quantisation: Quantisation,
    /// The cost for each projection and Poisson stimulus, projections first.
    pub afferents: Vec<AfferentError>,
}

/// A source that delivers to a receptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afferent {
    /// The projection with this index.
    Projection(usize),
    /// The Poisson stimulus with this index among all stimuli of the network.
    Stimulus(usize),
}

/// The cost of quantising the weights of a projection or a Poisson stimulus; part of every report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AfferentError {
    /// Whose weights.
    pub afferent: Afferent,
    /// The root mean square of the weights in base units.
    pub rms_weight: f64,
    /// Root mean square of the rounding error, divided by `rms_weight`; 0 where all weights are 0.
    pub relative_error: f64,
}

/// The quantisation of all weights of a receptor together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantisation {
    /// 16 or 32.
    pub weight_bits: u8,
    /// 2^-scale_exponent in base units.
    pub unit: f64,
    /// The root mean square of the weights in base units.
    pub rms_weight: f64,
    /// Root mean square of the rounding error (unit / sqrt 12, or exact for constants), divided
    /// by `rms_weight`.
    pub relative_error: f64,
    /// A bound on the sum of |quantised weight| that one target can receive in one step. It is
    /// checked against the rows when they are built ([`AccumulatorSums`]).
    pub bound: u64,
}

/// A projection in the plan.
#[derive(Clone, Debug)]
pub struct ProjectionPlan {
    /// Its name.
    pub name: String,
    /// Source population.
    pub pre: PopulationId,
    /// Target population.
    pub post: PopulationId,
    /// Index into [`Plan::receptors`].
    pub receptor: u32,
    /// Row `i` -> synapses; callable in any order and in parallel.
    pub rows: RowSource,
    /// Rows are not to be stored.
    pub procedural: bool,
    /// 16: every quantised weight fits an i16. Else 32.
    pub weight_bits: u8,
    /// The weights that synapses may be given in a run; `None` where weights never change.
    pub weight_bounds: Option<WeightBounds>,
    /// The model of its synapses; `None` where they have nothing but a weight.
    pub synapse: Option<Box<SynapsePlan>>,
    /// Least delay of any synapse, at least 1.
    pub min_delay_steps: u32,
    /// Largest delay of any synapse.
    pub max_delay_steps: u32,
}

/// The least and the largest quantised weight that a synapse may be given in a run. The scale of
/// the receptor and the proof that no accumulator overflows rest on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightBounds {
    /// The least.
    pub least: i32,
    /// The largest.
    pub largest: i32,
}

impl WeightBounds {
    /// Returns whether a weight lies between them.
    pub fn contains(self, weight: i32) -> bool {
        (self.least..=self.largest).contains(&weight)
    }

    /// Returns the largest |weight|.
    pub fn max_abs(self) -> u32 {
        self.least.unsigned_abs().max(self.largest.unsigned_abs())
    }
}

impl ProjectionPlan {
    /// Returns the largest |weight| that a synapse of this weight can come to have. Its synapses
    /// have nothing but a weight.
    #[inline(always)]
    pub fn reach(&self, weight: i32) -> u32 {
        self.weight_bounds.map_or(weight.unsigned_abs(), WeightBounds::max_abs)
    }

    /// Returns for how many steps a spike can be on its way over these projections, to a target
    /// or back to a synapse: [`Plan::max_delay_steps`].
    pub fn farthest_steps(projections: &[Self]) -> u32 {
        let back = |p: &Self| p.synapse.as_ref().map_or(0, |synapse| synapse.back_steps);
        projections.iter().map(|p| p.max_delay_steps.max(back(p))).fold(1, u32::max)
    }

    /// Returns the receptors that its synapses add to, by index.
    pub fn receptors(&self) -> Vec<u32> {
        match &self.synapse {
            None => vec![self.receptor],
            Some(synapse) => synapse.sent.iter().map(|sent| sent.receptor).collect(),
        }
    }

    /// Returns the largest |integer| that a drawn synapse can add to a receptor in a step.
    pub fn max_weight(&self, receptor: usize) -> u32 {
        let drawn = self.rows.site().weight.max_abs();
        match &self.synapse {
            None if self.receptor as usize != receptor => 0,
            None => self.weight_bounds.map_or(drawn, WeightBounds::max_abs),
            Some(synapse) => {
                let own = synapse.sent.iter().filter(|sent| sent.receptor as usize == receptor);
                let once = own.map(|sent| sent.bounds.max_abs()).fold(0, u32::saturating_add);
                once.saturating_mul(synapse.sends_of_a_step())
            }
        }
    }

    /// Returns the part of each delay that is behind the synapse.
    pub fn dendritic_steps(&self) -> u32 {
        self.synapse.as_ref().map_or(0, |synapse| synapse.dendritic_steps)
    }

    /// How many synapses it has. Rows that are not stored are not drawn to count them: where their
    /// lengths are drawn, it is the number expected, unless they were counted before.
    pub fn count(&self) -> SynapseCount {
        if self.procedural {
            return self.rows.count_at_hand();
        }
        SynapseCount { synapses: self.rows.synapses(), is_exact: true }
    }
}

/// A stimulus whose events are counted. Its effect is part of the program of its population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StimulusPlan {
    /// Its name.
    pub name: String,
    /// Whose neurons it drives.
    pub population: PopulationId,
    /// The streams of its `Input::Poisson`, one for each of its tables: their counts add.
    pub streams: Range<u32>,
    /// The first step it is on.
    pub start_step: u32,
    /// The first step it is off again, `u32::MAX` for never.
    pub stop_step: u32,
}

impl StimulusPlan {
    /// Whether its counts are events in this step.
    pub fn is_on(&self, step: u32) -> bool {
        self.start_step <= step && step < self.stop_step
    }
}

/// A current from outside: each call of a run gives it ([`crate::run::input::Input::currents`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentPlan {
    /// The name of its stimulus.
    pub name: String,
    /// Whose neurons it drives.
    pub population: PopulationId,
}

impl CurrentPlan {
    /// Returns how many words it has in a step: one for each copy and neuron.
    pub fn words(&self, plan: &Plan) -> u64 {
        u64::from(plan.populations[self.population.index()].size) * u64::from(plan.batch)
    }
}
