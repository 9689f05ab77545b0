//! The values that parameters may have, in built-in models and in a user's.

use super::support::{good, wrong};
use insta::assert_snapshot;
use isospike_front::check::Limits;
use isospike_front::language::{builtin, builtin_names};
use isospike_front::network::{Model, Network, Population, table};

fn population(model: &str, parameters: &str) -> String {
    format!("[population.p]\nsize = 4\nmodel = \"{model}\"\nparameters = {{ {parameters} }}\n")
}

/// The mistakes of a model with these parameters, one on a line.
fn model(parameters: &str) -> String {
    wrong(&own(parameters))
}

fn own(parameters: &str) -> String {
    format!(
        "[model.m]\nupdate = \"x = x * 0.5\"\n[model.m.state]\nx = 1\n[model.m.parameters]\n{parameters}\n"
    )
}

#[test]
fn built_in_models_refuse_what_they_cannot_use() {
    assert_snapshot!(wrong(&population("lif_exp", "tau_m = \"-5 ms\"")), @r#"net.toml:4:25: population p, field `parameters.tau_m`: `tau_m` is -5 ms, the model lif_exp needs it above 0 ms; give a value above 0 ms"#);
    assert_snapshot!(wrong(&population("lif_exp", "tau_m = \"0 ms\", c_m = \"2 pF - i * 1 pF\"")), @r"
    net.toml:4:25: population p, field `parameters.tau_m`: `tau_m` is 0 ms, the model lif_exp needs it above 0 ms; give a value above 0 ms
    net.toml:4:39: population p, field `parameters.c_m`: `c_m` of neuron 2 is 0 pF, the model lif_exp needs it above 0 pF; give a value above 0 pF
    ");
    assert_snapshot!(wrong(&population("lif_exp", "t_ref = \"-1 ms\"")), @"net.toml:4:25: population p, field `parameters.t_ref`: `t_ref` is -1 ms, the model lif_exp needs it at least 0 ms; give a value at least 0 ms");
    // A bound that is another parameter: what was given is what is pointed at.
    assert_snapshot!(wrong(&population("lif_exp", "v_th = \"-70 mV\"")), @"net.toml:4:24: population p, field `parameters.v_reset`: `v_reset` is -65 mV by default, the model lif_exp needs it below -70 mV (v_th); give a value below -70 mV (v_th)");
    assert_snapshot!(wrong(&population("lif_delta", "v_reset = \"5 mV * i\", v_th = \"9 mV\"")), @"net.toml:4:27: population p, field `parameters.v_reset`: `v_reset` of neuron 2 is 10 mV, the model lif_delta needs it below 9 mV (v_th); give a value below 9 mV (v_th)");
    good(&population("lif_exp", "tau_m = \"1e-3 ms\", t_ref = \"0 ms\", v_th = \"-64.9 mV\""));
}

#[test]
fn every_time_constant_and_capacitance_has_a_range() {
    for name in builtin_names() {
        for parameter in &builtin(name).expect(name).parameters {
            let word = parameter.name.as_str();
            let bounded =
                word.starts_with("tau") || ["c_m", "g_l", "t_ref", "rate"].contains(&word);
            assert_eq!(
                parameter.bounds.iter().any(|bound| bound.relation.is_lower()),
                bounded || ["g_na", "g_k", "delta_t"].contains(&word),
                "{name}: {word}"
            );
        }
    }
}

#[test]
fn a_source_cannot_spike_more_than_once_in_a_step() {
    let remedy = "a source spikes at most once in a step: a smaller dt";
    let diagnostic = wrong(&population("poisson", "rate = \"20000 Hz\""));
    assert!(
        diagnostic
            .contains("`rate` is 20000 Hz, the model poisson needs it at most 10000 Hz (1 / dt)"),
        "{diagnostic}"
    );
    assert!(diagnostic.contains(remedy), "{diagnostic}");
    let diagnostic = wrong(&population("poisson", "rate = \"4 kHz * i\""));
    assert!(diagnostic.contains("`rate` of neuron 3 is 12000 Hz"), "{diagnostic}");
    let diagnostic = wrong(&population("poisson", "rate = \"-1 Hz\""));
    assert!(
        diagnostic.contains("`rate` is -1 Hz, the model poisson needs it at least 0 Hz"),
        "{diagnostic}"
    );
    good(&population("poisson", "rate = \"10 kHz * i / 3\""));
}

#[test]
fn a_model_says_what_its_parameters_may_be() {
    let text = own("tau = { default = \"20 ms\", above = \"2 * dt\", at_most = \"1 s\" }\n\
         p = { unit = \"1\", at_least = 0, at_most = 1, help = \"p is a probability\" }\n\
         lo = { default = \"-70 mV\", unit = \"mV\", below = \"hi\" }\nhi = \"-50 mV\"");
    good(&format!("{text}{}", population("m", "p = 1, tau = \"0.2001 ms\"")));
    assert_snapshot!(wrong(&format!("{text}{}", population("m", "p = \"i / 2\", tau = \"0.2 ms\", hi = \"-80 mV\""))), @r"
    net.toml:13:21: population p, field `parameters.p`: `p` of neuron 3 is 1.5, the model m needs it at most 1; p is a probability
    net.toml:13:36: population p, field `parameters.tau`: `tau` is 0.2 ms, the model m needs it above 0.2 ms (2 * dt); give a value above 0.2 ms (2 * dt)
    net.toml:13:51: population p, field `parameters.lo`: `lo` is -70 mV by default, the model m needs it below -80 mV (hi); give a value below -80 mV (hi)
    ");
}

#[test]
fn diagnostics_of_bounds() {
    assert_snapshot!(model("tau = { default = \"-1 ms\", above = \"0 ms\" }"), @"net.toml:6:7: model m, field `parameters.tau`: the default is -1 ms, not above 0 ms; change the default or the bound");
    assert_snapshot!(model("tau = { default = \"1 us\", above = \"dt\" }"), @"net.toml:6:7: model m, field `parameters.tau`: the default is 0.001 ms, not above 0.1 ms (dt); change the default or the bound");
    assert_snapshot!(model("p = { unit = \"1\", above = 2, below = 2 }"), @"net.toml:6:5: model m, field `parameters.p`: no value is above 2 and below 2; move one of the bounds");
    assert_snapshot!(model("p = { unit = \"1\", at_least = 3, at_most = \"1 + 1\" }"), @"net.toml:6:5: model m, field `parameters.p`: no value is at least 3 and at most 2 (1 + 1); move one of the bounds");
    good(&own("p = { unit = \"1\", at_least = 2, at_most = 2 }"));
    assert_snapshot!(model("p = { unit = \"1\", above = 2, at_least = 1 }"), @"net.toml:6:41: model m, field `parameters.p.at_least`: `above` bounds the same side; keep one of them");
    assert_snapshot!(model("p = { unit = \"1\", above = \"p - 1\" }"), @"net.toml:6:28: model m, field `parameters.p.above`: a parameter cannot be bounded by itself; use other parameters, constants and `dt`");
    assert_snapshot!(model("tau = { default = \"20 ms\", above = 0 }"), @r#"net.toml:6:36: model m, field `parameters.tau.above`: this is a plain number, not a time; give a time like "20 ms""#);
    assert_snapshot!(model("tau = { default = \"20 ms\", above = \"x\" }"), @"net.toml:6:37: model m, field `parameters.tau.above`: `x` is not defined; only parameters, constants and `dt` can be used here");
    assert_snapshot!(model("tau = { default = \"20 ms\", minimum = \"0 ms\" }"), @"net.toml:6:28: model m, field `parameters.tau.minimum`: there is no such field; it may have default, unit, above, at_least, below, at_most, help");
    assert_snapshot!(model("tau = { default = \"20 ms\", unit = \"mV\" }"), @"net.toml:6:20: model m, field `parameters.tau.default`: this is a time, not a voltage; remove `unit`: the default has one");
    assert_snapshot!(model("tau = { above = \"0 ms\" }"), @r#"net.toml:6:7: model m, field `parameters.tau`: `unit` is missing; as in { unit = "mV" }; a plain number has the unit "1""#);
    assert_snapshot!(model("tau = { default = \"20 ms\", help = 3 }"), @"net.toml:6:35: model m, field `parameters.tau.help`: a text is expected; say what helps, in quotes");
}

#[test]
fn the_builder_gives_ranges() {
    let model = Model::new("m")
        .field("update", "x = x * 0.5")
        .field("state", table([("x", 1.into())]))
        .param("tau", table([("default", "20 ms".into()), ("above", "0 ms".into())]));
    let network = |tau: &str| {
        Network::new("n", "0.1 ms")
            .model(model.clone())
            .population(Population::new("p", 3, "m").param("tau", tau))
    };
    assert!(network("1 ms").check(Limits::default()).is_ok());
    let diagnostics = network("-1 ms * i").check(Limits::default()).expect_err("a range");
    assert_snapshot!(diagnostics.to_string(), @"population p, field `parameters.tau`: `tau` of neuron 0 is 0 ms, the model m needs it above 0 ms; give a value above 0 ms");
}

#[test]
fn a_probability_is_from_0_to_1() {
    let text = |update: &str| {
        format!(
            "[model.m]\nupdate = \"{update}\"\nthreshold = \"rand_bernoulli(p * dt)\"\n[model.m.state]\nx = 1\n\
             [model.m.parameters]\np = {{ unit = \"kHz\" }}\n"
        )
    };
    let of = |update: &str, p: &str| format!("{}{}", text(update), population("m", p));
    good(&of("x += 1", "p = \"10 kHz\""));
    assert_snapshot!(wrong(&of("x += 1", "p = \"4 kHz * i\"")), @"net.toml:3:29: population p: `p * dt` in the threshold of model m is 1.2, which is no probability, for neuron 3, where p = 12 1/ms; a probability is from 0 to 1: change the parameters or dt, or guard the text with `if`");
    let local = "let q = p * dt * 3; x = if rand_bernoulli(q) { 1 } else { 0 }";
    assert_snapshot!(wrong(&of(local, "p = \"5 kHz\"")), @"net.toml:2:53: population p: `q` in the update of model m is 1.5, which is no probability, for neuron 0; a probability is from 0 to 1: change the parameters or dt, or guard the text with `if`");
    // A branch that is never taken with it may say anything.
    good(&of("if p * dt < 0.5 { if rand_bernoulli(2 * p * dt) { x = 2 } }", "p = \"8 kHz\""));
}
