//! Random numbers: Philox blocks one at a time, the words of a neuron program, and Poisson counts
//! by their mean. One thread, 16,384 neurons; what is left at 0 words or without a stimulus is the
//! step.

use crate::common;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use isospike_core::base::random::{PoissonTable, philox};
use std::hint::black_box;

const NEURONS: u32 = 16_384;

fn blocks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random/philox");
    group.throughput(Throughput::Elements(4 * 1024));
    group.bench_function("words, scalar", |bencher| {
        bencher.iter(|| {
            (0..1024).fold(0, |sum: u32, i| sum ^ philox(black_box([i, 0, 0, 1]), [7, 8])[3])
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("random/poisson table");
    group.bench_function("made", |bencher| bencher.iter(|| PoissonTable::new(black_box(1.28))));
    group.finish();
}

/// Words of a program: `rand_uniform()` takes one.
fn words(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random/words of a neuron");
    group.throughput(Throughput::Elements(u64::from(NEURONS)));
    for words in [0, 1, 2, 4] {
        let sum = vec!["rand_uniform()"; words].join(" + ");
        let update = if words == 0 { "x = 0.5 * x" } else { &format!("x = 0.5 * x + {sum}") };
        let text = format!(
            "[network]\ndt = \"0.1 ms\"\nseed = 1\n\
             [model.random]\nupdate = \"{update}\"\nstate = {{ x = 1 }}\n\
             [population.p]\nsize = {NEURONS}\nmodel = \"random\"\n"
        );
        let mut simulation = common::ready(&text, &common::engine(None, false), 10);
        group.bench_function(BenchmarkId::from_parameter(words), |bencher| {
            bencher.iter_custom(|steps| common::run(&mut simulation, steps as u32));
        });
    }
    group.finish();
}

/// Counts of a stimulus; a mean above 8 takes several tables.
fn counts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random/poisson counts by mean");
    group.throughput(Throughput::Elements(u64::from(NEURONS)));
    for mean in [0.0, 0.01, 0.1, 1.0, 4.0, 8.0, 20.0] {
        // Events per step of 0.1 ms.
        let rate_hz = mean * 1e4;
        let stimulus = format!(
            "[stimulus.s]\npopulation = \"p\"\nkind = \"poisson\"\nrate = \"{rate_hz} Hz\"\n\
             weight = \"1 pA\"\n"
        );
        let text = format!(
            "[network]\ndt = \"0.1 ms\"\nseed = 1\n\
             [population.p]\nsize = {NEURONS}\nmodel = \"lif_exp\"\n{}",
            if mean > 0.0 { &stimulus } else { "" }
        );
        let mut simulation = common::ready(&text, &common::engine(None, false), 10);
        group.bench_function(BenchmarkId::from_parameter(mean), |bencher| {
            bencher.iter_custom(|steps| common::run(&mut simulation, steps as u32));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = common::criterion(); targets = blocks, words, counts }
