//! The integers that are sent: both ways to round, and their bounds.

use super::{Network, arrived, compile, models, weights};
use isospike_core::base::numeric;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::synapse::Synapse;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use std::sync::Arc;

/// Sends its weight, within these bounds.
fn sender(sent: (f64, f64)) -> Synapse {
    let mut synapse = models::sending();
    synapse.sent[0].bounds = sent;
    synapse
}

/// The sum of what the sources send if each has this weight, in units of the receptor.
fn sent(plan: &Plan, value: f32) -> i64 {
    let mut simulation = ModelBackend::default().compile(plan).unwrap();
    let quantity = Quantity::synapse("learns", "w");
    let words = vec![value.to_bits(); simulation.read(&quantity).unwrap().len()];
    simulation.write(&quantity, &words).unwrap();
    simulation.run(2, &mut Recording::new(plan)).unwrap();
    let exponent = plan.receptors[0].scale_exponent;
    libm::scalbn(f64::from(arrived(plan, simulation.as_mut())[0]), exponent) as i64
}

fn plan(bound: f64, sources: u32, weight_bits: u8) -> Plan {
    let spikes: Vec<(u32, u32)> = (0..sources).map(|n| (0, n)).collect();
    let network = Network {
        sources: (sources, &spikes),
        ..Network::pair(&[], &[], sender((-bound, bound)), (bound, 1))
    };
    let mut network = network.checked();
    network.projections[1].weight_bits = Some(weight_bits);
    lower(Arc::new(network))
}

#[test]
fn halves_of_narrow_integers_go_to_the_even_one() {
    let plan = plan(1.0, 1, 16);
    let exponent = plan.receptors[0].scale_exponent;
    assert_eq!(exponent, 14);
    let unit = libm::exp2(-14.0) as f32;
    for (value, integer) in [
        (0.5, 0),
        (1.5, 2),
        (2.5, 2),
        (-0.5, 0),
        (-1.5, -2),
        (-2.5, -2),
        (2.500_001, 3),
        (-2.499_999, -2),
        (16_383.5, 16_384),
        (20_000.0, 16_384),
        (-1e9, -16_384),
        (1e-30, 0),
    ] {
        assert_eq!(sent(&plan, value * unit), integer, "{value}");
    }
}

#[test]
fn halves_of_wide_integers_go_up() {
    let plan = plan(1.0, 1, 32);
    let exponent = plan.receptors[0].scale_exponent;
    assert_eq!(exponent, 30);
    let unit = libm::exp2(-30.0) as f32;
    for (value, integer) in [
        (0.5, 1),
        (1.5, 2),
        (2.5, 3),
        (-0.5, 0),
        (-1.5, -1),
        (-2.5, -2),
        (4_194_303.5, 4_194_304),
        // The sum is rounded to a float (8.7).
        (8_388_609.0, 8_388_610),
        (-8_388_609.0, -8_388_608),
        (16_777_216.0, 16_777_216),
        (1.1e9, 1 << 30),
    ] {
        assert_eq!(sent(&plan, value * unit), integer, "{value}");
    }
}

/// With this bound in units and so many synapses, what is sent is larger than the bound.
#[test]
fn bounds_are_rounded_as_what_is_sent() {
    let bound = 8_388_609.0 / 8_388_608.0;
    let plan = plan(bound, 200, 32);
    assert_eq!(plan.receptors[0].scale_exponent, 23);
    let limits = plan.projections[1].synapse.as_ref().unwrap().sent[0].bounds;
    assert_eq!((limits.least, limits.largest), (-8_388_608, 8_388_610));
    let sum = sent(&plan, bound as f32);
    let float = numeric::int_to_float(200 * 8_388_610);
    assert_eq!(sum, float as i64);
    let mut simulation = compile(&plan);
    assert_eq!(weights(&plan, simulation.as_mut()), vec![bound as f32; 200]);
}

/// In one step what a pre event and what a clocked block sends may arrive.
#[test]
fn accumulators_have_room_for_each_program_that_sends() {
    for (synapse, sends) in [
        (models::sending(), 1),
        (models::sending_without_spikes(3, false), 1),
        (models::sending_without_spikes(3, true), 2),
    ] {
        let network = Network::pair(&[(0, 0)], &[], synapse, (1.0, 3)).checked();
        let drawn = lower(Arc::new(network.clone()));
        let mut listed = network;
        let one = ExplicitSynapse { pre: 0, post: 0, weight: None, delay_steps: None };
        listed.projections[1].rule = Rule::Explicit(Explicit([one; 3].into_iter().collect()));
        let listed = lower(Arc::new(listed));
        for (plan, synapses) in [(drawn, 1), (listed, 3)] {
            let bounds = plan.projections[1].synapse.as_ref().unwrap().sent[0].bounds;
            let once = u64::from(bounds.max_abs());
            assert_eq!(u64::from(plan.projections[1].max_weight(0)), sends * once);
            assert_eq!(plan.receptors[0].quantisation.bound, synapses * sends * once);
        }
    }
}
