//! Probes of synapses in files and plots, and weights that go from one network to the next.

use crate::common::*;

const MODEL: &str = r#"
[network]
dt = "0.1 ms"
duration = "1 s"
seed = 4
[population.sources]
size = 30
model = "poisson"
parameters = { rate = "40 Hz" }
[population.targets]
size = 8
model = "lif_exp"
[stimulus.drive]
kind = "poisson"
population = "targets"
rate = "9 kHz"
weight = "90 pA"
[projection.learns]
from = "sources"
to = "targets"
CONNECT
synapse = "stdp"
parameters = { w_max = "60 pA", a_plus = 0.02, a_minus = 0.021 }
[projection.stays]
from = "sources"
to = "targets"
connect = { fixed_out_degree = 2 }
weight = { uniform = ["0 pA", "3 pA"] }
delay = "0.4 ms"
"#;

const DRAWN: &str = r#"connect = { fixed_probability = 0.5 }
weight = { uniform = ["0 pA", "60 pA"] }
delay = { uniform = ["0.1 ms", "2 ms"] }"#;

const PROBES: &str = r#"
[probe.w]
projection = "learns"
variable = "w"
synapses = { every = 40 }
every = "10 ms"
[probe.spread]
projection = "learns"
variable = "w"
histogram = ["0 pA", "60 pA", 12]
every = "100 ms"
initial = true
"#;

fn write(folder: &Folder, name: &str, text: &str) -> String {
    std::fs::create_dir_all(folder.path()).unwrap();
    let path = folder.file(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn probes_of_synapses_are_written_and_drawn() {
    let folder = Folder::new("synapse_probes");
    let model = write(&folder, "net.toml", &(MODEL.replace("CONNECT", DRAWN) + PROBES));
    let out = folder.file("out");
    json(&["run", &model, "--out", out.to_str().unwrap()]);
    let mut npz = Archive::open(&out.join("traces.npz"));
    assert_eq!(npz.array("spread").shape(), [11, 1, 14]);
    let counts: Vec<u32> = npz.array("spread").into_vec().unwrap();
    let synapses: u32 = counts[..14].iter().sum();
    assert!((60..180).contains(&synapses), "{synapses}");
    assert!(counts.chunks(14).all(|sample| sample.iter().sum::<u32>() == synapses));
    let sampled = u64::from(synapses.div_ceil(40));
    assert_eq!(npz.array("w").shape(), [100, 1, sampled]);
    assert_ne!(counts[..14], counts[140..], "the weights have not changed");
    let edges: Vec<f32> = npz.array("spread.edge").into_vec().unwrap();
    assert_eq!((edges[0], edges[1], edges[12]), (0.0, 5.0, 60.0));
    let pre: Vec<u32> = npz.array("w.pre").into_vec().unwrap();
    assert!(pre.is_sorted() && pre.len() as u64 == sampled);
    let drawn = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert!(drawn("traces.svg").contains("w of learns in pA"));
    let histograms = drawn("histograms.svg");
    assert!(histograms.contains("(spread)") && histograms.contains("last sample"));
    std::fs::remove_file(out.join("histograms.svg")).unwrap();
    let again = isospike(&["plot", out.to_str().unwrap()]);
    assert_eq!(code(&again), 0, "{}", stderr(&again));
    assert!(drawn("histograms.svg").contains("(spread)"));
}

/// The bits of an array of f32 of the file of a projection.
fn bits(folder: &std::path::Path, file: &str, name: &str) -> Vec<u32> {
    let values: Vec<f32> = Archive::open(&folder.join(file)).array(name).into_vec().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

/// Writes the synapses of `learns` after no step, on the CPU and on the naive oracle.
fn begins(model: &str, out: &std::path::Path, judge: impl Fn(&str)) {
    for backend in ["cpu", "reference"] {
        let asked = ["--synapses", "learns", "--out", out.to_str().unwrap()];
        let run = ["run", model, "--duration", "0 ms", "--backend", backend];
        json(&[&run[..], &asked].concat());
        judge(backend);
    }
}

fn assert_goes_on_alike(model: &str) {
    let compared = json(&["compare", model, "--backends", "reference,cpu", "--duration", "50 ms"]);
    assert_eq!(compared["equal"], true);
}

#[test]
fn learned_weights_go_from_one_network_to_the_next_bit_for_bit() {
    let folder = Folder::new("synapses_out_and_in");
    let first = write(&folder, "first.toml", &MODEL.replace("CONNECT", DRAWN));
    let out = folder.file("first");
    let asked = ["--synapses", "learns,stays,learns", "--out", out.to_str().unwrap()];
    let report = json(&[&["run", &first][..], &asked].concat());
    let files = report["files"].as_array().unwrap();
    let written = |name: &str| files.iter().any(|f| f.as_str().is_some_and(|f| f.ends_with(name)));
    assert!(written("synapses-learns.npz") && written("synapses-stays.npz"), "{files:?}");
    let learned = bits(&out, "synapses-learns.npz", "state.w");
    let mut npz = Archive::open(&out.join("synapses-learns.npz"));
    assert_eq!(npz.array("weight").shape(), [1, learned.len() as u64]);
    let pre: Vec<u32> = npz.array("pre").into_vec().unwrap();
    let delays: Vec<f64> = npz.array("delay_ms").into_vec().unwrap();
    assert!(pre.is_sorted() && delays.iter().all(|ms| (0.1..=2.0).contains(ms)));

    // The next network begins with them: after no step, and on the naive oracle, too.
    let file = "connect = { file = \"first/synapses-learns.npz\" }";
    let second = write(&folder, "second.toml", &MODEL.replace("CONNECT", file));
    let again = folder.file("second");
    begins(&second, &again, |backend| {
        assert_eq!(bits(&again, "synapses-learns.npz", "state.w"), learned, "{backend}");
    });
    let mut npz = Archive::open(&again.join("synapses-learns.npz"));
    assert_eq!(npz.array("pre").into_vec::<u32>().unwrap(), pre);
    assert_eq!(npz.array("delay_ms").into_vec::<f64>().unwrap(), delays);
    assert_goes_on_alike(&second);

    // A run without the option leaves no file of an earlier one.
    json(&["run", &second, "--duration", "1 ms", "--out", again.to_str().unwrap()]);
    assert!(!again.join("synapses-learns.npz").exists());
}

/// Synapses whose state no weight gives: a number that learns, and one that decays.
const OWN: &str = r#"
synapse = "own"
[synapse.own]
state = { w = "weight", c = 0.5, e = { initial = 0, tau = "700 ms" } }
bounds = { c = [0, 1] }
pre = { x = { tau = "20 ms", spike = "x + 1" } }
on_pre = "e += 0.1\nc += 0.05 * e\nsend w * c"
on_post = "c -= 0.01 * x"
send_max = "weight"
"#;

#[test]
fn state_goes_from_one_network_to_the_next_bit_for_bit() {
    let folder = Folder::new("synapse_state_out_and_in");
    let (head, rest) = MODEL.split_once("synapse = \"stdp\"").unwrap();
    let (_, rest) = rest.split_once("[projection.stays]").unwrap();
    let text = format!("{head}{OWN}[projection.stays]{rest}");
    let first = write(&folder, "first.toml", &text.replace("CONNECT", DRAWN));
    let out = folder.file("first");
    let asked = ["--synapses", "learns", "--out", out.to_str().unwrap()];
    json(&[&["run", &first][..], &asked].concat());
    let state = |folder: &std::path::Path| {
        ["state.w", "state.c", "state.e"].map(|name| bits(folder, "synapses-learns.npz", name))
    };
    let [w, c, e] = state(&out);
    let differ = |words: &[u32]| words.iter().any(|word| *word != words[0]);
    assert!(differ(&c) && differ(&e), "the state of all synapses is the same");

    let file = "connect = { file = \"first/synapses-learns.npz\" }";
    let second = write(&folder, "second.toml", &text.replace("CONNECT", file));
    let again = folder.file("second");
    begins(&second, &again, |backend| {
        assert_eq!(state(&again), [w.clone(), c.clone(), e.clone()], "{backend}");
    });
    assert_goes_on_alike(&second);
}

#[test]
fn weights_without_a_model_come_back_too() {
    let folder = Folder::new("static_synapses");
    let first = write(&folder, "first.toml", &MODEL.replace("CONNECT", DRAWN));
    let out = folder.file("first");
    let asked = ["--synapses", "stays", "--out", out.to_str().unwrap(), "--duration", "1 ms"];
    json(&[&["run", &first][..], &asked].concat());
    let text = MODEL.replace("CONNECT", DRAWN);
    let drawn = "connect = { fixed_out_degree = 2 }\nweight = { uniform = [\"0 pA\", \"3 pA\"] }\n\
                 delay = \"0.4 ms\"\n";
    assert!(text.contains(drawn));
    let listed = text.replace(drawn, "connect = { file = \"first/synapses-stays.npz\" }\n");
    let second = write(&folder, "second.toml", &listed);
    let again = folder.file("second");
    let asked = ["--synapses", "stays", "--out", again.to_str().unwrap(), "--duration", "1 ms"];
    json(&[&["run", &second][..], &asked].concat());
    let weights = |folder: &std::path::Path| {
        let mut npz = Archive::open(&folder.join("synapses-stays.npz"));
        npz.array("weight").into_vec::<f64>().unwrap()
    };
    assert_eq!(weights(&again), weights(&out));
    assert_eq!(weights(&out).len(), 60);
}

#[test]
fn wrong_names_of_projections_are_usage_errors() {
    let folder = Folder::new("synapses_wrong");
    let text = MODEL.replace("CONNECT", DRAWN).replace("delay = \"0.4 ms\"", "procedural = true");
    let model = write(&folder, "net.toml", &text);
    let out = folder.file("out");
    let out = out.to_str().unwrap();
    for (arguments, message) in [
        (&["--synapses", "learns"][..], "--synapses writes files: say where with --out DIR"),
        (
            &["--synapses", "lerns", "--out", out],
            "--synapses: there is no projection `lerns`; there are `learns`, `stays`",
        ),
        (
            &["--synapses", "stays", "--out", out],
            "--synapses: the rows of projection stays are not stored; remove `procedural` in the \
             model file",
        ),
    ] {
        let output = isospike(&[&["run", &model][..], arguments].concat());
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}

#[test]
fn state_that_decays_is_written_as_it_is_at_the_end() {
    const FADES: &str = r#"
[synapse.fades]
state = { w = { initial = "weight", tau = "20 ms" }, c = { initial = 1, tau = "10 ms" } }
on_pre = "send w"
"#;
    let folder = Folder::new("synapses_that_fade");
    let learns = "synapse = \"stdp\"\nparameters = { w_max = \"60 pA\", a_plus = 0.02, a_minus = \
                  0.021 }";
    let text = MODEL.replace("CONNECT", DRAWN).replace("40 Hz", "0 Hz");
    let fades = "synapse = \"fades\"\ninitial = { c = { uniform = [1, 2] } }";
    let model = write(&folder, "net.toml", &(text.replace(learns, fades) + FADES));
    let written = |duration: &str| {
        let out = folder.file(duration);
        let asked = ["--synapses", "learns", "--out", out.to_str().unwrap()];
        json(&[&["run", &model, "--duration", duration][..], &asked].concat());
        let mut npz = Archive::open(&out.join("synapses-learns.npz"));
        ["weight", "state.w", "state.c"].map(|name| match name {
            "weight" => npz.array(name).into_vec::<f64>().unwrap(),
            _ => npz.array(name).into_vec().unwrap().into_iter().map(f32::into).collect(),
        })
    };
    let [first, later] = [written("0 ms"), written("5 ms")];
    assert!(first[2].iter().all(|c| (1.0..=2.0).contains(c)) && first[2][0] != first[2][1]);
    assert_eq!(later[0], later[1]);
    for (name, tau_ms) in [(1, 20.0), (2, 10.0)] {
        for (before, after) in first[name].iter().zip(&later[name]) {
            let expected = before * f64::exp(-5.0 / tau_ms);
            assert!((after - expected).abs() <= 2e-6 * expected, "{after}, not {expected}");
        }
    }
}
