//! Exact counts of what a run did.

use isospike_core::plan::{Plan, PopulationPlanKind, ProjectionPlan};
use isospike_core::record::Spike;

/// The synaptic events of each projection: every spike of its source counts each synapse of the
/// spiking neuron's row, at emission (`docs/semantics.md` 6.1).
pub fn synaptic_events(plan: &Plan, spikes: &[Spike]) -> Vec<u64> {
    let neurons = plan.neurons().max(1);
    let mut counts = vec![0_u32; neurons as usize];
    for spike in spikes {
        counts[(spike.neuron % neurons) as usize] += 1;
    }
    let events = |projection: &ProjectionPlan| {
        let first = plan.populations[projection.pre.index()].first_neuron as usize;
        sum_rows(projection.rows.rows(), |i| match counts[first + i as usize] {
            0 => 0,
            count => u64::from(count) * u64::from(projection.rows.len(i)),
        })
    };
    plan.projections.iter().map(events).collect()
}

/// The neuron updates of `steps` steps: one for each neuron that runs a program, in each copy
/// (`docs/semantics.md` 6.3).
pub fn neuron_updates(plan: &Plan, steps: u32) -> u64 {
    let programs = plan.populations.iter().map(|population| match population.kind {
        PopulationPlanKind::Neurons(_) => u64::from(population.size),
        PopulationPlanKind::SpikeList(_) => 0,
    });
    programs.sum::<u64>() * u64::from(plan.batch) * u64::from(steps)
}

/// The sum of `f(0..rows)`, over all cores: the length of a random row takes drawing it.
fn sum_rows(rows: u32, f: impl Fn(u32) -> u64 + Sync) -> u64 {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u32;
    let f = &f;
    std::thread::scope(|scope| {
        let part =
            |thread| scope.spawn(move || (thread..rows).step_by(threads as usize).map(f).sum());
        let parts: Vec<_> = (0..threads).map(part).collect();
        // A panic of `f` is ours, not the part's: pass it on.
        let join = |part: std::thread::ScopedJoinHandle<'_, u64>| match part.join() {
            Ok(sum) => sum,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        parts.into_iter().map(join).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spike_lists_are_not_updated() {
        // Three neurons and a list of one.
        let plan = Plan { batch: 2, ..crate::fake::plan() };
        assert_eq!(neuron_updates(&plan, 1000), 6000);
    }

    #[test]
    fn every_row_counts_once() {
        assert_eq!(sum_rows(1001, u64::from), 500_500);
        assert_eq!(sum_rows(0, |_| 1), 0);
    }
}
