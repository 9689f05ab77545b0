//! `[model.NAME]`: the fields of a neuron model.

mod parameter;

use super::evaluate::{dimension_of, quantity};
use super::function::{is_name, is_reserved};
use super::place::{Place, Span};
use super::program::{Names, Resolver};
use super::suggest::did_you_mean;
use super::syntax::{Kind, Node};
use super::{Constants, Quantity, Sources, parse};
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Item, Value};
use isospike_core::base::units::{Dimension, UNITS, Unit};
use isospike_core::describe::model::{Expr, NeuronModel, ReceptorDef, Sign, SpikeRule, StateDef};

const FIELDS: [&str; 9] = [
    "parameters",
    "state",
    "receptors",
    "current",
    "refractory",
    "update",
    "threshold",
    "spike",
    "reset",
];

/// The most parameters, state variables or receptors of a model.
const DECLARED_MAX: usize = 1024;

/// Reads a `[model.NAME]` item. All its mistakes at once, in the order of the file.
///
/// # Errors
/// Unknown fields and names, wrong types and dimensions, texts that cannot be read, inputs that
/// are declared and never used.
pub fn parse_model(item: &Item, constants: &Constants) -> Result<NeuronModel, Vec<Diagnostic>> {
    read(item, constants).map(|(model, _)| model)
}

/// Finds the places of the expressions of a model in its texts; `None` where they have mistakes.
pub fn sources(item: &Item, constants: &Constants) -> Option<Sources> {
    read(item, constants).ok().map(|(_, sources)| sources)
}

fn read(item: &Item, constants: &Constants) -> Result<(NeuronModel, Sources), Vec<Diagnostic>> {
    let model = NeuronModel {
        name: item.name.clone(),
        parameters: Vec::new(),
        state: Vec::new(),
        receptors: Vec::new(),
        current: None,
        refractory: None,
        update: Vec::new(),
        threshold: None,
        spike: SpikeRule::Level,
        reset: Vec::new(),
        locals: 0,
        draws: 0,
    };
    let hosts = Constants::new();
    let mut reader = Reader {
        item,
        constants,
        model,
        sources: Sources::default(),
        hosts,
        unsure: false,
        diagnostics: Vec::new(),
    };
    reader.read();
    if reader.diagnostics.is_empty() {
        return Ok((reader.model, reader.sources));
    }
    reader
        .diagnostics
        .sort_by_key(|diagnostic| (diagnostic.location.line, diagnostic.location.column));
    Err(reader.diagnostics)
}

struct Reader<'a> {
    item: &'a Item,
    constants: &'a Constants,
    model: NeuronModel,
    sources: Sources,
    /// The dimensions of the names of a host expression, once the parameters are known.
    hosts: Constants,
    /// A parameter has no known dimension, so that dimensions cannot be judged.
    unsure: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let item = self.item;
        for field in &item.fields {
            if !FIELDS.contains(&field.name.as_str()) {
                let all = format!("a model has {}", FIELDS.join(", "));
                let help = did_you_mean(&field.name, FIELDS, &all);
                self.wrong(&field.location, &field.name, "there is no such field", help);
            }
        }
        for name in ["parameters", "state", "receptors"] {
            if let Some(value) = self.value(name)
                && !matches!(value.content, Content::Table(_))
            {
                let help = "write `name = value` lines";
                self.wrong(&value.location, name, "a table is expected", help);
            }
            if self.declared(name).len() > DECLARED_MAX {
                let location = &self.declared(name)[DECLARED_MAX].location;
                let help = format!("a model may have {DECLARED_MAX}");
                self.wrong(location, name, "these are too many", help);
            }
        }
        for field in self.table("parameters") {
            self.parameter(field);
        }
        self.hosts = self.host_names();
        self.bounds(self.table("parameters"));
        for field in self.table("state") {
            self.state(field);
        }
        for field in self.table("receptors") {
            self.receptor(field);
        }
        if let Some(value) = self.value("current") {
            self.model.current = self.unit(value, "current");
        }
        if let Some(value) = self.value("refractory") {
            self.refractory(value);
        }
        if let Some(value) = self.value("spike") {
            self.model.spike = self.spike(value);
        }
        self.programs();
        if self.value("threshold").is_none() {
            for name in ["spike", "reset", "refractory"] {
                if let Some(value) = self.value(name) {
                    let message = "a model without `threshold` never spikes, this has no effect";
                    self.wrong(&value.location, name, message, "add `threshold`, or remove it");
                }
            }
        }
        if !self.model.state.is_empty() && self.value("update").is_none() {
            let message = "`update` is missing: the state would never change";
            self.wrong(&item.location, "", message, "add the statements of one step");
        }
    }

    fn state(&mut self, field: &Field) {
        let path = format!("state.{}", field.name);
        self.new_name(field, &path);
        let found = self.host_expression(&field.value, &path);
        let (initial, dimension) = found.unwrap_or((Expr::Number(0.0), Dimension::NUMBER));
        self.model.state.push(StateDef { name: field.name.clone(), initial, dimension });
    }

    fn receptor(&mut self, field: &Field) {
        let path = format!("receptors.{}", field.name);
        self.new_name(field, &path);
        let mut sign = Sign::Any;
        let dimension = match &field.value.content {
            Content::Table(fields) => {
                self.known_fields(fields, &["unit", "sign"], &path);
                if let Some(field) = fields.iter().find(|field| field.name == "sign") {
                    sign = self.sign(&field.value, &path);
                }
                self.unit_of_table(&field.value, fields, &path)
            }
            _ => self.unit(&field.value, &path),
        };
        let (name, dimension) = (field.name.clone(), dimension.unwrap_or_default());
        self.model.receptors.push(ReceptorDef { name, dimension, sign });
    }

    fn sign(&mut self, value: &Value, path: &str) -> Sign {
        const SIGNS: [(&str, Sign); 3] =
            [("any", Sign::Any), ("positive", Sign::Positive), ("negative", Sign::Negative)];
        let otherwise = "write \"any\", \"positive\" or \"negative\"";
        self.choice(value, &format!("{path}.sign"), SIGNS, "this is not a sign", otherwise)
    }

    fn spike(&mut self, value: &Value) -> SpikeRule {
        const RULES: [(&str, SpikeRule); 2] =
            [("level", SpikeRule::Level), ("crossing", SpikeRule::Crossing)];
        let message = "this is not a way to make a spike of the threshold's condition";
        let otherwise = "write \"level\" (a spike in each step in which it holds) or \"crossing\" \
                         (where it becomes true)";
        self.choice(value, "spike", RULES, message, otherwise)
    }

    /// Returns the value of one of some words; after a mistake that of the first.
    fn choice<T: Copy, const N: usize>(
        &mut self,
        value: &Value,
        path: &str,
        words: [(&str, T); N],
        message: &str,
        otherwise: &str,
    ) -> T {
        let text = if let Content::Text(text) = &value.content { text.as_str() } else { "" };
        if let Some(found) = words.iter().find(|word| word.0 == text) {
            return found.1;
        }
        let help = did_you_mean(text, words.map(|word| word.0), otherwise);
        self.wrong(&value.location, path, message, help);
        words[0].1
    }

    fn refractory(&mut self, value: &Value) {
        let Some((expr, dimension)) = self.host_expression(value, "refractory") else { return };
        if dimension != Dimension::TIME {
            let message = format!("a refractory period is a time, not {}", dimension.noun());
            self.wrong(&value.location, "refractory", message, "as in \"2 ms\", or a parameter");
        }
        self.model.refractory = Some(expr);
    }

    /// A host expression over parameters, constants and `dt`, with its dimension.
    fn host_expression(&mut self, value: &Value, path: &str) -> Option<(Expr, Dimension)> {
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
        let names = Names { units: false, ..self.names(&self.model) };
        let mut resolver = Resolver::new(names, place, true);
        let expr = resolver.number(&node).map(|found| found.0);
        let diagnostics = resolver.diagnostics;
        self.push_all(diagnostics, path);
        let expr = expr?;
        match dimension_of(place, &node, &self.hosts) {
            _ if self.unsure => None,
            Ok(dimension) => Some((expr, dimension)),
            Err(diagnostic) => {
                self.push(diagnostic, path);
                None
            }
        }
    }

    /// Returns the dimensions of the names of a host expression. Only exponents look at the values.
    fn host_names(&self) -> Constants {
        let mut names = self.constants.clone();
        let dt = Quantity { value: 1.0, dimension: Dimension::TIME };
        names.insert("dt".into(), dt);
        for parameter in &self.model.parameters {
            let value = parameter.default.unwrap_or(1.0);
            names
                .insert(parameter.name.clone(), Quantity { value, dimension: parameter.dimension });
        }
        names
    }

    fn names<'b>(&self, declared: &'b NeuronModel) -> Names<'b>
    where
        'a: 'b,
    {
        Names {
            constants: self.constants,
            parameters: &declared.parameters,
            state: &declared.state,
            receptors: &declared.receptors,
            current: self.value("current").map(|_| declared.current.unwrap_or_default()),
            refractory: self.value("refractory").is_some(),
            units: declares_units(declared),
        }
    }

    /// The three texts of a step, in order: locals and draw numbers run through them.
    fn programs(&mut self) {
        let empty = Location::builder();
        let start = Place { text: "", location: &empty };
        let declared = self.model.clone();
        let names = self.names(&declared);
        let mut resolver = Resolver::new(names, start, false);
        let mut readable = true;
        for name in ["update", "threshold", "reset"] {
            let Some(place) = self.text(name) else {
                readable &= self.value(name).is_none();
                continue;
            };
            resolver.next_text(name, place);
            let parsed = if name == "threshold" {
                parse::expression(place).map(|node| {
                    resolver.state_only = declared.spike == SpikeRule::Crossing;
                    self.model.threshold = resolver.condition(&node);
                    resolver.state_only = false;
                })
            } else {
                parse::statements(place).map(|statements| {
                    let statements = resolver.statements(&statements);
                    let update = name == "update";
                    *(if update { &mut self.model.update } else { &mut self.model.reset }) =
                        statements;
                })
            };
            let mut diagnostics = std::mem::take(&mut resolver.diagnostics);
            if let Err(all) = parsed {
                readable = false;
                diagnostics.extend(all);
            }
            self.push_all(diagnostics, name);
        }
        self.model.locals = resolver.local_count();
        self.model.draws = resolver.draws;
        self.sources = resolver.sources;
        let (receptors, current) = (resolver.receptors_read, resolver.current_read);
        if readable {
            self.unused(&receptors, current);
        }
    }

    /// Inputs that are declared and never read would be dropped in silence.
    fn unused(&mut self, receptors: &[bool], current: bool) {
        for (field, read) in self.table("receptors").iter().zip(receptors) {
            if !read {
                let path = format!("receptors.{}", field.name);
                let help = "add it to a state variable in `update`, or remove it";
                self.wrong(&field.location, &path, "this input is never used", help);
            }
        }
        if let Some(value) = self.value("current")
            && !current
        {
            let help = "use `i_ext` in `update`, or remove it";
            self.wrong(&value.location, "current", "`i_ext` is never used", help);
        }
    }

    /// The unit in the field `unit` of a table.
    fn unit_of_table(&mut self, table: &Value, fields: &[Field], path: &str) -> Option<Dimension> {
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
    fn unit(&mut self, value: &Value, path: &str) -> Option<Dimension> {
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
        if let Some((name, span)) = names.into_iter().find(|(name, _)| Unit::named(name).is_none())
        {
            let known = UNITS.iter().map(|unit| unit.name);
            let help = did_you_mean(name, known, "as in \"pA\" or \"mV/ms\"");
            self.push(place.diagnostic(span, format!("`{name}` is not a unit"), help), path);
            return None;
        }
        let unit =
            |unit: &Unit| (unit.name.into(), Quantity { value: 1.0, dimension: unit.dimension });
        let units = UNITS.iter().map(unit).collect();
        dimension_of(place, &node, &units).map_err(|diagnostic| self.push(diagnostic, path)).ok()
    }

    fn new_name(&mut self, field: &Field, path: &str) {
        let name = field.name.as_str();
        let model = &self.model;
        let taken = (model.parameters.iter().map(|parameter| &parameter.name))
            .chain(model.state.iter().map(|state| &state.name))
            .chain(model.receptors.iter().map(|receptor| &receptor.name))
            .any(|other| other == name);
        let (message, help) = if !is_name(name) {
            ("this is not a name", "letters, digits and `_`, not starting with a digit")
        } else if is_reserved(name) {
            ("this name has a fixed meaning in models", "choose another name")
        } else if taken {
            ("the model has this name twice", "choose another name")
        } else {
            return;
        };
        self.wrong(&field.location, path, message, help);
    }

    fn known_fields(&mut self, fields: &[Field], known: &[&str], path: &str) {
        for field in fields {
            if !known.contains(&field.name.as_str()) {
                let all = format!("it may have {}", known.join(", "));
                let help = did_you_mean(&field.name, known.iter().copied(), &all);
                let path = format!("{path}.{}", field.name);
                self.wrong(&field.location, &path, "there is no such field", help);
            }
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
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
    fn table(&self, name: &str) -> &'a [Field] {
        let fields = self.declared(name);
        &fields[..fields.len().min(DECLARED_MAX)]
    }

    fn text(&mut self, name: &str) -> Option<Place<'a>> {
        let value = self.value(name)?;
        if let Content::Text(text) = &value.content {
            return Some(Place { text, location: &value.location });
        }
        self.wrong(&value.location, name, "a text is expected", "put it in quotes");
        None
    }

    fn wrong(
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

    fn push_all(&mut self, diagnostics: Vec<Diagnostic>, field: &str) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic, field));
    }

    fn push(&mut self, diagnostic: Diagnostic, field: &str) {
        let item = format!("model {}", self.item.name);
        self.diagnostics.push(Diagnostic { item, field: field.into(), ..diagnostic });
    }
}

/// Whether anything that a model declares has a unit.
fn declares_units(model: &NeuronModel) -> bool {
    let mut all = (model.parameters.iter().map(|parameter| parameter.dimension))
        .chain(model.state.iter().map(|state| state.dimension))
        .chain(model.receptors.iter().map(|receptor| receptor.dimension))
        .chain(model.current);
    all.any(|dimension| !dimension.is_number())
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
