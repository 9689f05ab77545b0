//! The driver: devices, contexts, streams, modules and graphs behind the C interface.
//!
//! One lock guards everything. Work is done when it is submitted; a fault of a kernel is found
//! out by the calls after its launch, as on a device that works on its own time, and the device is
//! lost to the process from then on.

#[expect(unsafe_code, reason = "names that a C program can find")]
mod abi;
mod capture;
mod command;
mod device;
mod object;
#[expect(unsafe_code, reason = "the memory of a C program")]
mod pointer;
mod state;
mod status;

pub use status::Status;
