//! The last threads that touched a word, to find two of one launch that do not agree about it.
//!
//! A conflict is a plain write by one thread and any access by another, or a plain read by one and
//! an atomic change by another, unless both are of one block with a barrier between them. Volatile
//! and relaxed accesses count as atomic.

/// A thread at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The launch, from 1.
    pub launch: u32,
    /// Number of the thread in the launch.
    pub thread: u32,
    /// Threads of a block.
    pub block_size: u32,
    /// How many barriers its block has passed.
    pub phase: u32,
}

/// How a word is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A plain load.
    Read,
    /// A load that promises that nobody changes the word.
    ReadNonCoherent,
    /// A plain store.
    Write,
    /// A volatile or relaxed load.
    AtomicRead,
    /// An atomic operation, or a volatile or relaxed store.
    AtomicWrite,
}

/// The record of a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shadow {
    launch: u32,
    write: Toucher,
    read: Toucher,
    atomic_read: Toucher,
    atomic_write: Toucher,
}

/// The threads that made one kind of access.
#[derive(Clone, Copy, Debug, Default)]
enum Toucher {
    #[default]
    Nobody,
    /// One thread, at that phase.
    One { thread: u32, phase: u32 },
    /// These and perhaps more threads of one block, at that phase.
    Block { threads: [u32; 2], phase: u32 },
    /// These and perhaps more threads of several blocks.
    Many { threads: [u32; 2] },
}

impl Shadow {
    /// Notes an access. The answer names the other thread where the two conflict.
    pub fn touch(&mut self, who: Who, touch: Touch) -> Result<(), u32> {
        if self.launch != who.launch {
            *self = Self { launch: who.launch, ..Self::default() };
        }
        self.write.check(who)?;
        match touch {
            Touch::Read => self.atomic_write.check(who)?,
            Touch::ReadNonCoherent => {
                self.write.check_nobody()?;
                self.atomic_write.check_nobody()?;
            }
            Touch::Write => {
                self.read.check(who)?;
                self.atomic_read.check(who)?;
                self.atomic_write.check(who)?;
            }
            Touch::AtomicRead => {}
            Touch::AtomicWrite => self.read.check(who)?,
        }
        match touch {
            Touch::Read | Touch::ReadNonCoherent => self.read.add(who),
            Touch::Write => self.write.add(who),
            Touch::AtomicRead => self.atomic_read.add(who),
            Touch::AtomicWrite => self.atomic_write.add(who),
        }
        Ok(())
    }
}

impl Toucher {
    /// Whether all accesses noted here come before one of `who`; else one that does not.
    fn check(&self, who: Who) -> Result<(), u32> {
        let settled = |thread, phase| phase != who.phase && who.is_near(thread);
        match *self {
            Self::Nobody => Ok(()),
            Self::One { thread, .. } if thread == who.thread => Ok(()),
            Self::One { thread, phase } if settled(thread, phase) => Ok(()),
            Self::One { thread, .. } => Err(thread),
            Self::Block { threads, phase } if settled(threads[0], phase) => Ok(()),
            Self::Block { threads, .. } | Self::Many { threads } => {
                Err(if threads[0] == who.thread { threads[1] } else { threads[0] })
            }
        }
    }

    fn check_nobody(&self) -> Result<(), u32> {
        match *self {
            Self::Nobody => Ok(()),
            Self::One { thread, .. } => Err(thread),
            Self::Block { threads, .. } | Self::Many { threads } => Err(threads[0]),
        }
    }

    fn add(&mut self, who: Who) {
        let (thread, phase) = (who.thread, who.phase);
        let (first, old) = match *self {
            Self::Nobody => (thread, phase),
            Self::One { thread, phase } => (thread, phase),
            Self::Block { threads, phase } => (threads[0], phase),
            Self::Many { .. } => return,
        };
        *self = match *self {
            _ if !who.is_near(first) => Self::Many { threads: [first, thread] },
            // After a barrier the block's earlier accesses are settled.
            _ if old != phase => Self::One { thread, phase },
            Self::Block { .. } => return,
            _ if first == thread => Self::One { thread, phase },
            _ => Self::Block { threads: [first, thread], phase },
        };
    }
}

impl Who {
    /// Whether a thread is of the same block.
    fn is_near(&self, thread: u32) -> bool {
        thread / self.block_size == self.thread / self.block_size
    }
}
