//! Random programs and every built-in model, in every way that this machine can run them: the bits
//! of the oracle.

use crate::common::{every_way, generates};
use isospike_conformance::handbuilt::code::Code;
use isospike_conformance::handbuilt::{PlanBuilder, neuron_plan, oracle};
use isospike_conformance::verdict;
use isospike_core::base::random::{self, PoissonTable};
use isospike_core::ir::{Input, Op, Type, Val};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use isospike_core::run::backend::Simulation as _;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use proptest::collection::vec;
use proptest::prelude::*;

/// An operation in numbers: which, and which earlier values it takes.
type Draft = (u8, [u16; 3]);

/// Values by type, and the program so far.
struct Random {
    code: Code,
    floats: Vec<Val>,
    words: Vec<Val>,
    conditions: Vec<Val>,
}

/// The state variables that are floats: four values, and the halves of four words.
const FLOATS: u32 = 12;

impl Random {
    fn new(size: u32) -> (Self, NeuronPlan) {
        let mut code = Code::default();
        let each = |tag: u32, finite: bool| {
            let word = |i| random::philox([i, tag, 0, 0], [1, 2])[0];
            let tame = |w: u32| if finite { w & 0x3fff_ffff | w & 0x8000_0000 } else { w };
            Words::Each((0..size).map(|i| tame(word(i))).collect())
        };
        let constants = vec![each(0, true), each(1, true), each(2, false)];
        let mut floats = vec![code.input(Input::Parameter(0)), code.input(Input::Parameter(1))];
        floats.extend([
            code.input(Input::State(0)),
            code.input(Input::State(1)),
            code.f(0.3),
            code.f(-7.0),
        ]);
        let bits = code.input(Input::Parameter(2));
        let mut words = vec![code.op(Op::FToBits(bits)), code.input(Input::Step)];
        words.push(code.input(Input::Random { stream: 3, draw: 1 }));
        words.push(code.input(Input::Poisson { table: 0, stream: 9, keep: None }));
        let counter = code.input(Input::Integer(FLOATS));
        words.extend([code.op(Op::IToU(counter)), code.op(Op::U32(0x8000_0001))]);
        let truth = code.op(Op::Bool(true));
        let first = code.op(Op::FLt(floats[0], floats[1]));
        let plan = neuron_plan(Default::default(), Vec::new());
        let plan = NeuronPlan { constants, poisson: vec![PoissonTable::new(2.0)], ..plan };
        (Self { code, floats, words, conditions: vec![truth, first] }, plan)
    }

    fn add(&mut self, (kind, at): Draft) {
        let pick = |list: &[Val], n: usize| list[usize::from(at[n]) % list.len()];
        let [a, b] = [0, 1].map(|n| pick(&self.floats, n));
        let [u, v] = [0, 1].map(|n| pick(&self.words, n));
        let [p, q, r] = [0, 1, 2].map(|n| pick(&self.conditions, n));
        let bits = u32::from(at[2] % 32);
        let op = match kind % 33 {
            0 => Op::FAdd(a, b),
            1 => Op::FSub(a, b),
            2 => Op::FMul(a, b),
            3 => Op::FDiv(a, b),
            4 => Op::FSqrt(a),
            5 => Op::FLt(a, b),
            6 => Op::FLe(a, b),
            7 => Op::FEq(a, b),
            8 => Op::UAdd(u, v),
            9 => Op::USub(u, v),
            10 => Op::UMul(u, v),
            11 => Op::UMulHi(u, v),
            12 => Op::UDiv(u, u32::from(at[2]) + 1),
            13 => Op::URem(u, u32::from(at[2]).wrapping_mul(70_001).wrapping_add(3)),
            14 => Op::UAnd(u, v),
            15 => Op::UOr(u, v),
            16 => Op::UXor(u, v),
            17 => Op::UShl(u, bits),
            18 => Op::UShr(u, bits),
            19 => Op::ULt(u, v),
            20 => Op::UEq(u, v),
            21 => Op::And(p, q),
            22 => Op::Or(p, q),
            23 => Op::Not(p),
            24 => Op::Select(r, a, b),
            25 => Op::Select(r, u, v),
            26 => Op::Select(r, p, q),
            27 => Op::FMul(a, a),
            28 => Op::FToI(self.small(a)),
            29 => Op::IToF(self.code.op(Op::UToI(u))),
            30 => {
                let [i, j] = [u, v].map(|word| self.code.op(Op::UToI(word)));
                if at[2] % 2 == 0 { Op::ILt(i, j) } else { Op::ISar(i, bits) }
            }
            31 => {
                let by = self.code.op(Op::U32(31));
                let by = self.code.op(Op::UAnd(v, by));
                if at[2] % 2 == 0 { Op::UShlBy(u, by) } else { Op::UShrBy(u, by) }
            }
            _ => Op::FAdd(a, self.code.f(f32::from(at[1]))),
        };
        let value = self.code.op(op);
        match self.code.0.types[value.0 as usize] {
            Type::F32 => {
                let value = self.number(value);
                self.floats.push(value);
            }
            Type::Bool => self.conditions.push(value),
            Type::I32 => {
                let value = self.code.op(Op::IToU(value));
                self.words.push(value);
            }
            Type::U32 => self.words.push(value),
        }
    }

    /// 1 instead of what is no number or infinite: their bits are nobody's promise.
    fn number(&mut self, a: Val) -> Val {
        let difference = self.code.op(Op::FSub(a, a));
        let zero = self.code.f(0.0);
        let finite = self.code.op(Op::FEq(difference, zero));
        let one = self.code.f(1.0);
        self.code.select(finite, a, one)
    }

    /// A float between -1 and 1.
    fn small(&mut self, a: Val) -> Val {
        let (low, high) = (self.code.f(-1e9), self.code.f(1e9));
        let below = self.code.op(Op::FLt(a, high));
        let above = self.code.op(Op::FLt(low, a));
        let inside = self.code.op(Op::And(below, above));
        self.code.select(inside, a, high)
    }

    /// The last values become the state, the counter and the spike condition.
    fn finish(mut self, mut neurons: NeuronPlan, size: u32) -> Plan {
        let mut state: Vec<Val> = self.floats.iter().rev().take(4).copied().collect();
        for word in self.words.iter().rev().take(4) {
            // 16 bits at a time are finite floats.
            for shift in [0, 16] {
                let half = self.code.op(Op::UShr(*word, shift));
                let mask = self.code.op(Op::U32(0xffff));
                let half = self.code.op(Op::UAnd(half, mask));
                let half = self.code.op(Op::UToI(half));
                state.push(self.code.op(Op::IToF(half)));
            }
        }
        let counter = self.words[self.words.len() - 1];
        assert_eq!(state.len(), FLOATS as usize);
        let counter = self.code.op(Op::UToI(counter));
        self.code.give(state, Some(counter), self.conditions.last().copied());
        let initial = vec![Words::All(1.5_f32.to_bits()); FLOATS as usize];
        let plan = neuron_plan(self.code.0, initial);
        (neurons.program, neurons.state) = (plan.program, plan.state);
        let mut builder = PlanBuilder::new(11, 2);
        builder.neurons("n", size, 1, neurons);
        builder.0
    }
}

fn random_plan(size: u32, drafts: &[Draft]) -> Plan {
    let (mut program, neurons) = Random::new(size);
    drafts.iter().for_each(|draft| program.add(*draft));
    program.finish(neurons, size)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Has caught nothing yet that `ops.rs` does not, but here values outnumber registers.
    #[test]
    fn random_programs_give_the_bits_of_the_oracle(
        size in 1..150_u32,
        drafts in vec((any::<u8>(), any::<[u16; 3]>()), 1..160),
    ) {
        let plan = random_plan(size, &drafts);
        let expected = oracle::run(&plan, 3);
        for options in every_way() {
            let options = Options { threads: Some(1), ..options };
            let mut simulation = CpuBackend::new(options).unwrap().prepare(&plan).unwrap();
            prop_assert_eq!(simulation.generated(), usize::from(generates(options)));
            let mut recording = Recording::new(&plan);
            simulation.run(3, &mut recording).unwrap();
            let outcome = oracle::Outcome { recording, state: simulation.state().unwrap() };
            prop_assert!(outcome == expected, "{:?}", options);
        }
    }
}

/// (model, a current that makes it spike if it takes any, a receptor, the unit of its weights)
const MODELS: &[(&str, &str, &str, &str)] = &[
    ("lif_exp", "900 pA", "syn", "pA"),
    ("lif_exp_2", "900 pA", "exc", "pA"),
    ("lif_delta", "900 pA", "syn", "mV"),
    ("lif_cond_exp", "900 pA", "exc", "nS"),
    ("lif_adaptive", "900 pA", "exc", "pA"),
    ("izhikevich", "20", "syn", ""),
    ("adex", "1500 pA", "exc", "nS"),
    ("hh_traub_miles", "500 pA", "exc", "nS"),
    ("leaky_integrator", "", "syn", "mV"),
];

#[test]
fn every_model_and_every_size_gives_one_result() {
    for (model, current, receptor, unit) in MODELS {
        let mut spikes = 0;
        for size in (1..41).step_by(3) {
            let mut text = format!(
                "[network]\ndt = \"0.1 ms\"\nduration = \"1 s\"\nseed = 4\nbatch = 2\n\
                 [population.p]\nsize = {size}\nmodel = \"{model}\"\n\
                 [stimulus.x]\npopulation = \"p\"\nkind = \"poisson\"\nrate = \"2 kHz\"\n\
                 receptor = \"{receptor}\"\nweight = \"0.5 {unit}\"\n"
            );
            if !current.is_empty() {
                text += "[stimulus.i]\npopulation = \"p\"\nkind = \"current\"\n";
                text += &format!("amplitude = \"{current}\"\n");
            }
            let plan = verdict::plan(&text).unwrap_or_else(|e| panic!("{model}: {e:?}"));
            let outcomes: Vec<_> = every_way()
                .map(|options| {
                    let backend = CpuBackend::new(options).unwrap();
                    (options, verdict::run(&backend, &plan, &[150, 101]).unwrap())
                })
                .collect();
            for (options, outcome) in &outcomes[1..] {
                verdict::equal(&plan, &outcomes[0].1, outcome)
                    .unwrap_or_else(|e| panic!("{model}, {size} neurons, {options:?}: {e:?}"));
            }
            spikes += outcomes[0].1.record.spikes.len();
        }
        // The integrator has no threshold.
        assert_eq!(spikes == 0, *model == "leaky_integrator", "{model}");
    }
}
