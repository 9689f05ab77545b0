//! Modules, functions and launches.

use super::{Code, with_context, with_driver};
use crate::driver::Status;
use crate::driver::command::Command;
use crate::driver::object::Handle;
use crate::driver::pointer::{Arguments, Out, Text};
use crate::driver::state::check_sizes;
use std::ffi::{c_int, c_uint};
use std::sync::Arc;

/// How a file of machine code begins.
const MACHINE_CODE: &str = "\x7fELF";

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleLoadData(module: Out<Handle>, image: Text) -> Code {
    with_context(|driver, current| {
        let text = std::str::from_utf8(image.bytes()?).ok();
        let Some(text) = text.filter(|text| !text.starts_with(MACHINE_CODE)) else {
            crate::say("the module is not a PTX text; machine code cannot be run");
            return Err(Status::CUDA_ERROR_NO_BINARY_FOR_GPU);
        };
        module.put(driver.load_module(current, text)?)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleLoad(module: Out<Handle>, path: Text) -> Code {
    with_context(|driver, current| {
        let path = std::str::from_utf8(path.bytes()?);
        let path = path.map_err(|_| Status::CUDA_ERROR_FILE_NOT_FOUND)?;
        let text = std::fs::read_to_string(path).map_err(|error| {
            crate::say(format_args!("{path}: {error}"));
            Status::CUDA_ERROR_FILE_NOT_FOUND
        })?;
        module.put(driver.load_module(current, &text)?)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleUnload(module: Handle) -> Code {
    with_driver(|driver| driver.unload_module(module))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleGetFunction(
    function: Out<Handle>,
    module: Handle,
    name: Text,
) -> Code {
    with_context(|driver, _| {
        let name = std::str::from_utf8(name.bytes()?);
        let name = name.map_err(|_| Status::CUDA_ERROR_NOT_FOUND)?;
        function.put(driver.function(module, name)?)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuFuncGetAttribute(
    value: Out<c_int>,
    attribute: c_uint,
    function: Handle,
) -> Code {
    with_context(|driver, _| {
        let sm = driver.settings.sm;
        let kernel = &driver.functions.get(function)?.kernel;
        value.put(match attribute {
            0 => kernel.max_threads as c_int,
            1 => kernel.shared_bytes as c_int,
            2 | 3 => 0, // constant and local memory
            6 => sm as c_int,
            _ => {
                crate::say(format_args!("function attribute {attribute} is not known"));
                return Err(Status::CUDA_ERROR_INVALID_VALUE);
            }
        })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuLaunchKernel(
    function: Handle,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    dynamic_shared_bytes: c_uint,
    stream: Handle,
    arguments: Arguments,
    extra: Handle,
) -> Code {
    let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
    with_context(|driver, current| {
        if dynamic_shared_bytes != 0 || extra != 0 {
            crate::say("dynamic shared memory and packed arguments are not implemented");
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        let function = driver.functions.get(function)?;
        check_sizes(function, grid, block)?;
        let kernel = Arc::clone(&function.kernel);
        let parameters = arguments.collect(&kernel.parameters, kernel.parameter_bytes)?;
        driver.submit(current, stream, Command::Launch { kernel, grid, block, parameters })
    })
}
