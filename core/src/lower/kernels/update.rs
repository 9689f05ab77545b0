//! A neuron program as a kernel: one thread for a neuron of a copy.

use super::body::{Body, build};
use super::deliver::ring_base;
use super::layout::{Layout, control};
use super::random::{draw, kept, poisson};
use super::small::{spike, while_running};
use super::{Buffer, Stage};
use crate::ir::{Access, Atomic, Op, Promises, Val, math};
use crate::numeric::{INFINITY_BITS, MAGNITUDE_BITS};
use crate::plan::{NeuronPlan, Plan, PopulationPlanKind, StimulusPlan, Words};

/// Threads of a group.
const GROUP: u32 = 64;

/// The update of a neuron population: takes and clears the accumulators of the step, evaluates the
/// program, stores the flushed state, and emits.
pub fn update(layout: &Layout, plan: &Plan, index: usize, promises: Promises) -> Option<Stage> {
    let population = &plan.populations[index];
    let PopulationPlanKind::Neurons(neuron) = &population.kind else { return None };
    let mut buffers = vec![
        (Buffer::Control, Access::Atomic),
        (Buffer::State, Access::ReadWrite),
        (Buffer::Constants, Access::Read),
        (Buffer::Accumulators, Access::ReadWrite),
        (Buffer::Spikes, Access::ReadWrite),
        (Buffer::Raster, Access::Atomic),
    ];
    if plan.stimuli.iter().any(|stimulus| stimulus.population.index() == index) {
        buffers.push((Buffer::Events, Access::ReadWrite));
    }
    let threads = layout.batch * population.size;
    Some(build(
        &format!("update_{index}"),
        &buffers,
        GROUP,
        promises,
        threads.div_ceil(GROUP),
        |body| {
            while_running(body, threads, |body, thread| {
                let (copy, number) = body.split(thread, population.size, layout.batch);
                let step = body.load_at(Buffer::Control, control::STEP);
                let mut update =
                    Update { body, layout, plan, neuron, index, thread, copy, number, step };
                let accumulators = update.take_accumulators();
                let values = update.evaluate(&accumulators);
                update.count(&values);
                update.store(&values);
            });
        },
    ))
}

/// What the parts of an update share.
struct Update<'a, 'b> {
    body: &'a mut Body<'b>,
    layout: &'a Layout,
    plan: &'a Plan,
    neuron: &'a NeuronPlan,
    /// Index of the population.
    index: usize,
    thread: Val,
    copy: Val,
    /// The neuron's number in its population.
    number: Val,
    step: Val,
}

impl Update<'_, '_> {
    /// The accumulator of each receptor, which is zero afterwards. I32.
    fn take_accumulators(&mut self) -> Vec<Val> {
        if self.neuron.receptors == 0 {
            return Vec::new();
        }
        let base = ring_base(self.body, self.layout, self.step, self.copy);
        let base = self.body.op(Op::UAdd(base, self.number));
        let zero = self.body.u32(0);
        let first = self.neuron.first_receptor as usize;
        let receptors = &self.plan.receptors[first..first + self.neuron.receptors as usize];
        let mut taken = Vec::new();
        for receptor in receptors {
            let at = self.body.add(base, receptor.first_accumulator);
            let word = self.body.load(Buffer::Accumulators, at);
            self.body.store(Buffer::Accumulators, at, zero);
            taken.push(self.body.op(Op::UToI(word)));
        }
        taken
    }

    /// The value of each operation of the program.
    fn evaluate(&mut self, accumulators: &[Val]) -> Vec<Val> {
        let mut values: Vec<Val> = Vec::with_capacity(self.neuron.program.ops.len());
        for op in &self.neuron.program.ops {
            let value = match *op {
                Op::State(variable) => {
                    let word = self.load_state(variable);
                    self.body.op(Op::BitsToF(word))
                }
                Op::RefractoryCounter => {
                    let word = self.load_state(self.neuron.initial.len() as u32);
                    self.body.op(Op::UToI(word))
                }
                Op::Constant(constant) => self.constant(constant as usize),
                Op::Accumulator(receptor) => accumulators[receptor as usize],
                Op::Random { stream, draw: d } => {
                    draw(self.body, self.plan.seed, [self.number, self.step, self.copy], stream, d)
                }
                Op::Poisson { table, stream, keep } => {
                    let base = self.layout.constants[self.index].poisson[table as usize] as u32;
                    let (seed, place) = (self.plan.seed, [self.number, self.step, self.copy]);
                    let events = poisson(self.body, seed, place, stream, base);
                    match keep {
                        None => events,
                        Some(series) => {
                            let keep = self.series(series as usize);
                            kept(self.body, seed, place, stream, events, keep)
                        }
                    }
                }
                Op::Series(series) => self.series(series as usize),
                Op::Step => self.step,
                other => self.body.op(other.map_operands(|val| values[val.0 as usize])),
            };
            values.push(value);
        }
        values
    }

    fn state_index(&mut self, variable: u32) -> Val {
        let words = self.layout.batch * self.plan.populations[self.index].size;
        let base = self.layout.state[self.index] as u32 + variable * words;
        self.body.add(self.thread, base)
    }

    fn load_state(&mut self, variable: u32) -> Val {
        let at = self.state_index(variable);
        self.body.load(Buffer::State, at)
    }

    fn constant(&mut self, constant: usize) -> Val {
        let word = match (&self.neuron.constants[constant], &self.layout.constants[self.index]) {
            (Words::All(bits), _) => return self.body.op(Op::F32(*bits)),
            (Words::Each(_), places) => places.values[constant].unwrap_or_default() as u32,
        };
        let at = self.body.add(self.number, word);
        let bits = self.body.load(Buffer::Constants, at);
        self.body.op(Op::BitsToF(bits))
    }

    /// The word of a series in its present row.
    fn series(&mut self, series: usize) -> Val {
        let place = self.layout.constants[self.index].series[series];
        let row = self.body.load_at(Buffer::Control, place.control + control::SERIES_ROW);
        let at = match self.neuron.series[series].is_uniform() {
            true => row,
            false => self.body.op(Op::UAdd(row, self.number)),
        };
        self.body.load(Buffer::Constants, at)
    }

    /// Adds the Poisson events of each stimulus to the neuron's own word.
    fn count(&mut self, values: &[Val]) {
        for (index, stimulus) in self.plan.stimuli.iter().enumerate() {
            if stimulus.population.index() != self.index {
                continue;
            }
            let mut events = None;
            for (op, value) in self.neuron.program.ops.iter().zip(values) {
                if let Op::Poisson { stream, .. } = op
                    && stimulus.streams.contains(stream)
                {
                    events = Some(match events {
                        None => *value,
                        Some(sum) => self.body.op(Op::UAdd(sum, *value)),
                    });
                }
            }
            let Some(events) = events else { continue };
            let events = self.while_on(stimulus, events);
            let at = self.body.add(self.thread, self.layout.events[index] as u32);
            let before = self.body.load(Buffer::Events, at);
            let sum = self.body.op(Op::UAdd(before, events));
            self.body.store(Buffer::Events, at, sum);
        }
    }

    /// The events where the stimulus is on, else 0.
    fn while_on(&mut self, stimulus: &StimulusPlan, events: Val) -> Val {
        let zero = self.body.u32(0);
        let mut counted = events;
        if stimulus.start_step > 0 {
            let start = self.body.u32(stimulus.start_step);
            let early = self.body.op(Op::ULt(self.step, start));
            counted = self.body.op(Op::Select(early, zero, counted));
        }
        if stimulus.stop_step < u32::MAX {
            let stop = self.body.u32(stimulus.stop_step);
            let on = self.body.op(Op::ULt(self.step, stop));
            counted = self.body.op(Op::Select(on, counted, zero));
        }
        counted
    }

    /// Whether a word of state is a finite number.
    fn is_finite(&mut self, word: Val) -> Val {
        let mask = self.body.u32(MAGNITUDE_BITS);
        let magnitude = self.body.op(Op::UAnd(word, mask));
        let infinity = self.body.u32(INFINITY_BITS);
        self.body.op(Op::ULt(magnitude, infinity))
    }

    /// Stores the results of the program and emits. What is stored and not finite ends the run with
    /// this step (1.8).
    fn store(&mut self, values: &[Val]) {
        let program = &self.neuron.program;
        let mut all_finite: Option<Val> = None;
        for (variable, next) in program.next_state.iter().enumerate() {
            let word = math::flush(self.body.builder(), values[next.0 as usize]);
            let finite = self.is_finite(word);
            all_finite = Some(match all_finite {
                None => finite,
                Some(all) => self.body.op(Op::And(all, finite)),
            });
            let at = self.state_index(variable as u32);
            self.body.store(Buffer::State, at, word);
        }
        if let Some(next) = program.next_refractory {
            let word = self.body.op(Op::IToU(values[next.0 as usize]));
            let at = self.state_index(self.neuron.initial.len() as u32);
            self.body.store(Buffer::State, at, word);
        }
        if let Some(finite) = all_finite {
            let failed = self.body.op(Op::Not(finite));
            self.body.when(failed, |body| {
                let (at, one) = (body.u32(control::FAILED), body.u32(1));
                body.atomic(Atomic::Or, Buffer::Control, at, one);
            });
        }
        if let Some(fires) = program.spike {
            let first = self.plan.populations[self.index].first_neuron;
            let (layout, step, copy, number) = (self.layout, self.step, self.copy, self.number);
            self.body.when(values[fires.0 as usize], |body| {
                spike(body, layout, step, copy, number, first);
            });
        }
    }
}
