//! Neuron models put together by hand, lowered and evaluated, against the arithmetic written out.

use isospike_core::base::id::PopulationId;
use isospike_core::base::numeric::function;
use isospike_core::base::random;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::{
    Checked, PerNeuron, Population, PopulationKind, Rows, Series, Stimulus, StimulusKind,
};
use isospike_core::describe::model::{
    BinaryOp, Expr, Function, NeuronModel, ParameterDef, ReceptorDef,
};
use isospike_core::describe::model::{Sign, SpikeRule, StateDef, Stmt};
use isospike_core::ir::{Input, Op, eval, text, verify};
use isospike_core::plan::lower::neuron::neuron_program;
use isospike_core::plan::{NeuronPlan, Words};
use std::sync::Arc;

const V: Expr = Expr::State(0);

fn number(x: f64) -> Expr {
    Expr::Number(x)
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

fn add(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Add, a, b)
}

fn mul(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Mul, a, b)
}

/// exp(-dt / parameter 0)
fn decay() -> Expr {
    let ratio = binary(BinaryOp::Div, Expr::TimeStep, Expr::Parameter(0));
    let negative = binary(BinaryOp::Sub, number(0.0), ratio);
    Expr::Call(Function::Exp, vec![negative])
}

/// A model with one state variable and this update.
fn model(update: Vec<Stmt>) -> NeuronModel {
    NeuronModel {
        name: "by_hand".into(),
        parameters: vec![],
        state: vec![state("v")],
        receptors: vec![],
        current: Some(Dimension::default()),
        refractory: None,
        update,
        threshold: None,
        spike: SpikeRule::Level,
        reset: vec![],
        locals: 4,
        draws: 0,
    }
}

fn state(name: &str) -> StateDef {
    StateDef { name: name.into(), initial: number(0.0), dimension: Dimension::default() }
}

/// A network of one population of three neurons, dt = 0.1 ms.
fn network(model: NeuronModel, parameters: Vec<PerNeuron>, stimuli: Vec<StimulusKind>) -> Checked {
    let mut model = model;
    model.parameters = (0..parameters.len())
        .map(|i| ParameterDef {
            bounds: vec![],
            help: String::new(),
            name: format!("p{i}"),
            default: None,
            dimension: Dimension::default(),
        })
        .collect();
    let initial = vec![PerNeuron::All(1e-30); model.state.len()];
    let model = Arc::new(model);
    let kind = PopulationKind::Neurons { model, parameters, initial, refractory_steps: 2 };
    let stimulus = |kind| Stimulus {
        name: "stimulus".into(),
        population: PopulationId(0),
        start_step: 0,
        stop_step: u32::MAX,
        kind,
    };
    Checked {
        name: "test".into(),
        dt_ms: 0.1,
        duration_steps: 10,
        transient_steps: 0,
        seed: 1,
        batch: 1,
        populations: vec![Population { name: "p".into(), size: 3, kind, reference_rate_hz: None }],
        projections: vec![],
        stimuli: stimuli.into_iter().map(stimulus).collect(),
        probes: vec![],
        synapse_probes: vec![],
        signals: vec![],
    }
}

fn lower(network: &Checked, exponents: &[i32]) -> NeuronPlan {
    let plan = neuron_program(network, PopulationId(0), exponents);
    verify::program(&plan.program).unwrap();
    plan
}

fn plan(update: Vec<Stmt>, parameters: Vec<PerNeuron>, stimuli: Vec<StimulusKind>) -> NeuronPlan {
    lower(&network(model(update), parameters, stimuli), &[])
}

/// The values of the leaves: one neuron in one step.
#[derive(Clone, Default)]
struct Neuron {
    index: u32,
    step: u32,
    v: f32,
    refractory: i32,
    accumulator: i32,
    poisson: u32,
}

fn run(plan: &NeuronPlan, neuron: &Neuron) -> eval::Outcome {
    eval::program(&plan.program, &mut vec![], |input| match input {
        Input::State(_) => neuron.v.to_bits(),
        Input::Integer(_) => neuron.refractory as u32,
        Input::Parameter(n) => plan.constants[n as usize].get(neuron.index),
        Input::Receptor(_) => neuron.accumulator as u32,
        Input::Poisson { .. } => neuron.poisson,
        Input::Random { stream, draw } => {
            random::word(1, neuron.index, neuron.step, stream, draw, 0)
        }
        Input::Series(n) => plan.series[n as usize].word(neuron.step, neuron.index),
        Input::External(_) => 0,
        Input::Trace(..)
        | Input::Target(_)
        | Input::Source(_)
        | Input::Signal(_)
        | Input::Decay(_) => {
            panic!("{input} is of synapses")
        }
        Input::Step => neuron.step,
    })
}

fn next_v(plan: &NeuronPlan, neuron: &Neuron) -> f32 {
    f32::from_bits(run(plan, neuron).state[0])
}

fn has(plan: &NeuronPlan, which: impl Fn(&Op) -> bool) -> bool {
    plan.program.ops.iter().any(which)
}

#[test]
fn host_values_are_folded_in_f64_and_rounded_once() {
    let update = vec![Stmt::SetState(0, mul(V, decay()))];
    let plan = plan(update, vec![PerNeuron::All(10.0)], vec![]);
    let expected = 0.7_f32 * libm::exp(0.0 - 0.1 / 10.0) as f32;
    assert_eq!(next_v(&plan, &Neuron { v: 0.7, ..Neuron::default() }), expected);
    assert!(!has(&plan, |op| matches!(op, Op::FDiv(..) | Op::Input(Input::Parameter(_)))));
    assert_eq!(plan.state[0].initial, Words::All(0), "1e-30 is flushed");
    insta::assert_snapshot!(text::program(&plan.program), @"
    %0: F32 = State 0
    %1: F32 = F32 0.99004984 (0x3f7d73e8)
    %2: F32 = FMul %0 %1
    state 0 = %2
    ");
}

#[test]
fn values_that_differ_between_neurons_are_constants_stored_once() {
    let update = vec![
        Stmt::SetState(0, mul(V, decay())),
        Stmt::SetState(0, add(V, Expr::Parameter(0))),
        Stmt::SetState(0, add(V, decay())),
    ];
    let taus = [10.0, 20.0, 30.0];
    let plan = plan(update, vec![PerNeuron::Each(taus.into())], vec![]);
    assert_eq!(plan.constants.len(), 2);
    for (index, tau) in (0..).zip(taus) {
        let decay = libm::exp(0.0 - 0.1 / tau) as f32;
        let expected = 0.7 * decay + tau as f32 + decay;
        assert_eq!(next_v(&plan, &Neuron { index, v: 0.7, ..Neuron::default() }), expected);
    }
}

#[test]
fn sums_with_0_and_products_with_1_stay() {
    let update = vec![Stmt::SetState(0, add(mul(V, number(1.0)), number(0.0)))];
    let plan = plan(update, vec![], vec![]);
    assert!(has(&plan, |op| matches!(op, Op::FMul(..))));
    assert!(has(&plan, |op| matches!(op, Op::FAdd(..))));
}

#[test]
fn state_is_a_device_value_and_locals_keep_what_they_are_given() {
    // 0.1 + 0.2 folds where both are host values; after an assignment to state it does not.
    let through_state = vec![
        Stmt::SetState(0, number(0.1)),
        Stmt::SetState(0, mul(add(V, number(0.2)), number(3.0))),
    ];
    let through_local = vec![
        Stmt::SetLocal(0, number(0.1)),
        Stmt::SetState(0, mul(add(Expr::Local(0), number(0.2)), number(3.0))),
    ];
    let neuron = Neuron::default();
    let device = (0.1_f32 + 0.2_f32) * 3.0_f32;
    assert_eq!(next_v(&plan(through_state, vec![], vec![]), &neuron), device);
    let host = ((0.1_f64 + 0.2_f64) * 3.0_f64) as f32;
    assert_eq!(next_v(&plan(through_local, vec![], vec![]), &neuron), host);
    assert_ne!(device, host, "the test distinguishes nothing");
}

#[test]
fn branches_are_selected_variable_by_variable() {
    let positive = binary(BinaryOp::Gt, V, number(0.0));
    let update = vec![
        Stmt::SetLocal(0, number(1.0)),
        Stmt::If(
            positive,
            vec![Stmt::SetState(0, mul(V, number(2.0))), Stmt::SetLocal(0, V)],
            vec![Stmt::SetState(0, number(7.0))],
        ),
        Stmt::SetState(0, add(V, Expr::Local(0))),
    ];
    let plan = plan(update, vec![], vec![]);
    // In the first branch the local takes the state after its assignment.
    assert_eq!(next_v(&plan, &Neuron { v: 3.0, ..Neuron::default() }), 6.0 + 6.0);
    assert_eq!(next_v(&plan, &Neuron { v: -3.0, ..Neuron::default() }), 7.0 + 1.0);
}

#[test]
fn a_local_is_selected_where_a_branch_assigns_it() {
    let positive = || binary(BinaryOp::Gt, V, number(0.0));
    let power = || Stmt::SetState(0, binary(BinaryOp::Pow, V, Expr::Local(0)));
    let two = || Stmt::SetLocal(0, number(2.0));
    let at = |update, v| next_v(&plan(update, vec![], vec![]), &Neuron { v, ..Neuron::default() });
    // No branch assigns the exponent: it stays a host integer, so the power is a product.
    let untouched = Stmt::If(positive(), vec![Stmt::SetState(0, V)], vec![]);
    assert_eq!(at(vec![two(), untouched, power()], -1.3), -1.3_f32 * -1.3);
    // Both branches assign it the same: it becomes a device value, so the power is an exponential.
    let same = Stmt::If(positive(), vec![two()], vec![two()]);
    assert_eq!(at(vec![same, power()], 1.3), function::pow(1.3, 2.0));
    // A branch inside of a branch assigns it.
    let inner = Stmt::If(positive(), vec![two()], vec![]);
    let outer = Stmt::If(positive(), vec![inner], vec![]);
    assert_eq!(at(vec![two(), outer, power()], 1.3), function::pow(1.3, 2.0));
    // The branch that a host value leaves out assigns nothing.
    let never = Stmt::If(Expr::Bool(false), vec![two()], vec![]);
    let outer = Stmt::If(positive(), vec![never], vec![]);
    assert_eq!(at(vec![two(), outer, power()], -1.3), -1.3_f32 * -1.3);
}

#[test]
fn a_branch_on_a_host_value_counts_alone() {
    let condition = || binary(BinaryOp::Gt, Expr::Parameter(0), number(5.0));
    let update = || {
        vec![Stmt::If(
            condition(),
            vec![Stmt::SetState(0, number(1.0))],
            vec![Stmt::SetState(0, number(2.0))],
        )]
    };
    let all = plan(update(), vec![PerNeuron::All(10.0)], vec![]);
    assert!(!has(&all, |op| matches!(op, Op::Select(..))));
    assert_eq!(next_v(&all, &Neuron::default()), 1.0);
    let each = plan(update(), vec![PerNeuron::Each([10.0, 1.0, 6.0].into())], vec![]);
    for (index, expected) in [(0, 1.0), (1, 2.0), (2, 1.0)] {
        assert_eq!(next_v(&each, &Neuron { index, ..Neuron::default() }), expected);
    }
}

#[test]
fn powers_are_products_or_exponentials() {
    let power = |n: f64| vec![Stmt::SetState(0, binary(BinaryOp::Pow, V, number(n)))];
    let at = |n: f64, v: f32| {
        next_v(&plan(power(n), vec![], vec![]), &Neuron { v, ..Neuron::default() })
    };
    assert_eq!(at(3.0, 1.3), 1.3_f32 * 1.3 * 1.3);
    assert_eq!(at(0.0, 1.3), 1.0);
    assert_eq!(at(0.5, 1.3), function::pow(1.3, 0.5));
    assert_eq!(at(-1.0, 1.3), function::pow(1.3, -1.0));
    assert_eq!(at(17.0, 1.3), function::pow(1.3, 17.0));
}

#[test]
fn threshold_reset_and_refractory_counter() {
    let mut by_hand = model(vec![Stmt::SetState(0, add(V, number(0.5)))]);
    by_hand.refractory = Some(number(0.2));
    by_hand.threshold = Some(binary(BinaryOp::Ge, V, number(1.0)));
    by_hand.reset = vec![Stmt::SetState(0, number(-0.25))];
    let plan = lower(&network(by_hand, vec![], vec![]), &[]);
    let step = |v: f32, refractory: i32| {
        let outcome = run(&plan, &Neuron { v, refractory, ..Neuron::default() });
        (f32::from_bits(outcome.state[0]), outcome.state[1], outcome.spike)
    };
    assert_eq!(step(0.25, 0), (0.75, 0, false));
    assert_eq!(step(0.5, 0), (-0.25, 2, true), "the comparator is >=");
    assert_eq!(step(0.5, 2), (1.0, 1, false), "refractory: no spike, no reset");
    assert_eq!(step(0.5, 1), (1.0, 0, false));
    assert_eq!(step(-0.5, 0), (0.0, 0, false));
    assert_eq!(step(-0.5 - 1e-19, 0).0.to_bits(), 0, "stored state is flushed");
}

#[test]
fn synaptic_input_and_poisson_events_share_an_accumulator() {
    let mut by_hand = model(vec![Stmt::SetState(0, add(V, Expr::Receptor(0)))]);
    by_hand.receptors =
        vec![ReceptorDef { name: "in".into(), dimension: Dimension::default(), sign: Sign::Any }];
    let poisson =
        StimulusKind::Poisson { receptor: 0, events_per_step: 12.0, weight: -0.3, rates: None };
    let mut network = network(by_hand, vec![], vec![poisson]);
    (network.stimuli[0].start_step, network.stimuli[0].stop_step) = (5, 9);
    let plan = lower(&network, &[10]);
    // A mean of 12 is two tables of 6: the same table, two streams after that of the population.
    assert_eq!(plan.poisson, [random::PoissonTable::new(6.0)]);
    for stream in [1, 2] {
        assert!(has(&plan, |op| *op == Op::Input(Input::Poisson { table: 0, stream, keep: None })));
    }
    let weight = libm::round(-0.3 * 1024.0) as i32;
    for step in 0..12 {
        let neuron = Neuron { step, v: 1.5, accumulator: 12_345, poisson: 4, ..Neuron::default() };
        let events = if (5..9).contains(&step) { 2 * 4 } else { 0 };
        let sum = 12_345 + events * weight;
        assert_eq!(next_v(&plan, &neuron), 1.5 + sum as f32 / 1024.0, "step {step}");
    }
}

#[test]
fn currents_are_summed_in_order_of_the_file() {
    let update = || vec![Stmt::SetState(0, Expr::Current)];
    let none = plan(update(), vec![], vec![]);
    assert_eq!(next_v(&none, &Neuron::default()), 0.0);

    // Constant and always on: host values, folded in f64.
    let direct = |x: f64| StimulusKind::Direct(PerNeuron::All(x));
    let folded = plan(update(), vec![], vec![direct(0.1), direct(0.2)]);
    assert!(!has(&folded, |op| matches!(op, Op::FAdd(..))));
    assert_eq!(next_v(&folded, &Neuron::default()), (0.1_f64 + 0.2_f64) as f32);

    let steps = StimulusKind::Steps(Series {
        rows: Rows::From([3, 6].into()),
        width: 1,
        values: [0.25, 0.7].into(),
    });
    let noise = StimulusKind::Noise { mean: 0.5, sd: 2.0 };
    let mut network = network(model(update()), vec![], vec![direct(0.1), steps, noise]);
    network.stimuli[0].stop_step = 4;
    let plan = lower(&network, &[]);
    for (step, index) in (0..9).flat_map(|step| [(step, 0), (step, 2)]) {
        let on = if step < 4 { 0.1_f32 } else { 0.0 };
        let stepped = if step < 3 {
            0.0
        } else if step < 6 {
            0.25
        } else {
            0.7_f32
        };
        // Populations take stream 0; only noise and Poisson stimuli take one of the next.
        let word = |draw| random::word(1, index, step, 1, draw, 0);
        let noise = 0.5 + 2.0 * function::normal(word(0), word(1));
        let got = next_v(&plan, &Neuron { index, step, ..Neuron::default() });
        assert_eq!(got, (on + stepped) + noise, "step {step}");
    }
}

#[test]
fn functions_and_draws_are_those_of_the_contract() {
    let call = |f, arguments: Vec<Expr>| Expr::Call(f, arguments);
    let clamped = call(Function::Clamp, vec![V, number(-1.0), number(1.0)]);
    let update = vec![
        Stmt::SetLocal(0, call(Function::Exp, vec![clamped])),
        Stmt::SetLocal(1, call(Function::Tanh, vec![mul(V, Expr::Local(0))])),
        Stmt::SetLocal(2, add(Expr::RandUniform(0), Expr::RandNormal(1))),
        Stmt::SetState(0, add(Expr::Local(1), Expr::Local(2))),
    ];
    let plan = plan(update, vec![], vec![]);
    for (index, v) in [(0, -3.0_f32), (1, 0.25), (2, 0.9)] {
        let word = |draw| random::word(1, index, 4, 0, draw, 0);
        let e = function::exp(function::clamp(v, -1.0, 1.0));
        let random = random::uniform(word(0)) + function::normal(word(1), word(2));
        let expected = function::tanh(v * e) + random;
        assert_eq!(next_v(&plan, &Neuron { index, step: 4, v, ..Neuron::default() }), expected);
    }
}

#[test]
fn a_draw_with_a_probability_is_a_comparison_of_its_word() {
    let choice = |p: Expr| {
        let drawn = Expr::RandBernoulli(0, Box::new(p));
        vec![Stmt::SetState(0, Expr::If(drawn.into(), number(1.0).into(), number(0.0).into()))]
    };
    let wanted = |step, index, threshold: u64| {
        f32::from(u8::from(u64::from(random::word(1, index, step, 0, 0, 0)) < threshold))
    };
    // Host values are rounded to the nearest of 2^32 words, the same for all neurons or not.
    let each = [0.25, 1.0, 0.0];
    let uniform = plan(choice(number(0.3)), vec![], vec![]);
    let differing = plan(choice(Expr::Parameter(0)), vec![PerNeuron::Each(each.into())], vec![]);
    for step in 0..200 {
        for index in 0..3 {
            let neuron = Neuron { index, step, ..Neuron::default() };
            assert_eq!(next_v(&uniform, &neuron), wanted(step, index, 1_288_490_189));
            let threshold = (each[index as usize] * 4_294_967_296.0) as u64;
            assert_eq!(next_v(&differing, &neuron), wanted(step, index, threshold));
        }
    }
    // Device values are rounded towards 0; what is no probability counts as the nearest that is.
    let of_state = plan(choice(V), vec![], vec![]);
    for (step, v) in (0..).zip(
        [0.0, 1.0, 0.1, 0.999_999_94, 1e-7, 3e-10, 1e-30, 2.0, -1.0, f32::NAN, f32::INFINITY]
            .repeat(40),
    ) {
        let neuron = Neuron { step, v, ..Neuron::default() };
        let threshold = (f64::from(v) * 4_294_967_296.0) as u64;
        assert_eq!(next_v(&of_state, &neuron), wanted(step, 0, threshold), "{v}");
    }
}
