//! A run that survives its process: `DIR/checkpoint/` with the state between two steps and logs of
//! everything recorded before (`docs/checkpoints.md`).
//!
//! The logs only grow and reach the disk first; then the state file, which says how much of them
//! counts, is replaced in one piece. Whenever the process dies, the last state file and the bytes
//! that it counts are a whole checkpoint.

mod log;

use crate::error::Error;
use crate::monitor::{Event, Monitor};
use crate::replace::replace;
use isospike_core::base::input;
use isospike_core::base::words::count;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{BackendError, Simulation};
use isospike_core::run::checkpoint::{Checkpoint, LogEnd, Saved};
use isospike_core::run::record::{Recording, Spike};
use log::Log;
use std::fs;
use std::path::{Path, PathBuf};

/// The remedy where a checkpoint cannot be read.
const HELP: &str = "put a copy of the folder back, or remove it and start again without resuming";

/// The checkpoints of a run.
pub struct Checkpoints {
    /// The state file.
    state: PathBuf,
    every_steps: u32,
    /// Steps and neurons of all spikes.
    spikes: Log,
    /// The words of each probe.
    traces: Vec<Log>,
    /// The step of the last checkpoint that is on the disk.
    step: u32,
    /// Why the last one that was tried is not.
    failed: Option<Error>,
    /// The step at which the run goes on, until it has been taken.
    start: Option<(Checkpoint, Recording)>,
}

/// The folder of checkpoints in an output folder. A link is not followed: it may lead into the
/// folder of another run.
fn folder_in(out: &Path) -> Result<PathBuf, Error> {
    let folder = out.join("checkpoint");
    match fs::symlink_metadata(&folder) {
        Ok(found) if found.is_symlink() => {
            Err(Error::file(&folder, "it is a link, which is not followed; remove it"))
        }
        _ => Ok(folder),
    }
}

impl Checkpoints {
    /// Checkpoints of a new run, the first of them before step 0. A checkpoint of later steps that
    /// is there already is not touched, and a mistake.
    pub fn begin(out: &Path, plan: &Plan, every_steps: u32) -> Result<Self, Error> {
        let folder = folder_in(out)?;
        let state = folder.join("state");
        let is_start =
            |bytes: Vec<u8>| Saved::decode(&bytes).is_ok_and(|saved| saved.checkpoint.step == 0);
        let found = input::regular_bytes(&state, input::CHECKPOINT);
        if state.exists() && !found.is_ok_and(is_start) {
            return Err(Error::Argument(format!(
                "{}: there is a checkpoint of an earlier run; resume it, or to start again remove \
                 the folder or write to another",
                folder.display()
            )));
        }
        fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
        let create = |path: PathBuf| Log::create(&path).map_err(|e| Error::file(&path, e));
        let spikes = create(folder.join("spikes"))?;
        let traces = trace_paths(&folder, plan.probe_count()).map(create);
        let traces = traces.collect::<Result<_, _>>()?;
        let (step, failed, start) = (0, None, None);
        let mut checkpoints = Self { state, every_steps, spikes, traces, step, failed, start };
        checkpoints.write(Checkpoint::start(plan), &Recording::new(plan))?;
        Ok(checkpoints)
    }

    /// The checkpoint of an earlier run of this plan, to go on from. `steps` are those of the
    /// whole run; without `every_steps` checkpoints are as far apart as before.
    pub fn resume(
        out: &Path,
        plan: &Plan,
        steps: u32,
        every_steps: Option<u32>,
    ) -> Result<Self, Error> {
        let folder = folder_in(out)?;
        let state = folder.join("state");
        let refuse = |why: String| Error::file(&state, why);
        let bytes = input::regular_bytes(&state, input::CHECKPOINT);
        let bytes = bytes.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                refuse("there is no checkpoint; start without resuming".into())
            }
            _ => refuse(error.to_string()),
        })?;
        let saved = Saved::decode(&bytes).map_err(|why| refuse(format!("{why}; {HELP}")))?;
        let checkpoint = saved.checkpoint;
        let usage = |why: String| Error::Argument(format!("{}: {why}", state.display()));
        checkpoint.fits(plan).map_err(|why| usage(why.to_string()))?;
        if checkpoint.step > steps {
            return Err(usage(format!(
                "it is of step {}, beyond the {} of this run; give a longer duration",
                checkpoint.step,
                count(steps, "step")
            )));
        }
        let (spikes_end, trace_ends) = match saved.logs.split_first() {
            Some((spikes, traces)) if traces.len() == plan.probe_count() => (*spikes, traces),
            _ => {
                let logs = count(saved.logs.len() as u64, "log");
                return Err(refuse(format!("it counts {logs}; {HELP}")));
            }
        };
        let open = |path: PathBuf, end: LogEnd| {
            Log::open(&path, end).map_err(|why| Error::file(&path, format!("{why}; {HELP}")))
        };
        let (spikes, content) = open(folder.join("spikes"), spikes_end)?;
        let mut recording = Recording { steps: checkpoint.step, ..Recording::default() };
        recording.spikes = spikes_of(&log::words(&content));
        let mut traces = Vec::new();
        for (path, end) in trace_paths(&folder, plan.probe_count()).zip(trace_ends) {
            let (trace, content) = open(path, *end)?;
            recording.traces.push(log::words(&content));
            traces.push(trace);
        }
        let (step, every_steps) = (checkpoint.step, every_steps.unwrap_or(saved.every_steps));
        let start = Some((checkpoint, recording));
        Ok(Self { state, every_steps, spikes, traces, step, failed: None, start })
    }

    /// Brings a simulation to where the run goes on; gives what was recorded before.
    pub fn restore(
        &mut self,
        plan: &Plan,
        simulation: &mut dyn Simulation,
    ) -> Result<Recording, BackendError> {
        let Some((checkpoint, recording)) = self.start.take() else {
            return Ok(Recording::new(plan));
        };
        simulation.restore(&checkpoint)?;
        Ok(recording)
    }

    /// How many steps there are from here to the next checkpoint.
    pub fn steps_to_next(&self, step: u32) -> u32 {
        self.every_steps - step % self.every_steps
    }

    /// Whether there should be a checkpoint at this step.
    pub fn is_due(&self, step: u32) -> bool {
        step.is_multiple_of(self.every_steps)
    }

    /// Takes a checkpoint of a simulation, unless there is one of this step. A file that fails
    /// does not end the run: the monitor gets an event, everything is in memory, and the next
    /// checkpoint tries again.
    ///
    /// # Errors
    /// The backend fails to give its state.
    pub fn save(
        &mut self,
        plan: &Plan,
        simulation: &mut dyn Simulation,
        recording: &Recording,
        monitor: &mut dyn Monitor,
    ) -> Result<(), BackendError> {
        if self.step == recording.steps && self.failed.is_none() {
            return Ok(());
        }
        monitor.event(Event::Saving);
        let checkpoint = Checkpoint::take(plan, simulation, recording)?;
        if let Err(error) = self.write(checkpoint, recording) {
            let (step, before) = (recording.steps, self.step);
            monitor.event(Event::NotSaved(&format!(
                "no checkpoint of step {step}: {error}; that of step {before} stays, and the run \
                 continues"
            )));
            self.failed = Some(error);
        }
        Ok(())
    }

    /// The step of the last checkpoint on the disk, or why the last one that was tried is not.
    pub fn finish(self) -> Result<u32, Error> {
        self.failed.map_or(Ok(self.step), Err)
    }

    fn write(&mut self, checkpoint: Checkpoint, recording: &Recording) -> Result<(), Error> {
        let known = (self.spikes.end().bytes / 8) as usize;
        let spikes = recording.spikes[known..].iter().flat_map(|s| [s.step, s.neuron]);
        append(&mut self.spikes, spikes)?;
        for (log, trace) in self.traces.iter_mut().zip(&recording.traces) {
            let known = (log.end().bytes / 4) as usize;
            append(log, trace[known..].iter().copied())?;
        }
        let step = checkpoint.step;
        let logs = std::iter::once(&self.spikes).chain(&self.traces).map(Log::end).collect();
        let saved = Saved { checkpoint, every_steps: self.every_steps, logs };
        replace(&self.state, |part| fs::write(part, saved.encode()))?;
        (self.step, self.failed) = (step, None);
        Ok(())
    }
}

fn append(log: &mut Log, words: impl Iterator<Item = u32>) -> Result<(), Error> {
    log.append(words).map_err(|error| Error::file(log.path(), error))
}

/// `trace-0`, `trace-1`, ...: names of probes need not be names of files.
fn trace_paths(folder: &Path, probes: usize) -> impl Iterator<Item = PathBuf> {
    (0..probes).map(move |index| folder.join(format!("trace-{index}")))
}

fn spikes_of(words: &[u32]) -> Vec<Spike> {
    let (pairs, _) = words.as_chunks();
    pairs.iter().map(|&[step, neuron]| Spike { step, neuron }).collect()
}

#[cfg(test)]
mod tests;
