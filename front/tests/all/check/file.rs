//! Model files: places, order, syntax errors, unknown sections, overrides.

use isospike_front::check::Limits;
use isospike_front::diagnostic::Diagnostics;
use isospike_front::file::{Override, parse, parse_item};
use isospike_front::network::{Content, Network, Value};
use std::path::Path;

fn read(text: &str, sets: &[(&str, &str)]) -> Result<Network, String> {
    let overrides: Vec<Override> = sets
        .iter()
        .map(|(path, value)| Override { path: path.to_string(), value: value.to_string() })
        .collect();
    let network = parse(text, "net.toml", Path::new("models"), &overrides);
    let network = network.map_err(|diagnostics| diagnostics.to_string())?;
    match network.diagnostics.is_empty() {
        true => Ok(network),
        false => Err(Diagnostics(network.diagnostics).to_string()),
    }
}

const SMALL: &str = "\
[network]
dt = \"0.1 ms\"
[constants]
scale = 0.5
[population.zeta]
size = 10
parameters = { tau_m = \"20 ms\", c_m = \"1 nF\" }
[population.alpha]
size = 20
";

/// `line:column+length` of a value.
fn place(value: &Value) -> String {
    let o = &value.location;
    format!("{}:{}+{}", o.line, o.column, o.length)
}

#[test]
fn every_value_knows_its_place_and_the_order_of_the_file_is_kept() {
    let network = read(SMALL, &[]).unwrap();
    assert_eq!(network.folder, Path::new("models"));
    assert_eq!((network.location.line, network.location.column), (1, 2));
    assert_eq!(place(&network.settings[0].value), "2:7+6");
    let names: Vec<_> = network.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["zeta", "alpha"]);
    let zeta = &network.populations[0];
    assert_eq!((zeta.location.line, zeta.location.column, zeta.location.length), (5, 13, 4));
    let Content::Table(parameters) = &zeta.fields[1].value.content else { panic!() };
    assert_eq!(parameters[0].name, "tau_m");
    assert_eq!(parameters[0].location.column, 16);
    assert_eq!(place(&parameters[0].value), "7:25+5");
    assert_eq!(place(&parameters[1].value), "7:40+4");
}

#[test]
fn a_text_of_many_lines_starts_at_its_first_character() {
    let item = parse_item("update = \"\"\"\nv = 1\n\"\"\"\nreset = '''v = 2'''\n", "m", "m.toml");
    let item = item.unwrap();
    assert_eq!(place(&item.fields[0].value), "2:1+5");
    assert_eq!(item.fields[0].value.content, Content::Text("v = 1\n".into()));
    assert_eq!(place(&item.fields[1].value), "4:12+5");
    let windows = parse_item("a = \"\"\"\r\nv\"\"\"", "m", "m.toml").unwrap();
    assert_eq!(place(&windows.fields[0].value), "2:1+1");
}

#[test]
fn columns_count_characters() {
    let item = parse_item("\"µ\" = { \"é\" = \"ü\", b = \"10 µs\" }", "m", "m.toml").unwrap();
    let Content::Table(fields) = &item.fields[0].value.content else { panic!() };
    assert_eq!(place(&fields[1].value), "1:25+5");
}

#[test]
fn all_syntax_errors_come_at_once() {
    let error = read("[network]\ndt = \nseed = 1 2\n[population.x]\nsize = 1\nsize = 2\n", &[]);
    insta::assert_snapshot!(error.unwrap_err(), @r#"
    net.toml:2:6: syntax: string values must be quoted, expected literal string
    net.toml:3:8: syntax: string values must be quoted, expected literal string
    net.toml:6:1: syntax: duplicate key
    "#);
}

#[test]
fn unknown_sections_are_diagnostics() {
    let text = "populations = 3\n[popluation.exc]\nsize = 1\n[network]\n[population]\nexc = 1\n\
                [probe]\n[rooms]\n";
    insta::assert_snapshot!(read(text, &[]).unwrap_err(), @r#"
    net.toml:1:1: file: there is no section `populations`; did you mean `population`?
    net.toml:2:2: file: there is no section `popluation`; did you mean `population`?
    net.toml:6:7: population exc: a table of fields is expected here, not a value; write `[population.exc]` and its fields below
    net.toml:8:2: file: there is no section `rooms`; the sections are `network`, `constants`, `model`, `synapse`, `population`, `projection`, `stimulus`, `signal`, `rewire`, `probe`
    "#);
    insta::assert_snapshot!(read("network = 1\nstimulus = 2", &[]).unwrap_err(), @r#"
    net.toml:1:11: file: `network` is a section, not a value; write `[network]`
    net.toml:2:12: file: `stimulus` is a section, not a value; write `[stimulus.NAME]`
    "#);
}

#[test]
fn an_unknown_section_hides_no_other_diagnostic() {
    let text = "[popluation.exc]\nsize = 0\nmodel = \"lif_exp\"\n[rooms]\na = 1\n\
                [network]\ndt = \"-1 ms\"\n[probe.v]\npopulation = \"exc\"\nvariable = \"w\"\n";
    let set = ["scael=1".parse().unwrap()];
    let network = parse(text, "net.toml", Path::new(""), &set).unwrap();
    insta::assert_snapshot!(network.check(Limits::default()).unwrap_err(), @r#"
    net.toml:1:2: file: there is no section `popluation`; did you mean `population`?
    net.toml:2:8: population exc, field `size`: 0 is out of range; give a number from 1 to 2147483648
    net.toml:4:2: file: there is no section `rooms`; the sections are `network`, `constants`, `model`, `synapse`, `population`, `projection`, `stimulus`, `signal`, `rewire`, `probe`
    net.toml:7:7: network, field `dt`: -1 ms cannot be a time step; give a time from 1 ns to 1000 s, such as "0.1 ms"
    net.toml:10:13: probe v, field `variable`: the model lif_exp has no state variable `w`; the state variables are `v`, `i_syn`
    --set: scael=1: there is no constant `scael`; there are no constants here
    "#);
}

#[test]
fn dates_and_wide_integers() {
    let text = "[network]\nseed = 18446744073709551615\nname = 2020-01-01\n";
    insta::assert_snapshot!(read(text, &[]).unwrap_err(), @"net.toml:3:8: syntax: a date has no meaning in a model file; put it in quotes");
    let network = read("[network]\nseed = 0xffff_ffff_ffff_ffff\n", &[]).unwrap();
    assert_eq!(network.settings[0].value.content, Content::Text("18446744073709551615".into()));
}

#[test]
fn overrides_replace_and_add() {
    let sets = [
        ("scale", "0.25"),
        ("network.dt", "1 ms"),
        ("population.zeta.size", "400"),
        ("population.zeta.parameters.tau_m", "\"10 ms\""),
        ("population.alpha.initial.v", "-60 mV"),
        ("constants.extra", "[1, true]"),
    ];
    let network = read(SMALL, &sets).unwrap();
    assert_eq!(network.constants[0].value.content, Content::Number(0.25));
    assert_eq!(network.constants[0].value.location.file.as_deref(), Some("--set"));
    assert_eq!(network.settings[0].value.content, Content::Text("1 ms".into()));
    let zeta = &network.populations[0];
    assert_eq!(zeta.fields[0].value.content, Content::Integer(400));
    let Content::Table(parameters) = &zeta.fields[1].value.content else { panic!() };
    assert_eq!(parameters[0].value.content, Content::Text("10 ms".into()));
    assert_eq!(parameters[1].name, "c_m");
    let Content::Table(initial) = &network.populations[1].fields[1].value.content else { panic!() };
    assert_eq!(initial[0].value.content, Content::Text("-60 mV".into()));
    assert!(matches!(&network.constants[1].value.content, Content::List(l) if l.len() == 2));
}

#[test]
fn wrong_overrides_say_which_part_does_not_exist() {
    let sets = [
        ("scael", "1"),
        ("popluation.zeta.size", "1"),
        ("population.zeto.size", "1"),
        ("population.zeta", "1"),
        ("population.zeta.size.x", "1"),
        ("population..size", "1"),
        ("network", "1"),
    ];
    insta::assert_snapshot!(read(SMALL, &sets).unwrap_err(), @r#"
    --set: scael=1: there is no constant `scael`; did you mean `scale`?
    --set: popluation.zeta.size=1: there is no section `popluation`; did you mean `population`?
    --set: population.zeto.size=1: there is no population `zeto`; did you mean `zeta`?
    --set: population.zeta=1: `population.zeta` is a table, not a value; name one of its fields too
    --set: population.zeta.size.x=1: `size` is not a table, so it has no field `x`; set `size` itself
    --set: population..size=1: the path has an empty part; a path is `population.exc.size`, or the name of a constant
    --set: network=1: there is no constant `network`; the constants are `scale`
    "#);
}

#[test]
fn deep_nesting_is_refused_not_a_crash() {
    let dotted = format!("a{} = 1", ".a".repeat(100_000));
    let listed = format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    let quoted = format!("a{} = 1", ".\"=\"".repeat(100_000));
    let header = format!("[a{}]", ".\"=\"".repeat(100_000));
    for text in [dotted, listed, quoted, header] {
        assert!(read(&text, &[]).is_err());
    }
    assert!(read("[network]\na.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r = 1", &[]).is_err());
    let _ = read("[constants]\na = 1", &[("a", &"x.".repeat(100_000))]);
}

#[test]
fn a_missing_file_is_a_diagnostic() {
    let error = isospike_front::file::read(Path::new("no/such.toml"), &[]).unwrap_err();
    assert!(error.to_string().starts_with("no/such.toml: file: it cannot be read: "), "{error}");
}
