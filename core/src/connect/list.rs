//! Explicit lists of synapses: in columns as they are described, in rows as they are delivered.

use super::Synapse;
use std::sync::Arc;

/// Bytes of a synapse that sorting takes beside the columns.
const SORT_BYTES: u64 = 4;

/// One synapse of an explicit list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplicitSynapse {
    /// Source.
    pub pre: u32,
    /// Target.
    pub post: u32,
    /// Its weight, or the projection's distribution where `None`.
    pub weight: Option<f64>,
    /// Its delay in steps, or the projection's distribution where `None`.
    pub delay_steps: Option<u32>,
}

/// Synapses sorted by source, those of a source in the order given: 20 bytes each, 8 where none has
/// a weight or delay of its own. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct SynapseList(Arc<SynapseColumns>);

/// Synapses in any order, one column for each part.
#[derive(Clone, Debug, Default)]
pub struct SynapseColumns {
    pre: Vec<u32>,
    post: Vec<u32>,
    /// Empty where no synapse has one; NaN for one that has none.
    weight: Vec<f64>,
    /// Empty where no synapse has one; 0 for one that has none.
    delay_steps: Vec<u32>,
}

/// Synapses in full, quantised: row `i` is `synapses[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The start of each row; one more than rows.
    pub starts: Arc<[u64]>,
    /// All synapses, row by row.
    pub synapses: Arc<[Synapse]>,
}

impl SynapseList {
    /// Counts the synapses.
    pub fn len(&self) -> usize {
        self.0.pre.len()
    }

    /// Says whether there is no synapse.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Goes through the synapses.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ExplicitSynapse> + '_ {
        (0..self.len()).map(|index| self.0.get(index))
    }
}

impl PartialEq for SynapseList {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl SynapseColumns {
    /// Gives the bytes that a synapse takes at most while the columns are read and sorted.
    pub fn row_bytes(has_weight: bool, has_delay: bool) -> u64 {
        let kept = 8 + 8 * u64::from(has_weight) + 4 * u64::from(has_delay);
        kept + SORT_BYTES
    }

    /// Adds a synapse. Its weight, where it has one, is a number; its delay is at least one step.
    pub fn push(&mut self, synapse: ExplicitSynapse) {
        let ExplicitSynapse { pre, post, weight, delay_steps } = synapse;
        let before = self.pre.len();
        push(&mut self.pre, pre);
        push(&mut self.post, post);
        if weight.is_some() || !self.weight.is_empty() {
            fill(&mut self.weight, before, f64::NAN);
            push(&mut self.weight, weight.unwrap_or(f64::NAN));
        }
        if delay_steps.is_some() || !self.delay_steps.is_empty() {
            fill(&mut self.delay_steps, before, 0);
            push(&mut self.delay_steps, delay_steps.unwrap_or(0));
        }
    }

    /// Sorts by source.
    pub fn sorted(mut self) -> SynapseList {
        self.pre.shrink_to_fit();
        self.post.shrink_to_fit();
        self.weight.shrink_to_fit();
        self.delay_steps.shrink_to_fit();
        if !self.pre.is_sorted() {
            self.sort();
        }
        SynapseList(Arc::new(self))
    }

    fn get(&self, index: usize) -> ExplicitSynapse {
        ExplicitSynapse {
            pre: self.pre[index],
            post: self.post[index],
            weight: self.weight.get(index).copied().filter(|weight| !weight.is_nan()),
            delay_steps: self.delay_steps.get(index).copied().filter(|steps| *steps > 0),
        }
    }

    /// Moves each row along the cycles of the order, in place: 4 bytes a row beside the columns.
    fn sort(&mut self) {
        let mut from: Vec<u32> = (0..self.pre.len() as u32).collect();
        from.sort_by_key(|&row| self.pre[row as usize]);
        for start in 0..from.len() {
            let mut at = start;
            // An entry that has come to its place points to itself.
            while from[at] as usize != start {
                let next = from[at] as usize;
                self.swap(at, next);
                from[at] = at as u32;
                at = next;
            }
            from[at] = at as u32;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.pre.swap(a, b);
        self.post.swap(a, b);
        if !self.weight.is_empty() {
            self.weight.swap(a, b);
        }
        if !self.delay_steps.is_empty() {
            self.delay_steps.swap(a, b);
        }
    }
}

/// Adds a value to a column. Its room grows by an eighth and is not doubled, so that a long column
/// has little to spare.
fn push<T>(column: &mut Vec<T>, value: T) {
    if column.len() == column.capacity() {
        column.reserve_exact((column.len() / 8).max(64));
    }
    column.push(value);
}

/// Makes a column as long as the others.
fn fill<T: Copy>(column: &mut Vec<T>, length: usize, value: T) {
    if column.len() < length {
        column.reserve_exact(length - column.len());
        column.resize(length, value);
    }
}

impl FromIterator<ExplicitSynapse> for SynapseList {
    fn from_iter<I: IntoIterator<Item = ExplicitSynapse>>(synapses: I) -> Self {
        let mut columns = SynapseColumns::default();
        synapses.into_iter().for_each(|synapse| columns.push(synapse));
        columns.sorted()
    }
}

impl<const N: usize> From<[ExplicitSynapse; N]> for SynapseList {
    fn from(synapses: [ExplicitSynapse; N]) -> Self {
        synapses.into_iter().collect()
    }
}

impl From<Vec<ExplicitSynapse>> for SynapseList {
    fn from(synapses: Vec<ExplicitSynapse>) -> Self {
        synapses.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The room that the columns take.
    fn bytes(columns: &SynapseColumns) -> u64 {
        let words =
            columns.pre.capacity() + columns.post.capacity() + columns.delay_steps.capacity();
        (4 * words + 8 * columns.weight.capacity()) as u64
    }

    #[test]
    fn a_row_takes_24_bytes_at_most_however_many_there_are() {
        for (has_weight, has_delay) in [(false, false), (true, false), (true, true), (false, true)]
        {
            let row_bytes = SynapseColumns::row_bytes(has_weight, has_delay);
            assert!(row_bytes <= 24);
            let mut columns = SynapseColumns::default();
            for row in 0..100_000_u32 {
                let weight = has_weight.then_some(f64::from(row));
                let delay_steps = has_delay.then_some(1 + row % 9);
                columns.push(ExplicitSynapse { pre: row % 7, post: row, weight, delay_steps });
                let rows = u64::from(row) + 1;
                assert!(row < 1000 || bytes(&columns) <= row_bytes * rows, "{row_bytes}, {rows}");
            }
            // The columns beside the sorted ones come when they have no room to spare.
            let list = columns.sorted();
            assert!(bytes(&list.0) + SORT_BYTES * 100_000 <= row_bytes * 100_000);
        }
    }

    #[test]
    fn a_list_is_sorted_by_source_and_keeps_the_order_of_each() {
        let all: Vec<ExplicitSynapse> = (0..500_u32)
            .map(|i| ExplicitSynapse {
                pre: i * 7919 % 23,
                post: i,
                weight: (i % 3 > 0).then_some(f64::from(i)),
                delay_steps: (i > 250).then_some(i),
            })
            .collect();
        let mut expected = all.clone();
        expected.sort_by_key(|synapse| synapse.pre);
        let list = SynapseList::from(all);
        assert_eq!(list.iter().collect::<Vec<_>>(), expected);
        assert_eq!(list, expected.into());
        assert_eq!(list.len(), 500);
    }
}
