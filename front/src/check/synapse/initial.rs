//! `initial` of a projection: values with which the synapses of a model begin, drawn for each.

use crate::check::context::{Context, Site, kind};
use crate::check::{distribution, suggest};
use crate::diagnostic::Diagnostic;
use crate::network::Content;
use isospike_core::connect::{Distribution, RealDraw};
use isospike_core::describe::synapse::{Initial, InitialDef, SynapseModel};

/// The values with which a state variable begins.
pub(super) struct Begin<'n> {
    /// The index of the variable.
    pub variable: usize,
    /// The field that gives them.
    pub site: Site<'n>,
    distribution: Distribution,
}

impl Begin<'_> {
    /// The values.
    pub fn initial(&self) -> Initial {
        match self.distribution {
            Distribution::Constant(value) => Initial::Value(value),
            drawn => Initial::Drawn(drawn),
        }
    }

    /// The least and the largest of them.
    pub fn extremes(&self) -> (f64, f64) {
        RealDraw::new(&self.distribution).extremes()
    }
}

/// Reads the table. No result after a mistake.
pub(super) fn read<'n>(
    cx: &mut Context<'_>,
    site: &Site<'n>,
    model: &SynapseModel,
) -> Option<Vec<Begin<'n>>> {
    let Content::Table(entries) = &site.value.content else {
        let message = format!("{} cannot stand here", kind(&site.value.content));
        return cx.fail(site, message, "give a table: { c = { uniform = [0, 1] } }");
    };
    let mut all: Vec<Option<Begin<'n>>> = Vec::new();
    for entry in entries {
        let site = site.inner(entry);
        let known = |initial: &InitialDef| *initial != InitialDef::Weight;
        let at = model.state.iter().position(|state| state.name == entry.name);
        let Some(variable) = at else {
            let known = model.state.iter().filter(|state| known(&state.initial));
            let known: Vec<&str> = known.map(|state| state.name.as_str()).collect();
            let message =
                format!("the model {} has no state variable `{}`", model.name, entry.name);
            let help = suggest::help(&entry.name, &known, "state variables");
            let location = entry.location.clone();
            cx.push(Diagnostic { location, ..site.diagnostic(message, help) });
            all.push(None);
            continue;
        };
        let state = &model.state[variable];
        all.push(match known(&state.initial) {
            true => distribution::of_state(cx, &site, state.dimension).map(|distribution| Begin {
                variable,
                site,
                distribution,
            }),
            false => {
                let message = format!("`{}` begins with the weight that is drawn", state.name);
                cx.fail(&site, message, "remove it: the field `weight` gives these values")
            }
        });
    }
    all.into_iter().collect()
}
