//! The samples of probes with all that a plot of them needs: what `traces.npz` holds.

use isospike_core::base::clock::Clock;
use isospike_core::base::units::Dimension;
use isospike_core::describe::checked::PopulationKind;
use isospike_core::plan::{
    Plan, PopulationPlanKind, ProbePlan, SynapseProbePlan, SynapseSamplePlan,
};
use isospike_core::run::record::Recording;
use std::ops::Range;

/// The samples of all probes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Those of each probe of neurons, then of each probe of single synapses.
    pub traces: Vec<Trace>,
    /// Those of each probe with a histogram.
    pub histograms: Vec<Histogram>,
}

/// The subject of a probe, and its samples in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The name of the probe.
    pub name: String,
    /// The population or the projection.
    pub owner: String,
    /// The state variable.
    pub variable: String,
    /// The base unit of the variable, empty for a number.
    pub unit: String,
    /// Copies side by side.
    pub copies: usize,
    /// The step of each sample; -1 is the state before step 0.
    pub steps: Vec<i64>,
    /// The time of each sample.
    pub times_ms: Vec<f64>,
}

/// The samples of one probe of neurons or of single synapses.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Whose, and when.
    pub head: Head,
    /// The neurons or synapses.
    pub elements: Elements,
    /// Sample by sample, copy by copy, element by element.
    pub values: Vec<f32>,
}

/// The subjects of the values of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Neurons of a population.
    Neurons(Vec<u32>),
    /// The sources and the targets of synapses of a projection.
    Synapses(Vec<u32>, Vec<u32>),
}

/// The samples of one probe with a histogram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Whose, and when.
    pub head: Head,
    /// The ends of the intervals: one more than there are.
    pub edges: Vec<f32>,
    /// Sample by sample, copy by copy: the values below the first edge, those of each interval,
    /// and all others.
    pub counts: Vec<u32>,
}

impl Samples {
    /// Returns the samples of a recording. A run that failed may end in half a sample, which is
    /// left out.
    pub fn of(plan: &Plan, recording: &Recording) -> Self {
        let mut samples = Self::default();
        let (neurons, synapses) =
            recording.traces.split_at(plan.probes.len().min(recording.traces.len()));
        for (probe, words) in plan.probes.iter().zip(neurons) {
            let width = probe.neurons.len();
            let (head, words) =
                Head::of_neurons(plan, probe).over(plan, probe.sample_steps(), words, width);
            let elements = Elements::Neurons(probe.neurons.clone());
            samples.traces.push(Trace { head, elements, values: floats(words) });
        }
        for (probe, words) in plan.synapse_probes.iter().zip(synapses) {
            let width = probe.width() as usize;
            let (head, words) =
                Head::of_synapses(plan, probe).over(plan, probe.sample_steps(), words, width);
            match &probe.sample {
                SynapseSamplePlan::Each(_) => {
                    let (pre, post) = probe.ends(plan).into_iter().unzip();
                    let elements = Elements::Synapses(pre, post);
                    samples.traces.push(Trace { head, elements, values: floats(words) });
                }
                SynapseSamplePlan::Histogram(edges) => {
                    let (edges, counts) = (edges.clone(), words.to_vec());
                    samples.histograms.push(Histogram { head, edges, counts });
                }
            }
        }
        samples
    }

    /// Returns whether no probe is there.
    pub fn is_empty(&self) -> bool {
        self.traces.is_empty() && self.histograms.is_empty()
    }
}

fn floats(words: &[u32]) -> Vec<f32> {
    words.iter().map(|word| f32::from_bits(*word)).collect()
}

impl Head {
    fn of_neurons(plan: &Plan, probe: &ProbePlan) -> Self {
        let population = probe.population.index();
        let kind = plan.network.populations.get(population).map(|p| &p.kind);
        let variable = match kind {
            Some(PopulationKind::Neurons { model, .. }) => model.state.get(probe.variable as usize),
            _ => None,
        };
        Self {
            name: probe.name.clone(),
            owner: plan.populations[population].name.clone(),
            variable: match &plan.populations[population].kind {
                PopulationPlanKind::Neurons(neurons) => {
                    neurons.state[probe.variable as usize].name.clone()
                }
                PopulationPlanKind::SpikeList(_) => String::new(),
            },
            unit: variable.map_or_else(String::new, |v| v.dimension.base_unit()),
            ..Self::default()
        }
    }

    fn of_synapses(plan: &Plan, probe: &SynapseProbePlan) -> Self {
        let (variable, dimension) = synapse_variable(plan, probe.projection, probe.variable);
        Self {
            name: probe.name.clone(),
            owner: plan.projections[probe.projection].name.clone(),
            variable,
            unit: dimension.map_or_else(String::new, |dimension| dimension.base_unit()),
            ..Self::default()
        }
    }

    /// Adds the steps and times of whole samples of so many words a copy, and returns the words of
    /// these.
    fn over<'w>(
        self,
        plan: &Plan,
        steps: impl Iterator<Item = i64>,
        words: &'w [u32],
        width: usize,
    ) -> (Self, &'w [u32]) {
        let clock = Clock::new(plan.network.dt_ms);
        let width = width * plan.batch as usize;
        let samples = words.len().checked_div(width).unwrap_or(0);
        let steps: Vec<i64> = steps.take(samples).collect();
        let time = |step: &i64| clock.after_ms((step + 1).cast_unsigned());
        let (copies, times_ms) = (plan.batch as usize, steps.iter().map(time).collect());
        (Self { copies, times_ms, steps, ..self }, &words[..samples * width])
    }

    /// Returns the samples whose times are in [from, to].
    pub fn between(&self, from_ms: f64, to_ms: f64) -> Range<usize> {
        let first = self.times_ms.partition_point(|&ms| ms < from_ms);
        first..self.times_ms.partition_point(|&ms| ms <= to_ms)
    }
}

/// Returns the name and the dimension of a state variable of the synapses of a projection; `None`
/// stands for the weight of synapses without a model.
pub fn synapse_variable(
    plan: &Plan,
    projection: usize,
    variable: Option<usize>,
) -> (String, Option<Dimension>) {
    let checked = plan.network.projections.get(projection);
    let Some(number) = variable else {
        let receptor =
            checked.and_then(|projection| match &plan.network.population(projection.post).kind {
                PopulationKind::Neurons { model, .. } => {
                    model.receptors.get(projection.receptor as usize)
                }
                PopulationKind::SpikeList(_) => None,
            });
        return ("weight".into(), receptor.map(|receptor| receptor.dimension));
    };
    let synapse = &plan.projections[projection].synapse;
    let name = synapse.as_ref().and_then(|synapse| synapse.state.get(number));
    let model = checked.and_then(|projection| projection.synapse.as_ref());
    let definition = model.and_then(|synapse| synapse.model.state.get(number));
    (
        name.map_or_else(String::new, |variable| variable.name.clone()),
        definition.map(|variable| variable.dimension),
    )
}

impl Elements {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Neurons(neurons) => neurons.len(),
            Self::Synapses(pre, _) => pre.len(),
        }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Trace {
    /// Returns how many lines it has: neurons or synapses of all copies.
    pub fn lines(&self) -> usize {
        self.head.copies * self.elements.len()
    }

    /// Returns the value of a line in a sample.
    pub fn value(&self, sample: usize, line: usize) -> f32 {
        self.values[sample * self.lines() + line]
    }

    /// Returns the name of a line.
    pub fn line_name(&self, line: usize) -> String {
        let width = self.elements.len().max(1);
        let element = match &self.elements {
            Elements::Neurons(neurons) => format!("neuron {}", neurons[line % width]),
            Elements::Synapses(pre, post) => {
                format!("{} to {}", pre[line % width], post[line % width])
            }
        };
        if self.head.copies > 1 { format!("{element}, copy {}", line / width) } else { element }
    }
}

impl Histogram {
    /// Returns how many counts a sample of one copy has.
    pub fn width(&self) -> usize {
        self.edges.len() + 1
    }

    /// Returns the counts of a sample, of all copies together.
    pub fn sample(&self, sample: usize) -> Vec<u64> {
        let (width, copies) = (self.width(), self.head.copies);
        let counts = &self.counts[sample * width * copies..][..width * copies];
        let all = |n: usize| counts.iter().skip(n).step_by(width).map(|n| u64::from(*n)).sum();
        (0..width).map(all).collect()
    }
}
