//! Units: `"pA"`, `"mV/ms"`, `"1"`, and in a synapse model `"weight"`.

use super::{Section, WEIGHT};
use crate::language::evaluate::dimension_of;
use crate::language::place::{Place, Span};
use crate::language::suggest::did_you_mean;
use crate::language::syntax::{Kind, Node};
use crate::language::{Constants, Quantity, parse};
use crate::network::{Content, Field, Value};
use isospike_core::base::units::{Dimension, UNITS, Unit};

impl Section<'_> {
    /// The unit in the field `unit` of a table.
    pub fn unit_of_table(
        &mut self,
        table: &Value,
        fields: &[Field],
        path: &str,
    ) -> Option<Dimension> {
        match fields.iter().find(|field| field.name == "unit") {
            Some(field) => self.unit(&field.value, &format!("{path}.unit")),
            None => {
                let help = "as in { unit = \"mV\" }; a plain number has the unit \"1\"";
                self.wrong(&table.location, path, "`unit` is missing", help);
                None
            }
        }
    }

    /// A unit: `"pA"`, `"mV/ms"`, `"1"`.
    pub fn unit(&mut self, value: &Value, path: &str) -> Option<Dimension> {
        let Content::Text(text) = &value.content else {
            let help = "as in \"pA\"; a plain number has the unit \"1\"";
            self.wrong(&value.location, path, "a unit is expected", help);
            return None;
        };
        let place = Place { text, location: &value.location };
        let node = parse::expression(place).map_err(|all| self.push_all(all, path)).ok()?;
        let mut names = Vec::new();
        if !is_unit(&node, &mut names) {
            let help = "as in \"pA\" or \"mV/ms\"; a plain number has the unit \"1\"";
            self.push(place.diagnostic(node.span, "a unit is expected", help), path);
            return None;
        }
        let mut units: Constants = UNITS.iter().map(unit_of).collect();
        if self.is_synapse() {
            units.insert(WEIGHT.into(), Quantity { value: 1.0, dimension: self.weight() });
        }
        if let Some((name, span)) = names.into_iter().find(|(name, _)| !units.contains_key(*name)) {
            let known = units.keys().map(String::as_str);
            let help = did_you_mean(name, known, "as in \"pA\" or \"mV/ms\"");
            self.push(place.diagnostic(span, format!("`{name}` is not a unit"), help), path);
            return None;
        }
        dimension_of(place, &node, &units).map_err(|diagnostic| self.push(diagnostic, path)).ok()
    }
}

fn unit_of(unit: &Unit) -> (String, Quantity) {
    (unit.name.into(), Quantity { value: 1.0, dimension: unit.dimension })
}

/// Whether it is made of names, products, quotients, powers and the number 1; collects the names.
fn is_unit<'a>(node: &'a Node, names: &mut Vec<(&'a str, Span)>) -> bool {
    use isospike_core::describe::model::BinaryOp as B;
    match &node.kind {
        Kind::Name(name) => {
            names.push((name, node.span));
            true
        }
        Kind::Number(x, dimension) => *x == 1.0 && dimension.is_number(),
        Kind::Binary(B::Mul | B::Div, _, a, b) => is_unit(a, names) && is_unit(b, names),
        Kind::Binary(B::Pow, _, a, b) => is_unit(a, names) && matches!(b.kind, Kind::Number(..)),
        _ => false,
    }
}
