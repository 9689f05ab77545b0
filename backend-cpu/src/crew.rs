//! How many workers run a network. A step of a small one takes microseconds: whether a second worker
//! pays then depends on who else wants the cores, and is found out by trying. No bit depends on it.

use isospike_core::ir::Op;
use isospike_core::plan::{Plan, PopulationPlan, PopulationPlanKind};
use std::time::Duration;

/// An operation takes about a hundredth of a nanosecond for a neuron, so this is about a
/// microsecond: for less of it in a step a worker is not worth a meeting.
const OPERATIONS_MIN: u64 = 80_000;

/// With so many operations in a step for each worker, all of them pay in any case.
const OPERATIONS_MANY: u64 = 1_000_000;

/// What drawing a random word or count costs, in operations.
const DRAW: u64 = 30;

/// What an update costs that a synapse costs a three-hundredth of: at 10 Hz and steps of 0.1 ms,
/// 300 synapses bring an event every third step, and an event costs about three updates.
const UPDATE: u64 = 30;

/// How long a number of workers is tried, after as long to wake them up and warm their caches.
const TRIAL: Duration = Duration::from_millis(1);

/// How long the best runs before others are tried again.
const STRETCH: Duration = Duration::from_millis(20);

/// The most stretches for which a number of workers that lost is left alone.
const REST_MAX: u32 = 63;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Crew {
    /// Ascending numbers of workers.
    sizes: Vec<Size>,
    /// The best as far as is known.
    best: usize,
    /// The one that is tried, and whether it is warm; none while the best runs its stretch.
    tried: Option<(usize, bool)>,
}

/// A number of workers, and what is known of it.
#[derive(Clone, Debug)]
struct Size {
    workers: usize,
    /// How long a step took last time.
    step: Duration,
    /// For how many stretches it is left alone, and for how many it was the last time.
    rest: u32,
    last_rest: u32,
}

impl Crew {
    /// Always this many.
    pub fn fixed(workers: usize) -> Self {
        let size = Size { workers, step: Duration::ZERO, rest: 0, last_rest: 0 };
        Self { sizes: vec![size], best: 0, tried: None }
    }

    /// As many of these cores as pay for a plan.
    pub fn for_plan(plan: &Plan, cores: usize) -> Self {
        let operations = operations(plan);
        let most = usize::try_from(operations / OPERATIONS_MIN).unwrap_or(usize::MAX);
        let most = most.clamp(1, cores.max(1));
        if operations / most as u64 >= OPERATIONS_MANY {
            return Self::fixed(most);
        }
        Self::up_to(most)
    }

    /// 1, 2, 4 and so on, up to this many.
    fn up_to(most: usize) -> Self {
        let mut crew = Self::fixed(most);
        if most > 1 {
            let powers = (0..usize::BITS).map(|n| 1 << n).take_while(|n| *n < most);
            crew.sizes = powers.chain([most]).flat_map(|n| Self::fixed(n).sizes).collect();
            crew.tried = Some((0, false));
        }
        crew
    }

    /// No more than this many.
    pub fn limited(mut self, workers: usize) -> Self {
        self.sizes.iter_mut().for_each(|size| size.workers = size.workers.min(workers));
        self.sizes.dedup_by_key(|size| size.workers);
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
        let time = if self.tried.is_some() { TRIAL } else { STRETCH };
        let known = |step: &Duration| !step.is_zero();
        let of_others = || self.sizes.iter().map(|size| size.step).find(known);
        // Where nothing is known yet, as if a step took two microseconds.
        let step = Some(size.step).filter(known).or_else(of_others).unwrap_or(TRIAL / 1000);
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
            Some((tried, true)) => tried + 1,
            None => {
                self.sizes.iter_mut().for_each(|size| size.rest = size.rest.saturating_sub(1));
                0
            }
        };
        let is_due = |k: &usize| {
            let size = &self.sizes[*k];
            size.step.is_zero() || size.rest == 0 && *k != self.best
        };
        self.tried = (next..self.sizes.len()).find(is_due).map(|size| (size, false));
        if self.tried.is_none() {
            self.judge();
        }
    }

    /// The one that runs.
    fn present(&self) -> usize {
        self.tried.map_or(self.best, |(size, _)| size)
    }

    /// Settles for the fastest. Those that lose again are left alone twice as long.
    fn judge(&mut self) {
        let fastest = (0..self.sizes.len()).min_by_key(|k| self.sizes[*k].step);
        self.best = fastest.unwrap_or(self.best);
        for (k, size) in self.sizes.iter_mut().enumerate() {
            if k == self.best {
                (size.rest, size.last_rest) = (0, 0);
            } else if size.rest == 0 {
                size.last_rest = (2 * size.last_rest + 1).min(REST_MAX);
                size.rest = size.last_rest;
            }
        }
    }
}

/// About how many operations a step of a plan takes.
fn operations(plan: &Plan) -> u64 {
    let of_population = |population: &PopulationPlan| match &population.kind {
        PopulationPlanKind::Neurons(neurons) => {
            let of_op = |op: &Op| match op {
                Op::Random { .. } | Op::Poisson { .. } => DRAW,
                // A leaf is an operand.
                _ => u64::from(op.operands().next().is_some()),
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

    /// Runs so many steps, each of which takes so many microseconds with so many workers; how many of
    /// them each number of workers ran.
    fn run(crew: &mut Crew, steps: u32, micros: impl Fn(usize) -> u64) -> Vec<(usize, u32)> {
        let mut ran: Vec<(usize, u32)> = crew.sizes.iter().map(|size| (size.workers, 0)).collect();
        let mut left = steps;
        while left > 0 {
            let (workers, now) = crew.next(left);
            assert!((1..=left).contains(&now), "{now} of {left}");
            crew.learn(now, Duration::from_micros(micros(workers)) * now);
            ran.iter_mut().filter(|ran| ran.0 == workers).for_each(|ran| ran.1 += now);
            left -= now;
        }
        ran
    }

    #[test]
    fn the_fastest_runs_nearly_all_steps() {
        for best in [1, 2, 4, 6] {
            let mut crew = Crew::up_to(6);
            let ran = run(&mut crew, 1_000_000, |n| if n == best { 3 } else { 5 });
            assert_eq!(ran.iter().map(|ran| ran.0).collect::<Vec<_>>(), [1, 2, 4, 6]);
            let share = ran.iter().find(|ran| ran.0 == best).map(|ran| ran.1);
            assert!(share > Some(980_000), "{ran:?}");
        }
    }

    #[test]
    fn it_notices_when_others_take_the_cores_and_when_they_leave() {
        let mut crew = Crew::up_to(2);
        let idle = |n: usize| if n == 2 { 3 } else { 5 };
        let busy = |n: usize| if n == 2 { 50 } else { 5 };
        run(&mut crew, 500_000, idle);
        let ran = run(&mut crew, 500_000, busy);
        // One stretch as on the idle machine, then trials.
        assert!(ran[1].1 < 20_000, "{ran:?}");
        let ran = run(&mut crew, 1_000_000, idle);
        assert!(ran[0].1 < 400_000, "{ran:?}");
    }

    #[test]
    fn a_fixed_number_is_never_questioned() {
        let mut crew = Crew::fixed(7);
        assert_eq!((crew.next(u32::MAX), crew.most()), ((7, u32::MAX), 7));
        crew.learn(u32::MAX, Duration::ZERO);
        assert_eq!(crew.next(1), (7, 1));
        assert_eq!(Crew::up_to(1).next(9), (1, 9));
        let limited = Crew::up_to(6).limited(3);
        assert_eq!(limited.sizes.iter().map(|size| size.workers).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(Crew::up_to(6).limited(1).next(u32::MAX), (1, u32::MAX));
    }
}
