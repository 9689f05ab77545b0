//! Synapses in a `.npz` file: an array for each property, as `isospike run --synapses` writes them.

use super::{rows_max, too_many_rows};
use crate::npy;
use isospike_core::base::input;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

type Archive = ZipArchive<BufReader<File>>;

/// Bytes that are kept of a synapse while it is read.
const ROW_BYTES: u64 = 64;

/// The arrays of a file, all of one length.
pub(in crate::check) struct Synapses {
    pub pre: Vec<f64>,
    pub post: Vec<f64>,
    pub weight: Option<Vec<f64>>,
    /// The unit of the weights, where the file has it.
    pub weight_unit: Option<String>,
    pub delay_ms: Option<Vec<f64>>,
    /// For each name that is looked for that state variable.
    pub state: Vec<Option<Variable>>,
}

/// The values of a state variable, and their unit where the file has it.
type Variable = (Vec<f64>, Option<String>);

/// Reads a file, and of its state variables those with these names; the error is in words.
pub(super) fn read(path: &Path, state: &[&str]) -> Result<Synapses, String> {
    let file = input::open_regular(path).map_err(|error| error.to_string())?;
    let mut npz = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let pre = needed(&mut npz, "pre")?;
    let post = needed(&mut npz, "post")?;
    let weight = numbers(&mut npz, "weight")?;
    let delay_ms = numbers(&mut npz, "delay_ms")?;
    let [units_of, units] = [texts(&mut npz, "state_name")?, texts(&mut npz, "state_unit")?];
    let units: BTreeMap<String, String> = units_of.into_iter().zip(units).collect();
    let variable = |name: &&str| -> Result<Option<Variable>, String> {
        let array = numbers(&mut npz, &format!("state.{name}"))?;
        Ok(array.map(|array| (array, units.get(*name).cloned())))
    };
    let variables = state.iter().map(variable).collect::<Result<Vec<_>, _>>()?;
    let mut all = vec![("post".to_owned(), &post)];
    all.extend(weight.iter().map(|array| ("weight".to_owned(), array)));
    all.extend(delay_ms.iter().map(|array| ("delay_ms".to_owned(), array)));
    for (name, given) in state.iter().zip(&variables) {
        all.extend(given.iter().map(|(array, _)| (format!("state.{name}"), array)));
    }
    for (name, array) in all {
        if array.len() != pre.len() {
            let (here, there) = (array.len(), pre.len());
            return Err(format!("`{name}` has {here} numbers, but `pre` has {there}"));
        }
    }
    let weight_unit = unit(&mut npz)?;
    Ok(Synapses { pre, post, weight, weight_unit, delay_ms, state: variables })
}

/// Reads an array of texts; empty where there is none of the name.
fn texts(npz: &mut Archive, name: &str) -> Result<Vec<String>, String> {
    let Some(entry) = entry(npz, name)? else { return Ok(Vec::new()) };
    npy::texts(entry).map_err(|error| format!("`{name}`: {error}"))
}

/// Opens an array; `None` where there is none of the name.
fn entry<'a>(npz: &'a mut Archive, name: &str) -> Result<Option<ZipFile<'a>>, String> {
    match npz.by_name(&format!("{name}.npy")) {
        Err(ZipError::FileNotFound) => Ok(None),
        entry => entry.map(Some).map_err(|error| error.to_string()),
    }
}

fn needed(npz: &mut Archive, name: &str) -> Result<Vec<f64>, String> {
    numbers(npz, name)?.ok_or_else(|| format!("there is no array `{name}`"))
}

/// Reads an array of shape [n] or [1, n]; `None` where there is none of the name.
fn numbers(npz: &mut Archive, name: &str) -> Result<Option<Vec<f64>>, String> {
    let Some(entry) = entry(npz, name)? else { return Ok(None) };
    let table = npy::Table::open(entry).map_err(|error| format!("`{name}`: {error}"))?;
    let count = match *table.shape() {
        [n] | [1, n] => n,
        ref shape => {
            return Err(format!(
                "the shape of `{name}` is {shape:?}, not [n] or [1, n]; of several copies keep one"
            ));
        }
    };
    let most = rows_max(ROW_BYTES);
    if count > most {
        return Err(too_many_rows(most));
    }
    table.values().map(Some).map_err(|error| format!("`{name}`: {error}"))
}

fn unit(npz: &mut Archive) -> Result<Option<String>, String> {
    let Some(entry) = entry(npz, "weight_unit")? else { return Ok(None) };
    npy::text(entry).map(Some).map_err(|error| format!("`weight_unit`: {error}"))
}
