//! Measures the neuron update alone: networks without synapses, one model each, one thread.
//!
//!     update [MODEL [NEURONS [STEPS]]]      (ISOSPIKE_CPU_JIT=off: the interpreter)
//!
//! Without arguments: every model at 2,048, 38,592 and 1,000,000 neurons. Prints the least of
//! several runs in ns per neuron and step.

use isospike_conformance::verdict;
use isospike_core::backend::Simulation as _;
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, Isa, Options};
use std::time::Instant;

/// (name, what a population of it needs to be active, dt in ms)
const MODELS: &[(&str, &str, f64)] = &[
    ("lif_exp", "380 pA", 0.1),
    ("lif_exp_2", "380 pA", 0.1),
    ("izhikevich", "6", 1.0),
    ("lif_cond_exp", "150 pA", 0.1),
    ("adex", "700 pA", 0.1),
    ("hh_traub_miles", "200 pA", 0.1),
];

const SIZES: [u32; 3] = [2048, 38_592, 1_000_000];

const RUNS: u32 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize| arguments.get(n).map(|text| text.parse::<u32>().expect("a number"));
    let wanted = arguments.first().filter(|name| *name != "all");
    for (name, current, dt_ms) in MODELS {
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        for size in number(1).map_or(SIZES.to_vec(), |size| vec![size]) {
            let steps = number(2).unwrap_or((2_000_000 / size).max(1));
            let stimulus = format!("kind = \"current\"\namplitude = \"{current}\"");
            measure(name, size, steps, &model_file(name, size, *dt_ms, &stimulus));
        }
    }
    if wanted.is_none_or(|wanted| wanted == "poisson") {
        let size = number(1).unwrap_or(38_592);
        let stimulus = "kind = \"poisson\"\nrate = \"12.8 kHz\"\nreceptor = \"syn\"\n\
                        weight = \"87.8 pA\"";
        let text = model_file("lif_exp", size, 0.1, stimulus);
        measure("poisson", size, number(2).unwrap_or(2_000_000 / size), &text);
    }
}

fn model_file(model: &str, size: u32, dt_ms: f64, stimulus: &str) -> String {
    format!(
        "[network]\ndt = \"{dt_ms} ms\"\nduration = \"1 s\"\nseed = 1\n\
         [population.p]\nsize = {size}\nmodel = \"{model}\"\n\
         [stimulus.s]\npopulation = \"p\"\n{stimulus}\n"
    )
}

fn measure(name: &str, size: u32, steps: u32, text: &str) {
    let plan = verdict::plan(text).expect("a network");
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let backend =
            CpuBackend::new(Options { threads: Some(1), isa: Some(isa), ..Options::default() })
                .expect("a CPU");
        let clock = Instant::now();
        let mut simulation = backend.prepare(&plan).expect("a plan that fits");
        let build = clock.elapsed().as_secs_f64() * 1e3;
        let mut recording = Recording::new(&plan);
        let mut best = f64::MAX;
        // Short runs, so that some of them are not disturbed.
        for _ in 0..RUNS {
            let clock = Instant::now();
            simulation.run(steps, &mut recording).expect("a run");
            let seconds = clock.elapsed().as_secs_f64();
            best = best.min(seconds * 1e9 / (f64::from(size) * f64::from(steps)));
        }
        let spikes = recording.spikes.len();
        println!(
            "{name:15} {size:8} {:8} {best:7.3} ns/neuron, built in {build:.1} ms, {spikes} spikes",
            isa.name(),
        );
    }
}
