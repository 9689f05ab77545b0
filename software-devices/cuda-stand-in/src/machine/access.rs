//! Loads, stores and atomics of a warp, lane by lane.

use super::warp::Warp;
use super::{Block, Fault, FaultKind};
use crate::lanes::{Longs, Mask, lanes_of};
use crate::memory::{Unmapped, put_byte, same_allocation};
use crate::ptx::instruction::{Action, Address, Base, Order, Space, Width};
use crate::race::{Shadow, Touch, Who};

/// Memory that lanes meet: an allocation, or the block's own.
struct Reached<'a> {
    words: &'a mut [u32],
    bytes: u64,
    /// The address of its first byte.
    start: u64,
    /// The shadows of the words, if somebody keeps watch.
    shadow: &'a mut [Shadow],
    watch: Option<(Who, Touch)>,
}

/// Why a lane's access cannot be.
enum Wrong {
    Unmapped,
    Misaligned,
    /// With this thread of the launch, at this byte of the memory.
    Race(u32, usize),
}

impl Warp {
    /// A load, a store or an atomic by the active lanes, in ascending order.
    pub fn access(
        &mut self,
        action: Action,
        place: u32,
        active: Mask,
        block: &mut Block<'_>,
    ) -> Result<(), Fault> {
        let (at, width, count, touch) = match action {
            Action::Load { to, at, width, order } => (at, width, to.count, loading(order)),
            Action::Store { from, at, width, order } => (at, width, from.count, storing(order)),
            Action::Atomic { at, width, .. } => (at, width, 1, Touch::AtomicWrite),
            _ => unreachable!("only what accesses memory comes here"),
        };
        let bytes = width.bytes() * u64::from(count);
        // Copied, because a load may overwrite the register that its address comes from.
        let addresses = self.addresses(at);
        let mut left = active;
        // Most often all lanes meet one allocation.
        while left != 0 {
            let first = addresses[left.trailing_zeros() as usize];
            let mut wrong = None;
            match block.reach(at.space, first, touch) {
                Err(unmapped) => wrong = Some((left.trailing_zeros(), unmapped)),
                Ok(mut reached) => {
                    for lane in lanes_of(left) {
                        let address = addresses[lane];
                        if at.space == Space::Global && !same_allocation(address, first) {
                            break;
                        }
                        let thread = self.first_thread + lane as u32;
                        match reached.offset(address, bytes, thread) {
                            Ok(start) => self.transfer(action, lane, reached.words, start),
                            Err(error) => {
                                wrong = Some((lane as u32, error));
                                break;
                            }
                        }
                        left &= !(1 << lane);
                    }
                }
            }
            if let Some((lane, wrong)) = wrong {
                let address = addresses[lane as usize];
                let thread = self.first_thread + lane;
                return Err(block.explain(wrong, place, thread, at.space, address));
            }
        }
        Ok(())
    }

    fn addresses(&self, at: Address) -> Longs {
        match at.base {
            Base::Long(slot) => {
                self.longs[usize::from(slot)].map(|base| base.wrapping_add(at.offset))
            }
            Base::Word(slot) => self.words[usize::from(slot)]
                .map(|base| u64::from(base.wrapping_add(at.offset as u32))),
        }
    }

    /// Moves one lane's values between its registers and `words`, from byte `start`.
    fn transfer(&mut self, action: Action, lane: usize, words: &mut [u32], start: usize) {
        match action {
            Action::Load { to, width, .. } => {
                let places = (start..).step_by(width.bytes() as usize);
                for (slot, at) in to.slots.iter().zip(places).take(to.count.into()) {
                    if let Some(slot) = *slot {
                        self.set(slot, lane, width, get(words, at, width));
                    }
                }
            }
            Action::Store { from, width, .. } => {
                let places = (start..).step_by(width.bytes() as usize);
                for (slot, at) in from.slots.iter().flatten().zip(places) {
                    put(words, at, width, self.get(*slot, lane, width));
                }
            }
            Action::Atomic { op, to, width, from: [first, second], .. } => {
                let old = get(words, start, width);
                let operands = (self.get(first, lane, width), self.get(second, lane, width));
                put(words, start, width, op(old, operands.0, operands.1));
                if let Some(to) = to {
                    self.set(to, lane, width, old);
                }
            }
            _ => unreachable!("only what accesses memory comes here"),
        }
    }

    fn get(&self, slot: u16, lane: usize, width: Width) -> u64 {
        match width {
            Width::B64 => self.longs[usize::from(slot)][lane],
            _ => self.words[usize::from(slot)][lane].into(),
        }
    }

    fn set(&mut self, slot: u16, lane: usize, width: Width, value: u64) {
        match width {
            Width::B64 => self.longs[usize::from(slot)][lane] = value,
            _ => self.words[usize::from(slot)][lane] = value as u32,
        }
    }
}

impl Block<'_> {
    /// The memory that an address is in.
    fn reach(&mut self, space: Space, address: u64, touch: Touch) -> Result<Reached<'_>, Wrong> {
        let watch = self.launch.races.then(|| (self.who(0), touch));
        Ok(match space {
            Space::Global => {
                let allocation =
                    self.memory.allocation(address).map_err(|Unmapped| Wrong::Unmapped)?;
                if watch.is_some() {
                    allocation.shadow.resize(allocation.words.len(), Shadow::default());
                }
                Reached {
                    words: &mut allocation.words,
                    bytes: allocation.bytes,
                    start: allocation.address,
                    shadow: &mut allocation.shadow,
                    watch,
                }
            }
            Space::Shared => Reached {
                words: &mut self.shared.words,
                bytes: self.shared.bytes,
                start: 0,
                shadow: &mut self.shared.shadow,
                watch,
            },
        })
    }

    fn explain(&self, wrong: Wrong, place: u32, thread: u32, space: Space, address: u64) -> Fault {
        let memory = match space {
            Space::Global => "",
            Space::Shared => "shared ",
        };
        let (kind, what) = match wrong {
            Wrong::Unmapped => {
                (FaultKind::IllegalAddress, format!("nothing at {memory}address {address:#x}"))
            }
            Wrong::Misaligned => (
                FaultKind::MisalignedAddress,
                format!("{memory}address {address:#x} is misaligned"),
            ),
            Wrong::Race(other, offset) => {
                let other = self.name_thread(other);
                let place = format!("{memory}address {address:#x} (byte {offset} of its memory)");
                (FaultKind::LaunchFailed, format!("race with {other} at {place}"))
            }
        };
        self.fault(kind, place, Some(thread), &what)
    }
}

impl Reached<'_> {
    /// The offset of the access of a thread (counted in its block), in bytes.
    fn offset(&mut self, address: u64, bytes: u64, thread: u32) -> Result<usize, Wrong> {
        if address & (bytes - 1) != 0 {
            return Err(Wrong::Misaligned);
        }
        let offset = address.wrapping_sub(self.start);
        if offset >= self.bytes || self.bytes - offset < bytes {
            return Err(Wrong::Unmapped);
        }
        let start = offset as usize;
        if let Some((first, touch)) = self.watch {
            let who = Who { thread: first.thread + thread, ..first };
            for word in start / 4..(start + bytes as usize).div_ceil(4) {
                let touched = self.shadow[word].touch(who, touch);
                touched.map_err(|other| Wrong::Race(other, word * 4))?;
            }
        }
        Ok(start)
    }
}

fn loading(order: Order) -> Touch {
    match order {
        Order::Plain => Touch::Read,
        Order::NonCoherent => Touch::ReadNonCoherent,
        Order::Atomic => Touch::AtomicRead,
    }
}

fn storing(order: Order) -> Touch {
    match order {
        Order::Plain | Order::NonCoherent => Touch::Write,
        Order::Atomic => Touch::AtomicWrite,
    }
}

/// The element at a byte, zero-extended. It does not cross a word unless it is two of them.
fn get(words: &[u32], at: usize, width: Width) -> u64 {
    let word = words[at / 4];
    let shifted = word >> (at % 4 * 8);
    match width {
        Width::U8 => u64::from(shifted & 0xff),
        Width::U16 => u64::from(shifted & 0xffff),
        Width::B32 => u64::from(word),
        Width::B64 => u64::from(words[at / 4 + 1]) << 32 | u64::from(word),
    }
}

fn put(words: &mut [u32], at: usize, width: Width, value: u64) {
    match width {
        Width::U8 => put_byte(words, at, value as u8),
        Width::U16 => {
            put_byte(words, at, value as u8);
            put_byte(words, at + 1, (value >> 8) as u8);
        }
        Width::B32 => words[at / 4] = value as u32,
        Width::B64 => {
            words[at / 4] = value as u32;
            words[at / 4 + 1] = (value >> 32) as u32;
        }
    }
}
