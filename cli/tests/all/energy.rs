//! The cost of runs: the three columns from outside. Tests hold on machines with meters and
//! without.

use crate::common::{Folder, code, isospike, json, model, stderr, stdout};
use serde_json::Value;

const ROW: &str = r#"
[row.bench]
name = "A chip on the bench"
synaptic_event_pj = 1000
year = 2026
process = "22 nm"
scope = "chip"
evidence = "measured"
source = "a logbook of 2026"
link = "https://example.org"
covers = "all"
excludes = "nothing"
"#;

fn row<'r>(report: &'r Value, key: &str) -> &'r Value {
    let rows = report["projected"].as_array().unwrap();
    rows.iter().find(|row| row["row"] == key).unwrap_or_else(|| panic!("no row {key}"))
}

/// Either a figure, or a reason: never neither, and never a 0.
fn measured_or_said(part: &Value) {
    let reasons = part["not_measured"].as_array().unwrap();
    let energy = reasons.iter().find(|missing| missing["what"] == "energy");
    match part["measured"]["energy_j"].as_f64() {
        Some(energy_j) => {
            assert!(energy_j > 0.0, "{part}");
            assert!(energy.is_none(), "{part}");
        }
        None => assert!(!energy.unwrap()["reason"].as_str().unwrap().is_empty(), "{part}"),
    }
    for meter in part["measured"]["meters"].as_array().unwrap() {
        assert_ne!(meter["energy_j"].is_null(), meter["reason"].is_null(), "{meter}");
    }
}

#[test]
fn energy_explains_each_figure_term_by_term() {
    let report = json(&["energy", &model("small")]);
    let counts = &report["counts"];
    assert_eq!(counts["simulated_s"], 0.1);
    // 100 neurons with a program, 1000 steps; the two of the spike list are not updated.
    assert_eq!(counts["neuron_updates"], 100_000);
    let loihi = row(&report, "loihi");
    let terms = loihi["terms"].as_array().unwrap();
    let names = ["synaptic events", "neuron updates", "spikes"];
    let keys = ["synaptic_events", "neuron_updates", "spikes"];
    let mut sum = 0.0;
    for ((term, name), key) in terms.iter().zip(names).zip(keys) {
        assert_eq!(term["operation"], name);
        assert_eq!(term["count"].as_f64(), counts[key].as_f64());
        let product = term["count"].as_f64().unwrap() * term["each_pj"].as_f64().unwrap() * 1e-12;
        assert_eq!(term["energy_j"].as_f64(), Some(product));
        sum += product;
    }
    assert!((loihi["energy_j"].as_f64().unwrap() / sum - 1.0).abs() < 1e-12);
    assert!(loihi["source"].as_str().unwrap().contains("2018"));
    measured_or_said(&report);
    let folder = Folder::new("energy_run");
    let run = json(&["run", &model("small"), "--out", folder.argument()]);
    let saved = std::fs::read_to_string(folder.file("run.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap(), run);
    assert_eq!(run["neuron_updates"], counts["neuron_updates"]);
    assert_eq!(run["projected"], report["projected"]);
    measured_or_said(&run);
}

#[test]
fn tables_say_what_was_not_measured() {
    let output = isospike(&["energy", &model("small"), "--quiet"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for words in ["MEASURED on this machine", "PROJECTED", "23.6", "doi:10.1109/MM.2018.112130359"]
    {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let report = json(&["energy", &model("small")]);
    if report["measured"]["energy_j"].is_null() {
        assert!(text.contains("not measured: "), "{text}");
        assert!(!text.contains("MEASURED on this machine: 0"), "{text}");
    }
    let run = stdout(&isospike(&["run", &model("small"), "--quiet"]));
    // Energies of chips come only with their option.
    assert!(run.contains("\n  energy ") && !run.contains("projected"), "{run}");
}

#[test]
fn compare_has_energy_for_each_backend_and_one_projection() {
    let arguments = ["compare", &model("small"), "--backends", "cpu:1,reference"];
    let report = json(&arguments);
    for backend in report["backends"].as_array().unwrap() {
        measured_or_said(backend);
    }
    let events = report["backends"][0]["synaptic_events"].as_f64().unwrap();
    let odin = row(&report, "odin")["energy_j"].as_f64().unwrap();
    assert!((odin / (events * 12.7e-12) - 1.0).abs() < 1e-12);
    let text = stdout(&isospike(&[&arguments[..], &["--quiet", "--energy"]].concat()));
    for words in ["per event", "projected, not measured", "Frenkel et al. 2018"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    if report["backends"][0]["measured"]["energy_j"].is_null() {
        assert!(text.contains("energy not measured: "), "{text}");
    }
}

#[test]
fn users_add_rows_and_learn_of_their_diagnostics() {
    let folder = Folder::new("energies");
    std::fs::create_dir(folder.path()).unwrap();
    let file = folder.file("bench.toml");
    let file = file.to_str().unwrap();
    std::fs::write(file, ROW).unwrap();
    let report = json(&["energy", &model("small"), "--energies", file]);
    let bench = row(&report, "bench");
    assert_eq!(bench["added"], true);
    assert!((bench["energy_j_per_event"].as_f64().unwrap() - 1e-9).abs() < 1e-20);
    std::fs::write(file, ROW.replace("year = 2026", "year = \"new\"")).unwrap();
    for command in ["energy", "run", "compare"] {
        let output = isospike(&[command, &model("small"), "--energies", file]);
        assert_eq!(code(&output), 2);
        let text = stderr(&output);
        for words in ["bench.toml:5", "row bench, field `year`", "is not a year", "1 mistake"] {
            assert!(text.contains(words), "{command}: `{words}` is not in\n{text}");
        }
    }
    let nowhere = isospike(&["energy", &model("small"), "--energies", "/nowhere.toml"]);
    assert_eq!(code(&nowhere), 2, "{}", stderr(&nowhere));
    let idle = isospike(&["run", &model("small"), "--idle", "5 mV"]);
    assert_eq!(code(&idle), 2, "{}", stderr(&idle));
}
