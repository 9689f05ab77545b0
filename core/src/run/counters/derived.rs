//! The counts of a run a second time: from its spikes, the rule of each row, and the definition of
//! a Poisson count. Reads nothing that a backend counted, built or lowered for the purpose.

use super::Counters;
use crate::base::random;
use crate::describe::checked::StimulusKind;
use crate::plan::Plan;
use crate::plan::synapse::SynapsePlan;
use crate::run::record::Recording;
use rayon::prelude::*;

/// The counts that a run with these spikes must have, with 0 post events where they do not follow
/// from spikes ([`Counters::of_spikes`]). Draws each row of a neuron that spiked, and every Poisson
/// count of the run, so it takes about as long as the run; in parallel.
pub fn derive(plan: &Plan, recording: &Recording) -> Counters {
    let mut counters = Counters::new(plan);
    counters.count_steps(plan, recording.steps);
    let neurons = plan.neurons().max(1);
    let mut spikes = vec![0_u64; neurons as usize];
    for spike in &recording.spikes {
        spikes[(spike.neuron % neurons) as usize] += 1;
    }
    let of = |first: u32, size: u32| &spikes[first as usize..(first + size) as usize];
    for (count, population) in counters.spikes.iter_mut().zip(&plan.populations) {
        *count = of(population.first_neuron, population.size).iter().sum();
    }
    for (count, projection) in counters.synaptic_events.iter_mut().zip(&plan.projections) {
        let pre = &plan.populations[projection.pre.index()];
        let rows = of(pre.first_neuron, pre.size).par_iter().zip(0_u32..pre.size);
        let spiking = rows.filter(|(spikes, _)| **spikes > 0);
        *count = spiking.map(|(spikes, i)| spikes * u64::from(projection.rows.len(i))).sum();
    }
    for (count, projection) in counters.post_events.iter_mut().zip(&plan.projections) {
        let synapse = projection.synapse.as_deref();
        let counts = |synapse: &SynapsePlan| {
            synapse.counts_spikes_of_targets() && synapse.follows_from_spikes()
        };
        if synapse.is_some_and(counts) {
            let post = &plan.populations[projection.post.index()];
            let targets = of(post.first_neuron, post.size);
            let of_row = |row| {
                let mut events = 0;
                projection.rows.for_each(row, |synapse| events += targets[synapse.target as usize]);
                events
            };
            *count = (0..projection.rows.rows()).into_par_iter().map(of_row).sum();
        }
    }
    counters.stimulus_events = poisson_events(plan, recording.steps);
    counters
}

/// The events of each Poisson stimulus of the network in steps `0..steps`.
fn poisson_events(plan: &Plan, steps: u32) -> Vec<u64> {
    let network = &plan.network;
    let mut stream = network.populations.len() as u32;
    let mut all = Vec::new();
    for stimulus in &network.stimuli {
        let StimulusKind::Poisson { events_per_step, rates, .. } = &stimulus.kind else {
            stream += u32::from(matches!(stimulus.kind, StimulusKind::Noise { .. }));
            continue;
        };
        let tables = random::poisson_tables(*events_per_step);
        let size = network.population(stimulus.population).size;
        let first = stream;
        let of_step = |step: u32| {
            let mut events = 0;
            for (table, stream) in tables.iter().zip(first..) {
                for copy in 0..plan.batch {
                    let count = |i| {
                        let drawn = random::poisson(table, plan.seed, i, step, stream, copy);
                        let Some(rates) = rates else { return drawn };
                        let keep = random::keep_word(rates.value(step, i), *events_per_step);
                        random::kept(drawn, keep, plan.seed, i, step, stream, copy)
                    };
                    events += (0..size).map(|i| u64::from(count(i))).sum::<u64>();
                }
            }
            events
        };
        let on = stimulus.start_step..stimulus.stop_step.min(steps).max(stimulus.start_step);
        all.push(on.into_par_iter().map(of_step).sum());
        stream += tables.len() as u32;
    }
    all
}
