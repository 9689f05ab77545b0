//! Oracle 2: a device on the host that interprets kernels word by word.
//!
//! Threads run one after another, in order, so it is what a kernel means, not how a device
//! runs it. It is strict where devices are lenient: a word outside a buffer, a store through a
//! binding that only reads, an operation that was not promised, and a word of a `ReadWrite` binding
//! that two threads of a launch touch are errors.

#![deny(clippy::wildcard_enum_match_arm)]

use crate::base::memory;
use crate::base::words::count;
use crate::device::{Device, DeviceBackend, Launch, Limits};
use crate::ir::eval;
use crate::ir::verify::Verified;
use crate::ir::{Access, Atomic, Binding, Guarantees, Kernel, Op, Stmt, Val};
use crate::ops;
use crate::plan::Plan;
use crate::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use std::sync::Arc;

/// The word that a machine gives for operation `at`, of `ops` whose earlier ones have `words`,
/// where that is not the word of [`eval`]; `None` where it is.
pub type Deviation = fn(at: Val, ops: &[Op], words: &[u32]) -> Option<u32>;

/// The machine. Its promises can be chosen, so that every expansion of the lowering can be run.
#[derive(Clone, Debug)]
pub struct Machine {
    info: BackendInfo,
    guarantees: Guarantees,
    limits: Limits,
    deviation: Option<Deviation>,
    buffers: Vec<Memory>,
    launches: u32,
}

/// A buffer of the machine.
#[derive(Clone, Debug)]
struct Memory {
    words: Vec<u32>,
    /// For each word the last launch and thread that touched it through a `ReadWrite` binding.
    owners: Vec<(u32, u32)>,
}

/// A handle of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferId(usize);

impl Machine {
    /// A machine that keeps these promises, with limits that no test comes near by accident.
    pub fn new(guarantees: Guarantees) -> Self {
        let info = BackendInfo {
            backend: "machine".into(),
            device: "interpreter of the kernel IR".into(),
            software: true,
            ..BackendInfo::default()
        };
        let limits = Limits {
            binding_words: 1 << 31,
            bindings: 8,
            groups: 65_535,
            group_size: 1024,
            memory_bytes: memory::available_bytes(),
        };
        Self { info, guarantees, limits, deviation: None, buffers: Vec::new(), launches: 0 }
    }

    /// The same machine with an arithmetic of its own: a device that is wrong, or that takes a
    /// liberty, for those who test that a test sees it.
    pub fn with_deviation(self, deviation: Deviation) -> Self {
        Self { deviation: Some(deviation), ..self }
    }

    /// A machine for which the same kernels are made as for `device`.
    pub fn like<D: Device>(device: &D) -> Self {
        let mut machine = Self::new(device.guarantees()).with_limits(device.limits());
        machine.info.software = device.info().software;
        machine
    }

    /// The same machine with other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

/// The machine as a backend: oracle 2.
pub struct MachineBackend(DeviceBackend<Machine>);

impl MachineBackend {
    /// A backend whose simulations each run on their own machine.
    pub fn new(guarantees: Guarantees) -> Self {
        Self(DeviceBackend::new(Machine::new(guarantees)))
    }
}

impl Backend for MachineBackend {
    fn info(&self) -> &BackendInfo {
        self.0.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        self.0.compile(plan)
    }
}

impl Device for Machine {
    type Buffer = BufferId;
    type Kernel = Arc<Kernel>;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn guarantees(&self) -> Guarantees {
        self.guarantees
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn alloc(&mut self, words: u64) -> Result<BufferId, BackendError> {
        let most = self.limits.binding_words;
        if words > most {
            let why =
                format!("a buffer of {}, the machine binds at most {most}", count(words, "word"));
            return Err(BackendError::Unsupported(why));
        }
        let memory = Memory { words: vec![0; words as usize], owners: Vec::new() };
        self.buffers.push(memory);
        Ok(BufferId(self.buffers.len() - 1))
    }

    fn write(&mut self, to: &BufferId, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        let range = range(offset, words.len());
        match self.buffers[to.0].words.get_mut(range) {
            Some(place) => place.copy_from_slice(words),
            None => return Err(BackendError::Kernel("write outside of a buffer".into())),
        }
        Ok(())
    }

    fn read(
        &mut self,
        from: &BufferId,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), BackendError> {
        match self.buffers[from.0].words.get(range(offset, words.len())) {
            Some(place) => words.copy_from_slice(place),
            None => return Err(BackendError::Kernel("read outside of a buffer".into())),
        }
        Ok(())
    }

    /// Takes the kernel as it was written: the machine checks each access itself.
    fn compile(&mut self, kernel: &Verified) -> Result<Arc<Kernel>, BackendError> {
        self.interpret(kernel.source())
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        batch.iter().try_for_each(|launch| self.check(launch))?;
        for _ in 0..times {
            for launch in batch {
                self.launch(launch)?;
            }
        }
        Ok(())
    }
}

impl Machine {
    /// Takes any kernel within the limits and promises of the machine, verified or not.
    ///
    /// # Errors
    /// [`BackendError::Unsupported`] names the limit, [`BackendError::Kernel`] the operation.
    pub fn interpret(&self, kernel: &Kernel) -> Result<Arc<Kernel>, BackendError> {
        let (name, limits) = (&kernel.name, self.limits);
        let refuse = |what| Err(BackendError::Unsupported(format!("kernel {name} {what}")));
        if kernel.bindings.len() > limits.bindings as usize {
            return refuse(format!("binds more than {}", count(limits.bindings, "buffer")));
        }
        if kernel.group_size > limits.group_size {
            let (has, most) = (kernel.group_size, limits.group_size);
            let has = count(has, "thread");
            return refuse(format!("has groups of {has}, the machine runs at most {most}"));
        }
        let kept = |op: &Op| match op {
            Op::FDiv(..) => self.guarantees.ieee_div,
            Op::FSqrt(_) => self.guarantees.ieee_sqrt,
            Op::UMulHi(..) => self.guarantees.mul_hi,
            Op::FLt(..) | Op::FLe(..) | Op::FEq(..) => self.guarantees.ieee_compare,
            Op::FAdd(..)
            | Op::FSub(..)
            | Op::FMul(..)
            | Op::Select(..)
            | Op::IToF(..)
            | Op::FToI(..)
            | ops!(signed)
            | ops!(word)
            | ops!(logic)
            | ops!(reinterpret)
            | ops!(literal)
            | ops!(input)
            | ops!(memory)
            | ops!(thread) => true,
        };
        match kernel.ops.iter().find(|op| !kept(op)) {
            Some(op) => {
                Err(BackendError::Kernel(format!("{}: {op:?} was not promised", kernel.name)))
            }
            None => Ok(Arc::new(kernel.clone())),
        }
    }

    /// Refuses a launch that does not fit its kernel or the limits.
    fn check(&self, launch: &Launch<'_, Self>) -> Result<(), BackendError> {
        let Launch { kernel, buffers, groups } = launch;
        if *groups > self.limits.groups {
            let most = self.limits.groups;
            let why = format!("{}, the machine launches at most {most}", count(*groups, "group"));
            return Err(BackendError::Unsupported(why));
        }
        let wrong = |what| Err(BackendError::Kernel(format!("{}: {what}", kernel.name)));
        if buffers.len() != kernel.bindings.len() {
            return wrong("as many buffers as bindings are wanted");
        }
        let twice = |(i, binding): (usize, &Binding)| {
            binding.access != Access::Read
                && buffers.iter().filter(|b| **b == buffers[i]).count() > 1
        };
        if kernel.bindings.iter().enumerate().any(twice) {
            return wrong("a buffer that is written is bound twice");
        }
        Ok(())
    }

    /// Runs every thread of a launch, in order.
    fn launch(&mut self, launch: &Launch<'_, Self>) -> Result<(), BackendError> {
        self.launches += 1;
        let kernel = launch.kernel.as_ref();
        let mut thread = Thread {
            machine: self,
            kernel,
            buffers: &launch.buffers,
            values: vec![0; kernel.ops.len()],
            vars: vec![0; kernel.vars as usize],
            group: 0,
            local: 0,
            groups: launch.groups,
        };
        for group in 0..launch.groups {
            for local in 0..kernel.group_size {
                (thread.group, thread.local) = (group, local);
                thread.vars.fill(0);
                thread.block(&kernel.body)?;
            }
        }
        Ok(())
    }
}

/// The words from `offset` on; a range that no buffer has where it does not fit.
fn range(offset: u64, len: usize) -> std::ops::Range<usize> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    start..start.saturating_add(len)
}

/// One thread of a launch.
struct Thread<'a> {
    machine: &'a mut Machine,
    kernel: &'a Kernel,
    buffers: &'a [&'a BufferId],
    values: Vec<u32>,
    vars: Vec<u32>,
    group: u32,
    local: u32,
    groups: u32,
}

/// Whether a block ran to its end or left its loop.
#[derive(PartialEq)]
enum Flow {
    Next,
    Break,
}

impl Thread<'_> {
    fn block(&mut self, body: &[Stmt]) -> Result<Flow, BackendError> {
        for stmt in body {
            if self.statement(stmt)? == Flow::Break {
                return Ok(Flow::Break);
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, stmt: &Stmt) -> Result<Flow, BackendError> {
        match stmt {
            Stmt::Let(val) => self.values[val.0 as usize] = self.evaluate(*val)?,
            Stmt::Set(var, val) => self.vars[var.0 as usize] = self.get(*val),
            Stmt::Store { buffer, index, value } => {
                let value = self.get(*value);
                *self.word(*buffer, *index, Some(Access::ReadWrite))? = value;
            }
            Stmt::Atomic { op, buffer, index, value, old } => {
                let value = self.get(*value);
                let word = self.word(*buffer, *index, Some(Access::Atomic))?;
                let before = *word;
                *word = match op {
                    Atomic::Add => before.wrapping_add(value),
                    Atomic::Or => before | value,
                };
                if let Some(old) = old {
                    self.vars[old.0 as usize] = before;
                }
            }
            Stmt::If(condition, yes, no) => {
                return self.block(if self.get(*condition) != 0 { yes } else { no });
            }
            Stmt::Loop(body) => while self.block(body)? == Flow::Next {},
            Stmt::BreakIf(condition) if self.get(*condition) != 0 => return Ok(Flow::Break),
            Stmt::BreakIf(_) => {}
        }
        Ok(Flow::Next)
    }

    fn get(&self, val: Val) -> u32 {
        self.values[val.0 as usize]
    }

    fn evaluate(&mut self, val: Val) -> Result<u32, BackendError> {
        let op = self.kernel.ops[val.0 as usize];
        if let Some(deviation) = self.machine.deviation
            && let Some(word) = deviation(val, &self.kernel.ops, &self.values)
        {
            return Ok(word);
        }
        Ok(match op {
            Op::Load(buffer, index) => *self.word(buffer, index, None)?,
            Op::Get(var) => self.vars[var.0 as usize],
            Op::ThreadId => self.group * self.kernel.group_size + self.local,
            Op::LocalId => self.local,
            Op::GroupId => self.group,
            Op::GroupCount => self.groups,
            ops!(literal) | ops!(pure) | ops!(input) => eval::word(op, |val| self.get(val))
                .ok_or_else(|| {
                    BackendError::Kernel(format!("{}: {op:?} in a kernel", self.kernel.name))
                })?,
        })
    }

    /// The word at an index, for a load or for a use that needs more access than that.
    fn word(
        &mut self,
        position: u32,
        index: Val,
        needed: Option<Access>,
    ) -> Result<&mut u32, BackendError> {
        let index = self.get(index) as usize;
        let thread = self.group * self.kernel.group_size + self.local;
        let binding = &self.kernel.bindings[position as usize];
        let launch = self.machine.launches;
        let memory = &mut self.machine.buffers[self.buffers[position as usize].0];
        let len = memory.words.len();
        let fault = |what: &str| {
            let kernel = &self.kernel.name;
            BackendError::Kernel(format!("{kernel}: {what}: {}[{index}] of {len}", binding.name))
        };
        if index >= len {
            return Err(fault("outside of the buffer"));
        }
        let allowed = match needed {
            None => true,
            Some(Access::Atomic) => binding.access == Access::Atomic,
            Some(_) => binding.access != Access::Read,
        };
        if !allowed {
            return Err(fault("not bound for that"));
        }
        if binding.access == Access::ReadWrite {
            memory.owners.resize(len, (0, 0));
            let owner = &mut memory.owners[index];
            if owner.0 == launch && owner.1 != thread {
                return Err(fault("touched by two threads"));
            }
            *owner = (launch, thread);
        }
        Ok(&mut memory.words[index])
    }
}
