//! `run --checkpoint-every` and `--resume`: a run in pieces is the run in one piece.

use crate::common::{Folder, code, isospike, json, model, stderr};
use serde_json::Value;

/// Two copies of the small network; its duration and its folder are given by each run.
fn run(duration: &str, folder: &Folder, more: &[&str]) -> Value {
    let first = ["run", &model("small"), "--set", "network.batch=2", "--duration", duration];
    json(&[&first[..], &["--out", folder.argument()], more].concat())
}

/// The same without what depends on the time a run takes, on where it runs and is written.
fn lasting(report: &Value) -> Value {
    let mut report = report.clone();
    let keys = report.as_object_mut().unwrap();
    for key in [
        "backend",
        "device",
        "driver",
        "software",
        "notes",
        "build_s",
        "run_s",
        "real_time_factor",
        "synaptic_events_per_s",
        "memory_bytes",
        "measured",
        "not_measured",
        "resumed_at_step",
        "phases",
        "launches",
        "read_bytes",
        "written_bytes",
        "files",
    ] {
        assert!(keys.remove(key).is_some(), "{key}");
    }
    report
}

fn same_files(a: &Folder, b: &Folder) {
    let files = ["spikes.npz", "traces.npz", "raster.svg", "raster.png", "rates.svg", "rates.png"];
    for name in files {
        let read = |folder: &Folder| std::fs::read(folder.file(name)).unwrap();
        assert!(read(a) == read(b), "{name} differs");
    }
}

/// The backends that run a relay: all that are here.
fn runners() -> Vec<String> {
    let mut all: Vec<String> =
        ["cpu:1", "machine", "cpu:2", "reference", "cpu:7"].map(String::from).to_vec();
    for device in json(&["devices"])["devices"].as_array().unwrap() {
        let name = device["backend"].as_str().unwrap();
        if name != "cpu" {
            all.push(name.to_owned());
        }
    }
    all
}

#[test]
fn a_relay_of_all_backends_is_one_run() {
    let whole = Folder::new("whole");
    let report = run("100 ms", &whole, &[]);
    assert!(report["resumed_at_step"].is_null());
    let relay = Folder::new("relay");
    let runners = runners();
    println!("relay of {}", runners.join(", "));
    let mut last = Value::Null;
    for (leg, runner) in (1..).zip(&runners) {
        // An odd number of steps, more than the largest delay of 20 now and then.
        let steps = if leg == runners.len() { 1000 } else { (1000 * leg / runners.len()) | 1 };
        let duration = format!("{:.1} ms", steps as f64 / 10.0);
        let how: &[&str] = match leg {
            1 => &["--checkpoint-every", "0.7 ms"],
            3 => &["--resume", "--checkpoint-every", "1.1 ms"],
            _ => &["--resume"],
        };
        last = run(&duration, &relay, &[how, &["--backend", runner]].concat());
        assert_eq!(last["steps"], steps, "{runner}");
        assert_eq!(last["resumed_at_step"].is_null(), leg == 1, "{runner}");
    }
    assert_eq!(lasting(&last), lasting(&report));
    same_files(&relay, &whole);
}

#[test]
fn times_are_those_of_the_steps_since() {
    let folder = Folder::new("since");
    run("60 ms", &folder, &["--checkpoint-every", "50 ms"]);
    let report = run("100 ms", &folder, &["--resume"]);
    assert_eq!(report["resumed_at_step"], 600);
    let factor = report["run_s"].as_f64().unwrap() / 0.04;
    let told = report["real_time_factor"].as_f64().unwrap();
    assert!((told / factor - 1.0).abs() < 1e-9, "{told} {factor}");
    let per_s = report["synaptic_events_per_s"].as_f64().unwrap();
    let all = report["synaptic_events"].as_f64().unwrap();
    assert!(per_s * report["run_s"].as_f64().unwrap() < 0.9 * all, "{report}");
    // Nothing is left to run: the files are written again, and nothing is said of speed.
    let again = run("100 ms", &folder, &["--resume"]);
    assert_eq!((&again["digest"], &again["resumed_at_step"]), (&report["digest"], &1000.into()));
    assert!(again["real_time_factor"].is_null() && again["synaptic_events_per_s"].is_null());
}

#[test]
fn what_cannot_go_on_is_refused_by_name() {
    let folder = Folder::new("refused");
    let model = model("small");
    let run = |more: &[&str]| {
        let words = [&["run", &model, "--out", folder.argument()], more].concat();
        let output = isospike(&words);
        (code(&output), stderr(&output))
    };
    let refused = |more: &[&str], exit: i32, words: &[&str]| {
        let (code, text) = run(more);
        assert_eq!(code, exit, "{more:?}: {text}");
        for words in words {
            assert!(text.contains(words), "{more:?}: `{words}` is not in {text}");
        }
    };
    refused(&["--resume"], 4, &["checkpoint/state", "start without resuming"]);
    refused(&["--checkpoint-every", "0.04 ms"], 2, &["--checkpoint-every 0.04 ms"]);
    refused(&["--checkpoint-every", "5 mV"], 2, &["a time is wanted"]);
    assert_eq!(run(&["--checkpoint-every", "20 ms"]).0, 0);
    refused(&["--checkpoint-every", "20 ms"], 2, &["resume it", "checkpoint"]);
    refused(&["--resume", "--seed", "6"], 2, &["checkpoint/state", "another network"]);
    refused(&["--resume", "--set", "drive=1.1"], 2, &["another network"]);
    refused(
        &["--resume", "--duration", "99 ms"],
        2,
        &["step 1000", "990 steps", "longer duration"],
    );
    refused(&["--resume", "--series"], 2, &["--series", "--resume"]);
    for words in [&["--resume"][..], &["--checkpoint-every", "1 ms"]] {
        let output = isospike(&[&["run", &model], words].concat());
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("--out"), "{}", stderr(&output));
    }
}

#[test]
fn damaged_checkpoints_name_the_file_and_what_is_wrong() {
    let folder = Folder::new("damaged");
    run("20 ms", &folder, &["--checkpoint-every", "10 ms"]);
    let check = |name: &str, damage: &dyn Fn(&mut Vec<u8>), words: &str| {
        let path = folder.file("checkpoint").join(name);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        damage(&mut bad);
        std::fs::write(&path, &bad).unwrap();
        let batch = ["--set", "network.batch=2", "--resume", "--out", folder.argument()];
        let output = isospike(&[&["run", &model("small")], &batch[..]].concat());
        let text = stderr(&output);
        assert_eq!(code(&output), 4, "{name}: {text}");
        for words in [path.to_str().unwrap(), words, "start again without resuming"] {
            assert!(text.contains(words), "{name}: `{words}` is not in {text}");
        }
        // Nothing was touched: with the file as it was, the run goes on.
        assert_eq!(std::fs::read(&path).unwrap(), bad);
        std::fs::write(&path, good).unwrap();
    };
    check("state", &|file| file.truncate(file.len() / 2), "says that it has");
    check("state", &|file| file.truncate(3), "not a checkpoint");
    check("state", &|file| file.clear(), "not a checkpoint");
    check("state", &|file| file[200] ^= 1, "checksum");
    check("state", &|file| file[8] = 9, "version 9");
    check("spikes", &|file| file.truncate(file.len() - 1), "of which the checkpoint counts");
    check("spikes", &|file| file[4] ^= 1, "not what the checkpoint counts");
    check("trace-0", &|file| file.truncate(0), "of which the checkpoint counts");
    let whole = Folder::new("undamaged");
    let report = run("50 ms", &whole, &[]);
    let resumed = run("50 ms", &folder, &["--resume"]);
    assert_eq!(lasting(&resumed), lasting(&report));
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_checkpoint() {
    use std::process::{Command, Stdio};
    use std::time::Duration;
    let folder = Folder::new("interrupt");
    let duration = ["--duration", "100000 s", "--checkpoint-every", "90000 s"];
    let quiet = ["--set", "stimulus.noise.rate=1 Hz", "--set", "drive=0"];
    let run = Command::new(env!("CARGO_BIN_EXE_isospike"))
        .args(["run", &model("small"), "--out", folder.argument()])
        .args(duration)
        .args(quiet)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.file("checkpoint").join("state").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(700));
    let kill = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(stderr(&output).contains("--resume goes on from there"), "{}", stderr(&output));
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.file("run.json")).unwrap()).unwrap();
    let steps = saved["steps"].as_u64().unwrap();
    assert!(steps > 0);
    let duration = format!("{:.1} ms", (steps + 500) as f64 / 10.0);
    let more = ["--resume", "--duration", &duration, "--out", folder.argument()];
    let resumed = json(&[&["run", &model("small")], &quiet[..], &more].concat());
    assert_eq!(resumed["resumed_at_step"], steps);
    let whole = json(&[&["run", &model("small"), "--duration", &duration], &quiet[..]].concat());
    assert_eq!(lasting(&resumed), lasting(&whole));
}
