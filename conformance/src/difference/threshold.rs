//! How near a neuron was to its threshold in one step.

#![deny(clippy::wildcard_enum_match_arm)]

use super::StateDifference;
use crate::handbuilt::oracle::{Site, evaluate};
use isospike_core::ir::{Op, Program, Val};
use isospike_core::ops;
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlan, PopulationPlanKind};
use isospike_core::run::record::Spike;
use std::fmt;

/// The two sides of a spike condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// `<`, `<=` or `==`.
    pub comparison: &'static str,
    /// The word on its left.
    pub left: u32,
    /// The word on its right.
    pub right: u32,
}

impl Threshold {
    /// How many floats lie from one side to the other.
    pub fn distance_ulp(self) -> u32 {
        ordered(self.left).abs_diff(ordered(self.right))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { comparison, left, right } = self;
        let (a, b) = (f32::from_bits(*left), f32::from_bits(*right));
        let ulp = self.distance_ulp();
        write!(f, "{left:#010x} ({a:e}) {comparison} {right:#010x} ({b:e}), {ulp} ulp apart")
    }
}

/// The integer that orders floats; both zeros are 0.
fn ordered(word: u32) -> i32 {
    let magnitude = (word & 0x7fff_ffff) as i32;
    if word >> 31 == 0 { magnitude } else { -magnitude }
}

/// Evaluates the threshold of the neuron that was found in its step: its program is evaluated
/// with the state before, empty before step 0, and what the spikes under way bring.
pub fn at(
    plan: &Plan,
    spikes: &[Spike],
    found: &StateDifference,
    before: &[u32],
) -> Option<Threshold> {
    let population = plan.populations.iter().find(|p| p.name == found.population)?;
    let PopulationPlanKind::Neurons(neurons) = &population.kind else { return None };
    if found.projection.is_some() {
        return None;
    }
    let state = state_before(neurons, found, before)?;
    let accumulators = received(plan, population, neurons, spikes, found)?;
    let words = evaluate(&Site {
        neurons,
        seed: plan.seed,
        step: found.step,
        copy: found.copy,
        neuron: found.neuron,
        state: &state,
        accumulators: &accumulators,
    });
    compared(&neurons.program, &words)
}

/// The neuron's words before the step.
fn state_before(neurons: &NeuronPlan, found: &StateDifference, before: &[u32]) -> Option<Vec<u32>> {
    if before.is_empty() {
        let initial = neurons.state.iter().map(|variable| variable.initial.get(found.neuron));
        return Some(initial.collect());
    }
    found.neuron_words.iter().map(|words| words.before).collect()
}

/// The input of the neuron in the step, by receptor; `None` where it is of synapses that learn.
fn received(
    plan: &Plan,
    population: &PopulationPlan,
    neurons: &NeuronPlan,
    spikes: &[Spike],
    found: &StateDifference,
) -> Option<Vec<u32>> {
    let mut sums = vec![0_u32; neurons.receptors as usize];
    let emitted =
        |spike: &&Spike| spike.step < found.step && spike.neuron / plan.neurons() == found.copy;
    for spike in spikes.iter().filter(emitted) {
        let (pre, row) = plan.locate(spike.neuron % plan.neurons());
        for projection in plan.projections.iter().filter(|p| p.pre == pre) {
            if plan.populations[projection.post.index()].first_neuron != population.first_neuron {
                continue;
            }
            if projection.synapse.is_some() {
                return None;
            }
            let receptor = (projection.receptor - neurons.first_receptor) as usize;
            projection.rows.for_each(row, |s| {
                if s.target == found.neuron && spike.step + s.delay_steps == found.step {
                    sums[receptor] = sums[receptor].wrapping_add(s.weight as u32);
                }
            });
        }
    }
    Some(sums)
}

/// The first comparison of floats that the spike condition is made of.
fn compared(program: &Program, words: &[u32]) -> Option<Threshold> {
    let word = |v: Val| words.get(v.0 as usize).copied();
    let mut open = vec![program.spike()?];
    while let Some(val) = open.pop() {
        let op = *program.ops.get(val.0 as usize)?;
        let (comparison, a, b) = match op {
            Op::FLt(a, b) => ("<", a, b),
            Op::FLe(a, b) => ("<=", a, b),
            Op::FEq(a, b) => ("==", a, b),
            Op::And(..) | Op::Or(..) | Op::Not(_) | Op::Select(..) => {
                open.extend(op.operands());
                continue;
            }
            Op::FAdd(..)
            | Op::FSub(..)
            | Op::FMul(..)
            | Op::FDiv(..)
            | Op::FSqrt(..)
            | Op::UMulHi(..)
            | Op::IToF(..)
            | Op::FToI(..)
            | ops!(signed)
            | ops!(word)
            | ops!(reinterpret)
            | ops!(literal)
            | ops!(input)
            | ops!(memory)
            | ops!(thread) => continue,
        };
        return Some(Threshold { comparison, left: word(a)?, right: word(b)? });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_floats_over_zero_too() {
        let ulp = |a: f32, b: f32| {
            Threshold { comparison: "<", left: a.to_bits(), right: b.to_bits() }.distance_ulp()
        };
        assert_eq!(ulp(1.0, 1.0), 0);
        assert_eq!(ulp(1.0, 1.0 + f32::EPSILON), 1);
        assert_eq!(ulp(-50.0, -49.999_996), 1);
        assert_eq!(ulp(-1e-45, 1e-45), 2);
        assert_eq!(ulp(0.0, -0.0), 0);
        assert_eq!(ulp(f32::MIN, f32::MAX), 2 * f32::MAX.to_bits());
    }
}
