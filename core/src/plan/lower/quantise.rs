//! Integer weights: the scale of each receptor, and the bound that keeps its accumulators from
//! overflowing (section 4 of `docs/semantics.md`).

mod rule;

use crate::base::id::PopulationId;
use crate::base::random::{POISSON_OUTCOMES, poisson_table_count};
use crate::connect::rule::{Explicit, InDegree, Pairs};
use crate::connect::{ExplicitSynapse, RealDraw, Rule, SynapseList};
use crate::describe::checked::{Checked, Projection, StimulusKind};
use crate::plan::{self, AfferentError, Plan, ProjectionPlan, Quantisation};
pub use rule::{Fault, Violation, violations};

/// The sum bound stays at or below this: 0.99 * (2^31 - 1).
const SUM_MAX: u64 = 2_126_008_811;

/// The largest weight that 16 bits hold.
const WEIGHT_16_MAX: i32 = i16::MAX as i32;

/// Exponents for which 2^-k and its product with any accumulator are normal f32 numbers.
const EXPONENT_MIN: i32 = -90;
const EXPONENT_MAX: i32 = 120;

/// The integer of a weight: `weight * 2^exponent` to nearest, halves away from zero.
pub fn quantise(weight: f64, exponent: i32) -> i32 {
    libm::round(libm::scalbn(weight, exponent)) as i32
}

/// How a receptor's weights become integers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// Weights are multiples of 2^-exponent.
    pub exponent: i32,
    /// The report.
    pub quantisation: Quantisation,
    /// The report of each input.
    pub inputs: Vec<AfferentError>,
}

/// A source that delivers to a receptor: a projection, or a Poisson stimulus.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Which one it is.
    pub id: plan::Afferent,
    /// Its weights, where they are not in `list`.
    pub weights: RealDraw,
    /// Explicit synapses.
    pub list: Option<SynapseList>,
    /// How many weights there are on average.
    pub count: f64,
    /// How many events one target receives in a step at most; unused where there is a list.
    pub events_max: u64,
    /// How many events of one synapse can arrive in a step.
    pub events_of_synapse: u64,
    /// The requested width.
    pub weight_bits: Option<u8>,
    /// The largest |weight| that a synapse may be given in a run; 0 where weights never change.
    pub reach: f64,
    /// Whether synapses have weights of their own beside what they add: those are no integers.
    pub learns: bool,
}

impl Input {
    /// A projection with its weights, and the bounds of what its synapses send if they learn.
    pub fn projection(
        network: &Checked,
        index: usize,
        weights: RealDraw,
        sent: Option<(f64, f64)>,
    ) -> Self {
        let projection = &network.projections[index];
        let degree = in_degree(network, projection);
        let size = f64::from(network.population(projection.post).size);
        let rewired = projection.synapse.as_ref().is_some_and(|own| own.rewire.is_some());
        let list = match &projection.rule {
            Rule::Explicit(Explicit(list)) if !rewired => Some(list.clone()),
            _ => None,
        };
        let synapse = projection.synapse.as_ref();
        let events_of_synapse = synapse.map_or(1, |s| u64::from(s.model.sends_of_a_step()));
        // 8.8: each event of a synapse counts as the bound of what it sends.
        let sent = sent.map(max_abs);
        Self {
            id: plan::Afferent::Projection(index),
            count: list.as_ref().map_or(degree.mean * size, |list| list.len() as f64),
            list,
            weights: sent.map_or(weights, RealDraw::Constant),
            events_max: degree.likely_max.saturating_mul(events_of_synapse),
            events_of_synapse,
            weight_bits: projection.weight_bits,
            reach: projection.weight_bounds.map_or(0.0, max_abs),
            learns: sent.is_some(),
        }
    }

    /// The Poisson stimulus with this index, onto `size` neurons.
    pub fn poisson(index: usize, size: u32, events_per_step: f64, weight: f64) -> Self {
        Self {
            id: plan::Afferent::Stimulus(index),
            weights: RealDraw::Constant(weight),
            list: None,
            count: if events_per_step > 0.0 { f64::from(size) } else { 0.0 },
            events_max: poisson_events_max(events_per_step),
            events_of_synapse: 1,
            weight_bits: None,
            reach: 0.0,
            learns: false,
        }
    }

    /// The weight that a synapse of the list adds, where it has one of its own.
    fn given(&self, synapse: &ExplicitSynapse) -> Option<f64> {
        synapse.weight.filter(|_| !self.learns)
    }

    /// The largest |weight| that a synapse can come to have.
    fn max_abs(&self) -> f64 {
        match &self.list {
            None => self.weights.max_abs().max(self.reach),
            Some(list) => list.iter().fold(self.reach, |max: f64, synapse| {
                max.max(self.given(&synapse).map_or_else(|| self.weights.max_abs(), f64::abs))
            }),
        }
    }

    /// The sum over all weights of what `of_draw` gives for the distribution, `of_given` for a
    /// weight that was given.
    fn sum(&self, of_draw: impl Fn(&RealDraw) -> f64, of_given: impl Fn(f64) -> f64) -> f64 {
        let drawn = of_draw(&self.weights);
        match &self.list {
            None => self.count * drawn,
            Some(list) => list.iter().map(|s| self.given(&s).map_or(drawn, &of_given)).sum(),
        }
    }

    /// The largest sum of |integer| that one of `targets` can receive; that of the lists is added
    /// to `lists` instead, target by target.
    fn sum_max(&self, exponent: i32, lists: &mut [u64]) -> u64 {
        let reach = |weight: f64| weight.abs().max(self.reach);
        let integer = |weight: f64| u64::from(quantise(reach(weight), exponent).unsigned_abs());
        let drawn = integer(self.weights.max_abs());
        let Some(list) = &self.list else {
            return self.events_max.saturating_mul(drawn);
        };
        for synapse in list.iter() {
            let sum = &mut lists[synapse.post as usize];
            let event = self.given(&synapse).map_or(drawn, integer);
            *sum = sum.saturating_add(event.saturating_mul(self.events_of_synapse));
        }
        0
    }
}

fn max_abs((least, largest): (f64, f64)) -> f64 {
    libm::fabs(least).max(libm::fabs(largest))
}

/// Chooses the scale of a receptor of a population of `size` neurons.
pub(super) fn scale(size: u32, inputs: &[Input]) -> Scale {
    let max = inputs.iter().fold(0.0, |max: f64, input| max.max(input.max_abs()));
    let exponent = if max == 0.0 { exponent_16(1.0) } else { choose(size, inputs, max) };
    let wide = |input: &Input| match input.weight_bits {
        Some(bits) => bits > 16,
        None => !fits_16(input.max_abs(), exponent),
    };
    Scale {
        exponent,
        quantisation: Quantisation {
            weight_bits: if inputs.iter().any(wide) { 32 } else { 16 },
            unit: libm::scalbn(1.0, -exponent),
            rms_weight: rms(inputs),
            relative_error: relative_error(inputs, exponent),
            bound: sum_bound(size, inputs, exponent),
        },
        inputs: inputs.iter().map(|input| input.error(exponent)).collect(),
    }
}

/// Whether every weight up to this one is held by 16 bits.
pub(super) fn fits_16(max_abs: f64, exponent: i32) -> bool {
    quantise(max_abs, exponent) <= WEIGHT_16_MAX
}

/// 4.2: the largest exponent of the 16-bit format where that keeps the rule of 4.5, or else of the
/// sum bound.
fn choose(size: u32, inputs: &[Input], max: f64) -> i32 {
    let by_sum = largest_exponent(|exponent| sum_bound(size, inputs, exponent) <= SUM_MAX);
    let narrow = by_sum.min(exponent_16(max));
    let asks = |bits| inputs.iter().any(|input| input.weight_bits == Some(bits));
    if !asks(32) && inputs.iter().all(|input| input.fault(narrow).is_none()) {
        return narrow;
    }
    // The weights of a projection with 16 requested bits keep within them.
    let forced = inputs.iter().filter(|input| input.weight_bits == Some(16)).map(Input::max_abs);
    let forced = forced.fold(0.0, f64::max);
    if forced > 0.0 { by_sum.min(exponent_16(forced)) } else { by_sum }
}

/// The largest exponent for which a weight up to this one is an integer that an f32 has.
pub(super) fn exponent_of_floats(max: f64) -> i32 {
    if max == 0.0 { 0 } else { largest_exponent(|k| quantise(max, k).unsigned_abs() <= 1 << 24) }
}

/// The largest exponent for which 16 bits hold this weight.
fn exponent_16(max_abs: f64) -> i32 {
    largest_exponent(|exponent| fits_16(max_abs, exponent))
}

/// The largest exponent that is allowed, where all below an allowed one are; else the least.
fn largest_exponent(allowed: impl Fn(i32) -> bool) -> i32 {
    let (mut low, mut high) = (EXPONENT_MIN, EXPONENT_MAX + 1);
    while high - low > 1 {
        let middle = (low + high) / 2;
        *(if allowed(middle) { &mut low } else { &mut high }) = middle;
    }
    low
}

/// 4.3: what one target can receive in one step at most.
fn sum_bound(size: u32, inputs: &[Input], exponent: i32) -> u64 {
    let any_list = inputs.iter().any(|input| input.list.is_some());
    let mut lists = vec![0; if any_list { size as usize } else { 0 }];
    let add = |sum: u64, input: &Input| sum.saturating_add(input.sum_max(exponent, &mut lists));
    let sum = inputs.iter().fold(0, add);
    sum.saturating_add(lists.into_iter().max().unwrap_or(0))
}

/// The root mean square of all weights; a Poisson stimulus counts as one weight for each neuron.
fn rms(inputs: &[Input]) -> f64 {
    let count: f64 = inputs.iter().map(|input| input.count).sum();
    let squares = inputs.iter().map(|i| i.sum(RealDraw::mean_square, |weight| weight * weight));
    if count > 0.0 { libm::sqrt(squares.sum::<f64>() / count) } else { 0.0 }
}

/// The root mean square of the rounding errors of all weights, divided by that of the weights.
fn relative_error(inputs: &[Input], exponent: i32) -> f64 {
    let count: f64 = inputs.iter().map(|input| input.count).sum();
    let squares: f64 = inputs.iter().map(|input| input.square_error(exponent)).sum();
    let rms = rms(inputs);
    if rms > 0.0 { libm::sqrt(squares / count) / rms } else { 0.0 }
}

/// Bounds the synapses of a projection that end at one target. If it is rewired, each source can
/// come to have one there beside those that are drawn.
fn in_degree(network: &Checked, projection: &Projection) -> InDegree {
    let [pre, post] = [projection.pre, projection.post].map(|id| network.population(id).size);
    let skip_self = projection.pre == projection.post && !projection.autapses;
    let pairs = Pairs::new(pre, post, skip_self);
    if projection.synapse.as_ref().is_none_or(|synapse| synapse.rewire.is_none()) {
        return projection.rule.in_degree(pairs);
    }
    let drawn = match &projection.rule {
        Rule::Explicit(Explicit(list)) => {
            let mut degrees = vec![0_u64; post as usize];
            list.iter().for_each(|synapse| degrees[synapse.post as usize] += 1);
            let mean = list.len() as f64 / f64::from(post.max(1));
            InDegree { mean, ..InDegree::exact(degrees.into_iter().max().unwrap_or(0)) }
        }
        rule => rule.in_degree(pairs),
    };
    InDegree {
        mean: drawn.mean,
        likely_max: drawn.likely_max.saturating_add(pairs.sources),
        worst: drawn.worst.saturating_add(pairs.sources),
    }
}

/// The events of all tables of a Poisson stimulus that one target can receive in one step.
fn poisson_events_max(events_per_step: f64) -> u64 {
    poisson_table_count(events_per_step).saturating_mul(POISSON_OUTCOMES as u64 - 1)
}

/// The sum of |integer weights| that Poisson stimuli can add to one neuron of a receptor in a step.
pub(crate) fn poisson_sum(plan: &Plan, receptor: usize) -> u64 {
    let (population, number) = locate(plan, receptor);
    let exponent = plan.receptors[receptor].scale_exponent;
    let stimuli = plan.network.stimuli.iter().filter(|s| s.population == population);
    stimuli.fold(0, |sum: u64, stimulus| match stimulus.kind {
        StimulusKind::Poisson { receptor, events_per_step, weight, .. } if receptor == number => {
            let weight = u64::from(quantise(weight, exponent).unsigned_abs());
            sum.saturating_add(poisson_events_max(events_per_step).saturating_mul(weight))
        }
        _ => sum,
    })
}

/// Bounds the input of one target of a receptor in a step if the random in-degrees of those
/// projections for which `is_worst` holds were as large as their rules allow at all.
pub(crate) fn worst_sum(plan: &Plan, receptor: usize, is_worst: impl Fn(usize) -> bool) -> u64 {
    let mut sum = plan.receptors[receptor].quantisation.bound;
    for (index, degree) in degrees(plan, receptor) {
        if is_worst(index) {
            let weight = u64::from(plan.projections[index].max_weight(receptor));
            sum = sum.saturating_add((degree.worst - degree.likely_max).saturating_mul(weight));
        }
    }
    sum
}

/// Returns the bound of the input of one target of a receptor in a step from those of its
/// projections for which `counts` holds. Explicit lists are not among them.
pub(crate) fn likely_sum(plan: &Plan, receptor: usize, counts: impl Fn(usize) -> bool) -> u64 {
    let counted = degrees(plan, receptor).filter(|(index, _)| counts(*index));
    counted.fold(0, |sum: u64, (index, degree)| {
        let weight = u64::from(plan.projections[index].max_weight(receptor));
        sum.saturating_add(degree.likely_max.saturating_mul(weight))
    })
}

/// The projections onto a receptor, by index, with their in-degrees. None of a plan made by hand.
fn degrees(plan: &Plan, receptor: usize) -> impl Iterator<Item = (usize, InDegree)> {
    let all = plan.projections.iter().zip(&plan.network.projections).enumerate();
    let of_receptor = move |(_, (p, _)): &(usize, (&ProjectionPlan, _))| {
        p.receptors().contains(&(receptor as u32))
    };
    all.filter(of_receptor)
        .map(|(index, (_, projection))| (index, in_degree(&plan.network, projection)))
}

/// The population of a receptor, and its number there.
fn locate(plan: &Plan, receptor: usize) -> (PopulationId, u32) {
    let population = plan.receptors[receptor].population;
    let first = plan.receptors[..receptor].iter().rposition(|r| r.population != population);
    (population, (receptor - first.map_or(0, |before| before + 1)) as u32)
}
