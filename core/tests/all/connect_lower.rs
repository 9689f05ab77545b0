//! Lowering of projections: scales, bounds, delays, and the check of accumulator sums.

mod weights;

use isospike_core::base::id::PopulationId;
use isospike_core::base::units::Dimension;
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne,
};
use isospike_core::connect::{
    Distribution, Draw, ExplicitSynapse, RowSite, RowSource, Rule, SynapseCount,
};
use isospike_core::describe::checked::*;
use isospike_core::describe::model::{NeuronModel, ReceptorDef, Sign, SpikeRule};
use isospike_core::plan::lower::lower;
use isospike_core::plan::{AccumulatorSums, Overflow, Plan, PopulationPlanKind};
use proptest::prelude::*;
use std::sync::Arc;

const SOURCE: PopulationId = PopulationId(0);
const TARGET: PopulationId = PopulationId(1);

fn neurons(name: &str, size: u32, receptors: &[&str]) -> Population {
    let receptor = |name: &&str| ReceptorDef {
        name: (*name).to_owned(),
        dimension: Dimension::default(),
        sign: Sign::Any,
    };
    let model = NeuronModel {
        name: "none".into(),
        parameters: vec![],
        state: vec![],
        receptors: receptors.iter().map(receptor).collect(),
        current: None,
        refractory: None,
        update: vec![],
        threshold: None,
        spike: SpikeRule::Level,
        reset: vec![],
        locals: 0,
        draws: 0,
    };
    let kind = PopulationKind::Neurons {
        model: Arc::new(model),
        parameters: vec![],
        initial: vec![],
        refractory_steps: 0,
    };
    Population { name: name.into(), size, kind, reference_rate_hz: None }
}

/// A spike list `in` and a population `out` with receptors `exc` and `inh`.
fn network(sizes: (u32, u32), projections: Vec<Projection>) -> Checked {
    let spikes = PopulationKind::SpikeList([(0, 0)].into());
    let source =
        Population { name: "in".into(), size: sizes.0, kind: spikes, reference_rate_hz: None };
    Checked {
        name: "test".into(),
        dt_ms: 0.1,
        duration_steps: 1,
        transient_steps: 0,
        seed: 11,
        batch: 1,
        populations: vec![source, neurons("out", sizes.1, &["exc", "inh"])],
        projections,
        stimuli: vec![],
        probes: vec![],
        synapse_probes: vec![],
        signals: vec![],
    }
}

fn projection(rule: Rule, weight: Distribution) -> Projection {
    Projection {
        name: "p".into(),
        pre: SOURCE,
        post: TARGET,
        receptor: 0,
        rule,
        autapses: true,
        weight,
        delay_ms: Distribution::Constant(1.5),
        procedural: false,
        weight_bits: None,
        weight_bounds: None,
        synapse: None,
    }
}

fn poisson(events_per_step: f64, weight: f64) -> Stimulus {
    Stimulus {
        name: "noise".into(),
        population: TARGET,
        start_step: 0,
        stop_step: u32::MAX,
        kind: StimulusKind::Poisson { receptor: 0, events_per_step, weight, rates: None },
    }
}

fn normal(mean: f64, sd: f64) -> Distribution {
    Distribution::Normal { mean, sd, lo: 0.0, hi: f64::INFINITY, redraw: true }
}

fn plan_of(projections: Vec<Projection>) -> Plan {
    lower(Arc::new(network((100, 50), projections)))
}

/// The largest sum of |weight| that a neuron of `exc` can receive from synapses.
fn largest_sum(plan: &Plan) -> u64 {
    let mut sums = vec![0_u64; plan.populations[1].size as usize];
    for projection in plan.projections.iter().filter(|p| p.receptor == 0) {
        for i in 0..projection.rows.rows() {
            let add = |s: isospike_core::connect::Synapse| {
                sums[s.target as usize] += u64::from(s.weight.unsigned_abs());
            };
            projection.rows.for_each(i, add);
        }
    }
    sums.into_iter().max().unwrap()
}

#[test]
fn numbering_of_receptors_and_delays() {
    let mut inhibitory = projection(Rule::AllToAll(AllToAll), Distribution::Constant(-3.0));
    inhibitory.receptor = 1;
    inhibitory.delay_ms = Distribution::Uniform { lo: 0.0, hi: 2.04 };
    let plan = plan_of(vec![projection(Rule::AllToAll(AllToAll), normal(87.8, 8.78)), inhibitory]);
    assert_eq!((plan.neurons(), plan.accumulators(), plan.max_delay_steps), (150, 100, 20));
    let receptors: Vec<_> =
        plan.receptors.iter().map(|r| (r.name.as_str(), r.first_accumulator)).collect();
    assert_eq!(receptors, [("exc", 0), ("inh", 50)]);
    let delays =
        |p: usize| (plan.projections[p].min_delay_steps, plan.projections[p].max_delay_steps);
    assert_eq!((delays(0), delays(1)), ((15, 15), (1, 20)));
    assert_eq!((plan.projections[0].receptor, plan.projections[1].receptor), (0, 1));
    assert!(
        matches!(&plan.populations[0].kind, PopulationPlanKind::SpikeList(list) if list.len() == 1)
    );
    let PopulationPlanKind::Neurons(neurons) = &plan.populations[1].kind else { panic!() };
    assert_eq!((neurons.first_receptor, neurons.receptors), (0, 2));
}

#[test]
fn sixteen_bits_hold_the_largest_weight_and_no_more() {
    let plan = plan_of(vec![projection(Rule::AllToAll(AllToAll), normal(87.8, 8.78))]);
    let Draw::Table(table) = &plan.projections[0].rows.site().weight else { panic!() };
    let (largest, report) = (table[65_535], plan.receptors[0].quantisation);
    assert!((16_384..=32_767).contains(&largest), "{largest}");
    assert_eq!((report.weight_bits, plan.projections[0].weight_bits), (16, 16));
    assert!((report.rms_weight - (87.8_f64.powi(2) + 8.78_f64.powi(2)).sqrt()).abs() < 1e-2);
    let expected = report.unit / 12.0_f64.sqrt() / report.rms_weight;
    assert!((report.relative_error / expected - 1.0).abs() < 0.05);
    assert_eq!(report.bound, 100 * u64::from(largest.unsigned_abs()));
    // A constant that is a multiple of the unit is exact.
    let exact = plan_of(vec![projection(Rule::AllToAll(AllToAll), Distribution::Constant(0.75))]);
    assert_eq!(exact.receptors[0].quantisation.relative_error, 0.0);
    assert_eq!(exact.receptors[0].scale_exponent, 15);
}

#[test]
fn many_small_weights_beside_a_large_one() {
    // 1e5 weights of 0.01 and one of 30: the RMS is 0.095, the 16-bit unit 2^-10.
    let small =
        projection(Rule::FixedTotalNumber(FixedTotalNumber(100_000)), Distribution::Constant(0.01));
    let one = ExplicitSynapse { pre: 0, post: 0, weight: Some(30.0), delay_steps: Some(3) };
    let large = projection(Rule::Explicit(Explicit([one].into())), Distribution::Constant(0.0));
    let plan = plan_of(vec![small, large]);
    let report = plan.receptors[0].quantisation;
    assert_eq!(report.weight_bits, 32);
    assert!(report.relative_error < 1e-5 && report.bound <= 2_126_008_811, "{report:?}");
    // The next exponent would break the bound.
    assert!(report.bound > 2_126_008_811 / 2 - 100_000, "{report:?}");
    assert_eq!((plan.projections[0].weight_bits, plan.projections[1].weight_bits), (32, 32));
    assert_eq!((plan.projections[1].min_delay_steps, plan.projections[1].max_delay_steps), (3, 3));
}

#[test]
fn widths_that_are_asked_for() {
    let forced = |bits| Projection {
        weight_bits: Some(bits),
        ..projection(Rule::AllToAll(AllToAll), normal(10.0, 1.0))
    };
    let (narrow, wide) = (plan_of(vec![forced(16)]), plan_of(vec![forced(32)]));
    assert_eq!((narrow.projections[0].weight_bits, wide.projections[0].weight_bits), (16, 32));
    assert!(wide.receptors[0].scale_exponent > narrow.receptors[0].scale_exponent + 4);
    // Side by side, the weights of the narrow one still fit.
    let both = plan_of(vec![forced(16), forced(32)]);
    assert_eq!((both.projections[0].weight_bits, both.projections[1].weight_bits), (16, 32));
    assert!(both.projections[0].rows.site().weight.max_abs() <= 32_767);
}

#[test]
fn receptors_without_weight() {
    let zero = plan_of(vec![projection(Rule::AllToAll(AllToAll), Distribution::Constant(0.0))]);
    for receptor in &zero.receptors {
        // As if the largest weight were 1.
        assert_eq!(receptor.scale_exponent, 14);
        assert_eq!((receptor.quantisation.bound, receptor.quantisation.relative_error), (0, 0.0));
    }
}

#[test]
fn large_in_degrees_lower_the_scale() {
    // 2^17 synapses of 16 bits would overflow.
    let network = network(
        (100, 3),
        vec![projection(
            Rule::FixedInDegree(FixedInDegree { degree: 1 << 17, multapses: true }),
            Distribution::Uniform { lo: -1.0, hi: 0.5 },
        )],
    );
    let plan = lower(Arc::new(network));
    let report = plan.receptors[0].quantisation;
    assert!(report.bound <= 2_126_008_811 && report.bound > 1 << 29, "{report:?}");
    assert_eq!(plan.projections[0].weight_bits, 16);
    assert!(!AccumulatorSums::new(&plan).watches(0), "a fixed in-degree needs no check");
}

#[test]
fn explicit_lists_are_summed_target_by_target() {
    let entry = |pre, post, weight| ExplicitSynapse { pre, post, weight, delay_steps: None };
    let list = [entry(0, 1, Some(2.0)), entry(0, 2, None), entry(1, 1, Some(-1.0))];
    let lists = || projection(Rule::Explicit(Explicit(list.into())), Distribution::Constant(0.5));
    let plan = plan_of(vec![lists(), lists()]);
    let unit = plan.receptors[0].quantisation.unit;
    assert_eq!(plan.receptors[0].quantisation.bound as f64 * unit, 6.0);
    assert_eq!(largest_sum(&plan), plan.receptors[0].quantisation.bound);
}

#[test]
fn equal_distributions_share_a_table() {
    let p = || projection(Rule::FixedProbability(FixedProbability(0.1)), normal(5.0, 1.0));
    let plan = plan_of(vec![p(), p()]);
    let table = |p: usize| match &plan.projections[p].rows.site().weight {
        Draw::Table(table) => table.clone(),
        other => panic!("{other:?}"),
    };
    assert!(Arc::ptr_eq(&table(0), &table(1)));
}

#[test]
fn poisson_events_count_towards_the_bound() {
    let mut network =
        network((100, 50), vec![projection(Rule::AllToAll(AllToAll), Distribution::Constant(1.0))]);
    network.stimuli = vec![poisson(0.3, -2.0), poisson(17.0, 1.0)];
    let plan = lower(Arc::new(network));
    let unit = plan.receptors[0].quantisation.unit;
    // 100 synapses, one table of weight 2, three tables of weight 1.
    let expected = 100.0 + 31.0 * 2.0 + 3.0 * 31.0;
    assert_eq!(plan.receptors[0].quantisation.bound as f64 * unit, expected);
}

/// Draws all rows that have to be summed and checks them.
fn check_accumulators(plan: &Plan) -> Result<(), Overflow> {
    let mut sums = AccumulatorSums::new(plan);
    sums.draw(plan, |_| true);
    sums.check(plan)
}

#[test]
fn rows_beyond_the_bound_are_found() {
    let rule = Rule::FixedTotalNumber(FixedTotalNumber(1_000_000));
    let mut plan = plan_of(vec![projection(rule.clone(), Distribution::Constant(1.0))]);
    assert!(AccumulatorSums::new(&plan).watches(0), "a million picks could meet in one target");
    assert_eq!(check_accumulators(&plan), Ok(()));
    // The same with rows that weigh more than was proved: 20,000 synapses of 2^20 for each target.
    let (weight, delay) = (Draw::Constant(-(1 << 20)), Draw::Constant(1));
    let (rows, targets) = (100, 50);
    let site = RowSite { seed: 1, projection: 0, rows, targets, skip_self: false, weight, delay };
    plan.projections[0].rows = RowSource::new(site, &rule, |w| w as i32);
    let Err(Overflow { population, receptor, sum }) = check_accumulators(&plan) else {
        panic!("the sums overflow");
    };
    assert_eq!((population.as_str(), receptor.as_str()), ("out", "exc"));
    assert!(sum > i32::MAX as u64);
}

/// The rules of a projection between populations of 66,000 neurons, 4.4e9 synapses where they can
/// be.
fn large_rules() -> [Rule; 6] {
    [
        Rule::AllToAll(AllToAll),
        Rule::OneToOne(OneToOne),
        Rule::FixedProbability(FixedProbability(0.9)),
        Rule::FixedProbability(FixedProbability(1e-3)),
        Rule::FixedOutDegree(FixedOutDegree { degree: 66_000, multapses: true }),
        Rule::FixedOutDegree(FixedOutDegree { degree: 60_000, multapses: false }),
    ]
}

/// A weight of which 66,000 overflow at the scale that 16 bits take.
const HEAVY: Distribution = Distribution::Constant(1.999);

#[test]
fn rows_that_are_not_stored_are_not_drawn_for_the_bound() {
    for rule in large_rules() {
        let one = Projection { procedural: true, ..projection(rule.clone(), HEAVY) };
        let plan = lower(Arc::new(network((66_000, 66_000), vec![one])));
        let bound = plan.receptors[0].quantisation.bound;
        assert!(bound <= 2_126_008_811, "{rule:?}: {bound}");
        let mut sums = AccumulatorSums::new(&plan);
        assert!(!sums.watches(0), "{rule:?}");
        // Would take minutes if it drew.
        sums.draw(&plan, |_| true);
        assert_eq!(sums.check(&plan), Ok(()), "{rule:?}");
        let stored = projection(rule.clone(), HEAVY);
        let plan = lower(Arc::new(network((66_000, 66_000), vec![stored])));
        let random = !matches!(rule, Rule::AllToAll(AllToAll) | Rule::OneToOne(OneToOne));
        assert_eq!(AccumulatorSums::new(&plan).watches(0), random, "{rule:?}");
    }
}

#[test]
fn rows_without_a_safe_bound_are_drawn_even_where_they_are_not_stored() {
    let procedural = |rule| Projection { procedural: true, ..projection(rule, HEAVY) };
    // Gaps of so low a probability are not binomial.
    let rare = procedural(Rule::FixedProbability(FixedProbability(1e-5)));
    let plan = lower(Arc::new(network((100_000, 50), vec![rare])));
    assert!(AccumulatorSums::new(&plan).watches(0));
    // No scale holds this bound.
    let heavy = procedural(Rule::FixedTotalNumber(FixedTotalNumber(1_000_000)));
    let mut plan = plan_of(vec![heavy]);
    assert!(!AccumulatorSums::new(&plan).watches(0));
    plan.receptors[0].quantisation.bound = 1 << 31;
    assert!(AccumulatorSums::new(&plan).watches(0));
    // Lists are summed target by target.
    let entry = ExplicitSynapse { pre: 0, post: 1, weight: Some(1.0), delay_steps: None };
    let list = vec![entry; 100_000];
    let mut plan = plan_of(vec![procedural(Rule::Explicit(Explicit(list.into())))]);
    plan.receptors[0].quantisation.bound = 1 << 31;
    assert!(AccumulatorSums::new(&plan).watches(0));
}

/// A stored and a procedural projection onto one receptor: the rows of one, the bound of the other.
#[test]
fn rows_drawn_and_rows_not_drawn_are_added_up() {
    let rule = Rule::FixedTotalNumber(FixedTotalNumber(1_000_000));
    let weight = || Distribution::Constant(1.0);
    let stored = projection(rule.clone(), weight());
    let drawn = Projection { procedural: true, ..stored.clone() };
    let plan = plan_of(vec![stored, drawn]);
    let mut sums = AccumulatorSums::new(&plan);
    assert!(sums.watches(0) && !sums.watches(1));
    sums.draw(&plan, |_| true);
    assert_eq!(sums.check(&plan), Ok(()));
    // 0.33e9 of the rows and 1.6e9 are safe alone, and not beside the 0.35e9 of the bound.
    sums.add(0, 1_600_000_000);
    assert!(sums.check(&plan).is_err());
}

#[test]
fn synapses_are_counted_once_or_expected() {
    let p = projection(Rule::FixedProbability(FixedProbability(0.25)), Distribution::Constant(1.0));
    let drawn = Projection { procedural: true, ..p.clone() };
    let plan = plan_of(vec![p, drawn]);
    let length = |p: usize, i| {
        let mut length = 0;
        plan.projections[p].rows.for_each(i, |_| length += 1);
        length
    };
    let total = |p: usize| (0..100).map(|i| u64::from(length(p, i))).sum::<u64>();
    let [stored, drawn] = [&plan.projections[0], &plan.projections[1]];
    assert_eq!(drawn.count(), SynapseCount { synapses: 1250, is_exact: false });
    assert_eq!(stored.count(), SynapseCount { synapses: total(0), is_exact: true });
    assert_eq!(plan.synapses(), SynapseCount { synapses: total(0) + 1250, is_exact: false });
    drawn.rows.count();
    assert_eq!(drawn.count(), SynapseCount { synapses: total(1), is_exact: true });
    assert_eq!(drawn.rows.expected_synapses(), 1250, "the same before and after");
    for i in 0..100 {
        assert_eq!([stored.rows.len(i), drawn.rows.len(i)], [length(0, i), length(1, i)]);
    }
    // Whoever has drawn all rows says how many there are.
    let fresh =
        plan_of(vec![projection(Rule::FixedProbability(FixedProbability(0.5)), normal(1.0, 0.1))]);
    fresh.projections[0].rows.remember_synapses(2511);
    assert_eq!(fresh.projections[0].rows.synapses(), 2511);
    // Rules without a probability know.
    for rule in large_rules().into_iter().filter(|rule| !matches!(rule, Rule::FixedProbability(_)))
    {
        let one = Projection { procedural: true, ..projection(rule, Distribution::Constant(1.0)) };
        let plan = lower(Arc::new(network((66_000, 66_000), vec![one])));
        assert!(plan.synapses().is_exact && plan.synapses().synapses >= 66_000);
    }
}

#[test]
fn sums_saturate_and_merge() {
    let rule = Rule::FixedTotalNumber(FixedTotalNumber(1_000_000));
    let plan = plan_of(vec![projection(rule, Distribution::Constant(1.0))]);
    let mut first = AccumulatorSums::new(&plan);
    let mut second = first.clone();
    (0..3).for_each(|_| first.add(7, 1 << 31));
    second.add(7, 5);
    assert_eq!(second.check(&plan), Ok(()));
    second.merge(&first);
    assert!(second.check(&plan).is_err(), "three times 2^31 does not wrap around");
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let entry = (0..100_u32, 0..50_u32, prop::option::of(-40.0..40.0));
    prop_oneof![
        Just(Rule::AllToAll(AllToAll)),
        (0.0..=1.0).prop_map(|p| FixedProbability(p).into()),
        (0..300_u32)
            .prop_map(|degree| Rule::FixedInDegree(FixedInDegree { degree, multapses: true })),
        (0..=100_u32)
            .prop_map(|degree| Rule::FixedInDegree(FixedInDegree { degree, multapses: false })),
        (0..300_u32)
            .prop_map(|degree| Rule::FixedOutDegree(FixedOutDegree { degree, multapses: true })),
        (0..=50_u32)
            .prop_map(|degree| Rule::FixedOutDegree(FixedOutDegree { degree, multapses: false })),
        (0..5_000_u64).prop_map(|total| FixedTotalNumber(total).into()),
        prop::collection::vec(entry, 0..50).prop_map(|mut list| {
            list.sort_by_key(|entry| entry.0);
            let entry =
                |(pre, post, weight)| ExplicitSynapse { pre, post, weight, delay_steps: None };
            Rule::Explicit(Explicit(list.into_iter().map(entry).collect()))
        }),
    ]
}

fn any_weight() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (-1e3..1e3).prop_map(Distribution::Constant),
        (-1e3..1e3, 0.0..1e3).prop_map(|(lo, width)| Distribution::Uniform { lo, hi: lo + width }),
        (-50.0..50.0, 0.0..20.0, any::<bool>()).prop_map(|(mean, sd, redraw)| {
            Distribution::Normal { mean, sd, lo: mean - 30.0, hi: mean + 40.0, redraw }
        }),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_target_receives_more_than_the_bound(
        inputs in prop::collection::vec(
            (any_rule(), any_weight(), prop::option::of(prop_oneof![Just(16_u8), Just(32)])),
            1..4,
        ),
    ) {
        let projections = inputs.into_iter().map(|(rule, weight, weight_bits)| Projection {
            weight_bits,
            ..projection(rule, weight)
        });
        let plan = plan_of(projections.collect());
        let report = plan.receptors[0].quantisation;
        prop_assert!(largest_sum(&plan) <= report.bound);
        prop_assert!(report.bound <= 2_126_008_811);
        for projection in &plan.projections {
            for i in 0..projection.rows.rows() {
                projection.rows.for_each(i, |s| {
                    assert!(projection.weight_bits == 32 || i16::try_from(s.weight).is_ok());
                });
            }
        }
        prop_assert_eq!(check_accumulators(&plan), Ok(()));
    }
}
