//! Every target on its seeds, and on so many mutants of them: what continuous integration runs.
//! `docs/reliability.md` has the long run with libFuzzer.

use isospike_core::base::environment::number;
use isospike_fuzz::mutate::{mutant, words};
use isospike_fuzz::{TARGETS, Target};
use peak_alloc::PeakAlloc;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// An input is judged in milliseconds; machines that run tests are busy, and some build for
/// debugging.
const ENOUGH: Duration = Duration::from_secs(10);

/// The most memory that an input of a few kilobytes may take at its peak.
const ENOUGH_BYTES: usize = 128 << 20;

/// How many mutants each target gets; `ISOSPIKE_FUZZ` multiplies.
fn mutants(target: &str) -> u32 {
    // So that no product exceeds 32 bits.
    let times = number("ISOSPIKE_FUZZ", 1..=1_000_000).unwrap_or_else(|why| panic!("{why}"));
    times.unwrap_or(1) as u32
        * match target {
            // These run networks on every engine.
            "network" | "overrides" | "data_file" => 400,
            "model_file" | "synapse" => 1000,
            _ => 4000,
        }
}

#[test]
fn every_target_comes_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dictionary = std::fs::read_to_string(root.join("dictionary")).unwrap();
    let words = words(&dictionary);
    assert!(words.len() > 100);
    for (number, (name, target)) in TARGETS.into_iter().enumerate() {
        let seeds = seeds(root, name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        let start = Instant::now();
        let mut worst = (Duration::ZERO, 0);
        let mut run = |input: &[u8]| {
            let (taken, bytes) = judge(name, target, input);
            worst = (worst.0.max(taken), worst.1.max(bytes));
        };
        seeds.iter().for_each(|seed| run(seed));
        let mutants = mutants(name);
        for n in 0..mutants {
            run(&mutant(&seeds, &words, number as u32, n));
        }
        println!(
            "{name}: {} seeds and {mutants} mutants in {:.1?}; at most {:.1?} and {} KiB for one",
            seeds.len(),
            start.elapsed(),
            worst.0,
            worst.1 >> 10,
        );
    }
}

/// Time and memory of an input. One that is found out is written down.
fn judge(name: &str, target: Target, input: &[u8]) -> (Duration, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Instant::now();
    let survived = catch_unwind(|| target(input)).is_ok();
    let taken = start.elapsed();
    let bytes = MEMORY.peak_usage().saturating_sub(before);
    if !survived || taken > ENOUGH || bytes > ENOUGH_BYTES {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("found-{name}"));
        std::fs::write(&file, input).unwrap();
        panic!("{name}: survived: {survived}, {taken:?}, {bytes} bytes; {}", file.display());
    }
    (taken, bytes)
}

/// The seeds of a target; those of model files are also the model files that people run.
fn seeds(root: &Path, name: &str) -> Vec<Vec<u8>> {
    let mut folders = vec![root.join("seeds").join(name)];
    if name == "model_file" {
        let others = ["../examples", "../conformance/cases", "../front/src/models"];
        folders.extend(others.map(|folder| root.join(folder)));
    }
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| entries(folder)).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder);
    let read = read.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = read.map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).collect()
}
