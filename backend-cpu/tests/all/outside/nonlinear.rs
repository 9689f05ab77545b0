//! Models without closed form against their differential equations: exponential Euler and the
//! half steps of Izhikevich are of first order, so half the time step has half the error.

use super::bound::Bound;
use super::equations::{Adex, HhTraubMiles, Izhikevich, LifCondExp, Model};
use super::row::{Input, Row};
use super::single::{Behaviour, Experiment};

/// Two experiments on a model, with bounds of the errors.
pub struct Case {
    /// Nobody spikes: the largest error of the potential in mV, at 0.1 ms and extrapolated.
    pub quiet: Experiment,
    pub quiet_bounds: [f64; 2],
    /// All spike: the mean error of spike times in ms, at 0.1 ms and extrapolated.
    pub spiking: Experiment,
    pub spiking_bounds: [f64; 2],
    pub reason: &'static str,
}

pub fn lif_cond_exp() -> Case {
    Case {
        quiet: Experiment::quiet(20.0, &[3.0, 4.0], 100.0),
        quiet_bounds: [7e-2, 6e-4],
        spiking: Experiment::spiking(150.0, 6.0, &[3.0, 4.0], 120.0),
        spiking_bounds: [6e-2, 3.5e-3],
        reason: "first order: conductances frozen over a step, spikes on the grid",
    }
}

pub fn adex() -> Case {
    Case {
        quiet: Experiment::quiet(350.0, &[4.0, 5.0], 100.0),
        quiet_bounds: [5e-2, 3e-4],
        spiking: Experiment::spiking(900.0, 12.5, &[5.0, 6.0], 120.0),
        spiking_bounds: [1.2, 2.6e-2],
        reason: "first order: the exponential, w and conductances frozen over a step",
    }
}

pub fn izhikevich() -> Case {
    Case {
        quiet: Experiment::quiet(2.0, &[], 100.0),
        quiet_bounds: [1.2e-2, 2.4e-3],
        spiking: Experiment::spiking(10.0, 0.37, &[], 200.0),
        spiking_bounds: [0.75, 1.6e-3],
        reason: "first order: Euler half steps for v, a step for u",
    }
}

pub fn hh_traub_miles() -> Case {
    Case {
        quiet: Experiment::quiet(-100.0, &[1.0, 2.0], 100.0),
        quiet_bounds: [4.5e-2, 5e-4],
        spiking: Experiment::spiking(200.0, 8.0, &[3.0, 4.0], 80.0),
        spiking_bounds: [2.6, 1.2e-2],
        reason: "first order: gates and conductances frozen over a step",
    }
}

/// The time steps that are compared, each half of the one before.
pub const STEPS_MS: [f64; 4] = [0.1, 0.05, 0.025, 0.0125];

/// Our neurons at each of [`STEPS_MS`].
pub fn ours<M: Model<N>, const N: usize>(experiment: &Experiment) -> [Behaviour; 4] {
    STEPS_MS.map(|dt_ms| experiment.ours::<M, N>(dt_ms))
}

/// Errors at each step: each halving makes less of them, three together an eighth.
fn converging(model: &str, what: &str, errors: [f64; 4]) {
    println!("{model}: {what} at {STEPS_MS:?} ms: {errors:?}");
    let order = (errors[0] / errors[3]).log2() / 3.0;
    let falling = errors.windows(2).all(|pair| pair[1] < pair[0]);
    let first = (order - 1.0).abs() < 0.15;
    assert!(falling && first, "{model}, {what}: order {order} in {errors:?}");
}

/// Bounds at 0.1 ms, first order on the way down, and bounds of what is extrapolated from there.
fn check<M: Model<N>, const N: usize>(case: &Case) {
    let bound = |what, bound| Bound { model: M::NAME, what, bound, reason: case.reason };
    let beyond = |what, bound| {
        let reason = "second order, left by extrapolation from 0.025 and 0.0125 ms; f32";
        Bound { model: M::NAME, what, bound, reason }
    };

    let (all, truth) = (ours::<M, N>(&case.quiet), case.quiet.truth::<M, N>());
    assert!(all.iter().all(Behaviour::is_silent), "{}: the quiet neuron spikes", M::NAME);
    let errors = [0, 1, 2, 3].map(|k| all[k].potential_error(&truth));
    bound("potential without spikes, dt 0.1 ms, mV", case.quiet_bounds[0]).hold(errors[0]);
    converging(M::NAME, "potential in mV", errors);
    let limit = Behaviour::extrapolate(&all[2], &all[3]).potential_error(&truth);
    beyond("potential without spikes, dt to 0, mV", case.quiet_bounds[1]).hold(limit);

    let (all, truth) = (ours::<M, N>(&case.spiking), case.spiking.truth::<M, N>());
    let errors = [0, 1, 2, 3].map(|k| all[k].lateness(&truth).abs());
    bound("times of the first 4 spikes, dt 0.1 ms, mean, ms", case.spiking_bounds[0])
        .hold(errors[0]);
    converging(M::NAME, "spike times in ms", errors);
    let limit = Behaviour::extrapolate(&all[2], &all[3]).lateness(&truth).abs();
    beyond("times of the first 4 spikes, dt to 0, mean, ms", case.spiking_bounds[1]).hold(limit);
}

macro_rules! tests {
    ($($name:ident: $model:ident, $n:literal, $case:ident;)*) => {$(
        #[test]
        fn $name() {
            check::<$model, $n>(&$case());
        }
    )*};
}

tests! {
    lif_cond_exp_solves_its_equations: LifCondExp, 3, lif_cond_exp;
    adex_solves_its_equations: Adex, 4, adex;
    izhikevich_solves_its_equations: Izhikevich, 2, izhikevich;
    hh_traub_miles_solves_its_equations: HhTraubMiles, 6, hh_traub_miles;
}

/// With time constants far beyond the run a conductance is constant, and the potential relaxes to
/// the mean of the reversal potentials, weighted by conductance: exact but for rounding.
#[test]
fn a_constant_conductance_has_its_closed_form() {
    let (c_m, g_l, e_l, g_exc, e_exc, current) = (200.0, 10.0, -60.0, 2.5, 5.0, 30.0);
    let (dt_ms, steps, arrival) = (0.1, 2000, 11);
    let mut trace = Vec::new();
    for model in ["lif_cond_exp", "adex"] {
        let mut row = Row::new(model, 1, dt_ms, steps).current(format!("{current} pA"));
        row.parameters = vec![
            ("c_m", c_m, "pF"),
            ("g_l", g_l, "nS"),
            ("e_l", e_l, "mV"),
            ("e_exc", e_exc, "mV"),
            ("tau_exc", 1e12, "ms"),
        ];
        if model == "lif_cond_exp" {
            row.parameters.push(("v_th", 0.0, "mV"));
        } else {
            // Neither exponential nor adaptation.
            row.parameters.extend([("v_t", 500.0, "mV"), ("a", 0.0, "nS"), ("delta_t", 1.0, "mV")]);
            row.parameters.push(("v_peak", 600.0, "mV"));
        }
        let input = Input {
            receptor: "exc",
            weight: format!("{g_exc} nS"),
            steps: vec![1],
            delay_steps: 10,
        };
        let outcome = row.input(input).record("v").run();
        trace.push(outcome.traces[0][0].clone());
    }
    let relax = |from: f64, to: f64, g: f64, ms: f64| to + (from - to) * (-g * ms / c_m).exp();
    let before = (g_l * e_l + current) / g_l;
    let after = (g_l * e_l + g_exc * e_exc + current) / (g_l + g_exc);
    let open_ms = f64::from(arrival + 1) * dt_ms;
    let truth: Vec<f64> = (0..steps)
        .map(|t| {
            let ms = f64::from(t + 1) * dt_ms;
            let closed = relax(e_l, before, g_l, ms.min(open_ms));
            relax(closed, after, g_l + g_exc, (ms - open_ms).max(0.0))
        })
        .collect();
    let bound = |model| Bound {
        model,
        what: "potential with a constant conductance, mV",
        bound: 3e-4,
        reason: "exact; f32",
    };
    bound("lif_cond_exp").hold(super::bound::largest(&trace[0], &truth));
    bound("adex").hold(super::bound::largest(&trace[1], &truth));
}

/// The loop of net.m (Izhikevich 2003) in f64, with constant current and spikes as input: the same
/// first three spikes, and until then the potential but for rounding. The steps of 1 ms overshoot
/// by hundreds of mV, so rounding grows from spike to spike.
#[test]
fn izhikevich_is_the_published_loop() {
    let (steps, arrivals) = (200_u32, [20, 21, 60, 61, 62, 100]);
    let input = Input {
        receptor: "syn",
        weight: "6".into(),
        steps: arrivals.iter().map(|step| step - 1).collect(),
        delay_steps: 1,
    };
    let row = Row::new("izhikevich", 16, 1.0, steps).current("8 + 0.5 * i").input(input);
    let outcome = row.record("v").run();
    let mut error: f64 = 0.0;
    for (i, ours) in outcome.spikes.iter().enumerate() {
        let (a, b, c, d) = (0.02, 0.2, -65.0, 8.0);
        let (mut v, mut u) = (-65.0_f64, b * -65.0);
        let mut spikes = Vec::new();
        for step in 0..steps {
            if spikes.len() == 3 {
                break;
            }
            // net.m resets what has crossed at the start of the next step.
            if v >= 30.0 {
                v = c;
                u += d;
            }
            let synapses = if arrivals.contains(&step) { 6.0 } else { 0.0 };
            let input = 8.0 + 0.5 * i as f64 + synapses;
            for _ in 0..2 {
                v += 0.5 * (0.04 * v * v + 5.0 * v + 140.0 - u + input);
            }
            u += a * (b * v - u);
            if v >= 30.0 {
                spikes.push(step);
            } else {
                error = error.max((outcome.traces[0][i][step as usize] - v).abs());
            }
        }
        assert_eq!((spikes.len(), ours.get(..3)), (3, Some(&spikes[..])), "neuron {i}");
    }
    let bound = Bound {
        model: "izhikevich",
        what: "potential against net.m in f64, dt 1 ms, 3 spikes, mV",
        bound: 1.7e-2,
        reason: "the same scheme; f32, amplified",
    };
    bound.hold(error);
}
