//! Synapses that are listed one by one.

use super::{Connect, InDegree, Pairs, RowKind, RowSite};
use crate::base::hash::Hash;
use crate::base::random::{self, Tag};
use crate::connect::row::{Block, Row};
use crate::connect::targets::Targets;
use crate::connect::{Listed, Synapse, SynapseList};

/// Exactly these, sorted by (source, order of the list).
#[derive(Clone, Debug, PartialEq)]
pub struct Explicit(pub SynapseList);

impl Connect for Explicit {
    fn describe(&self) -> String {
        "list".into()
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(6);
        hash.long(self.0.len() as u64);
        for synapse in self.0.iter() {
            hash.word(synapse.pre);
            hash.word(synapse.post);
            hash.option(synapse.weight.as_ref(), |hash, weight| hash.float(*weight));
            hash.option(synapse.delay_steps.as_ref(), |hash, steps| hash.word(*steps));
        }
    }

    fn synapses(&self, _: u64, _: u64) -> u64 {
        self.0.len() as u64
    }

    /// Nothing: a list is summed target by target instead.
    fn in_degree(&self, _: Pairs) -> InDegree {
        InDegree::exact(0)
    }

    /// Draws the weights and delays that were not given.
    fn rows(&self, site: &RowSite, quantise: &dyn Fn(f64) -> i32) -> RowKind {
        let mut starts = vec![0_u64; site.rows as usize + 1];
        let mut synapses = Vec::with_capacity(self.0.len());
        let key = random::key(site.seed);
        let (mut row, mut j) = (0, 0);
        for entry in self.0.iter() {
            if entry.pre != row {
                (row, j) = (entry.pre, 0);
            }
            let words = random::philox([j, row, site.projection, Tag::Row as u32], key);
            let delay = entry.delay_steps.unwrap_or_else(|| site.delay.get(words[2]) as u32);
            synapses.push(Synapse {
                target: entry.post,
                weight: entry.weight.map_or_else(|| site.weight.get(words[1]), quantise),
                delay_steps: delay.max(1),
            });
            starts[row as usize + 1] += 1;
            j += 1;
        }
        for row in 0..site.rows as usize {
            starts[row + 1] += starts[row];
        }
        RowKind::List(Listed { starts: starts.into(), synapses: synapses.into() })
    }
}

impl Targets for Listed {
    /// The place of the row's first synapse.
    type Place = usize;

    fn begin(&self, _: &RowSite, row: u32) -> (u32, usize) {
        let [start, end] = [row, row + 1].map(|row| self.starts[row as usize]);
        ((end - start) as u32, start as usize)
    }

    fn fill(&self, start: &mut usize, row: &mut Row<'_>, block: &mut Block) -> bool {
        let Some(first) = row.take(block) else { return false };
        let from = *start + first as usize;
        for (lane, synapse) in self.synapses[from..from + block.len].iter().enumerate() {
            block.target[lane] = synapse.target;
            block.weight[lane] = synapse.weight;
            block.delay_steps[lane] = synapse.delay_steps as i32;
        }
        true
    }

    /// Unknown: its targets are whatever was listed.
    fn has_lawful_in_degrees(&self) -> bool {
        false
    }
}
