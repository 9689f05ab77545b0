//! Properties of a device.

use super::Status;
use crate::memory::Memory;
use crate::settings::Settings;

/// One device and its only context.
pub struct Device {
    /// The values that its kernels see.
    pub memory: Memory,
    /// How often its context was retained and not released.
    pub retained: u32,
    /// Kernels launched so far.
    pub launches: u32,
    /// The fault that it does not recover from.
    pub fault: Option<Fault>,
}

/// A fault of a kernel, which the host learns of when it waits for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The host does not know yet.
    Pending(Status),
    /// Every call fails.
    Known(Status),
}

/// The most threads of a block, by dimension.
pub const MAX_BLOCK: [u32; 3] = [1024, 1024, 64];

/// The most blocks of a grid, by dimension.
pub const MAX_GRID: [u32; 3] = [i32::MAX as u32, 65535, 65535];

const MAX_THREADS: u32 = 1024;
const WARP: u32 = 32;
const SHARED_BYTES: u32 = 48 << 10;

impl Device {
    /// A device that nothing has happened to.
    pub fn new(settings: &Settings) -> Self {
        let memory = Memory::new(settings.memory_bytes);
        Self { memory, retained: 0, launches: 0, fault: None }
    }

    /// Waits for the device.
    pub fn settle(&mut self) -> Result<(), Status> {
        match self.fault {
            None => Ok(()),
            Some(Fault::Pending(status) | Fault::Known(status)) => {
                self.fault = Some(Fault::Known(status));
                Err(status)
            }
        }
    }
}

/// The name of a device; with several they are numbered.
pub fn name(settings: &Settings, number: usize) -> String {
    let name = "STAND-IN (PTX interpreted on the CPU, not a GPU)";
    if settings.devices == 1 { name.to_owned() } else { format!("{name} #{number}") }
}

/// 16 bytes that tell a device from others.
pub fn uuid(number: usize) -> [u8; 16] {
    let mut bytes = *b"CUDA STAND-IN #\0";
    bytes[15] = number as u8;
    bytes
}

/// An attribute by its number in `CUdevice_attribute`. One that nothing reads is refused.
pub fn attribute(settings: &Settings, number: u32) -> Result<u32, Status> {
    Ok(match number {
        1 => MAX_THREADS,
        2..=4 => MAX_BLOCK[number as usize - 2],
        5..=7 => MAX_GRID[number as usize - 5],
        8 | 97 => SHARED_BYTES, // per block, and with a special request
        9 => 64 << 10,          // constant memory
        10 => WARP,
        12 | 82 => 64 << 10,  // registers per block and multiprocessor
        13 | 36 => 1_000_000, // clocks in kHz, which mean nothing here
        16 => 1,              // multiprocessors
        // Attributes of a real device only: overlapping copies, a time limit, one memory with the
        // host, mapped memory, kinds of use, concurrent kernels, error correction, addresses on the
        // bus.
        15 | 17..=20 | 31 | 33..=35 | 40 | 50 => 0,
        37 => 32,      // width of the memory bus in bits
        38 => 1 << 20, // second-level cache
        39 => 2048,    // threads per multiprocessor
        41 => 1,       // host and device share one space of addresses
        75 => settings.sm / 10,
        76 => settings.sm % 10,
        78 | 83 | 86 | 88 | 95 => 0, // priorities, managed memory, cooperative launches
        81 => SHARED_BYTES,          // per multiprocessor
        106 => 16,                   // blocks per multiprocessor
        115 => 0,                    // memory pools
        _ => {
            crate::say(format_args!("device attribute {number} is not known"));
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
    })
}
