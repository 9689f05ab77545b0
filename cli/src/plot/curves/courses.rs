//! Models whose papers show a quantity in the course of time, or over a rate.

use super::super::canvas::{GREY, color};
use super::chart::{Chart, Mark, Series};
use super::measure::{Run, spike_list};
use libm::{exp, sqrt};

/// A step of 1 ms; neurons that spike regularly, each at its rate; neurons whose rate is the sum of
/// what arrives in a second; neurons that hold what arrives in a step.
const HEAD: &str = "
[model.regular]
parameters = { rate = '10 Hz' }
state = { phase = 0 }
update = 'phase += rate * dt'
threshold = 'phase >= 1'
reset = 'phase -= 1'
[model.linear]
receptors = { syn = '1' }
state = { v = 0 }
update = 'v += syn'
threshold = 'v >= 1'
reset = 'v -= 1'
[model.driven]
receptors = { now = '1' }
state = { psi = 0, learning = 0 }
update = 'psi = 0.3 * now'
threshold = 'now > 0'
spike = 'level'
[model.receives]
receptors = { syn = '1' }
parameters = { kept = 0 }
state = { v = 0 }
update = 'v = v * kept + syn'
";

/// Runs a network with steps of 1 ms for so long.
fn run(duration_ms: u32, text: &str) -> Run {
    let network = format!("[network]\ndt = '1 ms'\nduration = '{duration_ms} ms'\n");
    Run::of(&(network + HEAD + text))
}

/// Returns a part of the points in time, which becomes seconds.
fn seconds(points: &[(f64, f64)], factor: f64) -> Vec<(f64, f64)> {
    points.iter().map(|(ms, value)| (ms / 1000.0, factor * value)).collect()
}

/// `tsodyks_markram`: amplitudes in a train, Markram, Wang & Tsodyks 1998.
pub fn tsodyks_markram() -> Chart {
    let times_ms: Vec<f64> = (0..10).map(|i| f64::from(i) * 50.0).chain([950.0]).collect();
    let kinds = [
        ("depressing", "u0 0.5, tau_d 800 ms, tau_f 1 ms", 0.5, 800.0, 1.0),
        ("facilitating", "the defaults", 0.05, 130.0, 530.0),
    ];
    let mut text = spike_list("axon", [&times_ms].into_iter());
    for (name, _, u0, tau_d, tau_f) in kinds {
        text += &format!(
            "[population.{name}]\nsize = 1\nmodel = 'receives'\n\
             [projection.to_{name}]\nfrom = 'axon'\nto = '{name}'\nconnect = 'all_to_all'\n\
             weight = 1\nsynapse = 'tsodyks_markram'\n\
             parameters = {{ u0 = {u0}, tau_d = '{tau_d} ms', tau_f = '{tau_f} ms' }}\n\
             [probe.{name}]\npopulation = '{name}'\nvariable = 'v'\n"
        );
    }
    let run = run(1000, &text);
    let mut series = Vec::new();
    for (i, (name, _, u0, tau_d, tau_f)) in kinds.into_iter().enumerate() {
        let (mut u, mut left, mut last_ms) = (0.0, 1.0, 0.0);
        let points = times_ms.iter().map(|ms| {
            u *= exp((last_ms - ms) / tau_f);
            left = 1.0 - (1.0 - left) * exp((last_ms - ms) / tau_d);
            u += u0 * (1.0 - u);
            let sent = u * left;
            left -= sent;
            last_ms = *ms;
            (*ms, sent)
        });
        let points: Vec<_> = points.collect();
        let closed = if i == 0 { "recursion of the paper" } else { "" };
        series.push(Series::new(closed, GREY, Mark::Line, points));
        let arrived = run.traces(name).remove(0).into_iter().filter(|sample| sample.1 > 0.0);
        let points = times_ms.iter().copied().zip(arrived.map(|sample| sample.1));
        series.push(Series::new(name, color(i), Mark::Dots, points));
    }
    let kinds = kinds.map(|(name, constants, ..)| format!("{name}: {constants}"));
    Chart {
        title: "tsodyks_markram: ten spikes at 20 Hz, and one more".into(),
        note: format!("Markram, Wang & Tsodyks 1998. {}.", kinds.join("; ")),
        x: "time, ms",
        y: "amplitude over the weight",
        series,
    }
}

/// `nmda`: a receptor that saturates, Wang 1999.
pub fn nmda() -> Chart {
    let times_ms: Vec<f64> = (1..=10).map(|i| f64::from(i) * 20.0).collect();
    let mut text = spike_list("axon", [&times_ms].into_iter());
    for (name, weight, synapse) in [("saturates", 1.0, "nmda"), ("adds_up", 0.63, "static")] {
        text += &format!(
            "[population.{name}]\nsize = 1\nmodel = 'receives'\n\
             parameters = {{ kept = 'exp(-1 / 100)' }}\n\
             [projection.to_{name}]\nfrom = 'axon'\nto = '{name}'\nconnect = 'all_to_all'\n\
             weight = {weight:?}\nsynapse = '{synapse}'\n\
             [probe.{name}]\npopulation = '{name}'\nvariable = 'v'\n"
        );
    }
    let run = run(500, &text);
    let trace = |name| run.traces(name).remove(0);
    Chart {
        title: "nmda: ten spikes at 50 Hz".into(),
        note: "Wang 1999. Receptors that decay in 100 ms: each spike opens 0.63 of the channels \
               that are closed."
            .into(),
        x: "time, ms",
        y: "conductance over the weight",
        series: vec![
            Series::new("static, weight 0.63", GREY, Mark::Line, trace("adds_up")),
            Series::new("nmda, weight 1", color(0), Mark::Line, trace("saturates")),
        ],
    }
}

/// `oja`: weights turn to the first principal component of length 1, Oja 1982.
pub fn oja() -> Chart {
    let run = run(
        40_000,
        "[population.source]\nsize = 2\nmodel = 'regular'\n\
         parameters = { rate = '20 Hz - 10 Hz * i' }\n\
         [population.target]\nsize = 1\nmodel = 'linear'\n\
         [projection.learns]\nfrom = 'source'\nto = 'target'\n\
         connect = { list = [[0, 0, 0.1], [1, 0, 0.5]] }\n\
         synapse = 'oja'\nparameters = { w0 = 1, w_max = 2 }\n\
         [probe.w]\nprojection = 'learns'\nvariable = 'w'\nevery = '100 ms'\ninitial = true\n",
    );
    let traces = run.traces("w");
    let goal =
        |name, value: f64| Series::new(name, GREY, Mark::Line, [(0.0, value), (40.0, value)]);
    let both = traces[0].iter().zip(&traces[1]);
    let length: Vec<_> = both.map(|(a, b)| (a.0, sqrt(a.1 * a.1 + b.1 * b.1))).collect();
    let line = |name, i, trace| Series::new(name, color(i), Mark::Line, seconds(trace, 1.0));
    Chart {
        title: "oja: two weights onto a linear neuron".into(),
        note: "Oja 1982. Sources of 20 Hz and 10 Hz; the principal component is (2, 1) over \
               the root of 5. Defaults, w0 = 1."
            .into(),
        x: "time, s",
        y: "weight",
        series: vec![
            goal("principal component", 2.0 / sqrt(5.0)),
            goal("", 1.0 / sqrt(5.0)),
            goal("", 1.0),
            line("length of both", 2, &length),
            line("from 20 Hz", 0, &traces[0]),
            line("from 10 Hz", 1, &traces[1]),
        ],
    }
}

/// `bcm`: depression below a threshold and potentiation above, Bienenstock, Cooper & Munro 1982.
pub fn bcm() -> Chart {
    let mut text = String::from(
        "[population.source]\nsize = 16\nmodel = 'regular'\n\
         [population.driver]\nsize = 16\nmodel = 'regular'\n\
         parameters = { rate = '2 Hz * i' }\n\
         [projection.drives]\nfrom = 'driver'\nto = 'driven'\nreceptor = 'now'\n\
         connect = 'one_to_one'\nweight = 1\n\
         [population.driven]\nsize = 16\nmodel = 'onto'\n\
         [model.onto]\nreceptors = { now = '1', syn = '1' }\nstate = { v = 0 }\n\
         update = 'v = syn'\nthreshold = 'now > 0'\nspike = 'level'\n",
    );
    let thetas = [1.0, 2.0];
    for theta in thetas {
        text += &format!(
            "[projection.learns_{theta}]\nfrom = 'source'\nto = 'driven'\nreceptor = 'syn'\n\
             connect = 'one_to_one'\nweight = 50\nsynapse = 'bcm'\n\
             initial = {{ theta = {theta:?} }}\n\
             parameters = {{ w0 = 1, w_max = 100, tau = '1 s', tau_theta = '1000000 s' }}\n\
             [probe.w_{theta}]\nprojection = 'learns_{theta}'\nvariable = 'w'\nevery = '1 s'\n"
        );
    }
    let run = run(16_000, &text);
    let rate = |i: usize| 2.0 * i as f64;
    let mut series = Vec::new();
    for (i, theta) in thetas.into_iter().enumerate() {
        let closed = |tenth: i32| {
            let rate = f64::from(tenth) / 10.0;
            (rate, 0.1 * (rate / 10.0) * (rate / 10.0 - theta))
        };
        let name = if i == 0 { "closed form" } else { "" };
        series.push(Series::new(name, GREY, Mark::Line, (0..=300).map(closed)));
        let traces = run.traces(&format!("w_{theta}"));
        let change = |trace: &Vec<(f64, f64)>| (trace[15].1 - trace[10].1) / 5.0;
        let points = traces.iter().map(change).enumerate().map(|(i, change)| (rate(i), change));
        series.push(Series::new(format!("theta = {theta}"), color(i), Mark::Dots, points));
    }
    Chart {
        title: "bcm: the change over the rate of the target".into(),
        note: "Bienenstock, Cooper & Munro 1982. A source of 10 Hz; theta is held, tau 1 s; \
               a theta of 1 belongs to 10 Hz."
            .into(),
        x: "rate of the target, Hz",
        y: "change of the weight in a second, w0",
        series,
    }
}

/// `homeostatic`: rates come to their goal, van Rossum, Bi & Turrigiano 2000.
pub fn homeostatic() -> Chart {
    let run = run(
        60_000,
        "[population.target]\nsize = 3\nmodel = 'linear'\n\
         [population.source]\nsize = 3\nmodel = 'regular'\nparameters = { rate = '100 Hz' }\n\
         [projection.learns]\nfrom = 'source'\nto = 'target'\n\
         connect = { list = [[0, 0, 0.02], [1, 1, 0.1], [2, 2, 0.2]] }\n\
         synapse = 'homeostatic'\nparameters = { w_max = 1 }\n\
         [probe.w]\nprojection = 'learns'\nvariable = 'w'\nevery = '200 ms'\ninitial = true\n",
    );
    let mut series = vec![Series::new("goal", GREY, Mark::Line, [(0.0, 5.0), (60.0, 5.0)])];
    for (i, trace) in run.traces("w").iter().enumerate() {
        let start = ["2 Hz", "10 Hz", "20 Hz"][i];
        series.push(Series::new("", color(i), Mark::Line, seconds(trace, 100.0)));
        let counts = run.counts(i as u32, 2000).into_iter().enumerate();
        let points = counts.map(|(bin, n)| (2.0 * bin as f64 + 1.0, f64::from(n) / 2.0));
        let name = format!("begins with {start}");
        series.push(Series::new(name, color(i), Mark::Dots, points));
    }
    Chart {
        title: "homeostatic: the rate of a linear neuron".into(),
        note: "van Rossum, Bi & Turrigiano 2000. Points: spikes in 2 s. Lines: the weight times \
               the rate of the source, 100 Hz. Defaults."
            .into(),
        x: "time, s",
        y: "rate of the target, Hz",
        series,
    }
}

/// `eprop`: what the eligibility keeps of a spike, Bellec et al. 2020.
pub fn eprop() -> Chart {
    let near: Vec<f64> =
        [50, 200, 350].into_iter().flat_map(|ms| ms..ms + 10).map(f64::from).collect();
    let mut text = spike_list("source", [&vec![50.0]].into_iter());
    text += &spike_list("driver", [&near].into_iter());
    text += "[population.target]\nsize = 1\nmodel = 'driven'\n\
             [projection.drives]\nfrom = 'driver'\nto = 'target'\nreceptor = 'now'\n\
             connect = 'one_to_one'\nweight = 1\n";
    let kinds = [("fixed", "0", "beta = 0"), ("adapts", "0.2", "beta = 0.2")];
    for (name, beta, _) in kinds {
        text += &format!(
            "[projection.{name}]\nfrom = 'source'\nto = 'target'\nreceptor = 'now'\n\
             connect = 'one_to_one'\nweight = 0\nsynapse = 'eprop'\n\
             parameters = {{ beta = {beta}, eta = 0, w_min = 0, w_max = 1 }}\n\
             [probe.{name}]\nprojection = '{name}'\nvariable = 'e'\n"
        );
    }
    let run = run(500, &text);
    let line = |(i, (probe, _, name)): (usize, (&str, &str, &'static str))| {
        Series::new(name, color(i), Mark::Line, run.traces(probe).remove(0))
    };
    let shade = near.iter().map(|ms| (*ms, 0.0));
    let mut series = vec![Series::new("psi = 0.3", GREY, Mark::Dots, shade)];
    series.extend(kinds.into_iter().enumerate().map(line));
    Chart {
        title: "eprop: the eligibility after one spike of the source at 50 ms".into(),
        note: "Bellec et al. 2020. The target is near its threshold in three intervals of 10 ms \
               (psi = 0.3), else psi = 0."
            .into(),
        x: "time, ms",
        y: "eligibility e",
        series,
    }
}
