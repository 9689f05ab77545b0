//! Functions made of many operations: long chains are where a compiler finds most to rearrange.
//! The sequences are those of [`isospike_core::numeric::function`], line by line.

use super::Ops;
use isospike_core::ir::{Op, Val};
use isospike_core::numeric::MIN_NORMAL;
use isospike_core::numeric::function::constant as k;

/// `exp` on bits.
pub fn exp(o: &mut Ops, w: &[Val]) -> Val {
    let x = o.float(Op::BitsToF(w[0]));
    let (least, most) = (o.constant(k::EXP_MIN), o.constant(k::EXP_MAX));
    let low = o.condition(Op::FLt(x, least));
    let x = o.float(Op::Select(low, least, x));
    let high = o.condition(Op::FLt(most, x));
    let x = o.float(Op::Select(high, most, x));
    let rounder = o.constant(k::ROUNDER);
    let t = o.times(x, k::LOG2_E);
    let t = o.float(Op::FAdd(t, rounder));
    let bits = o.word(Op::FToBits(t));
    let rounder_bits = o.word(Op::U32(k::ROUNDER_BITS));
    let n = o.word(Op::USub(bits, rounder_bits));
    let n_float = o.float(Op::FSub(t, rounder));
    let high = o.times(n_float, k::LN2_HIGH);
    let r = o.float(Op::FSub(x, high));
    let low = o.times(n_float, k::LN2_LOW);
    let r = o.float(Op::FSub(r, low));
    let p = o.horner(&k::EXP, r);
    let square = o.float(Op::FMul(r, r));
    let y = o.float(Op::FMul(p, square));
    let y = o.float(Op::FAdd(y, r));
    let one = o.constant(1.0);
    let y = o.float(Op::FAdd(y, one));
    let bits = o.word(Op::FToBits(y));
    let shift = o.word(Op::UShl(n, 23));
    o.word(Op::UAdd(bits, shift))
}

/// `ln` on bits.
pub fn log(o: &mut Ops, w: &[Val]) -> Val {
    let x = o.float(Op::BitsToF(w[0]));
    let least = o.constant(MIN_NORMAL);
    let normal = o.condition(Op::FLt(least, x));
    let x = o.float(Op::Select(normal, x, least));
    let bits = o.word(Op::FToBits(x));
    let cut = o.word(Op::U32(k::SQRT_HALF_BITS));
    let exponent = o.word(Op::USub(bits, cut));
    let exponent = o.int(Op::UToI(exponent));
    let exponent = o.int(Op::ISar(exponent, 23));
    let shift = o.word(Op::IToU(exponent));
    let shift = o.word(Op::UShl(shift, 23));
    let mantissa = o.word(Op::USub(bits, shift));
    let mantissa = o.float(Op::BitsToF(mantissa));
    let n = o.float(Op::IToF(exponent));
    let one = o.constant(1.0);
    let f = o.float(Op::FSub(mantissa, one));
    let z = o.float(Op::FMul(f, f));
    let y = o.horner(&k::LOG, f);
    let y = o.float(Op::FMul(y, f));
    let y = o.float(Op::FMul(y, z));
    let low = o.times(n, k::LN2_LOW);
    let y = o.float(Op::FAdd(y, low));
    let half = o.times(z, 0.5);
    let y = o.float(Op::FSub(y, half));
    let y = o.float(Op::FAdd(f, y));
    let high = o.times(n, k::LN2_HIGH);
    let y = o.float(Op::FAdd(y, high));
    o.word(Op::FToBits(y))
}

/// The high word of a product, from products of 16-bit halves.
pub fn mul_hi(o: &mut Ops, w: &[Val]) -> Val {
    let mask = o.word(Op::U32(0xffff));
    let [a, b] = [w[0], w[1]].map(|x| (o.word(Op::UAnd(x, mask)), o.word(Op::UShr(x, 16))));
    let low = o.word(Op::UMul(a.0, b.0));
    let carry = o.word(Op::UShr(low, 16));
    let cross = o.word(Op::UMul(a.1, b.0));
    let middle = o.word(Op::UAdd(cross, carry));
    let cross = o.word(Op::UMul(a.0, b.1));
    let rest = o.word(Op::UAnd(middle, mask));
    let rest = o.word(Op::UAdd(cross, rest));
    let high = o.word(Op::UMul(a.1, b.1));
    let middle = o.word(Op::UShr(middle, 16));
    let high = o.word(Op::UAdd(high, middle));
    let rest = o.word(Op::UShr(rest, 16));
    o.word(Op::UAdd(high, rest))
}

/// The four words of Philox4x32-10 for the counter (w0, w1, w2, 1) and the key (w1, w2), combined.
pub fn philox(o: &mut Ops, w: &[Val]) -> Val {
    let one = o.word(Op::U32(1));
    let (mut c, mut key) = ([w[0], w[1], w[2], one], [w[1], w[2]]);
    let multipliers = [0xd251_1f53, 0xcd9e_8d57].map(|m| o.word(Op::U32(m)));
    let bumps = [0x9e37_79b9, 0xbb67_ae85].map(|b| o.word(Op::U32(b)));
    for round in 0..10 {
        if round > 0 {
            key = [0, 1].map(|i| o.word(Op::UAdd(key[i], bumps[i])));
        }
        let high = [0, 1].map(|i| mul_hi(o, &[multipliers[i], c[2 * i]]));
        let low = [0, 1].map(|i| o.word(Op::UMul(multipliers[i], c[2 * i])));
        let first = o.word(Op::UXor(high[1], c[1]));
        let first = o.word(Op::UXor(first, key[0]));
        let third = o.word(Op::UXor(high[0], c[3]));
        let third = o.word(Op::UXor(third, key[1]));
        c = [first, low[1], third, low[0]];
    }
    let ends = o.word(Op::UXor(c[0], c[3]));
    let sum = o.word(Op::UAdd(c[1], ends));
    o.word(Op::UXor(c[2], sum))
}
