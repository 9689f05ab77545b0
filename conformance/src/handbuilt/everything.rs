//! A program with every operation, in every kind of operand, whose results are kept to the last
//! bit; and the words that it runs on.

use super::code::Code;
use super::{PlanBuilder, neuron_plan};
use isospike_core::base::random::{PoissonTable, philox};
use isospike_core::ir::{Input, Op, Val};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use std::sync::Arc;

/// Finite floats where rules change: zeros, least and largest numbers, the flush limit.
pub const EDGES: [f32; 22] = [
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

/// Pairs of random words behind the pairs of edges.
const DENSE: u32 = 1564;

/// Neurons: all pairs of edges, then pairs of random words.
pub const NEURONS: u32 = (EDGES.len() * EDGES.len()) as u32 + DENSE;

/// The sources of the operands of the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// Two arrays.
    Arrays,
    /// An array and a literal.
    ArrayAndLiteral,
    /// A literal and an array.
    LiteralAndArray,
    /// A value of the step and a literal.
    StepAndLiteral,
    /// Two arrays, the integers as the bits of floats, NaN among them: a device may lose them.
    BitsOfFloats,
}

impl Operands {
    /// Every kind whose words the contract promises.
    pub const PROMISED: [Self; 4] =
        [Self::Arrays, Self::ArrayAndLiteral, Self::LiteralAndArray, Self::StepAndLiteral];

    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Arrays,
        Self::ArrayAndLiteral,
        Self::LiteralAndArray,
        Self::StepAndLiteral,
        Self::BitsOfFloats,
    ];

    /// As tests are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrays => "arrays",
            Self::ArrayAndLiteral => "an array and a literal",
            Self::LiteralAndArray => "a literal and an array",
            Self::StepAndLiteral => "the step and a literal",
            Self::BitsOfFloats => "the bits of floats",
        }
    }
}

/// A program that stores every bit of every result in two state variables each: the high and the
/// low half, as floats, which hold them exactly.
#[derive(Default)]
pub struct Everything {
    /// The program so far.
    pub code: Code,
    /// The results that are kept.
    pub kept: Vec<Kept>,
}

/// A result that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A name for it.
    pub name: String,
    /// Its bits, U32.
    pub bits: Val,
    /// They are those of a float: the sign of a zero is not promised.
    pub float: bool,
}

impl Everything {
    /// Every operation on float operands, then on integers.
    pub fn of(operands: Operands) -> Self {
        let mut all = Self::default();
        let c = &mut all.code;
        let (fa, fb) = (c.input(Input::Parameter(0)), c.input(Input::Parameter(1)));
        let (ia, ib) = if operands == Operands::BitsOfFloats {
            let (ia, ib) = (c.input(Input::Parameter(2)), c.input(Input::Parameter(3)));
            (c.op(Op::FToBits(ia)), c.op(Op::FToBits(ib)))
        } else {
            let word =
                |c: &mut Code, n| c.load_halves(Input::Parameter(n), Input::Parameter(n + 1));
            (word(c, 4), word(c, 6))
        };
        let (literal_f, literal_u) = (c.f(-2.75), c.op(Op::U32(0x8000_0003)));
        let step = c.input(Input::Step);
        let step_i = c.op(Op::UToI(step));
        let step_f = c.op(Op::IToF(step_i));
        let ((fa, fb), (ia, ib)) = match operands {
            Operands::Arrays | Operands::BitsOfFloats => ((fa, fb), (ia, ib)),
            Operands::ArrayAndLiteral => ((fa, literal_f), (ia, literal_u)),
            Operands::LiteralAndArray => ((literal_f, fb), (literal_u, ib)),
            Operands::StepAndLiteral => ((step_f, literal_f), (step, literal_u)),
        };
        floats(&mut all, fa, fb);
        integers(&mut all, ia, ib);
        all
    }

    /// Keeps a word under a name.
    pub fn keep(&mut self, name: impl Into<String>, bits: Val) {
        self.code.store_halves(bits);
        self.kept.push(Kept { name: name.into(), bits, float: false });
    }

    fn keep_bits_of_float(&mut self, name: impl Into<String>, bits: Val) {
        self.code.store_halves(bits);
        self.kept.push(Kept { name: name.into(), bits, float: true });
    }

    /// Keeps a float; all NaN are one.
    fn keep_float(&mut self, name: impl Into<String>, x: Val) {
        let number = self.code.op(Op::FEq(x, x));
        let bits = self.code.op(Op::FToBits(x));
        let nan = self.code.op(Op::U32(0x7fc0_0000));
        let bits = self.code.select(number, bits, nan);
        self.keep_bits_of_float(name, bits);
    }

    fn keep_bool(&mut self, name: impl Into<String>, x: Val) {
        let (yes, no) = (self.code.op(Op::U32(0x1234_5678)), self.code.op(Op::U32(9)));
        let bits = self.code.select(x, yes, no);
        self.keep(name, bits);
    }

    fn keep_int(&mut self, name: impl Into<String>, x: Val) {
        let bits = self.code.op(Op::IToU(x));
        self.keep(name, bits);
    }

    /// The plan: a neuron for each of the words of [`constants`], two copies.
    pub fn plan(self, constants: Vec<Words>, poisson: Vec<PoissonTable>) -> Plan {
        let initial = vec![Words::All(0); self.code.0.outputs.len()];
        let plan = NeuronPlan { constants, poisson, ..neuron_plan(self.code.0, initial) };
        let mut builder = PlanBuilder::new(0x0123_4567_89ab_cdef, 2);
        builder.neurons("n", NEURONS, 0, plan);
        builder.0
    }
}

/// The operands: two arrays of finite floats, two of any words, and these two as halves.
pub fn constants(seed: u64) -> Vec<Words> {
    let (a, b) = (words(seed, false), words(seed, true));
    let [[a_high, a_low], [b_high, b_low]] = [&a, &b].map(|words| halves(words));
    let columns = [finite(&a), finite(&b), a, b, a_high, a_low, b_high, b_low];
    columns.into_iter().map(Words::Each).collect()
}

/// The high and the low halves of words, as the bits of floats: for [`Code::load_halves`].
pub fn halves(words: &[u32]) -> [Arc<[u32]>; 2] {
    [16, 0].map(|by| words.iter().map(|w| ((w >> by & 0xffff) as f32).to_bits()).collect())
}

fn words(seed: u64, second: bool) -> Arc<[u32]> {
    let key = [seed as u32, (seed >> 32) as u32];
    let word = |i: u32| {
        let (a, b) = (i as usize / EDGES.len(), i as usize % EDGES.len());
        if let Some(a) = EDGES.get(a) {
            return (if second { EDGES[b] } else { *a }).to_bits();
        }
        let x = philox([i, 0, 0, 0], key);
        match second {
            false => x[0],
            // Operands of one size meet in sums: every other pair.
            true if i.is_multiple_of(2) => x[0] ^ (x[1] & 0x81ff_ffff),
            true => x[1],
        }
    };
    (0..NEURONS).map(word).collect()
}

/// The same words without infinities and NaN: the exponent's top bit cleared there.
fn finite(words: &[u32]) -> Arc<[u32]> {
    let tame = |w: &u32| if f32::from_bits(*w).is_finite() { *w } else { *w & 0xbfff_ffff };
    words.iter().map(tame).collect()
}

fn floats(all: &mut Everything, a: Val, b: Val) {
    for op in [Op::FAdd(a, b), Op::FSub(a, b), Op::FMul(a, b), Op::FDiv(a, b), Op::FSqrt(a)] {
        let x = all.code.op(op);
        all.keep_float(name(op), x);
    }
    for op in [Op::FLt(a, b), Op::FLe(a, b), Op::FEq(a, b)] {
        let x = all.code.op(op);
        all.keep_bool(name(op), x);
    }
    // The lesser and the greater, as comparisons that choose, with one use and with two.
    for (less, greater) in [(a, b), (b, a)] {
        let below = all.code.op(Op::FLt(less, greater));
        let x = all.code.select(below, a, b);
        let bits = all.code.op(Op::FToBits(x));
        all.keep_bits_of_float("Select by FLt", bits);
        let below = all.code.op(Op::FLt(less, greater));
        let x = all.code.select(below, a, b);
        all.keep_float("Select by FLt of two uses", x);
        all.keep_bool("FLt beside Select", below);
    }
    // A product with one use, in each place of a sum, and one with two uses.
    for place in 0..5 {
        let product = all.code.op(Op::FMul(a, b));
        let (name, sum) = match place {
            0 => ("a * b + b", Op::FAdd(product, b)),
            1 => ("b + a * b", Op::FAdd(b, product)),
            2 => ("a * b - b", Op::FSub(product, b)),
            3 => ("b - a * b", Op::FSub(b, product)),
            _ => ("a * b + a * b", Op::FAdd(product, product)),
        };
        let x = all.code.op(sum);
        all.keep_float(name, x);
    }
    // Terms that a compiler may be tempted to regroup.
    let (sum, product) = (all.code.op(Op::FAdd(a, b)), all.code.op(Op::FMul(a, b)));
    let regrouped = [
        ("(a + b) + b", Op::FAdd(sum, b)),
        ("b + (a + b)", Op::FAdd(b, sum)),
        ("(a + b) - b", Op::FSub(sum, b)),
        ("(a * b) * b", Op::FMul(product, b)),
    ];
    for (name, op) in regrouped {
        let x = all.code.op(op);
        all.keep_float(name, x);
    }
    let limit = all.code.f(2.147_483_5e9);
    let low = all.code.f(-2.147_483_5e9);
    let below = all.code.op(Op::FLe(a, limit));
    let above = all.code.op(Op::FLe(low, a));
    let inside = all.code.op(Op::And(below, above));
    let zero = all.code.f(0.0);
    let x = all.code.select(inside, a, zero);
    let x = all.code.op(Op::FToI(x));
    all.keep_int("FToI", x);
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
        all.keep(name(op), x);
    }
    let mask = all.code.op(Op::U32(31));
    let by = all.code.op(Op::UAnd(b, mask));
    for op in [Op::UShrBy(a, by), Op::UShlBy(a, by)] {
        let x = all.code.op(op);
        all.keep(name(op), x);
    }
    let (i, j) = (all.code.op(Op::UToI(a)), all.code.op(Op::UToI(b)));
    for op in [Op::IAdd(i, j), Op::ISub(i, j), Op::IMul(i, j), Op::ISar(i, 3), Op::ISar(i, 0)] {
        let x = all.code.op(op);
        all.keep_int(name(op), x);
    }
    let converted = all.code.op(Op::IToF(i));
    all.keep_float("IToF", converted);
    let half = all.code.f(0.1);
    let once = all.code.op(Op::IToF(j));
    let scaled = all.code.mul(once, half);
    all.keep_float("IToF * 0.1", scaled);
    let less = all.code.op(Op::ILt(i, j));
    let same = all.code.op(Op::IEq(i, j));
    let below = all.code.op(Op::ULt(a, b));
    let equal = all.code.op(Op::UEq(a, b));
    let not = all.code.op(Op::Not(less));
    let and = all.code.op(Op::And(not, below));
    let or = all.code.op(Op::Or(same, below));
    let conditions = [
        ("ILt", less),
        ("IEq", same),
        ("ULt", below),
        ("UEq", equal),
        ("Not", not),
        ("And", and),
        ("Or", or),
    ];
    for (name, x) in conditions {
        all.keep_bool(name, x);
    }
    let x = all.code.op(Op::Select(below, a, b));
    all.keep("Select of words", x);
    let yes = all.code.op(Op::Bool(true));
    let x = all.code.op(Op::Select(yes, a, b));
    all.keep("Bool", x);
}

/// `FAdd` of `FAdd(Val(1), Val(2))`.
fn name(op: Op) -> String {
    let text = format!("{op:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}
