//! Messages that Mesa writes to standard error while devices are looked for, though nothing is
//! wrong: they would stand among our own as if they were ours.

use std::io::{BufRead, Write};

/// Beginnings of messages that say nothing about the devices that were found.
const STRAY: [&str; 3] = [
    "error: XDG_RUNTIME_DIR is invalid or not set",
    "libEGL warning:",
    "WARNING: lavapipe is not a conformant vulkan implementation",
];

/// The line behind which nothing follows.
const END: &[u8] = b"\0end of stray messages\0\n";

/// Runs a search and keeps stray messages back. All other lines go on to standard error as they
/// come; where nothing is found the stray ones do, too.
pub(crate) fn without<T>(work: impl FnOnce() -> Vec<T>) -> Vec<T> {
    let Some(filter) = filter::Filter::begin() else { return work() };
    let found = work();
    let stray = filter.end();
    if found.is_empty() {
        // Standard error is the last place for a message: where it fails there is no other.
        let _ = std::io::stderr().write_all(&stray);
    }
    found
}

/// Copies lines up to the end, and returns the stray ones.
fn forward(mut from: impl BufRead, mut to: impl Write) -> Vec<u8> {
    let mut stray = Vec::new();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let (text, is_end) = match line.strip_suffix(END) {
            Some(text) => (text, true),
            None => (line.as_slice(), false),
        };
        if STRAY.iter().any(|beginning| text.starts_with(beginning.as_bytes())) {
            stray.extend_from_slice(text);
        } else {
            let _ = to.write_all(text);
        }
        if is_end {
            break;
        }
        line.clear();
    }
    stray
}

#[cfg(unix)]
mod filter {
    use super::{END, forward};
    use nix::unistd::dup2_stderr;
    use std::fs::File;
    use std::io::{BufReader, PipeWriter, Write, pipe};
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::thread::{Builder, JoinHandle};

    /// Standard error is one for the whole process.
    static ONE: Mutex<()> = Mutex::new(());

    /// Standard error led through a thread that filters it.
    pub struct Filter {
        real: Restore,
        writer: PipeWriter,
        thread: JoinHandle<Vec<u8>>,
        _one: MutexGuard<'static, ()>,
    }

    /// Puts standard error back, also where the work panics.
    struct Restore(OwnedFd);

    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = dup2_stderr(&self.0);
        }
    }

    impl Filter {
        /// Begins to filter; `None` where the system does not let us.
        pub fn begin() -> Option<Self> {
            let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
            let real = std::io::stderr().as_fd().try_clone_to_owned().ok()?;
            let to = File::from(real.try_clone().ok()?);
            let (reader, writer) = pipe().ok()?;
            let filter = move || forward(BufReader::new(reader), to);
            let thread = Builder::new().name("stray messages".into()).spawn(filter).ok()?;
            let real = Restore(real);
            dup2_stderr(&writer).ok()?;
            Some(Self { real, writer, thread, _one: one })
        }

        /// Puts standard error back and returns what was kept back.
        pub fn end(self) -> Vec<u8> {
            let Self { real, mut writer, thread, _one } = self;
            drop(real);
            // A child of a driver may hold the pipe open, so its end is not waited for.
            match writer.write_all(END) {
                Ok(()) => thread.join().unwrap_or_default(),
                Err(_) => Vec::new(),
            }
        }
    }
}

#[cfg(not(unix))]
mod filter {
    /// Mesa is the driver of Unix systems only: there is nothing to filter.
    pub struct Filter;

    impl Filter {
        pub fn begin() -> Option<Self> {
            None
        }

        pub fn end(self) -> Vec<u8> {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_are_no_news_are_kept_back() {
        let mesa = "error: XDG_RUNTIME_DIR is invalid or not set in the environment.\n\
                    libEGL warning: DRI3 error: Could not get DRI3 device\n";
        let real = "MESA: error: ZINK: failed to choose pdev\nlibEGL fatal: no memory\n";
        let end = std::str::from_utf8(END).unwrap();
        let text = format!("{mesa}{real}half a line{end}not read");
        let mut passed = Vec::new();
        let stray = forward(text.as_bytes(), &mut passed);
        assert_eq!(String::from_utf8(stray).unwrap(), mesa);
        assert_eq!(String::from_utf8(passed).unwrap(), format!("{real}half a line"));
    }

    #[test]
    fn what_the_work_gives_comes_back() {
        assert_eq!(without(|| vec![1, 2]), [1, 2]);
        assert!(without(Vec::<u8>::new).is_empty());
    }
}
