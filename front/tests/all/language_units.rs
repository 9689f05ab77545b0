//! Units in the texts of a step: which fit, and the place, the two sides and the remedy where not.

use isospike_core::base::units::Dimension;
use isospike_front::diagnostic::Diagnostic;
use isospike_front::file;
use isospike_front::language::{Constants, Quantity, parse_model};
use std::path::Path;

/// The declarations of a model with units.
const WITH_UNITS: &str = r#"[model.m.parameters]
tau = "10 ms"
c_m = "200 pF"
e = "-65 mV"
q = 0.5
[model.m.state]
v = "e"
g = "0 nS"
x = 0
[model.m.receptors]
exc = "nS"
syn = "pA"
"#;

/// The same names without units.
const WITHOUT: &str = "[model.m.parameters]\ntau = 10\nc_m = 200\ne = -65\nq = 0.5\n\
     [model.m.state]\nv = \"e\"\ng = 0\nx = 0\n[model.m.receptors]\nexc = \"1\"\nsyn = \"1\"\n";

/// A network's constants: one with a unit, one without.
fn constants() -> Constants {
    let constant = |value, dimension| Quantity { value, dimension };
    Constants::from([
        ("shift".into(), constant(5.0, Dimension::VOLTAGE)),
        ("scale".into(), constant(0.5, Dimension::NUMBER)),
    ])
}

/// The mistakes of a model of these texts, which stand in lines 3, 6 and 9 of the file.
fn read(
    declared: &str,
    current: &str,
    [update, threshold, reset]: [&str; 3],
) -> Result<(), Vec<Diagnostic>> {
    let text = format!(
        "[model.m]\nupdate = \"\"\"\n{update}\nx += syn * (exc + g) * 0 + i_ext * 0\"\"\"\n\
         threshold = \"\"\"\n{threshold}\"\"\"\nreset = \"\"\"\n{reset}\"\"\"\n\
         current = \"{current}\"\nrefractory = \"2 ms\"\n{declared}"
    );
    let network = file::parse(&text, "net.toml", Path::new(""), &[]).expect("TOML");
    parse_model(&network.models[0], &constants()).map(drop)
}

/// The mistakes of an update of a model with units, which begins in line 3 of the file.
fn update(text: &str) -> Result<(), Vec<Diagnostic>> {
    read(WITH_UNITS, "pA", [text, "v > e", "v = e"])
}

const RIGHT: &[&str] = &[
    // Numbers without a unit fit any: as literals, parameters, state, constants and draws.
    "v += 1",
    "v = 3 * v - 2",
    "v += q + x + scale + pi + rand_normal()",
    "v += 0.5 * tau",
    "x = v; x = tau; x += c_m",
    "v += x * tau",
    "if v > -50 && tau < 3 { v = 0 }",
    "v = clamp(v, -80, 0)",
    "v = if v > 0 { 0 } else { v }",
    // A number may stand for a quantity whose unit the text does not say.
    "let a = 0.1 * exp((v + 40) / 10); x = exp(-a * dt)",
    "v += dt * (0.04 * v + 5) * v",
    "v += 0.3 * sqrt(dt) * rand_normal()",
    "v += 0.1 * (v - e) ^ 1.5",
    "v += q * (v - e) ^ q",
    // Units combine.
    "v += dt / tau * (e - v) + dt / c_m * (syn + i_ext)",
    "v += dt * (e - v + i_ext / (10 nS)) / tau",
    "v = e + (v - e) * exp(-dt / tau)",
    "v += i_ext * 1 GOhm + 5 mV / 1 ms * dt + shift",
    "g = g * exp(-dt / tau) + exc",
    "v += dt * exc * (e - v) / c_m",
    "v *= exp(-dt / tau); v /= 2; v *= q",
    "v = sqrt(v ^ 2) + (v * v) ^ 0.5 + (v ^ -1) ^ -1 + v ^ 3 / e ^ (1 + 1) + pow(v, 2) / e",
    "v = max(v, e) + min(v, 5 mV) + clamp(v, e, 0 mV) + abs(v) - -v",
    "v = round(v / 1 mV) * 1 mV + floor(v / e) * e",
    "if rand_bernoulli(dt / tau) || rand_bernoulli(dt * 8 Hz) || rand_bernoulli(0.1) { v = e }",
    // A local has the unit of its `let`, and on each path the one of that path.
    "let a = v; a -= e; a = 3 mV; v += a",
    "if refractory { let a = v } else { let a = 1 }\nv = a",
    "if refractory { let a = v; v = a }\nlet a = tau; a += dt",
];

#[test]
fn units_that_fit() {
    for text in RIGHT {
        update(text).unwrap_or_else(|all| panic!("{text}: {}", all[0]));
    }
}

/// Text, line and column in it, message, help.
type Case = (&'static str, &'static str, &'static str, &'static str);

const WRONG: &[Case] = &[
    (
        "x = 1\nv = v + tau",
        "2:7",
        "cannot add a voltage and a time",
        "`v` is in mV, `tau` is in ms: multiply `tau` by a quantity in mV/ms",
    ),
    (
        "v += tau",
        "1:6",
        "cannot add a voltage and a time",
        "`v` is in mV, `tau` is in ms: multiply `tau` by a quantity in mV/ms",
    ),
    (
        "v -= dt *\n  (syn + i_ext)",
        "1:6",
        "cannot subtract a voltage and a quantity in pA*ms",
        "`v` is in mV, `dt * (syn + i_ext)` is in pA*ms: divide `dt * (syn + i_ext)` by \
         a capacitance like \"250 pF\"",
    ),
    (
        "v = v + i_ext",
        "1:7",
        "cannot add a voltage and a current",
        "`v` is in mV, `i_ext` is in pA: multiply `i_ext` by a resistance like \"100 MOhm\"",
    ),
    (
        "g = exc * (v - e)",
        "1:5",
        "cannot assign a current to `g`, which is a conductance",
        "`g` is in nS, `exc * (v - e)` is in pA: divide `exc * (v - e)` by \
         a voltage like \"-65 mV\"",
    ),
    (
        "v = e + dt / tau",
        "1:7",
        "cannot add a voltage and a plain number",
        "`e` is in mV, `dt / tau` is a plain number: multiply `dt / tau` by \
         a voltage like \"-65 mV\"",
    ),
    (
        "v = v * exp(-dt / tau) + (1 - exp(-dt / tau))",
        "1:24",
        "cannot add a voltage and a plain number",
        "`v * exp(-dt / tau)` is in mV, `(1 - exp(-dt / tau))` is a plain number: multiply \
         `(1 - exp(-dt / tau))` by a voltage like \"-65 mV\"",
    ),
    (
        "x = tau + 1 / (dt / tau) * 0 + exp(0) + tau",
        "1:30",
        "cannot add a time and a plain number",
        "`tau + 1 / (dt / tau) * 0` is in ms, `exp(0)` is a plain number: multiply `exp(0)` by \
         a time like \"20 ms\"",
    ),
    (
        "v *= dt",
        "1:6",
        "the factor of `v` must be a plain number, not a time",
        "divide by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "v /= tau",
        "1:6",
        "the divisor of `v` must be a plain number, not a time",
        "divide by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "if v > tau { v = e }",
        "1:6",
        "cannot compare a voltage and a time",
        "`v` is in mV, `tau` is in ms: multiply `tau` by a quantity in mV/ms",
    ),
    (
        "v = max(v, i_ext)",
        "1:12",
        "cannot compare a voltage and a current",
        "`v` is in mV, `i_ext` is in pA: multiply `i_ext` by a resistance like \"100 MOhm\"",
    ),
    (
        "x = clamp(0, v, 1 ms)",
        "1:17",
        "cannot compare a voltage and a time",
        "`v` is in mV, `1 ms` is in ms: multiply `1 ms` by a quantity in mV/ms",
    ),
    (
        "v = if refractory { e } else { tau }",
        "1:32",
        "cannot choose between a voltage and a time",
        "`e` is in mV, `tau` is in ms: multiply `tau` by a quantity in mV/ms",
    ),
    (
        "v = e + (v - e) * exp(-dt * tau)",
        "1:23",
        "the argument of `exp` must be a plain number, not a quantity in ms^2",
        "divide by a quantity in ms^2, so that the units cancel",
    ),
    (
        "x = ln(v) + tanh(v) + floor(v)",
        "1:8",
        "the argument of `ln` must be a plain number, not a voltage",
        "divide by a voltage like \"-65 mV\", so that the units cancel",
    ),
    (
        "x = round(v)",
        "1:11",
        "the argument of `round` must be a plain number, not a voltage",
        "divide by a voltage like \"-65 mV\", so that the units cancel",
    ),
    (
        "x = 2 ^ v",
        "1:9",
        "an exponent must be a plain number, not a voltage",
        "divide by a voltage like \"-65 mV\", so that the units cancel",
    ),
    (
        "x = pow(2, tau)",
        "1:12",
        "an exponent must be a plain number, not a time",
        "divide by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "if rand_bernoulli(1 kHz) { v = e }",
        "1:19",
        "the argument of `rand_bernoulli` must be a plain number, not a rate",
        "multiply by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "v = v ^ 2",
        "1:5",
        "cannot assign a quantity in mV^2 to `v`, which is a voltage",
        "`v` is in mV, `v ^ 2` is in mV^2: divide `v ^ 2` by a voltage like \"-65 mV\"",
    ),
    (
        "x = v ^ 100 * v ^ 100",
        "1:13",
        "this has no unit",
        "exponents of units must stay within -128 to 127",
    ),
    (
        "let a = dt\na = v",
        "2:5",
        "cannot assign a voltage to `a`, which is a time",
        "`a` is in ms, `v` is in mV: multiply `v` by a quantity in ms/mV",
    ),
    (
        "if refractory { let a = v } else { let a = dt }",
        "1:40",
        "`a` is a voltage in one branch, a time in another",
        "choose another name",
    ),
    (
        "x = shift + tau",
        "1:11",
        "cannot add a voltage and a time",
        "`shift` is in mV, `tau` is in ms: multiply `tau` by a quantity in mV/ms",
    ),
    (
        "v = ((v + e) * 2 + (e + v) * 2 + e - v - e - v + e) - tau",
        "1:53",
        "cannot subtract a voltage and a time",
        "`((v + e) * 2 + (e + v) * 2 + e - v - e -...` is in mV, `tau` is in ms: multiply `tau` by \
         a quantity in mV/ms",
    ),
];

#[test]
fn units_that_do_not_fit() {
    for (text, at, message, help) in WRONG {
        let all = update(text).expect_err(text);
        let first = &all[0];
        let found = format!("{}:{}", first.location.line - 2, first.location.column);
        assert_eq!((first.item.as_str(), first.field.as_str()), ("model m", "update"), "{text}");
        assert_eq!((&*found, &*first.message, &*first.help), (*at, *message, *help), "{text}");
    }
}

#[test]
fn all_texts_are_checked_at_once() {
    let texts = ["v += tau\nlet a = 1 ms\nv = v + syn", "v > a && v > 2", "v = a\nv = e - g"];
    let all = read(WITH_UNITS, "pA", texts).expect_err("units");
    let report: String = all.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    insta::assert_snapshot!(report);
}

#[test]
fn a_model_without_units_is_free() {
    for (text, ..) in WRONG {
        // Two branches that differ and quantities with units are no mistakes either.
        let free = read(WITHOUT, "1", [text, "v > tau", "v = dt"]);
        free.unwrap_or_else(|all| panic!("{text}: {}", all[0]));
    }
    // One declared unit is enough: `dt` is a time.
    let texts = ["x = i_ext + dt", "v > e", ""];
    let all = read(WITHOUT, "pA", texts).expect_err("a current and a time");
    assert_eq!(all[0].message, "cannot add a current and a time");
}
