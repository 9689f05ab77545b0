//! A network as the Rust that builds it: what a failure prints can be pasted into a test.

use isospike_front::network::{Content, Field, Item, Network, Value};
use std::fmt::Write as _;

/// An expression for the network, of the names in `isospike_front::network`.
pub fn rust(network: &Network) -> String {
    let setting = |name: &str| network.settings.iter().find(|field| field.name == name);
    let (name, dt) = (setting("name"), setting("dt"));
    let text = |field: Option<&Field>, other: &str| match field.map(|f| &f.value.content) {
        Some(Content::Text(text)) => format!("{text:?}"),
        _ => format!("{other:?}"),
    };
    let mut out = format!("Network::new({}, {})", text(name, ""), text(dt, ""));
    for field in network.settings.iter().filter(|f| f.name != "name" && f.name != "dt") {
        let _ = write!(out, "\n    .setting({:?}, {})", field.name, value(&field.value));
    }
    for field in &network.constants {
        let _ = write!(out, "\n    .constant({:?}, {})", field.name, value(&field.value));
    }
    let kinds = [
        ("model", "Model::new", [].as_slice(), &network.models),
        ("synapse", "Synapse::new", &[], &network.synapses),
        ("population", "Population::new", &["size", "model"], &network.populations),
        ("stimulus", "", &[], &network.stimuli),
        ("projection", "Projection::new", &["from", "to"], &network.projections),
        ("signal", "Signal::new", &["tau"], &network.signals),
        ("probe", "Probe::new", &["population", "variable"], &network.probes),
    ];
    for (method, new, arguments, items) in kinds {
        for item in items {
            let built = match method {
                "stimulus" => stimulus(item),
                "probe" if item.fields.iter().any(|field| field.name == "projection") => {
                    build(item, "Probe::of_synapses", &["projection", "variable"])
                }
                _ => build(item, new, arguments),
            };
            let _ = write!(out, "\n    .{method}(\n        {built},\n    )");
        }
    }
    out
}

/// `Population::new("p0", 30, "adex").field(...)`: the arguments that `new` takes, then the rest.
fn build(item: &Item, new: &str, arguments: &[&str]) -> String {
    let of = |name: &&str| item.fields.iter().find(|field| field.name == *name);
    let mut out = format!("{new}({:?}", item.name);
    for field in arguments.iter().filter_map(of) {
        let _ = write!(out, ", {}", value(&field.value));
    }
    out.push(')');
    for field in item.fields.iter().filter(|field| !arguments.contains(&field.name.as_str())) {
        let _ = write!(out, "\n            .field({:?}, {})", field.name, value(&field.value));
    }
    out
}

/// A stimulus is made by its kind.
fn stimulus(item: &Item) -> String {
    let kind = item.fields.iter().find(|field| field.name == "kind");
    let (new, arguments): (_, &[&str]) = match kind.map(|field| &field.value.content) {
        Some(Content::Text(kind)) if kind == "poisson" => {
            ("Stimulus::poisson", &["population", "rate", "weight"])
        }
        Some(Content::Text(kind)) if kind == "noise" => {
            ("Stimulus::noise", &["population", "mean", "sd"])
        }
        Some(Content::Text(kind)) if kind == "steps" => {
            ("Stimulus::series", &["population", "amplitudes"])
        }
        _ => ("Stimulus::current", &["population", "amplitude"]),
    };
    let fields = item.fields.iter().filter(|field| field.name != "kind").cloned().collect();
    build(&Item { fields, ..item.clone() }, new, arguments)
}

/// An expression that becomes a `Value`.
fn value(value: &Value) -> String {
    match &value.content {
        Content::Text(text) => format!("{text:?}"),
        Content::Number(number) => format!("{number:?}"),
        Content::Integer(integer) => format!("{integer}_i64"),
        Content::Bool(condition) => condition.to_string(),
        Content::List(list) => {
            let entry = |v: &Value| match (&v.content, self::value(v)) {
                (Content::Table(_), value) => value,
                (_, value) => format!("Value::from({value})"),
            };
            format!("vec![{}]", list.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Content::Table(fields) => {
            let field = |f: &Field| match (&f.value.content, self::value(&f.value)) {
                (Content::Table(_), value) => format!("({:?}, {value})", f.name),
                (_, value) => format!("({:?}, Value::from({value}))", f.name),
            };
            format!("table([{}])", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}
