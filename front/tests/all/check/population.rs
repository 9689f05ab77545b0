//! `[model.X]`, `[population.X]` and `[probe.X]`.

use super::support::wrong;
use insta::assert_snapshot;

fn population(fields: &str) -> String {
    wrong(&format!("[population.p]\n{fields}"))
}

fn lif(fields: &str) -> String {
    population(&format!("size = 4\nmodel = \"lif_exp\"\n{fields}"))
}

fn told(fields: &str) -> String {
    population(&format!("size = 4\nmodel = \"spike_list\"\n{fields}"))
}

fn probe(fields: &str) -> String {
    wrong(&format!("[probe.p]\n{fields}"))
}

#[test]
fn size_and_model() {
    assert_snapshot!(population(""), @r#"
    net.toml:1:13: population p, field `size`: this field is missing; give the number of neurons: size = 100
    net.toml:1:13: population p, field `model`: this field is missing; give a neuron model: model = "lif_exp"
    "#);
    assert_snapshot!(population("size = 0\nmodel = \"lif_exp\""), @"net.toml:2:8: population p, field `size`: 0 is out of range; give a number from 1 to 2147483648");
    assert_snapshot!(population("size = 3e9\nmodel = \"lif_exp\""), @"net.toml:2:8: population p, field `size`: 3000000000 is out of range; give a number from 1 to 2147483648");
    assert_snapshot!(population("size = \"1 ms\"\nmodel = \"lif_exp\""), @"net.toml:2:9: population p, field `size`: this is a time, not a plain number; give a plain number");
    assert_snapshot!(population("size = 1\nmodel = \"lif_epx\""), @"net.toml:3:10: population p, field `model`: there is no neuron model `lif_epx`; did you mean `lif_exp`?");
    assert_snapshot!(population("size = 1\nmodel = 1"), @"net.toml:3:9: population p, field `model`: an integer cannot stand here; give the name of a neuron model");
}

#[test]
fn parameters_and_initial_values() {
    assert_snapshot!(lif("parameters = { tau_n = \"1 ms\" }"), @"net.toml:4:16: population p, field `parameters.tau_n`: the model lif_exp has no parameter `tau_n`; did you mean `tau_m`?");
    assert_snapshot!(lif("parameters = { tau_m = \"1 mV\" }"), @r#"net.toml:4:25: population p, field `parameters.tau_m`: this is a voltage, not a time; give a time like "20 ms""#);
    assert_snapshot!(lif("parameters = { tau_m = 20 }"), @r#"net.toml:4:24: population p, field `parameters.tau_m`: this is a plain number, not a time; give a time like "20 ms""#);
    assert_snapshot!(lif("parameters = { tau_m = \"20 ms / (i - 2)\" }"), @"net.toml:4:25: population p, field `parameters.tau_m`: the value of neuron 2 is not finite");
    assert_snapshot!(lif("parameters = { tau_m = [1] }"), @r#"net.toml:4:24: population p, field `parameters.tau_m`: a list cannot stand here; give a time like "20 ms""#);
    assert_snapshot!(lif("parameters = 3"), @"net.toml:4:14: population p, field `parameters`: an integer cannot stand here; give a table: { c_m = ... }");
    assert_snapshot!(lif("initial = { w = 1 }"), @"net.toml:4:13: population p, field `initial.w`: the model lif_exp has no state variable `w`; the state variables are `v`, `i_syn`");
    assert_snapshot!(lif("initial = { v = \"1e39 mV\" }"), @"net.toml:4:18: population p, field `initial.v`: 1e39 is too large; values must fit a 32-bit float; check the unit");
    assert_snapshot!(lif("initial = { v = \"x\" }"), @"net.toml:4:18: population p, field `initial.v`: `x` is not defined; it must be a constant");
    assert_snapshot!(lif("spikes = []\nsizes = 3"), @r#"
    net.toml:4:10: population p, field `spikes`: only a spike_list has given spikes; remove it, or write model = "spike_list"
    net.toml:5:1: population p, field `sizes`: there is no such field; did you mean `size`?
    "#);
    assert_snapshot!(population("size = 1\nmodel = \"poisson\""), @r#"net.toml:1:13: population p, field `parameters.rate`: the model poisson needs this parameter; give a rate like "8 Hz""#);
}

#[test]
fn what_does_not_depend_on_an_unknown_size_is_judged() {
    let text = "size = 0\nmodel = \"lif_exp\"\nparameters = { tau_m = 1, c_m = \"i / n\" }";
    assert_snapshot!(population(text), @r#"
    net.toml:2:8: population p, field `size`: 0 is out of range; give a number from 1 to 2147483648
    net.toml:4:24: population p, field `parameters.tau_m`: this is a plain number, not a time; give a time like "20 ms"
    "#);
}

#[test]
fn default_initial_values() {
    let mine = |initial: &str| {
        wrong(&format!(
            "[model.mine]\nparameters = {{ a = 0 }}\nstate = {{ x = \"{initial}\" }}\n\
             update = \"x = x\"\n[population.m]\nsize = 1\nmodel = \"mine\"\n"
        ))
    };
    assert_snapshot!(mine("1 / a"), @"net.toml:5:13: population m, field `initial.x`: its default for neuron 0 is infinite; give an initial value");
}

#[test]
fn draws() {
    assert_snapshot!(lif("random = 3"), @r#"net.toml:4:10: population p, field `random`: an integer cannot stand here; give a table of named draws: { r = "uniform(0, 1)" }"#);
    assert_snapshot!(lif("random = { i = \"uniform(0, 1)\" }"), @"net.toml:4:12: population p, field `random.i`: `i` cannot be the name of a draw; use letters, digits and `_`, and no name that has a meaning already");
    // A value that uses a draw with a mistake is not judged.
    assert_snapshot!(lif("random = { r = \"uniform(0)\" }\ninitial = { v = \"r * 1 mV\" }"), @"net.toml:4:17: population p, field `random.r`: `uniform` takes 2 arguments, not 1");
}

#[test]
fn the_refractory_period() {
    assert_snapshot!(lif("parameters = { t_ref = \"1000 s\" }"), @"net.toml:4:25: population p, field `parameters.t_ref`: the refractory period is 10000000 steps; give one time from 0 ms to 2^20 steps for all neurons");
    assert_snapshot!(lif("parameters = { t_ref = \"-1 ms\" }"), @"net.toml:4:25: population p, field `parameters.t_ref`: `t_ref` is -1 ms, the model lif_exp needs it at least 0 ms; give a value at least 0 ms");
    assert_snapshot!(lif("parameters = { t_ref = \"0.04 ms\" }"), @"net.toml:4:25: population p, field `parameters.t_ref`: a refractory period of 0.04 ms is no step of dt = 0.1 ms; give 0 ms for none, at least 0.05 ms, or a smaller dt");
    assert_snapshot!(lif("parameters = { t_ref = \"i * 1 ms\" }"), @"net.toml:4:25: population p, field `parameters.t_ref`: the refractory period differs between neurons of this population; give one time from 0 ms to 2^20 steps for all neurons");
}

#[test]
fn reference_rates() {
    assert_snapshot!(lif("reference_rate = 8"), @r#"net.toml:4:18: population p, field `reference_rate`: this is a plain number, not a rate; give a rate like "8 Hz""#);
    assert_snapshot!(lif("reference_rate = \"-8 Hz\""), @r#"net.toml:4:19: population p, field `reference_rate`: a rate cannot be negative; give a rate such as "8 Hz""#);
}

#[test]
fn spike_lists() {
    assert_snapshot!(told(""), @r#"net.toml:1:13: population p, field `spikes`: this field is missing; give the spikes: spikes = [["1 ms", 0], ["2.5 ms", 3]]"#);
    assert_snapshot!(told("spikes = []\nparameters = {}\ninitial = {}\nrandom = {}"), @r#"
    net.toml:5:14: population p, field `parameters`: a spike_list has no neuron model, so this has no meaning; remove it, or choose a neuron model
    net.toml:6:11: population p, field `initial`: a spike_list has no neuron model, so this has no meaning; remove it, or choose a neuron model
    net.toml:7:10: population p, field `random`: a spike_list has no neuron model, so this has no meaning; remove it, or choose a neuron model
    "#);
    assert_snapshot!(told("spikes = 3"), @"net.toml:4:10: population p, field `spikes`: an integer cannot stand here; give a list of [time, neuron], a table or a file name");
    assert_snapshot!(told("spikes = [3, [\"1 ms\"], [1, 0], [\"1 ms\", 4], [\"-1 ms\", 0]]"), @r#"
    net.toml:4:11: population p, field `spikes[0]`: an integer cannot stand here; give a pair [time, neuron]
    net.toml:4:14: population p, field `spikes[1]`: a spike has a time and a neuron, not 1 value; give ["1.5 ms", 3]
    net.toml:4:25: population p, field `spikes[2][0]`: this is a plain number, not a time; give a time like "20 ms"
    net.toml:4:41: population p, field `spikes[3][1]`: 4 is out of range; give an integer from 0 to 3
    net.toml:4:47: population p, field `spikes[4][0]`: this time is negative; give a time of 0 ms or later
    "#);
    assert_snapshot!(told("spikes = [[\"1 ms\", 0], [\"1.04 ms\", 0]]"), @"net.toml:4:24: population p, field `spikes[1]`: neuron 0 already spikes in step 10; a neuron spikes at most once in a step: remove one, or take a smaller dt");
    assert_snapshot!(told("spikes = { 4 = [\"1 ms\"], a = [], 0 = 3 }"), @r#"
    net.toml:4:12: population p, field `spikes.4`: `4` is not a neuron of this population; give an integer from 0 to 3
    net.toml:4:26: population p, field `spikes.a`: `a` is not a neuron of this population; give an integer from 0 to 3
    net.toml:4:38: population p, field `spikes.0`: an integer cannot stand here; give a list of times
    "#);
    assert_snapshot!(told("spikes = { 0 = [\"1 ms\", \"1 ms\"] }"), @"net.toml:4:26: population p, field `spikes.0[1]`: neuron 0 already spikes in step 10; a neuron spikes at most once in a step: remove one, or take a smaller dt");
}

#[test]
fn own_models() {
    assert_snapshot!(wrong("[model.lif_exp]\nupdate = \"\""), @"net.toml:1:8: model lif_exp: this is the name of a built-in model; choose another");
    assert_snapshot!(
        wrong("[constants]\na = \"1 +\"\n[model.mine]\nupdate = \"v = a\"\nparameters = { b = \"a\" }"),
        @r#"
    net.toml:2:9: constants, field `a`: the text ends too early; expected an expression
    net.toml:4:11: model mine, field `update`: `v` is not defined; define it with `let v = ...`, or under `state`
    "#
    );
    // Fields that depend on a model with a mistake are not judged.
    assert_snapshot!(
        wrong(
            "[model.mine]\nupdate = \"v = \"\nstate = { v = 0 }\n[population.m]\nsize = 1\n\
             model = \"mine\"\nparameters = { x = 1 }\n[probe.m]\npopulation = \"m\"\n\
             variable = \"x\"\n[stimulus.m]\npopulation = \"m\"\nkind = \"current\"\namplitude = 1"
        ),
        @"net.toml:2:15: model mine, field `update`: the text ends too early; expected an expression"
    );
}

#[test]
fn names() {
    assert_snapshot!(wrong("[population.\"a:b\"]\nsize = 1\nmodel = \"lif_exp\""), @"net.toml:1:13: population a:b: this name has characters that names cannot have; use letters, digits, `_`, `-`, `.` and spaces");
}

#[test]
fn probes() {
    assert_snapshot!(probe(""), @r#"
    net.toml:1:8: probe p, field `population`: this field is missing; give the population to record from
    net.toml:1:8: probe p, field `variable`: this field is missing; give a state variable: variable = "v"
    "#);
    assert_snapshot!(probe("population = \"exc\"\nvariable = \"V\""), @"net.toml:3:13: probe p, field `variable`: the model lif_exp_2 has no state variable `V`; did you mean `v`?");
    assert_snapshot!(probe("population = \"told\"\nvariable = \"v\""), @"net.toml:2:15: probe p, field `population`: a spike_list has no state to record; choose a population of neurons");
    let v = |fields: &str| probe(&format!("population = \"exc\"\nvariable = \"v\"\n{fields}"));
    assert_snapshot!(v("neurons = [0, 10, -1, 1.5]"), @r#"
    net.toml:4:15: probe p, field `neurons[1]`: 10 is out of range; give an integer from 0 to 9
    net.toml:4:19: probe p, field `neurons[2]`: -1 is out of range; give an integer from 0 to 9
    net.toml:4:23: probe p, field `neurons[3]`: an integer is needed here, not a float; give an integer from 0 to 9
    "#);
    assert_snapshot!(v("neurons = [3, 3]"), @"net.toml:4:11: probe p, field `neurons`: a neuron is listed twice; list each neuron once");
    assert_snapshot!(v("neurons = \"some\""), @r#"net.toml:4:12: probe p, field `neurons`: `some` is not a choice of neurons; give "all", { first = 10 } or a list of neuron numbers"#);
    assert_snapshot!(v("neurons = { first = 11 }"), @"net.toml:4:21: probe p, field `neurons.first`: 11 is out of range; give an integer from 0 to 10");
    assert_snapshot!(v("neurons = { last = 1 }"), @r#"
    net.toml:4:11: probe p, field `neurons.first`: this field is missing; write neurons = { first = 10 }
    net.toml:4:13: probe p, field `neurons.last`: there is no such field; the fields are `first`
    "#);
    assert_snapshot!(v("neurons = 3"), @r#"net.toml:4:11: probe p, field `neurons`: an integer cannot stand here; give "all", { first = 10 } or a list of neuron numbers"#);
    assert_snapshot!(v("every = \"0.25 ms\""), @"net.toml:4:10: probe p, field `every`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms");
    assert_snapshot!(v("every = \"0 ms\""), @"net.toml:4:10: probe p, field `every`: the time between samples is 0; give dt or more");
    assert_snapshot!(v("every = \"0.05 ms\""), @"net.toml:4:10: probe p, field `every`: this time is not a multiple of dt = 0.1 ms; give 0.1 ms");
    assert_snapshot!(v("evry = \"1 ms\""), @"net.toml:4:1: probe p, field `evry`: there is no such field; did you mean `every`?");
}

#[test]
fn writable_parameters() {
    assert_snapshot!(lif("writable = \"tau_m\""), @r#"net.toml:4:13: population p, field `writable`: a text cannot stand here; give a list of names of parameters: ["tau_m"]"#);
    assert_snapshot!(lif("writable = [\"tau_n\", 3, \"t_ref\"]"), @r"
    net.toml:4:14: population p, field `writable[0]`: the model lif_exp has no parameter `tau_n`; did you mean `tau_m`?
    net.toml:4:22: population p, field `writable[1]`: an integer cannot stand here; give the name of a parameter
    net.toml:4:26: population p, field `writable[2]`: `t_ref` decides the refractory period, which stays; remove it here
    ");
    assert_snapshot!(told("spikes = []\nwritable = []"), @"net.toml:5:12: population p, field `writable`: a spike_list has no neuron model, so this has no meaning; remove it, or choose a neuron model");
}
