//! Explicit lists of synapses, in columns.

use std::sync::Arc;

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
    /// Adds a synapse. Its weight, where it has one, is a number; its delay is at least one step.
    pub fn push(&mut self, synapse: ExplicitSynapse) {
        let ExplicitSynapse { pre, post, weight, delay_steps } = synapse;
        let before = self.pre.len();
        self.pre.push(pre);
        self.post.push(post);
        if weight.is_some() || !self.weight.is_empty() {
            self.weight.resize(before, f64::NAN);
            self.weight.push(weight.unwrap_or(f64::NAN));
        }
        if delay_steps.is_some() || !self.delay_steps.is_empty() {
            self.delay_steps.resize(before, 0);
            self.delay_steps.push(delay_steps.unwrap_or(0));
        }
    }

    /// Sorts by source.
    pub fn sorted(mut self) -> SynapseList {
        if !self.pre.is_sorted() {
            self.sort();
        }
        self.pre.shrink_to_fit();
        self.post.shrink_to_fit();
        self.weight.shrink_to_fit();
        self.delay_steps.shrink_to_fit();
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
            // What has come to its place points to itself.
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
