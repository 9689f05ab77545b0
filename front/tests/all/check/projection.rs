//! `[projection.X]`.

use super::support::{wrong, wrong_projection as p};
use insta::assert_snapshot;

/// A projection of `inh` to itself with a weight.
fn own(fields: &str) -> String {
    wrong(&format!("[projection.p]\nfrom = \"inh\"\nto = \"inh\"\nweight = \"1 pA\"\n{fields}"))
}

/// An all-to-all projection to a receptor of positive weights.
fn weight(weight: &str) -> String {
    wrong(&format!(
        "[projection.p]\nfrom = \"inh\"\nto = \"exc\"\nreceptor = \"exc\"\n\
         connect = \"all_to_all\"\nweight = {weight}"
    ))
}

fn delay(delay: &str) -> String {
    p(&format!("connect = \"all_to_all\"\nweight = \"1 pA\"\ndelay = {delay}"))
}

fn list(list: &str) -> String {
    p(&format!("weight = \"1 pA\"\nconnect = {{ list = {list} }}"))
}

#[test]
fn ends() {
    assert_snapshot!(wrong("[projection.p]"), @r#"
    net.toml:1:13: projection p, field `from`: this field is missing; give the population that the spikes come from
    net.toml:1:13: projection p, field `to`: this field is missing; give the population that the synapses end on
    net.toml:1:13: projection p, field `connect`: this field is missing; give a rule: connect = "all_to_all" or connect = { fixed_probability = 0.1 }
    "#);
    let all = "connect = \"all_to_all\"\nweight = \"1 pA\"\n";
    let ends = |from: &str, to: &str| {
        wrong(&format!("[projection.p]\nfrom = \"{from}\"\nto = \"{to}\"\n{all}"))
    };
    assert_snapshot!(ends("ecx", "nobody"), @r#"
    net.toml:2:9: projection p, field `from`: there is no population `ecx`; did you mean `exc`?
    net.toml:3:7: projection p, field `to`: there is no population `nobody`; the populations are `exc`, `inh`, `told`, `sum`
    "#);
    assert_snapshot!(ends("sum", "inh"), @"net.toml:2:9: projection p, field `from`: neurons of the model leaky_integrator never spike; choose a population whose model has a threshold");
    assert_snapshot!(ends("exc", "told"), @"net.toml:3:7: projection p, field `to`: `told` is a spike_list, which receives nothing; choose a population of neurons");
    assert_snapshot!(ends("inh", "exc"), @"net.toml:1:13: projection p, field `receptor`: the model lif_exp_2 has 2 receptors, so one must be named; the receptors are `exc`, `inh`");
    assert_snapshot!(p(&format!("{all}receptor = \"sin\"")), @"net.toml:6:13: projection p, field `receptor`: the model lif_exp has no receptor `sin`; did you mean `syn`?");
    assert_snapshot!(p(&format!("{all}weigth = 1")), @"net.toml:6:1: projection p, field `weigth`: there is no such field; did you mean `weight`?");
    let poisson = "[population.n]\nsize = 1\nmodel = \"poisson\"\nparameters = { rate = \"1 Hz\" }";
    let text = format!("[projection.p]\nfrom = \"inh\"\nto = \"n\"\n{all}{poisson}");
    assert_snapshot!(wrong(&text), @"net.toml:1:13: projection p, field `receptor`: the model poisson has no receptor, so nothing can reach it; there are no receptors here");
}

#[test]
fn rules() {
    let w = |connect: &str| p(&format!("weight = \"1 pA\"\nconnect = {connect}"));
    assert_snapshot!(w("\"all_to_al\""), @"net.toml:5:12: projection p, field `connect`: there is no rule `all_to_al`; did you mean `all_to_all`?");
    assert_snapshot!(w("\"fixed_probability\""), @"net.toml:5:12: projection p, field `connect`: the rule fixed_probability needs a value; write connect = { fixed_probability = ... }");
    assert_snapshot!(w("3"), @"net.toml:5:11: projection p, field `connect`: an integer cannot stand here; give the name of a rule, or a table { rule = value }");
    assert_snapshot!(w("{}"), @"net.toml:5:11: projection p, field `connect`: one rule is needed here, not 0; write connect = { fixed_probability = 0.1 }");
    assert_snapshot!(w("{ fixed_probability = 0.5, fixed_in_degree = 1 }"), @"net.toml:5:11: projection p, field `connect`: one rule is needed here, not 2; write connect = { fixed_probability = 0.1 }");
    assert_snapshot!(w("{ all_to_all = 1, fixed_probabilty = 0.5 }"), @r#"
    net.toml:5:13: projection p, field `connect.all_to_all`: the rule all_to_all has no value; write connect = "all_to_all"
    net.toml:5:29: projection p, field `connect.fixed_probabilty`: there is no rule `fixed_probabilty`; did you mean `fixed_probability`?
    "#);
    assert_snapshot!(w("{ fixed_probability = 1.5 }"), @"net.toml:5:33: projection p, field `connect.fixed_probability`: 1.5 is not a probability; give a number from 0 to 1");
    assert_snapshot!(w("{ fixed_probability = \"0.1 ms\" }"), @"net.toml:5:34: projection p, field `connect.fixed_probability`: this is a time, not a plain number; give a plain number");
    assert_snapshot!(w("{ fixed_probability = 1e-9 }"), @"net.toml:5:33: projection p, field `connect.fixed_probability`: a probability of 1e-9 is too small to draw gaps; use fixed_total_number");
    assert_snapshot!(w("{ fixed_in_degree = -1 }"), @"net.toml:5:31: projection p, field `connect.fixed_in_degree`: -1 is out of range; give a number from 0 to 2147483647");
    assert_snapshot!(w("{ fixed_total_number = 1e13 }"), @"net.toml:5:34: projection p, field `connect.fixed_total_number`: 10000000000000 is out of range; give a number from 0 to 4294967295");
    assert_snapshot!(w("\"one_to_one\""), @"net.toml:5:12: projection p, field `connect`: one_to_one needs equal sizes, these are 10 and 5; make the sizes equal, or choose another rule");
}

#[test]
fn autapses_and_multapses() {
    assert_snapshot!(own("connect = \"all_to_all\"\nmultapses = true"), @"net.toml:6:13: projection p, field `multapses`: this rule connects no pair twice, so this has no effect; remove it");
    assert_snapshot!(own("connect = \"one_to_one\"\nautapses = false\nmultapses = false"), @r#"
    net.toml:6:12: projection p, field `autapses`: one_to_one within a population is nothing but autapses; remove it
    net.toml:7:13: projection p, field `multapses`: this rule connects no pair twice, so this has no effect; remove it
    "#);
    assert_snapshot!(own("connect = { fixed_probability = 0.1 }\nmultapses = false"), @"net.toml:6:13: projection p, field `multapses`: this rule connects no pair twice, so this has no effect; remove it");
    assert_snapshot!(own("connect = { fixed_total_number = 9 }\nmultapses = false"), @"net.toml:6:13: projection p, field `multapses`: fixed_total_number draws each synapse alone, so pairs can repeat; remove it, or use fixed_probability");
    assert_snapshot!(own("connect = { list = [[0, 1]] }\nautapses = true\nmultapses = true"), @r#"
    net.toml:6:12: projection p, field `autapses`: the list says itself which neurons connect to themselves; remove it
    net.toml:7:13: projection p, field `multapses`: the list says itself which pairs repeat; remove it
    "#);
    assert_snapshot!(own("connect = { fixed_in_degree = 6 }\nmultapses = false"), @"net.toml:5:11: projection p, field `connect`: 6 distinct sources are needed, but there are only 5; lower the degree, or allow multapses");
    assert_snapshot!(
        own("connect = { fixed_out_degree = 5 }\nmultapses = false\nautapses = false"), @"net.toml:5:11: projection p, field `connect`: 5 distinct targets are needed, but there are only 4; lower the degree, or allow multapses");
    assert_snapshot!(own("connect = \"all_to_all\"\nautapses = \"no\""), @"net.toml:6:13: projection p, field `autapses`: a text cannot stand here; give `true` or `false`");
    let single = "[population.one]\nsize = 1\nmodel = \"lif_exp\"\n[projection.p]\nfrom = \"one\"\n\
                  to = \"one\"\nweight = \"1 pA\"\nautapses = false\n";
    assert_snapshot!(wrong(&format!("{single}connect = {{ fixed_in_degree = 2 }}")), @"net.toml:9:11: projection p, field `connect`: there are no sources: the only neuron may not connect to itself; allow autapses, or make the population larger");
    assert_snapshot!(wrong(&format!("{single}connect = {{ fixed_total_number = 2 }}")), @"net.toml:9:11: projection p, field `connect`: there are no targets: the only neuron may not connect to itself; allow autapses, or make the population larger");
}

#[test]
fn weights() {
    assert_snapshot!(p("connect = \"all_to_all\""), @r#"net.toml:1:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS""#);
    assert_snapshot!(weight("\"1 nS\""), @r#"net.toml:6:11: projection p, field `weight`: this is a conductance, not a current; give a current like "100 pA""#);
    assert_snapshot!(weight("\"-1 pA\""), @"net.toml:6:11: projection p, field `weight`: the receptor `exc` takes weights of 0 or more; the least here is -1 pA");
    assert_snapshot!(weight("{ uniform = [\"-1 pA\", \"1 pA\"] }"), @"net.toml:6:10: projection p, field `weight`: the receptor `exc` takes weights of 0 or more; the least here is -1 pA");
    assert_snapshot!(weight("{ uniform = [\"2 pA\", \"1 pA\"] }"), @"net.toml:6:22: projection p, field `weight.uniform`: lo is larger than hi; write the smaller one first");
    assert_snapshot!(weight("{ uniform = [\"2 pA\"] }"), @"net.toml:6:22: projection p, field `weight.uniform`: two values are needed here, not 1; give a list [lo, hi]");
    assert_snapshot!(weight("{ uniform = \"2 pA\", min = \"1 pA\" }"), @r#"
    net.toml:6:23: projection p, field `weight.uniform`: a text cannot stand here; give a list [lo, hi]
    net.toml:6:37: projection p, field `weight.min`: this belongs to a normal distribution; remove it, or write normal = [mean, sd]
    "#);
    assert_snapshot!(weight("{ normal = [\"-1 pA\", \"1 pA\"] }"), @"net.toml:6:10: projection p, field `weight`: the receptor `exc` takes weights of 0 or more; these have no lower bound: give a mean above 0, or min = 0");
    assert_snapshot!(weight("{ normal = [\"1 pA\", \"1 pA\"], min = \"-1 pA\" }"), @"net.toml:6:10: projection p, field `weight`: the receptor `exc` takes weights of 0 or more; the least here is -1 pA");
    assert_snapshot!(weight("{ normal = [\"1 pA\", \"-1 pA\"] }"), @"net.toml:6:21: projection p, field `weight.normal`: the standard deviation is negative; give 0 or more");
    assert_snapshot!(weight("{ normal = [\"1 pA\", 1], min = true, outside = \"cut\" }"), @r#"
    net.toml:6:30: projection p, field `weight.normal[1]`: this is a plain number, not a current; give a current like "100 pA"
    net.toml:6:40: projection p, field `weight.min`: `true` or `false` cannot stand here; give a current like "100 pA"
    net.toml:6:57: projection p, field `weight.outside`: `cut` is not a way to treat draws outside the bounds; write "redraw" or "clip"
    "#);
    assert_snapshot!(weight("{ normal = [\"1 pA\", \"1 pA\"], min = \"2 pA\", max = \"1 pA\" }"), @"net.toml:6:21: projection p, field `weight.normal`: min = 2 is above max = 1; give min below max; without them the sign of the mean is kept");
    assert_snapshot!(weight("{ normal = [\"1 pA\", \"1 pA\"], min = \"9 pA\" }"), @r#"net.toml:6:21: projection p, field `weight.normal`: almost no draw lies between min and max, so drawing again never ends; move the mean or the bounds, or write outside = "clip""#);
    assert_snapshot!(weight("{ gamma = [1, 2] }"), @r#"
    net.toml:6:10: projection p, field `weight`: this table is not one distribution; give uniform = [lo, hi], normal = [mean, sd], or, for a file with such a column, column_unit = "nS"
    net.toml:6:12: projection p, field `weight.gamma`: there is no such field; the fields are `uniform`, `normal`, `column_unit`, `min`, `max`, `outside`
    "#);
    assert_snapshot!(weight("{ normal = [1, 2], uniform = [1, 2] }"), @r#"net.toml:6:10: projection p, field `weight`: this table is not one distribution; give uniform = [lo, hi], normal = [mean, sd], or, for a file with such a column, column_unit = "nS""#);
    assert_snapshot!(weight("{ column_unit = \"pA\" }"), @"net.toml:6:10: projection p, field `weight`: there is no file with a column `weight`; give a quantity or a distribution");
    assert_snapshot!(weight("\"1e30 pA\""), @"net.toml:6:11: projection p, field `weight`: a weight of 1e30 pA is out of range; give 0, or from 1e-25 to 1e25 base units; check the unit");
    assert_snapshot!(weight("\"1e-30 pA\""), @"net.toml:6:11: projection p, field `weight`: a weight of 1e-30 pA is out of range; give 0, or from 1e-25 to 1e25 base units; check the unit");
    let negative = "[projection.p]\nfrom = \"inh\"\nto = \"exc\"\nreceptor = \"inh\"\n\
                    connect = \"all_to_all\"\nweight = \"1 pA\"";
    assert_snapshot!(wrong(negative), @"net.toml:6:11: projection p, field `weight`: the receptor `inh` takes weights of 0 or less; the largest here is 1 pA");
}

#[test]
fn delays() {
    assert_snapshot!(delay("\"0.05 ms\""), @"net.toml:6:10: projection p, field `delay`: a delay of 0.05 ms is less than one step; give at least dt, 0.1 ms");
    assert_snapshot!(delay("\"1 mV\""), @r#"net.toml:6:10: projection p, field `delay`: this is a voltage, not a time; give a time like "20 ms""#);
    assert_snapshot!(delay("\"7 s\""), @"net.toml:6:10: projection p, field `delay`: a delay of 7000 ms is more than 65535 steps; give at most 6553.5 ms, or a larger dt");
    assert_snapshot!(delay("{ uniform = [\"0 ms\", \"1 ms\"] }"), @"net.toml:6:9: projection p, field `delay`: a delay of 0 ms is less than one step; give at least dt, 0.1 ms");
    assert_snapshot!(delay("{ normal = [\"1 ms\", \"1 ms\"], min = \"0 ms\" }"), @"net.toml:6:9: projection p, field `delay`: a delay of 0 ms is less than one step; give at least dt, 0.1 ms");
    assert_snapshot!(delay("{ normal = [\"6 s\", \"1 s\"], max = \"20 s\" }"), @"net.toml:6:9: projection p, field `delay`: a delay of 11000 ms is more than 65535 steps; give at most 6553.5 ms, or a larger dt");
}

#[test]
fn lists() {
    assert_snapshot!(list("[[0, 5], [10, 0], [0, \"1\"], [1.5, 0]]"), @r#"
    net.toml:5:25: projection p, field `connect.list[0][1]`: 5 is out of range; give an integer from 0 to 4
    net.toml:5:30: projection p, field `connect.list[1][0]`: 10 is out of range; give an integer from 0 to 9
    net.toml:5:43: projection p, field `connect.list[2][1]`: an integer is needed here, not a text; give an integer from 0 to 4
    net.toml:5:49: projection p, field `connect.list[3][0]`: an integer is needed here, not a float; give an integer from 0 to 9
    "#);
    assert_snapshot!(list("[[0], 3, [0, 1, 2, 3, 4]]"), @r#"
    net.toml:5:21: projection p, field `connect.list[0]`: a synapse has 2 to 4 values, here are 1; give a list [pre, post], [pre, post, weight] or [pre, post, weight, delay]
    net.toml:5:26: projection p, field `connect.list[1]`: an integer cannot stand here; give a list [pre, post], [pre, post, weight] or [pre, post, weight, delay]
    net.toml:5:29: projection p, field `connect.list[2]`: a synapse has 2 to 4 values, here are 5; give a list [pre, post], [pre, post, weight] or [pre, post, weight, delay]
    "#);
    assert_snapshot!(list("[[0, 1, \"1 nS\"], [0, 1, \"1 pA\", \"0 ms\"], [0, 1]]"), @r#"
    net.toml:5:29: projection p, field `connect.list[0][2]`: this is a conductance, not a current; give a current like "100 pA"
    net.toml:5:53: projection p, field `connect.list[1][3]`: a delay of 0 ms is less than one step; give at least dt, 0.1 ms
    "#);
    assert_snapshot!(list("[[0, 1, \"1 pA\"], [0, 1, \"1 pA\"]]"), @"net.toml:4:11: projection p, field `weight`: every synapse has its own weight, so this has no effect; remove it");
    assert_snapshot!(list("3"), @"net.toml:5:20: projection p, field `connect.list`: an integer cannot stand here; give a list of synapses [[pre, post], ...]");
    assert_snapshot!(p("connect = { list = [[0, 1, \"1 pA\"], [0, 1]] }"), @r#"net.toml:1:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS""#);
}

#[test]
fn storage() {
    let w = |fields: &str| p(&format!("weight = \"1 pA\"\n{fields}"));
    assert_snapshot!(w("connect = { fixed_in_degree = 2 }\nprocedural = true"), @"net.toml:6:14: projection p, field `procedural`: a row of fixed_in_degree cannot be drawn alone: its targets draw their sources; remove it, or choose fixed_out_degree or fixed_probability");
    assert_snapshot!(w("connect = { list = [[0, 0]] }\nprocedural = true"), @"net.toml:6:14: projection p, field `procedural`: a given list is not drawn, so it cannot be drawn again; remove it, or choose fixed_out_degree or fixed_probability");
    assert_snapshot!(w("connect = \"all_to_all\"\nprocedural = 1"), @"net.toml:6:14: projection p, field `procedural`: an integer cannot stand here; give `true` or `false`");
    assert_snapshot!(w("connect = \"all_to_all\"\nweight_bits = 8"), @"net.toml:6:15: projection p, field `weight_bits`: weights of 8 bits do not exist; give 16 or 32");
}

#[test]
fn bounds_of_weights() {
    let all = |fields: &str| p(&format!("connect = \"all_to_all\"\nweight = \"2 pA\"\n{fields}"));
    assert_snapshot!(all("weight_bounds = \"2 pA\""), @"net.toml:6:18: projection p, field `weight_bounds`: a text cannot stand here; give a list [least, largest]");
    assert_snapshot!(all("weight_bounds = [\"2 pA\"]"), @"net.toml:6:17: projection p, field `weight_bounds`: two values are needed here, not 1; give a list [least, largest]");
    assert_snapshot!(all("weight_bounds = [\"2 pA\", \"3 nS\"]"), @r#"net.toml:6:27: projection p, field `weight_bounds[1]`: this is a conductance, not a current; give a current like "100 pA""#);
    assert_snapshot!(all("weight_bounds = [\"3 pA\", \"2 pA\"]"), @"net.toml:6:17: projection p, field `weight_bounds`: the least is larger than the largest; write the smaller one first");
    assert_snapshot!(all("weight_bounds = [\"-1 pA\", \"1 pA\"]"), @"net.toml:6:17: projection p, field `weight_bounds`: weights at the start lie between 2 pA and 2 pA, out of these bounds; give bounds from 2 pA to 2 pA or wider");
    assert_snapshot!(all("procedural = true\nweight_bounds = [\"0 pA\", \"4 pA\"]"), @"net.toml:7:17: projection p, field `weight_bounds`: rows that are not stored keep no weight that is given; remove it, or remove procedural");
    let list = "connect = { list = [[0, 0, \"1 pA\"], [0, 1, \"-3 pA\"]] }";
    assert_snapshot!(p(&format!("{list}\nweight_bounds = [\"-2 pA\", \"4 pA\"]")), @"net.toml:5:17: projection p, field `weight_bounds`: weights at the start lie between -3 pA and 1 pA, out of these bounds; give bounds from -3 pA to 1 pA or wider");
    let normal = "connect = \"all_to_all\"\nweight = { normal = [\"5 pA\", \"1 pA\"] }";
    assert_snapshot!(p(&format!("{normal}\nweight_bounds = [\"0 pA\", \"6 pA\"]")), @"net.toml:6:17: projection p, field `weight_bounds`: weights at the start lie between 0.683218696237 pA and 9.32491910402 pA, out of these bounds; give bounds from 0.683218696237 pA to 9.32491910402 pA or wider");
}
