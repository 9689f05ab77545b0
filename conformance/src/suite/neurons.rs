//! Level 5: every model alone, a few neurons with different drives, compared with the naive oracle
//! after every step; then what drives neurons. No spike has a target here: where this level is red,
//! it is the neuron and not the way to it.

use super::{Done, Level, Settings, Test};
use crate::cases::{self, Case};
use crate::failure::{Failure, Model};
use crate::verdict;
use isospike_core::base::id::PopulationId;
use isospike_core::describe::checked::{Checked, PopulationKind, Probe};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use std::sync::Arc;

/// Steps of a model alone.
const STEPS: u32 = 400;

/// A model, the fields of its population, and what kicks its receptors; then the current that
/// drives it, where it takes one.
type Alone = (&'static str, &'static str, &'static [Kick], &'static str);

/// A receptor, and the weight of the Poisson events that reach it.
type Kick = (&'static str, &'static str);

const DELTA: &str = "parameters = { tau_m = \"10 ms\", e_l = \"0 mV\", v_th = \"5 mV\", \
                     v_reset = \"0 mV\", t_ref = \"1 ms\" }";
/// At rest the potential is the threshold, exactly.
const AT_THRESHOLD: &str = "parameters = { e_l = \"0 mV\", v_th = \"0 mV\", v_reset = \"-1 mV\" }";

const CURRENTS: &[Kick] = &[("exc", "450 pA"), ("inh", "-200 pA")];
const CONDUCTANCES: &[Kick] = &[("exc", "15 nS"), ("inh", "6 nS")];

/// The built-in models.
const MODELS: [Alone; 11] = [
    ("lif_delta", DELTA, &[("syn", "1.1 mV")], "20 pA"),
    ("lif_delta", AT_THRESHOLD, &[], ""),
    ("lif_exp", "", &[("syn", "450 pA")], "400 pA"),
    ("lif_exp_2", "", CURRENTS, "400 pA"),
    ("lif_adaptive", "", CURRENTS, "600 pA"),
    ("lif_cond_exp", "", CONDUCTANCES, "300 pA"),
    ("adex", "", CONDUCTANCES, "900 pA"),
    ("hh_traub_miles", "", CONDUCTANCES, "300 pA"),
    ("izhikevich", "", &[("syn", "9")], "9"),
    ("leaky_integrator", "", &[("syn", "-2 mV")], ""),
    ("poisson", "parameters = { rate = \"400 Hz * (i + 1) / n\" }", &[], ""),
];

/// A test for each model alone, and for each case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let name = |model: &Alone| match model.1 {
        AT_THRESHOLD => format!("{} at its threshold", model.0),
        _ => model.0.to_owned(),
    };
    let mut tests: Vec<Test> =
        MODELS.iter().map(|model| alone(&name(model), text(model))).collect();
    let custom = cases::named(&["custom_model"]).remove(0);
    tests.push(alone("a model with every function", custom.text));
    let locals = cases::named(&["locals"]).remove(0);
    tests.push(alone("locals across branches", locals.text));
    let test = |case: Case| {
        Test::new(Level::Neurons, case.name.clone(), move |backend, _| case.run(backend))
    };
    // Cases without projections only.
    tests.extend(
        cases::named(&["custom_model", "currents", "poisson", "series"]).into_iter().map(test),
    );
    tests
}

fn alone(name: &str, text: String) -> Test {
    Test::new(Level::Neurons, format!("{name} alone, step by step"), move |backend, _| {
        let shown =
            |failure: Failure| failure.shown_by(Model { text: text.clone(), ..Model::default() });
        step_by_step(backend, &watched(&text)?).map_err(shown)
    })
}

/// Eight neurons, each with its own part of the current, and kicks to every receptor.
fn text((model, fields, receptors, current): &Alone) -> String {
    let mut text = format!(
        "[network]\ndt = \"0.1 ms\"\nduration = \"40 ms\"\nseed = 3\n\n\
         [population.n]\nsize = 8\nmodel = \"{model}\"\n{fields}\n"
    );
    if !current.is_empty() {
        text += &format!(
            "\n[stimulus.drive]\npopulation = \"n\"\nkind = \"current\"\n\
             amplitude = \"{current} * i / n\"\n"
        );
    }
    for (receptor, weight) in *receptors {
        text += &format!(
            "\n[stimulus.{receptor}]\npopulation = \"n\"\nreceptor = \"{receptor}\"\n\
             kind = \"poisson\"\nrate = \"150 Hz\"\nweight = \"{weight}\"\n"
        );
    }
    text
}

/// The plan of a model file with a probe of every variable of every neuron in every step. A run
/// is not cut to look at it: cuts are for level 10.
fn watched(text: &str) -> Result<Plan, Failure> {
    let mut network = Checked::clone(&verdict::plan(text)?.network);
    network.probes.clear();
    for (population, id) in network.populations.iter().zip((0..).map(PopulationId)) {
        let PopulationKind::Neurons { model, .. } = &population.kind else { continue };
        network.probes.extend(model.state_names().into_iter().zip(0..).map(|(name, variable)| {
            Probe {
                name: name.into(),
                population: id,
                variable,
                neurons: (0..population.size).collect(),
                every_steps: 1,
                initial: true,
            }
        }));
    }
    Ok(lower(Arc::new(network)))
}

/// Spikes and every variable in every step, then the state with its refractory counters.
fn step_by_step(backend: &dyn Backend, plan: &Plan) -> Result<Done, Failure> {
    let expected = verdict::run(&ModelBackend::default(), plan, &[STEPS])?;
    let got = verdict::run(backend, plan, &[STEPS])?;
    let checked = verdict::equal(plan, &expected, &got)
        .map_err(|failure| verdict::located(failure, plan, backend, STEPS))?;
    Ok(Done::of(checked))
}
