//! Connectivity: a row source gives the synapses of source neuron `i` from (seed, projection, i)
//! alone, in any order and in parallel.

/// One synapse of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synapse {
    /// Target neuron within the post population.
    pub target: u32,
    /// Quantised weight.
    pub weight: i32,
    /// Delay in steps, at least 1.
    pub delay_steps: u32,
}

/// The rows of one projection.
#[derive(Clone, Debug)]
pub struct RowSource {}

impl RowSource {
    /// How many rows: the size of the pre population.
    pub fn rows(&self) -> u32 {
        todo!()
    }

    /// Calls `f` for every synapse of row `i`, in the row's order.
    pub fn for_each(&self, i: u32, f: impl FnMut(Synapse)) {
        let _ = (i, f);
        todo!()
    }

    /// The number of synapses of row `i`.
    pub fn len(&self, i: u32) -> u32 {
        let _ = i;
        todo!()
    }
}
