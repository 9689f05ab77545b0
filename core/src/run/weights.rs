//! Reads and writes the weights of a projection in canonical order: row, then place in the row.

use crate::base::numeric;
use crate::plan::{Plan, ProjectionPlan};
use crate::run::quantity::{Quantity, QuantityError};

/// Returns the weights of a projection of a plan, as [`Quantity::Weights`] orders them.
///
/// Errors: rows that are not stored.
pub fn read(
    plan: &Plan,
    quantity: &Quantity,
    projection: usize,
) -> Result<Vec<u32>, QuantityError> {
    let projection = stored(plan, quantity, projection)?;
    let mut words = Vec::new();
    for row in 0..projection.rows.rows() {
        projection.rows.for_each(row, |synapse| words.push(synapse.weight.cast_unsigned()));
    }
    Ok(words)
}

/// Returns the weights of a projection without a synapse model, in the base unit of its receptor:
/// the bits of floats in the same order.
pub fn floats(plan: &Plan, projection: usize) -> Vec<u32> {
    let projection = &plan.projections[projection];
    let exponent = plan.receptors[projection.receptor as usize].scale_exponent;
    let float = |weight| numeric::flush(libm::scalbn(f64::from(weight), -exponent) as f32);
    let mut words = Vec::new();
    for row in 0..projection.rows.rows() {
        projection.rows.for_each(row, |synapse| words.push(float(synapse.weight).to_bits()));
    }
    words
}

/// Gives the rows of a projection of a plan these weights.
///
/// Errors, which change nothing: those of [`accept`].
pub fn write(
    plan: &mut Plan,
    quantity: &Quantity,
    projection: usize,
    words: &[u32],
) -> Result<(), QuantityError> {
    let weights = accept(plan, quantity, projection, words)?;
    let rows = &mut plan.projections[projection].rows;
    *rows = rows.with_weights(&weights);
    Ok(())
}

/// Returns the weights that words stand for, where they may be written.
///
/// Errors: rows that are not stored, a projection without `weight_bounds`, another number of words,
/// and a weight out of the bounds.
pub fn accept(
    plan: &Plan,
    quantity: &Quantity,
    projection: usize,
    words: &[u32],
) -> Result<Vec<i32>, QuantityError> {
    let projection = stored(plan, quantity, projection)?;
    let bounds = projection.weight_bounds.ok_or_else(|| folded(quantity, CONSTANT))?;
    quantity.has_length(projection.rows.synapses(), words)?;
    let weights: Vec<i32> = words.iter().map(|word| word.cast_signed()).collect();
    let Some(at) = weights.iter().position(|weight| !bounds.contains(*weight)) else {
        return Ok(weights);
    };
    let (mut row, mut synapse) = (0, at as u32);
    while synapse >= projection.rows.len(row) {
        synapse -= projection.rows.len(row);
        row += 1;
    }
    Err(QuantityError::Weight {
        quantity: Box::new(quantity.clone()),
        row,
        synapse,
        found: weights[at],
        least: bounds.least,
        largest: bounds.largest,
    })
}

fn stored<'p>(
    plan: &'p Plan,
    quantity: &Quantity,
    projection: usize,
) -> Result<&'p ProjectionPlan, QuantityError> {
    let projection = &plan.projections[projection];
    (!projection.procedural).then_some(projection).ok_or_else(|| folded(quantity, PROCEDURAL))
}

const CONSTANT: &str = "the scale of its receptor rests on the weights that it has; give \
                        `weight_bounds` to the projection in the model file";
const PROCEDURAL: &str = "its rows are drawn again at each spike and never stored; remove \
                          `procedural` in the model file";

fn folded(quantity: &Quantity, why: &'static str) -> QuantityError {
    QuantityError::Folded { quantity: Box::new(quantity.clone()), why }
}
