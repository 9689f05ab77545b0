//! Where a shard shows its spikes to all workers.

use isospike_core::record::Spike;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The spikes of a window of steps: one page for even windows, one for odd.
///
/// A page is written before the barrier of its window and read after it, and not written again
/// until all have come to the barrier of the next window. So plain loads and stores are enough.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Board {
    pages: [Page; 2],
}

#[derive(Debug)]
struct Page {
    count: AtomicUsize,
    /// Step in the high half, neuron in the low.
    spikes: Box<[AtomicU64]>,
    /// What has no place in `spikes`: needed only where a neuron can spike several times in a
    /// window, and nearly all do.
    rest: Mutex<Vec<Spike>>,
}

impl Board {
    /// For a shard with this many neurons in all copies.
    pub fn new(neurons: usize) -> Self {
        let page = || Page {
            count: AtomicUsize::new(0),
            spikes: (0..neurons).map(|_| AtomicU64::new(0)).collect(),
            rest: Mutex::new(Vec::new()),
        };
        Self { pages: [page(), page()] }
    }

    /// Shows the spikes of a window.
    pub fn publish(&self, window: u32, spikes: &[Spike]) {
        let page = &self.pages[(window & 1) as usize];
        let (first, rest) = spikes.split_at(spikes.len().min(page.spikes.len()));
        for (to, spike) in page.spikes.iter().zip(first) {
            let word = u64::from(spike.step) << 32 | u64::from(spike.neuron);
            to.store(word, Ordering::Relaxed);
        }
        page.count.store(spikes.len(), Ordering::Relaxed);
        if !rest.is_empty() {
            let mut list = page.rest.lock().unwrap_or_else(PoisonError::into_inner);
            list.clear();
            list.extend_from_slice(rest);
        }
    }

    /// Calls `f` for each spike of a window.
    #[inline(always)]
    pub fn read(&self, window: u32, mut f: impl FnMut(Spike)) {
        let page = &self.pages[(window & 1) as usize];
        let count = page.count.load(Ordering::Relaxed);
        for word in &page.spikes[..count.min(page.spikes.len())] {
            let word = word.load(Ordering::Relaxed);
            f(Spike { step: (word >> 32) as u32, neuron: word as u32 });
        }
        if count > page.spikes.len() {
            let list = page.rest.lock().unwrap_or_else(PoisonError::into_inner);
            list.iter().copied().for_each(f);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (size_of_val(self) + size_of_val(&*self.pages[0].spikes) * 2) as u64
    }
}
