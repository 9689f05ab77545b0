//! Exact counts of what a run did, section 6 of `docs/semantics.md`: always on, and equal on every
//! backend, so part of every comparison.
//!
//! Each backend counts by itself. [`derive`] counts a second time, from the spikes and the plan
//! alone; [`Figures`] says what follows from the counts.

pub mod degrees;
mod derived;
mod figures;
pub mod in_degrees;

pub use degrees::OutDegrees;
pub use derived::derive;
pub use figures::{Figures, SynapticOperations};
pub use in_degrees::InDegrees;

use crate::plan::{Plan, PopulationPlanKind};

/// Counts since step 0, all copies of the batch together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Steps run.
    pub steps: u64,
    /// Spikes, for each population.
    pub spikes: Vec<u64>,
    /// One neuron of one copy in one step, for each population; 0 for spike lists, which have
    /// nothing to update.
    pub neuron_updates: Vec<u64>,
    /// One synapse of one emitted spike, for each projection; counted at emission.
    pub synaptic_events: Vec<u64>,
    /// One synapse of one spike of its target, or of one step in which the condition of post events
    /// holds, for each projection; 0 where nothing happens then
    /// ([`crate::plan::synapse::SynapsePlan::on_post`]).
    pub post_events: Vec<u64>,
    /// One clocked block of one synapse, for each projection; 0 where its model has none
    /// ([`crate::plan::synapse::SynapsePlan::clocked`]).
    pub clocked_events: Vec<u64>,
    /// Poisson events, for each of [`Plan::stimuli`].
    pub stimulus_events: Vec<u64>,
}

impl Counters {
    /// Zeros for a plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            steps: 0,
            spikes: vec![0; plan.populations.len()],
            neuron_updates: vec![0; plan.populations.len()],
            synaptic_events: vec![0; plan.projections.len()],
            post_events: vec![0; plan.projections.len()],
            clocked_events: vec![0; plan.projections.len()],
            stimulus_events: vec![0; plan.stimuli.len()],
        }
    }

    /// Counts steps, and the updates of all neurons and the clocked events of all synapses in them.
    pub fn count_steps(&mut self, plan: &Plan, steps: u32) {
        let (before, after) = (self.steps, self.steps + u64::from(steps));
        self.steps = after;
        for (events, projection) in self.clocked_events.iter_mut().zip(&plan.projections) {
            let blocks = projection.synapse.iter().flat_map(|synapse| &synapse.clocked);
            let times: u64 = blocks.map(|block| block.count(after) - block.count(before)).sum();
            if times > 0 {
                *events += times * projection.rows.synapses() * u64::from(plan.batch);
            }
        }
        for (updates, population) in self.neuron_updates.iter_mut().zip(&plan.populations) {
            if let PopulationPlanKind::Neurons(_) = population.kind {
                *updates += u64::from(population.size) * u64::from(plan.batch) * u64::from(steps);
            }
        }
    }

    /// Adds the counts of another part of the same run.
    pub fn add(&mut self, other: &Self) {
        let add = |to: &mut [u64], more: &[u64]| {
            to.iter_mut().zip(more).for_each(|(to, more)| *to += more);
        };
        self.steps += other.steps;
        add(&mut self.spikes, &other.spikes);
        add(&mut self.neuron_updates, &other.neuron_updates);
        add(&mut self.synaptic_events, &other.synaptic_events);
        add(&mut self.post_events, &other.post_events);
        add(&mut self.clocked_events, &other.clocked_events);
        add(&mut self.stimulus_events, &other.stimulus_events);
    }

    /// The counts since `earlier`, counts of the same run.
    pub fn since(&self, earlier: &Self) -> Self {
        let less = |now: &[u64], then: &[u64]| {
            now.iter().zip(then).map(|(now, then)| now.saturating_sub(*then)).collect()
        };
        Self {
            steps: self.steps.saturating_sub(earlier.steps),
            spikes: less(&self.spikes, &earlier.spikes),
            neuron_updates: less(&self.neuron_updates, &earlier.neuron_updates),
            synaptic_events: less(&self.synaptic_events, &earlier.synaptic_events),
            post_events: less(&self.post_events, &earlier.post_events),
            clocked_events: less(&self.clocked_events, &earlier.clocked_events),
            stimulus_events: less(&self.stimulus_events, &earlier.stimulus_events),
        }
    }

    /// The same counts with 0 post events where they do not follow from spikes: a condition makes
    /// them, or rows change.
    pub fn of_spikes(mut self, plan: &Plan) -> Self {
        for (events, projection) in self.post_events.iter_mut().zip(&plan.projections) {
            let synapse = projection.synapse.as_ref();
            if synapse.is_some_and(|synapse| !synapse.follows_from_spikes()) {
                *events = 0;
            }
        }
        self
    }

    /// The first count that differs from another's; `None` where all are equal.
    pub fn first_difference(&self, other: &Self, plan: &Plan) -> Option<Difference> {
        let lists = self.lists(plan).into_iter().zip(other.lists(plan));
        for (mine, theirs) in lists {
            for i in 0..mine.counts.len().max(theirs.counts.len()) {
                let counts = [mine.counts.get(i).copied(), theirs.counts.get(i).copied()];
                if counts[0] != counts[1] {
                    let name = mine.names.get(i).map_or("", |name| *name);
                    let counter = match mine.of {
                        "" => mine.what.to_owned(),
                        of => format!("{} of {of} {name}", mine.what),
                    };
                    return Some(Difference { counter, counts });
                }
            }
        }
        None
    }

    /// All counts with their names, in order.
    fn lists<'a>(&'a self, plan: &'a Plan) -> [List<'a>; 7] {
        let populations: Vec<&str> = plan.populations.iter().map(|p| p.name.as_str()).collect();
        let projections: Vec<&str> = plan.projections.iter().map(|p| p.name.as_str()).collect();
        let stimuli = plan.stimuli.iter().map(|s| s.name.as_str()).collect();
        let list = |what, of, names, counts| List { what, of, names, counts };
        [
            list("steps", "", Vec::new(), std::slice::from_ref(&self.steps)),
            list("spikes", "population", populations.clone(), &self.spikes),
            list("neuron updates", "population", populations, &self.neuron_updates),
            list("synaptic events", "projection", projections.clone(), &self.synaptic_events),
            list("post events", "projection", projections.clone(), &self.post_events),
            list("clocked events", "projection", projections, &self.clocked_events),
            list("events", "stimulus", stimuli, &self.stimulus_events),
        ]
    }
}

/// One kind of count.
struct List<'a> {
    what: &'static str,
    of: &'static str,
    names: Vec<&'a str>,
    counts: &'a [u64],
}

/// A count on which two runs disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{counter}: {} and {}", said(counts[0]), said(counts[1]))]
pub struct Difference {
    /// Which: `synaptic events of projection exc_inh`.
    pub counter: String,
    /// The counts; `None` where one has no such counter.
    pub counts: [Option<u64>; 2],
}

fn said(count: Option<u64>) -> String {
    count.map_or_else(|| "none".into(), |count| count.to_string())
}
