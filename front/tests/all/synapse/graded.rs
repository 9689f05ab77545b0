//! Clocked blocks that send and that read the source.

use super::support::{mistakes, synapse_of, text};
use crate::check::support::{good, wrong};
use insta::assert_snapshot;
use isospike_core::connect::Distribution;

/// A model `s` of these fields in a projection onto `inh`, whose model has the state variables `v`
/// and `i_syn`.
fn network(from: &str, fields: &str) -> String {
    format!(
        "[synapse.s]\n{fields}\n[projection.p]\nfrom = '{from}'\nto = 'inh'\n\
         connect = 'all_to_all'\nsynapse = 's'\n"
    )
}

const GAP: &str =
    "every = [{ period = 'dt', do = 'send 2 nS * (pre.v - post.v)' }]\nsend_max = '9 pA'";

#[test]
fn a_model_may_send_in_clocked_blocks_alone() {
    let found = synapse_of(&network("exc", GAP));
    assert_snapshot!(text(&found.model.every[0].program), @"s0 = (2 * (source0 - target0))");
    assert!(found.model.on_pre.statements.is_empty());
    assert_eq!((found.source, found.target), (vec![0], vec![0]));
    assert_eq!((found.sent[0].bounds, found.period_steps), ((-9.0, 9.0), vec![1]));
    // Neurons that never spike can be its sources.
    assert_eq!(synapse_of(&network("sum", GAP)).source, [0]);
    let weight = &good(&network("exc", GAP)).projections[0].weight;
    assert_eq!(*weight, Distribution::Constant(0.0));
}

#[test]
fn bounds_are_those_of_all_events_that_send() {
    let model = "state = { w = 'weight' }\nbounds = { w = [0, '2 pA'] }\n";
    let projection = "weight = '1 pA'\n";
    let bounds = |fields: &str| {
        let found =
            synapse_of(&format!("{}{projection}", network("exc", &format!("{model}{fields}"))));
        (found.sent[0].bounds, found.model.sends_of_a_step())
    };
    let block = |send: &str| format!("{{ period = '1 ms', do = '{send}' }}");
    let down = block("send -3 * w");
    assert_eq!(bounds("on_pre = 'send w'"), ((0.0, 2.0), 1));
    assert_eq!(bounds(&format!("on_pre = 'send w'\nevery = [{down}]")), ((-6.0, 2.0), 2));
    assert_eq!(bounds(&format!("on_pre = 'w = 0'\nevery = [{down}]")), ((-6.0, 0.0), 1));
    let one = block("send 1 pA + w");
    assert_eq!(bounds(&format!("every = [{one}, {}]", block("w = 0"))), ((1.0, 3.0), 1));
    // A path without a `send` sends 0.
    let some = block("if w > 1 pA { send w }");
    assert_eq!(bounds(&format!("every = [{one}, {some}]")), ((0.0, 3.0), 2));
}

#[test]
fn mistakes_of_clocked_blocks_that_send() {
    let wrong = |fields: &str| wrong(&network("exc", fields));
    let every = |text: &str| wrong(&format!("every = [{{ period = 'dt', do = '{text}' }}]"));
    assert_snapshot!(every("let a = 3"), @r#"
    net.toml:1:10: synapse s: `on_pre` is missing: nothing would ever be sent; add the statements of a pre event, as in on_pre = "send w"
    net.toml:3:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
    assert_snapshot!(every("send 1 pA; if pre.v > post.v { send 2 pA }"), @r#"
    net.toml:2:64: synapse s, field `every[0].do`: a path to here has sent a value; a clocked block sends once: choose the value with `if`
    net.toml:3:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
    assert_snapshot!(every("send 2 nS * (pre.v - post.v)"), @"net.toml:2:33: synapse s, field `every[0].do`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); give `send_max`, or hold it with `clamp`, `min` and `max`");
    let unit = "parameters = { a = '1 mV' }\nevery = [{ period = 'dt', do = 'send a' }]";
    assert_snapshot!(wrong(unit), @r#"
    net.toml:3:38: synapse s, field `every[0].do`: cannot send a voltage, weights are a current (weights of projection p are in pA); give a current like "100 pA"
    net.toml:4:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
    assert_snapshot!(every("send nmda 1 pA"), @r#"
    net.toml:3:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    net.toml:7:12: projection p, field `synapse`: s sends to `nmda`, a receptor that the target does not have; the receptors are `syn`
    "#);
    assert_snapshot!(wrong("on_pre = 'let a = 3'\nevery = [{ period = 'dt', do = 'let a = 4' }]"), @r#"
    net.toml:2:11: synapse s, field `on_pre`: nothing is ever sent; add `send` and a value, `send 0` where nothing is meant to arrive
    net.toml:4:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
}

#[test]
fn clocked_blocks_alone_read_the_source() {
    let of = |from: &str, model: &str| {
        let block = "every = [{ period = 'dt', do = 'send 1 pA * tanh(pre.u / 1 mV)' }]";
        let fields = if model.is_empty() { block } else { model };
        wrong(&network(from, fields))
    };
    assert_snapshot!(of("exc", ""), @"net.toml:2:54: synapse s: the source's model lif_exp_2 has no state variable `u` (in projection p); the state variables are `v`, `i_exc`, `i_inh`");
    assert_snapshot!(of("told", ""), @"net.toml:2:54: synapse s: the source's model spike_list has no state variable `u` (in projection p); choose another population as source");
    assert_snapshot!(of("sum", ""), @"net.toml:2:54: synapse s: the source's model leaky_integrator has no state variable `u` (in projection p); the state variables are `v`");
    assert_snapshot!(of("exc", "on_pre = 'send clamp(pre.v * 1 nS, 0, 1)'\non_post = 'let a = pre.v'"), @r#"
    net.toml:2:22: synapse s, field `on_pre`: only a clocked block reads `pre.v`; read it in `do` of a block of `every`, or follow the source with a trace under `pre`
    net.toml:3:20: synapse s, field `on_post`: only a clocked block reads `pre.v`; read it in `do` of a block of `every`, or follow the source with a trace under `pre`
    net.toml:4:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
    assert_snapshot!(of("sum", "on_pre = 'send 1 pA'"), @"net.toml:4:9: projection p, field `from`: neurons of the model leaky_integrator never spike; choose a population whose model has a threshold");
    let trace = "pre = { x = { tau = '1 ms', spike = 'pre.v' } }\non_pre = 'send 1 pA'";
    assert_snapshot!(of("exc", trace), @r#"
    net.toml:2:38: synapse s, field `pre.x.spike`: a trace cannot read `pre.v`; a trace reads traces of its side, parameters, constants and `dt`
    net.toml:4:13: projection p, field `weight`: this field is missing; give a quantity or a distribution: weight = "1.5 nS"
    "#);
    let poisson = "[population.n]\nsize = 1\nmodel = 'poisson'\nparameters = { rate = '1 Hz' }\n";
    let gap = "[projection.g]\nfrom = 'n'\nto = 'inh'\nconnect = 'all_to_all'\n\
               synapse = 'gap_junction'\nparameters = { g = '1 nS', largest = '1 pA' }\n";
    assert_snapshot!(crate::check::support::wrong(&format!("{poisson}{gap}")), @"net.toml:9:12: projection g, field `synapse`: the source's model poisson has no state variable `v`; choose another population as source");
    assert_snapshot!(mistakes("on_pre = 'send w'\nstate = { w = 'weight' }\nevery = [{ period = 'dt', do = 'pre.v = 3' }]"), @"net.toml:4:36: synapse s, field `every[0].do`: `.` is not expected here; `post.` and a name is read only: a synapse acts on its target by what it sends");
}
