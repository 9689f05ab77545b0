//! Fields replaced by their paths.

use isospike_front::check::Limits;
use isospike_front::file::{self, Override};
use isospike_front::network::{Network, Population, Projection, table};
use std::path::Path;

fn small() -> Network {
    Network::new("small", "0.1 ms")
        .constant("scale", 1)
        .population(Population::new("exc", "10 * scale", "lif_exp").param("tau_m", "20 ms"))
        .projection(
            Projection::new("all", "exc", "exc")
                .fixed_probability(0.5)
                .weight("1 pA")
                .delay("1 ms"),
        )
}

/// The mistakes of a network, one a line.
fn mistakes(network: &Network) -> Vec<String> {
    let all = network.check(Limits::default()).expect_err("it has mistakes");
    all.0.iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_path_is_replaced_as_by_set() {
    let text = small().to_toml().unwrap();
    let paths = [
        ("scale", "3"),
        ("seed", "7"),
        ("network.batch", "2"),
        ("duration", "30 ms"),
        ("transient", "1 ms"),
        ("name", "other"),
        ("dt", "0.5 ms"),
        ("population.exc.initial.v", "-58 mV"),
        ("population.exc.parameters.tau_m", "10 ms"),
        ("projection.all.connect.fixed_probability", "0.25"),
        ("projection.all.autapses", "true"),
    ];
    let set = paths.map(|(path, value)| Override { path: path.into(), value: value.into() });
    let set = file::parse(&text, "set.toml", Path::new(""), &set).unwrap();
    let built = small()
        .replace("scale", 3)
        .replace("seed", 7)
        .replace("network.batch", 2)
        .replace("duration", "30 ms")
        .replace("transient", "1 ms")
        .replace("name", "other")
        .replace("dt", "0.5 ms")
        .replace("population.exc.initial.v", "-58 mV")
        .replace("population.exc.parameters.tau_m", "10 ms")
        .replace("projection.all.connect.fixed_probability", 0.25)
        .replace("projection.all.autapses", true);
    assert_eq!(built.to_toml(), set.to_toml());
    let checked = built.check(Limits::default()).unwrap();
    assert_eq!((checked.populations[0].size, checked.seed, checked.batch), (30, 7, 2));
    assert_eq!((checked.duration_steps, checked.transient_steps), (60, 2));
    assert_eq!((checked.name.as_str(), checked.dt_ms), ("other", 0.5));
    let before = small().check(Limits::default()).unwrap();
    assert_eq!((before.populations[0].size, before.seed, before.batch), (10, 0, 1));
}

#[test]
fn a_constant_comes_before_a_setting_of_its_name() {
    let network = small().constant("seed", 4).replace("seed", 5);
    assert_eq!(network.constants[1].value, 5.into());
    assert_eq!(network.check(Limits::default()).unwrap().seed, 0);
}

#[test]
fn a_whole_table_is_replaced() {
    let network = small().replace("projection.all.connect", table([("fixed_in_degree", 2.into())]));
    assert!(network.to_toml().unwrap().contains("connect = { fixed_in_degree = 2 }"));
    assert!(network.check(Limits::default()).is_ok());
}

#[test]
fn paths_that_lead_nowhere_are_mistakes_of_the_check() {
    let network = small()
        .replace("scael", 1)
        .replace("population.ecx.size", 1)
        .replace("populaton.exc.size", 1)
        .replace("population.exc", 1)
        .replace("population.exc.size.x", 1)
        .replace("population..size", 1)
        .replace("", 1);
    insta::assert_snapshot!(mistakes(&network).join("\n"), @r#"
    scael: there is no constant `scael`; did you mean `scale`?
    population.ecx.size: there is no population `ecx`; did you mean `exc`?
    populaton.exc.size: there is no section `populaton`; did you mean `population`?
    population.exc: `population.exc` is a table, not a value; name one of its fields too
    population.exc.size.x: `size` is not a table, so it has no field `x`; set `size` itself
    population..size: the path has an empty part; a path is `population.exc.size`, or the name of a constant
    : the path has an empty part; a path is `population.exc.size`, or the name of a constant
    "#);
    let refused = network.to_toml().expect_err("its mistakes would be lost");
    assert_eq!(refused.0, network.diagnostics);
}

#[test]
fn mistakes_in_replaced_values_name_the_field() {
    let network = small().replace("population.exc.size", "ten").replace("population.exc.syze", 1);
    insta::assert_snapshot!(mistakes(&network).join("\n"), @r#"
    population exc, field `syze`: there is no such field; did you mean `size`?
    1:1: population exc, field `size`: `ten` is not defined; it must be a constant
    "#);
}
