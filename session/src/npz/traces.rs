//! `traces.npz`: the samples of probes, written for NumPy and read back by `isospike plot`.

use super::{array, close, create, invalid, open, read, strings};
use crate::trace::Trace;
use std::io;
use std::path::Path;

/// Writes for each probe an array of its name, f32 `[samples, copies, neurons]`, and beside it
/// `NAME.step` (-1 for the state before step 0), `NAME.time_ms` and `NAME.neuron`: which steps,
/// times and neurons these are; `NAME.copies`, `NAME.population`, `NAME.variable` and `NAME.unit`
/// say what they are of. `probe_name` has the names in order.
pub fn write_traces(path: &Path, traces: &[Trace]) -> io::Result<()> {
    let mut npz = create(path)?;
    let names: Vec<&str> = traces.iter().map(|trace| trace.name.as_str()).collect();
    for trace in traces {
        let field = |field: &str| format!("{}.{field}", trace.name);
        let (samples, neurons) = (trace.steps.len(), trace.neurons.len());
        array(&mut npz, &trace.name, &[samples, trace.copies, neurons], &trace.values)?;
        array(&mut npz, &field("step"), &[samples], &trace.steps)?;
        array(&mut npz, &field("time_ms"), &[samples], &trace.times_ms)?;
        array(&mut npz, &field("neuron"), &[neurons], &trace.neurons)?;
        array(&mut npz, &field("copies"), &[1], &[trace.copies as u32])?;
        strings(&mut npz, &field("population"), &[&trace.population])?;
        strings(&mut npz, &field("variable"), &[&trace.variable])?;
        strings(&mut npz, &field("unit"), &[&trace.unit])?;
    }
    strings(&mut npz, "probe_name", &names)?;
    close(npz)
}

/// Reads what [`write_traces`] wrote.
pub fn read_traces(path: &Path) -> io::Result<Vec<Trace>> {
    let mut npz = open(path)?;
    let names: Vec<Vec<u8>> = read(&mut npz, "probe_name")?;
    let mut traces = Vec::new();
    for name in names {
        let name = String::from_utf8_lossy(&name).into_owned();
        let field = |field: &str| format!("{name}.{field}");
        let mut text = |what: &str| -> io::Result<String> {
            let texts: Vec<Vec<u8>> = read(&mut npz, &field(what))?;
            let text = texts.first().map(|text| String::from_utf8_lossy(text).into_owned());
            text.ok_or_else(|| invalid(&format!("`{}` is empty", field(what))))
        };
        let (population, variable, unit) = (text("population")?, text("variable")?, text("unit")?);
        let copies: Vec<u32> = read(&mut npz, &field("copies"))?;
        let trace = Trace {
            population,
            variable,
            unit,
            copies: copies.first().copied().unwrap_or(0) as usize,
            neurons: read(&mut npz, &field("neuron"))?,
            steps: read(&mut npz, &field("step"))?,
            times_ms: read(&mut npz, &field("time_ms"))?,
            values: read(&mut npz, &name)?,
            name,
        };
        let samples = trace.steps.len();
        let sizes = (trace.times_ms.len(), samples.checked_mul(trace.lines()));
        if sizes != (samples, Some(trace.values.len())) {
            return Err(invalid(&format!("the arrays of `{}` do not fit each other", trace.name)));
        }
        traces.push(trace);
    }
    Ok(traces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::plan::{Plan, ProbePlan};
    use isospike_core::run::record::Recording;

    /// Two probes of one neuron, every second step; the second has the state before step 0.
    fn traces() -> (Plan, Recording) {
        let mut plan = crate::fake::plan();
        let name = |name: &str, every_steps, initial| ProbePlan {
            name: name.into(),
            every_steps,
            initial,
            ..plan.probes[0].clone()
        };
        plan.probes = vec![name("v", 2, false), name("start", 2, true)];
        let words = |n: u32| (0..n).map(|i| (i as f32).to_bits()).collect();
        (plan, Recording { steps: 6, spikes: vec![], traces: vec![words(3), words(4)] })
    }

    #[test]
    fn traces_have_the_times_of_their_samples_and_come_back() {
        let (plan, recording) = traces();
        let traces = Trace::all(&plan, &recording);
        assert_eq!(traces[1].values, [0.0, 1.0, 2.0, 3.0]);
        let of = |i: usize| (traces[i].steps.as_slice(), traces[i].times_ms.as_slice());
        assert_eq!(of(0), (&[0, 2, 4][..], &[0.1, 0.3, 0.5][..]));
        assert_eq!(of(1), (&[-1, 0, 2, 4][..], &[0.0, 0.1, 0.3, 0.5][..]));
        let path = std::env::temp_dir().join(format!("isospike_traces_{}.npz", std::process::id()));
        write_traces(&path, &traces).unwrap();
        let back = read_traces(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(back.unwrap(), traces);
    }

    #[test]
    fn arrays_that_do_not_fit_each_other_are_refused() {
        let (plan, recording) = traces();
        let spoil: [fn(&mut Trace); 2] = [|trace| trace.copies = 2, |trace| trace.neurons.push(1)];
        for (i, spoil) in spoil.into_iter().enumerate() {
            let mut traces = Trace::all(&plan, &recording);
            spoil(&mut traces[0]);
            let name = format!("isospike_traces_{}_{i}.npz", std::process::id());
            let path = std::env::temp_dir().join(name);
            write_traces(&path, &traces).unwrap();
            let read = read_traces(&path);
            std::fs::remove_file(&path).unwrap();
            assert!(read.is_err(), "{i}");
        }
    }
}
