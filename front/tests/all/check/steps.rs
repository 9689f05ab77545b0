//! Times as steps: decimal halves go up, whatever the time is of.

use super::support::{check, good, wrong_alone};
use insta::assert_snapshot;
use isospike_core::connect::Rule;
use isospike_core::connect::rule::Explicit;
use isospike_core::describe::checked::{Checked, PopulationKind};
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use std::sync::Arc;

/// Halves of a step of 0.1 ms, and the steps that they are.
const HALVES: [(&str, u32); 8] = [
    ("0.15 ms", 2),
    ("0.25 ms", 3),
    ("0.35 ms", 4),
    ("0.45 ms", 5),
    ("550 us", 6),
    ("0.65 ms", 7),
    ("0.1 ms + 0.05 ms", 2),
    ("1.15 ms", 12),
];

fn of(dt: &str, text: &str) -> Checked {
    let network = format!(
        "[network]\ndt = \"{dt}\"\n[population.a]\nsize = 4\nmodel = \"lif_exp\"\n\
         [population.s]\nsize = 9\nmodel = \"spike_list\"\n{text}"
    );
    check(&network, Limits::default()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn delays_given_and_drawn() {
    for (time, steps) in HALVES {
        let projection = |delay: &str| {
            let text = format!(
                "spikes = []\n[projection.p]\nfrom = \"s\"\nto = \"a\"\n\
                 connect = \"all_to_all\"\nweight = \"1 pA\"\ndelay = {delay}"
            );
            let plan = lower(Arc::new(of("0.1 ms", &text)));
            (plan.projections[0].min_delay_steps, plan.projections[0].max_delay_steps)
        };
        assert_eq!(projection(&format!("\"{time}\"")), (steps, steps), "{time}");
        let uniform = format!("{{ uniform = [\"{time}\", \"{time}\"] }}");
        assert_eq!(projection(&uniform), (steps, steps), "{time}");
        let clipped = format!(
            "{{ normal = [\"{time}\", \"9 ms\"], min = \"{time}\", max = \"{time}\", \
             outside = \"clip\" }}"
        );
        assert_eq!(projection(&clipped), (steps, steps), "{time}");
        let listed = format!(
            "spikes = []\n[projection.p]\nfrom = \"s\"\nto = \"a\"\n\
             connect = {{ list = [[0, 0, \"1 pA\", \"{time}\"]] }}"
        );
        let Rule::Explicit(Explicit(list)) = &of("0.1 ms", &listed).projections[0].rule else {
            panic!("a list is explicit")
        };
        assert_eq!(list.iter().next().unwrap().delay_steps, Some(steps), "{time}");
    }
}

#[test]
fn spikes_and_refractory_periods() {
    for (time, steps) in HALVES {
        let network = of("0.1 ms", &format!("spikes = [[\"{time}\", 0]]"));
        let PopulationKind::SpikeList(spikes) = &network.populations[1].kind else {
            panic!("a spike list")
        };
        assert_eq!(spikes[..], [(steps, 0)], "{time}");
        let fields = format!("parameters = {{ t_ref = \"{time}\" }}");
        let network = good(&format!("[population.p]\nsize = 1\nmodel = \"lif_exp\"\n{fields}\n"));
        let PopulationKind::Neurons { refractory_steps, .. } = network.populations[0].kind else {
            panic!("neurons")
        };
        assert_eq!(refractory_steps, steps, "{time}");
    }
}

#[test]
fn a_model_with_a_period_of_less_than_half_a_step() {
    let text = "[network]\ndt = \"5 ms\"\n[population.p]\nsize = 3\nmodel = \"lif_exp\"\n";
    assert_snapshot!(wrong_alone(text), @"net.toml:3:13: population p, field `parameters.t_ref`: a refractory period of 2 ms is no step of dt = 5 ms; give 0 ms for none, at least 2.5 ms, or a smaller dt");
    let text = "[network]\ndt = \"1 ms\"\n[population.p]\nsize = 3\nmodel = \"m\"\n[model.m]\nrefractory = \"dt / 4\"\nupdate = \"v = 1\"\nthreshold = \"v > 1\"\nstate = { v = 0 }";
    assert_snapshot!(wrong_alone(text), @"net.toml:3:13: population p: a refractory period of 0.25 ms is no step of dt = 1 ms; give 0 ms for none, at least 0.5 ms, or a smaller dt");
}
