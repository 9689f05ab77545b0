//! Registers that the device writes.

use super::Launch;
use crate::lanes::Words;
use crate::ptx::instruction::Special;

/// The value of a special register in the lanes of a warp whose first thread has number `first`.
pub fn value(which: Special, launch: &Launch<'_>, place: [u32; 3], first: u32) -> Words {
    let [width, height, _] = launch.block;
    std::array::from_fn(|lane| {
        let thread = first + lane as u32;
        match which {
            Special::Thread(0) => thread % width,
            Special::Thread(1) => thread / width % height,
            Special::Thread(_) => thread / width / height,
            Special::BlockSize(dimension) => launch.block[dimension],
            Special::Block(dimension) => place[dimension],
            Special::GridSize(dimension) => launch.grid[dimension],
            Special::Lane => lane as u32,
        }
    })
}
