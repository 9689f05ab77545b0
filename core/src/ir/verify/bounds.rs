//! Proof that every access of a kernel lies in its buffer, and guards where there is none.
//!
//! A walk through the statements keeps a range for each value. A condition narrows the ranges of
//! the values that it compares, where it decides that a thread comes to a place. An index whose
//! range ends below the length of its buffer is proved; any other gets a guard.

use super::range::{Range, of_op};
use crate::ir::{Kernel, Op, Stmt, Type, Val};

/// Counts the accesses of a kernel that are not proved to lie in buffers of these lengths.
pub fn unproved(kernel: &Kernel, words: &[u64]) -> usize {
    let mut walk = Walk::new(kernel, words);
    walk.kernel(kernel);
    walk.guards
}

/// Returns the kernel with a guard at each access that is not proved to lie in buffers of these
/// lengths: a load takes the last word of its buffer instead, a store does nothing, an atomic adds
/// nothing.
///
/// # Errors
/// Names an access that every thread makes and that lies outside of its buffer, whatever the
/// buffers hold.
pub fn guarded(kernel: &Kernel, words: &[u64]) -> Result<Kernel, String> {
    let mut walk = Walk::new(kernel, words);
    let body = walk.kernel(kernel);
    if let Some((access, buffer, index)) = walk.outside {
        let (name, words) = (kernel.bindings[buffer as usize].name, words[buffer as usize]);
        return Err(format!("{access} `{name}` at {index} or above, a buffer of {words} words"));
    }
    Ok(Kernel { ops: walk.ops, types: walk.types, body, ..kernel.clone() })
}

/// A walk through a verified kernel.
struct Walk<'a> {
    /// Words of each buffer.
    words: &'a [u64],
    group_size: u32,
    /// All operations, those of guards behind the others.
    ops: Vec<Op>,
    types: Vec<Type>,
    /// The values that each operation can have at this place.
    ranges: Vec<Range>,
    /// Values of variables before this walk, as far as they are known.
    vars: Vec<Range>,
    /// Values of variables that this walk has seen.
    given: Vec<Range>,
    guards: usize,
    /// Whether every thread comes to this place.
    is_certain: bool,
    /// The first access that every thread makes outside of its buffer: verb, buffer, least index.
    outside: Option<(&'static str, u32, u32)>,
}

impl<'a> Walk<'a> {
    /// Prepares a walk: a first one has seen what variables can hold, whatever they held before.
    fn new(kernel: &Kernel, words: &'a [u64]) -> Self {
        let vars = kernel.vars as usize;
        let mut walk = Self {
            words,
            group_size: kernel.group_size,
            ops: Vec::new(),
            types: Vec::new(),
            ranges: Vec::new(),
            vars: vec![Range::ALL; vars],
            given: Vec::new(),
            guards: 0,
            is_certain: true,
            outside: None,
        };
        walk.kernel(kernel);
        walk.vars = std::mem::take(&mut walk.given);
        walk
    }

    /// Walks from the start; returns the body with guards.
    fn kernel(&mut self, kernel: &Kernel) -> Vec<Stmt> {
        self.ops = kernel.ops.clone();
        self.types = kernel.types.clone();
        self.ranges = vec![Range::ALL; kernel.ops.len()];
        // Variables are 0 at the start.
        self.given = vec![Range::one(0); kernel.vars as usize];
        self.guards = 0;
        self.outside = None;
        self.block(&kernel.body)
    }

    fn block(&mut self, block: &[Stmt]) -> Vec<Stmt> {
        let (before, was_certain) = (self.ranges.clone(), self.is_certain);
        let mut out = Vec::with_capacity(block.len());
        for stmt in block {
            self.stmt(stmt, &mut out);
        }
        // The ranges of a condition end here; guards of the block are out of scope.
        self.is_certain = was_certain;
        self.ranges.truncate(before.len());
        self.ranges.copy_from_slice(&before);
        self.ranges.resize(self.ops.len(), Range::ALL);
        out
    }

    fn stmt(&mut self, stmt: &Stmt, out: &mut Vec<Stmt>) {
        match stmt {
            Stmt::Let(val) => self.evaluate(*val, out),
            Stmt::Set(var, value) => {
                let range = self.range(*value);
                self.give(var.0, range);
                out.push(stmt.clone());
            }
            Stmt::Store { buffer, index, .. } => {
                if self.is_proved("stores to", *buffer, *index) {
                    return out.push(stmt.clone());
                }
                let (inside, _) = self.guard(*buffer, *index, out);
                out.push(Stmt::If(inside, vec![stmt.clone()], Vec::new()));
            }
            Stmt::Atomic { buffer, index, old, .. } => {
                if let Some(old) = old {
                    self.give(old.0, Range::ALL);
                }
                if self.is_proved("adds to", *buffer, *index) {
                    return out.push(stmt.clone());
                }
                let guarded = self.atomic(stmt.clone(), out);
                out.push(guarded);
            }
            Stmt::If(condition, yes, no) => {
                let yes = self.branch(*condition, true, yes);
                let no = self.branch(*condition, false, no);
                out.push(Stmt::If(*condition, yes, no));
            }
            Stmt::Loop(body) => {
                let body = self.block(body);
                out.push(Stmt::Loop(body));
            }
            Stmt::BreakIf(condition) => {
                out.push(stmt.clone());
                narrow(&self.ops, &mut self.ranges, *condition, false);
                self.is_certain = false;
            }
        }
    }

    /// Walks through a block that runs where a condition has a value.
    fn branch(&mut self, condition: Val, holds: bool, block: &[Stmt]) -> Vec<Stmt> {
        let (before, was_certain) = (self.ranges.clone(), self.is_certain);
        narrow(&self.ops, &mut self.ranges, condition, holds);
        self.is_certain = false;
        let out = self.block(block);
        self.is_certain = was_certain;
        self.ranges[..before.len()].copy_from_slice(&before);
        out
    }

    fn evaluate(&mut self, val: Val, out: &mut Vec<Stmt>) {
        let at = val.0 as usize;
        if let Op::Load(buffer, index) = self.ops[at]
            && !self.is_proved("loads from", buffer, index)
        {
            let (_, bounded) = self.guard(buffer, index, out);
            self.ops[at] = Op::Load(buffer, bounded);
        }
        self.ranges[at] = self.of(self.ops[at]);
        out.push(Stmt::Let(val));
    }

    /// Guards an atomic: outside of its buffer it adds nothing to the last word. Without a branch,
    /// loops around it stay as simple as they were.
    fn atomic(&mut self, stmt: Stmt, out: &mut Vec<Stmt>) -> Stmt {
        let Stmt::Atomic { op, buffer, index, value, old } = stmt else { return stmt };
        let (inside, bounded) = self.guard(buffer, index, out);
        let nothing = self.emit(Op::U32(0), Type::U32, out);
        let value = self.emit(Op::Select(inside, value, nothing), Type::U32, out);
        Stmt::Atomic { op, buffer, index: bounded, value, old }
    }

    /// Returns whether an index lies in its buffer, and the index, or that of the last word where
    /// it does not.
    fn guard(&mut self, buffer: u32, index: Val, out: &mut Vec<Stmt>) -> (Val, Val) {
        self.guards += 1;
        // No index is above 2^32 - 1, which is proved to lie in a buffer of 2^32 words.
        let last = self.words[buffer as usize].max(1) - 1;
        let last = u32::try_from(last).unwrap_or(u32::MAX);
        let end = self.emit(Op::U32(last.saturating_add(1)), Type::U32, out);
        let inside = self.emit(Op::ULt(index, end), Type::Bool, out);
        let last = self.emit(Op::U32(last), Type::U32, out);
        (inside, self.emit(Op::Select(inside, index, last), Type::U32, out))
    }

    /// Appends an operation of a guard.
    fn emit(&mut self, op: Op, ty: Type, out: &mut Vec<Stmt>) -> Val {
        let val = Val(self.ops.len() as u32);
        let range = self.of(op);
        self.ops.push(op);
        self.types.push(ty);
        self.ranges.push(range);
        out.push(Stmt::Let(val));
        val
    }

    /// Returns the range of an operation at this place.
    fn of(&self, op: Op) -> Range {
        if let Op::Get(var) = op {
            return self.vars[var.0 as usize];
        }
        if let Op::Select(condition, a, b) = op {
            let under = |holds, val: Val| {
                let mut ranges = Narrowed { base: &self.ranges, changed: Vec::new() };
                narrow(&self.ops, &mut ranges, condition, holds);
                ranges.get(val)
            };
            return under(true, a).join(under(false, b));
        }
        of_op(op, self.group_size, |val| self.range(val))
    }

    fn range(&self, val: Val) -> Range {
        self.ranges[val.0 as usize]
    }

    fn give(&mut self, var: u32, range: Range) {
        let given = &mut self.given[var as usize];
        *given = given.join(range);
    }

    /// Tells whether an access is proved to lie in its buffer; notes one that is certain not to.
    fn is_proved(&mut self, access: &'static str, buffer: u32, index: Val) -> bool {
        let (Range { lo, hi }, words) = (self.range(index), self.words[buffer as usize].max(1));
        if self.is_certain && u64::from(lo) >= words {
            self.outside.get_or_insert((access, buffer, lo));
        }
        u64::from(hi) < words
    }
}

/// Ranges that can be read and narrowed.
trait Ranges {
    fn get(&self, val: Val) -> Range;
    fn put(&mut self, val: Val, range: Range);
}

impl Ranges for Vec<Range> {
    fn get(&self, val: Val) -> Range {
        self[val.0 as usize]
    }

    fn put(&mut self, val: Val, range: Range) {
        self[val.0 as usize] = range;
    }
}

/// Ranges with a few that are narrowed for one look.
struct Narrowed<'a> {
    base: &'a [Range],
    changed: Vec<(Val, Range)>,
}

impl Ranges for Narrowed<'_> {
    fn get(&self, val: Val) -> Range {
        let changed = self.changed.iter().rev().find(|(other, _)| *other == val);
        changed.map_or(self.base[val.0 as usize], |(_, range)| *range)
    }

    fn put(&mut self, val: Val, range: Range) {
        self.changed.push((val, range));
    }
}

/// Narrows ranges by what a condition says where it holds, or where it does not.
fn narrow(ops: &[Op], ranges: &mut impl Ranges, condition: Val, holds: bool) {
    match (ops[condition.0 as usize], holds) {
        (Op::ULt(a, b), true) => {
            let (left, right) = (ranges.get(a), ranges.get(b));
            ranges.put(a, left.within(0, right.hi.saturating_sub(1)));
            ranges.put(b, right.within(left.lo.saturating_add(1), u32::MAX));
        }
        (Op::ULt(a, b), false) => {
            let (left, right) = (ranges.get(a), ranges.get(b));
            ranges.put(a, left.within(right.lo, u32::MAX));
            ranges.put(b, right.within(0, left.hi));
        }
        (Op::UEq(a, b), true) => {
            let (left, right) = (ranges.get(a), ranges.get(b));
            ranges.put(a, left.within(right.lo, right.hi));
            ranges.put(b, right.within(left.lo, left.hi));
        }
        (Op::Not(a), holds) => narrow(ops, ranges, a, !holds),
        (Op::And(a, b), true) | (Op::Or(a, b), false) => {
            narrow(ops, ranges, a, holds);
            narrow(ops, ranges, b, holds);
        }
        _ => {}
    }
}
