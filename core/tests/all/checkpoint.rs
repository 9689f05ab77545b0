//! Checkpoints: how networks are distinguished, and the refusals of a simulation. That they move
//! between backends is in `conformance/src/checkpoint.rs`.

use isospike_core::base::id::PopulationId;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::{Checkpoint, CheckpointMismatch, Fingerprint};
use isospike_core::run::parameters::WrittenParameter;
use isospike_core::run::quantity::ParameterPlace;
use isospike_core::run::record::{Recording, Spike};
use isospike_front::check::Limits;
use isospike_front::file::{self, Override};
use std::path::Path;
use std::sync::Arc;

const MODEL: &str = r#"
[network]
name = "pair"
dt = "0.1 ms"
duration = "30 ms"
transient = "1 ms"
seed = 3

[model.own]
current = "mV"
threshold = "v > theta"
reset = "v = rest"
update = "v += dt / tau * (rest - v + i_ext) + exc * (1 - 0.1 * rand_uniform())"

[model.own.parameters]
tau = "10 ms"
theta = "-50 mV"
rest = "-65 mV"

[model.own.state]
v = "rest"

[model.own.receptors]
exc = "mV"

[population.a]
size = 20
model = "lif_exp"
initial = { v = "uniform(-60 mV, -50 mV)" }

[population.b]
size = 4
model = "own"

[population.beat]
size = 2
model = "spike_list"
spikes = [["5 ms", 0], ["7 ms", 1]]

[projection.a_b]
from = "a"
to = "b"
connect = { fixed_probability = 0.5 }
weight = { normal = ["2 mV", "0.5 mV"] }
delay = { uniform = ["0.5 ms", "3 ms"] }

[projection.beat_b]
from = "beat"
to = "b"
connect = { list = [[0, 1], [1, 3]] }
weight = "20 mV"
delay = "1 ms"

[stimulus.drive]
population = "a"
kind = "current"
amplitude = "900 pA"

[probe.v]
population = "b"
variable = "v"
neurons = [0, 1]
every = "1 ms"
"#;

fn plan_of(text: &str, changes: &[(&str, &str)]) -> Plan {
    let change =
        |(path, value): &(&str, &str)| Override { path: (*path).into(), value: (*value).into() };
    let changes: Vec<Override> = changes.iter().map(change).collect();
    let network = file::parse(text, "pair.toml", Path::new("."), &changes);
    let network = network.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let checked = network.check(Limits::default());
    lower(Arc::new(checked.unwrap_or_else(|diagnostics| panic!("{diagnostics}"))))
}

fn plan() -> Plan {
    plan_of(MODEL, &[])
}

fn fingerprint(changes: &[(&str, &str)]) -> Fingerprint {
    Fingerprint::of(&plan_of(MODEL, changes))
}

#[test]
fn a_fingerprint_is_the_same_everywhere_and_for_ever() {
    assert_eq!(fingerprint(&[]), fingerprint(&[]));
    // On people's disks: a change of these digits makes their checkpoints useless. It must be
    // meant, and then `VERSION` of the fingerprint goes up.
    assert_eq!(fingerprint(&[]).to_string(), "7e331bb17fd86d3a");
}

#[test]
fn what_changes_no_bit_changes_no_fingerprint() {
    let all = [
        ("network.name", "other"),
        ("network.duration", "2 s"),
        ("network.transient", "0 ms"),
        ("population.a.reference_rate", "3 Hz"),
        ("projection.a_b.procedural", "true"),
    ];
    for change in all {
        assert_eq!(fingerprint(&[change]), fingerprint(&[]), "{change:?}");
    }
    let renamed = MODEL.replace("\"beat\"", "\"clock\"").replace(".beat]", ".clock]");
    assert_eq!(Fingerprint::of(&plan_of(&renamed, &[])), fingerprint(&[]));
}

#[test]
fn what_changes_a_run_changes_the_fingerprint() {
    let all = [
        ("network.dt", "0.2 ms"),
        ("network.seed", "4"),
        ("network.batch", "2"),
        ("population.a.size", "21"),
        ("population.a.model", "lif_exp_2"),
        ("population.a.initial.v", "uniform(-60 mV, -51 mV)"),
        ("population.b.parameters.tau", "11 ms"),
        ("population.b.parameters.tau", "uniform(10 ms, 11 ms)"),
        ("population.beat.spikes", "[[\"5 ms\", 0], [\"7 ms\", 0]]"),
        ("model.own.threshold", "v >= theta"),
        ("model.own.reset", "v = rest - 1 mV"),
        (
            "model.own.update",
            "v += dt / tau * (rest - v + i_ext) + exc * (1 - 0.1 * rand_normal())",
        ),
        (
            "model.own.update",
            "v += dt / tau * (rest - v - i_ext) + exc * (1 - 0.1 * rand_uniform())",
        ),
        ("projection.a_b.connect", "{ fixed_in_degree = 5 }"),
        ("projection.a_b.connect", "{ fixed_out_degree = 5 }"),
        ("projection.a_b.connect", "{ fixed_probability = 0.4 }"),
        ("projection.a_b.weight", "{ normal = [\"2 mV\", \"0.4 mV\"] }"),
        ("projection.a_b.weight", "{ uniform = [\"0 mV\", \"2 mV\"] }"),
        ("projection.a_b.delay", "{ uniform = [\"0.5 ms\", \"2.9 ms\"] }"),
        ("projection.a_b.weight_bits", "32"),
        ("projection.beat_b.connect", "{ list = [[0, 1], [1, 2]] }"),
        ("projection.beat_b.weight", "21 mV"),
        ("stimulus.drive.amplitude", "901 pA"),
        ("stimulus.drive.start", "1 ms"),
        ("stimulus.drive.kind", "noise"),
        ("stimulus.drive.kind", "external"),
        ("probe.v.neurons", "[0, 2]"),
        ("probe.v.every", "2 ms"),
        ("probe.v.initial", "true"),
    ];
    let mut seen = vec![fingerprint(&[])];
    for (path, value) in all {
        let mut changes = vec![(path, value)];
        if path == "stimulus.drive.kind" {
            let fields = if value == "noise" { "mean = \"900 pA\"\nsd = \"1 pA\"" } else { "" };
            let model = MODEL.replace("amplitude = \"900 pA\"", fields);
            seen.push(Fingerprint::of(&plan_of(&model, &changes)));
        } else {
            if value == "lif_exp_2" {
                changes.push(("stimulus.drive.amplitude", "900 pA"));
            }
            seen.push(fingerprint(&changes));
        }
        let last = seen.len() - 1;
        assert!(!seen[..last].contains(&seen[last]), "{path} = {value} changes nothing");
    }
}

/// A run of some steps, and its checkpoint.
fn run(plan: &Plan, steps: u32) -> (Box<dyn Simulation>, Recording, Checkpoint) {
    let mut simulation = ModelBackend::default().compile(plan).expect("the oracle compiles");
    let mut record = Recording::new(plan);
    simulation.run(steps, &mut record).expect("the oracle runs");
    let checkpoint = Checkpoint::take(plan, simulation.as_mut(), &record).expect("it has a state");
    (simulation, record, checkpoint)
}

#[test]
fn a_checkpoint_has_the_last_spikes_and_no_others() {
    let plan = plan();
    let (_, record, checkpoint) = run(&plan, 250);
    let window = checkpoint.flight().last_steps(&plan);
    assert_eq!(window, 220..250);
    let last = record.spikes.iter().filter(|spike| window.contains(&spike.step));
    assert_eq!(checkpoint.spikes, last.copied().collect::<Vec<_>>());
    assert!(!checkpoint.spikes.is_empty() && checkpoint.spikes.len() < record.spikes.len());
    let by_step: Vec<Spike> =
        window.flat_map(|step| checkpoint.flight().spikes_of(step)).copied().collect();
    assert_eq!(by_step, checkpoint.spikes);
    assert_eq!(checkpoint.flight().spikes_of(0), []);
}

#[test]
fn the_start_is_a_checkpoint_too() {
    let plan = plan();
    let (mut simulation, mut record, checkpoint) = run(&plan, 0);
    assert_eq!(checkpoint, Checkpoint::start(&plan));
    simulation.run(200, &mut record).unwrap();
    let (expected, state) = (record.clone(), simulation.state().unwrap());
    simulation.restore(&Checkpoint::start(&plan)).unwrap();
    let mut again = Recording::new(&plan);
    simulation.run(200, &mut again).unwrap();
    assert_eq!((again, simulation.state().unwrap()), (expected, state));
}

#[test]
fn what_does_not_fit_is_refused_by_name_and_changes_nothing() {
    let plan = plan();
    let (_, _, good) = run(&plan, 250);
    let (_, _, other) = run(&plan_of(MODEL, &[("network.seed", "4")]), 250);
    let changed = |change: &dyn Fn(&mut Checkpoint)| {
        let mut checkpoint = good.clone();
        change(&mut checkpoint);
        checkpoint
    };
    let late = Spike { step: 250, neuron: 0 };
    let written = |population, parameter, words: &[u32]| WrittenParameter {
        place: ParameterPlace { population: PopulationId(population), parameter },
        words: words.to_vec(),
    };
    let bad = [
        (other, "another network"),
        (changed(&|c| c.state.truncate(3)), "it has 3 state words, this network 64"),
        (changed(&|c| c.state.push(0)), "it has 65 state words, this network 64"),
        (changed(&|c| c.spikes.push(late)), "steps 220 to 250"),
        (changed(&|c| c.spikes[0].step = 219), "steps 220 to 250"),
        (changed(&|c| c.spikes.insert(0, Spike { step: 249, neuron: 25 })), "in order"),
        (changed(&|c| c.spikes.push(c.spikes[c.spikes.len() - 1])), "in order"),
        (changed(&|c| c.spikes[0].neuron = 26), "neurons below 26"),
        (changed(&|c| c.counters.spikes.push(0)), "its counts are not"),
        (changed(&|c| c.counters.steps += 1), "its counts are not"),
        (
            changed(&|c| c.parameters.push(written(1, 3, &[0; 4]))),
            "written to parameter 3 of population 1 before it was taken, which this network does \
             not have",
        ),
        (changed(&|c| c.parameters.push(written(2, 0, &[]))), "parameter 0 of population 2"),
        (changed(&|c| c.parameters.push(written(3, 0, &[]))), "parameter 0 of population 3"),
        (
            changed(&|c| c.parameters.push(written(1, 0, &[0; 3]))),
            "does not fit: parameter `tau` of population b: 3 words given, it has 4",
        ),
        (
            changed(&|c| c.parameters.push(written(1, 0, &[f32::NAN.to_bits(); 4]))),
            "does not fit: parameter `tau` of population b: NaN for neuron 0",
        ),
        (
            changed(&|c| c.parameters.push(written(1, 0, &[1.0_f32.to_bits(); 4]))),
            "does not fit: parameter `tau` of population b: it is the same for all neurons",
        ),
    ];
    let machine = MachineBackend::new(Guarantees::NONE);
    let backends: [&dyn Backend; 2] = [&ModelBackend::default(), &machine];
    for backend in backends {
        let mut simulation = backend.compile(&plan).unwrap();
        let mut record = Recording::new(&plan);
        simulation.run(100, &mut record).unwrap();
        for (checkpoint, words) in &bad {
            match simulation.restore(checkpoint) {
                Err(error @ BackendError::Checkpoint(_)) => {
                    assert!(error.to_string().contains(words), "`{words}` is not in {error}");
                }
                other => panic!("{words}: {other:?}"),
            }
        }
        simulation.run(150, &mut record).unwrap();
        let after = Checkpoint::take(&plan, simulation.as_mut(), &record).unwrap();
        assert_eq!(after, good);
    }
    assert!(matches!(bad[0].0.fits(&plan), Err(CheckpointMismatch::Network { .. })));
}
