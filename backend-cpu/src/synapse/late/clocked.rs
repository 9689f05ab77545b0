//! Clocked blocks: all rows catch up, then run the programs of the blocks over their state
//! (`docs/semantics.md` 8.12).

use super::Late;
use super::bench::{Around, Sources, Targets};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
    /// been noted. `targets` and `sources` have the variables of neurons after the update. Returns
    /// how many events there were.
    pub fn clocked_events(
        &mut self,
        step: u32,
        copy: u32,
        targets: Targets<'_>,
        sources: Sources<'_>,
    ) -> u64 {
        let (events, rows) = (Arc::clone(&self.events), Arc::clone(&self.rows));
        let mut sent = std::mem::take(&mut self.sent);
        let (mut count, mut pre) = (0, Vec::new());
        for source in 0..rows.sources() {
            for segment in rows.of_source(source) {
                self.take(segment, copy);
                let record = self.record(segment, copy);
                pre.clear();
                let traces = 0..events.plan.pre.len();
                pre.extend(traces.map(|n| self.records.at(&events, record, n, step)));
                let word = |words: &[AtomicU32]| words[source as usize].load(Ordering::Relaxed);
                pre.extend(sources.iter().map(|words| f32::from_bits(word(words))));
                let (bench, row, state) = self.row(segment, copy);
                for event in events.due(step) {
                    bench.run(&row, event, Around { step, pre: &pre, targets });
                    count += bench.targets.len() as u64;
                    let receptors = if event.sends() { events.plan.sent.len() } else { 0 };
                    for receptor in 0..receptors {
                        bench.send(&row, receptor, sent.sums_mut(step, receptor, copy));
                    }
                }
                bench.put_back(&row, state);
            }
        }
        self.sent = sent;
        self.history.all_caught_up(copy, self.history.next_step(copy));
        count
    }
}
