//! Values that change in time: `times`, `every`, and lists or files of values.

use super::context::{Context, Rounding, Site, spell};
use super::data::{self, Source};
use super::distribution::unit_size;
use super::fields::Fields;
use crate::network::{Content, Value};
use isospike_core::base::units::Dimension;
use isospike_core::base::words::count;
use isospike_core::describe::checked::{Rows, Series};

/// The values of all rows, in base units.
pub(super) struct Values {
    /// Values in a row: 1, or one for each neuron.
    width: u32,
    pub values: Vec<f64>,
    /// The file that they are from.
    pub source: Option<Source>,
}

/// The dimension that values must fit.
#[derive(Clone, Copy)]
pub(super) struct Fit {
    pub dimension: Dimension,
    /// Neurons of the population; `None` after a mistake.
    pub size: Option<u32>,
    /// The most bytes that the values may take.
    pub memory_bytes: Option<u64>,
    /// Their name in messages: "currents".
    pub what: &'static str,
}

impl Fit {
    /// The forms that are allowed in place of values.
    fn help(&self) -> String {
        format!("a list of {}, or a file: {{ file = \"values.npy\", unit = \"...\" }}", self.what)
    }
}

/// Reads the values of a list or a file.
pub(super) fn values(cx: &mut Context<'_>, site: &Site<'_>, fit: Fit) -> Option<Values> {
    match &site.value.content {
        Content::List(rows) => listed(cx, site, rows, fit),
        Content::Table(_) => from_file(cx, site, fit),
        _ => cx.wrong_kind(site, &fit.help()),
    }
}

/// A list of quantities, or of lists with one for each neuron.
fn listed(cx: &mut Context<'_>, site: &Site<'_>, rows: &[Value], fit: Fit) -> Option<Values> {
    let per_neuron = matches!(rows.first().map(|row| &row.content), Some(Content::List(_)));
    let mut values = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let row_site = site.entry(index, row);
        if !per_neuron {
            values.push(cx.quantity(&row_site, fit.dimension));
            continue;
        }
        let Some(row) = cx.list(&row_site, "a list with a value for each neuron, as before") else {
            values.push(None);
            continue;
        };
        if fit.size.is_some_and(|size| row.len() != size as usize) {
            let message = format!(
                "{} for {}",
                count(row.len() as u64, "value"),
                count(fit.size.unwrap_or(0), "neuron")
            );
            cx.push(row_site.diagnostic(message, "give one for each neuron, or one value a row"));
            values.push(None);
            continue;
        }
        let read = |(n, value)| cx.quantity(&row_site.entry(n, value), fit.dimension);
        values.extend(row.iter().enumerate().map(read));
    }
    let values = values.into_iter().collect::<Option<Vec<_>>>()?;
    let width = if per_neuron { fit.size? } else { 1 };
    Some(Values { width, values, source: None })
}

/// `{ file = "values.npy", unit = "pA" }`.
fn from_file(cx: &mut Context<'_>, site: &Site<'_>, fit: Fit) -> Option<Values> {
    let entries = cx.table(site, &fit.help())?;
    let mut fields = Fields::of_table(site, entries);
    let path_site = fields.need(cx, "file", "give a .npy or .csv file: file = \"values.npy\"");
    let unit = fields.need(cx, "unit", "give the unit of the numbers: unit = \"pA\"");
    fields.finish(cx);
    let unit = unit.and_then(|site| unit_size(cx, &site, fit.dimension));
    let path_site = path_site?;
    let path = cx.text(&path_site, "the name of a file")?;
    let (unit, size) = (unit?, fit.size?);
    let data::Table { width, mut values, source } =
        data::values(cx, &path_site, path, size, fit.memory_bytes)?;
    values.iter_mut().for_each(|value| *value *= unit);
    let fits = |value: &f64| libm::fabs(*value) <= f64::from(f32::MAX);
    let values = Values { width, values, source: Some(source) };
    values.each(cx, site, |value| match fits(&value) {
        true => None,
        false if value.is_finite() => Some(format!("{} is too large", spell(value))),
        false => Some("this is not a finite number".into()),
    })?;
    Some(values)
}

impl Values {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len() / (self.width as usize).max(1)
    }

    /// Reports each value for which there is a message.
    pub fn each(
        &self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        message: impl Fn(f64) -> Option<String>,
    ) -> Option<()> {
        let width = (self.width as usize).max(1);
        let found = self.values.iter().enumerate().filter_map(|(at, value)| {
            let message = message(*value)?;
            let neuron = (self.width > 1).then(|| format!("neuron {}: ", at % width));
            Some((at / width, format!("{}{message}", neuron.unwrap_or_default())))
        });
        let Some(source) = &self.source else {
            let before = cx.count_diagnostics();
            for (row, message) in found.take(data::SHOWN) {
                let entry = match &site.value.content {
                    Content::List(rows) => rows.get(row).map(|value| site.entry(row, value)),
                    _ => None,
                };
                cx.push(entry.as_ref().unwrap_or(site).diagnostic(message, ""));
            }
            return (cx.count_diagnostics() == before).then_some(());
        };
        let mut wrong = source.wrong();
        found.for_each(|(row, message)| wrong.push(cx, site, &source.place(row), &message));
        wrong.finish(cx, site)
    }

    /// These values in rows that hold at these times. `site` is where the values stand.
    pub fn into_series(
        self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        times: Times,
    ) -> Option<Series> {
        let count = self.rows();
        let Ok(rows) = u32::try_from(count) else {
            return cx.fail(site, format!("there are {count} rows"), "give less than 2^32");
        };
        let rows = match times {
            Times::From(steps) if steps.len() != count => {
                let what = site.field.rsplit('.').next().unwrap_or_default();
                let what = if what == "rate" { "rates" } else { what };
                let message = format!("{} times but {count} {what}", steps.len());
                return cx.fail(site, message, "give as many of one as of the other");
            }
            Times::From(steps) => Rows::From(steps.into()),
            // The first step is the start of the stimulus, which is read last.
            Times::Every(steps) => Rows::Every { first_step: 0, steps, count: rows },
        };
        Some(Series { rows, width: self.width, values: self.values.into() })
    }
}

/// When rows hold.
pub(super) enum Times {
    /// Each from its step on.
    From(Vec<u32>),
    /// One after the other, each for so many steps.
    Every(u32),
}

/// `times` or `every`; without either, each row holds for one step.
pub(super) fn times(cx: &mut Context<'_>, fields: &mut Fields<'_>) -> Option<Times> {
    let (times, every) = (fields.get("times"), fields.get("every"));
    match (times, every) {
        (Some(_), Some(every)) => {
            let message = "rows that have times of their own need no period";
            cx.fail(&every, message, "remove `every` or `times`")
        }
        (Some(site), None) => step_times(cx, &site).map(Times::From),
        (None, Some(site)) => match cx.steps(&site, Rounding::ExactAboveZero)? {
            0 => cx.fail(&site, "a row must hold for a step at least", "give dt or a multiple"),
            steps => Some(Times::Every(steps)),
        },
        (None, None) => Some(Times::Every(1)),
    }
}

/// Reports `times` and `every`, which have no meaning for one value.
pub(super) fn refuse_times(cx: &mut Context<'_>, fields: &mut Fields<'_>) {
    for name in ["times", "every"] {
        let message = "this belongs to values that change in time";
        fields.refuse(cx, name, message, "remove it, or give a list of values");
    }
}

fn step_times(cx: &mut Context<'_>, site: &Site<'_>) -> Option<Vec<u32>> {
    let values = cx.list(site, "a list of times")?;
    let mut steps: Vec<u32> = Vec::new();
    let mut ascending = true;
    for (index, value) in values.iter().enumerate() {
        let entry = site.entry(index, value);
        let Some(step) = cx.steps(&entry, Rounding::Exact) else { continue };
        if steps.last().is_some_and(|last| *last >= step) {
            cx.push(entry.diagnostic("this time is not after the one before it", "sort the times"));
            ascending = false;
        }
        steps.push(step);
    }
    (ascending && steps.len() == values.len()).then_some(steps)
}
