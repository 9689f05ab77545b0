//! Probes of synapses.

use super::support::{BASE, NETWORK, check, good, wrong};
use insta::assert_snapshot;
use isospike_core::describe::checked::{Histogram, SynapseProbe, SynapseSample};
use isospike_front::check::Limits;

/// A projection with a synapse model, one without, and one whose rows are drawn at each spike.
const PROJECTIONS: &str = r#"
[projection.learns]
from = "exc"
to = "inh"
connect = { list = [[0, 1], [0, 3], [7, 1]] }
weight = "10 pA"
synapse = "stdp"
parameters = { w_max = "20 pA" }
[projection.stays]
from = "exc"
to = "inh"
connect = "all_to_all"
weight = "10 pA"
[projection.drawn]
from = "exc"
to = "inh"
connect = { fixed_probability = 0.5 }
weight = "10 pA"
procedural = true
"#;

fn probe(fields: &str) -> String {
    wrong(&format!("[probe.p]\n{fields}{PROJECTIONS}"))
}

/// The mistakes of a probe of `w`.
fn w(fields: &str) -> String {
    probe(&format!("projection = \"learns\"\nvariable = \"w\"\n{fields}"))
}

fn right(projection: &str, variable: &str, fields: &str) -> SynapseProbe {
    let named = format!("projection = \"{projection}\"\nvariable = \"{variable}\"\n");
    let checked = good(&format!("[probe.p]\n{named}{fields}{PROJECTIONS}"));
    assert!(checked.probes.is_empty());
    checked.synapse_probes[0].clone()
}

#[test]
fn probes_of_synapses_are_read() {
    let all = right("learns", "w", "");
    let found = (all.projection.index(), all.variable, all.sample, all.every_steps, all.initial);
    assert_eq!(found, (0, Some(0), SynapseSample::Every(1), 1, false));
    let weight = right("stays", "weight", "synapses = { first = 3 }\nevery = \"2 ms\"");
    let found = (weight.projection.index(), weight.variable, weight.sample, weight.every_steps);
    assert_eq!(found, (1, None, SynapseSample::First(3), 20));
    let sample = |fields| right("learns", "w", fields).sample;
    assert_eq!(sample("synapses = \"all\""), SynapseSample::Every(1));
    assert_eq!(sample("synapses = { every = 4 }"), SynapseSample::Every(4));
    // Pairs are sorted.
    let pairs = SynapseSample::Pairs([(0, 3), (7, 1)].into());
    assert_eq!(sample("synapses = { pairs = [[7, 1], [0, 3]] }"), pairs);
    let histogram = Histogram { lo: 0.0, hi: 20.0, bins: 4 };
    assert_eq!(histogram.edges(), [0.0, 5.0, 10.0, 15.0, 20.0]);
    let sampled = sample("histogram = [\"0 pA\", \"0.02 nA\", 4]");
    assert_eq!(sampled, SynapseSample::Histogram(histogram));
    assert!(right("learns", "w", "initial = true").initial);
}

#[test]
fn wrong_subjects_of_probes_of_synapses() {
    assert_snapshot!(probe("projection = \"lerns\"\nvariable = \"w\""), @"net.toml:2:15: probe p, field `projection`: there is no projection `lerns`; did you mean `learns`?");
    assert_snapshot!(probe("projection = \"learns\""), @r#"net.toml:1:8: probe p, field `variable`: this field is missing; give a state variable of its synapse model, or "weight""#);
    assert_snapshot!(probe("projection = \"learns\"\nvariable = \"weight\""), @"net.toml:3:13: probe p, field `variable`: the model stdp has no state variable `weight`; the state variables are `w`");
    assert_snapshot!(probe("projection = \"stays\"\nvariable = \"w\""), @r#"net.toml:3:13: probe p, field `variable`: the synapses of stays have no state `w`; they have no synapse model: write "weight""#);
    assert_snapshot!(probe("projection = \"drawn\"\nvariable = \"weight\""), @"net.toml:2:15: probe p, field `projection`: the rows of this projection are not stored, so its weights never change; choose another, or remove `procedural` there");
    assert_snapshot!(w("population = \"exc\"\nneurons = [1]"), @r#"
    net.toml:4:15: probe p, field `population`: a probe records neurons of a population or synapses of a projection; remove one of the two
    net.toml:5:11: probe p, field `neurons`: synapses of a projection are recorded; give `synapses`
    "#);
    assert_snapshot!(probe("population = \"inh\"\nvariable = \"v\"\nsynapses = \"all\"\nhistogram = [0, 1, 1]"), @r#"
    net.toml:4:13: probe p, field `synapses`: a population has no synapses; name a projection in its place
    net.toml:5:13: probe p, field `histogram`: a population has no synapses; name a projection in its place
    "#);
}

#[test]
fn wrong_choices_of_synapses() {
    assert_snapshot!(w("synapses = \"some\""), @r#"net.toml:4:13: probe p, field `synapses`: `some` is not a choice of synapses; give "all", { first = 10 }, { every = 100 } or { pairs = [[0, 3], [1, 2]] }"#);
    assert_snapshot!(w("synapses = 3"), @r#"net.toml:4:12: probe p, field `synapses`: an integer cannot stand here; give "all", { first = 10 }, { every = 100 } or { pairs = [[0, 3], [1, 2]] }"#);
    assert_snapshot!(w("synapses = {}"), @"net.toml:4:12: probe p, field `synapses`: this is not one choice of synapses; give one of `first`, `every` and `pairs`");
    assert_snapshot!(w("synapses = { first = 1, every = 2 }"), @"net.toml:4:12: probe p, field `synapses`: this is not one choice of synapses; give one of `first`, `every` and `pairs`");
    assert_snapshot!(w("synapses = { last = 1 }"), @r#"
    net.toml:4:12: probe p, field `synapses`: this is not one choice of synapses; give one of `first`, `every` and `pairs`
    net.toml:4:14: probe p, field `synapses.last`: there is no such field; the fields are `first`, `every`, `pairs`
    "#);
    assert_snapshot!(w("synapses = { first = 0 }"), @"net.toml:4:22: probe p, field `synapses.first`: 0 is out of range; give an integer from 1 to 4294967295");
    assert_snapshot!(w("synapses = { pairs = [[0, 1], [0, 5], [10, 0], [0], 3] }"), @r#"
    net.toml:4:35: probe p, field `synapses.pairs[1][1]`: 5 is out of range; give an integer from 0 to 4
    net.toml:4:40: probe p, field `synapses.pairs[2][0]`: 10 is out of range; give an integer from 0 to 9
    net.toml:4:48: probe p, field `synapses.pairs[3]`: a pair has 2 values, here are 1; give a pair [source, target]
    net.toml:4:53: probe p, field `synapses.pairs[4]`: an integer cannot stand here; give a pair [source, target]
    "#);
    assert_snapshot!(w("synapses = { pairs = [[0, 1], [0, 1]] }"), @"net.toml:4:22: probe p, field `synapses.pairs`: a pair is listed twice; list each pair once");
    assert_snapshot!(w("synapses = { pairs = [[0, 1], [1, 1], [7, 3]] }"), @r#"
    net.toml:4:31: probe p, field `synapses.pairs[1]`: learns has no synapse of this pair; give a pair that it connects, or remove this
    net.toml:4:39: probe p, field `synapses.pairs[2]`: learns has no synapse of this pair; give a pair that it connects, or remove this
    "#);
    assert_snapshot!(w("evry = \"1 ms\""), @"net.toml:4:1: probe p, field `evry`: there is no such field; did you mean `every`?");
}

#[test]
fn wrong_histograms() {
    assert_snapshot!(w("synapses = \"all\"\nhistogram = [\"0 pA\", \"1 pA\", 2]"), @"net.toml:5:13: probe p, field `histogram`: a probe has values of synapses or a histogram of them; remove one of the two; two probes have both");
    assert_snapshot!(w("histogram = [\"0 pA\", \"1 pA\"]"), @"net.toml:4:13: probe p, field `histogram`: three values are needed here; give a list [lowest, highest, number of intervals]");
    assert_snapshot!(w("histogram = [\"0 mV\", \"1 pA\", 0]"), @r#"
    net.toml:4:15: probe p, field `histogram[0]`: this is a voltage, not a current; give a current like "100 pA"
    net.toml:4:30: probe p, field `histogram[2]`: 0 is out of range; give an integer from 1 to 65536
    "#);
    assert_snapshot!(w("histogram = [\"1 pA\", \"1 pA\", 5]"), @"net.toml:4:13: probe p, field `histogram`: the highest is not above the lowest; write the smaller one first");
    assert_snapshot!(w("histogram = [\"1 pA\", \"1.000001 pA\", 60000]"), @"net.toml:4:13: probe p, field `histogram`: these intervals are narrower than what a 32-bit float tells apart; take fewer intervals, or a wider range");
    assert_snapshot!(w("histogram = 3"), @"net.toml:4:13: probe p, field `histogram`: an integer cannot stand here; give a list [lowest, highest, number of intervals]");
}

#[test]
fn samples_that_do_not_fit_into_memory() {
    let text = |fields: &str| {
        let probe = format!("[probe.p]\nprojection = \"stays\"\nvariable = \"weight\"\n{fields}");
        let network = NETWORK.replace("dt", "duration = \"100 s\"\ndt");
        format!("{probe}{PROJECTIONS}{network}{BASE}")
    };
    let limits = Limits { memory_bytes: Some(100 << 20) };
    assert_snapshot!(check(&text(""), limits).unwrap_err().to_string(), @"net.toml:24:2: network: at least 0.2 GiB are needed, but only 0.1 GiB may be used; sample less with probe p, which needs 0.2 GiB: fewer, or less often");
    check(&text("every = \"1 ms\""), limits).unwrap();
    check(&text("synapses = { every = 10 }"), limits).unwrap();
    let histogram = text("histogram = [\"0 pA\", \"1 pA\", 1000]");
    assert_snapshot!(check(&histogram, limits).unwrap_err().to_string(), @"net.toml:24:2: network: at least 3.7 GiB are needed, but only 0.1 GiB may be used; sample less with probe p, which needs 3.7 GiB: fewer, or less often");
}
