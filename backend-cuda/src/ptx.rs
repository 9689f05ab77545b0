//! The proof in text that a compiled kernel computes the bits of the contract.
//!
//! PTX names the rounding of every float operation, and what carries a rounding is not contracted
//! or rearranged by what comes after it. So it is enough to look: each instruction on floats is
//! one that the contract has, rounded to nearest and flushing nothing, or it is refused.

use std::fmt;

/// An instruction that would give other bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its line in the PTX, from 1.
    pub line: usize,
    /// Its opcode: `fma.rn.f32`.
    pub opcode: String,
    /// The fault.
    pub why: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in line {} of the PTX {}", self.opcode, self.line, self.why)
    }
}

/// Looks at every instruction of a PTX text; the first that is not of the contract is an error.
pub fn check(ptx: &str) -> Result<(), Finding> {
    for (line, text) in (1..).zip(ptx.lines()) {
        for opcode in opcodes(text) {
            if let Some(why) = objection(opcode) {
                return Err(Finding { line, opcode: opcode.into(), why });
            }
        }
    }
    Ok(())
}

/// The opcodes of a line. A statement may stand behind a label, a brace or a predicate.
fn opcodes(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split([';', '{', '}']).filter_map(|statement| {
        let unlabelled = statement.rsplit(": ").next().unwrap_or_default();
        let mut words = unlabelled.split_whitespace().skip_while(|w| w.starts_with('@'));
        words.next().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

/// Arithmetic that the contract has; it must say `.rn`.
const ROUNDED: [&str; 5] = ["add", "sub", "mul", "div", "sqrt"];
/// Opcodes that move, compare or pick floats, or change a sign; there is nothing to round. NVRTC
/// writes `min` and `max` for a comparison and a selection where one operand is a constant, which
/// is then the same to the last bit.
const EXACT: [&str; 11] =
    ["mov", "ld", "st", "setp", "set", "selp", "slct", "neg", "abs", "min", "max"];

/// Returns the objection of the contract to an opcode.
fn objection(opcode: &str) -> Option<&'static str> {
    let mut parts = opcode.split('.');
    let base = parts.next().unwrap_or_default();
    let modifiers: Vec<&str> = parts.collect();
    let has = |word: &str| modifiers.contains(&word);
    if has("ftz") {
        return Some("flushes subnormal numbers");
    }
    if has("approx") || has("full") {
        return Some("is an approximation");
    }
    if base == "fma" {
        return Some("rounds a product and a sum at once");
    }
    let is_float =
        |word: &&&str| ["f16", "bf16", "tf32", "f32", "f64"].iter().any(|ty| word.starts_with(ty));
    let mut floats = modifiers.iter().filter(is_float).peekable();
    floats.peek()?;
    if floats.any(|ty| *ty != "f32") {
        return Some("is not of 32-bit floats");
    }
    match base {
        _ if ROUNDED.contains(&base) && has("rn") => None,
        _ if ROUNDED.contains(&base) => Some("does not say that it rounds to nearest"),
        // From an integer to nearest, to an integer toward zero.
        "cvt" if has("rn") || has("rzi") => None,
        _ if EXACT.contains(&base) => None,
        _ => Some("is no operation of the contract"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_contract_has_passes() {
        let ptx = "\
.version 9.0
.visible .entry k(.param .u64 k_param_0)
{
	.reg .f32 	%f<9>; // mul.f32 in a comment
	ld.global.nc.u32 	%r1, [%rd1];
$L__BB0_1:
	cvt.rn.f32.s32 	%f1, %r1;
	add.rn.f32 	%f2, %f1, %f1;
	@%p1 mul.rn.f32 %f3, %f2, %f2; sub.rn.f32 %f3, %f3, %f2;
	div.rn.f32 	%f4, %f3, %f2;
	sqrt.rn.f32 	%f5, %f4;
	setp.lt.f32 	%p2, %f5, 0f00000000;
	cvt.rzi.s32.f32 	%r2, %f5;
	max.f32 	%f6, %f5, 0f42B00000;
	mad.lo.s32 	%r3, %r2, %r2, %r1;
	ret;
}";
        assert_eq!(check(ptx), Ok(()));
    }

    #[test]
    fn each_departure_is_named() {
        let cases = [
            ("	fma.rn.f32 %f1, %f2, %f3, %f4;", "fma.rn.f32", "at once"),
            ("	mad.f32 %f1, %f2, %f3, %f4;", "mad.f32", "no operation"),
            ("	add.ftz.f32 %f1, %f2, %f3;", "add.ftz.f32", "flushes"),
            ("	add.rn.ftz.f32 %f1, %f2, %f3;", "add.rn.ftz.f32", "flushes"),
            ("	div.full.f32 %f1, %f2, %f3;", "div.full.f32", "approximation"),
            ("	sqrt.approx.f32 %f1, %f2;", "sqrt.approx.f32", "approximation"),
            ("$L1: @!%p1 mul.f32 %f1, %f2, %f3;", "mul.f32", "nearest"),
            ("{ add.rz.f32 %f1, %f2, %f3; }", "add.rz.f32", "nearest"),
            ("	ret; sub.f32 %f1, %f2, %f3;", "sub.f32", "nearest"),
            ("	cvt.f64.f32 %fd1, %f2;", "cvt.f64.f32", "32-bit"),
            ("	add.rn.f16x2 %r1, %r2, %r3;", "add.rn.f16x2", "32-bit"),
            ("	rcp.rn.f32 %f1, %f2;", "rcp.rn.f32", "no operation"),
            ("	red.global.add.f32 [%rd1], %f1;", "red.global.add.f32", "no operation"),
        ];
        for (line, opcode, why) in cases {
            let finding = check(&format!("{{\n{line}\n}}")).unwrap_err();
            assert_eq!((finding.line, finding.opcode.as_str()), (2, opcode), "{line}");
            assert!(finding.to_string().contains(why), "{finding}");
        }
    }
}
