//! Operations and their combinations: each case as operations and as plain Rust.

use super::inputs::Column::{self, Any, Near, Wide, Word};
use super::inputs::{INPUTS, Inputs};
use crate::base::numeric;
use crate::ir::build::Builder;
use crate::ir::{Val, math};
use std::sync::OnceLock;

/// One function of up to three operands.
pub struct Case {
    /// Its name in messages.
    pub name: &'static str,
    /// The source of its operands.
    pub columns: &'static [Column],
    /// Its operations, from operands of type U32 to a U32.
    pub build: fn(&mut Builder, &[Val]) -> Val,
    /// The right word.
    pub right: fn(&[u32]) -> u32,
    /// The right words of all inputs, once they are computed.
    pub computed: OnceLock<Vec<u32>>,
}

impl Case {
    /// Returns the operands of input `i`.
    pub fn operands(&self, inputs: &Inputs, i: usize) -> Vec<u32> {
        self.columns.iter().map(|c| inputs.words[c.start() + i]).collect()
    }

    /// Returns the right words, computed once in a process.
    pub fn expected(&self, inputs: &Inputs) -> &[u32] {
        self.computed
            .get_or_init(|| (0..INPUTS).map(|i| (self.right)(&self.operands(inputs, i))).collect())
    }
}

/// 1.5 * 2^23: adding and subtracting it rounds to an integer, unless a compiler simplifies it.
const MAGIC: f32 = 12_582_912.0;

/// A case on floats that gives a float.
macro_rules! floats {
    ($name:literal, $columns:expr, $build:expr, $expected:expr) => {
        Case {
            name: $name,
            columns: &$columns,
            build: |b, words| {
                let xs: Vec<Val> = words.iter().map(|w| b.bits_to_f(*w)).collect();
                let build: fn(&mut Builder, &[Val]) -> Val = $build;
                let result = build(b, &xs);
                b.f_to_bits(result)
            },
            right: |words| {
                let at = |i: usize| f32::from_bits(words.get(i).copied().unwrap_or(0));
                let expected: fn(f32, f32, f32) -> f32 = $expected;
                expected(at(0), at(1), at(2)).to_bits()
            },
            computed: std::sync::OnceLock::new(),
        }
    };
}

/// A case on words.
macro_rules! words {
    ($name:literal, $columns:expr, $build:expr, $expected:expr) => {
        Case {
            name: $name,
            columns: &$columns,
            build: $build,
            right: $expected,
            computed: std::sync::OnceLock::new(),
        }
    };
}

pub(super) use {floats, words};

/// The cases of operations; the first ones are those that drivers are known to compute wrongly.
pub static OPERATIONS: [Case; 29] = [
    floats!(
        "(x + 12582912) - 12582912",
        [Near],
        |b, x| {
            let magic = b.f32(MAGIC);
            let sum = b.fadd(x[0], magic);
            b.fsub(sum, magic)
        },
        |x, _, _| (x + MAGIC) - MAGIC
    ),
    floats!(
        "x * y + z",
        [Wide(0), Wide(1), Wide(2)],
        |b, x| {
            let product = b.fmul(x[0], x[1]);
            b.fadd(product, x[2])
        },
        |x, y, z| x * y + z
    ),
    floats!(
        "x - y * z",
        [Near, Wide(1), Wide(2)],
        |b, x| {
            let product = b.fmul(x[1], x[2]);
            b.fsub(x[0], product)
        },
        |x, y, z| x - y * z
    ),
    floats!(
        "(x * 1.1) * 0.7",
        [Wide(0)],
        |b, x| {
            let (first, second) = (b.f32(1.1), b.f32(0.7));
            let product = b.fmul(x[0], first);
            b.fmul(product, second)
        },
        |x, _, _| (x * 1.1) * 0.7
    ),
    // Simplifying the sum leaves two barriers side by side, which must not cancel.
    floats!(
        "((x * 1.1) + 0) * 0.7",
        [Wide(0)],
        |b, x| {
            let (first, zero, second) = (b.f32(1.1), b.f32(0.0), b.f32(0.7));
            let product = b.fmul(x[0], first);
            let same = b.fadd(product, zero);
            b.fmul(same, second)
        },
        |x, _, _| ((x * 1.1) + 0.0) * 0.7
    ),
    // Two products of opposite differences: one compiler multiplies them out for the last vector of
    // a launch, where not all threads have work.
    floats!(
        "0.7 * (1.1 - x) * (y + 0.7 * (x - 1.1))",
        [Near, Wide(0)],
        |b, x| {
            let (known, factor) = (b.f32(1.1), b.f32(0.7));
            let (down, up) = (b.fsub(known, x[0]), b.fsub(x[0], known));
            let (down, up) = (b.fmul(factor, down), b.fmul(factor, up));
            let sum = b.fadd(x[1], up);
            b.fmul(down, sum)
        },
        |x, y, _| (0.7 * (1.1 - x)) * (y + 0.7 * (x - 1.1))
    ),
    floats!(
        "(x + 1.1) + 0.7",
        [Near],
        |b, x| {
            let (first, second) = (b.f32(1.1), b.f32(0.7));
            let sum = b.fadd(x[0], first);
            b.fadd(sum, second)
        },
        |x, _, _| (x + 1.1) + 0.7
    ),
    floats!(
        "(x + y) - x",
        [Wide(0), Wide(1)],
        |b, x| {
            let sum = b.fadd(x[0], x[1]);
            b.fsub(sum, x[0])
        },
        |x, y, _| (x + y) - x
    ),
    floats!(
        "x * y + x * z",
        [Wide(0), Wide(1), Wide(2)],
        |b, x| {
            let first = b.fmul(x[0], x[1]);
            let second = b.fmul(x[0], x[2]);
            b.fadd(first, second)
        },
        |x, y, z| x * y + x * z
    ),
    floats!("x + y", [Wide(0), Near], |b, x| b.fadd(x[0], x[1]), |x, y, _| x + y),
    floats!("x - y", [Wide(0), Near], |b, x| b.fsub(x[0], x[1]), |x, y, _| x - y),
    floats!("x * y", [Wide(0), Wide(1)], |b, x| b.fmul(x[0], x[1]), |x, y, _| x * y),
    words!("x < y, x <= y, x <= 1, x == 1", [Near, Wide(0)], build_float_comparisons, |w| {
        let (x, y) = (f32::from_bits(w[0]), f32::from_bits(w[1]));
        bits(&[x < y, x <= y, x <= 1.0, x == 1.0])
    }),
    words!("comparisons of any x", [Word(0), Wide(0)], build_any_comparisons, |w| {
        let (x, y) = (f32::from_bits(w[0]), f32::from_bits(w[1]));
        let (less, at_most) = (x < y, x <= y);
        bits(&[less, y < x, at_most, !less, !at_most, x == y, !x.is_nan()])
    }),
    floats!(
        "clamp(x, -y, y) of any x",
        [Word(0), Wide(0)],
        |b, x| {
            let high = math::abs(b, x[1]);
            let low = math::neg(b, high);
            math::clamp(b, x[0], low, high)
        },
        |x, y, _| numeric::function::clamp(x, -numeric::abs(y), numeric::abs(y))
    ),
    words!(
        "float to integer",
        [Near],
        |b, w| {
            let x = b.bits_to_f(w[0]);
            let scale = b.f32(8_388_608.0);
            let scaled = b.fmul(x, scale);
            let integer = b.f_to_i(scaled);
            b.i_to_u(integer)
        },
        |w| numeric::float_to_int(f32::from_bits(w[0]) * 8_388_608.0) as u32
    ),
    words!(
        "24-bit integer to float",
        [Word(0)],
        |b, w| {
            let integer = b.u_to_i(w[0]);
            let short = b.isar(integer, 8);
            let float = b.small_int_to_float(short);
            b.f_to_bits(float)
        },
        |w| ((w[0] as i32 >> 8) as f32).to_bits()
    ),
    words!(
        "flush",
        [Any],
        |b, w| {
            let x = b.bits_to_f(w[0]);
            math::flush(b, x)
        },
        |w| numeric::flush_bits(w[0])
    ),
    words!("integer + - *", [Word(0), Word(1), Word(2)], build_integers, |w| {
        let (a, b, c) = (w[0] as i32, w[1] as i32, w[2] as i32);
        let signed = a.wrapping_add(b).wrapping_mul(c).wrapping_sub(a);
        w[0].wrapping_add(signed as u32).wrapping_mul(w[1]).wrapping_sub(w[2])
    }),
    words!("shifts", [Word(0), Word(1)], build_shifts, |w| {
        let by = w[1] & 31;
        let constant = (w[0] as i32 >> 3) as u32 ^ (w[0] << 31) ^ (w[0] >> 1);
        constant.wrapping_add(w[0] << by).wrapping_sub(w[0] >> by)
    }),
    words!(
        "/ and % by a constant",
        [Word(0)],
        |b, w| {
            let quotient = b.udiv(w[0], 10);
            let rest = b.urem(w[0], 77_169);
            b.uxor(quotient, rest)
        },
        |w| (w[0] / 10) ^ (w[0] % 77_169)
    ),
    words!("integer comparisons", [Word(0), Word(1)], build_integer_comparisons, |w| {
        let (a, b) = (w[0] as i32, w[1] as i32);
        let (less, unsigned_less) = (a < b, w[0] < w[1]);
        let (both, either) = (less && unsigned_less, less || unsigned_less);
        bits(&[less, unsigned_less, a == b, w[0] == w[1], both, either, !less])
    }),
    words!(
        "& and |",
        [Word(0), Word(1), Word(2)],
        |b, w| {
            let both = b.uand(w[0], w[1]);
            b.uor(both, w[2])
        },
        |w| (w[0] & w[1]) | w[2]
    ),
    words!("high word of a product", [Word(0), Word(1)], |b, w| b.umulhi(w[0], w[1]), |w| {
        numeric::mul_hi(w[0], w[1])
    }),
    floats!("x / y", [Any, Wide(0)], |b, x| b.fdiv(x[0], x[1]), |x, y, _| numeric::div(x, y)),
    floats!("y / x", [Any, Wide(0)], |b, x| b.fdiv(x[1], x[0]), |x, y, _| numeric::div(y, x)),
    floats!("square root", [Any], |b, x| b.fsqrt(x[0]), |x, _, _| numeric::sqrt(x)),
    words!(
        "integer to float",
        [Word(0)],
        |b, w| {
            let integer = b.u_to_i(w[0]);
            let float = b.int_to_float(integer);
            b.f_to_bits(float)
        },
        |w| numeric::int_to_float(w[0] as i32).to_bits()
    ),
    floats!(
        "-|x|",
        [Any],
        |b, x| {
            let magnitude = math::abs(b, x[0]);
            math::neg(b, magnitude)
        },
        |x, _, _| numeric::neg(numeric::abs(x))
    ),
];

/// Returns conditions as the bits of a word, the first one lowest: [`pack`] on the host.
fn bits(conditions: &[bool]) -> u32 {
    conditions.iter().rev().fold(0, |bits, c| (bits << 1) | u32::from(*c))
}

/// Emits conditions as the bits of a word, the first one lowest.
fn pack(b: &mut Builder, conditions: &[Val]) -> Val {
    let zero = b.u32(0);
    conditions.iter().zip(0..).fold(zero, |word, (condition, n)| {
        let bit = b.u32(1 << n);
        let bit = b.select(*condition, bit, zero);
        b.uor(word, bit)
    })
}

fn build_float_comparisons(b: &mut Builder, w: &[Val]) -> Val {
    let (x, y) = (b.bits_to_f(w[0]), b.bits_to_f(w[1]));
    let one = b.f32(1.0);
    let conditions = [b.flt(x, y), b.fle(x, y), b.fle(x, one), b.feq(x, one)];
    pack(b, &conditions)
}

fn build_any_comparisons(b: &mut Builder, w: &[Val]) -> Val {
    let (x, y) = (b.bits_to_f(w[0]), b.bits_to_f(w[1]));
    let (less, above, at_most) = (b.flt(x, y), b.flt(y, x), b.fle(x, y));
    let (not_less, not_at_most) = (b.not(less), b.not(at_most));
    let (equal, number) = (b.feq(x, y), b.feq(x, x));
    pack(b, &[less, above, at_most, not_less, not_at_most, equal, number])
}

fn build_integer_comparisons(b: &mut Builder, w: &[Val]) -> Val {
    let (x, y) = (b.u_to_i(w[0]), b.u_to_i(w[1]));
    let (less, unsigned_less) = (b.ilt(x, y), b.ult(w[0], w[1]));
    let (equal, unsigned_equal) = (b.ieq(x, y), b.ueq(w[0], w[1]));
    let both = b.and(less, unsigned_less);
    let either = b.or(less, unsigned_less);
    let not = b.not(less);
    pack(b, &[less, unsigned_less, equal, unsigned_equal, both, either, not])
}

fn build_integers(b: &mut Builder, w: &[Val]) -> Val {
    let [x, y, z] = [w[0], w[1], w[2]].map(|word| b.u_to_i(word));
    let sum = b.iadd(x, y);
    let product = b.imul(sum, z);
    let signed = b.isub(product, x);
    let signed = b.i_to_u(signed);
    let sum = b.uadd(w[0], signed);
    let product = b.umul(sum, w[1]);
    b.usub(product, w[2])
}

fn build_shifts(b: &mut Builder, w: &[Val]) -> Val {
    let mask = b.u32(31);
    let by = b.uand(w[1], mask);
    let signed = b.u_to_i(w[0]);
    let arithmetic = b.isar(signed, 3);
    let arithmetic = b.i_to_u(arithmetic);
    let left = b.ushl(w[0], 31);
    let right = b.ushr(w[0], 1);
    let constant = b.uxor(arithmetic, left);
    let constant = b.uxor(constant, right);
    let left = b.ushl_by(w[0], by);
    let right = b.ushr_by(w[0], by);
    let sum = b.uadd(constant, left);
    b.usub(sum, right)
}
