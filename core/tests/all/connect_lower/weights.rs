//! The effect of rounding on each projection and stimulus of a receptor (4.5).

use super::*;
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
