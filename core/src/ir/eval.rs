//! The meaning of operations, one neuron at a time: the interpreter that tests and the machine of
//! [`crate::oracle`] use.

use super::{Input, Op, Program, Val};
use crate::base::numeric;
use crate::ops;

/// The word of an operation whose operands have the given words (Bool is 0 or 1). `None` for the
/// leaves that need a neuron or a thread.
pub fn word(op: Op, operand: impl Fn(Val) -> u32) -> Option<u32> {
    let f = |v| f32::from_bits(operand(v));
    let i = |v| operand(v) as i32;
    let u = &operand;
    let truth = |v| u(v) != 0;
    Some(match op {
        Op::F32(bits) | Op::U32(bits) => bits,
        Op::I32(value) => value as u32,
        Op::Bool(value) => u32::from(value),
        Op::FAdd(a, b) => (f(a) + f(b)).to_bits(),
        Op::FSub(a, b) => (f(a) - f(b)).to_bits(),
        Op::FMul(a, b) => (f(a) * f(b)).to_bits(),
        Op::FDiv(a, b) => numeric::div(f(a), f(b)).to_bits(),
        Op::FSqrt(a) => numeric::sqrt(f(a)).to_bits(),
        Op::FLt(a, b) => u32::from(f(a) < f(b)),
        Op::FLe(a, b) => u32::from(f(a) <= f(b)),
        Op::FEq(a, b) => u32::from(f(a) == f(b)),
        Op::IAdd(a, b) | Op::UAdd(a, b) => u(a).wrapping_add(u(b)),
        Op::ISub(a, b) | Op::USub(a, b) => u(a).wrapping_sub(u(b)),
        Op::IMul(a, b) | Op::UMul(a, b) => u(a).wrapping_mul(u(b)),
        Op::UMulHi(a, b) => numeric::mul_hi(u(a), u(b)),
        Op::ISar(a, n) => (i(a) >> n) as u32,
        Op::ILt(a, b) => u32::from(i(a) < i(b)),
        Op::IEq(a, b) | Op::UEq(a, b) => u32::from(u(a) == u(b)),
        Op::ULt(a, b) => u32::from(u(a) < u(b)),
        Op::UDiv(a, n) => u(a) / n,
        Op::URem(a, n) => u(a) % n,
        Op::UAnd(a, b) | Op::And(a, b) => u(a) & u(b),
        Op::UOr(a, b) | Op::Or(a, b) => u(a) | u(b),
        Op::UXor(a, b) => u(a) ^ u(b),
        Op::UShl(a, n) => u(a) << n,
        Op::UShr(a, n) => u(a) >> n,
        // Amounts outside 0..32 are not defined; here they wrap instead of panicking.
        Op::UShrBy(a, b) => u(a).wrapping_shr(u(b)),
        Op::UShlBy(a, b) => u(a).wrapping_shl(u(b)),
        Op::Not(a) => u32::from(!truth(a)),
        Op::Select(c, a, b) => u(if truth(c) { a } else { b }),
        Op::FToBits(a) | Op::BitsToF(a) | Op::IToU(a) | Op::UToI(a) => u(a),
        Op::IToF(a) => numeric::int_to_float(i(a)).to_bits(),
        Op::FToI(a) => numeric::float_to_int(f(a)) as u32,
        ops!(input) | ops!(memory) | ops!(thread) => return None,
    })
}

/// The results of a program for one neuron.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The bits of each state variable that has a new value, in the order of the outputs; those of
    /// floats flushed, as the store does.
    pub state: Vec<u32>,
    /// Whether the neuron spikes; false for a program without threshold.
    pub spike: bool,
}

/// Evaluates a program for one neuron; `input` gives the words of its inputs. `values` is scratch,
/// and holds every value after.
pub fn program(
    program: &Program,
    values: &mut Vec<u32>,
    mut input: impl FnMut(Input) -> u32,
) -> Outcome {
    values.clear();
    for &op in &program.ops {
        let value = if let Op::Input(named) = op {
            input(named)
        } else {
            let value = word(op, |v| values[v.0 as usize]);
            value.unwrap_or_else(|| unreachable!("{op:?} stands in kernels only"))
        };
        values.push(value);
    }
    let value = |v: Val| values[v.0 as usize];
    let stored = |(_, counts, v)| match counts {
        true => value(v),
        false => numeric::flush_bits(value(v)),
    };
    Outcome {
        state: program.next_state().map(stored).collect(),
        spike: program.spike().is_some_and(|v| value(v) != 0),
    }
}
