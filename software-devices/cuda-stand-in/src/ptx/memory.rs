//! Loads, stores and atomics.

use super::LoadError;
use super::body::Reader;
use super::instruction::{Action, Address, AtomicOp, Base, Order, Space, Width};
use super::register::File;

/// The parts of an opcode such as `ld.volatile.global.v2.u32`.
struct Access {
    space: Option<Space>,
    parameter: bool,
    order: Order,
    count: u8,
    width: Width,
}

/// `ld`: memory or a parameter to registers.
pub fn load(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Action, LoadError> {
    let access = access(reader, opcode)?;
    let file = file(access.width);
    if access.parameter {
        let to = reader.to(file)?;
        reader.cursor.expect(",")?;
        let width = access.width;
        let offset = parameter(reader, width)?;
        return Ok(match file {
            File::Longs => Action::ParameterLong { to, offset },
            _ => Action::ParameterWord { to, offset, width },
        });
    }
    let to = reader.vector(file, true)?;
    if to.count != access.count {
        return Err(reader.cursor.error(format!("`{opcode}` with {} registers", to.count)));
    }
    reader.cursor.expect(",")?;
    let at = address(reader, access.space.unwrap_or(Space::Global))?;
    Ok(Action::Load { to, at, width: access.width, order: access.order })
}

/// `st`: registers to memory.
pub fn store(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Action, LoadError> {
    let access = access(reader, opcode)?;
    if access.parameter || access.order == Order::NonCoherent {
        return Err(reader.cursor.error(format!("`{opcode}` cannot be")));
    }
    let at = address(reader, access.space.unwrap_or(Space::Global))?;
    reader.cursor.expect(",")?;
    let from = reader.vector(file(access.width), false)?;
    if from.count != access.count || from.slots[..from.count.into()].contains(&None) {
        return Err(reader.cursor.error(format!("`{opcode}` with {} registers", from.count)));
    }
    Ok(Action::Store { from, at, width: access.width, order: access.order })
}

/// `atom` (with the old value) and `red` (without).
pub fn atomic(reader: &mut Reader<'_, '_, '_>, opcode: &str) -> Result<Action, LoadError> {
    let unknown = |reader: &Reader<'_, '_, '_>| {
        reader.cursor.error(format!("`{opcode}` is not implemented here"))
    };
    let mut parts: Vec<&str> = opcode.split('.').collect();
    let with_old = parts.remove(0) == "atom";
    parts.retain(|part| !matches!(*part, "relaxed" | "gpu" | "cta"));
    let space = match parts.first() {
        Some(&"shared") => Space::Shared,
        _ => Space::Global,
    };
    if matches!(parts.first(), Some(&"global" | &"shared")) {
        parts.remove(0);
    }
    let [operation, ty] = parts[..] else { return Err(unknown(reader)) };
    let (op, width) = atomic_op(operation, ty).ok_or_else(|| unknown(reader))?;
    let mut to = None;
    if with_old {
        to = if reader.cursor.take("_") { None } else { Some(reader.to(file(width))?) };
        reader.cursor.expect(",")?;
    }
    let at = address(reader, space)?;
    let first = reader.then_from(file(width))?;
    let second = if operation == "cas" { reader.then_from(file(width))? } else { first };
    Ok(Action::Atomic { op, to, at, width, from: [first, second] })
}

/// Operations on 32-bit values keep the upper half of their 64 bits zero.
fn atomic_op(operation: &str, ty: &str) -> Option<(AtomicOp, Width)> {
    let op: AtomicOp = match (operation, ty) {
        ("add", "u32" | "s32") => |old, a, _| u64::from((old as u32).wrapping_add(a as u32)),
        ("add", "u64" | "s64") => |old, a, _| old.wrapping_add(a),
        ("and", "b32" | "b64") => |old, a, _| old & a,
        ("or", "b32" | "b64") => |old, a, _| old | a,
        ("xor", "b32" | "b64") => |old, a, _| old ^ a,
        ("exch", "b32" | "b64") => |_, a, _| a,
        ("cas", "b32" | "b64") => |old, a, b| if old == a { b } else { old },
        ("min", "u32" | "u64") => |old, a, _| old.min(a),
        ("max", "u32" | "u64") => |old, a, _| old.max(a),
        ("min", "s32") => |old, a, _| u64::from((old as i32).min(a as i32) as u32),
        ("max", "s32") => |old, a, _| u64::from((old as i32).max(a as i32) as u32),
        _ => return None,
    };
    Some((op, if ty.ends_with("64") { Width::B64 } else { Width::B32 }))
}

fn access(reader: &Reader<'_, '_, '_>, opcode: &str) -> Result<Access, LoadError> {
    let mut found =
        Access { space: None, parameter: false, order: Order::Plain, count: 1, width: Width::B32 };
    let (modifiers, ty) = opcode.rsplit_once('.').unwrap_or((opcode, ""));
    let unknown = |part| reader.cursor.error(format!("`{part}` in `{opcode}` is not known"));
    for part in modifiers.split('.').skip(1) {
        match part {
            "global" | "const" => found.space = Some(Space::Global),
            "shared" => found.space = Some(Space::Shared),
            "param" => found.parameter = true,
            "volatile" | "relaxed" => found.order = Order::Atomic,
            "nc" => found.order = Order::NonCoherent,
            "v2" => found.count = 2,
            "v4" => found.count = 4,
            // Which caches keep the line, and how far a relaxed access is seen.
            "ca" | "cg" | "cs" | "cv" | "lu" | "wb" | "wt" | "gpu" | "cta" => {}
            _ => return Err(unknown(part)),
        }
    }
    found.width = match ty {
        "u8" | "b8" => Width::U8,
        "u16" | "b16" => Width::U16,
        "u32" | "s32" | "b32" | "f32" => Width::B32,
        "u64" | "s64" | "b64" => Width::B64,
        _ => return Err(unknown(ty)),
    };
    Ok(found)
}

fn file(width: Width) -> File {
    if width == Width::B64 { File::Longs } else { File::Words }
}

/// `[%rd1+8]`, `[%rd1]`, `[name+4]`.
fn address(reader: &mut Reader<'_, '_, '_>, space: Space) -> Result<Address, LoadError> {
    reader.cursor.expect("[")?;
    let base = match space {
        Space::Shared if !is_long(reader) => Base::Word(reader.from(File::Words)?),
        _ => Base::Long(reader.from(File::Longs)?),
    };
    let offset = if reader.cursor.take("+") { reader.cursor.integer()? } else { 0 };
    reader.cursor.expect("]")?;
    Ok(Address { space, base, offset })
}

/// `[name+4]`: where among the bytes of all parameters.
fn parameter(reader: &mut Reader<'_, '_, '_>, width: Width) -> Result<u32, LoadError> {
    reader.cursor.expect("[")?;
    let name = reader.cursor.next()?;
    let found = reader.parameters.get(name).copied();
    let found = found.ok_or_else(|| reader.cursor.error(format!("no parameter `{name}`")))?;
    let offset = if reader.cursor.take("+") { reader.cursor.integer()? } else { 0 };
    if offset.checked_add(width.bytes()).is_none_or(|end| end > found.bytes as u64) {
        return Err(reader.cursor.error(format!("past the end of `{name}`")));
    }
    reader.cursor.expect("]")?;
    Ok(found.offset as u32 + offset as u32)
}

/// Whether the next operand is a 64-bit register.
fn is_long(reader: &mut Reader<'_, '_, '_>) -> bool {
    let next = reader.cursor.peek();
    reader.registers.named(next, File::Longs).is_ok()
}
