//! The first difference of two backends: the first spike that only one has, and the first step
//! after which a state word differs, with how near the neuron was to its threshold.

mod threshold;

pub use threshold::Threshold;

use crate::state::StateLayout;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::record::{Recording, Spike};
use std::fmt;

/// The states are first compared at about this many steps on the way.
const COARSE_STOPS: u32 = 64;

/// The first spike that only one of two recordings has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeDifference {
    /// The spike.
    pub spike: Spike,
    /// True where the first recording has it, false where the second has.
    pub in_first: bool,
}

/// Finds the first spike that only one has; both are in canonical order.
pub fn first_spike(a: &Recording, b: &Recording) -> Option<SpikeDifference> {
    let mut pairs = a.spikes.iter().zip(&b.spikes);
    let common = pairs.position(|(x, y)| x != y);
    let at = common.unwrap_or(a.spikes.len().min(b.spikes.len()));
    match (a.spikes.get(at), b.spikes.get(at)) {
        (Some(&x), Some(&y)) if y < x => Some(SpikeDifference { spike: y, in_first: false }),
        (Some(&x), _) => Some(SpikeDifference { spike: x, in_first: true }),
        (None, Some(&y)) => Some(SpikeDifference { spike: y, in_first: false }),
        (None, None) => None,
    }
}

/// A state variable of a neuron: its word on both sides, and before the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableWords {
    /// The variable, or `refractory`.
    pub variable: String,
    /// True for the refractory counter, whose word is an integer.
    pub integer: bool,
    /// The word before the step, the same on both sides; `None` where step 0 differs.
    pub before: Option<u32>,
    /// The words after the step.
    pub words: [u32; 2],
}

/// The first step after which state words differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDifference {
    /// The step.
    pub step: u32,
    /// The population of the first differing word; of a synapse, that of its source; none for a
    /// signal of the whole network.
    pub population: String,
    /// The projection, for words of synapses that learn and of their traces.
    pub projection: Option<String>,
    /// The place of the synapse in the row of the neuron, for words of synapses.
    pub synapse: Option<u32>,
    /// Its copy of the batch.
    pub copy: u32,
    /// Its neuron in the population.
    pub neuron: u32,
    /// The first variable that differs.
    pub variable: String,
    /// All variables of this neuron or synapse.
    pub neuron_words: Vec<VariableWords>,
    /// How many words of the whole network differ after this step.
    pub differing_words: u64,
    /// The two sides of the neuron's threshold in this step, on the first side; `None` where it has
    /// none of two floats.
    pub threshold: Option<Threshold>,
}

/// The result of the search for the first differing state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The step, to the word.
    Found(Box<StateDifference>),
    /// A second run of both agreed throughout: one of them is not deterministic.
    NotRepeated,
    /// The states have different lengths: a fault of a backend, no step to name.
    Lengths(usize, usize),
    /// The caller stopped it.
    Interrupted,
}

/// Runs both backends again, side by side, up to `until` steps: first in strides, comparing the
/// states after each, then step by step through the stride that ends in a difference. If `stop`
/// says so, it ends early.
pub fn first_state(
    plan: &Plan,
    backends: [&dyn Backend; 2],
    until: u32,
    stop: &dyn Fn() -> bool,
) -> Result<Search, BackendError> {
    let stride = (until / COARSE_STOPS).max(1);
    let mut pair = Pair::new(plan, backends)?;
    let mut agreed = 0;
    loop {
        if stop() {
            return Ok(Search::Interrupted);
        }
        if agreed >= until {
            return Ok(Search::NotRepeated);
        }
        let now = stride.min(until - agreed);
        let states = pair.advance(now)?;
        if states[0].len() != states[1].len() {
            return Ok(Search::Lengths(states[0].len(), states[1].len()));
        }
        if states[0] != states[1] {
            break;
        }
        agreed += now;
    }
    drop(pair);
    let mut pair = Pair::new(plan, backends)?;
    let mut before = if agreed > 0 { pair.advance(agreed)?[0].clone() } else { Vec::new() };
    for step in agreed..(agreed + stride).min(until) {
        if stop() {
            return Ok(Search::Interrupted);
        }
        let states = pair.advance(1)?;
        if let Some(mut found) = locate(plan, step, &before, &states) {
            found.threshold = threshold::at(plan, &pair.recordings[0].spikes, &found, &before);
            return Ok(Search::Found(Box::new(found)));
        }
        [before, _] = states;
    }
    Ok(Search::NotRepeated)
}

/// Two simulations of one plan that go hand in hand.
struct Pair {
    simulations: [Box<dyn Simulation>; 2],
    recordings: [Recording; 2],
    max_delay_steps: u32,
}

impl Pair {
    fn new(plan: &Plan, backends: [&dyn Backend; 2]) -> Result<Self, BackendError> {
        Ok(Self {
            simulations: [backends[0].compile(plan)?, backends[1].compile(plan)?],
            recordings: [Recording::new(plan), Recording::new(plan)],
            max_delay_steps: plan.flight_steps() + 1,
        })
    }

    /// Runs both for `steps` more and gives both states.
    fn advance(&mut self, steps: u32) -> Result<[Vec<u32>; 2], BackendError> {
        for (simulation, recording) in self.simulations.iter_mut().zip(&mut self.recordings) {
            simulation.run(steps, recording)?;
            // Spikes that are still under way are looked at again; older ones and traces are not.
            let oldest = recording.steps.saturating_sub(self.max_delay_steps);
            recording.spikes.retain(|spike| spike.step >= oldest);
            recording.traces.iter_mut().for_each(Vec::clear);
        }
        let [a, b] = &mut self.simulations;
        Ok([a.state()?, b.state()?])
    }
}

/// The first differing word of two states, with its neuron.
fn locate(
    plan: &Plan,
    step: u32,
    before: &[u32],
    states: &[Vec<u32>; 2],
) -> Option<StateDifference> {
    let [a, b] = states;
    let word = a.iter().zip(b).position(|(x, y)| x != y)?;
    let layout = StateLayout::new(plan);
    let place = layout.locate(word)?;
    let variable = |(name, integer, at): (&str, bool, usize)| VariableWords {
        variable: name.to_owned(),
        integer,
        before: before.get(at).copied(),
        words: [a[at], b[at]],
    };
    Some(StateDifference {
        step,
        neuron_words: layout.of_owner(&place).into_iter().map(variable).collect(),
        population: place.population,
        projection: place.projection,
        synapse: place.synapse,
        copy: place.copy,
        neuron: place.neuron,
        variable: place.variable,
        threshold: None,
        differing_words: a.iter().zip(b).filter(|(x, y)| x != y).count() as u64,
    })
}

impl StateDifference {
    /// The words of the variable that differs.
    pub fn words(&self) -> Option<&VariableWords> {
        self.neuron_words.iter().find(|words| words.variable == self.variable)
    }
}

impl fmt::Display for StateDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, copy, population, neuron, variable, differing_words, .. } = self;
        let projection = self.projection.as_ref().map(|name| format!("projection {name}, "));
        let synapse = self.synapse.map(|place| format!(", synapse {place} of its row"));
        let (projection, synapse) = (projection.unwrap_or_default(), synapse.unwrap_or_default());
        let owner = match population.is_empty() {
            true => String::new(),
            false => format!("{projection}population {population}, neuron {neuron}{synapse}, "),
        };
        write!(
            f,
            "states part after step {step}: {owner}copy {copy}, variable {variable} ({} of the \
             network)",
            match differing_words {
                1 => "1 word differs".to_owned(),
                words => format!("{words} words differ"),
            }
        )?;
        for words in &self.neuron_words {
            let [expected, got] = words.words.map(|word| words.show(word));
            let before = words.before.map_or("-".into(), |word| words.show(word));
            let mark = if words.words[0] == words.words[1] { ' ' } else { '*' };
            let name = &words.variable;
            write!(f, "\n{mark} {name}: before {before}, expected {expected}, got {got}")?;
        }
        match &self.threshold {
            Some(threshold) => write!(f, "\n  threshold: {threshold}"),
            None => Ok(()),
        }
    }
}

impl VariableWords {
    /// A word in hex and decimal.
    pub fn show(&self, word: u32) -> String {
        match self.integer {
            true => format!("{word:#010x} ({})", word as i32),
            false => format!("{word:#010x} ({:e})", f32::from_bits(word)),
        }
    }
}
