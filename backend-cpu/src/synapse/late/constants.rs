//! The constants of a row: to the program of an event all that it reads beside state is one.

use isospike_core::base::id::Side;
use isospike_core::ir::Input;
use isospike_core::plan::synapse::SynapsePlan;
use std::iter::repeat_n;

/// A kind of constant, by where its words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One word for each synapse.
    Each,
    /// One word for all synapses of a row, except at post events that are carried out late.
    Row,
}

/// The numbers of the constants of the programs of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants<'a>(pub &'a SynapsePlan);

impl Constants<'_> {
    /// The number of a trace of the source.
    pub fn pre(self, n: usize) -> usize {
        n
    }

    /// The number of a variable of the source.
    pub fn source(self, n: usize) -> usize {
        self.pre(self.0.pre.len()) + n
    }

    /// The number of a trace of the target.
    pub fn post(self, n: usize) -> usize {
        self.source(self.0.source.len()) + n
    }

    /// The number of a variable of the target.
    pub fn variable(self, n: usize) -> usize {
        self.post(self.0.post.len()) + n
    }

    /// The number of a signal.
    pub fn signal(self, n: usize) -> usize {
        self.variable(self.0.target.len()) + n
    }

    /// The number of the decay of a state variable.
    pub fn decay(self, n: usize) -> usize {
        self.signal(self.0.signals.len()) + n
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.decay(self.decays())
    }

    /// The place of each.
    pub fn places(self) -> impl Iterator<Item = Place> {
        repeat_n(Place::Row, self.0.pre.len() + self.0.source.len())
            .chain(repeat_n(Place::Each, self.0.post.len() + self.0.target.len()))
            .chain(repeat_n(Place::Row, self.0.signals.len()))
            .chain(repeat_n(Place::Each, self.decays()))
    }

    /// The number of what an input reads; `None` for state.
    pub fn of(self, input: Input) -> Option<usize> {
        match input {
            Input::Trace(Side::Pre, n) => Some(self.pre(n as usize)),
            Input::Trace(Side::Post, n) => Some(self.post(n as usize)),
            Input::Target(n) => Some(self.variable(n as usize)),
            Input::Source(n) => Some(self.source(n as usize)),
            Input::Signal(n) => Some(self.signal(n as usize)),
            Input::Decay(n) => Some(self.decay(n as usize)),
            Input::State(_)
            | Input::Integer(_)
            | Input::Parameter(_)
            | Input::Receptor(_)
            | Input::Random { .. }
            | Input::Poisson { .. }
            | Input::Series(_)
            | Input::External(_)
            | Input::Step => None,
        }
    }

    /// How many stand for the decay of state.
    fn decays(self) -> usize {
        if self.0.decays() { self.0.state.len() } else { 0 }
    }
}
