//! The neuron or synapse and the variable that a state word belongs to.

use isospike_core::base::id::Side;
use isospike_core::connect::RowSource;
use isospike_core::ir::Type;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{RowWords, SynapseBlock, SynapsePart};
use std::sync::Arc;

/// The meaning of the words of a simulation's state, in canonical order.
pub struct StateLayout {
    blocks: Vec<Block>,
}

/// The words of one variable, copy by copy: neuron by neuron, or synapse by synapse.
struct Block {
    population: String,
    /// The projection of synapses that learn, and of their traces.
    projection: Option<String>,
    variable: String,
    integer: bool,
    /// The words of one copy.
    size: usize,
    words: usize,
    /// For words of synapses, where each row ends.
    rows: Option<Arc<[usize]>>,
}

/// A state word's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The population's name; for a word of a synapse, that of its source; none for a signal of the
    /// whole network.
    pub population: String,
    /// The projection, for words of synapses that learn: theirs or those of a trace.
    pub projection: Option<String>,
    /// The state variable, or `refractory` for the counter. That of a trace is `pre.NAME` or
    /// `post.NAME`, that of the steps of last spikes `pre.stamp` or `post.stamp`; that of a signal
    /// `signal.NAME`.
    pub variable: String,
    /// True where the word is an integer (the counter, a stamp), not a float.
    pub integer: bool,
    /// The copy of the batch.
    pub copy: u32,
    /// The neuron in the population.
    pub neuron: u32,
    /// The place of the synapse in the row of the neuron, for words of synapses.
    pub synapse: Option<u32>,
}

impl StateLayout {
    /// The layout of a plan.
    pub fn new(plan: &Plan) -> Self {
        let neurons = plan.state_blocks().map(|block| Block {
            population: block.population.name.clone(),
            projection: None,
            variable: block.variable.name.clone(),
            integer: block.variable.ty == Type::I32,
            size: block.population.size as usize,
            words: block.words.len(),
            rows: None,
        });
        let synapses = plan.synapse_blocks().into_iter().map(|block| of_synapses(plan, &block));
        let signals = plan.signals.iter().map(|signal| of_signal(plan, &signal.name));
        let rows = plan.row_words().into_iter().flat_map(|rows| of_rows(plan, &rows));
        Self { blocks: neurons.chain(synapses).chain(signals).chain(rows).collect() }
    }

    /// The words of one copy out of those of a batch, whose single copy has this layout.
    pub fn of_copy(&self, words: &[u32], copies: u32, copy: u32) -> Vec<u32> {
        let mut rest = words;
        let mut own = Vec::new();
        for block in &self.blocks {
            let size = block.words;
            let (all, after) = rest.split_at_checked(size * copies as usize).unwrap_or((rest, &[]));
            own.extend(all.chunks(size.max(1)).nth(copy as usize).unwrap_or_default());
            rest = after;
        }
        own
    }

    /// The owner of a word; `None` behind the last.
    pub fn locate(&self, word: usize) -> Option<Place> {
        let mut rest = word;
        for block in &self.blocks {
            if rest < block.words {
                let (neuron, synapse) = block.owner(rest % block.size);
                return Some(Place {
                    population: block.population.clone(),
                    projection: block.projection.clone(),
                    variable: block.variable.clone(),
                    integer: block.integer,
                    copy: (rest / block.size) as u32,
                    neuron: neuron as u32,
                    synapse: synapse.map(|place| place as u32),
                });
            }
            rest -= block.words;
        }
        None
    }

    /// Every word of one neuron or synapse: variable, whether it is an integer, position.
    pub fn of_owner(&self, at: &Place) -> Vec<(&str, bool, usize)> {
        let mut first = 0;
        let mut found = Vec::new();
        for block in &self.blocks {
            if block.has(at) {
                let start = block.start(at.neuron as usize);
                let own = start + at.synapse.unwrap_or(0) as usize;
                let word = first + at.copy as usize * block.size + own;
                found.push((block.variable.as_str(), block.integer, word));
            }
            first += block.words;
        }
        found
    }
}

impl Block {
    /// Returns the neuron of a word of a copy, and the place of its synapse.
    fn owner(&self, word: usize) -> (usize, Option<usize>) {
        match &self.rows {
            None => (word, None),
            Some(ends) => {
                let row = ends.partition_point(|end| *end <= word);
                (row, Some(word - self.start(row)))
            }
        }
    }

    /// Returns the first word of a neuron among those of a copy.
    fn start(&self, neuron: usize) -> usize {
        match (&self.rows, neuron) {
            (None, _) => neuron,
            (Some(_), 0) => 0,
            (Some(ends), row) => ends[row - 1],
        }
    }

    /// Returns whether the owner of a word has one here, too.
    fn has(&self, at: &Place) -> bool {
        let side = |variable: &str| variable.split_once('.').map(|(side, _)| side.to_owned());
        (&self.population, &self.projection) == (&at.population, &at.projection)
            && self.rows.is_some() == at.synapse.is_some()
            // Traces of a neuron onto its own population are of two sides.
            && (at.projection.is_none() || side(&self.variable) == side(&at.variable))
    }
}

fn of_synapses(plan: &Plan, block: &SynapseBlock<'_>) -> Block {
    let (side, variable, integer) = match block.part {
        SynapsePart::State(_, name) => (Side::Pre, name.to_owned(), false),
        SynapsePart::LastEvent => (Side::Pre, "stamp".into(), true),
        SynapsePart::Trace(side, _, name) => (side, format!("{}.{name}", word(side)), false),
        SynapsePart::Stamp(side) => (side, format!("{}.stamp", word(side)), true),
        SynapsePart::Sent(_, steps, receptor) => {
            (Side::Post, format!("post.sent to {receptor}, {steps} steps before it arrives"), true)
        }
    };
    let of_synapses = matches!(block.part, SynapsePart::State(..) | SynapsePart::LastEvent);
    let population = match side {
        Side::Pre => block.plan.pre,
        Side::Post => block.plan.post,
    };
    Block {
        population: plan.populations[population.index()].name.clone(),
        projection: Some(block.plan.name.clone()),
        variable,
        integer,
        size: block.words.len() / plan.batch as usize,
        words: block.words.len(),
        rows: of_synapses.then(|| ends(&block.plan.rows)),
    }
}

/// The words of the rows of a projection that is rewired.
fn of_rows(plan: &Plan, rows: &RowWords) -> [Block; 2] {
    let projection = &plan.projections[rows.projection];
    [("target", &rows.targets), ("delay", &rows.delays_steps)].map(|(variable, words)| Block {
        population: plan.populations[projection.pre.index()].name.clone(),
        projection: Some(projection.name.clone()),
        variable: variable.into(),
        integer: true,
        size: words.len(),
        words: words.len(),
        rows: Some(ends(&projection.rows)),
    })
}

/// Returns the end of each row.
fn ends(rows: &RowSource) -> Arc<[usize]> {
    let end = |end: &mut usize, row| {
        *end += rows.len(row) as usize;
        Some(*end)
    };
    (0..rows.rows()).scan(0, end).collect()
}

fn of_signal(plan: &Plan, name: &str) -> Block {
    Block {
        population: String::new(),
        projection: None,
        variable: format!("signal.{name}"),
        integer: false,
        size: 1,
        words: plan.batch as usize,
        rows: None,
    }
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Pre => "pre",
        Side::Post => "post",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(population: &str, variable: &str, size: usize) -> Block {
        Block {
            population: population.into(),
            projection: None,
            variable: variable.into(),
            integer: variable == "refractory",
            size,
            words: size * 2,
            rows: None,
        }
    }

    fn layout() -> StateLayout {
        StateLayout {
            blocks: vec![block("a", "v", 3), block("a", "refractory", 3), block("b", "v", 1)],
        }
    }

    /// Rows of two, no and three synapses of two variables, and traces of both sides, all onto the
    /// population itself.
    fn learning() -> StateLayout {
        let learns =
            |variable, size| Block { projection: Some("p".into()), ..block("a", variable, size) };
        let rows: Arc<[usize]> = [2, 2, 5].into();
        let of_synapses = |variable| Block { rows: Some(rows.clone()), ..learns(variable, 5) };
        let mut blocks = vec![block("a", "v", 3), of_synapses("w"), of_synapses("c")];
        blocks.extend(["pre.x", "pre.stamp", "post.y"].map(|variable| learns(variable, 3)));
        StateLayout { blocks }
    }

    #[test]
    fn a_word_has_a_population_variable_copy_and_neuron() {
        let place = layout().locate(6 + 4).unwrap();
        assert_eq!((place.population.as_str(), place.variable.as_str()), ("a", "refractory"));
        assert_eq!((place.copy, place.neuron, place.integer), (1, 1, true));
        assert_eq!(layout().locate(13).unwrap().copy, 1);
        assert_eq!(layout().locate(14), None);
    }

    #[test]
    fn a_word_of_a_synapse_has_a_row_and_a_place_in_it() {
        let layout = learning();
        let place = layout.locate(6 + 5 + 3).unwrap();
        assert_eq!((place.projection.as_deref(), place.variable.as_str()), (Some("p"), "w"));
        assert_eq!((place.copy, place.neuron, place.synapse), (1, 2, Some(1)));
        assert_eq!(layout.of_owner(&place), [("w", false, 14), ("c", false, 24)]);
        let first = layout.locate(6).unwrap();
        assert_eq!((first.copy, first.neuron, first.synapse), (0, 0, Some(0)));
    }

    #[test]
    fn a_word_of_a_trace_has_a_neuron_and_a_side() {
        let layout = learning();
        let place = layout.locate(26 + 4).unwrap();
        assert_eq!((place.projection.as_deref(), place.variable.as_str()), (Some("p"), "pre.x"));
        assert_eq!((place.copy, place.neuron, place.synapse), (1, 1, None));
        assert_eq!(layout.of_owner(&place), [("pre.x", false, 30), ("pre.stamp", false, 36)]);
        let neuron = layout.locate(4).unwrap();
        assert_eq!(layout.of_owner(&neuron), [("v", false, 4)]);
    }

    #[test]
    fn a_neuron_has_a_word_for_each_variable() {
        let layout = layout();
        let at = layout.locate(4).unwrap();
        assert_eq!(layout.of_owner(&at), [("v", false, 4), ("refractory", true, 10)]);
    }
}
