//! Every row against a second derivation, written from the sentences of section 3 of
//! `docs/semantics.md` one synapse at a time.

use isospike_core::base::numeric::function::log;
use isospike_core::base::random::{key, philox, pick, uniform};
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber,
    OneToOne, segment_size,
};
use isospike_core::connect::{Draw, Permutation, RowSite, RowSource, Synapse};
use isospike_core::connect::{ExplicitSynapse, Rule};
use proptest::prelude::*;
use std::sync::Arc;

fn shift(site: &RowSite, own: u32, candidate: u32) -> u32 {
    candidate + u32::from(site.skip_self && candidate >= own)
}

fn synapse(site: &RowSite, target: u32, x: [u32; 4]) -> Synapse {
    let delay_steps = site.delay.get(x[2]) as u32;
    Synapse { target, weight: site.weight.get(x[1]), delay_steps }
}

fn naive_row(site: &RowSite, rule: &Rule, i: u32) -> Vec<Synapse> {
    let p = site.projection;
    let word = |j, segment: u32| philox([j, i, p, 4 + 256 * segment], key(site.seed));
    let n = site.targets - u32::from(site.skip_self);
    let row = |targets: Vec<u32>| -> Vec<Synapse> {
        let of_j = |(j, t): (usize, &u32)| synapse(site, shift(site, i, *t), word(j as u32, 0));
        targets.iter().enumerate().map(of_j).collect()
    };
    match rule {
        Rule::AllToAll(AllToAll) => row((0..n).collect()),
        Rule::OneToOne(OneToOne) if site.skip_self => vec![],
        Rule::OneToOne(OneToOne) => vec![synapse(site, i, word(0, 0))],
        Rule::FixedProbability(FixedProbability(1.0)) => row((0..n).collect()),
        Rule::FixedProbability(FixedProbability(0.0)) => vec![],
        Rule::FixedProbability(FixedProbability(probability)) => {
            naive_gaps(site, *probability, n, i, word)
        }
        Rule::FixedOutDegree(FixedOutDegree { .. }) | Rule::FixedTotalNumber(_) if n == 0 => vec![],
        Rule::FixedOutDegree(FixedOutDegree { degree, multapses: true }) => {
            row((0..*degree).map(|j| pick(word(j, 0)[0], n)).collect())
        }
        Rule::FixedOutDegree(FixedOutDegree { degree, multapses: false }) => {
            let permutation = Permutation::new(site.seed, i, p, n);
            row((0..*degree).map(|j| permutation.apply(j)).collect())
        }
        Rule::FixedInDegree(FixedInDegree { degree, multapses }) => {
            naive_sources(site, *degree, *multapses, i)
        }
        Rule::FixedTotalNumber(FixedTotalNumber(total)) => {
            let source = |m: &u64| {
                let words = philox([(m / 4) as u32, (m >> 34) as u32, p, 6], key(site.seed));
                pick(words[(m % 4) as usize], site.rows)
            };
            let length = (0..*total).filter(|m| source(m) == i).count() as u32;
            row((0..length).map(|j| pick(word(j, 0)[0], n)).collect())
        }
        Rule::Explicit(Explicit(list)) => {
            let own = list.iter().filter(|s| s.pre == i).enumerate();
            own.map(|(j, s)| {
                let drawn = synapse(site, s.post, word(j as u32, 0));
                let weight = s.weight.map_or(drawn.weight, |w| w.round() as i32);
                let delay_steps = s.delay_steps.unwrap_or(drawn.delay_steps);
                Synapse { weight, delay_steps, ..drawn }
            })
            .collect()
        }
    }
}

fn naive_gaps(
    site: &RowSite,
    probability: f64,
    n: u32,
    i: u32,
    word: impl Fn(u32, u32) -> [u32; 4],
) -> Vec<Synapse> {
    let reciprocal = (1.0 / libm::log1p(-probability)) as f32;
    let size = segment_size(probability);
    let mut row = vec![];
    for segment in 0..n.div_ceil(size) {
        let mut position = -1_i64;
        for j in 0.. {
            let x = word(j, segment);
            position += 1 + (log(uniform(x[0])) * reciprocal).trunc() as i64;
            let candidate = i64::from(segment * size) + position;
            if position >= i64::from(size) || candidate >= i64::from(n) {
                break;
            }
            row.push(synapse(site, shift(site, i, candidate as u32), x));
        }
    }
    row
}

fn naive_sources(site: &RowSite, degree: u32, multapses: bool, i: u32) -> Vec<Synapse> {
    let n = site.rows - u32::from(site.skip_self);
    let mut row = vec![];
    for target in 0..site.targets {
        let permutation = Permutation::new(site.seed, target, site.projection, n);
        for j in (0..degree).filter(|_| n > 0) {
            let x = philox([j, target, site.projection, 5], key(site.seed));
            let candidate = if multapses { pick(x[0], n) } else { permutation.apply(j) };
            if shift(site, target, candidate) == i {
                row.push(synapse(site, target, x));
            }
        }
    }
    row
}

fn row_of(rows: &RowSource, i: u32) -> Vec<Synapse> {
    let mut row = vec![];
    rows.for_each(i, |s| row.push(s));
    row
}

fn any_draw(lo: i32) -> impl Strategy<Value = Draw> {
    prop_oneof![
        (lo..100).prop_map(Draw::Constant),
        (lo..100, 1..200_u32).prop_map(|(lo, span)| Draw::Uniform { lo, span }),
        (lo..100).prop_map(|lo| {
            let table: Vec<i32> = (0..65_536).map(|m| lo + m / 700).collect();
            Draw::Table(Arc::<[i32]>::from(table).try_into().unwrap())
        }),
    ]
}

fn any_rule(rows: u32, targets: u32, skip: bool) -> impl Strategy<Value = Rule> {
    let explicit = prop::collection::vec(
        (0..rows, 0..targets, prop::option::of(-50.0..50.0), prop::option::of(1..9_u32)),
        0..60,
    );
    let candidates = targets - u32::from(skip);
    let sources = rows - u32::from(skip);
    prop_oneof![
        Just(Rule::AllToAll(AllToAll)),
        Just(if rows == targets { Rule::OneToOne(OneToOne) } else { Rule::AllToAll(AllToAll) }),
        prop_oneof![Just(0.0), Just(1.0), 0.001..1.0, Just(0.03)]
            .prop_map(|p| FixedProbability(p).into()),
        (0..70_u32)
            .prop_map(|degree| Rule::FixedInDegree(FixedInDegree { degree, multapses: true })),
        (0..=sources)
            .prop_map(|degree| Rule::FixedInDegree(FixedInDegree { degree, multapses: false })),
        (0..70_u32)
            .prop_map(|degree| Rule::FixedOutDegree(FixedOutDegree { degree, multapses: true })),
        (0..=candidates)
            .prop_map(|degree| Rule::FixedOutDegree(FixedOutDegree { degree, multapses: false })),
        (0..500_u64).prop_map(|total| FixedTotalNumber(total).into()),
        explicit.prop_map(|mut list| {
            list.sort_by_key(|entry| entry.0);
            let entry = |(pre, post, weight, delay_steps)| ExplicitSynapse {
                pre,
                post,
                weight,
                delay_steps,
            };
            Rule::Explicit(Explicit(list.into_iter().map(entry).collect()))
        }),
    ]
}

fn any_case() -> impl Strategy<Value = (RowSite, Rule)> {
    let sizes = prop_oneof![
        (1..60_u32, 1..700_u32, Just(false)),
        (1..60_u32).prop_map(|n| (n, n, true)),
        (1..60_u32).prop_map(|n| (n, n, false)),
    ];
    let draws = (any_draw(-100), any_draw(1));
    (any::<u64>(), 0..9_u32, sizes, draws).prop_flat_map(|(seed, projection, sizes, draws)| {
        let (rows, targets, skip_self) = sizes;
        let (weight, delay) = draws;
        let site = RowSite { seed, projection, rows, targets, skip_self, weight, delay };
        (Just(site), any_rule(rows, targets, skip_self))
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rows_are_what_the_semantics_say((site, rule) in any_case()) {
        let rows = RowSource::new(site.clone(), &rule, |w| w.round() as i32);
        prop_assert_eq!(rows.rows(), site.rows);
        let mut total = 0;
        for i in 0..site.rows {
            let expected = naive_row(&site, &rule, i);
            prop_assert_eq!(rows.len(i) as usize, expected.len());
            total += expected.len() as u64;
            prop_assert_eq!(row_of(&rows, i), expected);
        }
        prop_assert_eq!(rows.synapses(), total);
    }
}

/// Long rows cross many blocks and segments; proptest keeps to short ones.
#[test]
fn long_rows_are_what_the_semantics_say() {
    let (weight, delay) = (Draw::Uniform { lo: -5, span: 11 }, Draw::Uniform { lo: 1, span: 7 });
    let site = RowSite {
        seed: 3,
        projection: 2,
        rows: 9_001,
        targets: 9_001,
        skip_self: true,
        weight,
        delay,
    };
    for rule in [
        Rule::FixedProbability(FixedProbability(0.11)),
        Rule::FixedProbability(FixedProbability(0.9)),
        Rule::FixedProbability(FixedProbability(1e-4)),
        Rule::FixedOutDegree(FixedOutDegree { degree: 9_000, multapses: false }),
        Rule::FixedOutDegree(FixedOutDegree { degree: 4_321, multapses: true }),
    ] {
        let rows = RowSource::new(site.clone(), &rule, |w| w as i32);
        for i in [0, 1, 4_500, 9_000] {
            assert_eq!(row_of(&rows, i), naive_row(&site, &rule, i), "{rule:?}, row {i}");
        }
    }
}
