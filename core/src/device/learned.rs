//! Synapses that learn on a device: the words of their arenas, and the same words in canonical
//! order.

use super::Limits;
use crate::base::id::Side;
use crate::base::numeric::decay::Decay;
use crate::base::words::count;
use crate::device::kernels::layout::Layout;
use crate::device::kernels::learn::{Arena, Part, Place, Site, Tables};
use crate::device::kernels::share::{ROUNDS, Sharing};
use crate::plan::synapse::{Stamp, SynapseBlock, SynapsePart, SynapsePlan};
use crate::plan::{Plan, ProjectionPlan};
use crate::run::backend::BackendError;
use crate::run::checkpoint::Flight;
use crate::run::counters::OutDegrees;

/// The rows of a projection that learns, sorted by source and delay.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The index of the projection.
    pub projection: usize,
    /// The places of its words.
    pub arena: Arena,
    sharing: Sharing,
    /// Each delay in steps, ascending.
    delays: Vec<u32>,
    /// For each source and delay the number of its first synapse; then their number.
    starts: Vec<u32>,
    /// The target of each synapse.
    targets: Vec<u32>,
    /// The counts of the post events that a condition makes; `None` where there are none.
    conditioned: Option<Conditioned>,
}

/// The counts of post events that do not follow from spikes.
#[derive(Clone, Debug)]
struct Conditioned {
    /// How many synapses end at each target.
    in_degrees: Vec<u32>,
    /// The events of each copy and target that have been counted, since state was written.
    counted: Vec<u32>,
}

impl Learned {
    /// Draws the rows of all projections that learn, and notes their lengths in `degrees`.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unsupported`] where an arena is larger than one binding.
    pub fn all(
        plan: &Plan,
        layout: &Layout,
        limits: Limits,
        degrees: &mut OutDegrees,
    ) -> Result<Vec<Self>, BackendError> {
        let mut all = Vec::new();
        for (index, projection) in plan.projections.iter().enumerate() {
            let Some(synapse) = &projection.synapse else { continue };
            let of_projection = (index, projection, &**synapse);
            all.push(Self::new(plan, layout, limits, of_projection, degrees)?);
        }
        Ok(all)
    }

    fn new(
        plan: &Plan,
        layout: &Layout,
        limits: Limits,
        (index, projection, synapse): (usize, &ProjectionPlan, &SynapsePlan),
        degrees: &mut OutDegrees,
    ) -> Result<Self, BackendError> {
        projection.rows.count();
        let delays = delays(projection);
        let arena = Arena::new(plan, projection, synapse, delays.len() as u32);
        let most = limits.binding_words.min(u32::MAX.into());
        if let Some(words) = arena.words.iter().find(|words| **words > most) {
            return Err(BackendError::Unsupported(format!(
                "the synapses of projection {} take {}, the device binds at most {most} at once",
                projection.name,
                count(*words, "word")
            )));
        }
        let mut learned = Self {
            projection: index,
            sharing: Sharing::new(&[], ROUNDS, layout.neurons, layout.batch),
            starts: vec![0; arena.segments() as usize + 1],
            targets: vec![0; arena.synapses as usize],
            conditioned: None,
            arena,
            delays,
        };
        learned.draw(projection, degrees);
        learned.conditioned = synapse.counts_conditions().then(|| learned.conditioned());
        let lengths: Vec<u32> = learned.starts.windows(2).map(|row| row[1] - row[0]).collect();
        learned.sharing = Sharing::new(&lengths, ROUNDS, layout.neurons, layout.batch);
        Ok(learned)
    }

    /// Sorts the rows by source and delay.
    fn draw(&mut self, projection: &ProjectionPlan, degrees: &mut OutDegrees) {
        let column = degrees.columns()[self.projection];
        let width = degrees.width(projection.pre.index());
        let lengths = &mut *degrees.populations_mut().swap_remove(projection.pre.index());
        let dendritic_steps = projection.dendritic_steps();
        let mut row: Vec<(u32, u32)> = Vec::new();
        let mut next = 0;
        for source in 0..projection.rows.rows() {
            row.clear();
            projection.rows.for_each(source, |synapse| {
                row.push((synapse.delay_steps - dendritic_steps, synapse.target));
            });
            lengths[source as usize * width + column] = row.len() as u32;
            // Stable: synapses of one delay keep their order.
            row.sort_by_key(|synapse| synapse.0);
            let segment = source as usize * self.delays.len();
            for (start, delay) in self.starts[segment..].iter_mut().zip(&self.delays) {
                *start = next + row.partition_point(|synapse| synapse.0 < *delay) as u32;
            }
            let targets = self.targets[next as usize..].iter_mut();
            targets.zip(&row).for_each(|(target, synapse)| *target = synapse.1);
            next += row.len() as u32;
        }
        if let Some(end) = self.starts.last_mut() {
            *end = next;
        }
    }

    fn conditioned(&self) -> Conditioned {
        let mut in_degrees = vec![0; self.arena.targets as usize];
        self.targets.iter().for_each(|target| in_degrees[*target as usize] += 1);
        Conditioned {
            in_degrees,
            counted: vec![0; (self.arena.copies * self.arena.targets) as usize],
        }
    }

    /// Returns the list of the counts of post events of each copy and target, and its length, where
    /// a condition makes these events.
    pub fn list_of_counts(&self) -> Option<(Place, u64)> {
        let Conditioned { counted, .. } = self.conditioned.as_ref()?;
        Some((self.arena.count_at, counted.len() as u64))
    }

    /// Takes the words of [`Self::list_of_counts`]; returns how many post events there were since
    /// the last time, or since state was written.
    pub fn count_conditions(&mut self, counts: Vec<u32>) -> u64 {
        let Some(Conditioned { in_degrees, counted }) = &mut self.conditioned else { return 0 };
        let new = counts.iter().zip(&*counted).map(|(now, then)| now.wrapping_sub(*then));
        let degrees = in_degrees.iter().cycle();
        let events =
            new.zip(degrees).map(|(new, degree)| u64::from(new) * u64::from(*degree)).sum();
        *counted = counts;
        events
    }

    /// Notes that state was written: no event has been counted since then.
    pub fn forget_counts(&mut self) {
        self.conditioned.iter_mut().for_each(|conditioned| conditioned.counted.fill(0));
    }

    /// Returns the projection as kernels see it; `number` is that of its arena.
    pub fn site<'a>(&'a self, plan: &'a Plan, layout: &'a Layout, number: u32) -> Option<Site<'a>> {
        let synapse = plan.projections[self.projection].synapse.as_deref()?;
        Some(Site { layout, synapse, arena: &self.arena, number, sharing: self.sharing })
    }

    /// Returns the words of the rows, which nothing changes.
    pub fn rows(&self, plan: &Plan) -> Vec<u32> {
        let mut words = self.zeros();
        let mut put = |place: Place, list: &[u32]| {
            words.list(place)[..list.len()].copy_from_slice(list);
        };
        put(self.arena.delays_at, &self.delays);
        put(self.arena.starts_at, &self.starts);
        put(self.arena.targets_at, &self.targets);
        let synapse = &plan.projections[self.projection].synapse;
        let mut put_tables = |decay: &Decay, places: &Tables| {
            for (table, (at, _)) in decay.tables().into_iter().zip(places) {
                let table: Vec<u32> = table.iter().map(|factor| factor.to_bits()).collect();
                put(*at, &table);
            }
        };
        for (side, places) in [Side::Pre, Side::Post].into_iter().zip(&self.arena.decay_at) {
            let decays = synapse.iter().flat_map(|synapse| &synapse.traces(side).decay);
            decays.zip(places).for_each(|(decay, places)| put_tables(decay, places));
        }
        let variables = synapse.iter().flat_map(|synapse| &synapse.state);
        for (variable, places) in variables.zip(&self.arena.state_decay_at) {
            if let (Some(decay), Some(places)) = (&variable.decay, places) {
                put_tables(decay, places);
            }
        }
        std::mem::take(&mut words.0[Part::Rows as usize])
    }

    /// Returns the words of all parts but the rows for a state: all post events before the step of
    /// the flight have been carried out. Pre events of spikes in flight that have arrived are
    /// noted.
    pub fn words(&self, plan: &Plan, state: &[u32], flight: Flight<'_>) -> Words {
        let mut words = self.zeros();
        for block in self.blocks(plan) {
            let step = flight.step;
            self.each(plan, step, &block, |list, at, place| words.list(list)[at] = state[place]);
        }
        if let Some(synapse) = &plan.projections[self.projection].synapse {
            self.set_records(plan, synapse, state, flight, &mut words);
        }
        words
    }

    fn zeros(&self) -> Words {
        Words(self.arena.words.map(|words| vec![0; words as usize]))
    }

    /// Writes the words of synapses and targets into all state words before a step.
    pub fn write_to(&self, plan: &Plan, step: u32, words: &mut Words, state: &mut [u32]) {
        for block in self.blocks(plan) {
            self.each(plan, step, &block, |list, at, place| state[place] = words.list(list)[at]);
        }
    }

    fn blocks<'p>(&self, plan: &'p Plan) -> impl Iterator<Item = SynapseBlock<'p>> + use<'p> {
        let own = self.projection;
        plan.synapse_blocks().into_iter().filter(move |block| block.projection == own)
    }

    /// Calls `f` with the list of a block and the place of each of its words there, and among all
    /// state words before a step.
    fn each(
        &self,
        plan: &Plan,
        step: u32,
        block: &SynapseBlock<'_>,
        mut f: impl FnMut(Place, usize, usize),
    ) {
        match block.part {
            SynapsePart::State(variable, _) => {
                let list = self.arena.state_at[variable];
                self.each_synapse(plan, |at, n| f(list, at, block.words.start + n));
            }
            SynapsePart::LastEvent => {
                let Some(list) = self.arena.state_at.last() else { return };
                self.each_synapse(plan, |at, n| f(*list, at, block.words.start + n));
            }
            SynapsePart::Trace(Side::Post, trace, _) => {
                let list = self.arena.trace_at[trace];
                block.words.clone().enumerate().for_each(|(n, place)| f(list, n, place));
            }
            SynapsePart::Stamp(Side::Post) => {
                let list = self.arena.newest_at;
                block.words.clone().enumerate().for_each(|(n, place)| f(list, n, place));
            }
            SynapsePart::Sent(receptor, steps, _) => {
                let (list, targets) = (self.arena.sent_at[receptor], block.words.len());
                let synapse = plan.projections[self.projection].synapse.as_ref();
                let slots = synapse.map_or(1, |synapse| synapse.way_steps());
                let first = (step.wrapping_add(steps) % slots) as usize * targets;
                block.words.clone().enumerate().for_each(|(n, place)| f(list, first + n, place));
            }
            SynapsePart::Trace(Side::Pre, ..) | SynapsePart::Stamp(Side::Pre) => {}
        }
    }

    /// Calls `f` for each synapse of each copy with its place in a list of a state variable, and
    /// its place in order of copy, row, place in the row.
    pub fn each_synapse(&self, plan: &Plan, mut f: impl FnMut(usize, usize)) {
        let rows = &plan.projections[self.projection].rows;
        let dendritic_steps = plan.projections[self.projection].dendritic_steps();
        let (delays, of_copy) = (self.delays.len(), self.arena.synapses as usize);
        let mut n = 0;
        for source in 0..rows.rows() {
            let first = source as usize * delays;
            let mut next = self.starts[first..first + delays].to_vec();
            rows.for_each(source, |synapse| {
                let own = synapse.delay_steps - dendritic_steps;
                let delay = self.delays.partition_point(|delay| *delay < own);
                for copy in 0..plan.batch as usize {
                    f(copy * of_copy + next[delay] as usize, copy * of_copy + n);
                }
                next[delay] += 1;
                n += 1;
            });
        }
    }

    /// Sets the records of all sources and delays: the traces that the state has, then the spikes
    /// in flight that have arrived.
    fn set_records(
        &self,
        plan: &Plan,
        synapse: &SynapsePlan,
        state: &[u32],
        flight: Flight<'_>,
        words: &mut Words,
    ) {
        let records = (self.arena.copies * self.arena.segments()) as usize;
        words.list(self.arena.caught_at)[..records].fill(flight.step);
        let traces = synapse.pre.len();
        let size = self.arena.sources as usize;
        let segment = |copy: usize, source: usize| (copy * size + source) * self.delays.len();
        for block in self.blocks(plan) {
            for (at, place) in block.words.clone().enumerate() {
                let first = segment(at / size, at % size);
                for (record, delay) in (first..).zip(&self.delays) {
                    match block.part {
                        SynapsePart::Trace(Side::Pre, n, _) => {
                            words.list(self.arena.after_at[n])[record] = state[place];
                        }
                        SynapsePart::Stamp(Side::Pre) => {
                            let stamp = Stamp::from_word(state[place]).step();
                            let arrived = stamp.map(|step| Stamp::at(step.wrapping_add(*delay)));
                            let word = arrived.unwrap_or(Stamp::NEVER).word();
                            words.list(self.arena.last_at)[record] = word;
                        }
                        SynapsePart::State(..)
                        | SynapsePart::LastEvent
                        | SynapsePart::Trace(..)
                        | SynapsePart::Stamp(_)
                        | SynapsePart::Sent(..) => {}
                    }
                }
            }
        }
        let (mut before, mut scratch) = (vec![0.0; traces], Vec::new());
        for spike in flight.spikes {
            let copy = (spike.neuron / plan.neurons()) as usize;
            let neuron = (spike.neuron % plan.neurons()).wrapping_sub(self.arena.first_source);
            if neuron >= self.arena.sources {
                continue;
            }
            let first = segment(copy, neuron as usize);
            for (record, delay) in (first..).zip(&self.delays) {
                let step = spike.step.wrapping_add(*delay);
                if step >= flight.step {
                    continue;
                }
                let last = Stamp::from_word(words.list(self.arena.last_at)[record]);
                for (n, before) in before.iter_mut().enumerate() {
                    let after = f32::from_bits(words.list(self.arena.after_at[n])[record]);
                    *before = synapse.pre.at(n, after, last, step);
                    words.list(self.arena.before_at[n])[record] = before.to_bits();
                }
                synapse.pre.at_spike(&mut before, &mut scratch);
                for (n, after) in before.iter().enumerate() {
                    words.list(self.arena.after_at[n])[record] = after.to_bits();
                }
                words.list(self.arena.last_at)[record] = Stamp::at(step).word();
            }
        }
    }
}

/// The words of all parts of a projection.
pub struct Words(pub [Vec<u32>; Part::ALL.len()]);

impl Words {
    /// Returns a list, and all behind it.
    fn list(&mut self, place: Place) -> &mut [u32] {
        &mut self.0[place.part as usize][place.at as usize..]
    }
}

/// The delays up to the synapses of a projection, each once, ascending.
fn delays(projection: &ProjectionPlan) -> Vec<u32> {
    let mut delays = Vec::new();
    for source in 0..projection.rows.rows() {
        projection.rows.for_each(source, |synapse| {
            let delay = synapse.delay_steps - projection.dendritic_steps();
            if let Err(at) = delays.binary_search(&delay) {
                delays.insert(at, delay);
            }
        });
    }
    delays
}
