//! Registers by name, and constants as registers that nobody writes.

use super::LoadError;
use super::cursor::{Cursor, integer};
use std::collections::HashMap;

/// A register's number in its file.
pub type Slot = u16;

/// The register files of a warp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// 16 and 32 bits.
    Words,
    /// 64 bits.
    Longs,
    /// Predicates.
    Masks,
}

/// How many registers of each file a kernel has, and which hold constants.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// 32-bit registers.
    pub words: usize,
    /// 64-bit registers.
    pub longs: usize,
    /// Predicates.
    pub masks: usize,
    /// The 32-bit registers that hold a constant from the start.
    pub word_constants: Vec<(Slot, u32)>,
    /// The 64-bit registers that hold a constant from the start.
    pub long_constants: Vec<(Slot, u64)>,
    /// The predicates that hold a constant from the start.
    pub mask_constants: Vec<(Slot, bool)>,
}

/// The names of one kernel.
#[derive(Debug, Default)]
pub struct Registers<'a> {
    /// `%r` of `%r<10>`, its file and 10; a register declared alone has no count.
    declared: HashMap<&'a str, (File, Option<u64>)>,
    slots: HashMap<&'a str, (File, Slot)>,
    word_slots: HashMap<u32, Slot>,
    long_slots: HashMap<u64, Slot>,
    /// Addresses by name: variables of the module, and of the block.
    pub symbols: HashMap<&'a str, u64>,
    /// The registers that were given out.
    pub files: Files,
}

impl<'a> Registers<'a> {
    /// No registers yet; the variables of the module.
    pub fn new(symbols: HashMap<&'a str, u64>) -> Self {
        Self { symbols, ..Self::default() }
    }

    /// Reads what follows `.reg`.
    pub fn declare(&mut self, cursor: &mut Cursor<'_, 'a>) -> Result<(), LoadError> {
        let file = match cursor.next()? {
            ".pred" => File::Masks,
            ".b16" | ".u16" | ".s16" | ".b32" | ".u32" | ".s32" | ".f32" => File::Words,
            ".b64" | ".u64" | ".s64" | ".f64" => File::Longs,
            other => return Err(cursor.error(format!("registers of type `{other}`"))),
        };
        loop {
            let name = cursor.next()?;
            let count = match cursor.take("<") {
                true => {
                    let count = cursor.integer()?;
                    cursor.expect(">")?;
                    Some(count)
                }
                false => None,
            };
            self.declared.insert(name, (file, count));
            if !cursor.take(",") {
                return Ok(());
            }
        }
    }

    /// The slot of a named register of this file.
    pub fn named(&mut self, name: &'a str, file: File) -> Result<Slot, String> {
        if let Some(&(found, slot)) = self.slots.get(name) {
            return if found == file { Ok(slot) } else { Err(wrong_file(name, file)) };
        }
        let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = name[prefix.len()..].parse().ok();
        let found = match (self.declared.get(name), self.declared.get(prefix)) {
            (Some(&(found, None)), _) => found,
            (_, Some(&(found, Some(count)))) if number.is_some_and(|n: u64| n < count) => found,
            _ => return Err(format!("no register `{name}`")),
        };
        if found != file {
            return Err(wrong_file(name, file));
        }
        let slot = self.new_slot(file)?;
        self.slots.insert(name, (file, slot));
        Ok(slot)
    }

    /// The slot of a source operand: a register, a literal or the address of a variable.
    pub fn source(&mut self, text: &'a str, file: File) -> Result<Slot, String> {
        if text.starts_with('%') {
            return self.named(text, file);
        }
        let literal = match text.strip_prefix("0f") {
            Some(bits) if bits.len() == 8 && file == File::Words => {
                u64::from_str_radix(bits, 16).ok()
            }
            _ => self.symbols.get(text).copied().or_else(|| integer(text)),
        };
        let bits = literal.ok_or_else(|| format!("no operand: `{text}`"))?;
        match file {
            File::Words => self.word_constant(bits as u32),
            File::Longs => self.long_constant(bits),
            File::Masks => self.mask_constant(bits != 0),
        }
    }

    fn word_constant(&mut self, bits: u32) -> Result<Slot, String> {
        if let Some(&slot) = self.word_slots.get(&bits) {
            return Ok(slot);
        }
        let slot = self.new_slot(File::Words)?;
        self.word_slots.insert(bits, slot);
        self.files.word_constants.push((slot, bits));
        Ok(slot)
    }

    fn long_constant(&mut self, bits: u64) -> Result<Slot, String> {
        if let Some(&slot) = self.long_slots.get(&bits) {
            return Ok(slot);
        }
        let slot = self.new_slot(File::Longs)?;
        self.long_slots.insert(bits, slot);
        self.files.long_constants.push((slot, bits));
        Ok(slot)
    }

    fn mask_constant(&mut self, holds: bool) -> Result<Slot, String> {
        let slot = self.new_slot(File::Masks)?;
        self.files.mask_constants.push((slot, holds));
        Ok(slot)
    }

    fn new_slot(&mut self, file: File) -> Result<Slot, String> {
        let count = match file {
            File::Words => &mut self.files.words,
            File::Longs => &mut self.files.longs,
            File::Masks => &mut self.files.masks,
        };
        let slot = Slot::try_from(*count).map_err(|_| "more than 65536 registers".to_owned())?;
        *count += 1;
        Ok(slot)
    }
}

fn wrong_file(name: &str, file: File) -> String {
    let size = match file {
        File::Words => "a register of 32 bits",
        File::Longs => "a register of 64 bits",
        File::Masks => "a predicate",
    };
    format!("`{name}` is not {size}")
}
