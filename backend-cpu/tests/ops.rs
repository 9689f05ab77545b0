//! Every operation, on edge words and in every kind of operand, on every instruction set of this
//! machine, interpreted and as machine code: the same bits as one operation at a time on single words.

mod common;

use common::{every_way, generates};
use isospike_conformance::hand::code::Code;
use isospike_conformance::hand::oracle;
use isospike_conformance::hand::{PlanBuilder, neuron_plan};
use isospike_core::backend::Simulation as _;
use isospike_core::ir::{Op, Val};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use isospike_core::random::PoissonTable;
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, Isa, Options};
use std::sync::Arc;

/// Finite floats where rules change: zeros, least and largest numbers, the flush limit.
const EDGES: [f32; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1.175_494_2e-38,
    1e-45,
    f32::MAX,
    -f32::MAX,
    1.084_202_2e-19,
    1.084_202_1e-19,
    -1.084_202_1e-19,
    0.5,
    1.5,
    3.0,
    -7.25,
    16_777_217.0,
    2.147_483_5e9,
    -2.147_483_6e9,
    0.1,
    1e-30,
];

/// Neurons: all pairs of edges, then pairs of random bits.
const NEURONS: u32 = 484 + 541;

fn words(second: bool) -> Arc<[u32]> {
    let word = |i: u32| {
        let (a, b) = (i as usize / EDGES.len(), i as usize % EDGES.len());
        match EDGES.get(a) {
            Some(a) => (if second { EDGES[b] } else { *a }).to_bits(),
            None => isospike_core::random::philox([i, u32::from(second), 0, 0], [7, 7])[0],
        }
    };
    (0..NEURONS).map(word).collect()
}

/// The same words without infinities and NaN: the exponent's top bit cleared there.
fn finite(words: &[u32]) -> Arc<[u32]> {
    let tame = |w: &u32| if f32::from_bits(*w).is_finite() { *w } else { *w & 0xbfff_ffff };
    words.iter().map(tame).collect()
}

/// A program that stores every bit of every result in two state variables each.
struct Everything {
    code: Code,
}

impl Everything {
    fn keep(&mut self, bits: Val) {
        let c = &mut self.code;
        let mask = c.op(Op::U32(0xffff));
        let high = c.op(Op::UShr(bits, 16));
        let low = c.op(Op::UAnd(bits, mask));
        for half in [high, low] {
            let half = c.op(Op::UToI(half));
            let half = c.op(Op::IToF(half));
            c.0.next_state.push(half);
        }
    }

    /// Keeps a float; all NaN are one.
    fn keep_float(&mut self, x: Val) {
        let number = self.code.op(Op::FEq(x, x));
        let bits = self.code.op(Op::FToBits(x));
        let nan = self.code.op(Op::U32(0x7fc0_0000));
        let bits = self.code.select(number, bits, nan);
        self.keep(bits);
    }

    fn keep_bool(&mut self, x: Val) {
        let (yes, no) = (self.code.op(Op::U32(0x1234_5678)), self.code.op(Op::U32(9)));
        let bits = self.code.select(x, yes, no);
        self.keep(bits);
    }

    fn keep_int(&mut self, x: Val) {
        let bits = self.code.op(Op::IToU(x));
        self.keep(bits);
    }
}

fn floats(all: &mut Everything, a: Val, b: Val) {
    for op in [Op::FAdd(a, b), Op::FSub(a, b), Op::FMul(a, b), Op::FDiv(a, b), Op::FSqrt(a)] {
        let x = all.code.op(op);
        all.keep_float(x);
    }
    for op in [Op::FLt(a, b), Op::FLe(a, b), Op::FEq(a, b)] {
        let x = all.code.op(op);
        all.keep_bool(x);
    }
    // The lesser and the greater, as comparisons that choose, with one use and with two.
    for (less, greater) in [(a, b), (b, a)] {
        let below = all.code.op(Op::FLt(less, greater));
        let x = all.code.select(below, a, b);
        let bits = all.code.op(Op::FToBits(x));
        all.keep(bits);
        let below = all.code.op(Op::FLt(less, greater));
        let x = all.code.select(below, a, b);
        all.keep_float(x);
        all.keep_bool(below);
    }
    // A product with one use, in each place of a sum, and one with two uses.
    for place in 0..5 {
        let product = all.code.op(Op::FMul(a, b));
        let x = match place {
            0 => all.code.op(Op::FAdd(product, b)),
            1 => all.code.op(Op::FAdd(b, product)),
            2 => all.code.op(Op::FSub(product, b)),
            3 => all.code.op(Op::FSub(b, product)),
            _ => all.code.op(Op::FAdd(product, product)),
        };
        all.keep_float(x);
    }
    let limit = all.code.f(2.147_483_5e9);
    let low = all.code.f(-2.147_483_5e9);
    let below = all.code.op(Op::FLe(a, limit));
    let above = all.code.op(Op::FLe(low, a));
    let inside = all.code.op(Op::And(below, above));
    let zero = all.code.f(0.0);
    let x = all.code.select(inside, a, zero);
    let x = all.code.op(Op::FToI(x));
    all.keep_int(x);
}

fn integers(all: &mut Everything, a: Val, b: Val) {
    let unsigned = [
        Op::UAdd(a, b),
        Op::USub(a, b),
        Op::UMul(a, b),
        Op::UMulHi(a, b),
        Op::UDiv(a, 7),
        Op::URem(a, 1000),
        Op::UAnd(a, b),
        Op::UOr(a, b),
        Op::UXor(a, b),
        Op::UShl(a, 5),
        Op::UShr(a, 31),
    ];
    for op in unsigned {
        let x = all.code.op(op);
        all.keep(x);
    }
    let mask = all.code.op(Op::U32(31));
    let by = all.code.op(Op::UAnd(b, mask));
    for op in [Op::UShrBy(a, by), Op::UShlBy(a, by)] {
        let x = all.code.op(op);
        all.keep(x);
    }
    let (i, j) = (all.code.op(Op::UToI(a)), all.code.op(Op::UToI(b)));
    for op in [Op::IAdd(i, j), Op::ISub(i, j), Op::IMul(i, j), Op::ISar(i, 3), Op::ISar(i, 0)] {
        let x = all.code.op(op);
        all.keep_int(x);
    }
    let converted = all.code.op(Op::IToF(i));
    all.keep_float(converted);
    let half = all.code.f(0.1);
    let once = all.code.op(Op::IToF(j));
    let scaled = all.code.mul(once, half);
    all.keep_float(scaled);
    let less = all.code.op(Op::ILt(i, j));
    let same = all.code.op(Op::IEq(i, j));
    let below = all.code.op(Op::ULt(a, b));
    let equal = all.code.op(Op::UEq(a, b));
    let not = all.code.op(Op::Not(less));
    let and = all.code.op(Op::And(not, below));
    let or = all.code.op(Op::Or(same, below));
    for x in [less, same, below, equal, not, and, or] {
        all.keep_bool(x);
    }
    let x = all.code.op(Op::Select(below, a, b));
    all.keep(x);
}

fn plan_of(all: Everything, constants: Vec<Words>, poisson: Vec<PoissonTable>) -> Plan {
    let initial = vec![Words::All(0); all.code.0.next_state.len()];
    let plan = NeuronPlan { constants, poisson, ..neuron_plan(all.code.0, initial) };
    let mut builder = PlanBuilder::new(0x0123_4567_89ab_cdef, 2);
    builder.neurons("n", NEURONS, 0, plan);
    builder.0
}

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
    // Operands: arrays; an array and a literal; a literal and an array; values of the step.
    for kinds in 0..4 {
        let mut all = Everything { code: Code::default() };
        let (fa, fb) = (all.code.op(Op::Constant(0)), all.code.op(Op::Constant(1)));
        let (ia, ib) = (all.code.op(Op::Constant(2)), all.code.op(Op::Constant(3)));
        let (ia, ib) = (all.code.op(Op::FToBits(ia)), all.code.op(Op::FToBits(ib)));
        let (literal_f, literal_u) = (all.code.f(-2.75), all.code.op(Op::U32(0x8000_0003)));
        let step = all.code.op(Op::Step);
        let step_i = all.code.op(Op::UToI(step));
        let step_f = all.code.op(Op::IToF(step_i));
        let ((fa, fb), (ia, ib)) = match kinds {
            0 => ((fa, fb), (ia, ib)),
            1 => ((fa, literal_f), (ia, literal_u)),
            2 => ((literal_f, fb), (literal_u, ib)),
            _ => ((step_f, literal_f), (step, literal_u)),
        };
        floats(&mut all, fa, fb);
        integers(&mut all, ia, ib);
        let (a, b) = (words(false), words(true));
        let constants =
            [finite(&a), finite(&b), a, b].into_iter().map(Words::Each).collect::<Vec<_>>();
        check(&plan_of(all, constants, Vec::new()), if kinds == 3 { 5 } else { 1 });
    }
}

#[test]
fn random_words_and_poisson_counts_are_those_of_core() {
    let mut all = Everything { code: Code::default() };
    for (stream, draw) in [(0, 0), (0, 1), (0, 255), (70_000, 3)] {
        let word = all.code.op(Op::Random { stream, draw });
        all.keep(word);
    }
    for table in 0..3 {
        let count = all.code.op(Op::Poisson { table, stream: 5 + table });
        all.keep(count);
    }
    let tables = [0.0, 0.37, 8.0].map(PoissonTable::new).to_vec();
    // 200 steps of 2,050 neurons: about 200 ties in each table.
    check(&plan_of(all, Vec::new(), tables), 200);
}

#[test]
fn results_that_are_other_variables_are_taken_before_they_change() {
    // Variables 0 and 1 change places, 2 keeps its value, 3 takes that of 0, 4 is a literal; the
    // counter counts, and its old value goes to 5.
    let mut c = Code::default();
    let s: Vec<Val> = (0..6).map(|n| c.op(Op::State(n))).collect();
    let counter = c.op(Op::RefractoryCounter);
    let one = c.int(1);
    let more = c.op(Op::IAdd(counter, one));
    let literal = c.f(3.5);
    let old = c.op(Op::IToF(counter));
    let sum = c.add(s[0], s[1]);
    let limit = c.f(0.0);
    let spike = c.op(Op::FLt(limit, sum));
    c.0.next_state = vec![s[1], s[0], s[2], s[0], literal, old];
    c.0.next_refractory = Some(more);
    c.0.spike = Some(spike);
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
    let s: Vec<Val> = (0..6).map(|n| c.op(Op::State(n))).collect();
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
    c.0.next_state = vec![next_0, next_1, next_2, next_3, next_4, s[2]];
    c.0.spike = Some(spike);
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
