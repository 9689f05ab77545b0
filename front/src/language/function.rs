//! The functions and reserved names of the language.

use super::hint;
use super::place::{Place, Span};
use crate::diagnostic::Diagnostic;
use isospike_core::describe::model::Function;

/// The meaning of a function's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the model language.
    Plain(Function),
    /// `round(x)`, which is `floor(x + 0.5)`.
    Round,
    /// `rand_uniform()`, in models.
    RandUniform,
    /// `rand_normal()`, in models.
    RandNormal,
    /// `rand_bernoulli(p)`, in models.
    RandBernoulli,
    /// `uniform(lo, hi)`, in values of a population.
    Uniform,
    /// `normal(mean, sd)`, in values of a population.
    Normal,
}

/// All functions, with how many arguments they take.
const FUNCTIONS: [(&str, Callee, usize); 21] = [
    ("exp", Callee::Plain(Function::Exp), 1),
    ("ln", Callee::Plain(Function::Log), 1),
    ("log", Callee::Plain(Function::Log), 1),
    ("sqrt", Callee::Plain(Function::Sqrt), 1),
    ("tanh", Callee::Plain(Function::Tanh), 1),
    ("sin", Callee::Plain(Function::Sin), 1),
    ("cos", Callee::Plain(Function::Cos), 1),
    ("abs", Callee::Plain(Function::Abs), 1),
    ("floor", Callee::Plain(Function::Floor), 1),
    ("ceil", Callee::Plain(Function::Ceil), 1),
    ("round", Callee::Round, 1),
    ("exprel", Callee::Plain(Function::Exprel), 1),
    ("min", Callee::Plain(Function::Min), 2),
    ("max", Callee::Plain(Function::Max), 2),
    ("clamp", Callee::Plain(Function::Clamp), 3),
    ("pow", Callee::Plain(Function::Pow), 2),
    ("rand_uniform", Callee::RandUniform, 0),
    ("rand_normal", Callee::RandNormal, 0),
    ("rand_bernoulli", Callee::RandBernoulli, 1),
    ("uniform", Callee::Uniform, 2),
    ("normal", Callee::Normal, 2),
];

/// Names with a fixed meaning, besides those of functions.
const RESERVED: [&str; 11] =
    ["dt", "i_ext", "refractory", "i", "n", "pi", "if", "else", "let", "true", "false"];

/// Whether a name has a fixed meaning, so that nothing else may be called so.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || FUNCTIONS.iter().any(|function| function.0 == name)
}

/// Whether the grammar takes it for a name.
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The function of this name, if it takes so many arguments.
pub fn callee(place: Place, name: &str, at: Span, arguments: usize) -> Result<Callee, Diagnostic> {
    let Some((_, callee, arity)) = FUNCTIONS.iter().find(|function| function.0 == name) else {
        let names = || FUNCTIONS.iter().map(|function| function.0);
        let all = format!("functions are {}", names().collect::<Vec<_>>().join(", "));
        let help = hint::for_name(name, names(), &all);
        return Err(place.diagnostic(at, format!("there is no function `{name}`"), help));
    };
    if *arity != arguments {
        let plural = if *arity == 1 { "" } else { "s" };
        let message = format!("`{name}` takes {arity} argument{plural}, not {arguments}");
        return Err(place.diagnostic(at, message, ""));
    }
    Ok(*callee)
}
