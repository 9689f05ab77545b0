use super::*;
use isospike_front::check::Limits;

const GOOD: &str = r#"
[workload.second]
model = "neurons.toml"
set = ["neurons=100"]
warm_up = "1 ms"
measured = "0.2 s"
repetitions = 2
bar = { updates_per_s = 1e9 }

[workload.first]
model = "neurons.toml"
warm_up = "0 ms"
measured = "1 ms"
repetitions = 1
"#;

fn read(text: &str) -> Result<Workloads, Diagnostics> {
    let model = |name: &str| match name {
        "neurons.toml" => Ok(Source::Text(MODELS[7].1, MODELS[7].2)),
        _ => Err(ErrorKind::NotFound.into()),
    };
    parse(text, "w.toml", model)
}

fn diagnostics(text: &str) -> Vec<String> {
    match read(text) {
        Ok(_) => Vec::new(),
        Err(all) => all.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_built_in_workloads_are_networks() {
    let all = Workloads::built_in().unwrap();
    assert_eq!(all.0.len(), 12);
    for workload in &all.0 {
        let described = workload.network().unwrap();
        let network = described.check(Limits { memory_bytes: None }).unwrap();
        assert!(network.populations.iter().all(|p| p.reference_rate_hz.is_some()));
        let ms = f64::from(network.duration_steps - network.transient_steps) * network.dt_ms;
        assert!((ms - workload.measured_ms).abs() < 1e-6, "{}", workload.name);
        assert!(workload.bar != Goals::default() && workload.peer.is_some(), "{}", workload.name);
    }
}

#[test]
fn every_embedded_model_is_used() {
    for (_, name, _) in MODELS {
        assert!(Workloads::built_in().unwrap().0.iter().any(|w| w.model == name), "{name}");
    }
}

#[test]
fn workloads_keep_the_order_of_the_file() {
    let all = read(GOOD).unwrap();
    let names: Vec<&str> = all.0.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(names, ["second", "first"]);
    assert_eq!(all.0[0].set, [Override { path: "neurons".into(), value: "100".into() }]);
    assert_eq!((all.0[0].warm_up_ms, all.0[0].measured_ms), (1.0, 200.0));
    assert_eq!(all.0[0].bar.updates_per_s, Some(1e9));
    let network = all.0[0].network().unwrap().check(Limits { memory_bytes: None }).unwrap();
    assert_eq!((network.populations[0].size, network.duration_steps), (100, 2010));
}

#[test]
fn names_choose_and_unknown_names_are_diagnostics() {
    let chosen = read(GOOD).unwrap().choose(&["first".into()]).unwrap();
    assert_eq!(chosen.0.len(), 1);
    assert_eq!(read(GOOD).unwrap().choose(&[]).unwrap().0.len(), 2);
    let wrong = read(GOOD).unwrap().choose(&["frist".into(), "x".into()]).unwrap_err();
    assert_eq!(wrong.0.len(), 2);
    assert!(wrong.to_string().contains("did you mean `first`?"), "{wrong}");
}

#[test]
fn all_mistakes_of_content_come_at_once_with_their_lines() {
    let bad = GOOD
        .replacen("neurons.toml", "nowhere.toml", 1)
        .replace("neurons=100", "neurons")
        .replace("0.2 s", "0.2 mV")
        .replace("repetitions = 1", "repetitions = 0\nrates_within = -1.0");
    let found = diagnostics(&bad);
    assert_eq!(found.len(), 5, "{found:?}");
    for (text, line) in [
        ("there is no such model file", "w.toml:3:9"),
        ("is not a replacement", "w.toml:4:8"),
        ("is not such a time", "w.toml:6:12"),
        ("nothing would run", "w.toml:14:15"),
        ("is not a share", "w.toml:15:16"),
    ] {
        let one = found.iter().find(|one| one.contains(text));
        assert!(one.is_some_and(|one| one.starts_with(line)), "{text}: {found:?}");
    }
}

#[test]
fn a_mistake_of_form_has_its_place() {
    let found = diagnostics(&GOOD.replace("updates_per_s", "updates"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("w.toml:8:9"), "{found:?}");
    assert!(found[0].contains("unknown field `updates`"), "{found:?}");
    assert!(diagnostics("[workload.x]\nmodel = 3")[0].starts_with("w.toml:2:9"));
}
