//! Faults of runs that are cut, and of simulations that stand beside each other: rung 9.

use crate::Mutant;
use crate::wrong::{Tamper, bound, device};
use isospike_conformance::ladder::Rung::Seams;
use isospike_core::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::checkpoint::Checkpoint;
use isospike_core::device::any::AnyDevice;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::Promises;
use isospike_core::lower::kernels::layout::control;
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_core::reference::machine::{BufferId, Machine, MachineBackend};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// What is lost between two calls, or shared between two simulations.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "in_flight_lost", expected: Seams, backend: || device(Forgetful::default()),
        what: "Spikes that are under way at the end of a run call never arrive." },
    Mutant { name: "raster_not_cleared", expected: Seams, backend: || device(Uncleared),
        what: "Spikes of the call before are told again." },
    Mutant { name: "simulations_share", expected: Seams, backend: || Box::new(Shared::default()),
        what: "A second simulation of a plan goes on where the first, still there, is." },
];

/// Clears the ring when a chunk begins that is not the first.
#[derive(Clone, Default)]
struct Forgetful {
    ring: Option<BufferId>,
    ring_words: Vec<(BufferId, u64)>,
}

impl Tamper for Forgetful {
    fn before(
        &mut self,
        _: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        self.ring = bound(launch, "accumulators").or(self.ring);
        Ok(())
    }

    fn after_alloc(
        &mut self,
        _: &mut Machine,
        new: BufferId,
        words: u64,
    ) -> Result<(), BackendError> {
        self.ring_words.push((new, words));
        Ok(())
    }

    fn after_write(
        &self,
        machine: &mut Machine,
        offset: u64,
        words: &[u32],
    ) -> Result<(), BackendError> {
        // The clock of a chunk is the one word that is written at its place.
        let begins = offset == u64::from(control::CHUNK) && words.len() == 1 && words[0] > 0;
        let Some(ring) = self.ring.filter(|_| begins) else { return Ok(()) };
        let size = self.ring_words.iter().find(|(buffer, _)| *buffer == ring);
        let zeros = vec![0; size.map_or(0, |(_, words)| *words as usize)];
        machine.write(&ring, 0, &zeros)
    }
}

#[derive(Clone)]
struct Uncleared;

impl Tamper for Uncleared {
    fn batch(&self, batch: &mut Vec<Launch<'_, Machine>>) {
        batch.retain(|launch| launch.kernel.name != "clear");
    }
}

/// A simulation that several hold.
type Held = RefCell<Box<dyn Simulation>>;

/// A backend that has one simulation of a network at a time.
struct Shared {
    machine: MachineBackend,
    last: RefCell<Option<(String, Weak<Held>)>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { machine: MachineBackend::new(Promises::ALL), last: RefCell::new(None) }
    }
}

impl Backend for Shared {
    fn info(&self) -> &BackendInfo {
        self.machine.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let network = format!("{:?}", plan.network);
        let mut last = self.last.borrow_mut();
        let same = last.as_ref().filter(|(name, _)| *name == network);
        if let Some(held) = same.and_then(|(_, held)| held.upgrade()) {
            return Ok(Box::new(Holder(held)));
        }
        let held = Rc::new(RefCell::new(self.machine.compile(plan)?));
        *last = Some((network, Rc::downgrade(&held)));
        Ok(Box::new(Holder(held)))
    }

    fn device(&self) -> Option<AnyDevice> {
        self.machine.device()
    }
}

struct Holder(Rc<Held>);

impl Simulation for Holder {
    fn run(&mut self, steps: u32, record: &mut Recording) -> Result<(), BackendError> {
        self.0.borrow_mut().run(steps, record)
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        self.0.borrow_mut().state()
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        self.0.borrow_mut().restore(checkpoint)
    }

    fn memory_bytes(&self) -> u64 {
        self.0.borrow().memory_bytes()
    }
}
