//! The stages of a run: between two of them all shards meet.

use crate::run::shown::Shown;
use std::ops::Range;

/// The work of each shard until all meet again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Stages are counted over all runs; wraps.
    pub number: u32,
    /// The number of its window in this run; that of the last stage is how many there are.
    pub window: u32,
    /// The steps whose spikes are taken from the exchanges of the stage before; empty in the first.
    pub taken: Range<u32>,
    /// The steps that are run; empty in the last stage.
    pub run: Range<u32>,
    /// The part of these steps.
    pub part: Part,
    /// The steps whose spikes are shown when it is over.
    pub spikes: Range<u32>,
}

/// The part of the steps of a stage that is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of them.
    Whole,
    /// All but the end of the last step.
    Begin,
    /// The end of one step.
    End,
}

impl Stage {
    /// Returns whether the end of a step is left to the next stage.
    pub fn leaves_end_of(&self, step: u32) -> bool {
        self.part == Part::Begin && step + 1 == self.run.end
    }

    /// Returns whether the next stage begins another window.
    pub fn ends_window(&self) -> bool {
        self.part != Part::Begin
    }
}

/// The stages of a run in order. In the stage of a window each shard takes the spikes of the window
/// before and runs the steps of this one. A window ends with each step in which clocked blocks read
/// their sources, and what follows the update in this step has a stage of its own. The last stage
/// only takes.
pub(crate) struct Stages<'a> {
    shown: &'a Shown,
    /// The most steps of a window.
    most: u32,
    end: u32,
    number: u32,
    window: u32,
    /// The steps of the window before.
    before: Range<u32>,
    /// The step whose end is left.
    left: Option<u32>,
    is_over: bool,
}

impl<'a> Stages<'a> {
    /// Makes those of a run of some steps with windows of at most so many, numbered from `number`
    /// on.
    pub fn new(shown: &'a Shown, most: u32, steps: Range<u32>, number: u32) -> Self {
        let before = steps.start..steps.start;
        let end = steps.end.max(steps.start);
        Self { shown, most, end, number, window: 0, before, left: None, is_over: false }
    }
}

impl Iterator for Stages<'_> {
    type Item = Stage;

    fn next(&mut self) -> Option<Stage> {
        if self.is_over {
            return None;
        }
        let (number, window) = (self.number, self.window);
        self.number = number.wrapping_add(1);
        let start = self.before.end;
        if let Some(step) = self.left.take() {
            self.window += 1;
            let (taken, run, spikes) = (start..start, step..step + 1, self.before.clone());
            return Some(Stage { number, window, taken, run, part: Part::End, spikes });
        }
        let due = self.shown.next_due(start).map_or(u32::MAX, |step| step.saturating_add(1));
        let end = self.end.min(start.saturating_add(self.most)).min(due.max(start));
        let (taken, run) = (self.before.clone(), start..end);
        self.is_over = run.is_empty();
        self.left =
            run.clone().next_back().filter(|step| self.shown.next_due(*step) == Some(*step));
        self.before = run.clone();
        let (part, spikes) = match self.left {
            Some(_) => (Part::Begin, end..end),
            None => (Part::Whole, run.clone()),
        };
        self.window += u32::from(!self.is_over && self.left.is_none());
        Some(Stage { number, window, taken, run, part, spikes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_one_another_and_the_last_stage_only_takes() {
        let shown = Shown::default();
        let stages: Vec<Stage> = Stages::new(&shown, 3, 10..18, u32::MAX).collect();
        let runs: Vec<Range<u32>> = stages.iter().map(|stage| stage.run.clone()).collect();
        assert_eq!(runs, [10..13, 13..16, 16..18, 18..18]);
        let taken: Vec<Range<u32>> = stages.iter().map(|stage| stage.taken.clone()).collect();
        assert_eq!(taken, [10..10, 10..13, 13..16, 16..18]);
        let numbers: Vec<u32> = stages.iter().map(|stage| stage.number).collect();
        assert_eq!(numbers, [u32::MAX, 0, 1, 2]);
        let windows: Vec<u32> = stages.iter().map(|stage| stage.window).collect();
        assert_eq!(windows, [0, 1, 2, 3]);
        assert!(stages.iter().all(|stage| stage.spikes == stage.run));
        assert_eq!(Stages::new(&shown, 3, 7..7, 0).count(), 1);
    }

    #[test]
    fn the_end_of_a_step_in_which_blocks_read_sources_has_a_stage_of_its_own() {
        let shown = Shown::with_periods(&[4]);
        let stages: Vec<Stage> = Stages::new(&shown, 3, 2..9, 0).collect();
        let parts: Vec<(Range<u32>, Part)> =
            stages.iter().map(|stage| (stage.run.clone(), stage.part)).collect();
        let expected = [
            (2..4, Part::Begin),
            (3..4, Part::End),
            (4..7, Part::Whole),
            (7..8, Part::Begin),
            (7..8, Part::End),
            (8..9, Part::Whole),
            (9..9, Part::Whole),
        ];
        assert_eq!(parts, expected);
        // Spikes are shown once, by the stage before the one that takes them.
        let (mut shows, mut takes) = (Vec::new(), Vec::new());
        for pair in stages.windows(2) {
            shows.extend(pair[0].spikes.clone());
            takes.extend(pair[1].taken.clone());
            assert!(pair[1].taken.is_empty() || pair[0].spikes == pair[1].taken);
        }
        assert_eq!((shows, takes), ((2..9).collect(), (2..9).collect()));
        assert_eq!(stages.last().map(|stage| stage.window), Some(4));
    }
}
