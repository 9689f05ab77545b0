//! Signals that count the spikes of neurons in several shards, sooner than any synapse delivers
//! them: shards exchange spikes often enough.

use super::run;
use isospike_conformance::verdict;
use isospike_core::oracle::network::ModelBackend;
use isospike_cpu::{CpuBackend, Options};

/// Neurons in several shards, a list, and a signal of both with these delays; synapses have delays
/// of 12 steps or more.
fn network([of_some, of_list]: [u32; 2]) -> String {
    format!(
        r#"
[network]
dt = "0.1 ms"
duration = "8 ms"
seed = 5
batch = 2

[model.fast]
parameters = {{ up = 0.1 }}
state = {{ v = "0" }}
receptors = {{ input = "1" }}
update = "v = clamp(v + up + 0.05 * rand_uniform() + input / 50, -1, 2)"
threshold = "v > 1"
reset = "v = 0"

[population.some]
size = 300
model = "fast"
parameters = {{ up = "0.4 * (i + 0.5) / n" }}

[population.list]
size = 3
model = "spike_list"
spikes = [["0 ms", 0], ["1 ms", 1], ["1.1 ms", 2], ["4 ms", 0], ["7.9 ms", 1]]

[signal.activity]
tau = "1 ms"
spikes_of = "some"
gain = 0.002
delay = "{of_some} * 0.1 ms"

[signal.told]
tau = "3 ms"
spikes_of = "list"
gain = 0.5
delay = "{of_list} * 0.1 ms"
pulses = [["2 ms", 1]]

[synapse.follows]
state = {{ w = "weight" }}
bounds = {{ w = [-1, 1] }}
signals = ["told", "activity"]
on_pre = "w += (activity - told) / 9; send w"
on_post = "w -= activity / 8 - told / 50"
every = [{{ period = "0.5 ms", do = "w += told * activity / 7" }}]

[projection.follows]
from = "some"
to = "some"
connect = {{ fixed_in_degree = 8 }}
weight = {{ uniform = [-1, 1] }}
delay = {{ uniform = ["1.2 ms", "2 ms"] }}
synapse = "follows"
"#
    )
}

#[test]
fn shards_count_all_spikes_before_they_are_added() {
    for delays in [[1, 9], [2, 1], [5, 3], [40, 13]] {
        let plan = verdict::plan(&network(delays)).expect("a plan");
        let expected = run(&ModelBackend::default(), &plan, &[80]);
        assert!(expected.0.len() > 1500, "{} spikes", expected.0.len());
        for threads in [1, 2, 3] {
            let options = Options { threads: Some(threads), ..Options::default() };
            let cpu = CpuBackend::new(options).expect("a CPU");
            assert!(cpu.prepare(&plan).expect("it compiles").shards() >= threads);
            for cuts in [&[80][..], &[1, 7, 0, 30, 42]] {
                assert!(run(&cpu, &plan, cuts) == expected, "{delays:?}: {threads}, {cuts:?}");
            }
        }
    }
}
