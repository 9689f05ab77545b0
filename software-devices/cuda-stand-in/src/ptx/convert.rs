//! `cvt`: between integers of different sizes, and between integers and floats.

use super::LoadError;
use super::alu::{each_lane, word};
use super::body::Reader;
use super::instruction::{Action, NarrowOp, WideOp, WordOp};
use super::register::File;
use crate::lanes::{Longs, WIDTH, Words};

macro_rules! widen {
    (|$a:ident| $value:expr) => {
        each_lane!(Longs: ($a, x: Words), (_, y: Words), (_, z: Longs) => $value)
    };
}

macro_rules! narrow {
    (|$a:ident| $value:expr) => {
        each_lane!(Words: ($a, x: Longs) => $value)
    };
}

/// Reads the operands of `opcode`; `None` where it is not known.
pub fn read(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Option<Action>, LoadError> {
    if let Some(op) = word_op(opcode) {
        let to = reader.to(File::Words)?;
        let from = [reader.then_from(File::Words)?; 3];
        return Ok(Some(Action::Word { op, to, from }));
    }
    if let Some(op) = widening(opcode) {
        let to = reader.to(File::Longs)?;
        let from = [reader.then_from(File::Words)?; 2];
        return Ok(Some(Action::Wide { op, to, from, add: to }));
    }
    if let Some(op) = narrowing(opcode) {
        let to = reader.to(File::Words)?;
        let from = reader.then_from(File::Longs)?;
        return Ok(Some(Action::Narrow { op, to, from }));
    }
    Ok(None)
}

fn word_op(opcode: &str) -> Option<WordOp> {
    Some(match opcode {
        "cvt.rn.f32.s32" => word!(|a, _, _| (a as i32 as f32).to_bits()),
        "cvt.rn.f32.u32" => word!(|a, _, _| (a as f32).to_bits()),
        "cvt.rn.f32.s16" => word!(|a, _, _| f32::from(a as i16).to_bits()),
        "cvt.rn.f32.u16" => word!(|a, _, _| f32::from(a as u16).to_bits()),
        // Out of range the nearest integer, and 0 for what is no number: as Rust converts.
        "cvt.rzi.s32.f32" => word!(|a, _, _| f32::from_bits(a) as i32 as u32),
        "cvt.rzi.u32.f32" => word!(|a, _, _| f32::from_bits(a) as u32),
        "cvt.rni.s32.f32" => word!(|a, _, _| f32::from_bits(a).round_ties_even() as i32 as u32),
        "cvt.rni.u32.f32" => word!(|a, _, _| f32::from_bits(a).round_ties_even() as u32),
        "cvt.rzi.f32.f32" => word!(|a, _, _| number(f32::from_bits(a).trunc())),
        "cvt.rni.f32.f32" => word!(|a, _, _| number(f32::from_bits(a).round_ties_even())),
        "cvt.rmi.f32.f32" => word!(|a, _, _| number(f32::from_bits(a).floor())),
        "cvt.rpi.f32.f32" => word!(|a, _, _| number(f32::from_bits(a).ceil())),
        "cvt.u32.u16" | "cvt.s32.u16" | "cvt.u16.u32" | "cvt.u16.s32" | "cvt.s16.s32"
        | "cvt.s16.u32" => word!(|a, _, _| a & 0xffff),
        "cvt.s32.s16" | "cvt.u32.s16" => word!(|a, _, _| i32::from(a as i16) as u32),
        "cvt.u32.u8" | "cvt.s32.u8" | "cvt.u16.u8" | "cvt.s16.u8" | "cvt.u8.u32" => {
            word!(|a, _, _| a & 0xff)
        }
        "cvt.s32.s8" | "cvt.u32.s8" => word!(|a, _, _| i32::from(a as i8) as u32),
        "cvt.s16.s8" | "cvt.u16.s8" => word!(|a, _, _| i32::from(a as i8) as u32 & 0xffff),
        _ => return None,
    })
}

fn widening(opcode: &str) -> Option<WideOp> {
    Some(match opcode {
        "cvt.u64.u32" | "cvt.s64.u32" => widen!(|a| u64::from(a)),
        "cvt.s64.s32" | "cvt.u64.s32" => widen!(|a| i64::from(a as i32) as u64),
        "cvt.u64.u16" | "cvt.s64.u16" => widen!(|a| u64::from(a as u16)),
        "cvt.s64.s16" | "cvt.u64.s16" => widen!(|a| i64::from(a as i16) as u64),
        _ => return None,
    })
}

fn narrowing(opcode: &str) -> Option<NarrowOp> {
    Some(match opcode {
        "cvt.u32.u64" | "cvt.s32.u64" | "cvt.u32.s64" | "cvt.s32.s64" => narrow!(|a| a as u32),
        "cvt.u16.u64" | "cvt.s16.u64" | "cvt.u16.s64" | "cvt.s16.s64" => {
            narrow!(|a| u32::from(a as u16))
        }
        "cvt.rn.f32.u64" => narrow!(|a| (a as f32).to_bits()),
        "cvt.rn.f32.s64" => narrow!(|a| (a as i64 as f32).to_bits()),
        _ => return None,
    })
}

/// The bits of a rounded number; one for all that are none.
fn number(a: f32) -> u32 {
    if a.is_nan() { 0x7fff_ffff } else { a.to_bits() }
}
