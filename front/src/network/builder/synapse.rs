//! A synapse model to add to a network.

use super::Synapse;
use super::value::{block, item, push, set_inner, table, trace};
use crate::network::Value;

impl Synapse {
    /// A synapse model without fields yet.
    pub fn new(name: &str) -> Self {
        Self(item(name))
    }

    /// A parameter, as those of [`super::Model::param`]; the unit `weight` is that of the receptor.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "parameters", name, value.into());
        self
    }

    /// A state variable and its value before the run; `"weight"` is the weight that is drawn.
    pub fn state(mut self, name: &str, initial: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "state", name, initial.into());
        self
    }

    /// A state variable that decays between events: its value before the run, and its time
    /// constant.
    pub fn decaying(
        mut self,
        name: &str,
        initial: impl Into<Value>,
        tau: impl Into<Value>,
    ) -> Self {
        let value = table([("initial", initial.into()), ("tau", tau.into())]);
        set_inner(&mut self.0.fields, "state", name, value);
        self
    }

    /// The least and the largest value of a state variable.
    pub fn bounds(mut self, name: &str, least: &str, largest: &str) -> Self {
        set_inner(&mut self.0.fields, "bounds", name, vec![least, largest].into());
        self
    }

    /// A trace of the source: its time constant, and its value after a spike.
    pub fn pre(mut self, name: &str, tau: impl Into<Value>, spike: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "pre", name, trace(tau.into(), spike.into()));
        self
    }

    /// A trace of the target: its time constant, and its value after a spike.
    pub fn post(mut self, name: &str, tau: impl Into<Value>, spike: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "post", name, trace(tau.into(), spike.into()));
        self
    }

    /// The statements of a pre event.
    pub fn on_pre(self, statements: &str) -> Self {
        self.field("on_pre", statements)
    }

    /// The statements of a post event.
    pub fn on_post(self, statements: &str) -> Self {
        self.field("on_post", statements)
    }

    /// The condition on the target that makes post events, in place of its spikes.
    pub fn on_post_if(self, condition: &str) -> Self {
        self.field("on_post_if", condition)
    }

    /// A clocked block: its period, and its statements.
    pub fn every(mut self, period: impl Into<Value>, statements: &str) -> Self {
        push(&mut self.0.fields, "every", block(period.into(), statements.into()));
        self
    }

    /// The largest |value| that is sent, where `bounds` do not tell.
    pub fn send_max(self, largest: impl Into<Value>) -> Self {
        self.field("send_max", largest)
    }
}
