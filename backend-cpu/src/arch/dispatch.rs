//! Code that is compiled for each instruction set and chosen by a value.

use super::philox::Draw;
#[cfg(target_arch = "x86_64")]
use super::philox::{avx2, avx512};
use super::row::{self, Pass};
use super::{Detected, Isa, Lanes};

/// Code to be compiled for each instruction set. `run` must be `#[inline(always)]`, and so must
/// everything hot that it calls.
pub(crate) trait Task {
    /// Does it.
    fn run(self);
}

/// Runs the task as compiled for this instruction set.
pub(crate) fn dispatch(isa: Detected, task: impl Task) {
    match isa.isa() {
        Isa::Baseline => task.run(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Detected` exists only where the feature was found at run time.
        Isa::Avx2 => unsafe { run_avx2(task) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above, for all four features.
        Isa::Avx512 => unsafe { run_avx512(task) },
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx2 | Isa::Avx512 => task.run(),
    }
}

/// Fills whole groups of neurons with what is drawn, by code written for the instruction set, and
/// gives the sum of all counts. `None` where there is no such code.
#[cfg(target_arch = "x86_64")]
pub(crate) fn fill(isa: Detected, draw: &Draw<'_>, to: &mut [Lanes]) -> Option<u32> {
    match isa.isa() {
        Isa::Baseline => None,
        // SAFETY: as in `dispatch`.
        Isa::Avx2 => Some(unsafe { avx2::fill(draw, to) }),
        // SAFETY: as in `dispatch`.
        Isa::Avx512 => Some(unsafe { avx512::fill(draw, to) }),
    }
}

/// There is none for other processors.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn fill(_: Detected, _: &Draw<'_>, _: &mut [Lanes]) -> Option<u32> {
    None
}

/// Carries out a pass over a row: by code written for the instruction set, else by plain loops.
pub(super) fn pass(isa: Detected, pass: Pass<'_>) -> usize {
    match isa.isa() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as in `dispatch`.
        Isa::Avx512 => unsafe { row::avx512::run(pass) },
        _ => row::portable(isa, pass),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(task: impl Task) {
    task.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512(task: impl Task) {
    task.run();
}
