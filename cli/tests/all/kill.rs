//! A run that is killed again and again is the run that never was.

use crate::common::{Folder, json, model};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often.
const KILLS: u32 = 50;

/// The seed of the times at which processes are killed.
const SEED: u64 = 4;

/// Half a million steps: many processes long, and each checkpoint a hundredth of that.
const DURATION: [&str; 2] = ["--duration", "50 s"];

/// The results of killed processes.
#[derive(Debug, Default)]
struct Kills {
    /// In all.
    all: u32,
    /// Kills of processes that had run steps and were to run more.
    running: u32,
    /// While logs or the state file were being written: there is more than the last checkpoint.
    writing: u32,
    /// Kills of processes that a checkpoint after step 0 was resumed by.
    resumed: u32,
    /// The number of these that brought the run on.
    useful: u32,
}

#[test]
fn fifty_kills_change_nothing() {
    let whole = Folder::new("whole");
    let model = model("small");
    let expected = json(&[&["run", &model, "--out", whole.argument()], &DURATION[..]].concat());
    let startup = startup(&model);
    let (mut kills, mut runs, mut random) = (Kills::default(), 0, SEED);
    let clock = Instant::now();
    while kills.all < KILLS || runs == 0 {
        let folder = Folder::new(&format!("killed_{runs}"));
        let report = run_to_the_end(&model, &folder, startup, &mut kills, &mut random);
        runs += 1;
        assert_eq!(report["digest"], expected["digest"]);
        assert_eq!(report["projections"], expected["projections"]);
        for name in ["spikes.npz", "traces.npz"] {
            let read = |folder: &Folder| std::fs::read(folder.file(name)).unwrap();
            assert!(read(&folder) == read(&whole), "{name} differs");
        }
    }
    println!(
        "seed {SEED}, start-up {startup:.3?}: {runs} runs, {} kills, {} of them of a running step, \
         {} in the middle of a checkpoint; {} processes resumed a run, {} of them brought it on; \
         {:.1?} in all",
        kills.all,
        kills.running,
        kills.writing,
        kills.resumed,
        kills.useful,
        clock.elapsed()
    );
    assert!(kills.all >= KILLS && kills.running > 0 && kills.useful > 0, "{kills:?}");
}

/// How long a process takes that runs one step: on a busy machine longer than on a quiet one.
fn startup(model: &str) -> Duration {
    let clock = Instant::now();
    json(&["run", model, "--duration", "0.1 ms"]);
    clock.elapsed()
}

/// A run that is killed until there were enough kills, then left alone.
fn run_to_the_end(
    model: &str,
    folder: &Folder,
    startup: Duration,
    kills: &mut Kills,
    random: &mut u64,
) -> serde_json::Value {
    let state = folder.file("checkpoint").join("state");
    let mut saved = None;
    loop {
        let how = match saved {
            None => &["--checkpoint-every", "500 ms"][..],
            Some(_) => &["--resume"][..],
        };
        let arguments = [&["run", model, "--out", folder.argument()], &DURATION[..], how].concat();
        if kills.all >= KILLS {
            return json(&arguments);
        }
        // Threads and machine code come and go.
        let threads = ["1", "2"][(next(random) % 2) as usize];
        let jit = ["on", "off"][(next(random) % 2) as usize];
        let mut process = Command::new(env!("CARGO_BIN_EXE_isospike"))
            .args(&arguments)
            .args(["--threads", threads, "--json"])
            .env("ISOSPIKE_CPU_JIT", jit)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From the middle of the start-up to well behind it.
        let spin_wait = startup.mul_f64(0.4 + 3.0 * (next(random) % 1000) as f64 / 1000.0);
        std::thread::sleep(spin_wait + Duration::from_millis(next(random) % 100));
        if let Some(status) = process.try_wait().unwrap() {
            // It was done before its time: the last resume finds nothing to do.
            assert!(status.success(), "{status}");
            return json(&[&arguments[..4], &DURATION[..], &["--resume"]].concat());
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let now = Saved::read(&state, folder);
        let step = |saved: &Option<Saved>| saved.as_ref().map_or(0, |saved| saved.step);
        let brought_on = step(&now) > step(&saved);
        kills.all += 1;
        kills.running += u32::from(brought_on);
        // A tail that an earlier process left counts once.
        kills.writing +=
            u32::from(now.as_ref().is_some_and(|saved| saved.has_more) && now != saved);
        kills.resumed += u32::from(step(&saved) > 0);
        kills.useful += u32::from(brought_on && step(&saved) > 0);
        saved = now;
    }
}

/// The files on the disk.
#[derive(Debug, PartialEq, Eq)]
struct Saved {
    step: u32,
    /// The size of the log of spikes, valid or not.
    bytes: u64,
    /// There is more than the checkpoint counts, or half of the next state file.
    has_more: bool,
}

impl Saved {
    /// `None` before the first checkpoint.
    fn read(state: &Path, folder: &Folder) -> Option<Self> {
        let file = std::fs::read(state).ok()?;
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        let long = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
        // As in `core/src/run/checkpoint/file.rs`.
        let spikes = 60 + 8 + 4 * long(60) as usize;
        let counts = spikes + 8 + 8 * long(spikes) as usize;
        let logs = (0..4).fold(counts + 8, |at, _| at + 8 + 8 * long(at) as usize);
        let checkpoint = folder.file("checkpoint");
        let bytes = std::fs::metadata(checkpoint.join("spikes")).unwrap().len();
        let has_more = bytes > long(logs + 8) || has_part(&checkpoint);
        Some(Self { step: word(52), bytes, has_more })
    }
}

/// The next number of a linear congruential generator, its better half.
fn next(random: &mut u64) -> u64 {
    *random =
        random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *random >> 33
}

/// Whether a file of the checkpoint was being written.
fn has_part(checkpoint: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(checkpoint) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(".part-"))
}
