//! Liberties of a backend: nothing of it is red. A suite that catches everything proves nothing.

use crate::tampered::Tamper;
use crate::wrong::{Site, tampered};
use isospike_conformance::Opened;
use isospike_core::ir::{Guarantees, Op, Val};
use isospike_core::oracle::kernel::Machine;

/// Returns a backend that takes the liberty of subnormals, in all the wrappers of the faults, and
/// has no fault.
pub fn liberal() -> Opened {
    tampered(Machine::new(Guarantees::ALL).with_deviation(flush_subnormals), Nothing)
}

#[derive(Clone)]
struct Nothing;

impl Tamper for Nothing {}

/// Subnormal operands and results are zeros of their sign, as on devices that flush.
fn flush_subnormals(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let flushed = |x: f32| if x.is_subnormal() { 0.0_f32.copysign(x) } else { x };
    let f = |val| flushed(s.f(val));
    Some(match s.op(at) {
        Op::FAdd(a, b) => flushed(f(a) + f(b)).to_bits(),
        Op::FSub(a, b) => flushed(f(a) - f(b)).to_bits(),
        Op::FMul(a, b) => flushed(f(a) * f(b)).to_bits(),
        Op::FDiv(a, b) => flushed(f(a) / f(b)).to_bits(),
        Op::FLt(a, b) => u32::from(f(a) < f(b)),
        Op::FLe(a, b) => u32::from(f(a) <= f(b)),
        Op::FEq(a, b) => u32::from(f(a) == f(b)),
        _ => return None,
    })
}
