//! A neuron model with its values and stimuli as a [`Program`]: what one neuron does in one step,
//! sections 4.4 and 5.2 to 5.6 of `docs/semantics.md`.

mod expression;
mod stimulus;
mod value;

use self::expression::Lowering;
pub use self::stimulus::streams;
use self::value::Value;
use crate::checked::{Checked, PerNeuron, PopulationKind};
use crate::id::PopulationId;
use crate::ir::{Op, Program, Val, eval};
use crate::model::{Expr, NeuronModel};
use crate::numeric;
use crate::plan::{NeuronPlan, Words};

/// Lowers a population that follows a model. `exponents` are the scale exponents of its receptors.
/// `first_receptor` of the result is 0; the caller knows the numbering of the plan.
///
/// # Panics
/// If the population is a spike list: it has no program.
pub fn neuron_program(network: &Checked, id: PopulationId, exponents: &[i32]) -> NeuronPlan {
    let population = network.population(id);
    let PopulationKind::Neurons { model, parameters, initial, refractory_steps } = &population.kind
    else {
        panic!("a spike list has no neuron program")
    };
    let mut lowering = Lowering::new(network, id, parameters, model);
    lowering.inputs(exponents);
    lowering.current();
    let (refractory, spike) = step(&mut lowering, model, *refractory_steps);
    let mut initial: Vec<Words> = initial.iter().map(stored_words).collect();
    if let Some(held) = held_before(network, id, model, parameters, &initial) {
        initial.push(held);
    }
    NeuronPlan {
        program: lowering.builder.program(lowering.state, refractory, spike),
        state_names: model.state_names().into_iter().map(str::to_owned).collect(),
        initial,
        constants: lowering.constants,
        poisson: lowering.poisson,
        series: lowering.series,
        first_receptor: 0,
        receptors: model.receptors.len() as u32,
    }
}

/// Update, threshold, reset; gives the new refractory counter and whether there is a spike.
fn step(
    lowering: &mut Lowering,
    model: &NeuronModel,
    refractory_steps: u32,
) -> (Option<Val>, Option<Val>) {
    let counter = model.refractory.as_ref().map(|_| {
        let counter = lowering.builder.emit(Op::RefractoryCounter);
        let zero = lowering.builder.i32(0);
        lowering.refractory = Some(lowering.builder.emit(Op::ILt(zero, counter)));
        counter
    });
    lowering.run(&model.update);
    let spike = model.threshold.as_ref().map(|threshold| {
        let over = lowering.eval(threshold);
        let mut spike = lowering.condition(&over);
        let held = model.held().map(|held| {
            let zero = lowering.builder.f32(0.0);
            lowering.builder.flt(zero, lowering.state[held])
        });
        for prevents in held.into_iter().chain(lowering.refractory) {
            let free = lowering.builder.emit(Op::Not(prevents));
            spike = lowering.builder.emit(Op::And(spike, free));
        }
        spike
    });
    if let Some(spike) = spike {
        lowering.branch(&Value::DeviceBool(spike), &model.reset, &[]);
    }
    if let (Some(held), Some(threshold)) = (model.held(), &model.threshold) {
        lowering.state[held] = hold(lowering, threshold);
    }
    let next = counter.map(|counter| count_down(lowering, counter, spike, refractory_steps));
    (next, spike)
}

/// 5.5: 1 where the condition holds, else 0.
fn hold(lowering: &mut Lowering, threshold: &Expr) -> Val {
    let over = lowering.eval(threshold);
    let over = lowering.condition(&over);
    let (one, zero) = (lowering.builder.f32(1.0), lowering.builder.f32(0.0));
    lowering.builder.select(over, one, zero)
}

/// 5.11: the words of [`crate::model::HELD`] before step 0; `None` where the model has no such variable.
fn held_before(
    network: &Checked,
    id: PopulationId,
    model: &NeuronModel,
    parameters: &[PerNeuron],
    initial: &[Words],
) -> Option<Words> {
    model.held()?;
    let mut lowering = Lowering::new(network, id, parameters, model);
    let held = hold(&mut lowering, model.threshold.as_ref()?);
    let constants = lowering.constants;
    let program: Program = lowering.builder.program(vec![held], None, None);
    let mut scratch = Vec::new();
    let mut word = |neuron: u32| {
        let leaf = |op| match op {
            Op::State(n) => initial.get(n as usize).map_or(0, |words| words.get(neuron)),
            Op::Constant(n) => constants[n as usize].get(neuron),
            op => unreachable!("{op:?}: the condition of a crossing reads state and host values"),
        };
        eval::program(&program, &mut scratch, leaf).state[0]
    };
    let differs = |words: &Words| matches!(words, Words::Each(_));
    if !initial.iter().chain(&constants).any(differs) {
        return Some(Words::All(word(0)));
    }
    Some(Words::Each((0..network.population(id).size).map(word).collect()))
}

/// 5.6: the period where it spiked, else one less, at least 0.
fn count_down(lowering: &mut Lowering, counter: Val, spike: Option<Val>, period: u32) -> Val {
    let builder = &mut lowering.builder;
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
        PerNeuron::Each(xs) => Words::Each(xs.iter().map(|x| bits(*x)).collect()),
    }
}
