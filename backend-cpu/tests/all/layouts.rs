//! Every layout of synapses at its edges, against the oracle: full and empty chunks, bursts, long
//! delays, segments of more chunks than a header can count.

use crate::common::run::{assert_same, run};
use isospike_conformance::handbuilt::code::{Code, lif_population};
use isospike_conformance::handbuilt::{PlanBuilder, Values, neuron_plan, oracle, synapse};
use isospike_core::connect::Draw;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability,
};
use isospike_core::ir::{Input, Op};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use isospike_cpu::{CpuBackend, CpuSimulation, Delays, Layout, Options};

fn prepare(plan: &Plan, threads: usize) -> CpuSimulation {
    let options = Options { threads: Some(threads), ..Options::default() };
    CpuBackend::new(options).unwrap().prepare(plan).unwrap()
}

fn layouts(plan: &Plan, threads: usize) -> Vec<Layout> {
    prepare(plan, threads).layouts().iter().map(|choice| choice.layout).collect()
}

/// Neurons that spike in every step and remember the sum they received last.
fn always() -> NeuronPlan {
    let mut c = Code::default();
    let sum = c.input(Input::Receptor(0));
    let sum = c.op(Op::IToF(sum));
    let spike = c.op(Op::Bool(true));
    c.give(vec![sum], None, Some(spike));
    neuron_plan(c.0, vec![Words::All(0)])
}

/// Neurons that never spike and add up what they receive.
fn always_silent() -> NeuronPlan {
    let mut c = Code::default();
    let sum = c.input(Input::Receptor(0));
    let sum = c.op(Op::IToF(sum));
    let before = c.input(Input::State(0));
    let sum = c.op(Op::FAdd(before, sum));
    c.give(vec![sum], None, None);
    neuron_plan(c.0, vec![Words::All(0)])
}

fn uniform(lo: i32, span: u32) -> Draw {
    Draw::Uniform { lo, span }
}

fn out_degree(degree: u32) -> Rule {
    Rule::FixedOutDegree(FixedOutDegree { degree, multapses: true })
}

#[test]
fn everybody_spikes_in_every_step() {
    for batch in [1, 3] {
        let mut b = PlanBuilder::new(11, batch);
        let n = b.neurons("n", 700, 1, always());
        // Between two exchanges lie five steps, in which each neuron spikes five times.
        b.project(n, n, 0, &out_degree(90), Values::new(uniform(-500, 999), uniform(5, 3)));
        b.project(n, n, 0, &out_degree(40), Values::constant(77, 9));
        b.project(n, n, 0, &out_degree(5), Values::new(uniform(-50, 99), uniform(5, 30)));
        assert_eq!(
            layouts(&b.0, 1),
            [Layout::Chunks, Layout::Targets { weight: 77 }, Layout::Chunks]
        );
        let outcome = assert_same(&b.0, 40);
        assert_eq!(outcome.recording.spikes.len() as u32, 700 * 40 * batch);
    }
}

#[test]
fn rows_of_all_lengths_around_a_chunk() {
    let mut b = PlanBuilder::new(3, 1);
    let script: Vec<(u32, u32)> = (0..120).map(|t| (t, t % 60)).collect();
    let script = b.spike_list("script", 60, &script);
    let target = b.neurons("n", 300, 2, lif_population(0, 0.0));
    // Row i has i synapses of delay 2 and 60 - i of delay 7.
    let list = (0..60).flat_map(|row| {
        (0..60).map(move |j| {
            let delay = if j < row { 2 } else { 7 };
            synapse(row, (row * 37 + j * 11) % 300, 600 * (j as i32 - 20), delay)
        })
    });
    let rule = Rule::Explicit(Explicit(list.collect::<Vec<_>>().into()));
    b.project(script, target, 0, &rule, Values::constant(0, 1));
    assert_eq!(layouts(&b.0, 1), [Layout::Chunks]);
    assert_same(&b.0, 140);
}

#[test]
fn one_weight_and_one_delay() {
    let mut b = PlanBuilder::new(8, 2);
    let exc = b.neurons("exc", 500, 2, lif_population(15, 200.0));
    let inh = b.neurons("inh", 200, 2, lif_population(5, 190.0));
    let multapses = out_degree(50);
    b.project(exc, exc, 0, &multapses, Values::constant(900, 15));
    b.project(exc, inh, 0, &multapses, Values::constant(900, 8));
    // More than 16 bits: a weight that is the same for all needs no place in the rows.
    let wide = Values { weight_bits: 32, ..Values::constant(-70_000, 12) };
    b.project(inh, exc, 1, &Rule::FixedProbability(FixedProbability(0.1)), wide);
    let [excitation, inhibition] = [900, -70_000].map(|weight| Layout::Targets { weight });
    assert_eq!(layouts(&b.0, 2), [excitation, excitation, inhibition]);
    let outcome = assert_same(&b.0, 200);
    assert!(outcome.recording.spikes.len() > 1000, "{}", outcome.recording.spikes.len());
}

#[test]
fn few_synapses_of_one_weight_and_one_delay() {
    let mut b = PlanBuilder::new(8, 2);
    let n = b.neurons("n", 900, 2, lif_population(15, 200.0));
    b.project(n, n, 0, &out_degree(6), Values::constant(3000, 9));
    b.project(n, n, 1, &out_degree(3), Values::constant(-4000, 3));
    let single = |weight, delay_steps| Layout::Single { weight, delay_steps };
    assert_eq!(layouts(&b.0, 2), [single(3000, 9), single(-4000, 3)]);
    let outcome = assert_same(&b.0, 200);
    assert!(outcome.recording.spikes.len() > 1000, "{}", outcome.recording.spikes.len());
}

#[test]
fn few_synapses_of_many_weights() {
    let mut b = PlanBuilder::new(8, 2);
    let n = b.neurons("n", 900, 2, lif_population(15, 200.0));
    let weights = |lo, span, delay| Values::new(uniform(lo, span), delay);
    b.project(n, n, 0, &out_degree(6), weights(2000, 2001, Draw::Constant(9)));
    b.project(n, n, 1, &out_degree(3), weights(-6000, 4001, Draw::Constant(3)));
    b.project(n, n, 0, &out_degree(7), weights(-50, 101, uniform(1, 255)));
    b.project(n, n, 1, &out_degree(7), weights(-32_767, 65_535, uniform(1, 256)));
    let narrow = |delays| Layout::Narrow { delays };
    let one = |delay_steps| narrow(Delays::One { delay_steps });
    let several = [narrow(Delays::Byte), narrow(Delays::Word)];
    assert_eq!(layouts(&b.0, 2), [&[one(9), one(3)][..], &several].concat());
    let outcome = assert_same(&b.0, 300);
    assert!(outcome.recording.spikes.len() > 1000, "{}", outcome.recording.spikes.len());
}

#[test]
fn a_bit_for_each_target() {
    let mut b = PlanBuilder::new(8, 2);
    let exc = b.neurons("exc", 1500, 2, lif_population(15, 200.0));
    let inh = b.neurons("inh", 600, 2, lif_population(5, 190.0));
    // A sixth of the targets, some of them twice, in two populations side by side.
    b.project(exc, exc, 0, &out_degree(240), Values::constant(200, 15));
    b.project(
        exc,
        inh,
        0,
        &Rule::FixedInDegree(FixedInDegree { degree: 200, multapses: true }),
        Values::constant(200, 15),
    );
    // Most targets several times; more than 16 bits.
    let wide = Values { weight_bits: 32, ..Values::constant(-70_000, 2) };
    b.project(inh, exc, 1, &out_degree(4000), wide);
    b.project(
        inh,
        inh,
        1,
        &Rule::FixedProbability(FixedProbability(0.3)),
        Values::constant(-90, 1),
    );
    let bits = |source, weight, delay_steps| Layout::Bits { source, weight, delay_steps };
    let inhibition = [bits(1, -70_000, 2), bits(1, -90, 1)];
    assert_eq!(layouts(&b.0, 2), [&[bits(0, 200, 15); 2][..], &inhibition].concat());
    let outcome = assert_same(&b.0, 200);
    assert!(outcome.recording.spikes.len() > 1000, "{}", outcome.recording.spikes.len());
}

#[test]
fn a_weight_for_each_target() {
    let mut b = PlanBuilder::new(8, 2);
    let exc = b.neurons("exc", 500, 2, lif_population(15, 200.0));
    let inh = b.neurons("inh", 200, 2, lif_population(5, 190.0));
    b.project(
        exc,
        exc,
        0,
        &Rule::AllToAll(AllToAll),
        Values::new(uniform(-50, 200), Draw::Constant(3)),
    );
    b.project(
        exc,
        inh,
        0,
        &Rule::FixedProbability(FixedProbability(0.6)),
        Values::new(uniform(0, 300), Draw::Constant(3)),
    );
    // Several synapses onto each target, which together are more than 16 bits now and then.
    let large = Values::new(uniform(-20_000, 32_000), Draw::Constant(2));
    b.project(inh, exc, 1, &out_degree(1500), large);
    let dense = |source, delay_steps| Layout::Dense { source, delay_steps };
    assert_eq!(layouts(&b.0, 2), [dense(0, 3), dense(0, 3), dense(1, 2)]);
    let outcome = assert_same(&b.0, 200);
    assert!(outcome.recording.spikes.len() > 1000, "{}", outcome.recording.spikes.len());
}

#[test]
fn more_rows_in_a_step_than_a_byte_counts() {
    let mut b = PlanBuilder::new(11, 1);
    let n = b.neurons("n", 700, 1, always());
    b.project(n, n, 0, &out_degree(90), Values::constant(-3, 4));
    let silent = b.neurons("silent", 300, 1, always_silent());
    b.project(n, silent, 0, &Rule::AllToAll(AllToAll), Values::constant(5, 3));
    let bits = |weight, delay_steps| Layout::Bits { source: 0, weight, delay_steps };
    assert_eq!(layouts(&b.0, 1), [bits(-3, 4), bits(5, 3)]);
    assert_same(&b.0, 60);
}

#[test]
fn more_weights_than_stores() {
    let mut b = PlanBuilder::new(8, 1);
    let n = b.neurons("n", 400, 2, lif_population(15, 200.0));
    for k in 0..10 {
        b.project(n, n, 0, &out_degree(20), Values::constant(100 + k, 1 + k));
    }
    let wide = Values { weight_bits: 32, ..Values::constant(-70_000, 12) };
    b.project(n, n, 1, &out_degree(2), wide);
    let layout = layouts(&b.0, 1);
    assert!((100..108).zip(&layout).all(|(weight, l)| *l == Layout::Targets { weight }));
    assert_eq!(layout[8..], [Layout::Chunks, Layout::Chunks, Layout::Wide]);
    assert_same(&b.0, 100);
}

#[test]
fn delays_far_beyond_the_run() {
    let mut b = PlanBuilder::new(8, 1);
    let script = b.spike_list("script", 4, &[(0, 0), (3, 1), (3, 2), (900, 3)]);
    let target = b.neurons("n", 300, 2, lif_population(0, 0.0));
    b.project(script, target, 0, &out_degree(80), Values::constant(2000, 5000));
    let spread = Values::new(uniform(500, 900), uniform(1, 100));
    b.project(script, target, 0, &out_degree(3000), spread);
    let short = Values::new(uniform(500, 900), uniform(1, 1000));
    b.project(script, target, 1, &out_degree(300), short.clone());
    let layout = layouts(&b.0, 1);
    assert_eq!(layout[0], Layout::Bits { source: 0, weight: 2000, delay_steps: 5000 });
    assert_eq!(layout[1], Layout::Chunks);
    let expected = oracle::run(&b.0, 5100);
    for threads in [1, 2, 7] {
        assert!(run(&b.0, threads, &[900, 1, 4199]) == expected, "{threads}");
    }
    // Without the others, the sparse one is kept in rows.
    let mut b = PlanBuilder::new(8, 1);
    let script = b.spike_list("script", 4, &[(0, 0), (3, 1), (3, 2), (900, 3)]);
    let target = b.neurons("n", 300, 2, lif_population(0, 0.0));
    b.project(script, target, 1, &out_degree(300), short);
    assert_eq!(layouts(&b.0, 1), [Layout::Narrow { delays: Delays::Word }]);
    assert!(run(&b.0, 2, &[2000]) == oracle::run(&b.0, 2000));
}

#[test]
fn segments_of_more_chunks_than_a_header_counts() {
    let mut b = PlanBuilder::new(8, 1);
    let script = b.spike_list("script", 2, &[(0, 0), (1, 1), (2, 0)]);
    let target = b.neurons("n", 130, 2, lif_population(0, 0.0));
    let values = Values::new(uniform(-5, 11), uniform(1, 2));
    b.project(script, target, 0, &out_degree(1_200_000), values);
    assert_eq!(layouts(&b.0, 1), [Layout::Chunks]);
    let expected = oracle::run(&b.0, 6);
    for threads in [1, 2] {
        assert!(run(&b.0, threads, &[6]) == expected, "{threads}");
    }
}

#[test]
fn synapses_take_few_bytes() {
    let bytes = |degree: u32, values: Values, threads: usize| {
        let mut b = PlanBuilder::new(8, 1);
        let n = b.neurons("n", 3000, 1, always());
        b.project(n, n, 0, &out_degree(degree), values);
        prepare(&b.0, threads).synapse_bytes() as f64 / f64::from(3000 * degree)
    };
    let weights = || Values::new(uniform(-9, 19), uniform(1, 40));
    assert!(bytes(4000, weights(), 1) < 4.3);
    assert!(bytes(4000, weights(), 2) < 4.6);
    assert!(bytes(80, Values::constant(3, 1), 1) < 2.3);
    assert!(bytes(80, Values::constant(3, 1), 2) < 2.6);
    assert!(bytes(80, Values::constant(3, 1), 4) < 3.0);
    let one_delay = || Values::new(uniform(-9, 19), Draw::Constant(1));
    assert!(bytes(7, one_delay(), 1) < 5.8);
    assert!(bytes(90, Values::new(uniform(-9, 19), uniform(1, 40)), 1) < 5.5);
    assert!(bytes(90, Values::new(uniform(-9, 19), uniform(1, 400)), 1) < 6.6);
    // A bit for each target, and two bytes for those that are picked again.
    assert!(bytes(300, Values::constant(3, 1), 1) < 1.7);
    let constant_delay = || Values::new(uniform(-9, 19), Draw::Constant(1));
    assert!(bytes(1600, constant_delay(), 1) < 4.0);
    assert!(bytes(3000, constant_delay(), 2) < 2.1);
}

/// A few sources and many targets, which are several tens of thousands apart at most.
#[test]
fn targets_far_apart_are_kept_by_their_distances() {
    let mut b = PlanBuilder::new(8, 1);
    let script: Vec<(u32, u32)> = (0..300).map(|i| (i / 30, i)).collect();
    let script = b.spike_list("script", 300, &script);
    let n = b.neurons("n", 700_000, 1, always_silent());
    b.project(script, n, 0, &out_degree(80), Values::constant(3, 2));
    b.project(script, n, 0, &out_degree(80), Values::new(uniform(-90, 99), Draw::Constant(2)));
    b.project(script, n, 0, &out_degree(80), Values::new(uniform(-90, 99), uniform(1, 9)));
    let one_delay = Layout::Narrow { delays: Delays::One { delay_steps: 2 } };
    let several = Layout::Narrow { delays: Delays::Byte };
    let single = Layout::Single { weight: 3, delay_steps: 2 };
    assert_eq!(layouts(&b.0, 2), [single, one_delay, several]);
    let bytes = prepare(&b.0, 2).synapse_bytes() as f64 / f64::from(3 * 300 * 80);
    assert!(bytes < (2.9 + 5.2 + 5.8) / 3.0, "{bytes}");
    let expected = oracle::run(&b.0, 14);
    for threads in [1, 2, 3] {
        assert!(run(&b.0, threads, &[14]) == expected, "{threads}");
    }
    // With so few, a distance would often need more than 16 bits.
    let mut b = PlanBuilder::new(8, 1);
    let script = b.spike_list("script", 2, &[(0, 0), (1, 1)]);
    let n = b.neurons("n", 700_000, 1, always_silent());
    b.project(script, n, 0, &out_degree(7), Values::constant(3, 2));
    assert_eq!(layouts(&b.0, 2), [Layout::Wide]);
    assert!(run(&b.0, 2, &[5]) == oracle::run(&b.0, 5));
}
