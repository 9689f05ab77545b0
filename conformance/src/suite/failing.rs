//! State that is not finite ends a run in the step in which it arises (`docs/semantics.md` 1.8):
//! with the same error, recording, state and counts on every backend, however the run is cut.

use super::{Done, Level, Test, entered};
use crate::failure::{Failure, Model};
use crate::verdict::{self, Outcome};
use isospike_core::base::words::count;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError};
use isospike_core::run::record::Recording;

/// `w` is infinite for one step where much input has come together, which happens to some neuron
/// of many after a while; `hidden` is so in every step, but not at its end.
const NETWORK: &str = r#"
[network]
dt = "0.1 ms"
seed = 5
batch = 2
[model.x]
update = """
g = g * 0.9 + syn
let big = if g > limit { 1e38 } else { 1 }
w = big * big
v = v * 0.9 + g * 0.1
let inside = (v + 3) * 1e38 * 1e38
hidden = if inside > 1 { v } else { inside - inside }
"""
threshold = "v > 10.5"
reset = "v = 0"
receptors = { syn = "1" }
parameters = { limit = 21.5 }
state = { v = 0, g = 0, w = 0, hidden = 0 }
[population.a]
size = 1500
model = "x"
[population.b]
size = 700
model = "x"
parameters = { limit = 22 }
[population.told]
size = 3
model = "spike_list"
spikes = [["1 ms", 0], ["2 ms", 1], ["2.5 ms", 2]]
[projection.ab]
from = "a"
to = "b"
connect = { fixed_out_degree = 3 }
weight = -0.1
delay = "0.7 ms"
[projection.ba]
from = "told"
to = "a"
connect = { fixed_probability = 0.1 }
weight = 0.5
delay = "0.5 ms"
[stimulus.a]
kind = "poisson"
population = "a"
rate = "9 kHz"
weight = 1
[stimulus.b]
kind = "poisson"
population = "b"
rate = "9 kHz"
weight = 1
[probe.w]
population = "a"
variable = "w"
every = "0.3 ms"
[probe.v]
population = "b"
variable = "v"
neurons = [3, 690]
"#;

/// How the run is cut into calls; each is longer than the run lasts.
const CUTS: [(&str, &[u32]); 4] = [
    ("one call", &[2000]),
    ("calls of every size", &[1, 2, 3, 31, 0, 64, 127, 2000]),
    ("calls of 7 steps", &[7; 286]),
    ("calls of one step", &[1; 2000]),
];

/// A test for each way to cut.
pub fn tests() -> Vec<Test> {
    let test = |(name, calls): (&str, &'static [u32])| {
        let name = format!("state that is not finite in {name}");
        Test::new(Level::Splitting, name, move |backend, _| {
            check(backend, calls).map(Done::of).map_err(|failure| failure.shown_by(model()))
        })
    };
    CUTS.into_iter().map(test).collect()
}

fn model() -> Model {
    Model { text: NETWORK.into(), ..Model::default() }
}

fn check(backend: &dyn Backend, calls: &[u32]) -> Result<u64, Failure> {
    let plan = verdict::plan(NETWORK)?;
    let (expected, expected_error) = run(&ModelBackend::default(), &plan, &[2000])?;
    let (got, error) = run(backend, &plan, calls)?;
    if error != expected_error {
        return Err(Failure::new(format!("the error is `{error}`, not `{expected_error}`")));
    }
    verdict::equal(&plan, &expected, &got)
}

/// The remains of a run that must fail, and its error.
fn run(
    backend: &dyn Backend,
    plan: &Plan,
    calls: &[u32],
) -> Result<(Outcome, BackendError), Failure> {
    let mut simulation = backend.compile(plan)?;
    let mut record = Recording::new(plan);
    for &steps in calls {
        let Err(error) = simulation.run(steps, &mut record) else { continue };
        let step = match &error {
            BackendError::NotFinite { step, .. } if (20..1500).contains(step) => *step,
            _ => return Err(Failure::new(format!("{error}"))),
        };
        if record.steps != step + 1 {
            let steps = record.steps;
            return Err(Failure::new(format!(
                "step {step} failed, recorded: {}",
                count(steps, "step")
            )));
        }
        // It stays as it is.
        if simulation.run(1, &mut record) != Err(error.clone()) || record.steps != step + 1 {
            return Err(Failure::new("a further call runs on after the error"));
        }
        let (state, counters) = (simulation.state()?, simulation.counters()?);
        entered::after_failure(plan, simulation.as_mut(), &error)?;
        return Ok((Outcome { record, state, counters }, error));
    }
    Err(Failure::new("all state is said to be finite in every step"))
}
