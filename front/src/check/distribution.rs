//! Weights and delays: constants and distributions.

use super::context::{Context, Site, spell};
use super::fields::Fields;
use crate::network::{Content, Value};
use isospike_core::base::steps::WHOLE;
use isospike_core::base::units::Dimension;
use isospike_core::connect::{Distribution, RealDraw};
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{ReceptorDef, Sign};
use isospike_core::plan::DELAY_STEPS_MAX;

/// The largest delay in steps.
pub(super) const MAX_DELAY_STEPS: f64 = DELAY_STEPS_MAX as f64;

/// The least and largest magnitude of a weight (other than 0) in base units: what lies outside
/// could neither be quantised nor summed as a 32-bit float.
pub(super) const WEIGHT_RANGE: (f64, f64) = (1e-25, 1e25);

/// Draws further from the mean than this many standard deviations do not occur: the quantile
/// tables of `docs/semantics.md` 3.8 end at 4.4.
const REACH_SD: f64 = 4.0;

/// A `weight` or `delay` field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Given {
    /// Drawn for each synapse.
    Drawn(Distribution),
    /// In a column of a data file, in multiples of this many base units.
    Column(f64),
}

/// The bounds of a normal distribution where none are given, by its mean.
type Bounds = fn(mean: f64, dt_ms: f64) -> (f64, f64);

/// Reads a weight for a receptor.
pub(super) fn weight(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    receptor: &ReceptorDef,
) -> Option<Given> {
    let keep_sign: Bounds = |mean, _| {
        let lo = if mean > 0.0 { 0.0 } else { f64::NEG_INFINITY };
        let hi = if mean < 0.0 { 0.0 } else { f64::INFINITY };
        (lo, hi)
    };
    let given = read(cx, site, receptor.dimension, keep_sign)?;
    if let Given::Drawn(distribution) = given {
        fitting_weight(cx, site, &distribution, receptor)?;
    }
    Some(given)
}

/// Reads a delay.
pub(super) fn delay(cx: &mut Context<'_>, site: &Site<'_>) -> Option<Given> {
    let whole_steps: Bounds = |_, dt_ms| (0.5 * dt_ms, MAX_DELAY_STEPS * dt_ms);
    let mut given = read(cx, site, Dimension::TIME, whole_steps)?;
    if let Given::Drawn(distribution) = &mut given {
        fitting_delay(cx, site, distribution)?;
        if let Distribution::Normal { hi, .. } = distribution {
            *hi = hi.min(MAX_DELAY_STEPS * cx.dt_ms?);
        }
    }
    Some(given)
}

/// Reads initial values of a state variable of synapses.
pub(super) fn of_state(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    dimension: Dimension,
) -> Option<Distribution> {
    let none: Bounds = |_, _| (f64::NEG_INFINITY, f64::INFINITY);
    if mentions_column(site) {
        return cx.fail(site, "state has no column", "give a quantity or a distribution");
    }
    let Given::Drawn(distribution) = read(cx, site, dimension, none)? else { return None };
    let (least, largest) = RealDraw::new(&distribution).extremes();
    for value in [least, largest].map(PerNeuron::All) {
        cx.fits_f32(site, &value)?;
    }
    Some(distribution)
}

fn mentions_column(site: &Site<'_>) -> bool {
    match &site.value.content {
        Content::Table(entries) => entries.iter().any(|entry| entry.name == "column_unit"),
        _ => false,
    }
}

/// Reports weights of the wrong sign or of a magnitude that nothing can hold.
pub(super) fn fitting_weight(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    distribution: &Distribution,
    receptor: &ReceptorDef,
) -> Option<()> {
    let (lo, hi) = range(distribution);
    let name = &receptor.name;
    let unit = receptor.dimension.base_unit();
    if receptor.sign == Sign::Positive && lo < 0.0 {
        let message = format!("the receptor `{name}` takes weights of 0 or more");
        let help = match lo.is_finite() {
            true => format!("the least here is {}", amount(lo, &unit)),
            false => "these have no lower bound: give a mean above 0, or min = 0".into(),
        };
        return cx.fail(site, message, help);
    }
    if receptor.sign == Sign::Negative && hi > 0.0 {
        let message = format!("the receptor `{name}` takes weights of 0 or less");
        let help = match hi.is_finite() {
            true => format!("the largest here is {}", amount(hi, &unit)),
            false => "these have no upper bound: give a mean below 0, or max = 0".into(),
        };
        return cx.fail(site, message, help);
    }
    let largest = match *distribution {
        Distribution::Constant(value) => libm::fabs(value),
        Distribution::Uniform { lo, hi } => libm::fabs(lo).max(libm::fabs(hi)),
        Distribution::Normal { mean, sd, .. } => libm::fabs(mean) + 5.0 * sd,
    };
    if largest != 0.0 && !(WEIGHT_RANGE.0..=WEIGHT_RANGE.1).contains(&largest) {
        let message = format!("a weight of {} is out of range", amount(largest, &unit));
        return cx.fail(site, message, "give 0, or from 1e-25 to 1e25 base units; check the unit");
    }
    Some(())
}

/// Reports delays below one step or beyond the largest.
pub(super) fn fitting_delay(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    distribution: &Distribution,
) -> Option<()> {
    let dt_ms = cx.dt_ms?;
    let (lo, hi) = range(distribution);
    // A draw of a normal distribution between half a step and one step is rounded up to one.
    let least = if matches!(distribution, Distribution::Normal { .. }) { 0.5 } else { 1.0 };
    if lo / dt_ms < least - WHOLE {
        let message = format!("a delay of {} ms is less than one step", spell(lo));
        return cx.fail(site, message, format!("give at least dt, {} ms", spell(dt_ms)));
    }
    let hi = match *distribution {
        Distribution::Normal { mean, sd, hi, .. } => hi.min(mean + 5.0 * sd).max(lo),
        _ => hi,
    };
    if hi / dt_ms > MAX_DELAY_STEPS + WHOLE {
        let message = format!("a delay of {} ms is more than {MAX_DELAY_STEPS} steps", spell(hi));
        let most = spell(MAX_DELAY_STEPS * dt_ms);
        return cx.fail(site, message, format!("give at most {most} ms, or a larger dt"));
    }
    Some(())
}

/// Whether a given delay has one step or more, and no more than the most.
pub(super) fn delay_fits(delay_ms: f64, dt_ms: f64) -> bool {
    (1.0 - WHOLE..=MAX_DELAY_STEPS + WHOLE).contains(&(delay_ms / dt_ms))
}

/// A number with its unit.
pub(super) fn amount(value: f64, unit: &str) -> String {
    match unit {
        "1" => spell(value),
        unit => format!("{} {unit}", spell(value)),
    }
}

/// The least and largest value that can be drawn.
fn range(distribution: &Distribution) -> (f64, f64) {
    match *distribution {
        Distribution::Constant(value) => (value, value),
        Distribution::Uniform { lo, hi } => (lo, hi),
        Distribution::Normal { lo, hi, .. } => (lo, hi),
    }
}

fn read(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    dimension: Dimension,
    bounds: Bounds,
) -> Option<Given> {
    let Content::Table(entries) = &site.value.content else {
        let value = cx.quantity(site, dimension)?;
        return Some(Given::Drawn(Distribution::Constant(value)));
    };
    let mut fields = Fields::of_table(site, entries);
    let uniform = fields.get("uniform");
    let normal = fields.get("normal");
    let column = fields.get("column_unit");
    if normal.is_none() {
        for name in ["min", "max", "outside"] {
            let help = "remove it, or write normal = [mean, sd]";
            fields.refuse(cx, name, "this belongs to a normal distribution", help);
        }
    }
    let given = match (uniform, normal, column) {
        (Some(site), None, None) => uniform_of(cx, &site, dimension).map(Given::Drawn),
        (None, Some(site), None) => {
            normal_of(cx, &site, &mut fields, dimension, bounds).map(Given::Drawn)
        }
        (None, None, Some(site)) => unit_size(cx, &site, dimension).map(Given::Column),
        _ => {
            let help = "give uniform = [lo, hi], normal = [mean, sd], or, for a file with such a \
                        column, column_unit = \"nS\"";
            cx.push(fields.diagnostic("", "this table is not one distribution", help));
            None
        }
    };
    fields.finish(cx);
    given
}

/// Two quantities of a list.
pub(super) fn pair(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    dimension: Dimension,
    what: &str,
) -> Option<(f64, f64)> {
    match cx.list(site, what)? {
        [a, b] => pair_of(cx, site, dimension, [a, b]),
        values => {
            let message = format!("two values are needed here, not {}", values.len());
            cx.fail(site, message, format!("give {what}"))
        }
    }
}

/// Reads the first two entries of a list.
pub(super) fn pair_of(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    dimension: Dimension,
    [a, b]: [&Value; 2],
) -> Option<(f64, f64)> {
    let a = cx.quantity(&site.entry(0, a), dimension);
    let b = cx.quantity(&site.entry(1, b), dimension);
    a.zip(b)
}

fn uniform_of(cx: &mut Context<'_>, site: &Site<'_>, dimension: Dimension) -> Option<Distribution> {
    let (lo, hi) = pair(cx, site, dimension, "a list [lo, hi]")?;
    if lo > hi {
        return cx.fail(site, "lo is larger than hi", "write the smaller one first");
    }
    Some(Distribution::Uniform { lo, hi })
}

fn normal_of(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    fields: &mut Fields<'_>,
    dimension: Dimension,
    bounds: Bounds,
) -> Option<Distribution> {
    let values = pair(cx, site, dimension, "a list [mean, sd]");
    let min = fields.get("min").map(|site| cx.quantity(&site, dimension));
    let max = fields.get("max").map(|site| cx.quantity(&site, dimension));
    let redraw = match fields.get("outside") {
        None => Some(true),
        Some(site) => match cx.text(&site, "\"redraw\" or \"clip\"")? {
            "redraw" => Some(true),
            "clip" => Some(false),
            other => {
                let message = format!("`{other}` is not a way to treat draws outside the bounds");
                cx.fail(&site, message, "write \"redraw\" or \"clip\"")
            }
        },
    };
    let (mean, sd) = values?;
    // Only delays depend on dt; without one, weights can still be read.
    let (lo, hi) = bounds(mean, cx.dt_ms.unwrap_or(1.0));
    let lo = min.map_or(Some(lo), |min| min)?;
    let hi = max.map_or(Some(hi), |max| max)?;
    let redraw = redraw?;
    if sd < 0.0 {
        return cx.fail(site, "the standard deviation is negative", "give 0 or more");
    }
    if lo > hi {
        let message = format!("min = {} is above max = {}", spell(lo), spell(hi));
        return cx.fail(
            site,
            message,
            "give min below max; without them the sign of the mean is kept",
        );
    }
    let (first, last) = (mean - REACH_SD * sd, mean + REACH_SD * sd);
    if redraw && (last < lo || first > hi) {
        let message = "almost no draw lies between min and max, so drawing again never ends";
        return cx.fail(site, message, "move the mean or the bounds, or write outside = \"clip\"");
    }
    Some(Distribution::Normal { mean, sd, lo, hi, redraw })
}

/// The size of the unit that numbers of a data file are in.
pub(super) fn unit_size(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    dimension: Dimension,
) -> Option<f64> {
    let unit = cx.text(site, "a unit such as \"nS\"")?;
    let one = Value {
        content: Content::Text(format!("1 {unit}")),
        location: site.value.location.clone(),
    };
    cx.quantity(&Site { value: &one, ..site.clone() }, dimension)
}
