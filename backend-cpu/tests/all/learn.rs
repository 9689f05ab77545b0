//! Synapses that learn: the bits of the naive oracle, whatever the number of threads, the
//! instruction set, and the way the steps are cut into runs.

mod networks;
mod signals;

use crate::common::every_way;
use isospike_conformance::{cases, verdict};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::counters::Counters;
use isospike_core::run::record::{Recording, Spike};
use isospike_cpu::{CpuBackend, Layout, Options};

/// The results that are compared: spikes, all state words, counts.
type Outcome = (Vec<Spike>, Vec<u32>, Counters);

fn run(backend: &dyn Backend, plan: &Plan, cuts: &[u32]) -> Outcome {
    let mut simulation = backend.compile(plan).expect("it compiles");
    let mut recording = Recording::new(plan);
    for steps in cuts {
        simulation.run(*steps, &mut recording).expect("it runs");
    }
    let state = simulation.state().expect("a state");
    (recording.spikes, state, simulation.counters().expect("counts"))
}

#[test]
fn every_way_has_the_bits_of_the_naive_oracle() {
    for case in cases::named(&cases::LEARNING) {
        let plan = verdict::plan(&case.text).expect("a plan");
        let steps = case.steps;
        let expected = run(&ModelBackend::default(), &plan, &[steps]);
        assert!(expected.2.post_events.iter().sum::<u64>() > 1000, "{:?}", expected.2);
        for threads in [1, 2, 3] {
            for options in every_way() {
                let options = Options { threads: Some(threads), ..options };
                let cpu = CpuBackend::new(options).expect("a CPU");
                for cuts in [&[steps][..], &[1, 0, steps / 2, steps - steps / 2 - 1]] {
                    let found = run(&cpu, &plan, cuts);
                    assert!(found == expected, "{}: {options:?}, {cuts:?}", case.name);
                }
            }
        }
    }
}

#[test]
fn a_checkpoint_of_either_goes_on_on_the_other() {
    for case in cases::named(&cases::LEARNING) {
        let plan = verdict::plan(&case.text).expect("a plan");
        let cpu = CpuBackend::new(Options { threads: Some(2), ..Options::default() });
        let (cpu, oracle) = (cpu.expect("a CPU"), ModelBackend::default());
        let expected = run(&oracle, &plan, &[case.steps]);
        let backends: [&dyn Backend; 2] = [&cpu, &oracle];
        for first in [1, case.steps / 3, case.steps - 1] {
            for (from, to) in [(0, 0), (0, 1), (1, 0)] {
                let mut simulation = backends[from].compile(&plan).expect("it compiles");
                let mut recording = Recording::new(&plan);
                simulation.run(first, &mut recording).expect("it runs");
                let checkpoint = Checkpoint::take(&plan, &mut *simulation, &recording);
                let mut other = backends[to].compile(&plan).expect("it compiles");
                other.run(33, &mut Recording::new(&plan)).expect("it runs");
                other.restore(&checkpoint.expect("taken")).expect("it fits");
                other.run(case.steps - first, &mut recording).expect("it runs");
                let state = other.state().expect("a state");
                let found = (recording.spikes, state, other.counters().expect("counts"));
                assert!(found == expected, "{}: {from} to {to} after {first}", case.name);
            }
        }
    }
}

/// Neurons whose state grows beyond all numbers, and then ends the run.
const GROWS: &str = r#"
[network]
name = "grows"
dt = "0.1 ms"
duration = "60 ms"
batch = 2

[model.grows]
parameters = { by = 1 }
state = { v = "1" }
receptors = { input = "1" }
update = "v = v * by + input / 64"
threshold = "v > 3"

[population.some]
size = 40
model = "grows"
parameters = { by = "1.1 + i / 200" }

[projection.learns]
from = "some"
to = "some"
connect = { fixed_probability = 0.4 }
weight = { uniform = [0, 1] }
delay = { uniform = ["0.1 ms", "0.6 ms"] }
synapse = "stdp"
parameters = { w_max = 1, a_plus = 0.01, a_minus = 0.012 }

[signal.activity]
tau = "2 ms"
spikes_of = "some"
gain = 0.001
delay = "0.3 ms"

[synapse.follows]
state = { w = "weight" }
bounds = { w = [0, 1] }
signals = ["activity"]
on_pre = "w -= activity / 9; send w"
on_post = "w += activity / 8"

[projection.follows]
from = "some"
to = "some"
connect = { fixed_probability = 0.2 }
weight = { uniform = [0, 1] }
delay = { uniform = ["0.4 ms", "0.6 ms"] }
synapse = "follows"

[synapse.high]
state = { w = "weight" }
bounds = { w = [0, 1] }
on_pre = "send w"
on_post_if = "post.v > 2"
on_post = "w *= 0.98"

[projection.high]
from = "some"
to = "some"
connect = { fixed_probability = 0.2 }
weight = { uniform = [0, 1] }
delay = "0.5 ms"
synapse = "high"
"#;

#[test]
fn a_run_that_ends_early_leaves_the_state_of_its_last_step() {
    let plan = verdict::plan(GROWS).expect("a plan");
    let ends = |backend: &dyn Backend, cuts: &[u32]| {
        let mut simulation = backend.compile(&plan).expect("it compiles");
        let mut recording = Recording::new(&plan);
        let run = |steps: &u32| simulation.run(*steps, &mut recording).err();
        let error = cuts.iter().find_map(run).expect("it ends");
        let state = simulation.state().expect("a state");
        let counts = simulation.counters().expect("counts");
        (error, recording.steps, recording.spikes, state, counts)
    };
    let expected = ends(&ModelBackend::default(), &[600]);
    assert!(expected.1 > 50 && expected.1 < 600, "step {}", expected.1);
    for threads in [1, 2, 3] {
        let options = Options { threads: Some(threads), ..Options::default() };
        let cpu = CpuBackend::new(options).expect("a CPU");
        for cuts in [&[600][..], &[40, 7, 553], &[1; 600], &[3; 200]] {
            let found = ends(&cpu, cuts);
            assert!(found == expected, "{threads} threads: {:?} and {:?}", found.0, expected.0);
        }
    }
}

#[test]
fn synapses_that_learn_have_late_rows() {
    let plan = verdict::plan(&cases::named(&cases::LEARNING)[0].text).expect("a plan");
    let cpu = CpuBackend::new(Options::default()).expect("a CPU");
    let late: Vec<bool> =
        cpu.layouts(&plan).iter().map(|choice| choice.layout == Layout::Late).collect();
    let learns: Vec<bool> = plan.projections.iter().map(|p| p.synapse.is_some()).collect();
    assert_eq!(late, learns);
    let (estimate, simulation) = (cpu.estimate(&plan), cpu.prepare(&plan).expect("it compiles"));
    let estimated: u64 = estimate.projections.iter().sum();
    let held = simulation.synapse_bytes();
    assert!(held <= 2 * estimated && estimated <= 2 * held, "{estimated} and {held}");
}
