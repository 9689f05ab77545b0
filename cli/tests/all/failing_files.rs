//! Files that fail: full disks, folders that cannot be written, files cut off. The error names the
//! file, and what was written before is still there.

use crate::common::{Folder, code, isospike, json, model, stderr};
use isospike_conformance::missing::lack;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A kilobyte of spikes every few milliseconds.
fn arguments<'a>(model: &'a str, duration: &'a str, folder: &'a str) -> [&'a str; 7] {
    ["run", model, "--duration", duration, "--out", folder, "--json"]
}

/// Runs with a limit on the size of each file, in blocks of at most a kilobyte. Without the signal
/// that would end the process, a write beyond it fails as on a full disk.
#[cfg(unix)]
fn limited(blocks: u32, arguments: &[&str]) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let isospike = env!("CARGO_BIN_EXE_isospike");
    let shell = ["-c", &script, "sh", isospike];
    Command::new("sh").args(shell).args(arguments).output().unwrap()
}

/// A file system of some kilobytes, where this process may mount one.
#[cfg(target_os = "linux")]
struct Disk(Folder);

#[cfg(target_os = "linux")]
impl Disk {
    fn new(name: &str, kilobytes: u32) -> Option<Self> {
        let folder = Folder::new(name);
        std::fs::create_dir_all(folder.path()).unwrap();
        let size = format!("size={kilobytes}k");
        match mount(&["-t", "tmpfs", "-o", &size, "tmpfs", folder.argument()]) {
            true => Some(Self(folder)),
            false => {
                lack("tmpfs", &format!("{name}: this process may not mount a file system"));
                None
            }
        }
    }

    fn remount(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}"), self.0.argument()]), "{options}");
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        // A folder that stays mounted after a failed test is a few kilobytes.
        let _ = Command::new("umount").args(["-l", self.0.argument()]).status();
    }
}

#[cfg(target_os = "linux")]
fn mount(arguments: &[&str]) -> bool {
    let output = Command::new("mount").args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn assert_says(output: &Output, exit: i32, words: &[&str]) {
    let text = stderr(output);
    assert_eq!(code(output), exit, "{text}");
    for words in words {
        assert!(text.contains(words), "`{words}` is not in {text}");
    }
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn results_that_do_not_fit_leave_those_before() {
    let (folder, model) = (Folder::new("limit"), model("small"));
    let before = json(&arguments(&model, "20 ms", folder.argument())[..6]);
    let (files, spikes) = (names(folder.path()), folder.file("spikes.npz"));
    let good = std::fs::read(&spikes).unwrap();
    let output = limited(16, &arguments(&model, "3 s", folder.argument()));
    assert_says(&output, 4, &[spikes.to_str().unwrap(), "File too large"]);
    // The hour was not in vain: the report came, with the digest.
    let whole = json(&["run", &model, "--duration", "3 s"]);
    assert_eq!(report(&output)["digest"], whole["digest"]);
    assert_eq!(report(&output)["files"], Value::Array(Vec::new()));
    assert_eq!(std::fs::read(&spikes).unwrap(), good);
    // Some files might be of this run: the folder is marked.
    let marked = names(folder.path());
    assert_eq!(
        marked.iter().filter(|name| *name != "UNFINISHED").collect::<Vec<_>>(),
        files.iter().collect::<Vec<_>>()
    );
    assert_eq!(marked.len(), files.len() + 1);
    let saved = std::fs::read_to_string(folder.file("run.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap()["digest"], before["digest"]);
    let plot = isospike(&["plot", folder.argument()]);
    assert_says(&plot, 0, &["is unfinished"]);
    json(&arguments(&model, "20 ms", folder.argument())[..6]);
    assert_eq!(names(folder.path()), files);
}

#[cfg(unix)]
#[test]
fn checkpoints_that_do_not_fit_are_told_and_the_last_one_goes_on() {
    let (folder, model) = (Folder::new("limited"), model("small"));
    let run = arguments(&model, "3 s", folder.argument());
    let output = limited(16, &[&run[..], &["--checkpoint-every", "100 ms"]].concat());
    let log = folder.file("checkpoint").join("spikes");
    let words = ["warning: no checkpoint of step", log.to_str().unwrap(), "File too large"];
    assert_says(&output, 4, &words);
    let whole = json(&["run", &model, "--duration", "3 s"]);
    assert_eq!(report(&output)["digest"], whole["digest"]);
    let resumed = json(&[&run[..6], &["--resume"]].concat());
    let step = resumed["resumed_at_step"].as_u64().unwrap();
    assert!(0 < step && step < 30_000, "{step}");
    assert_eq!(resumed["digest"], whole["digest"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_last_checkpoint() {
    let Some(disk) = Disk::new("full", 96) else { return };
    let model = model("small");
    let run = arguments(&model, "6 s", disk.0.argument());
    let output = isospike(&[&run[..], &["--checkpoint-every", "100 ms"]].concat());
    assert_says(&output, 4, &["warning: no checkpoint of step", "No space left on device"]);
    let whole = json(&["run", &model, "--duration", "6 s"]);
    assert_eq!(report(&output)["digest"], whole["digest"]);
    disk.remount("size=16m");
    let resumed = json(&[&run[..6], &["--resume"]].concat());
    let step = resumed["resumed_at_step"].as_u64().unwrap();
    assert!(0 < step && step < 60_000, "{step}");
    assert_eq!(resumed["digest"], whole["digest"]);
    assert_eq!(code(&isospike(&["plot", disk.0.argument()])), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_may_only_be_read_is_told_before_the_run() {
    let Some(disk) = Disk::new("read_only", 1024) else { return };
    let model = model("small");
    let run = arguments(&model, "20 ms", disk.0.argument());
    json(&[&run[..6], &["--checkpoint-every", "5 ms"]].concat());
    let before = names(disk.0.path());
    disk.remount("ro");
    let longer = arguments(&model, "40 ms", disk.0.argument());
    let read_only = "Read-only file system";
    let output = isospike(&[&longer[..], &["--resume"]].concat());
    assert_says(&output, 4, &["UNFINISHED", read_only]);
    let deeper = disk.0.file("deeper");
    let output = isospike(&arguments(&model, "20 ms", deeper.to_str().unwrap()));
    assert_says(&output, 4, &["deeper", read_only]);
    assert!(output.stdout.is_empty());
    assert_says(&isospike(&["plot", disk.0.argument()]), 4, &["UNFINISHED", read_only]);
    assert_eq!(names(disk.0.path()), before);
    disk.remount("rw");
    let resumed = json(&[&longer[..6], &["--resume"]].concat());
    assert_eq!(resumed["digest"], json(&["run", &model, "--duration", "40 ms"])["digest"]);
}

#[test]
fn a_place_that_is_taken_is_told_before_the_run() {
    let (folder, model) = (Folder::new("taken"), model("small"));
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(folder.file("checkpoint"), "a file").unwrap();
    let run = arguments(&model, "20 ms", folder.argument());
    let output = isospike(&[&run[..], &["--checkpoint-every", "5 ms"]].concat());
    assert_says(&output, 4, &[folder.file("checkpoint").to_str().unwrap()]);
    assert!(output.stdout.is_empty());
    let output =
        isospike(&arguments(&model, "20 ms", folder.file("checkpoint/x").to_str().unwrap()));
    assert_says(&output, 4, &["checkpoint/x"]);
    assert_eq!(std::fs::read_to_string(folder.file("checkpoint")).unwrap(), "a file");
}

#[test]
fn plot_names_a_file_that_was_cut_off() {
    let (folder, model) = (Folder::new("cut"), model("small"));
    json(&arguments(&model, "50 ms", folder.argument())[..6]);
    let (spikes, raster) = (folder.file("spikes.npz"), folder.file("raster.png"));
    let (whole, drawn) = (std::fs::read(&spikes).unwrap(), std::fs::read(&raster).unwrap());
    for length in [0, 1, 100, whole.len() / 3, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        std::fs::write(&spikes, &whole[..length]).unwrap();
        let output = isospike(&["plot", folder.argument()]);
        assert_says(&output, 4, &[spikes.to_str().unwrap()]);
        assert_eq!(std::fs::read(&raster).unwrap(), drawn, "{length}");
    }
}

/// Compiled kernels are only a convenience: whatever is wrong with them, the bits are the same.
#[test]
fn a_broken_cache_of_kernels_changes_nothing() {
    let devices = json(&["devices"]);
    let names = devices["devices"].as_array().unwrap().iter();
    let names = names.map(|device| device["backend"].as_str().unwrap().to_owned());
    // Only these compile through the cache.
    let caching: Vec<String> =
        names.filter(|name| name.starts_with("opencl") || name.starts_with("cuda")).collect();
    if caching.is_empty() {
        for word in ["opencl", "opencl-pocl", "opencl-rusticl", "opencl-intel", "cuda"] {
            lack(word, "no device here caches kernels");
        }
    }
    let model = model("small");
    let expected = &json(&["run", &model, "--duration", "10 ms"])["digest"];
    for name in caching {
        let folder = Folder::new(&format!("cache_{}", name.replace(':', "_")));
        let run = |cache: &Path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_isospike"));
            command.args(["run", &model, "--duration", "10 ms", "--backend", &name, "--json"]);
            let output = command.env("ISOSPIKE_CACHE", cache).output().unwrap();
            assert_eq!(code(&output), 0, "{}", stderr(&output));
            assert_eq!(&report(&output)["digest"], expected, "{name}");
        };
        run(folder.path());
        let entries: Vec<PathBuf> =
            self::names(folder.path()).iter().map(|entry| folder.file(entry)).collect();
        assert!(!entries.is_empty(), "{name} cached nothing");
        let damage = |how: fn(&mut Vec<u8>)| {
            for entry in &entries {
                let mut content = std::fs::read(entry).unwrap();
                how(&mut content);
                std::fs::write(entry, content).unwrap();
            }
            run(folder.path());
        };
        damage(|entry| entry.truncate(entry.len() / 2));
        damage(|entry| entry.clear());
        damage(|entry| *entry = b"garbage, and more of it than a digest has bytes".to_vec());
        damage(|entry| entry.iter_mut().for_each(|byte| *byte ^= 0x55));
        // A folder that cannot be made, and entries that are folders.
        run(&entries[0].join("deeper"));
        for entry in &entries {
            std::fs::remove_file(entry).unwrap();
            std::fs::create_dir(entry).unwrap();
        }
        run(folder.path());
    }
}
