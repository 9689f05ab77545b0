//! The fields of a projection with a synapse model.

use super::support::{network, projection, synapse_of};
use crate::check::support::{BASE, NETWORK, check, good, wrong};
use insta::assert_snapshot;
use isospike_front::check::Limits;

fn p(fields: &str) -> String {
    wrong(&projection(fields))
}

#[test]
fn synapse() {
    assert!(good(&projection("")).projections[0].synapse.is_none());
    let fixed =
        good(&projection("synapse = 'static'\nweight_bounds = ['0 pA', '2 pA']\nweight_bits = 32"));
    assert!(fixed.projections[0].synapse.is_none());
    assert_eq!(fixed.projections[0].weight_bounds, Some((0.0, 2.0)));
    assert_snapshot!(p("synapse = 'sdtp'"), @"net.toml:6:12: projection p, field `synapse`: there is no synapse model `sdtp`; did you mean `stdp`?");
    assert_snapshot!(p("synapse = 'stdp_synapse'"), @r#"net.toml:6:12: projection p, field `synapse`: there is no synapse model `stdp_synapse`; write "stdp" (additive) or "stdp_multiplicative" with `mu`"#);
    assert_snapshot!(p("synapse = 'q'"), @"net.toml:6:12: projection p, field `synapse`: there is no synapse model `q`; the synapse models are `static`, `stdp`, `stdp_multiplicative`, `stdp_triplet`, `vogels_sprekeler`, `tsodyks_markram`, `nmda`, `oja`, `bcm`, `homeostatic`, `eprop`, `stdp_dopamine`, ...");
    assert_snapshot!(p("synapse = 3"), @"net.toml:6:11: projection p, field `synapse`: an integer cannot stand here; give the name of a synapse model");
    // A model with a mistake is not looked at again.
    assert_snapshot!(wrong(&network("on_pre = 'send q'\n")), @"net.toml:2:16: synapse s, field `on_pre`: `q` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
}

#[test]
fn parameters() {
    assert_snapshot!(p("parameters = { w_max = '1 pA' }"), @r#"net.toml:6:14: projection p, field `parameters`: only a synapse model has parameters; name a synapse model: synapse = "stdp""#);
    assert_snapshot!(p("synapse = 'static'\nparameters = { w_max = '1 pA' }"), @"net.toml:7:14: projection p, field `parameters`: the model static has no parameters; remove it");
    assert_snapshot!(p("synapse = 'stdp'"), @r#"net.toml:1:13: projection p, field `parameters.w_max`: the model stdp needs this parameter; give a current like "100 pA""#);
    assert_snapshot!(p("synapse = 'stdp'\nparameters = { w_max = '2 mV' }"), @r#"net.toml:7:25: projection p, field `parameters.w_max`: this is a voltage, not a current; give a current like "100 pA""#);
    assert_snapshot!(p("synapse = 'stdp'\nparameters = { w_max = '2 pA', tau_puls = '1 ms', a_plus = -1, tau_minus = '0 ms' }"), @r#"
    net.toml:7:32: projection p, field `parameters.tau_puls`: the model stdp has no parameter `tau_puls`; did you mean `tau_plus`?
    net.toml:7:60: projection p, field `parameters.a_plus`: `a_plus` is -1, the model stdp needs it at least 0; give a value at least 0
    net.toml:7:77: projection p, field `parameters.tau_minus`: `tau_minus` is 0 ms, the model stdp needs it above 0 ms; give a value above 0 ms
    "#);
    assert_snapshot!(p("synapse = 'stdp'\nparameters = 3"), @"net.toml:7:14: projection p, field `parameters`: an integer cannot stand here; give a table: { tau_plus = ... }");
    assert_snapshot!(p("synapse = 'stdp'\nparameters = { w_max = '1e300 pA' }"), @"net.toml:7:25: projection p, field `parameters.w_max`: 1e300 is too large; values must fit a 32-bit float; check the unit");
}

#[test]
fn fields_that_do_not_go_together() {
    let stdp =
        |fields: &str| p(&format!("synapse = 'stdp'\nparameters = {{ w_max = '2 pA' }}\n{fields}"));
    assert_snapshot!(stdp("procedural = true"), @"net.toml:8:14: projection p, field `procedural`: rows that are not stored cannot keep the state of a synapse model; remove it");
    assert_snapshot!(stdp("weight_bounds = ['0 pA', '1 pA']"), @"net.toml:8:17: projection p, field `weight_bounds`: the bounds of these weights are those of the synapse model; remove it");
    good(&projection("synapse = 'stdp'\nparameters = { w_max = '2 pA' }\nprocedural = false"));
}

#[test]
fn weights_at_the_start_lie_in_the_bounds() {
    assert_snapshot!(p("synapse = 'stdp'\nparameters = { w_max = '0.5 pA' }"), @"net.toml:5:11: projection p, field `weight`: weights at the start lie between 1 pA and 1 pA, the bounds of `w` are 0 pA and 0.5 pA; draw weights within the bounds, or change the parameters in these");
    let list = |weights: &str| {
        format!(
            "[projection.p]\nfrom = 'told'\nto = 'inh'\nconnect = {{ list = {weights} }}\nsynapse = 'stdp'\nparameters = {{ w_max = '2 pA' }}"
        )
    };
    assert_snapshot!(wrong(&list("[[0, 0, '1 pA'], [1, 1, '-1 pA']]")), @"net.toml:5:12: projection p, field `synapse`: weights at the start lie between -1 pA and 1 pA, the bounds of `w` are 0 pA and 2 pA; draw weights within the bounds, or change the parameters in these");
    assert_eq!(synapse_of(&list("[[0, 0, '1 pA'], [1, 1, '2 pA']]")).sent[0].bounds, (0.0, 2.0));
}

#[test]
fn models_that_do_not_use_the_weight_need_none() {
    let text = |weight: &str| {
        format!(
            "[synapse.s]\non_pre = 'c += 1; send clamp(c, 0, 3)'\nstate = {{ c = 0 }}\n[projection.p]\nfrom = 'told'\nto = 'inh'\nconnect = 'all_to_all'\nsynapse = 's'\n{weight}"
        )
    };
    assert_eq!(synapse_of(&text("")).sent[0].bounds, (1.0f64.min(0.0), 3.0));
    assert_snapshot!(wrong(&text("weight = '1 pA'")), @"net.toml:9:11: projection p, field `weight`: the model s does not use the weight, so this has no effect; remove it");
}

#[test]
fn one_model_serves_receptors_of_different_units() {
    let model = "[synapse.s]\nstate = { w = 'weight' }\nbounds = { w = [0, 'm'] }\nparameters = { m = { unit = 'weight' } }\non_pre = 'w -= 0.1 * m; send w'\n";
    let projection = |name: &str, to: &str, unit: &str| {
        format!(
            "[projection.{name}]\nfrom = 'told'\nto = '{to}'\nconnect = 'all_to_all'\nweight = '1 {unit}'\nsynapse = 's'\nparameters = {{ m = '2 {unit}' }}\n"
        )
    };
    let more = "[population.delta]\nsize = 3\nmodel = 'lif_delta'\n";
    let both =
        format!("{model}{}{}{more}", projection("a", "inh", "pA"), projection("b", "delta", "mV"));
    let net = good(&both);
    let dimension = |n: usize| {
        net.projections[n].synapse.as_ref().unwrap().model.state[0].dimension.base_unit()
    };
    assert_eq!((dimension(0), dimension(1)), ("pA".into(), "mV".into()));
    // Mistakes of units name the projection whose weights they are about.
    assert_snapshot!(wrong(&both.replace("0.1 * m", "1 mV")), @r#"net.toml:5:16: synapse s, field `on_pre`: cannot subtract a current and a voltage (weights of projection a are in pA); `w` is in pA, `1 mV` is in mV: multiply `1 mV` by a conductance like "10 nS""#);
}

#[test]
fn state_takes_memory() {
    let text = |synapse: &str| {
        let projection = format!(
            "[projection.p]\nfrom = 'big'\nto = 'big'\nconnect = 'all_to_all'\nweight = '1 pA'\n{synapse}"
        );
        format!("{projection}\n[population.big]\nsize = 40000\nmodel = 'lif_exp'\n{NETWORK}{BASE}")
    };
    let limits = Limits { memory_bytes: Some(1 << 30) };
    assert!(check(&text(""), limits).is_ok());
    assert!(check(&text("synapse = 'tsodyks_markram'"), limits).is_ok());
    let learns = text("synapse = 'stdp'\nparameters = { w_max = '1 pA' }");
    assert_snapshot!(check(&learns, limits).unwrap_err(), @"net.toml:12:2: network: at least 6.1 GiB are needed, but only 1.0 GiB may be used; lower the sizes (a constant like `scale` in them makes that easy): projection p alone needs at least 6.1 GiB");
}
