//! Start, errors and devices.

use super::{Code, with_any, with_driver};
use crate::driver::pointer::{Out, OutText};
use crate::driver::state::Driver;
use crate::driver::{Status, device};
use crate::settings::Settings;
use std::ffi::{c_char, c_int, c_uint, c_void};

#[unsafe(no_mangle)]
unsafe extern "C" fn cuInit(flags: c_uint) -> Code {
    with_any(|driver| {
        if flags != 0 {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        if driver.is_none() {
            let settings = Settings::from_environment().map_err(|error| {
                crate::say(error);
                Status::CUDA_ERROR_INVALID_VALUE
            })?;
            *driver = Some(Driver::new(settings));
        }
        match driver {
            Some(driver) if driver.devices.is_empty() => Err(Status::CUDA_ERROR_NO_DEVICE),
            _ => Ok(()),
        }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDriverGetVersion(version: Out<c_int>) -> Code {
    with_any(|driver| {
        // May be called before `cuInit`.
        let settings = match driver {
            Some(driver) => driver.settings.clone(),
            None => Settings::from_environment().map_err(|_| Status::CUDA_ERROR_INVALID_VALUE)?,
        };
        version.put(settings.driver as c_int)
    })
}

/// Serves NVIDIA's own libraries: NVRTC loads the driver where there is one, requests a table of
/// undocumented calls, and does without it where it is refused.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuGetExportTable(table: Out<*const c_void>, _: *const c_void) -> Code {
    with_any(|_| {
        table.put(std::ptr::null())?;
        Err(Status::CUDA_ERROR_NOT_FOUND)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGetErrorName(code: Code, name: Out<*const c_char>) -> Code {
    describe(code, |(found, _)| name.put(found.as_ptr()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGetErrorString(code: Code, text: Out<*const c_char>) -> Code {
    describe(code, |(_, found)| text.put(found.as_ptr()))
}

fn describe(
    code: Code,
    give: impl FnOnce((&'static std::ffi::CStr, &'static std::ffi::CStr)) -> Result<(), Status>,
) -> Code {
    let found = Status::describe(code).ok_or(Status::CUDA_ERROR_INVALID_VALUE);
    found.and_then(give).map_or_else(|status| status as Code, |()| 0)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetCount(count: Out<c_int>) -> Code {
    with_driver(|driver| count.put(driver.devices.len() as c_int))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGet(device: Out<c_int>, ordinal: c_int) -> Code {
    with_driver(|driver| device.put(checked(driver, ordinal)? as c_int))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetName(name: OutText, size: c_int, device: c_int) -> Code {
    with_driver(|driver| {
        let number = checked(driver, device)?;
        name.put(&device::name(&driver.settings, number), size.max(0) as usize)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetUuid_v2(uuid: Out<[u8; 16]>, device: c_int) -> Code {
    with_driver(|driver| uuid.put(device::uuid(checked(driver, device)?)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: Out<usize>, device: c_int) -> Code {
    with_driver(|driver| {
        checked(driver, device)?;
        bytes.put(driver.settings.memory_bytes as usize)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuDeviceGetAttribute(
    value: Out<c_int>,
    attribute: c_uint,
    device: c_int,
) -> Code {
    with_driver(|driver| {
        checked(driver, device)?;
        value.put(device::attribute(&driver.settings, attribute)? as c_int)
    })
}

/// The number of a device that exists.
pub fn checked(driver: &Driver, device: c_int) -> Result<usize, Status> {
    let number = usize::try_from(device).ok().filter(|&number| number < driver.devices.len());
    number.ok_or(Status::CUDA_ERROR_INVALID_DEVICE)
}
