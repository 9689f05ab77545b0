//! The parameters of a model: defaults, units, and the values that a parameter may have.

use super::{Section, WEIGHT};
use crate::language::evaluate::quantity;
use crate::network::{Content, Field, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Bound, Expr, ParameterDef, Relation};

/// The fields that the table of a parameter may have.
const FIELDS: [&str; 7] = ["default", "unit", "above", "at_least", "below", "at_most", "help"];

impl<'a> Section<'a> {
    /// Reads all parameters.
    pub fn read_parameters(&mut self) {
        let fields = self.table("parameters");
        for field in fields {
            self.parameter(field);
        }
        self.note_hosts();
        self.bounds(fields);
    }

    /// Reads a parameter, without its bounds: these may use parameters that follow.
    fn parameter(&mut self, field: &'a Field) {
        let path = format!("parameters.{}", field.name);
        self.new_name(field, &path);
        let mut help = String::new();
        let (default, dimension) = match &field.value.content {
            Content::Table(fields) => {
                self.known_fields(fields, &FIELDS, &path);
                if let Some(value) = inner(fields, "help") {
                    help = self.help(value, &path);
                }
                self.default_or_unit(&field.value, fields, &path)
            }
            _ => self.default(&field.value, &path),
        };
        // A parameter with a mistake still exists, so that its uses are no mistakes.
        self.unsure |= dimension.is_none();
        let (name, dimension) = (field.name.clone(), dimension.unwrap_or_default());
        let bounds = Vec::new();
        self.parameters.push(ParameterDef { name, default, dimension, bounds, help });
    }

    fn default(&mut self, value: &Value, path: &str) -> (Option<f64>, Option<Dimension>) {
        match quantity(value, self.constants) {
            Ok(found) => (Some(found.value), Some(found.dimension)),
            Err(diagnostic) => {
                self.push(diagnostic, path);
                (None, None)
            }
        }
    }

    fn default_or_unit(
        &mut self,
        table: &Value,
        fields: &[Field],
        path: &str,
    ) -> (Option<f64>, Option<Dimension>) {
        let Some(value) = inner(fields, "default") else {
            return (None, self.unit_of_table(table, fields, path));
        };
        let (default, dimension) = self.default(value, &format!("{path}.default"));
        if let Some(unit) = inner(fields, "unit") {
            let unit = self.unit(unit, &format!("{path}.unit"));
            if let (Some(unit), Some(dimension)) = (unit, dimension)
                && self.differs(unit, dimension)
            {
                let message = format!("this is {}, not {}", dimension.noun(), unit.noun());
                let help = match is_weight(fields) {
                    true => "remove the default: each projection gives its own value",
                    false => "remove `unit`: the default has one",
                };
                self.wrong(&value.location, &format!("{path}.default"), message, help);
            }
        }
        (default, dimension)
    }

    fn help(&mut self, value: &Value, path: &str) -> String {
        let Content::Text(text) = &value.content else {
            let path = format!("{path}.help");
            self.wrong(&value.location, &path, "a text is expected", "say what helps, in quotes");
            return String::new();
        };
        text.clone()
    }

    fn bounds(&mut self, parameters: &[Field]) {
        for (index, field) in parameters.iter().enumerate() {
            let Content::Table(fields) = &field.value.content else { continue };
            let mut bounds: Vec<Bound> = Vec::new();
            for (word, relation) in Relation::WORDS {
                let Some(value) = inner(fields, word) else { continue };
                let path = format!("parameters.{}.{word}", field.name);
                let Some(limit) = self.limit(index, value, &path) else { continue };
                let same_side = |bound: &&Bound| bound.relation.is_lower() == relation.is_lower();
                if let Some(other) = bounds.iter().find(same_side) {
                    let message = format!("`{}` bounds the same side", other.relation.word());
                    self.wrong(&value.location, &path, message, "keep one of them");
                    continue;
                }
                let text = match (&value.content, &limit) {
                    (Content::Text(text), limit) if !matches!(limit, Expr::Number(_)) => {
                        Some(text.trim().to_owned())
                    }
                    _ => None,
                };
                bounds.push(Bound { relation, limit, text });
            }
            self.parameters[index].bounds = bounds;
        }
    }

    /// Reads the limit of a bound: an expression of other parameters, constants and `dt`.
    fn limit(&mut self, index: usize, value: &Value, path: &str) -> Option<Expr> {
        let (limit, dimension) = self.host_expression(value, path, self.names())?;
        let wanted = self.parameters[index].dimension;
        if limit.uses_parameter(index as u32) {
            let message = "a parameter cannot be bounded by itself";
            self.wrong(&value.location, path, message, "use other parameters, constants and `dt`");
        } else if self.differs(dimension, wanted) && !self.fits_all(&limit) {
            let message = format!("this is {}, not {}", dimension.noun(), wanted.noun());
            let help = format!("give {}", wanted.noun_with_example());
            self.wrong(&value.location, path, message, help);
        } else {
            return Some(limit);
        }
        None
    }
}

/// Whether the unit of a parameter is that of weights.
fn is_weight(fields: &[Field]) -> bool {
    let unit = inner(fields, "unit").map(|value| &value.content);
    matches!(unit, Some(Content::Text(text)) if text.contains(WEIGHT))
}

/// The value of a field in a table.
fn inner<'a>(fields: &'a [Field], name: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.name == name).map(|field| &field.value)
}
