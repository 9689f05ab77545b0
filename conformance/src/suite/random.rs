//! Level 3: Philox against the published vectors, and every distribution word by word.

use super::ops::both;
use super::{Done, Level, Needs, Settings, Test};
use crate::failure::Failure;
use crate::handbuilt::code::Code;
use crate::handbuilt::column_batch::ColumnBatch;
use crate::handbuilt::contract::same_float;
use crate::handbuilt::{PlanBuilder, Values, neuron_plan, oracle};
use isospike_core::base::numeric::function;
use isospike_core::base::random::{self, PoissonTable, key, philox};
use isospike_core::base::words::count;
use isospike_core::connect::Draw;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::{AllToAll, FixedOutDegree, FixedProbability, FixedTotalNumber};
use isospike_core::ir::{Input, Op, Val, math};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use std::sync::Arc;

/// Vectors of Random123's `kat_vectors` for Philox4x32-10 (Salmon et al. 2011): counter, key,
/// words.
const PUBLISHED: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ),
];

/// Drawn rows beside the published ones.
const ROWS: u32 = 4096;

/// A test for each source of randomness.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let seed = settings.seed;
    let test = |name, run: fn(&dyn Backend, u64) -> Result<Done, Failure>| {
        Test::new(Level::Random, name, move |backend, _| run(backend, seed))
            .needing(Needs::Programs)
    };
    vec![
        test("Philox, published vectors and drawn counters", vectors),
        test("uniform numbers", uniforms),
        test("normal numbers", normals),
        test("draws of neurons, steps, streams and copies", draws),
        test("Poisson counts, rare, usual, largest and split", poisson),
    ]
}

/// All four words of each counter and key.
fn vectors(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let published = PUBLISHED.iter().map(|(c, k, _)| [c[0], c[1], c[2], c[3], k[0], k[1]]);
    let drawn = (0..ROWS).map(|i| {
        let (a, b) = (philox([i, 0, 0, 1], key(seed)), philox([i, 1, 0, 1], key(seed)));
        [a[0], a[1], a[2], a[3], b[0], b[1]]
    });
    let rows: Vec<[u32; 6]> = published.chain(drawn).collect();
    let columns = (0..6).map(|n| rows.iter().map(|row| row[n]).collect());
    let batch = ColumnBatch::new(columns.collect());
    let mut checked = 0;
    for n in 0..4 {
        let got = batch
            .run(backend, |b, w| math::philox(b, [w[0], w[1], w[2], w[3]], [w[4], w[5]])[n])?;
        for (row, got) in got.into_iter().enumerate() {
            let r = rows[row];
            let expected = match PUBLISHED.get(row) {
                Some((_, _, words)) => words[n],
                None => philox([r[0], r[1], r[2], r[3]], [r[4], r[5]])[n],
            };
            if got != expected {
                return Err(Failure::new(format!(
                    "word {n} of counter {:08x?} and key {:08x?} is {got:#010x}, not \
                     {expected:#010x}",
                    &r[..4],
                    &r[4..]
                )));
            }
            checked += 1;
        }
    }
    Ok(Done::of(checked))
}

fn uniforms(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let mut words: Vec<u32> = vec![0, 255, 256, 0x7fff_ff00, 0x8000_0000, u32::MAX];
    words.extend((0..ROWS).map(|i| philox([i, 0, 0, 2], key(seed))[0]));
    let batch = ColumnBatch::new(vec![words]);
    let got = batch.run(backend, |b, w| {
        let number = math::uniform(b, w[0]);
        b.f_to_bits(number)
    })?;
    floats(&batch, &got, |w| random::uniform(w[0]))
}

fn normals(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let edges = [0, 255, 256, 0x1fff_ffff, 0x2000_0000, 0x8000_0000, 0xe000_0000, u32::MAX];
    let pairs = edges.iter().flat_map(|a| edges.map(|b| (*a, b)));
    let drawn = (0..ROWS).map(|i| {
        let words = philox([i, 0, 0, 3], key(seed));
        (words[0], words[1])
    });
    let (first, second) = pairs.chain(drawn).unzip();
    let batch = ColumnBatch::new(vec![first, second]);
    let got = batch.run(backend, |b, w| {
        let number = math::normal(b, w[0], w[1]);
        b.f_to_bits(number)
    })?;
    floats(&batch, &got, |w| function::normal(w[0], w[1]))
}

fn floats(batch: &ColumnBatch, got: &[u32], right: fn(&[u32]) -> f32) -> Result<Done, Failure> {
    for (row, &got) in got.iter().enumerate() {
        let words = batch.row(row);
        let expected = right(&words).to_bits();
        if !same_float(got, expected) {
            let (got, expected) = (both(got), both(expected));
            return Err(Failure::new(format!("{words:#010x?} gives {got}, not {expected}")));
        }
    }
    Ok(Done::of(got.len() as u64))
}

/// Every word that neurons of three copies draw in 20 steps, from several streams.
fn draws(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let leaves = [(0, 0), (0, 1), (0, 255), (1, 0), (70_000, 3)]
        .map(|(stream, draw)| Op::Input(Input::Random { stream, draw }));
    let plan = chained(seed, 3, 1025, &leaves, Vec::new());
    whole_run(backend, &plan, 20, 20 * 5 * 1025 * 3)
}

/// Counts of tables with means from 0 to the largest, and of the three tables of a mean of 20. In
/// 40 steps about 160 ties are broken.
fn poisson(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let mut tables =
        [0.0, 0.004, 0.37, 1.0, random::POISSON_MEAN_MAX].map(PoissonTable::new).to_vec();
    tables.extend(random::poisson_tables(20.0));
    let leaves: Vec<Op> = (0..tables.len() as u32)
        .map(|table| Op::Input(Input::Poisson { table, stream: 5 + table, keep: None }))
        .collect();
    let counts = 40 * leaves.len() as u64 * 525 * 2;
    let plan = chained(seed, 2, 525, &leaves, tables);
    whole_run(backend, &plan, 40, counts)
}

/// Neurons whose state is a chain over the words of leaves in all steps, `31 * chain + word`: one
/// wrong word in any step is in the state for good.
fn chained(seed: u64, batch: u32, neurons: u32, leaves: &[Op], poisson: Vec<PoissonTable>) -> Plan {
    let mut code = Code::default();
    for (leaf, n) in leaves.iter().zip((0..).step_by(2)) {
        let word = code.op(*leaf);
        chain(&mut code, n, word);
    }
    let initial = vec![Words::All(0); code.0.outputs.len()];
    let mut plan = PlanBuilder::new(seed ^ 0x0123_4567_89ab_cdef, batch);
    plan.neurons("n", neurons, 0, NeuronPlan { poisson, ..neuron_plan(code.0, initial) });
    plan.0
}

/// State variables `n` and `n + 1` are the halves of a chain over words.
fn chain(code: &mut Code, n: u32, word: Val) {
    let before = code.load_halves(Input::State(n), Input::State(n + 1));
    let factor = code.op(Op::U32(31));
    let before = code.op(Op::UMul(before, factor));
    let after = code.op(Op::UAdd(before, word));
    code.store_halves(after);
}

/// Sources that spike one after the other, onto targets that chain what they receive in each
/// step, through rows of every rule and distribution that are not stored. A test of level 6: these
/// draws are seen through delivery.
pub fn rows(backend: &dyn Backend, seed: u64) -> Result<Done, Failure> {
    let mut plan = PlanBuilder::new(seed ^ 0x5555_5555_5555_5555, 1);
    let spikes: Vec<(u32, u32)> = (0..40).map(|source| (source, source)).collect();
    let sources = plan.spike_list("sources", 40, &spikes);
    let rules = [
        Rule::AllToAll(AllToAll),
        Rule::FixedProbability(FixedProbability(0.13)),
        Rule::FixedOutDegree(FixedOutDegree { degree: 37, multapses: true }),
        Rule::FixedOutDegree(FixedOutDegree { degree: 37, multapses: false }),
        Rule::FixedTotalNumber(FixedTotalNumber(1500)),
    ];
    let quantiles = std::array::from_fn(|i| (i as i32 - 30_000) / 8);
    let draws = [
        Draw::Constant(7),
        Draw::Uniform { lo: -900, span: 1901 },
        Draw::Table(Arc::new(quantiles)),
    ];
    let mut code = Code::default();
    for receptor in 0..rules.len() as u32 {
        let sum = code.input(Input::Receptor(receptor));
        let sum = code.op(Op::IToU(sum));
        chain(&mut code, 2 * receptor, sum);
    }
    let initial = vec![Words::All(0); code.0.outputs.len()];
    let targets = plan.neurons("targets", 200, rules.len() as u32, neuron_plan(code.0, initial));
    for (rule, receptor) in rules.iter().zip(0..) {
        for weight in &draws {
            let delay = Draw::Uniform { lo: 1, span: 9 };
            let values = Values { procedural: true, ..Values::new(weight.clone(), delay) };
            plan.project(sources, targets, receptor, rule, values);
        }
    }
    let synapses: u64 = plan.0.projections.iter().map(|p| p.rows.synapses()).sum();
    whole_run(backend, &plan.0, 50, synapses)
}

/// Runs a plan and compares its state with that of the oracle. So many words went into it.
fn whole_run(backend: &dyn Backend, plan: &Plan, steps: u32, words: u64) -> Result<Done, Failure> {
    let expected = oracle::run(plan, steps).state;
    let mut simulation = backend.compile(plan)?;
    simulation.run(steps, &mut Recording::new(plan))?;
    let got = simulation.state()?;
    let size = plan.populations[plan.populations.len() - 1].size as usize;
    let differs = expected.iter().zip(&got).position(|(a, b)| a != b);
    if expected.len() != got.len() {
        let (a, b) = (expected.len(), got.len());
        return Err(Failure::new(format!("{} of state, {a} are wanted", count(b as u64, "word"))));
    }
    match differs {
        None => Ok(Done::of(words)),
        Some(at) => Err(Failure::new(format!(
            "after {} the chain of source {}, copy {}, neuron {} differs: {}, not {}",
            count(steps, "step"),
            at / (2 * size * plan.batch as usize),
            at / size % plan.batch as usize,
            at % size,
            both(got[at]),
            both(expected[at])
        ))),
    }
}
