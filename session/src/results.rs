//! The arrays of a run as files for NumPy.

use crate::drive::Outcome;
use crate::error::Error;
use crate::load::Loaded;
use crate::npz;
use crate::replace::replace;
use crate::trace::Trace;
use isospike_core::analyse::train::SpikeTrain;
use isospike_core::base::progress::begin;
use std::path::{Path, PathBuf};

/// Writes `spikes.npz`, `traces.npz` where there are probes, and `series.npz` where milliseconds
/// were counted, each as a whole; returns their paths.
///
/// # Errors
/// The file that could not be written.
pub fn write(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &SpikeTrain,
    traces: &[Trace],
) -> Result<Vec<PathBuf>, Error> {
    let mut files = vec![folder.join("spikes.npz")];
    begin("writing spikes.npz", 0);
    replace(&files[0], |part| npz::write_spikes(part, train))?;
    if !traces.is_empty() {
        let path = folder.join("traces.npz");
        begin("writing traces.npz", 0);
        replace(&path, |part| npz::write_traces(part, traces))?;
        files.push(path);
    }
    if let Some(series) = &outcome.series {
        let path = folder.join("series.npz");
        let dt_ms = loaded.network.dt_ms;
        replace(&path, |part| npz::write_series(part, &loaded.plan, series, dt_ms))?;
        files.push(path);
    }
    Ok(files)
}
