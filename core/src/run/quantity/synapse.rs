//! Names the state variables of synapses that learn.

use super::{Quantity, QuantityError};
use crate::base::numeric;
use crate::plan::synapse::SynapsePart;
use crate::plan::{Plan, ProjectionPlan};
use std::ops::Range;

/// Holds where the words of a state variable of synapses are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynapsePlace {
    /// The index of the projection.
    pub projection: usize,
    /// The index of the variable among those of its synapse model.
    pub variable: usize,
    /// The place of its words among those of [`crate::run::backend::Simulation::state`]: copy, row,
    /// place in the row.
    pub words: Range<u64>,
}

impl Quantity {
    /// Names a state variable of the synapses of a projection.
    pub fn synapse(projection: impl Into<String>, variable: impl Into<String>) -> Self {
        Self::Synapse { projection: projection.into(), variable: variable.into() }
    }

    /// Lists all state variables of synapses of a plan, in canonical order.
    pub fn synapses(plan: &Plan) -> Vec<Self> {
        let blocks = plan.synapse_blocks().into_iter();
        let named = blocks.filter_map(|block| match block.part {
            SynapsePart::State(_, name) => Some(Self::synapse(&block.plan.name, name)),
            SynapsePart::LastEvent | SynapsePart::Trace(..) => None,
            SynapsePart::Stamp(_) | SynapsePart::Sent(..) => None,
        });
        named.collect()
    }

    pub(super) fn synapse_place(
        &self,
        plan: &Plan,
        projection: &str,
        variable: &str,
    ) -> Result<SynapsePlace, QuantityError> {
        let projection = self.projection(plan, projection)?;
        let synapse = &plan.projections[projection].synapse;
        let names = synapse.iter().flat_map(|synapse| &synapse.state);
        let names = names.map(|variable| variable.name.as_str());
        let variable = self.find("state variable of its synapses", variable, names)?;
        Ok(SynapsePlace::new(plan, projection, variable))
    }

    pub(super) fn weights_place(
        &self,
        plan: &Plan,
        projection: &str,
    ) -> Result<usize, QuantityError> {
        let projection = self.projection(plan, projection)?;
        if plan.projections[projection].synapse.is_none() {
            return Ok(projection);
        }
        let why = "its synapses learn, so each has state of its own in each copy; read and write a \
                   state variable of its synapse model, which `Quantity::synapse` names";
        Err(QuantityError::Folded { quantity: Box::new(self.clone()), why })
    }

    fn projection(&self, plan: &Plan, name: &str) -> Result<usize, QuantityError> {
        let names = plan.projections.iter().map(|projection| &*projection.name);
        self.find("projection", name, names)
    }
}

impl SynapsePlace {
    /// Returns the place of a state variable of a projection that learns, both by their index; that
    /// of the stamps of its synapses follows those of the variables.
    pub(super) fn new(plan: &Plan, projection: usize, variable: usize) -> Self {
        let blocks = plan.synapse_blocks();
        let mut own = blocks.iter().filter(|block| block.projection == projection);
        // The state variables of a projection come first, in order, then the stamps.
        let words = own.nth(variable).map_or(0..0, |block| block.words.clone());
        Self { projection, variable, words: words.start as u64..words.end as u64 }
    }

    /// Returns the state variables whose samples are due after a step, each once; `None` stands for
    /// before step 0.
    pub fn sampled(plan: &Plan, after: Option<u32>) -> Vec<Self> {
        let mut places = Vec::new();
        for probe in plan.synapse_probes.iter().filter(|probe| probe.is_due(after)) {
            let Some(variable) = probe.variable else { continue };
            let place = Self::new(plan, probe.projection, variable);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// Returns the words of the variable among all state words.
    pub fn of<'a>(&self, state: &'a [u32]) -> &'a [u32] {
        &state[self.words.start as usize..self.words.end as usize]
    }

    /// Returns the words that are stored for `words`, flushed as in every event.
    ///
    /// Errors: another number of words, a float that is not finite, and one out of the bounds of
    /// the variable.
    pub fn accept(
        &self,
        plan: &Plan,
        quantity: &Quantity,
        words: &[u32],
    ) -> Result<Vec<u32>, QuantityError> {
        quantity.has_length(self.words.end - self.words.start, words)?;
        let projection = &plan.projections[self.projection];
        let synapse = projection.synapse.as_ref();
        let bounds = synapse.and_then(|synapse| synapse.state[self.variable].bounds);
        let allows = |word: &u32| {
            let value = f32::from_bits(*word);
            value.is_finite() && bounds.is_none_or(|(lo, hi)| lo <= value && value <= hi)
        };
        let stored: Vec<u32> = words.iter().map(|word| numeric::flush_bits(*word)).collect();
        let Some(at) = stored.iter().position(|word| !allows(word)) else { return Ok(stored) };
        let (copy, row, synapse) = locate(projection, at as u64);
        Err(QuantityError::Synapse {
            quantity: Box::new(quantity.clone()),
            copy,
            row,
            synapse,
            found: f32::from_bits(words[at]).to_string(),
            allowed: match bounds {
                Some((least, largest)) => format!("{least} to {largest}").into(),
                None => "a finite number".into(),
            },
        })
    }
}

/// Returns the copy, the row and the place in the row of a word of a variable of synapses.
pub fn locate(projection: &ProjectionPlan, word: u64) -> (u32, u32, u32) {
    let synapses = projection.rows.synapses().max(1);
    let (copy, mut place) = ((word / synapses) as u32, word % synapses);
    let mut row = 0;
    while row + 1 < projection.rows.rows() && place >= u64::from(projection.rows.len(row)) {
        place -= u64::from(projection.rows.len(row));
        row += 1;
    }
    (copy, row, place as u32)
}
