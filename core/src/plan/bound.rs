//! The proof that no accumulator overflows: the rows as drawn, summed target by target.

use super::lower::quantise;
use super::{Plan, ProjectionPlan};
use crate::base::progress;
use crate::connect::Synapse;
use rayon::prelude::*;

/// The rows that were drawn can overflow an accumulator; the statistical bound did not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "population {population}, receptor {receptor}: one neuron can receive {sum} weight units \
     in a step, more than 2^31 - 1; set `weight_bits = 32` or smaller weights"
)]
pub struct Overflow {
    /// Population.
    pub population: String,
    /// Receptor.
    pub receptor: String,
    /// The sum found.
    pub sum: u64,
}

/// The sum of |weight| that reaches each accumulator, added up while a backend draws its rows.
///
/// Most receptors need no sums, because even the largest in-degree that their rules allow keeps
/// within 32 bits. Nor do rows that are drawn for nothing else before a run, those of procedural
/// projections, where the bound that takes random in-degrees ten standard deviations above their
/// mean keeps within 32 bits: they count as that bound. [`AccumulatorSums::watches`] says whose
/// rows have to be added. Each thread fills its own sums; then they are
/// [merged](AccumulatorSums::merge) and [checked](AccumulatorSums::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccumulatorSums {
    /// For each receptor whose sums are needed, what its targets receive beside the rows added.
    beside: Vec<Option<u64>>,
    /// For each projection.
    watched: Vec<bool>,
    /// Saturating: 2^32 - 1 is more than any accumulator may hold. Empty if nothing is watched.
    sums: Vec<u32>,
}

impl AccumulatorSums {
    /// Sums of nothing yet.
    pub fn new(plan: &Plan) -> Self {
        let is_safe = |index: usize| {
            let projection = &plan.projections[index];
            let bound = plan.receptors[projection.receptor as usize].quantisation.bound;
            projection.procedural
                && bound <= LIMIT
                && projection.rows.kind().has_lawful_in_degrees()
        };
        let beside: Vec<Option<u64>> = (0..plan.receptors.len())
            .map(|receptor| {
                let worst = quantise::worst_sum(plan, receptor, |index| !is_safe(index));
                let poisson = quantise::poisson_sum(plan, receptor);
                let safe = quantise::likely_sum(plan, receptor, is_safe);
                (worst > LIMIT).then(|| poisson.saturating_add(safe))
            })
            .collect();
        let watched = (0..plan.projections.len()).map(|index| {
            let mut receptors = plan.projections[index].receptors().into_iter();
            receptors.any(|receptor| beside[receptor as usize].is_some()) && !is_safe(index)
        });
        let watched = watched.collect();
        let any = beside.iter().any(Option::is_some);
        let len = if any { plan.accumulators() as usize } else { 0 };
        Self { beside, watched, sums: vec![0; len] }
    }

    /// Whether the synapses of this projection (an index into [`Plan::projections`]) have to be
    /// added.
    pub fn watches(&self, projection: usize) -> bool {
        self.watched[projection]
    }

    /// Adds a synapse of a watched projection onto an accumulator: the largest |weight| that it can
    /// come to have ([`ProjectionPlan::reach`]), the largest |integer| that it sends.
    #[inline(always)]
    pub fn add(&mut self, accumulator: u32, reach: u32) {
        let sum = &mut self.sums[accumulator as usize];
        *sum = sum.saturating_add(reach);
    }

    /// Adds all rows of those watched projections for which `which` holds: of those that a backend
    /// draws for nothing else before a run. Uses all threads of the current rayon pool.
    pub fn draw(&mut self, plan: &Plan, which: impl Fn(&ProjectionPlan) -> bool) {
        let tasks = rayon::current_num_threads() as u64;
        for (index, projection) in plan.projections.iter().enumerate() {
            if !self.watches(index) || !which(projection) {
                continue;
            }
            let rows = u64::from(projection.rows.rows());
            progress::begin("bounding the sums of synapses", rows);
            let of_task = |task: u64| {
                let mut sums = self.zeros();
                for row in rows * task / tasks..rows * (task + 1) / tasks {
                    sums.add_row(plan, projection, row as u32);
                    progress::advance(1);
                }
                sums
            };
            let all: Vec<Self> = (0..tasks).into_par_iter().map(of_task).collect();
            all.iter().for_each(|sums| self.merge(sums));
        }
    }

    /// Adds a row of a watched projection, drawn for nothing else.
    pub fn add_row(&mut self, plan: &Plan, projection: &ProjectionPlan, row: u32) {
        let first = |receptor: u32| plan.receptors[receptor as usize].first_accumulator;
        let Some(synapse) = &projection.synapse else {
            let first = first(projection.receptor);
            let add = |s: Synapse| self.add(first + s.target, projection.reach(s.weight));
            return projection.rows.for_each(row, add);
        };
        let sends = synapse.sends_of_a_step();
        projection.rows.for_each(row, |drawn| {
            for sent in &synapse.sent {
                let reach = sent.bounds.max_abs().saturating_mul(sends);
                self.add(first(sent.receptor) + drawn.target, reach);
            }
        });
    }

    /// Sums of nothing yet, for another thread.
    pub fn zeros(&self) -> Self {
        Self { sums: vec![0; self.sums.len()], ..self.clone() }
    }

    /// Adds the sums of another thread.
    pub fn merge(&mut self, other: &Self) {
        for (sum, other) in self.sums.iter_mut().zip(&other.sums) {
            *sum = sum.saturating_add(*other);
        }
    }

    /// Whether every accumulator stays within 2^31 - 1, Poisson events included. All synapses of
    /// all watched projections must have been added.
    pub fn check(&self, plan: &Plan) -> Result<(), Overflow> {
        for (index, receptor) in plan.receptors.iter().enumerate() {
            let Some(beside) = self.beside[index] else { continue };
            let population = &plan.populations[receptor.population.index()];
            let first = receptor.first_accumulator as usize;
            let sums = &self.sums[first..first + population.size as usize];
            let synapses = u64::from(sums.iter().copied().max().unwrap_or(0));
            let sum = synapses.saturating_add(beside);
            if sum > LIMIT {
                let (population, receptor) = (population.name.clone(), receptor.name.clone());
                return Err(Overflow { population, receptor, sum });
            }
        }
        Ok(())
    }
}

/// The largest value of an accumulator.
const LIMIT: u64 = i32::MAX as u64;
