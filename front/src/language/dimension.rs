//! Which dimensions operators and functions take and give.

use super::place::{Place, Span};
use crate::diagnostic::Diagnostic;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{BinaryOp, Function};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number with this dimension.
    Number(Dimension),
    /// A number that fits any dimension: one without a unit in the texts of a step.
    Free,
    /// True or false.
    Condition,
}

/// A value's sort, and its place.
pub type At = (Type, Span);

impl Type {
    /// The dimension of a number; `None` where it fits any. A mistake where it is a condition.
    pub fn number(self, place: Place, at: Span) -> Result<Option<Dimension>, Diagnostic> {
        match self {
            Self::Number(dimension) => Ok(Some(dimension)),
            Self::Free => Ok(None),
            Self::Condition => Err(place.diagnostic(
                at,
                "a number is expected, this is a condition",
                "`if condition { 1 } else { 0 }` makes a number of it",
            )),
        }
    }

    /// A mistake where it is not a condition.
    pub fn condition(self, place: Place, at: Span) -> Result<(), Diagnostic> {
        match self {
            Self::Condition => Ok(()),
            Self::Number(_) | Self::Free => Err(place.diagnostic(
                at,
                "a condition is expected, this is a number",
                "compare it, as in `x > 0`",
            )),
        }
    }

    /// A mistake where it is anything but a plain number; `what` is the subject.
    pub fn plain(self, place: Place, at: Span, what: &str) -> Result<(), Diagnostic> {
        let dimension = self.number(place, at)?.unwrap_or_default();
        if dimension.is_number() {
            return Ok(());
        }
        let help = match dimension {
            Dimension::RATE => "multiply by a time like \"20 ms\"".into(),
            other => format!("divide by {}", other.noun_with_example()),
        };
        let message = format!("{what} a plain number, not {}", dimension.noun());
        Err(place.diagnostic(at, message, format!("{help}, so that the units cancel")))
    }

    /// Names the type for a sentence: `a voltage`.
    pub fn noun(self) -> String {
        match self {
            Self::Number(dimension) => dimension.noun(),
            Self::Free => "a number".into(),
            Self::Condition => "a condition".into(),
        }
    }
}

/// The rules of operators and functions, in one text.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The text.
    pub place: Place<'a>,
    /// Whether a power or a root that has no unit is a mistake; where not, it fits any.
    pub strict: bool,
}

impl Rules<'_> {
    /// The sort that two values have in common, or a mistake at `at`; `verb` as in "cannot add".
    pub fn same(self, at: Span, verb: &str, a: At, b: At) -> Result<Type, Diagnostic> {
        let help = match (a.0, b.0) {
            (found, other) if found == other => return Ok(found),
            (Type::Free, Type::Number(_)) => return Ok(b.0),
            (Type::Number(_), Type::Free) => return Ok(a.0),
            (Type::Number(x), Type::Number(y)) => self.both(x, a.1, y, b.1),
            _ => "both must be of one kind".into(),
        };
        let message = format!("cannot {verb} {} and {}", a.0.noun(), b.0.noun());
        Err(self.place.diagnostic(at, message, help))
    }

    /// Says how `b` could become what `a` is.
    pub fn both(self, a: Dimension, a_at: Span, b: Dimension, b_at: Span) -> String {
        if self.strict && (a.is_number() || b.is_number()) {
            let unit = if a.is_number() { b } else { a }.base_unit();
            return format!("write the number with its unit, as in `1 {unit}`")
                .replace("1 1/", "1/1 ");
        }
        let unit = |dimension: Dimension| match dimension.is_number() {
            true => "a plain number".into(),
            false => format!("in {}", dimension.base_unit()),
        };
        let (a_text, b_text) = (self.place.quote(a_at), self.place.quote(b_at));
        let sides = format!("{a_text} is {}, {b_text} is {}", unit(a), unit(b));
        let (up, down) = (a.checked_div(b), b.checked_div(a));
        let clumsy = |up: Dimension| !up.is_common() || up == Dimension::RATE;
        let divide = down.filter(|down| down.is_common() && up.is_none_or(clumsy));
        match (divide, up) {
            (Some(by), _) => format!("{sides}: divide {b_text} by {}", by.noun_with_example()),
            (None, Some(by)) => {
                format!("{sides}: multiply {b_text} by {}", by.noun_with_example())
            }
            (None, None) => sides,
        }
    }

    /// The sort of `a op b`. `exponent` is the value of `b` where it is the same for all neurons.
    pub fn binary(
        self,
        op: BinaryOp,
        at: Span,
        a: At,
        b: At,
        exponent: Option<f64>,
    ) -> Result<Type, Diagnostic> {
        use BinaryOp as B;
        if let B::And | B::Or = op {
            a.0.condition(self.place, a.1)?;
            b.0.condition(self.place, b.1)?;
            return Ok(Type::Condition);
        }
        let (x, y) = (a.0.number(self.place, a.1)?, b.0.number(self.place, b.1)?);
        let combine: fn(Dimension, Dimension) -> Option<Dimension> = match op {
            B::Add => return self.same(at, "add", a, b),
            B::Sub => return self.same(at, "subtract", a, b),
            B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne => {
                self.same(at, "compare", a, b)?;
                return Ok(Type::Condition);
            }
            B::Mul => Dimension::checked_mul,
            B::Div => Dimension::checked_div,
            B::Pow | B::And | B::Or => return self.power(at, a, b, exponent),
        };
        let (Some(x), Some(y)) = (x, y) else { return Ok(Type::Free) };
        let help = "exponents of units must stay within -128 to 127";
        let dimension = combine(x, y).map(Type::Number);
        dimension.ok_or_else(|| self.place.diagnostic(at, "this has no unit", help))
    }

    /// The sort of `a ^ b`.
    fn power(self, at: Span, a: At, b: At, exponent: Option<f64>) -> Result<Type, Diagnostic> {
        b.0.plain(self.place, b.1, "an exponent must be")?;
        let Some(x) = a.0.number(self.place, a.1)? else { return Ok(Type::Free) };
        if x.is_number() {
            return Ok(Type::Number(x));
        }
        // Halves are allowed, as in a square root.
        let twice =
            exponent.map(|n| n * 2.0).filter(|n| n.abs() < 256.0 && *n == f64::from(*n as i16));
        let dimension = twice.and_then(|n| {
            let n = n as i32;
            if n % 2 == 0 { x.powi(n / 2) } else { x.powi(n)?.sqrt() }
        });
        let message = || format!("this power of {} has no unit", x.noun());
        let help = "only whole powers (and halves of even ones) of a unit exist";
        self.or_free(dimension, at, message, help)
    }

    /// The sort of a function's value.
    pub fn call(
        self,
        function: Function,
        (name, at): (&str, Span),
        arguments: &[At],
        exponent: Option<f64>,
    ) -> Result<Type, Diagnostic> {
        let Some(first) = arguments.first().copied() else {
            return Ok(Type::Number(Dimension::NUMBER));
        };
        match function {
            Function::Abs => first.0.number(self.place, first.1).map(|_| first.0),
            Function::Sqrt => {
                let Some(x) = first.0.number(self.place, first.1)? else { return Ok(Type::Free) };
                let message = || format!("the square root of {} has no unit", x.noun());
                self.or_free(x.sqrt(), first.1, message, "")
            }
            Function::Min | Function::Max | Function::Clamp => {
                first.0.number(self.place, first.1)?;
                arguments[1..]
                    .iter()
                    .try_fold(first, |known, next| {
                        next.0.number(self.place, next.1)?;
                        let common = self.same(next.1, "compare", known, *next)?;
                        Ok(if known.0 == common { known } else { *next })
                    })
                    .map(|known| known.0)
            }
            Function::Pow => {
                let second = arguments.get(1).copied().unwrap_or(first);
                self.power(at, first, second, exponent)
            }
            Function::Exp
            | Function::Log
            | Function::Tanh
            | Function::Sin
            | Function::Cos
            | Function::Floor
            | Function::Ceil
            | Function::Exprel => {
                let what = format!("the argument of `{name}` must be");
                first.0.plain(self.place, first.1, &what)?;
                Ok(Type::Number(Dimension::NUMBER))
            }
        }
    }

    /// The sort of a number with a dimension that may not exist.
    fn or_free(
        self,
        dimension: Option<Dimension>,
        at: Span,
        message: impl Fn() -> String,
        help: &str,
    ) -> Result<Type, Diagnostic> {
        match dimension {
            Some(dimension) => Ok(Type::Number(dimension)),
            None if self.strict => Err(self.place.diagnostic(at, message(), help)),
            None => Ok(Type::Free),
        }
    }
}
