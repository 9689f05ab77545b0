//! Oracle 1 (the network, naively) and oracle 2 (the kernels, word by word) against the golden
//! pairs and each other.

use isospike_conformance::golden::{self, Golden};
use isospike_conformance::{Opened, Subject, verdict};
use isospike_core::device::DeviceBackend;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::Machine;
use isospike_core::oracle::network::ModelBackend;

fn main_bless() {
    let mut pairs = std::collections::BTreeMap::new();
    for example in golden::cases() {
        let plan = golden::plan(&example).unwrap_or_else(|e| panic!("{e:?}"));
        let oracle = ModelBackend::default();
        let outcome = verdict::run(&oracle, &plan, &[example.steps]).expect("the oracle runs");
        let pair = Golden { spikes: outcome.record.spikes.len(), digest: outcome.digest() };
        println!("{}: {pair:?}", example.name);
        pairs.insert(example.name.to_string(), pair);
    }
    golden::write(&pairs);
}

fn main() {
    if golden::bless() {
        return main_bless();
    }
    let machine = |name: &str, guarantees| {
        let open = move || Ok(Opened::device(DeviceBackend::new(Machine::new(guarantees))));
        Subject::new(name, "machine", open)
    };
    isospike_conformance::main(&[
        Subject::new("reference", "reference", || Ok(Opened::engine(ModelBackend::default()))),
        machine("machine/bare", Guarantees::NONE),
        machine("machine/rich", Guarantees::ALL),
    ])
}
