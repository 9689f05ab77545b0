//! Counts times published energies.

mod parse;

use isospike_core::base::input;
use isospike_core::run::counters::Counters;
use isospike_front::diagnostic::Diagnostics;
use serde::{Serialize, Serializer};
use std::path::Path;

/// The exact counts of a run: the same on every backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// One synapse of one spike. Events of stimuli are not among them.
    pub synaptic_events: u64,
    /// One synapse that learns and one spike of its target: stated beside the synaptic events,
    /// priced by no row.
    pub post_events: u64,
    /// One synapse that learns and one clocked block: priced by no row either.
    pub clocked_events: u64,
    /// Poisson events: stated beside the synaptic events, priced by no row.
    pub stimulus_events: u64,
    /// One neuron of one copy in one step.
    pub neuron_updates: u64,
    /// Spikes of all populations and copies, spike lists included.
    pub spikes: u64,
    /// Simulated time.
    pub simulated_s: f64,
}

impl Counts {
    /// The sums of what a backend counted, over all populations, projections and stimuli.
    pub fn new(counters: &Counters, dt_ms: f64) -> Self {
        Self {
            synaptic_events: counters.synaptic_events.iter().sum(),
            post_events: counters.post_events.iter().sum(),
            clocked_events: counters.clocked_events.iter().sum(),
            stimulus_events: counters.stimulus_events.iter().sum(),
            neuron_updates: counters.neuron_updates.iter().sum(),
            spikes: counters.spikes.iter().sum(),
            simulated_s: counters.steps as f64 * dt_ms / 1000.0,
        }
    }

    /// Returns an energy over the synaptic events; `None` where there are none.
    pub fn per_event(&self, energy_j: f64) -> Option<f64> {
        (self.synaptic_events > 0).then(|| energy_j / self.synaptic_events as f64)
    }
}

/// The event that a figure of a row is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A synaptic event.
    SynapticEvent,
    /// A neuron update.
    NeuronUpdate,
    /// A spike.
    Spike,
    /// A second of simulated time: static power of a chip that runs in real time.
    Second,
}

impl Operation {
    /// In words, for a count.
    pub fn name(self) -> &'static str {
        match self {
            Self::SynapticEvent => "synaptic events",
            Self::NeuronUpdate => "neuron updates",
            Self::Spike => "spikes",
            Self::Second => "seconds of static power",
        }
    }

    fn count(self, counts: &Counts) -> f64 {
        match self {
            Self::SynapticEvent => counts.synaptic_events as f64,
            Self::NeuronUpdate => counts.neuron_updates as f64,
            Self::Spike => counts.spikes as f64,
            Self::Second => counts.simulated_s,
        }
    }
}

/// How much of a machine a figure covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An arithmetic operation on its own.
    Operation,
    /// A chip, or the part of it that the row names.
    Chip,
    /// A whole machine at one network: host, idle power and all.
    System,
}

/// The origin of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Measured on the finished thing.
    Measured,
    /// Simulated before or without it.
    Simulated,
    /// The sources that were read for the row do not say.
    Tabulated,
}

impl Scope {
    const ALL: [(&'static str, Self); 3] =
        [("operation", Self::Operation), ("chip", Self::Chip), ("system", Self::System)];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        name_of(&Self::ALL, self)
    }
}

impl Evidence {
    const ALL: [(&'static str, Self); 3] = [
        ("measured", Self::Measured),
        ("simulated", Self::Simulated),
        ("tabulated", Self::Tabulated),
    ];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        name_of(&Self::ALL, self)
    }
}

fn name_of<T: PartialEq>(all: &[(&'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, value)| *value == wanted).map_or("", |(name, _)| name)
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A row of the table: published energies of one machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name in the file: `loihi`; in JSON `row`.
    #[serde(rename = "row")]
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Picojoules of each operation that the source prices. For [`Operation::Second`]: of a second.
    #[serde(skip)]
    pub energies_pj: Vec<(Operation, f64)>,
    /// The year of the source.
    pub year: u16,
    /// The process, or what the machine is made of.
    pub process: String,
    /// How much it covers.
    pub scope: Scope,
    /// The origin of the figure.
    pub evidence: Evidence,
    /// The publication.
    pub source: String,
    /// Its DOI or address.
    pub link: String,
    /// The parts that the figure includes.
    pub covers: String,
    /// The parts that it does not include.
    pub excludes: String,
    /// Further cautions.
    pub caveat: Option<String>,
    /// Whether the user added it.
    pub added: bool,
}

/// A row times counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The row. In JSON its keys stand beside those below.
    #[serde(flatten)]
    pub row: Row,
    /// The sum of the terms.
    pub energy_j: f64,
    /// The same over the synaptic events.
    pub energy_j_per_event: Option<f64>,
    /// One for each operation that the row prices.
    pub terms: Vec<Term>,
}

/// Count times energy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Term {
    /// The event that was counted.
    pub operation: Operation,
    /// How many.
    pub count: f64,
    /// Picojoules each.
    pub each_pj: f64,
    /// Joules of all.
    pub energy_j: f64,
}

impl Row {
    /// The cost of these counts.
    pub fn project(&self, counts: &Counts) -> Estimate {
        let term = |&(operation, each_pj): &(Operation, f64)| {
            let count = operation.count(counts);
            Term { operation, count, each_pj, energy_j: count * each_pj * 1e-12 }
        };
        let terms: Vec<_> = self.energies_pj.iter().map(term).collect();
        let energy_j = terms.iter().map(|term| term.energy_j).sum();
        let energy_j_per_event = counts.per_event(energy_j);
        Estimate { row: self.clone(), energy_j, energy_j_per_event, terms }
    }
}

/// Rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// In the order of the files; the user's come last.
    pub rows: Vec<Row>,
}

impl Table {
    /// The rows that come with isospike: `energy/projections.toml`.
    ///
    /// # Errors
    /// Every mistake in the file; a test holds it to have none.
    pub fn published() -> Result<Self, Diagnostics> {
        let text = include_str!("../projections.toml");
        Ok(Self { rows: parse::rows(text, "energy/projections.toml", false)? })
    }

    /// Returns each row times the counts.
    pub fn project(&self, counts: &Counts) -> Vec<Estimate> {
        self.rows.iter().map(|row| row.project(counts)).collect()
    }

    /// Adds the rows of a user's file.
    ///
    /// # Errors
    /// Every mistake in it, each with its line and field. Nothing is added then.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Diagnostics> {
        let name = path.display().to_string();
        let text =
            input::text(path, input::ENERGIES).map_err(|error| parse::no_file(&name, &error))?;
        self.add(&text, &name)
    }

    /// The same from text; `name` stands for the file in mistakes.
    ///
    /// # Errors
    /// As [`Self::add_file`].
    pub fn add(&mut self, text: &str, name: &str) -> Result<(), Diagnostics> {
        let rows = parse::new_rows(text, name, self)?;
        self.rows.extend(rows);
        Ok(())
    }
}
