//! Decisions of the environment: variables, and how many threads there may be.

use crate::common::{Folder, code, model, stderr, stdout};
use serde_json::Value;
use std::process::{Command, Output};

/// Runs the small model with a variable set.
fn with(name: &str, value: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isospike"));
    command.args(["run", &model("small"), "--duration", "10 ms", "--json"]).env(name, value);
    command.output().unwrap()
}

fn device(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}", stderr(output));
    let report: Value = serde_json::from_str(&stdout(output)).unwrap();
    report["device"].as_str().unwrap().to_owned()
}

#[test]
fn a_switch_is_understood_or_refused() {
    let on = device(&with("ISOSPIKE_CPU_JIT", ""));
    for value in ["off", "0", "false", "no", "OFF", " Off "] {
        let device = device(&with("ISOSPIKE_CPU_JIT", value));
        assert!(device.contains("interpreter"), "{value}: {device}");
    }
    for value in ["on", "1", "true", "YES"] {
        assert_eq!(device(&with("ISOSPIKE_CPU_JIT", value)), on, "{value}");
    }
    for value in ["maybe", "2", "offf"] {
        let output = with("ISOSPIKE_CPU_JIT", value);
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        let words = format!("ISOSPIKE_CPU_JIT={value} is neither `on` nor `off`");
        assert!(stderr(&output).contains(&words), "{}", stderr(&output));
    }
}

#[test]
fn an_instruction_set_is_chosen_or_refused() {
    let [widest, baseline] = ["", " Baseline "].map(|word| with("ISOSPIKE_CPU_ISA", word));
    let name = isospike_cpu::Isa::Baseline.name();
    assert!(device(&baseline).contains(name), "{}", device(&baseline));
    let digest = |output: &Output| -> Value {
        let report: Value = serde_json::from_str(&stdout(output)).unwrap();
        report["digest"].clone()
    };
    assert!(digest(&widest).is_string());
    assert_eq!(digest(&widest), digest(&baseline));
    let output = with("ISOSPIKE_CPU_ISA", "avx3");
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let words = "ISOSPIKE_CPU_ISA=avx3 is none of `baseline`, `avx2`, `avx512`";
    assert!(stderr(&output).contains(words), "{}", stderr(&output));
}

/// Runs a program under the limits of a shell.
#[cfg(target_os = "linux")]
fn limited(limits: &str, arguments: &[&str]) -> Output {
    let script = format!("{limits} && exec \"$0\" \"$@\"");
    let program = env!("CARGO_BIN_EXE_isospike");
    Command::new("sh").args(["-c", &script, program]).args(arguments).output().unwrap()
}

/// Address space for the stacks of some hundred threads only.
#[cfg(target_os = "linux")]
#[test]
fn more_threads_than_the_system_has_room_for_are_an_error() {
    let folder = Folder::new("many_threads");
    std::fs::create_dir_all(folder.path()).unwrap();
    let file = folder.file("many.toml");
    let text = std::fs::read_to_string(model("small")).unwrap();
    let end = text.find("[population.inh]").unwrap();
    std::fs::write(&file, text[..end].replace("size = 80", "size = 600_000")).unwrap();
    let file = file.to_str().unwrap();
    let output = limited("ulimit -v 2500000", &["run", file, "--threads", "4096"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let text = stderr(&output);
    for words in ["asked for: 4096 threads", "ask for fewer"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

/// One processor of those that there are: one thread.
#[cfg(target_os = "linux")]
#[test]
fn a_pinned_process_has_fewer_cores() {
    let taskset = Command::new("taskset").arg("--version").output();
    if !taskset.is_ok_and(|output| output.status.success()) {
        println!("no taskset here");
        return;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    let first: String = allowed.trim().chars().take_while(char::is_ascii_digit).collect();
    let output = Command::new("taskset")
        .args(["-c", &first, env!("CARGO_BIN_EXE_isospike")])
        .args(["run", &model("small"), "--duration", "10 ms", "--json"])
        .output()
        .unwrap();
    assert!(device(&output).ends_with("up to 1 thread"), "{}", device(&output));
}
