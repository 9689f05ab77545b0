//! Rows that a kernel draws again at each spike are the rows that are stored.

use crate::tiny::{lif, plan, probe};
use isospike_core::base::random::PoissonTable;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::{
    AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne,
};
use isospike_core::connect::{Draw, RowSite, RowSource, TABLE_LEN};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use std::sync::Arc;

const CELLS: u32 = 300;

/// A noisy population whose recurrent rows follow a rule.
fn network(cells: u32, rule: &Rule, skip_self: bool, weight: &Draw, procedural: bool) -> Plan {
    let table = PoissonTable::new(3.0);
    let mut plan = plan(lif(Some(table)), cells, &[(0, 0)], &[(0, 3, 9, 2)], &[(0, 0, 0, 1)]);
    let site = RowSite {
        seed: plan.seed,
        projection: 1,
        rows: cells,
        targets: cells,
        skip_self,
        weight: weight.clone(),
        delay: Draw::Uniform { lo: 1, span: 5 },
    };
    let recurrent = &mut plan.projections[1];
    recurrent.rows = RowSource::new(site, rule, |weight| weight as i32);
    recurrent.procedural = procedural;
    recurrent.max_delay_steps = 5;
    plan.max_delay_steps = 5;
    plan.probes = vec![probe(&[0, 299], 3)];
    plan
}

fn run(plan: &Plan, promised: bool) -> (Recording, Vec<u32>) {
    let guarantees = Guarantees {
        ieee_div: promised,
        ieee_sqrt: promised,
        int_to_float_nearest: promised,
        mul_hi: promised,
        ieee_compare: promised,
    };
    let mut simulation = MachineBackend::new(guarantees).compile(plan).unwrap();
    let mut record = Recording::new(plan);
    simulation.run(12, &mut record).unwrap();
    (record, simulation.state().unwrap())
}

/// Stored rows and drawn ones: the same.
fn same(rule: &Rule, weight: &Draw) {
    same_among(CELLS, rule, weight);
}

/// The same among so many cells.
fn same_among(cells: u32, rule: &Rule, weight: &Draw) {
    for skip_self in [false, true] {
        let stored = run(&network(cells, rule, skip_self, weight, false), true);
        let spikes = stored.0.spikes.len();
        assert!(spikes > 100, "{rule:?}: {spikes} spikes");
        let drawn = network(cells, rule, skip_self, weight, true);
        // Without autapses also with every operation written out.
        assert_eq!(stored, run(&drawn, !skip_self), "{rule:?}, {skip_self}");
    }
}

#[test]
fn dense_rules() {
    same(&Rule::AllToAll(AllToAll), &Draw::Uniform { lo: -2, span: 5 });
    same(&Rule::OneToOne(OneToOne), &Draw::Constant(5));
}

#[test]
fn picks_with_repetition() {
    same(
        &Rule::FixedOutDegree(FixedOutDegree { degree: 20, multapses: true }),
        &Draw::Uniform { lo: -3, span: 8 },
    );
    same(&Rule::FixedTotalNumber(FixedTotalNumber(5000)), &Draw::Constant(-2));
}

#[test]
fn picks_without_repetition() {
    same(
        &Rule::FixedOutDegree(FixedOutDegree { degree: 20, multapses: false }),
        &Draw::Constant(3),
    );
}

#[test]
fn rows_of_several_items() {
    // A team of 128 threads takes 512 synapses at a time.
    same_among(600, &Rule::AllToAll(AllToAll), &Draw::Uniform { lo: -2, span: 5 });
    let distinct = Rule::FixedOutDegree(FixedOutDegree { degree: 550, multapses: false });
    same_among(600, &distinct, &Draw::Constant(-1));
}

#[test]
fn gaps_in_one_segment_and_in_several() {
    // 300 candidates: segments of 256 for the first, one of 4,096 for the second.
    same(&Rule::FixedProbability(FixedProbability(0.3)), &Draw::Uniform { lo: -3, span: 7 });
    same(&Rule::FixedProbability(FixedProbability(0.01)), &Draw::Constant(6));
}

#[test]
fn values_from_a_table() {
    let table: Box<[i32; TABLE_LEN]> = Box::new(std::array::from_fn(|m| m as i32 / 9000 - 3));
    same(&Rule::FixedProbability(FixedProbability(0.1)), &Draw::Table(Arc::from(table)));
}

#[test]
fn rules_that_need_a_table_of_synapses_are_stored() {
    let rule = Rule::FixedInDegree(FixedInDegree { degree: 9, multapses: true });
    let weight = Draw::Uniform { lo: -2, span: 6 };
    let memory = |procedural| {
        let plan = network(CELLS, &rule, true, &weight, procedural);
        let guarantees = Guarantees::ALL;
        MachineBackend::new(guarantees).compile(&plan).unwrap().memory_bytes()
    };
    assert_eq!(memory(true), memory(false));
    same(&rule, &weight);
}
