//! The effect of rounding on each projection and stimulus of a receptor (4.5).

use super::*;
use isospike_core::connect::Synapse;
use isospike_core::connect::rule::{AllToAll, Explicit, FixedProbability};
use isospike_core::plan::Afferent;

#[test]
fn a_weak_weight_is_not_lost_beside_a_strong_one() {
    let small = projection(Rule::AllToAll(AllToAll), Distribution::Constant(0.001));
    let one = ExplicitSynapse { pre: 0, post: 0, weight: Some(1_000.0), delay_steps: None };
    let large = projection(Rule::Explicit(Explicit([one].into())), Distribution::Constant(0.0));
    // One large weight among 5,000 small ones: the RMS of all is 14, of which the error of the
    // small ones, 0.001 each, is less than 1e-3; but of themselves it is all.
    let plan = plan_of(vec![small.clone(), large.clone()]);
    let receptor = &plan.receptors[0];
    assert_eq!(receptor.quantisation.weight_bits, 32);
    assert!(receptor.quantisation.bound > 1 << 30, "{receptor:?}");
    let [weak, strong] = &receptor.afferents[..] else { panic!("{receptor:?}") };
    assert_eq!(
        (weak.afferent, strong.afferent),
        (Afferent::Projection(0), Afferent::Projection(1))
    );
    assert!((weak.rms_weight - 0.001).abs() < 1e-9, "{weak:?}");
    assert!(weak.relative_error <= 1e-3 && strong.relative_error <= 1e-9, "{receptor:?}");
    // One alone takes 16 bits, and 32 where they are requested.
    let narrow = Projection { weight_bits: Some(16), ..small.clone() };
    let wide = Projection { weight_bits: Some(32), ..small };
    assert_eq!(plan_of(vec![narrow.clone()]).receptors[0].quantisation.weight_bits, 16);
    assert_eq!(plan_of(vec![wide, large.clone()]).projections[0].weight_bits, 32);
    // The weak one may ask for 16 bits: it is the strong one that needs 32.
    let plan = plan_of(vec![narrow, large]);
    assert_eq!((plan.projections[0].weight_bits, plan.projections[1].weight_bits), (16, 32));
    assert!(plan.receptors[0].afferents[0].relative_error <= 1e-3);
    assert!(plan.projections[0].rows.site().weight.max_abs() > 2_000);
}

#[test]
fn weights_that_keep_the_rule_keep_16_bits() {
    // Twenty-five times weaker: 512 units, so an error of 1 / (512 sqrt 12).
    let weak = projection(Rule::AllToAll(AllToAll), normal(4.0, 0.4));
    let plan = plan_of(vec![projection(Rule::AllToAll(AllToAll), normal(100.0, 10.0)), weak]);
    let receptor = &plan.receptors[0];
    assert_eq!(receptor.quantisation.weight_bits, 16);
    let unit = receptor.quantisation.unit;
    for (input, rms) in receptor.afferents.iter().zip([100.5, 4.02]) {
        assert!((input.rms_weight / rms - 1.0).abs() < 0.01, "{input:?}");
        let expected = unit / 12.0_f64.sqrt() / rms;
        assert!((input.relative_error / expected - 1.0).abs() < 0.05, "{input:?}, {expected}");
    }
}

#[test]
fn drawn_weights_may_be_0_and_given_ones_not() {
    // A normal distribution around 0 has draws as near to 0 as one likes: 16 bits do.
    let around = |sd| Distribution::Normal {
        mean: 0.0,
        sd,
        lo: f64::NEG_INFINITY,
        hi: f64::INFINITY,
        redraw: true,
    };
    let plan = plan_of(vec![projection(Rule::AllToAll(AllToAll), around(1.0))]);
    assert_eq!(plan.receptors[0].quantisation.weight_bits, 16);
    assert!(plan.receptors[0].afferents[0].relative_error < 1e-3);
    // The same RMS, but one given weight is a hundred thousand times smaller than another.
    let entry = |pre, weight| ExplicitSynapse { pre, post: 0, weight, delay_steps: None };
    let list = [entry(0, Some(1.0)), entry(1, Some(1e-5)), entry(2, Some(0.0))];
    let given = projection(Rule::Explicit(Explicit(list.into())), Distribution::Constant(0.0));
    let plan = plan_of(vec![given]);
    assert_eq!(plan.receptors[0].quantisation.weight_bits, 32);
    let weight = |row| {
        let mut weights = Vec::new();
        plan.projections[0].rows.for_each(row, |synapse| weights.push(synapse.weight));
        weights[0]
    };
    assert!(weight(1) != 0 && weight(2) == 0, "{} {}", weight(1), weight(2));
    // So is the one of a stimulus.
    let mut network = network((100, 50), vec![projection(Rule::AllToAll(AllToAll), around(500.0))]);
    network.stimuli = vec![poisson(0.3, 0.01)];
    let plan = lower(Arc::new(network));
    assert_eq!(plan.receptors[0].quantisation.weight_bits, 32);
    assert_eq!(plan.receptors[0].afferents[1].afferent, Afferent::Stimulus(0));
    assert!(plan.receptors[0].afferents[1].relative_error <= 1e-3);
}

#[test]
fn what_delivers_nothing_has_no_say() {
    let none =
        projection(Rule::FixedProbability(FixedProbability(0.0)), Distribution::Constant(1e-9));
    let mut network = network(
        (100, 50),
        vec![projection(Rule::AllToAll(AllToAll), Distribution::Constant(1.0)), none],
    );
    network.stimuli = vec![poisson(0.0, 1e-9)];
    let plan = lower(Arc::new(network));
    assert_eq!(plan.receptors[0].quantisation.weight_bits, 16);
    assert!(plan.receptors[0].afferents.iter().all(|input| input.relative_error == 0.0));
}

/// Weights of 1 that may become 40: the scale, the width and the bound are those of 40.
#[test]
fn bounds_of_weights_decide_the_scale() {
    let one = projection(Rule::AllToAll(AllToAll), Distribution::Constant(1.0));
    let bounded = Projection { weight_bounds: Some((-3.0, 40.0)), ..one.clone() };
    let forty = projection(Rule::AllToAll(AllToAll), Distribution::Constant(40.0));
    let [one, bounded, forty] = [one, bounded, forty].map(|p| plan_of(vec![p]));
    let report = |plan: &Plan| plan.receptors[0].quantisation;
    assert_eq!(bounded.receptors[0].scale_exponent, forty.receptors[0].scale_exponent);
    assert_eq!(report(&bounded).bound, report(&forty).bound);
    assert!(bounded.receptors[0].scale_exponent < one.receptors[0].scale_exponent);
    let integer = |weight: f64| (weight / report(&bounded).unit).round() as i32;
    let bounds = bounded.projections[0].weight_bounds.unwrap();
    assert_eq!((bounds.least, bounds.largest), (integer(-3.0), integer(40.0)));
    assert_eq!(bounds.max_abs(), integer(40.0).unsigned_abs());
    assert!(bounds.contains(bounds.least) && !bounds.contains(bounds.least - 1));
    let mut weights = Vec::new();
    bounded.projections[0].rows.for_each(0, |synapse| weights.push(synapse.weight));
    assert_eq!(weights, vec![integer(1.0); 50]);
}

/// Rows whose weights are small and may become large are summed as if they were large.
#[test]
fn bounds_of_weights_enter_the_sums() {
    let rule = Rule::FixedTotalNumber(FixedTotalNumber(1_000_000));
    let drawn = projection(rule.clone(), Distribution::Constant(0.5));
    let bounded = Projection { weight_bounds: Some((0.0, 1.0)), ..drawn };
    let plan = plan_of(vec![bounded]);
    let mut sums = AccumulatorSums::new(&plan);
    assert!(sums.watches(0));
    sums.draw(&plan, |_| true);
    assert_eq!(sums.check(&plan), Ok(()));
    // As large as those of a network that has the large weights.
    let mut large = AccumulatorSums::new(&plan);
    let heavy = plan_of(vec![projection(rule, Distribution::Constant(1.0))]);
    large.draw(&heavy, |_| true);
    assert_eq!(sums, large);
}

#[test]
fn rows_with_other_weights_keep_targets_and_delays() {
    let delay_ms = Distribution::Uniform { lo: 0.1, hi: 4.0 };
    let rules = [
        Rule::FixedProbability(FixedProbability(0.3)),
        Rule::FixedTotalNumber(FixedTotalNumber(700)),
        Rule::AllToAll(AllToAll),
    ];
    for rule in rules {
        let drawn = Projection { delay_ms, ..projection(rule, normal(10.0, 3.0)) };
        let plan = plan_of(vec![drawn]);
        let rows = &plan.projections[0].rows;
        let all = |rows: &RowSource| {
            let mut all = Vec::new();
            (0..rows.rows()).for_each(|row| rows.for_each(row, |s| all.push((row, s))));
            all
        };
        let before = all(rows);
        let weights: Vec<i32> = (0..before.len() as i32).collect();
        let other = rows.with_weights(&weights);
        let expected = before.iter().zip(&weights);
        let expected: Vec<_> = expected
            .map(|((row, synapse), weight)| (*row, Synapse { weight: *weight, ..*synapse }))
            .collect();
        assert_eq!(all(&other), expected);
        assert_eq!((other.synapses(), other.len(3)), (rows.synapses(), rows.len(3)));
    }
}
