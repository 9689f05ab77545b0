//! Every level finds what it is there for: backends with one fault each, and the level that names
//! the culprit.

mod unfaithful;

use crate::tampered::{Tamper, Tampered};
use isospike_conformance::run::{Options, Outcome, Status, SuiteRun, run_suite};
use isospike_conformance::subject::KnownFailure;
use isospike_conformance::suite::{Level, Settings};
use isospike_conformance::{Opened, Subject};
use isospike_core::device::DeviceBackend;
use isospike_core::ir::{Guarantees, Kernel, Op};
use isospike_core::oracle::kernel::Machine;
use unfaithful::{Fault, Unfaithful};

/// One level on a machine whose kernels are bent, or that launches too often.
fn bend(level: Level, bend: fn(&mut Kernel), extra_launches: u32) -> SuiteRun {
    let open = move || {
        let tamper = Bent { bend, extra_launches };
        let machine = Machine::new(Guarantees::ALL);
        Ok(Opened::device(DeviceBackend::new(Tampered { machine, tamper })))
    };
    level_of(&Subject::new("bent", "bent", open), level)
}

/// Bends each kernel before it is compiled, and launches more often than requested.
#[derive(Clone)]
struct Bent {
    bend: fn(&mut Kernel),
    extra_launches: u32,
}

impl Tamper for Bent {
    fn kernel(&self, kernel: &mut Kernel) {
        (self.bend)(kernel);
    }

    fn times(&self, times: u32) -> u32 {
        times + self.extra_launches
    }
}

/// One level on the naive oracle with a fault.
fn betray(level: Level, fault: Fault) -> SuiteRun {
    let open = move || Ok(Opened::engine(Unfaithful::new(fault)));
    level_of(&Subject::new("unfaithful", "unfaithful", open), level)
}

fn level_of(subject: &Subject, level: Level) -> SuiteRun {
    let settings = Settings { networks: 4, ..Settings::default() };
    let options = Options { level: Some(level), settings, ..Options::default() };
    run_suite(subject, &options, |_| true).unwrap()
}

fn failed(suite_run: &SuiteRun) -> Vec<&Outcome> {
    suite_run.outcomes.iter().filter(|outcome| outcome.status.is_red()).collect()
}

fn message(outcome: &Outcome) -> String {
    match &outcome.status {
        Status::Failed(failure) => failure.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Every operation of a kernel through a function.
fn each(kernel: &mut Kernel, f: fn(Op) -> Op) {
    kernel.ops.iter_mut().for_each(|op| *op = f(*op));
}

#[test]
fn level_1_names_an_operation() {
    let suite_run = bend(
        Level::Ops,
        |kernel| {
            each(kernel, |op| match op {
                Op::ISar(a, 3) => Op::ISar(a, 4),
                op => op,
            });
        },
        0,
    );
    assert_eq!(suite_run.first_failing(), Some(Level::Ops));
    let told = message(failed(&suite_run)[0]);
    assert!(told.contains("`ISar`"), "{told}");
    let again = failed(&suite_run)[0].reproduce.clone().unwrap();
    assert!(again.contains("--level 1 --seed 7"), "{again}");
}

#[test]
fn level_2_names_a_function() {
    // The last bit of one coefficient of the exponential.
    let suite_run = bend(
        Level::Functions,
        |kernel| {
            let coefficient = 8.333_452e-3_f32.to_bits();
            kernel.ops.iter_mut().for_each(|op| {
                if *op == Op::F32(coefficient) {
                    *op = Op::F32(coefficient + 1);
                }
            });
        },
        0,
    );
    let names: Vec<&str> = failed(&suite_run).iter().map(|outcome| outcome.name.as_str()).collect();
    assert!(
        names.contains(&"exp") && !names.contains(&"sin") && !names.contains(&"ln"),
        "{names:?}"
    );
}

#[test]
fn level_3_names_a_wrong_round() {
    let suite_run = bend(
        Level::Random,
        |kernel| {
            each(kernel, |op| match op {
                Op::U32(0xBB67_AE85) => Op::U32(0xBB67_AE84),
                op => op,
            });
        },
        0,
    );
    let names: Vec<&str> = failed(&suite_run).iter().map(|outcome| outcome.name.as_str()).collect();
    assert!(names.contains(&"Philox, published vectors and drawn counters"), "{names:?}");
    assert!(!names.contains(&"uniform numbers"), "{names:?}");
}

#[test]
fn level_4_names_a_device_that_launches_too_often() {
    let suite_run = bend(Level::Kernels, |_| {}, 1);
    let order = failed(&suite_run).into_iter().find(|o| o.name.starts_with("launches in order"));
    let told = message(order.unwrap());
    assert!(told.contains("launched 1 times"), "{told}");
}

#[test]
fn level_4_names_a_kernel_and_a_word() {
    // The sample of a probe goes one word further.
    let suite_run = bend(
        Level::Kernels,
        |kernel| {
            if kernel.name.starts_with("probe_") {
                each(kernel, |op| match op {
                    Op::URem(a, 5) => Op::URem(a, 6),
                    op => op,
                });
            }
        },
        0,
    );
    let told: Vec<String> = failed(&suite_run).into_iter().map(message).collect();
    assert!(told.iter().any(|t| t.contains("kernel probe_0: word")), "{told:?}");
}

#[test]
fn level_5_names_step_neuron_variable_and_threshold() {
    let suite_run = betray(Level::Neurons, Fault::StateBit { from_step: 30, word: 3 });
    let of =
        |name: &str| failed(&suite_run).into_iter().find(|o| o.name.starts_with(name)).unwrap();
    let outcome = of("lif_exp alone");
    let told = message(outcome);
    assert!(told.contains("after step 30: population n, neuron 3, copy 0, variable v"), "{told}");
    assert!(told.contains("* v: before 0x") && told.contains("threshold: 0x"), "{told}");
    assert!(told.contains("ulp apart"), "{told}");
    let again = outcome.reproduce.clone().unwrap();
    assert!(
        again.contains("isospike compare") && again.contains("reference,unfaithful"),
        "{again}"
    );
}

#[test]
fn rungs_6_to_10_name_their_faults() {
    let lost = Fault::LostSpike { number: 3 };
    for level in [Level::Delivery, Level::Synapses, Level::Examples, Level::Networks] {
        let suite_run = betray(level, lost);
        assert_eq!(suite_run.first_failing(), Some(level), "{level}");
    }
    let suite_run = betray(Level::Networks, lost);
    let told = message(failed(&suite_run)[0]);
    assert!(told.contains("[population.p0]") && told.contains("Network::new("), "{told}");
    // Only what is cut shows a fault of cuts.
    let suite_run = betray(Level::Splitting, Fault::ForgetsAtCuts);
    let names: Vec<&str> = failed(&suite_run).iter().map(|outcome| outcome.name.as_str()).collect();
    assert!(names.iter().any(|name| name.contains("10 times 100")), "{names:?}");
    assert!(!names.contains(&"twice the same"), "{names:?}");
}

#[test]
fn a_known_failure_must_fail() {
    let known = |case: &str| KnownFailure {
        backend: "unfaithful".into(),
        device: "oracle".into(),
        case: case.into(),
        reason: "made up".into(),
    };
    let fault = Fault::StateBit { from_step: 30, word: 3 };
    let open = move || Ok(Opened::engine(Unfaithful::new(fault)));
    let mut subject = Subject::new("unfaithful", "unfaithful", open);
    // The state of `poisson` has no words, so that nothing can be wrong there.
    subject.known = vec![
        known("5 neurons/adex alone, step by step"),
        known("5 neurons/poisson alone, step by step"),
    ];
    let suite_run = level_of(&subject, Level::Neurons);
    let status = |name: &str| {
        let named = suite_run.outcomes.iter().find(|outcome| outcome.name.starts_with(name));
        named.unwrap().status.clone()
    };
    assert!(matches!(status("adex alone"), Status::KnownFailure(_, why) if why == "made up"));
    let Status::Failed(failure) = status("poisson alone") else { panic!() };
    assert!(failure.message.contains("a known failure passes (made up): remove it"), "{failure}");
    assert!(status("lif_exp alone").is_red());
}

#[test]
fn a_panic_is_a_failure_and_the_climb_goes_on() {
    let suite_run = betray(Level::Splitting, Fault::Panics);
    assert!(suite_run.outcomes.len() > 5);
    let told = message(failed(&suite_run)[0]);
    assert!(told.contains("panicked: the driver fell over"), "{told}");
}
