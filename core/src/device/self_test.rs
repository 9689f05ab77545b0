//! The start-up self-test: every kind of arithmetic that kernels use, on 65,533 inputs each,
//! against the definitions of [`crate::base::numeric`].
//!
//! A driver's promise is worth what its compiler does today, so each device is asked. Every word
//! is compared, not a digest of them, so that a failure can name the first input that differs.

mod cases;
mod functions;
mod inputs;
mod verdict;

use super::{Device, Launch};
use crate::base::progress;
use crate::ir::kernel::KernelBuilder;
use crate::ir::verify::Verified;
use crate::ir::{Access, Guarantees, Kernel, Op, Val};
use crate::run::backend::BackendError;
use cases::{Case, OPERATIONS};
use functions::FUNCTIONS;
use inputs::{INPUTS, Inputs};
use std::fmt;
use std::time::Instant;
use verdict::{VERDICTS, Verdict};

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
    /// How many of the 65,533 inputs differ.
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

/// A device that can be proved: it can be told from others, and knows how it protects floats.
pub trait Provable: Device {
    /// What tells this device, with this driver, from all others of the process.
    fn identity(&self) -> String;

    /// How floats are protected now: `no-contraction`.
    fn contraction_guard(&self) -> &'static str;

    /// Says why the present protection does not hold, where that is known beforehand: a compiler
    /// that keeps its word in the kernels of the self-test and breaks it in others.
    fn known_fault(&self) -> Option<String> {
        None
    }

    /// Takes a stronger protection for kernels compiled from now on; false where there is none.
    fn strengthen(&mut self) -> bool;

    /// Adds something that a user should know to [`Device::info`].
    fn note(&mut self, note: String);
}

/// Proves a device; one that fails takes stronger protection, where it has it, and is asked again.
/// `fixed`: the protection was asked for, so there is no other to take.
///
/// A device is asked once in a process for each protection; after that the answer is remembered.
///
/// Errors: [`BackendError::Kernel`] with the first function that differs, or the known fault.
pub fn prove<D: Provable>(device: &mut D, fixed: bool) -> Result<(), BackendError> {
    loop {
        let contraction_guard = device.contraction_guard();
        let why = match device.known_fault() {
            Some(fault) => fault,
            None => {
                let Verdict { mismatch, took } = verdict(device)?;
                let Some(mismatch) = mismatch else {
                    device.note(format!(
                        "floats protected by {contraction_guard}; {} functions proved on {INPUTS} inputs \
                         each in {} ms",
                        all().count(),
                        took.as_millis()
                    ));
                    return Ok(());
                };
                mismatch.to_string()
            }
        };
        if fixed || !device.strengthen() {
            return Err(BackendError::Kernel(format!(
                "{} cannot be used: with the protection {contraction_guard}, {why}",
                device.info().device
            )));
        }
        device.note(format!("{contraction_guard} does not hold here: {why}"));
    }
}

/// Asks a device with its present protection, once in a process.
fn verdict<D: Provable>(device: &mut D) -> Result<Verdict, BackendError> {
    VERDICTS.get((device.identity(), device.contraction_guard()), || {
        let start = Instant::now();
        Ok(Verdict { mismatch: run(device)?, took: start.elapsed() })
    })
}

/// Runs all cases; the first that differs, if one does.
pub fn run<D: Device>(device: &mut D) -> Result<Option<Mismatch>, BackendError> {
    let inputs = Inputs::shared();
    let from = device.alloc(inputs.words.len() as u64)?;
    device.write(&from, 0, &inputs.words)?;
    let kernels = cut(device.guarantees());
    progress::begin("proving the arithmetic of the device", kernels.len() as u64);
    for (cases, kernel) in kernels {
        let to = device.alloc((cases.len() * INPUTS) as u64)?;
        let lengths = [inputs.words.len(), cases.len() * INPUTS].map(|words| words as u64);
        let kernel = Verified::new(&kernel, &lengths).map_err(BackendError::Kernel)?;
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
        progress::advance(1);
    }
    Ok(None)
}

/// All cases. The first ones are those that drivers are known to get wrong.
fn all() -> impl Iterator<Item = &'static Case> {
    OPERATIONS.iter().chain(&FUNCTIONS)
}

fn compare(case: &Case, inputs: &Inputs, got: &[u32]) -> Option<Mismatch> {
    let expected = case.expected(inputs);
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

/// The kernels that a device with these promises is asked to run.
pub fn kernels(guarantees: Guarantees) -> impl Iterator<Item = Kernel> {
    cut(guarantees).into_iter().map(|(_, kernel)| kernel)
}

/// The kernels, each with the cases it computes, in order.
fn cut(guarantees: Guarantees) -> Vec<(Vec<&'static Case>, Kernel)> {
    let mut cases = all().peekable();
    let mut kernels = Vec::new();
    while cases.peek().is_some() {
        let mut builder =
            KernelBuilder::new(format!("battery_{}", kernels.len()), GROUP, guarantees);
        // As state is bound: some compilers rearrange floats only where stores may reach loads.
        let from = builder.bind("inputs", Access::ReadWrite);
        let to = builder.bind("results", Access::ReadWrite);
        let thread = builder.emit(Op::ThreadId);
        let count = builder.u32(INPUTS as u32);
        let has_input = builder.emit(Op::ULt(thread, count));
        let mut taken: Vec<&Case> = Vec::new();
        builder.when(has_input, |builder| {
            let mut ops = 0;
            while ops < KERNEL_OPS
                && let Some(case) = cases.next()
            {
                ops = append(builder, case, [from, to], thread, taken.len());
                taken.push(case);
            }
        });
        kernels.push((taken, builder.finish()));
    }
    kernels
}

/// Computes a case on input number `thread` and stores the result among the kernel's `place`-th.
/// Gives the number of operations so far.
fn append(
    b: &mut KernelBuilder,
    case: &Case,
    [from, to]: [u32; 2],
    thread: Val,
    place: usize,
) -> usize {
    let mut operands = Vec::with_capacity(case.columns.len());
    for column in case.columns {
        let start = b.u32(column.start() as u32);
        let index = b.uadd(start, thread);
        // Loaded anew for each case, so that no case reuses what another has computed.
        operands.push(b.load(from, index));
    }
    let value = (case.build)(b, &operands);
    let start = b.u32((place * INPUTS) as u32);
    let index = b.uadd(start, thread);
    b.store(to, index, value);
    value.0.max(index.0) as usize + 1
}
