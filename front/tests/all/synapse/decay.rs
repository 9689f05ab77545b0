//! State of a synapse that decays between events.

use super::support::{mistakes, synapse, text};
use insta::assert_snapshot;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::{Initial, InitialDef};

const REWARD: &str = "parameters = { tau_c = '1 s' }
state = { w = { initial = 'weight', tau = '2 * tau_c' }, c = { initial = 3, tau = 'tau_c' }, d = 0 }
bounds = { w = [0, '9 pA'] }
on_pre = 'c += d; send w'
";

#[test]
fn variables_have_time_constants() {
    let found = synapse(REWARD);
    assert_eq!(found.state_tau_ms, [Some(2000.0), Some(1000.0), None]);
    assert_eq!(found.initial, [Initial::Weight, Initial::Value(3.0), Initial::Value(0.0)]);
    let state = &found.model.state;
    assert_eq!(state[0].initial, InitialDef::Weight);
    assert_eq!((&state[1].tau, &state[2].tau), (&Some(Expr::Parameter(0)), &None));
    assert_eq!(text(&found.model.on_pre), "s1 = (s1 + s2); s3 = s0");
    assert_eq!(found.sent[0].bounds, (0.0, 9.0));
}

/// A value that only decays lies between 0 and the value that it begins with.
#[test]
fn what_is_sent_has_bounds() {
    let sent = |state: &str| {
        synapse(&format!("state = {{ {state} }}\non_pre = 'send c * weight'")).sent[0].bounds
    };
    assert_eq!(sent("c = 3"), (3.0, 3.0));
    assert_eq!(sent("c = { initial = 3, tau = '1 ms' }"), (0.0, 3.0));
    assert_eq!(sent("c = { initial = -3, tau = '1 ms' }"), (-3.0, 0.0));
    let sent = |fields: &str| {
        synapse(&format!("state = {{ w = {{ initial = 'weight', tau = '1 ms' }} }}\n{fields}")).sent
            [0]
        .bounds
    };
    assert_eq!(sent("on_pre = 'send w'"), (0.0, 1.0));
    assert_eq!(
        sent("on_pre = 'w += 1 pA; send w'\nbounds = { w = ['-1 pA', '2 pA'] }"),
        (0.0, 2.0)
    );
}

#[test]
fn mistakes_have_places() {
    let state = |c: &str| mistakes(&format!("on_pre = 'send weight'\nstate = {{ c = {c} }}"));
    assert_snapshot!(state("{}"), @r#"
    net.toml:3:15: synapse s, field `state.c`: `initial` is missing; as in { initial = "0" }
    net.toml:3:15: synapse s, field `state.c`: `tau` is missing; as in { tau = "1 s" }
    "#);
    assert_snapshot!(state("{ initial = 1, tau = '1 mV', taus = 3 }"), @"net.toml:3:44: synapse s, field `state.c.taus`: there is no such field; did you mean `tau`?");
    assert_snapshot!(state("{ initial = 1, tau = 0 }"), @r#"net.toml:3:36: synapse s, field `state.c.tau`: a time constant is a time, not a plain number; as in "20 ms", or a parameter"#);
    assert_snapshot!(state("{ initial = 1, tau = '0 ms' }"), @"net.toml:3:37: synapse s, field `state.c.tau`: the time constant is 0 ms (in projection p); give a time above 0 ms");
    assert_snapshot!(state("{ initial = 1, tau = '-dt' }"), @"net.toml:3:37: synapse s, field `state.c.tau`: the time constant is -0.1 ms (in projection p); give a time above 0 ms");
    assert_snapshot!(state("{ initial = 'q', tau = 'c' }"), @r#"
    net.toml:3:28: synapse s, field `state.c.initial`: `q` is not defined; only parameters, constants and `dt` can be used here
    net.toml:3:39: synapse s, field `state.c.tau`: `c` is not defined; only parameters, constants and `dt` can be used here
    "#);
    assert_snapshot!(state("{ initial = '1 / (dt - dt)', tau = '1 ms' }"), @"net.toml:3:28: synapse s, field `state.c.initial`: its value is infinite (in projection p); values must fit a 32-bit float: change the parameters in it");
    assert_snapshot!(state("[1, 2]"), @r#"net.toml:3:15: synapse s, field `state.c`: this is not a quantity; write a number, or text like "20 ms""#);
    let bounds = |bounds: &str| {
        let c = "state = { c = { initial = 1, tau = '1 ms' } }";
        mistakes(&format!("on_pre = 'send weight'\n{c}\nbounds = {{ c = {bounds} }}"))
    };
    assert_snapshot!(bounds("[0, 0.5]"), @"net.toml:3:27: synapse s, field `state.c.initial`: it begins with 1, the bounds of `c` are 0 and 0.5 (in projection p); begin within the bounds");
    assert_snapshot!(bounds("[0.5, 3]"), @"net.toml:4:16: synapse s, field `bounds.c`: it decays towards 0, the bounds of `c` are 0.5 and 3 (in projection p); let the bounds include 0, or remove `tau`");
}
