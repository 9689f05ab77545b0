//! Runs of small networks on the CPU engine, and what is read of them.

use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use isospike_session::Loaded;
use isospike_session::trace::{Samples, Trace};
use std::fmt::Write as _;
use std::path::Path;

/// Synapses that share nothing: from source i to target i, where a driver decides the spikes of the
/// target. All delays are one step, so both spikes of a pair meet at the synapse as given.
pub struct Pairs<'a> {
    /// The step.
    pub dt: &'static str,
    /// The time of the run in ms.
    pub duration_ms: f64,
    /// The fields of the projection.
    pub fields: &'a str,
    /// Sections of the file beside.
    pub more: &'a str,
    /// The synapses.
    pub pairs: Vec<Pair>,
}

/// One synapse with its source and its target.
pub struct Pair {
    /// The weight that it begins with.
    pub weight: f64,
    /// The spikes of its source in ms.
    pub pre_ms: Vec<f64>,
    /// The spikes of its target in ms.
    pub post_ms: Vec<f64>,
}

/// A network that has run.
pub struct Run {
    loaded: Loaded,
    simulation: Box<dyn Simulation>,
    recording: Recording,
}

impl Pairs<'_> {
    /// Runs them to their end.
    pub fn run(&self) -> Run {
        let mut text = format!(
            "[network]\ndt = '{}'\nduration = '{} ms'\n\
             [model.driven]\nreceptors = {{ syn = '1', now = '1' }}\nstate = {{ received = 0 }}\n\
             update = 'received = syn'\nthreshold = 'now > 0'\nspike = 'level'\n\
             [population.target]\nsize = {size}\nmodel = 'driven'\n\
             [projection.drives]\nfrom = 'driver'\nto = 'target'\nreceptor = 'now'\n\
             connect = 'one_to_one'\nweight = 1\n\
             [projection.learns]\nfrom = 'source'\nto = 'target'\nreceptor = 'syn'\n{}\n\
             connect = {{ list = [",
            self.dt,
            self.duration_ms,
            self.fields,
            size = self.pairs.len(),
        );
        for (i, pair) in self.pairs.iter().enumerate() {
            let _ = write!(text, "[{i}, {i}, {}],", pair.weight);
        }
        let _ = write!(text, "] }}\n{}\n", self.more);
        text += &spike_list("source", self.pairs.iter().map(|pair| &pair.pre_ms));
        text += &spike_list("driver", self.pairs.iter().map(|pair| &pair.post_ms));
        Run::of(&text)
    }

    /// Runs them and returns the change of each weight.
    pub fn changes(&self) -> Vec<f64> {
        let weights = self.run().synapses("learns", "w");
        weights.iter().zip(&self.pairs).map(|(w, pair)| w - pair.weight).collect()
    }
}

/// Returns the section of a population whose neurons spike at these times.
pub fn spike_list<'t>(name: &str, times_ms: impl ExactSizeIterator<Item = &'t Vec<f64>>) -> String {
    let mut text = format!(
        "[population.{name}]\nsize = {}\nmodel = 'spike_list'\nspikes = {{ ",
        times_ms.len()
    );
    for (i, times_ms) in times_ms.enumerate() {
        let times: Vec<String> = times_ms.iter().map(|ms| format!("'{ms} ms'")).collect();
        let _ = write!(text, "{}{i} = [{}]", if i == 0 { "" } else { ", " }, times.join(", "));
    }
    text + " }\n"
}

impl Run {
    /// Runs a model file for its duration.
    pub fn of(text: &str) -> Self {
        let loaded = Loaded::parse(text, "curve.toml", Path::new(""), &[], None)
            .unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
        let backend = CpuBackend::new(Options { threads: Some(1), ..Options::default() });
        let mut simulation = backend.unwrap().compile(&loaded.plan).unwrap();
        let mut recording = Recording::new(&loaded.plan);
        simulation.run(loaded.network.duration_steps, &mut recording).unwrap();
        Self { loaded, simulation, recording }
    }

    /// Returns a state variable of the synapses of a projection, as it is at the end.
    pub fn synapses(&mut self, projection: &str, variable: &str) -> Vec<f64> {
        let words = self.simulation.read(&Quantity::synapse(projection, variable)).unwrap();
        words.into_iter().map(|word| f64::from(f32::from_bits(word))).collect()
    }

    /// Returns the samples of a probe: for each neuron or synapse its time in ms and value.
    pub fn traces(&self, probe: &str) -> Vec<Vec<(f64, f64)>> {
        let samples = Samples::of(&self.loaded.plan, &self.recording);
        let trace = samples.traces.iter().find(|trace| trace.head.name == probe).unwrap();
        let value = |trace: &Trace, sample, line| f64::from(trace.value(sample, line));
        let line = |line| {
            let times = trace.head.times_ms.iter().enumerate();
            times.map(|(sample, ms)| (*ms, value(trace, sample, line))).collect()
        };
        (0..trace.lines()).map(line).collect()
    }

    /// Returns how many spikes a neuron has in each of the intervals of so many steps; the number
    /// of a neuron is that among all of the network.
    pub fn counts(&self, neuron: u32, steps: u32) -> Vec<u32> {
        let mut counts = vec![0; self.recording.steps.div_ceil(steps) as usize];
        for spike in self.recording.spikes.iter().filter(|spike| spike.neuron == neuron) {
            counts[(spike.step / steps) as usize] += 1;
        }
        counts
    }
}
