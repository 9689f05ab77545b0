//! Synapses in `.npz` files.

use super::support::{good, wrong_projection};
use insta::assert_snapshot;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::synapse::Initial;
use std::io::Write as _;
use std::path::PathBuf;

/// An array: its name, the type of its entries, its shape, its bytes.
type Array<'a> = (&'a str, &'a str, &'a str, Vec<u8>);

/// Writes a file beside the model files of the tests.
fn write(name: &str, arrays: &[Array<'_>]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut npz = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, kind, shape, data) in arrays {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        npz.start_file(format!("{name}.npy"), zip::write::FileOptions::default()).unwrap();
        npz.write_all(b"\x93NUMPY\x01\x00").unwrap();
        npz.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        npz.write_all(header.as_bytes()).unwrap();
        npz.write_all(data).unwrap();
    }
    npz.finish().unwrap();
    path
}

fn ids(name: &'static str, ids: &[u32]) -> Array<'static> {
    let shape: &str = match ids.len() {
        2 => "(2,)",
        _ => "(3,)",
    };
    (name, "<u4", shape, ids.iter().flat_map(|id| id.to_le_bytes()).collect())
}

fn floats(name: &'static str, shape: &'static str, values: &[f32]) -> Array<'static> {
    (name, "<f4", shape, values.iter().flat_map(|x| x.to_le_bytes()).collect())
}

fn unit(unit: &str) -> Array<'static> {
    ("weight_unit", "|S2", "(1,)", unit.as_bytes().to_vec())
}

/// The mistakes of a projection with these arrays and fields.
fn told(name: &str, arrays: &[Array<'_>], fields: &str) -> String {
    let path = write(name, arrays);
    let found = wrong_projection(&format!("connect = {{ file = \"{name}\" }}\n{fields}"));
    std::fs::remove_file(&path).unwrap();
    let folder = format!("{}/", path.parent().unwrap().display());
    found.replace(&folder, "")
}

#[test]
fn arrays_are_read_in_order_of_source() {
    let arrays = [
        ids("pre", &[4, 0, 4]),
        ids("post", &[1, 2, 0]),
        floats("weight", "(1, 3)", &[0.1, 0.2, 1e-7]),
        unit("pA"),
        floats("delay_ms", "(3,)", &[0.5, 0.1, 2.0]),
    ];
    let path = write("right.npz", &arrays);
    let text = |synapse: &str| {
        format!(
            "[projection.p]\nfrom = \"exc\"\nto = \"inh\"\n\
             connect = {{ file = \"right.npz\" }}\n{synapse}"
        )
    };
    let plain = good(&text(""));
    let learns = good(&text("synapse = \"stdp\"\nparameters = { w_max = \"1 pA\" }"));
    std::fs::remove_file(path).unwrap();
    let Rule::Explicit(Explicit(list)) = &plain.projections[0].rule else { panic!("a list") };
    let synapse = |pre, post, weight: f32, delay_steps| ExplicitSynapse {
        pre,
        post,
        weight: Some(f64::from(weight)),
        delay_steps: Some(delay_steps),
    };
    let expected = [synapse(0, 2, 0.2, 1), synapse(4, 1, 0.1, 5), synapse(4, 0, 1e-7, 20)];
    assert_eq!(list.iter().collect::<Vec<_>>(), expected);
    let given = learns.projections[0].synapse.as_ref().unwrap().weights.as_ref().unwrap();
    assert_eq!(given[..], [0.2, 0.1, 1e-7]);
}

#[test]
fn wrong_arrays() {
    let (pre, post) = (ids("pre", &[0, 9]), ids("post", &[1, 4]));
    let ends = || vec![pre.clone(), post.clone()];
    let with = |more: Array<'static>| [ends(), vec![more]].concat();
    let weight = |values: &[f32]| floats("weight", "(2,)", values);
    let fields = "weight = \"1 pA\"";
    assert_snapshot!(told("a.npz", &ends()[1..], fields), @"net.toml:4:21: projection p, field `connect.file`: a.npz cannot be read: there is no array `pre`; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
    assert_snapshot!(told("b.npz", &[pre.clone(), ids("post", &[1, 2, 3])], fields), @"net.toml:4:21: projection p, field `connect.file`: b.npz cannot be read: `post` has 3 numbers, but `pre` has 2; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
    assert_snapshot!(told("c.npz", &[ids("pre", &[0, 10]), ids("post", &[5, 0])], fields), @r#"
    c.npz: projection p, field `connect.file`: row 0: 5 is not a target: they are 0 to 4
    c.npz: projection p, field `connect.file`: row 1: 10 is not a source: they are 0 to 9
    "#);
    assert_snapshot!(told("d.npz", &ends(), ""), @r#"net.toml:1:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS""#);
    assert_snapshot!(told("e.npz", &with(weight(&[1.0, 2.0])), ""), @r#"net.toml:4:21: projection p, field `connect.file`: the file has an array `weight`, but its unit is not given; write weight = { column_unit = "..." }"#);
    let known = [with(weight(&[1.0, f32::NAN])), vec![unit("pA")]].concat();
    assert_snapshot!(told("f.npz", &known, ""), @"f.npz: projection p, field `connect.file`: row 1: not a number is no weight of the receptor `syn`");
    let right = [with(weight(&[1.0, 2.0])), vec![unit("pA")]].concat();
    assert_snapshot!(told("g.npz", &right, fields), @"net.toml:5:11: projection p, field `weight`: every synapse has its own weight, so this has no effect; remove it");
    let other = [with(weight(&[1.0, 2.0])), vec![unit("nS")]].concat();
    assert_snapshot!(told("h.npz", &other, ""), @"net.toml:4:21: projection p, field `connect.file`: the file has weights in `nS`, the receptor takes `pA`; choose a file for such a receptor, or convert its weights");
    let copies = floats("weight", "(2, 1)", &[1.0, 2.0]);
    assert_snapshot!(told("i.npz", &with(copies), fields), @"net.toml:4:21: projection p, field `connect.file`: i.npz cannot be read: the shape of `weight` is [2, 1], not [n] or [1, n]; of several copies keep one; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
    let delays = floats("delay_ms", "(2,)", &[0.0, 1.0]);
    assert_snapshot!(told("j.npz", &with(delays), fields), @"j.npz: projection p, field `connect.file`: row 0: the delay 0 is not from 1 to 65535 steps");
    let text = ("weight_unit", "<u4", "(1,)", vec![0; 4]);
    assert_snapshot!(told("k.npz", &[ends(), vec![text]].concat(), fields), @"net.toml:4:21: projection p, field `connect.file`: k.npz cannot be read: `weight_unit`: it is not one text; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
}

/// A model with a weight, a number within bounds, and a current that decays.
const MODEL: &str = "[synapse.s]
state = { w = 'weight', c = 0.5, slow = { initial = 'weight', tau = '1 ms' } }
bounds = { c = [0, 1] }
on_pre = 'send w * c + slow'
send_max = 'weight'
on_post = 'c += 0.1'
";

fn texts(name: &'static str, all: [&str; 2]) -> Array<'static> {
    (name, "|S4", "(2,)", all.iter().flat_map(|text| format!("{text:\0<4}").into_bytes()).collect())
}

#[test]
fn state_is_read_in_order_of_source() {
    let arrays = [
        ids("pre", &[4, 0, 4]),
        ids("post", &[1, 2, 0]),
        floats("weight", "(1, 3)", &[0.1, 0.2, 0.3]),
        unit("pA"),
        // The array `weight` has the values of this one.
        floats("state.w", "(3,)", &[9.0, 9.0, 9.0]),
        floats("state.c", "(1, 3)", &[0.25, 0.5, 1.0]),
        floats("state.slow", "(3,)", &[1.0, 2.0, -3.0]),
        floats("state.of_another_model", "(2,)", &[1.0, 2.0]),
        texts("state_name", ["c", "slow"]),
        texts("state_unit", ["1", "pA"]),
    ];
    let path = write("state.npz", &arrays);
    let text = format!(
        "{MODEL}[projection.p]\nfrom = \"exc\"\nto = \"inh\"\ndelay = \"1 ms\"\n\
         connect = {{ file = \"state.npz\" }}\nsynapse = \"s\""
    );
    let net = good(&text);
    std::fs::remove_file(path).unwrap();
    let synapse = net.projections[0].synapse.as_ref().unwrap();
    assert_eq!(synapse.weights.as_ref().unwrap()[..], [0.2, 0.1, 0.3]);
    let given = |values: [f32; 3]| Initial::Given(values.into());
    let [c, slow] = [given([0.5, 0.25, 1.0]), given([2.0, 1.0, -3.0])];
    assert_eq!(synapse.initial[..3], [Initial::Weight, c, slow]);
}

#[test]
fn wrong_state() {
    let with = |more: &[Array<'static>]| {
        let ends = [ids("pre", &[0, 9]), ids("post", &[1, 4])];
        let weight = [floats("weight", "(2,)", &[1.0, 2.0]), unit("pA")];
        [&ends[..], &weight, more].concat()
    };
    let told = |name: &str, more: &[Array<'static>], fields: &str| {
        told(name, &with(more), &format!("delay = \"1 ms\"\nsynapse = \"s\"\n{fields}\n{MODEL}"))
    };
    let c = |values: &[f32]| floats("state.c", "(2,)", values);
    assert_snapshot!(told("l.npz", &[c(&[0.5, 1.5])], ""), @"net.toml:4:11: projection p, field `connect`: these lie between 0.5 and 1.5, the bounds of `c` are 0 and 1; begin within the bounds");
    assert_snapshot!(told("m.npz", &[c(&[0.5, f32::INFINITY])], ""), @"m.npz: projection p, field `connect.file`: row 1: infinite is no value of `c`");
    assert_snapshot!(told("n.npz", &[c(&[0.5, 0.0])], "initial = { c = 1 }"), @"net.toml:7:17: projection p, field `initial.c`: the file has a value for each synapse, so this has no effect; remove it");
    assert_snapshot!(told("o.npz", &[ids("state.c", &[0, 1, 0])], ""), @"net.toml:4:21: projection p, field `connect.file`: o.npz cannot be read: `state.c` has 3 numbers, but `pre` has 2; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
    let units = [texts("state_name", ["w", "slow"]), texts("state_unit", ["pA", "nS"])];
    let slow = floats("state.slow", "(2,)", &[0.5, 0.0]);
    assert_snapshot!(told("p.npz", &[&[slow][..], &units].concat(), ""), @"net.toml:4:21: projection p, field `connect.file`: the file has `slow` in `nS`, the model has it in `pA`; choose a file of such a model, or convert its values");
    let units = ("state_unit", "<u4", "(1,)", vec![0; 4]);
    assert_snapshot!(told("q.npz", &[units], ""), @"net.toml:4:21: projection p, field `connect.file`: q.npz cannot be read: `state_unit`: it is no list of short texts; give a .npz file with the arrays pre and post, and perhaps weight, weight_unit and delay_ms");
}

#[test]
fn what_is_no_archive_is_refused() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("none.npz");
    std::fs::write(&path, "pre,post\n0,0\n").unwrap();
    let found = wrong_projection("connect = { file = \"none.npz\" }\nweight = \"1 pA\"");
    std::fs::remove_file(path).unwrap();
    assert!(found.contains("none.npz cannot be read: "), "{found}");
    let found = wrong_projection("connect = { file = \"absent.npz\" }\nweight = \"1 pA\"");
    assert!(found.contains("absent.npz cannot be read: "), "{found}");
}
