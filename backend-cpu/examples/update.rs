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

const RUNS: u32 = 30;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize| arguments.get(n).map(|text| text.parse::<u32>().expect("a number"));
    let wanted = arguments.first().filter(|name| *name != "all");
    for (name, current, dt_ms) in MODELS {
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        for size in number(1).map_or(SIZES.to_vec(), |size| vec![size]) {
            let steps = number(2).unwrap_or((4_000_000 / size).max(100));
            let stimulus = format!("kind = \"current\"\namplitude = \"{current}\"");
            measure(name, size, steps, &model_file(name, size, *dt_ms, &stimulus));
            #[cfg(target_arch = "x86_64")]
            if *name == "lif_exp" {
                by_hand::measure(size, steps);
            }
        }
    }
    if wanted.is_none_or(|wanted| wanted == "poisson") {
        let size = number(1).unwrap_or(38_592);
        let stimulus = "kind = \"poisson\"\nrate = \"12.8 kHz\"\nreceptor = \"syn\"\n\
                        weight = \"87.8 pA\"";
        let text = model_file("lif_exp", size, 0.1, stimulus);
        measure("poisson", size, number(2).unwrap_or(4_000_000 / size), &text);
    }
}

/// `lif_exp` by hand, as the measure of what generated code could reach: the same arithmetic, the
/// same stores, one bit for each spike.
#[cfg(target_arch = "x86_64")]
mod by_hand {
    use std::arch::x86_64::*;
    use std::time::Instant;

    #[derive(Clone, Copy)]
    #[repr(C, align(64))]
    struct Vector([u32; 16]);

    struct Neurons {
        v: Vec<Vector>,
        current: Vec<Vector>,
        refractory: Vec<Vector>,
        input: Vec<Vector>,
        masks: Vec<u16>,
    }

    #[target_feature(enable = "avx512f,avx512dq")]
    fn update(n: &mut Neurons) {
        let k = |x: f32| _mm512_set1_ps(x);
        let (decay, gain, drive, decay_i) = (k(0.99), k(0.0004), k(0.1), k(0.82));
        let (threshold, reset, scale) = (k(-50.0), k(-65.0), k(1.0 / 1024.0));
        let (zero, one, period) =
            (_mm512_setzero_si512(), _mm512_set1_epi32(1), _mm512_set1_epi32(20));
        let kept = _mm512_set1_epi32(0x6000_0000);
        let flush = |x: __m512| {
            let bits = _mm512_castps_si512(x);
            _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(bits, kept), bits)
        };
        let all = n.v.iter_mut().zip(&mut n.current).zip(&mut n.refractory).zip(&mut n.input);
        for ((((v, current), refractory), input), mask) in all.zip(&mut n.masks) {
            let (v_old, i_old) = (_mm512_castsi512_ps(load(v)), _mm512_castsi512_ps(load(current)));
            let count = load(refractory);
            let resting = _mm512_cmplt_epi32_mask(zero, count);
            let free = _mm512_add_ps(_mm512_mul_ps(v_old, decay), _mm512_mul_ps(i_old, gain));
            let free = _mm512_add_ps(free, drive);
            let v_new = _mm512_mask_blend_ps(resting, free, v_old);
            let spike = _mm512_cmple_ps_mask(threshold, v_new) & !resting;
            let v_new = _mm512_mask_blend_ps(spike, v_new, reset);
            let sum = _mm512_mul_ps(_mm512_cvtepi32_ps(load(input)), scale);
            let i_new = _mm512_add_ps(_mm512_mul_ps(i_old, decay_i), sum);
            let less = _mm512_maskz_sub_epi32(resting, count, one);
            store(v, flush(v_new));
            store(current, flush(i_new));
            store(refractory, _mm512_mask_blend_epi32(spike, less, period));
            store(input, zero);
            *mask = spike;
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(from: &Vector) -> __m512i {
        // SAFETY: 64 bytes, aligned.
        unsafe { _mm512_load_si512(std::ptr::from_ref(from).cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn store(to: &mut Vector, x: __m512i) {
        // SAFETY: as in `load`.
        unsafe { _mm512_store_si512(std::ptr::from_mut(to).cast(), x) }
    }

    pub fn measure(size: u32, steps: u32) {
        if !is_x86_feature_detected!("avx512f") || !is_x86_feature_detected!("avx512dq") {
            return;
        }
        let vectors = size.div_ceil(16) as usize;
        let array = |word: u32| vec![Vector([word; 16]); vectors];
        let v = array((-65.0_f32).to_bits());
        let (current, refractory, input) = (array(0), array(0), array(0));
        let mut neurons = Neurons { v, current, refractory, input, masks: vec![0; vectors] };
        let mut best = f64::MAX;
        for _ in 0..super::RUNS {
            let clock = Instant::now();
            for _ in 0..steps {
                // SAFETY: the features were found.
                unsafe { update(&mut neurons) };
            }
            let seconds = clock.elapsed().as_secs_f64();
            best = best.min(seconds * 1e9 / (f64::from(size) * f64::from(steps)));
        }
        println!("lif_exp         {size:8} by hand  {best:7.3} ns/neuron");
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
