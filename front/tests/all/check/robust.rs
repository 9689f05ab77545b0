//! No text panics.

use super::support::{BASE, NETWORK, check};
use isospike_front::check::Limits;
use proptest::prelude::*;

const FULL: &str = r#"
[constants]
scale = 0.1
w = "162 pA * scale"
[projection.p]
from = "exc"
to = "exc"
receptor = "exc"
connect = { fixed_probability = 0.02 }
weight = { normal = ["16.2 pA", "1 pA"], min = "0 pA" }
delay = { uniform = ["1 ms", "2 ms"] }
[projection.list]
from = "told"
to = "inh"
connect = { list = [[0, 1, "1 pA", "1 ms"], [2, 3]] }
weight = "w"
[projection.degree]
from = "exc"
to = "inh"
connect = { fixed_in_degree = "3 * scale" }
multapses = false
weight = "w"
[projection.learns]
from = "exc"
to = "inh"
connect = "all_to_all"
weight = "w"
synapse = "s"
parameters = { m = "20 pA", a = 0.1 }
[synapse.s]
parameters = { m = { unit = "weight", above = 0 }, a = 1, tau = "20 ms" }
state = { w = "weight", c = "2 * a" }
bounds = { w = ["0", "m"], c = [0, 3] }
pre = { x = { tau = "tau", spike = "x + 1" } }
post = { y = { tau = "2 * tau", spike = 1 } }
on_pre = "w -= a * w * y; send w * x"
on_post = "w += a * m * x; c = weight / m"
send_max = "2 * weight"
[stimulus.s]
population = "inh"
kind = "poisson"
rate = "8 Hz"
weight = "w"
sources = 10
[stimulus.steps]
population = "inh"
kind = "steps"
times = ["0 ms", "1 ms"]
amplitudes = ["1 pA", "2 pA"]
[probe.v]
population = "exc"
variable = "v"
neurons = { first = 3 }
every = "1 ms"
"#;

const PIECES: [&str; 24] = [
    "0",
    "-1",
    "1e300",
    "nan",
    "inf",
    "9223372036854775807",
    "\"\"",
    "\"1 ms\"",
    "\"1e308 ms\"",
    "[]",
    "{}",
    "[[]]",
    "true",
    "\n",
    "\"",
    "=",
    "[",
    "]",
    "é",
    "\"1/0\"",
    "0.5",
    ".",
    "exc",
    "-",
];

fn judge(text: &str) {
    let limits = Limits { memory_bytes: Some(1 << 20) };
    if let Err(diagnostics) = check(text, limits) {
        assert!(!diagnostics.0.is_empty());
        let _ = diagnostics.to_string();
    }
}

fn valid() -> String {
    format!("{FULL}{NETWORK}{BASE}")
}

/// Replaces `length` characters from a place on by a piece.
fn mutate(text: &str, at: usize, length: usize, piece: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = at % letters.len();
    let end = (at + length).min(letters.len());
    letters[..at].iter().collect::<String>() + piece + &letters[end..].iter().collect::<String>()
}

#[test]
fn the_text_that_is_mutated_is_valid() {
    let checked = check(&valid(), Limits { memory_bytes: Some(1 << 20) });
    assert!(checked.is_ok(), "{}", checked.unwrap_err());
}

#[test]
fn every_value_by_every_piece() {
    let text = valid();
    let starts: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at + 3).collect();
    for start in starts {
        let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        for piece in PIECES {
            judge(&format!("{}{piece}{}", &text[..start], &text[end..]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn mutations_of_a_valid_file(
        changes in prop::collection::vec((0usize..3000, 0usize..8, 0usize..PIECES.len()), 1..4),
    ) {
        let mut text = valid();
        for (at, length, piece) in changes {
            text = mutate(&text, at, length, PIECES[piece]);
        }
        judge(&text);
    }

    #[test]
    fn any_text(text in "[\\[\\]{}=\"a-z0-9. \n#',é-]{0,200}") {
        judge(&text);
    }
}
