//! Built-in synapse models with clocked blocks, between neurons whose spikes are taken from the
//! run, against their equations in f64.

use isospike_conformance::verdict;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};

const DT_MS: f64 = 0.1;
const STEPS: u32 = 20_000;
/// Sources and targets of the network.
const SIZES: [usize; 2] = [12, 3];
const DELAY_STEPS: u32 = 15;

/// A network of rates that differ, onto neurons that spike.
fn network(synapse: &str) -> Plan {
    let text = format!(
        r#"
[network]
dt = "0.1 ms"
duration = "2 s"
seed = 5

[population.source]
size = 12
model = "poisson"
parameters = {{ rate = "5 Hz + i * 4 Hz" }}

[population.target]
size = 3
model = "lif_exp"

[stimulus.drive]
kind = "poisson"
population = "target"
rate = "8 kHz"
weight = "80 pA"

[projection.learns]
from = "source"
to = "target"
connect = "all_to_all"
weight = {{ uniform = ["5 pA", "60 pA"] }}
delay = "1.5 ms"
{synapse}
"#
    );
    verdict::plan(&text).unwrap_or_else(|failure| panic!("{failure}"))
}

/// The spikes of a run, by neuron of all populations, and a variable at its start and its end.
fn run(plan: &Plan, variable: &str) -> (Vec<Vec<u32>>, [Vec<f64>; 2]) {
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(plan).unwrap();
    let quantity = Quantity::synapse("learns", variable);
    let read = |simulation: &mut dyn Simulation| -> Vec<f64> {
        let words = simulation.read(&quantity).unwrap();
        words.iter().map(|word| f64::from(f32::from_bits(*word))).collect()
    };
    let before = read(simulation.as_mut());
    let mut record = Recording::new(plan);
    simulation.run(STEPS, &mut record).unwrap();
    let mut spikes = vec![Vec::new(); SIZES[0] + SIZES[1]];
    record.spikes.iter().for_each(|spike| spikes[spike.neuron as usize].push(spike.step));
    (spikes, [before, read(simulation.as_mut())])
}

/// The sum over all events before a step of how much of each is left.
fn left(events: &[u32], delay_steps: u32, now: u32, tau_ms: f64) -> f64 {
    let earlier = events.iter().map(|event| event + delay_steps).filter(|event| *event < now);
    earlier.map(|event| libm::exp(-DT_MS * f64::from(now - event) / tau_ms)).sum()
}

#[test]
fn oja_has_its_equation() {
    let parameters = "{ w0 = \"50 pA\", w_max = \"90 pA\", eta = \"3 Hz\", interval = \"5 ms\" }";
    let plan = network(&format!("synapse = \"oja\"\nparameters = {parameters}"));
    let (spikes, [before, after]) = run(&plan, "w");
    let (tau_ms, counts) = (200.0, 10.0 / 1000.0 * 200.0);
    let mut moved: f64 = 0.0;
    for (n, found) in after.iter().enumerate() {
        let (source, target) = (n / SIZES[1], n % SIZES[1]);
        let mut w = before[n];
        for step in (49..STEPS).step_by(50) {
            let x = left(&spikes[source], DELAY_STEPS, step, tau_ms) / counts;
            let y = left(&spikes[SIZES[0] + target], 0, step, tau_ms) / counts;
            w = (w + 3.0 / 1000.0 * 5.0 * y * (x * 50.0 - y * w)).clamp(0.0, 90.0);
        }
        assert!((w - found).abs() < 90.0 * 1e-5, "synapse {n}: {found}, not {w}");
        moved = moved.max((w - before[n]).abs());
    }
    assert!(moved > 10.0, "{moved} pA");
}
