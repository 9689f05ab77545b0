//! Faults of synapses that learn: their events, traces, state and counts (`docs/semantics.md` 8).

mod kernels;
mod launches;
mod plans;

use crate::Mutant;
use crate::double::{Double, Doubled};
use crate::neurons::one_less;
use crate::tampered::{Tamper, Tampered};
use crate::wrong::{Told, naive, told};
use isospike_conformance::Opened;
use isospike_conformance::suite::Level::{Delivery, Splitting};
use isospike_core::device::DeviceBackend;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::{Machine, MachineBackend};
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::input::Input;
use isospike_core::run::record::Recording;
use launches::{NeverFull, PostFirst, PostLate, PreLate, SampledEarly};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Faults of events, of traces, and of state that is entered.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "post_event_first", expected: Delivery, backend: || tampered(|_| PostFirst::default()),
        what: "Of a pre event and a post event of one step, the post event comes first." },
    Mutant { name: "pre_event_after_update", expected: Delivery, backend: || tampered(|_| PreLate),
        what: "Pre events come after the update of their step, not before it." },
    Mutant { name: "post_event_late", expected: Delivery, backend: || tampered(|_| PostLate::default()),
        what: "Post events come one step late." },
    Mutant { name: "oldest_post_event_lost", expected: Delivery, backend: || tampered(|_| NeverFull),
        what: "Where the history of a target is full, its oldest post event is lost." },
    Mutant { name: "post_event_unbounded", expected: Delivery, backend: || planned(plans::post_unbounded),
        what: "A post event does not hold variables within their bounds." },
    Mutant { name: "pre_event_unbounded", expected: Delivery, backend: || planned(plans::pre_unbounded),
        what: "A pre event does not hold variables within their bounds." },
    Mutant { name: "post_event_uncounted", expected: Delivery, backend: || told(naive(), Told { counters: |_, c| one_less(&mut c.post_events), ..Told::default() }),
        what: "One post event of the first projection that has any is not counted." },
    Mutant { name: "sampled_before_catch_up", expected: Delivery, backend: || sampled(),
        what: "A probe of synapses reads them before the post events that wait are carried out." },
    Mutant { name: "restore_loses_pre_events", expected: Splitting, backend: || entered(),
        what: "Spikes that have not arrived everywhere are not in the traces of a restored run." },
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

/// An engine that makes something else of a plan.
fn planned(change: fn(&mut Plan)) -> Opened {
    Learner::opened(move |plan| {
        let mut plan = plan.clone();
        change(&mut plan);
        MachineBackend::new(Guarantees::ALL).compile(&plan)
    })
}

/// An engine whose restored runs lack pre events.
fn entered() -> Opened {
    Learner::opened(|plan| Ok(Box::new(Doubled(Entered(naive().compile(plan)?)))))
}

struct Entered(Box<dyn Simulation>);

impl Double for Entered {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.0
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.0
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        let mut other = checkpoint.clone();
        // Those of the last step are still on their way over every synapse.
        other.spikes.retain(|spike| spike.step + 1 == checkpoint.step);
        self.0.restore(&other)
    }
}

/// An engine whose probes read synapses that have not caught up. Its state is read as it should be.
fn sampled() -> Opened {
    Learner::opened(|plan| {
        let is_running = Arc::new(AtomicBool::new(false));
        let tamper = SampledEarly { is_running: is_running.clone() };
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
