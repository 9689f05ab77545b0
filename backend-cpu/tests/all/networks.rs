//! Whole networks: the same recording and state as the oracle's, whatever the number of threads,
//! the instruction set, and the way the steps are cut into runs.

use crate::common::run::{assert_same, run, run_with};
use crate::common::{every_way, generates};
use isospike_conformance::golden;
use isospike_conformance::handbuilt::code::{Code, lif_population};
use isospike_conformance::handbuilt::{PlanBuilder, Values, neuron_plan, oracle, synapse};
use isospike_core::base::random::PoissonTable;
use isospike_core::connect::Draw;
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, OneToOne,
};
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::ir::{Input, Op, Output};
use isospike_core::plan::{NeuronPlan, Overflow, Plan, Words};
use isospike_core::run::backend::{Backend as _, BackendError};
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Layout, Options};

/// Two populations that excite and inhibit each other, with Poisson input, probes and a script.
fn balanced(batch: u32, procedural: bool, weight_bits: u8, size: u32) -> Plan {
    let mut b = PlanBuilder::new(99, batch);
    let list = [(0, 0), (0, 129), (1, 5), (7, 0), (50, 129), (51, 1)];
    let mut exc = lif_population(20, 40.0);
    add_poisson(&mut exc, 0, 64 * 100);
    let exc = b.neurons("exc", size, 2, exc);
    let script = b.spike_list("script", 130, &list);
    let inh = b.neurons("inh", size / 4 + 3, 2, lif_population(5, 30.0));
    let weight = |lo: i32, span| Draw::Uniform { lo: lo * 64, span };
    let values = |weight, delay| Values { weight_bits, procedural, ..Values::new(weight, delay) };
    let short = || Draw::Uniform { lo: 1, span: 15 };
    b.project(
        exc,
        exc,
        0,
        &Rule::FixedProbability(FixedProbability(0.05)),
        values(weight(50, 700), short()),
    );
    let multapses = Rule::FixedOutDegree(FixedOutDegree { degree: 60, multapses: true });
    b.project(exc, inh, 0, &multapses, values(weight(100, 64), Draw::Constant(1)));
    b.project(
        inh,
        exc,
        1,
        &Rule::FixedProbability(FixedProbability(0.1)),
        values(weight(-300, 64), short()),
    );
    let in_degree = Rule::FixedInDegree(FixedInDegree { degree: 7, multapses: false });
    b.project(script, exc, 0, &in_degree, values(weight(500, 1), Draw::Constant(33)));
    b.probe(exc, 0, vec![0, 1, 127, 128, size - 1], 7);
    b.probe(inh, 2, (0..size / 4 + 3).collect(), 50);
    b.probe(exc, 1, vec![], 3);
    b.0
}

/// Adds a Poisson stimulus to the first receptor of a population.
fn add_poisson(plan: &mut NeuronPlan, stream: u32, weight: i32) {
    let mut code = Code(std::mem::take(&mut plan.program));
    let count = code.input(Input::Poisson { table: 0, stream: 1000 + stream, keep: None });
    let count = code.op(Op::UToI(count));
    let weight = code.int(weight);
    let input = code.op(Op::IMul(count, weight));
    let input = code.op(Op::IToF(input));
    let scale = code.f(1.0 / 64.0);
    let input = code.mul(input, scale);
    let current = code.0.output(Output::State(1)).unwrap();
    code.0.outputs[1] = (Output::State(1), code.add(current, input));
    plan.program = code.0;
    plan.poisson = vec![PoissonTable::new(0.8)];
}

#[test]
fn a_balanced_network_is_the_oracles() {
    let outcome = assert_same(&balanced(1, false, 16, 600), 300);
    assert!(outcome.recording.spikes.len() > 300, "{}", outcome.recording.spikes.len());
}

#[test]
fn many_shards_are_the_oracles() {
    let outcome = assert_same(&balanced(1, false, 16, 4500), 60);
    assert!(outcome.recording.spikes.len() > 300, "{}", outcome.recording.spikes.len());
}

#[test]
fn sixty_four_threads_are_one() {
    let plan = balanced(1, false, 16, 10_000);
    let one = run(&plan, 1, &[40]);
    assert!(one.recording.spikes.len() > 300, "{}", one.recording.spikes.len());
    for threads in [17, 64] {
        let options = Options { threads: Some(threads), ..Options::default() };
        let prepared = CpuBackend::new(options).unwrap().prepare(&plan).unwrap();
        assert!(prepared.shards() >= threads, "{} shards", prepared.shards());
        assert!(run(&plan, threads, &[13, 27]) == one, "{threads}");
    }
}

/// Unless a number is given, the engine tries how many threads pay while the network runs.
#[test]
fn the_number_of_threads_may_change_between_steps() {
    let plan = balanced(1, false, 16, 10_000);
    let prepared = CpuBackend::new(Options::default()).unwrap().prepare(&plan).unwrap();
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    assert!(cores == 1 || prepared.workers() > 1, "{} of {cores}", prepared.workers());
    let one = run(&plan, 1, &[2000]);
    assert!(one.recording.spikes.len() > 300, "{}", one.recording.spikes.len());
    for chunks in [&[2000][..], &[1, 1499, 500]] {
        assert!(run_with(&plan, Options::default(), chunks) == one, "{chunks:?}");
    }
}

#[test]
fn copies_differ_in_their_draws_only() {
    let outcome = assert_same(&balanced(3, false, 16, 500), 120);
    let copy = |c: u32| {
        let neurons = 500 + 130 + 128;
        let spikes = outcome.recording.spikes.iter().filter(move |s| s.neuron / neurons == c);
        spikes.map(move |s| (s.step, s.neuron % neurons)).collect::<Vec<_>>()
    };
    assert!(copy(0).len() > 50 && copy(0) != copy(1) && copy(1) != copy(2));
}

#[test]
fn drawn_rows_and_wide_rows_are_the_stored_ones() {
    let stored = balanced(2, false, 16, 500);
    let expected = run(&stored, 2, &[150]);
    for (procedural, bits, layout) in
        [(true, 16, Layout::Drawn), (true, 32, Layout::Drawn), (false, 32, Layout::Wide)]
    {
        let plan = balanced(2, procedural, bits, 500);
        let prepared = CpuBackend::new(Options::default()).unwrap().prepare(&plan).unwrap();
        assert!(prepared.layouts().iter().all(|choice| choice.layout == layout));
        for threads in [1, 2, 64] {
            let outcome = run(&plan, threads, &[100, 50]);
            assert!(outcome == expected, "{procedural} {bits} {threads}");
        }
    }
}

#[test]
fn explicit_synapses_with_delays_of_all_sizes() {
    let mut b = PlanBuilder::new(5, 1);
    let script: Vec<(u32, u32)> = (0..40).map(|t| (t * 3, t % 4)).collect();
    let script = b.spike_list("script", 300, &script);
    let target = b.neurons("n", 300, 2, lif_population(0, 0.0));
    // Row 0 has two synapses onto one target, row 1 none, row 2 the least and largest delays, the
    // other rows are empty.
    let list: Vec<ExplicitSynapse> = vec![
        synapse(0, 299, 32_767, 1),
        synapse(0, 299, -32_768, 1),
        synapse(0, 0, 20_000, 2),
        synapse(2, 128, 32_767, 1),
        synapse(2, 127, 32_767, 100),
        synapse(3, 5, 1, 64),
    ];
    b.project(script, target, 0, &Rule::Explicit(Explicit(list.into())), Values::constant(0, 1));
    // Autapses, of the largest delay.
    b.project(target, target, 1, &Rule::OneToOne(OneToOne), Values::constant(-3000, 100));
    // Every pair: a row that reaches every shard.
    let dense = Values::constant(9_000, 17);
    b.project(script, target, 0, &Rule::AllToAll(AllToAll), dense);
    b.probe(target, 1, (0..300).collect(), 1);
    let outcome = assert_same(&b.0, 260);
    assert!(outcome.recording.spikes.len() > 200, "{}", outcome.recording.spikes.len());
}

#[test]
fn weights_of_32_bits_and_delays_beyond_16_bits() {
    let mut b = PlanBuilder::new(5, 1);
    let script = b.spike_list("script", 1, &[(0, 0)]);
    let target = b.neurons("n", 2, 2, lif_population(0, 0.0));
    let list = vec![synapse(0, 1, 2_000_000_000, 70_000), synapse(0, 0, 65_536, 1)];
    let wide = Values { weight_bits: 32, ..Values::constant(0, 1) };
    b.project(script, target, 0, &Rule::Explicit(Explicit(list.into())), wide);
    let outcome = run(&b.0, 2, &[70_010]);
    assert!(outcome == oracle::run(&b.0, 70_010));
    assert!(outcome.recording.spikes.iter().any(|s| s.neuron == 2 && s.step > 70_000));
}

#[test]
fn the_least_networks_run() {
    // No population at all; only a script; one neuron without receptors.
    let mut b = PlanBuilder::new(1, 1);
    assert_same(&b.0, 3);
    b.spike_list("script", 2, &[(1, 1)]);
    assert_eq!(assert_same(&b.0, 3).recording.spikes.len(), 1);
    let mut c = Code::default();
    let v = c.input(Input::State(0));
    let always = c.op(Op::Bool(true));
    c.give(vec![v], None, Some(always));
    b.neurons("n", 1, 0, neuron_plan(c.0, vec![Words::All(0)]));
    assert_eq!(assert_same(&b.0, 3).recording.spikes.len(), 4);
}

#[test]
fn a_variable_that_is_not_finite_is_reported() {
    let mut c = Code::default();
    let v = c.input(Input::State(0));
    let twice = c.add(v, v);
    c.give(vec![twice], None, None);
    let initial = (0..2000).map(|i| if i == 1234 { 1.0_f32.to_bits() } else { 0 }).collect();
    let mut b = PlanBuilder::new(1, 1);
    b.neurons("n", 2000, 0, neuron_plan(c.0, vec![Words::Each(initial)]));
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(&b.0).unwrap();
    let mut recording = Recording::new(&b.0);
    simulation.run(127, &mut recording).unwrap();
    let error = simulation.run(3, &mut recording).unwrap_err();
    let expected = BackendError::NotFinite {
        population: "n".to_string(),
        variable: "s0".to_string(),
        neuron: 1234,
        value: "inf".to_string(),
        step: 127,
    };
    assert_eq!(error, expected);
}

#[test]
fn rows_that_can_overflow_an_accumulator_are_refused() {
    let refuse = |procedural| {
        let mut b = PlanBuilder::new(1, 1);
        let script = b.spike_list("script", 70_000, &[]);
        let target = b.neurons("n", 300, 2, lif_population(0, 0.0));
        let values = Values { procedural, ..Values::constant(32_767, 1) };
        let in_degree = Rule::FixedInDegree(FixedInDegree { degree: 66_000, multapses: true });
        b.project(script, target, 1, &in_degree, values);
        CpuBackend::new(Options::default()).unwrap().prepare(&b.0).map(|_| ()).unwrap_err()
    };
    let expected = BackendError::AccumulatorBound(Overflow {
        population: "n".to_string(),
        receptor: "r1".to_string(),
        sum: 66_000 * 32_767,
    });
    assert_eq!(refuse(false), expected);
    assert_eq!(refuse(true), expected);
}

#[test]
fn more_synapses_than_memory_are_refused_before_they_are_drawn() {
    if isospike_core::base::memory::available_bytes().is_none() {
        return;
    }
    let mut b = PlanBuilder::new(1, 1);
    let a = b.spike_list("a", 1, &[]);
    let n = b.neurons("n", 4, 2, lif_population(0, 0.0));
    b.project(a, n, 0, &Rule::AllToAll(AllToAll), Values::constant(1, i32::MAX));
    let error = CpuBackend::new(Options::default()).unwrap().prepare(&b.0).map(|_| ());
    let Err(BackendError::OutOfMemory { what, .. }) = error else { panic!("{error:?}") };
    assert_eq!(what, "accumulators and state of the neurons");
}

#[test]
fn memory_is_estimated_by_the_layouts() {
    let cpu = CpuBackend::new(Options { threads: Some(2), ..Options::default() }).unwrap();
    for example in golden::cases() {
        let plan = golden::plan(&example).unwrap();
        let estimate = cpu.estimate(&plan);
        let expected: u64 = estimate.projections.iter().sum();
        let taken = cpu.prepare(&plan).unwrap().synapse_bytes();
        let apart = expected.abs_diff(taken) as f64 / taken.max(1) as f64;
        assert!(apart < 0.25, "{}: {expected} bytes expected, {taken} taken", example.name);
        assert!(estimate.total() > expected, "{}: neurons take memory", example.name);
    }
}

#[test]
fn the_device_is_named() {
    for options in every_way() {
        let options = Options { threads: Some(2), ..options };
        let backend = CpuBackend::new(options).unwrap();
        let how = if generates(options) { "JIT" } else { "interpreter" };
        let isa = options.isa.unwrap().name();
        let device = &backend.info().device;
        assert!(device.ends_with(&format!(", {isa}, {how}, 2 threads")), "{device}");
        assert_eq!(backend.info().backend, "cpu");
    }
}
