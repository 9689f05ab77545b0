//! The program from outside: exit codes, JSON, files, mistakes.

use crate::common::{Archive, Folder, code, isospike, json, model, stderr, stdout};

#[test]
fn run_reports_every_key_of_its_schema() {
    let report = json(&["run", &model("small")]);
    assert_eq!(report["network"]["name"], "small");
    assert_eq!(report["network"]["neurons"], 102);
    assert_eq!(report["network"]["steps"], 1000);
    assert_eq!(report["network"]["seed"], 5);
    assert_eq!(report["backend"], "cpu");
    assert_eq!(report["status"], "complete");
    assert_eq!(report["digest"].as_str().unwrap().len(), 64);
    for key in ["build_s", "run_s", "real_time_factor", "synaptic_events_per_s"] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{key}");
    }
    let exc = &report["populations"][0];
    assert_eq!((exc["name"].as_str(), exc["size"].as_u64()), (Some("exc"), Some(80)));
    assert_eq!(exc["reference_rate_hz"], 20.0);
    assert!(exc["rate_hz"].as_f64().unwrap() > 0.0);
    let inh = &report["populations"][1];
    assert!(inh["reference_rate_hz"].is_null());
    assert!(inh["cv_isi"].as_f64().unwrap() > 0.0);
    assert!(inh["correlation"].as_f64().unwrap().abs() < 1.0);
    assert!(report["populations"][2]["correlation"].is_null());
    let spikes: u64 = (0..3).map(|p| report["populations"][p]["spikes"].as_u64().unwrap()).sum();
    assert_eq!(report["spikes"], spikes);
    // Three spikes of the list, 80 synapses each.
    assert_eq!(report["projections"][2]["name"], "pulse_exc");
    assert_eq!(report["projections"][2]["synaptic_events"], 240);
    let events: u64 =
        (0..3).map(|p| report["projections"][p]["synaptic_events"].as_u64().unwrap()).sum();
    assert_eq!(report["synaptic_events"], events);
    // A dense matrix of 2 * 80 in 1000 steps; all of its pairs are connected.
    assert_eq!(report["projections"][2]["dense_operations"], 160_000);
    assert_eq!(report["projections"][2]["connection_sparsity"], 0.0);
    assert_eq!(report["dense_operations"], (80 * 20 * 2 + 2 * 80) * 1000);
    assert_eq!(report["synaptic_operations"]["dense"], 3360.0);
    assert_eq!(report["synaptic_operations"]["effective_acs"], events as f64 / 1000.0);
    // 102 neurons in 1000 steps.
    let sparsity = report["activation_sparsity"].as_f64().unwrap();
    assert!((sparsity - (102_000 - spikes) as f64 / 102_000.0).abs() < 1e-12, "{sparsity}");
    assert_eq!(report["populations"][0]["neuron_updates"], 80_000);
    assert_eq!(report["populations"][2]["neuron_updates"], 0);
    assert_eq!(report["populations"][2]["activation_sparsity"], 1997.0 / 2000.0);
    // One of the two stimuli has events: 20 neurons at 1 kHz for 0.1 s, 2,000 in the mean.
    let stimuli = report["stimuli"].as_array().unwrap();
    assert_eq!(stimuli.len(), 1);
    assert_eq!((&stimuli[0]["name"], &stimuli[0]["population"]), (&"noise".into(), &"inh".into()));
    assert!((1700..2300).contains(&stimuli[0]["events"].as_u64().unwrap()), "{}", stimuli[0]);
    assert_eq!(report["stimulus_events"], stimuli[0]["events"]);
    let phases: Vec<_> = report["phases"].as_array().unwrap().iter().collect();
    assert_eq!(phases[0]["phase"], "deliver");
    assert_eq!(phases.len(), 4);
    assert!(report["receptors"][0]["weight_bits"].as_u64().is_some());
}

#[test]
fn the_table_has_the_network_the_device_and_the_digest() {
    let output = isospike(&["run", &model("small"), "--quiet"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    let digest = json(&["run", &model("small")])["digest"].as_str().unwrap()[..16].to_owned();
    for words in ["small: 102 neurons", "1,000 steps of 0.1 ms (100 ms), seed 5", &digest, "exc"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
}

#[test]
fn overrides_reach_the_network() {
    let set = ["--set", "population.inh.size=40", "--set", "drive=1.5"];
    let arguments = [&["run", &model("small"), "--seed", "6", "--duration", "40 ms"], &set[..]];
    let report = json(&arguments.concat());
    assert_eq!(report["network"]["seed"], 6);
    assert_eq!(report["network"]["steps"], 400);
    assert_eq!(report["populations"][1]["size"], 40);
    let plain = json(&["run", &model("small"), "--duration", "40 ms"]);
    assert_ne!(report["digest"], plain["digest"]);
}

#[test]
fn threads_do_not_change_the_digest() {
    let one = json(&["run", &model("small"), "--threads", "1"]);
    let three = json(&["run", &model("small"), "--backend", "cpu:3"]);
    assert_eq!(three["backend"], "cpu:3");
    assert_eq!(one["digest"], three["digest"]);
}

#[test]
fn compare_says_equal() {
    let report = json(&["compare", &model("small"), "--backends", "reference,cpu:1,cpu:2"]);
    assert_eq!(report["equal"], true);
    let backends = report["backends"].as_array().unwrap();
    assert_eq!(backends.len(), 3);
    assert!(backends[0]["equal"].is_null());
    for backend in &backends[1..] {
        assert_eq!(backend["equal"], true);
        assert_eq!(backend["digest"], backends[0]["digest"]);
        for count in ["synaptic_events", "stimulus_events", "neuron_updates"] {
            assert!(backend[count].as_u64().unwrap() > 0);
            assert_eq!(backend[count], backends[0][count]);
        }
        assert_eq!(backend["post_events"], 0);
        assert_eq!(backend["clocked_events"], 0);
    }
    assert_eq!(report["differences"].as_array().unwrap().len(), 0);
    assert_eq!(report["populations"][0]["name"], "exc");
}

#[test]
fn compare_without_names_runs_what_is_there() {
    let arguments = ["compare", &model("small"), "--duration", "30 ms"];
    let output = isospike(&arguments);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("cpu"), "{text}");
    // Either a device of wgpu ran, or the text says how to get one.
    assert!(text.contains("wgpu"), "{text}");
}

#[test]
fn all_mistakes_come_at_once_with_their_lines() {
    for command in ["run", "inspect", "compare"] {
        let output = isospike(&[command, &model("mistakes")]);
        assert_eq!(code(&output), 2);
        let text = stderr(&output);
        for words in ["mistakes.toml:5", "size = 0", "20 mV", "nobody", "3 mistakes found"] {
            assert!(text.contains(words), "{command}: `{words}` is not in\n{text}");
        }
        assert_eq!(stdout(&output), "");
    }
    let output = isospike(&["run", &model("mistakes"), "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["diagnostics"].as_array().unwrap().len(), 3);
    assert_eq!(report["diagnostics"][0]["line"], 5);
    assert_eq!(report["diagnostics"][0]["length"], 1);
    assert_eq!(report["diagnostics"][0]["field"], "size");
}

#[test]
fn wrong_words_exit_with_2() {
    let model = model("small");
    for arguments in [
        &["run"][..],
        &["run", "no_such_model.toml"],
        &["run", &model, "--set", "population.exc.size"],
        &["run", &model, "--set", "population.nobody.size=3"],
        &["run", &model, "--duration", "1 mV"],
        &["run", &model, "--backend", "abacus"],
        &["run", &model, "--threads", "0"],
        &["run", &model, "--threads", "-1"],
        &["run", &model, "--duration", "-5 ms"],
        &["run", &model, "--series"],
        &["run", &model, "--backend", "reference", "--threads", "2"],
        &["run", &model, "--backend", "cpu:2", "--threads", "2"],
        &["run", &model, "--device", "llvmpipe"],
        &["compare", &model, "--backends", "reference", "--threads", "2"],
    ] {
        let output = isospike(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert_ne!(stderr(&output), "");
    }
}

#[test]
fn a_seed_that_is_none_is_told_its_range() {
    for seed in ["-1", "18446744073709551616", "1.5", "0x10"] {
        for command in ["run", "compare", "inspect", "energy"] {
            let output = isospike(&[command, &model("small"), "--seed", seed]);
            assert_eq!(code(&output), 2);
            let text = stderr(&output);
            let words = "a seed is an integer from 0 to 18446744073709551615 (2^64 - 1)";
            assert!(text.contains(words) && text.contains(seed), "{command} {seed}: {text}");
        }
    }
    let output = isospike(&["conformance", "--seed", "-1"]);
    assert!(stderr(&output).contains("a seed is an integer"), "{}", stderr(&output));
    assert_eq!(
        json(&["inspect", &model("small"), "--seed", "18446744073709551615"])["network"]["seed"],
        u64::MAX
    );
}

#[test]
fn a_missing_device_exits_with_1() {
    let output = isospike(&["run", &model("small"), "--backend", "wgpu:no-such-device"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("wgpu:no-such-device"));
}

#[test]
fn out_writes_arrays_plots_and_the_report() {
    let folder = Folder::new("out");
    let report = json(&["run", &model("small"), "--out", folder.argument()]);
    let mut spikes = Archive::open(&folder.file("spikes.npz"));
    let mut read = |name: &str| spikes.array(name).into_vec::<u32>().unwrap();
    let (step, population, neuron) = (read("step"), read("population"), read("neuron"));
    assert_eq!(step.len() as u64, report["spikes"].as_u64().unwrap());
    assert!(step.is_sorted());
    let pulse: Vec<_> =
        (0..step.len()).filter(|&i| population[i] == 2).map(|i| (step[i], neuron[i])).collect();
    assert_eq!(pulse, [(100, 0), (100, 1), (500, 0)]);
    let mut traces = Archive::open(&folder.file("traces.npz"));
    let voltage = traces.array("v_exc");
    assert_eq!(voltage.shape(), [100, 1, 2]);
    let voltage: Vec<f32> = voltage.into_vec().unwrap();
    assert!(voltage.iter().all(|v| (-100.0..=-40.0).contains(v)));
    for name in ["traces.svg", "traces.png", "raster.svg", "raster.png", "rates.svg", "rates.png"] {
        assert!(std::fs::metadata(folder.file(name)).unwrap().len() > 1000, "{name}");
    }
    let saved = std::fs::read_to_string(folder.file("run.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved, report);
    assert_eq!(report["files"].as_array().unwrap().len(), 9);
}

/// The rows of an array of u64, and how many columns there are.
fn rows(npz: &mut Archive, name: &str) -> Vec<Vec<u64>> {
    let array = npz.array(name);
    let columns = array.shape()[1] as usize;
    let values: Vec<u64> = array.into_vec().unwrap();
    values.chunks(columns).map(<[u64]>::to_vec).collect()
}

#[test]
fn a_series_has_a_row_for_each_millisecond_and_adds_up_exactly() {
    let folder = Folder::new("series");
    let duration = ["--duration", "99.7 ms", "--series", "--out", folder.argument()];
    let report = json(&[&["run", &model("small")][..], &duration].concat());
    let mut npz = Archive::open(&folder.file("series.npz"));
    let steps: Vec<u64> = npz.array("steps").into_vec().unwrap();
    assert_eq!(steps.len(), 100);
    assert_eq!((steps[0], steps[99]), (10, 7));
    for (name, part, key) in [
        ("spikes", "populations", "spikes"),
        ("synaptic_events", "projections", "synaptic_events"),
        ("stimulus_events", "stimuli", "events"),
    ] {
        let rows = rows(&mut npz, name);
        assert_eq!(rows.len(), 100);
        let parts = report[part].as_array().unwrap();
        assert_eq!(rows[0].len(), parts.len());
        for (i, part) in parts.iter().enumerate() {
            let sum: u64 = rows.iter().map(|row| row[i]).sum();
            assert_eq!(part[key], sum, "{name} of {}", part["name"]);
            assert!(sum > 0, "{name} of {}", part["name"]);
        }
    }
    // The list spikes twice at 10 ms and once at 50 ms.
    let pulse: Vec<u64> = rows(&mut npz, "spikes").iter().map(|row| row[2]).collect();
    assert_eq!((pulse[10], pulse[50], pulse.iter().sum::<u64>()), (2, 1, 3));
    let plain = json(&["run", &model("small"), "--duration", "99.7 ms"]);
    assert_eq!(plain["digest"], report["digest"]);
    assert_eq!(plain["stimuli"], report["stimuli"]);
}

#[test]
fn plot_draws_again_and_checks_its_words() {
    let folder = Folder::new("plot");
    json(&["run", &model("small"), "--out", folder.argument()]);
    let raster = folder.file("raster.svg");
    let before = std::fs::read_to_string(&raster).unwrap();
    let plot = |words: &[&str]| code(&isospike(&[&["plot", folder.argument()], words].concat()));
    assert_eq!(plot(&["--from", "40 ms", "--to", "0.06 s", "--populations", "exc,pulse"]), 0);
    let after = std::fs::read_to_string(&raster).unwrap();
    assert!(before.contains(">inh</text>") && !after.contains(">inh</text>"));
    assert!(after.contains(">50</text>") && !after.contains(">80</text>\n<text x=\"0"));
    assert_eq!(plot(&[]), 0);
    assert!(std::fs::read_to_string(&raster).unwrap().contains(">inh</text>"));
    assert_eq!(plot(&["--populations", "nobody"]), 2);
    assert_eq!(plot(&["--from", "40 mV"]), 2);
    assert_eq!(plot(&["--from", "5 s"]), 2);
    assert_eq!(code(&isospike(&["plot", "no_such_folder"])), 4);
}

#[test]
fn a_folder_that_cannot_be_made_exits_with_4() {
    let file = Folder::new("file");
    std::fs::write(file.path(), "not a folder").unwrap();
    let output = isospike(&["run", &model("small"), "--out", file.argument()]);
    std::fs::remove_file(file.path()).unwrap();
    assert_eq!(code(&output), 4, "{}", stderr(&output));
}

#[test]
fn inspect_counts_without_running() {
    let report = json(&["inspect", &model("small")]);
    let projection = |i: usize| &report["projections"][i];
    assert_eq!(projection(1)["synapses"], 320);
    assert_eq!(projection(2)["synapses"], 160);
    assert_eq!(projection(0)["min_delay_steps"], 15);
    assert_eq!(
        (projection(1)["min_delay_steps"].as_u64(), projection(1)["max_delay_steps"].as_u64()),
        (Some(5), Some(20))
    );
    // In-degree 4 onto 40 neurons and a few delays: far too few for chunks.
    let layout = projection(1)["cpu_layout"].as_str().unwrap();
    assert!(layout.starts_with("narrow: segments of "), "{layout}");
    assert_eq!(report["populations"][2]["model"], "spike list");
    assert!(report["memory_bytes"].as_u64().unwrap() > 0);
    assert_eq!(projection(1)["rule"], "in-degree 4 with multapses");
    let output = isospike(&["inspect", &model("small")]);
    assert!(stdout(&output).contains("in-degree 4 with"), "{}", stdout(&output));
    let update = &report["traffic"]["updates"][0];
    let least = update["least_bytes"].as_f64().unwrap();
    assert!(least > 0.0 && update["bytes"].as_f64().unwrap() >= least, "{update}");
    assert!(report["traffic_refused"].is_null());
    assert!(stdout(&output).contains("a synaptic event"), "{}", stdout(&output));
}

#[test]
fn inspect_tells_values_in_time() {
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/cases/series.toml");
    let report = json(&["inspect", case]);
    let series = &report["series"][3];
    assert_eq!((&series["name"], &series["population"]), (&"of_each".into(), &"small".into()));
    assert_eq!((&series["rows"], &series["width"]), (&3.into(), &20.into()));
    assert_eq!(series["bytes"], 12 * 3 * 20);
    assert!(stdout(&isospike(&["inspect", case])).contains("rate_of_each"));
}

#[test]
fn rows_that_are_not_stored_are_counted_only_where_that_is_asked_for() {
    let procedural = format!("{}/tests/models/procedural.toml", env!("CARGO_MANIFEST_DIR"));
    let report = json(&["inspect", &procedural]);
    assert_eq!(report["network"]["synapses"], 4_500_000_000_u64);
    assert_eq!(report["network"]["synapses_exact"], false);
    assert_eq!(report["projections"][0]["synapses_exact"], false);
    assert_eq!(report["traffic"]["events"][0]["synapses_exact"], false);
    let table = stdout(&isospike(&["inspect", &procedural]));
    assert!(table.contains("~4,500,000,000 synapses"), "{table}");
    // Counted where that is quick.
    let small = ["--set", "population.p.size=30", "--set", "population.s.size=70"];
    let report = json(&[&["inspect", &procedural, "--exact"], &small[..]].concat());
    let exact = report["network"]["synapses"].as_u64().unwrap();
    assert!((850..1250).contains(&exact) && exact != 1050, "{exact}");
    assert_eq!(report["network"]["synapses_exact"], true);
    // One spike at step 1, whose row is counted as it is drawn.
    let report = json(&["run", &procedural]);
    assert_eq!(report["network"]["synapses_exact"], false);
    assert_eq!(report["projections"][0]["synapses_exact"], false);
    let events = report["projections"][0]["synaptic_events"].as_u64().unwrap();
    assert!((44_000..46_000).contains(&events), "{events}");
    // Stored rows are counted as they are built.
    let stored = [&small[..], &["--set", "projection.a.procedural=false"]].concat();
    let report = json(&[&["run", &procedural], &stored[..]].concat());
    assert_eq!(report["network"]["synapses"], exact);
    assert_eq!(report["network"]["synapses_exact"], true);
}

#[test]
fn devices_lists_the_cpu() {
    let report = json(&["devices"]);
    assert_eq!(report["devices"][0]["backend"], "cpu");
    assert_eq!(report["devices"][0]["software"], false);
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_soon_and_writes_what_is_there() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let folder = Folder::new("interrupt");
    let mut run = Command::new(env!("CARGO_BIN_EXE_isospike"))
        .args(["run", &model("small"), "--duration", "100000 s", "--json"])
        .args(["--set", "stimulus.noise.rate=1 Hz", "--set", "drive=0", "--out"])
        .arg(folder.argument())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The folder is made before the backend is opened and signals are watched.
    while !folder.path().exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(500));
    let pressed = Instant::now();
    let kill = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(pressed.elapsed() < Duration::from_secs(5), "{:?}", pressed.elapsed());
    let saved = std::fs::read_to_string(folder.file("run.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["status"], "interrupted");
    assert!(saved["steps"].as_u64().unwrap() > 0);
    assert!(folder.file("spikes.npz").exists());
}

/// Potjans and Diesmann's network gives the published rates, population by population, and fits
/// on a small machine.
#[test]
#[ignore = "full size: a minute on two quiet cores, 2.4 GB"]
fn the_full_microcircuit_has_the_reference_rates() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/microcircuit.toml");
    let report = json(&["run", model]);
    assert_eq!(report["network"]["neurons"], 77_169);
    assert_eq!(report["network"]["synapses"], 298_880_968);
    assert!(report["memory_bytes"].as_u64().unwrap() < 8 << 30);
    let populations = report["populations"].as_array().unwrap();
    assert_eq!(populations.len(), 8);
    for population in populations {
        let rate = population["rate_hz"].as_f64().unwrap();
        let reference = population["reference_rate_hz"].as_f64().unwrap();
        println!("{}: {rate:.3} Hz, reference {reference:.3} Hz", population["name"]);
        assert!((rate / reference - 1.0).abs() < 0.1, "{population}");
    }
    println!("built in {} s, real-time factor {}", report["build_s"], report["real_time_factor"]);
}
