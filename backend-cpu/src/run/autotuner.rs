//! How many workers run a network. Whether another one pays depends on how long a step is and on
//! the other load of the cores, and is found out by trying. No bit depends on it.

use isospike_core::ir::Op;
use isospike_core::ops;
use isospike_core::plan::{Plan, PopulationPlan, PopulationPlanKind};
use std::time::Duration;

/// An operation takes about a hundredth of a nanosecond for a neuron, so this is about a
/// microsecond: for less of it in a step a worker is not worth a meeting.
const OPERATIONS_MIN: u64 = 80_000;

/// With so many operations in a step for each worker, all of them pay on an idle machine: they run
/// until another number proves better.
const OPERATIONS_MANY: u64 = 1_000_000;

/// Operations that take a nanosecond, if anything.
const OPERATIONS_PER_NS: u64 = 100;

/// The cost of drawing a random word or count, in operations.
const DRAW: u64 = 30;

/// The cost of an update, which is also that of 300 synapses: at 10 Hz and steps of 0.1 ms,
/// 300 synapses bring an event every third step, and an event costs about three updates.
const UPDATE: u64 = 30;

/// How long a number of workers wakes them up and warms their caches before it is measured.
const WARM_UP: Duration = Duration::from_millis(1);

/// How long it is measured.
const TRIAL: Duration = Duration::from_millis(2);

/// How long the best runs before anything is decided anew; at first no longer than a trial, because
/// it may have won by luck.
const STRETCH: Duration = Duration::from_millis(5);

/// The stretches for which a number of workers that nobody has tried is left alone, where it is not
/// tried first of all.
const REST_NEW: u32 = 3;

/// The stretches for which one that lost is left alone, at first and at most: each time that it
/// loses again four times as many.
const REST: (u32, u32) = (7, 127);

/// A stretch that takes so much longer than another number of workers took makes the trial of that
/// one due at once.
const SLOWER: f64 = 1.1;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Autotuner {
    /// Ascending numbers of workers.
    sizes: Vec<Size>,
    /// The best as far as is known, and whether it has just become that.
    best: usize,
    is_new: bool,
    /// The one that is tried, and whether it is warm; none while the best runs its stretch.
    tried: Option<(usize, bool)>,
    /// How long a step takes one worker, before anything is known.
    guess: Duration,
}

/// A number of workers, and what is known of it.
#[derive(Clone, Debug)]
struct Size {
    workers: usize,
    /// How long a step took last time.
    step: Duration,
    /// It was tried, and nothing has been decided since.
    is_tried: bool,
    /// For how many stretches it is left alone, and for how many it was the last time.
    rest: u32,
    last_rest: u32,
}

impl Autotuner {
    /// Always this many.
    pub fn fixed(workers: usize) -> Self {
        Self {
            sizes: vec![Size::new(workers)],
            best: 0,
            is_new: true,
            tried: None,
            guess: Duration::ZERO,
        }
    }

    /// As many of these cores as pay for a plan.
    pub fn for_plan(plan: &Plan, cores: usize) -> Self {
        let operations = operations(plan);
        let most = usize::try_from(operations / OPERATIONS_MIN).unwrap_or(usize::MAX);
        let most = most.clamp(1, cores.max(1));
        let many = operations / most as u64 >= OPERATIONS_MANY;
        Self::up_to(most, many, Duration::from_nanos(operations / OPERATIONS_PER_NS))
    }

    /// 1, 2, 4 and so on, up to this many, and one less than that: one busy program beside it takes
    /// one core. All of them run first where that is said, else all numbers are tried first.
    fn up_to(most: usize, all_first: bool, guess: Duration) -> Self {
        let powers = (0..usize::BITS).map(|n| 1 << n).take_while(|n| *n < most);
        let mut workers: Vec<usize> = powers.chain([most - 1, most]).filter(|n| *n > 0).collect();
        workers.sort_unstable();
        workers.dedup();
        let mut autotuner = Self::fixed(most);
        autotuner.sizes = workers.into_iter().map(Size::new).collect();
        autotuner.guess = guess;
        if all_first {
            autotuner.best = autotuner.sizes.len() - 1;
            autotuner.sizes.iter_mut().for_each(|size| size.rest = REST_NEW);
        } else if most > 1 {
            autotuner.tried = Some((0, false));
        }
        autotuner
    }

    /// No more than this many.
    pub fn limited(mut self, workers: usize) -> Self {
        self.sizes.iter_mut().for_each(|size| size.workers = size.workers.min(workers));
        self.sizes.dedup_by_key(|size| size.workers);
        self.best = self.best.min(self.sizes.len() - 1);
        self
    }

    /// The most workers that there may be.
    pub fn most(&self) -> usize {
        self.sizes.last().map_or(1, |size| size.workers)
    }

    /// How many workers are to run next, and for how many of the steps that are left.
    pub fn next(&self, left: u32) -> (usize, u32) {
        let size = &self.sizes[self.present()];
        if self.sizes.len() == 1 {
            return (size.workers, left);
        }
        let time = match self.tried {
            Some((_, false)) => WARM_UP,
            Some((_, true)) => TRIAL,
            None if self.is_new => TRIAL,
            None => STRETCH,
        };
        let known = |step: &Duration| !step.is_zero();
        let of_others = || self.sizes.iter().map(|size| size.step).find(known);
        let guess = || self.guess / size.workers as u32;
        let step = Some(size.step).filter(known).or_else(of_others).unwrap_or_else(guess);
        let steps = (time.as_nanos() / step.as_nanos().max(1)).max(1);
        (size.workers, u32::try_from(steps).unwrap_or(u32::MAX).min(left))
    }

    /// Learns how long they took for so many steps.
    pub fn learn(&mut self, steps: u32, time: Duration) {
        if self.sizes.len() == 1 {
            return;
        }
        let present = self.present();
        self.sizes[present].step = (time / steps.max(1)).max(Duration::from_nanos(1));
        let next = match self.tried {
            Some((tried, false)) => {
                self.tried = Some((tried, true));
                return;
            }
            Some((tried, true)) => {
                self.sizes[tried].is_tried = true;
                tried + 1
            }
            None => {
                self.is_new = false;
                self.rest();
                0
            }
        };
        self.tried = (next..self.sizes.len()).find(|k| self.is_due(*k)).map(|size| (size, false));
        if self.tried.is_none() {
            self.judge();
        }
    }

    /// The one that runs.
    fn present(&self) -> usize {
        self.tried.map_or(self.best, |(size, _)| size)
    }

    /// A stretch of the best is over: others have rested as long, and the best is forgiven some of
    /// what it lost before.
    fn rest(&mut self) {
        let slow = self.sizes[self.best].step;
        for (k, size) in self.sizes.iter_mut().enumerate() {
            if k == self.best {
                size.last_rest /= 2;
            } else if !size.step.is_zero() && slow > size.step.mul_f64(SLOWER) {
                size.rest = 0;
            } else {
                size.rest = size.rest.saturating_sub(1);
            }
        }
    }

    /// Whether a number of workers is to be tried. Those further away from the best are not, once
    /// there is one: a trial of few workers where many pay takes long.
    fn is_due(&self, k: usize) -> bool {
        let best_is_known = !self.sizes[self.best].step.is_zero();
        let is_next = k.abs_diff(self.best) == 1;
        self.sizes[k].rest == 0 && if best_is_known { is_next } else { k != self.best }
    }

    /// Settles for the fastest of the best and those that were tried. The others of them are left
    /// alone for longer.
    fn judge(&mut self) {
        self.sizes[self.best].is_tried = true;
        let fastest = (0..self.sizes.len()).filter(|k| self.sizes[*k].is_tried);
        let fastest = fastest.min_by_key(|k| self.sizes[*k].step).unwrap_or(self.best);
        self.is_new = fastest != self.best;
        self.best = fastest;
        for (k, size) in self.sizes.iter_mut().enumerate() {
            if std::mem::take(&mut size.is_tried) && k != self.best {
                size.last_rest = (4 * size.last_rest + 3).clamp(REST.0, REST.1);
                size.rest = size.last_rest;
            }
        }
    }
}

impl Size {
    fn new(workers: usize) -> Self {
        Self { workers, step: Duration::ZERO, is_tried: false, rest: 0, last_rest: 0 }
    }
}

/// About how many operations a step of a plan takes.
#[deny(clippy::wildcard_enum_match_arm)]
fn operations(plan: &Plan) -> u64 {
    let of_population = |population: &PopulationPlan| match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            let of_op = |op: &Op| match op {
                Op::Input(input) if input.is_drawn() => DRAW,
                ops!(pure) | ops!(memory) => u64::from(op.operands().next().is_some()),
                // A leaf is an operand.
                ops!(input) | ops!(literal) | ops!(thread) => 0,
            };
            u64::from(population.size) * neurons.program.ops.iter().map(of_op).sum::<u64>()
        }
        PopulationPlanKind::SpikeList(_) => 0,
    };
    let synapses: u64 = plan.projections.iter().map(|p| p.rows.expected_synapses()).sum();
    let updates: u64 = plan.populations.iter().map(of_population).sum();
    (updates + synapses / 300 * UPDATE) * u64::from(plan.batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUESS: Duration = Duration::from_micros(2);

    /// Runs so many steps, each of which takes so many microseconds with so many workers; how many
    /// of them each number of workers ran.
    fn run(
        autotuner: &mut Autotuner,
        steps: u32,
        micros: impl Fn(usize) -> u64,
    ) -> Vec<(usize, u32)> {
        let mut ran: Vec<(usize, u32)> =
            autotuner.sizes.iter().map(|size| (size.workers, 0)).collect();
        let mut left = steps;
        while left > 0 {
            let (workers, now) = autotuner.next(left);
            assert!((1..=left).contains(&now), "{now} of {left}");
            autotuner.learn(now, Duration::from_micros(micros(workers)) * now);
            ran.iter_mut().filter(|ran| ran.0 == workers).for_each(|ran| ran.1 += now);
            left -= now;
        }
        ran
    }

    #[test]
    fn the_fastest_runs_nearly_all_steps() {
        for best in [1, 2, 4, 5, 6] {
            for all_first in [false, true] {
                let mut autotuner = Autotuner::up_to(6, all_first, GUESS);
                let micros = |n: usize| 3 + 2 * n.abs_diff(best) as u64;
                let ran = run(&mut autotuner, 1_000_000, micros);
                assert_eq!(ran.iter().map(|ran| ran.0).collect::<Vec<_>>(), [1, 2, 4, 5, 6]);
                let share = ran.iter().find(|ran| ran.0 == best).map(|ran| ran.1);
                assert!(share > Some(970_000), "{ran:?}");
            }
        }
    }

    #[test]
    fn it_notices_when_others_take_the_cores_and_when_they_leave() {
        let mut autotuner = Autotuner::up_to(2, false, GUESS);
        let idle = |n: usize| if n == 2 { 3 } else { 5 };
        let busy = |n: usize| if n == 2 { 50 } else { 5 };
        run(&mut autotuner, 500_000, idle);
        let ran = run(&mut autotuner, 500_000, busy);
        // One stretch as on the idle machine, then trials.
        assert!(ran[1].1 < 20_000, "{ran:?}");
        let ran = run(&mut autotuner, 1_000_000, idle);
        assert!(ran[0].1 < 400_000, "{ran:?}");
    }

    #[test]
    fn large_networks_start_with_all_and_leave_them_within_tens_of_milliseconds() {
        let step = |n: usize| if n == 2 { 700 } else { 140 };
        let mut autotuner = Autotuner::up_to(2, true, Duration::from_micros(200));
        assert_eq!(autotuner.next(u32::MAX), (2, 20));
        let ran = run(&mut autotuner, 10_000, step);
        // Three stretches, then trials: 1.4 s of which 0.15 s are not the better number's.
        assert!(ran[1].1 < 220, "{ran:?}");
        // On an idle machine nearly all of a second is theirs.
        let mut autotuner = Autotuner::up_to(2, true, Duration::from_micros(200));
        let ran = run(&mut autotuner, 14_000, |n| 140 / n as u64);
        assert!(ran[0].1 < 140, "{ran:?}");
    }

    #[test]
    fn one_program_beside_many_cores_takes_one_of_them() {
        let mut autotuner = Autotuner::up_to(16, true, Duration::from_micros(200));
        let sizes = autotuner.sizes.iter().map(|size| size.workers).collect::<Vec<_>>();
        assert_eq!(sizes, [1, 2, 4, 8, 15, 16]);
        let ran = run(&mut autotuner, 100_000, |n| if n == 16 { 40 } else { 160 / n as u64 });
        assert!(ran[4].1 > 97_000 && ran[..3].iter().all(|ran| ran.1 == 0), "{ran:?}");
    }

    /// A number that wins its trial by luck is found out in its first stretch, and each time it is
    /// longer until it is tried again.
    #[test]
    fn luck_does_not_last() {
        let mut autotuner = Autotuner::up_to(2, false, GUESS);
        let mut ran = [0, 0];
        for _ in 0..400 {
            let (workers, now) = autotuner.next(u32::MAX);
            let lucky = workers == 2 && autotuner.tried.is_some();
            let micros = if lucky { 3 } else { [5, 15][workers - 1] };
            autotuner.learn(now, Duration::from_micros(micros) * now);
            ran[workers - 1] += u64::from(now) * micros;
        }
        assert!(ran[1] * 10 < ran[0], "{ran:?}");
    }

    #[test]
    fn a_fixed_number_is_never_questioned() {
        let mut autotuner = Autotuner::fixed(7);
        assert_eq!((autotuner.next(u32::MAX), autotuner.most()), ((7, u32::MAX), 7));
        autotuner.learn(u32::MAX, Duration::ZERO);
        assert_eq!(autotuner.next(1), (7, 1));
        assert_eq!(Autotuner::up_to(1, true, GUESS).next(9), (1, 9));
        let limited = Autotuner::up_to(6, true, GUESS).limited(3);
        assert_eq!(limited.sizes.iter().map(|size| size.workers).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(limited.next(u32::MAX).0, 3);
        assert_eq!(Autotuner::up_to(6, false, GUESS).limited(1).next(u32::MAX), (1, u32::MAX));
    }
}
