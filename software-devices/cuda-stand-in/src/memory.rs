//! Device memory: allocations far apart, so that an address says which one it means.
//!
//! Allocation `n` starts at `(n + 1) << 40` and no number is used twice: an access past an end, or
//! after a release, meets nothing. Fresh words hold a pattern, not zero.

use crate::race::Shadow;

/// The value of every byte of fresh memory.
pub const POISON: u8 = 0xcd;

/// Addresses of one allocation; what it can hold at most.
const SPAN_BITS: u32 = 40;

/// An address that is in no live allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmapped;

/// All memory of a device.
#[derive(Debug)]
pub struct Memory {
    allocations: Vec<Option<Allocation>>,
    limit_bytes: u64,
    used_bytes: u64,
}

/// A live range of addresses.
#[derive(Debug)]
pub struct Allocation {
    /// The address of its first byte.
    pub address: u64,
    /// Its length.
    pub bytes: u64,
    /// Its content, little endian; the last word may be partly used.
    pub words: Vec<u32>,
    /// The threads that touched each word; empty while nobody keeps watch.
    pub shadow: Vec<Shadow>,
}

impl Memory {
    /// Memory of which `limit_bytes` can be allocated.
    pub fn new(limit_bytes: u64) -> Self {
        Self { allocations: Vec::new(), limit_bytes, used_bytes: 0 }
    }

    /// The address that the next allocation will have.
    pub fn next_address(&self) -> u64 {
        (self.allocations.len() as u64 + 1) << SPAN_BITS
    }

    /// Bytes not allocated.
    pub fn free_bytes(&self) -> u64 {
        self.limit_bytes - self.used_bytes
    }

    /// A new allocation, poisoned; `None` where the memory does not suffice.
    pub fn allocate(&mut self, bytes: u64) -> Option<u64> {
        if bytes > self.free_bytes() || bytes >= 1 << SPAN_BITS {
            return None;
        }
        let count = usize::try_from(bytes.div_ceil(4)).ok()?;
        let mut words = Vec::new();
        words.try_reserve_exact(count).ok()?;
        words.resize(count, u32::from_le_bytes([POISON; 4]));
        let address = self.next_address();
        self.allocations.push(Some(Allocation { address, bytes, words, shadow: Vec::new() }));
        self.used_bytes += bytes;
        Some(address)
    }

    /// Ends the allocation that starts at `address`.
    pub fn release(&mut self, address: u64) -> Result<(), Unmapped> {
        let slot = self.slot_mut(address)?;
        match slot.take_if(|allocation| allocation.address == address) {
            Some(allocation) => {
                self.used_bytes -= allocation.bytes;
                Ok(())
            }
            None => Err(Unmapped),
        }
    }

    /// Ends all allocations.
    pub fn release_all(&mut self) {
        self.allocations.fill_with(|| None);
        self.used_bytes = 0;
    }

    /// The live allocation of the span that `address` is in; the address may be past its end.
    pub fn allocation(&mut self, address: u64) -> Result<&mut Allocation, Unmapped> {
        self.slot_mut(address)?.as_mut().ok_or(Unmapped)
    }

    /// Whether a range lies in one live allocation.
    pub fn check(&mut self, address: u64, bytes: u64) -> Result<(), Unmapped> {
        self.allocation(address)?.offset(address, bytes).map(|_| ())
    }

    /// Copies bytes in.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Unmapped> {
        let allocation = self.allocation(address)?;
        let start = allocation.offset(address, bytes.len() as u64)?;
        if start.is_multiple_of(4) && bytes.len().is_multiple_of(4) {
            let words = &mut allocation.words[start / 4..][..bytes.len() / 4];
            for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
                *word = u32::from_le_bytes(*bytes);
            }
        } else {
            for (at, byte) in (start..).zip(bytes) {
                put_byte(&mut allocation.words, at, *byte);
            }
        }
        Ok(())
    }

    /// Copies bytes out.
    pub fn read(&mut self, address: u64, bytes: &mut [u8]) -> Result<(), Unmapped> {
        let allocation = self.allocation(address)?;
        let start = allocation.offset(address, bytes.len() as u64)?;
        if start.is_multiple_of(4) && bytes.len().is_multiple_of(4) {
            let words = &allocation.words[start / 4..];
            for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
        } else {
            for (at, byte) in (start..).zip(bytes) {
                *byte = allocation.words[at / 4].to_le_bytes()[at % 4];
            }
        }
        Ok(())
    }

    /// Copies between device addresses, as if through a third place.
    pub fn copy(&mut self, to: u64, from: u64, bytes: u64) -> Result<(), Unmapped> {
        self.check(from, bytes)?;
        self.check(to, bytes)?;
        let mut buffer = vec![0; bytes as usize];
        self.read(from, &mut buffer)?;
        self.write(to, &buffer)
    }

    /// Gives every byte of a range one value.
    pub fn fill(&mut self, address: u64, byte: u8, bytes: u64) -> Result<(), Unmapped> {
        let allocation = self.allocation(address)?;
        let start = allocation.offset(address, bytes)?;
        let end = start + bytes as usize;
        if start.is_multiple_of(4) && end.is_multiple_of(4) {
            allocation.words[start / 4..end / 4].fill(u32::from_le_bytes([byte; 4]));
        } else {
            (start..end).for_each(|at| put_byte(&mut allocation.words, at, byte));
        }
        Ok(())
    }

    fn slot_mut(&mut self, address: u64) -> Result<&mut Option<Allocation>, Unmapped> {
        let number = (address >> SPAN_BITS).checked_sub(1).ok_or(Unmapped)?;
        self.allocations.get_mut(number as usize).ok_or(Unmapped)
    }
}

impl Allocation {
    /// Returns the offset of a range of addresses in this allocation, in bytes, if all of it is
    /// inside.
    pub fn offset(&self, address: u64, bytes: u64) -> Result<usize, Unmapped> {
        let offset = address.checked_sub(self.address).ok_or(Unmapped)?;
        let end = offset.checked_add(bytes).ok_or(Unmapped)?;
        if end <= self.bytes { Ok(offset as usize) } else { Err(Unmapped) }
    }
}

/// Whether two addresses can be in one allocation.
pub fn same_allocation(a: u64, b: u64) -> bool {
    a >> SPAN_BITS == b >> SPAN_BITS
}

/// Changes one byte of little-endian words.
pub fn put_byte(words: &mut [u32], at: usize, byte: u8) {
    let shift = at % 4 * 8;
    let word = &mut words[at / 4];
    *word = *word & !(0xff << shift) | u32::from(byte) << shift;
}
