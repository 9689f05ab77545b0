//! Chunks to come: a list of what will be needed, prefetched far enough ahead.

use crate::arch::prefetch;
use crate::synapse::timing_wheel::Run;

/// How many chunks ahead of its use a chunk is prefetched.
const AHEAD: usize = 40;

/// After how many chunks a list is carried out, and started again.
const LIST: usize = 2048;

/// A list of chunks to come, by number: runs are short, so a list reaches far enough ahead of what
/// will be needed.
#[derive(Debug)]
pub(crate) struct Upcoming {
    ids: Box<[u32]>,
}

impl Default for Upcoming {
    fn default() -> Self {
        Self { ids: vec![0; LIST + 8 + AHEAD].into() }
    }
}

impl Upcoming {
    /// Calls `f` for each chunk of the runs.
    #[inline(always)]
    pub fn for_each<C>(&mut self, chunks: &[C], runs: &[Run], mut f: impl FnMut(&C)) {
        let mut len = 0;
        for run in runs {
            let (mut start, mut left) = (run.start, run.count as usize);
            loop {
                // Eight are written whatever the count, because most runs are not longer.
                for (k, id) in self.ids[len..len + 8].iter_mut().enumerate() {
                    *id = start.wrapping_add(k as u32);
                }
                len += left.min(8);
                if len >= LIST {
                    self.carry_out(chunks, len, &mut f);
                    len = 0;
                }
                if left <= 8 {
                    break;
                }
                start += 8;
                left -= 8;
            }
        }
        self.carry_out(chunks, len, &mut f);
    }

    #[inline(always)]
    fn carry_out<C>(&mut self, chunks: &[C], len: usize, f: &mut impl FnMut(&C)) {
        let Some(last) = len.checked_sub(1).map(|last| self.ids[last]) else { return };
        self.ids[len..len + AHEAD].fill(last);
        for ahead in &self.ids[..AHEAD.min(len)] {
            prefetch(chunks, *ahead as usize);
        }
        for (id, ahead) in self.ids[..len].iter().zip(&self.ids[AHEAD..len + AHEAD]) {
            prefetch(chunks, *ahead as usize);
            if let Some(chunk) = chunks.get(*id as usize) {
                f(chunk);
            }
        }
    }
}
