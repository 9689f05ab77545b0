//! Rewiring: how many synapses a row has never changes, and no synapse goes without a reason.

use super::{Network, compile, models, trains, weights};
use isospike_core::base::id::Side;
use isospike_core::connect::rule::FixedProbability;
use isospike_core::connect::{Distribution, Rule};
use isospike_core::describe::model::{BinaryOp, Expr};
use isospike_core::describe::synapse::{Rewire, Synapse};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{RowWords, SynapsePart};
use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::checkpoint::{Checkpoint, CheckpointMismatch};
use isospike_core::run::record::Recording;
use std::collections::BTreeSet;

const PERIOD_STEPS: u32 = 40;
const STEPS: u32 = 200;

/// Removes what is weaker than this.
const LEAST: f64 = 0.35;

/// A new synapse has this weight.
const NEW: f64 = 0.5;

fn rewired(synapse: Synapse) -> Synapse {
    let (w, least) = (Box::new(Expr::State(0)), Box::new(Expr::Number(LEAST)));
    let rewire = Rewire {
        name: "own".into(),
        period_steps: PERIOD_STEPS,
        remove: Expr::Binary(BinaryOp::Lt, w, least),
        create: vec![Some(NEW)],
    };
    Synapse { rewire: Some(rewire), ..synapse }
}

fn plan(synapse: Synapse) -> Plan {
    let (pre, post) = (trains(30, 6, STEPS, (2, 25)), trains(40, 15, STEPS, (2, 40)));
    let network = Network {
        sources: (6, &pre),
        cells: (15, &post),
        weight: Distribution::Uniform { lo: 0.1, hi: 0.9 },
        delay_ms: Distribution::Uniform { lo: 0.1, hi: 3.0 },
        rule: Rule::FixedProbability(FixedProbability(0.5)),
        ..Network::pair(&[], &[], synapse, (0.5, 1))
    };
    network.plan()
}

/// The synapses of a row: target, delay, weight.
type Row = Vec<(u32, u32, f32)>;

/// The rows of a simulation.
fn rows(plan: &Plan, simulation: &mut dyn Simulation) -> Vec<Row> {
    let state = simulation.state().unwrap();
    let [RowWords { projection, targets, delays_steps }] = &plan.row_words()[..] else {
        panic!("one projection is rewired");
    };
    let mut own = (state[targets.clone()].iter().zip(&state[delays_steps.clone()]))
        .zip(weights(plan, simulation));
    let rows = &plan.projections[*projection].rows;
    let row = |row| {
        let all = own.by_ref().take(rows.len(row) as usize);
        all.map(|((target, delay), w)| (*target, *delay, w)).collect()
    };
    (0..rows.rows()).map(row).collect()
}

#[test]
fn rows_keep_their_lengths_and_strong_synapses_their_places() {
    let (still, moves) = (plan(models::stdp(1.0)), plan(rewired(models::stdp(1.0))));
    let mut before = compile(&still);
    before.run(PERIOD_STEPS, &mut Recording::new(&still)).unwrap();
    let old_weights = weights(&still, before.as_mut());
    for mut simulation in
        [compile(&moves), MachineBackend::new(Guarantees::ALL).compile(&moves).unwrap()]
    {
        let first = rows(&moves, simulation.as_mut());
        let mut record = Recording::new(&moves);
        simulation.run(PERIOD_STEPS - 1, &mut record).unwrap();
        let targets = |rows: &[Row]| -> Vec<Vec<(u32, u32)>> {
            rows.iter().map(|row| row.iter().map(|(a, b, _)| (*a, *b)).collect()).collect()
        };
        assert_eq!(targets(&first), targets(&rows(&moves, simulation.as_mut())));
        simulation.run(1, &mut record).unwrap();
        let new = rows(&moves, simulation.as_mut());
        let mut old_weights = old_weights.iter();
        let mut replaced = 0;
        for (old, new) in first.iter().zip(&new) {
            assert_eq!(old.len(), new.len());
            let all: BTreeSet<u32> = new.iter().map(|synapse| synapse.0).collect();
            assert_eq!(all.len(), new.len(), "a target is there twice");
            let had: BTreeSet<u32> = old.iter().map(|synapse| synapse.0).collect();
            for (old, new) in old.iter().zip(new) {
                let weight = *old_weights.next().unwrap();
                if weight < LEAST as f32 {
                    assert!(!had.contains(&new.0), "a target that the row had");
                    assert_eq!(new.2, NEW as f32);
                    replaced += 1;
                } else {
                    assert_eq!(*new, (old.0, old.1, weight));
                }
            }
        }
        assert!(replaced > 5, "{replaced}");
    }
}

/// A row that has nearly all targets moves no more synapses than there are free ones.
#[test]
fn a_row_without_a_free_target_stays() {
    let mut synapse = rewired(models::stdp(1.0));
    synapse.rewire.as_mut().unwrap().remove = Expr::Bool(true);
    let network = |p| Network {
        sources: (6, &[]),
        cells: (15, &[]),
        rule: Rule::FixedProbability(FixedProbability(p)),
        ..Network::pair(&[], &[], synapse.clone(), (0.25, 1))
    };
    for (p, free) in [(1.0, [0; 6]), (0.9, [1, 1, 1, 2, 1, 2])] {
        let plan = network(p).plan();
        for mut simulation in
            [compile(&plan), MachineBackend::new(Guarantees::ALL).compile(&plan).unwrap()]
        {
            let first = rows(&plan, simulation.as_mut());
            simulation.run(PERIOD_STEPS, &mut Recording::new(&plan)).unwrap();
            let new = rows(&plan, simulation.as_mut());
            let moved = |(old, new): (&Row, &Row)| {
                let places = old.iter().zip(new).enumerate();
                let moved: Vec<usize> = places.filter(|(_, (a, b))| a != b).map(|p| p.0).collect();
                assert!(moved.iter().copied().eq(0..moved.len()), "the first ones move");
                assert_eq!(moved.len(), 15 - old.len());
                moved.len()
            };
            let moved: Vec<usize> = first.iter().zip(&new).map(moved).collect();
            assert_eq!(moved, free);
        }
    }
}

#[test]
fn a_run_goes_on_with_the_rows_of_its_checkpoint() {
    let plan = plan(rewired(models::stdp(1.0)));
    let machine = MachineBackend::new(Guarantees::ALL);
    let (mut whole, mut record) = (compile(&plan), Recording::new(&plan));
    let mut checkpoints = Vec::new();
    for steps in [39, 1, 15, 25, 60] {
        whole.run(steps, &mut record).unwrap();
        checkpoints.push(Checkpoint::take(&plan, whole.as_mut(), &record).unwrap());
    }
    whole.run(STEPS - record.steps, &mut record).unwrap();
    let end = whole.state().unwrap();
    let mut resumed = machine.compile(&plan).unwrap();
    for checkpoint in &checkpoints {
        let mut record = Recording { steps: checkpoint.step, ..Recording::new(&plan) };
        for simulation in [&mut whole, &mut resumed] {
            simulation.restore(checkpoint).unwrap();
            assert_eq!(simulation.state().unwrap(), checkpoint.state);
        }
        resumed.run(STEPS - checkpoint.step, &mut record).unwrap();
        assert_eq!(resumed.state().unwrap(), end);
        resumed.reset().unwrap();
        assert_eq!(resumed.state().unwrap(), plan.initial_state());
        resumed.run(PERIOD_STEPS, &mut Recording::new(&plan)).unwrap();
        assert_eq!(resumed.state().unwrap(), checkpoints[1].state);
    }
}

#[test]
fn a_checkpoint_with_rows_that_cannot_be_is_refused() {
    let plan = plan(rewired(models::stdp(1.0)));
    let [rows] = &plan.row_words()[..] else { panic!("one projection is rewired") };
    for (place, word) in [(rows.targets.start, 15), (rows.delays_steps.start, 0)] {
        let mut checkpoint = Checkpoint::start(&plan);
        checkpoint.state[place] = word;
        assert_eq!(checkpoint.fits(&plan), Err(CheckpointMismatch::Rows));
    }
    assert_eq!(rows.delays_steps.end as u64, plan.state_words());
}

/// A trace of a target is there before the first synapse that ends at it.
#[test]
fn traces_do_not_depend_on_synapses() {
    let (still, moves) = (plan(models::stdp(1.0)), plan(rewired(models::stdp(1.0))));
    let traces = |plan: &Plan| {
        let mut simulation = compile(plan);
        simulation.run(STEPS, &mut Recording::new(plan)).unwrap();
        let [x, y] = [(Side::Pre, "x"), (Side::Post, "y")].map(|(side, name)| {
            super::floats(plan, simulation.as_mut(), SynapsePart::Trace(side, 0, name))
        });
        (x, y)
    };
    assert_eq!(traces(&still), traces(&moves));
}
