//! 8.23: post events that a condition on the target makes, in place of its spikes.

use super::{Around, Learning};

impl Learning {
    /// Whether a condition makes the post events.
    pub(in crate::oracle::network) fn has_condition(&self) -> bool {
        self.model.synapse.model.on_post_if.is_some()
    }

    /// The (copy, target) for which the condition holds after the update; `None` where spikes make
    /// post events.
    pub(super) fn conditioned(&self, around: &Around<'_>) -> Option<Vec<(u32, u32)>> {
        let condition = self.model.synapse.model.on_post_if.as_ref()?;
        let mut all = Vec::new();
        for copy in 0..around.signals.len() as u32 {
            for target in 0..self.incoming.len() as u32 {
                let before = self.variables_before_reset(around, copy, target);
                let reads = around.reads(copy, Default::default(), before);
                if self.model.holds(condition, &[], &reads) {
                    all.push((copy, target));
                }
            }
        }
        Some(all)
    }
}
