//! Phases are reported with their totals, and reach them. One test: the listener is the process's.

use isospike_core::base::progress::{Observer, observe};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::AccumulatorSums;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_front::check::Limits;
use isospike_front::network::{Network, Population, Projection};
use std::sync::{Arc, Mutex};

/// A phase: its name, its total, and what was done of it.
type Phase = (String, u64, u64);

/// Remembers all phases.
struct Listener(Mutex<Vec<Phase>>);

static LISTENER: Listener = Listener(Mutex::new(Vec::new()));

impl Observer for Listener {
    fn begin(&self, phase: &str, total: u64) {
        self.0.lock().unwrap().push((phase.to_owned(), total, 0));
    }

    fn advance(&self, units: u64) {
        let mut phases = self.0.lock().unwrap();
        let (name, total, done) = phases.last_mut().expect("a phase has begun");
        *done += units;
        assert!(*done <= *total, "{name}: {done} of {total}");
    }
}

/// The phases since the last call. Each one has reached its total.
fn phases() -> Vec<(String, u64)> {
    let all = std::mem::take(&mut *LISTENER.0.lock().unwrap());
    let whole = |(name, total, done): Phase| {
        assert_eq!(done, total, "{name}");
        (name, total)
    };
    all.into_iter().map(whole).collect()
}

/// A projection of 300 sources and 200 targets.
fn plan(connect: impl Fn(Projection) -> Projection) -> Plan {
    let projection = Projection::new("p", "in", "out").weight("100 pA");
    let network = Network::new("progress", "0.1 ms")
        .seed(1)
        .population(Population::new("in", 300, "lif_exp"))
        .population(Population::new("out", 200, "lif_exp"))
        .projection(connect(projection.delay("1 ms")));
    lower(Arc::new(network.check(Limits::default()).unwrap()))
}

fn named(name: &str, total: u64) -> (String, u64) {
    (name.to_owned(), total)
}

#[test]
fn phases_reach_their_totals() {
    assert!(observe(&LISTENER));
    assert!(!observe(&LISTENER), "there is one listener");

    let total = plan(|p| p.fixed_total_number(1_000_003));
    assert_eq!(phases(), [named("counting the synapses of each source", 1_000_003)]);
    plan(|p| p.fixed_in_degree(30));
    assert_eq!(phases(), [named("drawing the sources of each target", 2 * 200)]);
    let gaps = plan(|p| p.fixed_probability(0.3));
    assert_eq!(phases(), []);
    gaps.projections[0].rows.synapses();
    assert_eq!(phases(), [named("counting synapses", 300)]);
    gaps.projections[0].rows.synapses();
    assert_eq!(phases(), [], "counted once");

    let mut sums = AccumulatorSums::new(&total);
    assert!(sums.watches(0));
    sums.draw(&total, |_| true);
    assert_eq!(phases(), [named("bounding the sums of synapses", 300)]);

    let synapses = gaps.projections[0].rows.synapses();
    MachineBackend::new(Guarantees::ALL).compile(&gaps).unwrap();
    let built = phases();
    assert_eq!(built[0].0, "compiling kernels");
    assert!(built[0].1 > 2);
    assert_eq!(built[1..], [named("drawing synapses", synapses)]);
}
