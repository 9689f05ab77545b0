//! Faults that only show where several features meet: level 9.

use crate::Mutant;
use crate::delivery::rewire;
use crate::wrong::{Told, naive, projections, told};
use isospike_conformance::suite::Level::{Networks, Synapses};
use isospike_core::plan::{Plan, ProjectionPlan};
use isospike_core::run::record::Recording;

/// Faults that no case of one feature shows.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "drawn_wide_batch_cut", expected: Networks, backend: || projections(drawn_wide_batch_cut),
        what: "In a batch, 32-bit weights of rows that are drawn at the spike lose their last byte." },
    Mutant { name: "samples_by_neuron", expected: Synapses, backend: || told(naive(), Told { record: samples_by_neuron, ..Told::default() }),
        what: "A sample of a probe in a batch comes neuron by neuron, not copy by copy." },
];

fn drawn_wide_batch_cut(plan: &mut Plan) {
    let is_meant = |p: &ProjectionPlan| p.procedural && p.weight_bits == 32;
    if plan.batch > 1 && plan.projections.iter().any(is_meant) {
        rewire(plan, |projection, _, row| {
            if is_meant(projection) {
                row.iter_mut().for_each(|synapse| synapse.weight = (synapse.weight >> 8) << 8);
            }
        });
    }
}

fn samples_by_neuron(plan: &Plan, record: &mut Recording, before: &[usize]) {
    let (traces, before) = (&mut record.traces, &before[1..]);
    for ((probe, trace), from) in plan.probes.iter().zip(traces).zip(before) {
        let (width, copies) = (probe.neurons.len(), plan.batch as usize);
        for sample in trace[*from..].chunks_mut((width * copies).max(1)) {
            let old = sample.to_vec();
            for (at, word) in sample.iter_mut().enumerate() {
                *word = old[at % copies * width + at / copies];
            }
        }
    }
}
