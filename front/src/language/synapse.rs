//! `[synapse.NAME]`: the fields of a synapse model.

mod clocked;

use super::place::{Place, Span};
use super::program::{Names, Resolver, Subject};
use super::section::{Kind, LATER, Section, WEIGHT};
use super::suggest::did_you_mean;
use super::syntax::Statement;
use super::{Constants, Sources, count, parse};
use crate::diagnostic::Diagnostic;
use crate::network::{Content, Field, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, StateDef, Stmt};
use isospike_core::describe::synapse::{
    ClockedDef, EventProgram, InitialDef, SynapseModel, SynapseStateDef, TraceDef, TracesDef,
};
use std::sync::Arc;

const FIELDS: [&str; 9] =
    ["parameters", "state", "bounds", "pre", "post", "on_pre", "on_post", "every", "send_max"];

/// Fields of the language that are not built yet.
const LATER_FIELDS: [&str; 2] = ["on_post_if", "signals"];

/// How many expressions a bound may have: each assignment has a copy of it.
const BOUND_MAX: usize = 32;

/// The fields of the traces of each side, with what a trace is.
const SIDES: [(&str, &str); 2] =
    [("pre", "a trace of the source"), ("post", "a trace of the target")];

/// A synapse model as its text says it.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseText {
    /// The model.
    pub model: Arc<SynapseModel>,
    /// The largest |value| that a synapse sends: a host expression, in which the parameter that
    /// follows those of the model is the largest |weight| that is drawn.
    pub send_max: Option<Expr>,
}

impl SynapseText {
    /// Whether it depends on the weights that are drawn.
    pub fn uses_weight(&self) -> bool {
        let number = self.model.parameters.len() as u32;
        let begins = self.model.state.iter().any(|state| state.initial == InitialDef::Weight);
        begins || self.send_max.as_ref().is_some_and(|largest| largest.uses_parameter(number))
    }
}

/// Reads a `[synapse.NAME]` item for weights of this dimension; for `None` units are not judged.
/// All its mistakes at once, in the order of the file.
///
/// # Errors
/// Unknown fields and names, wrong types and dimensions, texts that cannot be read, events that
/// never send or send twice.
pub fn parse_synapse(
    item: &Item,
    constants: &Constants,
    weight: Option<Dimension>,
) -> Result<SynapseText, Vec<Diagnostic>> {
    read(item, constants, weight).map(|(text, _)| text)
}

/// Finds the places of the expressions of a synapse model in its texts; `None` where they have
/// mistakes.
pub fn synapse_sources(
    item: &Item,
    constants: &Constants,
    weight: Option<Dimension>,
) -> Option<Sources> {
    read(item, constants, weight).ok().map(|(_, sources)| sources)
}

fn read(
    item: &Item,
    constants: &Constants,
    weight: Option<Dimension>,
) -> Result<(SynapseText, Sources), Vec<Diagnostic>> {
    let mut reader = Reader {
        section: Section::new(item, Kind::Synapse(weight), constants),
        state: Vec::new(),
        initial: Vec::new(),
        bounds: Vec::new(),
        fixed: None,
        traces: [Vec::new(), Vec::new()],
        units: false,
        sources: Sources::default(),
    };
    let text = reader.read();
    let Reader { section, sources, .. } = reader;
    section.finish().map(|()| (text, sources))
}

/// Statements, and the place of their text.
type Parsed<'a> = (Place<'a>, Vec<Statement>);

struct Reader<'a> {
    section: Section<'a>,
    /// State variables; their initial values are in `initial`.
    state: Vec<StateDef>,
    initial: Vec<InitialDef>,
    bounds: Vec<Option<(Expr, Expr)>>,
    /// The state variable that holds the drawn weight, where the texts use it and declare none of
    /// that name.
    fixed: Option<usize>,
    /// The traces of the source and of the target.
    traces: [Vec<TraceDef>; 2],
    /// Whether anything declared has a unit.
    units: bool,
    sources: Sources,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> SynapseText {
        self.section.fields(&FIELDS, &LATER_FIELDS);
        self.section.tables(&["parameters", "state", "bounds", "pre", "post"]);
        self.section.read_parameters();
        for field in self.section.table("state") {
            self.state(field);
        }
        self.bounds = vec![None; self.state.len()];
        for field in self.section.table("bounds") {
            self.bounds_of(field);
        }
        for (side, (name, _)) in SIDES.iter().enumerate() {
            for field in self.section.table(name) {
                self.trace(side, field);
            }
        }
        let send_max = self.section.value("send_max").and_then(|value| self.send_max(value));
        self.units = self.declares_units();
        let [pre_spike, post_spike] = [0, 1].map(|side| self.spikes(side));
        let (on_pre, on_post, every) = self.events();
        let [pre, post] = std::mem::take(&mut self.traces);
        let model = SynapseModel {
            name: self.section.item.name.clone(),
            parameters: std::mem::take(&mut self.section.parameters),
            state: self.variables(),
            pre: TracesDef { traces: pre, spike: pre_spike },
            post: TracesDef { traces: post, spike: post_spike },
            on_pre,
            on_post,
            every,
        };
        SynapseText { model: Arc::new(model), send_max }
    }

    fn variables(&mut self) -> Vec<SynapseStateDef> {
        let values = self.initial.drain(..).zip(self.bounds.drain(..));
        let variable = |(state, (initial, bounds)): (StateDef, _)| SynapseStateDef {
            name: state.name,
            initial,
            dimension: state.dimension,
            bounds,
        };
        self.state.drain(..).zip(values).map(variable).collect()
    }

    fn state(&mut self, field: &'a Field) {
        let path = format!("state.{}", field.name);
        let is_weight =
            matches!(&field.value.content, Content::Text(text) if text.trim() == WEIGHT);
        if field.name == WEIGHT && is_weight {
            self.section.take(WEIGHT);
        } else {
            self.section.new_name(field, &path);
        }
        let found = match &field.value.content {
            _ if is_weight => Some((InitialDef::Weight, self.section.weight())),
            Content::Table(_) => {
                let message = "state that decays between events is not there yet";
                self.section.wrong(&field.value.location, &path, message, LATER);
                None
            }
            _ => self
                .host_expression(&field.value, &path)
                .map(|(expr, dimension)| (InitialDef::Host(expr), dimension)),
        };
        let otherwise = (InitialDef::Host(Expr::Number(0.0)), Dimension::NUMBER);
        let (initial, dimension) = found.unwrap_or(otherwise);
        let (name, stand_in) = (field.name.clone(), Expr::Number(0.0));
        self.state.push(StateDef { name, initial: stand_in, dimension });
        self.initial.push(initial);
    }

    fn bounds_of(&mut self, field: &'a Field) {
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

    fn trace(&mut self, side: usize, field: &'a Field) {
        let path = format!("{}.{}", SIDES[side].0, field.name);
        self.section.new_name(field, &path);
        let mut tau = None;
        if let Content::Table(fields) = &field.value.content {
            self.section.known_fields(fields, &["tau", "spike"], &path);
            for (name, example) in [("tau", "20 ms"), ("spike", "x + 1")] {
                if !fields.iter().any(|field| field.name == name) {
                    let message = format!("`{name}` is missing");
                    let help = format!("as in {{ {name} = \"{example}\" }}");
                    self.section.wrong(&field.value.location, &path, message, help);
                }
            }
            if let Some(field) = fields.iter().find(|field| field.name == "tau") {
                tau = self.tau(&field.value, &format!("{path}.tau"));
            }
        } else {
            let help = "as in { tau = \"20 ms\", spike = \"x + 1\" }";
            self.section.wrong(&field.value.location, &path, "a table is expected", help);
        }
        let tau = tau.unwrap_or(Expr::Number(1.0));
        self.traces[side].push(TraceDef { name: field.name.clone(), tau });
    }

    fn tau(&mut self, value: &Value, path: &str) -> Option<Expr> {
        let (tau, dimension) = self.host_expression(value, path)?;
        if self.section.differs(dimension, Dimension::TIME) {
            let message = format!("a time constant is a time, not {}", dimension.noun());
            self.section.wrong(&value.location, path, message, "as in \"20 ms\", or a parameter");
        }
        Some(tau)
    }

    fn send_max(&mut self, value: &Value) -> Option<Expr> {
        let names = host_names(&self.section, &self.state, &self.traces);
        let (largest, found) = self.section.expression_of_weight(value, "send_max", names)?;
        let wanted = self.section.weight();
        if self.section.differs(found, wanted) {
            let message = format!("this is {}, weights are {}", found.noun(), wanted.noun());
            let help = format!("give {}", wanted.noun_with_example());
            self.section.wrong(&value.location, "send_max", message, help);
        }
        Some(largest)
    }

    fn host_expression(&mut self, value: &Value, path: &str) -> Option<(Expr, Dimension)> {
        let names = host_names(&self.section, &self.state, &self.traces);
        self.section.host_expression(value, path, names)
    }

    /// Resolves what a spike does to the traces of a side.
    fn spikes(&mut self, side: usize) -> EventProgram {
        let number = |trace: &TraceDef| StateDef {
            name: trace.name.clone(),
            initial: Expr::Number(0.0),
            dimension: Dimension::NUMBER,
        };
        let traces: Vec<StateDef> = self.traces[side].iter().map(number).collect();
        let other = SIDES[1 - side].1;
        let others: Vec<(&str, &'static str)> = (self.state.iter())
            .map(|state| (state.name.as_str(), "a state variable"))
            .chain(self.traces[1 - side].iter().map(|trace| (trace.name.as_str(), other)))
            .chain([(WEIGHT, "the drawn weight")])
            .collect();
        let names = Names {
            parameters: &self.section.parameters,
            state: &traces,
            others: &others,
            units: self.units,
            ..Names::new(Subject::Trace, self.section.constants)
        };
        let item = self.section.item;
        let mut resolver =
            Resolver::new(names, Place { text: "", location: &item.location }, false);
        resolver.sources = std::mem::take(&mut self.sources);
        let mut statements = Vec::new();
        let mut mistakes = Vec::new();
        for (n, field) in self.section.table(SIDES[side].0).iter().enumerate() {
            let Content::Table(fields) = &field.value.content else { continue };
            let Some(spike) = fields.iter().find(|field| field.name == "spike") else { continue };
            let path = format!("{}.{}.spike", SIDES[side].0, field.name);
            let found = spike_of(&mut resolver, &spike.value, &path);
            let mut wrong = std::mem::take(&mut resolver.diagnostics);
            match found {
                Ok(value) => statements.extend(value.map(|value| Stmt::SetState(n as u32, value))),
                Err(all) => wrong.extend(all),
            }
            mistakes.push((wrong, path));
        }
        let sources = resolver.sources;
        self.sources = sources;
        for (wrong, path) in mistakes {
            self.section.push_all(wrong, &path);
        }
        EventProgram { statements, locals: 0 }
    }

    /// Reads the programs of a pre event, of a post event, and of clocked blocks.
    fn events(&mut self) -> (EventProgram, EventProgram, Vec<ClockedDef>) {
        let item = self.section.item;
        if self.section.value("on_pre").is_none() {
            let message = "`on_pre` is missing: nothing would ever be sent";
            let help = "add the statements of a pre event, as in on_pre = \"send w\"";
            self.section.wrong(&item.location, "", message, help);
        }
        let [pre, post] = ["on_pre", "on_post"].map(|name| {
            let value = self.section.value(name)?;
            self.parsed(value, name)
        });
        let blocks = self.blocks();
        let uses_weight =
            |(_, all): &Parsed<'_>| all.iter().any(|statement| statement.mentions(WEIGHT));
        let texts = [&pre, &post].into_iter().chain(blocks.iter().map(|block| &block.text));
        let used = texts.flatten().any(uses_weight);
        let dimension = self.section.weight();
        if used && self.state.iter().all(|state| state.name != WEIGHT) {
            self.fixed = Some(self.state.len());
            let (name, initial) = (WEIGHT.into(), Expr::Number(0.0));
            self.state.push(StateDef { name, initial, dimension });
            self.initial.push(InitialDef::Weight);
            self.bounds.push(None);
        }
        self.units = self.declares_units();
        let on_pre = pre.map(|text| self.event("on_pre", Subject::Pre(dimension), &text, None));
        let on_post = post.map(|text| self.event("on_post", Subject::Post, &text, None));
        let every = blocks.into_iter().map(|block| self.clocked(block)).collect();
        (on_pre.unwrap_or_default(), on_post.unwrap_or_default(), every)
    }

    /// Parses the statements of a text.
    fn parsed(&mut self, value: &'a Value, path: &str) -> Option<Parsed<'a>> {
        let place = self.section.text_of(value, path)?;
        let parsed = parse::statements(place);
        parsed.map_err(|all| self.section.push_all(all, path)).ok().map(|all| (place, all))
    }

    fn event(
        &mut self,
        name: &str,
        subject: Subject,
        (place, statements): &Parsed<'a>,
        period: Option<&Expr>,
    ) -> EventProgram {
        let place = *place;
        let names = Names {
            parameters: &self.section.parameters,
            state: &self.state,
            bounds: &self.bounds,
            fixed: self.fixed,
            traces: [&self.traces[0], &self.traces[1]],
            period,
            units: self.units,
            ..Names::new(subject, self.section.constants)
        };
        let mut resolver = Resolver::new(names, place, false);
        resolver.sources = std::mem::take(&mut self.sources);
        resolver.next_text(name, place);
        let statements = resolver.statements(statements);
        let (locals, sends) = (resolver.local_count(), resolver.sends);
        let Resolver { sources, diagnostics, .. } = resolver;
        self.sources = sources;
        if name == "on_pre" && !sends {
            let help = "add `send` and a value, `send 0` where nothing is meant to arrive";
            self.section.wrong(place.location, name, "nothing is ever sent", help);
        }
        self.section.push_all(diagnostics, name);
        EventProgram { statements, locals }
    }

    /// Whether anything declared has a unit that is to be judged.
    fn declares_units(&self) -> bool {
        let parameters = self.section.parameters.iter().map(|parameter| parameter.dimension);
        let mut all = parameters.chain(self.state.iter().map(|state| state.dimension));
        all.any(|dimension| self.section.differs(dimension, Dimension::NUMBER))
    }
}

/// The value of the `spike` of a trace; `None` after a mistake that the resolver has.
fn spike_of<'p>(
    resolver: &mut Resolver<'p>,
    value: &'p Value,
    path: &str,
) -> Result<Option<Expr>, Vec<Diagnostic>> {
    let (text, number) = match &value.content {
        Content::Text(text) => (text.as_str(), None),
        Content::Number(x) => ("", Some(*x)),
        Content::Integer(x) => ("", Some(*x as f64)),
        _ => {
            return Err(vec![Diagnostic {
                location: value.location.clone(),
                item: String::new(),
                field: String::new(),
                message: "a text is expected".into(),
                help: "put it in quotes".into(),
            }]);
        }
    };
    let place = Place { text, location: &value.location };
    resolver.next_text(path, place);
    if let Some(number) = number {
        resolver.sources.note(Span { start: 0, end: 0 });
        return Ok(Some(Expr::Number(number)));
    }
    parse::expression(place).map(|node| resolver.number(&node).map(|found| found.0))
}

/// The names that a host expression cannot use because only events read them.
fn host_names<'n>(
    section: &Section<'n>,
    state: &'n [StateDef],
    traces: &'n [Vec<TraceDef>; 2],
) -> Names<'n> {
    Names { state, traces: [&traces[0], &traces[1]], ..section.names() }
}
