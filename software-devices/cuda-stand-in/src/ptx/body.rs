//! The body of a kernel: declarations, labels and instructions.

use super::cursor::Cursor;
use super::instruction::{Action, Files, Guard, Instruction, Special, Vector};
use super::module::{Parameter, declaration};
use super::register::{File, Registers, Slot};
use super::{LoadError, alu, compare, convert, memory};
use std::collections::HashMap;

/// An element of a body.
pub struct Body {
    pub files: Files,
    pub shared_bytes: u32,
    pub code: Vec<Instruction>,
}

impl Body {
    /// Whether a block's threads wait for each other.
    pub fn has_barrier(&self) -> bool {
        self.code.iter().any(|i| matches!(i.action, Action::Barrier))
    }
}

/// Reads up to the closing brace. `parameters` has their offsets.
pub fn read<'a>(
    cursor: &mut Cursor<'_, 'a>,
    registers: Registers<'a>,
    parameters: &HashMap<&str, Parameter>,
    lenient: bool,
) -> Result<Body, LoadError> {
    let mut registers = registers;
    let mut labels = HashMap::new();
    let mut branches = Vec::new();
    let mut code = Vec::new();
    let mut shared_bytes = 0;
    while !cursor.take("}") {
        match cursor.peek() {
            ".reg" => {
                cursor.next()?;
                registers.declare(cursor)?;
                cursor.expect(";")?;
            }
            ".shared" => {
                cursor.next()?;
                let (name, align, bytes, _) = declaration(cursor)?;
                cursor.expect(";")?;
                let start = (shared_bytes as usize).next_multiple_of(align);
                registers.symbols.insert(name, start as u64);
                shared_bytes = (start + bytes) as u32;
            }
            // Advice to the compiler behind PTX.
            ".pragma" => drop(cursor.until(";")?),
            // The place in the source.
            ".loc" => (0..4).try_for_each(|_| cursor.next().map(drop))?,
            word if word.starts_with('$') => {
                labels.insert(cursor.next()?, code.len() as u32);
                cursor.expect(":")?;
            }
            _ => {
                let mut statement = cursor.until(";")?;
                let mut reader = Reader {
                    cursor: &mut statement,
                    registers: &mut registers,
                    parameters,
                    lenient,
                    label: None,
                };
                let instruction = reader.instruction()?;
                if let Some(label) = reader.label {
                    branches.push((code.len(), label));
                }
                code.push(instruction);
            }
        }
    }
    for (at, label) in branches {
        let &target = labels
            .get(label)
            .ok_or_else(|| LoadError::invalid(code[at].line, format!("no label `{label}`")))?;
        code[at].action = Action::Branch(target);
    }
    let line = cursor.line();
    code.push(Instruction { guard: Guard::Always, action: Action::Exit, line });
    Ok(Body { files: registers.files, shared_bytes, code })
}

/// Reads one instruction.
pub struct Reader<'c, 't, 'a> {
    pub cursor: &'c mut Cursor<'t, 'a>,
    pub registers: &'c mut Registers<'a>,
    pub parameters: &'c HashMap<&'c str, Parameter>,
    pub lenient: bool,
    label: Option<&'a str>,
}

impl<'a> Reader<'_, '_, 'a> {
    fn instruction(&mut self) -> Result<Instruction, LoadError> {
        let guard = match self.cursor.take("@") {
            false => Guard::Always,
            true => {
                let unless = self.cursor.take("!");
                let slot = self.to(File::Masks)?;
                if unless { Guard::Unless(slot) } else { Guard::If(slot) }
            }
        };
        let opcode = self.cursor.next()?;
        let line = self.cursor.line();
        let action = self.action(opcode)?;
        if !self.cursor.is_at_end() {
            return Err(self.cursor.error(format!("`{}` after `{opcode}`", self.cursor.peek())));
        }
        Ok(Instruction { guard, action, line })
    }

    fn action(&mut self, opcode: &str) -> Result<Action, LoadError> {
        let found = match opcode {
            "ret" | "exit" => Some(Action::Exit),
            "bra" | "bra.uni" => {
                self.label = Some(self.cursor.next()?);
                Some(Action::Branch(0))
            }
            "bar.sync" | "barrier.sync" => {
                self.cursor.expect("0")?;
                Some(Action::Barrier)
            }
            "membar.gl" | "membar.cta" | "fence.acq_rel.gpu" | "fence.acq_rel.cta"
            | "fence.sc.gpu" | "fence.sc.cta" => Some(Action::Fence),
            "mov.u32" | "mov.b32" | "mov.s32" if special(self.second()).is_some() => {
                let to = self.to(File::Words)?;
                self.cursor.expect(",")?;
                let which = special(self.cursor.next()?);
                which.map(|which| Action::Special { to, which })
            }
            "mov.b64" if self.cursor.peek() == "{" => {
                let halves = self.vector(File::Words, true)?;
                self.cursor.expect(",")?;
                let from = self.from(File::Longs)?;
                let [low, high, ..] = halves.slots;
                (halves.count == 2).then_some(Action::Unpack { low, high, from })
            }
            "mov.b64" if self.second() == "{" => {
                let to = self.to(File::Longs)?;
                self.cursor.expect(",")?;
                match self.vector(File::Words, false)?.slots {
                    [Some(low), Some(high), None, None] => Some(Action::Pack { to, low, high }),
                    _ => None,
                }
            }
            _ => match opcode.split('.').next() {
                Some("ld" | "ldu") => Some(memory::load(self, opcode)?),
                Some("st") => Some(memory::store(self, opcode)?),
                Some("atom" | "red") => Some(memory::atomic(self, opcode)?),
                Some("setp") => compare::read(self, opcode)?,
                Some("cvt") => convert::read(self, opcode)?,
                _ => alu::read(self, opcode)?,
            },
        };
        found.ok_or_else(|| self.cursor.error(format!("`{opcode}` is not implemented here")))
    }

    /// The token after the next operand's comma, not consumed.
    fn second(&self) -> &'a str {
        let mut ahead = *self.cursor;
        let skipped = ahead.next().and_then(|_| ahead.expect(","));
        if skipped.is_ok() { ahead.peek() } else { "" }
    }

    /// A register that is written.
    pub fn to(&mut self, file: File) -> Result<Slot, LoadError> {
        let name = self.cursor.next()?;
        self.registers.named(name, file).map_err(|e| self.cursor.error(e))
    }

    /// An operand that is read.
    pub fn from(&mut self, file: File) -> Result<Slot, LoadError> {
        let text = self.cursor.next()?;
        self.registers.source(text, file).map_err(|e| self.cursor.error(e))
    }

    /// A comma and an operand that is read.
    pub fn then_from(&mut self, file: File) -> Result<Slot, LoadError> {
        self.cursor.expect(",")?;
        self.from(file)
    }

    fn operand(&mut self, file: File, written: bool) -> Result<Slot, LoadError> {
        if written { self.to(file) } else { self.from(file) }
    }

    /// `{%r1, _, %r2}` or one operand, to be written or to be read.
    pub fn vector(&mut self, file: File, written: bool) -> Result<Vector, LoadError> {
        let mut vector = Vector { slots: [None; 4], count: 0 };
        if !self.cursor.take("{") {
            vector.slots[0] = Some(self.operand(file, written)?);
            vector.count = 1;
            return Ok(vector);
        }
        loop {
            let slot = match self.cursor.take("_") {
                true => None,
                false => Some(self.operand(file, written)?),
            };
            match vector.slots.get_mut(usize::from(vector.count)) {
                Some(place) => *place = slot,
                None => return Err(self.cursor.error("a vector of more than four")),
            }
            vector.count += 1;
            if self.cursor.take("}") {
                return Ok(vector);
            }
            self.cursor.expect(",")?;
        }
    }
}

fn special(name: &str) -> Option<Special> {
    let (register, dimension) = match name.rsplit_once('.') {
        Some((register, "x")) => (register, 0),
        Some((register, "y")) => (register, 1),
        Some((register, "z")) => (register, 2),
        _ => return (name == "%laneid").then_some(Special::Lane),
    };
    Some(match register {
        "%tid" => Special::Thread(dimension),
        "%ntid" => Special::BlockSize(dimension),
        "%ctaid" => Special::Block(dimension),
        "%nctaid" => Special::GridSize(dimension),
        _ => return None,
    })
}
