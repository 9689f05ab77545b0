//! Large memory that is written once: address space for the most that may be needed, of which the
//! system provides what is touched.

use bytemuck::Pod;
use isospike_core::run::backend::BackendError;
use memmap2::{MmapMut, MmapOptions};
use std::sync::{Mutex, PoisonError};

/// From this size on, large pages are requested: fewer faults while building, fewer misses of the
/// address cache in a run.
#[cfg(target_os = "linux")]
const LARGE_BYTES: usize = 32 << 20;

/// Elements in a row, all of one plain type.
#[derive(Debug)]
pub(crate) struct Arena {
    /// `None` where nothing is stored: a mapping may not be empty.
    map: Option<MmapMut>,
    used_bytes: u64,
}

impl Arena {
    /// Address space for this many bytes, a whole number of elements.
    pub fn reserve(bytes: u64) -> Result<Self, BackendError> {
        if bytes == 0 {
            return Ok(Self { map: None, used_bytes: 0 });
        }
        let map = usize::try_from(bytes)
            .map_err(std::io::Error::other)
            .and_then(|bytes| MmapOptions::new().len(bytes).no_reserve_swap().map_anon());
        let map = map.map_err(|error| BackendError::OutOfMemory {
            what: format!("synapses: {error}"),
            needed_bytes: bytes,
            available_bytes: isospike_core::base::memory::available_bytes().unwrap_or(0),
        })?;
        #[cfg(target_os = "linux")]
        if map.len() >= LARGE_BYTES {
            // Advice: where it is not taken, pages are small.
            let _ = map.advise(memmap2::Advice::HugePage);
        }
        Ok(Self { map: Some(map), used_bytes: 0 })
    }

    /// All elements; those not written are zero.
    pub fn elements<C: Pod>(&self) -> &[C] {
        bytemuck::cast_slice(self.map.as_deref().unwrap_or(&[]))
    }

    /// To be written, by any number of threads.
    pub fn space<C: Pod>(&mut self) -> Space<'_, C> {
        let bytes = self.map.as_deref_mut().unwrap_or(&mut []);
        Space(Mutex::new(Free { start: 0, elements: bytemuck::cast_slice_mut(bytes) }))
    }

    /// Says how much was written.
    pub fn close(&mut self, used_bytes: u64) {
        self.used_bytes = used_bytes;
    }

    /// Bytes that hold elements.
    pub fn bytes(&self) -> u64 {
        self.used_bytes
    }
}

/// The part of an arena that is not written yet.
pub(crate) struct Space<'a, C>(Mutex<Free<'a, C>>);

struct Free<'a, C> {
    start: usize,
    elements: &'a mut [C],
}

impl<C: Copy> Space<'_, C> {
    /// Writes these elements and says where they start; `None` if there is no room for them.
    pub fn append(&self, new: &[C]) -> Option<usize> {
        let (start, mine) = {
            let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if free.elements.len() < new.len() {
                return None;
            }
            let (mine, rest) = std::mem::take(&mut free.elements).split_at_mut(new.len());
            let start = free.start;
            *free = Free { start: start + new.len(), elements: rest };
            (start, mine)
        };
        mine.copy_from_slice(new);
        Some(start)
    }

    /// How many elements were written.
    pub fn used(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).start
    }
}
