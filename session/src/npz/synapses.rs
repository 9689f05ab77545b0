//! `synapses-NAME.npz`: the synapses of a projection, written for NumPy and for `connect` of a
//! model file.

use super::{array, close, create, strings};
use crate::synapses::{Synapses, Variable};
use std::io;
use std::path::Path;

/// Writes `pre` and `post` (u32), `delay_ms` (f64), `weight` (f64, `[copies, synapses]`; one copy
/// where all share them; not there where the model uses none) with `weight_unit`, and for each
/// state variable `state.NAME` (f32, `[copies, synapses]`), with `state_name` and `state_unit`.
pub fn write_synapses(path: &Path, synapses: &Synapses) -> io::Result<()> {
    let mut npz = create(path)?;
    let count = synapses.pre.len();
    let shape = |values: usize| [values.checked_div(count).unwrap_or(1), count];
    array(&mut npz, "pre", &[count], &synapses.pre)?;
    array(&mut npz, "post", &[count], &synapses.post)?;
    array(&mut npz, "delay_ms", &[count], &synapses.delay_ms)?;
    if let Some(weight) = &synapses.weight {
        array(&mut npz, "weight", &shape(weight.len()), weight)?;
        strings(&mut npz, "weight_unit", &[&synapses.weight_unit])?;
    }
    for Variable { name, values, .. } in &synapses.state {
        array(&mut npz, &format!("state.{name}"), &shape(values.len()), values)?;
    }
    if !synapses.state.is_empty() {
        let names = synapses.state.iter().map(|variable| variable.name.as_str());
        strings(&mut npz, "state_name", &names.collect::<Vec<_>>())?;
        let units = synapses.state.iter().map(|variable| variable.unit.as_str());
        strings(&mut npz, "state_unit", &units.collect::<Vec<_>>())?;
    }
    close(npz)
}
