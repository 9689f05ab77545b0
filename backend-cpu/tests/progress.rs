//! The build reports how far it is. One test: the listener is the process's.

use isospike_core::base::progress::{Observer, observe};
use isospike_core::connect::SynapseCount;
use isospike_core::plan::lower::lower;
use isospike_cpu::{CpuBackend, Options};
use isospike_front::check::Limits;
use isospike_front::network::{Network, Population, Projection};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

struct Listener {
    phases: Mutex<Vec<(String, u64)>>,
    done: AtomicU64,
}

static LISTENER: Listener = Listener { phases: Mutex::new(Vec::new()), done: AtomicU64::new(0) };

impl Observer for Listener {
    fn begin(&self, phase: &str, total: u64) {
        self.phases.lock().unwrap().push((phase.to_owned(), total));
    }

    fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
    }
}

#[test]
fn rows_are_drawn_once_and_told() {
    let project = |name: &str, p: f64| {
        Projection::new(name, "exc", "inh").fixed_probability(p).weight("100 pA").delay("1 ms")
    };
    let network = Network::new("progress", "0.1 ms")
        .seed(1)
        .population(Population::new("exc", 300, "lif_exp"))
        .population(Population::new("inh", 200, "lif_exp"))
        .projection(project("a", 0.3))
        .projection(project("b", 0.7));
    let plan = lower(Arc::new(network.check(Limits::default()).unwrap()));
    assert!(observe(&LISTENER));
    let options = Options { threads: Some(3), ..Options::default() };
    CpuBackend::new(options).unwrap().prepare(&plan).unwrap();
    // `exc` alone has rows, and nothing else was drawn or counted.
    assert_eq!(*LISTENER.phases.lock().unwrap(), [("drawing synapses".to_owned(), 300)]);
    assert_eq!(LISTENER.done.load(Ordering::Relaxed), 300);
    for projection in &plan.projections {
        let mut synapses = 0;
        (0..300).for_each(|row| projection.rows.for_each(row, |_| synapses += 1));
        assert_eq!(projection.count(), SynapseCount { synapses, is_exact: true });
    }
    assert_eq!(LISTENER.phases.lock().unwrap().len(), 1, "the build knows how many there are");
}
