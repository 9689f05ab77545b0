//! The estimate of the bytes moved, against numbers counted by hand.

use crate::tiny::{Synapse, lif, neuron, plan, probe};
use isospike_core::base::id::PopulationId;
use isospike_core::base::random::PoissonTable;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::FixedOutDegree;
use isospike_core::connect::{Draw, RowSite, RowSource};
use isospike_core::device::kernels::share::Sharing;
use isospike_core::device::traffic::{EventTraffic, Traffic, TrafficEstimate};
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Input, Op, Output};
use isospike_core::plan::{Plan, Words};

fn traffic(read_bytes: f64, written_bytes: f64, atomics: f64) -> Traffic {
    Traffic { read_bytes, written_bytes, atomics }
}

#[test]
fn an_update_reads_and_writes_what_a_neuron_has() {
    let mut plan = plan(lif(None), 3, &[(0, 0)], &[], &[]);
    // A probe is no part of an update.
    plan.probes = vec![probe(&[0], 1)];
    let estimate = TrafficEstimate::new(&plan).unwrap();
    let update = &estimate.updates[0];
    assert_eq!(estimate.updates.len(), 1, "a spike list is not updated");
    assert_eq!(update.population, PopulationId(1));
    // v, refractory counter, accumulator.
    assert_eq!(update.neuron, traffic(12.0, 12.0, 0.0));
    // The place in the list, the neuron's id there, the bit in the raster.
    assert_eq!(update.spike, traffic(0.0, 4.0, 2.0));
    assert_eq!(update.spike.bytes(), 20.0);
    assert_eq!((update.neuron.bytes(), update.least_bytes), (24.0, 24.0));
    assert!(estimate.events.is_empty());
}

#[test]
fn a_poisson_table_is_looked_into_once() {
    let plan = plan(lif(Some(PoissonTable::new(0.9))), 3, &[(0, 0)], &[], &[]);
    let update = &TrafficEstimate::new(&plan).unwrap().updates[0];
    // And the neuron's own word of counts.
    assert_eq!(update.neuron, traffic(20.0, 16.0, 0.0));
    assert_eq!(update.least_bytes, 24.0);
}

#[test]
fn a_neuron_that_never_spikes_and_constants_of_its_own() {
    let mut ops = Builder::new();
    let v = ops.input(Input::State(0));
    let shared = ops.input(Input::Parameter(0));
    let own = ops.input(Input::Parameter(1));
    let sum = ops.emit(Op::FAdd(v, own));
    let next = ops.emit(Op::FMul(sum, shared));
    let program = ops.program(vec![(Output::State(0), next)]);
    let constants = vec![Words::All(0), Words::Each(vec![0, 0].into())];
    let plan = plan(neuron(program, 0, constants, Vec::new()), 2, &[], &[], &[]);
    let update = &TrafficEstimate::new(&plan).unwrap().updates[0];
    assert_eq!(update.neuron, traffic(8.0, 4.0, 0.0));
    assert_eq!(update.spike, traffic(0.0, 0.0, 0.0));
    assert_eq!(update.least_bytes, 12.0);
}

fn only(plan: &Plan) -> EventTraffic {
    let estimate = TrafficEstimate::new(plan).unwrap();
    assert_eq!(estimate.events.len(), 1);
    estimate.events[0].clone()
}

#[test]
fn a_stored_event_reads_two_words_and_its_part_of_the_row() {
    let from_list = [(0, 0, 9, 1), (0, 1, 9, 2), (1, 2, 9, 3)];
    let from_cells = [(0, 1, -2, 1)];
    let event = only(&plan(lif(None), 3, &[(0, 0)], &from_list, &from_cells));
    assert_eq!((event.projections, event.synapses), (vec![0, 1], 4));
    // Rows of 2, 1, 1, 0 and 0.
    assert_eq!(event.sharing, Sharing { team: 2, segment: 8, segments: 1 });
    // Five spikes of one word and two row starts each, for four synapses of two words.
    assert_eq!(event.event, traffic(8.0 + 5.0 * 12.0 / 4.0, 0.0, 1.0));
    assert_eq!(event.event.bytes(), 31.0);
    // One of 3 targets in 2 bits, 16 of weight, one of 3 delays in 2 bits for three of the four.
    assert_eq!(event.least_bytes, 8.0 + (3.0 * 20.0 + 18.0) / 4.0 / 8.0);
}

#[test]
fn a_wide_weight_is_a_word_more() {
    let event = only(&plan(lif(None), 3, &[(0, 0)], &[(0, 0, 100_000, 1)], &[]));
    // Five spikes, four of them of sources whose row is empty.
    assert_eq!(event.event, traffic(12.0 + 5.0 * 12.0, 0.0, 1.0));
    assert_eq!(event.least_bytes, 8.0 + 34.0 / 8.0);
}

#[test]
fn every_segment_of_a_row_finds_it_again() {
    let row: Vec<Synapse> = (0..1024).map(|j| (0, j % 2, 1, 1)).collect();
    let event = only(&plan(lif(None), 2, &[(0, 0)], &row, &[]));
    // Four neurons, three of them without a synapse.
    assert_eq!(event.sharing, Sharing { team: 128, segment: 512, segments: 2 });
    let finding = 2.0 * 4.0 * 12.0 / 1024.0;
    assert_eq!(event.event, traffic(8.0 + finding, 0.0, 1.0));
}

#[test]
fn a_drawn_event_reads_nothing_but_its_tables_and_the_spike() {
    let mut plan = plan(lif(None), 30, &[(0, 0)], &[(0, 0, 1, 1)], &[]);
    let site = RowSite {
        seed: 0,
        projection: 1,
        rows: 30,
        targets: 30,
        skip_self: false,
        weight: Draw::Constant(1),
        delay: Draw::Uniform { lo: 1, span: 5 },
    };
    let rule = Rule::FixedOutDegree(FixedOutDegree { degree: 8, multapses: true });
    let recurrent = &mut plan.projections[1];
    recurrent.rows = RowSource::new(site, &rule, |weight| weight as i32);
    recurrent.procedural = true;
    let estimate = TrafficEstimate::new(&plan).unwrap();
    let event = &estimate.events[1];
    assert_eq!((event.projections.as_slice(), event.synapses), ([1].as_slice(), 240));
    assert_eq!(event.event, traffic(32.0 * 4.0 / 240.0, 0.0, 1.0));
    assert_eq!(event.least_bytes, 8.0);
}
