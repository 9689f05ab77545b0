//! The condition that makes post events in place of spikes (`docs/semantics.md` 8.23): a program
//! over all targets of a shard, in each step.

use super::bench::Targets;
use super::event::Events;
use super::rows::Rows;
use crate::arch::{Detected, LANES, Lanes};
use crate::program::interpreter::{Arrays, Registers};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The targets for which it holds, ascending.
    pub list: Vec<u32>,
    /// How many synapses of the shard end at each target; empty where nothing happens at them.
    in_degrees: Vec<u32>,
    targets: usize,
    /// The variables of the targets.
    arrays: Arrays,
    registers: Registers,
    scalars: Vec<u32>,
    slots: Vec<u32>,
}

impl Condition {
    /// Makes room for so many targets; `None` where spikes make post events.
    pub fn new(events: &Events, rows: &Rows, targets: usize) -> Option<Self> {
        events.on_post_if.as_ref()?;
        let counted = if events.on_post.is_some() { targets } else { 0 };
        let mut in_degrees = vec![0; counted];
        let mut row = Vec::with_capacity(rows.longest());
        for segment in (0..rows.segments()).filter(|_| counted > 0) {
            rows.targets(segment, &mut row);
            row.iter().for_each(|target| in_degrees[*target as usize] += 1);
        }
        let constants = events.constants();
        let lanes = targets.div_ceil(LANES);
        Some(Self {
            list: Vec::with_capacity(targets),
            in_degrees,
            targets,
            arrays: Arrays {
                state: Vec::new(),
                floats: 0,
                constants: vec![vec![Lanes::ZERO; lanes]; constants.count()],
                receptors: Vec::new(),
            },
            registers: Registers::default(),
            scalars: Vec::new(),
            slots: vec![0; constants.count()],
        })
    }

    /// Lists the targets for which it holds. `variables` has the variables of all targets after the
    /// update of the step, `signals` those of the model after the step before.
    pub fn find(
        &mut self,
        events: &Events,
        isa: Detected,
        variables: Targets<'_>,
        signals: &[u32],
    ) {
        self.list.clear();
        let (Some(event), constants) = (&events.on_post_if, events.constants()) else { return };
        for &n in event.variables() {
            let to = Lanes::words_mut(&mut self.arrays.constants[constants.variable(n)]);
            to[..self.targets].copy_from_slice(&variables[n][..self.targets]);
        }
        self.slots[constants.signal(0)..constants.decay(0)].copy_from_slice(signals);
        event.scalars(&self.slots, &mut self.scalars);
        let Self { list, targets, arrays, registers, scalars, .. } = self;
        event.run_listing(isa, arrays, registers, scalars, (*targets, list));
    }

    /// Returns how many post events there are at the targets of the list.
    pub fn events(&self) -> u64 {
        let degree = |target: &u32| self.in_degrees.get(*target as usize).copied().unwrap_or(0);
        self.list.iter().map(|target| u64::from(degree(target))).sum()
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let arrays = self.arrays.constants.iter().map(|array| size_of_val(&**array));
        let words = self.list.capacity() + self.in_degrees.len();
        (arrays.sum::<usize>() + words * size_of::<u32>()) as u64
    }
}
