//! `isospike bench` from outside: rows, goals, rates, files, mistakes.

use crate::common::{Folder, code, isospike, json, model, stderr, stdout};
use serde_json::Value;

fn rows(words: &[&str]) -> Vec<Value> {
    let file = model("workloads");
    let report = json(&[&["bench", "--workloads", &file], words].concat());
    report["rows"].as_array().unwrap().clone()
}

#[test]
fn a_row_says_what_run_says() {
    let row = rows(&["small"]).remove(0);
    let run = json(&["run", &model("small")]);
    assert_eq!(row["digest"], run["digest"]);
    assert_eq!((row["neurons"].as_u64(), row["repetitions"].as_u64()), (Some(102), Some(2)));
    for (rate, population) in
        row["rates"].as_array().unwrap().iter().zip(run["populations"].as_array().unwrap())
    {
        assert_eq!(rate["population"], population["name"]);
        assert_eq!(rate["rate_hz"], population["rate_hz"]);
        assert_eq!(rate["reference_rate_hz"], population["reference_rate_hz"]);
    }
    // 800 steps of the 100 neurons that run a program.
    assert_eq!(row["neuron_updates"], 80_000);
    assert!(row["synaptic_events"].as_u64().unwrap() < run["synaptic_events"].as_u64().unwrap());
    // The transient has spikes, so the measured part has fewer.
    assert!(row["spikes"].as_u64().unwrap() < run["spikes"].as_u64().unwrap());
}

#[test]
fn a_row_has_times_bytes_and_the_limit() {
    let row = rows(&["small", "--threads", "1"]).remove(0);
    for key in [
        "events_per_s",
        "updates_per_s",
        "ns_per_event",
        "ns_per_update",
        "bytes_per_event",
        "bytes_per_update",
        "moved_gb_per_s",
        "share_of_limit",
        "bytes_per_synapse",
    ] {
        assert!(row[key].as_f64().unwrap() > 0.0, "{key}");
    }
    let phases = row["phases"].as_array().unwrap();
    let names: Vec<&str> = phases.iter().map(|p| p["phase"].as_str().unwrap()).collect();
    assert_eq!(names, ["deliver", "update", "emit", "wait"]);
    assert!(phases[1]["s_per_s"].as_f64().unwrap() > 0.0);
    for key in ["build_s", "real_time_factor"] {
        let (min, median) = (row[key]["min"].as_f64().unwrap(), row[key]["median"].as_f64());
        assert!(min > 0.0 && median.unwrap() >= min, "{key}");
    }
    // v, the current, the refractory counter and the accumulator, read and written.
    assert_eq!(row["bytes_per_update"], 32.0);
    let (limit, factor) = (&row["limit"]["real_time_factor"], &row["real_time_factor"]["min"]);
    let share = limit.as_f64().unwrap() / factor.as_f64().unwrap();
    assert!((row["share_of_limit"].as_f64().unwrap() / share - 1.0).abs() < 1e-9);
    assert_eq!(row["threads"], 1);
    let memory = &row["machine"]["memory"];
    for key in ["read_gb_per_s", "copy_gb_per_s", "triad_gb_per_s"] {
        assert!(memory[key].as_f64().unwrap() > 0.0, "{key}");
    }
    assert!(row["machine"]["date"].as_str().unwrap().ends_with('Z'));
    assert!(row["commit"].as_str().unwrap().len() >= 7);
    if cfg!(target_os = "linux") {
        assert!(row["peak_bytes"].as_u64().unwrap() > row["memory_bytes"].as_u64().unwrap());
    }
}

#[test]
fn goals_are_reached_or_not() {
    let all = rows(&[]);
    let reached = |row: &Value| (row["bar_reached"].clone(), row["aim_reached"].clone());
    assert_eq!(reached(&all[0]), (true.into(), false.into()));
    assert_eq!(reached(&all[1]), (false.into(), Value::Null));
    assert_eq!(all[1]["peer"]["name"], "nobody");
}

#[test]
fn rates_that_are_far_from_the_reference_are_told() {
    let file = model("workloads");
    let row = rows(&["wrong_rate"]).remove(0);
    assert_eq!(row["rates_agree"], false);
    let output = isospike(&["bench", "wrong_rate", "--workloads", &file, "--quiet"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["DIFFER", "the reference is 500 Hz, more than 10 % away", "NO", "2"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn kernels_have_bytes_but_no_times_of_events() {
    let row = rows(&["wrong_rate", "--backend", "machine"]).remove(0);
    assert!(row["bytes_per_event"].as_f64().unwrap() > 8.0);
    assert!(row["bytes_per_update"].as_f64().unwrap() >= 32.0);
    assert_eq!((&row["ns_per_event"], &row["threads"]), (&Value::Null, &Value::Null));
    assert_eq!(row["digest"], rows(&["wrong_rate"])[0]["digest"]);
    let output = isospike(&["bench", "--backend", "reference"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("oracle"), "{}", stderr(&output));
}

#[test]
fn a_folder_gathers_rows_and_is_drawn_again() {
    let folder = Folder::new("bench");
    let (file, out) = (model("workloads"), folder.argument());
    for names in [&["small"][..], &["wrong_rate", "small"]] {
        let words = [&["bench"], names, &["--workloads", &file, "--repeat", "1", "--out", out]];
        let output = isospike(&words.concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    let text = std::fs::read_to_string(folder.file("bench.jsonl")).unwrap();
    let name = |line: &str| serde_json::from_str::<Value>(line).unwrap()["workload"].clone();
    let names: Vec<Value> = text.lines().map(name).collect();
    assert_eq!(names, ["small", "wrong_rate", "small"]);
    std::fs::remove_file(folder.file("bench.svg")).unwrap();
    assert_eq!(code(&isospike(&["plot", out])), 0);
    let svg = std::fs::read_to_string(folder.file("bench.svg")).unwrap();
    // One row for each workload, the last of it.
    for (words, times) in [(">small<", 1), (">wrong_rate<", 1), (">deliver<", 1)] {
        assert_eq!(svg.matches(words).count(), times, "{words}");
    }
    assert_eq!(code(&isospike(&["plot", out, "--from", "1 ms"])), 2);
    std::fs::write(folder.file("bench.jsonl"), "{}\n").unwrap();
    let output = isospike(&["plot", out]);
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("line 1"), "{}", stderr(&output));
}

#[test]
fn markdown_has_a_line_for_each_workload_in_both_tables() {
    let file = model("workloads");
    let output = isospike(&["bench", "small", "--workloads", &file, "--markdown", "--quiet"]);
    let text = stdout(&output);
    assert_eq!(text.matches("| small |").count(), 3, "{text}");
    let widths: Vec<usize> =
        text.lines().filter(|line| line.starts_with('|')).map(|l| l.matches('|').count()).collect();
    assert_eq!(widths, [12, 12, 12, 12, 12, 12, 9, 9, 9], "{text}");
    assert!(text.contains("\nbeside one busy process:\n"), "{text}");
}

#[test]
fn a_busy_process_is_beside_unless_it_is_not_wanted() {
    let row = rows(&["small"]).remove(0);
    let beside = &row["beside_busy"];
    let median = |key: &str| beside[key]["median"].as_f64().unwrap();
    let (fewer, all) = (median("one_thread_less"), median("all_threads"));
    let (ideal, over) = (beside["ideal"].as_f64().unwrap(), beside["over_ideal"].as_f64().unwrap());
    assert!(ideal == fewer.min(2.0 * all) || ideal == 2.0 * all, "{beside}");
    assert!((median("real_time_factor") / ideal / over - 1.0).abs() < 1e-9, "{beside}");
    assert_eq!(beside["bar"], 1.3);
    assert_eq!(beside["bar_reached"], over <= 1.3);
    for words in [&["--idle"][..], &["--threads", "1"], &["--backend", "machine"]] {
        let row = rows(&[&["small"], words].concat()).remove(0);
        assert_eq!(row["beside_busy"], Value::Null, "{words:?}");
    }
}

#[test]
fn the_list_has_every_workload_and_runs_nothing() {
    let text = stdout(&isospike(&["bench", "--list"]));
    for words in ["cuba_400k", "neurons=400000", "microcircuit", "0.85,"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn diagnostics_have_their_place_and_exit_with_2() {
    let output = isospike(&["bench", "cuba_4"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("did you mean `cuba_4k`?"), "{}", stderr(&output));
    let folder = Folder::new("bench_mistakes");
    std::fs::create_dir_all(folder.path()).unwrap();
    let file = folder.file("w.toml");
    std::fs::write(&file, "[workload.x]\nmodel = \"no.toml\"\nmeasured = \"1 s\"\n").unwrap();
    let output = isospike(&["bench", "--workloads", file.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("missing field `warm_up`"), "{}", stderr(&output));
    assert!(stderr(&output).contains("w.toml:1:"), "{}", stderr(&output));
    assert_eq!(code(&isospike(&["bench", "--workloads", "/nowhere/w.toml"])), 2);
    assert_eq!(code(&isospike(&["bench", "--json", "--markdown"])), 2);
}
