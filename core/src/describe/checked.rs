//! A network in which every mistake has been found: plain numbers in base units (ms, mV, pA, nS,
//! pF, 1/ms), typed ids, no text.

use crate::base::id::{PopulationId, ProjectionId};
use crate::base::numeric;
use crate::connect::{Distribution, Rule};
use crate::describe::model::NeuronModel;
use crate::describe::signal::Signal;
use crate::describe::synapse::Synapse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A network without mistakes.
#[derive(Clone, Debug)]
pub struct Checked {
    /// `[network] name`, or the file's stem.
    pub name: String,
    /// The time step.
    pub dt_ms: f64,
    /// The duration a run takes by default, in steps.
    pub duration_steps: u32,
    /// How many steps at the start do not count for rates (`[network] transient`), 0 unless said.
    pub transient_steps: u32,
    /// The seed: key of every Philox call.
    pub seed: u64,
    /// How many independent copies run side by side: same connectivity and initial state, own
    /// random draws in each step. 1 unless said.
    pub batch: u32,
    /// Populations, indexed by [`PopulationId`].
    pub populations: Vec<Population>,
    /// Projections, indexed by [`ProjectionId`].
    pub projections: Vec<Projection>,
    /// Stimuli in the order of the file.
    pub stimuli: Vec<Stimulus>,
    /// Signals of the whole network in the order of the file.
    pub signals: Vec<Signal>,
    /// Probes of neurons in the order of the file.
    pub probes: Vec<Probe>,
    /// Probes of synapses in the order of the file.
    pub synapse_probes: Vec<SynapseProbe>,
}

impl Checked {
    /// The population with this id.
    pub fn population(&self, id: PopulationId) -> &Population {
        &self.populations[id.index()]
    }

    /// The state variables of a population that post events of some projection, or the conditions
    /// that make these, read, ascending: each has a copy of its value before the reset
    /// ([`crate::describe::model::BEFORE_RESET`]).
    pub fn read_before_reset(&self, population: PopulationId) -> Vec<u32> {
        let onto = self.projections.iter().filter(|projection| projection.post == population);
        let synapses = onto.filter_map(|projection| projection.synapse.as_ref());
        let read = synapses.flat_map(|synapse| {
            let numbers = synapse.model.read_before_reset();
            numbers.into_iter().map(|number| synapse.target[number as usize])
        });
        let read: BTreeSet<u32> = read.collect();
        read.into_iter().collect()
    }

    /// The projection with this id.
    pub fn projection(&self, id: ProjectionId) -> &Projection {
        &self.projections[id.index()]
    }
}

/// A population.
#[derive(Clone, Debug)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// How many neurons, at least 1.
    pub size: u32,
    /// The model of its neurons.
    pub kind: PopulationKind,
    /// The mean rate that the literature reports, for the tables of `run` and `compare`.
    pub reference_rate_hz: Option<f64>,
}

/// The model of the neurons of a population.
#[derive(Clone, Debug)]
pub enum PopulationKind {
    /// They follow a model.
    Neurons {
        /// The model.
        model: Arc<NeuronModel>,
        /// A value for each parameter of the model.
        parameters: Vec<PerNeuron>,
        /// An initial value for each state variable.
        initial: Vec<PerNeuron>,
        /// The refractory period, 0 where the model has none.
        refractory_steps: u32,
    },
    /// They spike at given times: (step, neuron), sorted, without repeats.
    SpikeList(Arc<[(u32, u32)]>),
}

/// A host value for each neuron of a population.
#[derive(Clone, Debug, PartialEq)]
pub enum PerNeuron {
    /// The same for all.
    All(f64),
    /// One each.
    Each(Arc<[f64]>),
    /// The same for all, and written while the network runs (`docs/semantics.md` 1.11): no program
    /// has it as a literal.
    Slot(f64),
}

impl PerNeuron {
    /// The value of neuron `i`.
    pub fn get(&self, i: u32) -> f64 {
        match self {
            Self::All(x) | Self::Slot(x) => *x,
            Self::Each(xs) => xs[i as usize],
        }
    }

    /// A function of up to three values, neuron by neuron; once, where all are the same for all. It
    /// is in a slot where one of them is.
    pub fn map(values: &[&Self], f: impl Fn(&[f64]) -> f64) -> Self {
        let size = values.iter().find_map(|value| match value {
            Self::Each(xs) => Some(xs.len() as u32),
            Self::All(_) | Self::Slot(_) => None,
        });
        let mut v = [0.0; 3];
        let mut at = |i: u32| {
            for (slot, value) in v.iter_mut().zip(values) {
                *slot = value.get(i);
            }
            f(&v[..values.len()])
        };
        match size {
            None if values.iter().any(|value| matches!(value, Self::Slot(_))) => Self::Slot(at(0)),
            None => Self::All(at(0)),
            Some(size) => Self::Each((0..size).map(at).collect()),
        }
    }

    /// The first neuron whose value is `wanted`; 0 where all have the same.
    pub fn first(&self, wanted: impl Fn(f64) -> bool) -> Option<u32> {
        match self {
            Self::All(x) | Self::Slot(x) => wanted(*x).then_some(0),
            Self::Each(xs) => xs.iter().position(|x| wanted(*x)).map(|neuron| neuron as u32),
        }
    }
}

/// A projection: synapses from one population to a receptor of another.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Its name.
    pub name: String,
    /// The population of the source neurons.
    pub pre: PopulationId,
    /// The population of the target neurons.
    pub post: PopulationId,
    /// Which receptor of `post`'s model.
    pub receptor: u32,
    /// Which pairs are connected.
    pub rule: Rule,
    /// Whether neuron `i` may connect to itself where `pre == post`.
    pub autapses: bool,
    /// Weights in the receptor's base unit. Unused by [`Rule::Explicit`] entries with their own.
    pub weight: Distribution,
    /// Delays in ms, rounded to the nearest step, at least one step.
    pub delay_ms: Distribution,
    /// True: rows are drawn again at each spike and never stored.
    pub procedural: bool,
    /// Storage of weights: 16 or 32 bits, or `None` for the rule of `docs/semantics.md`.
    pub weight_bits: Option<u8>,
    /// The least and the largest weight that a synapse may be given in a run, in the receptor's
    /// base unit; the weights at the start lie between them. `None` where weights never change.
    pub weight_bounds: Option<(f64, f64)>,
    /// The model of its synapses; `None` where they have nothing but a weight.
    pub synapse: Option<Synapse>,
}

/// An input that is not a population.
#[derive(Clone, Debug)]
pub struct Stimulus {
    /// Its name.
    pub name: String,
    /// The population that it drives.
    pub population: PopulationId,
    /// The first step it is on.
    pub start_step: u32,
    /// The first step it is off again, `u32::MAX` for never.
    pub stop_step: u32,
    /// Its kind.
    pub kind: StimulusKind,
}

/// The kind of a stimulus.
#[derive(Clone, Debug)]
pub enum StimulusKind {
    /// Each neuron has its own Poisson source onto a receptor.
    Poisson {
        /// Which receptor.
        receptor: u32,
        /// Expected events per step and neuron; the most of any row where they change in time.
        events_per_step: f64,
        /// The weight of each event.
        weight: f64,
        /// Expected events per step and neuron, where they change in time.
        rates: Option<Series>,
    },
    /// A constant current.
    Direct(PerNeuron),
    /// A current drawn each step: mean + sd * normal.
    Noise {
        /// Mean.
        mean: f64,
        /// Standard deviation of one step's value.
        sd: f64,
    },
    /// A current that changes in time.
    Steps(Series),
    /// A current that each call of a run gives (`docs/semantics.md` 5.12).
    External,
}

/// Values that change in time (`docs/semantics.md` 5.9). The value is 0 if no row holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// When each row holds.
    pub rows: Rows,
    /// Values in a row: 1, the same for all neurons, or the size of the population.
    pub width: u32,
    /// Row by row.
    pub values: Arc<[f64]>,
}

/// When the rows of a series hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// Row k holds from this step on until that of the next row, the last one for ever. Ascending.
    From(Arc<[u32]>),
    /// One row after the other; then none.
    Every {
        /// The first step of row 0.
        first_step: u32,
        /// How many steps each row holds, at least 1.
        steps: u32,
        /// How many rows there are.
        count: u32,
    },
}

impl StimulusKind {
    /// Its values that change in time.
    pub fn series(&self) -> Option<&Series> {
        match self {
            Self::Poisson { rates, .. } => rates.as_ref(),
            Self::Steps(series) => Some(series),
            Self::Direct(_) | Self::Noise { .. } | Self::External => None,
        }
    }

    /// Has rows that follow one another begin at this step.
    pub fn begin(&mut self, step: u32) {
        let series = match self {
            Self::Poisson { rates, .. } => rates.as_mut(),
            Self::Steps(series) => Some(series),
            Self::Direct(_) | Self::Noise { .. } | Self::External => None,
        };
        if let Some(Series { rows: Rows::Every { first_step, .. }, .. }) = series {
            *first_step = step;
        }
    }
}

impl Series {
    /// The value of a neuron in a step.
    pub fn value(&self, step: u32, neuron: u32) -> f64 {
        let row = match &self.rows {
            Rows::From(steps) => steps.partition_point(|from| *from <= step).checked_sub(1),
            Rows::Every { first_step, steps, count } => {
                let row = step.checked_sub(*first_step).map(|since| since / steps);
                row.filter(|row| row < count).map(|row| row as usize)
            }
        };
        let column = if self.width == 1 { 0 } else { neuron as usize };
        row.map_or(0.0, |row| self.values[row * self.width as usize + column])
    }
}

impl Rows {
    /// How many rows there are.
    pub fn count(&self) -> u32 {
        match self {
            Self::From(steps) => steps.len() as u32,
            Self::Every { count, .. } => *count,
        }
    }
}

/// A recording of a state variable.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// Which population.
    pub population: PopulationId,
    /// Which state variable of its model.
    pub variable: u32,
    /// Which neurons, ascending.
    pub neurons: Vec<u32>,
    /// Every how many steps, from step 0 on.
    pub every_steps: u32,
    /// Whether the state before step 0 is the first sample.
    pub initial: bool,
}

/// A recording of a state variable of the synapses of a projection.
#[derive(Clone, Debug)]
pub struct SynapseProbe {
    /// Its name.
    pub name: String,
    /// Which projection.
    pub projection: ProjectionId,
    /// Which state variable of its synapse model; `None` for the weight of synapses without one.
    pub variable: Option<u32>,
    /// The words of a sample.
    pub sample: SynapseSample,
    /// Every how many steps, from step 0 on.
    pub every_steps: u32,
    /// Whether the state before step 0 is the first sample.
    pub initial: bool,
}

/// The words of a sample of synapses, for each copy.
#[derive(Clone, Debug, PartialEq)]
pub enum SynapseSample {
    /// The values of the first so many synapses.
    First(u64),
    /// The values of synapse 0 and of each one so many synapses later: 1 for all.
    Every(u64),
    /// The values of all synapses of these pairs (source, target), which are sorted.
    Pairs(Arc<[(u32, u32)]>),
    /// How many synapses have values in each interval.
    Histogram(Histogram),
}

/// Intervals of equal width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Histogram {
    /// The lower end of the first, in base units.
    pub lo: f64,
    /// The upper end of the last.
    pub hi: f64,
    /// How many, at least 1.
    pub bins: u32,
}

impl Histogram {
    /// Returns the ends of the intervals: host values, rounded once (`docs/semantics.md` 5.14).
    pub fn edges(&self) -> Vec<f32> {
        let Self { lo, hi, bins } = *self;
        let edge = |n| lo + (hi - lo) * f64::from(n) / f64::from(bins);
        (0..=bins).map(|n| numeric::round_host(edge(n))).collect()
    }
}
