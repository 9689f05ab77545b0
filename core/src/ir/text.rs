//! Programs and kernels as text, for people and for snapshots. There is no parser.
//!
//! `%3: F32 = FMul %1 %2`; float constants are written in decimal with their bits.

use super::{Kernel, Op, Program, Stmt, Type, Val};
use std::fmt::Write;

/// The text of a program: an operation a line, then the results.
pub fn program(program: &Program) -> String {
    let mut text = String::new();
    for (i, &op) in program.ops.iter().enumerate() {
        line(&mut text, 0, &definition(op, program.types[i], i));
    }
    for (output, val) in &program.outputs {
        line(&mut text, 0, &format!("{output} = %{}", val.0));
    }
    text
}

/// The text of a kernel: its head, then its statements.
pub fn kernel(kernel: &Kernel) -> String {
    let mut text = format!("kernel {} (groups of {})\n", kernel.name, kernel.group_size);
    for (i, binding) in kernel.bindings.iter().enumerate() {
        line(&mut text, 0, &format!("buffer {i} = {} {:?}", binding.name, binding.access));
    }
    if kernel.vars > 0 {
        line(&mut text, 0, &format!("variables {}", kernel.vars));
    }
    block(&mut text, kernel, &kernel.body, 0);
    text
}

fn block(text: &mut String, kernel: &Kernel, body: &[Stmt], depth: usize) {
    for stmt in body {
        match stmt {
            Stmt::Let(Val(i)) => {
                let i = *i as usize;
                line(text, depth, &definition(kernel.ops[i], kernel.types[i], i));
            }
            Stmt::Set(var, value) => line(text, depth, &format!("${} = %{}", var.0, value.0)),
            Stmt::Store { buffer, index, value } => {
                let target = format!("{}[%{}]", name(kernel, *buffer), index.0);
                line(text, depth, &format!("{target} = %{}", value.0));
            }
            Stmt::Atomic { op, buffer, index, value, old } => {
                let old = old.map_or(String::new(), |var| format!("${} = ", var.0));
                let target = format!("{}[%{}]", name(kernel, *buffer), index.0);
                line(text, depth, &format!("{old}atomic {op:?} {target} %{}", value.0));
            }
            Stmt::If(condition, yes, no) => {
                line(text, depth, &format!("if %{} {{", condition.0));
                block(text, kernel, yes, depth + 1);
                if !no.is_empty() {
                    line(text, depth, "} else {");
                    block(text, kernel, no, depth + 1);
                }
                line(text, depth, "}");
            }
            Stmt::Loop(body) => {
                line(text, depth, "loop {");
                block(text, kernel, body, depth + 1);
                line(text, depth, "}");
            }
            Stmt::BreakIf(condition) => line(text, depth, &format!("break if %{}", condition.0)),
        }
    }
}

fn definition(op: Op, ty: Type, i: usize) -> String {
    format!("%{i}: {ty:?} = {}", operation(op))
}

/// The name and the fields of an operation; some have a form that is easier to read.
fn operation(op: Op) -> String {
    let name = op.signature().name;
    if let Op::F32(bits) = op {
        return format!("{name} {:?} ({bits:#010x})", f32::from_bits(bits));
    }
    if let Op::U32(value) = op {
        return format!("{name} {value:#x}");
    }
    if let Op::Input(input) = op {
        return input.to_string();
    }
    if let Op::Load(buffer, index) = op {
        return format!("{name} {buffer}[%{}]", index.0);
    }
    format!("{name} {}", op.fields()).trim_end().to_owned()
}

fn name(kernel: &Kernel, buffer: u32) -> &str {
    kernel.bindings.get(buffer as usize).map_or("?", |binding| binding.name)
}

fn line(text: &mut String, depth: usize, content: &str) {
    let _ = writeln!(text, "{:1$}{content}", "", 2 * depth);
}
