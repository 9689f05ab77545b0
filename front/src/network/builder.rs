//! The builder: a network said in Rust.
//!
//! Every method only writes down a field, exactly as a model file would (`docs/model-file.md`).
//! Nothing is looked at here, so nothing fails here: [`Network::check`] finds every mistake.

use super::{Content, Field, Item, Network, Value};
use crate::diagnostic::Location;

impl Network {
    /// A network with this name and time step (`"0.1 ms"`).
    pub fn new(name: &str, dt: impl Into<Value>) -> Self {
        Self::default().setting("name", name).setting("dt", dt)
    }

    /// The seed of all random numbers.
    pub fn seed(self, seed: u64) -> Self {
        match i64::try_from(seed) {
            Ok(small) => self.setting("seed", small),
            Err(_) => self.setting("seed", seed.to_string()),
        }
    }

    /// How long a run takes by default: `"1 s"`.
    pub fn duration(self, duration: impl Into<Value>) -> Self {
        self.setting("duration", duration)
    }

    /// How many copies run side by side.
    pub fn batch(self, copies: u32) -> Self {
        self.setting("batch", copies)
    }

    /// A field of `[network]`.
    pub fn setting(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.settings, name, value.into());
        self
    }

    /// A constant that later expressions may use.
    pub fn constant(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.constants, name, value.into());
        self
    }

    /// Adds a neuron model.
    pub fn model(mut self, model: Model) -> Self {
        self.models.push(model.0);
        self
    }

    /// Adds a population.
    pub fn population(mut self, population: Population) -> Self {
        self.populations.push(population.0);
        self
    }

    /// Adds a projection.
    pub fn projection(mut self, projection: Projection) -> Self {
        self.projections.push(projection.0);
        self
    }

    /// Adds a stimulus.
    pub fn stimulus(mut self, stimulus: Stimulus) -> Self {
        self.stimuli.push(stimulus.0);
        self
    }

    /// Adds a probe.
    pub fn probe(mut self, probe: Probe) -> Self {
        self.probes.push(probe.0);
        self
    }
}

macro_rules! items {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(pub Item);

        impl $name {
            /// Any field, as in a model file; the last value given to a name counts.
            pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
                set(&mut self.0.fields, name, value.into());
                self
            }
        }
    )*};
}

items! {
    /// A neuron model to add to a network: `[model.NAME]`.
    Model
    /// A population to add to a network: `[population.NAME]`.
    Population
    /// A projection to add to a network: `[projection.NAME]`.
    Projection
    /// A stimulus to add to a network: `[stimulus.NAME]`.
    Stimulus
    /// A probe to add to a network: `[probe.NAME]`.
    Probe
}

impl Model {
    /// A model without fields yet.
    pub fn new(name: &str) -> Self {
        Self(item(name))
    }

    /// A parameter: its default, or a [`table`] with what values it may have,
    /// `table([("default", "20 ms".into()), ("above", "0 ms".into())])`.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "parameters", name, value.into());
        self
    }
}

impl Population {
    /// `size` neurons (a count, or an expression text) that follow a model.
    pub fn new(name: &str, size: impl Into<Value>, model: &str) -> Self {
        Self(item(name)).field("size", size).field("model", model)
    }

    /// A parameter of the model.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "parameters", name, value.into());
        self
    }

    /// The initial value of a state variable.
    pub fn initial(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "initial", name, value.into());
        self
    }

    /// Parameters that are written while the network runs.
    pub fn writable(self, names: &[&str]) -> Self {
        let names: Vec<Value> = names.iter().map(|name| Value::from(*name)).collect();
        self.field("writable", names)
    }

    /// A draw for each neuron that parameters and initial values may use by name.
    pub fn random(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "random", name, value.into());
        self
    }

    /// The spikes of a `spike_list`: time and neuron.
    pub fn spikes<T: Into<Value>>(self, spikes: Vec<(T, u32)>) -> Self {
        let pairs: Vec<Value> = spikes
            .into_iter()
            .map(|(time, neuron)| vec![time.into(), Value::from(neuron)].into())
            .collect();
        self.field("spikes", pairs)
    }

    /// The rate that the literature reports.
    pub fn reference_rate(self, rate: impl Into<Value>) -> Self {
        self.field("reference_rate", rate)
    }
}

impl Projection {
    /// Synapses from one population to another.
    pub fn new(name: &str, from: &str, to: &str) -> Self {
        Self(item(name)).field("from", from).field("to", to)
    }

    /// The receptor of the target's model.
    pub fn receptor(self, name: &str) -> Self {
        self.field("receptor", name)
    }

    /// Every pair.
    pub fn all_to_all(self) -> Self {
        self.field("connect", "all_to_all")
    }

    /// Neuron `i` to neuron `i`.
    pub fn one_to_one(self) -> Self {
        self.field("connect", "one_to_one")
    }

    /// Each pair with this probability.
    pub fn fixed_probability(self, p: impl Into<Value>) -> Self {
        self.connect("fixed_probability", p)
    }

    /// This many sources for each target.
    pub fn fixed_in_degree(self, degree: impl Into<Value>) -> Self {
        self.connect("fixed_in_degree", degree)
    }

    /// This many targets for each source.
    pub fn fixed_out_degree(self, degree: impl Into<Value>) -> Self {
        self.connect("fixed_out_degree", degree)
    }

    /// This many synapses in all.
    pub fn fixed_total_number(self, number: impl Into<Value>) -> Self {
        self.connect("fixed_total_number", number)
    }

    /// These pairs of source and target.
    pub fn list(self, pairs: &[(u32, u32)]) -> Self {
        let rows: Vec<Value> = pairs.iter().map(|&(pre, post)| vec![pre, post].into()).collect();
        self.connect("list", rows)
    }

    /// A rule by its name in model files.
    pub fn connect(self, rule: &str, value: impl Into<Value>) -> Self {
        self.field("connect", table([(rule, value.into())]))
    }

    /// The weight: a quantity, or a distribution made with [`table`].
    pub fn weight(self, weight: impl Into<Value>) -> Self {
        self.field("weight", weight)
    }

    /// The delay: a time, or a distribution made with [`table`].
    pub fn delay(self, delay: impl Into<Value>) -> Self {
        self.field("delay", delay)
    }

    /// Whether a neuron may connect to itself.
    pub fn autapses(self, allowed: bool) -> Self {
        self.field("autapses", allowed)
    }

    /// Whether a pair may have several synapses.
    pub fn multapses(self, allowed: bool) -> Self {
        self.field("multapses", allowed)
    }

    /// Whether rows are drawn again at each spike instead of stored.
    pub fn procedural(self, procedural: bool) -> Self {
        self.field("procedural", procedural)
    }

    /// The storage of weights: 16 or 32 bits.
    pub fn weight_bits(self, bits: u32) -> Self {
        self.field("weight_bits", bits)
    }

    /// The least and the largest weight that a synapse may be given in a run.
    pub fn weight_bounds(self, least: &str, largest: &str) -> Self {
        self.field("weight_bounds", Value::from(vec![Value::from(least), Value::from(largest)]))
    }
}

impl Stimulus {
    /// Independent Poisson events for each neuron. The rate is a quantity, or changes in time:
    /// values as those of [`Self::series`].
    pub fn poisson(
        name: &str,
        population: &str,
        rate: impl Into<Value>,
        weight: impl Into<Value>,
    ) -> Self {
        Self::of_kind(name, population, "poisson").field("rate", rate).field("weight", weight)
    }

    /// A constant current.
    pub fn current(name: &str, population: &str, amplitude: impl Into<Value>) -> Self {
        Self::of_kind(name, population, "current").field("amplitude", amplitude)
    }

    /// A current drawn anew in each step.
    pub fn noise(
        name: &str,
        population: &str,
        mean: impl Into<Value>,
        sd: impl Into<Value>,
    ) -> Self {
        Self::of_kind(name, population, "noise").field("mean", mean).field("sd", sd)
    }

    /// A current that holds each amplitude from its time on.
    pub fn steps<T: Into<Value>, A: Into<Value>>(
        name: &str,
        population: &str,
        steps: Vec<(T, A)>,
    ) -> Self {
        let (times, amplitudes): (Vec<Value>, Vec<Value>) =
            steps.into_iter().map(|(time, amplitude)| (time.into(), amplitude.into())).unzip();
        let steps = Self::of_kind(name, population, "steps");
        steps.field("times", times).field("amplitudes", amplitudes)
    }

    /// A current that changes in time: a list of currents, a list of lists with one for each
    /// neuron, or [`values_file`]. Rows hold for one step each, or as [`Self::times`] or
    /// [`Self::every`] say.
    pub fn series(name: &str, population: &str, amplitudes: impl Into<Value>) -> Self {
        Self::of_kind(name, population, "steps").field("amplitudes", amplitudes)
    }

    /// A current that each call of a run gives, 0 where it does not:
    /// [`isospike_core::run::input::Current`].
    pub fn external(name: &str, population: &str) -> Self {
        Self::of_kind(name, population, "external")
    }

    /// The time from which each row of amplitudes or rates holds.
    pub fn times<T: Into<Value>>(self, times: Vec<T>) -> Self {
        self.field("times", times)
    }

    /// How long each row of amplitudes or rates holds.
    pub fn every(self, time: impl Into<Value>) -> Self {
        self.field("every", time)
    }

    /// The receptor that Poisson events go to.
    pub fn receptor(self, name: &str) -> Self {
        self.field("receptor", name)
    }

    /// How many sources of the given rate each neuron has.
    pub fn sources(self, sources: impl Into<Value>) -> Self {
        self.field("sources", sources)
    }

    /// The time it begins.
    pub fn start(self, time: impl Into<Value>) -> Self {
        self.field("start", time)
    }

    /// The time it ends.
    pub fn stop(self, time: impl Into<Value>) -> Self {
        self.field("stop", time)
    }

    fn of_kind(name: &str, population: &str, kind: &str) -> Self {
        Self(item(name)).field("population", population).field("kind", kind)
    }
}

impl Probe {
    /// Records a state variable of all neurons of a population in each step.
    pub fn new(name: &str, population: &str, variable: &str) -> Self {
        Self(item(name)).field("population", population).field("variable", variable)
    }

    /// Only these neurons.
    pub fn neurons(self, neurons: &[u32]) -> Self {
        self.field("neurons", neurons.to_vec())
    }

    /// Only the first so many neurons.
    pub fn first(self, count: u32) -> Self {
        self.field("neurons", table([("first", count.into())]))
    }

    /// The time between samples.
    pub fn every(self, time: impl Into<Value>) -> Self {
        self.field("every", time)
    }

    /// Takes the state before step 0 as the first sample, at time 0.
    pub fn initial(self) -> Self {
        self.field("initial", true)
    }
}

/// A table value, such as a distribution: `table([("normal", vec!["1 mV", "0.1 mV"].into())])`.
pub fn table<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Content::Table(fields.into_iter().map(|(name, value)| field(name, value)).collect()).into()
}

/// The values of a `.npy` or `.csv` file in this unit: `values_file("drive.npy", "pA")`.
pub fn values_file(path: &str, unit: &str) -> Value {
    table([("file", path.into()), ("unit", unit.into())])
}

impl From<Content> for Value {
    fn from(content: Content) -> Self {
        Self { content, location: Location::builder() }
    }
}

macro_rules! values {
    ($($from:ty => |$x:ident| $content:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($x: $from) -> Self {
                $content.into()
            }
        }
    )*};
}

values! {
    &str => |x| Content::Text(x.into());
    String => |x| Content::Text(x);
    f64 => |x| Content::Number(x);
    i64 => |x| Content::Integer(x);
    i32 => |x| Content::Integer(x.into());
    u32 => |x| Content::Integer(x.into());
    bool => |x| Content::Bool(x);
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Content::List(list.into_iter().map(Into::into).collect()).into()
    }
}

fn item(name: &str) -> Item {
    Item { name: name.into(), location: Location::builder(), fields: Vec::new() }
}

fn field(name: &str, value: Value) -> Field {
    Field { name: name.into(), location: Location::builder(), value }
}

/// Replaces or appends a field.
fn set(fields: &mut Vec<Field>, name: &str, value: Value) {
    match fields.iter_mut().find(|field| field.name == name) {
        Some(old) => old.value = value,
        None => fields.push(field(name, value)),
    }
}

/// Replaces or appends a field of a table field.
fn set_inner(fields: &mut Vec<Field>, table: &str, name: &str, value: Value) {
    let inner = match fields.iter_mut().find(|field| field.name == table) {
        Some(Field { value: Value { content: Content::Table(inner), .. }, .. }) => inner,
        _ => {
            set(fields, table, Content::Table(Vec::new()).into());
            return set_inner(fields, table, name, value);
        }
    };
    set(inner, name, value);
}
