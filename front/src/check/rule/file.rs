//! Synapses in a file beside the model file.

use super::{Columns, Connected, Given, Own};
use crate::check::context::{Context, Site, spell};
use crate::check::data;
use crate::check::distribution::delay_fits;
use crate::check::projection::Ends;
use isospike_core::base::steps;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{ExplicitSynapse, Rule, SynapseColumns};
use isospike_core::describe::model::ReceptorDef;
use isospike_core::describe::synapse::{InitialDef, SynapseModel, SynapseStateDef};
use isospike_core::plan::DELAY_STEPS_MAX;
use std::path::Path;

/// Reads a file of synapses.
pub(super) fn read(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    ends: &Ends<'_>,
    columns: &Columns,
) -> Option<Connected> {
    let path = cx.text(site, "the name of a .csv, .npy or .npz file")?;
    if Path::new(path).extension().is_some_and(|extension| extension == "npz") {
        return arrays(cx, site, ends, columns, path);
    }
    let table = data::synapses(cx, site, path)?;
    let width = table.width;
    let judge = match (ends.pre_size, ends.post_size, ends.receptor, cx.dt_ms) {
        (Some(pre), Some(post), Some((_, receptor)), Some(dt_ms)) => {
            Some(RowJudge { pre, post, receptor, dt_ms, columns })
        }
        _ => None,
    };
    let units = [(2, "weight", columns.weight), (3, "delay", columns.delay)];
    for (column, name, unit) in units {
        if judge.is_some() && width > column && unit.is_none() && columns.judged {
            let message = format!("the file has a column `{name}`, but its unit is not given");
            return cx.fail(site, message, format!("write {name} = {{ column_unit = \"...\" }}"));
        }
    }
    let mut synapses = SynapseColumns::default();
    let wrong = table.read(
        cx,
        site,
        SynapseColumns::row_bytes(width > 2, width > 3),
        |cx, wrong, at, row| {
            if let Some(synapse) =
                judge.as_ref().and_then(|judge| judge.row(cx, site, wrong, at, row))
            {
                synapses.push(synapse);
            }
        },
    )?;
    wrong.finish(cx, site)?;
    judge?;
    let own = |column| if width > column { Own::Column } else { Own::None };
    let rule = Rule::Explicit(Explicit(synapses.sorted()));
    columns.judged.then(|| {
        let (floats, state) = (None, Vec::new());
        Connected { rule, weight: own(2), delay: own(3), floats, state }
    })
}

/// Reads the arrays of a `.npz` file. It has the unit of its weights, and delays in ms.
fn arrays(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    ends: &Ends<'_>,
    columns: &Columns,
    path: &str,
) -> Option<Connected> {
    let variables = given_by_file(columns.model.as_deref());
    let names: Vec<&str> = variables.iter().map(|(_, variable)| variable.name.as_str()).collect();
    let (arrays, mut wrong) = data::arrays(cx, site, path, &names)?;
    let (pre, post, dt_ms) = (ends.pre_size?, ends.post_size?, cx.dt_ms?);
    let (_, receptor) = ends.receptor?;
    let (unit, own_weight) = match (&arrays.weight, &arrays.weight_unit) {
        (None, _) => (None, Own::None),
        (Some(_), Some(unit)) => {
            same_unit(cx, site, unit, receptor)?;
            (Some(1.0), Own::All)
        }
        (Some(_), None) if columns.weight.is_none() && columns.judged => {
            let message = "the file has an array `weight`, but its unit is not given";
            return cx.fail(site, message, "write weight = { column_unit = \"...\" }");
        }
        (Some(_), None) => (columns.weight, Own::Column),
    };
    let mut state = Vec::new();
    for ((index, variable), given) in variables.iter().zip(&arrays.state) {
        let Some((values, unit)) = given else { continue };
        of_variable(cx, site, variable, unit.as_deref())?;
        state.push((*index, variable.name.as_str(), values));
    }
    let delay = arrays.delay_ms.as_ref().map(|_| 1.0);
    let columns = Columns { weight: unit, delay, judged: true, model: None };
    let judge = RowJudge { pre, post, receptor, dt_ms, columns: &columns };
    let mut synapses = SynapseColumns::default();
    let entry = |array: &Option<Vec<f64>>, n: usize| array.as_ref().map_or(0.0, |array| array[n]);
    for n in 0..arrays.pre.len() {
        let (weight, delay) = (entry(&arrays.weight, n), entry(&arrays.delay_ms, n));
        let row = [arrays.pre[n], arrays.post[n], weight, delay];
        let at = data::Place { number: n as u32, text: None };
        for (_, name, values) in &state {
            if !(values[n] as f32).is_finite() {
                let message = format!("{} is no value of `{name}`", spell(values[n]));
                wrong.push(cx, site, &at, &message);
            }
        }
        if let Some(synapse) = judge.row(cx, site, &mut wrong, &at, &row) {
            synapses.push(synapse);
        }
        if wrong.is_full() {
            break;
        }
    }
    wrong.finish(cx, site)?;
    let list = synapses.sorted();
    let floats = || list.iter().map(|synapse| synapse.weight.unwrap_or(0.0) as f32).collect();
    // Stable, as the order of synapses.
    let mut order: Vec<usize> = (0..arrays.pre.len()).collect();
    order.sort_by_key(|n| arrays.pre[*n] as u32);
    let of_rows = |(variable, _, values): (usize, &str, &Vec<f64>)| Given {
        variable,
        values: order.iter().map(|n| values[*n] as f32).collect(),
    };
    Some(Connected {
        weight: own_weight,
        delay: if arrays.delay_ms.is_some() { Own::All } else { Own::None },
        floats: arrays.weight.is_some().then(floats),
        state: state.into_iter().map(of_rows).collect(),
        rule: Rule::Explicit(Explicit(list)),
    })
}

/// Lists the state variables that a file may give by their own arrays: all but the first of those
/// that begin with the weight, for which the file has the weights.
fn given_by_file(model: Option<&SynapseModel>) -> Vec<(usize, &SynapseStateDef)> {
    let Some(model) = model else { return Vec::new() };
    let weight = model.state.iter().position(|state| state.initial == InitialDef::Weight);
    model.state.iter().enumerate().filter(|(n, _)| Some(*n) != weight).collect()
}

/// Refuses values of a state variable in another unit than its base unit.
fn of_variable(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    variable: &SynapseStateDef,
    unit: Option<&str>,
) -> Option<()> {
    let (name, base) = (&variable.name, variable.dimension.base_unit());
    let Some(unit) = unit.filter(|unit| *unit != base) else { return Some(()) };
    let message = format!("the file has `{name}` in `{unit}`, the model has it in `{base}`");
    cx.fail(site, message, "choose a file of such a model, or convert its values")
}

/// Refuses weights in another unit than the base unit of the receptor.
fn same_unit(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    unit: &str,
    receptor: &ReceptorDef,
) -> Option<()> {
    let base = receptor.dimension.base_unit();
    if unit == base {
        return Some(());
    }
    let message = format!("the file has weights in `{unit}`, the receptor takes `{base}`");
    cx.fail(site, message, "choose a file for such a receptor, or convert its weights")
}

/// Judges the rows of a file of synapses.
struct RowJudge<'a> {
    pre: u32,
    post: u32,
    receptor: &'a ReceptorDef,
    dt_ms: f64,
    columns: &'a Columns,
}

impl RowJudge<'_> {
    /// Gives the synapse of a row, or adds every mistake in it.
    fn row(
        &self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        wrong: &mut data::Wrong,
        at: &data::Place<'_>,
        row: &[f64],
    ) -> Option<ExplicitSynapse> {
        let mut right = true;
        let mut tell = |cx: &mut Context<'_>, message: String| {
            wrong.push(cx, site, at, &message);
            right = false;
        };
        let is_neuron = |x: f64, size: u32| x >= 0.0 && x < f64::from(size) && libm::floor(x) == x;
        for (x, size, name) in [(row[0], self.pre, "source"), (row[1], self.post, "target")] {
            if !is_neuron(x, size) {
                tell(cx, format!("{} is not a {name}: they are 0 to {}", spell(x), size - 1));
            }
        }
        let weight = row.get(2).zip(self.columns.weight).map(|(x, unit)| x * unit);
        if weight.is_some_and(|weight| !weight_fits(weight, self.receptor)) {
            let name = &self.receptor.name;
            tell(cx, format!("{} is no weight of the receptor `{name}`", spell(row[2])));
        }
        let delay_ms = row.get(3).zip(self.columns.delay).map(|(x, unit)| x * unit);
        if delay_ms.is_some_and(|delay_ms| !delay_fits(delay_ms, self.dt_ms)) {
            let delay = spell(row[3]);
            tell(cx, format!("the delay {delay} is not from 1 to {DELAY_STEPS_MAX} steps"));
        }
        let delay_steps = delay_ms.map(|ms| steps::nearest(ms, self.dt_ms) as u32);
        let synapse =
            ExplicitSynapse { pre: row[0] as u32, post: row[1] as u32, weight, delay_steps };
        right.then_some(synapse)
    }
}

fn weight_fits(weight: f64, receptor: &ReceptorDef) -> bool {
    use isospike_core::describe::model::Sign;
    let sign = match receptor.sign {
        Sign::Any => true,
        Sign::Positive => weight >= 0.0,
        Sign::Negative => weight <= 0.0,
    };
    sign && (weight == 0.0 || (1e-25..=1e25).contains(&libm::fabs(weight)))
}
