//! Building by rule: from a checked network to a simulation that can run, a million synapses each,
//! on one thread.

use crate::common;
use criterion::{Criterion, Throughput, criterion_group};
use isospike_core::plan::lower::lower;
use std::time::Duration;

/// Name, rule and further lines; 1,000 synapses for each of 1,000 neurons where the rule has a
/// choice.
const RULES: [(&str, &str, &str); 9] = [
    ("all to all", "\"all_to_all\"", ""),
    ("probability", "{ fixed_probability = 0.1 }", ""),
    ("out-degree", "{ fixed_out_degree = 1000 }", ""),
    ("out-degree, distinct", "{ fixed_out_degree = 1000 }", "multapses = false"),
    ("in-degree", "{ fixed_in_degree = 100 }", ""),
    ("in-degree, distinct", "{ fixed_in_degree = 100 }", "multapses = false"),
    ("total number", "{ fixed_total_number = 1000000 }", ""),
    ("total number, normal weights", "{ fixed_total_number = 1000000 }", NORMAL_WEIGHTS),
    ("total number, normal weights and delays", "{ fixed_total_number = 1000000 }", NORMAL),
];

const NORMAL_WEIGHTS: &str = "weight = { normal = [\"10 mV\", \"1 mV\"] }";
const NORMAL: &str = "weight = { normal = [\"10 mV\", \"1 mV\"] }\n\
                      delay = { normal = [\"1.5 ms\", \"0.75 ms\"] }";

fn model_file(rule: &str, lines: &str) -> String {
    let targets = if rule.contains("all_to_all") { 1_000 } else { 10_000 };
    let weight = if lines.contains("weight") { "" } else { "weight = \"10 mV\"" };
    format!(
        "[network]\ndt = \"0.1 ms\"\nseed = 1\n\
         [population.a]\nsize = 1000\nmodel = \"poisson\"\nparameters = {{ rate = \"1 Hz\" }}\n\
         [population.b]\nsize = {targets}\nmodel = \"leaky_integrator\"\n\
         [projection.p]\nfrom = \"a\"\nto = \"b\"\nconnect = {rule}\n{weight}\n{lines}\n"
    )
}

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10).measurement_time(Duration::from_secs(1));
    for (name, rule, lines) in RULES {
        let network = common::network(&model_file(rule, lines));
        let synapses: u64 =
            lower(network.clone()).projections.iter().map(|p| p.rows.synapses()).sum();
        let engine = common::engine(None, false);
        group.throughput(Throughput::Elements(synapses));
        group.bench_function(name, |bencher| {
            bencher.iter(|| engine.prepare(&lower(network.clone())).expect("it is small"));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = common::criterion(); targets = build }
