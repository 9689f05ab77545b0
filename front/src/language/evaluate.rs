//! Host evaluation of quantities: f64 with dimensions, one value or one for each neuron.

use super::dimension::{At, Rules, Type};
use super::function::{Callee, callee};
use super::hint;
use super::place::{Place, Span};
use super::syntax::{Kind, Node};
use super::{Constants, DrawSite, Quantity, host, parse};
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Value};
use isospike_core::base::normal;
use isospike_core::base::random;
use isospike_core::base::units::{Dimension, Unit};
use isospike_core::describe::arithmetic;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{BinaryOp, Function};
use std::collections::BTreeMap;
use std::ops::Range;

/// How many neurons are evaluated at once. Each operator of a text makes an array, so that a text
/// of a few kilobytes could fill any memory if these were as long as the population.
const BLOCK: u32 = 1 << 14;

/// Evaluates a value that is one quantity for the whole network: `"20 ms"`, `0.02`,
/// `"87.8 pA / sqrt(scale)"`. The mistakes lack only `item` and `field`.
///
/// # Errors
/// Where the text is no expression, a name is unknown, dimensions do not fit, or the result is a
/// condition or not finite.
pub fn quantity(value: &Value, constants: &Constants) -> Result<Quantity, Diagnostic> {
    let mut scope = Scope { constants, locals: &BTreeMap::new(), draws: None };
    let (values, dimension) = evaluate(value, &mut scope)?;
    Ok(Quantity { value: values.get(0), dimension })
}

/// Evaluates a value that may differ between neurons: besides constants it may use `i` (the
/// neuron's number), `n` (the population's size), `uniform(lo, hi)`, `normal(mean, sd)`, and the
/// names in `locals` (the population's `random` table).
///
/// # Errors
/// As [`quantity`]; also where the bounds of `uniform` are exchanged or an `sd` is negative.
pub fn per_neuron(
    value: &Value,
    constants: &Constants,
    locals: &BTreeMap<String, (PerNeuron, Dimension)>,
    size: u32,
    site: &mut DrawSite,
) -> Result<(PerNeuron, Dimension), Diagnostic> {
    let first_call = site.next;
    let mut all = Vec::new();
    loop {
        let start = all.len() as u32;
        let range = start..size.min(start.saturating_add(BLOCK));
        // The calls of a text have the same numbers for all neurons.
        site.next = first_call;
        let draws = Some(Draws { range, size, site });
        let (values, dimension) = evaluate(value, &mut Scope { constants, locals, draws })?;
        match values {
            PerNeuron::All(_) | PerNeuron::Slot(_) => return Ok((values, dimension)),
            PerNeuron::Each(values) => all.extend_from_slice(&values),
        }
        if all.len() as u32 == size {
            return Ok((PerNeuron::Each(all.into()), dimension));
        }
    }
}

/// The meaning of names and random functions.
struct Scope<'a> {
    constants: &'a Constants,
    locals: &'a BTreeMap<String, (PerNeuron, Dimension)>,
    /// If neurons may differ.
    draws: Option<Draws<'a>>,
}

/// Some neurons of a population and where it draws.
struct Draws<'a> {
    range: Range<u32>,
    /// The size of the population.
    size: u32,
    site: &'a mut DrawSite,
}

fn evaluate(value: &Value, scope: &mut Scope) -> Result<(PerNeuron, Dimension), Diagnostic> {
    let whole = |message: &str, help: &str| Diagnostic {
        location: value.location.clone(),
        item: String::new(),
        field: String::new(),
        message: message.into(),
        help: help.into(),
    };
    let (values, dimension) = match &value.content {
        Content::Number(x) => (PerNeuron::All(*x), Dimension::NUMBER),
        Content::Integer(x) => (PerNeuron::All(*x as f64), Dimension::NUMBER),
        Content::Text(text) => {
            let place = Place { text, location: &value.location };
            let node = parse::expression(place).map_err(first)?;
            let counts = PerNeuron::All(1.0);
            let (values, sort) = Evaluator { place, scope, counts }.value(&node)?;
            (values, sort.number(place, node.span)?.unwrap_or_default())
        }
        Content::Bool(_) | Content::List(_) | Content::Table(_) => {
            return Err(whole("this is not a quantity", "write a number, or text like \"20 ms\""));
        }
    };
    match values {
        PerNeuron::All(x) if !x.is_finite() => Err(whole("the value is not finite", "")),
        values => Ok((values, dimension)),
    }
}

/// The dimension of a host expression of a model. `names` gives what its names measure; where a
/// power needs the value of its exponent, it takes the value in `names`.
pub fn dimension_of(place: Place, node: &Node, names: &Constants) -> Result<Dimension, Diagnostic> {
    let mut scope = Scope { constants: names, locals: &BTreeMap::new(), draws: None };
    // The values are stand-ins: none of them counts.
    let counts = PerNeuron::All(0.0);
    let (_, sort) = Evaluator { place, scope: &mut scope, counts }.value(node)?;
    sort.number(place, node.span).map(Option::unwrap_or_default)
}

/// The first mistake of a text.
fn first(diagnostics: Vec<Diagnostic>) -> Diagnostic {
    match diagnostics.into_iter().next() {
        Some(diagnostic) => diagnostic,
        None => unreachable!("a text that is refused has a mistake"),
    }
}

struct Evaluator<'a, 'b> {
    place: Place<'a>,
    scope: &'a mut Scope<'b>,
    /// The neurons whose result depends on the node that is evaluated: 1, the others 0.
    counts: PerNeuron,
}

/// Values (conditions are 1 and 0) and what they are.
type Valued = (PerNeuron, Type);

impl<'a> Evaluator<'a, '_> {
    /// The value of a node, finite wherever it counts: what is built upon it could hide that it
    /// is not.
    fn value(&mut self, node: &Node) -> Result<Valued, Diagnostic> {
        let found = self.any_value(node)?;
        let wrong = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && !v[1].is_finite()));
        let wrong = PerNeuron::map(&[&self.counts, &found.0], wrong);
        let Some(neuron) = wrong.first(|wrong| wrong != 0.0) else { return Ok(found) };
        let message = match (&wrong, &self.scope.draws) {
            (PerNeuron::Each(_), Some(Draws { range, .. })) => {
                format!("the value of neuron {} is not finite", range.start + neuron)
            }
            _ => "the value is not finite".into(),
        };
        Err(self.place.diagnostic(node.span, message, ""))
    }

    /// The value of a node that counts for the neurons where `condition` is `holds` only.
    fn value_where(
        &mut self,
        condition: &PerNeuron,
        holds: bool,
        node: &Node,
    ) -> Result<Valued, Diagnostic> {
        let both = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && (v[1] != 0.0) == holds));
        let inner = PerNeuron::map(&[&self.counts, condition], both);
        let outer = std::mem::replace(&mut self.counts, inner);
        let found = self.value(node);
        self.counts = outer;
        found
    }

    fn rules(&self) -> Rules<'a> {
        Rules { place: self.place, strict: true }
    }

    fn any_value(&mut self, node: &Node) -> Result<Valued, Diagnostic> {
        match &node.kind {
            Kind::Number(x, dimension) => Ok((PerNeuron::All(*x), Type::Number(*dimension))),
            Kind::Bool(x) => Ok((PerNeuron::All(f64::from(u8::from(*x))), Type::Condition)),
            Kind::Name(name) => self.name(name, node.span),
            Kind::Member(of, name) => {
                let message = format!("`{of}.{}` is no value of a network", name.text);
                let help = "events of a synapse model read variables of a neuron";
                Err(self.place.diagnostic(node.span, message, help))
            }
            Kind::Unary(op, x) => {
                let (values, sort) = self.value(x)?;
                match op {
                    isospike_core::describe::model::UnaryOp::Neg => {
                        sort.number(self.place, x.span).map(drop)?
                    }
                    isospike_core::describe::model::UnaryOp::Not => {
                        sort.condition(self.place, x.span)?
                    }
                }
                Ok((PerNeuron::map(&[&values], |x| host::unary(*op, x[0])), sort))
            }
            Kind::Binary(op, at, a, b) => self.binary(*op, *at, a, b),
            Kind::If(c, a, b) => {
                let (condition, sort) = self.value(c)?;
                sort.condition(self.place, c.span)?;
                let (x, x_sort) = self.value_where(&condition, true, a)?;
                let (y, y_sort) = self.value_where(&condition, false, b)?;
                let (x_at, y_at) = ((x_sort, a.span), (y_sort, b.span));
                let sort = self.rules().same(b.span, "choose between", x_at, y_at)?;
                let choose = |v: &[f64]| if v[0] != 0.0 { v[1] } else { v[2] };
                Ok((PerNeuron::map(&[&condition, &x, &y], choose), sort))
            }
            Kind::Call(name, at, arguments) => self.call(name, *at, node.span, arguments),
        }
    }

    fn binary(&mut self, op: BinaryOp, at: Span, a: &Node, b: &Node) -> Result<Valued, Diagnostic> {
        let (x, x_sort) = self.value(a)?;
        let (y, y_sort) = match op {
            BinaryOp::And => self.value_where(&x, true, b)?,
            BinaryOp::Or => self.value_where(&x, false, b)?,
            BinaryOp::Div => self.divisor(b)?,
            _ => self.value(b)?,
        };
        let (x_at, y_at) = ((x_sort, a.span), (y_sort, b.span));
        let sort = self.rules().binary(op, at, x_at, y_at, same_for_all(&y))?;
        Ok((PerNeuron::map(&[&x, &y], |v| host::binary(op, v[0], v[1])), sort))
    }

    /// The right side of a division: a unit, as in `5 mV/ms`, where its name means nothing else.
    fn divisor(&mut self, node: &Node) -> Result<Valued, Diagnostic> {
        let unit = match &node.kind {
            Kind::Name(name) => Unit::named(name),
            _ => None,
        };
        match (self.value(node), unit) {
            (Err(_), Some(unit)) => {
                Ok((PerNeuron::All(unit.to_base(1.0)), Type::Number(unit.dimension)))
            }
            (found, _) => found,
        }
    }

    fn name(&mut self, name: &str, at: Span) -> Result<Valued, Diagnostic> {
        match (name, &self.scope.draws) {
            ("pi", _) => {
                let pi = PerNeuron::All(std::f64::consts::PI);
                return Ok((pi, Type::Number(Dimension::NUMBER)));
            }
            ("i", Some(draws)) => {
                let numbers = draws.range.clone().map(f64::from).collect();
                return Ok((PerNeuron::Each(numbers), Type::Number(Dimension::NUMBER)));
            }
            ("n", Some(draws)) => {
                let size = PerNeuron::All(f64::from(draws.size));
                return Ok((size, Type::Number(Dimension::NUMBER)));
            }
            ("i" | "n", None) => {
                let message = format!("`{name}` has no meaning here");
                let help = "it can be used in the parameters and initial values of a population";
                return Err(self.place.diagnostic(at, message, help));
            }
            _ => {}
        }
        if let Some((values, dimension)) = self.scope.locals.get(name) {
            let values = match (values, &self.scope.draws) {
                (PerNeuron::Each(all), Some(Draws { range, .. })) => {
                    PerNeuron::Each(all[range.start as usize..range.end as usize].into())
                }
                _ => values.clone(),
            };
            return Ok((values, Type::Number(*dimension)));
        }
        if let Some(constant) = self.scope.constants.get(name) {
            return Ok((PerNeuron::All(constant.value), Type::Number(constant.dimension)));
        }
        let known = self.scope.locals.keys().chain(self.scope.constants.keys());
        let help = hint::for_name(name, known.map(String::as_str), "it must be a constant");
        Err(self.place.diagnostic(at, format!("`{name}` is not defined"), help))
    }

    fn call(
        &mut self,
        name: &str,
        at: Span,
        whole: Span,
        arguments: &[Node],
    ) -> Result<Valued, Diagnostic> {
        let callee = callee(self.place, name, at, arguments.len())?;
        let mut values = Vec::with_capacity(arguments.len());
        let mut sorts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let (value, sort) = self.value(argument)?;
            values.push(value);
            sorts.push((sort, argument.span));
        }
        let function = match callee {
            Callee::Plain(function) => function,
            Callee::Round => Function::Floor,
            Callee::Uniform | Callee::Normal => {
                return self.draw(callee, (name, at), &values, &sorts);
            }
            Callee::RandUniform | Callee::RandNormal | Callee::RandBernoulli => {
                let message = format!("`{name}` is a function of neuron models");
                let help = "values of a population use uniform(lo, hi) and normal(mean, sd)";
                return Err(self.place.diagnostic(at, message, help));
            }
        };
        let exponent = values.get(1).and_then(same_for_all);
        let sort = self.rules().call(function, (name, whole), &sorts, exponent)?;
        let round = callee == Callee::Round;
        let values: Vec<&PerNeuron> = values.iter().collect();
        let result = PerNeuron::map(&values, |v| match round {
            true => arithmetic::function(Function::Floor, &[v[0] + 0.5]),
            false => arithmetic::function(function, v),
        });
        Ok((result, sort))
    }

    /// `uniform(lo, hi)` and `normal(mean, sd)`: one random call of the population.
    fn draw(
        &mut self,
        callee: Callee,
        (name, at): (&str, Span),
        values: &[PerNeuron],
        sorts: &[At],
    ) -> Result<Valued, Diagnostic> {
        let rules = self.rules();
        let Some(Draws { range, site, .. }) = &mut self.scope.draws else {
            let message = format!("`{name}` has no meaning here");
            let help = "it can be used in the parameters and initial values of a population";
            return Err(self.place.diagnostic(at, message, help));
        };
        let (a, b) = (&values[0], &values[1]);
        let sort = sorts[0].0;
        for other in sorts {
            other.0.number(self.place, other.1)?;
            rules.same(other.1, "combine", sorts[0], *other)?;
        }
        let count = range.end - range.start;
        let wrong = |i: u32| match callee {
            Callee::Uniform => a.get(i) > b.get(i),
            _ => b.get(i) < 0.0,
        };
        if (0..count).any(wrong) {
            let (message, help) = match callee {
                Callee::Uniform => ("the lower bound is above the upper", "uniform(lo, hi)"),
                _ => ("a standard deviation is negative", "normal(mean, sd)"),
            };
            return Err(self.place.diagnostic(sorts[1].1, message, format!("as in {help}")));
        }
        let call = site.next;
        site.next += 1;
        let one = |i: u32| {
            let u = random::initial_uniform(site.seed, range.start + i, call, site.population);
            match callee {
                Callee::Uniform => a.get(i) + (b.get(i) - a.get(i)) * u,
                _ => a.get(i) + b.get(i) * standard_normal(u),
            }
        };
        Ok((PerNeuron::Each((0..count).map(one).collect()), sort))
    }
}

/// The normal number that belongs to a uniform number in [0, 1) (`docs/semantics.md` 2.7).
fn standard_normal(uniform: f64) -> f64 {
    const HALF_STEP: f64 = 1.0 / (1u64 << 54) as f64;
    const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
    // The largest uniform number plus half a step would round to 1, whose quantile is infinite.
    normal::quantile((uniform + HALF_STEP).min(BELOW_ONE))
}

fn same_for_all(values: &PerNeuron) -> Option<f64> {
    match values {
        PerNeuron::All(x) | PerNeuron::Slot(x) => Some(*x),
        PerNeuron::Each(_) => None,
    }
}
