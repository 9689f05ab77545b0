//! `on_post_if`: the condition on the target that makes post events.

use super::support::{expression, mistakes, network, plain, projection, synapse};
use crate::check::support::wrong;
use insta::assert_snapshot;

/// A model of one state variable with a trace of each side.
const MODEL: &str = "parameters = { a = 2, m = '5 pA' }\nstate = { w = 'weight' }\n\
                     pre = { x = { tau = '1 ms', spike = 1 } }\n\
                     post = { y = { tau = '1 ms', spike = 1 } }\non_pre = 'send w'\n";

fn condition(text: &str) -> String {
    let synapse = synapse(&format!("{MODEL}on_post_if = '{text}'"));
    expression(synapse.model.on_post_if.as_ref().unwrap())
}

fn refused(text: &str) -> String {
    mistakes(&format!("{MODEL}on_post_if = '{text}'"))
}

#[test]
fn it_compares_variables_of_the_target() {
    assert_snapshot!(condition("post.v > a"), @"");
    assert_snapshot!(condition("post.v > -50 mV && (post.i_syn + m) / 1 pA < dt / 1 ms || !(post.v != 0)"), @"");
    // Variables have the numbers in which they are read first, in all texts of a model.
    let text = "state = { w = 'weight' }\non_pre = 'send w'\non_post = 'w += post.i_syn'\n\
                on_post_if = 'post.v > 1 && post.i_syn > 1'";
    let synapse = synapse(text);
    assert_eq!(synapse.model.target, ["i_syn", "v"]);
    assert_snapshot!(expression(synapse.model.on_post_if.as_ref().unwrap()), @"");
    assert!(synapse.model.read_before_reset().into_iter().eq([0, 1]));
}

#[test]
fn it_reads_signals() {
    let text = "signals = ['a']\non_pre = 'send weight'\non_post_if = 'post.v > a'\n\
                on_post = 'let b = 1'\n";
    let signal = "[signal.a]\ntau = '1 ms'\n";
    let network = format!("{signal}{}", network(text));
    let checked = crate::check::support::good(&network);
    let synapse = checked.projections[0].synapse.as_ref().unwrap();
    assert_snapshot!(expression(synapse.model.on_post_if.as_ref().unwrap()), @"");
    assert_snapshot!(mistakes("signals = ['a', 'c']\non_pre = 'send weight'\non_post_if = 'post.v > a'\non_post = 'let b = 1'"), @"");
}

#[test]
fn mistakes_of_conditions() {
    assert_snapshot!(refused("post.v + 1"), @"");
    assert_snapshot!(refused("post.v >"), @"");
    assert_snapshot!(refused("a > 1"), @"");
    assert_snapshot!(refused("post.v > w"), @"");
    assert_snapshot!(refused("post.v > x && post.v < y"), @"");
    assert_snapshot!(refused("post.v > weight"), @"");
    assert_snapshot!(refused("post.v > b"), @"");
    assert_snapshot!(refused("pre.v > 1"), @"");
    assert_snapshot!(refused("rand_bernoulli(0.5) && post.v > 1"), @"");
    assert_snapshot!(refused("post.v > 1 mV + 1 pA"), @"");
    assert_snapshot!(refused("post.g > 1"), @"");
    assert_snapshot!(refused("post.v > 1 / (a - 2)"), @"");
    assert_snapshot!(plain("on_post_if = 3\non_post = 'w = 0'"), @"");
}

#[test]
fn something_follows_it() {
    assert_snapshot!(plain("on_post_if = 'post.v > 1'"), @"");
    assert_snapshot!(plain("on_post_if = 'post.v > 1'\non_post = ''"), @"");
    synapse(
        "post = { y = { tau = '1 ms', spike = 1 } }\non_pre = 'send clamp(y, 0, 1) * weight'\n\
         on_post_if = 'post.v > 1'",
    );
}

#[test]
fn its_events_come_at_once() {
    let fields = "synapse = 's'\ndelay = '1 ms'\ndendritic = '0.5 ms'";
    let model = format!("[synapse.s]\n{MODEL}on_post_if = 'post.v > 1'\n");
    assert_snapshot!(wrong(&format!("{model}{}", projection(fields))), @"");
    let fields = format!("{fields}\nback = '0.2 ms'");
    assert_snapshot!(wrong(&format!("{model}{}", projection(&fields))), @"");
}
