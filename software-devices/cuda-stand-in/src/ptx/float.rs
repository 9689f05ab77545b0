//! Arithmetic on f32.

use super::alu::{each_lane, word};
use super::instruction::WordOp;
use crate::lanes::{WIDTH, Words};

/// The result of an NVIDIA device for every operation whose result is no number.
const NAN_BITS: u32 = 0x7fff_ffff;

/// Operations whose bits the PTX manual fixes, with the number of operands.
pub fn exact(opcode: &str) -> Option<(WordOp, usize)> {
    Some(match opcode {
        "add.rn.f32" => (word!(|a, b, _| bits(float(a) + float(b))), 2),
        "sub.rn.f32" => (word!(|a, b, _| bits(float(a) - float(b))), 2),
        "mul.rn.f32" => (word!(|a, b, _| bits(float(a) * float(b))), 2),
        "div.rn.f32" => (word!(|a, b, _| bits(float(a) / float(b))), 2),
        "sqrt.rn.f32" => (word!(|a, _, _| bits(float(a).sqrt())), 1),
        "rcp.rn.f32" => (word!(|a, _, _| bits(1.0 / float(a))), 1),
        "neg.f32" => (word!(|a, _, _| a ^ 0x8000_0000), 1),
        "abs.f32" => (word!(|a, _, _| a & 0x7fff_ffff), 1),
        "min.f32" => (word!(|a, b, _| choose(a, b, less(a, b))), 2),
        "max.f32" => (word!(|a, b, _| choose(a, b, less(b, a))), 2),
        "copysign.f32" => (word!(|a, b, _| a & 0x8000_0000 | b & 0x7fff_ffff), 2),
        _ => return None,
    })
}

/// Operations that a compiler may merge or a device may approximate. Here a product that is added
/// is rounded once where the text says so, subnormals become zero where it says so, and what is
/// approximate on a device is correctly rounded.
pub fn inexact(opcode: &str) -> Option<(WordOp, usize)> {
    Some(match opcode {
        "fma.rn.f32" => (word!(|a, b, c| bits(float(a).mul_add(float(b), float(c)))), 3),
        "fma.rn.ftz.f32" => (word!(|a, b, c| flush(fused(flush(a), flush(b), flush(c)))), 3),
        "add.f32" => (word!(|a, b, _| bits(float(a) + float(b))), 2),
        "sub.f32" => (word!(|a, b, _| bits(float(a) - float(b))), 2),
        "mul.f32" => (word!(|a, b, _| bits(float(a) * float(b))), 2),
        "add.ftz.f32" | "add.rn.ftz.f32" => {
            (word!(|a, b, _| flush(bits(float(flush(a)) + float(flush(b))))), 2)
        }
        "sub.ftz.f32" | "sub.rn.ftz.f32" => {
            (word!(|a, b, _| flush(bits(float(flush(a)) - float(flush(b))))), 2)
        }
        "mul.ftz.f32" | "mul.rn.ftz.f32" => {
            (word!(|a, b, _| flush(bits(float(flush(a)) * float(flush(b))))), 2)
        }
        "div.rn.ftz.f32" | "div.approx.ftz.f32" | "div.full.ftz.f32" => {
            (word!(|a, b, _| flush(bits(float(flush(a)) / float(flush(b))))), 2)
        }
        "div.approx.f32" | "div.full.f32" => (word!(|a, b, _| bits(float(a) / float(b))), 2),
        "sqrt.approx.f32" => (word!(|a, _, _| bits(float(a).sqrt())), 1),
        "sqrt.rn.ftz.f32" | "sqrt.approx.ftz.f32" => {
            (word!(|a, _, _| flush(bits(float(flush(a)).sqrt()))), 1)
        }
        "rcp.approx.f32" => (word!(|a, _, _| bits(1.0 / float(a))), 1),
        _ => return None,
    })
}

fn float(a: u32) -> f32 {
    f32::from_bits(a)
}

fn bits(a: f32) -> u32 {
    if a.is_nan() { NAN_BITS } else { a.to_bits() }
}

fn fused(a: u32, b: u32, c: u32) -> u32 {
    bits(float(a).mul_add(float(b), float(c)))
}

fn flush(a: u32) -> u32 {
    if a & 0x7f80_0000 == 0 { a & 0x8000_0000 } else { a }
}

/// a < b, with -0 below +0.
fn less(a: u32, b: u32) -> bool {
    float(a) < float(b) || (float(a) == float(b) && a > b)
}

/// One of two numbers; the number where one is none.
fn choose(a: u32, b: u32, first: bool) -> u32 {
    match (float(a).is_nan(), float(b).is_nan()) {
        (true, true) => NAN_BITS,
        (true, false) => b,
        (false, true) => a,
        (false, false) if first => a,
        (false, false) => b,
    }
}
