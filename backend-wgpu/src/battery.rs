//! The start-up battery: every kind of arithmetic that kernels use, on 65,536 inputs each,
//! against the definitions of [`isospike_core::numeric`].
//!
//! A driver's promise is worth what its compiler does today, so each device is asked. Every word
//! is compared, not a digest of them, so that a failure can name the first input that differs.

mod cases;
mod functions;
mod inputs;

use crate::device::WgpuDevice;
use crate::protection::Protection;
use cases::{CASES, Case};
use inputs::{COLUMNS, INPUTS, Inputs};
use isospike_core::backend::BackendError;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Access, Binding, Kernel, Op, Stmt, Type, Val};
use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

/// Threads in a group.
const GROUP: u32 = 64;
/// A kernel takes cases until it has this many operations: one pipeline for many functions, but
/// none that a compiler takes seconds for.
const KERNEL_OPS: usize = 1_500;

/// The first input of a function for which a device gives other bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The function.
    pub function: &'static str,
    /// Its operands' bits.
    pub inputs: Vec<u32>,
    /// The bits the device gives.
    pub got: u32,
    /// The bits that are right.
    pub expected: u32,
    /// How many of the 65,536 inputs differ.
    pub wrong: usize,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<String> = self.inputs.iter().map(|w| format!("{w:#010x}")).collect();
        write!(
            f,
            "`{}` of {} gives {:#010x} instead of {:#010x}, and {} of {INPUTS} inputs differ",
            self.function,
            inputs.join(", "),
            self.got,
            self.expected,
            self.wrong
        )
    }
}

/// Proves a device, or makes it take the full barrier and proves that. `fixed`: the protection
/// was asked for, so there is no other to take.
pub fn prove(device: &mut WgpuDevice, fixed: bool) -> Result<(), BackendError> {
    let start = Instant::now();
    let first = run(device)?;
    let last = match &first {
        Some(why) if !fixed && device.protection() != Protection::FullBarrier => {
            let weak = device.protection().name();
            device.set_protection(Protection::FullBarrier);
            device.note(format!("{weak} does not hold here: {why}"));
            run(device)?
        }
        _ => first,
    };
    let protection = device.protection().name();
    if let Some(why) = last {
        return Err(BackendError::Kernel(format!(
            "{} cannot be used: with the protection {protection}, {why}",
            device.info().device
        )));
    }
    device.note(format!(
        "floats protected by {protection}; {} functions proved on {INPUTS} inputs each in {} ms",
        CASES.len(),
        start.elapsed().as_millis()
    ));
    Ok(())
}

/// Runs all cases; the first that differs, if one does.
pub fn run(device: &mut WgpuDevice) -> Result<Option<Mismatch>, BackendError> {
    let inputs = Inputs::shared();
    let from = device.alloc(inputs.words.len() as u64)?;
    device.write(&from, 0, &inputs.words)?;
    for (cases, kernel) in kernels() {
        let to = device.alloc((cases.len() * INPUTS) as u64)?;
        let compiled = device.compile(&kernel)?;
        let groups = (INPUTS as u32).div_ceil(GROUP);
        let launch = Launch { kernel: &compiled, buffers: vec![&from, &to], groups };
        device.submit(&[launch], 1)?;
        let mut got = vec![0; cases.len() * INPUTS];
        device.read(&to, 0, &mut got)?;
        for (case, got) in cases.iter().zip(got.chunks(INPUTS)) {
            if let Some(mismatch) = compare(case, inputs, got) {
                return Ok(Some(mismatch));
            }
        }
    }
    Ok(None)
}

fn compare(case: &Case, inputs: &Inputs, got: &[u32]) -> Option<Mismatch> {
    let expected = expected(case, inputs);
    let differs = |i: &usize| got[*i] != expected[*i];
    let first = (0..INPUTS).find(differs)?;
    Some(Mismatch {
        function: case.name,
        inputs: case.operands(inputs, first),
        got: got[first],
        expected: expected[first],
        wrong: (first..INPUTS).filter(differs).count(),
    })
}

/// The right words of a case, computed once in a process.
fn expected(case: &Case, inputs: &Inputs) -> &'static [u32] {
    static ALL: [OnceLock<Vec<u32>>; CASES.len()] = [const { OnceLock::new() }; CASES.len()];
    let place = CASES.iter().position(|c| c.name == case.name).unwrap_or(0);
    ALL[place]
        .get_or_init(|| (0..INPUTS).map(|i| (case.expected)(&case.operands(inputs, i))).collect())
}

/// The kernels, each with the cases it computes, in order.
fn kernels() -> Vec<(&'static [Case], Kernel)> {
    let mut kernels = Vec::new();
    let mut first = 0;
    while first < CASES.len() {
        let mut ops = Ops::new();
        let mut end = first;
        while end < CASES.len() && (end == first || ops.ops.len() < KERNEL_OPS) {
            ops.case(&CASES[end], end - first);
            end += 1;
        }
        kernels.push((&CASES[first..end], ops.finish(first)));
        first = end;
    }
    kernels
}

/// A kernel of cases under construction: straight-line code for input number `ThreadId`.
pub(crate) struct Ops {
    ops: Vec<Op>,
    types: Vec<Type>,
    body: Vec<Stmt>,
    thread: Val,
    /// Where each column's operand is, once loaded.
    loaded: [Option<Val>; COLUMNS],
}

impl Ops {
    fn new() -> Self {
        let (ops, types, body) = Default::default();
        let mut new = Self { ops, types, body, thread: Val(0), loaded: [None; COLUMNS] };
        new.thread = new.word(Op::ThreadId);
        new
    }

    /// Computes a case and stores its results as the kernel's `place`-th.
    fn case(&mut self, case: &Case, place: usize) {
        let operands: Vec<Val> = case.columns.iter().map(|c| self.load(c.start())).collect();
        let value = (case.build)(self, &operands);
        let start = self.word(Op::U32((place * INPUTS) as u32));
        let index = self.word(Op::UAdd(start, self.thread));
        self.body.push(Stmt::Store { buffer: 1, index, value });
    }

    fn load(&mut self, start: usize) -> Val {
        if let Some(val) = self.loaded[start / INPUTS] {
            return val;
        }
        let first = self.word(Op::U32(start as u32));
        let index = self.word(Op::UAdd(first, self.thread));
        let val = self.word(Op::Load(0, index));
        self.loaded[start / INPUTS] = Some(val);
        val
    }

    fn op(&mut self, ty: Type, op: Op) -> Val {
        let val = Val(self.ops.len() as u32);
        self.ops.push(op);
        self.types.push(ty);
        self.body.push(Stmt::Let(val));
        val
    }

    fn word(&mut self, op: Op) -> Val {
        self.op(Type::U32, op)
    }

    fn int(&mut self, op: Op) -> Val {
        self.op(Type::I32, op)
    }

    fn float(&mut self, op: Op) -> Val {
        self.op(Type::F32, op)
    }

    fn condition(&mut self, op: Op) -> Val {
        self.op(Type::Bool, op)
    }

    fn constant(&mut self, x: f32) -> Val {
        self.float(Op::F32(x.to_bits()))
    }

    /// `x * by`
    fn times(&mut self, x: Val, by: f32) -> Val {
        let by = self.constant(by);
        self.float(Op::FMul(x, by))
    }

    /// A polynomial in x, highest power first: ((c0 * x + c1) * x + c2) ...
    fn horner(&mut self, coefficients: &[f32], x: Val) -> Val {
        let mut sum = self.constant(coefficients[0]);
        for c in &coefficients[1..] {
            let product = self.float(Op::FMul(sum, x));
            let c = self.constant(*c);
            sum = self.float(Op::FAdd(product, c));
        }
        sum
    }

    /// Conditions as the bits of a word, the first one lowest.
    fn pack(&mut self, conditions: &[Val]) -> Val {
        let zero = self.word(Op::U32(0));
        conditions.iter().zip(0..).fold(zero, |word, (condition, n)| {
            let bit = self.word(Op::U32(1 << n));
            let bit = self.word(Op::Select(*condition, bit, zero));
            self.word(Op::UOr(word, bit))
        })
    }

    fn finish(self, number: usize) -> Kernel {
        let binding = |(name, access)| Binding { name, access };
        Kernel {
            name: format!("battery_{number}"),
            bindings: [("inputs", Access::Read), ("results", Access::ReadWrite)]
                .map(binding)
                .into(),
            group_size: GROUP,
            ops: self.ops,
            types: self.types,
            vars: 0,
            body: self.body,
        }
    }
}
