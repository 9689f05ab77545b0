//! One synapse between given spikes: each weight after each event against sums over pairs in f64.

use super::models::{self, STDP, TRIPLET};
use super::{Network, arrived, compile, train, weights};
use isospike_core::connect::Distribution;
use isospike_core::run::record::Recording;

/// The largest error of a weight, in parts of the largest.
const ERROR_MAX: f64 = 2e-6;

const STEPS: u32 = 3000;

/// The weights after each step of one synapse.
fn run(
    pre: &[u32],
    post: &[u32],
    synapse: isospike_core::describe::synapse::Synapse,
    delay: u32,
) -> Vec<f64> {
    let list = |steps: &[u32]| steps.iter().map(|step| (*step, 0)).collect::<Vec<_>>();
    let (pre, post) = (list(pre), list(post));
    let plan = Network::pair(&pre, &post, synapse, (0.5, delay)).plan();
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    let mut step = || {
        simulation.run(1, &mut record).unwrap();
        f64::from(weights(&plan, simulation.as_mut())[0])
    };
    (0..STEPS).map(|_| step()).collect()
}

/// The sum over all earlier events of how much of each is left.
fn left(events: &[u32], now: u32, tau_ms: f64) -> f64 {
    let earlier = events.iter().filter(|event| **event < now);
    earlier.map(|event| libm::exp(-0.1 * f64::from(now - event) / tau_ms)).sum()
}

/// The weights after each step by sums over pairs: changes of one pre and of one post event.
fn sums(pre: &[u32], post: &[u32], down: impl Fn(u32) -> f64, up: impl Fn(u32) -> f64) -> Vec<f64> {
    let mut weight: f64 = 0.5;
    let mut after = |step: u32| {
        if pre.contains(&step) {
            weight = (weight - down(step)).clamp(0.0, 1.0);
        }
        if post.contains(&step) {
            weight = (weight + up(step)).clamp(0.0, 1.0);
        }
        weight
    };
    (0..STEPS).map(&mut after).collect()
}

fn assert_near(found: &[f64], expected: &[f64]) {
    for (step, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= ERROR_MAX, "step {step}: {found}, not {expected}");
    }
    assert!(expected.windows(2).filter(|pair| pair[0] != pair[1]).count() > 20);
}

#[test]
fn additive_stdp_is_a_sum_over_pairs() {
    let [tau_plus, tau_minus, a_plus, a_minus] = STDP;
    for (number, delay) in [(1, 1), (2, 15), (3, 200)] {
        let sent = train(number, STEPS - 200, 3, 60);
        let mut post = train(number + 10, STEPS, 3, 60);
        let pre: Vec<u32> = sent.iter().map(|step| step + delay).collect();
        // Some of one step, which pair for neither side.
        post.extend(pre.iter().step_by(5));
        post.sort_unstable();
        post.dedup();
        let expected = sums(
            &pre,
            &post,
            |now| a_minus * left(&post, now, tau_minus),
            |now| a_plus * left(&pre, now, tau_plus),
        );
        assert_near(&run(&sent, &post, models::stdp(1.0), delay), &expected);
    }
}

#[test]
fn events_of_one_step_pair_for_neither_side() {
    let after = run(&[100], &[107], models::stdp(1.0), 7);
    assert!(after.iter().all(|weight| *weight == 0.5));
    let [tau_plus, tau_minus, a_plus, a_minus] = STDP;
    let later = run(&[100], &[108], models::stdp(1.0), 7);
    let expected = 0.5 + a_plus * libm::exp(-0.1 / tau_plus);
    assert!((later[108] - expected).abs() < ERROR_MAX && later[107] == 0.5);
    let earlier = run(&[100], &[106], models::stdp(1.0), 7);
    let expected = 0.5 - a_minus * libm::exp(-0.1 / tau_minus);
    assert!((earlier[107] - expected).abs() < ERROR_MAX && earlier[106] == 0.5);
}

#[test]
fn triplets_are_a_sum_over_triples() {
    let [tau_plus, tau_x, tau_minus, tau_y, a2_plus, a3_plus, a2_minus, a3_minus] = TRIPLET;
    let sent = train(4, STEPS - 200, 3, 60);
    let post = train(5, STEPS, 3, 60);
    let pre: Vec<u32> = sent.iter().map(|step| step + 12).collect();
    let expected = sums(
        &pre,
        &post,
        |now| left(&post, now, tau_minus) * (a2_minus + a3_minus * left(&pre, now, tau_x)),
        |now| left(&pre, now, tau_plus) * (a2_plus + a3_plus * left(&post, now, tau_y)),
    );
    assert_near(&run(&sent, &post, models::triplet(1.0), 12), &expected);
}

/// Markram, Wang and Tsodyks 1998; Maass and Markram 2002: pulses 1 to 6, 8 and the limit, 20 Hz.
#[test]
fn dynamic_synapses_send_the_published_series() {
    let depressing = [0.5, 0.2651, 0.1548, 0.1030, 0.0787, 0.0673, 0.0594, 0.05713];
    let facilitating = [0.05, 0.0901, 0.1196, 0.1403, 0.1546, 0.1645, 0.1772, 0.20651];
    // Without facilitation u is forgotten within a step.
    let cases = [(0.5, 800.0, 1e-3, depressing), (0.05, 130.0, 530.0, facilitating)];
    for (u_0, tau_d_ms, tau_f_ms, expected) in cases {
        let pulses: Vec<(u32, u32)> = (0..200).map(|n| (50 * n, 0)).collect();
        let synapse = models::tsodyks_markram(u_0, tau_d_ms, tau_f_ms);
        let network = Network {
            dt_ms: 1.0,
            delay_ms: Distribution::Constant(3.0),
            ..Network::pair(&pulses, &[], synapse, (1.0, 1))
        };
        let plan = network.plan();
        let mut simulation = compile(&plan);
        let mut record = Recording::new(&plan);
        simulation.run(3, &mut record).unwrap();
        let mut pulse = || {
            simulation.run(1, &mut record).unwrap();
            let sent = arrived(&plan, simulation.as_mut())[0];
            simulation.run(49, &mut record).unwrap();
            f64::from(sent)
        };
        let series: Vec<f64> = (0..200).map(|_| pulse()).collect();
        for (n, expected) in [0, 1, 2, 3, 4, 5, 7, 199].into_iter().zip(expected) {
            assert!((series[n] - expected).abs() < 6e-5, "{n}: {}, not {expected}", series[n]);
        }
    }
}
