//! What a machine lacks: said where everybody sees it, and a failure where it is required.

use isospike_core::console::note;

/// Whether `ISOSPIKE_REQUIRE` (a list with commas, `docs/devices.md`) has this word.
pub fn is_required(word: &str) -> bool {
    let required = std::env::var("ISOSPIKE_REQUIRE").unwrap_or_default();
    required.split(',').any(|other| other.trim() == word)
}

/// Says that a test lacks what a word of `ISOSPIKE_REQUIRE` stands for, past the capture of the test
/// harness. Panics where that is required.
pub fn lack(word: &str, why: &str) {
    note(format!("MISSING DEVICE: {word} ({why})"));
    assert!(!is_required(word), "{word} is required: {why}");
}
