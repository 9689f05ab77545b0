//! Large memory. An [`Arena`] is written once: address space for the most that may be needed, of
//! which the system provides what is touched. [`Pieces`] have their length from the start.

use bytemuck::Pod;
use isospike_core::run::backend::BackendError;
use memmap2::{MmapMut, MmapOptions};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// From this size on, large pages are requested: fewer faults while building, fewer misses of the
/// address cache in a run.
#[cfg(target_os = "linux")]
const LARGE_BYTES: usize = 32 << 20;

/// The same for memory that is read and written in pieces at random places: a piece would take a
/// miss of the address cache, or several.
#[cfg(target_os = "linux")]
const LARGE_RANDOM_BYTES: usize = 4 << 20;

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

/// A list of fixed length in memory of its own, for pieces at random places.
#[derive(Debug)]
pub(crate) struct Pieces<C> {
    /// `None` where the list is short, or the system gives no mapping.
    map: Option<MmapMut>,
    list: Vec<C>,
}

impl<C: Pod> Pieces<C> {
    /// Makes a list of so many zeros.
    pub fn zeroed(len: usize) -> Self {
        match large(len * size_of::<C>()) {
            Some(map) => Self { map: Some(map), list: Vec::new() },
            None => Self { map: None, list: vec![C::zeroed(); len] },
        }
    }

    /// Takes over a list.
    pub fn new(list: Vec<C>) -> Self {
        match large(size_of_val(&*list)) {
            Some(mut map) => {
                map.copy_from_slice(bytemuck::cast_slice(&list));
                Self { map: Some(map), list: Vec::new() }
            }
            None => Self { map: None, list },
        }
    }
}

impl<C: Pod> Deref for Pieces<C> {
    type Target = [C];

    fn deref(&self) -> &[C] {
        self.map.as_deref().map_or(&self.list, bytemuck::cast_slice)
    }
}

impl<C: Pod> DerefMut for Pieces<C> {
    fn deref_mut(&mut self) -> &mut [C] {
        self.map.as_deref_mut().map_or(&mut self.list, bytemuck::cast_slice_mut)
    }
}

impl<C: Pod> Clone for Pieces<C> {
    fn clone(&self) -> Self {
        let mut clone = Self::zeroed(self.len());
        clone.copy_from_slice(self);
        clone
    }
}

/// Maps memory in large pages, where so many bytes are worth it.
#[cfg(target_os = "linux")]
fn large(bytes: usize) -> Option<MmapMut> {
    let map = (bytes >= LARGE_RANDOM_BYTES).then(|| MmapMut::map_anon(bytes).ok())??;
    // Advice: where it is not taken, pages are small.
    let _ = map.advise(memmap2::Advice::HugePage);
    Some(map)
}

/// Large pages are a matter of Linux here.
#[cfg(not(target_os = "linux"))]
fn large(_: usize) -> Option<MmapMut> {
    None
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
