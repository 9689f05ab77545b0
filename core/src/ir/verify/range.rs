//! Intervals of unsigned words: the values that an operation can give.

use crate::ir::{Op, Val};
use crate::ops;

/// All words from `lo` to `hi`, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub lo: u32,
    pub hi: u32,
}

impl Range {
    /// Every word.
    pub const ALL: Self = Self { lo: 0, hi: u32::MAX };

    /// Returns the range of one word.
    pub fn one(word: u32) -> Self {
        Self { lo: word, hi: word }
    }

    /// Returns the words up to this one.
    pub fn to(hi: u32) -> Self {
        Self { lo: 0, hi }
    }

    /// Returns the least range that holds both.
    pub fn join(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Returns the words of the range from `lo` to `hi`. If there are none, no thread comes to this
    /// place, and any range holds all values there: one that keeps to `hi` proves the most.
    pub fn within(self, lo: u32, hi: u32) -> Self {
        let hi = self.hi.min(hi);
        Self { lo: self.lo.max(lo).min(hi), hi }
    }

    fn plus(self, b: Self) -> Self {
        Self::monotonic(self.lo.checked_add(b.lo), self.hi.checked_add(b.hi))
    }

    fn minus(self, b: Self) -> Self {
        Self::monotonic(self.lo.checked_sub(b.hi), self.hi.checked_sub(b.lo))
    }

    fn times(self, b: Self) -> Self {
        Self::monotonic(self.lo.checked_mul(b.lo), self.hi.checked_mul(b.hi))
    }

    /// Returns the range of the upper words of products.
    fn high_times(self, b: Self) -> Self {
        let high = |a: u32, b: u32| ((u64::from(a) * u64::from(b)) >> 32) as u32;
        Self { lo: high(self.lo, b.lo), hi: high(self.hi, b.hi) }
    }

    /// Returns the range of a value that is monotonic in its operands; every word where the largest
    /// wraps.
    fn monotonic(lo: Option<u32>, hi: Option<u32>) -> Self {
        match (lo, hi) {
            (Some(lo), Some(hi)) => Self { lo, hi },
            _ => Self::ALL,
        }
    }
}

/// Returns the range of an operation that gives a word, from those of its operands. Loads,
/// variables and choices are not decided by ranges of operands alone; they can give any word here.
pub fn of_op(op: Op, group_size: u32, range: impl Fn(Val) -> Range) -> Range {
    match op {
        Op::U32(word) => Range::one(word),
        Op::UAdd(a, b) => range(a).plus(range(b)),
        Op::USub(a, b) => range(a).minus(range(b)),
        Op::UMul(a, b) => range(a).times(range(b)),
        Op::UMulHi(a, b) => range(a).high_times(range(b)),
        Op::UDiv(a, n) => {
            let (a, n) = (range(a), n.max(1));
            Range { lo: a.lo / n, hi: a.hi / n }
        }
        Op::URem(a, n) if range(a).hi < n => range(a),
        Op::URem(_, n) => Range::to(n.max(1) - 1),
        Op::UAnd(a, b) => Range::to(range(a).hi.min(range(b).hi)),
        Op::UOr(a, b) | Op::UXor(a, b) => {
            let bits = u32::BITS - (range(a).hi | range(b).hi).leading_zeros();
            Range::to(u32::MAX.checked_shr(u32::BITS - bits).unwrap_or(0))
        }
        Op::UShl(a, n) => {
            let (a, factor) = (range(a), 1_u32.checked_shl(n));
            let shifted = |word: u32| factor.and_then(|factor| word.checked_mul(factor));
            Range::monotonic(shifted(a.lo), shifted(a.hi))
        }
        Op::UShr(a, n) => {
            let a = range(a);
            Range { lo: a.lo.checked_shr(n).unwrap_or(0), hi: a.hi.checked_shr(n).unwrap_or(0) }
        }
        Op::LocalId => Range::to(group_size.max(1) - 1),
        Op::UShrBy(..)
        | Op::UShlBy(..)
        | Op::Select(..)
        | Op::ThreadId
        | Op::GroupId
        | Op::GroupCount
        | Op::FAdd(..)
        | Op::FSub(..)
        | Op::FMul(..)
        | Op::FDiv(..)
        | Op::FSqrt(..)
        | Op::FLt(..)
        | Op::FLe(..)
        | Op::FEq(..)
        | Op::IToF(..)
        | Op::FToI(..)
        | Op::ISar(..)
        | Op::ILt(..)
        | Op::IEq(..)
        | Op::ULt(..)
        | Op::UEq(..)
        | Op::F32(..)
        | Op::I32(..)
        | Op::Bool(..)
        | ops!(signed)
        | ops!(logic)
        | ops!(reinterpret)
        | ops!(input)
        | ops!(memory) => Range::ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_every_result() {
        let operands = [
            Range::one(0),
            Range::one(7),
            Range::to(5),
            Range { lo: 3, hi: 9 },
            Range { lo: u32::MAX - 2, hi: u32::MAX },
            Range::ALL,
        ];
        let (a, b) = (Val(0), Val(1));
        let all = [
            Op::UAdd(a, b),
            Op::USub(a, b),
            Op::UMul(a, b),
            Op::UMulHi(a, b),
            Op::UDiv(a, 3),
            Op::URem(a, 5),
            Op::URem(a, u32::MAX),
            Op::UAnd(a, b),
            Op::UOr(a, b),
            Op::UXor(a, b),
            Op::UShl(a, 2),
            Op::UShl(a, 31),
            Op::UShr(a, 2),
        ];
        let words = |range: Range| {
            let near =
                |word: u32| (0..4).flat_map(move |n| [word.wrapping_add(n), word.wrapping_sub(n)]);
            let some = near(range.lo).chain(near(range.hi)).chain(near(1 << 31));
            some.filter(move |word| (range.lo..=range.hi).contains(word))
        };
        for op in all {
            for left in operands {
                for right in operands {
                    let whole = of_op(op, 64, |val| if val == a { left } else { right });
                    for (x, y) in words(left).flat_map(|x| words(right).map(move |y| (x, y))) {
                        let word = crate::ir::eval::word(op, |val| if val == a { x } else { y });
                        let word = word.unwrap();
                        let holds = (whole.lo..=whole.hi).contains(&word);
                        assert!(holds, "{op:?} of {x} and {y} is {word}, not in {whole:?}");
                    }
                }
            }
        }
    }
}
