//! A batch: columns of words that go in, one program for all rows, a column of words that comes
//! out. Run on a backend as a population with a neuron for each row.

use super::code::Code;
use super::everything::halves;
use super::{PlanBuilder, neuron_plan};
use crate::failure::Failure;
use isospike_core::base::words::count;
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Input, Val};
use isospike_core::plan::{NeuronPlan, Plan, Words};
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;

/// Rows with any number of words each.
pub struct ColumnBatch {
    columns: Vec<Vec<u32>>,
}

impl ColumnBatch {
    /// A batch with these columns, of one length.
    pub fn new(columns: Vec<Vec<u32>>) -> Self {
        Self { columns }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The words of a row.
    pub fn row(&self, row: usize) -> Vec<u32> {
        self.columns.iter().map(|column| column[row]).collect()
    }

    /// The word that `build` makes of the words of each row (all U32), on the backend.
    pub fn run(
        &self,
        backend: &dyn Backend,
        build: impl FnOnce(&mut Builder, &[Val]) -> Val,
    ) -> Result<Vec<u32>, Failure> {
        let plan = self.plan(build);
        let mut simulation = backend.compile(&plan)?;
        simulation.run(1, &mut Recording::new(&plan))?;
        let state = simulation.state()?;
        let rows = self.rows();
        if state.len() != 2 * rows {
            let got = count(state.len() as u64, "word");
            return Err(Failure::new(format!("{got} of state, {} are wanted", 2 * rows)));
        }
        let (high, low) = state.split_at(rows);
        let half = |word: u32| f32::from_bits(word) as u32;
        Ok(high.iter().zip(low).map(|(high, low)| half(*high) << 16 | half(*low)).collect())
    }

    fn plan(&self, build: impl FnOnce(&mut Builder, &[Val]) -> Val) -> Plan {
        let mut builder = Builder::new();
        let words = self.columns.iter().zip((0..).step_by(2)).map(|(_, n)| {
            let [high, low] = [n, n + 1].map(|n| {
                let half = builder.input(Input::Parameter(n));
                let half = builder.f_to_i(half);
                builder.i_to_u(half)
            });
            let high = builder.ushl(high, 16);
            builder.uor(high, low)
        });
        let words: Vec<Val> = words.collect();
        let result = build(&mut builder, &words);
        let mut code = Code(builder.program(Vec::new()));
        code.store_halves(result);
        let constants = self.columns.iter().flat_map(|c| halves(c).map(Words::Each)).collect();
        let neurons = neuron_plan(code.0, vec![Words::All(0); 2]);
        let mut plan = PlanBuilder::new(1, 1);
        plan.neurons("rows", self.rows() as u32, 0, NeuronPlan { constants, ..neurons });
        plan.0
    }
}
