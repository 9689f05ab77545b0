//! Populations of one model, spike lists and probes share a launch each, and nothing changes by it.

use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::{RowFormat, Stage, Width, stages};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_core::run::record::Recording;
use isospike_front::check::Limits;
use isospike_front::file;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

fn plan(text: &str) -> Plan {
    let network = file::parse(text, "net.toml", Path::new(""), &[]).unwrap();
    lower(Arc::new(network.check(Limits::default()).unwrap()))
}

fn launches(plan: &Plan) -> Vec<Stage> {
    let width = Width { deliver_groups: 4, learn_groups: 4, clear_groups: 4 };
    stages(plan, &Layout::new(plan), &RowFormat::default(), &[], width, Guarantees::ALL)
}

/// `n` populations whose sizes, parameters, inputs, probes and spikes differ. With `batch` copies
/// sizes are the same, as threads are cut into copies by a constant.
fn network(n: usize, batch: u32) -> String {
    let mut text = format!("[network]\ndt = \"0.1 ms\"\nseed = 3\nbatch = {batch}\n");
    for i in 0..n {
        let size = if batch == 1 { [1, 70, 3, 128][i % 4] } else { 66 };
        let _ = write!(
            text,
            "[population.p{i}]\nsize = {size}\nmodel = \"lif_exp\"\n\
             parameters = {{ tau_m = \"{} ms\", t_ref = \"{} ms\", \
             e_l = \"-65 mV + i * 0.01 mV\" }}\n\
             [population.s{i}]\nsize = 2\nmodel = \"spike_list\"\n\
             spikes = [[\"{} ms\", 0], [\"{} ms\", 1]]\n\
             [projection.c{i}]\nfrom = \"s{i}\"\nto = \"p{i}\"\nconnect = \"all_to_all\"\n\
             weight = \"900 pA\"\ndelay = \"0.3 ms\"\n\
             [stimulus.x{i}]\nkind = \"poisson\"\npopulation = \"p{i}\"\nrate = \"{} kHz\"\n\
             weight = \"{} pA\"\nstart = \"{} ms\"\n\
             [stimulus.n{i}]\nkind = \"noise\"\npopulation = \"p{i}\"\nmean = \"{} pA\"\n\
             sd = \"{} pA\"\n\
             [probe.v{i}]\npopulation = \"p{i}\"\nvariable = \"v\"\nevery = \"0.2 ms\"\n",
            10 + i,
            1 + i % 3,
            1 + i % 4,
            2 + i % 5,
            5 + i % 40,
            90 + i,
            ["0.5", "0.7"][i % 2],
            200 + 10 * i,
            100 + i,
        );
    }
    text
}

#[test]
fn populations_that_share_a_kernel_run_as_each_alone() {
    for batch in [1, 2] {
        let plan = plan(&network(9, batch));
        let mut expected = Recording::new(&plan);
        let mut oracle = ModelBackend::default().compile(&plan).unwrap();
        oracle.run(150, &mut expected).unwrap();
        assert!(expected.spikes.len() > 300, "{} spikes", expected.spikes.len());
        for guarantees in [Guarantees::ALL, Guarantees::NONE] {
            let mut got = Recording::new(&plan);
            let mut simulation = MachineBackend::new(guarantees).compile(&plan).unwrap();
            simulation.run(150, &mut got).unwrap();
            assert_eq!(got, expected);
            assert_eq!(simulation.state().unwrap(), oracle.state().unwrap());
            assert_eq!(simulation.counters().unwrap(), oracle.counters().unwrap());
        }
    }
}

#[test]
fn six_hundred_populations_need_as_many_kernels_as_one() {
    let names = |n: usize| -> Vec<String> {
        launches(&plan(&network(n, 1))).into_iter().map(|stage| stage.kernel.name).collect()
    };
    assert_eq!(names(600), ["update_0", "emit_1", "probe_0", "tick"]);
    assert_eq!(names(1), ["update_0", "emit_1", "probe_0", "tick"]);
}

#[test]
fn shared_kernels_bind_eight_buffers_at_most() {
    for stage in launches(&plan(&network(3, 1))) {
        assert!(stage.buffers.len() <= 8, "{}: {:?}", stage.kernel.name, stage.buffers);
    }
}
