//! Pure operations on words: floats are their bits, conditions are 0 or 1.

use crate::ir::{Op, Val};
use crate::numeric;

/// The result of an operation that depends on its operands alone; `None` for leaves.
pub fn pure(op: Op, get: impl Fn(Val) -> u32) -> Option<u32> {
    float(op, &get).or_else(|| integer(op, &get)).or_else(|| other(op, &get))
}

fn float(op: Op, get: &impl Fn(Val) -> u32) -> Option<u32> {
    let f = |val| f32::from_bits(get(val));
    Some(match op {
        Op::FAdd(a, b) => (f(a) + f(b)).to_bits(),
        Op::FSub(a, b) => (f(a) - f(b)).to_bits(),
        Op::FMul(a, b) => (f(a) * f(b)).to_bits(),
        Op::FDiv(a, b) => numeric::div(f(a), f(b)).to_bits(),
        Op::FSqrt(a) => numeric::sqrt(f(a)).to_bits(),
        Op::FLt(a, b) => u32::from(f(a) < f(b)),
        Op::FLe(a, b) => u32::from(f(a) <= f(b)),
        Op::FEq(a, b) => u32::from(f(a) == f(b)),
        Op::IToF(a) => numeric::int_to_float(get(a) as i32).to_bits(),
        Op::FToI(a) => numeric::float_to_int(f(a)) as u32,
        _ => return None,
    })
}

fn integer(op: Op, get: &impl Fn(Val) -> u32) -> Option<u32> {
    Some(match op {
        Op::IAdd(a, b) | Op::UAdd(a, b) => get(a).wrapping_add(get(b)),
        Op::ISub(a, b) | Op::USub(a, b) => get(a).wrapping_sub(get(b)),
        Op::IMul(a, b) | Op::UMul(a, b) => get(a).wrapping_mul(get(b)),
        Op::ISar(a, n) => ((get(a) as i32) >> n) as u32,
        Op::ILt(a, b) => u32::from((get(a) as i32) < get(b) as i32),
        Op::ULt(a, b) => u32::from(get(a) < get(b)),
        Op::IEq(a, b) | Op::UEq(a, b) => u32::from(get(a) == get(b)),
        Op::UMulHi(a, b) => numeric::mul_hi(get(a), get(b)),
        Op::UDiv(a, n) => get(a) / n,
        Op::URem(a, n) => get(a) % n,
        Op::UAnd(a, b) | Op::And(a, b) => get(a) & get(b),
        Op::UOr(a, b) | Op::Or(a, b) => get(a) | get(b),
        Op::UXor(a, b) => get(a) ^ get(b),
        Op::UShl(a, n) => get(a) << n,
        Op::UShr(a, n) => get(a) >> n,
        Op::UShlBy(a, b) => get(a) << get(b),
        Op::UShrBy(a, b) => get(a) >> get(b),
        _ => return None,
    })
}

fn other(op: Op, get: &impl Fn(Val) -> u32) -> Option<u32> {
    Some(match op {
        Op::F32(bits) => bits,
        Op::I32(value) => value as u32,
        Op::U32(value) => value,
        Op::Bool(value) => u32::from(value),
        Op::Not(a) => 1 - get(a),
        Op::Select(c, a, b) => get(if get(c) != 0 { a } else { b }),
        Op::FToBits(a) | Op::BitsToF(a) | Op::IToU(a) | Op::UToI(a) => get(a),
        _ => return None,
    })
}
