//! The curve of each built-in synapse model, measured on the CPU engine: `docs/curves/`.
//!
//! `ISOSPIKE_BLESS=1 cargo test -p isospike curves` draws them anew.

mod chart;
mod courses;
mod measure;
mod pairs;
mod potentials;

use chart::Chart;
use isospike_conformance::golden;
use isospike_front::language::builtin_synapse_names;
use std::collections::BTreeSet;
use std::path::Path;

/// Draws the chart of a model.
type Draw = fn() -> Chart;

/// The built-in models. A new one has a line here, a function that draws
/// it, and its picture in `docs/synapses.md`.
const CURVES: &[(&str, Draw)] = &[
    ("stdp", pairs::stdp),
    ("stdp_multiplicative", pairs::stdp_multiplicative),
    ("stdp_triplet", pairs::stdp_triplet),
    ("vogels_sprekeler", pairs::vogels_sprekeler),
    ("oja", courses::oja),
    ("tsodyks_markram", courses::tsodyks_markram),
    ("nmda", courses::nmda),
    ("bcm", courses::bcm),
    ("stdp_dopamine", pairs::stdp_dopamine),
    ("homeostatic", courses::homeostatic),
    ("clopath", potentials::clopath),
    ("eprop", courses::eprop),
    ("gap_junction", potentials::gap_junction),
];

const PAGE: &str = include_str!("../../../docs/synapses.md");

#[test]
fn curves_of_the_page_are_those_of_the_engine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/curves");
    for (name, draw) in CURVES {
        let (file, svg) = (folder.join(format!("{name}.svg")), draw().draw().svg());
        if golden::bless() {
            std::fs::write(&file, svg).unwrap();
            continue;
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == svg, "{name}.svg is another picture: see the top of {}", file!());
    }
}

#[test]
fn curves_are_there_for_every_built_in_model() {
    let drawn: BTreeSet<&str> = CURVES.iter().map(|(name, _)| *name).collect();
    assert_eq!(drawn, builtin_synapse_names().iter().copied().collect());
    for name in drawn {
        assert!(PAGE.contains(&format!("](curves/{name}.svg)")), "docs/synapses.md lacks {name}");
    }
}
