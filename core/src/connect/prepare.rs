//! Draws that come once before rows: row lengths of a fixed total number, explicit lists. In
//! parallel; no thread can change a number.

use super::Synapse;
use super::batch::{self, LANES};
use super::shape::RowShape;
use crate::base::progress;
use crate::base::random::{self, Tag};
use crate::describe::checked::SynapseList;
use rayon::prelude::*;

/// How many batches of Philox calls one task counts.
const TASK_BATCHES: u64 = 1 << 14;

/// How many of `total` picks each of `rows` sources gets (3.7).
pub(super) fn count_picks(seed: u64, projection: u32, rows: u32, total: u64) -> Vec<u32> {
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

/// An explicit list row by row, with weights and delays that were not given drawn by `shape`.
pub(super) fn resolve(
    shape: &RowShape,
    list: &SynapseList,
    quantise: impl Fn(f64) -> i32,
) -> (Vec<u64>, Vec<Synapse>) {
    let mut starts = vec![0_u64; shape.rows as usize + 1];
    let mut synapses = Vec::with_capacity(list.len());
    let key = random::key(shape.seed);
    let (mut row, mut j) = (0, 0);
    for entry in list.iter() {
        if entry.pre != row {
            (row, j) = (entry.pre, 0);
        }
        let words = random::philox([j, row, shape.projection, Tag::Row as u32], key);
        let delay = entry.delay_steps.unwrap_or_else(|| shape.delay.get(words[2]) as u32);
        synapses.push(Synapse {
            target: entry.post,
            weight: entry.weight.map_or_else(|| shape.weight.get(words[1]), &quantise),
            delay_steps: delay.max(1),
        });
        starts[row as usize + 1] += 1;
        j += 1;
    }
    for row in 0..shape.rows as usize {
        starts[row + 1] += starts[row];
    }
    (starts, synapses)
}
