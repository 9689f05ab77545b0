//! Memory of the device and of the host.

use super::{Code, with_context, with_driver};
use crate::driver::Status;
use crate::driver::command::Command;
use crate::driver::object::Handle;
use crate::driver::pointer::{Host, Out};
use std::ffi::c_uint;

/// The old default stream, on which the copies without a stream are done.
const DEFAULT: Handle = 0;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemGetInfo_v2(free: Out<usize>, total: Out<usize>) -> Code {
    with_context(|driver, current| {
        free.put(driver.device(current)?.memory.free_bytes() as usize)?;
        total.put(driver.settings.memory_bytes as usize)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemAlloc_v2(address: Out<u64>, bytes: usize) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        if bytes == 0 {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        let allocated = driver.device(current)?.memory.allocate(bytes as u64);
        address.put(allocated.ok_or(Status::CUDA_ERROR_OUT_OF_MEMORY)?)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemFree_v2(address: u64) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        let released = driver.device(current)?.memory.release(address);
        released.map_err(|_| Status::CUDA_ERROR_INVALID_VALUE)
    })
}

/// Page-locked memory is memory like any other here.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemHostAlloc(start: Out<Host>, bytes: usize, _flags: c_uint) -> Code {
    with_context(|driver, _| {
        let mut memory = vec![0; bytes.div_ceil(8)].into_boxed_slice();
        let host = Host::start_of(&mut memory);
        driver.host_memory.insert(host.address(), memory);
        start.put(host)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemFreeHost(start: Host) -> Code {
    with_driver(|driver| driver.host_memory.remove(start.address()).map(drop))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyHtoDAsync_v2(
    to: u64,
    from: Host,
    bytes: usize,
    stream: Handle,
) -> Code {
    with_context(|driver, current| {
        driver.submit(current, stream, Command::Upload { to, from: from.range(bytes)? })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoHAsync_v2(
    to: Host,
    from: u64,
    bytes: usize,
    stream: Handle,
) -> Code {
    with_context(|driver, current| {
        driver.submit(current, stream, Command::Download { to: to.range(bytes)?, from })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoDAsync_v2(
    to: u64,
    from: u64,
    bytes: usize,
    stream: Handle,
) -> Code {
    with_context(|driver, current| {
        driver.submit(current, stream, Command::Copy { to, from, bytes: bytes as u64 })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemsetD8Async(to: u64, byte: u8, bytes: usize, stream: Handle) -> Code {
    with_context(|driver, current| {
        driver.submit(current, stream, Command::Fill { to, byte, bytes: bytes as u64 })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyHtoD_v2(to: u64, from: Host, bytes: usize) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        driver.submit(current, DEFAULT, Command::Upload { to, from: from.range(bytes)? })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoH_v2(to: Host, from: u64, bytes: usize) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        driver.submit(current, DEFAULT, Command::Download { to: to.range(bytes)?, from })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        driver.submit(current, DEFAULT, Command::Copy { to, from, bytes: bytes as u64 })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuMemsetD8_v2(to: u64, byte: u8, bytes: usize) -> Code {
    with_context(|driver, current| {
        driver.settle(current)?;
        driver.submit(current, DEFAULT, Command::Fill { to, byte, bytes: bytes as u64 })
    })
}
