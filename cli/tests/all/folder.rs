//! An output folder belongs to one process, and says whether that one came to its end.

use crate::common::{Folder, code, isospike, json, model, stderr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A run without end that has taken the folder.
fn endless(folder: &Folder) -> Child {
    let quiet = ["--set", "stimulus.noise.rate=1 Hz", "--set", "drive=0", "--quiet"];
    let run = Command::new(env!("CARGO_BIN_EXE_isospike"))
        .args(["run", &model("small"), "--duration", "100000 s", "--out", folder.argument()])
        .args(quiet)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let number = format!("process {}\n", run.id());
    let marker = folder.file("UNFINISHED");
    while !std::fs::read_to_string(&marker).is_ok_and(|text| text.starts_with(&number)) {
        std::thread::sleep(Duration::from_millis(10));
    }
    run
}

fn run<'a>(folder: &'a Folder, model: &'a str) -> [&'a str; 6] {
    ["run", model, "--duration", "20 ms", "--out", folder.argument()]
}

#[test]
fn a_second_process_is_refused_and_told_the_first() {
    let (folder, model) = (Folder::new("second"), model("small"));
    let before = json(&run(&folder, &model));
    assert!(!folder.file("UNFINISHED").exists());
    let mut first = endless(&folder);
    let number = format!("process {} writes here", first.id());
    for words in [
        &run(&folder, &model)[..],
        &[&run(&folder, &model)[..], &["--resume"]].concat(),
        &[
            "compare",
            &model,
            "--duration",
            "20 ms",
            "--backends",
            "cpu",
            "--out",
            folder.argument(),
        ],
        &["bench", "cuba_4k", "--out", folder.argument()],
        &["plot", folder.argument()],
    ] {
        let output = isospike(words);
        assert_eq!(code(&output), 4, "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(&number), "{words:?}: {}", stderr(&output));
    }
    // A process that is gone blocks nobody, but what it left is in doubt.
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(folder.file("UNFINISHED").exists());
    let plot = isospike(&["plot", folder.argument()]);
    assert_eq!(code(&plot), 0);
    assert!(stderr(&plot).contains("is unfinished"), "{}", stderr(&plot));
    let after = json(&run(&folder, &model));
    assert_eq!(after["digest"], before["digest"]);
    assert!(!folder.file("UNFINISHED").exists());
    let plot = isospike(&["plot", folder.argument()]);
    assert_eq!((code(&plot), stderr(&plot)), (0, String::new()));
}

#[test]
fn many_at_once_leave_the_files_of_one() {
    let (folder, model) = (Folder::new("many"), model("small"));
    for round in 0..5 {
        let start = |seed: u32| {
            Command::new(env!("CARGO_BIN_EXE_isospike"))
                .args(run(&folder, &model))
                .args(["--seed", &seed.to_string(), "--json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let all: Vec<Child> = (0..4).map(|seed| start(round * 4 + seed)).collect();
        let ends: Vec<_> = all.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        let done = ends.iter().filter(|end| code(end) == 0).count();
        let refused = ends.iter().filter(|end| code(end) == 4).count();
        assert!(done >= 1 && done + refused == 4, "{done} {refused}");
        assert!(!folder.file("UNFINISHED").exists());
        let saved = std::fs::read(folder.file("run.json")).unwrap();
        assert!(ends.iter().any(|end| code(end) == 0 && end.stdout == saved));
        assert_eq!(code(&isospike(&["plot", folder.argument()])), 0);
    }
}

#[test]
fn links_are_not_followed_and_other_results_go() {
    let (folder, model) = (Folder::new("links"), model("small"));
    std::fs::create_dir_all(folder.file("checkpoint")).unwrap();
    let treasure = Folder::new("treasure");
    std::fs::write(treasure.path(), "gold").unwrap();
    for name in [
        ".part-spikes.npz",
        "spikes.npz",
        "run.json",
        "raster.png",
        "checkpoint/spikes",
        "checkpoint/.part-state",
    ] {
        std::os::unix::fs::symlink(treasure.path(), folder.file(name)).unwrap();
    }
    std::fs::write(folder.file("compare.json"), "of another command").unwrap();
    json(&[&run(&folder, &model)[..], &["--checkpoint-every", "5 ms"]].concat());
    assert_eq!(std::fs::read_to_string(treasure.path()).unwrap(), "gold");
    assert!(!folder.file("compare.json").exists());
    assert!(folder.file("spikes.npz").symlink_metadata().unwrap().is_file());
    std::os::unix::fs::symlink(treasure.path(), folder.file("UNFINISHED")).unwrap();
    let output = isospike(&run(&folder, &model));
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("no ordinary file"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(treasure.path()).unwrap(), "gold");
    std::fs::remove_file(treasure.path()).unwrap();
}

#[test]
fn a_result_that_cannot_be_written_leaves_the_mark() {
    let (folder, model) = (Folder::new("marked"), model("small"));
    std::fs::create_dir_all(folder.file("run.json/in_the_way")).unwrap();
    let output = isospike(&run(&folder, &model));
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("run.json"), "{}", stderr(&output));
    assert!(folder.file("UNFINISHED").exists());
    let plot = isospike(&["plot", folder.argument()]);
    assert_eq!(code(&plot), 0);
    assert!(stderr(&plot).contains("is unfinished"), "{}", stderr(&plot));
    assert!(folder.file("UNFINISHED").exists());
    std::fs::remove_dir_all(folder.file("run.json")).unwrap();
    json(&run(&folder, &model));
    assert!(!folder.file("UNFINISHED").exists());
}

#[test]
fn a_linked_folder_of_checkpoints_is_not_followed() {
    let (folder, model) = (Folder::new("linked"), model("small"));
    let other = Folder::new("linked_other");
    for folder in [&folder, &other] {
        std::fs::create_dir_all(folder.path()).unwrap();
    }
    std::fs::write(other.file(".part-state"), "of another run").unwrap();
    std::os::unix::fs::symlink(other.path(), folder.file("checkpoint")).unwrap();
    json(&run(&folder, &model));
    for more in [&["--checkpoint-every", "5 ms"][..], &["--resume"]] {
        let output = isospike(&[&run(&folder, &model)[..], more].concat());
        assert_eq!(code(&output), 4, "{more:?}");
        assert!(stderr(&output).contains("it is a link"), "{}", stderr(&output));
    }
    let left: Vec<_> = std::fs::read_dir(other.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1);
    assert_eq!(std::fs::read_to_string(left[0].path()).unwrap(), "of another run");
}

#[test]
fn a_certificate_leaves_results_of_a_killed_run_in_doubt() {
    let (folder, model) = (Folder::new("doubt"), model("small"));
    json(&run(&folder, &model));
    let certify = || {
        std::fs::write(folder.file("UNFINISHED"), "process 1\n").unwrap();
        let level = ["conformance", "--backend", "cpu:1", "--level", "1", "--quiet"];
        isospike(&[&level[..], &["--report", folder.argument()]].concat())
    };
    let output = certify();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("is unfinished"), "{}", stderr(&output));
    assert!(folder.file("UNFINISHED").exists() && folder.file("run.json").exists());
    let refused =
        isospike(&["bench", "cuba_4k", "--backend", "opencl:none", "--out", folder.argument()]);
    assert_eq!(code(&refused), 1, "{}", stderr(&refused));
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let refused =
        isospike(&["bench", "cuba_4k", "--backend", "opencl:none", "--out", folder.argument()]);
    assert_eq!(code(&refused), 1, "{}", stderr(&refused));
    assert!(!folder.file("UNFINISHED").exists(), "nothing was written");
    assert_eq!(code(&certify()), 0);
    assert!(!folder.file("UNFINISHED").exists());
}
