//! Rewirings in the builder.

use super::Rewire;
use super::value::{item, set_inner};
use crate::network::{Network, Value};

impl Network {
    /// Adds a rewiring of a projection.
    pub fn rewire(mut self, rewire: Rewire) -> Self {
        self.rewires.push(rewire.0);
        self
    }
}

impl Rewire {
    /// A rewiring of a projection at the end of each period (`"100 ms"`): synapses for which the
    /// condition `remove` holds (`"w <= 0"`) are replaced.
    pub fn new(name: &str, projection: &str, every: impl Into<Value>, remove: &str) -> Self {
        let rewire = Self(item(name)).field("projection", projection);
        rewire.field("every", every).field("remove", remove)
    }

    /// The value with which a state variable of new synapses begins.
    pub fn create(mut self, variable: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "create", variable, value.into());
        self
    }
}
