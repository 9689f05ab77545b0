//! Division, square root, conversion and high product without the device's own: the same bits.
//!
//! Random operands alone would miss what is hard: quotients next to a rounding boundary, and the
//! ends of the exponent range.

use crate::common::{Lanes, bare, edge_words, exhaustive, guarded, sampled, sequence};
use isospike_core::base::numeric;
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Type, Val, math};

fn quotient(lanes: &mut Lanes, a: u32, b: u32) {
    let expected = numeric::div(f32::from_bits(a), f32::from_bits(b));
    let got = lanes.run(&[a, b]);
    let same = got == expected.to_bits() || f32::from_bits(got).is_nan() && expected.is_nan();
    assert!(same, "{a:#010x} / {b:#010x}: {got:#010x}, not {:#010x}", expected.to_bits());
}

fn root(lanes: &mut Lanes, a: u32) {
    let expected = numeric::sqrt(f32::from_bits(a));
    let got = lanes.run(&[a]);
    let same = got == expected.to_bits() || f32::from_bits(got).is_nan() && expected.is_nan();
    assert!(same, "sqrt({a:#010x}): {got:#010x}, not {:#010x}", expected.to_bits());
}

/// Every implementation of division: guarded native, Newton's guess, and guesses that are off.
fn divisions() -> Vec<Lanes> {
    let types = [Type::F32; 2];
    let mut all =
        vec![guarded(&types, |e, x| e.fdiv(x[0], x[1])), bare(&types, |e, x| e.fdiv(x[0], x[1]))];
    for off in -3..=3 {
        all.push(sequence(&types, |e, x| {
            math::div_rn_from_guess(e, x[0], x[1], |e, a, b| {
                let exact = e.fdiv(a, b);
                moved(e, exact, off)
            })
        }));
    }
    all
}

fn roots() -> Vec<Lanes> {
    let mut all =
        vec![guarded(&[Type::F32], |e, x| e.fsqrt(x[0])), bare(&[Type::F32], |e, x| e.fsqrt(x[0]))];
    for off in -3..=3 {
        all.push(sequence(&[Type::F32], |e, x| {
            math::sqrt_rn_from_guess(e, x[0], |e, a| {
                let exact = e.fsqrt(a);
                moved(e, exact, off)
            })
        }));
    }
    all
}

/// A float in [1, 2), so many units in the last place of 1 away.
fn moved(e: &mut Builder, x: Val, units: i32) -> Val {
    let offset = e.f32(units as f32 / 8_388_608.0);
    e.fadd(x, offset)
}

/// A sequence of words without pattern.
fn words(seed: u32) -> impl Iterator<Item = u32> {
    (0..).flat_map(move |i| isospike_core::base::random::philox([i, 0, 0, 0], [seed, 0]))
}

#[test]
fn division_at_the_edges() {
    for lanes in &mut divisions() {
        for a in edge_words() {
            for b in edge_words() {
                quotient(lanes, a, b);
            }
        }
        // Quotients around 2^-126 and around the largest float.
        for a in sampled(3) {
            for exponent in 120..136_u32 {
                let b = (a >> 23 & 0xff).wrapping_add(exponent).wrapping_sub(1) % 256;
                quotient(lanes, a, b << 23 | 0x2f_1234);
                quotient(lanes, a, b << 23 | (a & 0x7f_ffff));
                quotient(lanes, a | 0x7f_ffff, b << 23);
            }
        }
    }
}

#[test]
fn division_of_random_words() {
    let mut words = words(1);
    for (i, lanes) in divisions().iter_mut().enumerate() {
        // The first two are what devices run; the others only differ in the guess.
        for _ in 0..if i < 2 { 4_000_000 } else { 100_000 } {
            if let (Some(a), Some(b)) = (words.next(), words.next()) {
                quotient(lanes, a, b);
            }
        }
    }
}

#[test]
fn division_next_to_a_rounding_boundary() {
    // a = the rounded product of q + 1/2 unit and b: the quotient is next to half-way.
    for lanes in &mut divisions() {
        for w in words(2).take(60_000) {
            let b = f32::from_bits(0x3f80_0000 | (w & 0x7f_ffff));
            let q = f64::from(f32::from_bits(0x3f80_0000 | w >> 9)) + libm::exp2(-24.0);
            let a = (q * f64::from(b)) as f32;
            for a in [a.to_bits() - 1, a.to_bits(), a.to_bits() + 1] {
                quotient(lanes, a, b.to_bits());
            }
        }
    }
}

#[test]
fn square_roots() {
    for lanes in &mut roots() {
        sampled(400).for_each(|a| root(lanes, a));
        // Next to half-way between two roots, and next to perfect squares.
        for w in words(3).take(40_000) {
            let q = f64::from(f32::from_bits(0x3f80_0000 | w >> 9));
            for q in [q, q + libm::exp2(-24.0)] {
                let square = ((q * q) as f32).to_bits();
                (square - 1..=square + 1).for_each(|a| root(lanes, a));
            }
        }
    }
}

#[test]
#[ignore = "exhaustive: all 2^32 square roots, an hour"]
fn every_square_root() {
    let mut lanes = bare(&[Type::F32], |e, x| e.fsqrt(x[0]));
    exhaustive().for_each(|a| root(&mut lanes, a));
}

#[test]
#[ignore = "exhaustive: 2^31 divisions, an hour"]
fn very_many_divisions() {
    let mut lanes = bare(&[Type::F32; 2], |e, x| e.fdiv(x[0], x[1]));
    let mut words = words(4);
    for _ in 0..1_u32 << 31 {
        if let (Some(a), Some(b)) = (words.next(), words.next()) {
            quotient(&mut lanes, a, b);
        }
    }
}

#[test]
fn conversion_from_integers() {
    let mut lanes = bare(&[Type::I32], |e, x| e.int_to_float(x[0]));
    assert!(lanes.ops().len() > 4, "the conversion was not expanded");
    let mut check = |x: i32| assert_eq!(lanes.run(&[x as u32]), (x as f32).to_bits(), "{x}");
    words(5).take(2_000_000).for_each(|w| check(w as i32));
    // Around every power of two, at all scales of rounding.
    for shift in 0..32 {
        for near in -500..500 {
            check((1_i32.wrapping_shl(shift)).wrapping_add(near));
            check((near << shift).wrapping_add(1 << (shift / 2)));
        }
    }
}

#[test]
#[ignore = "exhaustive: all 2^32 integers, minutes"]
fn conversion_from_every_integer() {
    let mut lanes = bare(&[Type::I32], |e, x| e.int_to_float(x[0]));
    for x in exhaustive() {
        assert_eq!(lanes.run(&[x]), (x as i32 as f32).to_bits(), "{x:#x}");
    }
}

#[test]
fn high_words_of_products() {
    let mut lanes = bare(&[Type::U32; 2], |e, x| e.umulhi(x[0], x[1]));
    assert!(lanes.ops().len() > 4, "the product was not expanded");
    let mut check = |a: u32, b: u32| {
        let expected = ((u64::from(a) * u64::from(b)) >> 32) as u32;
        assert_eq!(lanes.run(&[a, b]), expected, "{a:#x} * {b:#x}");
    };
    let edges = [0, 1, 0xffff, 0x1_0000, 0x1_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_0000, !0];
    for a in edges {
        for b in edges {
            check(a, b);
        }
    }
    let mut words = words(6);
    for _ in 0..2_000_000 {
        if let (Some(a), Some(b)) = (words.next(), words.next()) {
            check(a, b);
        }
    }
}
