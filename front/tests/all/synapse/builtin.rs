//! The built-in synapse models.

use super::support::{expression, projection, synapse_of, text};
use crate::check::support::{check, good};
use insta::assert_snapshot;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::Synapse;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use isospike_front::file;
use isospike_front::language::{
    Constants, STATIC, SynapseText, builtin_synapse, builtin_synapse_names, builtin_synapse_text,
    parse_synapse,
};
use std::path::Path;
use std::sync::Arc;

/// A built-in model in a projection with weights of 1 pA, and what it needs.
fn built_in(name: &str) -> String {
    let parameters = match name {
        "stdp" | "stdp_multiplicative" => "{ w_max = '3 pA' }",
        "stdp_triplet" | "oja" => "{ w_max = '3 pA', w0 = '1 pA' }",
        "vogels_sprekeler" => "{ w_max = '3 pA', eta = '0.1 pA' }",
        "tsodyks_markram" | "nmda" => "{}",
        "bcm" => "{ w_max = '3 pA', w0 = '1 pA' }",
        "homeostatic" => "{ w_max = '3 pA' }",
        "stdp_dopamine" => {
            let parameters = "{ w_max = '3 pA', a_plus = '0.1 pA', a_minus = '0.15 pA' }";
            let signal = "[signal.dopamine]\ntau = '200 ms'\npulses = [['1 s', 0.5]]\n";
            let fields = format!("synapse = '{name}'\nparameters = {parameters}");
            return format!("{signal}{}", projection(&fields));
        }
        "gap_junction" => {
            return "[projection.p]\nfrom = 'exc'\nto = 'inh'\nconnect = 'all_to_all'\n\
                    synapse = 'gap_junction'\nparameters = { g = '2 nS', largest = '50 pA' }\n"
                .into();
        }
        "eprop" => return onto_eprop(),
        "clopath" => return onto_clopath(),
        other => panic!("{other}"),
    };
    projection(&format!("synapse = '{name}'\nparameters = {parameters}"))
}

/// A projection with the model `eprop` onto neurons that have its variables.
fn onto_eprop() -> String {
    "[model.readable]\nstate = { v = '0 pA', psi = '0', learning = '0' }\n\
     receptors = { syn = 'pA' }\nupdate = 'v = syn'\nthreshold = 'v > 1 pA'\n\
     [population.reads]\nsize = 2\nmodel = 'readable'\n\
     [projection.p]\nfrom = 'told'\nto = 'reads'\nconnect = 'all_to_all'\nweight = '1 pA'\n\
     synapse = 'eprop'\nparameters = { w_min = '-3 pA', w_max = '3 pA', eta = '0.1 pA' }\n"
        .into()
}

/// A projection with the model `clopath` onto neurons that have its variables.
fn onto_clopath() -> String {
    "[model.readable]\nstate = { v = '0 mV', u_plus = '0 mV', u_minus = '0 mV' }\n\
     receptors = { syn = 'pA' }\nupdate = 'v = syn * 1 GOhm; u_plus = v; u_minus = v'\n\
     [population.reads]\nsize = 2\nmodel = 'readable'\n\
     [projection.p]\nfrom = 'told'\nto = 'reads'\nconnect = 'all_to_all'\nweight = '1 pA'\n\
     synapse = 'clopath'\nparameters = { w0 = '1 pA', w_max = '3 pA' }\n"
        .into()
}

/// Parameters with defaults and bounds, programs, and values.
fn interface(synapse: &Synapse) -> String {
    let model = &synapse.model;
    let limit = |limit: &Expr| match limit {
        Expr::Number(x) => x.to_string(),
        other => format!("{other:?}"),
    };
    let mut out = format!("{}:\n", model.name);
    for parameter in &model.parameters {
        let default = parameter.default.map_or("given".into(), |value| value.to_string());
        let bounds = parameter.bounds.iter();
        let bounds: String =
            bounds.map(|b| format!(" {} {}", b.relation.words(), limit(&b.limit))).collect();
        let unit = parameter.dimension.base_unit();
        out.push_str(&format!("{} = {default} {unit}{bounds}\n", parameter.name));
    }
    for (name, traces) in [("pre", &model.pre), ("post", &model.post)] {
        let names: Vec<&str> = traces.traces.iter().map(|trace| trace.name.as_str()).collect();
        out.push_str(&format!("{name} [{}]: {}\n", names.join(", "), text(&traces.spike)));
    }
    out.push_str(&format!("on_pre: {}\non_post: {}\n", text(&model.on_pre), text(&model.on_post)));
    if let Some(condition) = &model.on_post_if {
        out.push_str(&format!("on_post_if: {}\n", expression(condition)));
    }
    for (block, steps) in model.every.iter().zip(&synapse.period_steps) {
        out.push_str(&format!("every {steps} steps: {}\n", text(&block.program)));
    }
    let taus = (&synapse.pre_tau_ms, &synapse.post_tau_ms);
    out.push_str(&format!(
        "tau {taus:?}, initial {:?}, sent {:?}",
        synapse.initial, synapse.sent[0].bounds
    ));
    out
}

#[test]
fn built_in_models_have_their_interfaces() {
    let all = builtin_synapse_names().iter().map(|name| interface(&synapse_of(&built_in(name))));
    assert_snapshot!(all.collect::<Vec<_>>().join("\n\n"));
    assert!(builtin_synapse_text(STATIC).is_none() && builtin_synapse_text("nothing").is_none());
}

#[test]
fn built_in_models_become_plans() {
    for name in builtin_synapse_names() {
        let plan = lower(Arc::new(good(&built_in(name))));
        assert!(plan.projections[0].synapse.is_some(), "{name}");
    }
}

#[test]
fn a_copy_of_a_built_in_model_is_the_same_model() {
    for name in builtin_synapse_names() {
        let text = builtin_synapse_text(name).unwrap();
        let network = file::parse(text, "copy.toml", Path::new(""), &[]).expect("TOML");
        for dimension in [Dimension::CURRENT, Dimension::CONDUCTANCE, Dimension::VOLTAGE] {
            let copy = parse_synapse(&network.synapses[0], &Constants::new(), Some(dimension));
            let [copy, own] = [copy.ok(), builtin_synapse(name, dimension)];
            // The places of what they read of a target differ.
            let parts = |text: Option<SynapseText>| text.map(|text| (text.model, text.send_max));
            assert_eq!(parts(copy), parts(own), "{name}");
        }
        assert!(parse_synapse(&network.synapses[0], &Constants::new(), None).is_ok(), "{name}");
        assert!(text.contains("20") && text.lines().all(|line| line.len() <= 100), "{name}");
    }
}

const PAGE: &str = include_str!("../../../../docs/synapses.md");

#[test]
fn the_page_names_every_parameter_and_its_default() {
    for name in builtin_synapse_names() {
        let start = format!("| `{name}` |");
        let row = PAGE.lines().find(|line| line.starts_with(&start)).expect(name);
        for parameter in &builtin_synapse(name, Dimension::CURRENT).unwrap().model.parameters {
            let quoted = format!("`{}`", parameter.name);
            let value = |x: f64| match parameter.dimension {
                Dimension::TIME => format!("{quoted} {x} ms"),
                Dimension::RATE => format!("{quoted} {} Hz", x * 1000.0),
                _ if x > 0.0 && x < 1e-9 => format!("{quoted} {x:e}"),
                _ => format!("{quoted} {x}"),
            };
            let wanted = parameter.default.map_or(quoted.clone(), value);
            assert!(row.contains(&wanted), "{name}: {wanted}");
        }
    }
    assert!(PAGE.contains(&format!("| `{STATIC}` |")));
}

#[test]
fn the_example_of_the_page_is_right() {
    let text = PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let net = check(text, Limits::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let synapse = net.projections[0].synapse.as_ref().unwrap();
    assert_eq!((synapse.parameters[1].get(0), synapse.sent[0].bounds), (0.01, (0.0, 60.0)));
    assert!(lower(Arc::new(net)).projections[0].synapse.is_some());
}

#[test]
fn inhibitory_plasticity_serves_receptors_of_weights_below_0() {
    let text = "[projection.p]\nfrom = 'told'\nto = 'exc'\nreceptor = 'inh'\nconnect = 'all_to_all'\n\
                weight = '-1 pA'\nsynapse = 'vogels_sprekeler'\n\
                parameters = { w_max = '-3 pA', eta = '-0.1 pA' }\n";
    assert_eq!(synapse_of(text).sent[0].bounds, (-3.0, 0.0));
}

#[test]
fn short_term_plasticity_sends_no_more_than_the_largest_weight() {
    let text = "[projection.p]\nfrom = 'told'\nto = 'exc'\nreceptor = 'exc'\nconnect = 'all_to_all'\n\
                weight = { uniform = ['1 pA', '2 pA'] }\nsynapse = 'tsodyks_markram'\n";
    let synapse = synapse_of(text);
    assert_eq!((synapse.sent[0].bounds, synapse.model.state.len()), ((0.0, 2.0), 1));
}
