//! The statements of an event of a synapse as a [`Program`] (`docs/semantics.md` 8).

use super::dag::{Node, Value};
use super::emit::Emitter;
use super::fold::Fold;
use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::describe::checked::{Checked, PerNeuron};
use crate::describe::model::{BinaryOp, Expr};
use crate::describe::synapse::EventProgram;
use crate::ir::build::Builder;
use crate::ir::{Op, Output, Program, Val, math};
use crate::plan::WeightBounds;

/// The largest integer for which one sum rounds a float to the nearest integer.
const ONE_SUM_MAX: u32 = 1 << 22;

/// A value whose mantissa has a float's integer in its low bits: 1.5 * 2^23.
const ROUNDER: f32 = 12_582_912.0;

/// How a value that is sent becomes an integer (8.7).
#[derive(Clone, Copy, Debug)]
pub(in crate::plan::lower) struct Send {
    /// A value that is sent is clamped to these.
    least: f32,
    largest: f32,
    /// Integers are multiples of 2^-exponent.
    exponent: i32,
    /// Whether one sum rounds.
    by_one_sum: bool,
}

impl Send {
    /// Makes integers that are multiples of 2^-exponent of values within these bounds.
    pub(in crate::plan::lower) fn new((least, largest): (f64, f64), exponent: i32) -> Self {
        let (least, largest) = (numeric::round_host(least), numeric::round_host(largest));
        let scaled = |bound: f32| libm::fabs(libm::scalbn(f64::from(bound), exponent));
        let by_one_sum = scaled(least).max(scaled(largest)) <= f64::from(ONE_SUM_MAX);
        Self { least, largest, exponent, by_one_sum }
    }

    /// Returns the integers that the bounds become. No value between the bounds becomes one beyond
    /// them, because each operation is monotonic.
    pub(in crate::plan::lower) fn integers(self) -> WeightBounds {
        let integer = |bound: f32| {
            let scaled = libm::scalbn(f64::from(bound), self.exponent) as f32;
            if self.by_one_sum {
                libm::rintf(scaled) as i32
            } else {
                // In f32, as `emit`: from 2^23 on the sum rounds to an even integer.
                libm::floorf(scaled + 0.5) as i32
            }
        };
        WeightBounds { least: integer(self.least), largest: integer(self.largest) }
    }

    fn emit(self, builder: &mut Builder, value: Val) -> Val {
        let (least, largest) = (builder.f32(self.least), builder.f32(self.largest));
        let value = math::clamp(builder, value, least, largest);
        let scale = builder.f32(libm::scalbn(1.0, self.exponent) as f32);
        let scaled = builder.emit(Op::FMul(value, scale));
        if !self.by_one_sum {
            let half = builder.f32(0.5);
            let sum = builder.emit(Op::FAdd(scaled, half));
            let whole = math::floor(builder, sum);
            return builder.f_to_i(whole);
        }
        let rounder = builder.f32(ROUNDER);
        let sum = builder.emit(Op::FAdd(scaled, rounder));
        let bits = builder.f_to_bits(sum);
        let zero = builder.u32(ROUNDER.to_bits());
        let integer = builder.usub(bits, zero);
        builder.u_to_i(integer)
    }
}

/// Returns the value of a host expression over parameters that are the same for all synapses.
pub(in crate::plan::lower) fn host(parameters: &[PerNeuron], dt_ms: f64, e: &Expr) -> f64 {
    match Fold::plain(0, 0, parameters, dt_ms).eval(e) {
        Value::Host(value) => value.get(0),
        Value::HostBool(_) | Value::Device(_) | Value::DeviceBool(_) => {
            unreachable!("a checked bound is a host number")
        }
    }
}

/// Lowers a condition over so many state variables, which have decayed until then: the program
/// gives [`Output::Spike`] where it holds. `target` is a population of which the variables with
/// these numbers of the plan are read.
pub(in crate::plan::lower) fn condition(
    network: &Checked,
    (target, read): (PopulationId, Vec<u32>),
    parameters: &[PerNeuron],
    states: u32,
    condition: &Expr,
) -> Program {
    let mut fold = Fold::plain(states, 0, parameters, network.dt_ms);
    let holds = fold.eval(condition);
    let holds = fold.condition(holds);
    let mut emitter = Emitter::new(network, target, states as usize);
    emitter.target = read;
    emitter.emit(&fold.dag);
    let holds = emitter.value(holds);
    emitter.builder.program(vec![(Output::Spike, holds)])
}

/// Lowers the statements of an event over state variables: for each whether it decays between
/// events. `target` is a population at the event, of which the variables with these numbers of the
/// plan are read. The variables that follow them are what is sent, one for each of `sends`.
pub(in crate::plan::lower) fn event(
    network: &Checked,
    (target, read): (PopulationId, Vec<u32>),
    parameters: &[PerNeuron],
    decays: &[bool],
    program: &EventProgram,
    sends: &[Send],
) -> Program {
    let states = decays.len() as u32;
    let mut fold = Fold::plain(states, program.locals, parameters, network.dt_ms);
    for n in (0..states).filter(|n| decays[*n as usize]) {
        let factor = Value::Device(fold.dag.push(Node::Decay(n)));
        let value = Value::Device(fold.state[n as usize]);
        let left = fold.binary(BinaryOp::Mul, value, factor);
        fold.state[n as usize] = fold.number(left);
    }
    for _ in sends {
        let nothing = fold.number(Value::host(0.0));
        fold.state.push(nothing);
    }
    fold.run(&program.statements);
    let mut emitter = Emitter::new(network, target, states as usize);
    emitter.target = read;
    emitter.emit(&fold.dag);
    let values: Vec<Val> = fold.state.iter().map(|node| emitter.value(*node)).collect();
    let mut outputs: Vec<(Output, Val)> =
        (0..states).map(|n| (Output::State(n), values[n as usize])).collect();
    for ((n, send), value) in (0..).zip(sends).zip(&values[states as usize..]) {
        outputs.push((Output::Sent(n), send.emit(&mut emitter.builder, *value)));
    }
    emitter.builder.program(outputs)
}
