//! Commands of a stream, carried out now or when a graph is launched.

use super::Status;
use super::device::{Device, Fault};
use super::object::Handle;
use super::pointer::HostRange;
use crate::machine::{self, FaultKind, Launch};
use crate::memory::Unmapped;
use crate::ptx::Kernel;
use crate::settings::Settings;
use std::sync::Arc;

/// One piece of work.
#[derive(Clone, Debug)]
pub enum Command {
    /// Runs a kernel.
    Launch { kernel: Arc<Kernel>, grid: [u32; 3], block: [u32; 3], parameters: Vec<u8> },
    /// Gives every byte of a range one value.
    Fill { to: u64, byte: u8, bytes: u64 },
    /// Copies within the device.
    Copy { to: u64, from: u64, bytes: u64 },
    /// Copies from the host.
    Upload { to: u64, from: HostRange },
    /// Copies to the host.
    Download { to: HostRange, from: u64 },
    /// Notes the time in an event.
    Record(Handle),
}

impl Command {
    /// Whether the device addresses of a copy are those of live memory.
    pub fn check(&self, device: &mut Device) -> Result<(), Status> {
        let memory = &mut device.memory;
        let checked = match self {
            Self::Launch { .. } | Self::Record(_) => Ok(()),
            Self::Fill { to, bytes, .. } => memory.check(*to, *bytes),
            Self::Copy { to, from, bytes } => {
                memory.check(*to, *bytes).and_then(|()| memory.check(*from, *bytes))
            }
            Self::Upload { to, from } => memory.check(*to, from.bytes()),
            Self::Download { to, from } => memory.check(*from, to.bytes()),
        };
        checked.map_err(|Unmapped| Status::CUDA_ERROR_INVALID_VALUE)
    }

    /// Does it. A fault stays with the device. Events are the caller's.
    pub fn run(&self, device: &mut Device, settings: &Settings) {
        if device.fault.is_some() {
            return;
        }
        let memory = &mut device.memory;
        let done = match self {
            Self::Launch { kernel, grid, block, parameters } => {
                return launch(kernel, *grid, *block, parameters, device, settings);
            }
            Self::Record(_) => Ok(()),
            Self::Fill { to, byte, bytes } => memory.fill(*to, *byte, *bytes),
            Self::Copy { to, from, bytes } => memory.copy(*to, *from, *bytes),
            Self::Upload { to, from } => from.read(|bytes| memory.write(*to, bytes)),
            Self::Download { to, from } => to.write(|bytes| memory.read(*from, bytes)),
        };
        if let Err(Unmapped) = done {
            crate::say("a copy of a graph meets memory that is not there");
            device.fault = Some(Fault::Pending(Status::CUDA_ERROR_ILLEGAL_ADDRESS));
        }
    }
}

fn launch(
    kernel: &Kernel,
    grid: [u32; 3],
    block: [u32; 3],
    parameters: &[u8],
    device: &mut Device,
    settings: &Settings,
) {
    device.launches += 1;
    let number = device.launches;
    if settings.fail_launch == Some(number.into()) {
        crate::say(format_args!("launch {number}, of `{}`, fails as it was told to", kernel.name));
        device.fault = Some(Fault::Pending(Status::CUDA_ERROR_LAUNCH_FAILED));
        return;
    }
    let races = settings.races;
    let launch = Launch { kernel, grid, block, parameters, number, races };
    if let Err(fault) = machine::run(&launch, &mut device.memory) {
        crate::say(&fault.what);
        device.fault = Some(Fault::Pending(match fault.kind {
            FaultKind::IllegalAddress => Status::CUDA_ERROR_ILLEGAL_ADDRESS,
            FaultKind::MisalignedAddress => Status::CUDA_ERROR_MISALIGNED_ADDRESS,
            FaultKind::LaunchFailed => Status::CUDA_ERROR_LAUNCH_FAILED,
        }));
    }
}
