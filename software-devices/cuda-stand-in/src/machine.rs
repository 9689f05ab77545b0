//! Runs kernels: block after block, warp after warp, 32 lanes at a time.
//!
//! Lanes of a warp that part ways run one group after the other, always the group that is furthest
//! behind, so that they meet again where the code does. The order of everything is fixed; a run
//! can be repeated.

mod access;
mod special;
mod warp;

use crate::lanes::{ALL, Mask, WIDTH};
use crate::memory::Memory;
use crate::ptx::Kernel;
use crate::race::{Shadow, Who};
use warp::Warp;

/// A kernel with the sizes and parameters of one launch.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// The kernel to run.
    pub kernel: &'a Kernel,
    /// Blocks, by dimension.
    pub grid: [u32; 3],
    /// Threads of a block, by dimension.
    pub block: [u32; 3],
    /// The bytes of all parameters.
    pub parameters: &'a [u8],
    /// Its number on this device, from 1.
    pub number: u32,
    /// Look for races.
    pub races: bool,
}

/// Why a launch was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name in the driver.
    pub kind: FaultKind,
    /// Kernel, line, thread and reason.
    pub what: String,
}

/// The kinds of faults that a driver distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An access outside of every live allocation.
    IllegalAddress,
    /// An address that is no multiple of the size of the access.
    MisalignedAddress,
    /// Threads that conflict, or that wait for each other in vain.
    LaunchFailed,
}

/// State that the warps of a block share.
struct Block<'a> {
    launch: &'a Launch<'a>,
    memory: &'a mut Memory,
    /// Its place in the grid, by dimension.
    place: [u32; 3],
    /// Number of its first thread in the launch.
    first_thread: u32,
    shared: Shared,
    /// Barriers passed.
    phase: u32,
}

/// A block's memory.
struct Shared {
    words: Vec<u32>,
    bytes: u64,
    shadow: Vec<Shadow>,
}

/// Runs all threads of a launch. The sizes must be those that the driver allows.
pub fn run(launch: &Launch<'_>, memory: &mut Memory) -> Result<(), Fault> {
    let kernel = launch.kernel;
    let threads: u32 = launch.block.iter().product();
    let warp_count = threads.div_ceil(WIDTH as u32);
    // Warps that never wait can take turns with one set of registers.
    let sets = if kernel.has_barrier { warp_count } else { 1 };
    let mut warps: Vec<_> = (0..sets).map(|_| Warp::new(&kernel.files)).collect();
    let shared_words = kernel.shared_bytes.div_ceil(4) as usize;
    let shared = Shared {
        words: vec![0; shared_words],
        bytes: kernel.shared_bytes.into(),
        shadow: if launch.races { vec![Shadow::default(); shared_words] } else { Vec::new() },
    };
    let mut block = Block { launch, memory, place: [0; 3], first_thread: 0, shared, phase: 0 };
    let [width, height, depth] = launch.grid;
    for z in 0..depth {
        for y in 0..height {
            for x in 0..width {
                block.place = [x, y, z];
                block.start(((z * height + y) * width + x).wrapping_mul(threads));
                if kernel.has_barrier {
                    block.run_together(&mut warps, threads)?;
                } else {
                    block.run_in_turn(&mut warps[0], threads)?;
                }
            }
        }
    }
    Ok(())
}

impl Block<'_> {
    fn start(&mut self, first_thread: u32) {
        self.first_thread = first_thread;
        self.phase = 0;
        self.shared.words.fill(u32::from_le_bytes([crate::memory::POISON; 4]));
        self.shared.shadow.fill(Shadow::default());
    }

    fn run_in_turn(&mut self, warp: &mut Warp, threads: u32) -> Result<(), Fault> {
        for first in (0..threads).step_by(WIDTH) {
            warp.start(first, lanes_from(first, threads));
            warp.run(self)?;
        }
        Ok(())
    }

    fn run_together(&mut self, warps: &mut [Warp], threads: u32) -> Result<(), Fault> {
        for (first, warp) in (0..threads).step_by(WIDTH).zip(warps.iter_mut()) {
            warp.start(first, lanes_from(first, threads));
        }
        loop {
            for warp in warps.iter_mut() {
                warp.run(self)?;
            }
            let places = || warps.iter().flat_map(Warp::waiting);
            let Some(place) = places().next() else { return Ok(()) };
            if places().any(|other| other != place) {
                let what = "threads of one block wait at different barriers";
                return Err(self.fault(FaultKind::LaunchFailed, place, None, what));
            }
            self.phase += 1;
            warps.iter_mut().for_each(Warp::release);
        }
    }

    /// A fault of the instruction at `place`, in a thread of this block if one is to blame.
    fn fault(&self, kind: FaultKind, place: u32, thread: Option<u32>, what: &str) -> Fault {
        let kernel = self.launch.kernel;
        let line = kernel.code[place as usize].line;
        let thread = match thread {
            Some(thread) => format!(", {}", self.name_thread(self.first_thread + thread)),
            None => format!(", block {:?}", self.place),
        };
        Fault { kind, what: format!("kernel `{}`, PTX line {line}{thread}: {what}", kernel.name) }
    }

    /// `thread 5 of block 2`, both counted through all dimensions.
    fn name_thread(&self, thread: u32) -> String {
        let size = self.launch.block.iter().product::<u32>();
        format!("thread {} of block {}", thread % size, thread / size)
    }

    fn who(&self, thread: u32) -> Who {
        Who {
            launch: self.launch.number,
            thread: self.first_thread + thread,
            block_size: self.launch.block.iter().product(),
            phase: self.phase,
        }
    }
}

/// The lanes of a warp that begins with thread `first` of a block of `threads`.
fn lanes_from(first: u32, threads: u32) -> Mask {
    match threads - first {
        left if left >= WIDTH as u32 => ALL,
        left => (1 << left) - 1,
    }
}
