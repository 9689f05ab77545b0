//! Random statements and expressions, of names that are given. Every expression is bounded, so that
//! no host value is infinite or not a number.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Texts that statements are made of.
#[derive(Clone, Copy)]
pub struct Names {
    /// Numbers that an expression starts from.
    pub leaves: &'static [&'static str],
    /// Conditions.
    pub conditions: &'static [&'static str],
    /// The part of an assignment before its expression.
    pub targets: &'static [&'static str],
    /// Values that both sides of a branch assign to `a` or `b`.
    pub equal: &'static [&'static str],
}

impl Names {
    /// A statement with the line break behind it, or an `if` around such.
    pub fn statement(self) -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            3 => (select(self.targets), self.expression())
                .prop_map(|(to, e)| format!("{to} {e}\n")),
            1 => (select(vec!["h", "d"]), self.condition())
                .prop_map(|(to, c)| format!("{to} = {c}\n")),
        ];
        leaf.prop_recursive(2, 8, 2, move |inner| {
            let block = || vec(inner.clone(), 1..3).prop_map(|statements| statements.concat());
            let equal = (self.condition(), select(&["a", "b"][..]), select(self.equal));
            prop_oneof![
                2 => (self.condition(), block())
                    .prop_map(|(c, then)| format!("if {c} {{\n{then}}}\n")),
                2 => (self.condition(), block(), block()).prop_map(|(c, then, other)| {
                    format!("if {c} {{\n{then}}} else {{\n{other}}}\n")
                }),
                // Both sides assign the same value.
                1 => equal.prop_map(|(c, to, e)| {
                    format!("if {c} {{ {to} = {e} }} else {{ {to} = {e} }}\n")
                }),
            ]
        })
    }

    /// A condition.
    pub fn condition(self) -> impl Strategy<Value = String> {
        select(self.conditions).prop_map(String::from)
    }

    /// An expression from -30 to 30.
    pub fn expression(self) -> impl Strategy<Value = String> {
        let leaf = || select(self.leaves);
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
            (self.condition(), leaf(), leaf())
                .prop_map(move |(c, a, b)| bounded(format!("if {c} {{ {a} }} else {{ {b} }}"))),
        ]
    }
}
