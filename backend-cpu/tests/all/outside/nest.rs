//! Single neurons beside those of NEST 3.10: the same currents and spikes into the same models.
//! `nest/record_neurons.py` recorded `nest/neurons.json` and says how.

use super::bound::{Bound, largest};
use super::row::{Input, Parameter, Row};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    model: String,
    nest_model: String,
    dt_ms: f64,
    steps: u32,
    first_current: f64,
    current_step: f64,
    weights: Vec<f64>,
    delay_steps: u32,
    /// Steps at whose end each train spikes, counted from 1.
    inputs: Vec<Vec<u32>>,
    /// Steps at whose end each neuron spikes, counted from 1.
    spikes: Vec<Vec<u32>>,
    sample_every: usize,
    /// The values of neuron 0, at the end of every so many steps.
    potential: Vec<f64>,
}

fn recorded(model: &str) -> Case {
    let text = include_str!("nest/neurons.json");
    let recorded: Recorded = serde_json::from_str(text).expect("neurons.json is as recorded");
    let found = recorded.cases.into_iter().find(|case| case.model == model);
    found.unwrap_or_else(|| panic!("{model} is not in neurons.json"))
}

/// The parameters in which NEST's models differ from the defaults of ours.
fn parameters(model: &str) -> &'static [Parameter] {
    match model {
        "lif_exp" => &[("tau_syn", 0.5, "ms")],
        "lif_exp_2" => &[("tau_exc", 2.0, "ms"), ("tau_inh", 5.0, "ms")],
        // The others have the defaults, which are those of the papers.
        _ => &[],
    }
}

/// Units of current and weights, and the receptor of each train.
fn interface(model: &str) -> (&'static str, &'static str, [&'static str; 2]) {
    match model {
        "lif_delta" => ("pA", "mV", ["syn", "syn"]),
        "lif_exp" => ("pA", "pA", ["syn", "syn"]),
        "lif_exp_2" => ("pA", "pA", ["exc", "inh"]),
        "izhikevich" => ("", "", ["syn", "syn"]),
        _ => ("pA", "nS", ["exc", "inh"]),
    }
}

/// Our spikes, NEST's, and the error of the potential of neuron 0 up to 2 ms before its first.
fn compare(model: &'static str) -> (Vec<Vec<u32>>, Vec<Vec<u32>>, f64) {
    let case = recorded(model);
    let (current, unit, receptors) = interface(model);
    let neurons = case.spikes.len() as u32;
    let mut row = Row::new(model, neurons, case.dt_ms, case.steps)
        .parameters(parameters(model))
        .current(format!("{} {current} + i * {} {current}", case.first_current, case.current_step))
        .record("v");
    for ((steps, weight), receptor) in case.inputs.iter().zip(&case.weights).zip(receptors) {
        // In NEST the sign of a weight chooses the conductance.
        let weight = if unit == "nS" { weight.abs() } else { *weight };
        row = row.input(Input {
            receptor,
            weight: format!("{weight} {unit}"),
            steps: steps.iter().map(|step| step - 1).collect(),
            delay_steps: case.delay_steps,
        });
    }
    let outcome = row.run();
    let theirs: Vec<Vec<u32>> =
        case.spikes.iter().map(|spikes| spikes.iter().map(|step| step - 1).collect()).collect();
    let first = theirs[0].first().copied().unwrap_or(case.steps);
    let until = (f64::from(first) - 2.0 / case.dt_ms).max(0.0) as usize / case.sample_every;
    let every = outcome.traces[0][0].iter().skip(case.sample_every - 1).step_by(case.sample_every);
    let ours: Vec<f64> = every.take(until).copied().collect();
    assert!(until >= 3, "{} of {}: nothing to compare", model, case.nest_model);
    (outcome.spikes, theirs, largest(&ours, &case.potential[..until]))
}

/// The same spikes in the same steps; but where the potential passes the threshold within our
/// rounding, one in fifty may be a step off.
fn equal(model: &'static str, bound: f64) {
    let (ours, theirs, error) = compare(model);
    let (mut total, mut off) = (0, 0);
    for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let near =
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(near, "neuron {i}: {ours:?}, NEST {theirs:?}");
        total += theirs.len();
        off += ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
    }
    println!("{model}: {off} of {total} spikes are a step off NEST's");
    assert!(total > 40 && off * 50 <= total, "{model}: {off} of {total} spikes are a step off");
    let what = "potential against NEST, mV; spikes equal";
    Bound { model, what, bound, reason: "both exact; f32" }.hold(error);
}

/// How far the first four spikes of each neuron are apart on average, in ms.
fn close(model: &'static str, potential: f64, times: f64) {
    let dt_ms = recorded(model).dt_ms;
    let (ours, theirs, error) = compare(model);
    let (mut sum, mut spikes) = (0.0, 0);
    for (i, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let near = ours.len().abs_diff(theirs.len()) <= 1;
        assert!(near, "neuron {i}: {ours:?}, NEST {theirs:?}");
        for (a, b) in ours.iter().zip(theirs).take(4) {
            sum += f64::from(a.abs_diff(*b)) * dt_ms;
            spikes += 1;
        }
    }
    assert!(spikes > 40, "{model}: only {spikes} spikes");
    let reason = "first order, dt 0.1 ms; NEST solves adaptively";
    let bound = |what, bound| Bound { model, what, bound, reason };
    bound("potential against NEST, mV", potential).hold(error);
    bound("times of the first 4 spikes against NEST, mean, ms", times)
        .hold(sum / f64::from(spikes));
}

#[test]
fn lif_delta_spikes_as_iaf_psc_delta() {
    equal("lif_delta", 1.8e-4);
}

#[test]
fn lif_exp_spikes_as_iaf_psc_exp() {
    equal("lif_exp", 1.6e-4);
}

#[test]
fn lif_exp_2_spikes_as_iaf_psc_exp() {
    equal("lif_exp_2", 2.1e-4);
}

#[test]
fn izhikevich_spikes_as_izhikevich() {
    equal("izhikevich", 6.5e-5);
}

#[test]
fn lif_cond_exp_is_close_to_iaf_cond_exp() {
    close("lif_cond_exp", 2.8e-2, 6.2e-2);
}

#[test]
fn adex_is_close_to_aeif_cond_exp() {
    close("adex", 1.8e-2, 1.05);
}

#[test]
fn hh_traub_miles_is_close_to_hh_cond_exp_traub() {
    close("hh_traub_miles", 9e-2, 2.5);
}
