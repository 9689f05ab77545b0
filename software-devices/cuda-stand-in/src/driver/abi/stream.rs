//! Streams and events.

use super::{Code, with_context, with_driver};
use crate::driver::Status;
use crate::driver::object::{Event, Handle, Recorded, Stream};
use crate::driver::pointer::Out;
use std::ffi::c_uint;

/// `CU_EVENT_DISABLE_TIMING`.
const NO_TIMING: c_uint = 2;

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamCreate(stream: Out<Handle>, _flags: c_uint) -> Code {
    with_context(|driver, current| {
        let handle = driver.new_handle();
        driver.streams.insert(handle, Stream { device: current, capture: None });
        stream.put(handle)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamDestroy_v2(stream: Handle) -> Code {
    with_driver(|driver| driver.streams.remove(stream).map(drop))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamSynchronize(stream: Handle) -> Code {
    with_context(|driver, current| driver.synchronize(current, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuStreamWaitEvent(stream: Handle, event: Handle, _flags: c_uint) -> Code {
    with_context(|driver, current| driver.wait(current, stream, event))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventCreate(event: Out<Handle>, flags: c_uint) -> Code {
    with_context(|driver, _| {
        let handle = driver.new_handle();
        let timed = flags & NO_TIMING == 0;
        driver.events.insert(handle, Event { timed, recorded: Recorded::Never });
        event.put(handle)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventDestroy_v2(event: Handle) -> Code {
    with_driver(|driver| driver.events.remove(event).map(drop))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventRecord(event: Handle, stream: Handle) -> Code {
    with_context(|driver, current| driver.record(current, event, stream))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventSynchronize(event: Handle) -> Code {
    wait_for(event)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventQuery(event: Handle) -> Code {
    wait_for(event)
}

/// The name of CUDA 12 and older.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventElapsedTime(
    milliseconds: Out<f32>,
    start: Handle,
    end: Handle,
) -> Code {
    elapsed(milliseconds, start, end)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuEventElapsedTime_v2(
    milliseconds: Out<f32>,
    start: Handle,
    end: Handle,
) -> Code {
    elapsed(milliseconds, start, end)
}

/// All work is done when it is submitted.
fn wait_for(event: Handle) -> Code {
    with_context(|driver, current| match driver.events.get(event)?.recorded {
        Recorded::Captured(_) => Err(Status::CUDA_ERROR_CAPTURED_EVENT),
        Recorded::Never => Ok(()),
        Recorded::At(_) => driver.device(current)?.settle(),
    })
}

fn elapsed(milliseconds: Out<f32>, start: Handle, end: Handle) -> Code {
    with_context(|driver, _| {
        let mut time = |event| match *driver.events.get(event)? {
            Event { timed: true, recorded: Recorded::At(time) } => Ok(time),
            _ => Err(Status::CUDA_ERROR_INVALID_HANDLE),
        };
        let (start, end) = (time(start)?, time(end)?);
        milliseconds.put(end.saturating_duration_since(start).as_secs_f32() * 1e3)
    })
}
