//! Probes in the plan: engines sample neurons in each step, synapses are read between two steps.

use super::Plan;
use crate::base::id::PopulationId;

/// A probe of neurons in the plan.
#[derive(Clone, Debug)]
pub struct ProbePlan {
    /// Its name.
    pub name: String,
    /// Which population.
    pub population: PopulationId,
    /// Which state variable.
    pub variable: u32,
    /// Which neurons, ascending.
    pub neurons: Vec<u32>,
    /// Every how many steps, from step 0 on; the state after reset.
    pub every_steps: u32,
    /// Whether the state before step 0 is the first sample
    /// ([`crate::run::record::Recording::begin`]).
    pub initial: bool,
}

impl ProbePlan {
    /// Returns the steps of the samples in order, without end; -1 is the state before step 0.
    pub fn sample_steps(&self) -> impl Iterator<Item = i64> + use<> {
        sample_steps(self.every_steps, self.initial)
    }
}

/// A probe of synapses in the plan (`docs/semantics.md` 5.13). A backend ends a piece of a run with
/// each step that has a sample, and reads the synapses then
/// ([`crate::run::record::Recording::sample_synapses`]).
#[derive(Clone, Debug)]
pub struct SynapseProbePlan {
    /// Its name.
    pub name: String,
    /// The index of the projection.
    pub projection: usize,
    /// The index of the state variable of its synapse model; `None` for the weight of synapses
    /// without one.
    pub variable: Option<usize>,
    /// The words of a sample.
    pub sample: SynapseSamplePlan,
    /// Every how many steps, from step 0 on.
    pub every_steps: u32,
    /// Whether the state before step 0 is the first sample.
    pub initial: bool,
}

/// The words of a sample of synapses, for each copy.
#[derive(Clone, Debug, PartialEq)]
pub enum SynapseSamplePlan {
    /// The value of each of these synapses.
    Each(Places),
    /// The ends of intervals, ascending: one more than there are intervals. The words are the
    /// number of values below the first end, those of each interval, and the number of all others.
    Histogram(Vec<f32>),
}

/// Places among the synapses of one copy, in order of row, then place in the row; ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// The multiples of a number.
    Multiples {
        /// The number, at least 1.
        of: u64,
        /// How many.
        count: u64,
    },
    /// These.
    List(Vec<u64>),
}

impl Places {
    /// Returns how many there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Multiples { count, .. } => *count,
            Self::List(places) => places.len() as u64,
        }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|n| match self {
            Self::Multiples { of, .. } => n * of,
            Self::List(places) => places[n as usize],
        })
    }
}

impl SynapseProbePlan {
    /// Returns how many words a sample of one copy has.
    pub fn width(&self) -> u64 {
        match &self.sample {
            SynapseSamplePlan::Each(places) => places.len(),
            SynapseSamplePlan::Histogram(edges) => edges.len() as u64 + 1,
        }
    }

    /// Returns the steps of the samples in order, without end; -1 is the state before step 0.
    pub fn sample_steps(&self) -> impl Iterator<Item = i64> + use<> {
        sample_steps(self.every_steps, self.initial)
    }

    /// Returns the source and the target of each synapse of a sample; none for a histogram.
    pub fn ends(&self, plan: &Plan) -> Vec<(u32, u32)> {
        let SynapseSamplePlan::Each(places) = &self.sample else { return Vec::new() };
        let rows = &plan.projections[self.projection].rows;
        let mut wanted = places.iter().peekable();
        let mut ends = Vec::new();
        let mut place = 0;
        for row in 0..rows.rows() {
            if wanted.peek().is_none() {
                break;
            }
            rows.for_each(row, |synapse| {
                if wanted.next_if_eq(&place).is_some() {
                    ends.push((row, synapse.target));
                }
                place += 1;
            });
        }
        ends
    }

    /// Appends a sample of all copies, whose values are the words `values`.
    pub fn sample(&self, values: &[u32], batch: u32, trace: &mut Vec<u32>) {
        let of_copy = values.len() / batch.max(1) as usize;
        for copy in 0..batch as usize {
            let values = &values[copy * of_copy..][..of_copy];
            match &self.sample {
                SynapseSamplePlan::Each(places) => {
                    trace.extend(places.iter().map(|place| values[place as usize]));
                }
                SynapseSamplePlan::Histogram(edges) => trace.extend(histogram(edges, values)),
            }
        }
    }

    /// Returns whether it has a sample after this step; `None` stands for before step 0.
    pub fn is_due(&self, after: Option<u32>) -> bool {
        after.map_or(self.initial, |step| step.is_multiple_of(self.every_steps.max(1)))
    }
}

/// Counts the values, which are the bits of floats, below the first edge, in each interval, and
/// elsewhere. The upper end belongs to the last interval only.
fn histogram(edges: &[f32], values: &[u32]) -> Vec<u32> {
    let mut counts = vec![0; edges.len() + 1];
    for word in values {
        let value = f32::from_bits(*word);
        let reached = match edges.last() {
            Some(last) if value.is_nan() || value > *last => edges.len(),
            Some(last) if value == *last => edges.len() - 1,
            _ => edges.partition_point(|edge| *edge <= value),
        };
        counts[reached] += 1;
    }
    counts
}

fn sample_steps(every_steps: u32, initial: bool) -> impl Iterator<Item = i64> + use<> {
    let start = initial.then_some(-1);
    start.into_iter().chain((0..).step_by(every_steps.max(1) as usize))
}

impl Plan {
    /// Returns how many traces a recording has: one for each probe of neurons, then one for each
    /// probe of synapses.
    pub fn probe_count(&self) -> usize {
        self.probes.len() + self.synapse_probes.len()
    }

    /// Returns the name of the probe of a trace.
    pub fn probe_name(&self, trace: usize) -> Option<&str> {
        let of_synapses = || trace.checked_sub(self.probes.len());
        let neurons = self.probes.get(trace).map(|probe| probe.name.as_str());
        neurons.or_else(|| Some(self.synapse_probes.get(of_synapses()?)?.name.as_str()))
    }

    /// Returns how many words a sample of one copy has in a trace.
    pub fn sample_width(&self, trace: usize) -> u64 {
        match self.probes.get(trace) {
            Some(probe) => probe.neurons.len() as u64,
            None => self.synapse_probes[trace - self.probes.len()].width(),
        }
    }

    /// Returns how many of the next `steps` steps, the first of which is `step`, are done in one
    /// piece: to the next one behind which synapses are sampled.
    pub fn steps_to_sample(&self, step: u32, steps: u32) -> u32 {
        let to_sample = |probe: &SynapseProbePlan| match step % probe.every_steps.max(1) {
            0 => 1,
            since => probe.every_steps - since + 1,
        };
        self.synapse_probes.iter().map(to_sample).fold(steps, u32::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_every_value_once() {
        let edges = [0.0, 1.0, 2.0, 4.0];
        let values = [
            -0.5,
            f32::NEG_INFINITY,
            0.0,
            -0.0,
            0.999,
            1.0,
            2.0,
            3.5,
            4.0,
            4.5,
            f32::INFINITY,
            f32::NAN,
        ];
        let words = values.map(f32::to_bits);
        assert_eq!(histogram(&edges, &words), [2, 3, 1, 3, 3]);
        assert_eq!(histogram(&edges, &[]), [0; 5]);
    }

    #[test]
    fn a_sample_takes_each_copy_alone() {
        let probe = |sample| SynapseProbePlan {
            name: String::new(),
            projection: 0,
            variable: Some(0),
            sample,
            every_steps: 3,
            initial: false,
        };
        let values = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].map(f32::to_bits);
        let taken = |sample| {
            let mut trace = Vec::new();
            probe(sample).sample(&values, 2, &mut trace);
            trace
        };
        let [one, three, four, six] = [1.0f32, 3.0, 4.0, 6.0].map(f32::to_bits);
        let each = SynapseSamplePlan::Each(Places::Multiples { of: 2, count: 2 });
        assert_eq!(taken(each), [one, three, four, six]);
        assert_eq!(taken(SynapseSamplePlan::Each(Places::List(vec![2]))), [three, six]);
        assert_eq!(taken(SynapseSamplePlan::Histogram(vec![2.0, 5.0])), [1, 2, 0, 0, 2, 1]);
        let mut trace = Vec::new();
        probe(SynapseSamplePlan::Histogram(vec![2.0, 5.0])).sample(&[], 2, &mut trace);
        assert_eq!(trace, [0; 6]);
    }
}
