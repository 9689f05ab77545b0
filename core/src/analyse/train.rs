//! Spikes with everything that plots and statistics need: what `spikes.npz` holds.

use crate::base::clock::Clock;
use crate::describe::checked::Checked;
use crate::plan::Plan;
use crate::run::record::Recording;

/// A population of a [`SpikeTrain`].
#[derive(Clone, Debug, PartialEq)]
pub struct TrainPopulation {
    /// Its name.
    pub name: String,
    /// Neurons in one copy.
    pub size: u32,
    /// The mean rate that the literature reports.
    pub reference_rate_hz: Option<f64>,
}

/// The spikes of a run, in order (step, copy, population, neuron), column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpikeTrain {
    /// The time step.
    pub dt_ms: f64,
    /// Steps that were run.
    pub steps: u32,
    /// Steps at the start that do not count for rates.
    pub transient_steps: u32,
    /// Copies side by side.
    pub batch: u32,
    /// All populations.
    pub populations: Vec<TrainPopulation>,
    /// The step of each spike.
    pub step: Vec<u32>,
    /// Its copy of the batch.
    pub copy: Vec<u32>,
    /// Its population, an index into `populations`.
    pub population: Vec<u32>,
    /// Its neuron in the population.
    pub neuron: Vec<u32>,
}

impl SpikeTrain {
    /// The spikes of a recording.
    pub fn new(network: &Checked, plan: &Plan, recording: &Recording) -> Self {
        let populations = network.populations.iter().map(|p| TrainPopulation {
            name: p.name.clone(),
            size: p.size,
            reference_rate_hz: p.reference_rate_hz,
        });
        let mut train = Self {
            dt_ms: network.dt_ms,
            // A run that failed in the middle may have spikes of a step that did not end.
            steps: recording.spikes.last().map_or(0, |spike| spike.step + 1).max(recording.steps),
            transient_steps: network.transient_steps,
            batch: plan.batch,
            populations: populations.collect(),
            ..Self::default()
        };
        let count = recording.spikes.len();
        for column in [&mut train.step, &mut train.copy, &mut train.population, &mut train.neuron] {
            column.reserve_exact(count);
        }
        let neurons = plan.neurons().max(1);
        // Most spikes come from the population and copy of the spike before.
        let (mut here, mut copy, mut population) = (0..0, 0, 0);
        for spike in &recording.spikes {
            if !here.contains(&spike.neuron) {
                copy = spike.neuron / neurons;
                population = plan.locate(spike.neuron % neurons).0.0;
                let planned = &plan.populations[population as usize];
                let first = copy * neurons + planned.first_neuron;
                here = first..first + planned.size;
            }
            train.push(spike.step, copy, population, spike.neuron - here.start);
        }
        train
    }

    /// How many spikes.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// Returns the times of the steps.
    pub fn clock(&self) -> Clock {
        Clock::new(self.dt_ms)
    }

    /// How long the run was.
    pub fn duration_ms(&self) -> f64 {
        self.clock().after_ms(self.steps.into())
    }

    /// Appends a spike.
    pub fn push(&mut self, step: u32, copy: u32, population: u32, neuron: u32) {
        self.step.push(step);
        self.copy.push(copy);
        self.population.push(population);
        self.neuron.push(neuron);
    }

    /// The spikes of some populations only, these in the order given; steps and times stay.
    pub fn only(&self, populations: &[usize]) -> Self {
        let mut place = vec![None; self.populations.len()];
        for (new, &old) in populations.iter().enumerate() {
            place[old] = Some(new as u32);
        }
        let mut train = Self {
            populations: populations.iter().map(|&p| self.populations[p].clone()).collect(),
            step: Vec::new(),
            copy: Vec::new(),
            population: Vec::new(),
            neuron: Vec::new(),
            ..*self
        };
        for i in 0..self.len() {
            if let Some(population) = place[self.population[i] as usize] {
                train.push(self.step[i], self.copy[i], population, self.neuron[i]);
            }
        }
        train
    }
}
