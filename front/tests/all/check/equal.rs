//! Files and the builder say the same; every field of `docs/model-file.md` has its effect.

use super::support::{check, good, wrong};
use isospike_core::connect::rule::{
    AllToAll, Explicit, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne,
};
use isospike_core::connect::{Distribution, ExplicitSynapse, Rule};
use isospike_core::describe::checked::{
    Checked, PerNeuron, PopulationKind, Rows, Series, StimulusKind,
};
use isospike_core::describe::synapse::Initial;
use isospike_front::check::Limits;
use isospike_front::network::{
    Model, Network, Population, Probe, Projection, Signal, Stimulus, Synapse, Value, table,
};

const FILE: &str = r#"
[network]
name = "both"
dt = "0.1 ms"
duration = "250.05 ms"
transient = "50 ms"
seed = 18446744073709551615
batch = 2
[constants]
scale = 0.1
w = "162 pA * scale"
[model.mine]
current = "pA"
update = "v = v + syn * k + i_ext * k"
threshold = "v >= 1 mV"
reset = "v = 0 mV"
state = { v = "0 mV" }
receptors = { syn = "pA" }
parameters = { k = "1 GOhm" }
[synapse.own]
parameters = { m = { unit = "weight", default = "2 pA" }, a = 0.1, tau = "20 ms" }
state = { w = "weight", c = "2 * a", d = { initial = 0.5, tau = "tau" } }
bounds = { w = ["0", "m"] }
pre = { x = { tau = "tau", spike = "x + 1" } }
post = { y = { tau = "10 ms", spike = "1" } }
on_pre = "w -= a * y; send w * max(x, 0) + c * weight"
signals = ["level"]
on_post = "w += a * x * level"
on_post_if = "post.v > 0.5 mV && level > a"
every = [{ period = "1 ms", do = "w -= a * w * period / tau" }, { period = "tau", do = "w *= 0.5" }]
send_max = "m + weight"
[population.exc]
size = "3200 * scale"
model = "lif_exp_2"
random = { r = "uniform(0, 1)" }
parameters = { tau_m = "20 ms", c_m = "200 pF + r * 1 pF" }
initial = { v = "uniform(-60 mV, -50 mV)" }
writable = ["tau_m", "c_m"]
reference_rate = "5.6 Hz"
[population.mine]
size = 20
model = "mine"
[population.told]
size = 20
model = "spike_list"
spikes = [["1 ms", 3], ["0.5 ms", 19]]
[projection.all]
from = "told"
to = "mine"
connect = "all_to_all"
weight = "w"
[projection.one]
from = "told"
to = "mine"
connect = "one_to_one"
weight = { uniform = ["-1 pA", "1 pA"] }
weight_bits = 16
weight_bounds = ["-1 pA", "4 pA"]
[projection.p]
from = "exc"
to = "exc"
receptor = "exc"
connect = { fixed_probability = 0.02 }
weight = { normal = ["16.2 pA", "1 pA"] }
delay = { normal = ["1.5 ms", "0.75 ms"] }
autapses = false
[projection.in]
from = "exc"
to = "exc"
receptor = "inh"
connect = { fixed_in_degree = "80 * scale" }
weight = { normal = ["-16.2 pA", "1 pA"], min = "-20 pA", max = "-1 pA", outside = "clip" }
delay = { uniform = ["1 ms", "2 ms"] }
multapses = false
[projection.out]
from = "exc"
to = "exc"
receptor = "exc"
connect = { fixed_out_degree = 8 }
weight = "1 pA"
procedural = true
[projection.total]
from = "exc"
to = "mine"
connect = { fixed_total_number = "1e4 * scale^2" }
weight = "1 pA"
[projection.list]
from = "told"
to = "mine"
connect = { list = [[3, 4], [0, 1]] }
weight = "1 pA"
[projection.own]
from = "told"
to = "mine"
connect = "all_to_all"
weight = "1 pA"
synapse = "own"
parameters = { a = 0.2, m = "1.5 pA" }
initial = { c = { uniform = [0, 0.5] } }
[projection.stdp]
from = "exc"
to = "mine"
connect = { fixed_in_degree = 3 }
weight = "1 pA"
delay = "1 ms"
synapse = "stdp"
dendritic = "0.7 ms"
back = "0.2 ms"
parameters = { w_max = "3 pA" }
[stimulus.poisson]
population = "exc"
kind = "poisson"
receptor = "exc"
rate = "8 Hz"
weight = "w"
sources = 1600
[stimulus.current]
population = "mine"
kind = "current"
amplitude = "1 pA"
start = "10 ms"
stop = "20 ms"
[stimulus.noise]
population = "mine"
kind = "noise"
mean = "0 pA"
sd = "1 pA"
[stimulus.steps]
population = "mine"
kind = "steps"
times = ["0 ms", "1 ms"]
amplitudes = ["1 pA", "0 pA"]
[stimulus.given]
population = "mine"
kind = "external"
start = "1 ms"
[signal.level]
tau = "5 ms"
spikes_of = "exc"
gain = 0.1
delay = "1.5 ms"
pulses = [["0 ms", 1], ["10 ms", "-1 / 2"]]
[probe.v]
population = "exc"
variable = "v"
neurons = { first = 3 }
every = "1 ms"
[probe.some]
population = "mine"
variable = "v"
neurons = [7, 2]
[probe.weights]
projection = "stdp"
variable = "w"
synapses = { first = 2 }
[probe.spread]
projection = "stdp"
variable = "w"
histogram = ["0 pA", "3 pA", 6]
initial = true
"#;

/// A value with the name of its distribution.
fn spread(what: &str, values: [&str; 2]) -> Value {
    table([(what, values.to_vec().into())])
}

/// The model of the file.
fn mine() -> Model {
    Model::new("mine")
        .field("current", "pA")
        .field("update", "v = v + syn * k + i_ext * k")
        .field("threshold", "v >= 1 mV")
        .field("reset", "v = 0 mV")
        .field("state", table([("v", "0 mV".into())]))
        .field("receptors", table([("syn", "pA".into())]))
        .field("parameters", table([("k", "1 GOhm".into())]))
}

/// The synapse model of the file.
fn own() -> Synapse {
    let weight = [("unit", "weight".into()), ("default", "2 pA".into())];
    Synapse::new("own")
        .param("m", table(weight))
        .param("a", 0.1)
        .param("tau", "20 ms")
        .state("w", "weight")
        .state("c", "2 * a")
        .decaying("d", 0.5, "tau")
        .bounds("w", "0", "m")
        .pre("x", "tau", "x + 1")
        .post("y", "10 ms", "1")
        .on_pre("w -= a * y; send w * max(x, 0) + c * weight")
        .signals(&["level"])
        .on_post("w += a * x * level")
        .on_post_if("post.v > 0.5 mV && level > a")
        .every("1 ms", "w -= a * w * period / tau")
        .every("tau", "w *= 0.5")
        .send_max("m + weight")
}

/// The projections with a synapse model.
fn learning() -> [Projection; 2] {
    let own = Projection::new("own", "told", "mine").all_to_all().weight("1 pA");
    let stdp = Projection::new("stdp", "exc", "mine").fixed_in_degree(3).weight("1 pA");
    [
        own.synapse("own")
            .param("a", 0.2)
            .param("m", "1.5 pA")
            .initial("c", table([("uniform", vec![0.0, 0.5].into())])),
        stdp.delay("1 ms")
            .synapse("stdp")
            .dendritic("0.7 ms")
            .back("0.2 ms")
            .param("w_max", "3 pA"),
    ]
}

fn built() -> Network {
    let clipped = table([
        ("normal", vec!["-16.2 pA", "1 pA"].into()),
        ("min", "-20 pA".into()),
        ("max", "-1 pA".into()),
        ("outside", "clip".into()),
    ]);
    let [own_rule, stdp] = learning();
    Network::new("both", "0.1 ms")
        .duration("250.05 ms")
        .setting("transient", "50 ms")
        .seed(u64::MAX)
        .batch(2)
        .constant("scale", 0.1)
        .constant("w", "162 pA * scale")
        .model(mine())
        .synapse(own())
        .population(
            Population::new("exc", "3200 * scale", "lif_exp_2")
                .random("r", "uniform(0, 1)")
                .param("tau_m", "20 ms")
                .param("c_m", "200 pF + r * 1 pF")
                .initial("v", "uniform(-60 mV, -50 mV)")
                .writable(&["tau_m", "c_m"])
                .reference_rate("5.6 Hz"),
        )
        .population(Population::new("mine", 20, "mine"))
        .population(
            Population::new("told", 20, "spike_list").spikes(vec![("1 ms", 3), ("0.5 ms", 19)]),
        )
        .projection(Projection::new("all", "told", "mine").all_to_all().weight("w"))
        .projection(
            Projection::new("one", "told", "mine")
                .one_to_one()
                .weight(spread("uniform", ["-1 pA", "1 pA"]))
                .weight_bits(16)
                .weight_bounds("-1 pA", "4 pA"),
        )
        .projection(
            Projection::new("p", "exc", "exc")
                .receptor("exc")
                .fixed_probability(0.02)
                .weight(spread("normal", ["16.2 pA", "1 pA"]))
                .delay(spread("normal", ["1.5 ms", "0.75 ms"]))
                .autapses(false),
        )
        .projection(
            Projection::new("in", "exc", "exc")
                .receptor("inh")
                .fixed_in_degree("80 * scale")
                .weight(clipped)
                .delay(spread("uniform", ["1 ms", "2 ms"]))
                .multapses(false),
        )
        .projection(out())
        .projection(total())
        .projection(Projection::new("list", "told", "mine").list(&[(3, 4), (0, 1)]).weight("1 pA"))
        .projection(own_rule)
        .projection(stdp)
        .stimulus(Stimulus::poisson("poisson", "exc", "8 Hz", "w").receptor("exc").sources(1600))
        .stimulus(Stimulus::current("current", "mine", "1 pA").start("10 ms").stop("20 ms"))
        .stimulus(Stimulus::noise("noise", "mine", "0 pA", "1 pA"))
        .stimulus(Stimulus::steps("steps", "mine", vec![("0 ms", "1 pA"), ("1 ms", "0 pA")]))
        .stimulus(Stimulus::external("given", "mine").start("1 ms"))
        .signal(level())
        .probe(Probe::new("v", "exc", "v").first(3).every("1 ms"))
        .probe(Probe::new("some", "mine", "v").neurons(&[7, 2]))
        .probe(Probe::of_synapses("weights", "stdp", "w").synapses(table([("first", 2.into())])))
        .probe(Probe::of_synapses("spread", "stdp", "w").histogram("0 pA", "3 pA", 6).initial())
}

fn level() -> Signal {
    let level = Signal::new("level", "5 ms").spikes_of("exc", 0.1).delay("1.5 ms");
    level.pulse("0 ms", 1).pulse("10 ms", "-1 / 2")
}

fn out() -> Projection {
    let out = Projection::new("out", "exc", "exc").receptor("exc").fixed_out_degree(8);
    out.weight("1 pA").procedural(true)
}

fn total() -> Projection {
    Projection::new("total", "exc", "mine").fixed_total_number("1e4 * scale^2").weight("1 pA")
}

fn checked() -> Checked {
    check(FILE, Limits::default()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn the_builder_and_the_file_give_the_same_network() {
    let built = built().check(Limits::default()).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(format!("{built:#?}"), format!("{:#?}", checked()));
}

#[test]
fn settings_and_populations() {
    let net = checked();
    assert_eq!((net.name.as_str(), net.dt_ms, net.seed, net.batch), ("both", 0.1, u64::MAX, 2));
    assert_eq!((net.duration_steps, net.transient_steps), (2501, 500));
    let exc = &net.populations[0];
    assert_eq!((exc.size, exc.reference_rate_hz), (320, Some(5.6)));
    let PopulationKind::Neurons { model, parameters, initial, refractory_steps } = &exc.kind else {
        panic!()
    };
    let value = |name: &str| {
        let at = model.parameters.iter().position(|parameter| parameter.name == name).unwrap();
        &parameters[at]
    };
    assert_eq!(*refractory_steps, 20);
    assert_eq!(value("tau_m"), &PerNeuron::Slot(20.0));
    assert_eq!(value("e_l"), &PerNeuron::All(-65.0));
    let PerNeuron::Each(c_m) = value("c_m") else { panic!() };
    assert!(c_m.iter().all(|c| (200.0..201.0).contains(c)) && c_m[0] != c_m[1]);
    let PerNeuron::Each(v) = &initial[0] else { panic!() };
    assert!(v.iter().all(|v| (-60.0..-50.0).contains(v)));
    // The draw of `v` is not that of `r`.
    assert!((c_m[0] - 200.0 - (v[0] + 60.0) / 10.0).abs() > 1e-9);
    assert_eq!(initial[1], PerNeuron::All(0.0));
    let PopulationKind::SpikeList(spikes) = &net.populations[2].kind else { panic!() };
    assert_eq!(spikes[..], [(5, 19), (10, 3)]);
}

#[test]
fn default_initial_values_follow_parameters() {
    let net = good(
        "[population.p]\nsize = 3\nmodel = \"lif_exp\"\n\
         parameters = { e_l = \"-60 mV - i * 1 mV\", t_ref = \"0.25 ms\" }",
    );
    let PopulationKind::Neurons { initial, refractory_steps, .. } = &net.populations[0].kind else {
        panic!()
    };
    assert_eq!(initial[0], PerNeuron::Each([-60.0, -61.0, -62.0].into()));
    assert_eq!(*refractory_steps, 3);
}

#[test]
fn projections() {
    let net = checked();
    let rules: Vec<&Rule> = net.projections.iter().map(|projection| &projection.rule).collect();
    let synapse = |pre, post| ExplicitSynapse { pre, post, weight: None, delay_steps: None };
    let expected = [
        Rule::AllToAll(AllToAll),
        Rule::OneToOne(OneToOne),
        Rule::FixedProbability(FixedProbability(0.02)),
        Rule::FixedInDegree(FixedInDegree { degree: 8, multapses: false }),
        Rule::FixedOutDegree(FixedOutDegree { degree: 8, multapses: true }),
        Rule::FixedTotalNumber(FixedTotalNumber(100)),
        Rule::Explicit(Explicit([synapse(0, 1), synapse(3, 4)].into())),
        Rule::AllToAll(AllToAll),
        Rule::FixedInDegree(FixedInDegree { degree: 3, multapses: true }),
    ];
    assert_eq!(rules, expected.iter().collect::<Vec<_>>());
    let [all, one, p, inward, out, ..] = &net.projections[..] else { panic!() };
    assert_eq!(all.weight, Distribution::Constant(162.0 * 0.1));
    assert_eq!(all.delay_ms, Distribution::Constant(0.1));
    assert_eq!((all.autapses, all.procedural, all.weight_bits), (true, false, None));
    assert_eq!(one.weight, Distribution::Uniform { lo: -1.0, hi: 1.0 });
    assert_eq!((one.weight_bits, one.weight_bounds), (Some(16), Some((-1.0, 4.0))));
    let (lo, hi) = (0.0, f64::INFINITY);
    let normal = Distribution::Normal { mean: 16.2, sd: 1.0, lo, hi, redraw: true };
    assert_eq!((p.weight, p.autapses), (normal, false));
    let (lo, hi) = (0.05, 6553.5);
    let normal = Distribution::Normal { mean: 1.5, sd: 0.75, lo, hi, redraw: true };
    assert_eq!(p.delay_ms, normal);
    let (lo, hi) = (-20.0, -1.0);
    let normal = Distribution::Normal { mean: -16.2, sd: 1.0, lo, hi, redraw: false };
    assert_eq!((inward.weight, inward.receptor), (normal, 1));
    assert_eq!(inward.delay_ms, Distribution::Uniform { lo: 1.0, hi: 2.0 });
    assert!(out.procedural);
    let [.., own, stdp] = &net.projections[..] else { panic!() };
    let [own, stdp] = [own, stdp].map(|projection| projection.synapse.as_ref().unwrap());
    let numbers = [1.5, 0.2, 20.0].map(PerNeuron::All);
    assert_eq!((own.model.name.as_str(), &own.parameters[..]), ("own", &numbers[..]));
    let (initial, taus) = (&own.initial[..], (&own.pre_tau_ms[..], &own.post_tau_ms[..]));
    let drawn = Initial::Drawn(Distribution::Uniform { lo: 0.0, hi: 0.5 });
    assert_eq!(initial, [Initial::Weight, drawn, Initial::Value(0.5), Initial::Weight]);
    assert_eq!(own.state_tau_ms, [None, None, Some(20.0), None]);
    assert_eq!((taus, own.sent[0].bounds), ((&[20.0][..], &[10.0][..]), (0.0, 2.5)));
    assert_eq!((stdp.model.name.as_str(), stdp.sent[0].bounds), ("stdp", (0.0, 3.0)));
    assert_eq!((stdp.dendritic_steps, stdp.back_steps), (7, 2));
    assert!(net.projections[..7].iter().all(|projection| projection.synapse.is_none()));
}

#[test]
fn lists_with_their_own_weights_and_delays() {
    let net = good(
        "[projection.p]\nfrom = \"exc\"\nto = \"inh\"\n\
         connect = { list = [[4, 1, \"2 pA\", \"0.16 ms\"], [0, 0, \"-1 pA\"]] }",
    );
    let synapse =
        |pre, post, weight, delay_steps| ExplicitSynapse { pre, post, weight, delay_steps };
    let expected = [synapse(0, 0, Some(-1.0), None), synapse(4, 1, Some(2.0), Some(2))];
    assert_eq!(net.projections[0].rule, Rule::Explicit(Explicit(expected.into())));
}

#[test]
fn stimuli_and_probes() {
    let net = checked();
    let [poisson, current, noise, steps, given] = &net.stimuli[..] else { panic!() };
    let StimulusKind::Poisson { receptor: 0, events_per_step, weight, rates: None } = poisson.kind
    else {
        panic!()
    };
    assert_eq!((events_per_step, weight), (0.008 * 0.1 * 1600.0, 162.0 * 0.1));
    assert_eq!((poisson.start_step, poisson.stop_step), (0, u32::MAX));
    assert_eq!((current.start_step, current.stop_step), (100, 200));
    assert!(matches!(&current.kind, StimulusKind::Direct(PerNeuron::All(a)) if *a == 1.0));
    assert!(matches!(noise.kind, StimulusKind::Noise { mean, sd } if mean == 0.0 && sd == 1.0));
    let StimulusKind::Steps(steps) = &steps.kind else { panic!() };
    assert!(matches!((&given.kind, given.start_step), (StimulusKind::External, 10)));
    let rows = Rows::From([0, 10].into());
    assert_eq!(*steps, Series { rows, width: 1, values: [1.0, 0.0].into() });
    assert_eq!((net.probes[0].neurons.as_slice(), net.probes[0].every_steps), (&[0, 1, 2][..], 10));
    assert_eq!((net.probes[1].neurons.as_slice(), net.probes[1].every_steps), (&[2, 7][..], 1));
}

const DOCS: &str = include_str!("../../../../docs/model-file.md");

#[test]
fn the_networks_of_the_docs_are_right() {
    let blocks: Vec<&str> = DOCS
        .split("```toml\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .filter(|block| block.starts_with('['))
        .collect();
    assert_eq!(blocks.len(), 4);
    if let Err(diagnostics) = check(blocks[0], Limits::default()) {
        panic!("{diagnostics}");
    }
    // The second one holds stimuli for a population `exc`.
    good(&blocks[1].replace("\"exc\"", "\"inh\""));
    // The third one has signals, which no synapse model reads here.
    let mistakes = wrong(blocks[2]);
    assert!(mistakes.lines().all(|line| line.contains("no synapse model reads")), "{mistakes}");
    // The last one has probes of a projection `learns`.
    let learns = "[projection.learns]\nfrom = \"inh\"\nto = \"inh\"\nconnect = \"all_to_all\"\n\
                  weight = \"0 pA\"\nsynapse = \"stdp\"\nparameters = { w_max = \"60 pA\" }\n";
    good(&format!("{learns}{}", blocks[3]));
}

#[test]
fn every_field_of_the_docs_is_used_above() {
    let is_field = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let fields = DOCS
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split(" |").next())
        .flat_map(|cell| cell.split(|c: char| " ,`\"{}[]=".contains(c)))
        .filter(|word| !word.is_empty())
        .filter(is_field);
    let mut count = 0;
    for field in fields {
        // `data.rs` has the tests of files, `synapse/rewire.rs` those of rewirings.
        let elsewhere = ["file", "remove", "create"];
        assert!(FILE.contains(field) || elsewhere.contains(&field), "{field}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}
