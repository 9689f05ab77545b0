//! A shard: some neurons of every population, their accumulators, and the synapses that end there.

mod inputs;

use crate::arch::philox::Draws;
use crate::arch::{Detected, LANES, Lanes, lanes_of};
use crate::program::compiled::Compiled;
use crate::program::interpreter::{Arrays, Registers, Step};
use crate::run::shown::Shown;
use crate::synapse::format::table::{Due, Scratch};
use crate::synapse::late::Late;
use crate::synapse::ring::Ring;
use crate::synapse::signals::Signals;
use crate::synapse::store::Store;
use crate::synapse::timing_wheel::TimingWheel;
use inputs::{External, Moving};
use isospike_core::plan::{NeuronPlan, Plan, SeriesPlan, Words};
use isospike_core::run::counters::Counters;
use isospike_core::run::record::Spike;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// The neurons of one population in a shard.
#[derive(Debug)]
pub(crate) struct Slice {
    /// The population's index.
    pub population: usize,
    /// Which of its neurons.
    pub neurons: Range<u32>,
    /// Their data.
    pub arrays: Arrays,
    /// The global id of the population's neuron 0.
    first_global: u32,
    compiled: Arc<Compiled>,
    /// The scalars of the last step.
    scalars: Vec<u32>,
    series: Moving,
    external: External,
    /// The word of each constant that is in a slot, 0 for the others.
    slots: Vec<u32>,
}

impl Slice {
    /// The neurons in their initial state. `first_lanes` is where their accumulators start in the
    /// shard; it is advanced past them.
    pub fn new(
        plan: &Plan,
        population: usize,
        neurons: Range<u32>,
        compiled: Arc<Compiled>,
        source: &NeuronPlan,
        first_lanes: &mut usize,
    ) -> Self {
        let copies = plan.batch as usize;
        let lanes = lanes_of(&neurons);
        let constant = |words: &Words| match words {
            Words::All(_) | Words::Slot(_) => Vec::new(),
            Words::Each(_) => pack(words, &neurons, 1),
        };
        let mut receptors = Vec::new();
        for _ in 0..source.receptors {
            receptors.push(*first_lanes);
            *first_lanes += lanes;
        }
        let series = Moving::new(source);
        let mut scalars = Vec::new();
        let slots: Vec<u32> = source.constants.iter().map(slot).collect();
        compiled.bytecode.scalars(0, &series.words, &slots, &mut scalars);
        let moving = |series: &SeriesPlan| match series.is_uniform() {
            true => Vec::new(),
            false => vec![Lanes::ZERO; lanes],
        };
        let arrays = Arrays {
            state: source
                .state
                .iter()
                .map(|variable| pack(&variable.initial, &neurons, copies))
                .collect(),
            floats: source.float_variables(),
            constants: source
                .constants
                .iter()
                .map(constant)
                .chain(source.series.iter().map(moving))
                .chain(source.external.iter().map(|_| vec![Lanes::ZERO; lanes]))
                .collect(),
            receptors,
        };
        let first_global = plan.populations[population].first_neuron;
        let external = External::new(source, plan.populations[population].size);
        Self {
            population,
            neurons,
            arrays,
            first_global,
            compiled,
            scalars,
            series,
            external,
            slots,
        }
    }

    /// The words of a state array of one copy.
    pub fn words<'a>(&self, array: &'a [Lanes], copy: u32) -> &'a [u32] {
        let first = copy as usize * lanes_of(&self.neurons) * LANES;
        &Lanes::words(array)[first..first + self.neurons.len()]
    }

    /// The words of the variables of one copy that synapses which learn read of their targets.
    fn variables(&self, late: &Late, copy: u32) -> Vec<&[u32]> {
        let all = late.variables().iter();
        all.map(|number| self.words(&self.arrays.state[*number as usize], copy)).collect()
    }

    /// How many neurons there are.
    pub fn len(&self) -> u32 {
        self.neurons.end - self.neurons.start
    }

    /// How many state arrays there are, one for each variable.
    pub fn arrays(&self) -> usize {
        self.arrays.state.len()
    }

    /// One of the state arrays.
    pub fn array(&self, index: usize) -> &[Lanes] {
        &self.arrays.state[index]
    }

    /// Puts words in the place of those of a state array of one copy, the last one also into the
    /// padding.
    pub fn set_words(&mut self, index: usize, copy: u32, words: &[u32]) {
        let array = &mut self.arrays.state[index];
        let padded = lanes_of(&self.neurons) * LANES;
        let to = &mut Lanes::words_mut(array)[copy as usize * padded..][..padded];
        let (to, padding) = to.split_at_mut(words.len());
        to.copy_from_slice(words);
        padding.fill(words.last().copied().unwrap_or(0));
    }

    /// Puts the words of a per-neuron constant, or the word of a slot, in the place of those that
    /// it has.
    pub fn set_constant(&mut self, index: usize, words: &Words) {
        match words {
            Words::Slot(word) => self.slots[index] = *word,
            Words::Each(_) => self.arrays.constants[index] = pack(words, &self.neurons, 1),
            Words::All(_) => {}
        }
    }

    fn bytes(&self) -> u64 {
        let arrays = self.arrays.state.iter().chain(&self.arrays.constants);
        arrays.map(|array| size_of_val(&**array) as u64).sum()
    }
}

/// The part of a probe that lies in a shard.
#[derive(Debug)]
pub(crate) struct ProbePart {
    /// The slice.
    pub slice: usize,
    /// The state variable.
    pub variable: usize,
    /// Which neurons, counted from the slice's first.
    pub neurons: Vec<u32>,
    /// The place of each among the probe's neurons.
    pub positions: Vec<u32>,
    /// Every how many steps.
    pub every_steps: u32,
    /// The words of this run: sample by sample, copy by copy, neuron by neuron.
    pub words: Vec<u32>,
}

/// See the module. Other shards are next to it in memory, hence the alignment: no two of them share
/// a cache line, or a pair of lines that is fetched together.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Shard {
    /// Its place among the shards.
    pub number: u32,
    /// The stage that comes next.
    pub stage: u32,
    /// The last stage for which it has taken the spikes of the stage before.
    pub taken: u32,
    /// One for each population that has neurons here.
    pub slices: Vec<Slice>,
    /// One for each probe of the plan; without neurons where the probe has none here.
    pub probes: Vec<ProbePart>,
    /// Accumulators.
    pub ring: Ring,
    /// The spikes on their way here, for each store.
    pub wheels: Vec<TimingWheel>,
    /// The synapses that learn, for each projection that has any here.
    pub late: Vec<Late>,
    /// The signals of the whole network.
    pub signals: Signals,
    /// The spikes of this run, ascending by step.
    pub record: Vec<Spike>,
    /// The spikes of the last step and copy updated, as in [`Spike::neuron`].
    pub spikes: Vec<u32>,
    /// The counts of this run here: updates, events of stimuli, and synaptic events of rows
    /// that are drawn at each spike.
    pub counters: Counters,
}

/// State that is the same for all shards in a step.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// The step to be updated.
    pub step: u32,
    /// The plan's seed.
    pub seed: u64,
    /// Neurons of one copy.
    pub neurons: u32,
    /// The currents from outside of this run, as in the plan.
    pub currents: &'a [SeriesPlan],
}

impl Shard {
    /// Takes spikes that were exchanged: puts them on the wheels.
    pub fn receive(&mut self, stores: &[Store], due: &[Due]) {
        for (store, wheel) in stores.iter().zip(&mut self.wheels) {
            store.push(self.number, due, wheel);
        }
        self.late.iter_mut().for_each(|late| late.push(due));
        self.signals.receive(due);
    }

    /// Delivers spikes that were exchanged, where their rows are delivered at once.
    pub fn deliver_rows(&mut self, stores: &[Store], due: &[Due], scratch: &mut Scratch) {
        for store in stores {
            store.deliver_rows(self.number, due, &mut self.ring, scratch);
        }
    }

    /// Delivers what has come to the wheels for a step and copy.
    pub fn deliver(&mut self, step: u32, copy: u32, stores: &[Store], scratch: &mut Scratch) {
        for (store, wheel) in stores.iter().zip(&mut self.wheels) {
            let Some(due) = wheel.due(step, copy).filter(|due| !due.is_empty()) else { continue };
            store.deliver(self.number, due, scratch, self.ring.words(step, copy));
            due.clear();
        }
        for late in &mut self.late {
            let variables = self.slices[late.slice()].variables(late, copy);
            late.deliver(step, copy, &variables, self.ring.words(step, copy));
        }
    }

    /// Takes out what is due at a step and copy, as its delivery and update would have.
    pub fn discard(&mut self, step: u32, copy: u32) {
        for wheel in &mut self.wheels {
            if let Some(due) = wheel.due(step, copy) {
                due.clear();
            }
        }
        self.late.iter_mut().for_each(|late| late.discard(step, copy));
        self.signals.discard(step, copy);
        self.ring.now(step, copy).fill(Lanes::ZERO);
    }

    /// Sends spikes that are not back at the synapses of their neurons before a step on their way
    /// again.
    pub fn send_back(&mut self, due: &[Due], now: u32) {
        for late in &mut self.late {
            let slice = &self.slices[late.slice()];
            let own = due.iter().filter(|spike| spike.population as usize == slice.population);
            for spike in own.filter(|spike| slice.neurons.contains(&spike.neuron)) {
                let target = spike.neuron - slice.neurons.start;
                late.send_back(spike.step, spike.copy, target, now);
            }
        }
    }

    /// Takes out everything that is due, and what a run has left to be collected.
    pub fn forget(&mut self) {
        self.wheels.iter_mut().for_each(TimingWheel::clear);
        self.late.iter_mut().for_each(Late::forget);
        self.signals.forget();
        self.ring.clear();
        self.drop_records();
    }

    /// Drops the spikes and samples that a run has left to be collected.
    pub fn drop_records(&mut self) {
        self.record.clear();
        self.probes.iter_mut().for_each(|probe| probe.words.clear());
    }

    /// Updates all neurons of a copy, whose spikes are listed then.
    /// False where state of this shard is not finite afterwards.
    pub fn update(
        &mut self,
        isa: Detected,
        moment: &Moment<'_>,
        copy: u32,
        registers: &mut Registers,
    ) -> bool {
        let mut failed = false;
        self.spikes.clear();
        let step = moment.step;
        for slice in &mut self.slices {
            let compiled = &slice.compiled;
            let bytecode = &compiled.bytecode;
            if copy == 0 {
                slice.series.seek(step, &slice.neurons, &mut slice.arrays.constants);
                if bytecode.depends_on_step() {
                    let (series, slots) = (&slice.series.words, &slice.slots);
                    bytecode.scalars(step, series, slots, &mut slice.scalars);
                }
            }
            slice.external.seek(moment, copy, &slice.neurons, &mut slice.arrays.constants);
            let draws = Draws {
                isa,
                seed: moment.seed,
                step,
                copy,
                first_neuron: slice.neurons.start,
                tables: &compiled.tables,
            };
            let step = Step {
                bytecode,
                registers,
                scalars: &slice.scalars,
                series: &slice.series.words,
                arrays: &mut slice.arrays,
                accumulators: self.ring.now(step, copy),
                draws,
                neurons: slice.neurons.len(),
                spike_base: copy * moment.neurons + slice.first_global + slice.neurons.start,
                spikes: &mut self.spikes,
                stimuli: &compiled.stimuli,
                events: &mut self.counters.stimulus_events,
                failed: &mut failed,
            };
            self.counters.neuron_updates[slice.population] += slice.neurons.len() as u64;
            compiled.update(isa, step);
        }
        self.record.extend(self.spikes.iter().map(|&neuron| Spike { step, neuron }));
        !failed
    }

    /// Lists the spikes of a copy in the last step that has been updated again; a copy has so many
    /// neurons.
    pub fn list_spikes(&mut self, step: u32, copy: u32, neurons: u32) {
        let own = copy * neurons..(copy + 1) * neurons;
        let first = self.record.partition_point(|spike| spike.step < step);
        let spikes = self.record[first..].iter().map(|spike| spike.neuron);
        self.spikes.clear();
        self.spikes.extend(spikes.filter(|neuron| own.contains(neuron)));
    }

    /// Shows what clocked blocks in all shards read of the neurons of a copy.
    pub fn show(&self, shown: &Shown, copy: u32) {
        self.slices.iter().for_each(|slice| shown.show(slice, copy));
    }

    /// Ends a step of a copy, whose spikes are listed: synapses learn, signals change, probes are
    /// sampled. `shown` has what clocked blocks of this step read; a copy has so many neurons.
    pub fn end_step(&mut self, step: u32, copy: u32, neurons: u32, shown: &Shown) {
        self.learn(step, copy, neurons, shown);
        self.signals.advance(step, copy);
        self.show_signals(copy);
        for probe in &mut self.probes {
            if !probe.neurons.is_empty() && step.is_multiple_of(probe.every_steps) {
                let slice = &self.slices[probe.slice];
                let words = slice.words(&slice.arrays.state[probe.variable], copy);
                probe.words.extend(probe.neurons.iter().map(|&i| words[i as usize]));
            }
        }
    }

    /// Carries out what synapses that learn do after the update of a step and copy.
    fn learn(&mut self, step: u32, copy: u32, neurons: u32, shown: &Shown) {
        for late in &mut self.late {
            let slice = &self.slices[late.slice()];
            let first = copy * neurons + slice.first_global + slice.neurons.start;
            let own = |spike: &u32| spike.checked_sub(first).filter(|n| *n < slice.len());
            let is_clocked = late.begin_clocked(step, copy);
            let variables = slice.variables(late, copy);
            self.counters.post_events[late.projection] +=
                late.spikes(step, copy, self.spikes.iter().filter_map(own), &variables);
            if is_clocked {
                let population = late.source() as usize;
                let words = |number: &u32| shown.words(population, *number, copy);
                let of_sources: Vec<&[AtomicU32]> =
                    late.variables_of_sources().iter().map(words).collect();
                self.counters.clocked_events[late.projection] +=
                    late.clocked_events(step, copy, &variables, &of_sources);
            }
        }
    }

    /// Shows the signals of a copy to the synapses that learn.
    pub fn show_signals(&mut self, copy: u32) {
        self.late.iter_mut().for_each(|late| late.set_signals(copy, &self.signals));
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let slices: u64 = self.slices.iter().map(Slice::bytes).sum();
        let late: u64 = self.late.iter().map(|late| late.bytes() - late.synapse_bytes()).sum();
        let wheels: u64 = self.wheels.iter().map(TimingWheel::bytes).sum();
        slices + late + self.ring.bytes() + self.signals.bytes() + wheels
    }
}

/// The word of a constant that is in a slot.
fn slot(words: &Words) -> u32 {
    match words {
        Words::Slot(word) => *word,
        Words::All(_) | Words::Each(_) => 0,
    }
}

/// The words of some neurons, copy after copy, each padded to whole lanes with its last word.
fn pack(words: &Words, neurons: &Range<u32>, copies: usize) -> Vec<Lanes> {
    let lane = |i: usize| words.get((neurons.start + i as u32).min(neurons.end - 1));
    let lanes = lanes_of(neurons);
    let one = (0..lanes).map(|l| Lanes(std::array::from_fn(|k| lane(l * LANES + k))));
    let one: Vec<Lanes> = one.collect();
    one.repeat(copies)
}
