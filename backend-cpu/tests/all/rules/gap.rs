//! Gap junctions between two cells, against the closed form of their explicit steps.

use isospike_conformance::verdict;
use isospike_core::plan::Plan;
use isospike_core::run::backend::Backend;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};

/// Two cells without spikes, coupled both ways by gap junctions of 3 nS.
fn coupled(dt: &str) -> Plan {
    let text = format!(
        r#"
[network]
dt = "{dt}"
duration = "20 ms"
seed = 5

[model.passive]
parameters = {{ c = "100 pF", g_l = "4 nS", e_l = "-60 mV" }}
state = {{ v = "e_l" }}
receptors = {{ gap = "pA" }}
update = "v += dt / c * (g_l * (e_l - v) + gap)"

[population.cells]
size = 2
model = "passive"
initial = {{ v = "-70 mV + 20 mV * i" }}

[projection.gap]
from = "cells"
to = "cells"
connect = {{ list = [[0, 1], [1, 0]] }}
synapse = "gap_junction"
parameters = {{ g = "3 nS", largest = "64 pA" }}
"#
    );
    verdict::plan(&text).unwrap_or_else(|failure| panic!("{failure}"))
}

/// The potential of each cell after a run.
fn potentials(plan: &Plan, steps: u32) -> Vec<f64> {
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(plan).unwrap();
    simulation.run(steps, &mut Recording::new(plan)).unwrap();
    let words = simulation.read(&Quantity::state("cells", "v")).unwrap();
    words.iter().map(|word| f64::from(f32::from_bits(*word))).collect()
}

/// The difference of the potentials decays with the leak and twice the coupling, their mean with
/// the leak alone: explicitly, so that nothing flows in the first step.
#[test]
fn gap_junctions_have_their_equation() {
    let end_ms = 6.0;
    let mut errors = Vec::new();
    for (dt, dt_ms) in [("0.1 ms", 0.1), ("0.05 ms", 0.05), ("0.025 ms", 0.025)] {
        let plan = coupled(dt);
        let steps = libm::round(end_ms / dt_ms) as u32;
        for steps in [1, 2, 7, steps] {
            let v = potentials(&plan, steps);
            let (leak, flow) = (dt_ms * 4.0 / 100.0, dt_ms * 3.0 / 100.0);
            let apart = (1.0 - leak) * libm::pow(1.0 - leak - 2.0 * flow, f64::from(steps - 1));
            // They begin with -70 mV and -50 mV, 10 mV from rest on either side.
            assert!((v[1] - v[0] - 20.0 * apart).abs() < 2e-4, "{dt}, {steps} steps: {v:?}");
            assert!((v[0] + v[1] + 120.0).abs() < 2e-4, "{dt}, {steps} steps: {v:?}");
        }
        let v = potentials(&plan, steps);
        let exact = 20.0 * libm::exp(-end_ms * (4.0 + 2.0 * 3.0) / 100.0);
        errors.push(v[1] - v[0] - exact);
    }
    // Half the step, half the error.
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((1.9..2.1).contains(&ratio) && pair[0].abs() < 0.3, "{errors:?}");
    }
}
