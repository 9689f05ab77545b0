//! Every built-in model parses and has the interface that `docs/models.md` promises.

use isospike_core::language::{builtin, builtin_names, builtin_text};
use isospike_core::model::{NeuronModel, Sign};

/// One line: parameters with defaults and units, state, receptors, and the rest in short.
fn interface(model: &NeuronModel) -> String {
    let mut lines = vec![format!("{}:", model.name)];
    let parameter = |p: &isospike_core::model::ParameterDef| {
        let default = p.default.map_or("given".into(), |value| value.to_string());
        format!("{}={default} {}", p.name, p.dimension.base_unit())
    };
    lines.push(model.parameters.iter().map(parameter).collect::<Vec<_>>().join(", "));
    let state =
        |s: &isospike_core::model::StateDef| format!("{} {}", s.name, s.dimension.base_unit());
    lines.push(model.state.iter().map(state).collect::<Vec<_>>().join(", "));
    let receptor = |r: &isospike_core::model::ReceptorDef| {
        let sign = match r.sign {
            Sign::Any => "+-",
            Sign::Positive => "+",
            Sign::Negative => "-",
        };
        format!("{} {sign}{}", r.name, r.dimension.base_unit())
    };
    lines.push(model.receptors.iter().map(receptor).collect::<Vec<_>>().join(", "));
    lines.push(format!(
        "current {}, refractory {}, threshold {}, draws {}",
        model.current.map_or("none".into(), |current| current.base_unit()),
        model.refractory.is_some(),
        model.threshold.is_some(),
        model.draws,
    ));
    lines.join("\n")
}

#[test]
fn built_in_models_have_their_interfaces() {
    let all: Vec<String> = builtin_names()
        .iter()
        .map(|name| interface(&builtin(name).expect("a name of the list is a model")))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
    assert!(builtin("lif").is_none());
    assert!(builtin_text("lif_exp").is_some_and(|text| text.contains("[model.lif_exp]")));
}
