//! Section 3 of `docs/semantics.md`, synapse by synapse. The tables of quantiles and the keyed
//! permutation, which the section refers to, are shared with [`crate::connect`].

use super::function;
use crate::base::random::{Tag, key, philox, pick, uniform};
use crate::connect::Rule;
use crate::connect::permutation::Permutation;
use crate::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber,
    OneToOne, segment_size,
};
use crate::connect::{Draw, RealDraw, Synapse, delay_steps};
use crate::describe::checked::Projection;
use crate::plan::Plan;

/// The synapses of every row of a projection.
pub(super) type Rows = Vec<Vec<Synapse>>;

/// 4.1: the nearest multiple of 2^-exponent, halves away from zero.
pub(super) fn quantised(weight: f64, exponent: i32) -> i32 {
    libm::round(libm::ldexp(weight, exponent)) as i32
}

/// All rows of projection `p`.
pub(super) fn draw(plan: &Plan, p: usize) -> Rows {
    let projection = &plan.network.projections[p];
    let lowered = &plan.projections[p];
    let exponent = match &lowered.synapse {
        Some(synapse) => synapse.weight_exponent,
        None => plan.receptors[lowered.receptor as usize].scale_exponent,
    };
    let quantise = |w| quantised(w, exponent);
    let steps = |d| delay_steps(d, plan.network.dt_ms);
    let site = Site {
        seed: plan.seed,
        p: p as u32,
        weight: RealDraw::new(&projection.weight).round(quantise),
        delay: RealDraw::new(&projection.delay_ms).round(steps),
        skip_self: !projection.autapses && projection.pre == projection.post,
        rows: plan.network.population(projection.pre).size,
        targets: plan.network.population(projection.post).size,
    };
    match &projection.rule {
        Rule::FixedInDegree(FixedInDegree { degree, multapses }) => {
            site.in_degree(*degree, *multapses)
        }
        Rule::FixedTotalNumber(FixedTotalNumber(total)) => site.total(*total),
        Rule::Explicit(Explicit(list)) => {
            let mut rows = vec![Vec::new(); site.rows as usize];
            for entry in list.iter() {
                let row: &mut Vec<Synapse> = &mut rows[entry.pre as usize];
                let x = site.words(row.len() as u32, entry.pre, Tag::Row as u32);
                let mut synapse = site.synapse(entry.post, x);
                synapse.weight = entry.weight.map_or(synapse.weight, quantise);
                synapse.delay_steps = entry.delay_steps.unwrap_or(synapse.delay_steps);
                row.push(synapse);
            }
            rows
        }
        _ => (0..site.rows).map(|i| site.row(projection, i)).collect(),
    }
}

struct Site {
    seed: u64,
    p: u32,
    weight: Draw,
    delay: Draw,
    skip_self: bool,
    rows: u32,
    targets: u32,
}

impl Site {
    /// The four words of synapse `j` of row (or target) `i`.
    fn words(&self, j: u32, i: u32, fourth: u32) -> [u32; 4] {
        philox([j, i, self.p, fourth], key(self.seed))
    }

    fn synapse(&self, target: u32, x: [u32; 4]) -> Synapse {
        let delay_steps = self.delay.get(x[2]) as u32;
        Synapse { target, weight: self.weight.get(x[1]), delay_steps }
    }

    /// 3.1: candidate `c` of neuron `i`, autapses left out.
    fn shifted(&self, c: u32, i: u32) -> u32 {
        if self.skip_self && c >= i { c + 1 } else { c }
    }

    /// 3.2 to 3.5.
    fn row(&self, projection: &Projection, i: u32) -> Vec<Synapse> {
        let candidates = self.targets - u32::from(self.skip_self);
        let words = |j| self.words(j, i, Tag::Row as u32);
        let every =
            || (0..candidates).map(|j| self.synapse(self.shifted(j, i), words(j))).collect();
        match projection.rule {
            Rule::AllToAll(AllToAll) => every(),
            Rule::OneToOne(OneToOne) if self.skip_self => Vec::new(),
            Rule::OneToOne(OneToOne) => vec![self.synapse(i, words(0))],
            Rule::FixedProbability(FixedProbability(1.0)) => every(),
            Rule::FixedProbability(FixedProbability(p)) if p > 0.0 => {
                self.probability(p, i, candidates)
            }
            Rule::FixedProbability(_) => Vec::new(),
            Rule::FixedOutDegree(FixedOutDegree { .. }) if candidates == 0 => Vec::new(),
            Rule::FixedOutDegree(FixedOutDegree { degree, multapses: true }) => (0..degree)
                .map(|j| self.synapse(self.shifted(pick(words(j)[0], candidates), i), words(j)))
                .collect(),
            Rule::FixedOutDegree(FixedOutDegree { degree, multapses: false }) => {
                let permutation = Permutation::new(self.seed, i, self.p, candidates);
                (0..degree)
                    .map(|j| self.synapse(self.shifted(permutation.apply(j), i), words(j)))
                    .collect()
            }
            _ => unreachable!("rules that are not drawn row by row"),
        }
    }

    /// 3.5: gaps, segment by segment.
    fn probability(&self, p: f64, i: u32, candidates: u32) -> Vec<Synapse> {
        let size = segment_size(p);
        let reciprocal = (1.0 / libm::log1p(-p)) as f32;
        let mut row = Vec::new();
        for segment in 0..candidates.div_ceil(size) {
            let start = i64::from(segment) * i64::from(size);
            let end = (start + i64::from(size)).min(i64::from(candidates));
            let mut position = start - 1;
            for j in 0.. {
                let x = self.words(j, i, Tag::Row as u32 + 256 * segment);
                let gap = function::log(uniform(x[0])) * reciprocal;
                position += 1 + gap as i64;
                if position >= end {
                    break;
                }
                row.push(self.synapse(self.shifted(position as u32, i), x));
            }
        }
        row
    }

    /// 3.6: targets draw their sources.
    fn in_degree(&self, degree: u32, multapses: bool) -> Rows {
        let mut rows = vec![Vec::new(); self.rows as usize];
        let candidates = self.rows - u32::from(self.skip_self);
        if candidates == 0 {
            return rows;
        }
        for target in 0..self.targets {
            let permutation = Permutation::new(self.seed, target, self.p, candidates);
            for j in 0..degree {
                let x = self.words(j, target, Tag::InDegree as u32);
                let c = if multapses { pick(x[0], candidates) } else { permutation.apply(j) };
                rows[self.shifted(c, target) as usize].push(self.synapse(target, x));
            }
        }
        rows
    }

    /// 3.7: sources first, then targets.
    fn total(&self, total: u64) -> Rows {
        let candidates = self.targets - u32::from(self.skip_self);
        let mut lengths = vec![0_u32; self.rows as usize];
        for m in 0..total {
            let call = m / 4;
            let x = self.words(call as u32, (call >> 32) as u32, Tag::Total as u32);
            lengths[pick(x[(m % 4) as usize], self.rows) as usize] += 1;
        }
        let row = |(i, length): (usize, u32)| {
            let i = i as u32;
            let synapse = |j| {
                let x = self.words(j, i, Tag::Row as u32);
                self.synapse(self.shifted(pick(x[0], candidates), i), x)
            };
            (0..length).map(synapse).collect()
        };
        if candidates == 0 {
            return vec![Vec::new(); self.rows as usize];
        }
        lengths.into_iter().enumerate().map(row).collect()
    }
}
