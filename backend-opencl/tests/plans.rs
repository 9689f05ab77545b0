//! Whole plans: the bits of the machine oracle, on every path.

mod common;
#[path = "../../core/tests/kernels/tiny.rs"]
#[allow(dead_code)]
mod tiny;

use common::on_each;
use isospike_core::backend::Backend;
use isospike_core::device::{Device, DeviceBackend};
use isospike_core::plan::Plan;
use isospike_core::random::PoissonTable;
use isospike_core::record::Recording;
use isospike_core::reference::machine::MachineBackend;
use tiny::{Synapse, lif, plan, probe};

/// Noise, recurrence, several delays, probes, two copies.
fn busy() -> Plan {
    let ring: Vec<Synapse> = (0..100)
        .flat_map(|i| (1..9).map(move |d| (i, (7 * i + d * d) % 100, 5 - d as i32, d)))
        .collect();
    let list: Vec<(u32, u32)> = (0..300).map(|k| (3 * k, k % 2)).collect();
    let cells = lif(Some(PoissonTable::new(0.9)));
    let mut plan = plan(cells, 100, &list, &[(0, 3, 9, 2), (1, 5, 12, 4)], &ring);
    plan.batch = 2;
    plan.probes = vec![probe(&[0, 7, 99], 7), probe(&[5], 1)];
    plan
}

fn run(backend: &dyn Backend, plan: &Plan, pieces: &[u32]) -> (Recording, Vec<u32>) {
    let mut simulation = backend.compile(plan).unwrap();
    let mut record = Recording::new(plan);
    for steps in pieces {
        simulation.run(*steps, &mut record).unwrap();
    }
    let state = simulation.state().unwrap();
    (record, state)
}

#[test]
fn plans_run_as_on_the_machine_oracle() {
    let plan = busy();
    let mut oracle = None;
    on_each(|device, path| {
        // The oracle is slow, and what is promised changes no bit.
        let oracle = oracle
            .get_or_insert_with(|| run(&MachineBackend::new(device.promises()), &plan, &[200]));
        assert!(oracle.0.spikes.len() > 200, "{} spikes", oracle.0.spikes.len());
        let backend = DeviceBackend::new(device.clone());
        assert!(run(&backend, &plan, &[200]) == *oracle, "{path}");
        assert!(run(&backend, &plan, &[1, 99, 100]) == *oracle, "{path}, in pieces");
    });
}
