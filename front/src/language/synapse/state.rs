//! `state` and `bounds`: the variables of a synapse.

use super::Reader;
use crate::language::count;
use crate::language::section::WEIGHT;
use crate::language::suggest::did_you_mean;
use crate::network::{Content, Field, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, StateDef};
use isospike_core::describe::synapse::InitialDef;

/// How many expressions a bound may have: each assignment has a copy of it.
const BOUND_MAX: usize = 32;

impl<'a> Reader<'a> {
    pub(super) fn state(&mut self, field: &'a Field) {
        let path = format!("state.{}", field.name);
        let (value, tau) = match &field.value.content {
            Content::Table(fields) => self.decaying(field, fields, &path),
            _ => (Some((&field.value, path.clone())), None),
        };
        let is_weight = value.as_ref().is_some_and(
            |(value, _)| matches!(&value.content, Content::Text(text) if text.trim() == WEIGHT),
        );
        if field.name == WEIGHT && is_weight {
            self.section.take(WEIGHT);
        } else {
            self.section.new_name(field, &path);
        }
        let found = value.and_then(|(value, path)| match is_weight {
            true => Some((InitialDef::Weight, self.section.weight())),
            false => self
                .host_expression(value, &path)
                .map(|(expr, dimension)| (InitialDef::Host(expr), dimension)),
        });
        let otherwise = (InitialDef::Host(Expr::Number(0.0)), Dimension::NUMBER);
        let (initial, dimension) = found.unwrap_or(otherwise);
        let (name, stand_in) = (field.name.clone(), Expr::Number(0.0));
        self.state.push(StateDef { name, initial: stand_in, dimension });
        self.initial.push(initial);
        self.taus.push(tau);
    }

    /// Reads the fields of a variable that decays: the value that it begins with, and the path of
    /// that; its time constant.
    fn decaying(
        &mut self,
        field: &'a Field,
        fields: &'a [Field],
        path: &str,
    ) -> (Option<(&'a Value, String)>, Option<Expr>) {
        self.section.known_fields(fields, &["initial", "tau"], path);
        let [initial, tau] = [("initial", "0"), ("tau", "1 s")].map(|(name, example)| {
            let found = fields.iter().find(|field| field.name == name);
            if found.is_none() {
                let message = format!("`{name}` is missing");
                let help = format!("as in {{ {name} = \"{example}\" }}");
                self.section.wrong(&field.value.location, path, message, help);
            }
            found.map(|field| (&field.value, format!("{path}.{name}")))
        });
        let tau = tau.and_then(|(tau, path)| self.tau(tau, &path));
        (initial, tau)
    }

    pub(super) fn bounds_of(&mut self, field: &'a Field) {
        let path = format!("bounds.{}", field.name);
        let Some(at) = self.state.iter().position(|state| state.name == field.name) else {
            let known = self.state.iter().map(|state| state.name.as_str());
            let help = did_you_mean(&field.name, known, "only variables under `state` have bounds");
            let message = format!("there is no state variable `{}`", field.name);
            self.section.wrong(&field.location, &path, message, help);
            return;
        };
        let Content::List(values) = &field.value.content else {
            let help = "as in [\"0\", \"w_max\"]";
            self.section.wrong(&field.value.location, &path, "two bounds are expected", help);
            return;
        };
        let [least, largest] = &values[..] else {
            let message = format!("two bounds are expected, not {}", values.len());
            let help = "give the least and the largest, as in [\"0\", \"w_max\"]";
            self.section.wrong(&field.value.location, &path, message, help);
            return;
        };
        let wanted = self.state[at].dimension;
        let [least, largest] = [(0, least), (1, largest)]
            .map(|(n, value)| self.bound(value, &format!("{path}[{n}]"), wanted));
        self.bounds[at] = least.zip(largest);
    }

    /// Reads a bound: a value of this dimension, or 0.
    fn bound(&mut self, value: &Value, path: &str, wanted: Dimension) -> Option<Expr> {
        let (bound, found) = self.host_expression(value, path)?;
        if self.section.differs(found, wanted) && !self.section.fits_all(&bound) {
            let message = format!("this is {}, not {}", found.noun(), wanted.noun());
            let help = format!("give {}", wanted.noun_with_example());
            self.section.wrong(&value.location, path, message, help);
        } else if count(&bound) > BOUND_MAX {
            let help = "give a part of it a name: a parameter or a constant";
            self.section.wrong(&value.location, path, "this bound is too long", help);
            return None;
        }
        Some(bound)
    }
}
