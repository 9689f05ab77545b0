//! When models spike: crossings, counted in the trace of the potential beside them, and random
//! spikes, word by word.

use isospike_conformance::verdict;
use isospike_core::base::random;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use isospike_cpu::CpuBackend;

/// Neurons of a model under growing currents, with a probe of the potential in every step.
fn text(dt_ms: f64, duration: &str, fields: &str, amplitude: &str) -> String {
    format!(
        "[network]\ndt = \"{dt_ms} ms\"\nduration = \"{duration}\"\n\
         [population.p]\nsize = 4\nmodel = \"hh_traub_miles\"\n{fields}\n\
         [stimulus.i]\npopulation = \"p\"\nkind = \"current\"\namplitude = \"{amplitude}\"\n\
         [probe.v]\npopulation = \"p\"\nvariable = \"v\"\n\
         [probe.held]\npopulation = \"p\"\nvariable = \"threshold.held\"\n"
    )
}

fn record(backend: &dyn Backend, plan: &Plan) -> (Recording, Vec<u32>) {
    let mut simulation = backend.compile(plan).expect("a plan that fits");
    let mut recording = Recording::new(plan);
    simulation.run(plan.network.duration_steps, &mut recording).expect("a run");
    let state = simulation.state().expect("a state");
    (recording, state)
}

fn on_the_cpu(text: &str) -> Recording {
    let plan = verdict::plan(text).unwrap_or_else(|failure| panic!("{failure}"));
    record(&CpuBackend::new(Default::default()).expect("a CPU"), &plan).0
}

/// (step, neuron) where the potential of a trace of 4 neurons comes from below -20 mV, `before`
/// being that of each neuron before step 0.
fn crossings(trace: &[u32], before: [f32; 4]) -> Vec<(u32, u32)> {
    let mut last = before;
    let mut found = Vec::new();
    for (step, sample) in trace.chunks(4).enumerate() {
        for (neuron, word) in sample.iter().enumerate() {
            let v = f32::from_bits(*word);
            if v >= -20.0 && last[neuron] < -20.0 {
                found.push((step as u32, neuron as u32));
            }
            last[neuron] = v;
        }
    }
    found
}

fn spikes(recording: &Recording) -> Vec<(u32, u32)> {
    recording.spikes.iter().map(|spike| (spike.step, spike.neuron)).collect()
}

#[test]
fn hodgkin_huxley_counts_each_action_potential_once_whatever_the_time_step() {
    for (dt_ms, of_each) in [
        (0.01, [46, 218, 309, 369]),
        (0.02, [46, 215, 304, 364]),
        (0.05, [45, 206, 292, 348]),
        (0.1, [43, 195, 274, 325]),
    ] {
        let recording = on_the_cpu(&text(dt_ms, "1 s", "", "200 pA + 2 nA * i"));
        let wanted = crossings(&recording.traces[0], [-60.0; 4]);
        assert_eq!(spikes(&recording), wanted, "{dt_ms} ms");
        let count = |neuron| wanted.iter().filter(|spike| spike.1 == neuron).count();
        assert_eq!([0, 1, 2, 3].map(count), of_each, "{dt_ms} ms");
    }
}

#[test]
fn a_potential_in_depolarisation_block_makes_no_spike() {
    for dt_ms in [0.01, 0.05] {
        let recording = on_the_cpu(&text(dt_ms, "100 ms", "", "100 nA + 50 nA * i"));
        let wanted = crossings(&recording.traces[0], [-60.0; 4]);
        assert_eq!(spikes(&recording), wanted);
        // The way up, and in some of them one swing around -20 mV.
        assert!(wanted.len() <= 8 && wanted.iter().all(|spike| f64::from(spike.0) * dt_ms < 2.0));
        let trace = &recording.traces[0];
        let (late, last) = (&trace[trace.len() / 2..], &trace[trace.len() - 4..]);
        for (word, last) in late.iter().zip(last.iter().cycle()) {
            let (first, last) = (f32::from_bits(*word), f32::from_bits(*last));
            assert!((first - last).abs() < 0.1, "it does not move: {first} mV, {last} mV");
        }
        assert!(f32::from_bits(trace[trace.len() - 1]) > -20.0, "and stays above");
    }
}

#[test]
fn a_neuron_that_begins_above_its_threshold_has_not_crossed_it() {
    let initial = "initial = { v = \"-80 mV + 30 mV * i\" }";
    let recording = on_the_cpu(&text(0.01, "30 ms", initial, "3 nA"));
    let wanted = crossings(&recording.traces[0], [-80.0, -50.0, -20.0, 10.0]);
    assert_eq!(spikes(&recording), wanted);
    let held = &recording.traces[1];
    for (v, held) in recording.traces[0].iter().zip(held) {
        assert_eq!(f32::from_bits(*held), f32::from(u8::from(f32::from_bits(*v) >= -20.0)));
    }
}

#[test]
fn a_crossing_in_the_refractory_period_is_not_made_up_for() {
    let free = on_the_cpu(&text(0.05, "200 ms", "", "1 nA + 2 nA * i"));
    let mut wanted = Vec::new();
    let mut silent_until = [0; 4];
    for (step, neuron) in crossings(&free.traces[0], [-60.0; 4]) {
        if step >= silent_until[neuron as usize] {
            // 20 ms are 400 steps: 401 is the first step in which it is not refractory.
            silent_until[neuron as usize] = step + 401;
            wanted.push((step, neuron));
        }
    }
    let fields = "parameters = { t_ref = \"20 ms\" }";
    let refractory = on_the_cpu(&text(0.05, "200 ms", fields, "1 nA + 2 nA * i"));
    assert_eq!(spikes(&refractory), wanted);
    assert!(wanted.len() < free.spikes.len() && wanted.len() > 8);
}

#[test]
fn all_engines_agree_on_crossings() {
    let plan = verdict::plan(&text(0.05, "40 ms", "", "1 nA + 50 nA * i")).expect("a plan");
    let wanted = record(&ModelBackend::default(), &plan);
    assert!(!wanted.0.spikes.is_empty());
    let machine = MachineBackend::new(isospike_core::ir::Guarantees::NONE);
    assert!(record(&machine, &plan) == wanted);
    assert!(record(&CpuBackend::new(Default::default()).expect("a CPU"), &plan) == wanted);
}

/// The spikes of 300 neurons of the model `poisson` in 2,000 steps of 0.1 ms.
fn poisson(rate: &str) -> Vec<(u32, u32)> {
    let recording = on_the_cpu(&format!(
        "[network]\ndt = \"0.1 ms\"\nduration = \"200 ms\"\nseed = 77\n\
         [population.p]\nsize = 300\nmodel = \"poisson\"\nparameters = {{ rate = \"{rate}\" }}\n"
    ));
    spikes(&recording)
}

#[test]
fn the_poisson_model_is_exact_to_one_word_in_2_to_the_32() {
    // p * 2^32 to the nearest: 42.9 words for 0.0001 Hz.
    let below = |threshold: &dyn Fn(u32) -> u64| -> Vec<(u32, u32)> {
        let all = (0..2000).flat_map(|step| (0..300).map(move |neuron| (step, neuron)));
        all.filter(|&(step, neuron)| {
            u64::from(random::word(77, neuron, step, 0, 0, 0)) < threshold(neuron)
        })
        .collect()
    };
    assert_eq!(poisson("3 Hz"), below(&|_| 1_288_490));
    assert_eq!(poisson("123 Hz"), below(&|_| 52_828_098));
    assert_eq!(poisson("10 kHz"), below(&|_| 1 << 32));
    assert_eq!(poisson("0 Hz"), []);
    let each = |i: u32| (libm::round(f64::from(i) / 299.0 * 4_294_967_296.0)) as u64;
    let spikes = poisson("10 kHz * i / (n - 1)");
    assert_eq!(spikes, below(&each));
    // Neuron 299 spikes in every step, neuron 0 never.
    assert_eq!(spikes.iter().filter(|spike| spike.1 == 299).count(), 2000);
    assert!(spikes.iter().all(|spike| spike.1 != 0));
    let low: Vec<(u32, u32)> = poisson("0.0001 Hz * (1 + i * 0)");
    assert_eq!(low, below(&|_| 43));
}
