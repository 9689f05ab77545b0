//! Contexts. A context's handle is its device's number plus one.

use super::device::checked;
use super::{CURRENT, Code, with_context, with_driver};
use crate::driver::Status;
use crate::driver::object::Handle;
use crate::driver::pointer::Out;
use std::ffi::{c_int, c_uint};

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDevicePrimaryCtxRetain(context: Out<Handle>, device: c_int) -> Code {
    with_driver(|driver| {
        let number = checked(driver, device)?;
        context.put(number + 1)?;
        driver.devices[number].retained += 1;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDevicePrimaryCtxRelease_v2(device: c_int) -> Code {
    with_driver(|driver| driver.release_context(checked(driver, device)?))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxGetCurrent(context: Out<Handle>) -> Code {
    with_driver(|_| context.put(CURRENT.get().map_or(0, |number| number + 1)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxSetCurrent(context: Handle) -> Code {
    with_driver(|driver| {
        let number = context.checked_sub(1);
        if number.is_some_and(|number| number >= driver.devices.len()) {
            return Err(Status::CUDA_ERROR_INVALID_CONTEXT);
        }
        CURRENT.set(number);
        Ok(())
    })
}

/// How the host waits, which nobody notices here.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxSetFlags(_flags: c_uint) -> Code {
    with_context(|_, _| Ok(()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuCtxSynchronize() -> Code {
    with_context(|driver, current| driver.settle(current))
}
