//! State that every reader of a section shares: the constants, the time step, the mistakes so far.

use crate::diagnostic::{Diagnostic, Location};
use crate::language::{self, Constants, Quantity};
use crate::network::{Content, Field, Network, Value};
use isospike_core::base::id::PopulationId;
use isospike_core::base::steps;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PerNeuron;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The last step that a time may name; `u32::MAX` means never.
pub(super) const LAST_STEP: u32 = u32::MAX - 1;

/// The state of a check.
pub(super) struct Context<'n> {
    /// The network that is checked.
    pub network: &'n Network,
    /// `[constants]`, evaluated.
    pub constants: Constants,
    /// The time step; `None` after a mistake.
    pub dt_ms: Option<f64>,
    /// Constants with a mistake: what uses them is not judged.
    pub broken: BTreeSet<&'n str>,
    /// The populations by name; of several of one name the first.
    pub populations: BTreeMap<&'n str, PopulationId>,
    diagnostics: Vec<Diagnostic>,
}

/// A value with the item and field that mistakes about it name.
#[derive(Clone, Debug)]
pub(super) struct Site<'a> {
    /// `population exc`.
    pub item: Arc<str>,
    /// `parameters.tau_m`, `times[3]`.
    pub field: String,
    /// The value.
    pub value: &'a Value,
}

impl<'a> Site<'a> {
    /// A mistake about this value.
    pub fn diagnostic(&self, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic {
            location: self.value.location.clone(),
            item: self.item.to_string(),
            field: self.field.clone(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// A field of this table.
    pub fn inner(&self, field: &'a Field) -> Site<'a> {
        let name = format!("{}.{}", self.field, field.name);
        Site { item: self.item.clone(), field: name, value: &field.value }
    }

    /// An entry of this list.
    pub fn entry(&self, index: usize, value: &'a Value) -> Site<'a> {
        let field = format!("{}[{index}]", self.field);
        Site { item: self.item.clone(), field, value }
    }
}

/// How a time becomes steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// It must be a multiple of dt.
    Exact,
    /// To a multiple of dt that is not 0, else it is a mistake.
    ExactAboveZero,
    /// To the next step.
    Up,
    /// To the nearest step, halves up.
    Nearest,
}

impl<'n> Context<'n> {
    /// A check that has found nothing yet.
    pub fn new(network: &'n Network) -> Self {
        Self {
            network,
            constants: Constants::new(),
            dt_ms: None,
            broken: BTreeSet::new(),
            populations: BTreeMap::new(),
            diagnostics: network.diagnostics.clone(),
        }
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds a mistake about a value; `None` for the caller to return.
    pub fn fail<T>(
        &mut self,
        site: &Site<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.push(site.diagnostic(message, help));
        None
    }

    /// How many mistakes there are so far.
    pub fn count_diagnostics(&self) -> usize {
        self.diagnostics.len()
    }

    /// All mistakes: first those of the file in its order, then those of each other file.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let file = &self.network.location.file;
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by_key(|diagnostic| {
            let Location { file: place, line, column, .. } = &diagnostic.location;
            ((place != file).then(|| place.clone()), *line, *column)
        });
        diagnostics
    }

    /// Whether the value uses a constant that has a mistake of its own.
    pub fn uses_broken(&self, value: &Value) -> bool {
        mentions(value, |word| self.broken.contains(word))
    }

    /// One quantity of any dimension.
    pub fn any_quantity(&mut self, site: &Site<'_>) -> Option<Quantity> {
        self.number_like(site, "a quantity")?;
        if self.uses_broken(site.value) {
            return None;
        }
        match language::quantity(site.value, &self.constants) {
            Ok(quantity) => Some(quantity),
            Err(diagnostic) => {
                self.push(Diagnostic {
                    item: site.item.to_string(),
                    field: site.field.clone(),
                    ..diagnostic
                });
                None
            }
        }
    }

    /// One quantity of this dimension.
    pub fn quantity(&mut self, site: &Site<'_>, dimension: Dimension) -> Option<f64> {
        self.number_like(site, &dimension.noun_with_example())?;
        let quantity = self.any_quantity(site)?;
        self.same_dimension(site, quantity.dimension, dimension)?;
        self.fits_f32(site, &PerNeuron::All(quantity.value))?;
        Some(quantity.value)
    }

    /// Reports values that a device cannot hold.
    pub fn fits_f32(&mut self, site: &Site<'_>, values: &PerNeuron) -> Option<()> {
        let Some(neuron) = beyond_f32(values) else { return Some(()) };
        let message = format!("{} is too large", spell(values.get(neuron)));
        self.fail(site, message, "values must fit a 32-bit float; check the unit")
    }

    /// Reports a quantity of another dimension than the one needed.
    pub fn same_dimension(
        &mut self,
        site: &Site<'_>,
        found: Dimension,
        needed: Dimension,
    ) -> Option<()> {
        if found == needed {
            return Some(());
        }
        let message = format!("this is {}, not {}", found.noun(), needed.noun());
        self.fail(site, message, format!("give {}", needed.noun_with_example()))
    }

    /// Reports values that cannot be a quantity.
    pub fn number_like(&mut self, site: &Site<'_>, what: &str) -> Option<()> {
        match site.value.content {
            Content::Text(_) | Content::Number(_) | Content::Integer(_) => Some(()),
            _ => self.wrong_kind(site, what),
        }
    }

    /// A count: an integer, or an expression that is rounded to the nearest one.
    pub fn count(&mut self, site: &Site<'_>, least: u64, most: u64) -> Option<u64> {
        let value = self.quantity(site, Dimension::NUMBER)?;
        let rounded = libm::floor(value + 0.5);
        if rounded < least as f64 || rounded > most as f64 {
            let message = format!("{} is out of range", spell(value));
            return self.fail(site, message, format!("give a number from {least} to {most}"));
        }
        Some(rounded as u64)
    }

    /// An integer written as one.
    pub fn integer(&mut self, site: &Site<'_>, least: u64, most: u64) -> Option<u64> {
        let help = format!("give an integer from {least} to {most}");
        let value = match &site.value.content {
            Content::Integer(value) => u64::try_from(*value).ok(),
            // Integers of more than 63 bits are kept as digits.
            Content::Text(text)
                if text.parse::<i128>().is_ok_and(|n| i64::try_from(n).is_err()) =>
            {
                text.parse().ok()
            }
            other => {
                let message = format!("an integer is needed here, not {}", kind(other));
                return self.fail(site, message, help);
            }
        };
        match value {
            Some(value) if (least..=most).contains(&value) => Some(value),
            _ => self.fail(site, format!("{} is out of range", written(site.value)), help),
        }
    }

    /// A time in steps, at most [`LAST_STEP`]. `None` without a mistake where dt is unknown.
    pub fn steps(&mut self, site: &Site<'_>, rounding: Rounding) -> Option<u32> {
        let time_ms = self.quantity(site, Dimension::TIME)?;
        let dt_ms = self.dt_ms?;
        if time_ms < 0.0 {
            return self.fail(site, "this time is negative", "give a time of 0 ms or later");
        }
        let nearest = steps::nearest(time_ms, dt_ms);
        if nearest > f64::from(LAST_STEP) {
            let most = spell(f64::from(LAST_STEP) * dt_ms);
            let help = format!("give less than {most} ms, or a larger dt");
            return self.fail(site, "this time is more than 2^32 - 2 steps", help);
        }
        match rounding {
            Rounding::Nearest => Some(nearest as u32),
            Rounding::Up => Some(steps::up(time_ms, dt_ms) as u32),
            Rounding::Exact | Rounding::ExactAboveZero => {
                if let Some(steps) = steps::exact(time_ms, dt_ms) {
                    return Some(steps as u32);
                }
                let above_zero = matches!(rounding, Rounding::ExactAboveZero);
                let help = nearest_multiples(time_ms, dt_ms, above_zero);
                let message = format!("this time is not a multiple of dt = {} ms", spell(dt_ms));
                self.fail(site, message, help)
            }
        }
    }

    /// A text.
    pub fn text<'a>(&mut self, site: &Site<'a>, what: &str) -> Option<&'a str> {
        match &site.value.content {
            Content::Text(text) => Some(text),
            _ => self.wrong_kind(site, what),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, site: &Site<'_>) -> Option<bool> {
        match site.value.content {
            Content::Bool(value) => Some(value),
            _ => self.wrong_kind(site, "`true` or `false`"),
        }
    }

    /// A list.
    pub fn list<'a>(&mut self, site: &Site<'a>, what: &str) -> Option<&'a [Value]> {
        match &site.value.content {
            Content::List(values) => Some(values),
            _ => self.wrong_kind(site, what),
        }
    }

    /// A table.
    pub fn table<'a>(&mut self, site: &Site<'a>, what: &str) -> Option<&'a [Field]> {
        match &site.value.content {
            Content::Table(fields) => Some(fields),
            _ => self.wrong_kind(site, what),
        }
    }

    /// Reports a value of the wrong kind.
    pub fn wrong_kind<T>(&mut self, site: &Site<'_>, what: &str) -> Option<T> {
        let message = format!("{} cannot stand here", kind(&site.value.content));
        self.fail(site, message, format!("give {what}"))
    }
}

/// Whether a text has one of some names as a word.
pub(super) fn mentions(value: &Value, is_name: impl Fn(&str) -> bool) -> bool {
    let Content::Text(text) = &value.content else { return false };
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(is_name)
}

/// The kind of a value, for sentences.
pub(super) fn kind(content: &Content) -> &'static str {
    match content {
        Content::Text(_) => "a text",
        Content::Number(_) => "a float",
        Content::Integer(_) => "an integer",
        Content::Bool(_) => "`true` or `false`",
        Content::List(_) => "a list",
        Content::Table(_) => "a table",
    }
}

/// The first neuron whose value an f32 cannot hold.
pub(super) fn beyond_f32(values: &PerNeuron) -> Option<u32> {
    let fits = |x: &f64| libm::fabs(*x) <= f64::from(f32::MAX);
    match values {
        PerNeuron::All(x) | PerNeuron::Slot(x) => (!fits(x)).then_some(0),
        PerNeuron::Each(xs) => xs.iter().position(|x| !fits(x)).map(|neuron| neuron as u32),
    }
}

/// A scalar as it was written.
fn written(value: &Value) -> String {
    match &value.content {
        Content::Text(text) => text.trim().to_string(),
        Content::Integer(value) => value.to_string(),
        Content::Number(value) => spell(*value),
        other => kind(other).into(),
    }
}

/// Names the multiples of `dt_ms` beside a time that is none; 0 is not one of them where it must be
/// `above_zero`.
pub(super) fn nearest_multiples(time_ms: f64, dt_ms: f64, above_zero: bool) -> String {
    let lower = libm::floor(time_ms / dt_ms);
    let [lower_ms, upper_ms] = [lower, lower + 1.0].map(|steps| spell(steps * dt_ms));
    match above_zero && lower == 0.0 {
        true => format!("give {upper_ms} ms"),
        false => format!("the nearest are {lower_ms} ms and {upper_ms} ms"),
    }
}

/// A number with at most 12 significant digits, so that 0.30000000000000004 reads as 0.3.
pub(super) fn spell(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "not a number" } else { "infinite" }.into();
    }
    let short: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    if short != 0.0 && !(1e-4..1e15).contains(&short.abs()) {
        format!("{short:e}")
    } else {
        format!("{short}")
    }
}
