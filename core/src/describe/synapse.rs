//! A checked synapse model: names resolved, types known. Lowering and the oracle read it.
//!
//! Built-in and custom synapse models are the same thing: text in the model language
//! (`docs/synapses.md`), read into a [`SynapseModel`], which holds no text.

use crate::base::units::Dimension;
use crate::connect::Distribution;
use crate::describe::checked::PerNeuron;
use crate::describe::model::{Expr, ParameterDef, Stmt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A synapse model: a program over the events of one synapse (`docs/semantics.md` 8).
///
/// A synapse changes at its own pre events, its own post events and in clocked blocks only. Its
/// programs read its own state, parameters, the traces of its source and of its target, the
/// variables of its target, and signals, as of the event; clocked blocks the variables of its
/// source, too.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseModel {
    /// `stdp`, or the name under `[synapse.NAME]`.
    pub name: String,
    /// Parameters, in order of declaration.
    pub parameters: Vec<ParameterDef>,
    /// The names of the signals that its events read, in order of declaration.
    pub signals: Vec<String>,
    /// State variables of each synapse, in order of declaration.
    pub state: Vec<SynapseStateDef>,
    /// The traces of the source.
    pub pre: TracesDef,
    /// The traces of the target.
    pub post: TracesDef,
    /// The receptors of the target that it sends to, each once: the name of one, `None` for that
    /// of the projection.
    pub receptors: Vec<Option<String>>,
    /// Carried out at a pre event. In this and in clocked blocks [`Expr::State`] and
    /// [`Stmt::SetState`] with the number [`SynapseModel::sent`] and those that follow stand for
    /// the values that are sent to each of `receptors`: 0 unless a statement sets them, and nothing
    /// where no statement of the program sets any of them.
    pub on_pre: EventProgram,
    /// Carried out at a post event; without statements where nothing happens then.
    pub on_post: EventProgram,
    /// The condition that makes a post event in each step in which it holds, in place of the spike
    /// of the target: it reads parameters, the time step, variables of the target as they are
    /// before the reset, and signals. `None` where spikes make post events.
    pub on_post_if: Option<Expr>,
    /// The clocked blocks, in order.
    pub every: Vec<ClockedDef>,
    /// The state variables of the target neuron that events read: [`Expr::Target`].
    pub target: Vec<String>,
    /// The state variables of the source neuron that clocked blocks read: [`Expr::Source`].
    pub source: Vec<String>,
}

impl SynapseModel {
    /// Returns the number of the first value that is sent: it follows those of the state variables.
    pub fn sent(&self) -> u32 {
        self.state.len() as u32
    }

    /// Returns the numbers of the variables of the target that post events and their condition
    /// read, ascending.
    pub fn read_before_reset(&self) -> BTreeSet<u32> {
        let mut numbers = self.on_post.target();
        self.on_post_if.iter().for_each(|condition| add_target(&mut numbers, condition));
        numbers
    }

    /// Returns whether a program of it sends.
    pub fn sends(&self, program: &EventProgram) -> bool {
        program.statements.iter().any(|statement| statement.sets(&|number| number >= self.sent()))
    }

    /// Returns whether a clocked block sends.
    pub fn sends_without_spikes(&self) -> bool {
        self.every.iter().any(|block| self.sends(&block.program))
    }

    /// Returns how often a synapse can send to a receptor so that all of it arrives in one step:
    /// once for each program that sends.
    pub fn sends_of_a_step(&self) -> u32 {
        let blocks = self.every.iter().map(|block| &block.program);
        blocks.chain([&self.on_pre]).filter(|program| self.sends(program)).count() as u32
    }
}

/// A state variable: one f32 for each synapse.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseStateDef {
    /// Its name.
    pub name: String,
    /// Its value before step 0.
    pub initial: InitialDef,
    /// Its dimension.
    pub dimension: Dimension,
    /// The least and the largest value, host expressions over parameters. The statements of a
    /// model hold them: each assignment is written out as `clamp(value, least, largest)`.
    pub bounds: Option<(Expr, Expr)>,
    /// The time constant with which it decays between events, a host expression of time; `None`
    /// where it does not.
    pub tau: Option<Expr>,
}

/// The value of a state variable of synapses before step 0.
#[derive(Clone, Debug, PartialEq)]
pub enum InitialDef {
    /// The drawn weight of the synapse.
    Weight,
    /// A host expression over parameters.
    Host(Expr),
}

/// The traces of one side of a synapse: numbers that decay between the spikes of a neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TracesDef {
    /// In order of declaration.
    pub traces: Vec<TraceDef>,
    /// Carried out at each spike of the neuron, in order: [`Expr::State`] and [`Stmt::SetState`]
    /// stand for traces, which have decayed until then.
    pub spike: EventProgram,
}

/// A trace, 0 before the first spike.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceDef {
    /// Its name.
    pub name: String,
    /// Its time constant, a host expression of time.
    pub tau: Expr,
}

/// A clocked block: statements that all synapses carry out at fixed times.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockedDef {
    /// The time between two events, a host expression.
    pub period: Expr,
    /// Carried out at the end of each period.
    pub program: EventProgram,
}

/// Statements that are carried out at an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventProgram {
    /// In order.
    pub statements: Vec<Stmt>,
    /// How many local variables (`let`) they use.
    pub locals: u32,
}

impl EventProgram {
    /// Returns the numbers of the variables of the target that it reads, ascending.
    pub fn target(&self) -> BTreeSet<u32> {
        let mut numbers = BTreeSet::new();
        for statement in &self.statements {
            statement.each_expression(&mut |part| add_target(&mut numbers, part));
        }
        numbers
    }
}

/// Adds the numbers of the variables of the target that an expression reads.
fn add_target(numbers: &mut BTreeSet<u32>, expression: &Expr) {
    expression.each(&mut |part| {
        if let Expr::Target(number) = part {
            numbers.insert(*number);
        }
    });
}

/// A synapse model with the values of a projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Synapse {
    /// The model.
    pub model: Arc<SynapseModel>,
    /// A value for each parameter of the model.
    pub parameters: Vec<PerNeuron>,
    /// For each signal of the model its index in [`crate::describe::checked::Checked::signals`].
    pub signals: Vec<u32>,
    /// The value of each state variable before step 0.
    pub initial: Vec<Initial>,
    /// The time constant of each state variable that decays between events.
    pub state_tau_ms: Vec<Option<f64>>,
    /// The floats that variables with [`Initial::Weight`] begin with, in order of row, then place
    /// in the row; `None` for the drawn weights.
    pub weights: Option<Arc<[f32]>>,
    /// The time constant of each trace of the source.
    pub pre_tau_ms: Vec<f64>,
    /// The time constant of each trace of the target.
    pub post_tau_ms: Vec<f64>,
    /// The period of each clocked block.
    pub period_steps: Vec<u32>,
    /// The index in the target's model of each state variable that events read.
    pub target: Vec<u32>,
    /// The index in the source's model of each state variable that clocked blocks read.
    pub source: Vec<u32>,
    /// The part of each delay that is behind the synapse.
    pub dendritic_steps: u32,
    /// The delay of a spike of the target on its way back to the synapse.
    pub back_steps: u32,
    /// For each of the receptors that the model sends to.
    pub sent: Vec<Sent>,
    /// The rewiring of the projection; `None` where its synapses stay.
    pub rewire: Option<Rewire>,
}

/// A rewiring: at the end of each period other synapses take the places of those for which a
/// condition holds (`docs/semantics.md` 9).
#[derive(Clone, Debug, PartialEq)]
pub struct Rewire {
    /// The name under `[rewire.NAME]`.
    pub name: String,
    /// The time between two rewirings, above 0.
    pub period_steps: u32,
    /// The condition, over state variables and parameters of the model.
    pub remove: Expr,
    /// For each state variable the value with which it begins in a new synapse, in base units;
    /// `None` where it begins as it began in this place of the row before step 0.
    pub create: Vec<Option<f64>>,
}

/// The values that synapses send to a receptor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    /// The number of the receptor in the model of the target.
    pub receptor: u32,
    /// The least and the largest value, in the receptor's base unit: what is sent is clamped to
    /// them.
    pub bounds: (f64, f64),
}

/// The value of a state variable of the synapses of a projection before step 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// The drawn weight of each.
    Weight,
    /// The same for all, in base units.
    Value(f64),
    /// Drawn for each, in base units.
    Drawn(Distribution),
    /// Given for each by a file, in base units, in order of row, then place in the row.
    Given(Arc<[f32]>),
}
