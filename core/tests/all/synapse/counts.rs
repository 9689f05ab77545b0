//! Post events: counted by the oracle, derived from spikes, and by the in-degrees that backends
//! have.

use super::{Network, compile, models, trains};
use isospike_core::connect::Rule;
use isospike_core::connect::rule::FixedTotalNumber;
use isospike_core::run::counters::{Counters, InDegrees, derive};
use isospike_core::run::record::Recording;

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
