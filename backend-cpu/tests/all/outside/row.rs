//! A row of neurons of one model under currents and spikes, run by us.

use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use isospike_front::check::Limits;
use isospike_front::network::{Network, Population, Probe, Projection, Stimulus};
use std::sync::Arc;

/// A parameter of a model: its name, value, and unit.
pub type Parameter = (&'static str, f64, &'static str);

/// The experiment.
#[derive(Clone, Debug)]
pub struct Row {
    pub model: &'static str,
    pub size: u32,
    pub dt_ms: f64,
    pub steps: u32,
    pub parameters: Vec<Parameter>,
    /// The current of neuron `i`, as an expression of `i`.
    pub current: Option<String>,
    /// Trains of spikes that reach every neuron.
    pub inputs: Vec<Input>,
    /// Other stimuli.
    pub stimuli: Vec<Stimulus>,
    /// State variables to record.
    pub record: Vec<&'static str>,
    /// Every how many steps, from step 0 on.
    pub every_steps: u32,
}

/// A train of spikes.
#[derive(Clone, Debug)]
pub struct Input {
    pub receptor: &'static str,
    /// With its unit.
    pub weight: String,
    /// The step in which each spike is emitted.
    pub steps: Vec<u32>,
    pub delay_steps: u32,
}

/// Its results.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The steps in which each neuron spikes. Step `t` ends at the time (t + 1) dt.
    pub spikes: Vec<Vec<u32>>,
    /// Each recorded variable: `[variable][neuron][sample]`.
    pub traces: Vec<Vec<Vec<f64>>>,
}

impl Row {
    pub fn new(model: &'static str, size: u32, dt_ms: f64, steps: u32) -> Self {
        Self {
            model,
            size,
            dt_ms,
            steps,
            parameters: Vec::new(),
            current: None,
            inputs: Vec::new(),
            stimuli: Vec::new(),
            record: Vec::new(),
            every_steps: 1,
        }
    }

    pub fn parameters(mut self, parameters: &[Parameter]) -> Self {
        self.parameters = parameters.to_vec();
        self
    }

    pub fn current(mut self, amplitude: impl Into<String>) -> Self {
        self.current = Some(amplitude.into());
        self
    }

    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    pub fn stimulus(mut self, stimulus: Stimulus) -> Self {
        self.stimuli.push(stimulus);
        self
    }

    pub fn record(mut self, variable: &'static str) -> Self {
        self.record.push(variable);
        self
    }

    /// Runs it on the CPU backend.
    pub fn run(&self) -> Outcome {
        self.run_on(&CpuBackend::new(Options::default()).expect("the CPU is here"))
    }

    /// Runs it.
    pub fn run_on(&self, backend: &dyn Backend) -> Outcome {
        let network = self.network().check(Limits::default());
        let plan = lower(Arc::new(network.unwrap_or_else(|diagnostics| panic!("{diagnostics}"))));
        let mut simulation = backend.compile(&plan).expect("it compiles");
        let mut recording = Recording::new(&plan);
        simulation.run(self.steps, &mut recording).expect("it runs");
        let mut spikes = vec![Vec::new(); self.size as usize];
        for spike in recording.spikes.iter().filter(|spike| spike.neuron < self.size) {
            spikes[spike.neuron as usize].push(spike.step);
        }
        let neuron = |words: &[u32], i: usize| {
            let trace = words.iter().skip(i).step_by(self.size as usize);
            trace.map(|word| f64::from(f32::from_bits(*word))).collect()
        };
        let trace = |words: &Vec<u32>| (0..spikes.len()).map(|i| neuron(words, i)).collect();
        Outcome { traces: recording.traces.iter().map(trace).collect(), spikes }
    }

    fn network(&self) -> Network {
        let ms = |steps: u32| format!("{} ms", f64::from(steps) * self.dt_ms);
        let mut row = Population::new("row", self.size, self.model);
        for (name, value, unit) in &self.parameters {
            row = row.param(name, format!("{value} {unit}"));
        }
        let mut network =
            Network::new("row", format!("{} ms", self.dt_ms)).seed(18).population(row);
        if let Some(amplitude) = &self.current {
            network = network.stimulus(Stimulus::current("current", "row", amplitude.as_str()));
        }
        for (i, input) in self.inputs.iter().enumerate() {
            let (source, name) = (format!("source{i}"), format!("input{i}"));
            let times = input.steps.iter().map(|&step| (ms(step), 0)).collect();
            network = network
                .population(Population::new(&source, 1, "spike_list").spikes(times))
                .projection(
                    Projection::new(&name, &source, "row")
                        .receptor(input.receptor)
                        .all_to_all()
                        .weight(input.weight.as_str())
                        .delay(ms(input.delay_steps))
                        .weight_bits(32),
                );
        }
        for stimulus in &self.stimuli {
            network = network.stimulus(stimulus.clone());
        }
        for variable in &self.record {
            let probe = Probe::new(variable, "row", variable).every(ms(self.every_steps));
            network = network.probe(probe);
        }
        network
    }
}
