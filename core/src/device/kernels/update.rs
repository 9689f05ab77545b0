//! Neuron programs as kernels, with a thread for each neuron and copy.

#![deny(clippy::wildcard_enum_match_arm)]

use super::body::{Body, build};
use super::deliver::ring_base;
use super::layout::{Layout, control};
use super::random::{draw, kept, poisson};
use super::shared::{GROUP, Number, Numbers, Shared, while_running};
use super::small::spike;
use super::{Buffer, Role, Stage};
use crate::base::numeric::{INFINITY_BITS, MAGNITUDE_BITS};
use crate::ir::{Access, Atomic, Guarantees, Input, Op, Program, Val, math};
use crate::ops;
use crate::plan::{NeuronPlan, Phase, Plan, PopulationPlanKind, SeriesPlan, StimulusPlan, Words};
use std::mem::{Discriminant, discriminant};

/// The numbers of a population, in order: threads, the global id of neuron 0, then those whose
/// places [`Places`] has.
const FIRST_NEURON: usize = 1;
const STATE: usize = 2;

/// The numbers of a stimulus whose events are counted.
const EVENTS: usize = 0;
const START: usize = 1;
const STOP: usize = 2;
const OF_STIMULUS: usize = 3;

/// The beginning of the numbers of each kind.
struct Places {
    receptors: usize,
    constants: usize,
    poisson: usize,
    series: usize,
    external: usize,
    ops: usize,
    stimuli: usize,
}

impl Places {
    fn new(neuron: &NeuronPlan) -> Self {
        let receptors = STATE + neuron.state.len();
        let constants = receptors + neuron.receptors as usize;
        let poisson = constants + neuron.constants.len();
        let series = poisson + neuron.poisson.len();
        let external = series + neuron.series.len();
        let ops = external + neuron.external.len();
        let stimuli = ops + neuron.program.ops.len();
        Self { receptors, constants, poisson, series, external, ops, stimuli }
    }
}

/// The properties that are the same in populations with one kernel.
#[derive(Debug, PartialEq)]
pub struct Shape {
    /// The program, without its numbers.
    program: Program,
    /// Whether each constant is a literal, of each neuron or in a slot.
    constants: Vec<Discriminant<Words>>,
    poisson: usize,
    /// Whether each series is the same for all neurons.
    uniform: Vec<bool>,
    receptors: u32,
    /// The neurons of a copy, if threads are divided into copies.
    size: Option<u32>,
    /// The operations that are the events of each stimulus, and whether it starts and stops.
    stimuli: Vec<(Vec<usize>, bool, bool)>,
}

/// Returns a population as a member of a launch.
pub fn item(layout: &Layout, plan: &Plan, index: usize) -> Option<(usize, Shape, Vec<u32>)> {
    let population = &plan.populations[index];
    let PopulationPlanKind::Neurons(neuron) = &population.kind else { return None };
    let mut program = neuron.program.clone();
    program.ops.iter_mut().for_each(|op| *op = without_number(*op));
    program.inputs.clear();
    let events = |stimulus: &StimulusPlan| -> Vec<usize> {
        let is_of = |op: &Op| {
            let Op::Input(Input::Poisson { stream, .. }) = op else { return false };
            stimulus.streams.contains(stream)
        };
        let ops = neuron.program.ops.iter().enumerate();
        ops.filter(|(_, op)| is_of(op)).map(|(at, _)| at).collect()
    };
    let stimuli = own_stimuli(plan, index).map(|(_, stimulus)| {
        (events(stimulus), stimulus.start_step > 0, stimulus.stop_step < u32::MAX)
    });
    let shape = Shape {
        program,
        constants: neuron.constants.iter().map(discriminant).collect(),
        poisson: neuron.poisson.len(),
        uniform: neuron.series.iter().map(SeriesPlan::is_uniform).collect(),
        receptors: neuron.receptors,
        size: (layout.batch > 1).then_some(population.size),
        stimuli: stimuli.collect(),
    };
    Some((index, shape, numbers(layout, plan, index, neuron)))
}

fn own_stimuli(plan: &Plan, index: usize) -> impl Iterator<Item = (usize, &StimulusPlan)> {
    let all = plan.stimuli.iter().enumerate();
    all.filter(move |(_, stimulus)| stimulus.population.index() == index)
}

fn without_number(op: Op) -> Op {
    match op {
        Op::F32(_) => Op::F32(0),
        Op::I32(_) => Op::I32(0),
        Op::U32(_) => Op::U32(0),
        Op::Input(Input::Random { draw, .. }) => Op::Input(Input::Random { stream: 0, draw }),
        Op::Input(Input::Poisson { table, keep, .. }) => {
            Op::Input(Input::Poisson { table, stream: 0, keep })
        }
        Op::Bool(_) | ops!(input) | ops!(pure) | ops!(memory) | ops!(thread) => op,
    }
}

fn numbers(layout: &Layout, plan: &Plan, index: usize, neuron: &NeuronPlan) -> Vec<u32> {
    let population = &plan.populations[index];
    let words = layout.batch.wrapping_mul(population.size);
    let places = &layout.constants[index];
    let state =
        |variable: u32| (layout.state[index] as u32).wrapping_add(variable.wrapping_mul(words));
    let mut numbers = vec![words, population.first_neuron];
    numbers.extend((0..neuron.state.len() as u32).map(state));
    let first = neuron.first_receptor as usize;
    let receptors = &plan.receptors[first..first + neuron.receptors as usize];
    numbers.extend(receptors.iter().map(|receptor| receptor.first_accumulator));
    let constants = neuron.constants.iter().zip(&places.values);
    numbers.extend(constants.map(|(words, place)| match words {
        Words::All(bits) => *bits,
        Words::Each(_) | Words::Slot(_) => place.unwrap_or_default() as u32,
    }));
    numbers.extend(places.poisson.iter().map(|place| *place as u32));
    numbers.extend(places.series.iter().map(|place| place.control + control::SERIES_ROW));
    numbers.extend(neuron.external.iter().map(|at| layout.currents[*at as usize] as u32));
    numbers.extend(neuron.program.ops.iter().map(|op| match *op {
        Op::F32(word) | Op::U32(word) => word,
        Op::I32(value) => value as u32,
        Op::Input(Input::Random { stream, .. } | Input::Poisson { stream, .. }) => stream,
        Op::Bool(_) | ops!(input) | ops!(pure) | ops!(memory) | ops!(thread) => 0,
    }));
    for (number, stimulus) in own_stimuli(plan, index) {
        let events = layout.events[number] as u32;
        numbers.extend([events, stimulus.start_step, stimulus.stop_step]);
    }
    numbers
}

/// Returns the launch of one population alone.
pub fn alone(layout: &Layout, plan: &Plan, index: usize, guarantees: Guarantees) -> Option<Stage> {
    let (index, _, numbers) = item(layout, plan, index)?;
    update(layout, plan, &Shared::alone(index, numbers), guarantees)
}

/// Returns the update of populations: it takes and clears the accumulators of the step, evaluates
/// the program, stores the flushed state, and emits spikes.
pub fn update(
    layout: &Layout,
    plan: &Plan,
    shared: &Shared,
    guarantees: Guarantees,
) -> Option<Stage> {
    let index = shared.members[0];
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
    if own_stimuli(plan, index).next().is_some() {
        buffers.push((Buffer::Events, Access::ReadWrite));
    }
    let name = format!("update_{index}");
    let named = (Role::Phase(Phase::Update), name.as_str());
    Some(build(named, &buffers, GROUP, guarantees, shared.groups, |body| {
        while_running(body, shared, |body, thread, numbers| {
            let (copy, number) = body.split(thread, population.size, layout.batch);
            let step = body.load_at(Buffer::Control, control::STEP);
            let places = Places::new(neuron);
            let mut update = Update {
                body,
                layout,
                plan,
                neuron,
                index,
                numbers,
                places,
                thread,
                copy,
                number,
                step,
            };
            let accumulators = update.take_accumulators();
            let values = update.evaluate(&accumulators);
            update.count(&values);
            update.store(&values);
        });
    }))
}

/// The state that the parts of an update share.
struct Update<'a, 'b> {
    body: &'a mut Body<'b>,
    layout: &'a Layout,
    plan: &'a Plan,
    /// The neuron plan of the first population.
    neuron: &'a NeuronPlan,
    /// Index of the first population.
    index: usize,
    numbers: Numbers<'a>,
    places: Places,
    thread: Val,
    copy: Val,
    /// The neuron's number in its population.
    number: Val,
    step: Val,
}

impl Update<'_, '_> {
    /// Emits the accumulator of each receptor as an I32, and clears it.
    fn take_accumulators(&mut self) -> Vec<Val> {
        if self.neuron.receptors == 0 {
            return Vec::new();
        }
        let base = ring_base(self.body, self.layout, self.step, self.copy);
        let base = self.body.op(Op::UAdd(base, self.number));
        let zero = self.body.u32(0);
        let mut taken = Vec::new();
        for receptor in 0..self.neuron.receptors as usize {
            let at = self.sum(self.places.receptors + receptor, base);
            let word = self.body.load(Buffer::Accumulators, at);
            self.body.store(Buffer::Accumulators, at, zero);
            taken.push(self.body.op(Op::UToI(word)));
        }
        taken
    }

    /// Emits the value of each operation of the program.
    fn evaluate(&mut self, accumulators: &[Val]) -> Vec<Val> {
        let mut values: Vec<Val> = Vec::with_capacity(self.neuron.program.ops.len());
        for (at, op) in self.neuron.program.ops.iter().enumerate() {
            let at = self.places.ops + at;
            let value = match *op {
                Op::Input(input) => self.input(input, at, accumulators),
                Op::F32(_) | Op::I32(_) | Op::U32(_) => self.literal(*op, at),
                Op::Bool(_) | ops!(pure) | ops!(memory) | ops!(thread) => {
                    self.body.op(op.map_operands(|val| values[val.0 as usize]))
                }
            };
            values.push(value);
        }
        values
    }

    /// Emits the value of an input; `number` is that of its stream, if it is drawn.
    fn input(&mut self, input: Input, number: usize, accumulators: &[Val]) -> Val {
        let (seed, place) = (self.plan.seed, [self.number, self.step, self.copy]);
        match input {
            Input::State(variable) => {
                let word = self.load_state(variable);
                self.body.op(Op::BitsToF(word))
            }
            Input::Integer(variable) => {
                let word = self.load_state(variable);
                self.body.op(Op::UToI(word))
            }
            Input::Parameter(parameter) => self.constant(parameter as usize),
            Input::Receptor(receptor) => accumulators[receptor as usize],
            Input::Random { draw: number_of_draw, .. } => {
                let stream = self.word(number);
                draw(self.body, seed, place, stream, number_of_draw)
            }
            Input::Poisson { table, keep, .. } => {
                let base = self.numbers.get(self.body, self.places.poisson + table as usize);
                let stream = self.word(number);
                let events = poisson(self.body, seed, place, stream, base);
                let Some(series) = keep else { return events };
                let keep = self.series(series as usize);
                kept(self.body, seed, place, stream, events, keep)
            }
            Input::Series(series) => self.series(series as usize),
            Input::External(external) => self.external(external as usize),
            Input::Trace(..)
            | Input::Target(_)
            | Input::Source(_)
            | Input::Signal(_)
            | Input::Decay(_) => {
                unreachable!("a checked plan has no input of synapses in a neuron program")
            }
            Input::Step => self.step,
        }
    }

    /// Emits a number as a word.
    fn word(&mut self, number: usize) -> Val {
        self.numbers.get(self.body, number).val(self.body)
    }

    /// Emits the sum of `a` and a number.
    fn sum(&mut self, number: usize, a: Val) -> Val {
        self.numbers.get(self.body, number).add_to(self.body, a, 0)
    }

    /// Emits a literal of the program, which is a word of the table where populations differ in it.
    fn literal(&mut self, op: Op, number: usize) -> Val {
        match (self.numbers.get(self.body, number), op) {
            (Number::Word(word), Op::F32(_)) => self.body.op(Op::BitsToF(word)),
            (Number::Word(word), Op::I32(_)) => self.body.op(Op::UToI(word)),
            (Number::Word(word), _) => word,
            (Number::Literal(_), op) => self.body.op(op),
        }
    }

    fn state_index(&mut self, variable: u32) -> Val {
        self.sum(STATE + variable as usize, self.thread)
    }

    fn load_state(&mut self, variable: u32) -> Val {
        let at = self.state_index(variable);
        self.body.load(Buffer::State, at)
    }

    fn constant(&mut self, constant: usize) -> Val {
        let number = self.places.constants + constant;
        let at = match &self.neuron.constants[constant] {
            Words::All(bits) => return self.literal(Op::F32(*bits), number),
            Words::Each(_) => self.sum(number, self.number),
            Words::Slot(_) => self.word(number),
        };
        let bits = self.body.load(Buffer::Constants, at);
        self.body.op(Op::BitsToF(bits))
    }

    /// Emits the word of a series in its present row.
    fn series(&mut self, series: usize) -> Val {
        let place = self.word(self.places.series + series);
        let row = self.body.load(Buffer::Control, place);
        let at = match self.neuron.series[series].is_uniform() {
            true => row,
            false => self.body.op(Op::UAdd(row, self.number)),
        };
        self.body.load(Buffer::Constants, at)
    }

    /// Emits the current from outside in this step, as an F32.
    fn external(&mut self, external: usize) -> Val {
        let chunk = self.body.load_at(Buffer::Control, control::CHUNK);
        let row = self.body.op(Op::USub(self.step, chunk));
        let words = self.body.u32(self.layout.current_step_words);
        let row = self.body.op(Op::UMul(row, words));
        let at = self.body.op(Op::UAdd(row, self.thread));
        let at = self.sum(self.places.external + external, at);
        let bits = self.body.load(Buffer::Constants, at);
        self.body.op(Op::BitsToF(bits))
    }

    /// Emits the addition of the Poisson events of each stimulus to the neuron's own word.
    fn count(&mut self, values: &[Val]) {
        for (own, (_, stimulus)) in own_stimuli(self.plan, self.index).enumerate() {
            let numbers = self.places.stimuli + own * OF_STIMULUS;
            let mut events = None;
            for (op, value) in self.neuron.program.ops.iter().zip(values) {
                if let Op::Input(Input::Poisson { stream, .. }) = op
                    && stimulus.streams.contains(stream)
                {
                    events = Some(match events {
                        None => *value,
                        Some(sum) => self.body.op(Op::UAdd(sum, *value)),
                    });
                }
            }
            let Some(events) = events else { continue };
            let events = self.while_on(stimulus, numbers, events);
            let at = self.sum(numbers + EVENTS, self.thread);
            let before = self.body.load(Buffer::Events, at);
            let sum = self.body.op(Op::UAdd(before, events));
            self.body.store(Buffer::Events, at, sum);
        }
    }

    /// Emits the events while the stimulus is on, else 0.
    fn while_on(&mut self, stimulus: &StimulusPlan, numbers: usize, events: Val) -> Val {
        let zero = self.body.u32(0);
        let mut counted = events;
        if stimulus.start_step > 0 {
            let start = self.word(numbers + START);
            let early = self.body.op(Op::ULt(self.step, start));
            counted = self.body.op(Op::Select(early, zero, counted));
        }
        if stimulus.stop_step < u32::MAX {
            let stop = self.word(numbers + STOP);
            let on = self.body.op(Op::ULt(self.step, stop));
            counted = self.body.op(Op::Select(on, counted, zero));
        }
        counted
    }

    /// Emits whether a word of state is a finite number.
    fn is_finite(&mut self, word: Val) -> Val {
        let mask = self.body.u32(MAGNITUDE_BITS);
        let magnitude = self.body.op(Op::UAnd(word, mask));
        let infinity = self.body.u32(INFINITY_BITS);
        self.body.op(Op::ULt(magnitude, infinity))
    }

    /// Stores the results of the program and emits spikes. A stored value that is not finite ends
    /// the run with this step (`docs/semantics.md` 1.8).
    fn store(&mut self, values: &[Val]) {
        let program = &self.neuron.program;
        let mut all_finite: Option<Val> = None;
        for (variable, counts, next) in program.next_state() {
            let at = self.state_index(variable);
            let value = values[next.0 as usize];
            if counts {
                let word = self.body.op(Op::IToU(value));
                self.body.store(Buffer::State, at, word);
                continue;
            }
            let word = math::flush(self.body.builder(), value);
            let finite = self.is_finite(word);
            all_finite = Some(match all_finite {
                None => finite,
                Some(all) => self.body.op(Op::And(all, finite)),
            });
            self.body.store(Buffer::State, at, word);
        }
        if let Some(finite) = all_finite {
            let failed = self.body.op(Op::Not(finite));
            self.body.when(failed, |body| {
                let (at, one) = (body.u32(control::FAILED), body.u32(1));
                body.atomic(Atomic::Or, Buffer::Control, at, one);
            });
        }
        if let Some(fires) = program.spike() {
            let (layout, step, copy, number) = (self.layout, self.step, self.copy, self.number);
            let numbers = self.numbers;
            self.body.when(values[fires.0 as usize], |body| {
                let first = numbers.get(body, FIRST_NEURON);
                spike(body, layout, step, copy, number, first);
            });
        }
    }
}
