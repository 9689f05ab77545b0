//! Workers that claim shards in odd orders and are put aside in the middle: the same bits.

use super::*;
use crate::run::autotuner::Autotuner;
use crate::simulation::CpuSimulation;
use isospike_conformance::handbuilt::code::lif_population;
use isospike_conformance::handbuilt::{PlanBuilder, Values, oracle};
use isospike_core::connect::Draw;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::{FixedInDegree, FixedProbability};
use isospike_core::plan::Plan;
use isospike_core::run::backend::Simulation as _;
use isospike_core::run::record::Recording;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Disturbs the workers of an engine by this seed; 0 disturbs nothing.
#[derive(Debug, Default)]
pub struct Disturbance(AtomicU64);

impl Disturbance {
    fn draw(&self, worker: usize, stage: u32, more: u64) -> Option<u64> {
        let seed = self.0.load(Ordering::Relaxed);
        let mut word = seed ^ (worker as u64) << 40 ^ u64::from(stage) << 8 ^ more;
        for _ in 0..3 {
            word = (word ^ word >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        (seed != 0).then_some(word >> 20)
    }

    /// Puts a worker aside, now and then, for longer than others wait; it may have locked a shard.
    pub fn pause(&self, worker: usize, stage: u32) {
        match self.draw(worker, stage, 1) {
            Some(word) if word.is_multiple_of(16) => {
                std::thread::sleep(Duration::from_micros(word / 16 % 1000));
            }
            Some(word) if word % 16 < 4 => std::thread::yield_now(),
            _ => {}
        }
    }

    /// Any shards in any order instead of the worker's own.
    pub(super) fn order(
        &self,
        own: impl Iterator<Item = usize>,
        worker: &Worker<'_>,
        stage: &Stage,
    ) -> std::vec::IntoIter<usize> {
        let (Some(first), all) = (self.draw(worker.number, stage.number, 2), worker.guards.len())
        else {
            return own.collect::<Vec<_>>().into_iter();
        };
        let mut shards: Vec<usize> = (0..all).collect();
        for n in (1..all).rev() {
            let word = self.draw(worker.number, stage.number, 3 + n as u64).unwrap_or(0);
            shards.swap(n, word as usize % (n + 1));
        }
        shards.truncate(first as usize % (all + 1));
        shards.into_iter()
    }
}

/// Two populations and a script, stored or drawn at each spike, with a window of so many steps.
fn network(procedural: bool, window: u32) -> Plan {
    let mut b = PlanBuilder::new(99, 2);
    let mut list: Vec<(u32, u32)> = (0..150).map(|n| (n / 2, n * 7 % 130)).collect();
    list.sort_unstable();
    let exc = b.neurons("exc", 1500, 2, lif_population(20, 40.0));
    let script = b.spike_list("script", 130, &list);
    let inh = b.neurons("inh", 400, 2, lif_population(5, 30.0));
    let values = |lo: i32, span| Values {
        procedural,
        ..Values::new(
            Draw::Uniform { lo: lo * 64, span },
            Draw::Uniform { lo: window as i32, span: 15 },
        )
    };
    b.project(exc, exc, 0, &Rule::FixedProbability(FixedProbability(0.05)), values(50, 700));
    b.project(exc, inh, 0, &Rule::FixedProbability(FixedProbability(0.1)), values(100, 64));
    b.project(inh, exc, 1, &Rule::FixedProbability(FixedProbability(0.1)), values(-300, 64));
    let in_degree = Rule::FixedInDegree(FixedInDegree { degree: 7, multapses: false });
    b.project(script, exc, 0, &in_degree, values(500, 1));
    b.probe(exc, 0, vec![0, 1, 127, 128, 1499], 7);
    b.0
}

fn simulation(plan: &Plan, autotuner: Autotuner) -> CpuSimulation {
    CpuSimulation::new(plan, Detected::new(None).unwrap(), false, autotuner).unwrap()
}

#[test]
fn odd_claims_and_delays_change_no_bit() {
    for (procedural, window) in [(false, 1), (false, 3), (true, 1)] {
        let plan = network(procedural, window);
        let expected = oracle::run(&plan, 120);
        assert!(expected.recording.spikes.len() > 300, "{}", expected.recording.spikes.len());
        for (threads, seed) in [(2, 1), (2, 2), (3, 3), (15, 4)] {
            let mut simulation = simulation(&plan, Autotuner::fixed(threads));
            assert!(simulation.shards() >= threads);
            simulation.engine().disturbance.0.store(seed, Ordering::Relaxed);
            let mut recording = Recording::new(&plan);
            for steps in [50, 1, 0, 69] {
                simulation.run(steps, &mut recording).unwrap();
            }
            let counters = simulation.counters().unwrap();
            let state = simulation.state().unwrap();
            assert!(oracle::Outcome { recording, state } == expected, "{threads} {seed}");
            assert_eq!(counters, undisturbed(&plan), "{threads} {seed}");
        }
    }
}

/// Returns the counts of one worker.
fn undisturbed(plan: &Plan) -> isospike_core::run::counters::Counters {
    let mut simulation = simulation(plan, Autotuner::fixed(1));
    simulation.run(120, &mut Recording::new(plan)).unwrap();
    simulation.counters().unwrap()
}

/// A worker that never gets a core: the others take its shards.
#[test]
fn a_worker_that_does_not_come_is_not_waited_for() {
    let plan = network(false, 1);
    let expected = oracle::run(&plan, 50);
    let simulation = simulation(&plan, Autotuner::fixed(4));
    let engine = simulation.engine();
    let run = Run { steps: 0..50, workers: 4, first_stage: 0 };
    let (phases, done) = engine.work(2, &run);
    assert!(done && phases.update > Duration::ZERO);
    // One that comes when all is over finds nothing to do.
    assert!(engine.work(1, &run).1);
    let mut spikes: Vec<Spike> =
        (0..4).flat_map(|shard| engine.shard(shard).record.clone()).collect();
    spikes.sort_unstable();
    let neurons = |spike: &&Spike| {
        let neuron = spike.neuron % plan.neurons();
        !(1500..1630).contains(&neuron)
    };
    let expected: Vec<Spike> = expected.recording.spikes.iter().filter(neurons).copied().collect();
    assert!(spikes == expected && spikes.len() > 50, "{} {}", spikes.len(), expected.len());
}

#[test]
fn a_panic_of_a_worker_ends_the_run() {
    let plan = network(false, 1);
    let simulation = simulation(&plan, Autotuner::fixed(3));
    let engine = simulation.engine();
    let poison = std::thread::scope(|scope| {
        let helper = scope.spawn(|| {
            let _guard = engine.shard(1);
            panic!("in the middle of a shard");
        });
        helper.join()
    });
    assert!(poison.is_err());
    let run = Run { steps: 0..50, workers: 3, first_stage: 0 };
    assert!(!engine.work(0, &run).1);
}
