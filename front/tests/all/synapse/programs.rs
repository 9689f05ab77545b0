//! The programs of events: their form, and every mistake at its line and column.

use super::support::{mistakes, network, plain, synapse, text};
use crate::check::support::{BASE, NETWORK, check};
use insta::assert_snapshot;
use isospike_core::describe::synapse::InitialDef;
use isospike_front::check::Limits;
use proptest::prelude::*;

/// A model with everything that a text may read.
const ALL: &str = r#"parameters = { a = 0.1, tau = "20 ms", m = { unit = "weight", default = "5 pA" } }
state = { w = "weight", c = "2 * a" }
bounds = { w = ["0", "m"] }
pre = { x = { tau = "tau", spike = "x + 1" }, z = { tau = "2 * tau", spike = "a * x + z" } }
post = { y = { tau = "tau", spike = 1 } }
"#;

fn program(on_pre: &str, on_post: &str) -> (String, String) {
    let synapse = synapse(&format!("{ALL}on_pre = \"\"\"{on_pre}\"\"\"\non_post = \"{on_post}\""));
    (text(&synapse.model.on_pre), text(&synapse.model.on_post))
}

fn wrong(on_pre: &str) -> String {
    mistakes(&format!("{ALL}on_pre = '{on_pre}'"))
}

#[test]
fn names_become_what_they_stand_for() {
    let (pre, post) = program(
        "let k = a * x + y * dt / tau + pi\nc = k\nif c > z { send w } else { send w / 2 }",
        "let k = w; c -= k / m",
    );
    assert_snapshot!(pre, @"l0 = (((p0 * pre0) + ((post0 * dt) / p1)) + 3.141592653589793); s1 = l0; if (s1 > pre1) { s2 = s0 } else { s2 = (s0 / 2) }");
    assert_snapshot!(post, @"l0 = s0; s1 = (s1 - (l0 / p2))");
    // Each event has its own locals.
    let synapse = synapse(&format!("{ALL}on_pre = 'let k = 1; let l = k; send w'\non_post = ''"));
    assert_eq!((synapse.model.on_pre.locals, synapse.model.on_post.locals), (2, 0));
    assert_eq!(synapse.model.sent(), 2);
}

#[test]
fn events_read_variables_of_the_target() {
    let all = "parameters = { a = 0.1, m = { unit = 'weight', default = '5 pA' } }\n\
               state = { w = 'weight' }\nbounds = { w = ['0', 'm'] }\n\
               on_pre = 'w -= a * m * post.v / 1 mV; send w'\n\
               on_post = 'w += a * m * (post.i_syn / 1 pA - post.v / 1 mV)'\n\
               every = [{ period = '1 ms', do = 'if post.i_syn > 1 pA { w = m }' }]";
    let found = synapse(all);
    assert_snapshot!(text(&found.model.on_pre), @"s0 = Clamp((s0 - (((p0 * p1) * target0) / 1)), 0, p1); s1 = s0");
    assert_snapshot!(text(&found.model.on_post), @"s0 = Clamp((s0 + ((p0 * p1) * ((target1 / 1) - (target0 / 1)))), 0, p1)");
    assert_snapshot!(text(&found.model.every[0].program), @"if (target1 > 1) { s0 = Clamp(p1, 0, p1) } else {  }");
    assert_eq!(found.model.target, ["v", "i_syn"]);
    assert_snapshot!(wrong("send w * clamp(post.w, 0, 1)"), @"net.toml:7:31: synapse s: the target's model lif_exp has no state variable `w` (in projection p); the state variables are `v`, `i_syn`");
    assert_snapshot!(wrong("send w * clamp(post.i_sin, 0, 1)"), @"net.toml:7:31: synapse s: the target's model lif_exp has no state variable `i_sin` (in projection p); did you mean `i_syn`?");
    assert_snapshot!(wrong("send w * post.v"), @"net.toml:7:11: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); give `send_max`, or hold it with `clamp`, `min` and `max`");
    assert_snapshot!(wrong("send w * pre.v"), @"net.toml:7:20: synapse s, field `on_pre`: only a clocked block reads `pre.v`; read it in `do` of a block of `every`, or follow the source with a trace under `pre`");
    assert_snapshot!(wrong("post.v = 3; send w"), @"net.toml:7:15: synapse s, field `on_pre`: `.` is not expected here; `post.` and a name is read only: a synapse acts on its target by what it sends");
    assert_snapshot!(mistakes("pre = { x = { tau = '1 ms', spike = 'post.v' } }\nstate = { w = 'post.v' }\non_pre = 'send w'"), @r#"
    net.toml:2:38: synapse s, field `pre.x.spike`: a trace cannot read `post.v`; a trace reads traces of its side, parameters, constants and `dt`
    net.toml:3:16: synapse s, field `state.w`: `post.v` has no value before the run; only parameters, constants and `dt` can be used here
    "#);
}

#[test]
fn bounds_hold_after_each_assignment() {
    let (pre, post) = program("w -= a * m * y; c += 1; if x > 1 { w = 0 }; send w", "w *= 2");
    assert_snapshot!(pre, @"s0 = Clamp((s0 - ((p0 * p2) * post0)), 0, p2); s1 = (s1 + 1); if (pre0 > 1) { s0 = Clamp(0, 0, p2) } else {  }; s2 = s0");
    assert_snapshot!(post, @"s0 = Clamp((s0 * 2), 0, p2)");
}

#[test]
fn spikes_change_the_traces_of_their_side_in_order() {
    let synapse = synapse(&format!("{ALL}on_pre = 'send w'"));
    let model = &synapse.model;
    assert_snapshot!(text(&model.pre.spike), @"s0 = (s0 + 1); s1 = ((p0 * s0) + s1)");
    assert_snapshot!(text(&model.post.spike), @"s0 = 1");
    let names: Vec<&str> = model.pre.traces.iter().map(|trace| trace.name.as_str()).collect();
    assert_eq!(names, ["x", "z"]);
    assert_eq!((synapse.pre_tau_ms, synapse.post_tau_ms), (vec![20.0, 40.0], vec![20.0]));
}

#[test]
fn the_drawn_weight_is_a_state_variable_where_it_is_used() {
    let used =
        synapse("state = { c = 1 }\non_pre = 'c = c / 2; send weight * c'\nsend_max = 'weight'");
    assert_snapshot!(text(&used.model.on_pre), @"s0 = (s0 / 2); s2 = (s1 * s0)");
    let state = &used.model.state;
    assert_eq!((state[1].name.as_str(), &state[1].initial), ("weight", &InitialDef::Weight));
    assert_eq!((state.len(), used.model.sent(), used.sent[0].bounds), (2, 2, (-1.0, 1.0)));
    let own = synapse(
        "state = { weight = 'weight' }\nbounds = { weight = ['0 pA', '2 pA'] }\non_pre = 'weight += 1; send weight'",
    );
    assert_eq!((own.model.state.len(), own.sent[0].bounds), (1, (1.0, 2.0)));
    let beside = synapse(
        "state = { w = 'weight' }\nbounds = { w = [0, '1 pA'] }\non_pre = 'w += 0.1 * (weight - w); send w'",
    );
    assert_eq!(beside.model.state.len(), 2);
    assert_snapshot!(mistakes("on_pre = 'weight += 1; send weight'"), @r#"net.toml:2:11: synapse s, field `on_pre`: `weight` is the weight that was drawn, which stays; keep a state variable that begins with it: w = "weight""#);
    assert_snapshot!(mistakes("on_pre = 'let weight = 1; send weight'"), @"net.toml:2:15: synapse s, field `on_pre`: `weight` is already the drawn weight; choose another name for the local variable");
    assert_snapshot!(plain("on_post = 'weight = 3'"), @r#"net.toml:4:12: synapse s, field `on_post`: `weight` is the weight that was drawn, which stays; keep a state variable that begins with it: w = "weight""#);
}

#[test]
fn names_that_have_no_meaning() {
    assert_snapshot!(wrong("send v"), @"net.toml:7:16: synapse s, field `on_pre`: `v` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    assert_snapshot!(wrong("send xx"), @"net.toml:7:16: synapse s, field `on_pre`: `xx` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    assert_snapshot!(wrong("send i_ext"), @"net.toml:7:16: synapse s, field `on_pre`: `i_ext` has no meaning in a synapse model; a synapse reads its state, traces, parameters, constants and `dt`");
    assert_snapshot!(wrong("if refractory { send w }"), @"net.toml:7:14: synapse s, field `on_pre`: `refractory` has no meaning in a synapse model; a synapse reads its state, traces, parameters, constants and `dt`");
    assert_snapshot!(wrong("send n * w"), @"net.toml:7:16: synapse s, field `on_pre`: `n` has no meaning in a synapse model; a synapse reads its state, traces, parameters, constants and `dt`");
    assert_snapshot!(wrong("x = 3; send w"), @"net.toml:7:11: synapse s, field `on_pre`: `x` is a trace and cannot be changed; only state and local variables can be assigned");
    assert_snapshot!(wrong("a = 3; send w"), @"net.toml:7:11: synapse s, field `on_pre`: `a` is a parameter and cannot be changed; only state and local variables can be assigned");
    assert_snapshot!(wrong("let y = 3; send w"), @"net.toml:7:15: synapse s, field `on_pre`: `y` is already a trace; choose another name for the local variable");
    assert_snapshot!(wrong("q = 3; send w"), @"net.toml:7:11: synapse s, field `on_pre`: `q` is not defined; define it with `let q = ...`, or under `state`");
}

#[test]
fn what_is_not_there_yet() {
    assert_snapshot!(wrong("send nmda w"), @"net.toml:13:12: projection p, field `synapse`: s sends to `nmda`, a receptor that the target does not have; the receptors are `syn`");
    assert_snapshot!(wrong("if rand_bernoulli(0.5) { send w }"), @"net.toml:7:14: synapse s, field `on_pre`: `rand_bernoulli` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection");
    assert_snapshot!(wrong("send w * rand_uniform() + rand_normal()"), @r#"
    net.toml:7:20: synapse s, field `on_pre`: `rand_uniform` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection
    net.toml:7:37: synapse s, field `on_pre`: `rand_normal` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection
    "#);
    assert_snapshot!(wrong("send w * uniform(0, 1)"), @"net.toml:7:20: synapse s, field `on_pre`: `uniform` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection");
}

#[test]
fn a_pre_event_sends_once() {
    assert_snapshot!(wrong("send w; send c"), @"net.toml:7:19: synapse s, field `on_pre`: a path to here has sent a value; a pre event sends once: choose the value with `if`");
    assert_snapshot!(wrong("if x > 1 { send w }; send w"), @"net.toml:7:32: synapse s, field `on_pre`: a path to here has sent a value; a pre event sends once: choose the value with `if`");
    assert_snapshot!(wrong("if x > 1 { w = 0 } else { if y > 1 { send w } }; if y > 1 { send w }"), @"net.toml:7:71: synapse s, field `on_pre`: a path to here has sent a value; a pre event sends once: choose the value with `if`");
    assert_snapshot!(wrong("w = 0"), @"net.toml:7:11: synapse s, field `on_pre`: nothing is ever sent; add `send` and a value, `send 0` where nothing is meant to arrive");
    assert_snapshot!(wrong(""), @"net.toml:7:11: synapse s, field `on_pre`: nothing is ever sent; add `send` and a value, `send 0` where nothing is meant to arrive");
    assert_snapshot!(wrong("send"), @"net.toml:7:15: synapse s, field `on_pre`: the text ends too early; expected `=`, a name or an expression");
    assert_snapshot!(wrong("send w w w"), @"net.toml:7:20: synapse s, field `on_pre`: `w` is not expected here; expected an operator or the end");
    assert_snapshot!(wrong("send x > 1"), @"net.toml:7:16: synapse s, field `on_pre`: a number is expected, this is a condition; `if condition { 1 } else { 0 }` makes a number of it");
    assert_snapshot!(plain("on_post = 'send w'"), @"net.toml:4:12: synapse s, field `on_post`: a post event sends nothing; send in `on_pre`, or in a block of `every`");
    let (pre, _) = program("if x > 1 { send w } else if y > 1 { c = 0 } else { send 0 }", "");
    assert_snapshot!(pre, @"if (pre0 > 1) { s2 = s0 } else { if (post0 > 1) { s1 = 0 } else { s2 = 0 } }");
}

#[test]
fn send_has_no_meaning_in_neuron_models_and_may_be_a_name_there() {
    let neuron = |update: &str| {
        format!(
            "[model.m]\nstate = {{ send = 0 }}\nupdate = '{update}'\n[population.m]\nsize = 1\nmodel = 'm'"
        )
    };
    crate::check::support::good(&neuron("send = send + 1; send += 1; send -= send * 2"));
    assert_snapshot!(crate::check::support::wrong(&neuron("send send")), @"net.toml:3:11: model m, field `update`: `send` belongs to `on_pre` and `every` of a synapse model; a neuron sends its spikes");
}

#[test]
fn units() {
    assert_snapshot!(wrong("send tau"), @r#"net.toml:7:16: synapse s, field `on_pre`: cannot send a time, weights are a current (weights of projection p are in pA); give a current like "100 pA""#);
    assert_snapshot!(wrong("w += tau; send w"), @"net.toml:7:16: synapse s, field `on_pre`: cannot add a current and a time (weights of projection p are in pA); `w` is in pA, `tau` is in ms: multiply `tau` by a quantity in pA/ms");
    assert_snapshot!(wrong("w = 0.1 nS; send w"), @r#"net.toml:7:15: synapse s, field `on_pre`: cannot assign a conductance to `w`, which is a current (weights of projection p are in pA); `w` is in pA, `0.1 nS` is in nS: multiply `0.1 nS` by a voltage like "-65 mV""#);
    let units = "state = { w = 'weight' }\nparameters = { m = '1 pA' }\nbounds = { w = [0, 'm'] }\non_pre = 'w -= m; send w'";
    assert_eq!(synapse(units).sent[0].bounds, (0.0, 0.0));
    assert_snapshot!(plain("bounds = { w = [0, '2 nS'] }"), @r#"net.toml:4:21: synapse s, field `bounds.w[1]`: this is a conductance, not a current (weights of projection p are in pA); give a current like "100 pA""#);
    assert_snapshot!(plain("bounds = { w = [0, 2] }"), @r#"net.toml:4:20: synapse s, field `bounds.w[1]`: this is a plain number, not a current (weights of projection p are in pA); give a current like "100 pA""#);
}

#[test]
fn values_that_are_not_finite() {
    let values = |on_pre: &str, on_post: &str| {
        mistakes(&format!(
            "parameters = {{ a = 0, m = '5 pA' }}\nstate = {{ w = 'weight' }}\nbounds = {{ w = ['0 * m / 2', 'm'] }}\npre = {{ x = {{ tau = '1 ms', spike = 'x + 1 / (a + 1)' }} }}\non_pre = '{on_pre}'\non_post = '{on_post}'"
        ))
    };
    assert_snapshot!(values("w -= 1; w = w + 1 / a; send w", ""), @"net.toml:6:27: projection p: `1 / a` in the on_pre of synapse s is infinite, where a = 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(values("w *= 2; send w", "w = 1; w += x * (2 + 1 / a)"), @"net.toml:7:33: projection p: `1 / a` in the on_post of synapse s is infinite, where a = 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(values("w = w * 1e39; send w", ""), @"net.toml:6:19: projection p: `1e39` in the on_pre of synapse s is 1e39, more than a 32-bit float holds; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(values("send x / a + 1e39 * x", ""), @"net.toml:6:24: projection p: `1e39` in the on_pre of synapse s is 1e39, more than a 32-bit float holds; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    let built_in = "synapse = 'stdp_triplet'\nparameters = { w_max = '1e30 pA', w0 = '1e30 pA', a2_plus = 1e30, a3_plus = 1e30 }";
    assert_snapshot!(crate::check::support::wrong(&super::support::projection(built_in)), @"net.toml:6:12: projection p, field `synapse`: values from 0 pA to 1e30 pA may be sent, which is out of range; give `send_max`, or hold it with `clamp`, `min` and `max`");
    assert_snapshot!(plain("pre = { x = { tau = '1 ms', spike = '1 / (dt - dt)' } }"), @"net.toml:4:38: projection p: `1 / (dt - dt)` in the pre.x.spike of synapse s is infinite; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

proptest! {
    #[test]
    fn no_sequence_of_tokens_makes_it_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "1", "2.5e3", "pA", "w", "c", "x", "y", "z", "tau", "m", "weight", "send", "send w",
                "if", "else", "{", "}", "(", ")", "+", "*", "/", "=", "+=", "<", "max(w, 0)",
                ";", "let", "let k = 1;", "k", "w = c;", "if x > 1 {", "} else {", "post.v",
            ]),
            0..20,
        )
    ) {
        let text = network(&format!("{ALL}on_pre = \"\"\"{}\"\"\"", tokens.join(" ")));
        let text = format!("{text}{NETWORK}{BASE}");
        if let Err(all) = check(&text, Limits::default()) {
            prop_assert!(!all.0.is_empty());
            prop_assert!(all.0.iter().all(|diagnostic| diagnostic.location.line > 0));
        }
    }
}
