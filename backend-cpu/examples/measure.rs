//! Measures the engine on a model file:
//!
//!     measure MODEL.toml THREADS [SECONDS] [PATH=VALUE ...]
//!
//! builds the network, runs a tenth of a second of biological time and then `SECONDS` (1) in tenths,
//! and prints the least of each phase over the tenths, and the tenth with the median real-time
//! factor. `-v` in place of a path prints the layout of each projection.

use isospike_core::backend::Simulation as _;
use isospike_core::check::Limits;
use isospike_core::file::{self, Override};
use isospike_core::lower::lower;
use isospike_core::plan::{Plan, PopulationPlanKind};
use isospike_core::record::Recording;
use isospike_cpu::{CpuBackend, CpuSimulation, Options, Phases};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, threads, rest @ ..] = arguments.as_slice() else {
        eprintln!("measure MODEL.toml THREADS [SECONDS] [-v] [PATH=VALUE ...]");
        return;
    };
    let (settings, rest): (Vec<_>, Vec<_>) = rest.iter().partition(|text| text.contains('='));
    let seconds = rest.iter().find_map(|text| text.parse::<f64>().ok()).unwrap_or(1.0);
    let split = |text: &String| {
        let (path, value) = text.split_once('=').expect("a setting has a `=`");
        Override { path: path.to_string(), value: value.to_string() }
    };
    let overrides: Vec<Override> = settings.into_iter().map(split).collect();
    let described = file::read(Path::new(model), &overrides).expect("a model file");
    let clock = Instant::now();
    let network = described.check(Limits { memory_bytes: None }).expect("a network");
    let plan = lower(Arc::new(network));
    println!("lowered in {:.2} s", clock.elapsed().as_secs_f64());
    let threads = threads.parse().expect("a number of threads");
    let backend =
        CpuBackend::new(Options { threads: Some(threads), ..Options::default() }).expect("a CPU");
    let clock = Instant::now();
    let mut simulation = backend.prepare(&plan).expect("a plan that fits");
    built(&plan, &simulation, clock.elapsed().as_secs_f64());
    if rest.iter().any(|text| *text == "-v") {
        for (projection, choice) in plan.projections.iter().zip(simulation.layouts()) {
            println!("{}: {:?}, {}", projection.name, choice.layout, choice.reason);
        }
    }
    let steps = (100.0 / plan.network.dt_ms).round() as u32;
    part(&plan, &mut simulation, steps);
    let parts = (seconds * 10.0).round().max(1.0) as u32;
    let mut parts: Vec<Part> = (0..parts).map(|_| part(&plan, &mut simulation, steps)).collect();
    parts.sort_by_key(|part| part.phases.wall);
    Part::least(&parts).print("least ");
    parts[parts.len() / 2].print("median");
}

fn built(plan: &Plan, simulation: &CpuSimulation, seconds: f64) {
    let synapses: u64 = plan.projections.iter().map(|p| p.rows.synapses()).sum();
    println!(
        "{} neurons, {synapses} synapses, {} shards: built in {seconds:.2} s, {:.3} GB, {:.2} \
         bytes per synapse",
        plan.neurons(),
        simulation.shards(),
        simulation.memory_bytes() as f64 * 1e-9,
        simulation.synapse_bytes() as f64 / synapses.max(1) as f64,
    );
}

/// A tenth of a second.
#[derive(Clone)]
struct Part {
    phases: Phases,
    /// Time on the processors.
    busy_ns: f64,
    spikes: usize,
    events: u64,
    updates: f64,
}

fn part(plan: &Plan, simulation: &mut CpuSimulation, steps: u32) -> Part {
    let mut recording = Recording::new(plan);
    let before = busy_ns();
    simulation.run(steps, &mut recording).expect("a run");
    let is_updated = |kind: &PopulationPlanKind| matches!(kind, PopulationPlanKind::Neurons(_));
    let neurons: u32 =
        plan.populations.iter().filter(|p| is_updated(&p.kind)).map(|p| p.size).sum();
    Part {
        phases: simulation.phases(),
        busy_ns: busy_ns() - before,
        spikes: recording.spikes.len(),
        events: recording.spikes.iter().map(|spike| row_len(plan, spike.neuron)).sum(),
        updates: f64::from(neurons) * f64::from(plan.batch) * f64::from(steps),
    }
}

impl Part {
    /// The least of each number, with the counts of the part that was fastest.
    fn least(parts: &[Self]) -> Self {
        let least = |of: fn(&Phases) -> Duration| parts.iter().map(|part| of(&part.phases)).min();
        let phases = Phases {
            deliver: least(|phases| phases.deliver).unwrap_or_default(),
            update: least(|phases| phases.update).unwrap_or_default(),
            emit: least(|phases| phases.emit).unwrap_or_default(),
            wait: least(|phases| phases.wait).unwrap_or_default(),
            wall: least(|phases| phases.wall).unwrap_or_default(),
        };
        let busy_ns = parts.iter().map(|part| part.busy_ns).fold(f64::INFINITY, f64::min);
        Self { phases, busy_ns, ..parts[0].clone() }
    }

    fn print(&self, what: &str) {
        let ns = |time: Duration| time.as_secs_f64() * 1e9;
        let Phases { deliver, update, emit, wait, wall } = self.phases;
        println!(
            "{what}: real-time factor {:.4} (on processors {:.4}), {} spikes; of biological time: \
             deliver {:.4}, update {:.4}, emit {:.4}, wait {:.4}; {:.3} ns/event, {:.3} ns/update",
            wall.as_secs_f64() / 0.1,
            self.busy_ns * 1e-8,
            self.spikes,
            deliver.as_secs_f64() / 0.1,
            update.as_secs_f64() / 0.1,
            emit.as_secs_f64() / 0.1,
            wait.as_secs_f64() / 0.1,
            ns(deliver) / self.events as f64,
            ns(update) / self.updates,
        );
    }
}

/// Time that the threads of this process have spent on processors, in ns; 0 where Linux's
/// `schedstat` is missing.
fn busy_ns() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let of = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0)
    };
    tasks.flatten().map(of).sum()
}

fn row_len(plan: &Plan, neuron: u32) -> u64 {
    let (population, row) = plan.locate(neuron % plan.neurons());
    let from = plan.projections.iter().filter(|p| p.pre == population);
    from.map(|p| u64::from(p.rows.len(row))).sum()
}
