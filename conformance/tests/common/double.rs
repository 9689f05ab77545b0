//! Test doubles of simulations: each stands around another simulation, and says only in which calls
//! it differs.

use isospike_core::run::backend::{BackendError, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::cost::Cost;
use isospike_core::run::counters::Counters;
use isospike_core::run::input::Input;
use isospike_core::run::parameters::WrittenParameter;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use std::ops::{Deref, DerefMut};

/// A simulation that passes every call on, but for those that a double defines itself.
pub trait Double: Send {
    /// Returns the simulation inside.
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>>;

    /// Returns the simulation inside, to look at.
    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>>;

    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        self.inner().advance(steps, input, record)
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        self.inner().state()
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        self.inner().counters()
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        self.inner().restore(checkpoint)
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.inner().reset()
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        self.inner().read(quantity)
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        self.inner().write(quantity, words)
    }
}

/// A double as a simulation.
pub struct Doubled<D>(pub D);

impl<D: Double> Simulation for Doubled<D> {
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        self.0.advance(steps, input, record)
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        self.0.state()
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        self.0.counters()
    }

    fn cost(&self) -> Cost {
        self.0.look().cost()
    }

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        self.0.look().written_parameters()
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        self.0.restore(checkpoint)
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.0.reset()
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        self.0.read(quantity)
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        self.0.write(quantity, words)
    }

    fn memory_bytes(&self) -> u64 {
        self.0.look().memory_bytes()
    }
}
