//! Notes on networks without mistakes.

use super::support::{BASE, NETWORK};
use insta::assert_snapshot;
use isospike_front::file;
use std::path::Path;

/// The notes on a population of a model with these fields.
fn notes(fields: &str) -> String {
    let text = format!(
        "[population.p]\nsize = 1\nmodel = \"m\"\n[model.m]\n{fields}\n[model.m.state]\nx = 0\n\
         {NETWORK}{BASE}"
    );
    let network = file::parse(&text, "net.toml", Path::new("."), &[]).unwrap();
    network.check(Default::default()).unwrap();
    network.notes().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_model_that_counts_by_level_without_a_word() {
    let level = "update = \"x += 0.1\"\nthreshold = \"x > 1\"";
    assert_snapshot!(notes(level), @"net.toml:6:14: model m, field `threshold`: without a reset this makes a spike in each step in which it holds; write spike = \"crossing\" for one spike where it becomes true, or spike = \"level\" if this is meant");
    assert_ne!(notes(&format!("{level}\nreset = \" \"")), "");
    for more in ["reset = \"x = 0\"", "spike = \"crossing\"", "spike = \"level\""] {
        assert_eq!(notes(&format!("{level}\n{more}")), "", "{more}");
    }
    // A condition that state has no part in is nothing that lasts.
    assert_eq!(notes("update = \"x += 0.1\"\nthreshold = \"rand_bernoulli(0.5)\""), "");
    assert_eq!(notes("update = \"x += 0.1\""), "");
}

#[test]
fn a_model_that_nothing_uses_and_built_in_ones() {
    let unused =
        "[model.m]\nupdate = \"x += 0.1\"\nthreshold = \"x > 1\"\n[model.m.state]\nx = 0\n";
    let network = file::parse(&format!("{unused}{NETWORK}{BASE}"), "net.toml", Path::new("."), &[]);
    assert_eq!(network.unwrap().notes(), []);
}
