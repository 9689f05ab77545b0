//! Post events that a row has to carry out, by depth in the histories of its targets.

use super::history::{DEPTH, History};
use crate::arch::row::{Kept, Pass};
use crate::arch::{Detected, LANES};

/// See the module. Most synapses that have an event have one: the newest of each target stands for
/// all synapses of the row, in order. Behind depth 0 there are lists of the synapses that have
/// older events. The synapses with an event at one depth are among those with one at the depth
/// before. Carried out from the deepest list on, each synapse has its events in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    /// How many synapses the row has.
    count: usize,
    /// The newest event of the target of each.
    newest: Vec<u32>,
    /// The lists in use.
    used: usize,
    lists: Vec<List>,
}

/// The synapses that have an event at a depth.
#[derive(Clone, Debug, Default)]
struct List {
    count: usize,
    /// By place in the row.
    lanes: Vec<u32>,
    targets: Vec<u32>,
    /// The stamp of each event.
    stamps: Vec<u32>,
}

/// Events at one depth, one of each synapse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Older<'a> {
    pub depth: usize,
    /// The synapses, by place in the row.
    pub lanes: &'a [u32],
    pub targets: &'a [u32],
    pub stamps: &'a [u32],
}

impl Waiting {
    /// Makes room for rows of so many synapses.
    pub fn new(longest: usize) -> Self {
        Self { newest: vec![0; longest], ..Self::default() }
    }

    /// Lists the post events from step `caught` on of a row with these targets.
    pub fn list(
        &mut self,
        isa: Detected,
        history: &History,
        copy: u32,
        caught: u32,
        targets: &[u32],
    ) {
        let room = self.newest.len().next_multiple_of(LANES);
        (self.count, self.used) = (targets.len(), 0);
        // A stamp is the step + 1.
        let limit = caught;
        for depth in 1..DEPTH {
            if self.lists.len() < depth {
                self.lists.push(List::new(room));
            }
            let (before, here) = self.lists.split_at_mut(depth - 1);
            let List { count, lanes, targets: left, stamps } = &mut here[0];
            let kept = Kept { numbers: lanes, places: left, words: stamps };
            let pass = match before.last() {
                None => {
                    let (from, newest) = (history.newest(copy), &mut self.newest[..self.count]);
                    Pass::Newest { from, limit, places: targets, newest, kept }
                }
                Some(List { count, lanes, targets, .. }) => {
                    let (numbers, places) = (&lanes[..*count], &targets[..*count]);
                    Pass::Above { from: history.older(copy, depth), limit, numbers, places, kept }
                }
            };
            *count = pass.run(isa);
            if *count == 0 {
                break;
            }
            self.used += 1;
        }
    }

    /// The lists of events behind the newest ones, the oldest of each synapse first.
    pub fn older(&self) -> impl Iterator<Item = Older<'_>> {
        let lists = self.lists[..self.used].iter().enumerate().rev();
        lists.map(|(n, List { count, lanes, targets, stamps })| Older {
            depth: n + 1,
            lanes: &lanes[..*count],
            targets: &targets[..*count],
            stamps: &stamps[..*count],
        })
    }

    /// The stamps of the newest events of all synapses of the row; those up to `caught` have been
    /// carried out.
    pub fn newest(&self) -> &[u32] {
        &self.newest[..self.count]
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let words = self.lists.iter().map(|list| 3 * size_of_val(&*list.lanes)).sum::<usize>();
        (words + size_of_val(&*self.newest)) as u64
    }
}

impl List {
    fn new(room: usize) -> Self {
        Self { count: 0, lanes: vec![0; room], targets: vec![0; room], stamps: vec![0; room] }
    }
}
