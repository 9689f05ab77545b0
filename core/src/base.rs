//! Leaf modules that everything else rests on: ids, units, numbers and their bits, random numbers,
//! the system.

pub mod clock;
pub mod console;
pub mod cores;
pub mod environment;
pub mod hash;
pub mod id;
pub mod input;
pub mod memory;
pub mod normal;
pub mod numeric;
pub mod progress;
pub mod random;
#[cfg(feature = "serde")]
pub mod seconds;
pub mod steps;
pub mod units;
pub mod words;
