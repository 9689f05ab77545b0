//! The naive oracle with a fault at will.

use crate::double::{Double, Doubled};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::input::Input;
use isospike_core::run::record::Recording;
use std::ops::{Deref, DerefMut};

/// The fault.
#[derive(Clone, Copy)]
pub enum Fault {
    /// The lowest bit of a state word is flipped after this step, where there is such a word.
    StateBit { from_step: u32, word: usize },
    /// The spike with this number is not recorded.
    LostSpike { number: usize },
    /// From the second call of `run` on, the last state word is off by one bit.
    ForgetsAtCuts,
    /// `run` panics.
    Panics,
}

pub struct Unfaithful {
    oracle: ModelBackend,
    info: BackendInfo,
    fault: Fault,
}

impl Unfaithful {
    pub fn new(fault: Fault) -> Self {
        let oracle = ModelBackend::default();
        let info = BackendInfo { backend: "unfaithful".into(), ..oracle.info().clone() };
        Self { oracle, info, fault }
    }
}

impl Backend for Unfaithful {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let inner = self.oracle.compile(plan)?;
        Ok(Box::new(Doubled(Run { inner, fault: self.fault, steps: 0, calls: 0, spikes: 0 })))
    }
}

struct Run {
    inner: Box<dyn Simulation>,
    fault: Fault,
    steps: u32,
    calls: u32,
    spikes: usize,
}

impl Double for Run {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.inner
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.inner
    }

    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        if matches!(self.fault, Fault::Panics) {
            panic!("the driver fell over");
        }
        let before = record.spikes.len();
        self.inner.advance(steps, input, record)?;
        let new = record.spikes.len() - before;
        if let Fault::LostSpike { number } = self.fault
            && (self.spikes..self.spikes + new).contains(&number)
        {
            record.spikes.remove(before + number - self.spikes);
        }
        self.spikes += new;
        self.steps += steps;
        self.calls += 1;
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut state = self.inner.state()?;
        let wrong = match self.fault {
            Fault::StateBit { from_step, word } if self.steps > from_step => state.get_mut(word),
            Fault::ForgetsAtCuts if self.calls > 1 => state.last_mut(),
            _ => None,
        };
        if let Some(word) = wrong {
            *word ^= 1;
        }
        Ok(state)
    }
}
