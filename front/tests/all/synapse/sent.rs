//! The bounds of what is sent.

use super::support::{mistakes, network, synapse};
use crate::check::support::wrong;
use insta::assert_snapshot;

/// The bounds of an expression over `w` in [0, 5], `c` in [-2, 3], `u` without bounds, a trace `x`,
/// a parameter `a` = 2, with weights of 1.
fn sent(on_pre: &str) -> (f64, f64) {
    synapse(&format!("{MODEL}on_pre = '''{on_pre}'''")).sent[0].bounds
}

const MODEL: &str = "parameters = { a = 2 }\nstate = { w = 'weight', c = 1, u = 1, k = 4 }\n\
                     bounds = { w = [0, '5 pA'], c = [-2, 3] }\n\
                     pre = { x = { tau = '1 ms', spike = 1 } }\non_post = 'u += 1; w += 1; c += 1'\n";

#[test]
fn bounds_follow_the_expression() {
    for (on_pre, lo, hi) in [
        ("send w", 0.0, 5.0),
        ("send a * w + 1", 1.0, 11.0),
        ("send w - c", -3.0, 7.0),
        ("send -w", -5.0, 0.0),
        ("send c * c", -6.0, 9.0),
        ("send c ^ 2", 0.0, 9.0),
        ("send c ^ 3", -8.0, 27.0),
        ("send c ^ 0", 1.0, 1.0),
        ("send w / a", 0.0, 2.5),
        ("send w / (c + 4)", 0.0, 2.5),
        ("send abs(c)", 0.0, 3.0),
        ("send min(c, 1) + max(c, 0)", -2.0, 4.0),
        ("send clamp(x, 0, 3)", 0.0, 3.0),
        ("send clamp(u, c, w)", -2.0, 5.0),
        ("send min(max(x, 0), a)", 0.0, 2.0),
        ("send 0 * x", 0.0, 0.0),
        ("send 1 pA * tanh(x)", -1.0, 1.0),
        ("send 1 pA * (sin(x) + cos(c))", -2.0, 2.0),
        ("send 1 pA * floor(c + 0.5)", -2.0, 3.0),
        ("send 1 pA * (exp(0 * c) + sqrt(c + 1) + ln(1))", 1.0, 3.0),
        // A variable that nothing assigns keeps its value.
        ("send k * w", 0.0, 20.0),
        ("send weight * k", 4.0, 4.0),
        // Paths, and the value 0 of one that sends nothing.
        ("if x > 1 { send w + 1 }", 0.0, 6.0),
        ("if x > 1 { send w + 1 } else { send -1 }", -1.0, 6.0),
        ("if a > 1 { send w + 1 }", 1.0, 6.0),
        ("send if x > 1 { c } else { w }", -2.0, 5.0),
        ("send if !(a > 1 && true) { u } else { w }", 0.0, 5.0),
        ("let l = 2 * c; u = l; send u + 1", -3.0, 7.0),
        ("let l = 0; if x > 1 { l = 2 } else { l = c }; send l", -2.0, 3.0),
        ("w = 1; send w", 1.0, 1.0),
        ("send dt / 1 ms * w", 0.0, 0.5),
    ] {
        let found = sent(on_pre);
        assert!(
            (found.0 - lo).abs() < 1e-12 && (found.1 - hi).abs() < 1e-12,
            "{on_pre}: {found:?}"
        );
    }
}

#[test]
fn what_has_no_bound_needs_send_max() {
    let model = |rest: &str| mistakes(&format!("{MODEL}{rest}"));
    assert_snapshot!(model("on_pre = 'send x'"), @"net.toml:7:11: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); give `send_max`, or hold it with `clamp`, `min` and `max`");
    assert_snapshot!(model("on_pre = 'if w > 1 { send u }'"), @"net.toml:7:11: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); give `send_max`, or hold it with `clamp`, `min` and `max`");
    for on_pre in [
        "send w / c",
        "send c ^ -1",
        "send 1 pA * exp(x)",
        "let l = x; send l * w",
        "send max(x, 0)",
        "send sqrt(u)",
    ] {
        let found = model(&format!("on_pre = '{on_pre}'"));
        assert!(found.contains("has no bound") || found.contains("out of range"), "{found}");
    }
    let with = |rest: &str| synapse(&format!("{MODEL}{rest}")).sent[0].bounds;
    assert_eq!(with("on_pre = 'send x'\nsend_max = '3 pA'"), (-3.0, 3.0));
    assert_eq!(with("on_pre = 'send x'\nsend_max = 'a * weight'"), (-2.0, 2.0));
    assert_eq!(with("on_pre = 'send max(x, 0)'\nsend_max = 'weight'"), (0.0, 1.0));
    // The tighter of the two.
    assert_eq!(with("on_pre = 'send w'\nsend_max = '3 pA'"), (0.0, 3.0));
    assert_eq!(with("on_pre = 'send w'\nsend_max = '7 pA'"), (0.0, 5.0));
    assert_eq!(with("on_pre = 'send w + 4'\nsend_max = '3 pA'"), (3.0, 3.0));
}

#[test]
fn send_max() {
    let most = |most: &str| mistakes(&format!("{MODEL}on_pre = 'send x'\nsend_max = {most}"));
    assert_snapshot!(most("'-1 pA'"), @"net.toml:8:13: synapse s, field `send_max`: this is -1 pA (in projection p); give 0 or more: it bounds magnitudes");
    assert_snapshot!(most("'1 nS'"), @r#"net.toml:8:13: synapse s, field `send_max`: this is a conductance, weights are a current (weights of projection p are in pA); give a current like "100 pA""#);
    assert_snapshot!(most("3"), @r#"net.toml:8:12: synapse s, field `send_max`: this is a plain number, weights are a current (weights of projection p are in pA); give a current like "100 pA""#);
    assert_snapshot!(most("'w'"), @"net.toml:8:13: synapse s, field `send_max`: `w` is a state variable, which has no value before the run; only parameters, constants and `dt` can be used here");
    assert_snapshot!(most("'weight / (a - a)'"), @"net.toml:8:13: synapse s, field `send_max`: its value is infinite (in projection p); values must fit a 32-bit float: change the parameters in it");
    assert_snapshot!(most("[]"), @r#"net.toml:8:12: synapse s, field `send_max`: this is not a quantity; write a number, or text like "20 ms""#);
    assert_snapshot!(most("'1e30 pA'"), @"net.toml:14:12: projection p, field `synapse`: a weight of 1e30 pA is out of range; give 0, or from 1e-25 to 1e25 base units; check the unit");
}

#[test]
fn receptors_take_one_sign() {
    let to = |receptor: &str, weight: &str, rest: &str| {
        network(&format!("{MODEL}{rest}"))
            .replace("to = \"inh\"", &format!("to = \"exc\"\nreceptor = \"{receptor}\""))
            .replace("\"1 pA\"", weight)
            .replace("[0, '5 pA']", "['-5 pA', '5 pA']")
    };
    assert_snapshot!(wrong(&to("exc", "'1 pA'", "on_pre = 'send w'")), @"net.toml:14:12: projection p, field `synapse`: s may send values from -5 pA to 5 pA, the receptor `exc` takes 0 or more; change the bounds of the model, or give `send_max`");
    assert_snapshot!(wrong(&to("inh", "'-1 pA'", "on_pre = 'send w'")), @"net.toml:14:12: projection p, field `synapse`: s may send values from -5 pA to 5 pA, the receptor `inh` takes 0 or less; change the bounds of the model, or give `send_max`");
    let sent = |text: &str| super::support::synapse_of(text).sent[0].bounds;
    assert_eq!(sent(&to("exc", "'1 pA'", "on_pre = 'send x'\nsend_max = 'weight'")), (0.0, 1.0));
    assert_eq!(
        sent(&to("inh", "'-1 pA'", "on_pre = 'send x'\nsend_max = '2 * weight'")),
        (-2.0, 0.0)
    );
    assert_eq!(sent(&to("exc", "'1 pA'", "on_pre = 'send max(w, 0 pA)'")), (0.0, 5.0));
    // A magnitude that no sum can hold.
    assert_snapshot!(wrong(&to("exc", "'1 pA'", "on_pre = 'send 1e26'")), @"net.toml:14:12: projection p, field `synapse`: a weight of 1e26 pA is out of range; give 0, or from 1e-25 to 1e25 base units; check the unit");
}
