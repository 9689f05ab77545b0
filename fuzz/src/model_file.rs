//! The model file end to end: text, mistakes, plan, and where it is small enough a few steps.

use crate::agree;
use isospike_core::describe::checked::Checked;
use isospike_front::check::Limits;
use isospike_front::diagnostic::{Diagnostics, Location};
use isospike_front::file::{Override, parse};
use std::path::Path;

/// The most memory of a network: small, so that a size that slips through the check shows as
/// memory.
const MEMORY_BYTES: u64 = 1 << 20;

/// The name of the text in mistakes.
const NAME: &str = "fuzzed.toml";

/// Any text as a model file.
pub fn model_file(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        judge(text, &[], Path::new("/nonexistent"));
    }
}

/// Lines `PATH=VALUE` as `--set`, on a network that has every section.
pub fn overrides(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let overrides: Vec<Override> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(path, value)| Override { path: path.into(), value: value.into() })
        .collect();
    judge(EVERY_SECTION, &overrides, Path::new("/nonexistent"));
}

/// Reads, checks and, if it is small, runs.
pub(crate) fn judge(text: &str, overrides: &[Override], folder: &Path) {
    match check(text, overrides, folder) {
        Ok(checked) => agree::agree(checked),
        Err(diagnostics) => explained(text, &diagnostics),
    }
}

fn check(text: &str, overrides: &[Override], folder: &Path) -> Result<Checked, Diagnostics> {
    let limits = Limits { memory_bytes: Some(MEMORY_BYTES) };
    let network = parse(text, NAME, folder, overrides)?;
    let checked = network.check(limits);
    // Overrides may add what no text can say.
    if let Ok(text) = network.to_toml() {
        let again = parse(&text, NAME, folder, &[]).expect("a text that was written is read");
        assert_eq!(summary(&checked), summary(&again.check(limits)), "{text}");
    }
    checked
}

/// All of a checked network, or its mistakes without their places.
fn summary(checked: &Result<Checked, Diagnostics>) -> Vec<String> {
    match checked {
        Ok(checked) => vec![format!("{checked:?}")],
        Err(Diagnostics(all)) => {
            let mut all: Vec<String> = all
                .iter()
                .map(|one| format!("{}, {}: {}; {}", one.item, one.field, one.message, one.help))
                .collect();
            all.sort();
            all
        }
    }
}

/// A refusal has a reason, and every place in the file exists.
fn explained(text: &str, diagnostics: &Diagnostics) {
    assert!(!diagnostics.0.is_empty(), "refused without a mistake");
    let lines: Vec<&str> = text.split('\n').collect();
    for diagnostic in &diagnostics.0 {
        assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
        let Location { file, line, column, .. } = &diagnostic.location;
        if file.as_deref() == Some(NAME) && *line > 0 {
            let characters = lines.get(*line as usize - 1).map(|line| line.chars().count());
            let inside = characters.is_some_and(|n| (*column as usize) <= n + 1);
            assert!(inside, "a place outside of the text: {diagnostic}");
        }
    }
}

/// A valid network with every section and kind of field.
const EVERY_SECTION: &str = include_str!("every_section.toml");
