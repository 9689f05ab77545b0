//! `initial` of a projection: values with which the state of each synapse begins.

use super::support::{projection, synapse_of};
use crate::check::support::wrong;
use insta::assert_snapshot;
use isospike_core::connect::Distribution;
use isospike_core::describe::synapse::{Initial, Synapse};

/// A model with a weight, a number without bounds, one with bounds, and one that decays.
const MODEL: &str = "[synapse.s]
state = { w = 'weight', c = 'nothing', d = '0.5', e = { initial = 1, tau = '1 ms' } }
parameters = { nothing = 0 }
bounds = { d = [0, 1] }
on_pre = 'send weight * (c + e)'
send_max = 'weight'
on_post = 'd += 1'
";

fn text(initial: &str) -> String {
    format!("{MODEL}{}", projection(&format!("synapse = 's'\ninitial = {initial}")))
}

fn found(initial: &str) -> Synapse {
    synapse_of(&text(initial))
}

fn mistakes(initial: &str) -> String {
    wrong(&text(initial))
}

#[test]
fn each_variable_begins_as_its_projection_says() {
    let synapse = found("{ c = { uniform = [-1, '2'] }, d = 0.25 }");
    let uniform = Initial::Drawn(Distribution::Uniform { lo: -1.0, hi: 2.0 });
    let [d, e] = [Initial::Value(0.25), Initial::Value(1.0)];
    assert_eq!(synapse.initial, [Initial::Weight, uniform, d, e, Initial::Weight]);
    let synapse =
        found("{ d = { normal = [0.5, 0.1], min = 0, max = 1 }, e = { normal = [2, 1] } }");
    let normal =
        |mean, sd, lo, hi| Initial::Drawn(Distribution::Normal { mean, sd, lo, hi, redraw: true });
    let (c, d) = (Initial::Value(0.0), normal(0.5, 0.1, 0.0, 1.0));
    let e = normal(2.0, 1.0, f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(synapse.initial[1..4], [c, d, e]);
}

#[test]
fn what_is_sent_has_bounds() {
    let sent = |fields: &str| {
        let model = "[synapse.s]\nstate = { c = 3, e = { initial = 1, tau = '1 ms' } }\n";
        let fields = fields.split_once('|').unwrap();
        let projection = projection(&format!("synapse = 's'\ninitial = {}", fields.1));
        synapse_of(&format!("{model}on_pre = '{}'\n{projection}", fields.0)).sent[0].bounds
    };
    assert_eq!(sent("send weight * c|{ c = { uniform = [-1, 2] } }"), (-1.0, 2.0));
    assert_eq!(sent("send weight * e|{ e = { uniform = [1, 2] } }"), (0.0, 2.0));
    assert_eq!(sent("send weight * c|{ e = 7 }"), (3.0, 3.0));
}

#[test]
fn mistakes_have_places() {
    assert_snapshot!(mistakes("3"), @"net.toml:14:11: projection p, field `initial`: an integer cannot stand here; give a table: { c = { uniform = [0, 1] } }");
    assert_snapshot!(mistakes("{ cc = 1, x = 2 }"), @r#"
    net.toml:14:13: projection p, field `initial.cc`: the model s has no state variable `cc`; the state variables are `c`, `d`, `e`
    net.toml:14:21: projection p, field `initial.x`: the model s has no state variable `x`; the state variables are `c`, `d`, `e`
    "#);
    assert_snapshot!(mistakes("{ w = { uniform = ['0 pA', '1 pA'] }, weight = 2 }"), @r#"
    net.toml:14:17: projection p, field `initial.w`: `w` begins with the weight that is drawn; remove it: the field `weight` gives these values
    net.toml:14:58: projection p, field `initial.weight`: `weight` begins with the weight that is drawn; remove it: the field `weight` gives these values
    "#);
    assert_snapshot!(mistakes("{ c = '1 pA' }"), @"net.toml:14:18: projection p, field `initial.c`: this is a current, not a plain number; give a plain number");
    assert_snapshot!(mistakes("{ c = { uniform = [0] } }"), @"net.toml:14:29: projection p, field `initial.c.uniform`: two values are needed here, not 1; give a list [lo, hi]");
    assert_snapshot!(mistakes("{ c = { unifrom = [0, 1] } }"), @r#"
    net.toml:14:17: projection p, field `initial.c`: this table is not one distribution; give uniform = [lo, hi], normal = [mean, sd], or, for a file with such a column, column_unit = "nS"
    net.toml:14:19: projection p, field `initial.c.unifrom`: there is no such field; did you mean `uniform`?
    "#);
    assert_snapshot!(mistakes("{ c = { column_unit = 'pA' } }"), @"net.toml:14:17: projection p, field `initial.c`: state has no column; give a quantity or a distribution");
    assert_snapshot!(mistakes("{ c = { uniform = [0, 1e39] } }"), @"net.toml:14:33: projection p, field `initial.c.uniform[1]`: 1e39 is too large; values must fit a 32-bit float; check the unit");
    assert_snapshot!(mistakes("{ d = { uniform = [0, 1.5] } }"), @"net.toml:14:17: projection p, field `initial.d`: these lie between 0 and 1.5, the bounds of `d` are 0 and 1; begin within the bounds");
    assert_snapshot!(mistakes("{ d = { normal = [0.5, 1] } }"), @"net.toml:14:17: projection p, field `initial.d`: these lie between -3.82491904083 and 4.82491904083, the bounds of `d` are 0 and 1; begin within the bounds");
    assert_snapshot!(mistakes("{ d = -1 }"), @"net.toml:14:17: projection p, field `initial.d`: these lie between -1 and -1, the bounds of `d` are 0 and 1; begin within the bounds");
    assert_snapshot!(wrong(&projection("initial = { c = 1 }")), @r#"net.toml:6:11: projection p, field `initial`: only a synapse model has state; name a synapse model: synapse = "stdp""#);
    assert_snapshot!(wrong(&projection("synapse = 'static'\ninitial = { c = 1 }")), @"net.toml:7:11: projection p, field `initial`: the model static has no state; remove it");
}
