//! Data beside a model file: `.csv` and `.npy` tables of numbers, read once and row by row; nothing
//! is kept of a row but what its reader keeps. Synapses may be arrays in a `.npz` file.

mod csv;
mod npz;

pub(super) use npz::Synapses;

use super::context::{Context, Site};
use super::size::BYTES_PER_SERIES_VALUE;
use crate::diagnostic::{Diagnostic, Location, SourceFile};
use crate::npy;
use csv::{Lines, Next};
use isospike_core::base::input;
use isospike_core::base::memory;
use isospike_core::base::words::count;
use std::fs::File;
use std::io::{BufReader, Read as _, Take};
use std::path::Path;
use std::sync::Arc;

/// How many mistakes of one file are reported one by one.
pub(super) const SHOWN: usize = 10;

/// How many mistakes end the reading of a file.
const WRONG_MAX: usize = 1000;

/// A place in a data file: a line of a text, or a row of an array.
pub(super) struct Place<'l> {
    /// The line from 1 on, or the row from 0 on.
    pub number: u32,
    /// The line itself, while it is there.
    pub text: Option<&'l str>,
}

/// The mistakes in one file.
pub(super) struct Wrong {
    name: Arc<str>,
    has_lines: bool,
    count: usize,
}

impl Wrong {
    /// Adds a mistake in a row.
    pub fn push(&mut self, cx: &mut Context<'_>, site: &Site<'_>, at: &Place<'_>, message: &str) {
        self.push_help(cx, site, at, message, "");
    }

    /// Adds the same with what would be right.
    pub fn push_help(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        at: &Place<'_>,
        message: &str,
        help: &str,
    ) {
        self.count += 1;
        if self.count > SHOWN {
            return;
        }
        let number = at.number;
        let message = match self.has_lines {
            true => message.into(),
            false => format!("row {number}: {message}"),
        };
        let (line, column) = if self.has_lines { (number, 1) } else { (0, 0) };
        let file = match at.text {
            Some(text) => SourceFile::excerpt(&self.name, line, text),
            None => SourceFile::from(&*self.name),
        };
        let length = at.text.map_or(0, |text| text.chars().count() as u32);
        let location = Location { file: Some(file), line, column, length };
        cx.push(Diagnostic { location, ..site.diagnostic(message, help) });
    }

    /// Gives `None` if there was any, and says how many were not reported.
    pub fn finish(self, cx: &mut Context<'_>, site: &Site<'_>) -> Option<()> {
        if self.count > SHOWN {
            let message = match self.is_full() {
                true => "many more mistakes like these: the rest was not read".into(),
                false => format!("{} like these", count(self.count as u64 - 10, "more mistake")),
            };
            let file = Some(SourceFile::from(&*self.name));
            let location = Location { file, ..Location::default() };
            cx.push(Diagnostic { location, ..site.diagnostic(message, "") });
        }
        (self.count == 0).then_some(())
    }

    pub fn is_full(&self) -> bool {
        self.count >= WRONG_MAX
    }
}

/// A data file whose columns are known and whose rows have not been read.
pub(super) struct DataFile {
    /// How many columns there are.
    pub width: usize,
    /// The mistakes of its rows.
    pub wrong: Wrong,
    rows: Rows,
}

enum Rows {
    Text(Lines<Take<File>>),
    Array(npy::Table<BufReader<File>>),
}

/// The place of rows that are kept.
#[derive(Clone)]
pub(super) struct Source {
    name: Arc<str>,
    /// The line of each row of a text; `None` for an array.
    lines: Option<Vec<u32>>,
}

impl Source {
    /// Starts to tell what is wrong with the rows.
    pub fn wrong(&self) -> Wrong {
        Wrong { name: self.name.clone(), has_lines: self.lines.is_some(), count: 0 }
    }

    /// The place of a row.
    pub fn place(&self, row: usize) -> Place<'static> {
        let number = match &self.lines {
            Some(lines) => lines.get(row).copied().unwrap_or(0),
            None => row as u32,
        };
        Place { number, text: None }
    }
}

/// The values of rows, with the place of each.
pub(super) struct Table {
    /// Values in a row.
    pub width: u32,
    /// Row by row.
    pub values: Vec<f64>,
    pub source: Source,
}

/// Reads values in time: a `.csv` with the header `value`, or a `.npy` of shape (rows) or (rows,
/// size).
pub(super) fn values(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    size: u32,
    memory_bytes: Option<u64>,
) -> Option<Table> {
    let full = cx.network.folder.join(path);
    let name: Arc<str> = full.display().to_string().into();
    if full.extension().and_then(|extension| extension.to_str()) != Some("npy") {
        let table = open(cx, site, path, &["value"], 1)?;
        let (mut values, mut lines) = (Vec::new(), Vec::new());
        let wrong = table.read(cx, site, 16 + BYTES_PER_SERIES_VALUE, |_, _, at, row| {
            values.extend(row);
            lines.push(at.number);
        })?;
        wrong.finish(cx, site)?;
        let source = Source { name, lines: Some(lines) };
        return Some(Table { width: 1, values, source });
    }
    match array_values(&full, size, memory_bytes) {
        Ok((width, values)) => Some(Table { width, values, source: Source { name, lines: None } }),
        Err(message) => cx.fail(
            site,
            format!("{name} cannot be read: {message}"),
            format!("give an array of numbers, of shape [rows] or [rows, {size}]"),
        ),
    }
}

/// Reads a value for each row, or one for each row and neuron, row by row, and how many a row has.
fn array_values(
    path: &Path,
    size: u32,
    memory_bytes: Option<u64>,
) -> Result<(u32, Vec<f64>), String> {
    let file = input::open(path).map_err(|error| error.to_string())?;
    let table = npy::Table::open(BufReader::new(file)).map_err(|error| error.to_string())?;
    let (rows, width) = match *table.shape() {
        [rows] => (rows, 1),
        [rows, columns] if columns == u64::from(size) => (rows, size),
        ref shape => {
            return Err(format!("its shape is {shape:?}, not [rows] or [rows, {size}]"));
        }
    };
    let count = rows.saturating_mul(u64::from(width));
    if memory_bytes.is_some_and(|limit| count.saturating_mul(BYTES_PER_SERIES_VALUE) > limit) {
        return Err(format!("its {count} values need more memory than there is"));
    }
    table.values().map(|values| (width, values)).map_err(|error| error.to_string())
}

/// Opens a table of spikes: a `.csv` with the header `time_ms,neuron` or a `.npy` of shape (n, 2).
pub(super) fn spikes(cx: &mut Context<'_>, site: &Site<'_>, path: &str) -> Option<DataFile> {
    open(cx, site, path, &["time_ms", "neuron"], 2)
}

/// Opens a table of synapses: a `.csv` with the header `pre,post[,weight[,delay]]`, or a `.npy` of
/// shape (n, 2).
pub(super) fn synapses(cx: &mut Context<'_>, site: &Site<'_>, path: &str) -> Option<DataFile> {
    open(cx, site, path, &["pre", "post", "weight", "delay"], 2)
}

/// Reads a `.npz` file of synapses, and starts to tell what is wrong with them.
pub(super) fn arrays(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    state: &[&str],
) -> Option<(Synapses, Wrong)> {
    let full = cx.network.folder.join(path);
    let name: Arc<str> = full.display().to_string().into();
    match npz::read(&full, state) {
        Ok(arrays) => Some((arrays, Wrong { name, has_lines: false, count: 0 })),
        Err(why) => cx.fail(
            site,
            format!("{name} cannot be read: {why}"),
            "give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and \
             delay_ms",
        ),
    }
}

fn open(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    columns: &[&str],
    least: usize,
) -> Option<DataFile> {
    let full = cx.network.folder.join(path);
    let name: Arc<str> = full.display().to_string().into();
    match full.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => text(cx, site, &full, name, columns, least),
        Some("npy") => match array(&full) {
            Ok(table) => {
                let wrong = Wrong { name, has_lines: false, count: 0 };
                Some(DataFile { width: 2, wrong, rows: Rows::Array(table) })
            }
            Err(message) => cx.fail(
                site,
                format!("{name} cannot be read: {message}"),
                format!("give a 2-D array of numbers with the columns {}", columns[..2].join(", ")),
            ),
        },
        _ => cx.fail(
            site,
            format!("`{path}` is not the name of a data file"),
            "give a file that ends in .csv or .npy, relative to the model file",
        ),
    }
}

fn text(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &Path,
    name: Arc<str>,
    columns: &[&str],
    least: usize,
) -> Option<DataFile> {
    let file = match input::open(path) {
        Ok(file) => file.take(input::DATA.most_bytes),
        Err(error) => {
            let help = "give a .csv file, relative to the model file";
            return cx.fail(site, format!("{name} cannot be read: {error}"), help);
        }
    };
    let mut lines = Lines::new(file);
    let right: Vec<String> =
        (least..=columns.len()).map(|n| format!("`{}`", columns[..n].join(","))).collect();
    let help = format!("the first line must be {}", right.join(" or "));
    let header: Vec<String> = match lines.next() {
        Ok((_, Next::Line(line))) => csv::fields(line).map(String::from).collect(),
        Ok((_, Next::End)) => return cx.fail(site, format!("{name} is empty"), help),
        Ok((_, Next::NotUtf8)) => {
            return cx.fail(site, format!("{name} is not a text in UTF-8"), help);
        }
        Ok((_, Next::TooLong)) => {
            let most = csv::LINE_MAX;
            let message = format!("{name} has a first line of more than {most} bytes");
            return cx.fail(site, message, help);
        }
        Err(error) => return cx.fail(site, format!("{name} cannot be read: {error}"), help),
    };
    if header.len() < least || header.len() > columns.len() || header[..] != columns[..header.len()]
    {
        let message = format!("{name} has the header `{}`", header.join(","));
        return cx.fail(site, message, help);
    }
    let wrong = Wrong { name, has_lines: true, count: 0 };
    Some(DataFile { width: header.len(), wrong, rows: Rows::Text(lines) })
}

/// Opens the two columns of a 2-D array of any number type.
fn array(path: &Path) -> Result<npy::Table<BufReader<File>>, String> {
    let file = input::open(path).map_err(|error| error.to_string())?;
    let table = npy::Table::open(BufReader::new(file)).map_err(|error| error.to_string())?;
    match table.shape() {
        &[_, 2] => Ok(table),
        shape => Err(format!("its shape is {shape:?}, not [n, 2]")),
    }
}

impl DataFile {
    /// Reads all rows. `row_bytes` is what `row` keeps of each. Gives what was wrong.
    pub fn read(
        self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        row_bytes: u64,
        mut row: impl FnMut(&mut Context<'_>, &mut Wrong, &Place<'_>, &[f64]),
    ) -> Option<Wrong> {
        let Self { width, mut wrong, rows } = self;
        let rows_max = rows_max(row_bytes);
        match rows {
            Rows::Text(lines) => {
                let mut reader = TextRows { lines, width, rows_max };
                reader.read(cx, site, &mut wrong, &mut row)?;
            }
            Rows::Array(table) => {
                let too_many = table.shape()[0] > rows_max;
                let read = match too_many {
                    true => Err(too_many_rows(rows_max)),
                    false => table.columns().map_err(|error| error.to_string()),
                };
                let [first, second] = match read {
                    Ok(columns) => columns,
                    Err(why) => {
                        let message = format!("{} cannot be read: {why}", wrong.name);
                        return cx.fail(site, message, input::DATA.help);
                    }
                };
                for (number, pair) in (0..).zip(first.into_iter().zip(second)) {
                    row(cx, &mut wrong, &Place { number, text: None }, &[pair.0, pair.1]);
                    if wrong.is_full() {
                        break;
                    }
                }
            }
        }
        Some(wrong)
    }
}

struct TextRows {
    lines: Lines<Take<File>>,
    width: usize,
    rows_max: u64,
}

impl TextRows {
    fn read(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        wrong: &mut Wrong,
        row: &mut impl FnMut(&mut Context<'_>, &mut Wrong, &Place<'_>, &[f64]),
    ) -> Option<()> {
        let (width, mut values) = (self.width, Vec::with_capacity(self.width));
        for rows in 0.. {
            let reached = self.lines.number;
            let (number, line) = match self.lines.next() {
                Ok(next) => next,
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", wrong.name);
                    return cx.fail(
                        site,
                        message,
                        format!("{} could be read", count(reached, "line")),
                    );
                }
            };
            if rows == self.rows_max && !matches!(line, Next::End) {
                let message = format!("{} cannot be read: {}", wrong.name, too_many_rows(rows));
                return cx.fail(site, message, input::DATA.help);
            }
            values.clear();
            let ends = matches!(line, Next::TooLong);
            let (told, text) = match line {
                Next::End => return Some(()),
                Next::TooLong => {
                    let message = format!(
                        "a line of more than {} bytes: nothing behind it is read",
                        csv::LINE_MAX
                    );
                    (Some(message), None)
                }
                Next::NotUtf8 => (Some("this is not UTF-8".into()), None),
                Next::Line(text) => (numbers(text, width, &mut values), Some(text)),
            };
            let place = Place { number, text };
            match told {
                None => row(cx, wrong, &place, &values),
                Some(message) => wrong.push(cx, site, &place, &message),
            }
            if ends || wrong.is_full() {
                return Some(());
            }
        }
        Some(())
    }
}

/// Reads the numbers of a line; gives what is wrong.
fn numbers(line: &str, width: usize, values: &mut Vec<f64>) -> Option<String> {
    let mut all = true;
    for field in csv::fields(line) {
        match field.parse() {
            Ok(value) => values.push(value),
            Err(_) => all = false,
        }
    }
    let found = line.split(',').count();
    if found != width {
        let columns = count(width as u64, "column");
        return Some(format!("{} here, and {columns} in the header", count(found as u64, "value")));
    }
    (!all).then(|| format!("`{line}` are not all numbers"))
}

/// How many rows fit: half of the memory that is left, and 32 bits of numbers.
fn rows_max(row_bytes: u64) -> u64 {
    let most = memory::available_bytes().map_or(u64::MAX, |bytes| bytes / 2 / row_bytes);
    most.min(u64::from(u32::MAX))
}

fn too_many_rows(most: u64) -> String {
    format!(
        "it has more than {}, the most that fit into half of the memory left",
        count(most, "row")
    )
}
