//! Post events at a condition on the target, in place of its spikes: their steps, the values that
//! the condition reads, their counts.

use super::{CELLS, Network, compile, floats, models, weights};
use isospike_core::base::id::Side;
use isospike_core::describe::checked::PopulationKind;
use isospike_core::describe::model::{Expr, Stmt};
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::plan::synapse::SynapsePart;
use isospike_core::run::counters::{Counters, InDegrees, derive};
use isospike_core::run::record::Recording;
use std::sync::Arc;

/// A source that spikes in steps 2, 5 and 9 onto a cell a step away, which is forced to spike in
/// steps 3 and 7 and then forgets what arrived. Arrivals are in steps 3, 6 and 10.
fn plan() -> Plan {
    let (pre, post) = ([(2, 0), (5, 0), (9, 0)], [(3, 0), (7, 0)]);
    let network = Network::pair(&pre, &post, models::conditioned(), (0.5, 1));
    let mut network = network.checked();
    let PopulationKind::Neurons { model, .. } = &mut network.populations[CELLS.index()].kind else {
        unreachable!("cells are neurons")
    };
    Arc::make_mut(model).reset = vec![Stmt::SetState(0, Expr::Number(0.0))];
    lower(Arc::new(network))
}

#[test]
fn post_events_come_where_the_condition_holds_before_the_reset() {
    let plan = plan();
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    let (mut w, mut y, mut last) = (0.5_f64, 0.0_f64, 0);
    let decay = |steps: u32| libm::exp(-0.1 * f64::from(steps) / models::STDP[1]);
    for step in 0..20 {
        simulation.run(1, &mut record).unwrap();
        // The cell spikes in step 3, too, and alone in step 7.
        if [3, 6, 10].contains(&step) {
            let now = y * decay(step - last);
            w += 0.125 - now / 64.0;
            (y, last) = (now + 1.0, step);
        }
        let found = f64::from(weights(&plan, simulation.as_mut())[0]);
        assert!((found - w).abs() < 1e-6, "step {step}: {found}, not {w}");
    }
    let trace = floats(&plan, simulation.as_mut(), SynapsePart::Trace(Side::Post, 0, "y"));
    assert!((f64::from(trace[0]) - y).abs() < 1e-5, "{trace:?}, not {y}");
    assert_eq!(record.spikes.iter().filter(|spike| spike.neuron == 2).count(), 2);
}

#[test]
fn conditions_count_and_spikes_do_not() {
    let plan = plan();
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    simulation.run(20, &mut record).unwrap();
    let counted = simulation.counters().unwrap();
    assert_eq!(counted.post_events, [0, 3]);
    assert_eq!(counted.clone().of_spikes(&plan), derive(&plan, &record));
    // Backends do not count them from spikes.
    let degrees = InDegrees::new(&plan);
    assert!(degrees.is_empty());
    let mut noted = Counters::new(&plan);
    degrees.note(&record.spikes, &mut noted);
    assert_eq!(noted.post_events, [0, 0]);
}
