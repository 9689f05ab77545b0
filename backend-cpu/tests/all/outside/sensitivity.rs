//! The checks can fail: for every parameter of every model, equations in which it is 1 % off are
//! distinguished from ours by the same bounds.

use super::bound::Bound;
use super::equations::{Adex, HhTraubMiles, Izhikevich, LifCondExp, Model};
use super::nonlinear::{self, Case, STEPS_MS};
use super::single::{Behaviour, Experiment};

/// The parameters that can be 1 % off unseen. `special` are parameters that need an experiment of
/// their own, with its bound in ms.
fn unseen<M: Model<N>, const N: usize>(
    case: &Case,
    special: &[(&str, Experiment, f64)],
) -> Vec<&'static str> {
    let limit = |experiment: &Experiment| {
        let [coarse, fine] = [STEPS_MS[2], STEPS_MS[3]].map(|dt_ms| experiment.ours::<M, N>(dt_ms));
        Behaviour::extrapolate(&coarse, &fine)
    };
    let (quiet, spiking) = (limit(&case.quiet), limit(&case.spiking));
    let bound = |bound| Bound { model: M::NAME, what: "", bound, reason: "" };
    let mut unseen = Vec::new();
    for (name, _, _) in M::PARAMETERS {
        let seen = match special.iter().find(|(special, _, _)| special == name) {
            Some((_, experiment, most)) => {
                let ours = limit(experiment);
                let right = ours.lateness(&experiment.truth::<M, N>()).abs();
                assert!(right < *most, "{}, {name}: {right} ms as it is", M::NAME);
                let wrong = ours.lateness(&experiment.truth_if::<M, N>(name, 1.01)).abs();
                println!("{}, {name} off by 1 %: {right:.1e}, then {wrong:.1e} ms", M::NAME);
                bound(*most).is_broken_by(wrong)
            }
            None => {
                let silent = quiet.potential_error(&case.quiet.truth_if::<M, N>(name, 1.01));
                let late = spiking.lateness(&case.spiking.truth_if::<M, N>(name, 1.01)).abs();
                println!("{}, {name} off by 1 %: {silent:.1e} mV, {late:.1e} ms", M::NAME);
                bound(case.quiet_bounds[1]).is_broken_by(silent)
                    || bound(case.spiking_bounds[1]).is_broken_by(late)
            }
        };
        if !seen {
            unseen.push(*name);
        }
    }
    unseen
}

#[test]
fn lif_cond_exp_shows_every_parameter() {
    assert_eq!(unseen::<LifCondExp, 3>(&nonlinear::lif_cond_exp(), &[]), [""; 0]);
}

/// `v_peak` stands where the potential moves a volt in a microsecond; a low one shows. `b` shows
/// where it is large.
#[test]
fn adex_shows_every_parameter() {
    let case = nonlinear::adex();
    let low = case.spiking.clone().with("v_peak", -46.0);
    let large = Experiment::spiking(1500.0, 12.5, &[5.0, 6.0], 150.0).with("b", 300.0);
    assert_eq!(unseen::<Adex, 4>(&case, &[("v_peak", low, 0.01), ("b", large, 0.05)]), [""; 0]);
}

#[test]
fn izhikevich_shows_every_parameter() {
    assert_eq!(unseen::<Izhikevich, 2>(&nonlinear::izhikevich(), &[]), [""; 0]);
}

/// `v_spike` stands in the upstroke; a low one shows. `t_ref` is 0 and has nothing to
/// show: it would hide crossings.
#[test]
fn hh_traub_miles_shows_every_parameter() {
    let case = nonlinear::hh_traub_miles();
    let low = case.spiking.clone().with("v_spike", -52.0);
    assert_eq!(unseen::<HhTraubMiles, 6>(&case, &[("v_spike", low, 0.05)]), ["t_ref"]);
}
