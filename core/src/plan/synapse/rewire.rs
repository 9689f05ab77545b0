//! Rewiring in the plan: which synapses are replaced and when, and the words of their rows.

use crate::connect::RowSource;
use crate::ir::{Input, Program, eval};
use crate::plan::{Plan, ProjectionPlan};
use std::ops::Range;

/// The rewiring of a projection (`docs/semantics.md` 9). Candidates, autapses and the distribution
/// of delays are those of its [`RowSource::site`].
#[derive(Clone, Debug)]
pub struct RewirePlan {
    /// Its name.
    pub name: String,
    /// The time between two rewirings, above 0.
    pub period_steps: u32,
    /// Reads state variables as they have decayed until now, and gives `Output::Spike` where the
    /// synapse is removed.
    pub remove: Program,
    /// The bits with which each state variable of a new synapse begins; `None` where they are
    /// those with which the variable began in this place of the row.
    pub create: Vec<Option<u32>>,
    /// Whether a new synapse draws its delay; else it takes that of the synapse before it.
    pub draws_delays: bool,
}

impl RewirePlan {
    /// Returns whether it is carried out when so many steps have been.
    pub fn is_due(&self, steps: u32) -> bool {
        steps > 0 && steps.is_multiple_of(self.period_steps.max(1))
    }

    /// Returns whether a synapse with these words is removed. `values` is scratch.
    pub fn removes(&self, words: &[u32], values: &mut Vec<u32>) -> bool {
        let input = |input| match input {
            Input::State(n) => words.get(n as usize).copied().unwrap_or(0),
            // The verifier has refused all others.
            _ => 0,
        };
        eval::program(&self.remove, values, input).spike
    }
}

/// The words of the rows of a rewired projection among those of
/// [`crate::run::backend::Simulation::state`], in order of row, then place in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWords {
    /// The index of the projection.
    pub projection: usize,
    /// The target of each synapse.
    pub targets: Range<usize>,
    /// The delay of each synapse, in steps.
    pub delays_steps: Range<usize>,
}

impl ProjectionPlan {
    /// Returns its rewiring.
    pub fn rewire(&self) -> Option<&RewirePlan> {
        self.synapse.as_ref()?.rewire.as_ref()
    }
}

impl Plan {
    /// Returns the places of the words of rows, one entry for each rewired projection: they follow
    /// the words of signals.
    pub fn row_words(&self) -> Vec<RowWords> {
        let mut first = self.signal_words().end;
        let rewired = (0..).zip(&self.projections).filter(|(_, p)| p.rewire().is_some());
        let words = |(projection, plan): (usize, &ProjectionPlan)| {
            let synapses = plan.rows.synapses() as usize;
            let (targets, end) = (first..first + synapses, first + 2 * synapses);
            first = end;
            RowWords { projection, delays_steps: targets.end..end, targets }
        };
        rewired.map(words).collect()
    }

    /// Returns whether any projection is rewired.
    pub fn rewires(&self) -> bool {
        self.projections.iter().any(|projection| projection.rewire().is_some())
    }

    /// Appends the words of rows before step 0.
    pub(crate) fn initial_rows(&self, state: &mut Vec<u32>) {
        self.push_rows(self.row_words().into_iter().map(|own| own.projection), state);
    }

    /// Appends the words of the rows of these projections, by their index.
    pub(crate) fn push_rows(&self, of: impl Iterator<Item = usize>, state: &mut Vec<u32>) {
        for projection in of {
            let rows = &self.projections[projection].rows;
            let mut delays_steps = Vec::with_capacity(rows.synapses() as usize);
            for row in 0..rows.rows() {
                rows.for_each(row, |synapse| {
                    state.push(synapse.target);
                    delays_steps.push(synapse.delay_steps);
                });
            }
            state.append(&mut delays_steps);
        }
    }

    /// Returns the rows of each rewired projection, by its index, that all state words hold.
    pub fn rows_of(&self, state: &[u32]) -> Vec<(usize, RowSource)> {
        let rows = |own: RowWords| {
            let (targets, delays_steps) = (&state[own.targets], &state[own.delays_steps]);
            let rows = self.projections[own.projection].rows.with_targets(targets, delays_steps);
            (own.projection, rows)
        };
        self.row_words().into_iter().map(rows).collect()
    }

    /// Returns the plan with other rows of some projections, by their index, and without rewiring:
    /// the network as it is between two rewirings.
    pub fn between_rewirings(&self, rows: &[(usize, RowSource)]) -> Self {
        let mut plan = self.clone();
        for (projection, rows) in rows {
            plan.projections[*projection].rows = rows.clone();
        }
        for synapse in plan.projections.iter_mut().filter_map(|p| p.synapse.as_mut()) {
            synapse.rewire = None;
        }
        plan
    }

    /// Returns whether the words of rows name targets and delays that the projections can have.
    pub(crate) fn rows_fit(&self, state: &[u32]) -> bool {
        self.row_words().into_iter().all(|own| {
            let plan = &self.projections[own.projection];
            let size = self.populations[plan.post.index()].size;
            let delays = plan.min_delay_steps..=plan.max_delay_steps;
            state[own.targets].iter().all(|target| *target < size)
                && state[own.delays_steps].iter().all(|steps| delays.contains(steps))
        })
    }
}
