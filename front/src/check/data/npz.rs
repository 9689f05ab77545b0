//! Synapses in a `.npz` file: an array for each property, as `isospike run --synapses` writes them.

use super::{rows_max, too_many_rows};
use crate::npy;
use isospike_core::base::input;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use zip::ZipArchive;
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
}

/// Reads a file; the error is in words.
pub(super) fn read(path: &Path) -> Result<Synapses, String> {
    let file = input::open_regular(path).map_err(|error| error.to_string())?;
    let mut npz = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let pre = needed(&mut npz, "pre")?;
    let post = needed(&mut npz, "post")?;
    let weight = numbers(&mut npz, "weight")?;
    let delay_ms = numbers(&mut npz, "delay_ms")?;
    let all = [("post", Some(&post)), ("weight", weight.as_ref()), ("delay_ms", delay_ms.as_ref())];
    for (name, array) in all {
        if let Some(array) = array
            && array.len() != pre.len()
        {
            let (here, there) = (array.len(), pre.len());
            return Err(format!("`{name}` has {here} numbers, but `pre` has {there}"));
        }
    }
    let weight_unit = unit(&mut npz)?;
    Ok(Synapses { pre, post, weight, weight_unit, delay_ms })
}

fn needed(npz: &mut Archive, name: &str) -> Result<Vec<f64>, String> {
    numbers(npz, name)?.ok_or_else(|| format!("there is no array `{name}`"))
}

/// Reads an array of shape [n] or [1, n]; `None` where there is none of the name.
fn numbers(npz: &mut Archive, name: &str) -> Result<Option<Vec<f64>>, String> {
    let entry = match npz.by_name(&format!("{name}.npy")) {
        Err(ZipError::FileNotFound) => return Ok(None),
        entry => entry.map_err(|error| error.to_string())?,
    };
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
    let entry = match npz.by_name("weight_unit.npy") {
        Err(ZipError::FileNotFound) => return Ok(None),
        entry => entry.map_err(|error| error.to_string())?,
    };
    npy::text(entry).map(Some).map_err(|error| format!("`weight_unit`: {error}"))
}
