//! The Rust that a failure of a random network prints compiles and is the same network: the Rust of
//! the first networks of seed 7 of each family stands in `printed/`, and is what is printed today.
//!
//! `ISOSPIKE_BLESS=1` writes it anew.

use isospike_conformance::golden;
use isospike_conformance::suite::networks::{Family, printed};
use isospike_conformance::verdict;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use isospike_front::network::*;
use std::path::Path;
use std::sync::Arc;

/// Builds a network.
type Build = fn() -> Network;

/// The first networks of a family as Rust expressions.
type Files = &'static [(&'static str, Build)];

const FILES: [(Family, Files); 2] = [
    (
        Family::Static,
        &[
            ("network_0.rs", || include!("printed/network_0.rs")),
            ("network_1.rs", || include!("printed/network_1.rs")),
            ("network_2.rs", || include!("printed/network_2.rs")),
        ],
    ),
    (
        Family::Learning,
        &[
            ("learning_0.rs", || include!("printed/learning_0.rs")),
            ("learning_1.rs", || include!("printed/learning_1.rs")),
        ],
    ),
];

#[test]
fn printed_rust_is_the_network_of_the_model_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/printed");
    for (family, files) in FILES {
        let now = printed(family, 7, files.len() as u32).unwrap();
        for ((file, network), (text, rust)) in files.iter().zip(&now) {
            if golden::bless() {
                std::fs::write(folder.join(file), format!("{rust}\n")).unwrap();
                continue;
            }
            let committed = std::fs::read_to_string(folder.join(file)).unwrap();
            assert_eq!(committed.trim_end(), rust, "{file}");
            let of_file = verdict::plan(text).unwrap();
            let of_rust = lower(Arc::new(network().check(Limits::default()).unwrap()));
            let digest = |plan| {
                let outcome = verdict::run(&ModelBackend::default(), plan, &[100]).unwrap();
                (outcome.record.spikes.len(), outcome.digest())
            };
            assert_eq!(digest(&of_file), digest(&of_rust), "{file}");
        }
    }
}
