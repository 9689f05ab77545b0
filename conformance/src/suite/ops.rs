//! Level 1: every operation on edge words and dense samples, against `ir::eval`.

use super::{Done, Level, Needs, Settings, Test};
use crate::failure::Failure;
use crate::handbuilt::contract::{promised, same_float};
use crate::handbuilt::everything::{self, Everything, Kept, Operands};
use crate::handbuilt::oracle::{self, Site};
use isospike_core::base::words::count;
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlanKind};
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;

/// A test for each kind of operands.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let seed = settings.seed;
    let test = |operands: Operands| {
        let name = format!("every operation on {}", operands.name());
        let run = move |backend: &dyn Backend, _: &_| check(backend, operands, seed);
        Test::new(Level::Ops, name, run).needing(Needs::Programs)
    };
    Operands::PROMISED.into_iter().map(test).collect()
}

/// Runs the program and compares every kept word that the contract promises.
fn check(backend: &dyn Backend, operands: Operands, seed: u64) -> Result<Done, Failure> {
    let all = Everything::of(operands);
    let kept = all.kept.clone();
    let plan = all.plan(everything::constants(seed), Vec::new());
    let last = if operands == Operands::StepAndLiteral { 4 } else { 0 };
    let mut simulation = backend.compile(&plan)?;
    simulation.run(last + 1, &mut Recording::new(&plan))?;
    let state = simulation.state()?;
    compare(&plan, &kept, last, &state)
}

/// The state of a plan of one population whose program keeps `kept`, after step `last`, against
/// the words of `ir::eval`.
fn compare(plan: &Plan, kept: &[Kept], last: u32, state: &[u32]) -> Result<Done, Failure> {
    let neurons = neurons(plan)?;
    let size = plan.neurons() as usize;
    let words_each = size * plan.batch as usize;
    if state.len() != 2 * kept.len() * words_each {
        let (got, wanted) = (state.len(), 2 * kept.len() * words_each);
        return Err(Failure::new(format!(
            "{} of state, {wanted} are in the plan",
            count(got as u64, "word")
        )));
    }
    let (mut checked, mut is_promised) = (0, Vec::new());
    for copy in 0..plan.batch {
        for neuron in 0..plan.neurons() {
            let old = vec![0; neurons.state.len()];
            let (seed, step) = (plan.seed, last);
            let (state_before, none) = (old.as_slice(), [].as_slice());
            let words = oracle::evaluate(&Site {
                neurons,
                seed,
                step,
                copy,
                neuron,
                state: state_before,
                accumulators: none,
            });
            promised(&neurons.program.ops, &words, &mut is_promised);
            let at = copy as usize * size + neuron as usize;
            for (place, Kept { name, bits, float }) in kept.iter().enumerate() {
                if !is_promised[bits.0 as usize] {
                    continue;
                }
                let half = |n: usize| f32::from_bits(state[(2 * place + n) * words_each + at]);
                let got = (half(0) as u32) << 16 | half(1) as u32;
                let expected = words[bits.0 as usize];
                if got != expected && !(*float && same_float(got, expected)) {
                    let operands = operands(neurons, neuron);
                    return Err(Failure::new(format!(
                        "`{name}` of {operands} gives {}, not {} (neuron {neuron}, copy {copy})",
                        both(got),
                        both(expected)
                    )));
                }
                checked += 1;
            }
        }
    }
    Ok(Done::of(checked))
}

/// The neurons of a plan's only population.
pub fn neurons(plan: &Plan) -> Result<&NeuronPlan, Failure> {
    match &plan.populations[0].kind {
        PopulationPlanKind::Neurons(neurons) => Ok(neurons),
        PopulationPlanKind::SpikeList(_) => Err(Failure::new("the plan has no program")),
    }
}

fn operands(neurons: &NeuronPlan, neuron: u32) -> String {
    let of = |n: usize| both(neurons.constants[n].get(neuron));
    format!("floats {}, {} or words {}, {}", of(0), of(1), of(2), of(3))
}

/// A word in hex and as a float.
pub fn both(word: u32) -> String {
    format!("{word:#010x} ({:e})", f32::from_bits(word))
}
