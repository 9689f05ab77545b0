//! The report of a comparison: each backend, and where two of them part.

use super::*;
use serde::Serialize;

/// `compare`.
#[derive(Clone, Debug, Serialize)]
pub struct CompareReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// The network.
    pub network: NetworkReport,
    /// Whether all backends that ran to the end agree; null where fewer than one did.
    pub equal: Option<bool>,
    /// One for each backend, in the order they ran.
    pub backends: Vec<BackendReport>,
    /// Backends that are not here.
    pub missing: Vec<Missing>,
    /// One for each backend that differs from the first.
    pub differences: Vec<DifferenceReport>,
    /// The activity on the first backend that ran.
    pub populations: Vec<PopulationReport>,
    /// The activity on the first backend that ran.
    pub projections: Vec<ProjectionEvents>,
    /// The events on the first backend that ran.
    pub stimuli: Vec<StimulusEvents>,
    /// One for each row of published energies, with the counts of the first backend that ran.
    pub projected: Vec<Estimate>,
    /// Files written.
    pub files: Vec<String>,
}

/// The first difference of two backends.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceReport {
    /// The first backend and the one that differs.
    pub backends: [String; 2],
    /// The first spike that only one has.
    pub spike: Option<SpikeReport>,
    /// The first step after which the state differs.
    pub state: Option<StateReport>,
    /// The first count that differs.
    pub counter: Option<Difference>,
    /// Further results of the search.
    pub note: Option<String>,
}

/// A spike that only one backend has.
#[derive(Clone, Debug, Serialize)]
pub struct SpikeReport {
    /// Its step.
    pub step: u32,
    /// The time of its end.
    pub time_ms: f64,
    /// Its copy of the batch.
    pub copy: u32,
    /// Its population.
    pub population: String,
    /// Its neuron in the population.
    pub neuron: u32,
    /// The backend that has it.
    pub only_in: String,
}

/// The first differing state word.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    /// The step after which it differs.
    pub step: u32,
    /// The time of its end.
    pub time_ms: f64,
    /// Its copy of the batch.
    pub copy: u32,
    /// The projection, for words of synapses that learn and of their traces.
    pub projection: Option<String>,
    /// Its population; of a synapse, that of its source; empty for a signal of the whole network.
    pub population: String,
    /// Its neuron in the population.
    pub neuron: u32,
    /// The place of the synapse in the row of the neuron, for words of synapses.
    pub synapse: Option<u32>,
    /// The first variable of the neuron or synapse that differs.
    pub variable: String,
    /// All variables of this neuron or synapse.
    pub variables: Vec<VariableReport>,
    /// Words of the whole network that differ after this step.
    pub differing_words: u64,
    /// The two sides of the neuron's threshold in this step, on the first backend; `None` where it
    /// does not compare two floats.
    pub threshold: Option<ThresholdReport>,
}

/// The two sides of a threshold.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdReport {
    /// `<`, `<=` or `==`.
    pub comparison: &'static str,
    /// Its left side.
    pub left: WordReport,
    /// Its right side.
    pub right: WordReport,
    /// How many floats lie from one to the other.
    pub distance_ulp: u32,
}

/// A state variable before and after the step that differs.
#[derive(Clone, Debug, Serialize)]
pub struct VariableReport {
    /// Its name.
    pub name: String,
    /// Before the step, on both.
    pub before: Option<WordReport>,
    /// After the step, on each.
    pub after: [WordReport; 2],
    /// Whether these two are the same.
    pub equal: bool,
}

/// A state word.
#[derive(Clone, Debug, Serialize)]
pub struct WordReport {
    /// `0x42280000`.
    pub hex: String,
    /// The value, with enough digits to give back the word; null where it is not a number.
    pub value: Option<String>,
}

impl WordReport {
    /// A word that is a float, or an integer.
    pub fn new(word: u32, integer: bool) -> Self {
        let float = f32::from_bits(word);
        let value = match integer {
            true => Some((word as i32).to_string()),
            false => (!float.is_nan()).then(|| float.to_string()),
        };
        Self { hex: format!("{word:#010x}"), value }
    }

    /// The value in words.
    pub fn told(&self) -> &str {
        self.value.as_deref().unwrap_or("not a number")
    }
}
