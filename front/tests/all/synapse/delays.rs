//! `dendritic` and `back` of a projection.

use super::support::{projection, synapse_of};
use crate::check::support::wrong;
use insta::assert_snapshot;

const STDP: &str = "synapse = 'stdp'\nparameters = { w_max = '2 pA' }\n";

/// The steps behind the synapses and back to them.
fn steps(fields: &str) -> (u32, u32) {
    let synapse = synapse_of(&projection(&format!("{STDP}{fields}")));
    (synapse.dendritic_steps, synapse.back_steps)
}

fn mistakes(fields: &str) -> String {
    wrong(&projection(&format!("{STDP}{fields}")))
}

#[test]
fn they_are_whole_numbers_of_steps() {
    assert_eq!(steps("delay = '1 ms'"), (0, 0));
    assert_eq!(steps("delay = '1 ms'\ndendritic = '0.9 ms'"), (9, 9));
    assert_eq!(steps("delay = '1 ms'\ndendritic = '0.3 ms'\nback = '0 ms'"), (3, 0));
    assert_eq!(steps("back = '6553.5 ms'\ndendritic = '0 ms'"), (0, 65_535));
    assert_eq!(steps("delay = { uniform = ['0.6 ms', '2 ms'] }\ndendritic = '0.5 ms'"), (5, 5));
    assert_snapshot!(mistakes("back = '0.25 ms'"), @"net.toml:8:9: projection p, field `back`: 0.25 ms are no multiple of dt = 0.1 ms; the nearest are 0.2 ms and 0.3 ms");
    assert_snapshot!(mistakes("back = '-1 ms'"), @"net.toml:8:9: projection p, field `back`: this is -1 ms; give 0 ms, or a multiple of dt = 0.1 ms");
    assert_snapshot!(mistakes("back = '1 s'\ndendritic = '6553.6 ms'"), @"net.toml:9:14: projection p, field `dendritic`: 6553.6 ms are too many steps of dt = 0.1 ms; give at most 6553.5 ms");
    assert_snapshot!(mistakes("back = '1 mV'\ndendritic = 3"), @r#"
    net.toml:8:9: projection p, field `back`: this is a voltage, not a time; give a time like "20 ms"
    net.toml:9:13: projection p, field `dendritic`: this is a plain number, not a time; give a time like "20 ms"
    "#);
}

#[test]
fn a_step_is_left_before_each_synapse() {
    assert_snapshot!(mistakes("delay = '1 ms'\ndendritic = '1 ms'"), @"net.toml:9:14: projection p, field `dendritic`: 1 ms of each delay are behind the synapse, and the least delay is 1 ms; give at most 0.9 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
    assert_snapshot!(mistakes("delay = '1 ms'\ndendritic = '2 ms'"), @"net.toml:9:14: projection p, field `dendritic`: 2 ms of each delay are behind the synapse, and the least delay is 1 ms; give at most 0.9 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
    assert_snapshot!(mistakes("dendritic = '0.1 ms'"), @"net.toml:8:14: projection p, field `dendritic`: 0.1 ms of each delay are behind the synapse, and the least delay is 0.1 ms; give at most 0 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
    assert_snapshot!(mistakes("delay = { uniform = ['0.5 ms', '2 ms'] }\ndendritic = '0.5 ms'"), @"net.toml:9:14: projection p, field `dendritic`: 0.5 ms of each delay are behind the synapse, and the least delay is 0.5 ms; give at most 0.4 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
    assert_snapshot!(mistakes("delay = { normal = ['2 ms', '1 ms'] }\ndendritic = '0.5 ms'"), @"net.toml:9:14: projection p, field `dendritic`: 0.5 ms of each delay are behind the synapse, and the least delay is 0.1 ms; give at most 0 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
    let list = |fields: &str| {
        let fields = format!("{STDP}{fields}").replace("weight = \"1 pA\"\n", "");
        projection(&fields)
            .replace(
                "\"all_to_all\"",
                "{ list = [[0, 0, '1 pA', '0.4 ms'], [1, 1, '1 pA', '0.8 ms']] }",
            )
            .replace("weight = \"1 pA\"\n", "")
    };
    assert_eq!(synapse_of(&list("dendritic = '0.3 ms'")).dendritic_steps, 3);
    assert_snapshot!(wrong(&list("dendritic = '0.4 ms'")), @"net.toml:7:14: projection p, field `dendritic`: 0.4 ms of each delay are behind the synapse, and the least delay is 0.4 ms; give at most 0.3 ms: a step of 0.1 ms before the synapse is needed, a delay that is all behind it is not there yet");
}

#[test]
fn synapses_without_a_model_have_neither() {
    assert_snapshot!(wrong(&projection("dendritic = '0.1 ms'\nback = '1 ms'")), @r"
    net.toml:6:14: projection p, field `dendritic`: only synapses with a model have it: all others add their weight one `delay` after a spike; remove it, or name a synapse model
    net.toml:7:9: projection p, field `back`: only synapses with a model have it: all others add their weight one `delay` after a spike; remove it, or name a synapse model
    ");
    assert_snapshot!(wrong(&projection("synapse = 'static'\nback = '1 ms'")), @"net.toml:7:9: projection p, field `back`: only synapses with a model have it: all others add their weight one `delay` after a spike; remove it, or name a synapse model");
    // Another mistake hides none of the fields.
    assert_snapshot!(wrong(&projection("synapse = 'std'\nback = '1 ms'")), @"net.toml:6:12: projection p, field `synapse`: there is no synapse model `std`; did you mean `stdp`?");
}

#[test]
fn post_events_that_read_the_target_come_at_once() {
    let model = "[synapse.s]\nstate = { w = 'weight' }\nbounds = { w = ['0 pA', '9 pA'] }\n\
                 on_pre = 'send w'\non_post = 'w += post.v * 0.1 pA / 1 mV'\n";
    let with = |fields: &str| format!("{model}{}", projection(&format!("synapse = 's'\n{fields}")));
    assert_snapshot!(wrong(&with("back = '0.2 ms'")), @r#"net.toml:12:9: projection p, field `back`: post events of s read variables of the target, so they come in the step of the spike; give back = "0 ms""#);
    assert_snapshot!(wrong(&with("delay = '2 ms'\ndendritic = '0.5 ms'")), @r#"net.toml:13:14: projection p, field `dendritic`: post events of s read variables of the target, so they come in the step of the spike; give back = "0 ms""#);
}
