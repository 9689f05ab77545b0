//! The arrays that programs of events run over: a row is taken onto the bench, its events are
//! carried out there, and its state is put back.

use super::decay::{at_events, factors, largest};
use super::event::{Event, Events};
use super::history::History;
use super::record::Records;
use super::rows::Rows;
use super::waiting::{Older, Waiting};
use crate::arch::row::Pass;
use crate::arch::{Detected, LANES, Lanes};
use crate::program::interpreter::{Arrays, Registers};
use crate::synapse::arena::Pieces;
use isospike_core::base::id::Side;
use isospike_core::plan::synapse::Stamp;
use std::ops::Range;
use std::sync::atomic::AtomicU32;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    isa: Detected,
    /// The targets of the row.
    pub targets: Vec<u32>,
    /// Whether the targets of all rows are 0, 1, 2 and so on.
    in_order: bool,
    /// State, the stamp if state decays, what is sent, and what events read, of all synapses of the
    /// row.
    row: Arrays,
    /// State, the stamp, and what events read, at post events of one depth.
    some: Arrays,
    waiting: Waiting,
    registers: Registers,
    scalars: Vec<u32>,
    slots: Vec<u32>,
    ages: Vec<u32>,
}

/// The step of an event of a whole row, and what all its synapses read.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub step: u32,
    /// The traces of the source; for clocked blocks its variables follow.
    pub pre: &'a [f32],
    pub targets: Targets<'a>,
}

/// The words of each variable of the targets of a shard that a model reads, of one copy.
pub(crate) type Targets<'a> = &'a [&'a [u32]];

/// The words of each variable of all sources that clocked blocks of a model read, of one copy.
pub(crate) type Sources<'a> = &'a [&'a [AtomicU32]];

/// A row whose events are carried out, and all that these read.
pub(crate) struct Row<'a> {
    /// Its place in the state.
    pub lanes: Range<usize>,
    pub events: &'a Events,
    pub records: &'a Records,
    /// The number of its record.
    pub record: usize,
    pub history: &'a History,
    /// The copy of the batch.
    pub copy: u32,
    /// Post events before this step have been carried out.
    pub caught: u32,
}

impl Bench {
    /// Makes room for any of these rows.
    pub fn new(events: &Events, rows: &Rows, isa: Detected) -> Self {
        let longest = rows.longest();
        let lanes = longest.div_ceil(LANES);
        let arrays = |count| vec![vec![Lanes::ZERO; lanes]; count];
        let all = |state| Arrays {
            state: arrays(state),
            floats: events.states(),
            constants: arrays(events.constants().count()),
            receptors: Vec::new(),
        };
        Self {
            isa,
            targets: Vec::with_capacity(longest),
            in_order: rows.in_order(),
            row: all(events.words() + events.plan.sent.len()),
            some: all(events.words()),
            waiting: Waiting::new(longest),
            registers: Registers::default(),
            scalars: Vec::new(),
            slots: vec![0; events.constants().count()],
            ages: Vec::with_capacity(longest),
        }
    }

    /// The instruction set.
    pub fn isa(&self) -> Detected {
        self.isa
    }

    /// Takes the state of a row onto the bench, when its post events have been carried out: in each
    /// synapse from the oldest on.
    pub fn take(&mut self, row: &Row<'_>, state: &mut [Pieces<Lanes>]) {
        let (isa, here) = (self.isa, row.lanes.clone());
        let Some(event) = &row.events.on_post else {
            return copy(state, here, &mut self.row.state);
        };
        let mut waiting = std::mem::take(&mut self.waiting);
        let targets = std::mem::take(&mut self.targets);
        waiting.list(isa, row.history, row.copy, row.caught, &targets);
        for older in waiting.older() {
            self.older_post_events(event, row, older, state);
        }
        let (stamps, limit) = (waiting.newest(), row.caught);
        if largest(isa, stamps) > limit {
            copy(state, here.clone(), &mut self.some.state);
            self.post_event(event, row, 0, &targets, stamps);
            let words = self.some.state.iter().zip(&*state).zip(&mut self.row.state);
            for ((new, old), to) in words {
                let new = &Lanes::words(new)[..stamps.len()];
                let old = &Lanes::words(&old[here.clone()])[..stamps.len()];
                let to = &mut Lanes::words_mut(to)[..stamps.len()];
                Pass::Choose { stamps, limit, new, old, to }.run(isa);
            }
        } else {
            copy(state, here, &mut self.row.state);
        }
        (self.waiting, self.targets) = (waiting, targets);
    }

    /// Runs the program of a pre event or of a clocked block over the row on the bench, which has
    /// been taken.
    pub fn run(&mut self, row: &Row<'_>, event: &Event, around: Around<'_>) {
        let Around { step, pre, targets } = around;
        let Self { isa, row: arrays, registers, scalars, slots, ages, targets: places, .. } = self;
        let Row { events, history, .. } = row;
        for &n in event.reads(Side::Post) {
            let to = &mut Lanes::words_mut(&mut arrays.constants[events.constants().post(n)])
                [..places.len()];
            Pass::Gather { from: history.now(n), places, to }.run(*isa);
        }
        for &n in event.variables() {
            let to = &mut arrays.constants[events.constants().variable(n)];
            let to = &mut Lanes::words_mut(to)[..places.len()];
            Pass::Gather { from: targets[n], places, to }.run(*isa);
        }
        for (slot, value) in slots.iter_mut().zip(pre) {
            *slot = value.to_bits();
        }
        slots[events.constants().signal(0)..events.constants().decay(0)]
            .copy_from_slice(history.signals(row.copy));
        event.scalars(slots, scalars);
        let now = Stamp::at(step).word();
        let count = places.len();
        decay_state(*isa, events, event, arrays, ages, |last| {
            last[..count].iter().map(|last| now.wrapping_sub(*last))
        });
        event.run(*isa, arrays, registers, scalars, count);
        if let Some(last) = stamps_mut(events, arrays) {
            last[..count].fill(now);
        }
    }

    /// Adds what the synapses of the row on the bench have sent to the receptor of this number to
    /// the sums of their targets.
    pub fn send(&self, row: &Row<'_>, receptor: usize, sums: &mut [u32]) {
        let sent = Lanes::words(&self.row.state[row.events.words() + receptor]);
        let (places, from) = (&*self.targets, &sent[..self.targets.len()]);
        match self.in_order {
            true => Pass::AddInOrder { to: sums, from }.run(self.isa),
            false => Pass::Add { to: sums, places, from }.run(self.isa),
        };
    }

    /// Puts the state of the row on the bench back.
    pub fn put_back(&self, row: &Row<'_>, state: &mut [Pieces<Lanes>]) {
        for (variable, from) in state.iter_mut().zip(&self.row.state) {
            variable[row.lanes.clone()].copy_from_slice(&from[..row.lanes.len()]);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let arrays = |arrays: &Arrays| {
            let words = arrays.state.iter().chain(&arrays.constants);
            words.map(|array| size_of_val(&**array) as u64).sum::<u64>()
        };
        arrays(&self.row) + arrays(&self.some) + self.waiting.bytes()
    }

    /// Carries out post events that are not the newest of their targets.
    fn older_post_events(
        &mut self,
        event: &Event,
        row: &Row<'_>,
        older: Older<'_>,
        state: &mut [Pieces<Lanes>],
    ) {
        let Older { depth, lanes: places, targets, stamps } = older;
        for (from, to) in state.iter().zip(&mut self.some.state) {
            let from = Lanes::words(&from[row.lanes.clone()]);
            let to = &mut Lanes::words_mut(to)[..places.len()];
            Pass::Gather { from, places, to }.run(self.isa);
        }
        self.post_event(event, row, depth, targets, stamps);
        for (to, from) in state.iter_mut().zip(&self.some.state) {
            let to = Lanes::words_mut(&mut to[row.lanes.clone()]);
            let from = &Lanes::words(from)[..places.len()];
            Pass::Scatter { to, places, from }.run(self.isa);
        }
    }

    /// Runs the program of post events over [`Self::some`]: the events at one depth of these
    /// targets, with their stamps.
    fn post_event(
        &mut self,
        event: &Event,
        row: &Row<'_>,
        depth: usize,
        targets: &[u32],
        stamps: &[u32],
    ) {
        let Self { isa, some, registers, ages, .. } = self;
        let &Row { events, records, record, history, copy, caught, .. } = row;
        for &n in event.reads(Side::Pre) {
            let to = &mut Lanes::words_mut(&mut some.constants[events.constants().pre(n)])
                [..targets.len()];
            let decay = &events.plan.pre.decay[n];
            at_events(*isa, decay, records.trace(record, n), (stamps, caught), to);
        }
        for &n in event.reads(Side::Post) {
            let to = &mut Lanes::words_mut(&mut some.constants[events.constants().post(n)])
                [..targets.len()];
            Pass::Gather { from: history.before(copy, n, depth), places: targets, to }.run(*isa);
        }
        for &n in event.variables() {
            let to = &mut some.constants[events.constants().variable(n)];
            let to = &mut Lanes::words_mut(to)[..targets.len()];
            Pass::Gather { from: history.variable(copy, n, depth), places: targets, to }.run(*isa);
        }
        for &n in event.signals() {
            let to = &mut Lanes::words_mut(&mut some.constants[events.constants().signal(n)])
                [..targets.len()];
            let from = history.signal_at(copy, n, depth);
            Pass::Gather { from, places: targets, to }.run(*isa);
        }
        decay_state(*isa, events, event, some, ages, |last| {
            // A stamp up to `caught` stands for no event.
            let age =
                |(now, last): (&u32, &u32)| if *now > caught { now.wrapping_sub(*last) } else { 0 };
            stamps.iter().zip(last).map(age)
        });
        event.run(*isa, some, registers, &[], targets.len());
        if let Some(last) = stamps_mut(events, some) {
            last[..stamps.len()].copy_from_slice(stamps);
        }
    }
}

/// Writes how the state of synapses has decayed at an event, for the variables whose decay it
/// reads. `ages_of` gives for the stamps of last events the steps since then.
fn decay_state<'a, I: Iterator<Item = u32>>(
    isa: Detected,
    events: &Events,
    event: &Event,
    arrays: &'a mut Arrays,
    ages: &mut Vec<u32>,
    ages_of: impl FnOnce(&'a [u32]) -> I,
) {
    if event.decays().is_empty() {
        return;
    }
    let Arrays { state, constants, .. } = arrays;
    ages.clear();
    ages.extend(ages_of(Lanes::words(&state[events.states()])));
    for &n in event.decays() {
        let Some(decay) = &events.plan.state[n].decay else { continue };
        let to = &mut Lanes::words_mut(&mut constants[events.constants().decay(n)])[..ages.len()];
        factors(isa, decay, ages, to);
    }
}

/// The stamps of the synapses on arrays; `None` where no state decays.
fn stamps_mut<'a>(events: &Events, arrays: &'a mut Arrays) -> Option<&'a mut [u32]> {
    let at = events.states();
    (events.words() > at).then(|| Lanes::words_mut(&mut arrays.state[at]))
}

/// Copies the state of a row.
fn copy(state: &[Pieces<Lanes>], row: Range<usize>, to: &mut [Vec<Lanes>]) {
    for (variable, to) in state.iter().zip(to) {
        to[..row.len()].copy_from_slice(&variable[row.clone()]);
    }
}
