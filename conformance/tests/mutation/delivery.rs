//! Faults of what happens between a spike and its targets: level 6.

use crate::Mutant;
use crate::neurons::one_less;
use crate::tampered::Tamper;
use crate::wrong::{Told, device, naive, projections, told};
use isospike_conformance::suite::Level::{Delivery, Examples, Neurons};
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::connect::{RowSite, RowSource, Synapse};
use isospike_core::device::Launch;
use isospike_core::oracle::kernel::Machine;
use isospike_core::plan::{Plan, PopulationPlanKind, ProjectionPlan};
use isospike_core::run::counters::Counters;

/// Faults of rows and rings.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "delay_late", expected: Delivery, backend: || projections(|plan| rewire(plan, |_, _, row| each(row, |s| s.delay_steps += 1))),
        what: "Every spike arrives one step late." },
    Mutant { name: "delay_of_one_late", expected: Delivery, backend: || projections(last_projection_late),
        what: "The spikes of the last projection arrive one step late." },
    Mutant { name: "longest_delay_early", expected: Delivery, backend: || projections(longest_delay_early),
        what: "Synapses of the largest delay of the network deliver one step early." },
    Mutant { name: "ring_short", expected: Delivery, backend: || projections(|plan| plan.max_delay_steps = plan.max_delay_steps.div_ceil(2)),
        what: "The ring of accumulators holds half of the largest delay: slots are taken twice." },
    Mutant { name: "synapse_lost", expected: Delivery, backend: || projections(|plan| rewire(plan, |_, _, row| row.truncate(row.len().saturating_sub(1)))),
        what: "The last synapse of each row is lost." },
    Mutant { name: "row_lost", expected: Delivery, backend: || projections(|plan| rewire(plan, last_row_lost)),
        what: "The last source of a projection has no synapses." },
    Mutant { name: "giant_row_cut", expected: Delivery, backend: || projections(|plan| rewire(plan, |_, _, row| row.truncate(1 << 16))),
        what: "Of a row at most 65,536 synapses are kept." },
    Mutant { name: "autapses_dropped", expected: Delivery, backend: || projections(|plan| rewire(plan, no_autapses)),
        what: "No neuron connects to itself." },
    Mutant { name: "multapses_counted_once", expected: Delivery, backend: || projections(|plan| rewire(plan, no_multapses)),
        what: "Of several synapses between two neurons one is kept." },
    Mutant { name: "weight_toward_zero", expected: Delivery, backend: || projections(|plan| rewire(plan, |_, _, row| each(row, |s| s.weight -= s.weight % 2))),
        what: "Weights have one bit less, cut toward zero." },
    Mutant { name: "wide_weight_cut", expected: Delivery, backend: || projections(|plan| rewire(plan, |p, _, row| each(row, |s| if p.weight_bits == 32 { s.weight = (s.weight >> 8) << 8 }))),
        what: "The last byte of 32-bit weights is lost." },
    Mutant { name: "receptors_swapped", expected: Delivery, backend: || projections(receptors_swapped),
        what: "Where a neuron has two receptors, spikes reach the other one." },
    Mutant { name: "spike_list_late", expected: Delivery, backend: || projections(spike_list_late),
        what: "Spike lists are a step late." },
    Mutant { name: "deliver_first", expected: Delivery, backend: || device(DeliverFirst),
        what: "A step delivers before it updates: no spike is in the list." },
    Mutant { name: "synaptic_event_uncounted", expected: Delivery, backend: || told(naive(), Told { counters: |_, c| one_less(&mut c.synaptic_events), ..Told::default() }),
        what: "One event of the first projection that has any is not counted." },
    Mutant { name: "one_copy_counted", expected: Neurons, backend: || told(naive(), Told { counters: one_copy, ..Told::default() }),
        what: "Updates are counted in one copy of a batch." },
    Mutant { name: "source_ten_bits", expected: Examples, backend: || projections(|plan| rewire(plan, |_, source, row| row.truncate(if source < 1024 { usize::MAX } else { 0 }))),
        what: "Sources above 1023 have no synapses, as if numbered with ten bits." },
];

/// Every row as `change` leaves it, as an explicit list; a projection without any change keeps its
/// rows, so that a rewiring draws other synapses as before. The range of delays never shrinks: the
/// words of a state depend on it, as spikes that may still be on their way are not in traces.
pub fn rewire(plan: &mut Plan, change: impl Fn(&ProjectionPlan, u32, &mut Vec<Synapse>)) {
    for projection in &mut plan.projections {
        let (mut list, mut is_changed) = (Vec::new(), false);
        for pre in 0..projection.rows.rows() {
            let mut row = Vec::new();
            projection.rows.for_each(pre, |synapse| row.push(synapse));
            let before = row.clone();
            change(projection, pre, &mut row);
            is_changed |= row != before;
            list.extend(row.iter().map(|synapse| ExplicitSynapse {
                pre,
                post: synapse.target,
                weight: Some(f64::from(synapse.weight)),
                delay_steps: Some(synapse.delay_steps),
            }));
        }
        if !is_changed {
            continue;
        }
        let delays = || list.iter().filter_map(|synapse| synapse.delay_steps);
        let (least, largest) = (&mut projection.min_delay_steps, &mut projection.max_delay_steps);
        *least = delays().min().map_or(*least, |delay| delay.min(*least));
        *largest = delays().max().map_or(*largest, |delay| delay.max(*largest));
        let shape = projection.rows.site();
        let site = RowSite {
            seed: shape.seed,
            projection: shape.projection,
            rows: shape.rows,
            targets: shape.targets,
            skip_self: false,
            weight: shape.weight.clone(),
            delay: shape.delay.clone(),
        };
        projection.rows =
            RowSource::new(site, &Rule::Explicit(Explicit(list.into())), |w| w as i32);
    }
    plan.max_delay_steps = ProjectionPlan::farthest_steps(&plan.projections);
}

fn each(row: &mut [Synapse], change: impl Fn(&mut Synapse)) {
    row.iter_mut().for_each(change);
}

fn last_projection_late(plan: &mut Plan) {
    let Some(last) = plan.projections.last().map(|p| p.name.clone()) else { return };
    rewire(plan, |projection, _, row| {
        each(row, |s| s.delay_steps += u32::from(projection.name == last));
    });
}

fn longest_delay_early(plan: &mut Plan) {
    let longest = plan.max_delay_steps;
    rewire(plan, |_, _, row| {
        each(row, |s| s.delay_steps -= u32::from(longest > 1 && s.delay_steps == longest));
    });
}

fn last_row_lost(projection: &ProjectionPlan, pre: u32, row: &mut Vec<Synapse>) {
    if pre + 1 == projection.rows.rows() {
        row.clear();
    }
}

fn no_autapses(projection: &ProjectionPlan, pre: u32, row: &mut Vec<Synapse>) {
    row.retain(|synapse| projection.pre != projection.post || synapse.target != pre);
}

fn no_multapses(_: &ProjectionPlan, _: u32, row: &mut Vec<Synapse>) {
    let mut seen = std::collections::BTreeSet::new();
    row.retain(|synapse| seen.insert(synapse.target));
}

fn receptors_swapped(plan: &mut Plan) {
    for projection in &mut plan.projections {
        let post = &plan.populations[projection.post.index()];
        if let PopulationPlanKind::Neurons(neurons) = &post.kind
            && neurons.receptors == 2
        {
            projection.receptor = 2 * neurons.first_receptor + 1 - projection.receptor;
        }
    }
}

fn spike_list_late(plan: &mut Plan) {
    for population in &mut plan.populations {
        if let PopulationPlanKind::SpikeList(list) = &mut population.kind {
            *list = list.iter().map(|(step, neuron)| (step + 1, *neuron)).collect();
        }
    }
}

#[derive(Clone)]
struct DeliverFirst;

impl Tamper for DeliverFirst {
    fn batch(&self, batch: &mut Vec<Launch<'_, Machine>>) {
        batch.sort_by_key(|launch| !launch.kernel.name.starts_with("deliver"));
    }
}

fn one_copy(plan: &Plan, counters: &mut Counters) {
    for updates in &mut counters.neuron_updates {
        *updates /= u64::from(plan.batch);
    }
}
