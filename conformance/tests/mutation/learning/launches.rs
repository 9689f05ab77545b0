//! Launches of synapses that learn, in another order or on other words.

use super::kernels::caught_this_step;
use crate::tampered::Tamper;
use crate::wrong::bound;
use isospike_core::device::kernels::layout::control;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::Kernel;
use isospike_core::oracle::kernel::{BufferId, Machine};
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

type Launches<'a> = Vec<Launch<'a, Machine>>;

pub fn is(launch: &Launch<'_, Machine>, names: &[&str]) -> bool {
    names.contains(&launch.kernel.name.as_str())
}

fn again<'a>(launch: &Launch<'a, Machine>) -> Launch<'a, Machine> {
    let Launch { kernel, buffers, groups } = launch;
    Launch { kernel: *kernel, buffers: buffers.clone(), groups: *groups }
}

/// The launches of pre events, which are taken out of a batch.
fn take_pre_events<'a>(batch: &mut Launches<'a>) -> Launches<'a> {
    let all = std::mem::take(batch).into_iter();
    let (pre, rest) = all.partition(|launch| is(launch, &["pre_events", "records"]));
    *batch = rest;
    pre
}

/// Words that are put back before the next launch.
#[derive(Clone, Default)]
struct Undo(Vec<(BufferId, u64, Vec<u32>)>);

impl Undo {
    /// Keeps so many words.
    fn keep(
        &mut self,
        machine: &mut Machine,
        buffer: BufferId,
        offset: u64,
        words: usize,
    ) -> Result<Vec<u32>, BackendError> {
        let mut kept = vec![0; words];
        machine.read(&buffer, offset, &mut kept)?;
        self.0.push((buffer, offset, kept.clone()));
        Ok(kept)
    }

    fn put_back(&mut self, machine: &mut Machine) -> Result<(), BackendError> {
        self.0.drain(..).try_for_each(|(buffer, at, words)| machine.write(&buffer, at, &words))
    }
}

/// Leaves out the launches in which all synapses catch up, in the batches of steps.
#[derive(Clone)]
pub struct NeverFull;

impl Tamper for NeverFull {
    fn batch(&self, batch: &mut Launches<'_>) {
        if batch.iter().any(|launch| is(launch, &["tick"])) {
            batch.retain(|launch| !is(launch, &["catch_up", "caught"]));
        }
    }
}

/// Leaves out the launches in which all synapses catch up before their state is read.
#[derive(Clone, Default)]
pub struct ReadEarly {
    /// Whether a run goes on, where its own reads alone are early.
    pub in_run: Option<Arc<AtomicBool>>,
}

impl Tamper for ReadEarly {
    fn batch(&self, batch: &mut Launches<'_>) {
        let is_step = batch.iter().any(|launch| is(launch, &["tick"]));
        let is_meant = self.in_run.as_ref().is_none_or(|in_run| in_run.load(Ordering::Relaxed));
        if !is_step && is_meant {
            batch.retain(|launch| !is(launch, &["catch_up", "caught"]));
        }
    }
}

/// Sends before the update, and learns of pre events after the post events of the step: each
/// launch of pre events runs twice, and of each the half that is not meant is put back.
#[derive(Clone, Default)]
pub struct PostFirst {
    sizes: Vec<(BufferId, u64)>,
    undo: Undo,
    has_post_events: bool,
}

impl Tamper for PostFirst {
    fn kernel(&self, kernel: &mut Kernel) {
        caught_this_step(kernel);
    }

    fn after_alloc(
        &mut self,
        _: &mut Machine,
        new: BufferId,
        words: u64,
    ) -> Result<(), BackendError> {
        self.sizes.push((new, words));
        Ok(())
    }

    fn batch(&self, batch: &mut Launches<'_>) {
        let Some(at) = batch.iter().rposition(|launch| is(launch, &["post_events"])) else {
            return;
        };
        let behind = batch.split_off(at + 1);
        let pre = take_pre_events(batch);
        let sending: Vec<_> =
            pre.iter().filter(|launch| is(launch, &["pre_events"])).map(again).collect();
        batch.splice(..0, sending);
        batch.extend(pre);
        batch.extend(behind);
    }

    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        self.undo.put_back(machine)?;
        match launch.kernel.name.as_str() {
            "post_events" => self.has_post_events = true,
            "tick" => self.has_post_events = false,
            "pre_events" => {
                let name = if self.has_post_events { "accumulators" } else { "learned_synapses" };
                let Some(buffer) = bound(launch, name) else { return Ok(()) };
                let size = self.sizes.iter().find(|(own, _)| *own == buffer);
                let words = size.map_or(0, |(_, words)| *words as usize);
                self.undo.keep(machine, buffer, 0, words)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Carries out the clocked blocks of a projection before its post events that wait.
#[derive(Clone)]
pub struct ClockedFirst;

impl Tamper for ClockedFirst {
    fn batch(&self, batch: &mut Launches<'_>) {
        for at in 0..batch.len() {
            let waits = batch[..at].iter().rposition(|launch| is(launch, &["catch_up"]));
            if let Some(waits) =
                waits.filter(|waits| is(&batch[at], &["clocked"]) && at == waits + 2)
            {
                batch[waits..=at].rotate_right(1);
            }
        }
    }
}

/// Changes signals before the events of a step.
#[derive(Clone)]
pub struct SignalsFirst;

impl Tamper for SignalsFirst {
    fn batch(&self, batch: &mut Launches<'_>) {
        if let Some(at) = batch.iter().position(|launch| is(launch, &["signals"])) {
            batch[..=at].rotate_right(1);
        }
    }
}

/// Lets what arrives in a step arrive in the next one, in plans with a clocked block that sends.
#[derive(Clone)]
pub struct ArriveLate {
    is_meant: bool,
    undo: Undo,
}

impl ArriveLate {
    pub fn new(plan: &Plan) -> Self {
        let mut synapses = plan.projections.iter().filter_map(|p| p.synapse.as_ref());
        let is_meant = synapses.any(|synapse| synapse.sends_without_spikes());
        Self { is_meant, undo: Undo::default() }
    }
}

impl Tamper for ArriveLate {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        self.undo.put_back(machine)?;
        let is_meant = self.is_meant && is(launch, &["arrive"]);
        let Some(clock) = bound(launch, "control").filter(|_| is_meant) else { return Ok(()) };
        let step_at = control::STEP.into();
        let step = self.undo.keep(machine, clock, step_at, 1)?[0];
        machine.write(&clock, step_at, &[step + 1])
    }
}

#[derive(Clone)]
pub struct PreLate;

impl Tamper for PreLate {
    fn batch(&self, batch: &mut Launches<'_>) {
        let pre = take_pre_events(batch);
        if let Some(at) = batch.iter().position(|launch| is(launch, &["remember"])) {
            batch.splice(at..at, pre);
        }
    }
}

/// Notes the spikes of the step before.
#[derive(Clone, Default)]
pub struct PostLate {
    /// The step, its spikes, and those of the step before.
    step: u32,
    now: Vec<u32>,
    last: Vec<u32>,
    undo: Undo,
}

impl Tamper for PostLate {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        self.undo.put_back(machine)?;
        let buffers = (bound(launch, "control"), bound(launch, "spikes"));
        let (Some(clock), Some(spikes)) = buffers else { return Ok(()) };
        if !is(launch, &["post_events"]) {
            return Ok(());
        }
        let (count_at, mut step) = (u64::from(control::SPIKES), [0]);
        machine.read(&clock, control::STEP.into(), &mut step)?;
        let count = self.undo.keep(machine, clock, count_at, 1)?[0];
        let most = self.last.len().max(count as usize);
        let mut list = self.undo.keep(machine, spikes, 0, most)?;
        list.truncate(count as usize);
        if step[0] != self.step || step[0] == 0 {
            let now = std::mem::replace(&mut self.now, list);
            self.last = if self.step + 1 == step[0] { now } else { Vec::new() };
            self.step = step[0];
        }
        machine.write(&clock, count_at, &[self.last.len() as u32])?;
        machine.write(&spikes, 0, &self.last)
    }
}
