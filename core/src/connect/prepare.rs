//! What is drawn once before rows can be: row lengths of a fixed total number, the transposed
//! table of a fixed in-degree, explicit lists. In parallel; no thread can change a number.

use super::Synapse;
use super::batch::{self, LANES};
use super::permutation::Permutation;
use super::shape::{RowShape, SourceTable};
use crate::checked::ExplicitSynapse;
use crate::random::{self, Tag};
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
        counts
    };
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let tasks = total.div_ceil(BATCH).div_ceil(TASK_BATCHES);
    (0..tasks).into_par_iter().fold(zeros, count_task).reduce(zeros, add)
}

/// The table of a fixed in-degree (3.6). `shape` lacks only its kind.
pub(super) fn transpose(shape: &RowShape, degree: u32, multapses: bool) -> SourceTable {
    let candidates = shape.rows - u32::from(shape.skip_self);
    let degree = if multapses { degree } else { degree.min(candidates) };
    let degree = if candidates == 0 { 0 } else { degree as usize };
    let mut sources = vec![0; degree * shape.targets as usize];
    sources.par_chunks_mut(degree.max(1)).enumerate().for_each(|(target, sources)| {
        draw_sources(shape, candidates, target as u32, multapses, sources);
    });
    let mut starts = vec![0_u64; shape.rows as usize + 1];
    for &source in &sources {
        starts[source as usize + 1] += 1;
    }
    for row in 0..shape.rows as usize {
        starts[row + 1] += starts[row];
    }
    let mut table = SourceTable { starts, entries: vec![[0; 2]; sources.len()] };
    fill_table(&mut table, &sources, degree);
    table
}

/// The sources of one target, in order of j.
fn draw_sources(
    shape: &RowShape,
    candidates: u32,
    target: u32,
    multapses: bool,
    sources: &mut [u32],
) {
    let shift_from = if shape.skip_self { target } else { u32::MAX };
    let shifted = |candidate: u32| candidate + u32::from(candidate >= shift_from);
    if !multapses {
        let permutation = Permutation::new(shape.seed, target, shape.projection, candidates);
        for (block, sources) in sources.chunks_mut(LANES).enumerate() {
            let last = (block * LANES + sources.len() - 1) as u32;
            let mut js = std::array::from_fn(|lane| last.min((block * LANES + lane) as u32));
            batch::permute(&permutation, &mut js);
            for (source, candidate) in sources.iter_mut().zip(js) {
                *source = shifted(candidate);
            }
        }
        return;
    }
    let key = random::key(shape.seed);
    for (block, sources) in sources.chunks_mut(LANES).enumerate() {
        let js = std::array::from_fn(|lane| (block * LANES + lane) as u32);
        let fourth = Tag::InDegree as u32;
        let mut words = [[0; LANES]; 4];
        batch::philox(&js, &[target; LANES], shape.projection, fourth, key, &mut words);
        for (source, word) in sources.iter_mut().zip(words[0]) {
            *source = shifted(random::pick(word, candidates));
        }
    }
}

/// Writes every synapse to its row. Each task owns a range of rows and looks at all synapses.
fn fill_table(table: &mut SourceTable, sources: &[u32], degree: usize) {
    let rows = table.starts.len() - 1;
    let tasks = rayon::current_num_threads().min(rows.max(1));
    let mut entries = &mut table.entries[..];
    let mut parts = Vec::new();
    for task in 0..tasks {
        let range = rows * task / tasks..rows * (task + 1) / tasks;
        let starts = &table.starts[range.start..=range.end];
        let len = (starts[starts.len() - 1] - starts[0]) as usize;
        let (here, rest) = entries.split_at_mut(len);
        entries = rest;
        parts.push((range, starts, here));
    }
    parts.into_par_iter().for_each(|(range, starts, entries)| {
        let mut next: Vec<usize> = starts.iter().map(|s| (s - starts[0]) as usize).collect();
        for (target, sources) in sources.chunks(degree.max(1)).enumerate() {
            for (j, &source) in sources.iter().enumerate() {
                if range.contains(&(source as usize)) {
                    let place = &mut next[source as usize - range.start];
                    entries[*place] = [target as u32, j as u32];
                    *place += 1;
                }
            }
        }
    });
}

/// An explicit list row by row, with weights and delays that were not given drawn by `shape`.
pub(super) fn resolve(
    shape: &RowShape,
    list: &[ExplicitSynapse],
    quantise: impl Fn(f64) -> i32,
) -> (Vec<u64>, Vec<Synapse>) {
    let mut starts = vec![0_u64; shape.rows as usize + 1];
    let mut synapses = Vec::with_capacity(list.len());
    let key = random::key(shape.seed);
    let (mut row, mut j) = (0, 0);
    for entry in list {
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
