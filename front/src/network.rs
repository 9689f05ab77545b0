//! The description of a network, as its writer said it: nothing here is evaluated or checked yet.
//!
//! A [`Network`] comes from the builder methods below or from a model file ([`crate::file`]). Both
//! give the same thing, so there is one checker ([`crate::check`]). Field values are kept as
//! written ([`Value`]) with their place, so that every mistake can name it.

mod builder;
mod folder;

pub use builder::{
    Model, Population, Probe, Projection, Rewire, Signal, Stimulus, Synapse, table, values_file,
};

use crate::diagnostic::{Diagnostic, Location};
use std::path::Path;

/// A value as written, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The value as written.
    pub content: Content,
    /// Its place.
    pub location: Location,
}

impl Value {
    /// Gives the value, and all inside it, one place.
    pub(crate) fn set_location(&mut self, location: &Location) {
        self.location = location.clone();
        match &mut self.content {
            Content::List(values) => values.iter_mut().for_each(|v| v.set_location(location)),
            Content::Table(fields) => {
                for field in fields {
                    field.location = location.clone();
                    field.value.set_location(location);
                }
            }
            _ => {}
        }
    }
}

/// The kinds of values, which are those of TOML.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A string: a quantity with its unit (`"20 ms"`), an expression (`"87.8 pA / sqrt(scale)"`),
    /// a name or a program text.
    Text(String),
    /// A float without unit.
    Number(f64),
    /// An integer without unit.
    Integer(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Value>),
    /// A table; fields in the order of the file.
    Table(Vec<Field>),
}

/// One `name = value` of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The place of the name (the value has its own origin).
    pub location: Location,
    /// The value.
    pub value: Value,
}

/// A named item of the network (`[population.exc]`): its fields as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The name, `exc`.
    pub name: String,
    /// The place at which the item starts.
    pub location: Location,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A network as described. See `docs/model-file.md` for each section and its fields.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Network {
    /// The place of `[network]`; a file without line if it is missing.
    pub location: Location,
    /// `[network]`: name, dt, duration, seed, batch.
    pub settings: Vec<Field>,
    /// `[constants]`: named values that every expression may use; `--set scale=0.1` replaces one.
    pub constants: Vec<Field>,
    /// `[model.NAME]`: neuron models in the model language.
    pub models: Vec<Item>,
    /// `[synapse.NAME]`: synapse models in the model language.
    pub synapses: Vec<Item>,
    /// `[population.NAME]`.
    pub populations: Vec<Item>,
    /// `[projection.NAME]`.
    pub projections: Vec<Item>,
    /// `[stimulus.NAME]`.
    pub stimuli: Vec<Item>,
    /// `[signal.NAME]`: signals of the whole network.
    pub signals: Vec<Item>,
    /// `[rewire.NAME]`: projections whose connections change in a run.
    pub rewires: Vec<Item>,
    /// `[probe.NAME]`.
    pub probes: Vec<Item>,
    /// The mistakes of the sections of the file and of overrides. A check reports them beside those
    /// it finds itself.
    pub diagnostics: Vec<Diagnostic>,
    /// The folder that relative paths in the network start from.
    pub folder: std::path::PathBuf,
}

impl Network {
    /// The name of a network that is not given one: that of its file.
    pub(crate) fn default_name(&self) -> String {
        let stem = self.location.file.as_deref().map(Path::new).and_then(Path::file_stem);
        stem.map_or("network".into(), |stem| stem.to_string_lossy().into_owned())
    }
}
