//! Places of faults on the way from a network to its spikes, each time around one of the two
//! oracles: in lowering, in a plan, in a compiler, in arithmetic, in a device, in the record.

use crate::double::{Double, Doubled};
use crate::tampered::{Tamper, Tampered};
use isospike_conformance::Opened;
use isospike_core::describe::checked::Checked;
use isospike_core::device::{DeviceBackend, Launch};
use isospike_core::ir::{Guarantees, Kernel, Op, Stmt, Val};
use isospike_core::oracle::kernel::{BufferId, Deviation, Machine, MachineBackend};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::counters::Counters;
use isospike_core::run::input::Input;
use isospike_core::run::record::Recording;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A machine with an arithmetic of its own.
pub fn arithmetic(deviation: Deviation) -> Opened {
    Opened::device(DeviceBackend::new(Machine::new(Guarantees::ALL).with_deviation(deviation)))
}

/// A compiler that changes kernels.
pub fn kernels(change: fn(&mut Kernel)) -> Opened {
    device(Compiler(change))
}

/// A device that does not follow its kernels.
pub fn device(tamper: impl Tamper) -> Opened {
    tampered(Machine::new(Guarantees::ALL), tamper)
}

/// This machine, tampered with.
pub fn tampered(machine: Machine, tamper: impl Tamper) -> Opened {
    Opened::device(DeviceBackend::new(Tampered { machine, tamper }))
}

/// A backend that makes something else of a plan.
pub fn plans(change: fn(&mut Plan)) -> Opened {
    Opened::engine(Around { plan: Box::new(change), ..Around::new(machine()) })
}

/// A backend that makes something else of the projections of networks.
pub fn projections(change: fn(&mut Plan)) -> Opened {
    Opened::engine(Around { plan: Box::new(change), by_hand: false, ..Around::new(machine()) })
}

/// A lowering that understands networks in another way.
pub fn lowering(change: fn(&mut Checked)) -> Opened {
    let plan = move |plan: &mut Plan| {
        let mut network = Checked::clone(&plan.network);
        change(&mut network);
        *plan = lower(Arc::new(network));
    };
    Opened::engine(Around { plan: Box::new(plan), by_hand: false, ..Around::new(machine()) })
}

/// A backend that reports its runs in another way than it should.
pub fn told(by: Box<dyn Backend>, told: Told) -> Opened {
    Opened::engine(Around { told, ..Around::new(by) })
}

/// The machine oracle: right, and it runs everything.
pub fn machine() -> Box<dyn Backend> {
    Box::new(MachineBackend::new(Guarantees::ALL))
}

/// The naive oracle: right, and faster; it runs networks only.
pub fn naive() -> Box<dyn Backend> {
    Box::new(ModelBackend::default())
}

/// The operations and words that a [`Deviation`] sees.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// All operations.
    pub ops: &'a [Op],
    /// The words of those that were evaluated.
    pub words: &'a [u32],
}

impl Site<'_> {
    /// The operation that gives a value.
    pub fn op(self, val: Val) -> Op {
        self.ops[val.0 as usize]
    }

    /// Its word.
    pub fn u(self, val: Val) -> u32 {
        self.words[val.0 as usize]
    }

    /// Its word as a signed integer.
    pub fn i(self, val: Val) -> i32 {
        self.u(val) as i32
    }

    /// Its word as a float.
    pub fn f(self, val: Val) -> f32 {
        f32::from_bits(self.u(val))
    }
}

/// Takes one constant of a kernel for another.
pub fn constant(kernel: &mut Kernel, from: u32, to: u32) {
    for op in &mut kernel.ops {
        match op {
            Op::F32(word) | Op::U32(word) if *word == from => *word = to,
            _ => {}
        }
    }
}

/// Replaces every statement, the inner ones first.
pub fn each_statement(body: &mut Vec<Stmt>, change: &mut dyn FnMut(Stmt) -> Vec<Stmt>) {
    for mut stmt in std::mem::take(body) {
        match &mut stmt {
            Stmt::If(_, yes, no) => {
                each_statement(yes, change);
                each_statement(no, change);
            }
            Stmt::Loop(inner) => each_statement(inner, change),
            _ => {}
        }
        body.extend(change(stmt));
    }
}

/// The buffer that a launch binds under this name.
pub fn bound(launch: &Launch<'_, Machine>, name: &str) -> Option<BufferId> {
    let at = launch.kernel.bindings.iter().position(|binding| binding.name == name)?;
    Some(*launch.buffers[at])
}

/// A [`Tamper`] of kernels alone.
#[derive(Clone)]
pub struct Compiler(pub fn(&mut Kernel));

impl Tamper for Compiler {
    fn kernel(&self, kernel: &mut Kernel) {
        (self.0)(kernel);
    }
}

/// The results of a simulation, changed.
#[derive(Clone, Copy)]
pub struct Told {
    /// The additions of a run, from these lengths of spikes and traces on.
    pub record: fn(&Plan, &mut Recording, &[usize]),
    /// The state words.
    pub state: fn(&Plan, Vec<u32>) -> Vec<u32>,
    /// The counts.
    pub counters: fn(&Plan, &mut Counters),
}

impl Default for Told {
    fn default() -> Self {
        Self { record: |_, _, _| {}, state: |_, words| words, counters: |_, _| {} }
    }
}

/// A backend around one that is right, whose device it does not show: that is not at fault.
struct Around {
    right: Box<dyn Backend>,
    plan: Box<dyn Fn(&mut Plan)>,
    /// Whether it runs plans that no network stands behind. A fault that only networks can have is
    /// not looked for in others.
    by_hand: bool,
    told: Told,
}

impl Around {
    fn new(right: Box<dyn Backend>) -> Self {
        Self { right, plan: Box::new(|_| {}), by_hand: true, told: Told::default() }
    }
}

impl Backend for Around {
    fn info(&self) -> &BackendInfo {
        self.right.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        if !self.by_hand && plan.populations.len() != plan.network.populations.len() {
            return Err(BackendError::Unsupported("no network stands behind this plan".into()));
        }
        let mut plan = plan.clone();
        (self.plan)(&mut plan);
        let inner = self.right.compile(&plan)?;
        Ok(Box::new(Doubled(Telling { inner, plan, told: self.told })))
    }
}

/// A simulation that reports something else.
struct Telling {
    inner: Box<dyn Simulation>,
    plan: Plan,
    told: Told,
}

impl Double for Telling {
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
        let before: Vec<usize> = std::iter::once(record.spikes.len())
            .chain(record.traces.iter().map(Vec::len))
            .collect();
        self.inner.advance(steps, input, record)?;
        (self.told.record)(&self.plan, record, &before);
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let state = self.inner.state()?;
        Ok((self.told.state)(&self.plan, state))
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        let mut counters = self.inner.counters()?;
        (self.told.counters)(&self.plan, &mut counters);
        Ok(counters)
    }
}
