//! Tests reports of runs in which nothing happens, and that every key is documented.

use crate::common::{Folder, code, isospike, json, model, stderr, stdout};
use std::collections::BTreeSet;

/// Every number of a report, with its path.
fn numbers(path: &str, value: &serde_json::Value, found: &mut Vec<(String, f64)>) {
    use serde_json::Value;
    match value {
        Value::Number(number) => found.push((path.to_owned(), number.as_f64().unwrap())),
        Value::Array(all) => {
            (0..).zip(all).for_each(|(i, x): (u32, _)| numbers(&format!("{path}[{i}]"), x, found));
        }
        Value::Object(all) => {
            all.iter().for_each(|(key, x)| numbers(&format!("{path}.{key}"), x, found));
        }
        _ => {}
    }
}

#[test]
fn a_network_without_spikes_has_no_number_that_is_not_there() {
    let silent = ["--set", "drive=0", "--set", "stimulus.noise.rate=0 Hz"];
    let silent = [&silent[..], &["--set", "population.pulse.spikes=[]"]].concat();
    let report = json(&[&["run", &model("small")], &silent[..]].concat());
    assert_eq!(report["spikes"], 0);
    for p in 0..3 {
        let population = &report["populations"][p];
        for key in ["cv_isi", "lvr", "isi_mean_ms", "correlation"] {
            assert!(population[key].is_null(), "{key}: {population}");
        }
        assert_eq!((&population["rate_hz"], &population["isi_count"]), (&0.0.into(), &0.into()));
        assert_eq!(population["activation_sparsity"], 1.0);
    }
    assert!(report["synaptic_events_per_s"].is_null());
    assert!(report["measured"]["energy_j_per_event"].is_null());
    let compared = ["compare", &model("small"), "--backends", "reference,cpu:1"];
    let compared = json(&[&compared[..], &silent[..]].concat());
    assert_eq!(compared["equal"], true);
    // Nothing is so large that a division by nothing made it.
    for report in [&report, &compared, &json(&["inspect", &model("small")])] {
        let mut found = Vec::new();
        numbers("", report, &mut found);
        let wild: Vec<_> = found.iter().filter(|(_, x)| x.abs() > 1e18).collect();
        assert!(found.len() > 50 && wild.is_empty(), "{wild:?}");
    }
}

#[test]
fn a_run_of_no_steps_has_no_rates() {
    let report = json(&["run", &model("small"), "--duration", "0 ms"]);
    assert_eq!(report["network"]["steps"], 0);
    for key in ["real_time_factor", "activation_sparsity", "resumed_at_step"] {
        assert!(report[key].is_null(), "{key}: {}", report[key]);
    }
    for population in report["populations"].as_array().unwrap() {
        for key in ["rate_hz", "cv_isi", "lvr", "isi_mean_ms", "correlation"] {
            assert!(population[key].is_null(), "{key}: {population}");
        }
    }
}

#[test]
fn one_thing_is_never_many() {
    let folder = Folder::new("one");
    std::fs::create_dir_all(folder.path()).unwrap();
    let model = folder.file("one.toml");
    let text = "[network]\ndt = \"1 ms\"\nduration = \"1 ms\"\n\
         [population.source]\nsize = 1\nmodel = \"spike_list\"\nspikes = [[\"0 ms\", 0]]\n\
         [population.target]\nsize = 1\nmodel = \"lif_exp\"\n\
         [projection.p]\nfrom = \"source\"\nto = \"target\"\nconnect = \"all_to_all\"\nweight = \"1 pA\"\n\
         [probe.v]\npopulation = \"target\"\nvariable = \"v\"\n";
    std::fs::write(&model, text).unwrap();
    let model = model.to_str().unwrap();
    let out = folder.file("out");
    let mut texts = Vec::new();
    for arguments in [
        &["run", model, "--threads", "1", "--out", out.to_str().unwrap()][..],
        &["compare", model, "--backends", "reference,cpu:1", "--wide"],
        &["inspect", model, "--wide"],
    ] {
        let output = isospike(arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        texts.push(stdout(&output));
    }
    for plot in ["raster.svg", "traces.svg", "rates.svg"] {
        texts.push(std::fs::read_to_string(out.join(plot)).unwrap());
    }
    assert!(texts[3].contains(">1 neuron<") && texts[3].contains(">1 spike;"), "{}", texts[3]);
    assert!(texts[4].contains(">1 probe<"), "{}", texts[4]);
    const MANY: [&str; 9] = [
        "neurons",
        "synapses",
        "spikes",
        "steps",
        "probes",
        "copies",
        "threads",
        "backends",
        "populations",
    ];
    for text in &texts {
        let words: Vec<&str> = text.split([' ', '\n', '>', '<', ';']).collect();
        let wrong = words.windows(2).find(|pair| pair[0] == "1" && MANY.contains(&pair[1]));
        assert_eq!(wrong, None, "{text}");
    }
}

/// The names of all fields of a document.
fn keys<'v>(value: &'v serde_json::Value, found: &mut BTreeSet<&'v str>) {
    use serde_json::Value;
    match value {
        Value::Array(all) => all.iter().for_each(|value| keys(value, found)),
        Value::Object(all) => {
            for (key, value) in all {
                found.insert(key);
                keys(value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_that_is_printed_is_documented() {
    let model = model("small");
    let short = ["--duration", "30 ms"];
    let reports = [
        json(&[&["run", &model], &short[..]].concat()),
        json(&[&["compare", &model, "--backends", "reference,cpu"], &short[..]].concat()),
        json(&["inspect", &model]),
        json(&["energy", &model, "--duration", "30 ms"]),
        json(&["devices"]),
    ];
    let mut found = BTreeSet::new();
    reports.iter().for_each(|report| keys(report, &mut found));
    assert!(found.len() > 80, "{found:?}");
    let (_, docs) = include_str!("../../../docs/cli.md").split_once("\n## JSON\n").unwrap();
    found.retain(|key| !docs.contains(&format!("`{key}`")));
    assert!(found.is_empty(), "docs/cli.md lacks {found:?}");
}

#[test]
fn inspect_has_the_values_that_parameters_may_have() {
    let report = json(&["inspect", &model("small")]);
    let parameters = report["populations"][0]["parameters"].as_array().unwrap();
    let range = |name: &str| &parameters.iter().find(|p| p["name"] == name).unwrap()["range"];
    assert_eq!((range("tau_m"), range("t_ref")), (&"above 0".into(), &"at least 0".into()));
    assert_eq!(range("v_reset"), "below v_th");
    assert!(range("e_l").is_null());
    let text = stdout(&isospike(&["inspect", &model("small")]));
    assert!(text.contains("tau_m above 0;"), "{text}");
}
