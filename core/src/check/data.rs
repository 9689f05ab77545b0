//! Data beside a model file: `.csv` and `.npy` tables of numbers.

use super::context::{Context, Site};
use super::size::BYTES_PER_SERIES_VALUE;
use crate::mistake::{Mistake, Origin};
use crate::npy;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// How many mistakes of one file are told one by one.
pub(super) const SHOWN: usize = 10;

/// A table of numbers with the place of its rows.
pub(super) struct Rows<T> {
    pub rows: Vec<T>,
    pub file: Source,
}

/// Where rows come from.
#[derive(Clone)]
pub(super) struct Source {
    name: Arc<str>,
    /// The line of each row of a text file; empty for a binary one.
    lines: Vec<u32>,
}

/// The mistakes in one file.
pub(super) struct Wrong<'f> {
    file: &'f Source,
    count: usize,
}

impl<'f> Wrong<'f> {
    pub fn new(file: &'f Source) -> Self {
        Self { file, count: 0 }
    }

    /// A mistake in a row.
    pub fn push(&mut self, cx: &mut Context<'_>, site: &Site<'_>, row: usize, message: &str) {
        self.push_help(cx, site, row, message, "");
    }

    /// The same with what would be right.
    pub fn push_help(
        &mut self,
        cx: &mut Context<'_>,
        site: &Site<'_>,
        row: usize,
        message: &str,
        help: &str,
    ) {
        self.count += 1;
        if self.count > SHOWN {
            return;
        }
        let line = self.file.lines.get(row).copied();
        let message = match line {
            Some(_) => message.into(),
            None => format!("row {row}: {message}"),
        };
        let column = u32::from(line.is_some());
        let file = Some(self.file.name.clone());
        let origin = Origin { file, line: line.unwrap_or(0), column, length: 0 };
        cx.push(Mistake { origin, ..site.mistake(message, help) });
    }

    /// `None` if there was any; says how many were not told.
    pub fn finish(self, cx: &mut Context<'_>, site: &Site<'_>) -> Option<()> {
        if self.count > SHOWN {
            let message = format!("{} more mistakes like these", self.count - SHOWN);
            let origin = Origin { file: Some(self.file.name.clone()), ..Origin::default() };
            cx.push(Mistake { origin, ..site.mistake(message, "") });
        }
        (self.count == 0).then_some(())
    }
}

/// (time in ms, neuron): a `.csv` with the header `time_ms,neuron` or a `.npy` of shape (n, 2).
pub(super) fn spikes(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
) -> Option<Rows<(f64, f64)>> {
    let table = read(cx, site, path, &["time_ms", "neuron"], 2)?;
    let rows = table.rows.iter().map(|row| (row[0], row[1])).collect();
    Some(Rows { rows, file: table.file })
}

/// Synapses: a `.csv` with the header `pre,post[,weight[,delay]]`, or a `.npy` of shape (n, 2).
pub(super) fn synapses(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
) -> Option<Rows<Vec<f64>>> {
    read(cx, site, path, &["pre", "post", "weight", "delay"], 2)
}

/// The values of rows, with the place of each.
pub(super) struct Table {
    /// Values in a row.
    pub width: u32,
    /// Row by row.
    pub values: Vec<f64>,
    pub source: Source,
}

/// Values in time: a `.csv` with the header `value`, or a `.npy` of shape (rows) or (rows, size).
pub(super) fn values(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    size: u32,
    memory_bytes: Option<u64>,
) -> Option<Table> {
    let full = cx.network.folder.join(path);
    if full.extension().and_then(|extension| extension.to_str()) != Some("npy") {
        let Rows { rows, file } = read(cx, site, path, &["value"], 1)?;
        return Some(Table { width: 1, values: rows.concat(), source: file });
    }
    let name: Arc<str> = full.display().to_string().into();
    match npy_values(&full, size, memory_bytes) {
        Ok((width, values)) => {
            let source = Source { name, lines: Vec::new() };
            Some(Table { width, values, source })
        }
        Err(message) => cx.fail(
            site,
            format!("{name} cannot be read: {message}"),
            format!("give an array of numbers, of shape [rows] or [rows, {size}]"),
        ),
    }
}

fn read(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &str,
    columns: &[&str],
    least: usize,
) -> Option<Rows<Vec<f64>>> {
    let full = cx.network.folder.join(path);
    let name: Arc<str> = full.display().to_string().into();
    match full.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => csv_table(cx, site, &full, name, columns, least),
        Some("npy") => match npy_table(&full) {
            Ok(rows) => Some(Rows { rows, file: Source { name, lines: Vec::new() } }),
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

fn csv_table(
    cx: &mut Context<'_>,
    site: &Site<'_>,
    path: &Path,
    name: Arc<str>,
    columns: &[&str],
    least: usize,
) -> Option<Rows<Vec<f64>>> {
    let unreadable = |error: csv::Error| format!("{name} cannot be read: {error}");
    let help = "give a .csv file, relative to the model file";
    let mut reader = match csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path) {
        Ok(reader) => reader,
        Err(error) => return cx.fail(site, unreadable(error), help),
    };
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(String::from).collect(),
        Err(error) => return cx.fail(site, unreadable(error), help),
    };
    if header.len() < least || header.len() > columns.len() || header[..] != columns[..header.len()]
    {
        let right: Vec<String> =
            (least..=columns.len()).map(|n| format!("`{}`", columns[..n].join(","))).collect();
        let message = format!("{name} has the header `{}`", header.join(","));
        return cx.fail(site, message, format!("the first line must be {}", right.join(" or ")));
    }
    let mut table =
        Rows { rows: Vec::new(), file: Source { name: name.clone(), lines: Vec::new() } };
    let mut bad = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => return cx.fail(site, unreadable(error), help),
        };
        table.file.lines.push(record.position().map_or(0, |at| at.line() as u32));
        let row: Result<Vec<f64>, _> = record.iter().map(str::parse).collect();
        if row.is_err() {
            let text: Vec<&str> = record.iter().collect();
            bad.push((table.rows.len(), format!("`{}` are not all numbers", text.join(","))));
        }
        table.rows.push(row.unwrap_or_default());
    }
    let mut wrong = Wrong::new(&table.file);
    for (row, message) in bad {
        wrong.push(cx, site, row, &message);
    }
    wrong.finish(cx, site)?;
    Some(table)
}

/// The two columns of a 2-D array of any number type.
fn npy_table(path: &Path) -> Result<Vec<Vec<f64>>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let bytes = file.metadata().map_err(|error| error.to_string())?.len();
    let array = npy::open(BufReader::new(file)).map_err(|error| error.to_string())?;
    let &[rows, 2] = array.shape() else {
        return Err(format!("its shape is {:?}, not [n, 2]", array.shape()));
    };
    // A header may claim anything; the file cannot hold more numbers than bytes.
    if rows.saturating_mul(2) > bytes {
        return Err("it is shorter than its header says".into());
    }
    let fortran = array.order() == npyz::Order::Fortran;
    let numbers = numbers(array)?;
    let rows = rows as usize;
    let at = |row: usize, column: usize| {
        numbers[if fortran { column * rows + row } else { row * 2 + column }]
    };
    if numbers.len() != rows * 2 {
        return Err("it is shorter than its header says".into());
    }
    Ok((0..rows).map(|row| vec![at(row, 0), at(row, 1)]).collect())
}

/// A value for each row, or one for each row and neuron, row by row, and how many a row has.
fn npy_values(
    path: &Path,
    size: u32,
    memory_bytes: Option<u64>,
) -> Result<(u32, Vec<f64>), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let bytes = file.metadata().map_err(|error| error.to_string())?.len();
    let array = npy::open(BufReader::new(file)).map_err(|error| error.to_string())?;
    let (rows, width) = match *array.shape() {
        [rows] => (rows, 1),
        [rows, columns] if columns == u64::from(size) => (rows, size),
        ref shape => {
            return Err(format!("its shape is {shape:?}, not [rows] or [rows, {size}]"));
        }
    };
    let count = rows.saturating_mul(u64::from(width));
    // A header may claim anything; the file cannot hold more numbers than bytes.
    if count > bytes {
        return Err("it is shorter than its header says".into());
    }
    if memory_bytes.is_some_and(|limit| count.saturating_mul(BYTES_PER_SERIES_VALUE) > limit) {
        return Err(format!("its {count} values need more memory than there is"));
    }
    let fortran = array.order() == npyz::Order::Fortran && width > 1;
    let numbers = numbers(array)?;
    if numbers.len() as u64 != count {
        return Err("it is shorter than its header says".into());
    }
    let (rows, columns) = (rows as usize, width as usize);
    if !fortran {
        return Ok((width, numbers));
    }
    let by_row = (0..rows * columns).map(|at| numbers[at % columns * rows + at / columns]);
    Ok((width, by_row.collect()))
}

fn numbers(array: npyz::NpyFile<impl Read>) -> Result<Vec<f64>, String> {
    let npyz::DType::Plain(kind) = array.dtype() else {
        return Err("its entries are not plain numbers".into());
    };
    macro_rules! read {
        ($type:ty) => {
            array
                .into_vec::<$type>()
                .map(|values| values.into_iter().map(|value| value as f64).collect())
                .map_err(|error| error.to_string())
        };
    }
    match &kind.to_string()[1..] {
        "i1" => read!(i8),
        "i2" => read!(i16),
        "i4" => read!(i32),
        "i8" => read!(i64),
        "u1" => read!(u8),
        "u2" => read!(u16),
        "u4" => read!(u32),
        "u8" => read!(u64),
        "f4" => read!(f32),
        "f8" => read!(f64),
        other => Err(format!("its entries are of type {other}, not integers or floats")),
    }
}
