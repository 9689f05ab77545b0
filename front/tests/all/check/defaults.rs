//! Fields that are left out, and values as the builder takes them.

use super::support::good;
use isospike_core::describe::checked::PopulationKind;
use isospike_front::network::Value;

#[test]
fn defaults() {
    let net = good("[probe.v]\npopulation = \"inh\"\nvariable = \"v\"");
    assert_eq!((net.name.as_str(), net.seed, net.batch), ("net", 0, 1));
    assert_eq!((net.duration_steps, net.transient_steps), (10_000, 0));
    assert_eq!(net.probes[0].neurons, [0, 1, 2, 3, 4]);
    assert!(matches!(&net.populations[2].kind, PopulationKind::SpikeList(s) if s.is_empty()));
    let table = good(
        "[population.t]\nsize = 4\nmodel = \"spike_list\"\n\
         spikes = { 3 = [\"2 ms\", \"1 ms\"], 0 = [\"1 ms\"] }\n\
         [probe.v]\npopulation = \"inh\"\nvariable = \"v\"\nneurons = \"all\"",
    );
    let PopulationKind::SpikeList(spikes) = &table.populations[0].kind else { panic!() };
    assert_eq!(spikes[..], [(10, 0), (10, 3), (20, 3)]);
}

#[test]
fn builder_values() {
    let list: Value = vec![1i64, 2].into();
    assert_eq!(list, vec![Value::from(1u32), Value::from(2i32)].into());
    assert_ne!(Value::from(true), Value::from("true".to_string()));
}
