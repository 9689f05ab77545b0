//! Every built-in model parses and has the interface that `docs/models.md` promises.

use isospike_core::describe::model::{NeuronModel, Sign};
use isospike_front::file;
use isospike_front::language::{Constants, builtin, builtin_names, builtin_text, parse_model};
use std::path::Path;

/// One line: parameters with defaults and units, state, receptors, and the rest in short.
fn interface(model: &NeuronModel) -> String {
    let mut lines = vec![format!("{}:", model.name)];
    let parameter = |p: &isospike_core::describe::model::ParameterDef| {
        let default = p.default.map_or("given".into(), |value| value.to_string());
        let bounds = p.bounds.iter().map(|bound| {
            let limit = match (&bound.text, &bound.limit) {
                (Some(text), _) => text.clone(),
                (None, isospike_core::describe::model::Expr::Number(x)) => x.to_string(),
                (None, limit) => format!("{limit:?}"),
            };
            format!(" {} {limit}", bound.relation.words())
        });
        let bounds: String = bounds.collect();
        format!("{}={default} {}{bounds}", p.name, p.dimension.base_unit())
    };
    lines.push(model.parameters.iter().map(parameter).collect::<Vec<_>>().join(", "));
    let state = |s: &isospike_core::describe::model::StateDef| {
        format!("{} {}", s.name, s.dimension.base_unit())
    };
    lines.push(model.state.iter().map(state).collect::<Vec<_>>().join(", "));
    let receptor = |r: &isospike_core::describe::model::ReceptorDef| {
        let sign = match r.sign {
            Sign::Any => "+-",
            Sign::Positive => "+",
            Sign::Negative => "-",
        };
        format!("{} {sign}{}", r.name, r.dimension.base_unit())
    };
    lines.push(model.receptors.iter().map(receptor).collect::<Vec<_>>().join(", "));
    lines.push(format!(
        "current {}, refractory {}, threshold {} {:?}, draws {}",
        model.current.map_or("none".into(), |current| current.base_unit()),
        model.refractory.is_some(),
        model.threshold.is_some(),
        model.spike,
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

#[test]
fn the_guide_tells_the_truth() {
    let guide = include_str!("../../../docs/models.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let text = example.expect("an example");
    let network = file::parse(text, "models.md", Path::new(""), &[]).expect("TOML");
    parse_model(&network.models[0], &Constants::new()).expect("a model");
    for name in builtin_names() {
        let section = guide.split(&format!("### `{name}`")).nth(1).expect(name);
        let section = section.split("\n### ").next().unwrap_or("");
        let model = builtin(name).expect(name);
        for receptor in &model.receptors {
            let described = ["lif_exp_2", "lif_cond_exp"].map(|other| format!("`{other}`"));
            let known = described.iter().any(|other| section.contains(other.as_str()))
                || section.contains(&format!("`{}`", receptor.name));
            assert!(known, "{name}: {}", receptor.name);
        }
    }
}
