//! The rows that follow a rewiring, and the state of the synapses that are new in them.

use crate::base::random::{pick, rewire_candidate, rewire_key};
use crate::connect::{RowSource, Synapse};
use crate::plan::Plan;
use crate::plan::synapse::{RewirePlan, Stamp, SynapsePart, SynapsePlan};
use rayon::prelude::*;
use std::ops::Range;

/// A synapse that is new in a row.
struct New {
    /// Its place among all synapses, and in the row.
    place: usize,
    j: u32,
    row: u32,
    synapse: Synapse,
}

/// A projection when it is rewired.
struct Site<'a> {
    index: usize,
    synapse: &'a SynapsePlan,
    rewire: &'a RewirePlan,
    rows: &'a RowSource,
    /// The words of each state variable, and of the stamps.
    variables: Vec<Range<usize>>,
    stamps: Option<Range<usize>>,
    /// How many steps have been.
    steps: u32,
    key: [u32; 2],
}

/// The memory that a thread uses again for each row.
struct Scratch {
    /// For each target the last row that has it, and 1.
    marks: Vec<u32>,
    words: Vec<u32>,
    values: Vec<u32>,
}

/// Returns the rows of a projection, by its index, after the rewiring that is due when so many
/// steps have been; `None` where no synapse is replaced. Writes the state words of new synapses.
pub(super) fn rows(
    plan: &Plan,
    (index, rows): (usize, &RowSource),
    state: &mut [u32],
    steps: u32,
) -> Option<RowSource> {
    let site = Site::new(plan, index, rows, steps)?;
    let new = site.replaced(state);
    if new.is_empty() {
        return None;
    }
    let (mut targets, mut delays_steps) = (Vec::new(), Vec::new());
    for row in 0..rows.rows() {
        rows.for_each(row, |synapse| {
            targets.push(synapse.target);
            delays_steps.push(synapse.delay_steps);
        });
    }
    for New { place, j, row, synapse } in new {
        targets[place] = synapse.target;
        delays_steps[place] = synapse.delay_steps;
        for (n, words) in site.variables.iter().enumerate() {
            let first = || plan.first_word((index, n), row, (j, place), synapse.weight);
            state[words.start + place] = site.rewire.create[n].unwrap_or_else(first);
        }
        if let Some(stamps) = &site.stamps {
            state[stamps.start + place] = steps;
        }
    }
    Some(rows.with_targets(&targets, &delays_steps))
}

impl<'a> Site<'a> {
    fn new(plan: &'a Plan, index: usize, rows: &'a RowSource, steps: u32) -> Option<Self> {
        let projection = &plan.projections[index];
        let blocks = plan.synapse_blocks().into_iter().filter(|own| own.projection == index);
        let (mut variables, mut stamps) = (Vec::new(), None);
        for block in blocks {
            match block.part {
                SynapsePart::State(..) => variables.push(block.words),
                SynapsePart::LastEvent => stamps = Some(block.words),
                SynapsePart::Trace(..) | SynapsePart::Stamp(_) | SynapsePart::Sent(..) => {}
            }
        }
        Some(Self {
            index,
            synapse: projection.synapse.as_ref()?,
            rewire: projection.rewire()?,
            rows,
            variables,
            stamps,
            steps,
            key: rewire_key(plan.seed, steps, index as u32),
        })
    }

    /// Returns the new synapses of all rows, in order.
    fn replaced(&self, state: &[u32]) -> Vec<New> {
        let rows = self.rows.rows();
        let mut starts = Vec::with_capacity(rows as usize);
        let mut synapses = 0;
        for row in 0..rows {
            starts.push(synapses);
            synapses += self.rows.len(row) as usize;
        }
        let scratch = || Scratch {
            marks: vec![0; self.rows.site().targets as usize],
            words: Vec::new(),
            values: Vec::new(),
        };
        let of_row =
            |scratch: &mut Scratch, row: u32| self.row(state, row, starts[row as usize], scratch);
        (0..rows).into_par_iter().map_init(scratch, of_row).flatten_iter().collect()
    }

    /// Returns the new synapses of a row whose first synapse has this place.
    fn row(&self, state: &[u32], row: u32, start: usize, scratch: &mut Scratch) -> Vec<New> {
        let mut all = Vec::new();
        self.rows.for_each(row, |synapse| all.push(synapse));
        let mut new: Vec<New> = Vec::new();
        for ((j, place), synapse) in (0..).zip(start..).zip(&all) {
            self.read(state, place, &mut scratch.words);
            if self.rewire.removes(&scratch.words, &mut scratch.values) {
                new.push(New { place, j, row, synapse: *synapse });
            }
        }
        if new.is_empty() {
            return new;
        }
        let site = self.rows.site();
        let (mark, marks) = (row + 1, &mut scratch.marks);
        let mut free = site.candidates();
        for target in all.iter().map(|synapse| synapse.target as usize) {
            let is_candidate = !(site.skip_self && target == row as usize);
            free -= u32::from(is_candidate && marks[target] != mark);
            marks[target] = mark;
        }
        new.truncate(free as usize);
        let mut n = 0;
        for New { synapse, .. } in &mut new {
            loop {
                let words = rewire_candidate(self.key, n, row, self.index as u32);
                n = n.wrapping_add(1);
                let candidate = pick(words[0], site.candidates());
                let target = candidate + u32::from(site.skip_self && candidate >= row);
                if marks[target as usize] == mark {
                    continue;
                }
                marks[target as usize] = mark;
                synapse.target = target;
                if self.rewire.draws_delays {
                    synapse.delay_steps = site.delay.get(words[2]).max(1) as u32;
                }
                break;
            }
        }
        new
    }

    /// Reads the state of a synapse as it has decayed until now.
    fn read(&self, state: &[u32], place: usize, words: &mut Vec<u32>) {
        words.clear();
        let stamp = self.stamps.as_ref().map_or(0, |stamps| state[stamps.start + place]);
        let variables = self.synapse.state.iter().zip(&self.variables);
        words.extend(variables.map(|(variable, own)| {
            variable.left(state[own.start + place], Stamp::from_word(stamp), self.steps)
        }));
    }
}
