//! Instructions that compute registers from registers.

use super::LoadError;
use super::body::Reader;
use super::float;
use super::instruction::{Action, LongOp, MaskOp, ShiftOp, WideOp, WordOp};
use super::register::File;
use crate::lanes::{Longs, WIDTH, Words};

/// A function over all lanes from an expression over one.
macro_rules! each_lane {
    ($to:ty: $(($name:pat, $operand:ident: $ty:ty)),+ => $value:expr) => {{
        fn apply($($operand: &$ty,)+ to: &mut $to) {
            for lane in 0..WIDTH {
                $(let $name = $operand[lane];)+
                to[lane] = $value;
            }
        }
        apply
    }};
}
pub(super) use each_lane;

macro_rules! word {
    (|$a:pat_param, $b:pat_param, $c:pat_param| $value:expr) => {
        each_lane!(Words: ($a, x: Words), ($b, y: Words), ($c, z: Words) => $value)
    };
}
pub(super) use word;

macro_rules! long {
    (|$a:pat_param, $b:pat_param, $c:pat_param| $value:expr) => {
        each_lane!(Longs: ($a, x: Longs), ($b, y: Longs), ($c, z: Longs) => $value)
    };
}

macro_rules! wide {
    (|$a:pat_param, $b:pat_param, $c:pat_param| $value:expr) => {
        each_lane!(Longs: ($a, x: Words), ($b, y: Words), ($c, z: Longs) => $value)
    };
}

macro_rules! shift {
    (|$a:pat_param, $n:pat_param| $value:expr) => {
        each_lane!(Longs: ($a, x: Longs), ($n, y: Words) => $value)
    };
}

/// Reads the operands of `opcode`; `None` where it is not known.
pub fn read(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Option<Action>, LoadError> {
    if let Some((op, count)) = word_op(opcode).or_else(|| float::exact(opcode)) {
        return word_action(reader, op, count).map(Some);
    }
    if let Some((op, count)) = float::inexact(opcode) {
        if !reader.lenient {
            return Err(reader.cursor.error(format!(
                "`{opcode}` does not fix its bits (CUDA_STAND_IN_LENIENT=1 runs it all the same)"
            )));
        }
        return word_action(reader, op, count).map(Some);
    }
    if let Some((op, count)) = long_op(opcode) {
        let to = reader.to(File::Longs)?;
        let from = operands(reader, File::Longs, count)?;
        return Ok(Some(Action::Long { op, to, from }));
    }
    if let Some((op, adds)) = wide_op(opcode) {
        let to = reader.to(File::Longs)?;
        let [first, second, _] = operands(reader, File::Words, 2)?;
        let add = if adds { reader.then_from(File::Longs)? } else { to };
        return Ok(Some(Action::Wide { op, to, from: [first, second], add }));
    }
    if let Some(op) = shift_op(opcode) {
        let to = reader.to(File::Longs)?;
        let from = reader.then_from(File::Longs)?;
        let count = reader.then_from(File::Words)?;
        return Ok(Some(Action::Shift { op, to, from, count }));
    }
    if let Some((op, count)) = mask_op(opcode) {
        let to = reader.to(File::Masks)?;
        let [first, second, _] = operands(reader, File::Masks, count)?;
        return Ok(Some(Action::Mask { op, to, from: [first, second] }));
    }
    if opcode == "bfi.b32" {
        let to = reader.to(File::Words)?;
        let [first, second, at] = operands(reader, File::Words, 3)?;
        let (from, count) = ([first, second], reader.then_from(File::Words)?);
        return Ok(Some(Action::Insert { to, from, at, count }));
    }
    let file = match opcode {
        "selp.b16" | "selp.u16" | "selp.s16" | "selp.b32" | "selp.u32" | "selp.s32"
        | "selp.f32" => File::Words,
        "selp.b64" | "selp.u64" | "selp.s64" => File::Longs,
        _ => return Ok(None),
    };
    let to = reader.to(file)?;
    let [first, second, _] = operands(reader, file, 2)?;
    let (from, condition) = ([first, second], reader.then_from(File::Masks)?);
    Ok(Some(match file {
        File::Longs => Action::SelectLong { to, from, condition },
        _ => Action::SelectWord { to, from, condition },
    }))
}

fn word_action(
    reader: &mut Reader<'_, '_, '_>,
    op: WordOp,
    count: usize,
) -> Result<Action, LoadError> {
    let to = reader.to(File::Words)?;
    let from = operands(reader, File::Words, count)?;
    Ok(Action::Word { op, to, from })
}

/// `count` operands; the rest repeats the first, which no operation looks at.
fn operands(
    reader: &mut Reader<'_, '_, '_>,
    file: File,
    count: usize,
) -> Result<[u16; 3], LoadError> {
    let mut slots = [reader.then_from(file)?; 3];
    for slot in &mut slots[1..count] {
        *slot = reader.then_from(file)?;
    }
    Ok(slots)
}

/// Integer operations on 16 and 32 bits, with the number of operands. The upper half of a
/// 16-bit register means nothing.
fn word_op(opcode: &str) -> Option<(WordOp, usize)> {
    Some(match opcode {
        "mov.b16" | "mov.u16" | "mov.s16" | "mov.b32" | "mov.u32" | "mov.s32" | "mov.f32" => {
            (word!(|a, _, _| a), 1)
        }
        "add.s32" | "add.u32" => (word!(|a, b, _| a.wrapping_add(b)), 2),
        "sub.s32" | "sub.u32" => (word!(|a, b, _| a.wrapping_sub(b)), 2),
        "mul.lo.s32" | "mul.lo.u32" => (word!(|a, b, _| a.wrapping_mul(b)), 2),
        "mul.hi.u32" => (word!(|a, b, _| ((u64::from(a) * u64::from(b)) >> 32) as u32), 2),
        "mul.hi.s32" => (word!(|a, b, _| ((signed(a) * signed(b)) >> 32) as u32), 2),
        "mad.lo.s32" | "mad.lo.u32" => (word!(|a, b, c| a.wrapping_mul(b).wrapping_add(c)), 3),
        "mad.hi.u32" => {
            (word!(|a, b, c| (((u64::from(a) * u64::from(b)) >> 32) as u32).wrapping_add(c)), 3)
        }
        "div.u32" => (word!(|a, b, _| a.checked_div(b).unwrap_or(u32::MAX)), 2),
        "rem.u32" => (word!(|a, b, _| a.checked_rem(b).unwrap_or(a)), 2),
        "neg.s32" => (word!(|a, _, _| a.wrapping_neg()), 1),
        "abs.s32" => (word!(|a, _, _| (a as i32).wrapping_abs() as u32), 1),
        "min.u32" => (word!(|a, b, _| a.min(b)), 2),
        "max.u32" => (word!(|a, b, _| a.max(b)), 2),
        "min.s32" => (word!(|a, b, _| (a as i32).min(b as i32) as u32), 2),
        "max.s32" => (word!(|a, b, _| (a as i32).max(b as i32) as u32), 2),
        "and.b16" | "and.b32" => (word!(|a, b, _| a & b), 2),
        "or.b16" | "or.b32" => (word!(|a, b, _| a | b), 2),
        "xor.b16" | "xor.b32" => (word!(|a, b, _| a ^ b), 2),
        "not.b32" => (word!(|a, _, _| !a), 1),
        "not.b16" => (word!(|a, _, _| !a & 0xffff), 1),
        "shl.b32" => (word!(|a, n, _| a.checked_shl(n).unwrap_or(0)), 2),
        "shr.u32" | "shr.b32" => (word!(|a, n, _| a.checked_shr(n).unwrap_or(0)), 2),
        "shr.s32" => (word!(|a, n, _| ((a as i32) >> n.min(31)) as u32), 2),
        "shl.b16" => (word!(|a, n, _| a.checked_shl(n).unwrap_or(0)), 2),
        "shr.u16" | "shr.b16" => (word!(|a, n, _| (a & 0xffff).checked_shr(n).unwrap_or(0)), 2),
        "shr.s16" => (word!(|a, n, _| (i32::from(a as i16) >> n.min(31)) as u32), 2),
        "add.s16" | "add.u16" => (word!(|a, b, _| a.wrapping_add(b)), 2),
        "sub.s16" | "sub.u16" => (word!(|a, b, _| a.wrapping_sub(b)), 2),
        "mul.lo.s16" | "mul.lo.u16" => (word!(|a, b, _| a.wrapping_mul(b)), 2),
        "mul.wide.u16" => (word!(|a, b, _| (a & 0xffff) * (b & 0xffff)), 2),
        "mul.wide.s16" => (word!(|a, b, _| (i32::from(a as i16) * i32::from(b as i16)) as u32), 2),
        "popc.b32" => (word!(|a, _, _| a.count_ones()), 1),
        "clz.b32" => (word!(|a, _, _| a.leading_zeros()), 1),
        "brev.b32" => (word!(|a, _, _| a.reverse_bits()), 1),
        "bfind.u32" => (word!(|a, _, _| 31u32.wrapping_sub(a.leading_zeros())), 1),
        "bfind.shiftamt.u32" => {
            (word!(|a, _, _| if a == 0 { u32::MAX } else { a.leading_zeros() }), 1)
        }
        "bfe.u32" => (word!(|a, at, n| extract(a, at, n)), 3),
        "shf.l.wrap.b32" => (word!(|low, high, n| (pair(low, high) << (n & 31) >> 32) as u32), 3),
        "shf.r.wrap.b32" => (word!(|low, high, n| (pair(low, high) >> (n & 31)) as u32), 3),
        "prmt.b32" => (word!(|a, b, selector| permute(a, b, selector)), 3),
        _ => return None,
    })
}

/// Integer operations on 64 bits, with the number of operands.
fn long_op(opcode: &str) -> Option<(LongOp, usize)> {
    Some(match opcode {
        "mov.b64" | "mov.u64" | "mov.s64" | "cvta.to.global.u64" | "cvta.global.u64" => {
            (long!(|a, _, _| a), 1)
        }
        "add.s64" | "add.u64" => (long!(|a, b, _| a.wrapping_add(b)), 2),
        "sub.s64" | "sub.u64" => (long!(|a, b, _| a.wrapping_sub(b)), 2),
        "mul.lo.s64" | "mul.lo.u64" => (long!(|a, b, _| a.wrapping_mul(b)), 2),
        "mul.hi.u64" => (long!(|a, b, _| ((u128::from(a) * u128::from(b)) >> 64) as u64), 2),
        "mad.lo.s64" | "mad.lo.u64" => (long!(|a, b, c| a.wrapping_mul(b).wrapping_add(c)), 3),
        "neg.s64" => (long!(|a, _, _| a.wrapping_neg()), 1),
        "min.u64" => (long!(|a, b, _| a.min(b)), 2),
        "max.u64" => (long!(|a, b, _| a.max(b)), 2),
        "min.s64" => (long!(|a, b, _| (a as i64).min(b as i64) as u64), 2),
        "max.s64" => (long!(|a, b, _| (a as i64).max(b as i64) as u64), 2),
        "and.b64" => (long!(|a, b, _| a & b), 2),
        "or.b64" => (long!(|a, b, _| a | b), 2),
        "xor.b64" => (long!(|a, b, _| a ^ b), 2),
        "not.b64" => (long!(|a, _, _| !a), 1),
        _ => return None,
    })
}

/// Products of 32-bit operands in 64 bits, and whether a 64-bit operand is added.
fn wide_op(opcode: &str) -> Option<(WideOp, bool)> {
    Some(match opcode {
        "mul.wide.u32" => (wide!(|a, b, _| u64::from(a) * u64::from(b)), false),
        "mul.wide.s32" => (wide!(|a, b, _| (signed(a) * signed(b)) as u64), false),
        "mad.wide.u32" => (wide!(|a, b, c| (u64::from(a) * u64::from(b)).wrapping_add(c)), true),
        "mad.wide.s32" => (wide!(|a, b, c| ((signed(a) * signed(b)) as u64).wrapping_add(c)), true),
        _ => return None,
    })
}

fn shift_op(opcode: &str) -> Option<ShiftOp> {
    Some(match opcode {
        "shl.b64" => shift!(|a, n| a.checked_shl(n).unwrap_or(0)),
        "shr.u64" | "shr.b64" => shift!(|a, n| a.checked_shr(n).unwrap_or(0)),
        "shr.s64" => shift!(|a, n| ((a as i64) >> n.min(63)) as u64),
        _ => return None,
    })
}

fn mask_op(opcode: &str) -> Option<(MaskOp, usize)> {
    Some(match opcode {
        "mov.pred" => (|a, _| a, 1),
        "not.pred" => (|a, _| !a, 1),
        "and.pred" => (|a, b| a & b, 2),
        "or.pred" => (|a, b| a | b, 2),
        "xor.pred" => (|a, b| a ^ b, 2),
        _ => return None,
    })
}

fn signed(a: u32) -> i64 {
    i64::from(a as i32)
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// `n` bits from bit `at`; only the low byte of each counts.
fn extract(a: u32, at: u32, n: u32) -> u32 {
    a.checked_shr(at & 0xff).unwrap_or(0) & low_bits(n & 0xff)
}

/// `b` with its `n` bits from bit `at` replaced by the low bits of `a`; only the low byte of each
/// count counts.
pub fn insert(a: u32, b: u32, at: u32, n: u32) -> u32 {
    let place = low_bits(n & 0xff).checked_shl(at & 0xff).unwrap_or(0);
    b & !place | a.checked_shl(at & 0xff).unwrap_or(0) & place
}

fn low_bits(n: u32) -> u32 {
    1u32.checked_shl(n).map_or(u32::MAX, |bit| bit - 1)
}

/// Four bytes chosen from the eight of (b, a), each by a half byte of the selector: three bits say
/// which, the fourth repeats its sign.
fn permute(a: u32, b: u32, selector: u32) -> u32 {
    let bytes = pair(a, b).to_le_bytes();
    u32::from_le_bytes(std::array::from_fn(|i| {
        let choice = selector >> (4 * i);
        let byte = bytes[choice as usize & 7];
        if choice & 8 == 0 { byte } else { ((byte as i8) >> 7) as u8 }
    }))
}
