//! Inputs that nobody would write. Each target takes bytes and must come back: no panic, no hang,
//! no memory without bound. `docs/reliability.md` says how they are run and what they found.
//!
//! A target judges more than survival: a refusal names at least one mistake, at a place that
//! exists; a small network that is accepted leaves the same bits on the oracles and on the CPU.

mod agree;
mod compose;
mod data_file;
mod energies;
mod language;
mod model_file;
pub mod mutate;
mod synapse;

use std::path::Path;

/// Bytes in; comes back, or has found something.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Target); 8] = [
    ("model_file", model_file::model_file),
    ("network", compose::network),
    ("language", language::language),
    ("quantity", language::quantity),
    ("overrides", model_file::overrides),
    ("data_file", data_file::data_file),
    ("energies", energies::energies),
    ("synapse", synapse::synapse),
];

/// The target of this name.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no target `{name}`")).1
}

/// The model file that a target made of bytes, for people: what `network` composed.
pub use compose::text as composed;

/// Judges the files, one after the other: how a finding is looked at without libFuzzer.
///
/// # Errors
/// A file that cannot be read.
pub fn judge_files(target: Target, files: impl Iterator<Item = String>) -> std::io::Result<()> {
    for file in files {
        let data = std::fs::read(Path::new(&file))?;
        target(&data);
        std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{file}: nothing found\n"))?;
    }
    Ok(())
}

/// The program of a target.
#[macro_export]
macro_rules! main {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::target(stringify!($name))(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::judge_files($crate::target(stringify!($name)), std::env::args().skip(1))
        }
    };
}
