//! Tests of the OpenCL backend that start this program again, with another environment or under a
//! simulator, and those of the cache and the self-test that belong to them.

mod cache;
mod child;
#[path = "../all/common.rs"]
mod common;
mod environment;
mod oclgrind;
mod self_test;

use libtest_mimic::{Arguments, Trial};

fn main() {
    if let Some((module, role)) = child::role() {
        return match module.as_str() {
            "self-test" => self_test::child(&role),
            "cache" => cache::child(&role),
            "environment" => environment::child(&role),
            "oclgrind" => oclgrind::child(&role),
            other => panic!("there is no module {other}"),
        };
    }
    let modules = [
        ("self-test", self_test::trials()),
        ("cache", cache::trials()),
        ("environment", environment::trials()),
        ("oclgrind", oclgrind::trials()),
    ];
    let trials: Vec<Trial> =
        modules.into_iter().flat_map(|(module, trials)| of_module(module, trials)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit()
}

/// Names the module before each of its tests.
fn of_module(module: &'static str, trials: Vec<Trial>) -> impl Iterator<Item = Trial> {
    trials.into_iter().map(move |trial| trial.with_kind(module))
}
