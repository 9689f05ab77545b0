//! A neuron model with its values and stimuli as a [`Program`]: what one neuron does in one step,
//! sections 4.4 and 5.2 to 5.6 of `docs/semantics.md`.
//!
//! Two passes: [`fold`] makes a graph of typed values with named functions and folds host
//! values, [`emit`] makes operations of it. A step can be differentiated between them.

mod dag;
mod emit;
pub(super) mod event;
mod fold;
mod rewrite;
mod stimulus;

use self::dag::{Node, NodeId, Value};
use self::emit::Emitter;
use self::fold::Fold;
pub use self::rewrite::{Obstacle, Rewritten, rewrite};
pub use self::stimulus::streams;
use crate::base::id::PopulationId;
use crate::base::numeric;
use crate::describe::checked::{Checked, PerNeuron, PopulationKind};
use crate::describe::model::{BEFORE_RESET, BinaryOp, Expr, NeuronModel, UnaryOp};
use crate::ir::{Input, Op, Output, Program, Type, Val, eval, neuron_outputs};
use crate::plan::{NeuronPlan, StateDef, Words};

/// Lowers a population that follows a model. `exponents` are the scale exponents of its receptors.
/// `first_receptor` of the result is 0; the numbering of the plan is the caller's.
///
/// # Panics
/// If the population is a spike list: it has no program.
pub fn neuron_program(network: &Checked, id: PopulationId, exponents: &[i32]) -> NeuronPlan {
    let population = network.population(id);
    let PopulationKind::Neurons { model, parameters, initial, refractory_steps } = &population.kind
    else {
        panic!("a spike list has no neuron program")
    };
    let mut emitter = Emitter::new(network, id, model.state_names().len());
    emitter.inputs(exponents);
    let current = emitter.current();
    let read = network.read_before_reset(id);
    let counter = model.refractory.as_ref().map(|_| counter(&mut emitter, read.len()));
    let mut fold = Fold::new(model, parameters, network.dt_ms, current);
    let (spike, before_reset) = step(&mut fold, model, &read);
    emitter.emit(&fold.dag);
    let spike = spike.map(|spike| emitter.value(spike));
    let next = counter.map(|counter| count_down(&mut emitter, counter, spike, *refractory_steps));
    let floats = fold.state.iter().chain(&before_reset);
    let floats = floats.map(|node| emitter.value(*node)).collect();
    let mut first: Vec<Words> = initial.iter().map(stored_words).collect();
    first.extend(held_before(network, id, model, parameters, &first));
    first.extend(read.iter().map(|n| first[*n as usize].clone()).collect::<Vec<_>>());
    NeuronPlan {
        program: emitter.builder.program(neuron_outputs(floats, next, spike)),
        state: state(model, &read, first),
        constants: emitter.constants,
        poisson: emitter.poisson,
        series: emitter.series,
        external: emitter.external,
        first_receptor: 0,
        receptors: model.receptors.len() as u32,
    }
}

/// Returns the number of the state variable that has the value of another one before the reset
/// (8.14).
pub(super) fn before_reset(network: &Checked, id: PopulationId, variable: u32) -> u32 {
    let PopulationKind::Neurons { model, .. } = &network.population(id).kind else {
        unreachable!("a spike list has no variables; the checker saw to it")
    };
    let place = network.read_before_reset(id).iter().position(|read| *read == variable);
    (model.state_names().len() + place.unwrap_or(0)) as u32
}

/// Returns the state variables of a model, which begin with these words: behind its own those that
/// have the values of some before the reset, then the refractory counter.
fn state(model: &NeuronModel, read: &[u32], initial: Vec<Words>) -> Vec<StateDef> {
    let own = model.state_names().into_iter().map(String::from);
    let copies = read.iter().map(|n| format!("{}{BEFORE_RESET}", model.state[*n as usize].name));
    let float = |(name, initial)| StateDef { name, ty: Type::F32, initial };
    let counter = model.refractory.as_ref().map(|_| StateDef::refractory());
    own.chain(copies).zip(initial).map(float).chain(counter).collect()
}

/// The refractory counter, and whether it runs.
fn counter(emitter: &mut Emitter, not_read: usize) -> Val {
    let counter = emitter.counter(not_read);
    let zero = emitter.builder.i32(0);
    emitter.refractory = Some(emitter.builder.emit(Op::ILt(zero, counter)));
    counter
}

/// Update, threshold, reset. Returns whether there is a spike, `None` without a threshold, and the
/// values of some variables before the reset.
fn step(fold: &mut Fold, model: &NeuronModel, read: &[u32]) -> (Option<NodeId>, Vec<NodeId>) {
    fold.run(&model.update);
    let before_reset = read.iter().map(|n| fold.state[*n as usize]).collect();
    let spike = model.threshold.as_ref().map(|threshold| spike(fold, model, threshold));
    if let Some(spike) = spike {
        fold.branch(&Value::DeviceBool(spike), &model.reset, &[]);
    }
    if let (Some(held), Some(threshold)) = (model.held(), &model.threshold) {
        fold.state[held] = hold(fold, threshold);
    }
    (spike, before_reset)
}

/// Whether the condition of the threshold makes a spike: it did not hold before, where only a
/// crossing does, and the neuron is not refractory.
fn spike(fold: &mut Fold, model: &NeuronModel, threshold: &Expr) -> NodeId {
    let over = fold.eval(threshold);
    let mut spike = fold.condition(over);
    let held = model.held().map(|held| {
        let held = Value::Device(fold.state[held]);
        fold.binary(BinaryOp::Lt, Value::host(0.0), held)
    });
    let refractory = model.refractory.as_ref().map(|_| fold.eval(&Expr::Refractory));
    for prevents in held.into_iter().chain(refractory) {
        let free = fold.dag.push(Node::Unary(UnaryOp::Not, prevents));
        let (over, free) = (Value::DeviceBool(spike), Value::DeviceBool(free));
        spike = fold.dag.push(Node::Binary(BinaryOp::And, over, free));
    }
    spike
}

/// 5.5: 1 where the condition holds, else 0.
fn hold(fold: &mut Fold, threshold: &Expr) -> NodeId {
    let over = fold.eval(threshold);
    let over = Value::DeviceBool(fold.condition(over));
    fold.dag.push(Node::Select(over, Value::host(1.0), Value::host(0.0)))
}

/// 5.11: the words of [`crate::describe::model::HELD`] before step 0; `None` where the model has no
/// such variable.
fn held_before(
    network: &Checked,
    id: PopulationId,
    model: &NeuronModel,
    parameters: &[PerNeuron],
    initial: &[Words],
) -> Option<Words> {
    model.held()?;
    let mut fold = Fold::new(model, parameters, network.dt_ms, Some(PerNeuron::All(0.0)));
    let held = hold(&mut fold, model.threshold.as_ref()?);
    let mut emitter = Emitter::new(network, id, model.state_names().len());
    emitter.emit(&fold.dag);
    let held = emitter.value(held);
    let constants = emitter.constants;
    let program: Program = emitter.builder.program(vec![(Output::State(0), held)]);
    let mut scratch = Vec::new();
    let mut word = |neuron: u32| {
        let input = |input| match input {
            Input::State(n) => initial.get(n as usize).map_or(0, |words| words.get(neuron)),
            Input::Parameter(n) => constants[n as usize].get(neuron),
            other => {
                unreachable!("{other}: the condition of a crossing reads state and parameters")
            }
        };
        eval::program(&program, &mut scratch, input).state[0]
    };
    let differs = |words: &Words| matches!(words, Words::Each(_));
    if !initial.iter().chain(&constants).any(differs) {
        return Some(Words::All(word(0)));
    }
    Some(Words::Each((0..network.population(id).size).map(word).collect()))
}

/// 5.6: the period where it spiked, else one less, at least 0.
fn count_down(emitter: &mut Emitter, counter: Val, spike: Option<Val>, period: u32) -> Val {
    let builder = &mut emitter.builder;
    let (zero, one) = (builder.i32(0), builder.i32(1));
    let less = builder.emit(Op::ISub(counter, one));
    let running = builder.emit(Op::ILt(zero, counter));
    let rest = builder.select(running, less, zero);
    let Some(spike) = spike else { return rest };
    let period = builder.i32(period as i32);
    builder.select(spike, period, rest)
}

/// A host value as words of state: rounded and flushed.
fn stored_words(value: &PerNeuron) -> Words {
    words(value, |x| numeric::flush(numeric::round_host(x)).to_bits())
}

fn words(value: &PerNeuron, bits: impl Fn(f64) -> u32) -> Words {
    match value {
        PerNeuron::All(x) => Words::All(bits(*x)),
        PerNeuron::Slot(x) => Words::Slot(bits(*x)),
        PerNeuron::Each(xs) => Words::Each(xs.iter().map(|x| bits(*x)).collect()),
    }
}
