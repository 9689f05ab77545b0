//! Counts derived from spikes, degrees, and differences of counts.

use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::counters::{Counters, Figures, OutDegrees, derive};
use isospike_core::run::record::{Recording, Spike};
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;

/// A list of two neurons, three neurons; one projection of four synapses, two of them of the same
/// pair; a Poisson stimulus of two tables between two currents.
const NETWORK: &str = r#"
[network]
dt = "1 ms"
duration = "20 ms"
seed = 3
batch = 2

[population.list]
size = 2
model = "spike_list"
spikes = [["1 ms", 0], ["2 ms", 1], ["4 ms", 0]]

[population.n]
size = 3
model = "lif_delta"
parameters = { tau_m = "20 ms", e_l = "0 mV", v_th = "1 V", v_reset = "10 mV", t_ref = "2 ms" }

[projection.kick]
from = "list"
to = "n"
connect = { list = [[0, 0], [0, 0], [0, 2], [1, 1]] }
weight = "1 mV"

[stimulus.constant]
population = "n"
kind = "current"
amplitude = "1 pA"

[stimulus.events]
population = "n"
kind = "poisson"
rate = "12 kHz"
weight = "0.1 mV"
start = "5 ms"
stop = "8 ms"

[stimulus.noise]
population = "n"
kind = "noise"
mean = "0 pA"
sd = "1 pA"
"#;

fn plan() -> Plan {
    let network = file::parse(NETWORK, "net.toml", Path::new("."), &[]).unwrap();
    lower(Arc::new(network.check(Limits::default()).unwrap()))
}

fn recording(plan: &Plan) -> Recording {
    let spike = |step, neuron| Spike { step, neuron };
    // Both copies of the list; neurons 5 and 6 are the list of copy 1.
    let spikes = vec![spike(1, 0), spike(1, 5), spike(2, 1), spike(2, 6), spike(4, 0), spike(4, 5)];
    Recording { steps: 20, spikes, ..Recording::new(plan) }
}

#[test]
fn the_plan_says_which_streams_belong_to_a_stimulus() {
    let plan = plan();
    assert_eq!(plan.stimuli.len(), 1, "currents and noise have no events");
    let events = &plan.stimuli[0];
    assert_eq!((events.name.as_str(), events.population.index()), ("events", 1));
    // Two populations come first; 12 events per step take two tables.
    assert_eq!(events.streams, 2..4);
    assert_eq!([4, 5, 7, 8].map(|step| events.is_on(step)), [false, true, true, false]);
}

#[test]
fn a_run_is_counted_again_from_its_spikes() {
    let plan = plan();
    let counters = derive(&plan, &recording(&plan));
    assert_eq!(counters.steps, 20);
    assert_eq!(counters.spikes, [6, 0]);
    // 3 neurons, 2 copies, 20 steps; a list has nothing to update.
    assert_eq!(counters.neuron_updates, [0, 120]);
    // Four spikes of three synapses, two of one.
    assert_eq!(counters.synaptic_events, [14]);
    // 12 events in each of 3 steps for 6 neurons: 216 expected, and a standard deviation of 15.
    assert!((130..300).contains(&counters.stimulus_events[0]), "{counters:?}");
}

#[test]
fn degrees_count_what_is_derived() {
    let plan = plan();
    let recording = recording(&plan);
    let mut built = OutDegrees::new(&plan, |_| false);
    assert_eq!(built.columns(), [0]);
    built.populations_mut()[0].copy_from_slice(&[3, 1]);
    assert_eq!(built.rows_mut(&plan, 1..3), [&mut [1][..], &mut []]);
    let mut learnt = OutDegrees::new(&plan, |_| true);
    let expected = derive(&plan, &recording);
    for degrees in [&mut built, &mut learnt] {
        let mut counters = Counters::new(&plan);
        degrees.note(&plan, &recording.spikes, &mut counters);
        degrees.forget();
        degrees.note(&plan, &recording.spikes[..2], &mut counters);
        degrees.settle(&plan, &mut counters);
        assert_eq!((counters.spikes[0], counters.synaptic_events[0]), (2, 6));
        degrees.note(&plan, &recording.spikes[2..3], &mut counters);
        degrees.note(&plan, &recording.spikes[3..], &mut counters);
        degrees.settle(&plan, &mut counters);
        degrees.settle(&plan, &mut counters);
        assert_eq!(counters.spikes, expected.spikes);
        assert_eq!(counters.synaptic_events, expected.synaptic_events);
    }
}

#[test]
fn parts_add_up_and_differences_are_named() {
    let plan = plan();
    let whole = derive(&plan, &recording(&plan));
    let mut sum = Counters::new(&plan);
    let half = Counters { steps: 8, synaptic_events: vec![5], ..Counters::new(&plan) };
    sum.add(&half);
    sum.add(&whole.since(&half));
    assert_eq!(sum, whole);
    assert_eq!(whole.first_difference(&sum, &plan), None);
    sum.synaptic_events[0] += 1;
    sum.stimulus_events[0] += 1;
    let difference = whole.first_difference(&sum, &plan).unwrap();
    assert_eq!(difference.to_string(), "synaptic events of projection kick: 14 and 15");
    sum.spikes.pop();
    let difference = whole.first_difference(&sum, &plan).unwrap();
    assert_eq!(difference.to_string(), "spikes of population n: 0 and none");
    sum.steps = 7;
    let difference = whole.first_difference(&sum, &plan).unwrap();
    assert_eq!(difference.to_string(), "steps: 20 and 7");
}

#[test]
fn figures_follow_from_counts_and_sizes() {
    let plan = plan();
    let figures = Figures::new(&plan, &derive(&plan, &recording(&plan)));
    // 6 spikes of 2 neurons in 2 copies of 20 steps; none of the three others.
    assert_eq!(figures.activation_sparsity, [Some(74.0 / 80.0), Some(1.0)]);
    assert_eq!(figures.total_activation_sparsity, Some(194.0 / 200.0));
    // A matrix of 2 * 3, in 40 executions.
    assert_eq!(figures.dense_operations, [240]);
    assert_eq!(figures.connection_sparsity, [Some(2.0 / 6.0)]);
    let operations = figures.synaptic_operations.unwrap();
    assert_eq!((operations.effective_acs, operations.dense), (14.0 / 40.0, 6.0));
    let nothing = Figures::new(&plan, &Counters::new(&plan));
    assert_eq!((nothing.total_activation_sparsity, nothing.synaptic_operations), (None, None));
}
