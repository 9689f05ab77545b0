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
    assert_snapshot!(condition("post.v > a"), @"(target0 > p0)");
    assert_snapshot!(condition("post.v > -50 mV && (post.i_syn + m) / 1 pA < dt / 1 ms || !(post.v != 0)"), @"(((target0 > -50) && (((target1 + p1) / 1) < (dt / 1))) || !(target0 != 0))");
    // Variables have the numbers in which they are read first, in all texts of a model.
    let text = "state = { w = 'weight' }\nbounds = { w = [0, '2 pA'] }\non_pre = 'send w'\n\
                on_post = 'w += post.i_syn'\n\
                on_post_if = 'post.v > 1 && post.i_syn > 1'";
    let synapse = synapse(text);
    assert_eq!(synapse.model.target, ["i_syn", "v"]);
    assert_snapshot!(expression(synapse.model.on_post_if.as_ref().unwrap()), @"((target1 > 1) && (target0 > 1))");
    assert!(synapse.model.read_before_reset().into_iter().eq([0, 1]));
}

#[test]
fn it_reads_signals() {
    let text = "signals = ['a']\non_pre = 'send weight'\non_post_if = 'post.v > a'\n\
                on_post = 'let b = 1'\n";
    let signal = "[signal.a]\ntau = '1 ms'\npulses = [['1 s', 1]]\n";
    let network = format!("{signal}{}", network(text));
    let checked = crate::check::support::good(&network);
    let synapse = checked.projections[0].synapse.as_ref().unwrap();
    assert_snapshot!(expression(synapse.model.on_post_if.as_ref().unwrap()), @"(target0 > signal0)");
    assert_snapshot!(mistakes("signals = ['a', 'c']\non_pre = 'send weight'\non_post_if = 'post.v > a'\non_post = 'let b = 1'"), @"net.toml:2:18: synapse s, field `signals[1]`: no event reads the signal `c`; remove it, or use its name in `on_pre`, `on_post` or `every`");
}

#[test]
fn mistakes_of_conditions() {
    assert_snapshot!(refused("post.v + 1"), @"net.toml:7:15: synapse s, field `on_post_if`: a condition is expected, this is a number; compare it, as in `v >= v_th`");
    assert_snapshot!(refused("post.v >"), @"net.toml:7:23: synapse s, field `on_post_if`: the text ends too early; expected an expression");
    assert_snapshot!(refused("a > 1"), @r#"net.toml:7:15: synapse s, field `on_post_if`: this reads no variable of the target; compare one, as in on_post_if = "post.v > theta""#);
    assert_snapshot!(refused("post.v > w"), @"net.toml:7:24: synapse s, field `on_post_if`: a condition of post events cannot read `w`, a state variable; it reads variables of the target (`post.v`), signals, parameters, constants and `dt`");
    assert_snapshot!(refused("post.v > x && post.v < y"), @"
    net.toml:7:24: synapse s, field `on_post_if`: a condition of post events cannot read `x`, a trace; it reads variables of the target (`post.v`), signals, parameters, constants and `dt`
    net.toml:7:38: synapse s, field `on_post_if`: a condition of post events cannot read `y`, a trace; it reads variables of the target (`post.v`), signals, parameters, constants and `dt`
    ");
    assert_snapshot!(refused("post.v > weight"), @"net.toml:7:24: synapse s, field `on_post_if`: a condition of post events cannot read `weight`, the drawn weight; it reads variables of the target (`post.v`), signals, parameters, constants and `dt`");
    assert_snapshot!(refused("post.v > b"), @"net.toml:7:24: synapse s, field `on_post_if`: `b` is not defined; it reads variables of the target (`post.v`), signals, parameters, constants and `dt`");
    assert_snapshot!(refused("pre.v > 1"), @"net.toml:7:15: synapse s, field `on_post_if`: only a clocked block reads `pre.v`; read it in `do` of a block of `every`, or follow the source with a trace under `pre`");
    assert_snapshot!(refused("rand_bernoulli(0.5) && post.v > 1"), @"net.toml:7:15: synapse s, field `on_post_if`: `rand_bernoulli` is not there yet in synapse models; weights at the start can be drawn: `weight` of the projection");
    assert_snapshot!(refused("post.v > 1 mV + 1 pA"), @r#"net.toml:7:29: synapse s, field `on_post_if`: cannot add a voltage and a current; `1 mV` is in mV, `1 pA` is in pA: multiply `1 pA` by a resistance like "100 MOhm""#);
    assert_snapshot!(refused("post.g > 1"), @"net.toml:7:20: synapse s: the target's model lif_exp has no state variable `g` (in projection p); the state variables are `v`, `i_syn`");
    assert_snapshot!(refused("post.v > 1 / (a - 2)"), @"net.toml:7:24: projection p: `1 / (a - 2)` in the on_post_if of synapse s is infinite, where a = 2; values that do not change in a run must be finite: change the parameters, or guard the text with `if`");
    assert_snapshot!(plain("on_post_if = 3\non_post = 'w = 0'"), @"net.toml:4:14: synapse s, field `on_post_if`: a text is expected; put it in quotes");
}

#[test]
fn something_follows_it() {
    assert_snapshot!(plain("on_post_if = 'post.v > 1'"), @"net.toml:4:15: synapse s, field `on_post_if`: nothing happens at these post events; add `on_post`, or a trace under `post`");
    assert_snapshot!(plain("on_post_if = 'post.v > 1'\non_post = ''"), @"net.toml:4:15: synapse s, field `on_post_if`: nothing happens at these post events; add `on_post`, or a trace under `post`");
    synapse(
        "post = { y = { tau = '1 ms', spike = 1 } }\non_pre = 'send clamp(y, 0, 1) * weight'\n\
         on_post_if = 'post.v > 1'",
    );
}

#[test]
fn its_events_come_at_once() {
    let fields = "synapse = 's'\ndelay = '1 ms'\ndendritic = '0.5 ms'";
    let model = format!("[synapse.s]\n{MODEL}on_post_if = 'post.v > 1'\n");
    assert_snapshot!(wrong(&format!("{model}{}", projection(fields))), @r#"net.toml:15:14: projection p, field `dendritic`: post events of s come in the steps in which their condition holds; give back = "0 ms""#);
    let fields = format!("{fields}\nback = '0.2 ms'");
    assert_snapshot!(wrong(&format!("{model}{}", projection(&fields))), @r#"net.toml:16:9: projection p, field `back`: post events of s come in the steps in which their condition holds; give back = "0 ms""#);
}
