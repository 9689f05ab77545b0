//! Host values that are not finite are found before the run, wherever they hide.

use super::support::{good, wrong};
use insta::assert_snapshot;

/// The mistakes of a population `a` of three neurons whose model has this update.
fn update(update: &str, parameters: &str) -> String {
    wrong(&network(update, parameters, "\"0\""))
}

fn network(update: &str, parameters: &str, initial: &str) -> String {
    format!(
        "[model.x]\nupdate = \"\"\"\n{update}\n\"\"\"\ncurrent = \"1\"\n\
         parameters = {{ p = -1.5, q = 0, r = \"2 mV\" }}\nstate = {{ s = {initial} }}\n\
         [population.a]\nsize = 3\nmodel = \"x\"\nparameters = {{ {parameters} }}\n"
    )
}

#[test]
fn an_operator_cannot_hide_them() {
    assert_snapshot!(update("s -= sqrt(p) + i_ext\ns = clamp(s, -120, 120)", ""), @"net.toml:3:6: population a: `sqrt(p)` in the update of model x is not a number for neuron 0, where p = -1.5; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("s = clamp(sqrt(p), 0, 1) + i_ext", ""), @"net.toml:3:11: population a: `sqrt(p)` in the update of model x is not a number for neuron 0, where p = -1.5; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("s = s + i_ext + 1 / (1 / q)", ""), @"net.toml:3:21: population a: `(1 / q)` in the update of model x is infinite for neuron 0, where q = 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("let a = p\ns = if ln(a) < 1 { s } else { i_ext }", ""), @"net.toml:4:8: population a: `ln(a)` in the update of model x is not a number for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("s = i_ext * max(exp(1000), s)", ""), @"net.toml:3:17: population a: `exp(1000)` in the update of model x is infinite for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

#[test]
fn each_is_named_once_and_all_are() {
    assert_snapshot!(update("let a = sqrt(p)\ns = a * s + a + i_ext\ns *= 0 ^ (-1)", "q = \"i - 1\""), @"
    net.toml:3:9: population a: `sqrt(p)` in the update of model x is not a number for neuron 0, where p = -1.5; values that do not change in a run must be finite: change the parameters, or guard the text with `if`
    net.toml:5:6: population a: `0 ^ (-1)` in the update of model x is infinite for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`
    ");
    assert_snapshot!(update("s = i_ext +\n  s / (1 / (q - 1))", "q = \"i\""), @"net.toml:4:7: population a: `(1 / (q - 1))` in the update of model x is infinite for neuron 1, where q = 1; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

#[test]
fn values_beyond_a_float_of_32_bits() {
    assert_snapshot!(update("s = s * 1e39 + i_ext", ""), @"net.toml:3:9: population a: `1e39` in the update of model x is 1e39, more than a 32-bit float holds, for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("let big = 1e30 * r * 1e30\ns = min(s, big) + i_ext", ""), @"net.toml:4:12: population a: `big` in the update of model x is 2e60, more than a 32-bit float holds, for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(update("s = i_ext\nif s > 0 { s = 1e39 }", ""), @"net.toml:4:16: population a: `1e39` in the update of model x is 1e39, more than a 32-bit float holds, for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

#[test]
fn a_branch_that_is_not_taken_does_not_count() {
    for text in [
        "s = i_ext + if q > 0 { 1 / q } else { 0 }",
        "if q > 0 { s = i_ext / (1 / q) } else { s = i_ext }",
        "let a = 1\nif q > 0 { a = 1 / q }\ns = a + i_ext",
        "if q > 0 && 1 / q < 3 { s = i_ext } else { s = 1 }",
    ] {
        for q in ["", "q = \"i\""] {
            good(&network(text, q, "0"));
        }
    }
    // Both sides of a condition that is known during the run only are computed.
    assert_snapshot!(update("s = i_ext + if s > 0 { 1 / q } else { 0 }", ""), @"net.toml:3:24: population a: `1 / q` in the update of model x is infinite for neuron 0, where q = 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

#[test]
fn currents_that_are_too_large_together() {
    let text = network("s = s + i_ext", "", "0");
    let stimulus = |name: &str| {
        format!("[stimulus.{name}]\nkind = \"current\"\npopulation = \"a\"\namplitude = 3e38\n")
    };
    good(&format!("{text}{}", stimulus("one")));
    assert_snapshot!(wrong(&format!("{text}{}{}", stimulus("one"), stimulus("two"))), @"net.toml:3:9: population a: `i_ext` in the update of model x is 6e38, more than a 32-bit float holds, for neuron 0; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
}

#[test]
fn values_of_populations() {
    assert_snapshot!(wrong(&network("s = i_ext", "", "\"clamp(sqrt(p), 0, 1)\"")), @"net.toml:8:13: population a, field `initial.s`: its default for neuron 0 is not a number; give an initial value");
    good(&network("s = i_ext", "", "\"if p > 0 { sqrt(p) } else { 0 }\""));
    let parameter = |text: &str| network("s = i_ext", &format!("p = \"{text}\""), "0");
    assert_snapshot!(wrong(&parameter("clamp(1 / (i - 1), 0, 1)")), @"net.toml:11:27: population a, field `parameters.p`: the value of neuron 1 is not finite");
    assert_snapshot!(wrong(&parameter("min(exp(1000), 3)")), @"net.toml:11:25: population a, field `parameters.p`: the value is not finite");
    good(&parameter("if i > 0 { 1 / i } else { 0 }"));
    good(&parameter("if false { 1 / 0 } else { 0 }"));
}
