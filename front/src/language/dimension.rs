//! Which dimensions operators and functions take and give.

use super::place::{Place, Span};
use crate::mistake::Mistake;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{BinaryOp, Function};

/// What a host value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A number with this dimension.
    Number(Dimension),
    /// True or false.
    Condition,
}

impl Sort {
    fn noun(self) -> String {
        match self {
            Self::Number(dimension) => dimension.noun(),
            Self::Condition => "a condition".into(),
        }
    }

    /// The dimension, or a mistake where it is a condition.
    pub fn number(self, place: Place, at: Span) -> Result<Dimension, Mistake> {
        match self {
            Self::Number(dimension) => Ok(dimension),
            Self::Condition => Err(place.mistake(
                at,
                "a number is expected, this is a condition",
                "`if condition { 1 } else { 0 }` makes a number of it",
            )),
        }
    }

    /// A mistake where it is not a condition.
    pub fn condition(self, place: Place, at: Span) -> Result<(), Mistake> {
        match self {
            Self::Condition => Ok(()),
            Self::Number(_) => Err(place.mistake(
                at,
                "a condition is expected, this is a number",
                "compare it, as in `x > 0`",
            )),
        }
    }

    /// A mistake where it is anything but a plain number; `what` is the subject.
    pub fn plain(self, place: Place, at: Span, what: &str) -> Result<(), Mistake> {
        let dimension = self.number(place, at)?;
        if dimension.is_number() {
            return Ok(());
        }
        let help = format!("divide by {}, so that the units cancel", dimension.noun_with_example());
        Err(place.mistake(at, format!("{what} a plain number, not {}", dimension.noun()), help))
    }
}

/// A mistake where two values that meet at `at` are not of one sort; `verb` as in "cannot add".
pub fn same(place: Place, at: Span, verb: &str, a: Sort, b: Sort) -> Result<Sort, Mistake> {
    if a == b {
        return Ok(a);
    }
    let help = match (a, b) {
        (Sort::Number(a), Sort::Number(b)) if a.is_number() || b.is_number() => {
            let other = if a.is_number() { b } else { a };
            let unit = other.base_unit();
            format!("write the number with its unit, as in `1 {unit}`").replace("1 1/", "1/1 ")
        }
        _ => "both must be of one kind".into(),
    };
    Err(place.mistake(at, format!("cannot {verb} {} and {}", a.noun(), b.noun()), help))
}

/// The sort of `a op b`. `exponent` is the value of `b` where it is the same for all neurons.
pub fn binary(
    place: Place,
    op: BinaryOp,
    at: Span,
    (a, a_at): (Sort, Span),
    (b, b_at): (Sort, Span),
    exponent: Option<f64>,
) -> Result<Sort, Mistake> {
    use BinaryOp as B;
    if let B::And | B::Or = op {
        a.condition(place, a_at)?;
        b.condition(place, b_at)?;
        return Ok(Sort::Condition);
    }
    let (x, y) = (a.number(place, a_at)?, b.number(place, b_at)?);
    let dimension = match op {
        B::Add => return same(place, at, "add", a, b),
        B::Sub => return same(place, at, "subtract", a, b),
        B::Lt | B::Le | B::Gt | B::Ge | B::Eq | B::Ne => {
            same(place, at, "compare", a, b)?;
            return Ok(Sort::Condition);
        }
        B::Mul => x.checked_mul(y),
        B::Div => x.checked_div(y),
        B::Pow | B::And | B::Or => return power(place, at, x, (b, b_at), exponent),
    };
    let help = "exponents of units must stay within -128 to 127";
    dimension.map(Sort::Number).ok_or_else(|| place.mistake(at, "this has no unit", help))
}

/// The sort of `x ^ b`.
fn power(
    place: Place,
    at: Span,
    x: Dimension,
    (b, b_at): (Sort, Span),
    exponent: Option<f64>,
) -> Result<Sort, Mistake> {
    b.plain(place, b_at, "an exponent must be")?;
    if x.is_number() {
        return Ok(Sort::Number(x));
    }
    // Halves are allowed, as in a square root.
    let twice = exponent.map(|n| n * 2.0).filter(|n| n.abs() < 256.0 && *n == f64::from(*n as i16));
    let dimension = twice.and_then(|n| {
        let n = n as i32;
        if n % 2 == 0 { x.powi(n / 2) } else { x.powi(n)?.sqrt() }
    });
    dimension.map(Sort::Number).ok_or_else(|| {
        let help = "only whole powers (and halves of even ones) of a unit exist";
        place.mistake(at, format!("this power of {} has no unit", x.noun()), help)
    })
}

/// The sort of a function's value.
pub fn call(
    place: Place,
    function: Function,
    (name, at): (&str, Span),
    arguments: &[(Sort, Span)],
    exponent: Option<f64>,
) -> Result<Sort, Mistake> {
    let Some((first, first_at)) = arguments.first().copied() else {
        return Ok(Sort::Number(Dimension::NUMBER));
    };
    match function {
        Function::Abs => Ok(Sort::Number(first.number(place, first_at)?)),
        Function::Sqrt => {
            let dimension = first.number(place, first_at)?;
            let message = || format!("the square root of {} has no unit", dimension.noun());
            let root = dimension.sqrt().map(Sort::Number);
            root.ok_or_else(|| place.mistake(first_at, message(), ""))
        }
        Function::Min | Function::Max | Function::Clamp => {
            for (sort, sort_at) in arguments {
                sort.number(place, *sort_at)?;
                same(place, *sort_at, "compare", first, *sort)?;
            }
            Ok(first)
        }
        Function::Pow => {
            let x = first.number(place, first_at)?;
            let second = arguments.get(1).copied().unwrap_or((first, first_at));
            power(place, at, x, second, exponent)
        }
        Function::Exp
        | Function::Log
        | Function::Tanh
        | Function::Sin
        | Function::Cos
        | Function::Floor
        | Function::Ceil
        | Function::Exprel => {
            first.plain(place, first_at, &format!("the argument of `{name}` must be"))?;
            Ok(first)
        }
    }
}
