//! The builder: a network said in Rust.
//!
//! Every method only writes down a field, exactly as a model file would (`docs/model-file.md`).
//! Nothing is looked at here, so nothing fails here: [`Network::check`] finds every mistake.

mod probe;
mod rewire;
mod signal;
mod synapse;
mod value;

pub use value::{table, values_file};

use super::{Item, Network, Value};
use value::{item, set, set_inner};

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

    /// Adds a synapse model.
    pub fn synapse(mut self, synapse: Synapse) -> Self {
        self.synapses.push(synapse.0);
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
    /// A synapse model to add to a network: `[synapse.NAME]`.
    Synapse
    /// A population to add to a network: `[population.NAME]`.
    Population
    /// A projection to add to a network: `[projection.NAME]`.
    Projection
    /// A stimulus to add to a network: `[stimulus.NAME]`.
    Stimulus
    /// A signal to add to a network: `[signal.NAME]`.
    Signal
    /// A rewiring to add to a network: `[rewire.NAME]`.
    Rewire
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

    /// The synapse model.
    pub fn synapse(self, name: &str) -> Self {
        self.field("synapse", name)
    }

    /// The part of the delay behind the synapse: a time.
    pub fn dendritic(self, delay: impl Into<Value>) -> Self {
        self.field("dendritic", delay)
    }

    /// The delay of a spike of the target on its way back to the synapse: a time.
    pub fn back(self, delay: impl Into<Value>) -> Self {
        self.field("back", delay)
    }

    /// A parameter of the synapse model.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "parameters", name, value.into());
        self
    }

    /// The values with which a state variable of the synapse model begins, synapse by synapse.
    pub fn initial(mut self, name: &str, value: impl Into<Value>) -> Self {
        set_inner(&mut self.0.fields, "initial", name, value.into());
        self
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
