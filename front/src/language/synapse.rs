//! `[synapse.NAME]`: the fields of a synapse model.

mod clocked;
mod condition;
mod rewire;
mod signals;
mod state;
mod traces;

pub use rewire::synapse_condition;

use super::place::Place;
use super::program::{Names, Resolver, Sends, Subject};
use super::section::{Kind, Section, WEIGHT};
use super::syntax::Statement;
use super::{Constants, Sources, parse};
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Item, Value};
use clocked::Block;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, ReceptorDef, StateDef};
use isospike_core::describe::synapse::{
    ClockedDef, EventProgram, InitialDef, SynapseModel, SynapseStateDef, TraceDef, TracesDef,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use traces::SIDES;

const FIELDS: [&str; 11] = [
    "parameters",
    "state",
    "bounds",
    "pre",
    "post",
    "signals",
    "on_pre",
    "on_post",
    "on_post_if",
    "every",
    "send_max",
];

/// A synapse model as its text says it.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseText {
    /// The model.
    pub model: Arc<SynapseModel>,
    /// The largest |value| that a synapse sends: a host expression, in which the parameter that
    /// follows those of the model is the largest |weight| that is drawn.
    pub send_max: Option<Expr>,
    /// The first place of each variable of the target that events read.
    pub target: Vec<Location>,
    /// The first place of each variable of the source that clocked blocks read.
    pub source: Vec<Location>,
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
    read(item, constants, weight, &[]).map(|(text, _)| text)
}

/// Reads a `[synapse.NAME]` item for weights of this dimension, onto targets with these receptors:
/// values that are sent to one of them have its unit. Receptors that the targets lack are no
/// mistake here.
///
/// # Errors
/// Those of [`parse_synapse`].
pub fn parse_synapse_onto(
    item: &Item,
    constants: &Constants,
    weight: Dimension,
    receptors: &[ReceptorDef],
) -> Result<SynapseText, Vec<Diagnostic>> {
    read(item, constants, Some(weight), receptors).map(|(text, _)| text)
}

/// Finds the places of the expressions of a synapse model in its texts; `None` where they have
/// mistakes.
pub fn synapse_sources(
    item: &Item,
    constants: &Constants,
    weight: Option<Dimension>,
) -> Option<Sources> {
    read(item, constants, weight, &[]).ok().map(|(_, sources)| sources)
}

fn read(
    item: &Item,
    constants: &Constants,
    weight: Option<Dimension>,
    receptors: &[ReceptorDef],
) -> Result<(SynapseText, Sources), Vec<Diagnostic>> {
    let mut reader = Reader {
        section: Section::new(item, Kind::Synapse(weight), constants),
        state: Vec::new(),
        initial: Vec::new(),
        taus: Vec::new(),
        bounds: Vec::new(),
        fixed: None,
        targets: receptors,
        sends: Sends::default(),
        traces: [Vec::new(), Vec::new()],
        signals: Vec::new(),
        units: false,
        target: Vec::new(),
        source: Vec::new(),
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
    /// State variables; their initial values are in `initial`, their time constants in `taus`.
    state: Vec<StateDef>,
    initial: Vec<InitialDef>,
    taus: Vec<Option<Expr>>,
    bounds: Vec<Option<(Expr, Expr)>>,
    /// The state variable that holds the drawn weight, where the texts use it and declare none of
    /// that name.
    fixed: Option<usize>,
    /// The receptors of the targets.
    targets: &'a [ReceptorDef],
    /// The values that the events read so far send.
    sends: Sends,
    /// The traces of the source and of the target.
    traces: [Vec<TraceDef>; 2],
    /// The signals that its events read.
    signals: Vec<String>,
    /// Whether anything declared has a unit.
    units: bool,
    /// The variables of the target that events read, and where the first time.
    target: Vec<(String, Location)>,
    /// The variables of the source that clocked blocks read, and where the first time.
    source: Vec<(String, Location)>,
    sources: Sources,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> SynapseText {
        self.section.fields(&FIELDS);
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
        self.signals();
        let send_max = self.section.value("send_max").and_then(|value| self.send_max(value));
        self.units = self.declares_units();
        let [pre_spike, post_spike] = [0, 1].map(|side| self.spikes(side));
        let (on_pre, (on_post, on_post_if), every) = self.events();
        let [pre, post] = std::mem::take(&mut self.traces);
        let (names, target) = std::mem::take(&mut self.target).into_iter().unzip();
        let (of_source, source) = std::mem::take(&mut self.source).into_iter().unzip();
        let model = SynapseModel {
            name: self.section.item.name.clone(),
            parameters: std::mem::take(&mut self.section.parameters),
            signals: std::mem::take(&mut self.signals),
            state: self.variables(),
            pre: TracesDef { traces: pre, spike: pre_spike },
            post: TracesDef { traces: post, spike: post_spike },
            receptors: std::mem::take(&mut self.sends.receptors),
            on_pre,
            on_post,
            on_post_if,
            every,
            target: names,
            source: of_source,
        };
        SynapseText { model: Arc::new(model), send_max, target, source }
    }

    fn variables(&mut self) -> Vec<SynapseStateDef> {
        let values = self.initial.drain(..).zip(self.bounds.drain(..)).zip(self.taus.drain(..));
        let variable = |(state, ((initial, bounds), tau)): (StateDef, _)| SynapseStateDef {
            name: state.name,
            initial,
            dimension: state.dimension,
            bounds,
            tau,
        };
        self.state.drain(..).zip(values).map(variable).collect()
    }

    fn send_max(&mut self, value: &Value) -> Option<Expr> {
        let names = host_names(&self.section, &self.state, &self.traces, &self.signals);
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
        let names = host_names(&self.section, &self.state, &self.traces, &self.signals);
        self.section.host_expression(value, path, names)
    }

    /// Reads the programs of a pre event, of a post event and the condition that makes these, and
    /// of clocked blocks.
    fn events(&mut self) -> (EventProgram, (EventProgram, Option<Expr>), Vec<ClockedDef>) {
        let [pre, post] = ["on_pre", "on_post"].map(|name| {
            let value = self.section.value(name)?;
            self.parsed(value, name)
        });
        let condition = self.parsed_condition();
        let blocks = self.blocks();
        let is_read = self.are_read(pre.as_ref(), &blocks);
        let uses_weight =
            |(_, all): &Parsed<'_>| all.iter().any(|statement| statement.mentions(WEIGHT));
        let texts = [&pre, &post].into_iter().chain(blocks.iter().map(|block| &block.text));
        let used = texts.clone().flatten().any(uses_weight);
        let texts: Vec<&Parsed<'_>> = texts.flatten().collect();
        self.unread_signals(&texts, condition.as_ref());
        let dimension = self.section.weight();
        if used && self.state.iter().all(|state| state.name != WEIGHT) {
            self.fixed = Some(self.state.len());
            let (name, initial) = (WEIGHT.into(), Expr::Number(0.0));
            self.state.push(StateDef { name, initial, dimension });
            self.initial.push(InitialDef::Weight);
            self.bounds.push(None);
            self.taus.push(None);
        }
        self.units = self.declares_units();
        let on_pre = pre.map(|text| self.event("on_pre", Subject::Pre(dimension), &text, None));
        let on_post = post.map(|text| self.event("on_post", Subject::Post, &text, None));
        let on_post = on_post.unwrap_or_default();
        let on_post_if = condition.and_then(|condition| self.condition(&condition, &on_post));
        let every = blocks.into_iter().map(|block| self.clocked(block)).collect();
        if is_read && !self.sends.any {
            self.sends_nothing();
        }
        (on_pre.unwrap_or_default(), (on_post, on_post_if), every)
    }

    /// Whether the statements of all texts that may send can be read.
    fn are_read(&self, pre: Option<&Parsed<'a>>, blocks: &[Block<'a>]) -> bool {
        let is_given = self.section.value("on_pre").is_some();
        is_given == pre.is_some() && blocks.iter().all(|block| block.text.is_some())
    }

    /// Reports a model that never sends.
    fn sends_nothing(&mut self) {
        let item = self.section.item;
        let Some(value) = self.section.value("on_pre") else {
            let message = "`on_pre` is missing: nothing would ever be sent";
            let help = "add the statements of a pre event, as in on_pre = \"send w\"";
            return self.section.wrong(&item.location, "", message, help);
        };
        let help = "add `send` and a value, `send 0` where nothing is meant to arrive";
        self.section.wrong(&value.location, "on_pre", "nothing is ever sent", help);
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
            signals: &self.signals,
            targets: self.targets,
            period,
            units: self.units,
            ..Names::new(subject, self.section.constants)
        };
        let mut resolver = Resolver::new(names, place, false);
        resolver.sources = std::mem::take(&mut self.sources);
        resolver.target = std::mem::take(&mut self.target);
        resolver.source = std::mem::take(&mut self.source);
        resolver.sends = std::mem::take(&mut self.sends);
        resolver.next_text(name, place);
        let statements = resolver.statements(statements);
        let locals = resolver.local_count();
        let Resolver { sources, target, source, diagnostics, sends, .. } = resolver;
        (self.sources, self.target, self.source) = (sources, target, source);
        // The next event may send to the same receptors again.
        self.sends = Sends { path: BTreeSet::new(), ..sends };
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

/// The names that a host expression cannot use because only events read them.
fn host_names<'n>(
    section: &Section<'n>,
    state: &'n [StateDef],
    traces: &'n [Vec<TraceDef>; 2],
    signals: &'n [String],
) -> Names<'n> {
    Names { state, traces: [&traces[0], &traces[1]], signals, ..section.names() }
}
