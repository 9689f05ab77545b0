//! Values with which the synapses of a model begin: `initial` of a projection, drawn for each, or
//! the arrays of a file.

use super::Chosen;
use crate::check::context::{Context, Site, kind};
use crate::check::rule::Given;
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
    /// The values.
    pub initial: Initial,
}

/// Returns the least and the largest of the values, 0 where a file gives none; `weights` are those
/// of the weights.
pub(super) fn extremes(initial: &Initial, weights: (f64, f64)) -> (f64, f64) {
    match initial {
        Initial::Weight => weights,
        Initial::Value(value) => (*value, *value),
        Initial::Drawn(distribution) => RealDraw::new(distribution).extremes(),
        Initial::Given(values) => {
            let first = values.first().map_or(0.0, |x| f64::from(*x));
            let all = values.iter().map(|x| f64::from(*x));
            all.fold((first, first), |(lo, hi), x| (lo.min(x), hi.max(x)))
        }
    }
}

fn drawn(distribution: Distribution) -> Initial {
    match distribution {
        Distribution::Constant(value) => Initial::Value(value),
        drawn => Initial::Drawn(drawn),
    }
}

impl<'n> Chosen<'n> {
    /// Adds values that a file gives, which the field `connect` names.
    pub(in crate::check) fn begin(
        &mut self,
        cx: &mut Context<'_>,
        connect: Option<Site<'n>>,
        given: Vec<Given>,
    ) {
        let (Self::Model(draft), Some(site)) = (self, connect) else { return };
        let Some(initial) = &mut draft.initial else { return };
        for Given { variable, values } in given {
            if let Some(other) = initial.iter().find(|begin| begin.variable == variable) {
                let message = "the file has a value for each synapse, so this has no effect";
                cx.push(other.site.diagnostic(message, "remove it"));
                continue;
            }
            initial.push(Begin { variable, site: site.clone(), initial: Initial::Given(values) });
        }
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
                initial: drawn(distribution),
            }),
            false => {
                let message = format!("`{}` begins with the weight that is drawn", state.name);
                cx.fail(&site, message, "remove it: the field `weight` gives these values")
            }
        });
    }
    all.into_iter().collect()
}
