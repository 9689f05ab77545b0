//! Random neuron models: statements whose locals live across `if` statements. Every expression is
//! bounded, so that no state overflows and no host value is not a number.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The fields of a population of the model `own`.
pub const FIELDS: &str =
    "parameters = { q = \"uniform(0.5, 2)\" }\ninitial = { v = \"normal(0, 2)\" }";

/// A number that an expression starts from: state, input, parameters of all neurons (`p`) and of
/// each (`q`), locals that begin as host values (`a` the same for all, `b` of each neuron) and as a
/// device value (`c`).
const LEAVES: [&str; 14] =
    ["v", "w", "syn", "i_ext", "p", "q", "a", "b", "c", "a", "b", "2", "0.7", "dt"];

/// Conditions on device values, on host values of all neurons and of each, and locals.
const CONDITIONS: [&str; 9] =
    ["v > w", "v > 0.7", "c <= v", "refractory", "p > 0.25", "q > 1", "b > a", "h", "!d && v < 2"];

/// Locals that statements change, with state.
const TARGETS: [&str; 6] = ["a", "b", "c", "a", "v", "w"];

/// The section of a model file that defines the model `own`.
pub fn model() -> impl Strategy<Value = String> {
    let refractory = select(vec!["", "refractory = \"0.6 ms\"\n"]);
    let spike = select(vec!["", "spike = \"crossing\"\nthreshold = \"w > -0.1 || v > 0.8\"\n"]);
    let parts = (vec(statement(), 1..6), statement(), refractory, spike);
    parts.prop_map(|(update, reset, refractory, spike)| {
        let spike = if spike.is_empty() { "threshold = \"v > 0.8\"\n" } else { spike };
        // Without a period, `refractory` has no meaning.
        let plain = |text: String| match refractory {
            "" => text.replace("refractory", "true"),
            _ => text,
        };
        let (update, reset) = (plain(update.concat()), plain(reset));
        format!(
            "\n[model.own]\ncurrent = \"1\"\n{refractory}{spike}\
             update = \"\"\"\n\
             let a = 2\nlet b = q + 0.7\nlet c = 0.5 * v\nlet h = p > 0.25\nlet d = v < w\n\
             {update}\
             w = clamp(0.4 * w + exp(-0.3 * a) + (abs(c) + 1) ^ a * exprel(0.2 * b), -30, 30)\n\
             let e = if h || d {{ 0.6 * v + a }} else {{ b - 0.1 * c }}\n\
             v = clamp(e + 0.01 * syn + 0.3 * i_ext, -30, 30)\n\
             \"\"\"\nreset = \"\"\"\n{reset}v = -1 - exp(-a)\n\"\"\"\n\
             [model.own.parameters]\np = 0.7\nq = 1\n\
             [model.own.state]\nv = 0.1\nw = -0.2\n[model.own.receptors]\nsyn = \"1\"\n"
        )
    })
}

/// A statement with the line break behind it, or an `if` around such.
fn statement() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => (select(&TARGETS[..]), expression()).prop_map(|(to, e)| format!("{to} = {e}\n")),
        1 => (select(vec!["h", "d"]), condition()).prop_map(|(to, c)| format!("{to} = {c}\n")),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let block = || vec(inner.clone(), 1..3).prop_map(|statements| statements.concat());
        let equal = (condition(), select(&["a", "b"][..]), select(vec!["3", "p", "q", "0.3"]));
        prop_oneof![
            2 => (condition(), block()).prop_map(|(c, then)| format!("if {c} {{\n{then}}}\n")),
            2 => (condition(), block(), block())
                .prop_map(|(c, then, other)| format!("if {c} {{\n{then}}} else {{\n{other}}}\n")),
            // Both sides assign the same value.
            1 => equal.prop_map(|(c, to, e)| {
                format!("if {c} {{ {to} = {e} }} else {{ {to} = {e} }}\n")
            }),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    select(&CONDITIONS[..]).prop_map(String::from)
}

/// An expression from -30 to 30.
fn expression() -> impl Strategy<Value = String> {
    let leaf = || select(&LEAVES[..]);
    let bounded = |text: String| format!("clamp({text}, -30, 30)");
    prop_oneof![
        leaf().prop_map(String::from),
        (leaf(), select(vec!["+", "-", "*"]), leaf())
            .prop_map(move |(a, op, b)| bounded(format!("{a} {op} {b}"))),
        (leaf(), leaf()).prop_map(move |(a, b)| bounded(format!("{a} / (abs({b}) + 1)"))),
        (leaf(), leaf())
            .prop_map(move |(a, b)| bounded(format!("(abs({a}) + 1) ^ clamp({b}, -4, 4)"))),
        (select(vec!["exp", "exprel", "sin", "tanh"]), leaf(), leaf()).prop_map(
            move |(f, a, b)| bounded(format!("{f}(0.1 * clamp({a}, -30, 30)) * (1 - {b})"))
        ),
        (condition(), leaf(), leaf())
            .prop_map(move |(c, a, b)| bounded(format!("if {c} {{ {a} }} else {{ {b} }}"))),
    ]
}
