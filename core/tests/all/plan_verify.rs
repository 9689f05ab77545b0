//! Plans with one fault each: every backend refuses them by name, and none panics.

use crate::tiny::{self, lif};
use isospike_core::base::id::PopulationId;
use isospike_core::ir::{Guarantees, Input, Type};
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlanKind, StateDef, Words};
use isospike_core::run::backend::{Backend, BackendError};

/// Breaks a plan in one way.
type Break = fn(&mut Plan);

#[test]
fn each_fault_is_named() {
    let faults: &[(Break, &str)] = &[
        (|p| p.populations[1].first_neuron = 7, "population cells: its first neuron is 7, not 2"),
        (|p| p.populations[1].size = u32::MAX, "population cells: the plan has more than 2^32 - 1"),
        (|p| list(p, &[(3, 0), (1, 0)]), "population list: its spikes are not in order"),
        (|p| list(p, &[(3, 2)]), "population list: neuron 2 of 2"),
        (|p| cells(p).receptors = 2, "population cells: receptor 1 of 1"),
        (|p| cells(p).state.reverse(), "state variables are not floats, then those that count"),
        (|p| cells(p).constants[0] = Words::Each([1; 2].into()), "2 words for 3 neurons"),
        (|p| cells(p).constants.clear(), "population cells: constant 0 of 0"),
        (|p| cells(p).state.truncate(1), "population cells: state variable 1 of 1"),
        (|p| cells(p).state[0].ty = Type::I32, "State 0 is I32"),
        (|p| input(p, Input::Series(4)), "Series 4"),
        (|p| _ = cells(p).program.outputs.pop(), ""),
        (|p| _ = cells(p).program.outputs.remove(0), "its program gives no `v`"),
        (|p| cells(p).state.push(StateDef::refractory()), "its program gives no `refractory`"),
        (|p| p.receptors[0].first_accumulator = 1, "receptor input: its first accumulator is 1"),
        (|p| p.receptors[0].population = PopulationId(0), "belongs to population list"),
        (|p| p.receptors[0].population = PopulationId(9), "cells: population 9 of 2"),
        (|p| cells(p).first_receptor = u32::MAX, "receptor 4294967295 of 1"),
        (|p| p.projections[0].pre = PopulationId(5), "projection from_0: population 5 of 2"),
        (|p| p.projections[1].post = PopulationId(0), "population list is a spike list"),
        (|p| p.projections[0].receptor = 1, "projection from_0: receptor 1 of 1"),
        (|p| p.projections[1].pre = PopulationId(0), "3 rows onto 3 targets"),
        (|p| p.projections[0].max_delay_steps = 1, "a delay of 2 steps is not one of 2 to 1"),
        (|p| p.max_delay_steps = 1, "its delays are not between 1 step and the largest"),
        (|p| p.projections[0].min_delay_steps = 0, "its delays are not between 1 step"),
        (|p| p.probes[0].variable = 2, "probe v: state variable 2 of 2"),
        (|p| p.probes[0].neurons[0] = 3, "probe v: neuron 3 of 3"),
        (|p| p.probes[0].population = PopulationId(0), "probe v: population list is a spike list"),
    ];
    assert_eq!(right().verify(), Ok(()));
    for (number, (fault, expected)) in faults.iter().enumerate() {
        let mut plan = right();
        fault(&mut plan);
        let found = plan.verify();
        if expected.is_empty() {
            // A neuron that never spikes is a neuron.
            assert_eq!(found, Ok(()), "{number}");
            continue;
        }
        let found = found.expect_err(expected);
        let text = found.to_string();
        assert!(text.starts_with("the plan is not well formed: "), "{text}");
        assert!(text.contains(expected), "{number}: `{expected}` is not in `{text}`");
        let error = MachineBackend::new(Guarantees::ALL).compile(&plan).err();
        assert_eq!(error, Some(BackendError::Malformed(found)), "{number}");
    }
}

/// Two sources onto three cells that also connect to themselves, and a probe.
fn right() -> Plan {
    let mut plan = tiny::plan(lif(None), 3, &[(1, 0), (3, 1)], &[(0, 2, 5, 2)], &[(1, 0, 3, 1)]);
    plan.probes = vec![tiny::probe(&[0, 2], 1)];
    plan
}

fn cells(plan: &mut Plan) -> &mut NeuronPlan {
    match &mut plan.populations[1].kind {
        PopulationPlanKind::Neurons(neurons) => neurons,
        PopulationPlanKind::SpikeList(_) => unreachable!("cells are neurons"),
    }
}

fn list(plan: &mut Plan, spikes: &[(u32, u32)]) {
    plan.populations[0].kind = PopulationPlanKind::SpikeList(spikes.into());
}

/// Names another input than the program reads.
fn input(plan: &mut Plan, input: Input) {
    cells(plan).program.inputs.push(input);
}
