//! The neuron update by model and instruction set, as machine code and interpreted, and `lif_exp`
//! by hand as the measure of what machine code could reach. One thread, 16,384 neurons; all that a
//! step does is in it.

#[cfg(target_arch = "x86_64")]
use crate::by_hand;
use crate::common;
use criterion::{Criterion, Throughput, criterion_group};
use isospike_cpu::Isa;
use isospike_front::language::builtin_names;

/// A state of 200 to 600 KB: the second-level cache, where the neurons of a shard are.
const NEURONS: u32 = 16_384;

/// Lines that keep a population of a built-in model active: those of its table, and its stimulus.
fn drive(model: &str) -> (&'static str, Option<&'static str>) {
    match model {
        "poisson" => ("parameters = { rate = \"10 Hz\" }", None),
        "leaky_integrator" => ("initial = { v = \"uniform(0 mV, 20 mV)\" }", None),
        "izhikevich" => ("", Some("6")),
        "lif_cond_exp" => ("", Some("150 pA")),
        "lif_delta" => ("", Some("300 pA")),
        "adex" => ("", Some("700 pA")),
        "hh_traub_miles" => ("", Some("200 pA")),
        "lif_exp" | "lif_exp_2" | "lif_adaptive" => ("", Some("380 pA")),
        other => panic!("say what keeps `{other}` active"),
    }
}

fn model_file(model: &str) -> String {
    let (lines, current) = drive(model);
    let dt = if model == "izhikevich" { "1 ms" } else { "0.1 ms" };
    let stimulus = current.map_or(String::new(), |amplitude| {
        format!(
            "[stimulus.s]\npopulation = \"p\"\nkind = \"current\"\namplitude = \"{amplitude}\"\n"
        )
    });
    format!(
        "[network]\ndt = \"{dt}\"\nseed = 1\n\
         [population.p]\nsize = {NEURONS}\nmodel = \"{model}\"\n{lines}\n{stimulus}"
    )
}

fn update(criterion: &mut Criterion) {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        for (how, interpret) in [("machine code", false), ("interpreted", true)] {
            let mut group = criterion.benchmark_group(format!("update/{}, {how}", isa.name()));
            group.throughput(Throughput::Elements(u64::from(NEURONS)));
            for model in builtin_names() {
                let engine = common::engine(Some(isa), interpret);
                let mut simulation = common::ready(&model_file(model), &engine, 200);
                // An instruction set without machine code is interpreted, which comes next.
                if !interpret && simulation.generated() == 0 {
                    continue;
                }
                group.bench_function(*model, |bencher| {
                    bencher.iter_custom(|steps| common::run(&mut simulation, steps as u32));
                });
            }
            group.finish();
        }
    }
    #[cfg(target_arch = "x86_64")]
    by_hand::bench(criterion, NEURONS);
}

criterion_group! { name = benches; config = common::criterion(); targets = update }
