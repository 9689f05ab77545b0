//! Models whose papers show the change of a weight by pairs of spikes.

use super::super::canvas::{GREY, color};
use super::chart::{Chart, Mark, Series};
use super::measure::{Pair, Pairs};
use libm::{exp, fabs, pow};

/// The name of lines that no engine has drawn.
const CLOSED: &str = "closed form";

/// Makes a synapse whose target spikes so long after its source.
fn pair(weight: f64, after_ms: f64) -> Pair {
    Pair { weight, pre_ms: vec![200.0], post_ms: vec![200.0 + after_ms] }
}

/// Returns numbers from `from` to `to`.
fn numbers(from: i32, to: i32, step: usize) -> Vec<f64> {
    (from..=to).step_by(step).map(f64::from).collect()
}

/// Returns the change by one pair of spikes over the time between them, from half of a largest
/// weight of 1.
fn window(fields: &str, times_ms: &[f64]) -> Vec<f64> {
    let pairs = times_ms.iter().map(|ms| pair(0.5, *ms)).collect();
    Pairs { dt: "0.1 ms", duration_ms: 400.0, fields, more: "", pairs }.changes()
}

/// `stdp`: the window of Song, Miller & Abbott 2000.
pub fn stdp() -> Chart {
    let times = numbers(-60, 60, 3);
    let changes = window("synapse = 'stdp'\nparameters = { w_max = 1 }", &times);
    let line = |name, from, to, amplitude: f64| {
        let point = move |ms: f64| (ms, 100.0 * amplitude * exp(-fabs(ms) / 20.0));
        Series::new(name, GREY, Mark::Line, numbers(from, to, 1).into_iter().map(point))
    };
    let points = times.into_iter().zip(changes.into_iter().map(|change| 100.0 * change));
    Chart {
        title: "stdp: the change by one pair of spikes".into(),
        note: "Song, Miller & Abbott 2000. The defaults. Spikes in one step do not pair: the point at 0.".into(),
        x: "spike of the target minus event of the source, ms",
        y: "change of the weight, % of w_max",
        series: vec![
            line(CLOSED, -60, 0, -0.00525),
            line("", 0, 60, 0.005),
            Series::new("CPU engine", color(0), Mark::Dots, points),
        ],
    }
}

/// `stdp_multiplicative`: how the change depends on the weight, Guetig et al. 2003.
pub fn stdp_multiplicative() -> Chart {
    let mut series = Vec::new();
    let weights: Vec<f64> = (1..20).map(|i| f64::from(i) / 20.0).collect();
    let mus = [0.0, 0.2, 1.0];
    let closed = |mu: f64, v: f64, after: bool| match after {
        true => 0.5 * pow(1.0 - v, mu) * exp(-0.5),
        false => -0.5 * 1.05 * pow(v, mu) * exp(-0.5),
    };
    for (i, (mu, after)) in mus.iter().flat_map(|mu| [(*mu, true), (*mu, false)]).enumerate() {
        let fine = (5..=95).map(|v| f64::from(v) / 100.0);
        let name = if i == 0 { CLOSED } else { "" };
        let line = fine.map(|v| (v, closed(mu, v, after)));
        series.push(Series::new(name, GREY, Mark::Line, line));
    }
    for (i, mu) in mus.into_iter().enumerate() {
        let fields =
            format!("synapse = 'stdp_multiplicative'\nparameters = {{ w_max = 1, mu = {mu:?} }}");
        for (name, after_ms) in [(format!("mu = {mu}"), 10.0), (String::new(), -10.0)] {
            let pairs = weights.iter().map(|w| pair(*w, after_ms)).collect();
            let pairs =
                Pairs { dt: "0.1 ms", duration_ms: 400.0, fields: &fields, more: "", pairs };
            let changes = pairs.changes().into_iter().map(|change| 100.0 * change);
            let points = weights.iter().copied().zip(changes);
            series.push(Series::new(name, color(i), Mark::Dots, points));
        }
    }
    Chart {
        title: "stdp_multiplicative: the change by one pair of spikes".into(),
        note:
            "Guetig et al. 2003. Above 0: the target spikes 10 ms after the event of the source. \
               Below 0: 10 ms before it."
                .into(),
        x: "weight over w_max",
        y: "change of the weight, % of w_max",
        series,
    }
}

/// The pairs of a protocol of `stdp_triplet`.
const PAIRS: u32 = 60;

/// `stdp_triplet`: how the change by pairs depends on their rate, Pfister & Gerstner 2006.
pub fn stdp_triplet() -> Chart {
    let mut series = Vec::new();
    let sides = [("target 10 ms after source", 10.0), ("target 10 ms before source", -10.0)];
    let rate = |period_ms: f64| 1000.0 / period_ms;
    for (name, after_ms) in [(CLOSED, 10.0), ("", -10.0)] {
        let fine = (2..=100).map(|half| f64::from(half) / 2.0);
        let line = fine.map(|hz| (hz, 100.0 * triplets(1000.0 / hz, after_ms)));
        series.push(Series::new(name, GREY, Mark::Line, line));
    }
    let periods_ms = [1000, 400, 200, 130, 100, 80, 66, 57, 50, 44, 40, 36, 33, 30, 28, 25, 22, 20];
    for (i, (name, after_ms)) in sides.into_iter().enumerate() {
        let times = |first_ms: f64, period_ms: u32| {
            (0..PAIRS).map(|n| first_ms + f64::from(n * period_ms)).collect()
        };
        let pairs = periods_ms.map(|period_ms| Pair {
            weight: 1.0,
            pre_ms: times(100.0, period_ms),
            post_ms: times(100.0 + after_ms, period_ms),
        });
        let pairs = Pairs {
            dt: "1 ms",
            duration_ms: 61_000.0,
            fields: "synapse = 'stdp_triplet'\nparameters = { w0 = 1, w_max = 3 }",
            more: "",
            pairs: pairs.into(),
        };
        let points = periods_ms.map(|ms| rate(ms.into())).into_iter();
        let points = points.zip(pairs.changes().into_iter().map(|change| 100.0 * change));
        series.push(Series::new(name, color(i), Mark::Dots, points));
    }
    Chart {
        title: format!("stdp_triplet: the change by {PAIRS} pairs of spikes"),
        note: "Pfister & Gerstner 2006. Constants for visual cortex (the defaults), all spikes \
               count."
            .into(),
        x: "rate of the pairs, Hz",
        y: "change of the weight, % of w0",
        series,
    }
}

/// Returns the change by pairs of a period in the equations of the paper, as a part of w0.
fn triplets(period_ms: f64, after_ms: f64) -> f64 {
    let (mut x1, mut x2, mut y1, mut y2, mut change) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let gaps_ms = [fabs(after_ms), period_ms - fabs(after_ms)];
    for event in 0..2 * PAIRS {
        let second = event % 2 == 1;
        if second == (after_ms > 0.0) {
            change += x1 * (5e-10 + 6.2e-3 * y2);
            (y1, y2) = (y1 + 1.0, y2 + 1.0);
        } else {
            change -= y1 * (7e-3 + 2.3e-4 * x2);
            (x1, x2) = (x1 + 1.0, x2 + 1.0);
        }
        let gap_ms = gaps_ms[usize::from(second)];
        x1 *= exp(-gap_ms / 16.8);
        x2 *= exp(-gap_ms / 101.0);
        y1 *= exp(-gap_ms / 33.7);
        y2 *= exp(-gap_ms / 125.0);
    }
    change
}

/// `vogels_sprekeler`: the symmetric window of Vogels et al. 2011.
pub fn vogels_sprekeler() -> Chart {
    let times = numbers(-100, 100, 5);
    let eta = 0.01;
    let fields = format!("synapse = 'vogels_sprekeler'\nparameters = {{ w_max = 1, eta = {eta} }}");
    let changes = window(&fields, &times).into_iter().map(|change| change / eta);
    let line = numbers(-100, 100, 1).into_iter().map(|ms| (ms, exp(-fabs(ms) / 20.0) - 0.2));
    Chart {
        title: "vogels_sprekeler: the change by one pair of spikes".into(),
        note: "Vogels et al. 2011. The defaults: alpha = 0.2. Spikes in one step do not pair: \
               the point at 0."
            .into(),
        x: "spike of the target minus event of the source, ms",
        y: "change of the weight, eta",
        series: vec![
            Series::new(CLOSED, GREY, Mark::Line, line),
            Series::new("CPU engine", color(0), Mark::Dots, times.into_iter().zip(changes)),
        ],
    }
}

/// The time of the pulse in the curve of `stdp_dopamine`.
const PULSE_MS: f64 = 5000.0;

/// `stdp_dopamine`: a reward that comes later changes less, Izhikevich 2007.
pub fn stdp_dopamine() -> Chart {
    let mut series = Vec::new();
    // The part of a signal of 0.5 that meets the eligibility, times the learning rate.
    let overlap = 0.1 * 0.5 / (1.0 / 1000.0 + 1.0 / 200.0);
    let sides =
        [("target 10 ms after source", 10.0, 0.1), ("target 10 ms before source", -10.0, -0.15)];
    let late_ms: Vec<f64> = (-4..=20).map(|i| f64::from(i) * 200.0).collect();
    for (i, (_, _, amplitude)) in sides.into_iter().enumerate() {
        let change = |ms: f64| {
            let decay = if ms < 0.0 { exp(ms / 200.0) } else { exp(-ms / 1000.0) };
            (ms / 1000.0, amplitude * exp(-0.5) * overlap * decay)
        };
        let fine = (-80..=400).map(|i| change(f64::from(i) * 10.0));
        series.push(Series::new(if i == 0 { CLOSED } else { "" }, GREY, Mark::Line, fine));
    }
    for (i, (name, after_ms, _)) in sides.into_iter().enumerate() {
        // The eligibility begins with the second of both spikes.
        let first_ms = |late_ms: f64| PULSE_MS - late_ms - 10.0;
        let pairs = late_ms.iter().map(|late_ms| {
            let (first, second) = (vec![first_ms(*late_ms)], vec![first_ms(*late_ms) + 10.0]);
            let (pre_ms, post_ms) = if after_ms > 0.0 { (first, second) } else { (second, first) };
            Pair { weight: 2.0, pre_ms, post_ms }
        });
        let pairs = Pairs {
            dt: "1 ms",
            duration_ms: 14_000.0,
            fields: "synapse = 'stdp_dopamine'\n\
                     parameters = { w_max = 4, a_plus = 0.1, a_minus = 0.15, baseline = 0 }",
            more: &format!("[signal.dopamine]\ntau = '200 ms'\npulses = [['{PULSE_MS} ms', 0.5]]"),
            pairs: pairs.collect(),
        };
        let points = late_ms.iter().map(|ms| ms / 1000.0).zip(pairs.changes());
        series.push(Series::new(name, color(i), Mark::Dots, points));
    }
    Chart {
        title: "stdp_dopamine: the change by one pair of spikes and one pulse of dopamine".into(),
        note: "Izhikevich 2007. A pulse of 0.5; a_plus 0.1, a_minus 0.15, baseline 0; \
               below 0 s the pulse comes before the pair."
            .into(),
        x: "pulse minus pair, s",
        y: "change of the weight",
        series,
    }
}
