//! Models that read potentials: a change over a potential that is held, and two potentials that
//! meet.

use super::super::canvas::{GREY, color};
use super::chart::{Chart, Mark, Series};
use super::measure::{Run, spike_list};
use libm::exp;

/// How many spikes the source of `clopath` has, one each 40 ms.
const SPIKES: u32 = 20;
/// The steps of that run, of 1 ms.
const STEPS: u32 = 1000;
/// The potentials at which its targets are held, in mV.
const HELD_MV: [f64; 29] = {
    let mut all = [0.0; 29];
    let mut i = 0;
    while i < all.len() {
        all[i] = -80.0 + 1.5 * i as f64;
        i += 1;
    }
    all
};

/// `clopath`: depression between two thresholds, potentiation above, Clopath et al. 2010.
pub fn clopath() -> Chart {
    let times_ms: Vec<f64> = (0..SPIKES).map(|i| 50.0 + f64::from(i) * 40.0).collect();
    let mut text = format!(
        "[network]\ndt = '1 ms'\nduration = '{STEPS} ms'\n\
         [model.held]\nparameters = {{ level = '-80 mV' }}\nreceptors = {{ syn = '1' }}\n\
         state = {{ v = 'level', u_plus = 'level', u_minus = 'level', got = 0 }}\n\
         update = 'got = syn'\n\
         [population.held]\nsize = {}\nmodel = 'held'\n\
         parameters = {{ level = '-80 mV + 1.5 mV * i' }}\n\
         [projection.learns]\nfrom = 'source'\nto = 'held'\nconnect = 'all_to_all'\n\
         weight = 1\nsynapse = 'clopath'\nparameters = {{ w0 = 1, w_max = 10 }}\n",
        HELD_MV.len(),
    );
    text += &spike_list("source", [&times_ms].into_iter());
    let weights = Run::of(&text).synapses("learns", "w");
    let points = HELD_MV.into_iter().zip(weights).map(|(mv, w)| (mv, 100.0 * (w - 1.0)));
    let line = (0..=420).map(|i| -80.0 + f64::from(i) / 10.0).map(|mv| (mv, 100.0 * held(mv)));
    Chart {
        title: format!("clopath: the change by {SPIKES} spikes of the source at 25 Hz"),
        note: "Clopath et al. 2010. The potential of the target is held. The defaults; \
               thresholds -70.6 mV and -45.3 mV."
            .into(),
        x: "potential of the target, mV",
        y: "change of the weight, % of w0",
        series: vec![
            Series::new("closed form", GREY, Mark::Line, line),
            Series::new("CPU engine", color(0), Mark::Dots, points),
        ],
    }
}

/// Returns the change at a potential that is held, as a part of w0.
fn held(mv: f64) -> f64 {
    let (over_minus, over_plus) = ((mv + 70.6).max(0.0), (mv + 45.3).max(0.0));
    let factor = exp(-1.0 / 15.0);
    // A spike is counted in all later steps, each time with its decay.
    let counted = (0..SPIKES).map(|i| {
        let later = f64::from(STEPS - 1 - (51 + 40 * i));
        factor * (1.0 - exp(-later / 15.0)) / (1.0 - factor)
    });
    let traces: f64 = counted.sum();
    8e-5 / 15.0 * traces * over_minus * over_plus - 14e-5 * f64::from(SPIKES) * over_minus
}

/// `gap_junction`: two potentials meet, Hahne et al. 2015.
pub fn gap_junction() -> Chart {
    let run = Run::of(
        "[network]\ndt = '0.1 ms'\nduration = '60 ms'\n\
         [model.passive]\nparameters = { c = '100 pF', g_l = '4 nS', e_l = '-60 mV' }\n\
         state = { v = 'e_l' }\nreceptors = { gap = 'pA' }\n\
         update = 'v += dt / c * (g_l * (e_l - v) + gap)'\n\
         [population.cells]\nsize = 2\nmodel = 'passive'\n\
         initial = { v = '-70 mV + 20 mV * i' }\n\
         [projection.gap]\nfrom = 'cells'\nto = 'cells'\nconnect = { list = [[0, 1], [1, 0]] }\n\
         synapse = 'gap_junction'\nparameters = { g = '3 nS', largest = '64 pA' }\n\
         [probe.v]\npopulation = 'cells'\nvariable = 'v'\nevery = '2 ms'\n",
    );
    let closed = |sign: f64, tau_ms: f64| {
        (0..=120).map(move |i| {
            let ms = f64::from(i) / 2.0;
            (ms, -60.0 + sign * 10.0 * exp(-ms / tau_ms))
        })
    };
    let line =
        |name, color, sign, tau_ms| Series::new(name, color, Mark::Line, closed(sign, tau_ms));
    let mut series = vec![
        line("closed form", GREY, -1.0, 10.0),
        line("", GREY, 1.0, 10.0),
        line("without the synapses", color(2), -1.0, 25.0),
        line("", color(2), 1.0, 25.0),
    ];
    for (i, trace) in run.traces("v").into_iter().enumerate() {
        series.push(Series::new(format!("cell {i}"), color(i), Mark::Dots, trace));
    }
    Chart {
        title: "gap_junction: two passive cells that are coupled".into(),
        note: "Hahne et al. 2015. 100 pF, a leak of 4 nS, gap junctions of 3 nS, steps of 0.1 ms."
            .into(),
        x: "time, ms",
        y: "potential, mV",
        series,
    }
}
