//! The linear models, whose step is exact: closed forms hold to rounding, spike for spike.

use super::bound::{Bound, largest};
use super::closed::{Current, Linear, response};
use super::row::{Input, Outcome, Parameter, Row};
use isospike_core::oracle::network::ModelBackend;

const DT_MS: f64 = 0.1;
const STEPS: u32 = 5000;
const DELAY_STEPS: u32 = 15;

/// The steps at whose end the spikes of a train arrive, every `period` steps from `first` on.
fn arrivals(first: u32, period: u32, weight: f64) -> Vec<(u32, f64)> {
    (first..STEPS).step_by(period as usize).map(|step| (step, weight)).collect()
}

/// That train as an input.
fn input(receptor: &'static str, unit: &str, arrivals: &[(u32, f64)]) -> Input {
    Input {
        receptor,
        weight: format!("{} {unit}", arrivals[0].1),
        steps: arrivals.iter().map(|(step, _)| step - DELAY_STEPS).collect(),
        delay_steps: DELAY_STEPS,
    }
}

/// A row of neurons and the closed form of each.
struct Pair {
    row: Row,
    /// Solves neuron `i`; the parameter that is named is `factor` times what it is with us.
    truth: fn(i: u32, wrong: &str, factor: f64) -> Linear,
}

const LEAKY: [Parameter; 6] = [
    ("tau_m", 18.0, "ms"),
    ("c_m", 240.0, "pF"),
    ("e_l", -62.0, "mV"),
    ("v_th", -51.0, "mV"),
    ("v_reset", -64.0, "mV"),
    ("t_ref", 2.3, "ms"),
];

/// The value of a parameter of [`LEAKY`] or of another list, wrong where it is the one named.
fn value(list: &[Parameter], name: &str, wrong: &str, factor: f64) -> f64 {
    let found = list.iter().find(|(other, _, _)| *other == name);
    let (_, value, _) = found.unwrap_or_else(|| panic!("no parameter {name}"));
    if name == wrong { value * factor } else { *value }
}

fn leaky(i: u32, wrong: &str, factor: f64) -> Linear {
    let get = |name| value(&LEAKY, name, wrong, factor);
    let potentials = ["e_l", "v_th", "v_reset"].map(get);
    let refractory_steps = (get("t_ref") / DT_MS).round() as u32;
    let linear = Linear::new(get("tau_m"), get("c_m"), potentials, refractory_steps);
    Linear { i_ext: 80.0 + 1.65 * f64::from(i), ..linear }
}

fn row(model: &'static str) -> Row {
    Row::new(model, 128, DT_MS, STEPS).parameters(&LEAKY).current("80 pA + i * 1.65 pA").record("v")
}

fn lif_delta() -> Pair {
    let syn = arrivals(40, 73, 1.5);
    let row = row("lif_delta").input(input("syn", "mV", &syn));
    let truth =
        |i, wrong: &str, factor| Linear { delta: arrivals(40, 73, 1.5), ..leaky(i, wrong, factor) };
    Pair { row, truth }
}

const SYNAPSE: [Parameter; 1] = [("tau_syn", 1.7, "ms")];

fn lif_exp() -> Pair {
    let mut row = row("lif_exp").input(input("syn", "pA", &arrivals(40, 73, 90.0)));
    row.parameters.extend(SYNAPSE);
    let truth = |i, wrong: &str, factor| {
        let tau = value(&SYNAPSE, "tau_syn", wrong, factor);
        let currents = vec![Current::synaptic(tau, arrivals(40, 73, 90.0))];
        Linear { currents, ..leaky(i, wrong, factor) }
    };
    Pair { row, truth }
}

const SYNAPSES: [Parameter; 2] = [("tau_exc", 2.5, "ms"), ("tau_inh", 6.0, "ms")];

fn synapses(wrong: &str, factor: f64) -> Vec<Current> {
    let tau = |name| value(&SYNAPSES, name, wrong, factor);
    vec![
        Current::synaptic(tau("tau_exc"), arrivals(40, 73, 90.0)),
        Current::synaptic(tau("tau_inh"), arrivals(52, 119, -70.0)),
    ]
}

fn two_synapses(model: &'static str) -> Row {
    let mut row = row(model).input(input("exc", "pA", &arrivals(40, 73, 90.0))).input(input(
        "inh",
        "pA",
        &arrivals(52, 119, -70.0),
    ));
    row.parameters.extend(SYNAPSES);
    row
}

fn lif_exp_2() -> Pair {
    let truth = |i, wrong: &str, factor| Linear {
        currents: synapses(wrong, factor),
        ..leaky(i, wrong, factor)
    };
    Pair { row: two_synapses("lif_exp_2"), truth }
}

const ADAPTATION: [Parameter; 4] = [
    ("tau_w", 90.0, "ms"),
    ("w_jump", 15.0, "pA"),
    ("tau_theta", 40.0, "ms"),
    ("theta_jump", 1.5, "mV"),
];

fn lif_adaptive() -> Pair {
    let mut row = two_synapses("lif_adaptive");
    row.parameters.extend(ADAPTATION);
    let truth = |i, wrong: &str, factor| {
        let get = |name| value(&ADAPTATION, name, wrong, factor);
        let (tau, at_spike) = (get("tau_w"), get("w_jump"));
        let mut currents = synapses(wrong, factor);
        currents.push(Current { tau, sign: -1.0, at_spike, arrivals: Vec::new() });
        let offset = Some((get("tau_theta"), get("theta_jump")));
        Linear { currents, offset, ..leaky(i, wrong, factor) }
    };
    Pair { row, truth }
}

/// The distance of the potential from the threshold, in mV, below which rounding may decide.
const UNSURE_MV: f64 = 1e-3;

/// How many neurons have other spikes, and the largest error of the potential of the rest; of
/// those neurons whose spikes are not a matter of rounding.
fn compare(pair: &Pair, outcome: &Outcome, wrong: &str, factor: f64) -> (usize, f64) {
    let (mut differ, mut sure, mut error) = (0, 0, 0.0_f64);
    for i in 0..pair.row.size {
        let closed = (pair.truth)(i, wrong, factor).run(DT_MS, STEPS);
        if closed.margin < UNSURE_MV {
            continue;
        }
        sure += 1;
        let ours = &outcome.spikes[i as usize];
        if *ours == closed.spikes {
            error = error.max(largest(&outcome.traces[0][i as usize], &closed.potential));
        } else {
            differ += 1;
        }
    }
    assert!(sure >= 40, "{}: only {sure} neurons can be compared", pair.row.model);
    (differ, error)
}

/// Every spike of every neuron is where the closed form has it, and the potential is what it says
/// but for rounding; with a parameter 1 % off it is not.
fn check(pair: Pair, bound: f64) {
    let outcome = pair.row.run();
    let spikes: Vec<usize> = outcome.spikes.iter().map(Vec::len).collect();
    assert!(spikes.iter().sum::<usize>() > 300, "{spikes:?}");
    assert!(spikes.contains(&0), "no neuron is below the threshold: {spikes:?}");
    let (differ, error) = compare(&pair, &outcome, "", 1.0);
    assert_eq!(differ, 0, "{}: neurons that spike at other steps", pair.row.model);
    let bound = Bound {
        model: pair.row.model,
        what: "potential over 500 ms with spikes, dt 0.1 ms, mV; spikes equal",
        bound,
        reason: "exact; f32",
    };
    bound.hold(error);
    for (name, _, _) in &pair.row.parameters {
        // A refractory period is rounded to steps: 1 % of it would vanish.
        let factor = if *name == "t_ref" { 1.05 } else { 1.01 };
        let (differ, error) = compare(&pair, &outcome, name, factor);
        let seen = differ > 0 || bound.is_broken_by(error);
        assert!(seen, "{}: `{name}` may be {factor} times what it is", pair.row.model);
    }
}

#[test]
fn lif_delta_is_its_closed_form() {
    check(lif_delta(), 6e-4);
}

#[test]
fn lif_exp_is_its_closed_form() {
    check(lif_exp(), 7e-4);
}

#[test]
fn lif_exp_2_is_its_closed_form() {
    check(lif_exp_2(), 8e-4);
}

#[test]
fn lif_adaptive_is_its_closed_form() {
    check(lif_adaptive(), 8e-4);
}

/// The oracle, which shares neither lowering nor engine with the CPU backend.
#[test]
fn the_oracle_has_the_closed_form_too() {
    let pair = lif_adaptive();
    let outcome = pair.row.run_on(&ModelBackend::default());
    assert_eq!(compare(&pair, &outcome, "", 1.0).0, 0);
}

/// The interval between spikes under a constant current is
/// t_ref + tau_m ln((v_inf - v_reset) / (v_inf - v_th)), its second part rounded up to the grid.
#[test]
fn intervals_and_rates_have_their_closed_form() {
    for model in ["lif_delta", "lif_exp", "lif_exp_2", "lif_adaptive"] {
        let mut row = Row::new(model, 256, DT_MS, 20_000).parameters(&LEAKY);
        row.current = Some("150 pA + i * 1.3 pA".into());
        if model == "lif_adaptive" {
            row.parameters.push(("w_jump", 0.0, "pA"));
        }
        let outcome = row.run();
        let mut equal = 0;
        for (i, spikes) in outcome.spikes.iter().enumerate() {
            let get = |name| value(&LEAKY, name, "", 1.0);
            let current = 150.0 + 1.3 * i as f64;
            let v_inf = get("e_l") + get("tau_m") / get("c_m") * current;
            // The distance from a grid point, in steps, at which rounding could take a spike over
            // it.
            let unsure = 3e-5 / ((v_inf - get("v_th")) / get("tau_m") * DT_MS);
            let mut sure = true;
            let mut steps = |from: f64| {
                let ms = get("tau_m") * ((v_inf - from) / (v_inf - get("v_th"))).ln();
                let steps = ms / DT_MS;
                sure &= (steps - steps.round()).abs() > unsure;
                steps.ceil() as u32
            };
            let first = steps(get("e_l")) - 1;
            let interval = (get("t_ref") / DT_MS).round() as u32 + steps(get("v_reset"));
            let expected: Vec<u32> = (first..row.steps).step_by(interval as usize).collect();
            if sure {
                assert_eq!(*spikes, expected, "neuron {i} of {model}");
                equal += 1;
            }
        }
        assert!(equal > 240, "{model}: only {equal} of 256 neurons are far enough from the grid");
    }
}

/// One spike arrives exactly a delay after its emission, and its potential has the closed form,
/// also where both time constants are equal.
#[test]
fn a_postsynaptic_potential_has_its_closed_form() {
    let (tau_m, c_m, weight) = (10.0, 250.0, 87.8085);
    for (tau, bound) in [(0.5, 6e-7), (10.0, 1.3e-6)] {
        for delay_steps in [1, 15, 400] {
            let mut row = Row::new("lif_exp", 1, DT_MS, 1000).record("v").record("i_syn");
            row.parameters =
                vec![("tau_m", tau_m, "ms"), ("c_m", c_m, "pF"), ("tau_syn", tau, "ms")];
            // Nothing to round against: the potential starts at 0.
            row.parameters.extend([("e_l", 0.0, "mV"), ("v_th", 50.0, "mV")]);
            let weight = format!("{weight} pA");
            let outcome =
                row.input(Input { receptor: "syn", weight, steps: vec![7], delay_steps }).run();
            let arrival = (7 + delay_steps) as usize;
            let current = &outcome.traces[1][0];
            assert_eq!(
                current.iter().position(|i| *i != 0.0),
                Some(arrival),
                "delay {delay_steps}"
            );
            let truth: Vec<f64> = (0..1000)
                .map(|t: usize| t.saturating_sub(arrival) as f64 * DT_MS)
                .map(|s| 87.8085 * response(s, tau, tau_m, c_m))
                .collect();
            let peak = truth.iter().copied().fold(0.0, f64::max);
            if tau == 0.5 {
                // The microcircuit's weight is the one whose potential peaks at 0.15 mV.
                assert!((peak - 0.15).abs() < 2e-6 + 0.15 * 1e-4, "{peak}");
            }
            let error = largest(&outcome.traces[0][0], &truth) / peak;
            let what = if tau == tau_m {
                "postsynaptic potential, equal time constants, of its peak"
            } else {
                "postsynaptic potential, of its peak"
            };
            Bound { model: "lif_exp", what, bound, reason: "exact; f32" }.hold(error);
        }
    }
}

/// A readout sums its input and forgets it with its time constant.
#[test]
fn leaky_integrator_is_its_closed_form() {
    let (tau_m, e_l) = (17.0, 3.0);
    let train = arrivals(40, 73, 2.0);
    let row = Row::new("leaky_integrator", 1, DT_MS, STEPS)
        .parameters(&[("tau_m", tau_m, "ms"), ("e_l", e_l, "mV")])
        .input(input("syn", "mV", &train));
    let outcome = row.record("v").run();
    let truth = |tau_m: f64| -> Vec<f64> {
        let at = |step: u32| {
            let before = train.iter().take_while(|(arrival, _)| *arrival <= step);
            let ms = |arrival: u32| f64::from(step - arrival) * DT_MS;
            e_l + before.map(|(arrival, w)| w * (-ms(*arrival) / tau_m).exp()).sum::<f64>()
        };
        (0..STEPS).map(at).collect()
    };
    let bound = Bound {
        model: "leaky_integrator",
        what: "potential over 500 ms, dt 0.1 ms, mV",
        bound: 2e-5,
        reason: "exact; f32",
    };
    let ours = &outcome.traces[0][0];
    bound.hold(largest(ours, &truth(tau_m)));
    assert!(bound.is_broken_by(largest(ours, &truth(1.01 * tau_m))));
}
