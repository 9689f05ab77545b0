//! Cuts the input of a call into that of fewer steps.

use crate::run::backend::BackendError;
use crate::run::input::{Current, Input};
use crate::run::record::Spike;
use std::ops::Range;

/// The part of an input that belongs to some of its steps.
pub(super) struct Cut<'a> {
    end: u32,
    spikes: &'a [Spike],
    /// The name of each stimulus with the first steps and the values of its rows.
    currents: Vec<(&'a str, Vec<u32>, Vec<f32>)>,
}

impl<'a> Cut<'a> {
    /// Takes the part of these steps out of input that was accepted.
    pub fn new(input: &Input<'a>, steps: Range<u32>) -> Self {
        let at = |step| input.spikes.partition_point(|spike| spike.step < step);
        Self {
            end: steps.end,
            spikes: &input.spikes[at(steps.start)..at(steps.end)],
            currents: input.currents.iter().map(|current| cut(current, &steps)).collect(),
        }
    }

    /// Calls `f` with the end of the steps and the input.
    pub fn with(
        &self,
        f: impl FnOnce(u32, &Input<'_>) -> Result<(), BackendError>,
    ) -> Result<(), BackendError> {
        let currents = self.currents.iter();
        let currents =
            currents.map(|(stimulus, steps, values)| Current { stimulus, steps, values });
        let currents: Vec<Current<'_>> = currents.collect();
        f(self.end, &Input { spikes: self.spikes, currents: &currents })
    }
}

/// Returns the rows of a current that hold in these steps; one that began before begins with them.
fn cut<'a>(current: &Current<'a>, steps: &Range<u32>) -> (&'a str, Vec<u32>, Vec<f32>) {
    let Current { stimulus, steps: firsts, values } = *current;
    let width = values.len().checked_div(firsts.len()).unwrap_or(0);
    let held = firsts.partition_point(|first| *first <= steps.start).saturating_sub(1);
    let end = firsts.partition_point(|first| *first < steps.end);
    let firsts = firsts[held.min(end)..end].iter().map(|first| *first.max(&steps.start)).collect();
    (stimulus, firsts, values[held.min(end) * width..end * width].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(firsts: &[u32], steps: Range<u32>) -> (Vec<u32>, Vec<f32>) {
        let values: Vec<f32> = (0..2 * firsts.len()).map(|n| n as f32).collect();
        let (_, firsts, values) =
            cut(&Current { stimulus: "x", steps: firsts, values: &values }, &steps);
        (firsts, values)
    }

    #[test]
    fn a_row_that_holds_begins_with_the_steps() {
        assert_eq!(of(&[3, 7], 5..9), (vec![5, 7], vec![0.0, 1.0, 2.0, 3.0]));
        assert_eq!(of(&[3, 7], 7..9), (vec![7], vec![2.0, 3.0]));
        assert_eq!(of(&[3, 7], 0..5), (vec![3], vec![0.0, 1.0]));
        assert_eq!(of(&[3, 7], 0..3), (vec![], vec![]));
        assert_eq!(of(&[3, 7], 20..30), (vec![20], vec![2.0, 3.0]));
        assert_eq!(of(&[], 0..5), (vec![], vec![]));
    }
}
