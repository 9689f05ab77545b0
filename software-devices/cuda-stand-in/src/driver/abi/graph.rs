//! Capture of streams, and graphs.

use super::{Code, with_context, with_driver};
use crate::driver::Status;
use crate::driver::object::Handle;
use crate::driver::pointer::Out;
use std::ffi::{c_uint, c_ulonglong};
use std::sync::Arc;

/// `CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH`: about memory that a graph allocates, which
/// none does here.
const AUTO_FREE: c_ulonglong = 1;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamBeginCapture_v2(stream: Handle, mode: c_uint) -> Code {
    with_context(|driver, current| driver.begin_capture(current, stream, mode))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamEndCapture(stream: Handle, graph: Out<Handle>) -> Code {
    with_context(|driver, current| match driver.end_capture(current, stream) {
        Ok(handle) => graph.put(handle),
        Err(status) => {
            graph.put(0)?;
            Err(status)
        }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamIsCapturing(stream: Handle, status: Out<c_uint>) -> Code {
    with_context(|driver, current| {
        let stream = driver.stream(current, stream)?;
        let capture = stream.and_then(|stream| stream.capture.as_ref());
        status.put(capture.map_or(0, |capture| capture.status()))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGraphInstantiateWithFlags(
    executable: Out<Handle>,
    graph: Handle,
    flags: c_ulonglong,
) -> Code {
    with_context(|driver, _| {
        if flags & !AUTO_FREE != 0 {
            crate::say(format_args!("flags {flags:#x} of a graph are not implemented"));
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        let graph = Arc::clone(driver.graphs.get(graph)?);
        let handle = driver.new_handle();
        driver.executables.insert(handle, graph);
        executable.put(handle)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGraphUpload(executable: Handle, _stream: Handle) -> Code {
    with_context(|driver, _| driver.executables.get(executable).map(drop))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGraphLaunch(executable: Handle, stream: Handle) -> Code {
    with_context(|driver, current| driver.launch_graph(current, executable, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGraphExecDestroy(executable: Handle) -> Code {
    with_driver(|driver| driver.executables.remove(executable).map(drop))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuGraphDestroy(graph: Handle) -> Code {
    with_driver(|driver| driver.graphs.remove(graph).map(drop))
}
