//! Published rules, put together without the model language.

use isospike_core::base::id::Side;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Expr, Function, ParameterDef, Stmt};
use isospike_core::describe::synapse::{
    ClockedDef, EventProgram, Initial, InitialDef, Sent, Synapse, SynapseModel, SynapseStateDef,
    TraceDef, TracesDef,
};
use std::sync::Arc;

pub fn num(x: f64) -> Expr {
    Expr::Number(x)
}

fn state(n: u32) -> Expr {
    Expr::State(n)
}

fn parameter(n: u32) -> Expr {
    Expr::Parameter(n)
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

pub fn add(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Add, a, b)
}

pub fn sub(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Sub, a, b)
}

/// The product of all from left to right.
pub fn product(factors: Vec<Expr>) -> Expr {
    factors.into_iter().reduce(|a, b| binary(BinaryOp::Mul, a, b)).unwrap()
}

/// An assignment of the variable with this number, kept between 0 and a parameter.
fn bounded(n: u32, value: Expr, largest: u32) -> Stmt {
    Stmt::SetState(n, Expr::Call(Function::Clamp, vec![value, num(0.0), parameter(largest)]))
}

fn program(statements: Vec<Stmt>) -> EventProgram {
    EventProgram { statements, locals: 0 }
}

/// Traces that each go up by one at a spike.
fn counting(names: &[&str]) -> TracesDef {
    let trace = |name: &&str| TraceDef { name: (*name).into(), tau: num(1.0) };
    let spike = (0..names.len() as u32).map(|n| Stmt::SetState(n, add(state(n), num(1.0))));
    TracesDef { traces: names.iter().map(trace).collect(), spike: program(spike.collect()) }
}

/// A model of one variable `w`, the weight.
fn model(
    parameters: &[(&str, f64)],
    sides: [TracesDef; 2],
    bounds: Option<(Expr, Expr)>,
    events: [Vec<Stmt>; 2],
) -> SynapseModel {
    let parameter = |(name, value): &(&str, f64)| ParameterDef {
        name: (*name).into(),
        default: Some(*value),
        dimension: Dimension::default(),
        bounds: Vec::new(),
        help: String::new(),
    };
    let [pre, post] = sides;
    let [on_pre, on_post] = events.map(program);
    SynapseModel {
        name: "rule".into(),
        parameters: parameters.iter().map(parameter).collect(),
        signals: Vec::new(),
        state: vec![SynapseStateDef {
            name: "w".into(),
            initial: InitialDef::Weight,
            dimension: Dimension::default(),
            bounds,
            tau: None,
        }],
        pre,
        post,
        receptors: vec![None],
        on_pre,
        on_post,
        on_post_if: None,
        every: Vec::new(),
        target: Vec::new(),
        source: Vec::new(),
    }
}

fn with(model: SynapseModel, tau_ms: [&[f64]; 2], sent: (f64, f64)) -> Synapse {
    let values = model.parameters.iter().map(|p| PerNeuron::All(p.default.unwrap()));
    Synapse {
        parameters: values.collect(),
        signals: Vec::new(),
        model: Arc::new(model),
        initial: vec![Initial::Weight],
        state_tau_ms: vec![None],
        weights: None,
        pre_tau_ms: tau_ms[0].to_vec(),
        post_tau_ms: tau_ms[1].to_vec(),
        period_steps: Vec::new(),
        target: Vec::new(),
        source: Vec::new(),
        dendritic_steps: 0,
        back_steps: 0,
        sent: vec![Sent { receptor: 0, bounds: sent }],
        rewire: None,
    }
}

/// The constants of [`stdp`]: both time constants in ms, the steps up and down.
pub const STDP: [f64; 4] = [16.8, 33.7, 0.01, 0.0105];

/// Song, Miller and Abbott 2000: additive, all pairs, weights of 0 to `w_max`.
pub fn stdp(w_max: f64) -> Synapse {
    let [tau_plus, tau_minus, a_plus, a_minus] = STDP;
    let parameters = [("a_plus", a_plus), ("a_minus", a_minus), ("w_max", w_max)];
    let [x, y] = [Expr::Trace(Side::Pre, 0), Expr::Trace(Side::Post, 0)];
    let down = sub(state(0), product(vec![parameter(1), parameter(2), y]));
    let up = add(state(0), product(vec![parameter(0), parameter(2), x]));
    let on_pre = vec![bounded(0, down, 2), Stmt::SetState(1, state(0))];
    let on_post = vec![bounded(0, up, 2)];
    let sides = [counting(&["x"]), counting(&["y"])];
    let model = model(&parameters, sides, Some((num(0.0), parameter(2))), [on_pre, on_post]);
    with(model, [&[tau_plus], &[tau_minus]], (0.0, w_max))
}

/// The constants of [`triplet`]: four time constants in ms, A2+, A3+, A2-, A3-.
pub const TRIPLET: [f64; 8] = [16.8, 101.0, 33.7, 125.0, 5e-3, 6.2e-3, 7e-3, 2.3e-4];

/// Pfister and Gerstner 2006, all to all; steps are in parts of 1, weights of 0 to `w_max`.
pub fn triplet(w_max: f64) -> Synapse {
    let [tau_plus, tau_x, tau_minus, tau_y, ..] = TRIPLET;
    let names = ["a2_plus", "a3_plus", "a2_minus", "a3_minus"];
    let mut parameters: Vec<(&str, f64)> = names.into_iter().zip(TRIPLET[4..].to_vec()).collect();
    parameters.push(("w_max", w_max));
    let trace = |side, n| Expr::Trace(side, n);
    let step = |trace_1, n, trace_2| {
        let sum = add(parameter(n), product(vec![parameter(n + 1), trace_2]));
        product(vec![trace_1, sum])
    };
    let down = sub(state(0), step(trace(Side::Post, 0), 2, trace(Side::Pre, 1)));
    let up = add(state(0), step(trace(Side::Pre, 0), 0, trace(Side::Post, 1)));
    let on_pre = vec![bounded(0, down, 4), Stmt::SetState(1, state(0))];
    let on_post = vec![bounded(0, up, 4)];
    let sides = [counting(&["x1", "x2"]), counting(&["y1", "y2"])];
    let model = model(&parameters, sides, Some((num(0.0), parameter(4))), [on_pre, on_post]);
    with(model, [&[tau_plus, tau_x], &[tau_minus, tau_y]], (0.0, w_max))
}

/// Markram, Wang and Tsodyks 1998: u and q = 1 - R are traces of the source; time constants of
/// recovery and facilitation in ms.
pub fn tsodyks_markram(u_0: f64, tau_d_ms: f64, tau_f_ms: f64) -> Synapse {
    let rest = |n| sub(num(1.0), n);
    let released = |u: Expr| add(u.clone(), product(vec![parameter(0), rest(u)]));
    let [u, q] = [0, 1].map(|n| Expr::Trace(Side::Pre, n));
    let pre = TracesDef {
        traces: ["u", "q"].map(|name| TraceDef { name: name.into(), tau: num(1.0) }).into(),
        spike: program(vec![
            Stmt::SetState(0, released(state(0))),
            Stmt::SetState(1, add(state(1), product(vec![state(0), rest(state(1))]))),
        ]),
    };
    let on_pre = Stmt::SetState(1, product(vec![state(0), released(u), rest(q)]));
    let sides = [pre, TracesDef::default()];
    let model = model(&[("u_0", u_0)], sides, None, [vec![on_pre], Vec::new()]);
    with(model, [&[tau_f_ms, tau_d_ms], &[]], (0.0, 1.0))
}

/// A trace of the source is added to `c`, which decays, at a post event; `fast` begins with 2 and
/// only decays. Sends the weight.
pub fn eligibility(tau_ms: f64) -> Synapse {
    let x = Expr::Trace(Side::Pre, 0);
    let events = [vec![Stmt::SetState(3, state(0))], vec![Stmt::SetState(1, add(state(1), x))]];
    let mut model = model(&[], [counting(&["x"]), TracesDef::default()], None, events);
    let decaying = |name: &str| SynapseStateDef {
        name: name.into(),
        initial: InitialDef::Host(num(0.0)),
        tau: Some(num(1.0)),
        ..model.state[0].clone()
    };
    let more = ["c", "fast"].map(decaying);
    model.state.extend(more);
    Synapse {
        initial: vec![Initial::Weight, Initial::Value(0.0), Initial::Value(2.0)],
        state_tau_ms: vec![None, Some(tau_ms), Some(2.5)],
        ..with(model, [&[STDP[0]], &[]], (-1.0, 1.0))
    }
}

/// The weight goes up by an eighth in each step in which `v` of the target is above a quarter, and
/// down by a trace of the target that counts these steps. Sends the weight.
pub fn conditioned() -> Synapse {
    let y = Expr::Trace(Side::Post, 0);
    let on_pre = vec![
        Stmt::SetState(0, sub(state(0), product(vec![y, num(0.015625)]))),
        Stmt::SetState(1, state(0)),
    ];
    let on_post = vec![Stmt::SetState(0, add(state(0), num(0.125)))];
    let sides = [TracesDef::default(), counting(&["y"])];
    let mut model = model(&[], sides, None, [on_pre, on_post]);
    model.on_post_if = Some(binary(BinaryOp::Gt, Expr::Target(0), num(0.25)));
    model.target = vec!["v".into()];
    Synapse { target: vec![0], ..with(model, [&[], &[STDP[1]]], (-1.0, 1.0)) }
}

/// Sends half of its weight at the end of each period, and all of it at pre events if it should.
pub fn sending_without_spikes(period_steps: u32, at_spikes: bool) -> Synapse {
    let mut synapse = sending();
    let mut model = SynapseModel::clone(&synapse.model);
    let half = product(vec![state(0), num(0.5)]);
    let program = program(vec![Stmt::SetState(1, half)]);
    model.every = vec![ClockedDef { period: num(1.0), program }];
    if !at_spikes {
        model.on_pre.statements.clear();
    }
    synapse.model = Arc::new(model);
    synapse.period_steps = vec![period_steps];
    synapse
}

/// Keeps and sends its weight.
pub fn sending() -> Synapse {
    let sides = [TracesDef::default(), TracesDef::default()];
    let on_pre = vec![Stmt::SetState(1, state(0))];
    with(model(&[], sides, None, [on_pre, Vec::new()]), [&[], &[]], (-1.0, 1.0))
}
