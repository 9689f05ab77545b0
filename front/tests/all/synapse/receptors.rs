//! `send` to receptors that are named.

use super::support::{projection, synapse_of, text};
use crate::check::support::wrong;
use insta::assert_snapshot;

/// A target with two conductances and a current.
const TARGET: &str = "\n[model.m]\nstate = { v = '0 mV' }\nthreshold = 'v > 1 mV'\nreset = 'v = 0 mV'\n\
                      update = 'v += (ampa + nmda) / 1 nS * 1 mV + cur / 1 pA * 1 mV'\n\
                      receptors = { ampa = 'nS', nmda = 'nS', cur = 'pA' }\n\
                      [population.two]\nsize = 3\nmodel = 'm'\n";

fn network(fields: &str, receptor: &str) -> String {
    let more = format!("synapse = \"s\"\nreceptor = \"{receptor}\"");
    let projection = projection(&more).replace("\"inh\"", "\"two\"").replace("1 pA", "1 nS");
    format!("[synapse.s]\n{fields}\n{projection}{TARGET}")
}

fn model(on_pre: &str) -> String {
    format!(
        "parameters = {{ a = 2, g = {{ unit = 'weight', default = '1 nS' }} }}\n\
         state = {{ w = 'weight' }}\nbounds = {{ w = [0, '5 nS'] }}\n\
         pre = {{ x = {{ tau = '1 ms', spike = 1 }} }}\non_pre = '''{on_pre}'''"
    )
}

/// A receptor, and the bounds of what is sent to it.
type Bounds = (u32, (f64, f64));

/// The receptors, and the statements.
fn sent(on_pre: &str) -> (Vec<Bounds>, String) {
    let synapse = synapse_of(&network(&model(on_pre), "ampa"));
    let all = synapse.sent.iter().map(|sent| (sent.receptor, sent.bounds)).collect();
    (all, text(&synapse.model.on_pre))
}

fn mistakes(on_pre: &str) -> String {
    wrong(&network(&model(on_pre), "ampa"))
}

#[test]
fn a_name_before_the_value_is_a_receptor() {
    let (all, statements) = sent("send w; send nmda 0.5 * w");
    assert_eq!(all, [(0, (0.0, 5.0)), (1, (0.0, 2.5))]);
    assert_eq!(statements, "s1 = s0; s2 = (0.5 * s0)");
    // In order of their first mention, whatever path it is on.
    let (all, _) = sent("if x > 1 { send nmda w } else { send w }");
    assert_eq!(all, [(1, (0.0, 5.0)), (0, (0.0, 5.0))]);
    let (all, _) =
        sent("if x > 1 { send nmda w; send w } else { send nmda if a > 1 { w } else { g } }");
    assert_eq!(all, [(1, (0.0, 5.0)), (0, (0.0, 5.0))]);
    assert_eq!(sent("send ampa w").0, [(0, (0.0, 5.0))]);
    assert_eq!(
        sent("send nmda g; send cur clamp(x, 0, 3) * 1 pA").0,
        [(1, (1.0, 1.0)), (2, (0.0, 3.0))]
    );
}

#[test]
fn a_group_behind_a_blank_is_a_value_and_a_sign_is_an_operator() {
    assert_eq!(sent("send nmda (w + g)"), (vec![(1, (1.0, 6.0))], "s1 = (s0 + p1)".into()));
    assert_eq!(sent("send nmda (w + g) * a - w").1, "s1 = (((s0 + p1) * p0) - s0)");
    assert_eq!(sent("send nmda (-w)").0, [(1, (-5.0, 0.0))]);
    // No receptors: a call, a difference, a value alone.
    assert_eq!(sent("send abs (w)"), (vec![(0, (0.0, 5.0))], "s1 = Abs(s0)".into()));
    assert_eq!(sent("send g -w").1, "s1 = (p1 - s0)");
    assert_eq!(sent("send w").1, "s1 = s0");
    assert_snapshot!(mistakes("send nmda -w"), @"net.toml:6:18: synapse s, field `on_pre`: `nmda` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    assert_snapshot!(mistakes("send nmda"), @"net.toml:6:18: synapse s, field `on_pre`: `nmda` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    assert_snapshot!(mistakes("send nmda(w)"), @"net.toml:6:18: synapse s, field `on_pre`: there is no function `nmda`; functions are exp, ln, log, sqrt, tanh, sin, cos, abs, floor, ceil, round, exprel, min, max, clamp, pow, rand_uniform, rand_normal, rand_bernoulli, uniform, normal");
}

#[test]
fn a_name_with_a_value_is_no_receptor() {
    assert_snapshot!(mistakes("send a w; send w w; send x w; let l = w; send l w; send exp w"), @r"
    net.toml:6:18: synapse s, field `on_pre`: `a` is a parameter, a receptor is expected before a value; write `send` and the value, or give one of the two another name
    net.toml:6:28: synapse s, field `on_pre`: `w` is a state variable, a receptor is expected before a value; write `send` and the value, or give one of the two another name
    net.toml:6:38: synapse s, field `on_pre`: `x` is a trace, a receptor is expected before a value; write `send` and the value, or give one of the two another name
    net.toml:6:59: synapse s, field `on_pre`: `l` is a local variable, a receptor is expected before a value; write `send` and the value, or give one of the two another name
    net.toml:6:69: synapse s, field `on_pre`: `exp` is a name with a fixed meaning, a receptor is expected before a value; write `send` and the value, or give one of the two another name
    ");
    assert_snapshot!(mistakes("send nmda w w"), @"net.toml:6:25: synapse s, field `on_pre`: `w` is not expected here; expected an operator or the end");
}

#[test]
fn each_path_sends_once_to_each_receptor() {
    assert_snapshot!(mistakes("send nmda w; send w; send nmda g"), @"net.toml:6:34: synapse s, field `on_pre`: a path to here has sent a value to `nmda`; a pre event sends once to each receptor: choose the value with `if`");
    assert_snapshot!(mistakes("if x > 1 { send nmda w } else { send w }; send w"), @"net.toml:6:55: synapse s, field `on_pre`: a path to here has sent a value; a pre event sends once: choose the value with `if`");
}

#[test]
fn the_target_has_the_receptors() {
    assert_snapshot!(mistakes("send nmd w"), @"net.toml:12:12: projection p, field `synapse`: s sends to `nmd`, a receptor that the target does not have; did you mean `nmda`?");
    assert_snapshot!(mistakes("send w; send gaba w"), @"net.toml:12:12: projection p, field `synapse`: s sends to `gaba`, a receptor that the target does not have; the receptors are `ampa`, `nmda`, `cur`");
    assert_snapshot!(mistakes("send w; send ampa w"), @"net.toml:12:12: projection p, field `synapse`: s sends to `ampa` by name and to the receptor of the projection, which is the same; choose another receptor for the projection, or add the values in the model");
}

#[test]
fn units_are_those_of_the_receptor() {
    assert_snapshot!(mistakes("send cur w"), @r#"net.toml:6:22: synapse s, field `on_pre`: cannot send a conductance, the receptor `cur` takes a current (weights of projection p are in nS); give a current like "100 pA""#);
    assert_snapshot!(mistakes("send nmda 1 pA"), @r#"net.toml:6:23: synapse s, field `on_pre`: cannot send a current, the receptor `nmda` takes a conductance (weights of projection p are in nS); give a conductance like "10 nS""#);
    assert_snapshot!(mistakes("send cur x * 1 pA"), @"net.toml:6:13: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); hold what is sent to `cur` with `clamp`, `min` and `max`: `send_max` has the unit of weights");
    // `send_max` has the unit of weights, and bounds all that have it.
    let most = |on_pre: &str| network(&format!("{}\nsend_max = '3 nS'", model(on_pre)), "ampa");
    let synapse = synapse_of(&most("send w * x; send nmda x * g; send cur tanh(x) * 7 pA"));
    let all: Vec<_> = synapse.sent.iter().map(|sent| sent.bounds).collect();
    assert_eq!(all, [(-3.0, 3.0), (-3.0, 3.0), (-7.0, 7.0)]);
    assert_snapshot!(wrong(&most("send cur x * 1 pA")), @"net.toml:6:13: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); hold what is sent to `cur` with `clamp`, `min` and `max`: `send_max` has the unit of weights");
    // The same model onto another receptor, whose unit its weights have.
    let to_current = network(
        "state = { w = 'weight' }\nbounds = { w = [0, '5 pA'] }\non_pre = 'send w; send nmda 1 nS'",
        "cur",
    );
    let synapse = synapse_of(&to_current.replace("weight = \"1 nS\"", "weight = \"1 pA\""));
    assert_eq!(synapse.sent.iter().map(|sent| sent.receptor).collect::<Vec<_>>(), [2, 1]);
}
