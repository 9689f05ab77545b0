//! Model files: TOML in, [`Network`] out, with the place of every value, and back
//! ([`Network::to_toml`]).
//!
//! Only the shape is looked at here: syntax, section names, paths of overrides. The meaning of
//! a field is the business of [`crate::check`]. `docs/model-file.md` describes the format.

mod overrides;
mod sections;
mod source;
mod write;

use crate::diagnostic::{Diagnostic, Diagnostics, Location, SourceFile};
use crate::network::{Item, Network};
use isospike_core::base::input;
use std::path::Path;
use std::str::FromStr;

/// `--set PATH=VALUE`: replaces or adds a field, as [`Network::replace`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// `population.exc.size`, `scale` or `seed`.
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
/// A file that cannot be read, every syntax error. Unknown sections and wrong overrides are kept in
/// [`Network::diagnostics`], which a check reports beside all others.
pub fn read(path: &Path, overrides: &[Override]) -> Result<Network, Diagnostics> {
    let name = path.display().to_string();
    let text = input::text(path, input::MODEL).map_err(|error| {
        Diagnostics(vec![Diagnostic {
            location: Location { file: Some(name.as_str().into()), ..Location::default() },
            item: "file".into(),
            field: String::new(),
            message: format!("it cannot be read: {error}"),
            help: "give the path of a model file in UTF-8".into(),
        }])
    })?;
    parse(&text, &name, path.parent().unwrap_or(Path::new("")), overrides)
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
) -> Result<Network, Diagnostics> {
    let file = SourceFile::new(name, text);
    let fields = source::fields(text, &file)?;
    let mut network = sections::network(fields, &file);
    network.folder = folder.to_path_buf();
    for one in overrides {
        overrides::apply(&mut network, one);
    }
    Ok(network)
}

/// Reads a text that holds the fields of one item, without its header: how the texts of built-in
/// models become the same [`Item`]s as `[model.NAME]` of a file.
///
/// # Errors
/// Every syntax error.
pub fn parse_item(text: &str, item_name: &str, file_name: &str) -> Result<Item, Diagnostics> {
    let file = SourceFile::new(file_name, text);
    let fields = source::fields(text, &file)?;
    let location = Location { file: Some(file), line: 1, column: 1, length: 0 };
    Ok(Item { name: item_name.into(), location, fields })
}
