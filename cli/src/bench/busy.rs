//! A program that is busy beside us.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

/// An endless loop on a thread of its own, pinned nowhere, which ends with this value, and with the
/// process in any case.
pub struct Busy {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Busy {
    /// Starts the loop; an error where the system has no room for a thread.
    pub fn start() -> std::io::Result<Self> {
        let ends = Arc::new(AtomicBool::new(false));
        let seen = ends.clone();
        // Without a hint that it spins: a loop that computes.
        let run = move || {
            let mut sum = 0_u64;
            while !seen.load(Ordering::Relaxed) {
                for n in 0..1000 {
                    sum = std::hint::black_box(sum.wrapping_add(n));
                }
            }
        };
        let thread = Builder::new().name("busy".to_owned()).spawn(run)?;
        Ok(Self { ends, thread: Some(thread) })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // It cannot panic.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_its_value() {
        let busy = Busy::start().unwrap();
        let seen = Arc::downgrade(&busy.ends);
        assert!(seen.upgrade().is_some());
        drop(busy);
        assert!(seen.upgrade().is_none(), "the thread has it still");
    }
}
