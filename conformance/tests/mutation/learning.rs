//! Faults of synapses that learn: their events, traces, state and counts (`docs/semantics.md` 8).

mod kernels;
mod launches;
mod plans;
mod rewire;
mod words;

use crate::Mutant;
use crate::double::{Double, Doubled};
use crate::neurons::one_less;
use crate::tampered::{Tamper, Tampered};
use crate::wrong::{Compiler, Told, naive, told};
use isospike_conformance::Opened;
use isospike_conformance::suite::Level::{Splitting, Synapses};
use isospike_core::base::{numeric, random};
use isospike_core::device::DeviceBackend;
use isospike_core::ir::{Guarantees, Kernel};
use isospike_core::oracle::kernel::{Machine, MachineBackend};
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{SynapsePart, SynapseWord};
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::counters::Counters;
use isospike_core::run::input::Input;
use isospike_core::run::record::Recording;
use launches::{
    ArriveLate, ClockedFirst, NeverFull, PostFirst, PostLate, PreLate, ReadEarly, SignalsFirst,
};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use words::{NewestSignals, OneOfEach, Powers};

/// Faults of events, of traces, and of state that is entered.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "post_event_first", expected: Synapses, backend: || tampered(|_| PostFirst::default()),
        what: "Of a pre event and a post event of one step, the post event comes first." },
    Mutant { name: "pre_event_after_update", expected: Synapses, backend: || tampered(|_| PreLate),
        what: "Pre events come after the update of their step, not before it." },
    Mutant { name: "post_event_late", expected: Synapses, backend: || tampered(|_| PostLate::default()),
        what: "Post events come one step late." },
    Mutant { name: "oldest_post_event_lost", expected: Synapses, backend: || tampered(|_| NeverFull),
        what: "Where the history of a target is full, its oldest post event is lost." },
    Mutant { name: "post_event_unbounded", expected: Synapses, backend: || planned(plans::post_unbounded),
        what: "A post event does not hold variables within their bounds." },
    Mutant { name: "pre_event_unbounded", expected: Synapses, backend: || planned(plans::pre_unbounded),
        what: "A pre event does not hold variables within their bounds." },
    Mutant { name: "post_event_uncounted", expected: Synapses, backend: || told(naive(), Told { counters: |_, c| one_less(&mut c.post_events), ..Told::default() }),
        what: "One post event of the first projection that has any is not counted." },
    Mutant { name: "sampled_before_catch_up", expected: Synapses, backend: || sampled(),
        what: "A probe of synapses reads them before the post events that wait are carried out." },
    Mutant { name: "post_event_beside_pre_lost", expected: Synapses, backend: || tampered(|_| Compiled(kernels::caught_this_step)),
        what: "A post event in the step of a pre event never comes." },
    Mutant { name: "pairs_in_one_step", expected: Synapses, backend: || tampered(|_| Compiled(kernels::pairs_in_a_step)),
        what: "A post event reads the traces of a source after the pre event of its step." },
    Mutant { name: "pre_event_counts_itself", expected: Synapses, backend: || planned(plans::pre_counts_itself),
        what: "A pre event reads the traces of its source after this event." },
    Mutant { name: "post_event_counts_itself", expected: Synapses, backend: || planned(plans::post_counts_itself),
        what: "A post event reads the traces of its target after this event." },
    Mutant { name: "send_truncates", expected: Synapses, backend: || planned(plans::send_truncates),
        what: "A value that is sent becomes the integer toward zero, not the nearest." },
    Mutant { name: "sends_to_other_receptor", expected: Synapses, backend: || planned(plans::receptors_swapped),
        what: "The first two receptors that a synapse sends to are swapped." },
    Mutant { name: "post_event_at_once", expected: Synapses, backend: || planned(plans::never_back),
        what: "A post event comes in the step of the spike, however long its way back is." },
    Mutant { name: "sent_early", expected: Synapses, backend: || compiled(kernels::sent_early),
        what: "What is sent arrives a step after the pre event, however much of the delay is behind the synapse." },
    Mutant { name: "decay_by_powers", expected: Synapses, backend: || tampered(Powers::new),
        what: "The decay of a trace is the factor of one step, multiplied again and again." },
    Mutant { name: "read_before_post_events", expected: Synapses, backend: || tampered(|_| ReadEarly::default()),
        what: "State is read before post events that wait have been carried out." },
    Mutant { name: "multapses_share_state", expected: Synapses, backend: || tampered(OneOfEach::new),
        what: "Several synapses between two neurons have one state." },
    Mutant { name: "copies_share_synapses", expected: Synapses, backend: || shared_copies(),
        what: "All copies of a batch have the synapses of the first." },
    Mutant { name: "first_copy_begins", expected: Synapses, backend: || begun(),
        what: "Synapses of the first copy alone begin with their initial values." },
    Mutant { name: "target_after_reset", expected: Synapses, backend: || planned(plans::target_after_reset),
        what: "A post event reads variables of its target after the reset." },
    Mutant { name: "condition_after_reset", expected: Synapses, backend: || planned(plans::condition_after_reset),
        what: "A condition of post events reads variables of its target after the reset." },
    Mutant { name: "post_event_at_spike", expected: Synapses, backend: || planned(plans::at_spikes),
        what: "A spike makes post events where a condition does." },
    Mutant { name: "conditioned_event_uncounted", expected: Synapses, backend: || told(naive(), Told { counters: condition_uncounted, ..Told::default() }),
        what: "One post event of the last projection whose condition makes any is not counted." },
    Mutant { name: "target_before_reset", expected: Synapses, backend: || planned(plans::target_before_reset),
        what: "Pre events and clocked blocks read variables of the target as they were before the reset." },
    Mutant { name: "initial_by_column", expected: Synapses, backend: || begun_with(by_column),
        what: "The initial values of synapses are drawn by the place in the row and the row, the other way round." },
    Mutant { name: "clocked_before_post_events", expected: Synapses, backend: || tampered(|_| ClockedFirst),
        what: "Clocked blocks come before the post events that wait." },
    Mutant { name: "clocked_late", expected: Synapses, backend: || compiled(kernels::clocked_late),
        what: "Clocked blocks come one step late." },
    Mutant { name: "clocked_trace_after", expected: Synapses, backend: || compiled(kernels::clocked_trace_after),
        what: "A clocked block reads a trace as it is after the events of its step." },
    Mutant { name: "clocked_order", expected: Synapses, backend: || planned(plans::clocked_backwards),
        what: "Clocked blocks of one step come from the last to the first." },
    Mutant { name: "clocked_unbounded", expected: Synapses, backend: || planned(plans::clocked_unbounded),
        what: "A clocked block does not hold variables within their bounds." },
    Mutant { name: "clocked_event_uncounted", expected: Synapses, backend: || told(naive(), Told { counters: |_, c| one_less(&mut c.clocked_events), ..Told::default() }),
        what: "One clocked event of the first projection that has any is not counted." },
    Mutant { name: "source_of_target", expected: Synapses, backend: || planned(plans::source_of_target),
        what: "A clocked block reads variables of the target in place of those of the source." },
    Mutant { name: "source_before_reset", expected: Synapses, backend: || planned(plans::source_before_reset),
        what: "A clocked block reads variables of the source as they were before the reset." },
    Mutant { name: "clocked_sent_late", expected: Synapses, backend: || tampered(ArriveLate::new),
        what: "What a clocked block sends arrives one step late." },
    Mutant { name: "clocked_sent_early", expected: Synapses, backend: || compiled(kernels::clocked_sent_early),
        what: "What a clocked block sends arrives in the next step, however much of the delay is behind the synapse." },
    Mutant { name: "signal_of_this_step", expected: Synapses, backend: || tampered(|_| SignalsFirst),
        what: "Events read a signal as it is after their own step." },
    Mutant { name: "signal_newest", expected: Synapses, backend: || tampered(NewestSignals::new),
        what: "A post event that is carried out late reads the signals of then." },
    Mutant { name: "signal_copies", expected: Synapses, backend: || compiled(kernels::first_copy_signals),
        what: "Spikes of all copies are added to the signals of the first." },
    Mutant { name: "signal_pulse_late", expected: Synapses, backend: || planned(plans::pulses_late),
        what: "A pulse is added to its signal one step late." },
    Mutant { name: "state_decays_by_powers", expected: Synapses, backend: || tampered(Powers::of_state),
        what: "The decay of state is the factor of one step, multiplied again and again." },
    Mutant { name: "clocked_keeps_stamps", expected: Synapses, backend: || compiled(kernels::clocked_keeps_stamps),
        what: "A clocked block stores state that decays without the step of this event." },
    Mutant { name: "state_decays_from_pre_events", expected: Synapses, backend: || tampered(|_| Compiled(kernels::post_events_keep_stamps)),
        what: "State decays from the step of the last pre event on, not of the last event." },
    Mutant { name: "rewired_late", expected: Synapses, backend: || planned(rewire::late),
        what: "Each rewiring comes a step later after the one before than its period says." },
    Mutant { name: "rewired_by_other_draws", expected: Synapses, backend: || rewire::other_seed(),
        what: "Candidates of a rewiring are drawn with the key of another seed." },
    Mutant { name: "rewired_rows_ignored", expected: Synapses, backend: || rewire::first_rows(),
        what: "Spikes go over the rows of the start after a rewiring." },
    Mutant { name: "rewired_begins_as_drawn", expected: Synapses, backend: || planned(rewire::begins_as_drawn),
        what: "A new synapse begins as its place began, whatever `create` says." },
    Mutant { name: "rewired_keeps_delay", expected: Synapses, backend: || planned(rewire::keeps_delays),
        what: "A new synapse has the delay of the one that it replaces." },
    Mutant { name: "rewired_keeps_state", expected: Synapses, backend: || rewire::goes_on(rewire::keeps_state),
        what: "A new synapse has the state of the one that it replaces." },
    Mutant { name: "rewired_keeps_stamp", expected: Synapses, backend: || rewire::goes_on(rewire::keeps_stamps),
        what: "State of a new synapse decays from the last event of the one that it replaces on." },
    Mutant { name: "rewired_loses_spikes", expected: Synapses, backend: || rewire::goes_on(rewire::loses_spikes),
        what: "Spikes that are on their way when rows change never arrive." },
    Mutant { name: "restore_begins_rows", expected: Splitting, backend: || entered(rewire::restores_first_rows),
        what: "A restored run has the rows of the start." },
    Mutant { name: "restore_loses_pre_events", expected: Splitting, backend: || entered(arrived_alone),
        what: "Spikes that have not arrived everywhere are not in the traces of a restored run." },
    Mutant { name: "restore_loses_sent", expected: Splitting, backend: || entered(lose_sent),
        what: "What was sent before a checkpoint and has not arrived never does." },
    Mutant { name: "restore_begins_synapses", expected: Splitting, backend: || entered(begin_synapses),
        what: "Synapses of a restored run begin with their initial values again." },
];

/// A simulation of a plan with synapses that learn.
type Make = Box<dyn Fn(&Plan) -> Result<Box<dyn Simulation>, BackendError>>;

/// A backend with a fault of synapses that learn, and right on networks without them. A fault that
/// only networks can have is not looked for in plans by hand.
struct Learner {
    right: Box<dyn Backend>,
    make: Make,
}

impl Learner {
    fn opened(
        make: impl Fn(&Plan) -> Result<Box<dyn Simulation>, BackendError> + 'static,
    ) -> Opened {
        Opened::engine(Self { right: naive(), make: Box::new(make) })
    }
}

impl Backend for Learner {
    fn info(&self) -> &BackendInfo {
        self.right.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        if plan.populations.len() != plan.network.populations.len() {
            return Err(BackendError::Unsupported("no network stands behind this plan".into()));
        }
        if plan.learns() { (self.make)(plan) } else { self.right.compile(plan) }
    }
}

/// An engine whose device is not shown: its kernels are right, or right by their own lights.
fn tampered<T: Tamper>(tamper: fn(&Plan) -> T) -> Opened {
    Learner::opened(move |plan| {
        let (machine, tamper) = (Machine::new(Guarantees::ALL), tamper(plan));
        DeviceBackend::new(Tampered { machine, tamper }).compile(plan)
    })
}

/// An engine whose kernels are changed.
fn compiled(change: fn(&mut Kernel)) -> Opened {
    Learner::opened(move |plan| {
        let (machine, tamper) = (Machine::new(Guarantees::ALL), Compiler(change));
        DeviceBackend::new(Tampered { machine, tamper }).compile(plan)
    })
}

/// An engine that makes something else of a plan.
fn planned(change: fn(&mut Plan)) -> Opened {
    Learner::opened(move |plan| {
        let mut plan = plan.clone();
        change(&mut plan);
        MachineBackend::new(Guarantees::ALL).compile(&plan)
    })
}

/// A compiler that changes kernels, on a device that is not shown.
#[derive(Clone)]
struct Compiled(fn(&mut Kernel));

impl Tamper for Compiled {
    fn kernel(&self, kernel: &mut Kernel) {
        (self.0)(kernel);
    }
}

/// An engine whose copies have the synapses of the first.
fn shared_copies() -> Opened {
    #[derive(Clone)]
    struct Shared(Plan);
    impl Tamper for Shared {
        fn kernel(&self, kernel: &mut Kernel) {
            kernels::copies_share(&self.0, kernel);
        }
    }
    tampered(|plan| Shared(plan.clone()))
}

/// An engine that gives the synapses of the first copy alone their initial values.
fn begun() -> Opened {
    begun_with(|plan, start| {
        for block in plan.synapse_blocks() {
            if let SynapsePart::State(..) = block.part {
                let of_copy = block.words.len() / plan.batch as usize;
                start[block.words][of_copy..].fill(0);
            }
        }
    })
}

/// An engine that begins with other state words.
fn begun_with(change: fn(&Plan, &mut [u32])) -> Opened {
    Learner::opened(move |plan| {
        let mut start = Checkpoint::start(plan);
        change(plan, &mut start.state);
        let mut simulation = naive().compile(plan)?;
        simulation.restore(&start)?;
        Ok(simulation)
    })
}

/// Counts one post event less where a condition makes them.
fn condition_uncounted(plan: &Plan, counters: &mut Counters) {
    let mut all = plan.projections.iter().zip(&mut counters.post_events).rev();
    let conditioned = all.find(|(projection, events)| {
        let synapse = projection.synapse.as_ref();
        **events > 0 && synapse.is_some_and(|synapse| synapse.on_post_if.is_some())
    });
    conditioned.into_iter().for_each(|(_, events)| *events -= 1);
}

/// Draws initial values of synapses with the row in place of the place in the row.
fn by_column(plan: &Plan, state: &mut [u32]) {
    for block in plan.synapse_blocks() {
        let (SynapsePart::State(n, _), Some(synapse)) = (block.part, &block.plan.synapse) else {
            continue;
        };
        let SynapseWord::Drawn(draw) = &synapse.state[n].initial else { continue };
        let rows = &block.plan.rows;
        let places = (0..rows.rows()).flat_map(|row| (0..rows.len(row)).map(move |j| (row, j)));
        let word = |(row, j)| {
            let (projection, variable) = (block.projection as u32, n as u32);
            let words = random::synapse_initial(plan.seed, row, j, projection, variable);
            numeric::flush(numeric::round_host(draw.get(words))).to_bits()
        };
        let of_copy: Vec<u32> = places.map(word).collect();
        let words = state[block.words].chunks_mut(of_copy.len().max(1));
        words.for_each(|copy| copy.copy_from_slice(&of_copy));
    }
}

/// An engine whose restored runs go on from another checkpoint.
fn entered(change: fn(&Plan, &mut Checkpoint)) -> Opened {
    Learner::opened(move |plan| {
        let (inner, plan) = (naive().compile(plan)?, plan.clone());
        Ok(Box::new(Doubled(Entered { inner, plan, change })))
    })
}

/// Spikes of the last step are still on their way over every synapse; the others are left out.
fn arrived_alone(_: &Plan, checkpoint: &mut Checkpoint) {
    let step = checkpoint.step;
    checkpoint.spikes.retain(|spike| spike.step + 1 == step);
}

/// The state of synapses is that before step 0.
fn begin_synapses(plan: &Plan, checkpoint: &mut Checkpoint) {
    let first = plan.initial_state();
    for block in plan.synapse_blocks() {
        if let SynapsePart::State(..) = block.part {
            checkpoint.state[block.words.clone()].copy_from_slice(&first[block.words]);
        }
    }
}

/// Nothing is on its way from synapses to targets.
fn lose_sent(plan: &Plan, checkpoint: &mut Checkpoint) {
    for block in plan.synapse_blocks() {
        if let SynapsePart::Sent(..) = block.part {
            checkpoint.state[block.words].fill(0);
        }
    }
}

struct Entered {
    inner: Box<dyn Simulation>,
    plan: Plan,
    change: fn(&Plan, &mut Checkpoint),
}

impl Double for Entered {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.inner
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.inner
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        let mut other = checkpoint.clone();
        (self.change)(&self.plan, &mut other);
        self.inner.restore(&other)
    }
}

/// An engine whose probes read synapses that have not caught up. Its state is read as it should be.
fn sampled() -> Opened {
    Learner::opened(|plan| {
        let is_running = Arc::new(AtomicBool::new(false));
        let tamper = ReadEarly { in_run: Some(is_running.clone()) };
        let machine = Machine::new(Guarantees::ALL);
        let inner = DeviceBackend::new(Tampered { machine, tamper }).compile(plan)?;
        Ok(Box::new(Doubled(Sampled { inner, is_running })))
    })
}

struct Sampled {
    inner: Box<dyn Simulation>,
    is_running: Arc<AtomicBool>,
}

impl Double for Sampled {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.inner
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.inner
    }

    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        self.is_running.store(true, Ordering::Relaxed);
        let done = self.inner.advance(steps, input, record);
        self.is_running.store(false, Ordering::Relaxed);
        done
    }
}
