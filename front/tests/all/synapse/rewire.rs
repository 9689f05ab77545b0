//! `[rewire.X]`.

use super::support::{projection, synapse_of};
use crate::check::support::{BASE, good, wrong, wrong_alone};
use insta::assert_snapshot;
use isospike_core::describe::checked::Checked;
use isospike_core::describe::model::{BinaryOp, Expr};
use isospike_core::describe::synapse::Rewire;
use isospike_front::check::Limits;
use isospike_front::network::{Network, Population, Projection, Rewire as Rewiring, Synapse};

/// A model with a weight, an eligibility and a parameter.
const MODEL: &str = "[synapse.s]
parameters = { w_max = { unit = 'weight', default = '2 pA' }, tau = '10 ms' }
state = { w = 'weight', c = '0' }
bounds = { w = ['0', 'w_max'] }
pre = { x = { tau = 'tau', spike = 'x + 1' } }
on_pre = 'w -= x * w_max / 100; c += 1; send w'
";

/// A projection with that model and another rule than all pairs.
fn rewirable() -> String {
    let fields = "synapse = 's'\n";
    projection(fields).replace("\"all_to_all\"", "{ fixed_out_degree = 1 }")
}

/// A rewiring with these fields besides its projection, on line 15 of a file.
fn network(fields: &str) -> String {
    format!("{MODEL}{}[rewire.r]\nprojection = 'p'\n{fields}", rewirable())
}

fn mistakes(fields: &str) -> String {
    wrong(&network(fields))
}

#[test]
fn a_rewiring_has_a_period_a_condition_and_values() {
    let text = network("every = '2 ms'\nremove = 'w <= 0'\ncreate = { w = '0.5 pA' }");
    let weak = Expr::Binary(BinaryOp::Le, Box::new(Expr::State(0)), Box::new(Expr::Number(0.0)));
    let rewire =
        Rewire { name: "r".into(), period_steps: 20, remove: weak, create: vec![Some(0.5), None] };
    assert_eq!(synapse_of(&text).rewire, Some(rewire));
    let all = network("every = '0.1 ms'\nremove = true");
    let rewire = synapse_of(&all).rewire.unwrap();
    assert_eq!((rewire.remove, rewire.create), (Expr::Bool(true), vec![None, None]));
    assert_eq!(synapse_of(&format!("{MODEL}{}", rewirable())).rewire, None);
}

#[test]
fn the_drawn_weight_is_a_variable_where_events_read_it() {
    let text = network("every = '2 ms'\nremove = 'weight < 1 pA'\ncreate = { weight = '3 pA' }")
        .replace("send w'", "send w + weight'");
    let synapse = synapse_of(&text);
    assert_eq!(synapse.rewire.unwrap().create, vec![None, None, Some(3.0)]);
    // The value that is sent can come to be w_max and the largest weight, drawn or given.
    assert_eq!(synapse.sent[0].bounds, (1.0, 5.0));
}

#[test]
fn fields_and_their_values() {
    assert_snapshot!(mistakes(""), @r#"
    net.toml:13:9: rewire r, field `every`: this field is missing; give the time between two: every = "100 ms"
    net.toml:13:9: rewire r, field `remove`: this field is missing; give the condition on which a synapse is removed: remove = "w <= 0"
    "#);
    assert_snapshot!(mistakes("every = '0.25 ms'\nremove = 'w <= 0'\nnumber = 3"), @r"
    net.toml:15:10: rewire r, field `every`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms
    net.toml:17:1: rewire r, field `number`: there is no such field; the fields are `projection`, `every`, `remove`, `create`
    ");
    assert_snapshot!(mistakes("every = '0 ms'\nremove = 3"), @r#"
    net.toml:15:10: rewire r, field `every`: the time between two rewirings is 0; give dt or more
    net.toml:16:10: rewire r, field `remove`: an integer cannot stand here; give a condition in quotes: "w <= 0"
    "#);
    assert_snapshot!(mistakes("every = '1 ms'\nremove = 'w <= 0'\ncreate = { w = '3 pA', q = 1, c = '1 mV' }"), @r"
    net.toml:17:17: rewire r, field `create.w`: this is 3 pA, the bounds are 0 pA and 2 pA; give a value within the bounds
    net.toml:17:24: rewire r, field `create.q`: the model s has no state variable `q`; the state variables are `w`, `c`
    net.toml:17:36: rewire r, field `create.c`: this is a voltage, not a plain number; give a plain number
    ");
    assert_snapshot!(mistakes("every = '1 ms'\nremove = 'w <= 0'\ncreate = 3"), @r#"net.toml:17:10: rewire r, field `create`: an integer cannot stand here; give a table of values: create = { w = "0.1 nS" }"#);
}

#[test]
fn the_condition_reads_state_and_parameters() {
    let condition = |text: &str| mistakes(&format!("every = '1 ms'\nremove = '{text}'"));
    assert_snapshot!(condition("w"), @"net.toml:16:11: rewire r, field `remove`: a condition is expected, this is a number; compare it, as in `v >= v_th`");
    assert_snapshot!(condition("w < 3 mV"), @r#"net.toml:16:13: rewire r, field `remove`: cannot compare a current and a voltage; `w` is in pA, `3 mV` is in mV: multiply `3 mV` by a conductance like "10 nS""#);
    assert_snapshot!(condition("x > 1"), @"net.toml:16:11: rewire r, field `remove`: a rewiring cannot read `x`, a trace; it reads state variables and parameters of the synapse model, constants and `dt`");
    assert_snapshot!(condition("post.v > -60 mV"), @"net.toml:16:11: rewire r, field `remove`: a rewiring cannot read `post.v`; it reads state variables and parameters of the synapse model, constants and `dt`");
    assert_snapshot!(condition("v > 0"), @"net.toml:16:11: rewire r, field `remove`: `v` is not defined; it reads state variables and parameters of the synapse model, constants and `dt`");
    assert_snapshot!(condition("rand_bernoulli(0.5)"), @"net.toml:16:11: rewire r, field `remove`: `rand_bernoulli` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection");
    assert_snapshot!(condition("w < w_max * tau / (tau - tau)"), @"net.toml:16:11: rewire r, field `remove`: a value in this is infinite; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(condition("w <"), @"net.toml:16:14: rewire r, field `remove`: the text ends too early; expected an expression");
}

#[test]
fn what_cannot_be_rewired() {
    let rest = "every = '1 ms'\nremove = 'w <= 0'\n";
    let rewire = |name: &str, projection: &str| {
        format!("[rewire.{name}]\nprojection = '{projection}'\n{rest}")
    };
    assert_snapshot!(wrong(&format!("{MODEL}{}{}", rewirable(), rewire("r", "q"))), @"net.toml:14:15: rewire r, field `projection`: there is no projection `q`; the projections are `p`");
    assert_snapshot!(wrong(&format!("{MODEL}{}{}{}", rewirable(), rewire("r", "p"), rewire("q", "p"))), @r#"net.toml:18:15: rewire q, field `projection`: this projection is rewired by an earlier section; write one condition: remove = "a || b""#);
    let fixed = projection("").replace("\"all_to_all\"", "{ fixed_out_degree = 1 }");
    assert_snapshot!(wrong(&format!("{fixed}{}", rewire("r", "p"))), @r#"net.toml:7:15: rewire r, field `projection`: the synapses of p have no state to decide by; name a synapse model in the projection: synapse = "stdp""#);
    assert_snapshot!(wrong(&format!("{fixed}procedural = true\n{}", rewire("r", "p"))), @"net.toml:8:15: rewire r, field `projection`: the rows of p are not stored, so they cannot change; remove `procedural` there, and name a synapse model");
    let dense = network(rest).replace("{ fixed_out_degree = 1 }", "\"all_to_all\"");
    assert_snapshot!(wrong(&dense), @"net.toml:14:15: rewire r, field `projection`: p connects all pairs, so a synapse cannot go anywhere else; connect some of the pairs: connect = { fixed_out_degree = 100 }");
    let probe = "[probe.w]\nprojection = 'p'\nvariable = 'w'\n";
    assert_snapshot!(wrong(&format!("{}{probe}", network(rest))), @"net.toml:18:15: probe w, field `projection`: this projection is rewired, so its synapses do not stay the same; record how many have which value: histogram = [lowest, highest, intervals]");
    assert_snapshot!(wrong(&format!("{}{probe}synapses = {{ first = 1 }}", network(rest))), @"net.toml:18:15: probe w, field `projection`: this projection is rewired, so its synapses do not stay the same; record how many have which value: histogram = [lowest, highest, intervals]");
    good(&format!("{}{probe}histogram = ['0 pA', '2 pA', 4]", network(rest)));
}

#[test]
fn a_batch_has_no_rows_of_its_own() {
    let rest = network("every = '1 ms'\nremove = 'w <= 0'\n");
    let batch = format!("{rest}[network]\ndt = '0.1 ms'\nbatch = 2\n{BASE}");
    assert_snapshot!(wrong_alone(&batch), @"net.toml:14:15: rewire r, field `projection`: each copy of the batch would have synapses of its own; remove `batch`, and run each seed by itself");
}

#[test]
fn the_builder_says_the_same() {
    let synapse = Synapse::new("s").state("w", "weight").bounds("w", "0", "4 pA");
    let built = Network::new("rewired", "0.1 ms")
        .synapse(synapse.on_pre("send w"))
        .population(Population::new("told", 3, "spike_list").spikes(vec![("1 ms", 0)]))
        .population(Population::new("cells", 5, "lif_exp"))
        .projection(
            Projection::new("p", "told", "cells").fixed_out_degree(2).weight("1 pA").synapse("s"),
        )
        .rewire(Rewiring::new("r", "p", "2 ms", "w <= 0").create("w", "0.5 pA"));
    let file = "[synapse.s]
        state = { w = 'weight' }
        bounds = { w = ['0', '4 pA'] }
        on_pre = 'send w'
        [projection.p]
        from = 'told'
        to = 'inh'
        connect = { fixed_out_degree = 2 }
        weight = '1 pA'
        synapse = 's'
        [rewire.r]
        projection = 'p'
        every = '2 ms'
        remove = 'w <= 0'
        create = { w = '0.5 pA' }";
    let built = built.check(Limits::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let rewire = |checked: &Checked| checked.projections[0].synapse.clone().unwrap().rewire;
    assert_eq!(rewire(&built), rewire(&good(file)));
    assert!(rewire(&built).is_some());
}
