//! How fast rows are drawn. Run with
//! `cargo test --release -p isospike-core --test connect_speed -- --ignored --nocapture`.

use isospike_core::checked::{Distribution, Rule};
use isospike_core::connect::{RealDraw, RowSite, RowSource, delay_steps};
use isospike_core::lower::quantise::quantise;
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
    let total = Rule::FixedTotalNumber(45_499_805);
    for _ in 0..3 {
        measure("fixed total, normal", site(&weight, &delay), &total);
    }
    measure("fixed total, constant", site(&one, &step), &total);
    let in_degree = |multapses| Rule::FixedInDegree { degree: 2200, multapses };
    let out_degree = |multapses| Rule::FixedOutDegree { degree: 2200, multapses };
    measure("in-degree, normal", site(&weight, &delay), &in_degree(true));
    measure("in-degree, distinct, normal", site(&weight, &delay), &in_degree(false));
    measure("out-degree, normal", site(&weight, &delay), &out_degree(true));
    measure("out-degree, distinct, normal", site(&weight, &delay), &out_degree(false));
    measure("probability 0.1, normal", site(&weight, &delay), &Rule::FixedProbability(0.1));
    measure("probability 0.1, constant", site(&one, &step), &Rule::FixedProbability(0.1));
    measure("all to all, normal", site(&weight, &delay), &Rule::AllToAll);
    measure("all to all, constant", site(&one, &step), &Rule::AllToAll);
}
