//! Section 8 of `docs/semantics.md`: every event of every synapse at once, in its own step, from
//! the expressions of the checked network.

mod condition;
mod decay;
mod model;
mod words;

use super::{ModelSimulation, PopulationState};
use crate::base::id::{PopulationId, Side};
use crate::base::numeric;
use crate::base::random::{key, philox};
use crate::connect::{Distribution, RealDraw};
use crate::describe::synapse::{Initial, Synapse};
use crate::oracle::connectivity::Rows;
use crate::plan::{Plan, ReceptorPlan};
pub(super) use model::Reads;
use model::{Model, Traces};
use std::collections::BTreeSet;

/// A pre event: the delay up to the synapse, the copy, and the source that spiked so many steps
/// ago.
type Arrival = (u32, u32, u32);

/// An integer that a synapse sends to a receptor.
#[derive(Clone, Copy)]
struct Delivery {
    /// The step in which it arrives.
    step: u32,
    /// The number of the receptor among those that the model sends to.
    number: usize,
    copy: u32,
    target: u32,
    integer: i32,
}

/// The synapses of a projection that learn.
pub(super) struct Learning {
    /// The index of the projection.
    pub(super) projection: usize,
    pub(super) model: Model,
    /// `[variable][copy * synapses + place]`; places go by row, then place in the row.
    pub(super) state: Vec<Vec<f32>>,
    /// The same before step 0.
    pub(super) begins: Vec<Vec<f32>>,
    /// `[copy * synapses + place]`: the step of the last event + 1 (8.17).
    pub(super) last: Vec<u32>,
    /// For each row, the place of its first synapse.
    first: Vec<usize>,
    /// How many synapses one copy has.
    synapses: usize,
    /// For each target, its synapses: row, place in the row.
    incoming: Vec<Vec<(u32, u32)>>,
    /// `[copy * sources + source]`, for each delay of the row: 8.5.
    arrived: Vec<Vec<(u32, Traces)>>,
    /// `[copy * sources + source]`, as 8.10 writes them down.
    sources: Vec<Traces>,
    /// `[copy * targets + target]`
    targets: Vec<Traces>,
    /// All that was sent and has not arrived.
    on_the_way: Vec<Delivery>,
}

/// The parts of a network that events read beside their synapse and its traces.
struct Around<'a> {
    /// The population of the targets.
    neurons: &'a PopulationState,
    /// The population of the sources.
    sources: &'a PopulationState,
    /// The signals that the model lists, before they change in this step: `[copy][signal]`.
    signals: Vec<Vec<f32>>,
}

impl Around<'_> {
    fn reads(&self, copy: u32, traces: [Vec<f32>; 2], target: Vec<f32>) -> Reads {
        let signals = self.signals[copy as usize].clone();
        Reads { traces, target, source: Vec::new(), signals }
    }
}

impl ModelSimulation {
    /// 8.3: the pre events of step t, before the update; adds what they send to the accumulators,
    /// `[receptor][copy][neuron]`.
    pub(super) fn pre_events(&mut self, t: usize, sums: &mut [Vec<i32>]) {
        let mut learning = std::mem::take(&mut self.learning);
        for of_projection in &mut learning {
            let projection = &self.plan.projections[of_projection.projection];
            let size = self.network.population(projection.post).size;
            let of_post = |r: &ReceptorPlan| r.population == projection.post;
            let first = self.plan.receptors.iter().position(of_post).unwrap_or(0);
            let rows = &self.rows[of_projection.projection];
            let arrivals = self.arrivals(t, projection.pre);
            let around = self.around(of_projection);
            of_projection.pre_events(t as u32, &arrivals, rows, &around);
            for Delivery { number, copy, target, integer, .. } in of_projection.arriving(t as u32) {
                let receptor = first + of_projection.receptor(number) as usize;
                sums[receptor][(copy * size + target) as usize] += integer;
            }
        }
        self.learning = learning;
    }

    /// 8.14, 8.16: the neurons and the signals that a model may read now.
    fn around(&self, learning: &Learning) -> Around<'_> {
        let read = &learning.model.synapse.signals;
        let of_copy = |copy: usize| read.iter().map(|n| self.signals[*n as usize][copy]).collect();
        let projection = &self.plan.projections[learning.projection];
        Around {
            neurons: &self.populations[projection.post.index()],
            sources: &self.populations[projection.pre.index()],
            signals: (0..self.network.batch as usize).map(of_copy).collect(),
        }
    }

    /// 8.2: the spikes of a population that arrive in step t over synapses of each delay.
    fn arrivals(&self, t: usize, pre: PopulationId) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for d in 1..=t.min(self.plan.max_delay_steps as usize) {
            let spikes = self.history[t - d].iter().filter(|(_, population, _)| *population == pre);
            arrivals.extend(spikes.map(|&(copy, _, neuron)| (d as u32, copy, neuron)));
        }
        arrivals
    }

    /// 8.3, 8.5: what learns after the update of step t, in which these (copy, population, neuron)
    /// spiked.
    pub(super) fn learn(&mut self, t: usize, spikes: &[(u32, PopulationId, u32)]) {
        let mut learning = std::mem::take(&mut self.learning);
        for of_projection in &mut learning {
            let p = of_projection.projection;
            let (pre, post) = (self.plan.projections[p].pre, self.plan.projections[p].post);
            // 8.21: those of the spikes of step t - back.
            let spikes = match of_projection.back_steps() {
                0 => spikes,
                back if back <= t => &self.history[t - back],
                _ => &[],
            };
            let spiked = spikes.iter().filter(|(_, population, _)| *population == post);
            let spiked: Vec<(u32, u32)> = spiked.map(|&(copy, _, n)| (copy, n)).collect();
            let conditioned = of_projection.conditioned(&self.around(of_projection));
            for (_, target) in conditioned.iter().flatten() {
                self.counters.post_events[p] += of_projection.post_event_count(*target);
            }
            let spiked = conditioned.unwrap_or(spiked);
            let around = self.around(of_projection);
            of_projection.post_events(t as u32, &spiked, &self.rows[p], &around);
            self.counters.clocked_events[p] +=
                of_projection.clocked_events(t as u32, &self.rows[p], &around);
            of_projection.trace_events(t as u32, &self.arrivals(t, pre), &spiked);
            // 8.10
            if let Some(s) = t.checked_sub(self.plan.flight_steps() as usize) {
                for &(copy, population, n) in &self.history[s] {
                    if population == pre {
                        of_projection.leave(s as u32, copy, n);
                    }
                }
            }
        }
        self.learning = learning;
    }
}

impl Learning {
    /// Gives a projection of the network its state before step 0; `None` where its synapses have
    /// nothing but a weight.
    pub(super) fn new(plan: &Plan, projection: usize, rows: &Rows) -> Option<Self> {
        let network = &plan.network;
        let checked = &network.projections[projection];
        let (synapse, lowered) = (&checked.synapse, &plan.projections[projection]);
        let (synapse, weight_exponent) = match (synapse, &lowered.synapse) {
            (Some(synapse), Some(lowered)) => (synapse.clone(), lowered.weight_exponent),
            _ => return None,
        };
        let batch = network.batch as usize;
        let [sources, targets] =
            [checked.pre, checked.post].map(|id| network.population(id).size as usize);
        let mut first = Vec::with_capacity(sources);
        let mut synapses = 0;
        for drawn in rows {
            first.push(synapses);
            synapses += drawn.len();
        }
        // 8.1: the drawn weight is a multiple of 2^-weight_exponent.
        let weights = rows.iter().flatten().map(|synapse| {
            numeric::flush(libm::ldexp(f64::from(synapse.weight), -weight_exponent) as f32)
        });
        let weights: Vec<f32> = match &synapse.weights {
            None => weights.collect(),
            Some(given) => given.iter().map(|x| numeric::flush(*x)).collect(),
        };
        // 8.19
        let drawn = |number: u32, distribution: &Distribution| {
            let draw = RealDraw::new(distribution);
            let of_row = |(row, all): (u32, &Vec<_>)| {
                let word =
                    |j| philox([j, row, projection as u32, 11 + 256 * number], key(plan.seed));
                (0..all.len() as u32).map(word).collect::<Vec<_>>()
            };
            let words = (0..).zip(rows).flat_map(of_row);
            words.map(|words| numeric::flush(numeric::round_host(draw.get(words)))).collect()
        };
        let initial = |(number, initial): (u32, &Initial)| -> Vec<f32> {
            let values: Vec<f32> = match initial {
                Initial::Weight => weights.clone(),
                Initial::Value(x) => vec![numeric::flush(numeric::round_host(*x)); synapses],
                Initial::Drawn(distribution) => drawn(number, distribution),
                Initial::Given(floats) => floats.iter().map(|x| numeric::flush(*x)).collect(),
            };
            values.repeat(batch)
        };
        let never = |count: usize| Traces { values: vec![0.0; count], last: None };
        let model = Model::new(plan, projection, synapse);
        let [pre, post] = [&model.decay[0], &model.decay[1]].map(|decay| never(decay.len()));
        let state: Vec<Vec<f32>> = (0..).zip(&model.synapse.initial).map(initial).collect();
        let mut learning = Self {
            projection,
            begins: state.clone(),
            state,
            last: vec![0; synapses * batch],
            arrived: vec![Vec::new(); sources * batch],
            sources: vec![pre; sources * batch],
            targets: vec![post; targets * batch],
            on_the_way: Vec::new(),
            model,
            first,
            synapses,
            incoming: vec![Vec::new(); targets],
        };
        learning.connect(rows);
        learning.arrive(0, &[]);
        Some(learning)
    }

    /// Notes which synapses end at each target, and the delays of each source.
    pub(super) fn connect(&mut self, rows: &Rows) {
        self.incoming.iter_mut().for_each(Vec::clear);
        for (row, drawn) in (0..).zip(rows) {
            for (place, synapse) in (0..).zip(drawn) {
                self.incoming[synapse.target as usize].push((row, place));
            }
        }
        for (at, arrived) in self.arrived.iter_mut().enumerate() {
            let row = rows[at % rows.len()].iter();
            let delays: BTreeSet<u32> = row.map(|synapse| self.model.before(synapse)).collect();
            *arrived = delays.into_iter().map(|delay| (delay, self.sources[at].clone())).collect();
        }
    }

    /// 8.2, 8.3: the pre events of step t, and what each synapse sends to its target.
    fn pre_events(&mut self, t: u32, arrivals: &[Arrival], rows: &Rows, around: &Around<'_>) {
        for &(delay, copy, source) in arrivals {
            for (place, synapse) in (0..).zip(&rows[source as usize]) {
                if self.model.before(synapse) == delay {
                    let (copy, target) = (copy, synapse.target);
                    let traces = self.traces(t, copy, source, delay, target);
                    let variables = self.variables(around, copy, target);
                    let reads = around.reads(copy, traces, variables);
                    let on_pre = &self.model.synapse.model.on_pre;
                    let state = self.synapse(copy, source, place, t);
                    let (state, sent) = self.model.event_that_sends(on_pre, state, &reads);
                    let step = t + self.model.synapse.dendritic_steps;
                    for (number, integer) in sent.into_iter().enumerate() {
                        self.on_the_way.push(Delivery { step, number, copy, target, integer });
                    }
                    self.store(self.place(copy, source, place), &state, t);
                }
            }
        }
    }

    /// 8.21: takes out what arrives in step t.
    fn arriving(&mut self, t: u32) -> Vec<Delivery> {
        let (now, later) = self.on_the_way.drain(..).partition(|sent| sent.step == t);
        self.on_the_way = later;
        now
    }

    /// The receptor of the target with this number among those that the model sends to.
    fn receptor(&self, number: usize) -> u32 {
        self.model.synapse.sent[number].receptor
    }

    fn back_steps(&self) -> usize {
        self.model.synapse.back_steps as usize
    }

    /// 8.2, 8.3: the post events of step t, in which these (copy, target) spiked.
    fn post_events(&mut self, t: u32, spikes: &[(u32, u32)], rows: &Rows, around: &Around<'_>) {
        // 8.17: without statements there is no event.
        if self.model.synapse.model.on_post.statements.is_empty() {
            return;
        }
        for &(copy, target) in spikes {
            for (row, place) in self.incoming[target as usize].clone() {
                let delay = self.model.before(&rows[row as usize][place as usize]);
                let traces = self.traces(t, copy, row, delay, target);
                let before = self.variables_before_reset(around, copy, target);
                let reads = around.reads(copy, traces, before);
                let on_post = &self.model.synapse.model.on_post;
                let state = self.synapse(copy, row, place, t);
                let state = self.model.event(on_post, &state, &reads);
                self.store(self.place(copy, row, place), &state, t);
            }
        }
    }

    /// 8.12: the clocked blocks of step t, in order of the text; gives how many events there were.
    fn clocked_events(&mut self, t: u32, rows: &Rows, around: &Around<'_>) -> u64 {
        let Synapse { model, period_steps, .. } = self.model.synapse.clone();
        let mut events = 0;
        for (block, period_steps) in model.every.iter().zip(period_steps) {
            if (u64::from(t) + 1) % u64::from(period_steps) != 0 {
                continue;
            }
            let copies = (self.targets.len() / self.incoming.len().max(1)) as u32;
            for copy in 0..copies {
                for (row, drawn) in (0..).zip(rows) {
                    for (place, synapse) in (0..).zip(drawn) {
                        let (delay, target) = (self.model.before(synapse), synapse.target);
                        let traces = self.traces(t, copy, row, delay, target);
                        let state = self.synapse(copy, row, place, t);
                        let variables = self.variables(around, copy, target);
                        let source = self.variables_of_source(around, copy, row);
                        let reads = Reads { source, ..around.reads(copy, traces, variables) };
                        let (state, sent) =
                            self.model.event_that_sends(&block.program, state, &reads);
                        // 8.25: the step has been, so nothing arrives in it.
                        let step = t + self.model.synapse.dendritic_steps.max(1);
                        for (number, integer) in sent.into_iter().enumerate() {
                            self.on_the_way.push(Delivery { step, number, copy, target, integer });
                        }
                        self.store(self.place(copy, row, place), &state, t);
                        events += 1;
                    }
                }
            }
        }
        events
    }

    /// 8.5: when all events of step t have read the traces, the traces have their events.
    fn trace_events(&mut self, t: u32, arrivals: &[Arrival], spikes: &[(u32, u32)]) {
        for &(delay, copy, source) in arrivals {
            let at = self.source(copy, source);
            let mut arrived = self.arrived[at].iter_mut();
            if let Some((_, traces)) = arrived.find(|(own, _)| *own == delay) {
                self.model.spike(Side::Pre, traces, t);
            }
        }
        for &(copy, target) in spikes {
            let at = self.target(copy, target);
            self.model.spike(Side::Post, &mut self.targets[at], t);
        }
    }

    /// 8.10: the spike of a source in step s has arrived everywhere.
    fn leave(&mut self, s: u32, copy: u32, source: u32) {
        let at = self.source(copy, source);
        self.model.spike(Side::Pre, &mut self.sources[at], s);
    }

    /// 8.9: the post events of a spike of a target, or of a step in which the condition holds.
    pub(super) fn post_event_count(&self, target: u32) -> u64 {
        match self.model.synapse.model.on_post.statements.is_empty() {
            true => 0,
            false => self.incoming[target as usize].len() as u64,
        }
    }

    /// The traces that an event of step t of a synapse reads: of its source, of its target.
    fn traces(&self, t: u32, copy: u32, source: u32, delay: u32, target: u32) -> [Vec<f32>; 2] {
        let mut arrived = self.arrived[self.source(copy, source)].iter();
        let (_, pre) = arrived.find(|(own, _)| *own == delay).expect("a delay of the row");
        let post = &self.targets[self.target(copy, target)];
        [pre.at(t, &self.model.decay[0]), post.at(t, &self.model.decay[1])]
    }

    /// 8.14: the variables of a target that the model names, as they are now.
    fn variables(&self, around: &Around<'_>, copy: u32, target: u32) -> Vec<f32> {
        let at = self.target(copy, target);
        let numbers = &self.model.synapse.target;
        numbers.iter().map(|number| around.neurons.state[*number as usize][at]).collect()
    }

    /// 8.24: the variables of a source that the model names, as they are now.
    fn variables_of_source(&self, around: &Around<'_>, copy: u32, source: u32) -> Vec<f32> {
        let at = self.source(copy, source);
        let numbers = &self.model.synapse.source;
        numbers.iter().map(|number| around.sources.state[*number as usize][at]).collect()
    }

    /// 8.14: the same as they were in this step before the reset, where a post event reads them.
    fn variables_before_reset(&self, around: &Around<'_>, copy: u32, target: u32) -> Vec<f32> {
        let at = self.target(copy, target);
        let before = |number: &u32| {
            let mut copies = around.neurons.before_reset.iter();
            copies.find(|(of, _)| of == number).map_or(0.0, |(_, words)| words[at])
        };
        self.model.synapse.target.iter().map(before).collect()
    }

    /// The state of a synapse in an event of step t.
    fn synapse(&self, copy: u32, row: u32, place: u32, t: u32) -> Vec<f32> {
        let at = self.place(copy, row, place);
        (0..self.state.len()).map(|variable| self.found(variable, at, t)).collect()
    }

    pub(super) fn place(&self, copy: u32, row: u32, place: u32) -> usize {
        copy as usize * self.synapses + self.first[row as usize] + place as usize
    }

    fn source(&self, copy: u32, source: u32) -> usize {
        copy as usize * self.first.len() + source as usize
    }

    fn target(&self, copy: u32, target: u32) -> usize {
        copy as usize * self.incoming.len() + target as usize
    }
}
