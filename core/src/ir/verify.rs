//! Well-formedness: what every backend may take for granted about programs and kernels.

mod bounds;
mod range;

use super::op::Class;
use super::{Access, Kernel, Op, Output, Program, Stmt, Type, Val, Var};
use crate::ops;

/// A kernel that keeps within its buffers, whatever words they hold. Only this module makes one.
///
/// Each access is proved to lie in a buffer of the length that was named, or has a guard: a load
/// takes the last word of the buffer instead, a store does nothing, an atomic adds nothing. A
/// kernel that is right never notices. One that is certain to leave its buffers is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    source: Kernel,
    kernel: Kernel,
    words: Vec<u64>,
}

impl Verified {
    /// Checks a kernel, and guards what is not proved. `words` has for each binding how many words
    /// a buffer there has at least.
    ///
    /// # Errors
    /// Names what is wrong with the kernel ([`kernel`]), an access of every thread that lies
    /// outside of its buffer, or a number of lengths that is not that of the bindings.
    pub fn new(source: &Kernel, words: &[u64]) -> Result<Self, String> {
        let wrong = |why: String| Err(format!("kernel {}: {why}", source.name));
        if words.len() != source.bindings.len() {
            let (bindings, lengths) = (source.bindings.len(), words.len());
            return wrong(format!("{bindings} bindings, but lengths of {lengths}"));
        }
        if let Err(why) = kernel(source) {
            return wrong(why);
        }
        let guarded = match bounds::guarded(source, words) {
            Ok(guarded) => guarded,
            Err(access) => return wrong(format!("it {access}")),
        };
        // The guards are not taken on trust.
        if let Err(why) = kernel(&guarded) {
            return wrong(format!("with guards, {why}"));
        }
        match bounds::unproved(&guarded, words) {
            0 => Ok(Self { source: source.clone(), kernel: guarded, words: words.to_vec() }),
            n => wrong(format!("{n} accesses may lie outside of their buffers")),
        }
    }

    /// Takes a kernel on trust: for tests of what happens where one strays.
    ///
    /// # Safety
    /// The kernel keeps within buffers of these lengths, or the device that runs it can bear that
    /// it does not.
    pub unsafe fn assume(source: &Kernel, words: &[u64]) -> Self {
        Self { source: source.clone(), kernel: source.clone(), words: words.to_vec() }
    }

    /// Returns the kernel as it was written, for an interpreter that checks each access itself.
    pub fn source(&self) -> &Kernel {
        &self.source
    }

    /// Returns the kernel with its guards, for devices.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Returns how many words the buffer of each binding has at least.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Counts the accesses that have a guard, because nothing proves where they lie.
    pub fn guards(&self) -> usize {
        bounds::unproved(&self.source, &self.words)
    }
}

/// Checks a program: every operand comes earlier and has the right type, leaves are those of
/// programs, constants of shifts and divisions are in range, results have their types.
pub fn program(program: &Program) -> Result<(), String> {
    let scope = Scope::new(&program.ops, &program.types, Place::Program)?;
    for (i, &op) in program.ops.iter().enumerate() {
        scope.op(op, i, |v| (v.0 as usize) < i)?;
    }
    inputs(program)?;
    let mut given: Vec<Output> = Vec::new();
    for &(output, val) in &program.outputs {
        let ty = output.operand();
        match program.types.get(val.0 as usize) {
            Some(&own) if own == ty => {}
            Some(own) => return Err(format!("{output} = %{} is {own:?}, not {ty:?}", val.0)),
            None => return Err(format!("{output} = %{} does not exist", val.0)),
        }
        let same = |other: &Output| {
            *other == output || other.state().is_some_and(|n| output.state() == Some(n))
        };
        if given.iter().any(same) {
            return Err(format!("{output} is given twice"));
        }
        given.push(output);
    }
    Ok(())
}

/// Checks that the signature names each input that is read, and no other, once.
fn inputs(program: &Program) -> Result<(), String> {
    let mut read = vec![false; program.inputs.len()];
    for op in &program.ops {
        if let Op::Input(input) = op {
            match program.inputs.iter().position(|named| named == input) {
                Some(at) => read[at] = true,
                None => return Err(format!("{input} is read and is no input")),
            }
        }
    }
    match read.iter().position(|read| !read) {
        Some(at) => Err(format!("input {} is never read, or named twice", program.inputs[at])),
        None => Ok(()),
    }
}

/// Checks a kernel: besides what [`program`] checks, each operation is evaluated once, where its
/// operands are in scope; buffers and variables exist and are used as they are bound; conditions
/// are Bool and what is stored is U32; breaks stand in loops.
pub fn kernel(kernel: &Kernel) -> Result<(), String> {
    let scope = Scope::new(&kernel.ops, &kernel.types, Place::Kernel)?;
    if kernel.group_size == 0 {
        return Err("the group size is 0".into());
    }
    let mut walk =
        Walk { kernel, scope, live: vec![false; kernel.ops.len()], seen: vec![], loops: 0 };
    walk.seen = walk.live.clone();
    walk.block(&kernel.body)?;
    match walk.seen.iter().position(|seen| !seen) {
        Some(unused) => Err(format!("%{unused} is never evaluated")),
        None => Ok(()),
    }
}

/// Names the place of an operation.
#[derive(Clone, Copy, Debug)]
enum Place {
    Program,
    Kernel,
}

impl Place {
    fn allows(self, class: Class) -> bool {
        match class {
            Class::Literal | Class::Pure => true,
            Class::Input => matches!(self, Self::Program),
            Class::Memory | Class::Thread => matches!(self, Self::Kernel),
        }
    }
}

/// The operations with their types.
struct Scope<'a> {
    ops: &'a [Op],
    types: &'a [Type],
    place: Place,
}

impl<'a> Scope<'a> {
    fn new(ops: &'a [Op], types: &'a [Type], place: Place) -> Result<Self, String> {
        if ops.len() == types.len() {
            Ok(Self { ops, types, place })
        } else {
            Err(format!("{} operations but {} types", ops.len(), types.len()))
        }
    }

    fn op(&self, op: Op, at: usize, live: impl Fn(Val) -> bool) -> Result<(), String> {
        let fail = |what: String| Err(format!("%{at} = {op:?}: {what}"));
        for operand in op.operands() {
            if operand.0 as usize >= self.ops.len() || !live(operand) {
                return fail(format!("%{} is not in scope", operand.0));
            }
        }
        let given: Vec<Type> = op.operands().map(|v| self.types[v.0 as usize]).collect();
        let Some(result) = op.result_on(&given) else {
            return fail(format!("operands are {given:?}"));
        };
        if result != self.types[at] {
            return fail(format!("gives {result:?}, but is typed {:?}", self.types[at]));
        }
        if !self.place.allows(op.class()) {
            return fail(format!("may not stand in a {:?}", self.place));
        }
        match op.fault() {
            Some(fault) => fail(fault.into()),
            None => Ok(()),
        }
    }
}

/// A walk through the statements of a kernel.
struct Walk<'a> {
    kernel: &'a Kernel,
    scope: Scope<'a>,
    /// Evaluated on the way here.
    live: Vec<bool>,
    /// Evaluated anywhere so far.
    seen: Vec<bool>,
    loops: u32,
}

impl Walk<'_> {
    fn block(&mut self, block: &[Stmt]) -> Result<(), String> {
        let before = self.live.clone();
        for stmt in block {
            self.stmt(stmt)?;
        }
        self.live = before;
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<(), String> {
        match stmt {
            Stmt::Let(val) => self.evaluate(*val),
            Stmt::Set(var, value) => {
                self.var(*var)?;
                self.typed(*value, Type::U32, "a variable's value")
            }
            Stmt::Store { buffer, index, value } => {
                self.buffer(*buffer, &[Access::ReadWrite, Access::Atomic])?;
                self.typed(*index, Type::U32, "an index")?;
                self.typed(*value, Type::U32, "a stored value")
            }
            Stmt::Atomic { buffer, index, value, old, .. } => {
                self.buffer(*buffer, &[Access::Atomic])?;
                self.typed(*index, Type::U32, "an index")?;
                self.typed(*value, Type::U32, "a stored value")?;
                old.map_or(Ok(()), |var| self.var(var))
            }
            Stmt::If(condition, yes, no) => {
                self.typed(*condition, Type::Bool, "a condition")?;
                self.block(yes)?;
                self.block(no)
            }
            Stmt::Loop(body) => {
                self.loops += 1;
                let result = self.block(body);
                self.loops -= 1;
                result
            }
            Stmt::BreakIf(condition) if self.loops > 0 => {
                self.typed(*condition, Type::Bool, "a condition")
            }
            Stmt::BreakIf(_) => Err("a break outside a loop".into()),
        }
    }

    fn evaluate(&mut self, val: Val) -> Result<(), String> {
        let at = val.0 as usize;
        let &op = self.kernel.ops.get(at).ok_or_else(|| format!("%{at} does not exist"))?;
        if self.seen[at] {
            return Err(format!("%{at} is evaluated twice"));
        }
        self.scope.op(op, at, |v| self.live[v.0 as usize])?;
        match op {
            Op::Load(buffer, _) => {
                self.buffer(buffer, &[Access::Read, Access::ReadWrite, Access::Atomic])?;
            }
            Op::Get(var) => self.var(var)?,
            ops!(literal) | ops!(pure) | ops!(input) | ops!(thread) => {}
        }
        self.live[at] = true;
        self.seen[at] = true;
        Ok(())
    }

    fn typed(&self, val: Val, ty: Type, what: &str) -> Result<(), String> {
        let at = val.0 as usize;
        if !self.live.get(at).is_some_and(|&live| live) {
            return Err(format!("{what}: %{at} is not in scope"));
        }
        if self.kernel.types[at] == ty {
            Ok(())
        } else {
            Err(format!("{what}: %{at} is {:?}, not {ty:?}", self.kernel.types[at]))
        }
    }

    fn buffer(&self, buffer: u32, allowed: &[Access]) -> Result<(), String> {
        match self.kernel.bindings.get(buffer as usize) {
            None => Err(format!("buffer {buffer} is not bound")),
            Some(binding) if allowed.contains(&binding.access) => Ok(()),
            Some(binding) => {
                Err(format!("buffer `{}` is bound {:?}", binding.name, binding.access))
            }
        }
    }

    fn var(&self, var: Var) -> Result<(), String> {
        if var.0 < self.kernel.vars { Ok(()) } else { Err(format!("no variable ${}", var.0)) }
    }
}
