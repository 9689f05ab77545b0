//! Input over time: each value in its step and at its neuron, on the engine, on the kernels and on
//! the naive oracle, in programs and kernels whose size is that of a constant.

use crate::common::every_way;
use isospike_conformance::{checkpoint, verdict};
use isospike_core::base::random::{self, PoissonTable};
use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::{RowFormat, Width, stages};
use isospike_core::ir::{Guarantees, text};
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::lower::lower;
use isospike_core::plan::{Plan, PopulationPlanKind};
use isospike_core::run::backend::Backend;
use isospike_cpu::CpuBackend;
use isospike_front::check::Limits;
use isospike_front::file;
use isospike_front::network::{Network, Population, Probe, Stimulus, values_file};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

const STEPS: u32 = 12;

/// Populations whose state is what came in the step: a current, or the sum of weights.
const MODELS: &str = "[model.current]\ncurrent = \"pA\"\nupdate = \"x = i_ext\"\n\
                      [model.current.state]\nx = \"0 pA\"\n\
                      [model.events]\nupdate = \"x = syn\"\n[model.events.state]\nx = \"0 pA\"\n\
                      [model.events.receptors]\nsyn = \"pA\"\n";

fn network(model: &str, size: u32, stimulus: &str) -> String {
    format!(
        "[network]\ndt = \"0.1 ms\"\nduration = \"1.2 ms\"\nseed = 77\nbatch = 2\n{MODELS}\
         [population.p]\nsize = {size}\nmodel = \"{model}\"\n\
         [probe.x]\npopulation = \"p\"\nvariable = \"x\"\n{stimulus}"
    )
}

fn plan_in(folder: &Path, text: &str) -> Plan {
    let network = file::parse(text, "series.toml", folder, &[]).unwrap();
    lower(Arc::new(network.check(Limits::default()).unwrap()))
}

fn plan(text: &str) -> Plan {
    plan_in(Path::new("."), text)
}

fn backends() -> Vec<Box<dyn Backend>> {
    let mut all: Vec<Box<dyn Backend>> = vec![Box::new(ModelBackend::default())];
    for guarantees in [Guarantees::ALL, Guarantees::NONE] {
        all.push(Box::new(MachineBackend::new(guarantees)));
    }
    all.extend(every_way().map(|way| Box::new(CpuBackend::new(way).unwrap()) as Box<dyn Backend>));
    all
}

/// Expects this value of each neuron in each step, of both copies, on every backend, whether the
/// run is cut, goes on from a checkpoint, or is whole.
fn assert_values(plan: &Plan, value: impl Fn(u32, u32) -> f32) {
    let size = plan.neurons();
    let neurons = || (0..2).flat_map(|_| 0..size);
    let expected: Vec<u32> = (0..STEPS)
        .flat_map(|t| neurons().map(move |n| (t, n)))
        .map(|(t, n)| value(t, n).to_bits())
        .collect();
    for backend in backends() {
        let name = &backend.info().backend;
        for chunks in [&[STEPS][..], &[1, 4, 1, 6]] {
            let outcome = verdict::run(backend.as_ref(), plan, chunks).unwrap();
            assert_eq!(outcome.record.traces[0], expected, "{name}");
        }
        checkpoint::moves(plan, STEPS, backend.as_ref(), backend.as_ref()).unwrap();
    }
}

#[test]
fn a_row_with_a_time_holds_until_the_next() {
    let stimulus = "[stimulus.s]\npopulation = \"p\"\nkind = \"steps\"\n\
                    times = [\"0.2 ms\", \"0.5 ms\", \"0.6 ms\"]\n\
                    amplitudes = [\"0.3 pA\", \"2 nA\", \"-1 pA\"]\nstop = \"1 ms\"";
    let plan = plan(&network("current", 70, stimulus));
    assert_values(&plan, |step, _| match step {
        2..5 => 0.3,
        5 => 2000.0,
        6..10 => -1.0,
        _ => 0.0,
    });
}

#[test]
fn rows_without_times_follow_one_another_from_the_start_on() {
    let stimulus = "[stimulus.s]\npopulation = \"p\"\nkind = \"steps\"\nstart = \"0.1 ms\"\n\
                    amplitudes = [\"1 pA\", \"2 pA\", \"3 pA\"]\nevery = \"0.3 ms\"\n\
                    [stimulus.t]\npopulation = \"p\"\nkind = \"steps\"\n\
                    amplitudes = [\"100 pA\", \"200 pA\"]";
    let plan = plan(&network("current", 3, stimulus));
    assert_values(&plan, |step, _| {
        let slow = [0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0];
        let fast = [100.0, 200.0];
        let at = |list: &[f32]| list.get(step as usize).copied().unwrap_or(0.0);
        at(&slow) + at(&fast)
    });
}

#[test]
fn each_neuron_has_its_own_value() {
    for size in [1, 5, 130] {
        let row = |k: u32| {
            let value = |n| format!("\"{} pA\"", 10 * n + k);
            (0..size).map(value).collect::<Vec<_>>().join(", ")
        };
        let stimulus = format!(
            "[stimulus.s]\npopulation = \"p\"\nkind = \"steps\"\namplitudes = [[{}], [{}], [{}]]\n\
             times = [\"0 ms\", \"0.3 ms\", \"0.4 ms\"]",
            row(1),
            row(2),
            row(3)
        );
        let plan = plan(&network("current", size, &stimulus));
        assert_values(&plan, |step, neuron| {
            let row = if step < 3 { 1 } else { step.min(4) - 1 };
            (10 * neuron + row) as f32
        });
    }
}

/// A `.npy` file of f64.
fn npy(folder: &Path, name: &str, shape: &str, fortran: &str, values: &[f64]) {
    let head = format!("{{'descr': '<f8', 'fortran_order': {fortran}, 'shape': ({shape}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.bytes());
    values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn values_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let values: Vec<f64> = (0..24).map(|k| f64::from(k) / 8.0).collect();
    npy(folder, "rows.npy", "4, 6", "False", &values);
    let columns: Vec<f64> = (0..24).map(|k| values[k % 4 * 6 + k / 4]).collect();
    npy(folder, "columns.npy", "4, 6", "True", &columns);
    npy(folder, "all.npy", "5,", "False", &values[..5]);
    std::fs::write(folder.join("all.csv"), "value\n0\n0.125\n0.25\n0.375\n0.5\n").unwrap();
    let run = |name: &str| {
        let network = Network::new("files", "0.1 ms").duration("1.2 ms").batch(2);
        let population = Population::new("p", 6, "izhikevich");
        let stimulus = Stimulus::series("s", "p", values_file(name, "")).every("0.2 ms");
        let network = network.population(population).stimulus(stimulus);
        let network = network.probe(Probe::new("x", "p", "v"));
        let text = network_of_file(name);
        // The builder says what the file says.
        let mut network = network;
        network.folder = folder.into();
        assert!(network.check(Limits::default()).is_ok(), "{name}");
        plan_in(folder, &text)
    };
    for name in ["rows.npy", "columns.npy"] {
        assert_values(&run(name), |step, neuron| match step / 2 {
            row @ 0..4 => 1000.0 * (row * 6 + neuron) as f32 / 8.0,
            _ => 0.0,
        });
    }
    for name in ["all.npy", "all.csv"] {
        assert_values(&run(name), |step, _| match step / 2 {
            row @ 0..5 => 1000.0 * row as f32 / 8.0,
            _ => 0.0,
        });
    }
}

fn network_of_file(name: &str) -> String {
    let stimulus = format!(
        "[stimulus.s]\npopulation = \"p\"\nkind = \"steps\"\nevery = \"0.2 ms\"\n\
         amplitudes = {{ file = \"{name}\", unit = \"nA\" }}"
    );
    network("current", 6, &stimulus)
}

/// Events of neuron `n` in a step, of this largest mean and rate.
fn events(n: u32, step: u32, copy: u32, largest: f64, rate: f64) -> u32 {
    let table = PoissonTable::new(largest);
    let drawn = random::poisson(&table, 77, n, step, 1, copy);
    // Event by event, as 2.9 says.
    let keep = (rate / largest * 4_294_967_296.0).round().min(4_294_967_295.0) as u32;
    let is_kept = |event: &u32| {
        let fourth = 9 + 256 * (event / 4) + 65_536 * copy;
        let words = random::philox([n, step, 1, fourth], random::key(77));
        keep == u32::MAX || words[(event % 4) as usize] < keep
    };
    (0..drawn).filter(is_kept).count() as u32
}

#[test]
fn rates_change_in_time() {
    // At most 6 events a step; rows of 0, a third, all.
    let stimulus = "[stimulus.s]\npopulation = \"p\"\nkind = \"poisson\"\nweight = \"1 pA\"\n\
                    rate = [\"0 Hz\", \"20 kHz\", \"60 kHz\"]\nevery = \"0.4 ms\"";
    let plan = plan(&network("events", 300, stimulus));
    let rates = [0.0, 2.0, 6.0];
    let mut expected = Vec::new();
    let mut sum = 0;
    for step in 0..STEPS {
        for (copy, neuron) in (0..2).flat_map(|copy| (0..300).map(move |n| (copy, n))) {
            let count = events(neuron, step, copy, 6.0, rates[(step / 4) as usize]);
            sum += u64::from(count);
            expected.push((count as f32).to_bits());
        }
    }
    // With 600 neurons: 4 steps of 2 events and 4 of 6 are expected of each.
    assert!((sum as f64 - 600.0 * 32.0).abs() < 5.0 * (600.0_f64 * 32.0).sqrt(), "{sum}");
    for backend in backends() {
        let outcome = verdict::run(backend.as_ref(), &plan, &[3, STEPS - 3]).unwrap();
        assert_eq!(outcome.record.traces[0], expected, "{}", backend.info().backend);
        assert_eq!(outcome.counters.stimulus_events, [sum]);
    }
}

#[test]
fn a_rate_that_stays_is_that_of_a_constant() {
    let stimulus = |rate: &str| {
        format!(
            "[stimulus.s]\npopulation = \"p\"\nkind = \"poisson\"\nweight = \"1 pA\"\n\
             rate = {rate}\nsources = 3"
        )
    };
    let of = |rate: &str| {
        let plan = plan(&network("events", 40, &stimulus(rate)));
        verdict::run(&ModelBackend::default(), &plan, &[STEPS]).unwrap().record.traces
    };
    let same = of("[\"30 kHz\", \"30 kHz\"]\ntimes = [\"0 ms\", \"0.3 ms\"]");
    assert_eq!(same, of("\"30 kHz\""));
    let row = vec!["\"30 kHz\""; 40].join(", ");
    assert_eq!(same, of(&format!("[[{row}]]\ntimes = [\"0 ms\"]")));
}

#[test]
fn rates_of_each_neuron_and_of_several_tables() {
    let rates: Vec<String> = (0..130).map(|n| format!("\"{} kHz\"", n)).collect();
    let half: Vec<String> = (0..130).map(|n| format!("\"{} kHz\"", 0.5 * f64::from(n))).collect();
    let stimulus = format!(
        "[stimulus.s]\npopulation = \"p\"\nkind = \"poisson\"\nweight = \"1 pA\"\nstart = \"0.1 ms\"\n\
         rate = [[{}], [{}]]\nevery = \"0.5 ms\"",
        rates.join(", "),
        half.join(", ")
    );
    let plan = plan(&network("events", 130, &stimulus));
    let oracle = verdict::run(&ModelBackend::default(), &plan, &[STEPS]).unwrap();
    let sum = oracle.counters.stimulus_events[0] as f64;
    // Two copies, five steps of each row, a tenth of the rate in 1/ms a step.
    let expected = 2.0 * 5.0 * 0.15 * (0..130).map(f64::from).sum::<f64>();
    assert!((sum - expected).abs() < 5.0 * expected.sqrt(), "{sum} of {expected}");
    for backend in backends() {
        let outcome = verdict::run(backend.as_ref(), &plan, &[STEPS]).unwrap();
        verdict::equal(&plan, &oracle, &outcome).unwrap();
        checkpoint::moves(&plan, STEPS, backend.as_ref(), backend.as_ref()).unwrap();
    }
}

/// A current of so many rows and a rate of as many, with times.
fn long(rows: u32) -> String {
    let (mut times, mut currents, mut rates) = (String::new(), String::new(), String::new());
    for k in 0..rows {
        let _ = write!(times, "\"{} ms\",", f64::from(k) / 10.0);
        let _ = write!(currents, "\"{} pA\",", k % 7);
        let _ = write!(rates, "\"{} Hz\",", k % 5);
    }
    format!(
        "[network]\ndt = \"0.1 ms\"\nseed = 1\n[population.p]\nsize = 3\nmodel = \"lif_exp\"\n\
         [stimulus.s]\npopulation = \"p\"\nkind = \"steps\"\ntimes = [{times}]\n\
         amplitudes = [{currents}]\n[stimulus.r]\npopulation = \"p\"\nkind = \"poisson\"\n\
         weight = \"1 pA\"\ntimes = [{times}]\nrate = [{rates}]"
    )
}

/// How long the program of the population is, and the text of each kernel.
fn sizes(plan: &Plan) -> (usize, Vec<usize>) {
    let PopulationPlanKind::Neurons(neurons) = &plan.populations[0].kind else { panic!() };
    let layout = Layout::new(plan);
    let width = Width { deliver_groups: 1, learn_groups: 4, clear_groups: 1 };
    let stages = stages(plan, &layout, &RowFormat::default(), &[], width, Guarantees::NONE);
    let lines = stages.iter().map(|stage| text::kernel(&stage.kernel).lines().count());
    (neurons.program.ops.len(), lines.collect())
}

#[test]
fn programs_and_kernels_do_not_grow_with_the_rows() {
    let (short, longer) = (plan(&long(5)), plan(&long(2_000)));
    assert_eq!(sizes(&short), sizes(&longer));
    let words = |plan: &Plan| Layout::new(plan).constant_words;
    // A row and its length, of each of the two series.
    assert_eq!(words(&longer) - words(&short), 2 * 2 * 1_995);
}

#[test]
fn a_hundred_thousand_rows_are_read_and_lowered() {
    let plan = plan(&long(100_000));
    let PopulationPlanKind::Neurons(neurons) = &plan.populations[0].kind else { panic!() };
    let rows = neurons.series.iter().map(|series| (series.width, series.words.len()));
    assert_eq!(rows.collect::<Vec<_>>(), [(1, 100_000), (1, 100_000)]);
    assert!(neurons.program.ops.len() < 100);
}
