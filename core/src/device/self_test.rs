//! The self-test before the first network: every kind of arithmetic that kernels use, on 65,533
//! inputs each, against the definitions of [`crate::base::numeric`].
//!
//! Each device runs it, because compilers break guarantees that their drivers give. Every word is
//! compared, not a digest of them, so that a failure can name the first input that differs.

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
/// The operations after which a kernel takes no more cases: few kernels, none of which takes a
/// compiler seconds.
const KERNEL_OPS: usize = 1_500;

/// The first input of a function for which the result of a device is not the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The function.
    pub function: &'static str,
    /// The bits of its operands.
    pub inputs: Vec<u32>,
    /// The bits of the device's result.
    pub got: u32,
    /// The right bits.
    pub expected: u32,
    /// The number of inputs, out of 65,533, with a wrong result.
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

/// A device that can be proved: it has an identity and a contraction guard.
pub trait Provable: Device {
    /// Returns a text that no other device of the process, or another driver of it, has.
    fn identity(&self) -> String;

    /// Names the present contraction guard: `no-contraction`.
    fn contraction_guard(&self) -> &'static str;

    /// Returns the reason why the present contraction guard does not hold, where that is known
    /// beforehand: a compiler that respects it in the kernels of the self-test and not in others.
    fn known_fault(&self) -> Option<String> {
        None
    }

    /// Takes a stronger contraction guard for kernels compiled from now on; false where there is
    /// none.
    fn strengthen(&mut self) -> bool;

    /// Adds a note for users to [`Device::info`].
    fn note(&mut self, note: String);
}

/// Proves a device. One that fails takes a stronger contraction guard, if it has one, and runs the
/// self-test again. With `fixed`, a user has chosen the guard, and no other is taken.
///
/// A device runs the self-test once in a process with each guard.
///
/// # Errors
/// [`BackendError::Kernel`] with the first function that differs, or the known fault.
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

/// Returns the verdict on a device with its present contraction guard, from one run in a process.
fn verdict<D: Provable>(device: &mut D) -> Result<Verdict, BackendError> {
    VERDICTS.get((device.identity(), device.contraction_guard()), || {
        let start = Instant::now();
        Ok(Verdict { mismatch: run(device)?, took: start.elapsed() })
    })
}

/// Runs all cases and returns the first mismatch, if there is one.
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

/// Returns all cases. The first ones are those that drivers are known to compute wrongly.
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

/// Returns the kernels of the self-test for a device with these guarantees.
pub fn kernels(guarantees: Guarantees) -> impl Iterator<Item = Kernel> {
    cut(guarantees).into_iter().map(|(_, kernel)| kernel)
}

/// Returns the kernels, each with its cases in order.
fn cut(guarantees: Guarantees) -> Vec<(Vec<&'static Case>, Kernel)> {
    let mut cases = all().peekable();
    let mut kernels = Vec::new();
    while cases.peek().is_some() {
        let mut builder =
            KernelBuilder::new(format!("self_test_{}", kernels.len()), GROUP, guarantees);
        // Bound as state is: some compilers rearrange floats only where stores may alias loads.
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

/// Appends the computation of a case on input number `thread`, as the kernel's case number `place`.
/// Returns the number of operations so far.
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
