//! Which values the contract promises. Subnormal numbers, infinities and NaN in sums, products and
//! comparisons are kept by some devices and not by others (`docs/numerics.md` 1), and nothing
//! lowered from a model depends on them.

#![deny(clippy::wildcard_enum_match_arm)]

use isospike_core::ir::{Op, Val};
use isospike_core::ops;

/// For each operation whether its word is promised, given the words of all: where its operands
/// are, and a rule of its own holds.
pub fn promised(ops: &[Op], words: &[u32], promised: &mut Vec<bool>) {
    promised.clear();
    for (i, &op) in ops.iter().enumerate() {
        let of_operands = op.operands().all(|v| promised[v.0 as usize]);
        promised.push(of_operands && rule(op, words[i], |v| words[v.0 as usize]));
    }
}

/// Whether two words of floats are the same number. The sign of a zero cannot be seen by a model: a
/// quotient by either zero is +0, and a stored zero has no sign.
pub fn same_float(a: u32, b: u32) -> bool {
    a == b || (a | b) << 1 == 0
}

fn rule(op: Op, result: u32, word: impl Fn(Val) -> u32) -> bool {
    let plain = |word: u32| {
        let x = f32::from_bits(word);
        x.is_normal() || x == 0.0
    };
    let finite = |word: u32| f32::from_bits(word).is_finite();
    match op {
        Op::FAdd(a, b) | Op::FSub(a, b) | Op::FMul(a, b) => {
            plain(word(a)) && plain(word(b)) && plain(result)
        }
        Op::FLt(a, b) | Op::FLe(a, b) | Op::FEq(a, b) => plain(word(a)) && plain(word(b)),
        // Tiny operands and quotients have a rule; huge ones do not.
        Op::FDiv(a, b) => finite(word(a)) && finite(word(b)) && finite(result),
        Op::FSqrt(a) => finite(word(a)),
        Op::FToI(a) => f32::from_bits(word(a)).abs() < 2_147_483_648.0,
        Op::UMulHi(..)
        | Op::Select(..)
        | Op::IToF(..)
        | ops!(signed)
        | ops!(word)
        | ops!(logic)
        | ops!(reinterpret)
        | ops!(literal)
        | ops!(input)
        | ops!(memory)
        | ops!(thread) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zeros_lose_their_sign() {
        let same = |a: f32, b: f32| same_float(a.to_bits(), b.to_bits());
        assert!(same(0.0, -0.0) && same(1.5, 1.5));
        assert!(!same(1.5, -1.5) && !same(0.0, 1e-45) && !same(-0.0, f32::from_bits(1 << 30)));
    }

    #[test]
    fn what_depends_on_a_subnormal_is_not_promised() {
        let ops = [
            Op::F32(1.0_f32.to_bits()),
            Op::F32(1),
            Op::FAdd(Val(0), Val(0)),
            Op::FAdd(Val(0), Val(1)),
            Op::FMul(Val(2), Val(3)),
            Op::FDiv(Val(1), Val(0)),
        ];
        let words: Vec<u32> = [1.0, 1e-45, 2.0, 1.0, 2.0, 0.0].map(f32::to_bits).to_vec();
        let mut found = Vec::new();
        promised(&ops, &words, &mut found);
        assert_eq!(found, [true, true, true, false, false, true]);
    }
}
