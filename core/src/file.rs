//! Model files: TOML in, [`Network`] out, with the place of every value.
//!
//! Only the shape is looked at here: syntax, section names, paths of overrides. What a field
//! means is the business of [`crate::check`]. `docs/model-file.md` describes the format.

mod overrides;
mod sections;
mod source;

use crate::mistake::{Mistake, Mistakes, Origin};
use crate::network::{Item, Network};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// The largest model file in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// `--set PATH=VALUE`: replaces or adds a field. A path of one name is a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// `population.exc.size`, or `scale`.
    pub path: String,
    /// The text after `=`: a TOML value, or else a string.
    pub value: String,
}

impl FromStr for Override {
    type Err = String;

    /// Reads `PATH=VALUE`. Only the first `=` splits: values may hold more.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() => {
                Ok(Self { path: path.trim().into(), value: value.trim().into() })
            }
            _ => Err("write PATH=VALUE, such as population.exc.size=400".into()),
        }
    }
}

/// Reads a model file and applies overrides. Relative paths in the file start from its folder.
///
/// # Errors
/// A file that cannot be read, every syntax error, every unknown section, every wrong override.
pub fn read(path: &Path, overrides: &[Override]) -> Result<Network, Mistakes> {
    let name = path.display().to_string();
    let text = text(path).map_err(|error| {
        Mistakes(vec![Mistake {
            origin: Origin { file: Some(name.as_str().into()), ..Origin::default() },
            item: "file".into(),
            field: String::new(),
            message: format!("it cannot be read: {error}"),
            help: "give the path of a model file in UTF-8".into(),
        }])
    })?;
    parse(&text, &name, path.parent().unwrap_or(Path::new("")), overrides)
}

/// The text of a file; an error where it is larger than any sensible one, or has no end.
fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 <= MAX_BYTES {
        return Ok(text);
    }
    let message = "it has more than 16 MiB; lists of synapses or spikes may be .csv or .npy files";
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}

/// The same from text; `name` stands for the file in mistakes, `folder` is where relative paths
/// start.
///
/// # Errors
/// As [`read`].
pub fn parse(
    text: &str,
    name: &str,
    folder: &Path,
    overrides: &[Override],
) -> Result<Network, Mistakes> {
    let file: Arc<str> = name.into();
    let fields = source::fields(text, &file)?;
    let mut mistakes = Vec::new();
    let mut network = sections::network(fields, &file, &mut mistakes);
    network.folder = folder.to_path_buf();
    for one in overrides {
        if let Err(mistake) = overrides::apply(&mut network, one) {
            mistakes.push(*mistake);
        }
    }
    if mistakes.is_empty() { Ok(network) } else { Err(Mistakes(mistakes)) }
}

/// Reads a text that holds the fields of one item, without its header: how the texts of built-in
/// models become the same [`Item`]s as `[model.NAME]` of a file.
///
/// # Errors
/// Every syntax error.
pub fn parse_item(text: &str, item_name: &str, file_name: &str) -> Result<Item, Mistakes> {
    let file: Arc<str> = file_name.into();
    let fields = source::fields(text, &file)?;
    let origin = Origin { file: Some(file), line: 1, column: 1, length: 0 };
    Ok(Item { name: item_name.into(), origin, fields })
}
