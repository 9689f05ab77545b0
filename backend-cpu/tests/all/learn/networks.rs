//! Random networks that learn, many of them: the CPU with several numbers of threads, with machine
//! code and interpreted, and the machine oracle, all against the naive oracle.
//!
//! A device takes the same networks with
//! `isospike conformance --backend opencl --level 7 --networks 20000`.

use isospike_conformance::checkpoint;
use isospike_conformance::suite::networks::{Family, check};
use isospike_conformance::suite::{Done, Settings};
use isospike_conformance::verdict;
use isospike_core::base::environment::number;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::run::backend::Backend;
use isospike_cpu::{CpuBackend, Isa, Options};

/// Networks that every run of the tests tries.
const FEW: u32 = 25;

fn cpu(threads: usize, interpret: bool) -> CpuBackend {
    let options = Options { threads: Some(threads), interpret, ..Options::default() };
    CpuBackend::new(options).expect("a CPU")
}

/// Compares networks on each backend with the naive oracle, in one piece, in parts and through
/// checkpoints.
fn compare(networks: u32, backends: &[Box<dyn Backend>]) {
    let seed = Settings::from_environment().expect("numbers").seed;
    let first = &*backends[0];
    let outcome = check(first, Family::Learning, seed, networks, |_, case| {
        let plan = verdict::plan(&case.text)?;
        let expected = verdict::run(&ModelBackend::default(), &plan, &[case.steps])?;
        let mut checked = 0;
        let third = case.steps / 3;
        for backend in backends {
            let backend = &**backend;
            for cuts in [&[case.steps][..], &[1, 0, third, case.steps - third - 1]] {
                let got = verdict::run(backend, &plan, cuts)?;
                checked += verdict::equal(&plan, &expected, &got)
                    .map_err(|failure| verdict::located(failure, &plan, backend, case.steps))?;
            }
        }
        checked += checkpoint::moves(&plan, case.steps, first, &*backends[1])?.checked;
        Ok(Done::of(checked))
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn some_networks_have_the_bits_of_the_naive_oracle() {
    compare(FEW, &[Box::new(cpu(1, false)), Box::new(cpu(3, true))]);
}

/// `ISOSPIKE_RANDOM_NETWORKS`, or else so many.
fn many(networks: u32) -> u32 {
    let given = number("ISOSPIKE_RANDOM_NETWORKS", 1..=u64::from(u32::MAX)).expect("a number");
    given.map_or(networks, |given| given as u32)
}

#[test]
#[ignore = "exhaustive: 20,000 networks, an hour"]
fn many_networks_have_the_bits_of_the_naive_oracle() {
    let baseline = Options { threads: Some(1), isa: Some(Isa::Baseline), interpret: true };
    let baseline = CpuBackend::new(baseline).expect("a CPU");
    let all: [Box<dyn Backend>; 4] = [
        Box::new(cpu(2, false)),
        Box::new(cpu(7, true)),
        Box::new(cpu(1, false)),
        Box::new(baseline),
    ];
    compare(many(20_000), &all);
}

#[test]
#[ignore = "exhaustive: 2,000 networks on the machine oracle, an hour"]
fn many_networks_have_the_same_bits_on_both_oracles() {
    let [bare, rich] = [Guarantees::NONE, Guarantees::ALL].map(MachineBackend::new);
    compare(many(2_000), &[Box::new(bare), Box::new(rich)]);
}
