//! The samples of a probe: of each step, and of the state before step 0 (`docs/semantics.md` 5.8).

use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::record::Recording;
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;

/// `b` stands behind `a`, so its words do not begin at 0; `v` halves in each step.
const MODEL: &str = r#"
[network]
dt = "1 ms"
duration = "6 ms"
batch = 2

[model.half]
update = "w += 1\nv = v / 2"

[model.half.state]
w = "0"
v = "0"

[population.a]
size = 3
model = "half"

[population.b]
size = 40
model = "half"
initial = { v = "64 + 64 * i" }

[probe.every]
population = "b"
variable = "v"
neurons = [1, 39]
every = "2 ms"

[probe.start]
population = "b"
variable = "v"
neurons = [1, 39]
every = "2 ms"
initial = true
"#;

fn plan(text: &str) -> Plan {
    let network = file::parse(text, "probe.toml", Path::new("."), &[]).unwrap();
    lower(Arc::new(
        network.check(Limits::default()).unwrap_or_else(|diagnostics| panic!("{diagnostics}")),
    ))
}

fn oracles() -> [Box<dyn Backend>; 2] {
    [Box::new(ModelBackend::default()), Box::new(MachineBackend::new(Guarantees::NONE))]
}

fn run(backend: &dyn Backend, plan: &Plan, pieces: &[u32]) -> (Recording, String) {
    let mut simulation = backend.compile(plan).unwrap();
    let mut record = Recording::new(plan);
    for steps in pieces {
        simulation.run(*steps, &mut record).unwrap();
    }
    let digest = record.digest(&simulation.state().unwrap());
    (record, digest)
}

#[test]
fn the_state_before_step_0_comes_first() {
    let plan = plan(MODEL);
    for backend in oracles() {
        for pieces in [&[6][..], &[0, 1, 5], &[0, 3, 0, 3]] {
            let (record, _) = run(&*backend, &plan, pieces);
            let floats = |probe: usize| -> Vec<f32> {
                record.traces[probe].iter().map(|word| f32::from_bits(*word)).collect()
            };
            // Neurons 1 and 39 of both copies: before step 0, and after steps 0, 2 and 4.
            let one = |after: f32| [128.0, 2560.0, 128.0, 2560.0].map(|v| v / after);
            assert_eq!(floats(0), [one(2.0), one(8.0), one(32.0)].concat());
            assert_eq!(floats(1), [one(1.0), one(2.0), one(8.0), one(32.0)].concat());
        }
        let (nothing, _) = run(&*backend, &plan, &[0]);
        assert_eq!(nothing.traces, [[0_u32; 0]; 2], "no step, no sample");
    }
    let steps = |probe: usize| plan.probes[probe].sample_steps().take(3).collect::<Vec<_>>();
    assert_eq!([steps(0), steps(1)], [[0, 2, 4], [-1, 0, 2]]);
}

#[test]
fn a_run_from_the_start_is_sampled_and_one_from_later_is_not() {
    let plan = plan(MODEL);
    for backend in oracles() {
        let (whole, _) = run(&*backend, &plan, &[6]);
        let mut simulation = backend.compile(&plan).unwrap();
        let mut record = Recording::new(&plan);
        simulation.run(3, &mut record).unwrap();
        let later = Checkpoint::take(&plan, simulation.as_mut(), &record).unwrap();
        // Back to the start: as a run that has never been anywhere else.
        simulation.restore(&Checkpoint::start(&plan)).unwrap();
        let mut again = Recording::new(&plan);
        simulation.run(6, &mut again).unwrap();
        assert_eq!(again, whole);
        simulation.restore(&later).unwrap();
        simulation.run(3, &mut record).unwrap();
        assert_eq!(record, whole);
    }
}

#[test]
fn a_sample_of_the_start_changes_no_digest() {
    let without = plan(&MODEL.replace("initial = true", ""));
    for backend in oracles() {
        let with = run(&*backend, &plan(MODEL), &[6]).1;
        assert_eq!(with, run(&*backend, &without, &[6]).1);
    }
}

#[test]
fn initial_is_true_or_false() {
    let text = MODEL.replace("initial = true", "initial = 1");
    let network = file::parse(&text, "probe.toml", Path::new("."), &[]).unwrap();
    let diagnostics = network.check(Limits::default()).unwrap_err();
    let diagnostic = &diagnostics.0[0];
    assert_eq!((diagnostic.item.as_str(), diagnostic.field.as_str()), ("probe start", "initial"));
    let text = diagnostics.to_string();
    assert!(text.contains("`true` or `false`"), "{text}");
}
