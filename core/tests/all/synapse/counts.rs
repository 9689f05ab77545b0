//! Post events and clocked events: counted by the oracle, derived from spikes and steps, and by the
//! in-degrees that backends have.

use super::{Network, compile, models, trains};
use isospike_core::connect::Rule;
use isospike_core::connect::rule::FixedTotalNumber;
use isospike_core::describe::synapse::{ClockedDef, EventProgram};
use isospike_core::run::counters::{Counters, InDegrees, derive};
use isospike_core::run::record::Recording;
use std::sync::Arc;

const STEPS: u32 = 300;

#[test]
fn post_events_are_spikes_times_in_degrees() {
    let (pre, post) = (trains(1, 4, STEPS, (3, 30)), trains(9, 3, STEPS, (3, 30)));
    for learns_from_targets in [true, false] {
        let synapse = match learns_from_targets {
            true => models::stdp(1.0),
            false => models::tsodyks_markram(0.5, 100.0, 10.0),
        };
        let network = Network {
            sources: (4, &pre),
            cells: (3, &post),
            rule: Rule::FixedTotalNumber(FixedTotalNumber(25)),
            batch: 2,
            ..Network::pair(&[], &[], synapse, (0.5, 3))
        };
        let plan = network.plan();
        let mut simulation = compile(&plan);
        let mut record = Recording::new(&plan);
        simulation.run(STEPS, &mut record).unwrap();
        let counted = simulation.counters().unwrap();
        assert_eq!(counted, derive(&plan, &record));
        // Projection 0 forces the cells to spike and does not learn.
        assert_eq!(counted.post_events[0], 0);
        assert_eq!(counted.post_events[1] > 0, learns_from_targets);
        let degrees = InDegrees::new(&plan);
        assert_eq!(degrees.is_empty(), !learns_from_targets);
        assert_eq!(degrees.bytes(), if learns_from_targets { 12 } else { 0 });
        let mut noted = Counters::new(&plan);
        let (first, last) = record.spikes.split_at(7);
        degrees.note(first, &mut noted);
        degrees.note(last, &mut noted);
        assert_eq!(noted.post_events, counted.post_events);
        let mut more = counted.clone();
        more.post_events[1] += 1;
        let difference = counted.first_difference(&more, &plan).unwrap();
        assert!(difference.to_string().starts_with("post events of projection learns: "));
        assert_eq!(more.since(&counted).post_events, [0, 1]);
    }
}

#[test]
fn clocked_events_are_blocks_times_synapses() {
    let mut synapse = models::stdp(1.0);
    let block = ClockedDef { period: models::num(1.0), program: EventProgram::default() };
    Arc::make_mut(&mut synapse.model).every = vec![block.clone(), block];
    synapse.period_steps = vec![7, 300];
    let network = Network {
        sources: (4, &[]),
        cells: (3, &[]),
        rule: Rule::FixedTotalNumber(FixedTotalNumber(25)),
        batch: 2,
        ..Network::pair(&[], &[], synapse, (0.5, 3))
    };
    let plan = network.plan();
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    simulation.run(STEPS, &mut record).unwrap();
    let counted = simulation.counters().unwrap();
    // 42 periods of 7 steps and one of 300.
    assert_eq!(counted.clocked_events, [0, 43 * 25 * 2]);
    assert_eq!(counted, derive(&plan, &record));
    let mut noted = Counters::new(&plan);
    [6, 1, 0, 13, STEPS - 20].into_iter().for_each(|steps| noted.count_steps(&plan, steps));
    assert_eq!(noted.clocked_events, counted.clocked_events);
    let mut more = counted.clone();
    more.clocked_events[1] += 1;
    let difference = counted.first_difference(&more, &plan).unwrap();
    assert!(difference.to_string().starts_with("clocked events of projection learns: "));
    assert_eq!(more.since(&counted).clocked_events, [0, 1]);
}
