//! How much memory a network takes and how much there is, so that one that does not fit is refused
//! and not aborted.

use crate::simulation::build::{ring_delay, state_bytes};
use crate::synapse::build;
use crate::synapse::layout::Choice;
use crate::synapse::partition::Partition;
use crate::synapse::ring::Ring;
use isospike_core::base::memory::available_bytes;
use isospike_core::base::words::count;
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;

/// The memory that a plan is expected to take, by the layouts that are chosen for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The stored synapses of each projection in bytes.
    pub projections: Vec<u64>,
    /// Accumulators, state and constants in bytes.
    pub neurons: u64,
}

impl Estimate {
    pub(crate) fn new(plan: &Plan, partition: &Partition, choices: &[Choice]) -> Self {
        let delay = ring_delay(plan, choices);
        let ring = |lanes: &usize| Ring::bytes_for(delay, plan.batch, *lanes);
        let rings = partition.lanes(plan).iter().map(ring).fold(0, u64::saturating_add);
        Self {
            projections: build::expected_bytes(plan, choices, partition.shards),
            neurons: rings.saturating_add(state_bytes(plan)),
        }
    }

    /// All of it in bytes.
    pub fn total(&self) -> u64 {
        self.projections.iter().copied().fold(self.neurons, u64::saturating_add)
    }

    /// Names what is needed, and the projection that needs most of it.
    pub(crate) fn what(&self, plan: &Plan, choices: &[Choice]) -> String {
        let largest = (0..self.projections.len()).max_by_key(|index| self.projections[*index]);
        match largest.filter(|index| self.projections[*index] > self.neurons) {
            None => "accumulators and state of the neurons".to_string(),
            Some(index) => format!(
                "synapses, accumulators and state; {} of them for projection {}, stored as \
                 {}: lower the sizes, or write `procedural = true` there",
                count(self.projections[index], "byte"),
                plan.projections[index].name,
                choices[index].layout.name()
            ),
        }
    }
}

/// Refuses what does not fit into the memory that is available now, where that is known.
pub(crate) fn check(what: &str, needed_bytes: u64) -> Result<(), BackendError> {
    match available_bytes() {
        Some(available_bytes) if needed_bytes > available_bytes => {
            Err(BackendError::OutOfMemory { what: what.to_string(), needed_bytes, available_bytes })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_is_is_refused_with_both_numbers() {
        let Some(available) = available_bytes() else { return };
        let error = check("rows", u64::MAX).expect_err("nothing has 2^64 bytes");
        let BackendError::OutOfMemory { what, needed_bytes, available_bytes } = error else {
            panic!("{error}");
        };
        assert_eq!((what.as_str(), needed_bytes), ("rows", u64::MAX));
        assert!(available_bytes > 0 && available_bytes / 2 < available);
        assert_eq!(check("rows", 1), Ok(()));
    }
}
