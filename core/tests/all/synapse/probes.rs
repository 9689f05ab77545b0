//! Probes of synapses (`docs/semantics.md` 5.13, 5.14): samples against state that is read between
//! steps, on kernels against the naive oracle, through checkpoints, and in a run that fails.

use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::lower::lower;
use isospike_core::plan::{Places, Plan, SynapseSamplePlan};
use isospike_core::run::backend::Backend;
use isospike_core::run::checkpoint::{Checkpoint, Fingerprint};
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;

/// Sources that spike now and then, targets that spike often and grow until `v` is infinite.
const NETWORK: &str = r#"
[network]
dt = "0.1 ms"
seed = 3
batch = 2
[model.grows]
update = """
v = v + syn + 1
grown = grown * growth
"""
threshold = "v > 3"
reset = "v = 0"
receptors = { syn = "1" }
parameters = { growth = 1 }
state = { v = 0, grown = 1 }
[population.sources]
size = 5
model = "poisson"
parameters = { rate = "900 Hz" }
[population.targets]
size = 4
model = "grows"
initial = { v = "uniform(0, 3)" }
[projection.learns]
from = "sources"
to = "targets"
connect = { fixed_probability = 0.7 }
weight = { uniform = [0.1, 0.9] }
delay = { uniform = ["0.1 ms", "0.6 ms"] }
synapse = "stdp"
parameters = { w_max = 1, a_plus = 0.1, a_minus = 0.1 }
[projection.stays]
from = "sources"
to = "targets"
connect = { list = [[1, 2, 0.25], [3, 0, 0.5]] }
[probe.all]
projection = "learns"
variable = "w"
[probe.some]
projection = "learns"
variable = "w"
synapses = { every = 3 }
every = "0.4 ms"
initial = true
[probe.spread]
projection = "learns"
variable = "w"
histogram = [0.2, 1, 4]
every = "0.3 ms"
[probe.stays]
projection = "stays"
variable = "weight"
every = "1 ms"
[probe.v]
population = "targets"
variable = "v"
every = "0.2 ms"
"#;

fn plan(text: &str) -> Plan {
    let network = file::parse(text, "net.toml", Path::new("."), &[]).unwrap();
    lower(Arc::new(network.check(Limits::default()).unwrap()))
}

fn machine() -> MachineBackend {
    MachineBackend::new(Guarantees::ALL)
}

/// The recording of calls of these lengths, and the error of the last one.
fn record(backend: &dyn Backend, plan: &Plan, calls: &[u32]) -> (Recording, Option<String>) {
    let mut simulation = backend.compile(plan).unwrap();
    let mut record = Recording::new(plan);
    for &steps in calls {
        if let Err(error) = simulation.run(steps, &mut record) {
            return (record, Some(error.to_string()));
        }
    }
    (record, None)
}

/// Compares two results without a print of all words.
fn same(got: &(Recording, Option<String>), expected: &(Recording, Option<String>), what: &str) {
    assert_eq!(got.1, expected.1, "{what}");
    for (n, (got, expected)) in got.0.traces.iter().zip(&expected.0.traces).enumerate() {
        let first = got.iter().zip(expected).position(|(a, b)| a != b);
        assert_eq!((got.len(), first), (expected.len(), None), "{what}: trace {n}");
    }
    assert!(got.0 == expected.0, "{what}: spikes");
}

#[test]
fn samples_are_the_state_between_steps() {
    let plan = plan(NETWORK);
    assert_eq!(plan.probe_name(0), Some("v"));
    assert_eq!(plan.probe_name(3), Some("spread"));
    assert_eq!(plan.probe_name(5), None);
    let mut simulation = ModelBackend::default().compile(&plan).unwrap();
    let mut record = Recording::new(&plan);
    let mut expected = vec![Vec::new(); 3];
    let weights = Quantity::synapse("learns", "w");
    for step in 0..40 {
        simulation.run(1, &mut record).unwrap();
        let words = simulation.read(&weights).unwrap();
        expected[0].extend_from_slice(&words);
        if step % 4 == 0 {
            let copies = words.chunks(words.len() / 2);
            expected[1].extend(copies.flat_map(|copy| copy.iter().step_by(3)).copied());
        }
        if step % 3 == 0 {
            for copy in words.chunks(words.len() / 2) {
                let mut counts = [0; 6];
                for weight in copy.iter().map(|word| f32::from_bits(*word)) {
                    let below = [0.2, 0.4, 0.6, 0.8].iter().filter(|edge| **edge <= weight);
                    counts[below.count()] += 1;
                }
                expected[2].extend(counts);
            }
        }
    }
    let SynapseSamplePlan::Each(Places::Multiples { count, .. }) = plan.synapse_probes[1].sample
    else {
        panic!("every third synapse")
    };
    // The sample of the start is the first.
    assert_eq!(record.traces[2][2 * count as usize..], expected[1]);
    assert_eq!((&record.traces[1], &record.traces[3]), (&expected[0], &expected[2]));
    let first: Vec<u32> = plan.initial_state()[plan.neuron_words() as usize..].to_vec();
    assert_eq!(record.traces[2][0], first[0]);
    assert_eq!(record.traces[4], [0.25_f32, 0.5].map(f32::to_bits).repeat(2 * 4));
    // They do change, and not all alike.
    let changed = expected[0].chunks(expected[0].len() / 40).filter(|words| **words != first);
    assert!(changed.count() > 10);
}

#[test]
fn kernels_sample_what_the_oracle_samples_however_a_run_is_cut() {
    let plan = plan(NETWORK);
    let expected = record(&ModelBackend::default(), &plan, &[60]);
    assert!(expected.0.traces.iter().all(|trace| !trace.is_empty()));
    for calls in [&[60][..], &[1; 60], &[7, 0, 13, 40]] {
        same(&record(&machine(), &plan, calls), &expected, &format!("{calls:?}"));
    }
}

#[test]
fn a_restored_run_samples_what_follows() {
    let plan = plan(NETWORK);
    let expected = record(&ModelBackend::default(), &plan, &[60]);
    for backend in [&ModelBackend::default() as &dyn Backend, &machine()] {
        for at in [1, 12, 33] {
            let mut first = backend.compile(&plan).unwrap();
            let mut record = Recording::new(&plan);
            first.run(at, &mut record).unwrap();
            let checkpoint = Checkpoint::take(&plan, first.as_mut(), &record).unwrap();
            let mut second = backend.compile(&plan).unwrap();
            second.restore(&checkpoint).unwrap();
            second.run(60 - at, &mut record).unwrap();
            same(&(record, None), &expected, &format!("step {at}"));
        }
    }
}

#[test]
fn a_failed_run_has_samples_up_to_its_last_step() {
    let plan = plan(&NETWORK.replace("growth = 1 ", "growth = 50 "));
    let expected = record(&ModelBackend::default(), &plan, &[60]);
    let (recording, error) = &expected;
    assert!(error.as_ref().is_some_and(|error| error.contains("grown")), "{error:?}");
    let width = plan.sample_width(1) as usize * 2;
    assert_eq!(recording.traces[1].len(), recording.steps as usize * width);
    for calls in [&[60][..], &[1; 60], &[7, 53]] {
        same(&record(&machine(), &plan, calls), &expected, &format!("{calls:?}"));
    }
}

#[test]
fn a_probe_changes_the_fingerprint_and_only_that() {
    let with = plan(NETWORK);
    let text = NETWORK.split("[probe.all]").next().unwrap();
    let without = plan(text);
    let mut other = with.clone();
    other.synapse_probes.clear();
    assert_ne!(Fingerprint::of(&with), Fingerprint::of(&without));
    let run = |plan: &Plan| record(&ModelBackend::default(), plan, &[60]).0.spikes;
    assert_eq!(run(&with), run(&without));
}

#[test]
fn plans_with_faults_of_probes_are_refused() {
    let right = plan(NETWORK);
    right.verify().unwrap();
    type Fault = (fn(&mut Plan), &'static str);
    let faults: [Fault; 8] = [
        (|p| p.synapse_probes[0].projection = 2, "projection 2 of 2"),
        (|p| p.synapse_probes[0].variable = Some(1), "state variable 1 of 1"),
        (|p| p.synapse_probes[0].variable = None, "its synapses learn, so they have no weight"),
        (|p| p.synapse_probes[3].variable = Some(0), "its synapses have no state"),
        (|p| p.synapse_probes[0].every_steps = 0, "there are 0 steps between its samples"),
        (
            |p| p.synapse_probes[3].sample = SynapseSamplePlan::Each(Places::List(vec![0, 2])),
            "synapse 2, but there are 2",
        ),
        (
            |p| p.synapse_probes[3].sample = SynapseSamplePlan::Each(Places::List(vec![1, 0])),
            "its synapses are not in order",
        ),
        (
            |p| p.synapse_probes[2].sample = SynapseSamplePlan::Histogram(vec![1.0, 1.0]),
            "the ends of its intervals do not ascend",
        ),
    ];
    for (fault, message) in faults {
        let mut plan = right.clone();
        fault(&mut plan);
        let error = plan.verify().unwrap_err();
        assert_eq!(error.fault, message);
        assert!(error.item.starts_with("probe "), "{error}");
    }
}
