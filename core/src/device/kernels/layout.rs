//! The layout of the buffers of a device: word offsets, decided from the plan alone.

use super::shared::Shared;
use super::signal::SignalPlace;
use super::{is_stored, small, update};
use crate::base::random::{POISSON_OUTCOMES, PoissonTable};
use crate::connect::Draw;
use crate::connect::rule::Lengths;
use crate::plan::{NeuronPlan, Plan, PopulationPlanKind, ProjectionPlan, SeriesPlan, Span, Words};

/// Words of the `control` buffer.
pub mod control {
    /// The present step.
    pub const STEP: u32 = 0;
    /// The number of spikes in the list of this step.
    pub const SPIKES: u32 = 1;
    /// The first step of the chunk that is being recorded.
    pub const CHUNK: u32 = 2;
    /// Whether the update of this step has stored a value that is not finite.
    pub const FAILED: u32 = 3;
    /// Whether that was so in an earlier step: nothing is updated or emitted any more, and the
    /// clock stands at the step after.
    pub const STOPPED: u32 = 4;
    /// The beginning of the words of series, [`SERIES_WORDS`] for each.
    pub const SERIES: u32 = 5;
    /// In a series: the start of its present row among the constants.
    pub const SERIES_ROW: u32 = 0;
    /// In a series: the number of steps for which that row goes on to hold; 0 for ever.
    pub const SERIES_LEFT: u32 = 1;
    /// In a series: the place of the number of steps of the present row among the constants.
    pub const SERIES_LENGTH: u32 = 2;
    /// In a series: the words of a row.
    pub const SERIES_WIDTH: u32 = 3;
    /// The words of a series.
    pub const SERIES_WORDS: u32 = 4;
}

/// The words of a part of the stored rows: a header, the starts of rows, then the synapses.
pub mod part {
    /// The global id of the first source.
    pub const FIRST_SOURCE: u32 = 0;
    /// The number of sources.
    pub const SOURCES: u32 = 1;
    /// The place of the synapses of two words: accumulator id, `delay_steps << 16 | weight`.
    pub const SYNAPSES: u32 = 2;
    /// The place of the 32-bit weights, one for each synapse; 0 where no weight of the plan needs
    /// more than 16 bits.
    pub const WEIGHTS: u32 = 3;
    /// The place of the starts: the number of the first synapse of each row, then the end of the
    /// last row.
    pub const STARTS: u32 = 4;
}

/// The words of a Poisson table among the constants: `own | alias << 8 | threshold << 16` for each
/// of the 32 columns, then `fine` for each column.
pub const POISSON_WORDS: u64 = 64;

/// The most words of the raster of a chunk.
const RASTER_WORDS: u64 = 1 << 23;

/// The most words of the traces of a chunk.
const TRACE_WORDS: u64 = 1 << 23;

/// The most words of the currents from outside of a chunk.
const CURRENT_WORDS: u64 = 1 << 22;

/// The most steps of a chunk.
const CHUNK_STEPS: u32 = 1024;

/// The word offsets and sizes of the buffers of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Copies of the batch.
    pub batch: u32,
    /// Neurons of one copy.
    pub neurons: u32,
    /// Accumulators of one copy.
    pub accumulators: u32,
    /// Slots of the accumulator ring, a power of two above the largest delay.
    pub slots: u32,
    /// The start of the state of each population.
    pub state: Vec<u64>,
    /// Words of state.
    pub state_words: u64,
    /// The places of the constants of each population.
    pub constants: Vec<PopulationConstants>,
    /// The places of the tables of each projection among the constants.
    pub projections: Vec<ProjectionConstants>,
    /// The start of the list of neurons of each probe among the constants.
    pub probe_neurons: Vec<u64>,
    /// The launches that update populations.
    pub updates: Vec<Shared>,
    /// The launches of spike lists.
    pub lists: Vec<Shared>,
    /// The launches of probes.
    pub probes: Vec<Shared>,
    /// Words of constants.
    pub constant_words: u64,
    /// The number of series of all populations.
    pub series: u32,
    /// The start of the currents from outside of a chunk among the constants, a row for each step.
    pub current_rows: u64,
    /// The start of the words of each current from outside in the first row.
    pub currents: Vec<u64>,
    /// Words of a row of currents from outside.
    pub current_step_words: u32,
    /// The start of the samples of each probe in a chunk.
    pub traces: Vec<u64>,
    /// Words of traces of a chunk.
    pub trace_words: u64,
    /// The start of the counts of each stimulus with events.
    pub events: Vec<u64>,
    /// Words of counts of events.
    pub event_words: u64,
    /// Words of the raster of one step: a bit for each copy and neuron.
    pub raster_step_words: u32,
    /// The most steps that are recorded before they are read back.
    pub chunk_steps: u32,
    /// Whether synapses learn.
    pub learns: bool,
    /// The places of the words of each signal.
    pub signals: Vec<SignalPlace>,
}

/// The places of the constants of a population.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PopulationConstants {
    /// The start of each constant of which each neuron has its own, and the word of each slot;
    /// `None` for one that is the same for all neurons and therefore part of the kernel.
    pub values: Vec<Option<u64>>,
    /// The start of each Poisson table.
    pub poisson: Vec<u64>,
    /// The places of each series.
    pub series: Vec<SeriesPlace>,
    /// The start of the spike list: all steps, then all neurons.
    pub spike_list: u64,
}

/// The places of the parts of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeriesPlace {
    /// The start of its words in the control buffer.
    pub control: u32,
    /// The start of its rows among the constants, those of gaps included: one for each place.
    pub rows: u64,
    /// The start of the numbers of steps for which each place is the present one, 0 for ever.
    pub lengths: u64,
}

/// The places of the tables of a procedural projection; 0 for those that it does not need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectionConstants {
    /// The start of the lengths of rows.
    pub lengths: u64,
    /// The start of the table of weights.
    pub weight: u64,
    /// The start of the table of delays.
    pub delay: u64,
}

impl Layout {
    /// Returns the layout of a plan.
    pub fn new(plan: &Plan) -> Self {
        let (neurons, batch) = (plan.neurons(), plan.batch);
        let raster_step_words = (u64::from(neurons) * u64::from(batch)).div_ceil(32);
        let chunk_steps = chunk_steps(plan, raster_step_words);
        let mut layout = Self {
            batch,
            neurons,
            accumulators: plan.accumulators(),
            slots: (plan.max_delay_steps + 1).next_power_of_two(),
            state: Vec::new(),
            state_words: 0,
            constants: Vec::new(),
            projections: Vec::new(),
            probe_neurons: Vec::new(),
            updates: Vec::new(),
            lists: Vec::new(),
            probes: Vec::new(),
            constant_words: 0,
            series: 0,
            current_rows: 0,
            currents: Vec::new(),
            current_step_words: u32::try_from(current_step_words(plan)).unwrap_or(u32::MAX),
            traces: Vec::new(),
            trace_words: 0,
            events: Vec::new(),
            event_words: 0,
            raster_step_words: u32::try_from(raster_step_words).unwrap_or(u32::MAX),
            chunk_steps,
            learns: plan.learns(),
            signals: Vec::new(),
        };
        for population in &plan.populations {
            layout.state.push(layout.state_words);
            let constants = match &population.kind {
                PopulationPlanKind::Neurons(neuron) => {
                    layout.state_words += population.state_words() * u64::from(batch);
                    layout.neuron_constants(neuron)
                }
                PopulationPlanKind::SpikeList(spikes) => PopulationConstants {
                    spike_list: layout.constant(2 * spikes.len() as u64),
                    ..PopulationConstants::default()
                },
            };
            layout.constants.push(constants);
        }
        for projection in &plan.projections {
            let mut place = |words: &[u32]| layout.constant(words.len() as u64);
            let [lengths, weight, delay] = tables(projection).map(|table| place(&table));
            layout.projections.push(ProjectionConstants { lengths, weight, delay });
        }
        for stimulus in &plan.stimuli {
            layout.events.push(layout.event_words);
            let size = plan.populations[stimulus.population.index()].size;
            layout.event_words += u64::from(size) * u64::from(batch);
        }
        for probe in &plan.probes {
            let base = layout.constant(probe.neurons.len() as u64);
            layout.probe_neurons.push(base);
            layout.traces.push(layout.trace_words);
            let samples = u64::from(samples_in(0, chunk_steps, probe.every_steps));
            layout.trace_words += samples * u64::from(batch) * probe.neurons.len() as u64;
        }
        layout.place_signals(plan);
        layout.place_currents(plan);
        layout.share(plan);
        layout
    }

    /// Decides which populations, spike lists and probes share a launch.
    fn share(&mut self, plan: &Plan) {
        let populations = 0..plan.populations.len();
        let items = populations.clone().filter_map(|index| update::item(self, plan, index));
        let items: Vec<_> = items.collect();
        self.updates = Shared::gather(items.into_iter(), |words| self.constant(words));
        let items = populations.filter_map(|index| small::list_item(self, plan, index));
        let items: Vec<_> = items.collect();
        self.lists = Shared::gather(items.into_iter(), |words| self.constant(words));
        let items = (0..plan.probes.len()).filter_map(|index| small::probe_item(self, plan, index));
        let items: Vec<_> = items.collect();
        self.probes = Shared::gather(items.into_iter(), |words| self.constant(words));
    }

    /// Returns the words of the ring buffer of accumulators.
    pub fn ring_words(&self) -> u64 {
        u64::from(self.slots) * u64::from(self.batch) * u64::from(self.accumulators)
    }

    /// Returns the bits of a step, which are the words of its spike list: copies times neurons.
    pub fn all_neurons(&self) -> u64 {
        u64::from(self.batch) * u64::from(self.neurons)
    }

    /// Returns the words of the raster of a chunk.
    pub fn raster_words(&self) -> u64 {
        u64::from(self.raster_step_words) * u64::from(self.chunk_steps)
    }

    fn constant(&mut self, words: u64) -> u64 {
        let base = self.constant_words;
        self.constant_words += words;
        base
    }

    fn neuron_constants(&mut self, neuron: &NeuronPlan) -> PopulationConstants {
        let place = |words: &Words| match words {
            Words::All(_) => None,
            Words::Slot(_) => Some(self.constant(1)),
            Words::Each(each) => Some(self.constant(each.len() as u64)),
        };
        let values = neuron.constants.iter().map(place).collect();
        let poisson = neuron.poisson.iter().map(|_| self.constant(POISSON_WORDS)).collect();
        let series = neuron.series.iter().map(|series| self.place_series(series)).collect();
        PopulationConstants { values, poisson, series, spike_list: 0 }
    }

    fn place_series(&mut self, series: &SeriesPlan) -> SeriesPlace {
        let places = u64::from(series.places());
        let control = control::SERIES + self.series * control::SERIES_WORDS;
        self.series += 1;
        let rows = self.constant(places * u64::from(series.width));
        SeriesPlace { control, rows, lengths: self.constant(places) }
    }

    fn place_signals(&mut self, plan: &Plan) {
        for signal in &plan.signals {
            let pulses = self.constant(2 * signal.pulses.len() as u64) as u32;
            let values = self.control_words() as u32;
            self.signals.push(SignalPlace::new(signal, self.batch, values, pulses));
        }
    }

    fn place_currents(&mut self, plan: &Plan) {
        self.current_rows = self.constant(self.current_words());
        let mut next = self.current_rows;
        for current in &plan.currents {
            self.currents.push(next);
            next += current.words(plan);
        }
    }

    /// Returns the words of the currents from outside of a chunk.
    pub fn current_words(&self) -> u64 {
        u64::from(self.current_step_words) * u64::from(self.chunk_steps)
    }

    /// Returns the words of the control buffer.
    pub fn control_words(&self) -> u64 {
        let signals = self.signals.iter().map(|place| place.words(self.batch)).sum::<u64>();
        u64::from(self.full_at()) + u64::from(self.learns) + signals
    }

    /// The word of the control buffer that says whether a ring of post events is full, where
    /// synapses learn.
    pub fn full_at(&self) -> u32 {
        control::SERIES + self.series * control::SERIES_WORDS
    }

    /// Returns the words of all series in the control buffer before this step.
    pub fn series_at(&self, plan: &Plan, step: u32) -> Vec<u32> {
        let mut words = Vec::new();
        for (population, constants) in plan.populations.iter().zip(&self.constants) {
            let PopulationPlanKind::Neurons(neuron) = &population.kind else { continue };
            for (series, at) in neuron.series.iter().zip(&constants.series) {
                let Span { place, steps } = series.span(step);
                let left = if steps.end == u32::MAX { 0 } else { steps.end - step };
                let row = at.rows as u32 + place * series.width;
                words.extend([row, left, at.lengths as u32 + place, series.width]);
            }
        }
        words
    }

    /// Returns the words of the `constants` buffer.
    pub fn constant_data(&self, plan: &Plan) -> Vec<u32> {
        let mut data = Vec::with_capacity(self.constant_words as usize);
        for population in &plan.populations {
            match &population.kind {
                PopulationPlanKind::Neurons(neuron) => {
                    for words in &neuron.constants {
                        match words {
                            Words::All(_) => {}
                            Words::Each(each) => data.extend_from_slice(each),
                            Words::Slot(word) => data.push(*word),
                        }
                    }
                    neuron.poisson.iter().for_each(|table| push_poisson(table, &mut data));
                    neuron.series.iter().for_each(|series| push_series(series, &mut data));
                }
                PopulationPlanKind::SpikeList(spikes) => {
                    data.extend(spikes.iter().map(|(step, _)| *step));
                    data.extend(spikes.iter().map(|(_, neuron)| *neuron));
                }
            }
        }
        plan.projections.iter().flat_map(tables).for_each(|table| data.extend(table));
        plan.probes.iter().for_each(|probe| data.extend_from_slice(&probe.neurons));
        for signal in &plan.signals {
            data.extend(signal.pulses.iter().map(|(step, _)| *step));
            data.extend(signal.pulses.iter().map(|(_, value)| value.to_bits()));
        }
        data.resize(data.len() + self.current_words() as usize, 0);
        let tables = self.updates.iter().chain(&self.lists).chain(&self.probes);
        tables.for_each(|shared| shared.push_table(&mut data));
        data
    }
}

/// Returns row lengths, weights and delays of a procedural projection, each empty where it has no
/// table.
fn tables(projection: &ProjectionPlan) -> [Vec<u32>; 3] {
    if is_stored(projection) {
        return Default::default();
    }
    let site = projection.rows.site();
    let items = projection.rows.kind().in_kernels().map(|form| form.items(site));
    let lengths = match items {
        Some(Lengths::Each(lengths)) => lengths.to_vec(),
        _ => Vec::new(),
    };
    let quantiles = |draw: &Draw| match draw {
        Draw::Table(table) => table.iter().map(|value| *value as u32).collect(),
        _ => Vec::new(),
    };
    [lengths, quantiles(&site.weight), quantiles(&site.delay)]
}

/// Returns the number of steps, at least 1, for which a word can count the events of a neuron.
pub fn countable_steps(plan: &Plan) -> u32 {
    let tables = plan.stimuli.iter().map(|stimulus| stimulus.streams.len() as u64).max();
    let most = tables.unwrap_or(0) * (POISSON_OUTCOMES as u64 - 1);
    (u64::from(u32::MAX) / most.max(1)).max(1) as u32
}

/// Returns how many of the steps `first..first + steps` are multiples of `every`.
pub fn samples_in(first: u32, steps: u32, every: u32) -> u32 {
    let (first, end) = (u64::from(first), u64::from(first) + u64::from(steps));
    (end.div_ceil(every.into()) - first.div_ceil(every.into())) as u32
}

/// Returns the words of all currents from outside in one step.
fn current_step_words(plan: &Plan) -> u64 {
    plan.currents.iter().map(|current| current.words(plan)).sum()
}

/// Returns the steps of a chunk, at least 1, so that raster, traces and currents stay bounded.
fn chunk_steps(plan: &Plan, raster_step_words: u64) -> u32 {
    let traced = |probe: &crate::plan::ProbePlan| {
        (probe.neurons.len() as u64 * u64::from(plan.batch)).div_ceil(probe.every_steps.into())
    };
    let trace_step_words: u64 = plan.probes.iter().map(traced).sum();
    let by_raster = RASTER_WORDS / raster_step_words.max(1);
    let by_traces = TRACE_WORDS / trace_step_words.max(1);
    let by_currents = CURRENT_WORDS / current_step_words(plan).max(1);
    by_raster.min(by_traces).min(by_currents).clamp(1, CHUNK_STEPS.into()) as u32
}

fn push_poisson(table: &PoissonTable, data: &mut Vec<u32>) {
    for column in 0..32 {
        let own = u32::from(table.own[column]) & 0xff;
        let alias = u32::from(table.alias[column]) & 0xff;
        data.push(own | alias << 8 | u32::from(table.threshold[column]) << 16);
    }
    data.extend_from_slice(&table.fine);
}

fn push_series(series: &SeriesPlan, data: &mut Vec<u32>) {
    for place in 0..series.places() {
        match series.row(place) {
            Some(row) => data.extend_from_slice(row),
            None => data.resize(data.len() + series.width as usize, 0),
        }
    }
    data.extend((0..series.places()).map(|place| match series.first_step(place + 1) {
        u32::MAX => 0,
        next => next - series.first_step(place),
    }));
}
