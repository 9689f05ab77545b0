//! The text itself, and what it cannot say.

use isospike_front::file;
use isospike_front::network::{
    Content, Field, Item, Model, Network, Population, Probe, Projection, Signal, Value, table,
};
use proptest::prelude::*;
use std::path::Path;

fn small() -> Network {
    let names = ["c_m", "tau_m", "e_l", "v_th", "v_reset", "t_ref", "tau_syn"];
    let values = ["200 pF", "20 ms", "-49 mV", "-50 mV", "-60 mV", "5 ms", "5 ms"];
    let mut exc = Population::new("exc", "80 * scale", "lif_exp");
    for (name, value) in names.into_iter().zip(values) {
        exc = exc.param(name, value);
    }
    let model = Model::new("mine")
        .param("tau", table([("default", "20 ms".into()), ("above", "0 ms".into())]))
        .field("update", "v = v * exp(-dt / tau)\n")
        .field("threshold", "v >= 1");
    let pairs: Vec<(u32, u32)> = (0..24).map(|pre| (pre, 79 - pre)).collect();
    Network::new("small", "0.1 ms")
        .seed(7)
        .constant("scale", 0.5)
        .model(model)
        .population(exc.initial("v", "uniform(-60 mV, -50 mV)"))
        .projection(Projection::new("listed", "exc", "exc").list(&pairs).weight("16.2 pA"))
        .projection(Projection::new("all", "exc", "exc").all_to_all().weight("1e-7 pA / scale"))
        .signal(Signal::new("level", "5 ms").pulse("1 ms", 0.5).pulse("2 ms", 1e-7))
        .probe(Probe::new("v", "exc", "v").first(3))
}

#[test]
fn a_network_is_written_as_a_person_would_write_it() {
    insta::assert_snapshot!(small().to_toml().unwrap(), @r#"
    [network]
    name = "small"
    dt = "0.1 ms"
    seed = 7

    [constants]
    scale = 0.5

    [model.mine]
    parameters = { tau = { default = "20 ms", above = "0 ms" } }
    update = """
    v = v * exp(-dt / tau)
    """
    threshold = "v >= 1"

    [population.exc]
    size = "80 * scale"
    model = "lif_exp"
    initial = { v = "uniform(-60 mV, -50 mV)" }

    [population.exc.parameters]
    c_m = "200 pF"
    tau_m = "20 ms"
    e_l = "-49 mV"
    v_th = "-50 mV"
    v_reset = "-60 mV"
    t_ref = "5 ms"
    tau_syn = "5 ms"

    [projection.listed]
    from = "exc"
    to = "exc"
    weight = "16.2 pA"

    [projection.listed.connect]
    list = [
        [0, 79], [1, 78], [2, 77], [3, 76], [4, 75], [5, 74], [6, 73], [7, 72], [8, 71], [9, 70],
        [10, 69], [11, 68], [12, 67], [13, 66], [14, 65], [15, 64], [16, 63], [17, 62], [18, 61],
        [19, 60], [20, 59], [21, 58], [22, 57], [23, 56],
    ]

    [projection.all]
    from = "exc"
    to = "exc"
    connect = "all_to_all"
    weight = "1e-7 pA / scale"

    [signal.level]
    tau = "5 ms"
    pulses = [["1 ms", 0.5], ["2 ms", 1e-7]]

    [probe.v]
    population = "exc"
    variable = "v"
    neurons = { first = 3 }
    "#);
}

#[test]
fn the_name_of_the_file_becomes_that_of_the_network() {
    let parse = |name| file::parse("network.dt = \"1 ms\"", name, Path::new(""), &[]).unwrap();
    let text = parse("some/where.toml").to_toml().unwrap();
    assert_eq!(text, "[network]\nname = \"where\"\ndt = \"1 ms\"\n");
    assert_eq!(Network::default().to_toml().unwrap(), "[network]\nname = \"network\"\n");
}

#[test]
fn what_a_model_file_cannot_say_is_refused() {
    let refused = |network: Network| {
        let mistakes = network.to_toml().expect_err("it cannot be written");
        mistakes.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let p = || Population::new("p", 1, "lif_exp");
    let twice = Network::new("n", "1 ms").population(p()).population(p());
    insta::assert_snapshot!(refused(twice), @r#"
    the network as a model file:9:13: syntax: duplicate key
    the network as a model file:10:1: syntax: duplicate key
    the network as a model file:11:1: syntax: duplicate key
    "#);
    let long =
        Network::new("n", "1 ms").population(Population::new(&"p".repeat(257), 1, "lif_exp"));
    insta::assert_snapshot!(refused(long), @"the network as a model file:5:13: syntax: a name that is too long; a name has at most 256 bytes");
    let deep = (0..17).fold(Value::from(1), |value, _| vec![value].into());
    insta::assert_snapshot!(refused(Network::new("n", "1 ms").constant("deep", deep)), @"the network as a model file:6:23: syntax: too many tables in tables; tables nest at most 16 deep");
}

/// Names as people do not write them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_0-9-]{1,8}", "[ -~µ\n\t\r\"\\\\.#]{0,6}"]
}

fn content() -> impl Strategy<Value = Content> {
    let leaf = prop_oneof![
        any::<f64>().prop_map(|x| Content::Number(if x.is_nan() { 0.5 } else { x })),
        any::<i64>().prop_map(Content::Integer),
        any::<bool>().prop_map(Content::Bool),
        "\\PC{0,40}".prop_map(Content::Text),
        "[\n\r\t\"'\\\\\u{0}-\u{8}\u{7f}µa =]{0,40}".prop_map(Content::Text),
        "[a-z =+\n]{0,200}".prop_map(Content::Text),
    ];
    leaf.prop_recursive(4, 64, 12, |inner| {
        let value = inner.prop_map(Value::from);
        prop_oneof![
            prop::collection::vec(value.clone(), 0..12).prop_map(Content::List),
            prop::collection::btree_map(name(), value, 0..6).prop_map(|all| {
                Content::Table(all.into_iter().map(|(name, value)| field(name, value)).collect())
            }),
        ]
    })
}

fn field(name: String, value: Value) -> Field {
    Field { name, location: value.location.clone(), value }
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let fields = prop::collection::btree_map(name(), content(), 0..5);
    prop::collection::hash_map(name(), fields, 0..4).prop_map(|items| {
        let item = |(name, fields): (String, std::collections::BTreeMap<String, Content>)| Item {
            name,
            location: Default::default(),
            fields: fields.into_iter().map(|(name, value)| field(name, value.into())).collect(),
        };
        items.into_iter().map(item).collect()
    })
}

/// Fields without places.
fn plain(fields: &[Field]) -> Vec<Field> {
    fields.iter().map(|one| field(one.name.clone(), plain_value(&one.value))).collect()
}

fn plain_value(value: &Value) -> Value {
    Value::from(match &value.content {
        Content::List(values) => Content::List(values.iter().map(plain_value).collect()),
        Content::Table(fields) => Content::Table(plain(fields)),
        other => other.clone(),
    })
}

/// Items with fields by name: long tables are written behind the other fields of an item.
fn plain_items(items: &[Item]) -> Vec<(&str, Vec<Field>)> {
    let sorted = |item: &Item| {
        let mut fields = plain(&item.fields);
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields
    };
    items.iter().map(|item| (item.name.as_str(), sorted(item))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_values_are_read_back(populations in items(), probes in items(), scale in content()) {
        let mut network = Network::new("any", "1 ms").constant("scale", Value::from(scale));
        (network.populations, network.probes) = (populations, probes);
        let text = network.to_toml().unwrap();
        let again = file::parse(&text, "again.toml", Path::new(""), &[]).unwrap();
        prop_assert_eq!(&again.diagnostics, &network.diagnostics);
        prop_assert_eq!(plain(&again.settings), plain(&network.settings));
        prop_assert_eq!(plain(&again.constants), plain(&network.constants));
        prop_assert_eq!(plain_items(&again.populations), plain_items(&network.populations));
        prop_assert_eq!(plain_items(&again.probes), plain_items(&network.probes));
    }
}
