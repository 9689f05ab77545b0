//! `examples/diehl_cook_2015.toml` with patterns in place of digits: neurons come to stand for one
//! pattern each, without labels. `session/examples/diehl_cook_2015.rs` runs it with MNIST.

use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use isospike_front::check::Limits;
use isospike_front::file::{self, Override};
use std::path::Path;
use std::sync::Arc;

const PIXELS: usize = 784;
const PATTERNS: usize = 4;
const NEURONS: usize = 12;
const IMAGES: usize = 72;
const TRAINED: usize = 60;

/// Writes an array of images: the n-th has 60 Hz in the n-th quarter of its pixels, in every second
/// of them.
fn write_images(path: &Path) {
    let head = format!(
        "{{'descr': '|u1', 'fortran_order': False, 'shape': ({IMAGES}, {PIXELS}), }}{:40}\n",
        ""
    );
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.as_bytes());
    for image in 0..IMAGES {
        let rate = |pixel| if has(image % PATTERNS, pixel) { 60_u8 } else { 0 };
        bytes.extend((0..PIXELS).map(rate));
    }
    std::fs::write(path, bytes).unwrap();
}

fn has(pattern: usize, pixel: usize) -> bool {
    pixel / (PIXELS / PATTERNS) == pattern && pixel.is_multiple_of(2)
}

/// Returns the mean weight from the pixels of each pattern to each neuron.
fn means(weights: &[f32]) -> Vec<[f32; PATTERNS]> {
    let mean = |neuron: usize, pattern: usize| {
        let pixels = (0..PIXELS).filter(|&pixel| has(pattern, pixel));
        let sum: f32 = pixels.clone().map(|pixel| weights[pixel * NEURONS + neuron]).sum();
        sum / pixels.count() as f32
    };
    (0..NEURONS).map(|neuron| std::array::from_fn(|pattern| mean(neuron, pattern))).collect()
}

#[test]
fn neurons_of_diehl_and_cook_share_patterns_without_labels() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let images = std::env::temp_dir().join(format!("isospike_images_{}.npy", std::process::id()));
    write_images(&images);
    let set = |path: &str, value: String| Override { path: path.into(), value };
    let overrides = [
        set("neurons", NEURONS.to_string()),
        set("images", IMAGES.to_string()),
        set("trained", TRAINED.to_string()),
        set("stimulus.images.rate.file", images.display().to_string()),
        // Few images, so each of them counts for more.
        set("synapse.memory.parameters.eta", "0.05".into()),
    ];
    let network = file::read(&root.join("diehl_cook_2015.toml"), &overrides).expect("it is there");
    let plan = lower(Arc::new(network.check(Limits::default()).expect("it is right")));
    std::fs::remove_file(&images).unwrap();
    let backend = CpuBackend::new(Options::default()).expect("the CPU is here");
    let mut simulation = backend.compile(&plan).expect("it fits");
    let mut recording = Recording::new(&plan);
    let weights = |simulation: &mut dyn Simulation| -> Vec<f32> {
        let words = simulation.read(&Quantity::synapse("learns", "w")).expect("it learns");
        words.into_iter().map(f32::from_bits).collect()
    };
    let of_image = plan.network.duration_steps / IMAGES as u32;
    simulation.run(of_image * TRAINED as u32, &mut recording).expect("it runs");
    let learned = weights(&mut *simulation);
    simulation.run(of_image * (IMAGES - TRAINED) as u32, &mut recording).expect("it runs");
    assert!(learned == weights(&mut *simulation), "it learns after the switch");

    let means = means(&learned);
    println!("diehl_cook_2015: mean weights of patterns {means:.2?}");
    let best = |means: &[f32; PATTERNS]| {
        (0..PATTERNS).max_by(|&a, &b| means[a].total_cmp(&means[b])).expect("there are patterns")
    };
    let winners: Vec<usize> = means.iter().map(best).collect();
    for pattern in 0..PATTERNS {
        let ahead = means.iter().zip(&winners).filter(|(means, winner)| {
            let others = (0..PATTERNS).filter(|&other| other != pattern).map(|other| means[other]);
            **winner == pattern && means[pattern] > 0.7 && others.fold(0.0, f32::max) < 0.4
        });
        assert!(ahead.count() > 0, "no neuron stands for pattern {pattern}: {means:.2?}");
    }
    // In each image that is shown without learning, a neuron of its pattern spikes most.
    let first = PIXELS as u32;
    for image in TRAINED..IMAGES {
        let steps = of_image * image as u32..of_image * (image as u32 + 1);
        let mut counts = [0; NEURONS];
        for spike in recording.spikes.iter().filter(|spike| spike.neuron >= first) {
            counts[(spike.neuron - first) as usize] += u32::from(steps.contains(&spike.step));
        }
        let most = (0..NEURONS).max_by_key(|&neuron| counts[neuron]).expect("there are neurons");
        assert!(counts[most] > 0, "image {image} has no answer");
        assert_eq!(winners[most], image % PATTERNS, "image {image}: {counts:?}");
    }
}
