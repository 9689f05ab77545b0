//! Quantities: values, dimensions, per-neuron values, and where each mistake points.

use isospike_core::base::random;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use isospike_front::diagnostic::{Diagnostic, Location};
use isospike_front::language::{Constants, DrawSite, Quantity, per_neuron, quantity};
use isospike_front::network::{Content, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The value as if its first character stood in line 5, column 11 of a file.
fn value(text: &str) -> Value {
    let location = Location { file: Some("net.toml".into()), line: 5, column: 11, length: 1 };
    Value { content: Content::Text(text.into()), location }
}

fn constants() -> Constants {
    let constant = |value, dimension| Quantity { value, dimension };
    Constants::from([
        ("scale".into(), constant(4.0, Dimension::NUMBER)),
        ("tau_m".into(), constant(20.0, Dimension::TIME)),
    ])
}

fn good(text: &str) -> Quantity {
    quantity(&value(text), &constants()).unwrap_or_else(|diagnostic| panic!("{text}: {diagnostic}"))
}

fn bad(text: &str) -> Diagnostic {
    match quantity(&value(text), &constants()) {
        Ok(found) => panic!("{text} is not refused but gives {found:?}"),
        Err(diagnostic) => diagnostic,
    }
}

#[test]
fn rates_and_slopes_are_written_as_their_units_are() {
    let slope = Dimension::new(-1, 1, 0);
    for (text, value, dimension) in [
        ("-0.1 1/ms", -0.1, Dimension::RATE),
        ("+0.1 1/ms", 0.1, Dimension::RATE),
        ("  - 0.1   1 / ms ", -0.1, Dimension::RATE),
        ("-1e-1 1/ms", -0.1, Dimension::RATE),
        ("2.5E+1 1/s", 0.025, Dimension::RATE),
        ("(-0.1 1/ms)", -0.1, Dimension::RATE),
        ("2 * -0.1 1/ms + 1 1/ms", 0.8, Dimension::RATE),
        ("1/ms", 1.0, Dimension::RATE),
        ("0.1/ms", 0.1, Dimension::RATE),
        ("5 1/mV", 5.0, Dimension::new(0, -1, 0)),
        ("-5 mV/ms", -5.0, slope),
        ("5 mV/s", 0.005, slope),
        ("+5 mV", 5.0, Dimension::VOLTAGE),
        ("1 - +2", -1.0, Dimension::NUMBER),
        ("3 / scale", 0.75, Dimension::NUMBER),
    ] {
        assert_eq!(good(text), Quantity { value, dimension }, "{text}");
    }
    assert!(bad("0.1 1/mm").message.contains("`mm` is not a unit"));
    assert!(bad("0.1 2/ms").message.contains("`2` is not expected"));
}

#[test]
fn expressions_have_the_usual_meaning() {
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("2 * -3", -6.0),
        ("--3", 3.0),
        ("1.5e3 + .5 + 2.", 1502.5),
        ("if 1 < 2 && !(2 == 3) || false { 10 } else { 20 }", 10.0),
        ("if 1 > 2 { 1 } else if 2 != 2 { 2 } else { 3 }", 3.0),
        ("max(1, min(5, scale)) + clamp(9, 0, 2)", 6.0),
        ("round(2.5) + round(-2.5) + floor(-0.5) + ceil(0.5)", 1.0),
        ("exprel(0) + abs(-1) + sqrt(scale) + pow(2, 3)", 12.0),
        ("ln(exp(2)) - log(1)", 2.0),
        ("cos(pi) + sin(0) + tanh(0)", -1.0),
        ("(1 +\n  2) # three\n", 3.0),
        ("\n1\n  + 2 +\n3\n", 6.0),
        ("if true {\n 1\n}\nelse {\n 2\n}", 1.0),
        ("if scale <= 4 { 1 } else { 2 }", 1.0),
    ] {
        assert_eq!(
            good(text),
            Quantity { value: expected, dimension: Dimension::NUMBER },
            "{text}"
        );
    }
}

#[test]
fn units_follow_the_operators() {
    for (text, value, dimension) in [
        ("0.1 ms", 0.1, Dimension::TIME),
        ("0.1ms", 0.1, Dimension::TIME),
        ("8 Hz", 8.0 / 1000.0, Dimension::RATE),
        ("-65 mV", -65.0, Dimension::VOLTAGE),
        ("87.8 pA / sqrt(scale)", 43.9, Dimension::CURRENT),
        ("10 mV / 2 ms", 5.0, Dimension::new(-1, 1, 0)),
        ("250 pF / 10 ms", 25.0, Dimension::CONDUCTANCE),
        ("10 mV * 3 nS", 30.0, Dimension::CURRENT),
        ("1 / tau_m", 0.05, Dimension::RATE),
        ("tau_m ^ 2", 400.0, Dimension::new(2, 0, 0)),
        ("(tau_m ^ 2) ^ 0.5", 20.0, Dimension::TIME),
        ("sqrt(4 mV * 9 mV)", 6.0, Dimension::VOLTAGE),
        ("tau_m ^ -1", 0.05, Dimension::RATE),
        ("max(1 s, tau_m)", 1000.0, Dimension::TIME),
        ("if tau_m > 1 s { 1 nA } else { 2 nA }", 2000.0, Dimension::CURRENT),
        ("exp(-20 ms / tau_m) * 0 mV", 0.0, Dimension::VOLTAGE),
    ] {
        assert_eq!(good(text), Quantity { value, dimension }, "{text}");
    }
    let plain = Value { content: Content::Integer(3), location: Location::builder() };
    assert_eq!(quantity(&plain, &constants()).map(|found| found.value), Ok(3.0));
    let number = Value { content: Content::Number(0.02), location: Location::builder() };
    assert_eq!(quantity(&number, &constants()).map(|found| found.value), Ok(0.02));
}

/// Text, line, column, length, message, help.
type Case = (&'static str, u32, u32, u32, &'static str, &'static str);

const MISTAKES: &[Case] = &[
    ("20 mss", 5, 14, 3, "`mss` is not a unit", "did you mean `ms`?"),
    ("20 MV", 5, 14, 2, "`MV` is not a unit", "did you mean `mV`?"),
    ("tau_n", 5, 11, 5, "`tau_n` is not defined", "did you mean `tau_m`?"),
    ("quark", 5, 11, 5, "`quark` is not defined", "it must be a constant"),
    ("1 + sqr(4)", 5, 15, 3, "there is no function `sqr`", "write `x ^ 2`"),
    ("1 + sqrr(4)", 5, 15, 4, "there is no function `sqrr`", "did you mean `sqrt`?"),
    ("1 + min(4)", 5, 15, 3, "`min` takes 2 arguments, not 1", ""),
    (
        "tau_m + 3 mV",
        5,
        17,
        1,
        "cannot add a time and a voltage",
        "`tau_m` is in ms, `3 mV` is in mV: multiply `3 mV` by a quantity in ms/mV",
    ),
    (
        "tau_m -\n 3",
        5,
        17,
        1,
        "cannot subtract a time and a plain number",
        "write the number with its unit, as in `1 ms`",
    ),
    (
        "1 < 2",
        5,
        11,
        5,
        "a number is expected, this is a condition",
        "`if condition { 1 } else { 0 }` makes a number of it",
    ),
    (
        "if 1 { 2 } else { 3 }",
        5,
        14,
        1,
        "a condition is expected, this is a number",
        "compare it, as in `x > 0`",
    ),
    ("!3 + 1", 5, 12, 1, "a condition is expected, this is a number", "compare it, as in `x > 0`"),
    (
        "\n  exp(tau_m)",
        6,
        7,
        5,
        "the argument of `exp` must be a plain number, not a time",
        "divide by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "2 ^ tau_m",
        5,
        15,
        5,
        "an exponent must be a plain number, not a time",
        "divide by a time like \"20 ms\", so that the units cancel",
    ),
    (
        "tau_m ^ 0.3",
        5,
        17,
        1,
        "this power of a time has no unit",
        "only whole powers (and halves of even ones) of a unit exist",
    ),
    ("sqrt(tau_m)", 5, 16, 5, "the square root of a time has no unit", ""),
    (
        "min(1, tau_m)",
        5,
        18,
        5,
        "cannot compare a plain number and a time",
        "write the number with its unit, as in `1 ms`",
    ),
    (
        "if true { 1 } else { 1 ms }",
        5,
        32,
        4,
        "cannot choose between a plain number and a time",
        "write the number with its unit, as in `1 ms`",
    ),
    (
        "tau_m ^ 120 * tau_m ^ 120",
        5,
        23,
        1,
        "this has no unit",
        "exponents of units must stay within -128 to 127",
    ),
    ("(1 + 2", 5, 11, 1, "`(` is never closed", "add a `)`"),
    ("(1 + 2}", 5, 11, 1, "`(` is never closed", "add a `)`"),
    ("1 + 2)", 5, 16, 1, "`)` closes nothing", "remove it, or add a `(` before it"),
    ("", 5, 11, 1, "the text ends too early", "expected an expression"),
    ("1 +", 5, 14, 1, "the text ends too early", "expected an expression"),
    ("1 2", 5, 13, 1, "`2` is not expected here", "expected a unit, an operator or the end"),
    ("1 ms ms", 5, 16, 2, "`ms` is not expected here", "expected an operator or the end"),
    ("2 ** 3", 5, 14, 1, "`*` is not expected here", "a power is `x ^ y`"),
    (
        "if 1 = 2 { 1 } else { 2 }",
        5,
        16,
        1,
        "`=` is not expected here",
        "`==` compares, `=` stands after the name that it changes",
    ),
    ("1 & 2", 5, 13, 1, "`&` is not expected here", "conditions are joined by `&&` and `||`"),
    ("if true { 1 }", 5, 24, 1, "the text ends too early", "expected `else`"),
    ("€", 5, 11, 1, "`€` is not expected here", "expected an expression"),
    ("1e999", 5, 11, 5, "the number is too large", "the largest number is about 1.8e308"),
    ("1 / 0", 5, 11, 5, "the value is not finite", ""),
    ("2 + clamp(ln(0 - 1), 0, 1)", 5, 21, 9, "the value is not finite", ""),
    (
        "i + 1",
        5,
        11,
        1,
        "`i` has no meaning here",
        "it can be used in the parameters and initial values of a population",
    ),
    (
        "2 * normal(0, 1)",
        5,
        15,
        6,
        "`normal` has no meaning here",
        "it can be used in the parameters and initial values of a population",
    ),
    (
        "rand_normal()",
        5,
        11,
        11,
        "`rand_normal` is a function of neuron models",
        "values of a population use uniform(lo, hi) and normal(mean, sd)",
    ),
];

#[test]
fn diagnostics_point_at_their_place() {
    for (text, line, column, length, message, help) in MISTAKES {
        let Diagnostic { location, message: found, help: found_help, .. } = bad(text);
        assert_eq!(
            (location.line, location.column, location.length, &*found, &*found_help),
            (*line, *column, *length, *message, *help),
            "{text}"
        );
        assert_eq!(location.file.as_deref(), Some("net.toml"));
    }
    let list = Value { content: Content::List(Vec::new()), location: Location::builder() };
    let diagnostic = quantity(&list, &constants()).expect_err("a list is no quantity");
    assert_eq!(diagnostic.message, "this is not a quantity");
}

#[test]
fn limits_hold_before_anything_recurses() {
    let deep = |n: usize| format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(good(&deep(64)).value, 1.0);
    assert_eq!(bad(&deep(65)).message, "brackets are nested too deeply");
    assert_eq!(bad(&deep(30_000)).message, "brackets are nested too deeply");
    assert_eq!(good(&format!("1{}", " + 1".repeat(150))).value, 151.0);
    for long in ["1 + ", "1 ^ ", "-", "1 - -", "!"] {
        let text = format!("{}1", long.repeat(60_000 / long.len()));
        assert_eq!(bad(&text).message, "the expression is too long", "{long}");
    }
    let chain = format!("{}{{ 1 }}", "if true { 1 } else ".repeat(3_000));
    assert_eq!(bad(&chain).message, "the expression is too long");
    assert_eq!(bad(&" ".repeat(70_000)).message, "the text is too long");
}

fn site() -> DrawSite {
    DrawSite { seed: 12345 + (7 << 32), population: 3, next: 0 }
}

#[allow(clippy::result_large_err)]
fn each(text: &str, size: u32, site: &mut DrawSite) -> Result<(PerNeuron, Dimension), Diagnostic> {
    let ramp: PerNeuron = PerNeuron::Each((0..size).map(|i| f64::from(i) / 2.0).collect());
    let locals = BTreeMap::from([("ramp".into(), (ramp, Dimension::VOLTAGE))]);
    per_neuron(&value(text), &constants(), &locals, size, site)
}

#[test]
fn values_may_differ_between_neurons() {
    let mut site = site();
    let mut values = |text: &str| match each(text, 4, &mut site) {
        Ok((PerNeuron::Each(values), _)) => values.to_vec(),
        Ok((PerNeuron::All(value) | PerNeuron::Slot(value), _)) => vec![value],
        Err(diagnostic) => panic!("{text}: {diagnostic}"),
    };
    assert_eq!(values("2 * scale"), [8.0]);
    assert_eq!(values("n"), [4.0]);
    assert_eq!(values("i / n"), [0.0, 0.25, 0.5, 0.75]);
    assert_eq!(values("if i < 2 { -1 } else { i }"), [-1.0, -1.0, 2.0, 3.0]);
    assert_eq!(values("ramp * 2"), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(values("round(i / 2)"), [0.0, 1.0, 1.0, 2.0]);
}

#[test]
fn draws_follow_the_semantics() {
    let mut site = site();
    let found = each("uniform(-1 mV, 1 mV) + normal(0 mV, 2 mV)", 100, &mut site);
    let (values, dimension) = found.expect("two draws");
    assert_eq!((site.next, dimension), (2, Dimension::VOLTAGE));
    let u = |i, call| random::initial_uniform(site.seed, i, call, site.population);
    for i in 0..100 {
        let uniform = -1.0 + (1.0 - -1.0) * u(i, 0);
        let normal = isospike_core::base::normal::quantile(u(i, 1) + 1.0 / (1u64 << 54) as f64);
        assert_eq!(values.get(i), uniform + (0.0 + 2.0 * normal));
    }
    // Both sides of an `if` draw, whichever is taken: the numbering depends on the text alone.
    each("if true { uniform(0, 1) } else { uniform(0, 1) }", 2, &mut site).expect("draws");
    assert_eq!(site.next, 4);
}

#[test]
fn diagnostics_of_per_neuron_values() {
    for (text, column, message) in [
        ("uniform(1, 0)", 22, "the lower bound is above the upper"),
        ("normal(1, -i)", 21, "a standard deviation is negative"),
        ("normal(1 mV, 2)", 24, "cannot combine a voltage and a plain number"),
        ("1 / i", 11, "the value of neuron 0 is not finite"),
        ("ramq", 11, "`ramq` is not defined"),
    ] {
        let found = each(text, 3, &mut site()).expect_err(text);
        assert_eq!((found.location.column, found.message.as_str()), (column, message), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}") {
        let _ = each(&text, 2, &mut site());
    }

    #[test]
    fn no_sequence_of_tokens_makes_it_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "1", "2.5e3", "ms", "mV", "i", "n", "tau_m", "if", "else", "true", "{", "}", "(",
                ")", "+", "-", "*", "/", "^", "!", "<", "==", "&&", ",", "exp", "max", "normal",
                "\n", "#", ";", "=", "let", "ramp", "1e308",
            ]),
            0..30,
        )
    ) {
        let text = tokens.join(" ");
        if let Ok((values, _)) = each(&text, 2, &mut site()) {
            prop_assert!(values.get(0).is_finite() && values.get(1).is_finite());
        }
    }
}

/// Long populations are evaluated piece by piece; nobody can tell.
#[test]
fn values_do_not_depend_on_how_many_neurons_there_are() {
    let text = "uniform(0, 1) + i * normal(1, 0.1) + r";
    let evaluated = |size: u32| {
        let named = PerNeuron::Each((0..size).map(|i| f64::from(i % 7)).collect());
        let locals = BTreeMap::from([("r".to_string(), (named, Dimension::NUMBER))]);
        let mut site = DrawSite { seed: 3, population: 2, next: 5 };
        let found = per_neuron(&value(text), &constants(), &locals, size, &mut site).unwrap();
        assert_eq!(site.next, 7, "two random calls, however many neurons");
        match found.0 {
            PerNeuron::Each(values) => values,
            PerNeuron::All(_) | PerNeuron::Slot(_) => panic!("the values differ"),
        }
    };
    let long = evaluated(50_000);
    assert_eq!(long.len(), 50_000);
    for size in [1, 100, 16_384, 16_385, 32_768] {
        assert_eq!(evaluated(size)[..], long[..size as usize]);
    }
    let mut site = DrawSite { seed: 3, population: 2, next: 0 };
    let late = "1 / (i - 40000)";
    let diagnostic = per_neuron(&value(late), &constants(), &BTreeMap::new(), 50_000, &mut site);
    assert_eq!(diagnostic.unwrap_err().message, "the value of neuron 40000 is not finite");
}
