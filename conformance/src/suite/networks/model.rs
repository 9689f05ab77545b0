//! Random neuron models: statements whose locals live across `if` statements. Every expression is
//! bounded, so that no state overflows.

use super::statements::Names;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The fields of a population of the model `own`.
pub const FIELDS: &str =
    "parameters = { q = \"uniform(0.5, 2)\" }\ninitial = { v = \"normal(0, 2)\" }";

/// An expression starts from state, input, parameters of all neurons (`p`) and of each (`q`),
/// locals that begin as host values (`a` the same for all, `b` of each neuron) and as a device
/// value (`c`). Conditions are on device values, on host values of all neurons and of each, and
/// locals. Statements change locals and state.
const NAMES: Names = Names {
    leaves: &["v", "w", "syn", "i_ext", "p", "q", "a", "b", "c", "a", "b", "2", "0.7", "dt"],
    conditions: &[
        "v > w",
        "v > 0.7",
        "c <= v",
        "refractory",
        "p > 0.25",
        "q > 1",
        "b > a",
        "h",
        "!d && v < 2",
    ],
    targets: &["a =", "b =", "c =", "a =", "v =", "w ="],
    equal: &["3", "p", "q", "0.3"],
};

/// The section of a model file that defines the model `own`.
pub fn model() -> impl Strategy<Value = String> {
    let refractory = select(vec!["", "refractory = \"0.6 ms\"\n"]);
    let spike = select(vec!["", "spike = \"crossing\"\nthreshold = \"w > -0.1 || v > 0.8\"\n"]);
    let parts = (vec(NAMES.statement(), 1..6), NAMES.statement(), refractory, spike);
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
