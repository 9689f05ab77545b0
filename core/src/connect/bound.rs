//! The proof that no accumulator overflows: the rows as drawn, summed target by target.

use crate::backend::BackendError;
use crate::lower::quantise;
use crate::plan::Plan;
use rayon::prelude::*;

/// The sum of |weight| that reaches each accumulator, added up while a backend draws its rows.
///
/// Most receptors need no sums, because even the largest in-degree that their rules allow keeps
/// within 32 bits; [`AccumulatorSums::watches`] says which do. Each thread fills its own sums; then
/// they are [merged](AccumulatorSums::merge) and [checked](AccumulatorSums::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccumulatorSums {
    watched: Vec<bool>,
    /// Saturating: 2^32 - 1 is more than any accumulator may hold. Empty if nothing is watched.
    sums: Vec<u32>,
}

impl AccumulatorSums {
    /// Sums of nothing yet.
    pub fn new(plan: &Plan) -> Self {
        let watched: Vec<bool> =
            (0..plan.receptors.len()).map(|r| quantise::worst_sum(plan, r) > LIMIT).collect();
        let len = if watched.contains(&true) { plan.accumulators() as usize } else { 0 };
        Self { watched, sums: vec![0; len] }
    }

    /// Whether the synapses of this receptor (an index into [`Plan::receptors`]) have to be added.
    pub fn watches(&self, receptor: u32) -> bool {
        self.watched[receptor as usize]
    }

    /// Adds a synapse onto an accumulator of a watched receptor.
    #[inline(always)]
    pub fn add(&mut self, accumulator: u32, weight: i32) {
        let sum = &mut self.sums[accumulator as usize];
        *sum = sum.saturating_add(weight.unsigned_abs());
    }

    /// Adds the sums of another thread.
    pub fn merge(&mut self, other: &Self) {
        for (sum, other) in self.sums.iter_mut().zip(&other.sums) {
            *sum = sum.saturating_add(*other);
        }
    }

    /// Whether every accumulator of a watched receptor stays within 2^31 - 1, Poisson events
    /// included. All synapses of all watched receptors must have been added.
    pub fn check(&self, plan: &Plan) -> Result<(), BackendError> {
        for (index, receptor) in plan.receptors.iter().enumerate() {
            if !self.watched[index] {
                continue;
            }
            let population = &plan.populations[receptor.population.index()];
            let first = receptor.first_accumulator as usize;
            let sums = &self.sums[first..first + population.size as usize];
            let synapses = u64::from(sums.iter().copied().max().unwrap_or(0));
            let sum = synapses.saturating_add(quantise::poisson_sum(plan, index));
            if sum > LIMIT {
                let (population, receptor) = (population.name.clone(), receptor.name.clone());
                return Err(BackendError::AccumulatorBound { population, receptor, sum });
            }
        }
        Ok(())
    }
}

/// What an accumulator can hold.
const LIMIT: u64 = i32::MAX as u64;

/// Draws every row that has to be watched and checks the sums: for backends that never draw all
/// rows before a run (procedural projections). Uses all threads of the current rayon pool.
pub fn check_accumulators(plan: &Plan) -> Result<(), BackendError> {
    let none = AccumulatorSums::new(plan);
    if none.sums.is_empty() {
        return Ok(());
    }
    let tasks = rayon::current_num_threads() as u64;
    let sums = (0..tasks).into_par_iter().map(|task| {
        let mut sums = none.clone();
        for projection in plan.projections.iter().filter(|p| none.watches(p.receptor)) {
            let first = plan.receptors[projection.receptor as usize].first_accumulator;
            let rows = u64::from(projection.rows.rows());
            for row in rows * task / tasks..rows * (task + 1) / tasks {
                let add = |s: super::Synapse| sums.add(first + s.target, s.weight);
                projection.rows.for_each(row as u32, add);
            }
        }
        sums
    });
    let merge = |mut a: AccumulatorSums, b: AccumulatorSums| {
        a.merge(&b);
        a
    };
    sums.reduce(|| none.clone(), merge).check(plan)
}
