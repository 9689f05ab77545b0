//! The fields of `[synapse.NAME]`.

use super::support::{mistakes, network, plain, projection, synapse_of, text};
use crate::check::support::wrong;
use insta::assert_snapshot;

#[test]
fn unknown_fields() {
    assert_snapshot!(plain("on_pots = 'w = 0'"), @"net.toml:4:1: synapse s, field `on_pots`: there is no such field; did you mean `on_post`?");
    assert_snapshot!(plain("threshold = 'w > 1'"), @"net.toml:4:1: synapse s, field `threshold`: there is no such field; a synapse model has parameters, state, bounds, pre, post, signals, on_pre, on_post, on_post_if, every, send_max");
    assert_snapshot!(mistakes(""), @r#"net.toml:1:10: synapse s: `on_pre` is missing: nothing would ever be sent; add the statements of a pre event, as in on_pre = "send w""#);
    assert_snapshot!(mistakes("on_pre = 3\non_post = []\nstate = 1\npre = 'x'"), @r#"
    net.toml:2:10: synapse s, field `on_pre`: a text is expected; put it in quotes
    net.toml:3:11: synapse s, field `on_post`: a text is expected; put it in quotes
    net.toml:4:9: synapse s, field `state`: a table is expected; write `name = value` lines
    net.toml:5:8: synapse s, field `pre`: a table is expected; write `name = value` lines
    "#);
    assert_snapshot!(wrong("[synaps.s]\non_pre = 'send weight'"), @"net.toml:1:2: file: there is no section `synaps`; did you mean `synapse`?");
    assert_snapshot!(wrong("synapse = 3"), @"net.toml:1:11: file: `synapse` is a section, not a value; write `[synapse.NAME]`");
    assert_snapshot!(wrong("[synapse]\ns = 3"), @"net.toml:2:5: synapse s: a table of fields is expected here, not a value; write `[synapse.s]` and its fields below");
}

#[test]
fn names() {
    let text = format!(
        "[synapse.stdp]\non_pre = 'send 0'\n[synapse.static]\n[synapse.s]\non_pre = 'send weight'\n{}",
        projection("synapse = 's'")
    );
    assert_snapshot!(wrong(&text), @r#"
    net.toml:1:10: synapse stdp: this is the name of a built-in model; choose another
    net.toml:3:10: synapse static: this is the name of a built-in model; choose another
    "#);
    assert_snapshot!(wrong("[synapse.'a;b']\non_pre = 'send weight'"), @"net.toml:1:10: synapse a;b: this name has characters that names cannot have; use letters, digits, `_`, `-`, `.` and spaces");
    assert_snapshot!(plain("pre = { w = { tau = '1 ms', spike = 1 } }\nparameters = { w = 1, weight = 2, dt = 3 }\npost = { send = { tau = '1 ms', spike = 1 }, 'a b' = { tau = '1 ms', spike = 1 } }"), @r#"
    net.toml:2:11: synapse s, field `state.w`: the synapse model has this name twice; choose another name
    net.toml:4:9: synapse s, field `pre.w`: the synapse model has this name twice; choose another name
    net.toml:5:23: synapse s, field `parameters.weight`: this name has a fixed meaning in synapse models; choose another name
    net.toml:5:35: synapse s, field `parameters.dt`: this name has a fixed meaning in synapse models; choose another name
    net.toml:6:10: synapse s, field `post.send`: this name has a fixed meaning in synapse models; choose another name
    net.toml:6:46: synapse s, field `post.a b`: this is not a name; letters, digits and `_`, not starting with a digit
    "#);
    assert_snapshot!(plain("pre = { x = { tau = '1 ms', spike = 1 } }\npost = { x = { tau = '1 ms', spike = 1 } }"), @"net.toml:5:10: synapse s, field `post.x`: the synapse model has this name twice; choose another name");
}

#[test]
fn parameters() {
    let p = |parameters: &str| plain(&format!("parameters = {{ {parameters} }}"));
    assert_snapshot!(p("m = { unit = 'weight', default = '2 mV' }"), @"net.toml:4:50: synapse s, field `parameters.m.default`: this is a voltage, not a current (weights of projection p are in pA); remove the default: each projection gives its own value");
    assert_snapshot!(p("m = { unit = 'weigt' }"), @"net.toml:4:30: synapse s, field `parameters.m.unit`: `weigt` is not a unit; did you mean `weight`?");
    assert_snapshot!(p("m = { unit = 'weight', above = 1 }"), @r#"net.toml:4:47: synapse s, field `parameters.m.above`: this is a plain number, not a current (weights of projection p are in pA); give a current like "100 pA""#);
    assert_snapshot!(p("m = { default = '1 pA', above = 2 }"), @"net.toml:4:20: synapse s, field `parameters.m`: the default is 1 pA, not above 2 pA; change the default or the bound");
    assert_snapshot!(p("m = { default = 1, above = 2 }"), @"net.toml:4:20: synapse s, field `parameters.m`: the default is 1, not above 2; change the default or the bound");
    assert_snapshot!(p("m = { default = 1, abvoe = 2 }"), @"net.toml:4:35: synapse s, field `parameters.m.abvoe`: there is no such field; did you mean `above`?");
    assert_snapshot!(p("m = 'weight'"), @"net.toml:4:21: synapse s, field `parameters.m`: `weight` is not defined; it must be a constant");
    assert_snapshot!(p("m = { unit = 'weight' }"), @r#"net.toml:5:13: projection p, field `parameters.m`: the model s needs this parameter; give a current like "100 pA""#);
}

#[test]
fn state_and_bounds() {
    let state =
        |state: &str| mistakes(&format!("on_pre = 'send 0'\nstate = {{ {state}, w = 'weight' }}"));
    assert_snapshot!(state("c = '2 * weight'"), @r#"net.toml:3:20: synapse s, field `state.c`: `weight` differs between synapses; `name = "weight"` under `state` begins with it, and `send_max` may use the largest"#);
    assert_snapshot!(state("c = 'd'"), @"net.toml:3:16: synapse s, field `state.c`: `d` is not defined; only parameters, constants and `dt` can be used here");
    assert_snapshot!(state("c = 1, d = 'c'"), @"net.toml:3:23: synapse s, field `state.d`: `c` is a state variable, which has no value before the run; only parameters, constants and `dt` can be used here");
    assert_snapshot!(state("weight = 0"), @"net.toml:3:11: synapse s, field `state.weight`: this name has a fixed meaning in synapse models; choose another name");
    assert_snapshot!(state("c = 'rand_uniform()'"), @"net.toml:3:16: synapse s, field `state.c`: `rand_uniform` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection");
    assert_snapshot!(state("c = '1 / (dt - dt)'"), @"net.toml:3:16: synapse s, field `state.c`: its value is infinite (in projection p); values must fit a 32-bit float: change the parameters in it");
    let bounds = |bounds: &str| plain(&format!("bounds = {{ {bounds} }}"));
    assert_snapshot!(bounds("v = [0, 1]"), @"net.toml:4:12: synapse s, field `bounds.v`: there is no state variable `v`; only variables under `state` have bounds");
    assert_snapshot!(bounds("w = 3"), @r#"net.toml:4:16: synapse s, field `bounds.w`: two bounds are expected; as in ["0", "w_max"]"#);
    assert_snapshot!(bounds("w = [0]"), @r#"net.toml:4:16: synapse s, field `bounds.w`: two bounds are expected, not 1; give the least and the largest, as in ["0", "w_max"]"#);
    assert_snapshot!(bounds("w = [0, 'w']"), @"net.toml:4:21: synapse s, field `bounds.w[1]`: `w` is a state variable, which has no value before the run; only parameters, constants and `dt` can be used here");
    assert_snapshot!(bounds("w = ['2 pA', '1 pA']"), @"net.toml:4:16: synapse s, field `bounds.w`: the least is 2 pA, the largest 1 pA (in projection p); change the bounds, or the parameters in them");
    let long = format!("w = [0, '{}1 pA']", "1 pA + ".repeat(40));
    assert_snapshot!(bounds(&long), @"net.toml:4:21: synapse s, field `bounds.w[1]`: this bound is too long; give a part of it a name: a parameter or a constant");
    assert_snapshot!(bounds("w = [0, '1e40 pA']"), @"net.toml:4:16: synapse s, field `bounds.w`: its value is 1e40 pA (in projection p); values must fit a 32-bit float: change the parameters in it");
    assert_snapshot!(bounds("w = [0, '0.5 pA']"), @"net.toml:9:11: projection p, field `weight`: weights at the start lie between 1 pA and 1 pA, the bounds of `w` are 0 pA and 0.5 pA; draw weights within the bounds, or change the parameters in these");
    assert_snapshot!(mistakes("on_pre = 'send c * weight'\nstate = { c = 3 }\nbounds = { c = [0, 1] }"), @"net.toml:3:15: synapse s, field `state.c`: it begins with 3, the bounds of `c` are 0 and 1 (in projection p); begin within the bounds");
}

#[test]
fn traces() {
    let pre = |pre: &str| {
        plain(&format!("pre = {{ {pre} }}\npost = {{ y = {{ tau = '1 ms', spike = 1 }} }}"))
    };
    assert_snapshot!(pre("x = 3"), @r#"net.toml:4:13: synapse s, field `pre.x`: a table is expected; as in { tau = "20 ms", spike = "x + 1" }"#);
    assert_snapshot!(pre("x = {}"), @r#"
    net.toml:4:13: synapse s, field `pre.x`: `tau` is missing; as in { tau = "20 ms" }
    net.toml:4:13: synapse s, field `pre.x`: `spike` is missing; as in { spike = "x + 1" }
    "#);
    assert_snapshot!(pre("x = { tau = '1 ms', spike = 1, spkie = 2 }"), @"net.toml:4:40: synapse s, field `pre.x.spkie`: there is no such field; did you mean `spike`?");
    assert_snapshot!(pre("x = { tau = '1 mV', spike = 1 }"), @r#"net.toml:4:22: synapse s, field `pre.x.tau`: a time constant is a time, not a voltage; as in "20 ms", or a parameter"#);
    assert_snapshot!(pre("x = { tau = 20, spike = 1 }"), @r#"net.toml:4:21: synapse s, field `pre.x.tau`: a time constant is a time, not a plain number; as in "20 ms", or a parameter"#);
    assert_snapshot!(pre("x = { tau = '0 ms', spike = 1 }"), @"net.toml:4:22: synapse s, field `pre.x.tau`: the time constant is 0 ms (in projection p); give a time above 0 ms");
    assert_snapshot!(pre("x = { tau = '-1 ms', spike = 1 }, z = { tau = 'dt * dt / (dt - dt)', spike = 1 }"), @r#"
    net.toml:4:22: synapse s, field `pre.x.tau`: the time constant is -1 ms (in projection p); give a time above 0 ms
    net.toml:4:56: synapse s, field `pre.z.tau`: its value is infinite (in projection p); values must fit a 32-bit float: change the parameters in it
    "#);
    assert_snapshot!(pre("x = { tau = '1 ms', spike = [] }"), @"net.toml:4:37: synapse s, field `pre.x.spike`: a text is expected; put it in quotes");
    assert_snapshot!(pre("x = { tau = '1 ms', spike = 'x +' }"), @"net.toml:4:41: synapse s, field `pre.x.spike`: the text ends too early; expected an expression");
    assert_snapshot!(pre("x = { tau = '1 ms', spike = 'x > 1' }"), @"net.toml:4:38: synapse s, field `pre.x.spike`: a number is expected, this is a condition; `if condition { 1 } else { 0 }` makes a number of it");
    assert_snapshot!(pre("x = { tau = '1 ms', spike = 'w' }, z = { tau = '1 ms', spike = 'y' }, u = { tau = '1 ms', spike = 'weight' }"), @r#"
    net.toml:4:38: synapse s, field `pre.x.spike`: a trace cannot read `w`, a state variable; a trace reads traces of its side, parameters, constants and `dt`
    net.toml:4:73: synapse s, field `pre.z.spike`: a trace cannot read `y`, a trace of the target; a trace reads traces of its side, parameters, constants and `dt`
    net.toml:4:108: synapse s, field `pre.u.spike`: a trace cannot read `weight`, the drawn weight; a trace reads traces of its side, parameters, constants and `dt`
    "#);
    assert_snapshot!(pre("x = { tau = '1 ms', spike = 'q + rand_uniform()' }"), @r#"
    net.toml:4:38: synapse s, field `pre.x.spike`: `q` is not defined; a trace reads traces of its side, parameters, constants and `dt`
    net.toml:4:42: synapse s, field `pre.x.spike`: `rand_uniform` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection
    "#);
}

#[test]
fn models_that_nothing_uses_are_checked_but_for_units() {
    let unused = |fields: &str| wrong(&format!("[synapse.s]\n{fields}\n"));
    assert_snapshot!(unused("on_pre = 'send q'"), @"net.toml:2:16: synapse s, field `on_pre`: `q` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    assert_snapshot!(unused("on_pre = 'send 0'\nparameters = { a = { default = 1, above = 2 } }"), @"net.toml:3:20: synapse s, field `parameters.a`: the default is 1, not above 2; change the default or the bound");
    crate::check::support::good(
        "[synapse.s]\non_pre = 'w += 1 ms; send w'\nstate = { w = 'weight' }\nparameters = { m = { unit = 'weight', default = '1 nS', above = 0 } }\nbounds = { w = [0, 'm'] }",
    );
}

#[test]
fn overrides_reach_synapse_models() {
    use isospike_front::check::Limits;
    use isospike_front::file;
    use std::path::Path;
    let text = format!(
        "{}\nparameters = {{ a = 3 }}\n{}{}",
        network("on_pre = 'send a * weight'\nparameters = { a = 1, b = 2 }\n"),
        crate::check::support::NETWORK,
        crate::check::support::BASE
    );
    let read = |set: &[&str]| {
        let set: Vec<file::Override> = set.iter().map(|one| one.parse().unwrap()).collect();
        let network = file::parse(&text, "net.toml", Path::new(""), &set).unwrap();
        network.check(Limits::default()).map(|mut net| net.projections.remove(0).synapse.unwrap())
    };
    let values = |set: &[&str]| {
        let synapse = read(set).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        (synapse.parameters[0].get(0), synapse.parameters[1].get(0), synapse.sent[0].bounds)
    };
    assert_eq!(values(&[]), (3.0, 2.0, (3.0, 3.0)));
    assert_eq!(
        values(&["synapse.s.parameters.b=5", "projection.p.parameters.a=4"]),
        (4.0, 5.0, (4.0, 4.0))
    );
    assert_snapshot!(read(&["synapse.t.parameters.b=5"]).unwrap_err(), @"--set: synapse.t.parameters.b=5: there is no synapse `t`; the names are `s`");
}

#[test]
fn clocked_blocks() {
    let every =
        |every: &str| plain(&format!("every = {every}\nbounds = {{ w = ['-9 pA', '9 pA'] }}"));
    assert_snapshot!(every("'w = 0'"), @r#"net.toml:4:10: synapse s, field `every`: a list of blocks is expected; as in every = [{ period = "10 ms", do = "w *= 0.99" }]"#);
    assert_snapshot!(every("['w = 0', { do = 'w = 0' }, { period = '1 ms' }, { period = '1 ms', do = 'w = 0', from = 1 }]"), @r#"
    net.toml:4:11: synapse s, field `every[0]`: a table is expected; as in { period = "10 ms", do = "w *= 0.99" }
    net.toml:4:19: synapse s, field `every[1]`: `period` is missing; as in { period = "10 ms", do = "w *= 0.99" }
    net.toml:4:37: synapse s, field `every[2]`: `do` is missing; as in { period = "10 ms", do = "w *= 0.99" }
    net.toml:4:91: synapse s, field `every[3].from`: there is no such field; it may have period, do
    "#);
    assert_snapshot!(every("[{ period = '1 mV', do = 'w = 0 pA' }, { period = 10, do = 'w = 0 mV' }]"), @r#"
    net.toml:4:22: synapse s, field `every[0].period`: a period is a time, not a voltage; as in "10 ms", or a parameter
    net.toml:4:59: synapse s, field `every[1].period`: a period is a time, not a plain number; as in "10 ms", or a parameter
    net.toml:4:73: synapse s, field `every[1].do`: cannot assign a voltage to `w`, which is a current (weights of projection p are in pA); `w` is in pA, `0 mV` is in mV: multiply `0 mV` by a conductance like "10 nS"
    "#);
    assert_snapshot!(every("[{ period = '1 ms', do = 3 }]"), @"net.toml:4:34: synapse s, field `every[0].do`: a text is expected; put it in quotes");
    assert_snapshot!(every("[{ period = 'w', do = 'w +' }, { period = '1 ms', do = 'w += period; period = 2; let period = 1' }]"), @r"
    net.toml:4:22: synapse s, field `every[0].period`: `w` is a state variable, which has no value before the run; only parameters, constants and `dt` can be used here
    net.toml:4:34: synapse s, field `every[0].do`: `+` is not expected here; expected `=`
    net.toml:4:78: synapse s, field `every[1].do`: `period` is the period of the block and cannot be changed; only state and local variables can be assigned
    net.toml:4:94: synapse s, field `every[1].do`: `period` is already the period of the block; choose another name for the local variable
    ");
    assert_snapshot!(every("[{ period = '0 ms', do = 'w = 0 pA' }, { period = '-1 ms', do = 'w = 0 pA' }]"), @r"
    net.toml:4:22: synapse s, field `every[0].period`: the period is 0 ms (in projection p); give a multiple of dt = 0.1 ms above 0
    net.toml:4:60: synapse s, field `every[1].period`: the period is -1 ms (in projection p); give a multiple of dt = 0.1 ms above 0
    ");
    assert_snapshot!(every("[{ period = '0.25 ms', do = 'w = 0 pA' }, { period = 'dt / 3', do = 'w = 0 pA' }]"), @r"
    net.toml:4:22: synapse s, field `every[0].period`: the period is 0.25 ms, no multiple of dt = 0.1 ms (in projection p); the nearest are 0.2 ms and 0.3 ms
    net.toml:4:63: synapse s, field `every[1].period`: the period is 0.0333333333333 ms, no multiple of dt = 0.1 ms (in projection p); give 0.1 ms
    ");
    assert_snapshot!(every("[{ period = '1 ms', do = 'q = rand_uniform() + post.v' }]"), @r#"
    net.toml:4:35: synapse s, field `every[0].do`: `q` is not defined; define it with `let q = ...`, or under `state`
    net.toml:4:39: synapse s, field `every[0].do`: `rand_uniform` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection
    "#);
    assert_snapshot!(every("[{ period = '1e12 s', do = 'w = 0 pA' }]"), @"net.toml:4:22: synapse s, field `every[0].period`: the period is 1e15 ms (in projection p); give less than 429496729.4 ms");
    assert_snapshot!(every("[{ period = '1 ms', do = 'w = w * sqrt(period - 2 ms) / 1 ms' }]"), @"net.toml:4:43: projection p: `sqrt(period - 2 ms)` in the every[0].do of synapse s is not a number; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    let long = format!("[{{ period = '{}1 ms', do = 'w = 0 pA' }}]", "1 ms + ".repeat(40));
    assert_snapshot!(every(&long), @"net.toml:4:22: synapse s, field `every[0].period`: this period is too long; give a part of it a name: a parameter or a constant");
    let many = format!("[{}]", "{ period = 'dt', do = 'w = 0 pA' }, ".repeat(17));
    assert_snapshot!(every(&many), @"net.toml:4:586: synapse s, field `every`: these are too many blocks; a synapse model may have 16");
    assert_snapshot!(plain("parameters = { period = '1 ms' }"), @"net.toml:4:16: synapse s, field `parameters.period`: this name has a fixed meaning in synapse models; choose another name");
    assert_snapshot!(plain("on_post = 'w *= period'"), @"net.toml:4:17: synapse s, field `on_post`: `period` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
}

#[test]
fn periods_are_host_values_of_each_projection() {
    let fields = "parameters = { each = '2 ms' }\nstate = { w = 'weight' }\non_pre = 'send w'\n\
                  bounds = { w = ['-9 pA', '9 pA'] }\n\
                  every = [{ period = 'each / 2', do = 'w -= w * period / 1 s' },\n\
                  { period = 'dt', do = 'w += weight' }]\n";
    let net = |parameters: &str| {
        let used = format!("synapse = 's'\nparameters = {{ {parameters} }}");
        format!("[synapse.s]\n{fields}{}", projection(&used))
    };
    let synapse = synapse_of(&net("each = '4 ms'"));
    assert_eq!(synapse.period_steps, [20, 1]);
    let every = synapse.model.every.iter().map(|block| text(&block.program));
    assert_snapshot!(every.collect::<Vec<_>>().join("\n"), @r"
    s0 = Clamp((s0 - ((s0 * (p0 / 2)) / 1000)), -9, 9)
    s0 = Clamp((s0 + s1), -9, 9)
    ");
    assert_snapshot!(wrong(&net("each = '0.3 ms'")), @"net.toml:6:22: synapse s, field `every[0].period`: the period is 0.15 ms, no multiple of dt = 0.1 ms (in projection p); the nearest are 0.1 ms and 0.2 ms");
}
