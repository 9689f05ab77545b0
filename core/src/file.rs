//! Model files: TOML in, [`Network`] out, with the place of every value.

use crate::mistake::Mistakes;
use crate::network::Network;
use std::path::Path;

/// `--set PATH=VALUE`: replaces or adds a field. A path of one name is a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// `population.exc.size`, or `scale`.
    pub path: String,
    /// The text after `=`: a TOML value, or else a string.
    pub value: String,
}

/// Reads a model file and applies overrides.
pub fn read(path: &Path, overrides: &[Override]) -> Result<Network, Mistakes> {
    let _ = (path, overrides);
    todo!()
}

/// The same from text; `name` stands for the file in mistakes, `folder` is where relative paths
/// start.
pub fn parse(
    text: &str,
    name: &str,
    folder: &Path,
    overrides: &[Override],
) -> Result<Network, Mistakes> {
    let _ = (text, name, folder, overrides);
    todo!()
}
