//! Built-in synapse models between neurons whose spikes are taken from the run, against their
//! equations in f64.

mod gap;

use isospike_conformance::verdict;
use isospike_core::base::id::Side;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::SynapsePart;
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

#[test]
fn bcm_has_its_equation() {
    let parameters = "{ w0 = \"20 pA\", w_max = \"90 pA\", eta = \"2 Hz\", interval = \"5 ms\", \
                      tau_theta = \"500 ms\" }";
    let plan = network(&format!("synapse = \"bcm\"\nparameters = {parameters}"));
    let (spikes, [before, after]) = run(&plan, "w");
    let (tau_ms, counts) = (200.0, 10.0 / 1000.0 * 200.0);
    let (mut up, mut down) = (0, 0);
    for (n, found) in after.iter().enumerate() {
        let (source, target) = (n / SIZES[1], n % SIZES[1]);
        let (mut w, mut theta) = (before[n], 1.0);
        for step in (49..STEPS).step_by(50) {
            let x = left(&spikes[source], DELAY_STEPS, step, tau_ms) / counts;
            let y = left(&spikes[SIZES[0] + target], 0, step, tau_ms) / counts;
            let change = 2.0 / 1000.0 * 5.0 * 20.0 * x * y * (y - theta);
            w = (w + change).clamp(0.0, 90.0);
            theta = y * y + (theta - y * y) * libm::exp(-5.0 / 500.0);
            up += u32::from(change > 0.0);
            down += u32::from(change < 0.0);
        }
        assert!((w - found).abs() < 90.0 * 1e-5, "synapse {n}: {found}, not {w}");
    }
    assert!(up > 100 && down > 100, "{up} changes up, {down} down");
}

#[test]
fn homeostatic_scaling_has_its_equation() {
    let parameters = "{ w_max = \"900 pA\", eta = \"0.4 Hz\", rate = \"30 Hz\" }";
    let plan = network(&format!("synapse = \"homeostatic\"\nparameters = {parameters}"));
    let (spikes, [before, after]) = run(&plan, "w");
    for (n, found) in after.iter().enumerate() {
        let target = &spikes[SIZES[0] + n % SIZES[1]];
        let mut w = before[n];
        for step in (999..STEPS).step_by(1000) {
            let y = left(target, 0, step, 2000.0) / (30.0 / 1000.0 * 2000.0);
            w = (w + 0.4 / 1000.0 * 100.0 * w * (1.0 - y)).clamp(0.0, 900.0);
        }
        assert!((w - found).abs() < 90.0 * 1e-5, "synapse {n}: {found}, not {w}");
        // One factor for all synapses onto a neuron.
        let factor = after[n % SIZES[1]] / before[n % SIZES[1]];
        assert!((found / before[n] - factor).abs() < 1e-4 && (factor - 1.0).abs() > 0.01);
    }
}

/// Neurons that add up what arrives, with an adaptive threshold and the variables of e-prop. The
/// source `error` sends a learning signal.
const EPROP: &str = r#"
[network]
dt = "0.1 ms"
duration = "500 ms"
seed = 5

[model.alif]
parameters = { tau_m = "10 ms", tau_a = "80 ms", tau_error = "4 ms", beta = 0.2 }
state = { v = "0", b = "0", psi = "0", learning = "0" }
receptors = { syn = "1", error = "1" }
update = """
v = v * exp(-dt / tau_m) + syn
b *= exp(-dt / tau_a)
learning = learning * exp(-dt / tau_error) + error
psi = 0.3 * max(0, 1 - abs(v - 1 - beta * b))
"""
threshold = "v > 1 + beta * b"
reset = "v -= 1; b += 1"

[population.source]
size = 8
model = "poisson"
parameters = { rate = "20 Hz + i * 6 Hz" }

[population.error]
size = 1
model = "poisson"
parameters = { rate = "150 Hz" }

[population.target]
size = 2
model = "alif"

[projection.error]
from = "error"
to = "target"
receptor = "error"
connect = "all_to_all"
weight = { uniform = ["-0.1", "0.2"] }
delay = "0.5 ms"

[projection.learns]
from = "source"
to = "target"
receptor = "syn"
connect = "all_to_all"
weight = { uniform = ["0.02", "0.4"] }
delay = "1.5 ms"
synapse = "eprop"
parameters = { tau_m = "10 ms", tau_a = "80 ms", tau_out = "15 ms", beta = 0.2, interval = "100 ms", eta = 0.01, w_min = -1, w_max = 1 }

[probe.psi]
population = "target"
variable = "psi"
every = "0.1 ms"

[probe.learning]
population = "target"
variable = "learning"
every = "0.1 ms"
"#;

/// Bellec et al. 2020, equations 24 and 25: the eligibility of each synapse is a sum over the
/// spikes of its source, the product of the pseudo-derivative with what is left of them; the
/// weight changes by the product of the learning signal with the filtered eligibility.
#[test]
fn eprop_is_its_factorised_sum() {
    let plan = verdict::plan(EPROP).unwrap_or_else(|failure| panic!("{failure}"));
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(&plan).unwrap();
    let weights = |simulation: &mut dyn Simulation| -> Vec<f64> {
        let words = simulation.read(&Quantity::synapse("learns", "w")).unwrap();
        words.iter().map(|word| f64::from(f32::from_bits(*word))).collect()
    };
    let before = weights(simulation.as_mut());
    let mut record = Recording::new(&plan);
    simulation.run(5000, &mut record).unwrap();
    let after = weights(simulation.as_mut());
    let probed = |probe: usize, step: usize, target: usize| {
        f64::from(f32::from_bits(record.traces[probe][step * 2 + target]))
    };
    let [alpha, rho, kappa] = [10.0, 80.0, 15.0].map(|tau_ms: f64| libm::exp(-DT_MS / tau_ms));
    let mut moved = 0;
    for (n, found) in after.iter().enumerate() {
        let (source, target) = (n / 2, n % 2);
        let mut arrives = vec![false; 5000];
        for spike in record.spikes.iter().filter(|spike| spike.neuron == source as u32) {
            if let Some(arrives) = arrives.get_mut((spike.step + DELAY_STEPS) as usize) {
                *arrives = true;
            }
        }
        let (mut w, mut z, mut a, mut e, mut g) = (before[n], 0.0, 0.0, 0.0, 0.0);
        for (step, arrives) in arrives.into_iter().enumerate() {
            let (psi, learning) = (probed(0, step, target), probed(1, step, target));
            z = alpha * z + f64::from(u8::from(arrives));
            let own = psi * (z - 0.2 * a);
            a = psi * z + (rho - 0.2 * psi) * a;
            e = kappa * e + own;
            g += learning * e;
            if (step + 1) % 1000 == 0 {
                w = (w - 0.01 * g).clamp(-1.0, 1.0);
                g = 0.0;
            }
        }
        assert!((w - found).abs() < 1e-5, "synapse {n}: {found}, not {w}");
        moved += u32::from((w - before[n]).abs() > 0.01);
    }
    assert!(moved > 8, "{moved} of 16 synapses have moved");
}

/// Wang 1999: what has arrived is the weight times the part of open channels, which saturates.
#[test]
fn nmda_saturates() {
    let plan = network("synapse = \"nmda\"\nparameters = { tau = \"60 ms\", a = 0.4 }");
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(&plan).unwrap();
    let mut record = Recording::new(&plan);
    simulation.run(STEPS, &mut record).unwrap();
    let words = simulation.state().unwrap();
    let block = plan
        .synapse_blocks()
        .into_iter()
        .find(|block| block.part == SynapsePart::Trace(Side::Pre, 0, "s"));
    let traces = &words[block.unwrap().words];
    for (source, word) in traces.iter().enumerate() {
        let (mut s, mut last) = (0.0_f64, 0);
        let spikes = record.spikes.iter().filter(|spike| spike.neuron == source as u32);
        let arrived = spikes.filter(|spike| spike.step + DELAY_STEPS < STEPS);
        for spike in arrived {
            s *= libm::exp(-DT_MS * f64::from(spike.step - last) / 60.0);
            s += 0.4 * (1.0 - s);
            last = spike.step;
        }
        let found = f64::from(f32::from_bits(*word));
        assert!((found - s).abs() < 2e-6, "source {source}: {found}, not {s}");
    }
}

/// Cells whose potential is held, and cells that spike, with filtered potentials; `seen` is the
/// potential before the reset. Those that are held do not move with their input.
const CLOPATH: &str = r#"
[network]
dt = "0.1 ms"
duration = "2 s"
seed = 5

[model.held]
parameters = { level = "-70 mV", tau_plus = "7 ms", tau_minus = "10 ms" }
state = { v = "level", u_plus = "level", u_minus = "level" }
receptors = { syn = "mV" }
update = """
v = level + 0 * syn
u_plus += dt / tau_plus * (v - u_plus)
u_minus += dt / tau_minus * (v - u_minus)
"""

[model.free]
parameters = { e = "-70 mV", top = "-40 mV", tau = "20 ms", tau_plus = "7 ms", tau_minus = "10 ms" }
state = { v = "e", seen = "e", u_plus = "e", u_minus = "e" }
receptors = { syn = "mV" }
update = """
v += dt / tau * (e - v) + syn
seen = v
u_plus += dt / tau_plus * (v - u_plus)
u_minus += dt / tau_minus * (v - u_minus)
"""
threshold = "v > top"
reset = "v = e"

[population.source]
size = 12
model = "poisson"
parameters = { rate = "5 Hz + i * 4 Hz" }

[population.held]
size = 3
model = "held"
parameters = { level = "-80 mV + 20 mV * i" }

[population.free]
size = 2
model = "free"

[stimulus.drive]
kind = "poisson"
population = "free"
receptor = "syn"
rate = "2 kHz"
weight = "1.5 mV"

[projection.held]
from = "source"
to = "held"
connect = "all_to_all"
weight = { uniform = ["0.2 mV", "0.8 mV"] }
delay = "1.5 ms"
synapse = "clopath"
parameters = { w0 = "1 mV", w_max = "1 mV" }

[projection.free]
from = "source"
to = "free"
connect = "all_to_all"
weight = { uniform = ["0.2 mV", "0.8 mV"] }
delay = "1.5 ms"
synapse = "clopath"
parameters = { w0 = "1 mV", w_max = "1 mV", a_ltp = 2e-4, theta_plus = "-50 mV" }

[probe.seen]
population = "free"
variable = "seen"
every = "0.1 ms"

[probe.u_plus]
population = "free"
variable = "u_plus"
every = "0.1 ms"

[probe.u_minus]
population = "free"
variable = "u_minus"
every = "0.1 ms"
"#;

/// The weight of a synapse of `clopath` in f64, for the steps in which its source spikes and the
/// potentials (v, u_plus, u_minus) of its target in each step; and how often it goes up and down.
fn clopath(
    mut w: f64,
    events: &[u32],
    potentials: &[[f32; 3]],
    (a_ltp, theta_plus): (f64, f64),
) -> (f64, [u32; 2]) {
    let (theta_minus, tau_ms, mut x, mut moves) = (-70.6, 15.0, 0.0, [0, 0]);
    let mut next = events.iter().map(|event| event + DELAY_STEPS).peekable();
    for (step, [v, u_plus, _]) in (0..).zip(potentials) {
        x *= libm::exp(-DT_MS / tau_ms);
        let arrives = next.next_if_eq(&step).is_some();
        if arrives {
            let u_minus = f64::from(potentials[step as usize - 1][2]);
            let change = 14e-5 * (u_minus - theta_minus).max(0.0);
            w = (w - change).max(0.0);
            moves[1] += u32::from(change > 0.0);
        }
        if *v > theta_plus as f32 && *u_plus > theta_minus as f32 {
            let above = (f64::from(*v) - theta_plus) * (f64::from(*u_plus) - theta_minus);
            w = (w + a_ltp * DT_MS / tau_ms * x * above).min(1.0);
            moves[0] += 1;
        }
        x += f64::from(u8::from(arrives));
    }
    (w, moves)
}

/// Clopath et al. 2010, equations 1 to 3: nothing below both thresholds, depression between them,
/// potentiation above both, and all of it where the target spikes.
#[test]
fn clopath_has_its_equation() {
    let plan = verdict::plan(CLOPATH).unwrap_or_else(|failure| panic!("{failure}"));
    let mut simulation = CpuBackend::new(Options::default()).unwrap().compile(&plan).unwrap();
    let weights = |simulation: &mut dyn Simulation, projection: &str| -> Vec<f64> {
        let words = simulation.read(&Quantity::synapse(projection, "w")).unwrap();
        words.iter().map(|word| f64::from(f32::from_bits(*word))).collect()
    };
    let before = ["held", "free"].map(|name| weights(simulation.as_mut(), name));
    let mut record = Recording::new(&plan);
    simulation.run(STEPS, &mut record).unwrap();
    let after = ["held", "free"].map(|name| weights(simulation.as_mut(), name));
    let mut spikes = vec![Vec::new(); 12 + 3 + 2];
    record.spikes.iter().for_each(|spike| spikes[spike.neuron as usize].push(spike.step));
    assert!(spikes[15].len() > 20 && spikes[16].len() > 20, "{spikes:?}");
    for (n, found) in after[0].iter().enumerate() {
        let level = [-80.0, -60.0, -40.0][n % 3];
        let held = vec![[level; 3]; STEPS as usize];
        let (w, moves) = clopath(before[0][n], &spikes[n / 3], &held, (8e-5, -45.3));
        assert!((w - found).abs() < 1e-4, "held {n}: {found}, not {w}");
        let least = 0.3 * 14e-5 * f64::from(moves[1]);
        match n % 3 {
            0 => assert_eq!((*found, moves), (before[0][n], [0, 0])),
            1 => assert!(*found < before[0][n] - least && moves[0] == 0, "{found}: {moves:?}"),
            _ => assert!(*found > before[0][n] + least && moves[0] == STEPS, "{found}: {moves:?}"),
        }
    }
    let (mut up, mut down) = (0, 0);
    for (n, found) in after[1].iter().enumerate() {
        let probed =
            |probe: usize, step: usize| f32::from_bits(record.traces[probe][step * 2 + n % 2]);
        let potentials = |step| [0, 1, 2].map(|probe| probed(probe, step));
        let all: Vec<_> = (0..STEPS as usize).map(potentials).collect();
        let (w, moves) = clopath(before[1][n], &spikes[n / 2], &all, (2e-4, -50.0));
        assert!((w - found).abs() < 1e-4, "free {n}: {found}, not {w}");
        up += moves[0];
        down += moves[1];
    }
    assert!(up > 1000 && down > 1000, "{up} changes up, {down} down");
}
