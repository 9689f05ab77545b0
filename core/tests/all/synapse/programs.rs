//! The programs of plans give the bits of the expressions that the naive oracle evaluates, on
//! random models, states, traces and signals.

use super::{Network, compile};
use isospike_core::base::id::Side;
use isospike_core::base::numeric;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Expr, Function, ParameterDef, Stmt, UnaryOp};
use isospike_core::describe::signal::Signal;
use isospike_core::describe::synapse::{
    ClockedDef, EventProgram, Initial, InitialDef, Sent, Synapse, SynapseModel, SynapseStateDef,
    TraceDef, TracesDef,
};
use isospike_core::ir::{Input, Output, Program, eval};
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::plan::synapse::{Stamp, SynapsePlan, TracesPlan};
use isospike_core::run::backend::one_nan;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::record::{Recording, Spike};
use std::sync::Arc;

/// State variables, traces of the source and of the target, signals.
const SIZES: [u32; 4] = [2, 2, 1, 2];

/// The step in which a synapse has both events, and its clocked block.
const STEP: u32 = 5000;

/// The period of the clocked block: a divisor of [`STEP`] + 1.
const PERIOD_STEPS: u32 = 1667;

/// Random numbers.
struct Random(u32);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 4) % bound
    }

    fn number(&mut self) -> f64 {
        f64::from(self.below(1000)) / 250.0 + 0.1
    }

    /// A float between -4 and 4, sometimes a tiny one.
    fn float(&mut self) -> f32 {
        let scale = if self.below(8) == 0 { 1e-19 } else { 1.0 };
        ((self.number() - 2.1) * 2.0 * scale) as f32
    }
}

/// The names that statements may read.
#[derive(Clone, Copy)]
struct Names {
    states: u32,
    /// Whether traces and the variable of the target are among them.
    traces: bool,
}

fn boxed(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

fn host(random: &mut Random, depth: u32) -> Expr {
    match random.below(if depth == 0 { 3 } else { 5 }) {
        0 => Expr::Number(random.number()),
        1 => Expr::Parameter(random.below(2)),
        2 => Expr::TimeStep,
        3 => boxed(BinaryOp::Add, host(random, depth - 1), host(random, depth - 1)),
        _ => boxed(BinaryOp::Mul, host(random, depth - 1), host(random, depth - 1)),
    }
}

fn condition(random: &mut Random, names: Names, depth: u32) -> Expr {
    let depth = depth.saturating_sub(1);
    match random.below(5) {
        0 => boxed(BinaryOp::Lt, host(random, 1), host(random, 1)),
        1 => {
            let inner = condition(random, names, depth);
            Expr::Unary(UnaryOp::Not, Box::new(inner))
        }
        2 => boxed(BinaryOp::Ge, device(random, names, depth), host(random, 1)),
        _ => boxed(BinaryOp::Lt, device(random, names, depth), device(random, names, depth)),
    }
}

fn leaf(random: &mut Random, names: Names) -> Expr {
    match random.below(if names.traces { 6 } else { 2 }) {
        0 => Expr::State(random.below(names.states)),
        1 => Expr::Local(random.below(2)),
        2 => Expr::Trace(Side::Pre, random.below(SIZES[1])),
        3 => Expr::Target(0),
        4 => Expr::Signal(random.below(SIZES[3])),
        _ => Expr::Trace(Side::Post, random.below(SIZES[2])),
    }
}

fn device(random: &mut Random, names: Names, depth: u32) -> Expr {
    use BinaryOp::{Add, Div, Mul, Pow, Sub};
    if depth == 0 {
        return leaf(random, names);
    }
    let any = |random: &mut Random| match random.below(3) {
        0 => host(random, 1),
        _ => device(random, names, depth - 1),
    };
    let first = device(random, names, depth - 1);
    match random.below(9) {
        0..4 => {
            let op = [Add, Sub, Mul, Div][random.below(4) as usize];
            boxed(op, first, any(random))
        }
        4 => boxed(Pow, first, Expr::Number(f64::from(random.below(4)))),
        5 => {
            let condition = condition(random, names, depth);
            Expr::If(Box::new(condition), Box::new(first), Box::new(any(random)))
        }
        6 => Expr::Call(Function::Clamp, vec![first, Expr::Number(-1.5), host(random, 1)]),
        7 => Expr::Call([Function::Exp, Function::Tanh][random.below(2) as usize], vec![first]),
        _ => Expr::Unary(UnaryOp::Neg, Box::new(first)),
    }
}

fn statements(random: &mut Random, names: Names, writes: u32, depth: u32) -> Vec<Stmt> {
    let one = |random: &mut Random| match random.below(if depth == 0 { 4 } else { 5 }) {
        0 => Stmt::SetLocal(random.below(2), host(random, 2)),
        1 => Stmt::SetLocal(random.below(2), device(random, names, 2)),
        4 => {
            let condition = condition(random, names, 2);
            let [then, otherwise] = [(); 2].map(|()| statements(random, names, writes, depth - 1));
            Stmt::If(condition, then, otherwise)
        }
        _ => Stmt::SetState(random.below(writes), device(random, names, 3)),
    };
    (0..1 + random.below(4)).map(|_| one(random)).collect()
}

/// A program whose local variables have values from the start.
fn program(random: &mut Random, names: Names, writes: u32) -> EventProgram {
    let mut all = vec![
        Stmt::SetLocal(0, host(random, 1)),
        Stmt::SetLocal(1, Expr::State(random.below(names.states))),
    ];
    all.extend(statements(random, names, writes, 2));
    EventProgram { statements: all, locals: 2 }
}

fn traces(random: &mut Random, count: u32) -> TracesDef {
    let trace = |n| TraceDef { name: format!("trace_{n}"), tau: Expr::Number(1.0) };
    let names = Names { states: count, traces: false };
    TracesDef { traces: (0..count).map(trace).collect(), spike: program(random, names, count) }
}

fn synapse(random: &mut Random) -> Synapse {
    let [states, pre, post, signals] = SIZES;
    let names = Names { states, traces: true };
    let mut on_pre = program(random, names, states);
    on_pre.statements.push(Stmt::SetState(states, device(random, names, 2)));
    let state = |n| SynapseStateDef {
        name: format!("state_{n}"),
        initial: InitialDef::Weight,
        dimension: Dimension::default(),
        bounds: None,
        tau: None,
    };
    let parameter = |n| ParameterDef {
        name: format!("parameter_{n}"),
        default: None,
        dimension: Dimension::default(),
        bounds: Vec::new(),
        help: String::new(),
    };
    let model = SynapseModel {
        name: "random".into(),
        parameters: (0..2).map(parameter).collect(),
        signals: (0..signals).map(|n| format!("signal_{n}")).collect(),
        state: (0..states).map(state).collect(),
        pre: traces(random, pre),
        post: traces(random, post),
        receptors: vec![None],
        on_pre,
        on_post: program(random, names, states),
        on_post_if: None,
        every: vec![ClockedDef {
            period: Expr::Number(1.0),
            program: program(random, names, states),
        }],
        target: vec!["v".into()],
        source: Vec::new(),
    };
    Synapse {
        model: Arc::new(model),
        parameters: vec![PerNeuron::All(random.number()), PerNeuron::All(random.number())],
        // In another order than the network has them.
        signals: (0..signals).rev().collect(),
        initial: vec![Initial::Weight, Initial::Value(random.number())],
        state_tau_ms: vec![None; 2],
        weights: None,
        pre_tau_ms: vec![random.number() * 10.0, random.number() * 100.0],
        post_tau_ms: vec![random.number() * 20.0],
        period_steps: vec![PERIOD_STEPS],
        target: vec![0],
        source: Vec::new(),
        dendritic_steps: 0,
        back_steps: 0,
        sent: vec![Sent { receptor: 0, bounds: (-random.number(), random.number()) }],
        rewire: None,
    }
}

fn signal(random: &mut Random) -> Signal {
    let pulses = [(3, 7.0), (STEP, random.number()), (STEP + 1, 3.0)];
    Signal {
        name: "signal".into(),
        tau_ms: random.number() * 5.0,
        spikes: None,
        pulses: pulses.into(),
    }
}

/// The synapses that learn.
fn learns(plan: &Plan) -> &SynapsePlan {
    plan.projections[1].synapse.as_ref().unwrap()
}

/// Traces of both sides, signals, and the variable of the target at an event.
#[derive(Clone, Copy, Default)]
struct Reads<'a> {
    traces: [&'a [f32]; 2],
    signals: &'a [f32],
    v: f32,
}

/// Evaluates an event: the variables after it, flushed, and what is sent.
fn event(program: &Program, state: &[f32], reads: Reads<'_>) -> (Vec<f32>, Option<i32>) {
    let Reads { traces, signals, v } = reads;
    let mut values = Vec::new();
    let outcome = eval::program(program, &mut values, |input| match input {
        Input::State(n) => state[n as usize].to_bits(),
        Input::Trace(side, n) => traces[side as usize][n as usize].to_bits(),
        Input::Target(_) => v.to_bits(),
        Input::Signal(n) => signals[n as usize].to_bits(),
        other => panic!("no input {other} here"),
    });
    let sent = program.outputs.iter().find(|(output, _)| *output == Output::Sent(0));
    let sent = sent.map(|(_, val)| values[val.0 as usize].cast_signed());
    (outcome.state.into_iter().map(f32::from_bits).collect(), sent)
}

/// The values of traces so many steps later.
fn decayed(traces: &TracesPlan, values: &[f32], steps: u32) -> Vec<f32> {
    let pairs = values.iter().zip(&traces.decay);
    pairs.map(|(value, decay)| decay.apply(*value, steps)).collect()
}

/// The words of a synapse, its source, its target and signals after all events in [`STEP`], by the
/// programs of the plan. The words before have the stamps of these ages; the target has `v` before
/// the step, and what is sent in multiples of `unit` afterwards.
fn expected(
    plan: &Plan,
    before: &[Vec<f32>; 4],
    ages: [u32; 2],
    (v, unit): (f32, f32),
) -> (Vec<u32>, i32) {
    let synapse = learns(plan);
    let [state, pre, post, signals] = before;
    let read: Vec<f32> = signals.iter().rev().copied().collect();
    let x = decayed(&synapse.pre, pre, ages[0]);
    let y = decayed(&synapse.post, post, ages[1]);
    let reads = Reads { traces: [&x, &y], signals: &read, v };
    let (state, sent) = event(&synapse.on_pre, state, reads);
    let v = numeric::flush(numeric::int_to_float(sent.unwrap()) * unit);
    let reads = Reads { v, ..reads };
    let (state, _) = event(synapse.on_post.as_ref().unwrap(), &state, reads);
    let (state, _) = event(&synapse.clocked[0].program, &state, reads);
    let (x, _) = event(&synapse.pre.spike, &x, Reads::default());
    let (y, _) = event(&synapse.post.spike, &y, Reads::default());
    let bits = |values: Vec<f32>| {
        let mut words: Vec<u32> = values.into_iter().map(f32::to_bits).collect();
        one_nan(&mut words);
        words
    };
    let mut words = bits(state);
    words.extend(bits(x));
    // The spike was a step before it arrived.
    words.push(Stamp::at(STEP - 1).word());
    words.extend(bits(y));
    words.push(Stamp::at(STEP).word());
    let next = signals.iter().zip(&plan.signals).map(|(value, of)| of.next(*value, STEP, 0));
    words.extend(bits(next.collect()));
    (words, sent.unwrap())
}

/// A checkpoint before [`STEP`] with these values of the synapse, its source and its target, and
/// spikes that arrive in it.
fn checkpoint(plan: &Plan, values: &[Vec<f32>; 4], ages: [u32; 2], v: f32) -> Checkpoint {
    let mut checkpoint = Checkpoint::start(plan);
    let [state, pre, post, signals] = values.each_ref().map(|of| of.iter().map(|x| x.to_bits()));
    checkpoint.state.truncate(plan.neuron_words() as usize);
    checkpoint.state[0] = v.to_bits();
    checkpoint.state.extend(state.chain(pre));
    checkpoint.state.push(Stamp::at(STEP - 1 - ages[0]).word());
    checkpoint.state.extend(post);
    checkpoint.state.push(Stamp::at(STEP - ages[1]).word());
    checkpoint.state.extend(signals);
    checkpoint.step = STEP;
    checkpoint.counters.steps = u64::from(STEP);
    checkpoint.spikes = [0, 1].map(|neuron| Spike { step: STEP - 1, neuron }).to_vec();
    checkpoint
}

#[test]
fn programs_have_the_bits_of_expressions() {
    let mut random = Random(0x1234_5678);
    let mut sends = 0;
    for model in 0..150 {
        let mut network = Network::pair(&[], &[], synapse(&mut random), (0.5, 1)).checked();
        network.signals = (0..SIZES[3]).map(|_| signal(&mut random)).collect();
        let plan = lower(Arc::new(network));
        let lowered = learns(&plan);
        let mut simulation = compile(&plan);
        for _ in 0..8 {
            let values = SIZES.map(|count| (0..count).map(|_| random.float()).collect());
            let values = values.map(|of: Vec<f32>| of.into_iter().map(numeric::flush).collect());
            let ages = [1 + random.below(3000), 1 + random.below(3000)];
            let v = numeric::flush(random.float());
            simulation.restore(&checkpoint(&plan, &values, ages, v)).unwrap();
            simulation.run(1, &mut Recording { steps: STEP, ..Recording::new(&plan) }).unwrap();
            let unit = libm::exp2(f64::from(-plan.receptors[0].scale_exponent)) as f32;
            let (words, sent) = expected(&plan, &values, ages, (v, unit));
            let state = simulation.state().unwrap();
            let after = &state[plan.neuron_words() as usize..];
            assert_eq!(after, words, "model {model}: {values:?} after {ages:?} steps");
            assert_eq!(f32::from_bits(state[0]), numeric::int_to_float(sent) * unit, "{model}");
            let bounds = lowered.sent[0].bounds;
            assert!(bounds.contains(sent));
            sends += u32::from(bounds.least != sent && bounds.largest != sent);
        }
    }
    assert!(sends > 100, "{sends} of 1200 are not at a bound");
}
