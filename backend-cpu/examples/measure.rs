//! Measures the engine without model files: `measure cuba [threads] [seconds]` runs the network of
//! Vogels and Abbott (2005) with current-based synapses, `measure column [threads] [steps]` builds
//! 299 million synapses onto 77,169 neurons and delivers 3.7 spikes per second and source.

#[path = "../tests/common/mod.rs"]
mod common;

use common::model::{Code, lif};
use common::{PlanBuilder, Values, neuron_plan};
use isospike_core::backend::Simulation as _;
use isospike_core::checked::Rule;
use isospike_core::connect::Draw;
use isospike_core::ir::{Op, Program};
use isospike_core::plan::{Plan, Words};
use isospike_core::random;
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |n: usize, default: u32| {
        arguments.get(n).map_or(default, |text| text.parse().expect("a number"))
    };
    let threads = number(2, 1) as usize;
    match arguments.get(1).map(String::as_str) {
        Some("cuba") => measure(&cuba(), threads, 10_000 * number(3, 2)),
        Some("column") => measure(&column(number(3, 1000)), threads, number(3, 1000)),
        _ => eprintln!("measure cuba|column [threads] [seconds|steps]"),
    }
}

fn measure(plan: &Plan, threads: usize, steps: u32) {
    let backend =
        CpuBackend::new(Options { threads: Some(threads), ..Options::default() }).expect("a CPU");
    let clock = Instant::now();
    let mut simulation = backend.prepare(plan).expect("a plan that fits");
    let build = clock.elapsed().as_secs_f64();
    let mut recording = Recording::new(plan);
    simulation.run(steps, &mut recording).expect("a run");
    let phases = simulation.phases();
    let neurons: u32 = plan.populations.iter().filter(|p| is_updated(p)).map(|p| p.size).sum();
    let events: u64 = recording.spikes.iter().map(|spike| row_len(plan, spike.neuron)).sum();
    let biological = f64::from(steps) * 1e-4;
    println!(
        "{threads} threads, {} shards: built in {build:.2} s, {:.2} GB, {} spikes ({:.2} Hz)",
        simulation.shards(),
        simulation.memory_bytes() as f64 * 1e-9,
        recording.spikes.len(),
        recording.spikes.len() as f64 / f64::from(plan.neurons()) / biological
    );
    let ns = |d: std::time::Duration| d.as_secs_f64() * 1e9;
    println!(
        "real-time factor {:.4}: update {:.3} ns/neuron, deliver {:.3} ns/event, emit {:.4}, \
         wait {:.4} of biological time",
        phases.wall.as_secs_f64() / biological,
        ns(phases.update) / (f64::from(neurons) * f64::from(steps)),
        ns(phases.deliver) / events as f64,
        phases.emit.as_secs_f64() / biological,
        phases.wait.as_secs_f64() / biological,
    );
}

fn is_updated(population: &isospike_core::plan::PopulationPlan) -> bool {
    matches!(population.kind, isospike_core::plan::PopulationPlanKind::Neurons(_))
}

fn row_len(plan: &Plan, neuron: u32) -> u64 {
    let (population, row) = plan.locate(neuron);
    let from = plan.projections.iter().filter(|p| p.pre == population);
    from.map(|p| u64::from(p.rows.len(row))).sum()
}

/// 3,200 excitatory and 800 inhibitory neurons, 2 % connected, 5.6 Hz.
fn cuba() -> Plan {
    let mut b = PlanBuilder::new(1, 1);
    let initial = |size: u32, d: u32| {
        let v = |i| -60.0 + 10.0 * random::initial_uniform(1, i, d, 0) as f32;
        let v = Words::Each((0..size).map(|i| v(i).to_bits()).collect());
        vec![v, Words::All(0), Words::All(0)]
    };
    let exc = b.neurons("exc", 3200, 2, neuron_plan(cuba_program(), initial(3200, 0)));
    let inh = b.neurons("inh", 800, 2, neuron_plan(cuba_program(), initial(800, 1)));
    let unit = 1024.0;
    for post in [exc, inh] {
        let excitation = Values::constant((1.62 * unit) as i32, 1);
        b.project(exc, post, 0, &Rule::FixedProbability(0.02), excitation);
        let inhibition = Values::constant((-9.0 * unit) as i32, 1);
        b.project(inh, post, 1, &Rule::FixedProbability(0.02), inhibition);
    }
    b.0
}

/// `lif` with the constants of the network: tau 20, 5, 10 ms; rest -49, threshold -50, reset -60 mV.
fn cuba_program() -> Program {
    let (tau, tau_ex, tau_in) = (20.0_f64, 5.0, 10.0);
    let decay = |tau: f64| libm_exp(-0.1 / tau);
    let through = |tau_s: f64| (decay(tau_s) - decay(tau)) * tau_s / (tau_s - tau);
    let mut c = Code::default();
    let (v, ex, inh) = (c.op(Op::State(0)), c.op(Op::State(1)), c.op(Op::State(2)));
    let counter = c.op(Op::RefractoryCounter);
    let zero = c.int(0);
    let resting = c.op(Op::ILt(zero, counter));
    let rest = c.f(-49.0);
    let above = c.op(Op::FSub(v, rest));
    let [p, p_ex, p_in] = [decay(tau), through(tau_ex), through(tau_in)].map(|x| c.f(x as f32));
    let (a, x, y) = (c.mul(above, p), c.mul(ex, p_ex), c.mul(inh, p_in));
    let sum = c.add(rest, a);
    let sum = c.add(sum, x);
    let free = c.add(sum, y);
    let next_v = c.select(resting, v, free);
    let scale = c.f(1.0 / 1024.0);
    let mut currents = [ex, inh];
    for (r, tau) in [tau_ex, tau_in].into_iter().enumerate() {
        let input = c.op(Op::Accumulator(r as u32));
        let input = c.op(Op::IToF(input));
        let input = c.mul(input, scale);
        let decay = c.f(decay(tau) as f32);
        let left = c.mul(currents[r], decay);
        currents[r] = c.add(left, input);
    }
    let threshold = c.f(-50.0);
    let crossed = c.op(Op::FLe(threshold, next_v));
    let awake = c.op(Op::Not(resting));
    let spike = c.op(Op::And(crossed, awake));
    let (reset, period, one) = (c.f(-60.0), c.int(50), c.int(1));
    let next_v = c.select(spike, reset, next_v);
    let less = c.op(Op::ISub(counter, one));
    let less = c.select(resting, less, zero);
    let next_counter = c.select(spike, period, less);
    c.0.next_state = vec![next_v, currents[0], currents[1]];
    c.0.next_refractory = Some(next_counter);
    c.0.spike = Some(spike);
    c.0
}

/// e^x for small |x|: a measurement needs no more.
fn libm_exp(x: f64) -> f64 {
    (1..12).rev().fold(1.0, |sum, n| 1.0 + x * sum / f64::from(n))
}

/// As many synapses as the cortical column of Potjans and Diesmann (2014), one population.
fn column(steps: u32) -> Plan {
    const SIZE: u32 = 77_169;
    let mut b = PlanBuilder::new(1, 1);
    let spikes = u64::from(steps) * u64::from(SIZE) * 37 / 100_000;
    let mut list: Vec<(u32, u32)> = (0..spikes as u32)
        .map(|n| random::philox([n, 0, 0, 0], [3, 3]))
        .map(|w| (random::pick(w[0], steps), random::pick(w[1], SIZE)))
        .collect();
    list.sort_unstable();
    list.dedup();
    let source = b.spike_list("source", SIZE, &list);
    let initial = vec![Words::All(0); 3];
    let target = b.neurons("column", SIZE, 2, neuron_plan(lif(20, 0.0, 30), initial));
    let delay = Draw::Uniform { lo: 1, span: 40 };
    let weight = Draw::Uniform { lo: -20, span: 40 };
    let rule = Rule::FixedOutDegree { degree: 3873, multapses: true };
    b.project(source, target, 0, &rule, Values::new(weight, delay));
    b.0
}
