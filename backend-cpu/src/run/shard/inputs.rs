//! Values that change in time and come from outside the neurons: series, and currents of each call.

use super::Moment;
use crate::arch::Lanes;
use isospike_core::plan::{NeuronPlan, SeriesPlan, Span};
use std::ops::Range;

/// The series of a slice.
#[derive(Debug)]
pub(super) struct Moving {
    source: Vec<SeriesPlan>,
    /// The place that the arrays and words of each are of.
    present: Vec<Span>,
    /// The words of those that all neurons share, 0 for the others.
    pub(super) words: Vec<u32>,
    /// The start of their arrays among the constants.
    first_array: usize,
}

impl Moving {
    pub(super) fn new(neurons: &NeuronPlan) -> Self {
        Self {
            source: neurons.series.clone(),
            present: vec![Span::default(); neurons.series.len()],
            words: vec![0; neurons.series.len()],
            first_array: neurons.constants.len(),
        }
    }

    /// Takes the rows that hold in a step.
    pub(super) fn seek(&mut self, step: u32, neurons: &Range<u32>, constants: &mut [Vec<Lanes>]) {
        let arrays = &mut constants[self.first_array..];
        let words = self.words.iter_mut().zip(arrays);
        for ((series, present), (word, array)) in
            self.source.iter().zip(&mut self.present).zip(words)
        {
            if present.steps.contains(&step) {
                continue;
            }
            *present = series.span(step);
            let row = series.row(present.place);
            if series.is_uniform() {
                *word = row.map_or(0, |row| row[0]);
                continue;
            }
            let (to, padding) = Lanes::words_mut(array).split_at_mut(neurons.len());
            match row {
                Some(row) => {
                    to.copy_from_slice(&row[neurons.start as usize..neurons.end as usize]);
                }
                None => to.fill(0),
            }
            padding.fill(to.last().copied().unwrap_or(0));
        }
    }
}

/// The currents from outside of a slice.
#[derive(Debug)]
pub(super) struct External {
    /// The index of each in the plan.
    source: Vec<u32>,
    /// Whether the array of each has a row; else it has zeros.
    given: Vec<bool>,
    /// The start of their arrays among the constants.
    first_array: usize,
    /// Neurons of the population.
    size: usize,
}

impl External {
    pub(super) fn new(neurons: &NeuronPlan, size: u32) -> Self {
        Self {
            source: neurons.external.clone(),
            given: vec![false; neurons.external.len()],
            first_array: neurons.constants.len() + neurons.series.len(),
            size: size as usize,
        }
    }

    /// Takes the currents of a step and copy.
    pub(super) fn seek(
        &mut self,
        moment: &Moment<'_>,
        copy: u32,
        own: &Range<u32>,
        constants: &mut [Vec<Lanes>],
    ) {
        let arrays = &mut constants[self.first_array..];
        for ((source, given), array) in self.source.iter().zip(&mut self.given).zip(arrays) {
            let series = &moment.currents[*source as usize];
            match series.row(series.span(moment.step).place) {
                Some(row) => {
                    let first = copy as usize * self.size;
                    let row = &row[first + own.start as usize..first + own.end as usize];
                    let (to, padding) = Lanes::words_mut(array).split_at_mut(row.len());
                    to.copy_from_slice(row);
                    padding.fill(row.last().copied().unwrap_or(0));
                    *given = true;
                }
                None if *given => {
                    array.fill(Lanes::ZERO);
                    *given = false;
                }
                None => {}
            }
        }
    }
}
