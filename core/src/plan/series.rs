//! Words that change in time: which row of them holds in a step.

use crate::describe::checked::Rows;
use std::ops::Range;
use std::sync::Arc;

/// A series of words for the neurons of a population. The word is 0 if no row holds.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPlan {
    /// When each row holds.
    pub rows: Rows,
    /// Words in a row: 1, the same for all neurons, or the size of the population.
    pub width: u32,
    /// Row by row.
    pub words: Arc<[u32]>,
}

/// The steps around one of them in which the same row holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// How many rows or gaps came before, the gap before row 0 included, however short.
    pub place: u32,
    /// The steps; to `u32::MAX`, which no run reaches: for ever.
    pub steps: Range<u32>,
}

impl SeriesPlan {
    /// Whether all neurons have the same word.
    pub fn is_uniform(&self) -> bool {
        self.width == 1
    }

    /// How many places there are: the gap before row 0, the rows, and the gap behind those that
    /// end.
    pub fn places(&self) -> u32 {
        1 + self.rows.count() + u32::from(matches!(self.rows, Rows::Every { .. }))
    }

    /// The first step of a place; `u32::MAX` where there is none.
    pub fn first_step(&self, place: u32) -> u32 {
        let Some(row) = place.checked_sub(1) else { return 0 };
        match &self.rows {
            Rows::From(steps) => steps.get(row as usize).copied().unwrap_or(u32::MAX),
            Rows::Every { first_step, steps, count } if row <= *count => {
                let first = u64::from(*first_step) + u64::from(row) * u64::from(*steps);
                u32::try_from(first).unwrap_or(u32::MAX)
            }
            Rows::Every { .. } => u32::MAX,
        }
    }

    /// The place of a step, and the steps that share it.
    pub fn span(&self, step: u32) -> Span {
        let place = match &self.rows {
            Rows::From(steps) => steps.partition_point(|first| *first <= step) as u32,
            Rows::Every { first_step, .. } if step < *first_step => 0,
            Rows::Every { first_step, steps, count } => {
                ((step - first_step) / steps).min(*count) + 1
            }
        };
        Span { place, steps: self.first_step(place)..self.first_step(place + 1) }
    }

    /// The row at a place; `None` in a gap.
    pub fn row(&self, place: u32) -> Option<&[u32]> {
        let row = place.checked_sub(1).filter(|row| *row < self.rows.count())?;
        let width = self.width as usize;
        Some(&self.words[row as usize * width..][..width])
    }

    /// The word of a neuron in a step.
    pub fn word(&self, step: u32, neuron: u32) -> u32 {
        let row = self.row(self.span(step).place);
        row.map_or(0, |row| row[if self.is_uniform() { 0 } else { neuron as usize }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(rows: Rows) -> SeriesPlan {
        let words = (1..=rows.count()).collect();
        SeriesPlan { rows, width: 1, words }
    }

    #[test]
    fn a_row_with_a_time_holds_until_the_next_and_the_last_for_ever() {
        let all = series(Rows::From([2, 5, 6].into()));
        let words: Vec<u32> = (0..9).map(|step| all.word(step, 7)).collect();
        assert_eq!(words, [0, 0, 1, 1, 1, 2, 3, 3, 3]);
        assert_eq!(all.word(u32::MAX - 1, 0), 3);
        assert_eq!(all.span(3), Span { place: 1, steps: 2..5 });
        assert_eq!(all.span(6), Span { place: 3, steps: 6..u32::MAX });
        assert_eq!(series(Rows::From([0].into())).span(0), Span { place: 1, steps: 0..u32::MAX });
        assert_eq!(series(Rows::From([].into())).span(9), Span { place: 0, steps: 0..u32::MAX });
    }

    #[test]
    fn rows_without_times_follow_one_another_and_end() {
        let all = series(Rows::Every { first_step: 1, steps: 2, count: 3 });
        let words: Vec<u32> = (0..9).map(|step| all.word(step, 0)).collect();
        assert_eq!(words, [0, 1, 1, 2, 2, 3, 3, 0, 0]);
        assert_eq!(all.span(8), Span { place: 4, steps: 7..u32::MAX });
        let late = series(Rows::Every { first_step: u32::MAX - 3, steps: 3, count: 2 });
        assert_eq!(late.word(u32::MAX - 4, 0), 0);
        assert_eq!(late.word(u32::MAX - 1, 0), 1);
        assert_eq!(late.span(u32::MAX - 1).steps, u32::MAX - 3..u32::MAX);
    }
}
