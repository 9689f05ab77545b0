//! `setp`: comparisons into predicates.

use super::LoadError;
use super::body::Reader;
use super::instruction::{Action, LongTest, WordTest};
use super::register::File;
use crate::lanes::{Longs, Words, mask_where};

macro_rules! test {
    ($operands:ty, $as:expr, |$a:ident, $b:ident| $holds:expr) => {{
        fn apply(x: &$operands, y: &$operands) -> u32 {
            mask_where(|lane| {
                let ($a, $b) = ($as(x[lane]), $as(y[lane]));
                $holds
            })
        }
        apply
    }};
}

/// The comparisons of integers of one type.
macro_rules! integer_tests {
    ($operands:ty, $as:expr, $comparison:expr) => {
        match $comparison {
            "eq" => test!($operands, $as, |a, b| a == b),
            "ne" => test!($operands, $as, |a, b| a != b),
            "lt" => test!($operands, $as, |a, b| a < b),
            "le" => test!($operands, $as, |a, b| a <= b),
            "gt" => test!($operands, $as, |a, b| a > b),
            "ge" => test!($operands, $as, |a, b| a >= b),
            _ => return None,
        }
    };
}

/// Reads the operands of `opcode`; `None` where it is not known.
pub fn read(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Option<Action>, LoadError> {
    let [_, comparison, ty] = opcode.split('.').collect::<Vec<_>>()[..] else { return Ok(None) };
    if let Some(op) = word_test(comparison, ty) {
        let to = reader.to(File::Masks)?;
        let from = [reader.then_from(File::Words)?, reader.then_from(File::Words)?];
        return Ok(Some(Action::TestWord { op, to, from }));
    }
    if let Some(op) = long_test(comparison, ty) {
        let to = reader.to(File::Masks)?;
        let from = [reader.then_from(File::Longs)?, reader.then_from(File::Longs)?];
        return Ok(Some(Action::TestLong { op, to, from }));
    }
    Ok(None)
}

fn word_test(comparison: &str, ty: &str) -> Option<WordTest> {
    let unsigned = matches!(comparison, "lo" | "ls" | "hi" | "hs");
    if unsigned && !ty.starts_with('u') {
        return None;
    }
    let comparison = match comparison {
        "lo" => "lt",
        "ls" => "le",
        "hi" => "gt",
        "hs" => "ge",
        other => other,
    };
    Some(match ty {
        "u32" | "b32" => integer_tests!(Words, |a: u32| a, comparison),
        "s32" => integer_tests!(Words, |a: u32| a as i32, comparison),
        "u16" | "b16" => integer_tests!(Words, |a: u32| a as u16, comparison),
        "s16" => integer_tests!(Words, |a: u32| a as i16, comparison),
        "f32" => return float_test(comparison),
        _ => return None,
    })
}

fn long_test(comparison: &str, ty: &str) -> Option<LongTest> {
    Some(match ty {
        "u64" | "b64" => integer_tests!(Longs, |a: u64| a, comparison),
        "s64" => integer_tests!(Longs, |a: u64| a as i64, comparison),
        _ => return None,
    })
}

/// The ordered comparisons are false where an operand is no number, those with `u` true.
fn float_test(comparison: &str) -> Option<WordTest> {
    Some(match comparison {
        "eq" => test!(Words, f32::from_bits, |a, b| a == b),
        "ne" => test!(Words, f32::from_bits, |a, b| a != b && !unordered(a, b)),
        "lt" => test!(Words, f32::from_bits, |a, b| a < b),
        "le" => test!(Words, f32::from_bits, |a, b| a <= b),
        "gt" => test!(Words, f32::from_bits, |a, b| a > b),
        "ge" => test!(Words, f32::from_bits, |a, b| a >= b),
        "equ" => test!(Words, f32::from_bits, |a, b| a == b || unordered(a, b)),
        "neu" => test!(Words, f32::from_bits, |a, b| a != b),
        "ltu" => test!(Words, f32::from_bits, |a, b| a < b || unordered(a, b)),
        "leu" => test!(Words, f32::from_bits, |a, b| a <= b || unordered(a, b)),
        "gtu" => test!(Words, f32::from_bits, |a, b| a > b || unordered(a, b)),
        "geu" => test!(Words, f32::from_bits, |a, b| a >= b || unordered(a, b)),
        "num" => test!(Words, f32::from_bits, |a, b| !unordered(a, b)),
        "nan" => test!(Words, f32::from_bits, |a, b| unordered(a, b)),
        _ => return None,
    })
}

/// Whether one of two is no number.
fn unordered(a: f32, b: f32) -> bool {
    a.is_nan() || b.is_nan()
}
