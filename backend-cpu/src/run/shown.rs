//! The variables of neurons that clocked blocks read of their sources, which may be in any shard.

use crate::run::shard::Slice;
use isospike_core::plan::Plan;
use std::sync::atomic::{AtomicU32, Ordering};

/// See the module. Each shard shows its own neurons when it has updated them in a step with such
/// blocks, and reads all others when all shards have: in a stage of its own, so that none is
/// written meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    variables: Vec<Variable>,
    /// The periods of the blocks, in steps.
    periods: Vec<u32>,
}

/// A variable of a population.
#[derive(Debug)]
struct Variable {
    population: usize,
    number: u32,
    size: usize,
    /// `[copy * size + neuron]`
    words: Box<[AtomicU32]>,
}

impl Shown {
    /// Makes room for all that the clocked blocks of a plan read.
    pub fn new(plan: &Plan) -> Self {
        let mut shown = Self::default();
        for projection in &plan.projections {
            let Some(synapse) = &projection.synapse else { continue };
            let population = projection.pre.index();
            let size = plan.populations[population].size as usize;
            for &number in &synapse.source {
                if shown.find(population, number).is_none() {
                    let words = (0..size * plan.batch as usize).map(|_| AtomicU32::new(0));
                    let words = words.collect();
                    shown.variables.push(Variable { population, number, size, words });
                }
            }
            let blocks = synapse.clocked.iter().filter(|block| block.reads_source());
            shown.periods.extend(blocks.map(|block| block.period_steps.max(1)));
        }
        shown
    }

    /// Returns the first step from `step` on in which a block reads sources; `None` where there is
    /// none within the steps of a run.
    pub fn next_due(&self, step: u32) -> Option<u32> {
        let due = |period: &u32| {
            let next = (u64::from(step) + 1).next_multiple_of(u64::from(*period));
            u32::try_from(next - 1).ok()
        };
        self.periods.iter().filter_map(due).min()
    }

    /// Makes one with blocks of these periods and nothing to show.
    #[cfg(test)]
    pub fn with_periods(periods: &[u32]) -> Self {
        Self { periods: periods.to_vec(), ..Self::default() }
    }

    /// Shows the neurons of a slice in a copy.
    pub fn show(&self, slice: &Slice, copy: u32) {
        let own = self.variables.iter().filter(|shown| shown.population == slice.population);
        for shown in own {
            let first = copy as usize * shown.size + slice.neurons.start as usize;
            let words = slice.words(slice.array(shown.number as usize), copy);
            for (to, word) in shown.words[first..].iter().zip(words) {
                to.store(*word, Ordering::Relaxed);
            }
        }
    }

    /// The words of a variable of all neurons of a population in a copy, as they were shown last.
    pub fn words(&self, population: usize, number: u32, copy: u32) -> &[AtomicU32] {
        self.find(population, number).map_or(&[], |shown| {
            let first = copy as usize * shown.size;
            &shown.words[first..first + shown.size]
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.variables.iter().map(|shown| size_of_val(&*shown.words) as u64).sum()
    }

    fn find(&self, population: usize, number: u32) -> Option<&Variable> {
        let is = |shown: &&Variable| (shown.population, shown.number) == (population, number);
        self.variables.iter().find(is)
    }
}
