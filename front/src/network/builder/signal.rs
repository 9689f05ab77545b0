//! Signals of the whole network in the builder.

use super::value::{item, push, set};
use super::{Signal, Synapse};
use crate::network::{Network, Value};

impl Network {
    /// Adds a signal of the whole network.
    pub fn signal(mut self, signal: Signal) -> Self {
        self.signals.push(signal.0);
        self
    }
}

impl Signal {
    /// A signal that decays with this time constant. It needs pulses or spikes.
    pub fn new(name: &str, tau: impl Into<Value>) -> Self {
        Self(item(name)).field("tau", tau)
    }

    /// The population whose spikes are added, and the value of each spike.
    pub fn spikes_of(self, population: &str, gain: impl Into<Value>) -> Self {
        self.field("spikes_of", population).field("gain", gain)
    }

    /// The time from a spike to the step in which it is added.
    pub fn delay(self, delay: impl Into<Value>) -> Self {
        self.field("delay", delay)
    }

    /// A pulse: its time, which is after that of the pulse before, and its value.
    pub fn pulse(mut self, time: impl Into<Value>, value: impl Into<Value>) -> Self {
        push(&mut self.0.fields, "pulses", vec![time.into(), value.into()].into());
        self
    }
}

impl Synapse {
    /// The signals that its events read.
    pub fn signals(mut self, names: &[&str]) -> Self {
        set(&mut self.0.fields, "signals", names.to_vec().into());
        self
    }
}
