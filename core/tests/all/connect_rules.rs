//! Each rule has the distribution that its name promises, with and without autapses and multapses.

use isospike_core::connect::Rule;
use isospike_core::connect::rule::{
    AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne,
};
use isospike_core::connect::{Draw, RowSite, RowSource};
use rayon::prelude::*;

fn rows(sizes: (u32, u32), skip_self: bool, rule: &Rule) -> RowSource {
    let (weight, delay) = (Draw::Uniform { lo: -3, span: 7 }, Draw::Uniform { lo: 1, span: 5 });
    let (rows, targets) = sizes;
    let site = RowSite { seed: 77, projection: 5, rows, targets, skip_self, weight, delay };
    RowSource::new(site, rule, |w| w as i32)
}

/// How often each pair (source, target) is connected.
fn pairs(rows: &RowSource) -> Vec<Vec<u32>> {
    let targets = rows.site().targets as usize;
    (0..rows.rows())
        .map(|i| {
            let mut counts = vec![0; targets];
            rows.for_each(i, |s| counts[s.target as usize] += 1);
            counts
        })
        .collect()
}

fn in_degrees(pairs: &[Vec<u32>]) -> Vec<u32> {
    (0..pairs[0].len()).map(|t| pairs.iter().map(|row| row[t]).sum()).collect()
}

/// The chi-square statistic of equally likely cells, in standard deviations from its mean.
fn excess(counts: impl IntoIterator<Item = u32>) -> f64 {
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let chi_square: f64 = counts.iter().map(|c| (c - mean) * (c - mean) / mean).sum();
    let freedom = counts.len() as f64 - 1.0;
    (chi_square - freedom) / (2.0 * freedom).sqrt()
}

/// All cells of the table, without the diagonal where there are no autapses.
fn cells(pairs: &[Vec<u32>], skip_self: bool) -> Vec<u32> {
    let mut cells = vec![];
    for (i, row) in pairs.iter().enumerate() {
        assert!(!skip_self || row[i] == 0, "autapse of neuron {i}");
        cells
            .extend(row.iter().enumerate().filter(|(t, _)| !skip_self || *t != i).map(|(_, c)| *c));
    }
    cells
}

#[test]
fn all_to_all_and_one_to_one() {
    let all = pairs(&rows((7, 7), true, &Rule::AllToAll(AllToAll)));
    assert!(cells(&all, true).iter().all(|&c| c == 1));
    assert_eq!(rows((7, 40), false, &Rule::AllToAll(AllToAll)).synapses(), 280);
    let one = pairs(&rows((9, 9), false, &Rule::OneToOne(OneToOne)));
    assert!(one.iter().enumerate().all(|(i, row)| row[i] == 1 && row.iter().sum::<u32>() == 1));
    assert_eq!(rows((9, 9), true, &Rule::OneToOne(OneToOne)).synapses(), 0);
}

#[test]
fn fixed_probability_is_binomial() {
    for (p, skip_self) in [(0.02, false), (0.02, true), (0.3, true), (0.95, false)] {
        let pairs =
            pairs(&rows((900, 900), skip_self, &Rule::FixedProbability(FixedProbability(p))));
        let cells = cells(&pairs, skip_self);
        assert!(cells.iter().all(|&c| c <= 1), "a pair was connected twice");
        let (n, hits) = (cells.len() as f64, f64::from(cells.iter().sum::<u32>()));
        let deviation = (hits - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(deviation.abs() < 4.0, "p = {p}: {deviation} sd");
        // In-degrees are binomial: their chi-square shrinks by 1 - p.
        for degrees in [in_degrees(&pairs), pairs.iter().map(|row| row.iter().sum()).collect()] {
            let excess = excess(degrees);
            let expected = -p * (450.0_f64 - 0.5).sqrt();
            assert!((excess - expected).abs() < 5.0, "p = {p}: {excess} sd");
        }
    }
}

#[test]
fn neighbours_are_independent_under_fixed_probability() {
    // The gap after a synapse is geometric, so P(next connected | this connected) = p, across
    // segment borders too.
    let p = 0.25;
    let pairs = pairs(&rows((600, 1_000), false, &Rule::FixedProbability(FixedProbability(p))));
    let both = pairs.iter().flat_map(|row| row.windows(2)).filter(|w| w == &[1, 1]).count();
    let n = 600.0 * 999.0;
    let deviation = (both as f64 - n * p * p) / (n * p * p * (1.0 + 2.0 * p - 3.0 * p * p)).sqrt();
    assert!(deviation.abs() < 4.0, "{deviation} sd");
}

#[test]
fn in_degree_is_exact() {
    for (multapses, skip_self) in [(false, false), (false, true), (true, false), (true, true)] {
        let rule = Rule::FixedInDegree(FixedInDegree { degree: 40, multapses });
        let pairs = pairs(&rows((300, 300), skip_self, &rule));
        assert!(in_degrees(&pairs).iter().all(|&degree| degree == 40));
        let most = *cells(&pairs, skip_self).iter().max().unwrap();
        assert_eq!(most > 1, multapses, "largest count of a pair: {most}");
        let excess = excess(pairs.iter().map(|row| row.iter().sum()));
        assert!(excess < 5.0, "out-degrees: {excess} sd");
    }
    // As many sources as there are: each once.
    let pairs = pairs(&rows(
        (30, 50),
        false,
        &Rule::FixedInDegree(FixedInDegree { degree: 30, multapses: false }),
    ));
    assert!(pairs.iter().flatten().all(|&c| c == 1));
}

#[test]
fn out_degree_is_exact() {
    for (multapses, skip_self) in [(false, false), (false, true), (true, false), (true, true)] {
        let rule = Rule::FixedOutDegree(FixedOutDegree { degree: 40, multapses });
        let rows = rows((300, 300), skip_self, &rule);
        assert!((0..300).all(|i| rows.len(i) == 40));
        let pairs = pairs(&rows);
        let most = *cells(&pairs, skip_self).iter().max().unwrap();
        assert_eq!(most > 1, multapses, "largest count of a pair: {most}");
        let excess = excess(in_degrees(&pairs));
        assert!(excess < 5.0, "in-degrees: {excess} sd");
    }
}

#[test]
fn total_number_is_exact_and_multinomial() {
    for skip_self in [false, true] {
        let rows = rows((50, 50), skip_self, &Rule::FixedTotalNumber(FixedTotalNumber(250_001)));
        assert_eq!(rows.synapses(), 250_001);
        let pairs = pairs(&rows);
        let excess = excess(cells(&pairs, skip_self));
        assert!(excess.abs() < 5.0, "pairs: {excess} sd");
    }
}

#[test]
fn values_of_a_row_are_independent_of_targets() {
    let rows = rows(
        (40, 10),
        false,
        &Rule::FixedOutDegree(FixedOutDegree { degree: 5_000, multapses: true }),
    );
    let mut table = vec![0; 10 * 7 * 5];
    for i in 0..40 {
        rows.for_each(i, |s| {
            let place = (s.target * 7 + (s.weight + 3) as u32) * 5 + s.delay_steps - 1;
            table[place as usize] += 1;
        });
    }
    let excess = excess(table);
    assert!(excess.abs() < 5.0, "{excess} sd");
}

#[test]
fn rows_do_not_depend_on_order_or_threads() {
    let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    for rule in [
        Rule::FixedTotalNumber(FixedTotalNumber(3_000_000)),
        Rule::FixedInDegree(FixedInDegree { degree: 50, multapses: true }),
        Rule::FixedInDegree(FixedInDegree { degree: 50, multapses: false }),
        Rule::FixedProbability(FixedProbability(0.1)),
    ] {
        let all = |rows: &RowSource, order: Vec<u32>| -> Vec<Vec<_>> {
            let row = |i: u32| {
                let mut row = vec![];
                rows.for_each(i, |s| row.push(s));
                (i, row)
            };
            let mut all: Vec<_> = order.into_par_iter().map(row).collect();
            all.sort_by_key(|(i, _)| *i);
            all.into_iter().map(|(_, row)| row).collect()
        };
        let draw = |threads, backwards: bool| {
            pool(threads).install(|| {
                let rows = rows((211, 300), false, &rule);
                let order: Vec<u32> =
                    if backwards { (0..211).rev().collect() } else { (0..211).collect() };
                all(&rows, order)
            })
        };
        let first = draw(1, false);
        assert!(first == draw(3, true), "{rule:?}");
        assert!(first == draw(8, false), "{rule:?}");
    }
}

#[test]
fn projections_and_seeds_differ() {
    let row = |seed, projection| {
        let (weight, delay) = (Draw::Constant(1), Draw::Constant(1));
        let (rows, targets) = (3, 1_000_000);
        let site = RowSite { seed, projection, rows, targets, skip_self: false, weight, delay };
        let rule = Rule::FixedOutDegree(FixedOutDegree { degree: 20, multapses: true });
        let mut row = vec![];
        RowSource::new(site, &rule, |w| w as i32).for_each(1, |s| row.push(s.target));
        row
    };
    let rows = [row(1, 0), row(2, 0), row(1, 1), row(1 + (1 << 32), 0)];
    for a in 0..rows.len() {
        assert!(rows[..a].iter().all(|other| *other != rows[a]));
    }
}
