//! The spikes that a shard shows to all workers, which is also how workers see how far it is.

use isospike_core::run::record::Spike;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The spikes of a stage: one page for even stages, one for odd.
///
/// A page says which stage it shows. It is written again two stages later, after all shards have
/// gone through the stage between, for which its spikes were read. A worker that still reads it is
/// late, and finds no shard any more that lacks what it reads.
#[derive(Debug)]
pub(crate) struct Exchange {
    pages: [Page; 2],
}

/// How many spikes travel in the cache line that says that they are there.
const FIRST: usize = 6;

#[derive(Debug)]
#[repr(align(128))]
struct Page {
    /// One more than the stage shown; wraps.
    stage: AtomicU32,
    count: AtomicU32,
    /// Step in the high half, neuron in the low.
    first: [AtomicU64; FIRST],
    more: Box<[AtomicU64]>,
    /// Spikes without a place before: needed only where a neuron can spike several times in a
    /// window, and nearly all do.
    rest: Mutex<Vec<Spike>>,
}

impl Exchange {
    /// For a shard with this many neurons in all copies.
    pub fn new(neurons: usize) -> Self {
        let page = || Page {
            stage: AtomicU32::new(0),
            count: AtomicU32::new(0),
            first: Default::default(),
            more: (0..neurons).map(|_| AtomicU64::new(0)).collect(),
            rest: Mutex::new(Vec::new()),
        };
        Self { pages: [page(), page()] }
    }

    /// Shows the spikes of a stage; only who has locked the shard does.
    pub fn publish(&self, stage: u32, spikes: &[Spike]) {
        let page = &self.pages[(stage & 1) as usize];
        let mut rest = spikes.iter();
        for (to, spike) in page.first.iter().chain(&page.more).zip(rest.by_ref()) {
            let word = u64::from(spike.step) << 32 | u64::from(spike.neuron);
            to.store(word, Ordering::Relaxed);
        }
        if spikes.len() > FIRST + page.more.len() {
            let mut list = page.rest.lock().unwrap_or_else(PoisonError::into_inner);
            list.clear();
            list.extend_from_slice(&spikes[FIRST + page.more.len()..]);
        }
        page.count.store(spikes.len() as u32, Ordering::Relaxed);
        page.stage.store(stage.wrapping_add(1), Ordering::Release);
    }

    /// Whether a stage is shown, or has been.
    #[inline(always)]
    pub fn shows(&self, stage: u32) -> bool {
        let page = &self.pages[(stage & 1) as usize];
        let ahead = page.stage.load(Ordering::Acquire).wrapping_sub(stage.wrapping_add(1));
        ahead.cast_signed() >= 0
    }

    /// Calls `f` for each spike of a stage that is shown, or of a later one for who is late.
    #[inline(always)]
    pub fn read(&self, stage: u32, mut f: impl FnMut(Spike)) {
        let page = &self.pages[(stage & 1) as usize];
        let count = page.count.load(Ordering::Relaxed) as usize;
        for word in page.first.iter().chain(&page.more).take(count) {
            let word = word.load(Ordering::Relaxed);
            f(Spike { step: (word >> 32) as u32, neuron: word as u32 });
        }
        if count > FIRST + page.more.len() {
            let list = page.rest.lock().unwrap_or_else(PoisonError::into_inner);
            list.iter().copied().for_each(f);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (size_of_val(self) + size_of_val(&*self.pages[0].more) * 2) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_was_shown_is_never_waited_for_again() {
        let exchange = Exchange::new(2);
        assert!(!exchange.shows(0) && !exchange.shows(1));
        for stage in 0..5 {
            let spikes: Vec<_> = (0..20).map(|neuron| Spike { step: stage, neuron }).collect();
            exchange.publish(stage, &spikes[..4 * stage as usize]);
            assert!((0..=stage).all(|earlier| exchange.shows(earlier)), "{stage}");
            assert!(!exchange.shows(stage + 1) && !exchange.shows(stage + 2), "{stage}");
            let mut read = Vec::new();
            exchange.read(stage, |spike| read.push(spike));
            assert_eq!(read, spikes[..4 * stage as usize]);
        }
    }

    #[test]
    fn numbers_of_stages_wrap() {
        let exchange = Exchange::new(2);
        // As after the stages before.
        exchange.pages[0].stage.store(u32::MAX - 2, Ordering::Relaxed);
        exchange.pages[1].stage.store(u32::MAX - 1, Ordering::Relaxed);
        for stage in [u32::MAX - 1, u32::MAX, 0, 1] {
            assert!(!exchange.shows(stage), "{stage}");
            exchange.publish(stage, &[]);
            assert!(exchange.shows(stage) && exchange.shows(stage.wrapping_sub(1)), "{stage}");
        }
    }
}
