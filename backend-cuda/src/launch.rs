//! Buffers, compiled kernels, and launches that are recorded once and repeated.

use crate::driver::{Call, Function, Graph, Mark, Memory, Queue};
use crate::fault::Faults;
use isospike_core::device::Limits;
use isospike_core::ir::{self, Access};
use isospike_core::run::backend::BackendError;
use std::collections::VecDeque;

/// Launches of one graph, about. A graph costs the host as much as a few launches, so with this
/// many the device waits for nobody, and recording them still takes a moment only.
const GRAPH_LAUNCHES: usize = 200;
/// Repetitions of a graph that pay for recording it.
const WORTH_RECORDING: u32 = 2;
/// Launches that may be queued before one more mark is set.
const PIECE_LAUNCHES: usize = 256;
/// Marks the host may be ahead of the device: enough that the device never starves, and little
/// to wait for when a run is stopped.
const PIECES_AHEAD: usize = 4;

/// A buffer of words on the device.
#[derive(Debug)]
pub struct Buffer {
    pub(crate) memory: Memory,
    pub(crate) words: u64,
    /// Unique on its device.
    pub(crate) id: u64,
}

impl Buffer {
    /// Whether a range lies inside.
    pub(crate) fn check(&self, offset: u64, len: usize) -> Result<(), BackendError> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= self.words => Ok(()),
            _ => Err(BackendError::Kernel(format!(
                "words {offset}..+{len} of a buffer of {} words",
                self.words
            ))),
        }
    }
}

/// A compiled kernel.
#[derive(Debug)]
pub struct Kernel {
    pub(crate) function: Function,
    name: String,
    accesses: Vec<Access>,
    group_size: u32,
    /// Unique on its device.
    id: u64,
    from_cache: bool,
}

impl Kernel {
    /// A kernel that the driver has loaded.
    pub(crate) fn new(function: Function, kernel: &ir::Kernel, id: u64, from_cache: bool) -> Self {
        Self {
            function,
            name: kernel.name.clone(),
            accesses: kernel.bindings.iter().map(|b| b.access).collect(),
            group_size: kernel.group_size,
            id,
            from_cache,
        }
    }

    /// Whether the cache on disk had it, so that nothing was compiled.
    pub fn is_from_cache(&self) -> bool {
        self.from_cache
    }

    /// Whether it can be launched with these buffers.
    pub(crate) fn check(&self, buffers: &[&Buffer], limits: &Limits) -> Result<(), BackendError> {
        if buffers.len() != self.accesses.len() {
            return Err(BackendError::Kernel(format!(
                "kernel {} binds {} buffers, {} were given",
                self.name,
                self.accesses.len(),
                buffers.len()
            )));
        }
        if let Some(b) = buffers.iter().find(|b| b.words > limits.binding_words) {
            return Err(BackendError::Unsupported(format!(
                "kernel {} binds a buffer of {} words; the device shows a kernel at most {}",
                self.name, b.words, limits.binding_words
            )));
        }
        // The text says `__restrict__` of what is only read.
        let is_read = |i: usize| self.accesses[i] == Access::Read;
        for (i, buffer) in buffers.iter().enumerate() {
            if is_read(i) && (0..buffers.len()).any(|j| !is_read(j) && buffers[j].id == buffer.id) {
                return Err(BackendError::Kernel(format!(
                    "kernel {} is given one buffer to read and to write",
                    self.name
                )));
            }
        }
        Ok(())
    }

    /// A launch with buffers that [`Self::check`] has seen.
    pub(crate) fn call<'a>(&'a self, buffers: &[&'a Buffer], groups: u32) -> Ready<'a> {
        let ids = [self.id, u64::from(groups)].into_iter().chain(buffers.iter().map(|b| b.id));
        Ready {
            ids: ids.collect(),
            call: Call {
                function: &self.function,
                arguments: buffers.iter().map(|b| &b.memory).collect(),
                groups,
                group_size: self.group_size,
            },
        }
    }
}

/// A launch ready to queue, and what tells it from others.
pub(crate) struct Ready<'a> {
    ids: Vec<u64>,
    call: Call<'a>,
}

/// A batch that was recorded as a graph.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// What tells the launches of the batch from others. Kernels and buffers that are gone never
    /// come back under their ids, so a graph that matches has all that it needs.
    ids: Vec<Vec<u64>>,
    graph: Graph,
    /// Repetitions of the batch in the graph.
    repetitions: u32,
}

/// Queues batches: the launches of a batch that is repeated become a graph, which is kept for the
/// next time the same batch comes.
#[derive(Debug, Default)]
pub(crate) struct Feeder {
    recorded: Option<Recorded>,
    /// Launches queued since the last mark.
    launches: usize,
    marks: VecDeque<Mark>,
}

impl Feeder {
    /// Queues a batch so many times over.
    pub(crate) fn feed(
        &mut self,
        queue: &Queue,
        faults: &Faults,
        batch: &[Ready<'_>],
        times: u32,
    ) -> Result<(), BackendError> {
        if batch.is_empty() {
            return Ok(());
        }
        let repetitions = (GRAPH_LAUNCHES / batch.len()).max(1) as u32;
        let mut left = times;
        if left / repetitions >= WORTH_RECORDING {
            let recorded = match self.recorded.take() {
                Some(recorded) if recorded.is_of(batch) => recorded,
                _ => record(queue, faults, batch, repetitions)?,
            };
            while left >= recorded.repetitions {
                faults.check("a launch", 0, queue.launch_graph(&recorded.graph))?;
                self.advance(queue, faults, batch.len() * recorded.repetitions as usize)?;
                left -= recorded.repetitions;
            }
            self.recorded = Some(recorded);
        }
        for _ in 0..left {
            for ready in batch {
                faults.check("a launch", 0, queue.launch(&ready.call))?;
                self.advance(queue, faults, 1)?;
            }
        }
        Ok(())
    }

    /// Counts what was queued, and waits where the host is far ahead.
    fn advance(
        &mut self,
        queue: &Queue,
        faults: &Faults,
        launches: usize,
    ) -> Result<(), BackendError> {
        self.launches += launches;
        if self.launches < PIECE_LAUNCHES {
            return Ok(());
        }
        self.launches = 0;
        self.marks.push_back(faults.check("a launch", 0, queue.mark())?);
        if self.marks.len() > PIECES_AHEAD
            && let Some(earliest) = self.marks.pop_front()
        {
            faults.check("waiting for the device", 0, earliest.wait())?;
        }
        Ok(())
    }
}

impl Recorded {
    fn is_of(&self, batch: &[Ready<'_>]) -> bool {
        self.ids.len() == batch.len() && self.ids.iter().zip(batch).all(|(ids, r)| *ids == r.ids)
    }
}

fn record(
    queue: &Queue,
    faults: &Faults,
    batch: &[Ready<'_>],
    repetitions: u32,
) -> Result<Recorded, BackendError> {
    let calls = (0..repetitions).flat_map(|_| batch.iter().map(|ready| &ready.call));
    let graph = faults.check("recording launches", 0, queue.record(calls))?;
    Ok(Recorded { ids: batch.iter().map(|ready| ready.ids.clone()).collect(), graph, repetitions })
}
