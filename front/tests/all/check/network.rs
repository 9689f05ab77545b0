//! `[network]`, `[constants]`, sizes and memory.

use super::support::{BASE, NETWORK, check, wrong_alone};
use insta::assert_snapshot;
use isospike_front::check::Limits;

fn settings(fields: &str) -> String {
    wrong_alone(&format!("[network]\n{fields}\n{BASE}"))
}

fn constants(fields: &str) -> String {
    wrong_alone(&format!("[constants]\n{fields}\n{NETWORK}{BASE}"))
}

#[test]
fn the_time_step() {
    assert_snapshot!(wrong_alone(BASE), @r#"net.toml: network, field `dt`: this field is missing; give the time step: dt = "0.1 ms""#);
    assert_snapshot!(settings("seed = 1"), @r#"net.toml:1:2: network, field `dt`: this field is missing; give the time step: dt = "0.1 ms""#);
    assert_snapshot!(settings("dt = 0.1"), @r#"net.toml:2:6: network, field `dt`: this is a plain number, not a time; give a time like "20 ms""#);
    assert_snapshot!(settings("dt = \"0 ms\""), @r#"net.toml:2:7: network, field `dt`: 0 ms cannot be a time step; give a time from 1 ns to 1000 s, such as "0.1 ms""#);
    assert_snapshot!(settings("dt = \"-1 ms\""), @r#"net.toml:2:7: network, field `dt`: -1 ms cannot be a time step; give a time from 1 ns to 1000 s, such as "0.1 ms""#);
    assert_snapshot!(settings("dt = \"1 mV\""), @r#"net.toml:2:7: network, field `dt`: this is a voltage, not a time; give a time like "20 ms""#);
    assert_snapshot!(settings("dt = [1]"), @r#"net.toml:2:6: network, field `dt`: a list cannot stand here; give a time like "20 ms""#);
    assert_snapshot!(settings("dt = \"1 mss\""), @"net.toml:2:9: network, field `dt`: `mss` is not a unit; did you mean `ms`?");
}

#[test]
fn the_other_settings() {
    let dt = "dt = \"0.1 ms\"\n";
    let set = |field: &str| settings(&format!("{dt}{field}"));
    assert_snapshot!(set("name = 3"), @"net.toml:3:8: network, field `name`: an integer cannot stand here; give a name in quotes");
    assert_snapshot!(set("duration = \"-1 s\""), @"net.toml:3:13: network, field `duration`: this time is negative; give a time of 0 ms or later");
    assert_snapshot!(set("duration = \"1e9 s\""), @"net.toml:3:13: network, field `duration`: this time is more than 2^32 - 2 steps; give less than 429496729.4 ms, or a larger dt");
    assert_snapshot!(set("seed = -1"), @"net.toml:3:8: network, field `seed`: -1 is out of range; give an integer from 0 to 18446744073709551615");
    assert_snapshot!(set("seed = 18446744073709551616"), @"net.toml:3:8: network, field `seed`: 18446744073709551616 is out of range; give an integer from 0 to 18446744073709551615");
    assert_snapshot!(set("seed = 1.5"), @"net.toml:3:8: network, field `seed`: an integer is needed here, not a float; give an integer from 0 to 18446744073709551615");
    assert_snapshot!(set("seed = \"one\""), @"net.toml:3:9: network, field `seed`: an integer is needed here, not a text; give an integer from 0 to 18446744073709551615");
    assert_snapshot!(set("batch = 0"), @"net.toml:3:9: network, field `batch`: 0 is out of range; give an integer from 1 to 65536");
    assert_snapshot!(set("batch = 65537"), @"net.toml:3:9: network, field `batch`: 65537 is out of range; give an integer from 1 to 65536");
    assert_snapshot!(set("sed = 1"), @"net.toml:3:1: network, field `sed`: there is no such field; did you mean `seed`?");
}

#[test]
fn constants_are_evaluated_in_order() {
    assert_snapshot!(constants("a = \"2 * b\"\nb = 3"), @"net.toml:2:10: constants, field `a`: `b` is not defined; it must be a constant");
    assert_snapshot!(constants("a = true"), @"net.toml:2:5: constants, field `a`: `true` or `false` cannot stand here; give a quantity");
    assert_snapshot!(constants("a = \"1 / 0\""), @"net.toml:2:6: constants, field `a`: the value is not finite");
    assert_snapshot!(constants("a = inf"), @"net.toml:2:5: constants, field `a`: the value is not finite");
    assert_snapshot!(constants("dt = 1\n\"a b\" = 2\n\"1\" = 3"), @r#"
    net.toml:2:1: constants, field `dt`: this cannot be the name of a constant; use letters, digits and `_`, a letter first, and no word of the language
    net.toml:3:1: constants, field `a b`: this cannot be the name of a constant; use letters, digits and `_`, a letter first, and no word of the language
    net.toml:4:1: constants, field `1`: this cannot be the name of a constant; use letters, digits and `_`, a letter first, and no word of the language
    "#);
    // A value that uses a constant with a mistake is not judged.
    assert_snapshot!(constants("a = \"1 ms + 1 mV\"\nb = \"2 * a\"\nc = \"b\""), @"net.toml:2:11: constants, field `a`: cannot add a time and a voltage; `1 ms` is in ms, `1 mV` is in mV: multiply `1 mV` by a quantity in ms/mV");
}

#[test]
fn a_network_needs_a_population() {
    assert_snapshot!(wrong_alone(NETWORK), @"net.toml:2:2: network: there is no population; add one: [population.NAME] with size and model");
}

#[test]
fn ids_have_31_bits() {
    let network = "[network]\ndt = \"1 ms\"\nbatch = 65536\n";
    let one = |size: u32, model: &str| {
        wrong_alone(&format!("{network}[population.a]\nsize = {size}\nmodel = \"{model}\"\n"))
    };
    assert_snapshot!(one(40_000, "lif_exp"), @"net.toml:1:2: network: there are 2621440000 neurons in all copies; at most 2^31 can be numbered: lower sizes or batch");
    assert_snapshot!(one(20_000, "lif_exp_2"), @"net.toml:1:2: network: there are 2621440000 accumulators (one per receptor) in all copies; at most 2^31 can be numbered: lower sizes or batch");
}

#[test]
fn memory_is_estimated_before_anything_is_built() {
    let limits = Limits { memory_bytes: Some(8 << 30) };
    let neurons = "[population.a]\nsize = 200_000_000\nmodel = \"lif_exp\"\n";
    let error = check(&format!("{NETWORK}{neurons}"), limits).unwrap_err();
    assert_snapshot!(error, @"net.toml:2:2: network: at least 11.9 GiB are needed, but only 8.0 GiB may be used; 200000000 neurons in all copies: lower sizes or batch");
    let big = |extra: &str| {
        format!(
            "{NETWORK}[population.a]\nsize = 400_000\nmodel = \"lif_exp\"\n[projection.all]\n\
             from = \"a\"\nto = \"a\"\nconnect = \"all_to_all\"\nweight = \"1 pA\"\n{extra}"
        )
    };
    assert_snapshot!(check(&big(""), limits).unwrap_err(), @"net.toml:2:2: network: at least 18.7 GiB are needed, but only 8.0 GiB may be used; lower the sizes (a constant like `scale` in them makes that easy), or write `procedural = true`, which stores nothing: projection all alone needs at least 18.6 GiB");
    assert!(check(&big("procedural = true"), limits).is_ok());
    assert!(check(&big(""), Limits::default()).is_ok());
    // Which layout a backend would take is not known here, so what one could hold is not refused.
    let packed = big("").replace("400_000", "100_000");
    assert!(check(&packed, limits).is_ok());
}

#[test]
fn twelve_mistakes_come_at_once_in_the_order_of_the_file() {
    let text = r#"
[probe.v]
population = "exc"
variable = "w"

[network]
dt = "0.1"
duration = "1 V"

[constants]
half = "1 +"

[population.exc]
size = "100 * half"
model = "lif_exp"
parameters = { tau = "20 ms", tau_m = "20 mV" }

[population.inh]
size = 0
model = "lif"

[projection.exc_inh]
from = "ex"
to = "inh"
conect = "all_to_all"

[stimulus.drive]
population = "exc"
kind = "poison"
"#;
    assert_snapshot!(wrong_alone(text), @r#"
    net.toml:4:13: probe v, field `variable`: the model lif_exp has no state variable `w`; the state variables are `v`, `i_syn`
    net.toml:7:7: network, field `dt`: this is a plain number, not a time; give a time like "20 ms"
    net.toml:8:13: network, field `duration`: this is a voltage, not a time; give a time like "20 ms"
    net.toml:11:12: constants, field `half`: the text ends too early; expected an expression
    net.toml:16:16: population exc, field `parameters.tau`: the model lif_exp has no parameter `tau`; the parameters are `c_m`, `tau_m`, `e_l`, `v_th`, `v_reset`, `t_ref`, `tau_syn`
    net.toml:16:40: population exc, field `parameters.tau_m`: this is a voltage, not a time; give a time like "20 ms"
    net.toml:19:8: population inh, field `size`: 0 is out of range; give a number from 1 to 2147483648
    net.toml:20:10: population inh, field `model`: there is no neuron model `lif`; write "lif_exp", "lif_delta" or "lif_cond_exp"
    net.toml:22:13: projection exc_inh, field `connect`: this field is missing; give a rule: connect = "all_to_all" or connect = { fixed_probability = 0.1 }
    net.toml:23:9: projection exc_inh, field `from`: there is no population `ex`; did you mean `exc`?
    net.toml:25:1: projection exc_inh, field `conect`: there is no such field; did you mean `connect`?
    net.toml:29:9: stimulus drive, field `kind`: there is no kind of stimulus `poison`; did you mean `poisson`?
    "#);
}

#[test]
fn overrides_and_builder_calls_are_named_as_such() {
    use isospike_front::file::{Override, parse};
    use isospike_front::network::{Network, Population};
    let set = Override { path: "population.exc.size".into(), value: "ten".into() };
    let text = format!("{NETWORK}{BASE}");
    let network = parse(&text, "net.toml", "".as_ref(), &[set]).unwrap();
    assert_snapshot!(network.check(Limits::default()).unwrap_err(), @"--set:1:1: population exc, field `size`: `ten` is not defined; it must be a constant");
    let network = Network::new("built", "1 mV").population(Population::new("a", 0, "lif_exp"));
    assert_snapshot!(network.check(Limits::default()).unwrap_err(), @r#"
    network, field `dt`: this is a voltage, not a time; give a time like "20 ms"
    population a, field `size`: 0 is out of range; give a number from 1 to 2147483648
    "#);
    let twice = Network::new("built", "1 ms")
        .population(Population::new("a", 1, "lif_exp"))
        .population(Population::new("a", 1, "lif_exp"));
    assert_snapshot!(twice.check(Limits::default()).unwrap_err(), @"population a: an earlier one has the same name; choose another name");
}
