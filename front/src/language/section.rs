//! The common part of `[model.NAME]` and `[synapse.NAME]`: declared names, parameters, units, host
//! expressions, mistakes.

mod parameter;
mod unit;

use super::Constants;
use super::Quantity;
use super::evaluate::{dimension_of, quantity};
use super::function::{is_name, is_reserved};
use super::parse;
use super::place::Place;
use super::program::{Names, Resolver, Subject};
use super::suggest::did_you_mean;
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, ParameterDef};

/// The most parameters, state variables, receptors or traces of a model.
const DECLARED_MAX: usize = 1024;

/// The name of the drawn weight in a synapse model, and of its unit.
pub(crate) const WEIGHT: &str = "weight";

/// The name of the period of a clocked block.
pub(super) const PERIOD: &str = "period";

/// The kinds of sections that declare parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[model.NAME]`
    Neuron,
    /// `[synapse.NAME]`, for weights of this dimension; `None`: units are not judged.
    Synapse(Option<Dimension>),
}

/// A section while it is read.
pub(super) struct Section<'a> {
    pub item: &'a Item,
    pub constants: &'a Constants,
    kind: Kind,
    /// The parameters so far.
    pub parameters: Vec<ParameterDef>,
    /// All declared names.
    names: Vec<&'a str>,
    /// The dimensions of the names of a host expression, once the parameters are known.
    hosts: Constants,
    /// A parameter has no known dimension, so that dimensions cannot be judged.
    unsure: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Section<'a> {
    pub fn new(item: &'a Item, kind: Kind, constants: &'a Constants) -> Self {
        Self {
            item,
            constants,
            kind,
            parameters: Vec::new(),
            names: Vec::new(),
            hosts: Constants::new(),
            unsure: false,
            diagnostics: Vec::new(),
        }
    }

    /// Gives all mistakes, in the order of the file.
    ///
    /// # Errors
    /// If there are any.
    pub fn finish(mut self) -> Result<(), Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            return Ok(());
        }
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.location.line, diagnostic.location.column));
        Err(self.diagnostics)
    }

    /// Whether a value fits every dimension: the 0 of a synapse model, which cannot name the unit
    /// of its weights.
    pub fn fits_all(&self, value: &Expr) -> bool {
        self.is_synapse() && *value == Expr::Number(0.0)
    }

    /// Whether the dimension of something that a section needs to be `wanted` is another.
    pub fn differs(&self, found: Dimension, wanted: Dimension) -> bool {
        found != wanted && self.kind != Kind::Synapse(None)
    }

    /// Reports fields that a section does not have.
    pub fn fields(&mut self, known: &[&str]) {
        for field in &self.item.fields {
            let name = field.name.as_str();
            if !known.contains(&name) {
                let all = format!("a {} has {}", self.noun(), known.join(", "));
                let help = did_you_mean(name, known.iter().copied(), &all);
                self.wrong(&field.location, name, "there is no such field", help);
            }
        }
    }

    /// Reports fields that are no tables, and tables of too many names.
    pub fn tables(&mut self, names: &[&str]) {
        for name in names {
            if let Some(value) = self.value(name)
                && !matches!(value.content, Content::Table(_))
            {
                let help = "write `name = value` lines";
                self.wrong(&value.location, name, "a table is expected", help);
            }
            if self.declared(name).len() > DECLARED_MAX {
                let location = &self.declared(name)[DECLARED_MAX].location;
                let help = format!("a {} may have {DECLARED_MAX}", self.noun());
                self.wrong(location, name, "these are too many", help);
            }
        }
    }

    /// Reads a host expression over parameters, constants and `dt`, with its dimension. `others`
    /// has the names that are declared besides parameters.
    pub fn host_expression(
        &mut self,
        value: &Value,
        path: &str,
        others: Names<'_>,
    ) -> Option<(Expr, Dimension)> {
        let text = match &value.content {
            Content::Text(text) => text,
            _ => {
                let found = quantity(value, self.constants);
                let found = found.map_err(|diagnostic| self.push(diagnostic, path)).ok()?;
                return Some((Expr::Number(found.value), found.dimension));
            }
        };
        let place = Place { text, location: &value.location };
        let node = parse::expression(place).map_err(|all| self.push_all(all, path)).ok()?;
        // Its units are judged by `dimension_of`, where a number without one is a plain number.
        let names = Names { parameters: &self.parameters, units: false, ..others };
        let mut resolver = Resolver::new(names, place, true);
        let expr = resolver.number(&node).map(|found| found.0);
        let diagnostics = resolver.diagnostics;
        self.push_all(diagnostics, path);
        let expr = expr?;
        if self.kind == Kind::Synapse(None) {
            return Some((expr, Dimension::NUMBER));
        }
        match dimension_of(place, &node, &self.hosts) {
            _ if self.unsure => None,
            Ok(dimension) => Some((expr, dimension)),
            Err(diagnostic) => {
                self.push(diagnostic, path);
                None
            }
        }
    }

    /// Reads a host expression that may use the weight of a synapse: a parameter that follows those
    /// of the model.
    pub fn expression_of_weight(
        &mut self,
        value: &Value,
        path: &str,
        others: Names<'_>,
    ) -> Option<(Expr, Dimension)> {
        let dimension = self.weight();
        let (bounds, help) = (Vec::new(), String::new());
        let weight = ParameterDef { name: WEIGHT.into(), default: None, dimension, bounds, help };
        self.parameters.push(weight);
        self.hosts.insert(WEIGHT.into(), Quantity { value: 1.0, dimension });
        let found = self.host_expression(value, path, others);
        self.hosts.remove(WEIGHT);
        self.parameters.pop();
        found
    }

    /// Whether it is a synapse model.
    pub fn is_synapse(&self) -> bool {
        self.kind != Kind::Neuron
    }

    /// The dimension of weights.
    pub fn weight(&self) -> Dimension {
        match self.kind {
            Kind::Neuron => Dimension::NUMBER,
            Kind::Synapse(dimension) => dimension.unwrap_or_default(),
        }
    }

    /// Notes the dimensions of the names of a host expression. Only exponents look at the values.
    fn note_hosts(&mut self) {
        let mut names = self.constants.clone();
        let dt = Quantity { value: 1.0, dimension: Dimension::TIME };
        names.insert("dt".into(), dt);
        for parameter in &self.parameters {
            let value = parameter.default.unwrap_or(1.0);
            names
                .insert(parameter.name.clone(), Quantity { value, dimension: parameter.dimension });
        }
        self.hosts = names;
    }

    /// Takes a new name, or reports why it cannot be one.
    pub fn new_name(&mut self, field: &'a Field, path: &str) {
        self.name_at(&field.name, &field.location, path);
    }

    /// Takes a new name that stands at this place, or reports why it cannot be one.
    pub fn name_at(&mut self, name: &'a str, location: &Location, path: &str) {
        let noun = self.noun();
        let of_synapses = [WEIGHT, "send", PERIOD];
        let fixed = is_reserved(name) || (self.is_synapse() && of_synapses.contains(&name));
        let (message, help) = if !is_name(name) {
            ("this is not a name".into(), "letters, digits and `_`, not starting with a digit")
        } else if fixed {
            (format!("this name has a fixed meaning in {noun}s"), "choose another name")
        } else if self.names.contains(&name) {
            (format!("the {noun} has this name twice"), "choose another name")
        } else {
            self.names.push(name);
            return;
        };
        self.wrong(location, path, message, help);
    }

    /// Takes a name that has a fixed meaning elsewhere.
    pub fn take(&mut self, name: &'a str) {
        self.names.push(name);
    }

    /// Reports fields that a table does not have.
    pub fn known_fields(&mut self, fields: &[Field], known: &[&str], path: &str) {
        for field in fields {
            if !known.contains(&field.name.as_str()) {
                let all = format!("it may have {}", known.join(", "));
                let help = did_you_mean(&field.name, known.iter().copied(), &all);
                let path = format!("{path}.{}", field.name);
                self.wrong(&field.location, &path, "there is no such field", help);
            }
        }
    }

    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.item.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }

    /// The fields of a table; none where there is none.
    fn declared(&self, name: &str) -> &'a [Field] {
        match self.value(name).map(|value| &value.content) {
            Some(Content::Table(fields)) => fields,
            _ => &[],
        }
    }

    /// The same without those that are too many.
    pub fn table(&self, name: &str) -> &'a [Field] {
        let fields = self.declared(name);
        &fields[..fields.len().min(DECLARED_MAX)]
    }

    /// The text of a field, with its place.
    pub fn text(&mut self, name: &str) -> Option<Place<'a>> {
        let value = self.value(name)?;
        self.text_of(value, name)
    }

    /// The text of a value, with its place.
    pub fn text_of(&mut self, value: &'a Value, path: &str) -> Option<Place<'a>> {
        if let Content::Text(text) = &value.content {
            return Some(Place { text, location: &value.location });
        }
        self.wrong(&value.location, path, "a text is expected", "put it in quotes");
        None
    }

    /// The names of a host expression besides those that the section declares.
    pub fn names(&self) -> Names<'a> {
        let subject = if self.is_synapse() { Subject::Synapse } else { Subject::Neuron };
        Names::new(subject, self.constants)
    }

    fn noun(&self) -> &'static str {
        if self.is_synapse() { "synapse model" } else { "model" }
    }

    pub fn wrong(
        &mut self,
        location: &Location,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic {
            location: location.clone(),
            item: String::new(),
            field: String::new(),
            message: message.into(),
            help: help.into(),
        };
        self.push(diagnostic, field);
    }

    pub fn push_all(&mut self, diagnostics: Vec<Diagnostic>, field: &str) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic, field));
    }

    pub fn push(&mut self, diagnostic: Diagnostic, field: &str) {
        let section = if self.is_synapse() { "synapse" } else { "model" };
        let item = format!("{section} {}", self.item.name);
        self.diagnostics.push(Diagnostic { item, field: field.into(), ..diagnostic });
    }
}
