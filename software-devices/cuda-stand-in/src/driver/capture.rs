//! Streams that note their commands for a graph.

use super::Status;
use super::command::Command;
use super::object::{Handle, Recorded};
use super::state::Driver;
use std::sync::Arc;
use std::thread::ThreadId;

/// A command that a stream noted.
#[derive(Debug, Default)]
pub struct Capture {
    commands: Vec<Command>,
    /// Whose calls that could wait for this stream are refused meanwhile.
    binds: Binds,
    invalid: bool,
}

/// The threads that a capture binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Binds {
    /// Every thread: `CU_STREAM_CAPTURE_MODE_GLOBAL`.
    #[default]
    All,
    /// The thread that began it: `CU_STREAM_CAPTURE_MODE_THREAD_LOCAL`.
    Thread(ThreadId),
    /// None: `CU_STREAM_CAPTURE_MODE_RELAXED`.
    None,
}

impl Binds {
    fn caller(self) -> bool {
        match self {
            Self::All => true,
            Self::Thread(thread) => thread == std::thread::current().id(),
            Self::None => false,
        }
    }
}

impl Capture {
    /// Adds a command.
    pub fn note(&mut self, command: Command) -> Result<(), Status> {
        if self.invalid {
            return Err(Status::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        }
        self.commands.push(command);
        Ok(())
    }

    /// The number of its `CUstreamCaptureStatus`.
    pub fn status(&self) -> u32 {
        if self.invalid { 2 } else { 1 }
    }

    fn invalidate(&mut self) -> Status {
        self.invalid = true;
        Status::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
    }
}

impl Driver {
    /// Begins to capture a stream. `mode` is a `CUstreamCaptureMode`.
    pub fn begin_capture(
        &mut self,
        current: usize,
        stream: Handle,
        mode: u32,
    ) -> Result<(), Status> {
        self.device(current)?;
        let binds = match mode {
            0 => Binds::All,
            1 => Binds::Thread(std::thread::current().id()),
            2 => Binds::None,
            _ => return Err(Status::CUDA_ERROR_INVALID_VALUE),
        };
        let stream = self.stream(current, stream)?;
        let stream = stream.ok_or(Status::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)?;
        if stream.capture.is_some() {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        stream.capture = Some(Capture { binds, ..Capture::default() });
        Ok(())
    }

    /// Ends the capture of a stream; the handle of its graph.
    pub fn end_capture(&mut self, current: usize, stream: Handle) -> Result<Handle, Status> {
        self.device(current)?;
        let stream = self.stream(current, stream)?;
        let capture = stream.and_then(|stream| stream.capture.take());
        let capture = capture.ok_or(Status::CUDA_ERROR_INVALID_VALUE)?;
        if capture.invalid {
            return Err(Status::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        }
        let handle = self.new_handle();
        self.graphs.insert(handle, Arc::new(capture.commands));
        Ok(handle)
    }

    /// Waits for the device. A call that could have to wait for a captured stream is refused and
    /// spoils the capture.
    pub fn settle(&mut self, current: usize) -> Result<(), Status> {
        self.device(current)?.settle()?;
        let mut refused = Ok(());
        for stream in self.streams.values().filter(|stream| stream.device == current) {
            if let Some(capture) = stream.capture.as_mut().filter(|c| c.binds.caller()) {
                refused = Err(capture.invalidate());
            }
        }
        refused
    }

    /// Waits for a stream, which must not be captured.
    pub fn synchronize(&mut self, current: usize, stream: Handle) -> Result<(), Status> {
        self.device(current)?.settle()?;
        match self.stream(current, stream)?.and_then(|stream| stream.capture.as_mut()) {
            Some(capture) => Err(capture.invalidate()),
            None => Ok(()),
        }
    }

    /// Notes the time in an event when a stream gets there.
    pub fn record(&mut self, current: usize, event: Handle, stream: Handle) -> Result<(), Status> {
        self.events.get(event)?;
        self.submit(current, stream, Command::Record(event))?;
        let captured = self.stream(current, stream)?.is_some_and(|s| s.capture.is_some());
        if captured {
            self.events.get(event)?.recorded = Recorded::Captured(stream);
        }
        Ok(())
    }

    /// Lets a stream wait for an event. Work is done when it is submitted, so all that can go
    /// wrong is the wrong side of a capture.
    pub fn wait(&mut self, current: usize, stream: Handle, event: Handle) -> Result<(), Status> {
        self.device(current)?;
        let recorded = self.events.get(event)?.recorded;
        let capture = self.stream(current, stream)?.and_then(|stream| stream.capture.as_mut());
        match (recorded, capture) {
            (Recorded::Captured(other), Some(_)) if other == stream => Ok(()),
            (Recorded::Captured(_), _) => {
                crate::say("a capture of more than one stream is not implemented");
                Err(Status::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
            }
            (Recorded::Never, _) | (Recorded::At(_), None) => Ok(()),
            (Recorded::At(_), Some(capture)) => {
                capture.invalidate();
                Err(Status::CUDA_ERROR_STREAM_CAPTURE_ISOLATION)
            }
        }
    }
}
