//! A number of synapses in all, source and target of each drawn independently.

use super::{Connect, InDegree, Lengths, Pairs, Picks, RowKind, RowSite};
use crate::base::hash::Hash;
use crate::base::progress;
use crate::base::random::{self, Tag};
use crate::connect::batch::{self, LANES};
use rayon::prelude::*;

/// This many synapses in all, with multapses (3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedTotalNumber(pub u64);

impl Connect for FixedTotalNumber {
    fn describe(&self) -> String {
        "total number".into()
    }

    fn hash(&self, hash: &mut Hash) {
        hash.word(5);
        hash.long(self.0);
    }

    fn synapses(&self, _: u64, _: u64) -> u64 {
        self.0
    }

    fn in_degree(&self, pairs: Pairs) -> InDegree {
        match pairs.candidates {
            0 => InDegree::exact(0),
            _ => InDegree::binomial(self.0, 1.0 / pairs.targets as f64),
        }
    }

    /// Draws the source of each synapse, and keeps how many each source has.
    fn rows(&self, site: &RowSite, _: &dyn Fn(f64) -> i32) -> RowKind {
        if site.candidates() == 0 {
            return RowKind::Picks(Picks::NONE);
        }
        let lengths = count_picks(site.seed, site.projection, site.rows, self.0);
        RowKind::Picks(Picks(Lengths::Each(lengths.into())))
    }
}

/// How many batches of Philox calls one task counts.
const TASK_BATCHES: u64 = 1 << 14;

/// How many of `total` picks each of `rows` sources gets (3.7).
fn count_picks(seed: u64, projection: u32, rows: u32, total: u64) -> Vec<u32> {
    const BATCH: u64 = 4 * LANES as u64;
    let zeros = || vec![0_u32; rows as usize];
    if rows == 0 {
        return zeros();
    }
    progress::begin("counting the synapses of each source", total);
    let key = random::key(seed);
    let count_task = |mut counts: Vec<u32>, task: u64| {
        let first = task * TASK_BATCHES;
        let last = (first + TASK_BATCHES).min(total.div_ceil(BATCH));
        for batch in first..last {
            let call = batch * LANES as u64;
            let low: [u32; LANES] = std::array::from_fn(|lane| call as u32 + lane as u32);
            let high = [(call >> 32) as u32; LANES];
            let mut words = [[0; LANES]; 4];
            batch::philox(&low, &high, projection, Tag::Total as u32, key, &mut words);
            let picks = (total - batch * BATCH).min(BATCH) as usize;
            for m in 0..picks {
                let source = random::pick(words[m % 4][m / 4], rows);
                counts[source as usize] += 1;
            }
        }
        progress::advance((last * BATCH).min(total) - first * BATCH);
        counts
    };
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let tasks = total.div_ceil(BATCH).div_ceil(TASK_BATCHES);
    (0..tasks).into_par_iter().fold(zeros, count_task).reduce(zeros, add)
}
