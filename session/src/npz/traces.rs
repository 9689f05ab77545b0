//! `traces.npz`: the samples of probes, written for NumPy and read back by `isospike plot`.

use super::{Reader, array, close, create, entry, invalid, open, read, strings};
use crate::trace::{Elements, Head, Histogram, Samples, Trace};
use std::io::{self, Seek, Write};
use std::path::Path;
use zip::ZipWriter;

/// The names of probes of neurons, of single synapses, and of histograms.
const NAMES: [&str; 3] = ["probe_name", "synapse_probe_name", "histogram_name"];

/// Writes for each probe an array of its name, f32 `[samples, copies, neurons or synapses]`, of a
/// histogram u32 `[samples, copies, intervals + 2]`. Beside it stand `NAME.step` (-1 for the state
/// before step 0) and `NAME.time_ms`, the samples; `NAME.neuron`, or `NAME.pre` and `NAME.post`, or
/// `NAME.edge`; `NAME.copies`, `NAME.population` or `NAME.projection`, `NAME.variable` and
/// `NAME.unit`. `probe_name` has the names of probes of neurons in order, `synapse_probe_name` and
/// `histogram_name` the others where there are some.
pub fn write_traces(path: &Path, samples: &Samples) -> io::Result<()> {
    let mut npz = create(path)?;
    let mut names = [const { Vec::new() }; 3];
    for Trace { head, elements, values } in &samples.traces {
        let name = head.name.as_str();
        let field = |field: &str| format!("{name}.{field}");
        array(&mut npz, name, &[head.steps.len(), head.copies, elements.len()], values)?;
        match elements {
            Elements::Neurons(neurons) => {
                array(&mut npz, &field("neuron"), &[neurons.len()], neurons)?;
                write_head(&mut npz, head, "population")?;
                names[0].push(name);
            }
            Elements::Synapses(pre, post) => {
                array(&mut npz, &field("pre"), &[pre.len()], pre)?;
                array(&mut npz, &field("post"), &[post.len()], post)?;
                write_head(&mut npz, head, "projection")?;
                names[1].push(name);
            }
        }
    }
    for Histogram { head, edges, counts } in &samples.histograms {
        let (name, shape) = (head.name.as_str(), [head.steps.len(), head.copies, edges.len() + 1]);
        array(&mut npz, name, &shape, counts)?;
        array(&mut npz, &format!("{name}.edge"), &[edges.len()], edges)?;
        write_head(&mut npz, head, "projection")?;
        names[2].push(name);
    }
    for (array, names) in NAMES.into_iter().zip(names) {
        if array == NAMES[0] || !names.is_empty() {
            strings(&mut npz, array, &names)?;
        }
    }
    close(npz)
}

fn write_head<W: Write + Seek>(npz: &mut ZipWriter<W>, head: &Head, owner: &str) -> io::Result<()> {
    let field = |field: &str| format!("{}.{field}", head.name);
    array(npz, &field("step"), &[head.steps.len()], &head.steps)?;
    array(npz, &field("time_ms"), &[head.steps.len()], &head.times_ms)?;
    array(npz, &field("copies"), &[1], &[head.copies as u32])?;
    strings(npz, &field(owner), &[&head.owner])?;
    strings(npz, &field("variable"), &[&head.variable])?;
    strings(npz, &field("unit"), &[&head.unit])
}

/// Reads what [`write_traces`] wrote.
pub fn read_traces(path: &Path) -> io::Result<Samples> {
    let mut npz = open(path)?;
    let mut samples = Samples::default();
    for name in names(&mut npz, NAMES[0])? {
        let elements = Elements::Neurons(read(&mut npz, &format!("{name}.neuron"))?);
        samples.traces.push(read_trace(&mut npz, &name, "population", elements)?);
    }
    for name in names(&mut npz, NAMES[1])? {
        let pre: Vec<u32> = read(&mut npz, &format!("{name}.pre"))?;
        let post: Vec<u32> = read(&mut npz, &format!("{name}.post"))?;
        if pre.len() != post.len() {
            return Err(unfitting(&name));
        }
        let elements = Elements::Synapses(pre, post);
        samples.traces.push(read_trace(&mut npz, &name, "projection", elements)?);
    }
    for name in names(&mut npz, NAMES[2])? {
        let edges: Vec<f32> = read(&mut npz, &format!("{name}.edge"))?;
        let head = read_head(&mut npz, &name, "projection")?;
        let histogram = Histogram { head, edges, counts: read(&mut npz, &name)? };
        let Histogram { head, counts, .. } = &histogram;
        if !fits(head, histogram.width(), counts.len()) || histogram.edges.len() < 2 {
            return Err(unfitting(&name));
        }
        samples.histograms.push(histogram);
    }
    Ok(samples)
}

/// Reads names that need not be there.
fn names(npz: &mut Reader, array: &str) -> io::Result<Vec<String>> {
    let is_there = npz.file_names().any(|name| name == entry(array));
    if array != NAMES[0] && !is_there {
        return Ok(Vec::new());
    }
    let names: Vec<Vec<u8>> = read(npz, array)?;
    Ok(names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn read_trace(npz: &mut Reader, name: &str, owner: &str, elements: Elements) -> io::Result<Trace> {
    let head = read_head(npz, name, owner)?;
    let trace = Trace { head, elements, values: read(npz, name)? };
    match fits(&trace.head, trace.elements.len(), trace.values.len()) {
        true => Ok(trace),
        false => Err(unfitting(name)),
    }
}

fn read_head(npz: &mut Reader, name: &str, owner: &str) -> io::Result<Head> {
    let field = |field: &str| format!("{name}.{field}");
    let mut text = |what: &str| -> io::Result<String> {
        let texts: Vec<Vec<u8>> = read(npz, &field(what))?;
        let text = texts.first().map(|text| String::from_utf8_lossy(text).into_owned());
        text.ok_or_else(|| invalid(&format!("`{}` is empty", field(what))))
    };
    let (owner, variable, unit) = (text(owner)?, text("variable")?, text("unit")?);
    let copies: Vec<u32> = read(npz, &field("copies"))?;
    Ok(Head {
        owner,
        variable,
        unit,
        copies: copies.first().copied().unwrap_or(0) as usize,
        steps: read(npz, &field("step"))?,
        times_ms: read(npz, &field("time_ms"))?,
        name: name.into(),
    })
}

/// Whether there is a time and `width` words a copy for each sample.
fn fits(head: &Head, width: usize, words: usize) -> bool {
    let samples = head.steps.len();
    let all = samples.checked_mul(head.copies).and_then(|copies| copies.checked_mul(width));
    head.times_ms.len() == samples && all == Some(words)
}

fn unfitting(name: &str) -> io::Error {
    invalid(&format!("the arrays of `{name}` do not fit each other"))
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
        let traces = Samples::of(&plan, &recording);
        assert_eq!(traces.traces[1].values, [0.0, 1.0, 2.0, 3.0]);
        let head = |i: usize| &traces.traces[i].head;
        let of = |i: usize| (head(i).steps.as_slice(), head(i).times_ms.as_slice());
        assert_eq!(of(0), (&[0, 2, 4][..], &[0.1, 0.3, 0.5][..]));
        assert_eq!(of(1), (&[-1, 0, 2, 4][..], &[0.0, 0.1, 0.3, 0.5][..]));
        assert_eq!(there_and_back("traces", &traces).unwrap(), traces);
    }

    /// A probe of two synapses and a histogram of one interval, two samples of two copies each.
    fn of_synapses() -> Samples {
        let head = |name: &str| Head {
            name: name.into(),
            owner: "learns".into(),
            variable: "w".into(),
            unit: "pA".into(),
            copies: 2,
            steps: vec![-1, 0],
            times_ms: vec![0.0, 0.1],
        };
        let elements = Elements::Synapses(vec![0, 7], vec![3, 4]);
        let values = (0..8).map(|n| n as f32).collect();
        let histogram =
            Histogram { head: head("h"), edges: vec![1.0, 2.0], counts: (0..12).collect() };
        Samples {
            traces: vec![Trace { head: head("w"), elements, values }],
            histograms: vec![histogram],
        }
    }

    fn there_and_back(name: &str, samples: &Samples) -> io::Result<Samples> {
        let name = format!("isospike_{name}_{}.npz", std::process::id());
        let path = std::env::temp_dir().join(name);
        write_traces(&path, samples).unwrap();
        let back = read_traces(&path);
        std::fs::remove_file(&path).unwrap();
        back
    }

    #[test]
    fn samples_of_synapses_come_back() {
        let samples = of_synapses();
        assert_eq!(samples.histograms[0].sample(1), [6 + 9, 7 + 10, 8 + 11]);
        assert_eq!(samples.traces[0].line_name(3), "7 to 4, copy 1");
        assert_eq!(there_and_back("synapses", &samples).unwrap(), samples);
    }

    #[test]
    fn arrays_that_do_not_fit_each_other_are_refused() {
        let (plan, recording) = traces();
        let neurons = || Samples::of(&plan, &recording);
        type Spoiled = (fn(&mut Samples), Samples);
        let spoil: [Spoiled; 5] = [
            (|samples| samples.traces[0].head.copies = 2, neurons()),
            (|samples| samples.traces[0].elements = Elements::Neurons(vec![0, 1]), neurons()),
            (
                |samples| samples.traces[0].elements = Elements::Synapses(vec![0, 1], vec![0]),
                of_synapses(),
            ),
            (|samples| samples.histograms[0].edges.push(3.0), of_synapses()),
            (|samples| samples.histograms[0].head.steps.push(1), of_synapses()),
        ];
        for (i, (spoil, mut samples)) in spoil.into_iter().enumerate() {
            spoil(&mut samples);
            assert!(there_and_back(&format!("spoiled_{i}"), &samples).is_err(), "{i}");
        }
    }
}
