//! Clocked blocks that send and that read the source.

use super::support::{mistakes, synapse_of, text};
use crate::check::support::{good, wrong};
use insta::assert_snapshot;

/// A model `s` of these fields in a projection onto `inh`, whose model has the state variables `v`
/// and `i_syn`.
fn network(from: &str, fields: &str) -> String {
    format!(
        "[synapse.s]\n{fields}\n[projection.p]\nfrom = '{from}'\nto = 'inh'\n\
         connect = 'all_to_all'\nsynapse = 's'\n"
    )
}

const GAP: &str = "every = [{ period = 'dt', do = 'send 2 nS * (pre.v - post.v)' }]\nsend_max = '9 pA'";

#[test]
fn a_model_may_send_in_clocked_blocks_alone() {
    let found = synapse_of(&network("exc", GAP));
    assert_snapshot!(text(&found.model.every[0].program), @"");
    assert!(found.model.on_pre.statements.is_empty());
    assert_eq!((found.source, found.target), (vec![0], vec![0]));
    assert_eq!((found.sent[0].bounds, found.period_steps), ((-9.0, 9.0), vec![1]));
    // Neurons that never spike can be its sources.
    assert_eq!(synapse_of(&network("sum", GAP)).source, [0]);
    assert_eq!(good(&network("exc", GAP)).projections[0].weight.extremes(), (0.0, 0.0));
}

#[test]
fn bounds_are_those_of_all_events_that_send() {
    let model = "state = { w = 'weight' }\nbounds = { w = [0, '2 pA'] }\n";
    let projection = "weight = '1 pA'\n";
    let bounds = |fields: &str| {
        let found = synapse_of(&format!("{}{projection}", network("exc", &format!("{model}{fields}"))));
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
    assert_snapshot!(every("let a = 3"), @"");
    assert_snapshot!(every("send 1 pA; if pre.v > post.v { send 2 pA }"), @"");
    assert_snapshot!(every("send 2 nS * (pre.v - post.v)"), @"");
    assert_snapshot!(every("send 1 mV"), @"");
    assert_snapshot!(every("send nmda 1 pA"), @"");
    assert_snapshot!(wrong("on_pre = 'let a = 3'\nevery = [{ period = 'dt', do = 'let a = 4' }]"), @"");
}

#[test]
fn clocked_blocks_alone_read_the_source() {
    let of = |from: &str, model: &str| {
        let block = "every = [{ period = 'dt', do = 'send 1 pA * tanh(pre.u / 1 mV)' }]";
        let fields = if model.is_empty() { block } else { model };
        wrong(&network(from, fields))
    };
    assert_snapshot!(of("exc", ""), @"");
    assert_snapshot!(of("told", ""), @"");
    assert_snapshot!(of("sum", ""), @"");
    assert_snapshot!(of("exc", "on_pre = 'send clamp(pre.v * 1 nS, 0, 1)'\non_post = 'let a = pre.v'"), @"");
    assert_snapshot!(of("sum", "on_pre = 'send 1 pA'"), @"");
    let trace = "pre = { x = { tau = '1 ms', spike = 'pre.v' } }\non_pre = 'send 1 pA'";
    assert_snapshot!(of("exc", trace), @"");
    let poisson = "[population.n]\nsize = 1\nmodel = 'poisson'\nparameters = { rate = '1 Hz' }\n";
    let gap = "[projection.g]\nfrom = 'n'\nto = 'inh'\nconnect = 'all_to_all'\n\
               synapse = 'gap_junction'\nparameters = { g = '1 nS', largest = '1 pA' }\n";
    assert_snapshot!(crate::check::support::wrong(&format!("{poisson}{gap}")), @"");
    assert_snapshot!(mistakes("on_pre = 'send w'\nstate = { w = 'weight' }\nevery = [{ period = 'dt', do = 'pre.v = 3' }]"), @"");
}
