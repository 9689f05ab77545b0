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
