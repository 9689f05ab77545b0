//! Clocked blocks: all rows catch up, then run the programs of the blocks over their state
//! (`docs/semantics.md` 8.12).

use super::Late;
use super::bench::{Around, Targets};
use std::sync::Arc;

impl Late {
    /// Returns whether a step has clocked blocks. Their traces of targets are computed here: those
    /// before the post events of the step, which are noted afterwards.
    pub fn begin_clocked(&mut self, step: u32, copy: u32) -> bool {
        let mut any = false;
        for event in self.events.due(step) {
            self.history.decay(&self.events, event, self.bench.isa(), step, copy);
            any = true;
        }
        any
    }

    /// Carries out the clocked blocks of a step and copy, whose pre events and post events have
    /// been noted. `targets` has the variables of the targets after the update. Returns how many
    /// events there were.
    pub fn clocked_events(&mut self, step: u32, copy: u32, targets: Targets<'_>) -> u64 {
        let events = Arc::clone(&self.events);
        let (mut count, mut traces) = (0, Vec::new());
        for segment in 0..self.rows.segments() {
            self.take(segment, copy);
            let record = self.record(segment, copy);
            traces.clear();
            let all = 0..events.plan.pre.len();
            traces.extend(all.map(|n| self.records.at(&events, record, n, step)));
            let (bench, row, state) = self.row(segment, copy);
            for event in events.due(step) {
                bench.run(&row, event, Around { step, pre: &traces, targets });
                count += bench.targets.len() as u64;
            }
            bench.put_back(&row, state);
        }
        self.history.all_caught_up(copy, self.history.next_step(copy));
        count
    }
}
