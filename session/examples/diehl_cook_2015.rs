//! Runs `examples/diehl_cook_2015.toml` with images of MNIST, gives each neuron the digit that it
//! answers most, and prints how many other images the network then names.
//!
//! ```text
//! cargo run --release -p isospike-session --example diehl_cook_2015 -- MNIST [OPTION...]
//!     --trained N    images that the network learns from (default 10000)
//!     --labelled N   images after these, without learning, that label the neurons (1000)
//!     --tested N     images of the test set (1000)
//!     --backend B    a backend selector (cpu)
//!     --set P=VALUE  replaces a field of the model file; may be repeated
//! ```
//!
//! MNIST is a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
//! `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, unpacked. The images become rates in
//! `out/mnist/images.npy`, where the model file finds them from then on.

use isospike_core::analyse::train::SpikeTrain;
use isospike_front::file::Override;
use isospike_session::{End, Extras, Loaded, Selector, available_memory, drive};
use npyz::WriterBuilder as _;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The digits.
const CLASSES: usize = 10;

/// The command line.
struct Args {
    mnist: PathBuf,
    trained: usize,
    labelled: usize,
    tested: usize,
    backend: Selector,
    overrides: Vec<Override>,
}

/// Images, each with its digit.
#[derive(Default)]
struct Images {
    pixels: Vec<u8>,
    digits: Vec<u8>,
}

fn main() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Shows the images and prints how many are named.
fn show() -> Result<(), Box<dyn Error>> {
    let args = args()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut images = Images::default();
    images.add(&args.mnist, "train", args.trained + args.labelled)?;
    images.add(&args.mnist, "t10k", args.tested)?;
    images.write_rates(&root.join("out/mnist"))?;

    let mut overrides = args.overrides;
    for (path, value) in [("images", images.digits.len()), ("trained", args.trained)] {
        overrides.push(format!("{path}={value}").parse()?);
    }
    let model = root.join("examples/diehl_cook_2015.toml");
    let loaded = Loaded::read(&model, &overrides, available_memory())?;
    let backend = args.backend.open()?;
    let steps = loaded.network.duration_steps;
    let outcome = drive(&*backend, &loaded.plan, steps, Extras::default(), &mut ())?;
    if let End::Failed(error) = outcome.end {
        return Err(error.into());
    }
    let train = SpikeTrain::new(&loaded.network, &loaded.plan, &outcome.recording);
    let answers = answers(&train, images.digits.len());
    let labels = labels(&answers, &images.digits, args.trained..args.trained + args.labelled);
    let tested = args.trained + args.labelled..images.digits.len();
    let named = tested.clone().filter(|&i| name(&answers[i], &labels) == Some(images.digits[i]));
    let named = named.count();
    let spikes: u32 = answers[tested.clone()].iter().flatten().sum();
    println!(
        "{} images learned, {} neurons, {:.1} spikes an image, {:.0} s of wall time",
        args.trained,
        labels.len(),
        f64::from(spikes) / tested.len() as f64,
        outcome.run.as_secs_f64()
    );
    let of = |digit| labels.iter().filter(|label| **label == Some(digit)).count();
    println!("neurons of digits 0 to 9: {:?}", (0..CLASSES as u8).map(of).collect::<Vec<_>>());
    let share = 100.0 * named as f64 / tested.len() as f64;
    println!("{named} of {} test images named, {share:.1} %", tested.len());
    Ok(())
}

fn args() -> Result<Args, Box<dyn Error>> {
    let (mut trained, mut labelled, mut tested) = (10_000, 1000, 1000);
    let (mut mnist, mut backend, mut overrides) = (None, "cpu".parse()?, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            mnist = Some(PathBuf::from(word));
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} lacks its value"))?;
        match word.as_str() {
            "--trained" => trained = value.parse()?,
            "--labelled" => labelled = value.parse()?,
            "--tested" => tested = value.parse()?,
            "--backend" => backend = value.parse()?,
            "--set" => overrides.push(value.parse()?),
            _ => return Err(format!("there is no option {word}").into()),
        }
    }
    let mnist = mnist.ok_or("give the folder of the four files of MNIST")?;
    if labelled == 0 || tested == 0 {
        return Err("--labelled and --tested are at least 1".into());
    }
    Ok(Args { mnist, trained, labelled, tested, backend, overrides })
}

impl Images {
    /// Adds the first `count` images of a set.
    fn add(&mut self, folder: &Path, set: &str, count: usize) -> Result<(), Box<dyn Error>> {
        let read = |name: String, head: usize, size: usize| -> Result<Vec<u8>, Box<dyn Error>> {
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let part = bytes.get(head..head + size * count);
            let few = || format!("{} has fewer than {count} entries", path.display());
            Ok(part.ok_or_else(few)?.to_vec())
        };
        self.pixels.extend(read(format!("{set}-images-idx3-ubyte"), 16, PIXELS)?);
        self.digits.extend(read(format!("{set}-labels-idx1-ubyte"), 8, 1)?);
        Ok(())
    }

    /// Writes `images.npy`: a row of rates in Hz for each image, a quarter of its grey values.
    fn write_rates(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let file = std::io::BufWriter::new(fs::File::create(folder.join("images.npy"))?);
        let shape = [self.digits.len() as u64, PIXELS as u64];
        let options = npyz::WriteOptions::new().default_dtype().shape(&shape);
        let mut writer = options.writer(file).begin_nd()?;
        writer.extend(self.pixels.iter().map(|grey| grey / 4))?;
        Ok(writer.finish()?)
    }
}

/// The pixels of an image.
const PIXELS: usize = 28 * 28;

/// Returns how often each neuron spikes while each image is shown.
fn answers(train: &SpikeTrain, images: usize) -> Vec<Vec<u32>> {
    let cells = train.populations.iter().position(|p| p.name == "cells").expect("the model has it");
    let mut answers = vec![vec![0; train.populations[cells].size as usize]; images];
    let period_steps = train.steps as usize / images;
    for i in (0..train.len()).filter(|&i| train.population[i] as usize == cells) {
        answers[train.step[i] as usize / period_steps][train.neuron[i] as usize] += 1;
    }
    answers
}

/// Returns the digit whose images each neuron answers with the most spikes on average; `None` for
/// one that answers none.
fn labels(answers: &[Vec<u32>], digits: &[u8], images: std::ops::Range<usize>) -> Vec<Option<u8>> {
    let mut counts = [0_u32; CLASSES];
    let mut spikes = vec![[0_u32; CLASSES]; answers[0].len()];
    for i in images {
        counts[usize::from(digits[i])] += 1;
        for (of_neuron, answer) in spikes.iter_mut().zip(&answers[i]) {
            of_neuron[usize::from(digits[i])] += answer;
        }
    }
    let mean = |of_neuron: &[u32; CLASSES], digit: usize| match counts[digit] {
        0 => 0.0,
        count => f64::from(of_neuron[digit]) / f64::from(count),
    };
    let best = |of_neuron: &[u32; CLASSES]| {
        let best = (0..CLASSES).max_by(|&a, &b| mean(of_neuron, a).total_cmp(&mean(of_neuron, b)));
        best.filter(|&digit| of_neuron[digit] > 0).map(|digit| digit as u8)
    };
    spikes.iter().map(best).collect()
}

/// Returns the digit whose neurons answer an image with the most spikes on average.
fn name(answer: &[u32], labels: &[Option<u8>]) -> Option<u8> {
    let (mut spikes, mut neurons) = ([0_u32; CLASSES], [0_u32; CLASSES]);
    for (count, digit) in answer.iter().zip(labels) {
        if let Some(digit) = digit {
            spikes[usize::from(*digit)] += count;
            neurons[usize::from(*digit)] += 1;
        }
    }
    let mean = |digit: usize| f64::from(spikes[digit]) / f64::from(neurons[digit].max(1));
    let best = (0..CLASSES).max_by(|&a, &b| mean(a).total_cmp(&mean(b)));
    best.filter(|&digit| spikes[digit] > 0).map(|digit| digit as u8)
}
