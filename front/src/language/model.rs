//! `[model.NAME]`: the fields of a neuron model.

use super::place::Place;
use super::program::{Names, Resolver, Subject};
use super::section::{Kind, Section};
use super::suggest::did_you_mean;
use super::{Constants, Sources, parse};
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Item, Value};
use isospike_core::base::units::Dimension;
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
    let section = Section::new(item, Kind::Neuron, constants);
    let mut reader = Reader { section, model, sources: Sources::default() };
    reader.read();
    let Reader { section, model, sources } = reader;
    section.finish().map(|()| (model, sources))
}

struct Reader<'a> {
    section: Section<'a>,
    model: NeuronModel,
    sources: Sources,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        self.section.fields(&FIELDS);
        self.section.tables(&["parameters", "state", "receptors"]);
        self.section.read_parameters();
        self.model.parameters = self.section.parameters.clone();
        for field in self.section.table("state") {
            self.state(field);
        }
        for field in self.section.table("receptors") {
            self.receptor(field);
        }
        if let Some(value) = self.section.value("current") {
            self.model.current = self.section.unit(value, "current");
        }
        if let Some(value) = self.section.value("refractory") {
            self.refractory(value);
        }
        if let Some(value) = self.section.value("spike") {
            self.model.spike = self.spike(value);
        }
        self.programs();
        if self.section.value("threshold").is_none() {
            for name in ["spike", "reset", "refractory"] {
                if let Some(value) = self.section.value(name) {
                    let message = "a model without `threshold` never spikes, this has no effect";
                    self.section.wrong(
                        &value.location,
                        name,
                        message,
                        "add `threshold`, or remove it",
                    );
                }
            }
        }
        if !self.model.state.is_empty() && self.section.value("update").is_none() {
            let message = "`update` is missing: the state would never change";
            let item = self.section.item;
            self.section.wrong(&item.location, "", message, "add the statements of one step");
        }
    }

    fn state(&mut self, field: &'a Field) {
        let path = format!("state.{}", field.name);
        self.section.new_name(field, &path);
        let found = self.host_expression(&field.value, &path);
        let (initial, dimension) = found.unwrap_or((Expr::Number(0.0), Dimension::NUMBER));
        self.model.state.push(StateDef { name: field.name.clone(), initial, dimension });
    }

    fn receptor(&mut self, field: &'a Field) {
        let path = format!("receptors.{}", field.name);
        self.section.new_name(field, &path);
        let mut sign = Sign::Any;
        let dimension = match &field.value.content {
            Content::Table(fields) => {
                self.section.known_fields(fields, &["unit", "sign"], &path);
                if let Some(field) = fields.iter().find(|field| field.name == "sign") {
                    sign = self.sign(&field.value, &path);
                }
                self.section.unit_of_table(&field.value, fields, &path)
            }
            _ => self.section.unit(&field.value, &path),
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
        self.section.wrong(&value.location, path, message, help);
        words[0].1
    }

    fn refractory(&mut self, value: &Value) {
        let Some((expr, dimension)) = self.host_expression(value, "refractory") else { return };
        if dimension != Dimension::TIME {
            let message = format!("a refractory period is a time, not {}", dimension.noun());
            self.section.wrong(
                &value.location,
                "refractory",
                message,
                "as in \"2 ms\", or a parameter",
            );
        }
        self.model.refractory = Some(expr);
    }

    /// A host expression over parameters, constants and `dt`, with its dimension.
    fn host_expression(&mut self, value: &Value, path: &str) -> Option<(Expr, Dimension)> {
        let names = names(&self.section, &self.model);
        self.section.host_expression(value, path, names)
    }

    /// The three texts of a step, in order: locals and draw numbers run through them.
    fn programs(&mut self) {
        let empty = Location::builder();
        let start = Place { text: "", location: &empty };
        let declared = self.model.clone();
        let names = Names { units: declares_units(&declared), ..names(&self.section, &declared) };
        let mut resolver = Resolver::new(names, start, false);
        let mut readable = true;
        for name in ["update", "threshold", "reset"] {
            let Some(place) = self.section.text(name) else {
                readable &= self.section.value(name).is_none();
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
            self.section.push_all(diagnostics, name);
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
        for (field, read) in self.section.table("receptors").iter().zip(receptors) {
            if !read {
                let path = format!("receptors.{}", field.name);
                let help = "add it to a state variable in `update`, or remove it";
                self.section.wrong(&field.location, &path, "this input is never used", help);
            }
        }
        if let Some(value) = self.section.value("current")
            && !current
        {
            let help = "use `i_ext` in `update`, or remove it";
            self.section.wrong(&value.location, "current", "`i_ext` is never used", help);
        }
    }
}

/// The names that a model declares.
fn names<'n>(section: &Section<'n>, model: &'n NeuronModel) -> Names<'n> {
    Names {
        parameters: &model.parameters,
        state: &model.state,
        receptors: &model.receptors,
        current: section.value("current").map(|_| model.current.unwrap_or_default()),
        refractory: section.value("refractory").is_some(),
        ..Names::new(Subject::Neuron, section.constants)
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
