//! How fast rows are drawn. Run with
//! `cargo test --release -p isospike-core --test all connect_speed -- --ignored --nocapture
//! --test-threads=1`.

use isospike_core::connect::rule::{
    AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber,
};
use isospike_core::connect::{Distribution, Rule};
use isospike_core::connect::{RealDraw, RowSite, RowSource, delay_steps};
use isospike_core::plan::lower::quantise::quantise;
use rayon::prelude::*;
use std::time::Instant;

/// Populations of the largest projection of the cortical microcircuit.
const SIZE: u32 = 20_683;

fn normal(mean: f64, sd: f64, lo: f64) -> RealDraw {
    RealDraw::new(&Distribution::Normal { mean, sd, lo, hi: f64::INFINITY, redraw: true })
}

fn site(weight: &RealDraw, delay: &RealDraw) -> RowSite {
    RowSite {
        seed: 1,
        projection: 0,
        rows: SIZE,
        targets: SIZE,
        skip_self: false,
        weight: weight.round(|w| quantise(w, 7)),
        delay: delay.round(|d| delay_steps(d, 0.1)),
    }
}

fn measure(name: &str, site: RowSite, rule: &Rule) {
    let start = Instant::now();
    let rows = RowSource::new(site, rule, |w| quantise(w, 7));
    let prepared = start.elapsed();
    let start = Instant::now();
    let (mut synapses, mut sum) = (0_u64, 0_i64);
    for row in 0..rows.rows() {
        rows.for_each(row, |s| {
            synapses += 1;
            sum += i64::from(s.target) + i64::from(s.weight) * i64::from(s.delay_steps);
        });
    }
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(rows.synapses(), synapses);
    println!(
        "{name:34} {synapses:>10} synapses, prepared in {:.3} s, {:.2} ns each, sum {sum}",
        prepared.as_secs_f64(),
        seconds * 1e9 / synapses as f64
    );
}

#[test]
#[ignore = "exhaustive: a measurement, best on a quiet machine"]
fn nanoseconds_per_synapse() {
    let (weight, delay) = (normal(87.8, 8.78, 0.0), normal(1.5, 0.75, 0.05));
    let (one, step) = (RealDraw::Constant(87.8), RealDraw::Constant(1.5));
    let total = Rule::FixedTotalNumber(FixedTotalNumber(45_499_805));
    for _ in 0..3 {
        measure("fixed total, normal", site(&weight, &delay), &total);
    }
    measure("fixed total, constant", site(&one, &step), &total);
    let in_degree = |multapses| Rule::FixedInDegree(FixedInDegree { degree: 2200, multapses });
    let out_degree = |multapses| Rule::FixedOutDegree(FixedOutDegree { degree: 2200, multapses });
    measure("in-degree, normal", site(&weight, &delay), &in_degree(true));
    measure("in-degree, distinct, normal", site(&weight, &delay), &in_degree(false));
    measure("out-degree, normal", site(&weight, &delay), &out_degree(true));
    measure("out-degree, distinct, normal", site(&weight, &delay), &out_degree(false));
    measure(
        "probability 0.1, normal",
        site(&weight, &delay),
        &Rule::FixedProbability(FixedProbability(0.1)),
    );
    measure(
        "probability 0.1, constant",
        site(&one, &step),
        &Rule::FixedProbability(FixedProbability(0.1)),
    );
    measure("all to all, normal", site(&weight, &delay), &Rule::AllToAll(AllToAll));
    measure("all to all, constant", site(&one, &step), &Rule::AllToAll(AllToAll));
}

/// Populations of the cortical microcircuit (Potjans and Diesmann 2014), and the number of synapses
/// of each projection: a row for each target, a column for each source.
const SIZES: [u32; 8] = [20_683, 5_834, 21_915, 5_479, 4_850, 1_065, 14_395, 2_948];
const SYNAPSES: [[u64; 8]; 8] = [
    [45_499_805, 22_323_577, 20_253_647, 9_670_918, 3_293_578, 0, 2_271_404, 0],
    [17_443_694, 5_018_763, 4_105_338, 1_690_074, 2_221_213, 0, 353_461, 0],
    [3_503_670, 756_561, 24_482_849, 17_413_576, 714_524, 7_003, 14_624_432, 0],
    [8_114_254, 92_832, 9_933_538, 5_223_272, 87_836, 0, 8_810_905, 0],
    [10_613_575, 1_817_058, 5_507_804, 151_900, 2_040_738, 2_407_889, 1_438_969, 0],
    [1_241_436, 169_424, 607_667, 12_851, 319_602, 430_444, 132_414, 0],
    [4_681_225, 556_108, 6_727_570, 1_320_234, 4_112_225, 305_029, 8_372_649, 10_827_677],
    [2_260_836, 17_207, 220_033, 8_078, 401_638, 25_218, 2_888_426, 1_354_320],
];

#[test]
#[ignore = "exhaustive: a measurement, best on a quiet machine"]
fn every_row_of_the_cortical_microcircuit() {
    let (weight, delay) = (normal(87.8, 8.78, 0.0), normal(1.5, 0.75, 0.05));
    let like = site(&weight, &delay);
    let start = Instant::now();
    let mut projections = Vec::new();
    for (post, counts) in SYNAPSES.iter().enumerate() {
        for (pre, &count) in counts.iter().enumerate() {
            let projection = (8 * post + pre) as u32;
            let (rows, targets) = (SIZES[pre], SIZES[post]);
            let site = RowSite { projection, rows, targets, ..like.clone() };
            projections.push(RowSource::new(
                site,
                &Rule::FixedTotalNumber(FixedTotalNumber(count)),
                |_| 0,
            ));
        }
    }
    let prepared = start.elapsed();
    let synapses = |rows: &RowSource| {
        let row = |i| {
            let (mut count, mut sum) = (0_u64, 0_u64);
            rows.for_each(i, |s| {
                count += 1;
                sum += u64::from(s.target) + u64::from(s.delay_steps) + s.weight as u64;
            });
            std::hint::black_box(sum);
            count
        };
        (0..rows.rows()).into_par_iter().map(row).sum::<u64>()
    };
    let total: u64 = projections.iter().map(synapses).sum();
    assert_eq!(total, 298_880_968);
    println!(
        "{total} synapses with {} threads: lengths in {:.2} s, all in {:.2} s",
        rayon::current_num_threads(),
        prepared.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
}
