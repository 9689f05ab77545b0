//! Probes in the builder.

use super::Probe;
use super::value::{item, table};
use crate::network::{Network, Value};

impl Network {
    /// Adds a probe.
    pub fn probe(mut self, probe: Probe) -> Self {
        self.probes.push(probe.0);
        self
    }
}

impl Probe {
    /// Records a state variable of all neurons of a population in each step.
    pub fn new(name: &str, population: &str, variable: &str) -> Self {
        Self(item(name)).field("population", population).field("variable", variable)
    }

    /// Records a state variable of all synapses of a projection in each step.
    pub fn of_synapses(name: &str, projection: &str, variable: &str) -> Self {
        Self(item(name)).field("projection", projection).field("variable", variable)
    }

    /// Only these neurons.
    pub fn neurons(self, neurons: &[u32]) -> Self {
        self.field("neurons", neurons.to_vec())
    }

    /// Only the first so many neurons.
    pub fn first(self, count: u32) -> Self {
        self.field("neurons", table([("first", count.into())]))
    }

    /// Only some synapses, as the field `synapses` has them: a table with `first`, `every` or
    /// `pairs`.
    pub fn synapses(self, choice: impl Into<Value>) -> Self {
        self.field("synapses", choice)
    }

    /// How many synapses have a value in each of so many intervals, in place of the values.
    pub fn histogram(
        self,
        lowest: impl Into<Value>,
        highest: impl Into<Value>,
        intervals: u32,
    ) -> Self {
        self.field("histogram", vec![lowest.into(), highest.into(), Value::from(intervals)])
    }

    /// The time between samples.
    pub fn every(self, time: impl Into<Value>) -> Self {
        self.field("every", time)
    }

    /// Takes the state before step 0 as the first sample, at time 0.
    pub fn initial(self) -> Self {
        self.field("initial", true)
    }
}
