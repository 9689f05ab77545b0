//! Level 9: random small networks, as model files: what a failure prints can be pasted and run.

mod learning;
mod model;
mod rust;
mod statements;
mod synapse;

use super::{Done, Level, Settings, Test};
use crate::cases::Case;
use crate::failure::{Failure, Model};
use crate::verdict;
use isospike_core::base::words::count;
use isospike_core::run::backend::Backend;
use isospike_front::file;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::path::Path;

/// A family of random networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Networks whose weights never change.
    Static,
    /// Networks whose projections learn.
    Learning,
}

impl Family {
    /// So many networks of it, in words.
    pub fn count(self, networks: u32) -> String {
        let one = match self {
            Self::Static => "network",
            Self::Learning => "learning network",
        };
        count(networks, one)
    }

    /// The text of a model file.
    fn network(self) -> BoxedStrategy<String> {
        match self {
            Self::Static => network().boxed(),
            Self::Learning => learning::network().boxed(),
        }
    }
}

/// One test: as many networks as the settings say.
pub fn tests(settings: &Settings) -> Vec<Test> {
    vec![test(Level::Networks, Family::Static, settings)]
}

/// A test of random networks against the naive oracle.
pub fn test(level: Level, family: Family, settings: &Settings) -> Test {
    let Settings { seed, networks } = *settings;
    let name = format!("{} of seed {seed}", family.count(networks));
    Test::new(level, name, move |backend, _| {
        check(backend, family, seed, networks, verdict::against_oracle)
    })
}

/// Has `run` compare random networks on the backend with the naive oracle. The networks of a seed
/// are the same in every run; one that fails is shrunk to the smallest that still does, and printed
/// as a model file and as Rust.
pub fn check(
    backend: &dyn Backend,
    family: Family,
    seed: u64,
    networks: u32,
    run: impl Fn(&dyn Backend, &Case) -> Result<Done, Failure>,
) -> Result<Done, Failure> {
    let mut runner = runner(seed, networks);
    let checked = Cell::new(0);
    // The message of the last network that failed; shrinking ends with the smallest.
    let last = RefCell::new(None);
    let verdict = runner.run(&family.network(), |text| {
        let tried = Case::new("random", &text, false).and_then(|case| run(backend, &case));
        let failure = match tried {
            Ok(done) => {
                checked.set(checked.get() + done.checked);
                return Ok(());
            }
            Err(failure) => failure,
        };
        let words = failure.message.clone();
        last.replace(Some((failure, text)));
        Err(TestCaseError::fail(words))
    });
    match (verdict, last.into_inner()) {
        (Ok(()), _) => Ok(Done::of(checked.get())),
        (Err(_), Some((failure, text))) => {
            let described = file::parse(&text, "random.toml", Path::new("."), &[])?;
            let rust = Some(format!("{RUST_HEADER}{}", rust::rust(&described)));
            Err(failure.shown_by(Model { text, rust, ..Model::default() }))
        }
        (Err(why), None) => Err(Failure::new(why)),
    }
}

const RUST_HEADER: &str = "// use isospike_front::network::*;\n";

fn runner(seed: u64, networks: u32) -> TestRunner {
    let config = Config { cases: networks, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// The networks of a seed, as model files and as the Rust that a failure prints.
pub fn printed(family: Family, seed: u64, networks: u32) -> Result<Vec<(String, String)>, Failure> {
    let mut runner = runner(seed, networks);
    let one = |_| {
        let text = family.network().new_tree(&mut runner).map_err(Failure::new)?.current();
        let described = file::parse(&text, "random.toml", Path::new("."), &[])?;
        Ok((text, rust::rust(&described)))
    };
    (0..networks).map(one).collect()
}

/// The text of a model file with one to three populations and up to six projections.
fn network() -> impl Strategy<Value = String> {
    let populations = vec((1..80_u32, 0..MODELS.len()), 1..4);
    let projections = vec(projection(), 0..7);
    let numbers = (any::<u32>(), 1..4_u32, 0..3_u32, any::<bool>());
    (numbers, populations, projections, model::model()).prop_map(
        |((seed, batch, stimulus, probe), populations, projections, own)| {
            // Input changes in time in each fourth network.
            let stimulus = if seed % 4 == 2 { stimulus + 3 } else { stimulus };
            let mut out = text(seed, &populations, &projections, batch, stimulus, probe);
            if populations.iter().any(|(_, model)| MODELS[*model].0 == "own") {
                out += &own;
            }
            out
        },
    )
}

/// A projection in numbers: from, to, rule, weight kind, delay kind, flags.
type Draft = (usize, usize, usize, usize, usize, [bool; 3]);

fn projection() -> impl Strategy<Value = Draft> {
    (0..3_usize, 0..3_usize, 0..RULES.len(), 0..3_usize, 0..3_usize, any::<[bool; 3]>())
}

/// (model, its fields, a receptor, a weight that matters, its unit, a current that drives it)
type NeuronModel = (&'static str, &'static str, &'static str, f64, &'static str, &'static str);

const MODELS: &[NeuronModel] = &[
    ("lif_exp", "initial = { v = \"normal(-57 mV, 6 mV)\" }", "syn", 120.0, "pA", "380 pA"),
    ("lif_exp_2", "initial = { v = \"uniform(-60 mV, -50 mV)\" }", "exc", 60.0, "pA", "250 pA"),
    ("izhikevich", "", "syn", 4.0, "", "6"),
    ("adex", "", "exc", 9.0, "nS", "700 pA"),
    ("hh_traub_miles", "initial = { v = \"uniform(-70 mV, 0 mV)\" }", "exc", 9.0, "nS", "500 pA"),
    ("lif_cond_exp", "initial = { v = \"normal(-54 mV, 4 mV)\" }", "exc", 5.0, "nS", "150 pA"),
    OWN,
    OWN,
    OWN,
];

/// A model of random statements.
const OWN: NeuronModel = ("own", model::FIELDS, "syn", 30.0, "", "0.4");

const RULES: &[&str] = &[
    "\"all_to_all\"",
    "{ fixed_probability = 0.13 }",
    "{ fixed_in_degree = 5 }",
    "{ fixed_out_degree = 6 }",
    "{ fixed_total_number = 150 }",
    "{ list = [[0, 0], [0, 0]] }",
];

fn text(
    seed: u32,
    populations: &[(u32, usize)],
    projections: &[Draft],
    batch: u32,
    stimulus: u32,
    probe: bool,
) -> String {
    let mut out = format!(
        "[network]\ndt = \"0.2 ms\"\nduration = \"20 ms\"\nseed = {seed}\nbatch = {batch}\n"
    );
    for (i, (size, model)) in populations.iter().enumerate() {
        let (name, fields, ..) = MODELS[*model];
        let _ = writeln!(out, "\n[population.p{i}]\nsize = {size}\nmodel = \"{name}\"\n{fields}");
        let drive = drive(stimulus, *size, &MODELS[*model]);
        let _ = writeln!(out, "\n[stimulus.s{i}]\npopulation = \"p{i}\"\n{drive}");
    }
    if probe {
        out += "\n[probe.v]\npopulation = \"p0\"\nvariable = \"v\"\nneurons = \"all\"\n";
        if batch != 2 {
            out += "initial = true\n";
        }
    }
    for (i, draft) in projections.iter().enumerate() {
        project(&mut out, i, draft, populations);
    }
    out
}

/// The fields of a stimulus that drives neurons of a model.
fn drive(stimulus: u32, size: u32, model: &NeuronModel) -> String {
    let (_, _, receptor, weight, unit, current) = *model;
    let poisson = format!(
        "kind = \"poisson\"\nreceptor = \"{receptor}\"\nweight = \"{weight} {unit}\"\nrate = "
    );
    match stimulus {
        0 => format!("kind = \"current\"\namplitude = \"{current}\""),
        1 => format!("kind = \"noise\"\nmean = \"{current}\"\nsd = \"0.5 * {current}\""),
        2 => format!("{poisson}\"2 kHz\""),
        3 => format!(
            "kind = \"steps\"\ntimes = [\"0.4 ms\", \"8 ms\"]\n\
             amplitudes = [\"{current}\", \"0.5 * {current}\"]"
        ),
        4 => {
            let of_neuron = |n| format!("\"{n} / {size} * {current}\"");
            let row = (1..=size).map(of_neuron).collect::<Vec<_>>().join(", ");
            format!(
                "kind = \"steps\"\nstart = \"0.6 ms\"\nevery = \"6 ms\"\n\
                 amplitudes = [[{row}], [{row}]]"
            )
        }
        _ => format!("{poisson}[\"3 kHz\", \"500 Hz\", \"2 kHz\"]\nevery = \"5 ms\""),
    }
}

fn project(out: &mut String, i: usize, draft: &Draft, populations: &[(u32, usize)]) {
    let (from, to, rule, weight_kind, delay_kind, [autapses, procedural, wide]) = *draft;
    let (from, to) = (from % populations.len(), to % populations.len());
    let (_, _, receptor, weight, unit, _) = MODELS[populations[to].1];
    let weight = match weight_kind {
        0 => format!("\"{weight} {unit}\""),
        1 => format!("{{ uniform = [\"0 {unit}\", \"{weight} {unit}\"] }}"),
        _ => format!("{{ normal = [\"{weight} {unit}\", \"{} {unit}\"] }}", weight / 3.0),
    };
    let delay = match delay_kind {
        0 => "\"0.2 ms\"",
        1 => "{ uniform = [\"0.2 ms\", \"6 ms\"] }",
        _ => "{ normal = [\"1.5 ms\", \"0.75 ms\"] }",
    };
    let _ = writeln!(
        out,
        "\n[projection.j{i}]\nfrom = \"p{from}\"\nto = \"p{to}\"\nreceptor = \"{receptor}\"\n\
         connect = {}\nweight = {weight}\ndelay = {delay}",
        RULES[rule]
    );
    // A single neuron has nobody else to connect to, and lists are what they say.
    let listed = RULES[rule].contains("list");
    if !autapses && !listed && from == to && populations[from].0 > 1 {
        *out += "autapses = false\n";
    }
    if procedural && !listed && !RULES[rule].contains("in_degree") {
        *out += "procedural = true\n";
    }
    if wide {
        *out += "weight_bits = 32\n";
    }
}
