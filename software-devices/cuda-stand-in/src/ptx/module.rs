//! The outer layer of a PTX text: versions, variables and kernels.

use super::body;
use super::cursor::Cursor;
use super::instruction::{Files, Instruction};
use super::register::Registers;
use super::text::tokens;
use super::{LoadError, LoadErrorKind, Target};
use std::collections::HashMap;
use std::sync::Arc;

/// A loaded text.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The kernels, in the order of the text.
    pub kernels: Vec<Arc<Kernel>>,
    /// The bytes at [`Target::variables_at`].
    pub variables: Vec<u8>,
}

/// A kernel, ready to run.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Bytes of all parameters together.
    pub parameter_bytes: usize,
    /// The most threads a block may have.
    pub max_threads: u32,
    /// Shared memory of a block.
    pub shared_bytes: u32,
    /// Its registers.
    pub files: Files,
    /// Its instructions; the last one ends every lane.
    pub code: Vec<Instruction>,
    /// Whether a block's threads wait for each other.
    pub has_barrier: bool,
}

/// The offset of a parameter among the bytes of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// First byte.
    pub offset: usize,
    /// Length.
    pub bytes: usize,
}

/// The threads that every block can have.
const MAX_THREADS: u32 = 1024;

/// Reads a module.
pub fn parse(text: &str, target: &Target) -> Result<Module, LoadError> {
    let tokens = tokens(text)?;
    let mut cursor = Cursor::new(&tokens);
    cursor.expect(".version")?;
    version(&mut cursor, target)?;
    let mut module = Module::default();
    let mut symbols = HashMap::new();
    while !cursor.is_at_end() {
        match cursor.next()? {
            ".target" => device(&mut cursor, target)?,
            ".address_size" => cursor.expect("64")?,
            ".visible" | ".weak" => {}
            ".file" => {
                cursor.integer()?;
                cursor.next()?;
            }
            ".const" | ".global" => {
                variable(&mut cursor, target, &mut symbols, &mut module.variables)?;
            }
            ".entry" => {
                let kernel = entry(&mut cursor, target, &symbols)?;
                module.kernels.push(Arc::new(kernel));
            }
            other => return Err(cursor.error(format!("`{other}` is not known here"))),
        }
    }
    Ok(module)
}

fn version(cursor: &mut Cursor<'_, '_>, target: &Target) -> Result<(), LoadError> {
    let token = cursor.next()?;
    let parts = token
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    let asked = parts.ok_or_else(|| cursor.error(format!("`{token}` is no version")))?;
    let known = newest_version(target.driver);
    if asked <= known {
        return Ok(());
    }
    let what = format!(
        "version {}.{} is newer than {}.{}, the newest that driver {} reads",
        asked.0, asked.1, known.0, known.1, target.driver
    );
    Err(LoadError { kind: LoadErrorKind::Version, line: cursor.line(), what })
}

/// The newest PTX version of a driver version, from the release history in the PTX ISA manual.
fn newest_version(driver: u32) -> (u32, u32) {
    let minor = driver % 1000 / 10;
    match driver / 1000 {
        11 => (7, minor),
        12 if minor <= 5 => (8, minor),
        12 => (8, minor - 1),
        major if major >= 13 => (9, minor),
        _ => (6, 5),
    }
}

fn device(cursor: &mut Cursor<'_, '_>, target: &Target) -> Result<(), LoadError> {
    let token = cursor.next()?;
    let sm = token.strip_prefix("sm_").and_then(|digits| digits.parse::<u32>().ok());
    let sm = sm.ok_or_else(|| cursor.error(format!("target `{token}` is not supported")))?;
    if sm <= target.sm {
        return Ok(());
    }
    Err(cursor.error(format!("for sm_{sm}, but the device is sm_{}", target.sm)))
}

/// A variable of the module, with its bytes if it is given them.
fn variable<'a>(
    cursor: &mut Cursor<'_, 'a>,
    target: &Target,
    symbols: &mut HashMap<&'a str, u64>,
    image: &mut Vec<u8>,
) -> Result<(), LoadError> {
    let (name, align, size, element) = declaration(cursor)?;
    let start = image.len().next_multiple_of(align);
    // Without a value a variable is zero, unlike allocated memory.
    image.resize(start + size, 0);
    if cursor.take("=") {
        let mut at = start;
        let mut values = match cursor.take("{") {
            true => cursor.until("}")?,
            false => {
                image[at..][..element].copy_from_slice(&cursor.integer()?.to_le_bytes()[..element]);
                Cursor::new(&[])
            }
        };
        while !values.is_at_end() {
            let bytes = values.integer()?.to_le_bytes();
            let place = image[..start + size].get_mut(at..at + element);
            let place = place.ok_or_else(|| values.error("more values than elements"))?;
            place.copy_from_slice(&bytes[..element]);
            at += element;
            if !values.is_at_end() {
                values.expect(",")?;
            }
        }
    }
    cursor.expect(";")?;
    symbols.insert(name, target.variables_at + start as u64);
    Ok(())
}

/// `.align 4 .b8 name[12]`: name, alignment, bytes, bytes of an element.
pub fn declaration<'a>(
    cursor: &mut Cursor<'_, 'a>,
) -> Result<(&'a str, usize, usize, usize), LoadError> {
    let mut align = None;
    if cursor.take(".align") {
        align = Some(cursor.integer()? as usize);
    }
    let ty = cursor.next()?;
    let element = type_bytes(ty)
        .ok_or_else(|| cursor.error(format!("a variable of type `{ty}` is not supported")))?;
    let name = cursor.next()?;
    let mut size = element;
    if cursor.take("[") {
        size = element * cursor.integer()? as usize;
        cursor.expect("]")?;
    }
    Ok((name, align.unwrap_or(element).max(1), size, element))
}

fn type_bytes(ty: &str) -> Option<usize> {
    Some(match ty {
        ".b8" | ".u8" | ".s8" => 1,
        ".b16" | ".u16" | ".s16" => 2,
        ".b32" | ".u32" | ".s32" | ".f32" => 4,
        ".b64" | ".u64" | ".s64" => 8,
        _ => return None,
    })
}

fn entry<'a>(
    cursor: &mut Cursor<'_, 'a>,
    target: &Target,
    symbols: &HashMap<&'a str, u64>,
) -> Result<Kernel, LoadError> {
    let name = cursor.next()?.to_owned();
    let mut names = HashMap::new();
    let (mut parameters, mut parameter_bytes) = (Vec::new(), 0usize);
    if cursor.take("(") {
        let mut list = cursor.until(")")?;
        while !list.is_at_end() {
            let (name, align, bytes) = parameter(&mut list)?;
            let offset = parameter_bytes.next_multiple_of(align);
            names.insert(name, Parameter { offset, bytes });
            parameters.push(Parameter { offset, bytes });
            parameter_bytes = offset + bytes;
            if !list.is_at_end() {
                list.expect(",")?;
            }
        }
    }
    let max_threads = limits(cursor)?;
    cursor.expect("{")?;
    let registers = Registers::new(symbols.clone());
    let body = body::read(cursor, registers, &names, target.lenient)?;
    let has_barrier = body.has_barrier();
    let (files, shared_bytes, code) = (body.files, body.shared_bytes, body.code);
    Ok(Kernel {
        name,
        parameters,
        parameter_bytes,
        max_threads,
        shared_bytes,
        files,
        code,
        has_barrier,
    })
}

/// `.param .u64 .ptr .align 1 name` or `.param .align 8 .b8 name[16]`: name, alignment, bytes.
fn parameter<'a>(list: &mut Cursor<'_, 'a>) -> Result<(&'a str, usize, usize), LoadError> {
    list.expect(".param")?;
    let mut align = None;
    if list.take(".align") {
        align = Some(list.integer()? as usize);
    }
    let ty = list.next()?;
    let element = type_bytes(ty)
        .ok_or_else(|| list.error(format!("a parameter of type `{ty}` is not supported")))?;
    if list.take(".ptr") {
        list.take(".global");
        list.expect(".align")?;
        list.integer()?; // of what it points to
    }
    let name = list.next()?;
    let mut bytes = element;
    if list.take("[") {
        bytes *= list.integer()? as usize;
        list.expect("]")?;
    }
    Ok((name, align.unwrap_or(element).max(1), bytes))
}

/// The directives between a kernel's parameters and its body: the most threads of a block.
fn limits(cursor: &mut Cursor<'_, '_>) -> Result<u32, LoadError> {
    let mut threads = u64::from(MAX_THREADS);
    loop {
        match cursor.peek() {
            "{" => return Ok(threads as u32),
            ".maxntid" => {
                cursor.next()?;
                let mut product = cursor.integer()?;
                while cursor.take(",") {
                    product = product.saturating_mul(cursor.integer()?);
                }
                threads = threads.min(product);
            }
            // Hints for the allocation of hardware registers.
            ".minnctapersm" | ".maxnreg" => {
                cursor.next()?;
                cursor.integer()?;
            }
            other => return Err(cursor.error(format!("`{other}` is not known here"))),
        }
    }
}
