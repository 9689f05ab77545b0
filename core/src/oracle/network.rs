//! Oracle 1: simulates a checked network as naively as possible, sentence by sentence of
//! `docs/semantics.md`. It reads neither programs nor kernels, so a mistake in lowering cannot be
//! repeated here. The scale of the weights is the one thing it takes from the plan (section 4 is
//! decided once).

mod probe;
mod rewire;
mod run;
mod signal;
mod synapse;

use super::connectivity::{self, Rows};
use super::function;
use super::value::{Scope, Value};
use crate::base::id::PopulationId;
use crate::base::memory;
use crate::base::numeric;
use crate::base::random::{self, PoissonTable};
use crate::describe::checked::{
    Checked, PerNeuron, Population, PopulationKind, Stimulus, StimulusKind,
};
use crate::describe::model::{Expr, SpikeRule};
use crate::plan::Plan;
use crate::run::backend::{Backend, BackendError, BackendInfo, Simulation, not_finite};
use crate::run::counters::Counters;
use crate::run::input::Accepted;
use crate::run::parameters::Parameters;
use crate::run::record::{Recording, Spike};
use signal::Signals;
use std::sync::Arc;
use synapse::Learning;

/// The naive oracle as a backend: `--backend reference`.
pub struct ModelBackend {
    info: BackendInfo,
}

impl Default for ModelBackend {
    fn default() -> Self {
        let info = BackendInfo {
            backend: "reference".into(),
            device: "naive oracle of the network".into(),
            software: true,
            ..BackendInfo::default()
        };
        Self { info }
    }
}

impl Backend for ModelBackend {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        if plan.populations.len() != plan.network.populations.len() {
            return Err(BackendError::Unsupported(
                "the naive oracle simulates networks; no network stands behind this plan".into(),
            ));
        }
        plan.verify()?;
        // Every synapse is kept as it is drawn.
        let synapses = plan.projections.iter().map(|p| p.rows.expected_synapses());
        let needed_bytes = synapses
            .fold(0, u64::saturating_add)
            .saturating_mul(size_of::<crate::connect::Synapse>() as u64);
        if let Some(available_bytes) = memory::available_bytes().filter(|have| *have < needed_bytes)
        {
            let what = "synapses of the naive oracle".into();
            return Err(BackendError::OutOfMemory { what, needed_bytes, available_bytes });
        }
        Ok(Box::new(ModelSimulation::new(plan)))
    }
}

/// The state of one population: words of every variable of every copy of every neuron.
struct PopulationState {
    /// `[variable][copy * size + neuron]`
    state: Vec<Vec<f32>>,
    /// Whether the condition of the threshold holds, `[copy * size + neuron]`: 1 or 0. `None` where
    /// a spike is no crossing.
    held: Option<Vec<f32>>,
    /// 8.14: the number of a variable, and its values before the reset, `[copy * size + neuron]`.
    before_reset: Vec<(u32, Vec<f32>)>,
    /// Steps left, `[copy * size + neuron]`; `None` where the model has no refractory period.
    refractory: Option<Vec<u32>>,
}

struct ModelSimulation {
    network: Arc<Checked>,
    plan: Plan,
    rows: Vec<Rows>,
    /// The projections whose synapses learn.
    learning: Vec<Learning>,
    signals: Signals,
    populations: Vec<PopulationState>,
    poisson: Vec<Vec<PoissonTable>>,
    first_stream: Vec<u32>,
    counters: Counters,
    /// Spikes of every step so far: (copy, population, neuron).
    history: Vec<Vec<(u32, PopulationId, u32)>>,
    /// The input from outside of this call.
    given: Accepted,
    parameters: Parameters,
}

impl ModelSimulation {
    fn new(plan: &Plan) -> Self {
        let network = Arc::clone(&plan.network);
        let rows: Vec<Rows> =
            (0..network.projections.len()).map(|p| connectivity::draw(plan, p)).collect();
        let learning = rows.iter().enumerate().filter_map(|(p, rows)| Learning::new(plan, p, rows));
        let learning = learning.collect();
        let populations =
            (0..).zip(&network.populations).map(|(id, p)| initial_state(&network, id, p)).collect();
        // 2.2: populations first, then stimuli; noise takes one stream, Poisson one per table.
        let mut poisson = Vec::new();
        let mut first_stream = Vec::new();
        let mut next = network.populations.len() as u32;
        for stimulus in &network.stimuli {
            let tables = match &stimulus.kind {
                StimulusKind::Poisson { events_per_step, .. } => {
                    random::poisson_tables(*events_per_step)
                }
                _ => Vec::new(),
            };
            first_stream.push(next);
            next += match stimulus.kind {
                StimulusKind::Noise { .. } => 1,
                _ => tables.len() as u32,
            };
            poisson.push(tables);
        }
        let (plan, counters) = (plan.clone(), Counters::new(plan));
        let (history, given) = (Vec::new(), Accepted::default());
        let parameters = Parameters::new(&plan);
        let signals = vec![vec![0.0; network.batch as usize]; network.signals.len()];
        Self {
            network,
            plan,
            rows,
            learning,
            signals,
            populations,
            poisson,
            first_stream,
            counters,
            history,
            given,
            parameters,
        }
    }

    /// 5.1: what every accumulator holds after delivery at step t, `[receptor][copy][neuron]`.
    fn deliver(&mut self, t: usize) -> Vec<Vec<i32>> {
        let batch = self.network.batch;
        let mut sums: Vec<Vec<i32>> = self
            .plan
            .receptors
            .iter()
            .map(|r| vec![0; (self.network.population(r.population).size * batch) as usize])
            .collect();
        for d in 1..=t.min(self.plan.max_delay_steps as usize) {
            for &(copy, pre, neuron) in &self.history[t - d] {
                for (p, projection) in self.plan.projections.iter().enumerate() {
                    if projection.pre != pre || projection.synapse.is_some() {
                        continue;
                    }
                    let size = self.network.population(projection.post).size;
                    let sums = &mut sums[projection.receptor as usize];
                    for synapse in &self.rows[p][neuron as usize] {
                        if synapse.delay_steps as usize == d {
                            sums[(copy * size + synapse.target) as usize] += synapse.weight;
                        }
                    }
                }
            }
        }
        self.pre_events(t, &mut sums);
        sums
    }

    /// 5.2: Poisson events of this neuron.
    fn poisson(&self, s: usize, t: u32, copy: u32, neuron: u32) -> u32 {
        if !is_on(&self.network.stimuli[s], t) {
            return 0;
        }
        let keep = match &self.network.stimuli[s].kind {
            StimulusKind::Poisson { events_per_step, rates: Some(rates), .. } => {
                Some(random::keep_word(rates.value(t, neuron), *events_per_step))
            }
            _ => None,
        };
        let mut events = 0;
        for (i, table) in self.poisson[s].iter().enumerate() {
            let (seed, stream) = (self.network.seed, self.first_stream[s] + i as u32);
            let drawn = random::poisson(table, seed, neuron, t, stream, copy);
            // 2.9
            events += match keep {
                None => drawn,
                Some(keep) => random::kept(drawn, keep, seed, neuron, t, stream, copy),
            };
        }
        events
    }

    /// 5.2: the sum of the current stimuli, in order of the file.
    fn current(&self, population: PopulationId, t: u32, copy: u32, neuron: u32) -> Value {
        let mut sum = None;
        for (s, stimulus) in self.network.stimuli.iter().enumerate() {
            if stimulus.population != population {
                continue;
            }
            let Some(term) = self.current_of(s, stimulus, t, copy, neuron) else { continue };
            sum = Some(match (sum, term) {
                (None, term) => term,
                (
                    Some(Value::Host { value: a, uniform: u }),
                    Value::Host { value: b, uniform: v },
                ) => Value::Host { value: a + b, uniform: u && v },
                (Some(a), b) => Value::Device(a.device() + b.device()),
            });
        }
        sum.unwrap_or(Value::Host { value: 0.0, uniform: true })
    }

    fn current_of(&self, s: usize, x: &Stimulus, t: u32, copy: u32, n: u32) -> Option<Value> {
        let always = x.start_step == 0 && x.stop_step == u32::MAX;
        let value = match &x.kind {
            StimulusKind::Poisson { .. } => return None,
            StimulusKind::Direct(amplitude) if always => return Some(host(amplitude, n)),
            StimulusKind::Direct(amplitude) => numeric::round_host(amplitude.get(n)),
            StimulusKind::Noise { mean, sd } => {
                let draw = |d| random::word(self.network.seed, n, t, self.first_stream[s], d, copy);
                numeric::round_host(*mean)
                    + numeric::round_host(*sd) * function::normal(draw(0), draw(1))
            }
            StimulusKind::Steps(series) => numeric::round_host(series.value(t, n)),
            StimulusKind::External => self.external(s, t, copy, n),
        };
        Some(Value::Device(if is_on(x, t) { value } else { 0.0 }))
    }

    /// 5.12: the current from outside.
    fn external(&self, s: usize, t: u32, copy: u32, n: u32) -> f32 {
        let stimulus = &self.network.stimuli[s];
        let place = self.plan.currents.iter().position(|current| current.name == stimulus.name);
        let current = &self.given.currents[place.expect("the plan has each current")];
        let size = self.network.population(stimulus.population).size;
        f32::from_bits(current.word(t, copy * size + n))
    }

    /// 5.3 to 5.6 for one neuron; says whether it spiked.
    fn update(&mut self, population: PopulationId, t: u32, copy: u32, n: u32, acc: &[i32]) -> bool {
        let network = Arc::clone(&self.network);
        let p = network.population(population);
        let PopulationKind::Neurons { model, parameters, refractory_steps, .. } = &p.kind else {
            unreachable!("spike lists have no neurons to update")
        };
        let at = (copy * p.size + n) as usize;
        let inputs = self.inputs(population, t, copy, n, acc);
        self.counters.neuron_updates[population.index()] += 1;
        let parameters: Vec<Value> = parameters.iter().map(|x| host(x, n)).collect();
        let mine = &mut self.populations[population.index()];
        let counter = mine.refractory.as_ref().map_or(0, |r| r[at]);
        let held = mine.held.as_ref().is_some_and(|held| held[at] == 1.0);
        let state = mine.state.iter().map(|x| Value::Device(x[at])).collect();
        let current = self.current(population, t, copy, n);
        let draw = |d| random::word(network.seed, n, t, population.0, d, copy);
        let mut scope = Scope {
            parameters: &parameters,
            dt_ms: network.dt_ms,
            inputs: &inputs,
            traces: [&[]; 2],
            target: &[],
            source: &[],
            signals: &[],
            current,
            refractory: counter > 0,
            draw: &draw,
            state,
            locals: vec![None; model.locals as usize],
            assigned: vec![false; model.locals as usize],
        };
        scope.run(&model.update);
        for (variable, words) in &mut self.populations[population.index()].before_reset {
            words[at] = numeric::flush(scope.state[*variable as usize].device());
        }
        let over = |scope: &Scope| model.threshold.as_ref().is_some_and(|x| scope.eval(x).holds());
        let spiked = over(&scope) && !held && counter == 0;
        scope.branch(Value::DeviceBool(spiked), &model.reset, &[]);
        let mine = &mut self.populations[population.index()];
        for (words, value) in mine.state.iter_mut().zip(&scope.state) {
            words[at] = numeric::flush(value.device());
        }
        if let Some(held) = &mut mine.held {
            held[at] = f32::from(u8::from(over(&scope)));
        }
        if let Some(refractory) = &mut mine.refractory {
            refractory[at] = if spiked { *refractory_steps } else { counter.saturating_sub(1) };
        }
        spiked
    }

    /// 4.4: the input of each receptor. Counts the events (6.4).
    fn inputs(&mut self, id: PopulationId, t: u32, copy: u32, n: u32, acc: &[i32]) -> Vec<f32> {
        let network = Arc::clone(&self.network);
        let receptors = self.plan.receptors.iter().filter(|r| r.population == id);
        let exponents: Vec<i32> = receptors.map(|r| r.scale_exponent).collect();
        let mut inputs = Vec::with_capacity(exponents.len());
        for (i, exponent) in exponents.into_iter().enumerate() {
            let mut sum = acc[i];
            let mut number = 0;
            for (s, stimulus) in network.stimuli.iter().enumerate() {
                let StimulusKind::Poisson { receptor, weight, .. } = stimulus.kind else {
                    continue;
                };
                if stimulus.population == id && receptor as usize == i {
                    let events = self.poisson(s, t, copy, n);
                    sum += events as i32 * connectivity::quantised(weight, exponent);
                    self.counters.stimulus_events[number] += u64::from(events);
                }
                number += 1;
            }
            let unit = libm::exp2(f64::from(-exponent)) as f32;
            inputs.push(sum as f32 * unit);
        }
        inputs
    }

    /// One step.
    fn step(&mut self, record: &mut Recording) {
        let t = self.history.len();
        if t == 0 {
            self.probe(None, record);
        }
        let sums = self.deliver(t);
        let mut spikes = Vec::new();
        for copy in 0..self.network.batch {
            for (i, p) in Arc::clone(&self.network).populations.iter().enumerate() {
                let id = PopulationId(i as u32);
                for n in 0..p.size {
                    let spiked = match &p.kind {
                        PopulationKind::SpikeList(list) => {
                            let spike = self.spike(t as u32, copy, id, n);
                            list.contains(&(t as u32, n)) || self.given.spikes.contains(&spike)
                        }
                        PopulationKind::Neurons { .. } => {
                            let of_neuron = self.accumulators(id, copy, n, &sums);
                            self.update(id, t as u32, copy, n, &of_neuron)
                        }
                    };
                    if spiked {
                        spikes.push((copy, id, n));
                    }
                }
            }
        }
        for &(copy, population, n) in &spikes {
            record.spikes.push(self.spike(t as u32, copy, population, n));
            self.count_spike(population, n);
        }
        self.learn(t, &spikes);
        self.change_signals(t);
        self.counters.steps += 1;
        self.history.push(spikes);
        self.probe(Some(t as u32), record);
    }

    fn spike(&self, step: u32, copy: u32, population: PopulationId, n: u32) -> Spike {
        let first = self.plan.populations[population.index()].first_neuron;
        Spike { step, neuron: copy * self.plan.neurons() + first + n }
    }

    /// 6.1: one event for each synapse of the spike, now. 8.9: so are post events counted.
    fn count_spike(&mut self, population: PopulationId, neuron: u32) {
        self.counters.spikes[population.index()] += 1;
        for (p, projection) in self.network.projections.iter().enumerate() {
            if projection.pre == population {
                for _ in &self.rows[p][neuron as usize] {
                    self.counters.synaptic_events[p] += 1;
                }
            }
        }
        for learning in self.learning.iter().filter(|learning| !learning.has_condition()) {
            if self.plan.projections[learning.projection].post == population {
                self.counters.post_events[learning.projection] += learning.post_event_count(neuron);
            }
        }
    }

    /// 1.8: whether the last step left all state finite.
    fn finite(&mut self) -> Result<(), BackendError> {
        let Some(last) = (self.history.len() as u32).checked_sub(1) else { return Ok(()) };
        let mut state = self.populations.iter().flat_map(PopulationState::floats).flatten();
        let is_finite = state.all(|word| word.is_finite());
        drop(state);
        if is_finite {
            return Ok(());
        }
        let state = self.state()?;
        not_finite(&self.plan, &state, last).map_or(Ok(()), Err)
    }

    fn accumulators(&self, id: PopulationId, copy: u32, n: u32, sums: &[Vec<i32>]) -> Vec<i32> {
        let size = self.network.population(id).size;
        let of_population = |(r, _): &(usize, &Vec<i32>)| self.plan.receptors[*r].population == id;
        let all = sums.iter().enumerate().filter(of_population);
        all.map(|(_, sums)| sums[(copy * size + n) as usize]).collect()
    }
}

fn is_on(stimulus: &Stimulus, t: u32) -> bool {
    stimulus.start_step <= t && t < stimulus.stop_step
}

fn host(x: &PerNeuron, neuron: u32) -> Value {
    Value::Host { value: x.get(neuron), uniform: matches!(x, PerNeuron::All(_)) }
}

fn initial_state(network: &Checked, id: u32, population: &Population) -> PopulationState {
    let size = population.size;
    let PopulationKind::Neurons { model, parameters, initial, .. } = &population.kind else {
        return PopulationState {
            state: Vec::new(),
            held: None,
            before_reset: Vec::new(),
            refractory: None,
        };
    };
    let (batch, read) = (network.batch, network.read_before_reset(PopulationId(id)));
    let all = || (0..batch).flat_map(|_| 0..size);
    let state: Vec<Vec<f32>> = initial
        .iter()
        .map(|x| all().map(|n| numeric::flush(numeric::round_host(x.get(n)))).collect())
        .collect();
    // 5.11: the condition of the initial state.
    let holds = |condition: &Expr, n: u32| {
        let parameters: Vec<Value> = parameters.iter().map(|x| host(x, n)).collect();
        let scope = Scope {
            parameters: &parameters,
            dt_ms: network.dt_ms,
            inputs: &[],
            traces: [&[]; 2],
            target: &[],
            source: &[],
            signals: &[],
            current: Value::Host { value: 0.0, uniform: true },
            refractory: false,
            draw: &|_| unreachable!("the condition of a crossing draws nothing"),
            state: state.iter().map(|x| Value::Device(x[n as usize])).collect(),
            locals: Vec::new(),
            assigned: Vec::new(),
        };
        f32::from(u8::from(scope.eval(condition).holds()))
    };
    let held = match (&model.threshold, model.spike) {
        (Some(condition), SpikeRule::Crossing) => {
            Some(all().map(|n| holds(condition, n)).collect())
        }
        _ => None,
    };
    let refractory = model.refractory.is_some().then(|| vec![0; (size * batch) as usize]);
    let before_reset = read.into_iter().map(|n| (n, state[n as usize].clone())).collect();
    PopulationState { state, held, before_reset, refractory }
}
