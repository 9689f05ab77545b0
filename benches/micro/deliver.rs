//! Delivery by out-degree, delay and layout, one thread: the time that the engine spends on
//! delivering and on sending spikes on their way, per synaptic event. The name of each benchmark
//! ends with the layout that the engine chose. An iteration is 128 steps, because the engine times
//! one window (here of 1 to 15 steps) in eight.

use crate::common;
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group};

/// Sources, each of which spikes every [`PERIOD`] steps, at its own phase.
const SOURCES: u64 = 2_000;
const PERIOD: u64 = 20;
/// Accumulators of a size that the second-level cache holds.
const TARGETS: u64 = 16_384;

/// Steps of an iteration: eight of the longest windows.
const STEPS: u32 = 128;

/// The differences between the benchmarks of a group.
struct Case<'a> {
    degree: u64,
    weight: &'a str,
    delay: &'a str,
    procedural: bool,
}

const CASE: Case<'static> =
    Case { degree: 1_000, weight: NORMAL, delay: "\"1.5 ms\"", procedural: false };
const NORMAL: &str = "{ normal = [\"10 mV\", \"1 mV\"] }";

fn model_file(case: &Case) -> String {
    let Case { degree, weight, delay, procedural } = case;
    format!(
        "[network]\ndt = \"0.1 ms\"\nseed = 1\n\
         [model.clock]\nupdate = \"phase = if phase >= {last} {{ 0 }} else {{ phase + 1 }}\"\n\
         threshold = \"phase == 0\"\nstate = {{ phase = 0 }}\n\
         [population.clock]\nsize = {SOURCES}\nmodel = \"clock\"\n\
         initial = {{ phase = \"floor(uniform(0, {PERIOD}))\" }}\n\
         [population.to]\nsize = {TARGETS}\nmodel = \"leaky_integrator\"\n\
         [projection.p]\nfrom = \"clock\"\nto = \"to\"\n\
         connect = {{ fixed_out_degree = {degree} }}\n\
         weight = {weight}\ndelay = {delay}\nprocedural = {procedural}\n",
        last = PERIOD - 1,
    )
}

fn deliver(criterion: &mut Criterion, group: &str, cases: &[(&str, Case)]) {
    let mut group = criterion.benchmark_group(format!("deliver/{group}"));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, case) in cases {
        let mut simulation = common::ready(&model_file(case), &common::engine(None, false), 400);
        let layout = simulation.layouts()[0].layout.name();
        let spikes = SOURCES / PERIOD * u64::from(STEPS);
        group.throughput(Throughput::Elements(spikes * case.degree));
        group.bench_function(BenchmarkId::new(*name, layout), |bencher| {
            bencher.iter_custom(|times| {
                common::run(&mut simulation, times as u32 * STEPS);
                simulation.phases().deliver + simulation.phases().emit
            });
        });
    }
    group.finish();
}

fn by_degree(criterion: &mut Criterion) {
    let case = |degree| Case { degree, ..CASE };
    let cases =
        [("10", case(10)), ("100", case(100)), ("1000", case(1_000)), ("10000", case(10_000))];
    deliver(criterion, "by degree", &cases);
}

fn by_delay(criterion: &mut Criterion) {
    let case = |delay| Case { delay, ..CASE };
    let cases = [
        ("one step", case("\"0.1 ms\"")),
        ("1.5 ms", case("\"1.5 ms\"")),
        ("1 to 2 ms", case("{ uniform = [\"1 ms\", \"2 ms\"] }")),
        ("0.1 to 6 ms", case("{ uniform = [\"0.1 ms\", \"6 ms\"] }")),
        ("0.1 to 100 ms", case("{ uniform = [\"0.1 ms\", \"100 ms\"] }")),
    ];
    deliver(criterion, "by delay", &cases);
}

fn by_layout(criterion: &mut Criterion) {
    let wide = "{ normal = [\"10 mV\", \"1 mV\"] }\nweight_bits = 32";
    let cases = [
        ("weights of 16 bits", CASE),
        ("weights of 32 bits", Case { weight: wide, ..CASE }),
        ("one weight", Case { weight: "\"10 mV\"", ..CASE }),
        (
            "one weight, an eighth of all targets",
            Case { weight: "\"10 mV\"", degree: 2_048, ..CASE },
        ),
        ("one weight, short rows", Case { weight: "\"10 mV\"", degree: 5, ..CASE }),
        ("short rows", Case { degree: 5, ..CASE }),
        ("drawn again", Case { procedural: true, ..CASE }),
    ];
    deliver(criterion, "by layout", &cases);
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = by_degree, by_delay, by_layout
}
