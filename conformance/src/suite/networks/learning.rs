//! Random networks whose projections learn: neurons that spike in many steps beside sources that
//! hardly do, so that more post events wait than a history holds.

use super::synapse::{SIGNALS, Synapse, TAUS, synapse};
use super::{NeuronModel, drive};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;

/// A receptor: its name, the unit of its weights, the least and the largest of them.
type Receptor = (&'static str, &'static str, f64, f64);

/// A model of neurons: what drives it, and all of its receptors.
struct Kind {
    model: NeuronModel,
    receptors: &'static [Receptor],
}

/// Models with receptors; [`SOURCES`] follow them.
const KINDS: [Kind; 6] = [
    Kind {
        model: ("fast", FAST, "r_a", 0.7, "", "0.4"),
        receptors: &[("r_a", "", -1.0, 1.0), ("r_b", "", -2.0, 2.0)],
    },
    Kind {
        model: ("lif_exp", "parameters = { t_ref = \"0 ms\" }", "syn", 120.0, "pA", "380 pA"),
        receptors: &[("syn", "pA", -120.0, 120.0)],
    },
    Kind {
        model: ("lif_exp_2", "parameters = { t_ref = \"0 ms\" }", "exc", 60.0, "pA", "250 pA"),
        receptors: &[("exc", "pA", 0.0, 100.0), ("inh", "pA", -100.0, 0.0)],
    },
    Kind {
        model: ("lif_cond_exp", "parameters = { t_ref = \"1 ms\" }", "exc", 5.0, "nS", "150 pA"),
        receptors: &[("exc", "nS", 0.0, 9.0), ("inh", "nS", 0.0, 20.0)],
    },
    Kind {
        model: ("lif_delta", "parameters = { t_ref = \"0 ms\" }", "syn", 3.0, "mV", "400 pA"),
        receptors: &[("syn", "mV", -4.0, 4.0)],
    },
    Kind { model: ("izhikevich", "", "syn", 4.0, "", "6"), receptors: &[("syn", "", -6.0, 6.0)] },
];

/// The fields of a population of the model `fast`: some neurons spike in each step, some never.
const FAST: &str = "parameters = { up = \"1.3 * (i + 0.5) / n\" }";

const FAST_MODEL: &str = "
[model.fast]
current = \"1\"
parameters = { up = 0.4 }
state = { v = \"0\" }
receptors = { r_a = \"1\", r_b = \"1\" }
update = \"v = clamp(0.98 * v + up + 0.2 * r_a + 0.1 * r_b + 0.1 * i_ext, -2, 3)\"
threshold = \"v > 1\"
reset = \"v = 0\"
";

/// Populations without receptors.
const SOURCES: [&str; 4] = ["spike_list", "spike_list", "spike_list", "poisson"];

/// Spikes from outside, in numbers: a pattern, and where it begins.
type Script = (usize, u32);

/// A population in numbers: size, kind, stimulus, spikes from outside.
type Neurons = (u32, usize, u32, Script);

/// A projection in numbers: from, to, receptor, rule, weights, delays; its synapses; flags; the
/// delays behind and back to its synapses.
type Draft =
    ((usize, usize, usize, usize, usize, usize), usize, Synapse, [bool; 3], (usize, usize));

/// A signal in numbers: time constant, what is added, delay in steps, population.
type Signal = (usize, usize, u32, usize);

/// Events of synapses in the steps of a network, at most, if those are more than [`LEAST_STEPS`].
const EVENTS: u32 = 400_000;

const LEAST_STEPS: u32 = 30;

const DT_US: [u32; 4] = [100, 200, 500, 1000];

/// The text of a model file with one to three populations and one to five projections.
pub fn network() -> impl Strategy<Value = String> {
    let size = || prop_oneof![6 => 1..20_u32, 1 => 20..70_u32];
    let script = || (0..5_usize, 0..9_u32);
    let first = (size(), 0..KINDS.len(), 0..6_u32, script());
    let all = KINDS.len() + SOURCES.len();
    let others = vec((size(), 0..all, 0..6_u32, script()), 0..3);
    let numbers = (any::<u32>(), prop_oneof![3 => Just(1_u32), 2 => 2..4_u32], LEAST_STEPS..140);
    let added = || (0..TAUS.len(), 0..4_usize, prop_oneof![Just(1_u32), 1..40_u32], 0..3_usize);
    let signals = [added(), added()];
    (numbers, 0..DT_US.len(), first, others, vec(projection(), 1..6), signals).prop_map(
        |((seed, batch, steps), dt, first, others, projections, signals)| {
            let dt_us = DT_US[dt];
            let mut populations = vec![first];
            populations.extend(others);
            let steps = steps.min(most_steps(batch, &populations, projections.len()));
            let mut out = format!(
                "[network]\ndt = \"{dt_us} us\"\nduration = \"{} us\"\nseed = {seed}\nbatch = \
                 {batch}\n",
                dt_us * steps
            );
            for (i, neurons) in populations.iter().enumerate() {
                population(&mut out, i, neurons, dt_us, steps);
            }
            if populations.iter().any(|(_, kind, ..)| KINDS.get(*kind).is_some_and(is_fast)) {
                out += FAST_MODEL;
            }
            for (i, draft) in projections.iter().enumerate() {
                project(&mut out, i, draft, &populations, dt_us);
            }
            for (name, draft) in SIGNALS.into_iter().zip(signals) {
                if out.contains(&format!("\"{name}\"")) {
                    signal(&mut out, name, draft, populations.len(), dt_us, steps);
                }
            }
            out
        },
    )
}

/// The steps in which oracles have at most so many events to carry out: they are naive.
fn most_steps(batch: u32, populations: &[Neurons], projections: usize) -> u32 {
    let largest = populations.iter().map(|neurons| neurons.0).max().unwrap_or(0);
    let events = largest * largest * batch * projections as u32;
    (EVENTS / events.max(1)).max(LEAST_STEPS)
}

fn is_fast(kind: &Kind) -> bool {
    kind.model.0 == "fast"
}

fn projection() -> impl Strategy<Value = Draft> {
    let places = (0..3_usize, 0..3_usize, 0..2_usize, 0..9_usize, 0..6_usize, 0..6_usize);
    let around = (0..4_usize, 0..5_usize);
    (places, 0..4_usize, synapse(), any::<[bool; 3]>(), around)
}

fn population(out: &mut String, i: usize, neurons: &Neurons, dt_us: u32, steps: u32) {
    let (size, kind, stimulus, script) = *neurons;
    let Some(kind) = KINDS.get(kind) else {
        let model = SOURCES[kind - KINDS.len()];
        let _ = writeln!(out, "\n[population.p{i}]\nsize = {size}\nmodel = \"{model}\"");
        *out += &match model {
            "poisson" => format!(
                "parameters = {{ rate = \"{} Hz\" }}\n",
                [20, 300, 900][stimulus as usize % 3]
            ),
            _ => spikes(size, script, dt_us, steps),
        };
        return;
    };
    let (name, fields, ..) = kind.model;
    let _ = writeln!(out, "\n[population.p{i}]\nsize = {size}\nmodel = \"{name}\"\n{fields}");
    let (_, _, _, _, _, current) = kind.model;
    let drive = match stimulus {
        0..3 => drive(stimulus, size, &kind.model),
        // So much that neurons spike in most steps, or in all.
        3 => format!("kind = \"current\"\namplitude = \"8 * {current}\""),
        4 => format!("kind = \"current\"\namplitude = \"60 * {current}\""),
        _ => return,
    };
    let _ = writeln!(out, "\n[stimulus.s{i}]\npopulation = \"p{i}\"\n{drive}");
}

/// A signal that synapses read.
fn signal(
    out: &mut String,
    name: &str,
    (tau, added, delay, population): Signal,
    populations: usize,
    dt_us: u32,
    steps: u32,
) {
    let _ = writeln!(out, "\n[signal.{name}]\ntau = \"{}\"", TAUS[tau]);
    if added > 0 {
        let (population, gain) = (population % populations, [0.02, 0.3, -1.5][added - 1]);
        let _ = writeln!(out, "spikes_of = \"p{population}\"\ngain = {gain:?}");
        if delay > 1 {
            let _ = writeln!(out, "delay = \"{} us\"", delay * dt_us);
        }
    }
    if added % 2 == 0 {
        let times = [0, 3, steps / 2, steps - 1].map(|step| step * dt_us);
        let pulse = |(n, time)| format!("[\"{time} us\", {}]", 0.7 - 0.4 * f64::from(n));
        let pulses: Vec<String> = (0..).zip(times).map(pulse).collect();
        let _ = writeln!(out, "pulses = [{}]", pulses.join(", "));
    }
}

/// The field `spikes` of a population.
fn spikes(size: u32, (pattern, first): Script, dt_us: u32, steps: u32) -> String {
    let last = steps - 1 - first % 4;
    let times: Vec<u32> = match pattern {
        // Silent between the first steps and the last ones.
        0 => vec![0, 1, last],
        1 => vec![first, last],
        2 => (first..steps).step_by(7).collect(),
        3 => (0..steps).filter(|step| step / 5 % 4 == first % 4).collect(),
        _ => (first..steps).step_by(19).flat_map(|step| [step, step + 1]).collect(),
    };
    let times = times.iter().filter(|step| **step < steps);
    let listed = times.enumerate().map(|(n, step)| {
        let neuron = (n as u32 * 5 + first) % size;
        format!("[\"{} us\", {neuron}]", step * dt_us)
    });
    format!("spikes = [{}]\n", listed.collect::<Vec<_>>().join(", "))
}

fn project(out: &mut String, i: usize, draft: &Draft, populations: &[Neurons], dt_us: u32) {
    let ((from, to, receptor, rule, weights, delays), scale, ref synapse, flags, around) = *draft;
    let [is_negative, autapses, wide] = flags;
    let from = from % populations.len();
    let targets: Vec<(usize, &Kind)> = (populations.iter().enumerate())
        .filter_map(|(n, neurons)| Some((n, KINDS.get(neurons.1)?)))
        .collect();
    let (to, kind) = targets[to % targets.len()];
    let (receptor, unit, least, largest) = kind.receptors[receptor % kind.receptors.len()];
    let takes = |other: &&Receptor| {
        let (name, unit_of, from, to) = **other;
        name != receptor
            && unit_of == unit
            && (from < 0.0, to > 0.0) == (least < 0.0, largest > 0.0)
    };
    let other = kind.receptors.iter().find(takes).map(|other| other.0);
    let peak = if is_negative && least < 0.0 || largest == 0.0 { least } else { largest };
    let w_max = peak * [1.0, 0.25, 0.02, 4.0][scale];
    let sizes = (populations[from].0, populations[to].0);
    let rule = connect(rule, sizes);
    let _ = writeln!(
        out,
        "\n[projection.j{i}]\nfrom = \"p{from}\"\nto = \"p{to}\"\nreceptor = \"{receptor}\"\n\
         connect = {rule}\ndelay = {}",
        delay(delays, dt_us),
    );
    if synapse.uses_weight(other) {
        let _ = writeln!(out, "weight = {}", weight(weights, w_max, unit));
    }
    let draws = !rule.contains("list");
    if !autapses && draws && from == to && sizes.0 > 1 && !rule.contains("one_to_one") {
        *out += "autapses = false\n";
    }
    if wide {
        *out += "weight_bits = 32\n";
    }
    let has_v = KINDS.get(populations[from].1).is_some();
    let (fields, section) = synapse.fields(i, w_max, unit, other, has_v);
    *out += &fields;
    if !fields.is_empty() {
        let at_once = reads_target_after_spikes(&section);
        *out += &around_synapse(delays, around, dt_us, at_once);
    }
    *out += &section;
}

/// The fields of the delays behind the synapses and back to them, where these are delays of more
/// than a step. Post events that come at once have no delay.
fn around_synapse(
    delays: usize,
    (behind, back): (usize, usize),
    dt_us: u32,
    at_once: bool,
) -> String {
    let mut out = String::new();
    let behind = if [1, 4].contains(&delays) { behind as u32 } else { 0 };
    if behind > 0 {
        out += &format!("dendritic = \"{} us\"\n", behind * dt_us);
    }
    let back = if at_once { Some(0) } else { [None, None, Some(0), Some(2), Some(43)][back] };
    if let Some(back) = back {
        out += &format!("back = \"{} us\"\n", back * dt_us);
    }
    out
}

/// Whether the post events of a model, or the condition that makes them, read variables of the
/// target.
fn reads_target_after_spikes(section: &str) -> bool {
    let on_post = section.split("on_post = \"\"\"").nth(1);
    let on_post = on_post.and_then(|text| text.split("\"\"\"").next());
    section.contains("on_post_if") || on_post.is_some_and(|text| text.contains("post."))
}

fn connect(rule: usize, (from, to): (u32, u32)) -> String {
    match rule {
        0 => "\"all_to_all\"".to_owned(),
        1 if from == to => "\"one_to_one\"".to_owned(),
        1 | 2 => "{ fixed_probability = 0.13 }".to_owned(),
        3 => "{ fixed_probability = 0.6 }".to_owned(),
        4 => "{ fixed_in_degree = 5 }".to_owned(),
        5 => "{ fixed_out_degree = 9 }".to_owned(),
        6 => "{ fixed_total_number = 30 }".to_owned(),
        7 => "{ fixed_total_number = 150 }".to_owned(),
        _ => {
            let (from, to) = (from - 1, to - 1);
            format!("{{ list = [[0, 0], [{from}, {to}], [0, 0], [0, {to}], [{from}, 0], [0, 0]] }}")
        }
    }
}

/// Weights between 0 and `w_max`.
fn weight(kind: usize, w_max: f64, unit: &str) -> String {
    let (least, largest) = (w_max.min(0.0), w_max.max(0.0));
    match kind {
        0 => format!("\"{} {unit}\"", 0.5 * w_max),
        1 | 2 => format!("{{ uniform = [\"{least} {unit}\", \"{largest} {unit}\"] }}"),
        3 => format!("\"{w_max} {unit}\""),
        4 => format!("\"0 {unit}\""),
        _ => format!(
            "{{ normal = [\"{} {unit}\", \"{} {unit}\"], min = \"{least} {unit}\", max = \
             \"{largest} {unit}\" }}",
            0.5 * w_max,
            0.4 * w_max.abs()
        ),
    }
}

fn delay(kind: usize, dt_us: u32) -> String {
    match kind {
        0 => format!("\"{dt_us} us\""),
        1 => format!("\"{} us\"", 5 * dt_us),
        2 => format!("{{ uniform = [\"{dt_us} us\", \"{} us\"] }}", 3 * dt_us),
        3 => format!("{{ uniform = [\"{dt_us} us\", \"{} us\"] }}", 30 * dt_us),
        4 => format!("{{ uniform = [\"{} us\", \"{} us\"] }}", 4 * dt_us, 12 * dt_us),
        _ => format!("{{ normal = [\"{} us\", \"{} us\"] }}", 8 * dt_us, 4 * dt_us),
    }
}
