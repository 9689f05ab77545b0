//! The arrays of a run as files for NumPy.

use crate::drive::Outcome;
use crate::error::Error;
use crate::folder::SYNAPSES;
use crate::load::Loaded;
use crate::npz;
use crate::replace::replace;
use crate::trace::Samples;
use isospike_core::analyse::train::SpikeTrain;
use isospike_core::base::progress::begin;
use std::path::{Path, PathBuf};

/// Writes `spikes.npz`, `traces.npz` where there are probes, `series.npz` where milliseconds were
/// counted, and a file for each projection whose synapses are kept, each as a whole; returns their
/// paths.
///
/// # Errors
/// The file that could not be written.
pub fn write(
    folder: &Path,
    loaded: &Loaded,
    outcome: &Outcome,
    train: &SpikeTrain,
    samples: &Samples,
) -> Result<Vec<PathBuf>, Error> {
    let mut files = vec![folder.join("spikes.npz")];
    begin("writing spikes.npz", 0);
    replace(&files[0], |part| npz::write_spikes(part, train))?;
    if !samples.is_empty() {
        let path = folder.join("traces.npz");
        begin("writing traces.npz", 0);
        replace(&path, |part| npz::write_traces(part, samples))?;
        files.push(path);
    }
    if let Some(series) = &outcome.series {
        let path = folder.join("series.npz");
        let dt_ms = loaded.network.dt_ms;
        replace(&path, |part| npz::write_series(part, &loaded.plan, series, dt_ms))?;
        files.push(path);
    }
    for synapses in &outcome.synapses {
        let path = folder.join(format!("{SYNAPSES}{}.npz", synapses.projection));
        begin(&format!("writing synapses of {}", synapses.projection), 0);
        replace(&path, |part| npz::write_synapses(part, synapses))?;
        files.push(path);
    }
    Ok(files)
}
