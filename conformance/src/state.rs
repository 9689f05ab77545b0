//! Which neuron and variable a state word belongs to.

use isospike_core::ir::Type;
use isospike_core::plan::Plan;

/// The meaning of the words of a simulation's state, in canonical order.
pub struct StateLayout {
    blocks: Vec<Block>,
}

/// The words of one variable of one population: copy by copy, neuron by neuron.
struct Block {
    population: String,
    variable: String,
    integer: bool,
    size: u32,
    words: u64,
}

/// A state word's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The population's name.
    pub population: String,
    /// The state variable, or `refractory` for the counter.
    pub variable: String,
    /// True where the word is an integer (the counter), not a float.
    pub integer: bool,
    /// The copy of the batch.
    pub copy: u32,
    /// The neuron in the population.
    pub neuron: u32,
}

impl StateLayout {
    /// The layout of a plan.
    pub fn new(plan: &Plan) -> Self {
        let blocks = plan.state_blocks().map(|block| Block {
            population: block.population.name.clone(),
            variable: block.variable.name.clone(),
            integer: block.variable.ty == Type::I32,
            size: block.population.size,
            words: block.words.len() as u64,
        });
        Self { blocks: blocks.collect() }
    }

    /// The words of one copy out of those of a batch, whose single copy has this layout.
    pub fn of_copy(&self, words: &[u32], copies: u32, copy: u32) -> Vec<u32> {
        let mut rest = words;
        let mut own = Vec::new();
        for block in &self.blocks {
            let size = block.words as usize;
            let (all, after) = rest.split_at_checked(size * copies as usize).unwrap_or((rest, &[]));
            own.extend(all.chunks(size.max(1)).nth(copy as usize).unwrap_or_default());
            rest = after;
        }
        own
    }

    /// The owner of a word; `None` behind the last.
    pub fn locate(&self, word: usize) -> Option<Place> {
        let mut rest = word as u64;
        for block in &self.blocks {
            if rest < block.words {
                return Some(Place {
                    population: block.population.clone(),
                    variable: block.variable.clone(),
                    integer: block.integer,
                    copy: (rest / u64::from(block.size)) as u32,
                    neuron: (rest % u64::from(block.size)) as u32,
                });
            }
            rest -= block.words;
        }
        None
    }

    /// Every word of one neuron: variable, whether it is an integer, position.
    pub fn of_neuron(&self, at: &Place) -> Vec<(&str, bool, usize)> {
        let mut first = 0;
        let mut found = Vec::new();
        for block in &self.blocks {
            if block.population == at.population {
                let word = u64::from(at.copy) * u64::from(block.size) + u64::from(at.neuron);
                found.push((block.variable.as_str(), block.integer, (first + word) as usize));
            }
            first += block.words;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> StateLayout {
        let block = |population: &str, variable: &str, size: u32| Block {
            population: population.into(),
            variable: variable.into(),
            integer: variable == "refractory",
            size,
            words: u64::from(size) * 2,
        };
        StateLayout {
            blocks: vec![block("a", "v", 3), block("a", "refractory", 3), block("b", "v", 1)],
        }
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
    fn a_neuron_has_a_word_for_each_variable() {
        let layout = layout();
        let at = layout.locate(4).unwrap();
        assert_eq!(layout.of_neuron(&at), [("v", false, 4), ("refractory", true, 10)]);
    }
}
