//! The sequences of `base::numeric`, on the host and as operations, against the plain definitions
//! of oracle 1, bit for bit.

use crate::common::{Lanes, bare, edge_words, exhaustive, sampled, sequence};
use isospike_core::base::numeric::{self, function as host};
use isospike_core::base::random;
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Type, Val, eval, math};
use isospike_core::oracle::function;

/// A name, the function as operations, on the host, and its definition.
type Unary = (&'static str, fn(&mut Builder, Val) -> Val, fn(f32) -> f32, fn(f32) -> f32);

const UNARY: [Unary; 10] = [
    ("exp", math::exp, host::exp, function::exp),
    ("log", math::log, host::log, function::log),
    ("tanh", math::tanh, host::tanh, function::tanh),
    ("sin", math::sin, host::sin, function::sin),
    ("cos", math::cos, host::cos, function::cos),
    ("exprel", math::exprel, host::exprel, function::exprel),
    ("floor", math::floor, host::floor, function::floor),
    ("ceil", math::ceil, host::ceil, function::ceil),
    ("neg", math::neg, numeric::neg, function::neg),
    ("abs", math::abs, numeric::abs, function::abs),
];

/// Compares results as bits, but takes any NaN for any other: which one is not defined.
fn assert_same(name: &str, word: u32, got: u32, expected: u32) {
    let nan = |w: u32| f32::from_bits(w).is_nan();
    let same = got == expected || nan(got) && nan(expected);
    assert!(same, "{name}({word:#010x}): sequence {got:#010x}, definition {expected:#010x}");
}

fn compare_unary(words: impl Iterator<Item = u32>) {
    let mut lanes: Vec<(Lanes, Unary)> =
        UNARY.iter().map(|&f| (sequence(&[Type::F32], |b, x| f.1(b, x[0])), f)).collect();
    for word in words {
        for (lanes, (name, _, host, definition)) in &mut lanes {
            let expected = definition(f32::from_bits(word)).to_bits();
            assert_same(name, word, lanes.run(&[word]), expected);
            assert_same(name, word, host(f32::from_bits(word)).to_bits(), expected);
        }
    }
}

#[test]
fn functions_are_their_definitions() {
    compare_unary(sampled(1024));
}

#[test]
#[ignore = "exhaustive: all 2^32 words of ten functions, hours"]
fn functions_are_their_definitions_everywhere() {
    compare_unary(exhaustive());
}

#[test]
fn functions_of_two_and_of_words_are_their_definitions() {
    type OfTwo = fn(f32, f32) -> f32;
    type Binary = (&'static str, fn(&mut Builder, Val, Val) -> Val, OfTwo, OfTwo);
    let binary: [Binary; 3] = [
        ("min", math::min, host::min, function::min),
        ("max", math::max, host::max, function::max),
        ("pow", math::pow, host::pow, function::pow),
    ];
    for (name, build, host, definition) in binary {
        let mut lanes = sequence(&[Type::F32; 2], |b, x| build(b, x[0], x[1]));
        for a in sampled(4) {
            for b in edge_words() {
                let (x, y) = (f32::from_bits(a), f32::from_bits(b));
                let expected = definition(x, y).to_bits();
                assert_same(name, a, lanes.run(&[a, b]), expected);
                assert_same(name, a, host(x, y).to_bits(), expected);
            }
        }
    }
    let mut cosine = sequence(&[Type::U32], |b, x| math::cos2pi(b, x[0]));
    let mut uniform = sequence(&[Type::U32], |b, x| math::uniform(b, x[0]));
    let mut normal = sequence(&[Type::U32; 2], |b, x| math::normal(b, x[0], x[1]));
    let mut flush = sequence(&[Type::F32], |b, x| math::flush(b, x[0]));
    let mut word = 1_u32;
    for i in 0..1_000_000 {
        let expected = function::cos2pi(word).to_bits();
        assert_same("cos2pi", word, cosine.run(&[word]), expected);
        assert_same("cos2pi", word, host::cos2pi(word).to_bits(), expected);
        let expected = function::uniform(word).to_bits();
        assert_same("uniform", word, uniform.run(&[word]), expected);
        assert_same("uniform", word, random::uniform(word).to_bits(), expected);
        let other = word.rotate_left(16) ^ i;
        let expected = function::normal(word, other).to_bits();
        assert_same("normal", word, normal.run(&[word, other]), expected);
        assert_same("normal", word, host::normal(word, other).to_bits(), expected);
        assert_eq!(flush.run(&[word]), numeric::flush_bits(word));
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    }
    for n in 0..=16 {
        let mut power = sequence(&[Type::F32], |b, x| math::pow_integer(b, x[0], n));
        for x in sampled(2) {
            let expected = function::pow_integer(f32::from_bits(x), n).to_bits();
            assert_same("pow_integer", x, power.run(&[x]), expected);
            let on_host = host::pow_integer(f32::from_bits(x), n).to_bits();
            assert_same("pow_integer", x, on_host, expected);
        }
    }
    let mut clamp = sequence(&[Type::F32; 3], |b, x| math::clamp(b, x[0], x[1], x[2]));
    for x in edge_words() {
        let (lo, hi) = (-1.5_f32, 2.0_f32);
        let expected = function::clamp(f32::from_bits(x), lo, hi).to_bits();
        assert_same("clamp", x, clamp.run(&[x, lo.to_bits(), hi.to_bits()]), expected);
        assert_same("clamp", x, host::clamp(f32::from_bits(x), lo, hi).to_bits(), expected);
    }
}

#[test]
fn philox_and_draws_are_their_definitions() {
    let seed = 0xfeed_beef_1234_5678_u64;
    let key = random::key(seed);
    for which in 0..4 {
        let one = |b: &mut Builder, x: &[Val]| {
            math::philox(b, [x[0], x[1], x[2], x[3]], [x[4], x[5]])[which]
        };
        for mut lanes in [sequence(&[Type::U32; 6], one), bare(&[Type::U32; 6], one)] {
            for seed in 0..2000_u32 {
                let counter = [0, 1, 2, 3].map(|i| (seed * 4 + i).wrapping_mul(0x9e37_79b9));
                let expected = function::philox(counter, key)[which];
                assert_eq!(random::philox(counter, key)[which], expected);
                let [a, b, c, d] = counter;
                assert_eq!(lanes.run(&[a, b, c, d, key[0], key[1]]), expected);
            }
        }
    }
    let mut draw = sequence(&[Type::U32; 4], |b, x| {
        let copy = b.u32(3 << 16);
        let stream = b.u32(9);
        math::random_word(b, [x[2], x[3]], x[0], x[1], stream, 4, copy)
    });
    for neuron in 0..500 {
        let expected = random::word(seed, neuron, 17, 9, 4, 3);
        assert_eq!(draw.run(&[neuron, 17, key[0], key[1]]), expected);
    }
}

#[test]
fn every_operation_has_its_bits_at_the_edges() {
    use isospike_core::ir::Op;
    let v = |n: u32| Val(n);
    for a in edge_words() {
        for b in edge_words() {
            let word = |op: Op| eval::word(op, |val| if val.0 == 0 { a } else { b });
            let (fa, fb) = (f32::from_bits(a), f32::from_bits(b));
            assert_eq!(word(Op::FLt(v(0), v(1))), Some(u32::from(fa < fb)));
            assert_eq!(word(Op::FLe(v(0), v(1))), Some(u32::from(fa <= fb)));
            assert_eq!(word(Op::FEq(v(0), v(1))), Some(u32::from(fa == fb)));
            for (op, exact) in [
                (Op::FAdd(v(0), v(1)), f64::from(fa) + f64::from(fb)),
                (Op::FSub(v(0), v(1)), f64::from(fa) - f64::from(fb)),
                (Op::FMul(v(0), v(1)), f64::from(fa) * f64::from(fb)),
            ] {
                // f64 holds products of f32 exactly and sums to 53 bits, enough for one rounding.
                assert_same(&format!("{op:?}"), a, word(op).unwrap(), (exact as f32).to_bits());
            }
            let wide = (i64::from(a as i32), i64::from(b as i32));
            assert_eq!(word(Op::IAdd(v(0), v(1))), Some((wide.0 + wide.1) as u32));
            assert_eq!(word(Op::ISub(v(0), v(1))), Some((wide.0 - wide.1) as u32));
            assert_eq!(word(Op::IMul(v(0), v(1))), Some((wide.0 * wide.1) as u32));
            assert_eq!(word(Op::ILt(v(0), v(1))), Some(u32::from(wide.0 < wide.1)));
            assert_eq!(word(Op::ULt(v(0), v(1))), Some(u32::from(a < b)));
            let product = u64::from(a) * u64::from(b);
            assert_eq!(word(Op::UMul(v(0), v(1))), Some(product as u32));
            assert_eq!(word(Op::UMulHi(v(0), v(1))), Some((product >> 32) as u32));
            assert_eq!(word(Op::Select(v(0), v(0), v(1))), Some(if a != 0 { a } else { b }));
        }
        let word = |op: Op| eval::word(op, |_| a);
        for n in 0..32 {
            let floored = i64::from(a as i32).div_euclid(1 << n);
            assert_eq!(word(Op::ISar(v(0), n)), Some(floored as u32));
            assert_eq!(word(Op::UShr(v(0), n)), Some((u64::from(a) >> n) as u32));
            assert_eq!(word(Op::UShl(v(0), n)), Some((u64::from(a) << n) as u32));
        }
        assert_eq!(word(Op::UDiv(v(0), 7)), Some(a / 7));
        assert_eq!(word(Op::URem(v(0), 7)), Some(a % 7));
        assert_eq!(word(Op::IToF(v(0))), Some((f64::from(a as i32) as f32).to_bits()));
    }
}

#[test]
fn floor_and_ceil_are_libm() {
    for word in sampled(1024).chain(edge_words()) {
        let x = f32::from_bits(word);
        if !x.is_nan() {
            assert_eq!(function::floor(x), libm::floorf(x), "{x}");
            assert_eq!(function::ceil(x), libm::ceilf(x), "{x}");
        }
    }
}
