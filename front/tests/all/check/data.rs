//! Data files.

use super::support::{NETWORK, check, good, wrong, wrong_projection};
use insta::assert_snapshot;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::checked::PopulationKind;
use isospike_front::check::Limits;
use npyz::WriterBuilder;
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Writes a text file and gives the mistakes with its folder taken away.
fn with_file(name: &str, text: &str, diagnostics: impl Fn(&str) -> String) -> String {
    fs::write(path(name), text).unwrap();
    without_folder(&diagnostics(name))
}

fn without_folder(text: &str) -> String {
    text.replace(&format!("{}/", env!("CARGO_TARGET_TMPDIR")), "")
}

fn npy<T: npyz::Serialize + npyz::AutoSerialize>(name: &str, shape: &[u64], values: Vec<T>) {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(&mut bytes)
        .begin_nd()
        .unwrap();
    writer.extend(values).unwrap();
    writer.finish().unwrap();
    fs::write(path(name), bytes).unwrap();
}

fn spikes(name: &str) -> String {
    without_folder(&wrong(&told(name)))
}

fn told(name: &str) -> String {
    format!("[population.p]\nsize = 4\nmodel = \"spike_list\"\nspikes = \"{name}\"")
}

fn synapses(name: &str, more: &str) -> String {
    format!("connect = {{ file = \"{name}\" }}\n{more}")
}

#[test]
fn spikes_from_files() {
    let expected = [(10, 0), (25, 3), (26, 0)];
    fs::write(path("spikes.csv"), "time_ms,neuron\n2.5, 3\n1,0\n2.56,0\n").unwrap();
    npy("spikes.npy", &[3, 2], vec![2.5f32, 3.0, 1.0, 0.0, 2.6, 0.0]);
    for name in ["spikes.csv", "spikes.npy"] {
        let checked = good(&told(name));
        let PopulationKind::SpikeList(list) = &checked.populations[0].kind else { panic!() };
        assert_eq!(list[..], expected, "{name}");
    }
}

#[test]
fn wrong_spikes_in_files() {
    for name in ["none.csv", "none.npy"] {
        let found = spikes(name);
        let start = "net.toml:4:11: population p, field `spikes`: none.";
        assert!(found.starts_with(start) && found.contains(" cannot be read: "), "{found}");
    }
    assert_snapshot!(spikes("none.txt"), @"net.toml:4:11: population p, field `spikes`: `none.txt` is not the name of a data file; give a file that ends in .csv or .npy, relative to the model file");
    assert_snapshot!(with_file("header.csv", "time,neuron\n1,0\n", spikes), @"net.toml:4:11: population p, field `spikes`: header.csv has the header `time,neuron`; the first line must be `time_ms,neuron`");
    let rows = "time_ms,neuron\n1,0\n1,0\n-1,0\n1,4\n1,a\n";
    assert_snapshot!(with_file("rows.csv", rows, spikes), @r#"
    rows.csv:3:1: population p, field `spikes`: neuron 0 already spikes in step 10; a neuron spikes at most once in a step: remove one, or take a smaller dt
    rows.csv:4:1: population p, field `spikes`: the time -1 ms is out of range
    rows.csv:5:1: population p, field `spikes`: 4 is not a neuron of this population of 4
    rows.csv:6:1: population p, field `spikes`: `1,a` are not all numbers
    "#);
    let rows = "time_ms,neuron\n1,0\n1.02,0\n-1,0\n1,4\n1,0.5\n";
    assert_snapshot!(with_file("values.csv", rows, spikes), @r#"
    values.csv:3:1: population p, field `spikes`: neuron 0 already spikes in step 10; a neuron spikes at most once in a step: remove one, or take a smaller dt
    values.csv:4:1: population p, field `spikes`: the time -1 ms is out of range
    values.csv:5:1: population p, field `spikes`: 4 is not a neuron of this population of 4
    values.csv:6:1: population p, field `spikes`: 0.5 is not a neuron of this population of 4
    "#);
    assert_snapshot!(with_file("short.csv", "time_ms,neuron\n1\n", spikes), @"short.csv:2:1: population p, field `spikes`: 1 value here, and 2 columns in the header");
    let many = format!("time_ms,neuron\n{}", "1,9\n".repeat(12));
    assert_snapshot!(with_file("many.csv", &many, spikes).lines().last().unwrap(), @"many.csv:11:1: population p, field `spikes`: 9 is not a neuron of this population of 4");
    npy("flat.npy", &[4], vec![1i32, 2, 3, 4]);
    assert_snapshot!(spikes("flat.npy"), @"net.toml:4:11: population p, field `spikes`: flat.npy cannot be read: its shape is [4], not [n, 2]; give a 2-D array of numbers with the columns time_ms, neuron");
    npy("far.npy", &[2, 2], vec![1i64, 0, 1, 9]);
    assert_snapshot!(spikes("far.npy"), @"far.npy: population p, field `spikes`: row 1: 9 is not a neuron of this population of 4");
}

/// A pipe gives its text once, and a file without end never ends a line or a list.
#[cfg(unix)]
#[test]
fn files_without_end_and_without_size_are_read_within_limits() {
    let link = |name: &str, to: &str| {
        let _ = fs::remove_file(path(name));
        std::os::unix::fs::symlink(to, path(name)).unwrap();
    };
    for name in ["zero.csv", "zero.npy"] {
        link(name, "/dev/zero");
    }
    assert!(spikes("zero.csv").contains("a first line of more than 4096 bytes"));
    assert!(spikes("zero.npy").contains("zero.npy cannot be read: "));
    let endless = format!("time_ms,neuron\n1,0\n{}", "1".repeat(1 << 20));
    assert_snapshot!(with_file("line.csv", &endless, spikes), @"line.csv:3:1: population p, field `spikes`: a line of more than 4096 bytes: nothing behind it is read");
    let bad = format!("time_ms,neuron\n{}", "1,9\n".repeat(100_000));
    let found = with_file("bad_rows.csv", &bad, spikes);
    assert_eq!(found.lines().count(), 11);
    assert!(found.contains("many more mistakes like these: the rest was not read"), "{found}");
    let fifo = path("pipe.csv");
    let _ = fs::remove_file(&fifo);
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(fifo, "time_ms,neuron\r\n1,0\r\n2,3\r\n"));
    let checked = good(&told("pipe.csv"));
    writer.join().unwrap().unwrap();
    let PopulationKind::SpikeList(list) = &checked.populations[0].kind else { panic!() };
    assert_eq!(list[..], [(10, 0), (20, 3)]);
}

#[test]
fn a_header_that_promises_too_much_is_refused() {
    npy("claim.npy", &[2, 2], vec![1i64, 0, 1, 9]);
    let bytes = fs::read(path("claim.npy")).unwrap();
    let text = String::from_utf8_lossy(&bytes[..128]).into_owned();
    let at = text.find("(2, 2, )").unwrap();
    let mut claim = bytes.clone();
    claim[at..at + 8].copy_from_slice(b"(9999,2)");
    fs::write(path("claim.npy"), claim).unwrap();
    let found = spikes("claim.npy");
    assert!(found.contains("claim.npy cannot be read: "), "{found}");
    fs::write(path("garbage.npy"), b"\x93NUMPY").unwrap();
    assert!(spikes("garbage.npy").contains("cannot be read"));
}

#[test]
fn no_header_panics() {
    npy("header.npy", &[2, 2], vec![1i64, 0, 2, 3]);
    let bytes = fs::read(path("header.npy")).unwrap();
    let text = told("header.npy");
    for at in 0..bytes.len() {
        for byte in [0, 1, 0xff, b'9', b'(', b',', b'\'', bytes[at] ^ 1] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            fs::write(path("header.npy"), &changed).unwrap();
            let _ = check(&format!("{text}{NETWORK}"), Limits::default());
        }
        fs::write(path("header.npy"), &bytes[..at]).unwrap();
        let _ = check(&format!("{text}{NETWORK}"), Limits::default());
    }
}

#[test]
fn synapses_from_files() {
    let read = |name: &str, more: &str| {
        let fields = synapses(name, more);
        let text = format!("[projection.p]\nfrom = \"exc\"\nto = \"inh\"\n{fields}");
        match &good(&text).projections[0].rule {
            Rule::Explicit(Explicit(list)) => list.iter().collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    let synapse =
        |pre, post, weight, delay_steps| ExplicitSynapse { pre, post, weight, delay_steps };
    fs::write(path("full.csv"), "pre,post,weight,delay\n9,4,1.5,2\n0,1,-1,1\n9,0,0,0.2\n").unwrap();
    let units = "weight = { column_unit = \"nA\" }\ndelay = { column_unit = \"ms\" }";
    let expected = [
        synapse(0, 1, Some(-1000.0), Some(10)),
        synapse(9, 4, Some(1500.0), Some(20)),
        synapse(9, 0, Some(0.0), Some(2)),
    ];
    assert_eq!(read("full.csv", units), expected);
    npy("pairs.npy", &[2, 2], vec![3u16, 4, 0, 1]);
    let expected = [synapse(0, 1, None, None), synapse(3, 4, None, None)];
    assert_eq!(read("pairs.npy", "weight = \"1 pA\""), expected);
    fs::write(path("pairs.csv"), "pre,post\n3,4\n0,1\n").unwrap();
    assert_eq!(read("pairs.csv", "weight = \"1 pA\""), expected);
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[2, 2])
        .order(npyz::Order::Fortran)
        .writer(&mut bytes)
        .begin_nd()
        .unwrap();
    writer.extend([3i64, 0, 4, 1]).unwrap();
    writer.finish().unwrap();
    fs::write(path("fortran.npy"), bytes).unwrap();
    assert_eq!(read("fortran.npy", "weight = \"1 pA\""), expected);
}

#[test]
fn wrong_synapses_in_files() {
    let p = |more: &'static str| move |name: &str| wrong_projection(&synapses(name, more));
    let full = "pre,post,weight,delay\n10,0,1,1\n0,5,1,1\n0,0,1e99,0\n";
    let units = "weight = { column_unit = \"pA\" }\ndelay = { column_unit = \"ms\" }";
    assert_snapshot!(with_file("bad.csv", full, p(units)), @r#"
    bad.csv:2:1: projection p, field `connect.file`: 10 is not a source: they are 0 to 9
    bad.csv:3:1: projection p, field `connect.file`: 5 is not a target: they are 0 to 4
    bad.csv:4:1: projection p, field `connect.file`: 1e99 is no weight of the receptor `syn`
    bad.csv:4:1: projection p, field `connect.file`: the delay 0 is not from 1 to 65535 steps
    "#);
    assert_snapshot!(with_file("unit.csv", "pre,post,weight\n0,0,1\n", p("")), @r#"net.toml:4:21: projection p, field `connect.file`: the file has a column `weight`, but its unit is not given; write weight = { column_unit = "..." }"#);
    let constant = "weight = \"1 pA\"";
    assert_snapshot!(with_file("twice.csv", "pre,post,weight\n0,0,1\n", p(constant)), @r#"net.toml:4:21: projection p, field `connect.file`: the file has a column `weight`, but its unit is not given; write weight = { column_unit = "..." }"#);
    let column = "weight = { column_unit = \"pA\" }";
    assert_snapshot!(with_file("none.csv.csv", "pre,post\n0,0\n", p(column)), @"net.toml:5:10: projection p, field `weight`: there is no file with a column `weight`; give a quantity or a distribution");
    let unit = "weight = { column_unit = \"nS\" }";
    assert_snapshot!(with_file("dimension.csv", "pre,post,weight\n0,0,1\n", p(unit)), @r#"net.toml:5:27: projection p, field `weight.column_unit`: this is a conductance, not a current; give a current like "100 pA""#);
    assert_snapshot!(wrong_projection("connect = { file = 3 }\nweight = \"1 pA\""), @"net.toml:4:20: projection p, field `connect.file`: an integer cannot stand here; give the name of a .csv, .npy or .npz file");
    assert_snapshot!(
        wrong_projection("connect = { list = [[0, 0, \"1 pA\"]] }\nweight = { column_unit = \"pA\" }"),
        @"net.toml:5:10: projection p, field `weight`: there is no file with a column `weight`; give a quantity or a distribution"
    );
}

#[test]
fn values_in_time() {
    let values = |name: &str, fields: &str| {
        let text = format!(
            "[stimulus.s]\npopulation = \"inh\"\n{fields} = {{ file = \"{name}\", unit = \"UNIT\" }}\n"
        );
        without_folder(&wrong(&match fields {
            "rate" => text.replace("UNIT", "Hz") + "kind = \"poisson\"\nweight = \"1 pA\"",
            _ => text.replace("UNIT", "pA") + "kind = \"steps\"",
        }))
    };
    npy("narrow.npy", &[3, 4], vec![0.0f64; 12]);
    assert_snapshot!(values("narrow.npy", "amplitudes"), @"net.toml:3:24: stimulus s, field `amplitudes.file`: narrow.npy cannot be read: its shape is [3, 4], not [rows] or [rows, 5]; give an array of numbers, of shape [rows] or [rows, 5]");
    npy("deep.npy", &[1, 3, 4], vec![0i32; 12]);
    assert_snapshot!(values("deep.npy", "amplitudes"), @"net.toml:3:24: stimulus s, field `amplitudes.file`: deep.npy cannot be read: its shape is [1, 3, 4], not [rows] or [rows, 5]; give an array of numbers, of shape [rows] or [rows, 5]");
    npy(
        "nan.npy",
        &[2, 5],
        vec![0.0, 1.0, 2.0, f64::NAN, 4.0, 5.0, f64::INFINITY, 1e300, 8.0, 9.0],
    );
    assert_snapshot!(values("nan.npy", "amplitudes"), @"
    nan.npy: stimulus s, field `amplitudes`: row 0: neuron 3: this is not a finite number
    nan.npy: stimulus s, field `amplitudes`: row 1: neuron 1: this is not a finite number
    nan.npy: stimulus s, field `amplitudes`: row 1: neuron 2: 1e300 is too large
    ");
    npy("negative.npy", &[20], (0..20).map(|k| 3.0 - f64::from(k)).collect());
    assert_snapshot!(values("negative.npy", "rate"), @"
    negative.npy: stimulus s, field `rate`: row 4: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 5: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 6: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 7: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 8: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 9: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 10: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 11: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 12: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: row 13: a rate cannot be negative
    negative.npy: stimulus s, field `rate`: 6 more mistakes like these
    ");
    let csv = |text: &str| with_file("values.csv", text, |name| values(name, "amplitudes"));
    assert_snapshot!(csv("amplitude\n1\n"), @"net.toml:3:24: stimulus s, field `amplitudes.file`: values.csv has the header `amplitude`; the first line must be `value`");
    assert_snapshot!(csv("value\n1\nNaN\nx\n"), @"values.csv:4:1: stimulus s, field `amplitudes.file`: `x` are not all numbers");
    let limits = Limits { memory_bytes: Some(1 << 16) };
    npy("long.npy", &[40_000], vec![0u8; 40_000]);
    let text = format!(
        "{NETWORK}[population.p]\nsize = 5\nmodel = \"lif_exp\"\n[stimulus.s]\npopulation = \"p\"\n\
         kind = \"steps\"\namplitudes = {{ file = \"long.npy\", unit = \"pA\" }}"
    );
    let refused = check(&text, limits).expect_err("it is too long").to_string();
    assert_snapshot!(without_folder(&refused), @"net.toml:10:24: stimulus s, field `amplitudes.file`: long.npy cannot be read: its 40000 values need more memory than there is; give an array of numbers, of shape [rows] or [rows, 5]");
}
