//! Faults of rewirings (`docs/semantics.md` 9).

use super::Learner;
use crate::double::{Double, Doubled};
use isospike_conformance::Opened;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{SynapseBlock, SynapsePart, SynapsePlan};
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::rewire;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

/// Rewires a step late the first time, two steps the second time, and so on.
pub fn late(plan: &mut Plan) {
    each(plan, |synapse| {
        if let Some(rewire) = &mut synapse.rewire {
            rewire.period_steps += 1;
        }
    });
}

/// Lets new synapses begin as their places began, whatever `create` says.
pub fn begins_as_drawn(plan: &mut Plan) {
    each(plan, |synapse| {
        if let Some(rewire) = &mut synapse.rewire {
            rewire.create.fill(None);
        }
    });
}

/// Gives new synapses the delays of those that they replace.
pub fn keeps_delays(plan: &mut Plan) {
    each(plan, |synapse| {
        if let Some(rewire) = &mut synapse.rewire {
            rewire.draws_delays = false;
        }
    });
}

fn each(plan: &mut Plan, change: impl Fn(&mut SynapsePlan)) {
    for projection in &mut plan.projections {
        if let Some(synapse) = &mut projection.synapse {
            let mut other = SynapsePlan::clone(synapse);
            change(&mut other);
            *synapse = other.into();
        }
    }
}

/// Draws candidates of another seed.
pub fn other_seed() -> Opened {
    Learner::opened(|plan| {
        let seed = plan.seed;
        let other = Plan { seed: seed + 1, ..plan.clone() };
        rewire::compile(&other, move |now| machine().compile(&Plan { seed, ..now.clone() }))
    })
}

/// Delivers over the first rows, whatever the rows are.
pub fn first_rows() -> Opened {
    Learner::opened(|plan| {
        let first = plan.between_rewirings(&[]);
        rewire::compile(plan, move |now| {
            let mut old = now.clone();
            for (projection, first) in old.projections.iter_mut().zip(&first.projections) {
                projection.rows = first.rows.clone();
            }
            machine().compile(&old)
        })
    })
}

/// Goes on from another checkpoint when rows have changed: `change` has the state words before.
pub fn goes_on(change: fn(&Plan, &[u32], &mut Checkpoint)) -> Opened {
    Learner::opened(move |plan| {
        let before = Arc::new(Mutex::new(Vec::new()));
        rewire::compile(plan, move |now| {
            let (inner, plan, before) = (machine().compile(now)?, now.clone(), before.clone());
            Ok(Box::new(Doubled(Rebuilt { inner, plan, before, change })))
        })
    })
}

/// Restores the rows that the run has begun with.
pub fn restores_first_rows(plan: &Plan, checkpoint: &mut Checkpoint) {
    let first = plan.initial_state();
    for rows in plan.row_words() {
        for words in [rows.targets, rows.delays_steps] {
            checkpoint.state[words.clone()].copy_from_slice(&first[words]);
        }
    }
}

/// Loses the spikes that are on their way.
pub fn loses_spikes(_: &Plan, _: &[u32], checkpoint: &mut Checkpoint) {
    checkpoint.spikes.clear();
}

/// Gives new synapses the state of those that they replace.
pub fn keeps_state(plan: &Plan, before: &[u32], checkpoint: &mut Checkpoint) {
    keep(plan, before, checkpoint, |block| matches!(block.part, SynapsePart::State(..)));
}

/// Lets the state of new synapses decay from the last event of those that they replace on.
pub fn keeps_stamps(plan: &Plan, before: &[u32], checkpoint: &mut Checkpoint) {
    keep(plan, before, checkpoint, |block| block.part == SynapsePart::LastEvent);
}

fn keep(
    plan: &Plan,
    before: &[u32],
    checkpoint: &mut Checkpoint,
    which: impl Fn(&SynapseBlock<'_>) -> bool,
) {
    for block in plan.synapse_blocks().into_iter().filter(which) {
        checkpoint.state[block.words.clone()].copy_from_slice(&before[block.words]);
    }
}

fn machine() -> MachineBackend {
    MachineBackend::new(Guarantees::ALL)
}

/// A simulation of rows that may have changed.
struct Rebuilt {
    inner: Box<dyn Simulation>,
    plan: Plan,
    /// The state words that were read last, of the simulation before.
    before: Arc<Mutex<Vec<u32>>>,
    change: fn(&Plan, &[u32], &mut Checkpoint),
}

impl Double for Rebuilt {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.inner
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.inner
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let state = self.inner.state()?;
        self.before.lock().expect("no thread panics").clone_from(&state);
        Ok(state)
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        let mut other = checkpoint.clone();
        let before = self.before.lock().expect("no thread panics");
        if before.len() == other.state.len() {
            (self.change)(&self.plan, &before, &mut other);
        }
        self.inner.restore(&other)
    }
}
