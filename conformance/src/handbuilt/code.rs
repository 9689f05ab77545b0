//! Programs made by hand.

use super::neuron_plan;
use isospike_core::ir::{Input, Op, Output, Program, Type, Val, neuron_outputs};
use isospike_core::plan::{NeuronPlan, Words};

/// A program in the making.
#[derive(Default)]
pub struct Code(pub Program);

impl Code {
    /// Adds an op; the same again is another one, where a [`Builder`] would give the first.
    ///
    /// [`Builder`]: isospike_core::ir::build::Builder
    pub fn op(&mut self, op: Op) -> Val {
        // A choice has the type of what it chooses between.
        let chosen = || op.operands().last().map_or(Type::U32, |val| self.0.types[val.0 as usize]);
        let kind = op.result_type().unwrap_or_else(chosen);
        self.0.push(op, kind)
    }

    /// Adds an input.
    pub fn input(&mut self, input: Input) -> Val {
        self.op(Op::Input(input))
    }

    /// Says what the program gives: floats in order, a variable that counts, the spike.
    pub fn give(&mut self, floats: Vec<Val>, counter: Option<Val>, spike: Option<Val>) {
        self.0.outputs = neuron_outputs(floats, counter, spike);
    }

    /// Adds two state variables that keep a word whole: its high and its low half, as floats,
    /// which hold them exactly whatever a device does to other numbers.
    pub fn store_halves(&mut self, bits: Val) {
        let mask = self.op(Op::U32(0xffff));
        let high = self.op(Op::UShr(bits, 16));
        let low = self.op(Op::UAnd(bits, mask));
        for half in [high, low] {
            let half = self.op(Op::UToI(half));
            let half = self.op(Op::IToF(half));
            self.0.outputs.push((Output::State(self.0.outputs.len() as u32), half));
        }
    }

    /// The word whose halves two inputs hold.
    pub fn load_halves(&mut self, high: Input, low: Input) -> Val {
        let [high, low] = [high, low].map(|half| {
            let half = self.input(half);
            let half = self.op(Op::FToI(half));
            self.op(Op::IToU(half))
        });
        let high = self.op(Op::UShl(high, 16));
        self.op(Op::UOr(high, low))
    }

    /// A float.
    pub fn f(&mut self, x: f32) -> Val {
        self.op(Op::F32(x.to_bits()))
    }

    /// A signed integer.
    pub fn int(&mut self, x: i32) -> Val {
        self.op(Op::I32(x))
    }

    /// a * b of floats.
    pub fn mul(&mut self, a: Val, b: Val) -> Val {
        self.op(Op::FMul(a, b))
    }

    /// a + b of floats.
    pub fn add(&mut self, a: Val, b: Val) -> Val {
        self.op(Op::FAdd(a, b))
    }

    /// `if c { a } else { b }`.
    pub fn select(&mut self, c: Val, a: Val, b: Val) -> Val {
        self.op(Op::Select(c, a, b))
    }
}

/// A leaky integrate-and-fire neuron with two exponential currents, exactly integrated, reset to
/// the resting potential, refractory for `refractory` steps. State: v, i_ex, i_in (mV and pA).
/// Two receptors, in units of 2^-`exponent` pA. `drive` is a constant current in pA.
pub fn lif(refractory: i32, drive: f32, exponent: i32) -> Program {
    let mut c = Code::default();
    let (v, ex, inh) =
        (c.input(Input::State(0)), c.input(Input::State(1)), c.input(Input::State(2)));
    let counter = c.input(Input::Integer(3));
    let zero = c.int(0);
    let resting = c.op(Op::ILt(zero, counter));
    let scale = c.f(2.0_f32.powi(-exponent));
    let input = |c: &mut Code, receptor: u32, current: Val, decay: f32| {
        let sum = c.input(Input::Receptor(receptor));
        let sum = c.op(Op::IToF(sum));
        let sum = c.mul(sum, scale);
        let decay = c.f(decay);
        let decayed = c.mul(current, decay);
        c.add(decayed, sum)
    };
    let (p_v, p_ex, p_in, p_drive) = (c.f(0.995), c.f(0.000_392), c.f(0.000_397), c.f(0.0004));
    let a = c.mul(v, p_v);
    let b = c.mul(ex, p_ex);
    let ab = c.add(a, b);
    let d = c.mul(inh, p_in);
    let abd = c.add(ab, d);
    let drive = c.f(drive);
    let driven = c.mul(drive, p_drive);
    let free = c.add(abd, driven);
    let next_v = c.select(resting, v, free);
    let next_ex = input(&mut c, 0, ex, 0.980_2);
    let next_in = input(&mut c, 1, inh, 0.990_05);
    let threshold = c.f(10.0);
    let above = c.op(Op::FLe(threshold, next_v));
    let awake = c.op(Op::Not(resting));
    let spike = c.op(Op::And(above, awake));
    let reset = c.f(0.0);
    let next_v = c.select(spike, reset, next_v);
    let (period, one) = (c.int(refractory), c.int(1));
    let less = c.op(Op::ISub(counter, one));
    let less = c.select(resting, less, zero);
    let next_counter = c.select(spike, period, less);
    c.give(vec![next_v, next_ex, next_in], Some(next_counter), Some(spike));
    c.0
}

/// A population of [`lif`] with graded potentials; the last weight unit is 2^-6 pA.
pub fn lif_population(refractory: i32, drive: f32) -> NeuronPlan {
    let initial = (0..10_000).map(|i| (0.002_f32 * i as f32).to_bits()).collect();
    let initial = vec![Words::Each(initial), Words::All(0), Words::All(0)];
    neuron_plan(lif(refractory, drive, 6), initial)
}
