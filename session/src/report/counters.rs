//! Counts of a run, and what it took on a backend.

use crate::drive::Outcome;
use crate::load::Loaded;
use isospike_core::plan::{ProjectionPlan, StimulusPlan};
use isospike_core::run::counters::{Counters, Figures};
use isospike_energy::Counts;
use serde::Serialize;

/// A projection's activity.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectionEvents {
    /// Its name.
    pub name: String,
    /// Synaptic events.
    pub synaptic_events: u64,
    /// Post events, 0 where synapses do not learn.
    pub post_events: u64,
    /// Clocked events, 0 where synapses have no clocked blocks.
    pub clocked_events: u64,
    /// The operations of a dense matrix: pre * post in each step of each copy.
    pub dense_operations: u128,
    /// The part of its pairs of neurons without a synapse; null where it has more synapses.
    pub connection_sparsity: Option<f64>,
    /// False where that is of the number of synapses expected.
    pub synapses_exact: bool,
}

/// A stimulus that has events.
#[derive(Clone, Debug, Serialize)]
pub struct StimulusEvents {
    /// Its name.
    pub name: String,
    /// The population that it drives.
    pub population: String,
    /// Its Poisson events.
    pub events: u64,
}

/// The counts of a run, and the figures that follow from them.
pub(crate) struct Counted {
    pub counters: Counters,
    pub figures: Figures,
    /// The sums.
    pub counts: Counts,
    /// The sums over the steps that were timed and measured, since this process took over.
    pub counts_here: Counts,
}

impl Counted {
    /// Takes the counts of a run; `None` where the backend failed and gave none.
    pub fn new(loaded: &Loaded, outcome: &Outcome) -> Option<Self> {
        let counters = outcome.counters.clone()?;
        let figures = Figures::new(&loaded.plan, &counters);
        let sums = |counters: &Counters| Counts::new(counters, loaded.network.dt_ms);
        let (counts, counts_here) = (sums(&counters), sums(&counters.since(&outcome.before)));
        Some(Self { counters, figures, counts, counts_here })
    }

    pub fn projections(&self, loaded: &Loaded) -> Vec<ProjectionEvents> {
        let report = |(i, projection): (usize, &ProjectionPlan)| ProjectionEvents {
            name: projection.name.clone(),
            synaptic_events: self.counters.synaptic_events[i],
            post_events: self.counters.post_events[i],
            clocked_events: self.counters.clocked_events[i],
            dense_operations: self.figures.dense_operations[i],
            connection_sparsity: self.figures.connection_sparsity[i],
            synapses_exact: projection.count().is_exact,
        };
        loaded.plan.projections.iter().enumerate().map(report).collect()
    }

    pub fn stimuli(&self, loaded: &Loaded) -> Vec<StimulusEvents> {
        let plan = &loaded.plan;
        let report = |(stimulus, events): (&StimulusPlan, &u64)| StimulusEvents {
            name: stimulus.name.clone(),
            population: plan.populations[stimulus.population.index()].name.clone(),
            events: *events,
        };
        plan.stimuli.iter().zip(&self.counters.stimulus_events).map(report).collect()
    }

    pub fn dense_operations(&self) -> u128 {
        self.figures.dense_operations.iter().sum()
    }
}
