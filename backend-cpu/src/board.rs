//! Where a shard shows its spikes to all workers, which is also how workers wait for each other.

use isospike_core::record::Spike;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The spikes of a window of steps: one page for even windows, one for odd.
///
/// A page says which window it shows. Who has read the pages of a window on all boards knows that
/// everybody has read those of the window before, because a worker shows a window only after that.
/// So the pages of the window before may be written again.
#[derive(Debug)]
pub(crate) struct Board {
    pages: [Page; 2],
}

/// How many spikes travel in the cache line that says that they are there.
const FIRST: usize = 6;

#[derive(Debug)]
#[repr(align(128))]
struct Page {
    /// One more than the window shown; wraps.
    window: AtomicU32,
    count: AtomicU32,
    /// Step in the high half, neuron in the low.
    first: [AtomicU64; FIRST],
    more: Box<[AtomicU64]>,
    /// What has no place before: needed only where a neuron can spike several times in a window,
    /// and nearly all do.
    rest: Mutex<Vec<Spike>>,
}

impl Board {
    /// For a shard with this many neurons in all copies.
    pub fn new(neurons: usize) -> Self {
        let page = || Page {
            window: AtomicU32::new(0),
            count: AtomicU32::new(0),
            first: Default::default(),
            more: (0..neurons).map(|_| AtomicU64::new(0)).collect(),
            rest: Mutex::new(Vec::new()),
        };
        Self { pages: [page(), page()] }
    }

    /// Shows the spikes of a window.
    pub fn publish(&self, window: u32, spikes: &[Spike]) {
        let page = &self.pages[(window & 1) as usize];
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
        page.window.store(window.wrapping_add(1), Ordering::Release);
    }

    /// Whether a window is shown.
    #[inline(always)]
    pub fn shows(&self, window: u32) -> bool {
        let page = &self.pages[(window & 1) as usize];
        page.window.load(Ordering::Acquire) == window.wrapping_add(1)
    }

    /// Calls `f` for each spike of a window that is shown.
    #[inline(always)]
    pub fn read(&self, window: u32, mut f: impl FnMut(Spike)) {
        let page = &self.pages[(window & 1) as usize];
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
