//! The oracle: a plan run neuron by neuron, operation by operation.

#![deny(clippy::wildcard_enum_match_arm)]

use isospike_core::base::numeric;
use isospike_core::base::random;
use isospike_core::ir::{Input, Op, eval};
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlanKind, ProbePlan};
use isospike_core::run::record::{Recording, Spike};

/// The place in which a program runs.
pub struct Site<'a> {
    /// The population.
    pub neurons: &'a NeuronPlan,
    /// The seed of the plan.
    pub seed: u64,
    /// The step.
    pub step: u32,
    /// The copy of the batch.
    pub copy: u32,
    /// The neuron in the population.
    pub neuron: u32,
    /// Its state before the step, a word for each variable.
    pub state: &'a [u32],
    /// Its input, by receptor.
    pub accumulators: &'a [u32],
}

/// The value of every op.
pub fn evaluate(site: &Site<'_>) -> Vec<u32> {
    let mut values: Vec<u32> = Vec::new();
    for op in &site.neurons.program.ops {
        values.push(one(op, site, &values));
    }
    values
}

fn one(op: &Op, site: &Site<'_>, values: &[u32]) -> u32 {
    if let Some(word) = eval::word(*op, |v| values[v.0 as usize]) {
        return word;
    }
    let Op::Input(input) = *op else { panic!("{op:?} is not an operation of a program") };
    match input {
        Input::State(n) | Input::Integer(n) => site.state[n as usize],
        Input::Parameter(n) => site.neurons.constants[n as usize].get(site.neuron),
        Input::Receptor(n) => site.accumulators[n as usize],
        Input::Random { stream, draw } => {
            random::word(site.seed, site.neuron, site.step, stream, draw, site.copy)
        }
        Input::Poisson { table, stream, keep } => {
            let Site { seed, neuron, step, copy, .. } = *site;
            let table = &site.neurons.poisson[table as usize];
            let events = random::poisson(table, seed, neuron, step, stream, copy);
            let keep = keep.map(|n| site.neurons.series[n as usize].word(step, neuron));
            keep.map_or(events, |keep| random::kept(events, keep, seed, neuron, step, stream, copy))
        }
        Input::Series(n) => site.neurons.series[n as usize].word(site.step, site.neuron),
        // A run by hand has no input from outside.
        Input::External(_) => 0,
        Input::Trace(..)
        | Input::Target(_)
        | Input::Source(_)
        | Input::Signal(_)
        | Input::Decay(_) => {
            panic!("{input:?} is not an input of a neuron")
        }
        Input::Step => site.step,
    }
}

/// The results of a run: the recording and the state words.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// Spikes and traces.
    pub recording: Recording,
    /// Final state words.
    pub state: Vec<u32>,
}

/// Runs a plan from its start.
pub fn run(plan: &Plan, steps: u32) -> Outcome {
    let (copies, neurons) = (plan.batch as usize, plan.neurons() as usize);
    // [copy][neuron]: state words.
    let mut state = vec![vec![Vec::new(); neurons]; copies];
    // [delay ahead][copy][accumulator]
    let none = vec![vec![0_u32; plan.accumulators() as usize]; copies];
    let mut ahead = std::collections::VecDeque::from(vec![none.clone(); 1]);
    ahead.resize(plan.max_delay_steps as usize + 1, none.clone());
    let mut recording = Recording::new(plan);
    for copy in &mut state {
        for (p, words) in copy.iter_mut().enumerate() {
            let (population, i) = plan.locate(p as u32);
            if let PopulationPlanKind::Neurons(n) = &plan.populations[population.index()].kind {
                *words = n.state.iter().map(|variable| variable.initial.get(i)).collect();
            }
        }
    }
    let initial = plan.probes.iter().zip(&mut recording.traces).filter(|(p, _)| p.initial);
    if steps > 0 {
        initial.for_each(|(probe, trace)| sample(plan, probe, &state, trace));
    }
    for step in 0..steps {
        let now = ahead.pop_front().expect("there is always a present");
        ahead.push_back(none.clone());
        for (copy, all) in state.iter_mut().enumerate() {
            for (neuron, words) in all.iter_mut().enumerate() {
                if step_neuron(plan, step, copy as u32, neuron as u32, &now[copy], words) {
                    let id = (copy * neurons + neuron) as u32;
                    recording.spikes.push(Spike { step, neuron: id });
                    deliver(plan, neuron as u32, |d, a, w| {
                        let sum = &mut ahead[d as usize - 1][copy][a as usize];
                        *sum = sum.wrapping_add(w as u32);
                    });
                }
            }
        }
        for (probe, trace) in plan.probes.iter().zip(&mut recording.traces) {
            if step % probe.every_steps == 0 {
                sample(plan, probe, &state, trace);
            }
        }
        recording.steps += 1;
    }
    Outcome { recording, state: state_words(plan, &state) }
}

fn sample(plan: &Plan, probe: &ProbePlan, state: &[Vec<Vec<u32>>], trace: &mut Vec<u32>) {
    let first = plan.populations[probe.population.index()].first_neuron;
    for copy in state {
        let word = |i: &u32| copy[(first + i) as usize][probe.variable as usize];
        trace.extend(probe.neurons.iter().map(word));
    }
}

fn step_neuron(
    plan: &Plan,
    step: u32,
    copy: u32,
    neuron: u32,
    accumulators: &[u32],
    words: &mut [u32],
) -> bool {
    let (population, i) = plan.locate(neuron);
    let neurons = match &plan.populations[population.index()].kind {
        PopulationPlanKind::SpikeList(list) => return list.contains(&(step, i)),
        PopulationPlanKind::Neurons(neurons) => neurons,
    };
    let own = |r: u32| {
        let receptor = &plan.receptors[(neurons.first_receptor + r) as usize];
        accumulators[(receptor.first_accumulator + i) as usize]
    };
    let sums: Vec<u32> = (0..neurons.receptors).map(own).collect();
    let values = evaluate(&Site {
        neurons,
        seed: plan.seed,
        step,
        copy,
        neuron: i,
        state: words,
        accumulators: &sums,
    });
    for (variable, counts, v) in neurons.program.next_state() {
        let value = values[v.0 as usize];
        words[variable as usize] = if counts { value } else { numeric::flush_bits(value) };
    }
    neurons.program.spike().is_some_and(|v| values[v.0 as usize] != 0)
}

fn deliver(plan: &Plan, neuron: u32, mut add: impl FnMut(u32, u32, i32)) {
    let (population, i) = plan.locate(neuron);
    for projection in plan.projections.iter().filter(|p| p.pre == population) {
        let first = plan.receptors[projection.receptor as usize].first_accumulator;
        projection.rows.for_each(i, |s| add(s.delay_steps, first + s.target, s.weight));
    }
}

fn state_words(plan: &Plan, state: &[Vec<Vec<u32>>]) -> Vec<u32> {
    let mut all = Vec::new();
    for population in &plan.populations {
        let PopulationPlanKind::Neurons(neurons) = &population.kind else { continue };
        let first = population.first_neuron as usize;
        for array in 0..neurons.state.len() {
            for copy in state {
                all.extend(copy[first..first + population.size as usize].iter().map(|w| w[array]));
            }
        }
    }
    all
}
