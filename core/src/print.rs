//! Kernels as source text: one walker, one [`Dialect`] for each language.
//!
//! Every operation becomes a named temporary, so the order of evaluation in the source is the order
//! of the IR. A dialect is mostly strings; it never sees a statement tree. The two dialects of C
//! are in [`c`]; a language that one backend alone speaks lives with that backend.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod c;

use crate::ir::{Atomic, Binding, Kernel, Op, Stmt, Type, Val};
use crate::ops;
use std::fmt::Write as _;

/// How a language whose compiler may rearrange floats is kept from doing so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContractionGuard {
    /// Not needed, or given by other means (compiler flags, decorations of the binary).
    None,
    /// Adds an opaque zero to the bits of every float result, as integers; the zero is loaded from
    /// a uniform that is bound after the last buffer. A compiler that does not know it cannot fuse,
    /// reassociate or fold across it. Two barriers that a compiler brings together (by removing the
    /// `+ 0` between them) stay one of twice the zero; an XOR there would cancel itself.
    FullBarrier,
}

/// A source language for kernels.
pub trait Dialect {
    /// Everything before the body: directives, bindings, the entry point and its `{`. With `zero`,
    /// also the uniform of [`ContractionGuard::FullBarrier`], one binding after the buffers, and
    /// its word under the name `zz` inside the body.
    fn open(&self, kernel: &Kernel, zero: bool) -> String;

    /// Everything after the body.
    fn close(&self) -> &str {
        "}\n"
    }

    /// The expression of a pure operation, with `$0`, `$1`, `$2` for its operands and `$n` for its
    /// constant; `None` where the language has no such operation. Asked only where [`common`] has
    /// no answer or another one is needed, so it is tested first.
    fn template(&self, op: &Op) -> Option<&str>;

    /// A literal with these bits.
    fn literal(&self, ty: Type, bits: u32) -> String;

    /// The start of the definition of a constant: `let NAME` or `const uint NAME`.
    fn constant(&self, name: &str, ty: Type) -> String;

    /// The declaration of a variable that starts as zero.
    fn variable(&self, name: &str) -> String;

    /// The load of a word.
    fn load(&self, binding: &Binding, index: &str) -> String;

    /// The store of a word, without the final semicolon.
    fn store(&self, binding: &Binding, index: &str, value: &str) -> String;

    /// An atomic on a word; its value is the word before.
    fn atomic(&self, op: Atomic, binding: &Binding, index: &str, value: &str) -> String;

    /// The start of an endless loop, up to its `{`.
    fn endless(&self) -> &str;
}

/// The templates that C-like languages and WGSL share.
pub fn common(op: &Op) -> Option<&'static str> {
    Some(match op {
        Op::FAdd(..) => "$0 + $1",
        Op::FSub(..) => "$0 - $1",
        Op::FMul(..) => "$0 * $1",
        Op::FDiv(..) => "$0 / $1",
        Op::FSqrt(_) => "sqrt($0)",
        Op::FLt(..) | Op::ILt(..) | Op::ULt(..) => "$0 < $1",
        Op::FLe(..) => "$0 <= $1",
        Op::FEq(..) | Op::IEq(..) | Op::UEq(..) => "$0 == $1",
        Op::UAdd(..) => "$0 + $1",
        Op::USub(..) => "$0 - $1",
        Op::UMul(..) => "$0 * $1",
        Op::UDiv(..) => "$0 / $n",
        Op::URem(..) => "$0 % $n",
        Op::UAnd(..) => "$0 & $1",
        Op::UOr(..) => "$0 | $1",
        Op::UXor(..) => "$0 ^ $1",
        Op::UShl(..) => "$0 << $n",
        Op::UShr(..) | Op::ISar(..) => "$0 >> $n",
        Op::UShlBy(..) => "$0 << $1",
        Op::UShrBy(..) => "$0 >> $1",
        Op::And(..) => "$0 && $1",
        Op::Or(..) => "$0 || $1",
        Op::Not(_) => "!$0",
        Op::UMulHi(..)
        | Op::Select(..)
        | Op::IToF(_)
        | Op::FToI(_)
        | ops!(signed)
        | ops!(reinterpret)
        | ops!(literal)
        | ops!(input)
        | ops!(memory)
        | ops!(thread) => return None,
    })
}

/// A kernel holds an operation that the language cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kernel {kernel}: {op} cannot be printed in this language")]
pub struct Unprintable {
    /// The kernel.
    pub kernel: String,
    /// The operation.
    pub op: String,
}

/// Prints a kernel.
pub fn print(
    kernel: &Kernel,
    dialect: &dyn Dialect,
    contraction_guard: ContractionGuard,
) -> Result<String, Unprintable> {
    let barrier = contraction_guard == ContractionGuard::FullBarrier;
    let mut printer = Printer { kernel, dialect, barrier, text: String::new(), depth: 1 };
    printer.text.push_str(&dialect.open(kernel, barrier));
    for var in 0..kernel.vars {
        printer.line(&format!("{};", dialect.variable(&format!("x{var}"))));
    }
    printer.block(&kernel.body)?;
    printer.text.push_str(dialect.close());
    Ok(printer.text)
}

/// A text with the numbers of its lines, which compilers name when they refuse it.
pub fn numbered(text: &str) -> String {
    let line = |(number, line): (usize, &str)| format!("{:4} | {line}", number + 1);
    text.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// The walk over one kernel.
struct Printer<'a> {
    kernel: &'a Kernel,
    dialect: &'a dyn Dialect,
    barrier: bool,
    text: String,
    depth: usize,
}

impl Printer<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:width$}{line}", "", width = 4 * self.depth);
    }

    fn block(&mut self, body: &[Stmt]) -> Result<(), Unprintable> {
        for stmt in body {
            self.statement(stmt)?;
        }
        Ok(())
    }

    fn nested(&mut self, open: &str, body: &[Stmt]) -> Result<(), Unprintable> {
        self.line(open);
        self.depth += 1;
        self.block(body)?;
        self.depth -= 1;
        Ok(())
    }

    fn statement(&mut self, stmt: &Stmt) -> Result<(), Unprintable> {
        match stmt {
            Stmt::Let(val) => self.define(*val)?,
            Stmt::Set(var, val) => self.line(&format!("x{} = {};", var.0, name(*val))),
            Stmt::Store { buffer, index, value } => {
                let binding = &self.kernel.bindings[*buffer as usize];
                let text = self.dialect.store(binding, &name(*index), &name(*value));
                self.line(&format!("{text};"));
            }
            Stmt::Atomic { op, buffer, index, value, old } => {
                let binding = &self.kernel.bindings[*buffer as usize];
                let text = self.dialect.atomic(*op, binding, &name(*index), &name(*value));
                match old {
                    Some(var) => self.line(&format!("x{} = {text};", var.0)),
                    None => self.line(&format!("{text};")),
                }
            }
            Stmt::If(condition, yes, no) => {
                self.nested(&format!("if ({}) {{", name(*condition)), yes)?;
                if !no.is_empty() {
                    self.nested("} else {", no)?;
                }
                self.line("}");
            }
            Stmt::Loop(body) => {
                let open = self.dialect.endless().to_string();
                self.nested(&open, body)?;
                self.line("}");
            }
            Stmt::BreakIf(condition) => {
                self.line(&format!("if ({}) {{ break; }}", name(*condition)));
            }
        }
        Ok(())
    }

    /// The named temporary of one operation.
    fn define(&mut self, val: Val) -> Result<(), Unprintable> {
        let ty = self.kernel.types[val.0 as usize];
        let mut text = self.expression(&self.kernel.ops[val.0 as usize])?;
        if self.barrier && self.kernel.ops[val.0 as usize].is_float_arithmetic() {
            let bits = self.fill(&Op::FToBits(val), &[&format!("({text})")])?;
            text = self.fill(&Op::BitsToF(val), &[&format!("({bits} + zz)")])?;
        }
        self.line(&format!("{} = {text};", self.dialect.constant(&name(val), ty)));
        Ok(())
    }

    fn expression(&self, op: &Op) -> Result<String, Unprintable> {
        Ok(match op {
            Op::F32(bits) => self.dialect.literal(Type::F32, *bits),
            Op::I32(value) => self.dialect.literal(Type::I32, *value as u32),
            Op::U32(value) => self.dialect.literal(Type::U32, *value),
            Op::Bool(value) => self.dialect.literal(Type::Bool, u32::from(*value)),
            Op::Load(buffer, index) => {
                self.dialect.load(&self.kernel.bindings[*buffer as usize], &name(*index))
            }
            Op::Get(var) => format!("x{}", var.0),
            ops!(pure) | ops!(input) | ops!(thread) => {
                let operands: Vec<String> = op.operands().map(name).collect();
                let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
                self.fill(op, &operands)?
            }
        })
    }

    /// The template of an operation with its operands filled in.
    fn fill(&self, op: &Op, operands: &[&str]) -> Result<String, Unprintable> {
        let template = self.dialect.template(op).or_else(|| common(op)).ok_or_else(|| {
            Unprintable { kernel: self.kernel.name.clone(), op: format!("{op:?}") }
        })?;
        let mut text = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            text.push_str(&rest[..at]);
            match rest.as_bytes()[at + 1] {
                b'n' => {
                    let constant = op.constant().unwrap_or_default();
                    text.push_str(&self.dialect.literal(Type::U32, constant));
                }
                digit => text.push_str(operands[usize::from(digit - b'0')]),
            }
            rest = &rest[at + 2..];
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The name of a value in every language.
fn name(val: Val) -> String {
    format!("v{}", val.0)
}
