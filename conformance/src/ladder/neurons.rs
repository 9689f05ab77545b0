//! Rung 5: every model alone, a few neurons with different drives, compared with the naive oracle
//! after every step; then what drives neurons, as networks.

use super::{Done, Rung, Settings, Test};
use crate::cases::{self, Case};
use crate::failure::{Failure, Model};
use crate::verdict::{self, Outcome};
use isospike_core::backend::{Backend, Simulation};
use isospike_core::plan::Plan;
use isospike_core::record::Recording;
use isospike_core::reference::model::ModelBackend;

/// Steps of a model alone.
const STEPS: u32 = 400;

/// A model, the fields of its population, and its receptors: name, weight of a kick, unit; then
/// the current that drives it, where it takes one.
type Alone = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const DELTA: &str = "parameters = { tau_m = \"10 ms\", e_l = \"0 mV\", v_th = \"5 mV\", \
                     v_reset = \"0 mV\", t_ref = \"1 ms\" }";

/// The built-in models.
const MODELS: [Alone; 10] = [
    ("lif_delta", DELTA, &[("syn", "1.5 mV")], "20 pA"),
    ("lif_exp", "", &[("syn", "600 pA")], "400 pA"),
    ("lif_exp_2", "", &[("exc", "600 pA"), ("inh", "-300 pA")], "400 pA"),
    ("lif_adaptive", "", &[("exc", "600 pA"), ("inh", "-300 pA")], "600 pA"),
    ("lif_cond_exp", "", &[("exc", "20 nS"), ("inh", "9 nS")], "300 pA"),
    ("adex", "", &[("exc", "20 nS"), ("inh", "9 nS")], "900 pA"),
    ("hh_traub_miles", "", &[("exc", "20 nS"), ("inh", "9 nS")], "300 pA"),
    ("izhikevich", "", &[("syn", "12")], "9"),
    ("leaky_integrator", "", &[("syn", "3 mV")], ""),
    ("poisson", "parameters = { rate = \"400 Hz * (i + 1) / n\" }", &[], ""),
];

/// A test for each model alone, and for each case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let mut tests: Vec<Test> = MODELS.iter().map(|model| alone(model.0, text(model))).collect();
    let custom = cases::named(&["custom_model"]).remove(0);
    tests.push(alone("a model with every function", custom.text));
    let test = |case: Case| {
        Test::new(Rung::Neurons, case.name.clone(), move |backend, _| case.run(backend))
    };
    let cases = ["models_current", "models_conductance", "custom_model", "currents", "poisson"];
    tests.extend(cases::named(&cases).into_iter().map(test));
    tests
}

fn alone(name: &'static str, text: String) -> Test {
    Test::new(Rung::Neurons, format!("{name} alone, step by step"), move |backend, _| {
        let shown =
            |failure: Failure| failure.shown_by(Model { text: text.clone(), ..Model::default() });
        step_by_step(backend, &verdict::plan(&text)?).map_err(shown)
    })
}

/// Eight neurons, each with its own part of the current, and kicks to every receptor from two
/// sources, one of them late and small.
fn text((model, fields, receptors, current): &Alone) -> String {
    let mut text = format!(
        "[network]\ndt = \"0.1 ms\"\nduration = \"40 ms\"\nseed = 3\n\n\
         [population.kicks]\nsize = 2\nmodel = \"spike_list\"\n\
         spikes = [[\"0 ms\", 0], [\"4 ms\", 0], [\"4.1 ms\", 0], [\"9 ms\", 1], [\"20 ms\", 0], \
         [\"20.7 ms\", 1]]\n\n\
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
            "\n[projection.{receptor}]\nfrom = \"kicks\"\nto = \"n\"\nreceptor = \"{receptor}\"\n\
             connect = \"all_to_all\"\nweight = {{ uniform = [\"{weight} / 2\", \"{weight}\"] }}\n"
        );
    }
    text
}

/// Both run one step at a time; the first step in which anything differs is told.
fn step_by_step(backend: &dyn Backend, plan: &Plan) -> Result<Done, Failure> {
    let mut oracle = ModelBackend::default().compile(plan)?;
    let mut mine = backend.compile(plan)?;
    let mut records = [Recording::new(plan), Recording::new(plan)];
    let mut checked = 0;
    for step in 0..STEPS {
        let expected = advance(oracle.as_mut(), &mut records[0])?;
        let got = advance(mine.as_mut(), &mut records[1])?;
        checked += verdict::equal(plan, &expected, &got)
            .map_err(|failure| verdict::located(failure, plan, backend, step + 1))?;
    }
    Ok(Done { checked, unit: "words" })
}

/// One step, and what it left.
fn advance(simulation: &mut dyn Simulation, record: &mut Recording) -> Result<Outcome, Failure> {
    record.spikes.clear();
    record.traces.iter_mut().for_each(Vec::clear);
    simulation.run(1, record)?;
    Ok(Outcome { record: record.clone(), state: simulation.state()? })
}
