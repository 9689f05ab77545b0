//! Every operation, on edge words and in every kind of operand, on every instruction set of this
//! machine, interpreted and as machine code: the same bits as one operation at a time on single
//! words.

use crate::common::{every_way, generates};
use isospike_conformance::handbuilt::code::Code;
use isospike_conformance::handbuilt::everything::{self, Everything, NEURONS, Operands};
use isospike_conformance::handbuilt::{PlanBuilder, neuron_plan, oracle};
use isospike_core::base::random::PoissonTable;
use isospike_core::ir::{Input, Op, Val};
use isospike_core::plan::{Plan, Words};
use isospike_core::run::backend::Simulation as _;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Isa, Options};
use std::sync::Arc;

/// Runs in every way that is here and compares with the oracle.
fn check(plan: &Plan, steps: u32) {
    let expected = oracle::run(plan, steps);
    for options in every_way() {
        let options = Options { threads: Some(1), ..options };
        let backend = CpuBackend::new(options).unwrap();
        let mut simulation = backend.prepare(plan).unwrap();
        assert_eq!(simulation.generated(), usize::from(generates(options)), "{options:?}");
        let mut recording = Recording::new(plan);
        simulation.run(steps, &mut recording).unwrap();
        let state = simulation.state().unwrap();
        let first = state.iter().zip(&expected.state).position(|(a, b)| a != b);
        if let Some(at) = first {
            let size = plan.neurons();
            let variable = at / (size as usize * plan.batch as usize);
            panic!(
                "{options:?}: variable {variable}, neuron {}: {:08x}, not {:08x}",
                at % size as usize,
                state[at],
                expected.state[at]
            );
        }
        assert_eq!(recording, expected.recording, "{options:?}");
    }
}

#[test]
fn every_op_gives_the_bits_of_the_oracle() {
    for operands in Operands::ALL {
        let plan = Everything::of(operands).plan(everything::constants(7), Vec::new());
        check(&plan, if operands == Operands::StepAndLiteral { 5 } else { 1 });
    }
}

#[test]
fn random_words_and_poisson_counts_are_those_of_core() {
    let mut all = Everything::default();
    for (stream, draw) in [(0, 0), (0, 1), (0, 255), (70_000, 3)] {
        let word = all.code.input(Input::Random { stream, draw });
        all.keep("random word", word);
    }
    for table in 0..3 {
        let count = all.code.input(Input::Poisson { table, stream: 5 + table, keep: None });
        all.keep("count", count);
    }
    let tables = [0.0, 0.37, 8.0].map(PoissonTable::new).to_vec();
    // 200 steps of 2,050 neurons: about 200 ties in each table.
    check(&all.plan(Vec::new(), tables), 200);
}

#[test]
fn results_that_are_other_variables_are_taken_before_they_change() {
    // Variables 0 and 1 change places, 2 keeps its value, 3 takes that of 0, 4 is a literal; the
    // counter counts, and its old value goes to 5.
    let mut c = Code::default();
    let s: Vec<Val> = (0..6).map(|n| c.input(Input::State(n))).collect();
    let counter = c.input(Input::Integer(6));
    let one = c.int(1);
    let more = c.op(Op::IAdd(counter, one));
    let literal = c.f(3.5);
    let old = c.op(Op::IToF(counter));
    let sum = c.add(s[0], s[1]);
    let limit = c.f(0.0);
    let spike = c.op(Op::FLt(limit, sum));
    c.give(vec![s[1], s[0], s[2], s[0], literal, old], Some(more), Some(spike));
    let initial: Arc<[u32]> = (0..NEURONS).map(|i| (i as f32 - 500.0).to_bits()).collect();
    let initial = vec![
        Words::Each(initial),
        Words::All(2.0_f32.to_bits()),
        Words::All(7.0_f32.to_bits()),
        Words::All(0),
        Words::All(0),
        Words::All(0),
    ];
    let mut builder = PlanBuilder::new(1, 2);
    builder.neurons("n", NEURONS, 0, neuron_plan(c.0, initial));
    for steps in 1..4 {
        check(&builder.0, steps);
    }
}

#[test]
fn results_stored_without_a_register_are_flushed_and_read_in_time() {
    // 0: chosen from itself. 1: decays and receives the bits of 0, which change before. 2: decays
    // and receives an integer that is computed. 3: decays towards the flush limit. 4: chosen from
    // values on both sides of it. 5 reads what 2 held.
    let mut c = Code::default();
    let s: Vec<Val> = (0..6).map(|n| c.input(Input::State(n))).collect();
    let (decay, scale, half) = (c.f(0.9), c.f(1e-9), c.f(0.5));
    let limit = c.f(3.0);
    let below = c.op(Op::FLt(s[0], limit));
    let more = c.add(s[0], half);
    let next_0 = c.select(below, more, half);
    let receive = |c: &mut Code, integer: Val, state: Val| {
        let input = c.op(Op::IToF(integer));
        let input = c.mul(input, scale);
        let left = c.mul(decay, state);
        c.add(left, input)
    };
    let bits = c.op(Op::FToBits(s[0]));
    let bits = c.op(Op::UToI(bits));
    let next_1 = receive(&mut c, bits, s[1]);
    let sum = c.op(Op::IAdd(bits, bits));
    let next_2 = receive(&mut c, sum, s[2]);
    let zero = c.op(Op::ISub(bits, bits));
    let next_3 = receive(&mut c, zero, s[3]);
    let tiny = c.mul(s[3], half);
    let next_4 = c.select(below, tiny, s[3]);
    let awake = c.op(Op::Not(below));
    let small = c.op(Op::FLt(s[3], limit));
    let spike = c.op(Op::And(small, awake));
    c.give(vec![next_0, next_1, next_2, next_3, next_4, s[2]], None, Some(spike));
    let near = 1.3e-19_f32.to_bits();
    let words = [0, 0, 0, near, 0, 0].map(Words::All).to_vec();
    let mut builder = PlanBuilder::new(1, 2);
    builder.neurons("n", NEURONS, 0, neuron_plan(c.0, words));
    for steps in 1..9 {
        check(&builder.0, steps);
    }
}

#[test]
fn an_instruction_set_that_is_missing_is_refused_by_name() {
    for isa in Isa::ALL.into_iter().filter(|isa| !isa.available()) {
        let error = CpuBackend::new(Options { isa: Some(isa), ..Options::default() }).unwrap_err();
        assert_eq!(error.to_string(), format!("no device: this processor has no {}", isa.name()));
    }
    let error = CpuBackend::new(Options { threads: Some(0), ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("at least one thread"), "{error}");
}
