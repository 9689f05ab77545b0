//! What the battery computes: each case once as operations and once as plain Rust.

use super::Ops;
use super::functions;
use super::inputs::Column::{self, Any, Near, Wide, Word};
use super::inputs::Inputs;
use isospike_core::ir::{Op, Val};
use isospike_core::{numeric, random};

/// One function of up to three operands.
pub struct Case {
    /// What a message calls it.
    pub name: &'static str,
    /// Where its operands come from.
    pub columns: &'static [Column],
    /// Its operations, on the operands as U32; gives a U32.
    pub build: fn(&mut Ops, &[Val]) -> Val,
    /// The right word.
    pub expected: fn(&[u32]) -> u32,
}

impl Case {
    /// The operands of input `i`.
    pub fn operands(&self, inputs: &Inputs, i: usize) -> Vec<u32> {
        self.columns.iter().map(|c| inputs.words[c.start() + i]).collect()
    }
}

/// 1.5 * 2^23: adding and subtracting it rounds to an integer, unless a compiler knows better.
const MAGIC: f32 = 12_582_912.0;

/// A case on floats that gives a float.
macro_rules! floats {
    ($name:literal, $columns:expr, $build:expr, $expected:expr) => {
        Case {
            name: $name,
            columns: &$columns,
            build: |o, words| {
                let xs: Vec<Val> = words.iter().map(|w| o.float(Op::BitsToF(*w))).collect();
                let build: fn(&mut Ops, &[Val]) -> Val = $build;
                let result = build(o, &xs);
                o.word(Op::FToBits(result))
            },
            expected: |words| {
                let at = |i: usize| f32::from_bits(words.get(i).copied().unwrap_or(0));
                let expected: fn(f32, f32, f32) -> f32 = $expected;
                expected(at(0), at(1), at(2)).to_bits()
            },
        }
    };
}

/// A case on words.
macro_rules! words {
    ($name:literal, $columns:expr, $build:expr, $expected:expr) => {
        Case { name: $name, columns: &$columns, build: $build, expected: $expected }
    };
}

/// All cases. The first ones are those that drivers are known to get wrong.
pub static CASES: [Case; 23] = [
    floats!(
        "(x + 12582912) - 12582912",
        [Near],
        |o, x| {
            let magic = o.constant(MAGIC);
            let sum = o.float(Op::FAdd(x[0], magic));
            o.float(Op::FSub(sum, magic))
        },
        |x, _, _| (x + MAGIC) - MAGIC
    ),
    floats!(
        "x * y + z",
        [Wide(0), Wide(1), Wide(2)],
        |o, x| {
            let product = o.float(Op::FMul(x[0], x[1]));
            o.float(Op::FAdd(product, x[2]))
        },
        |x, y, z| x * y + z
    ),
    floats!(
        "x - y * z",
        [Near, Wide(1), Wide(2)],
        |o, x| {
            let product = o.float(Op::FMul(x[1], x[2]));
            o.float(Op::FSub(x[0], product))
        },
        |x, y, z| x - y * z
    ),
    floats!(
        "(x * 1.1) * 0.7",
        [Wide(0)],
        |o, x| {
            let (a, b) = (o.constant(1.1), o.constant(0.7));
            let product = o.float(Op::FMul(x[0], a));
            o.float(Op::FMul(product, b))
        },
        |x, _, _| (x * 1.1) * 0.7
    ),
    floats!(
        "(x + 1.1) + 0.7",
        [Near],
        |o, x| {
            let (a, b) = (o.constant(1.1), o.constant(0.7));
            let sum = o.float(Op::FAdd(x[0], a));
            o.float(Op::FAdd(sum, b))
        },
        |x, _, _| (x + 1.1) + 0.7
    ),
    floats!(
        "(x + y) - x",
        [Wide(0), Wide(1)],
        |o, x| {
            let sum = o.float(Op::FAdd(x[0], x[1]));
            o.float(Op::FSub(sum, x[0]))
        },
        |x, y, _| (x + y) - x
    ),
    floats!(
        "x * y + x * z",
        [Wide(0), Wide(1), Wide(2)],
        |o, x| {
            let a = o.float(Op::FMul(x[0], x[1]));
            let b = o.float(Op::FMul(x[0], x[2]));
            o.float(Op::FAdd(a, b))
        },
        |x, y, z| x * y + x * z
    ),
    floats!("x + y", [Wide(0), Near], |o, x| o.float(Op::FAdd(x[0], x[1])), |x, y, _| x + y),
    floats!("x - y", [Wide(0), Near], |o, x| o.float(Op::FSub(x[0], x[1])), |x, y, _| x - y),
    floats!("x * y", [Wide(0), Wide(1)], |o, x| o.float(Op::FMul(x[0], x[1])), |x, y, _| x * y),
    words!("x < y, x <= y, x <= 1, x == 1", [Near, Wide(0)], build_float_comparisons, |w| {
        let (x, y) = (f32::from_bits(w[0]), f32::from_bits(w[1]));
        bits(&[x < y, x <= y, x <= 1.0, x == 1.0])
    }),
    words!(
        "float to integer",
        [Near],
        |o, w| {
            let x = o.float(Op::BitsToF(w[0]));
            let scale = o.constant(8_388_608.0);
            let scaled = o.float(Op::FMul(x, scale));
            let integer = o.int(Op::FToI(scaled));
            o.word(Op::IToU(integer))
        },
        |w| numeric::float_to_int(f32::from_bits(w[0]) * 8_388_608.0) as u32
    ),
    words!(
        "24-bit integer to float",
        [Word(0)],
        |o, w| {
            let integer = o.int(Op::UToI(w[0]));
            let short = o.int(Op::ISar(integer, 8));
            let float = o.float(Op::IToF(short));
            o.word(Op::FToBits(float))
        },
        |w| ((w[0] as i32 >> 8) as f32).to_bits()
    ),
    words!("flush", [Any], build_flush, |w| numeric::flush_bits(w[0])),
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
        |o, w| {
            let quotient = o.word(Op::UDiv(w[0], 10));
            let rest = o.word(Op::URem(w[0], 77_169));
            o.word(Op::UXor(quotient, rest))
        },
        |w| (w[0] / 10) ^ (w[0] % 77_169)
    ),
    words!("integer comparisons", [Word(0), Word(1)], build_integer_comparisons, |w| {
        let (a, b) = (w[0] as i32, w[1] as i32);
        let pairs = [a < b, w[0] < w[1], a == b, w[0] == w[1], a < b && w[0] < w[1]];
        bits(&pairs)
    }),
    words!(
        "& and |",
        [Word(0), Word(1), Word(2)],
        |o, w| {
            let both = o.word(Op::UAnd(w[0], w[1]));
            o.word(Op::UOr(both, w[2]))
        },
        |w| (w[0] & w[1]) | w[2]
    ),
    words!("exp", [Near], functions::exp, |w| numeric::function::exp(f32::from_bits(w[0]))
        .to_bits()),
    words!("ln", [Any], functions::log, |w| numeric::function::log(f32::from_bits(w[0])).to_bits()),
    words!("high word of a product", [Word(0), Word(1)], functions::mul_hi, |w| {
        numeric::mul_hi(w[0], w[1])
    }),
    words!("Philox4x32-10", [Word(0), Word(1), Word(2)], functions::philox, |w| {
        let c = random::philox([w[0], w[1], w[2], 1], [w[1], w[2]]);
        c[2] ^ c[1].wrapping_add(c[0] ^ c[3])
    }),
];

/// Conditions as the bits of a word, the first one lowest; [`Ops::pack`] on the device.
fn bits(conditions: &[bool]) -> u32 {
    conditions.iter().rev().fold(0, |bits, c| (bits << 1) | u32::from(*c))
}

fn build_float_comparisons(o: &mut Ops, w: &[Val]) -> Val {
    let (x, y) = (o.float(Op::BitsToF(w[0])), o.float(Op::BitsToF(w[1])));
    let one = o.constant(1.0);
    let conditions =
        [Op::FLt(x, y), Op::FLe(x, y), Op::FLe(x, one), Op::FEq(x, one)].map(|op| o.condition(op));
    o.pack(&conditions)
}

fn build_integer_comparisons(o: &mut Ops, w: &[Val]) -> Val {
    let (a, b) = (o.int(Op::UToI(w[0])), o.int(Op::UToI(w[1])));
    let [lt, ult, eq, ueq] =
        [Op::ILt(a, b), Op::ULt(w[0], w[1]), Op::IEq(a, b), Op::UEq(w[0], w[1])]
            .map(|op| o.condition(op));
    let both = o.condition(Op::And(lt, ult));
    o.pack(&[lt, ult, eq, ueq, both])
}

fn build_flush(o: &mut Ops, w: &[Val]) -> Val {
    let mask = o.word(Op::U32(numeric::MAGNITUDE_BITS));
    let least = o.word(Op::U32(numeric::FLUSH_BELOW_BITS));
    let zero = o.word(Op::U32(0));
    // Through a float and back, as a state word goes that is only copied.
    let float = o.float(Op::BitsToF(w[0]));
    let bits = o.word(Op::FToBits(float));
    let magnitude = o.word(Op::UAnd(bits, mask));
    let small = o.condition(Op::ULt(magnitude, least));
    o.word(Op::Select(small, zero, bits))
}

fn build_integers(o: &mut Ops, w: &[Val]) -> Val {
    let [a, b, c] = [w[0], w[1], w[2]].map(|word| o.int(Op::UToI(word)));
    let sum = o.int(Op::IAdd(a, b));
    let product = o.int(Op::IMul(sum, c));
    let signed = o.int(Op::ISub(product, a));
    let signed = o.word(Op::IToU(signed));
    let sum = o.word(Op::UAdd(w[0], signed));
    let product = o.word(Op::UMul(sum, w[1]));
    o.word(Op::USub(product, w[2]))
}

fn build_shifts(o: &mut Ops, w: &[Val]) -> Val {
    let mask = o.word(Op::U32(31));
    let by = o.word(Op::UAnd(w[1], mask));
    let signed = o.int(Op::UToI(w[0]));
    let arithmetic = o.int(Op::ISar(signed, 3));
    let arithmetic = o.word(Op::IToU(arithmetic));
    let left = o.word(Op::UShl(w[0], 31));
    let right = o.word(Op::UShr(w[0], 1));
    let constant = o.word(Op::UXor(arithmetic, left));
    let constant = o.word(Op::UXor(constant, right));
    let left = o.word(Op::UShlBy(w[0], by));
    let right = o.word(Op::UShrBy(w[0], by));
    let sum = o.word(Op::UAdd(constant, left));
    o.word(Op::USub(sum, right))
}
