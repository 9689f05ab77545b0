//! Every rung finds what it is there for: backends with one fault each, and the rung that names
//! the culprit.

mod unfaithful;

use crate::tampered::{Tamper, Tampered};
use isospike_conformance::Subject;
use isospike_conformance::climb::{Climb, Options, Outcome, Status, climb};
use isospike_conformance::ladder::{Rung, Settings};
use isospike_conformance::subject::KnownFailure;
use isospike_core::device::DeviceBackend;
use isospike_core::ir::{Kernel, Op, Promises};
use isospike_core::oracle::kernel::Machine;
use isospike_core::run::backend::Backend;
use unfaithful::{Fault, Unfaithful};

/// One rung on a machine whose kernels are bent, or that launches too often.
fn bend(rung: Rung, bend: fn(&mut Kernel), extra_launches: u32) -> Climb {
    let open = move || -> Result<Box<dyn Backend>, _> {
        let tamper = Bent { bend, extra_launches };
        let machine = Machine::new(Promises::ALL);
        Ok(Box::new(DeviceBackend::new(Tampered { machine, tamper })))
    };
    rung_of(&Subject::new("bent", "bent", open), rung)
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

/// One rung on the naive oracle with a fault.
fn betray(rung: Rung, fault: Fault) -> Climb {
    let open = move || -> Result<Box<dyn Backend>, _> { Ok(Box::new(Unfaithful::new(fault))) };
    rung_of(&Subject::new("unfaithful", "unfaithful", open), rung)
}

fn rung_of(subject: &Subject, rung: Rung) -> Climb {
    let settings = Settings { networks: 4, ..Settings::default() };
    let options = Options { rung: Some(rung), settings, ..Options::default() };
    climb(subject, &options, |_| true).unwrap()
}

fn failed(climb: &Climb) -> Vec<&Outcome> {
    climb.outcomes.iter().filter(|outcome| outcome.status.is_red()).collect()
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
fn rung_1_names_an_operation() {
    let climb = bend(
        Rung::Ops,
        |kernel| {
            each(kernel, |op| match op {
                Op::ISar(a, 3) => Op::ISar(a, 4),
                op => op,
            });
        },
        0,
    );
    assert_eq!(climb.culprit(), Some(Rung::Ops));
    let told = message(failed(&climb)[0]);
    assert!(told.contains("`ISar`"), "{told}");
    let again = failed(&climb)[0].reproduce.clone().unwrap();
    assert!(again.contains("--rung 1 --seed 7"), "{again}");
}

#[test]
fn rung_2_names_a_function() {
    // The last bit of one coefficient of the exponential.
    let climb = bend(
        Rung::Functions,
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
    let names: Vec<&str> = failed(&climb).iter().map(|outcome| outcome.name.as_str()).collect();
    assert!(
        names.contains(&"exp") && !names.contains(&"sin") && !names.contains(&"ln"),
        "{names:?}"
    );
}

#[test]
fn rung_3_names_a_wrong_round() {
    let climb = bend(
        Rung::Random,
        |kernel| {
            each(kernel, |op| match op {
                Op::U32(0xBB67_AE85) => Op::U32(0xBB67_AE84),
                op => op,
            });
        },
        0,
    );
    let names: Vec<&str> = failed(&climb).iter().map(|outcome| outcome.name.as_str()).collect();
    assert!(names.contains(&"Philox, published vectors and drawn counters"), "{names:?}");
    assert!(!names.contains(&"uniform numbers"), "{names:?}");
}

#[test]
fn rung_4_names_a_device_that_launches_too_often() {
    let climb = bend(Rung::Kernels, |_| {}, 1);
    let order = failed(&climb).into_iter().find(|o| o.name.starts_with("launches in order"));
    let told = message(order.unwrap());
    assert!(told.contains("launched 1 times"), "{told}");
}

#[test]
fn rung_4_names_a_kernel_and_a_word() {
    // The sample of a probe goes one word further.
    let climb = bend(
        Rung::Kernels,
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
    let told: Vec<String> = failed(&climb).into_iter().map(message).collect();
    assert!(told.iter().any(|t| t.contains("kernel probe_0: word")), "{told:?}");
}

#[test]
fn rung_5_names_step_neuron_variable_and_threshold() {
    let climb = betray(Rung::Neurons, Fault::StateBit { from_step: 30, word: 3 });
    let of = |name: &str| failed(&climb).into_iter().find(|o| o.name.starts_with(name)).unwrap();
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
fn rungs_6_to_9_name_their_faults() {
    let lost = Fault::LostSpike { number: 3 };
    for rung in [Rung::Delivery, Rung::Examples, Rung::Networks] {
        let climb = betray(rung, lost);
        assert_eq!(climb.culprit(), Some(rung), "{rung}");
    }
    let climb = betray(Rung::Networks, lost);
    let told = message(failed(&climb)[0]);
    assert!(told.contains("[population.p0]") && told.contains("Network::new("), "{told}");
    // Only what is cut shows a fault of cuts.
    let climb = betray(Rung::Seams, Fault::ForgetsAtCuts);
    let names: Vec<&str> = failed(&climb).iter().map(|outcome| outcome.name.as_str()).collect();
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
    let open = || -> Result<Box<dyn Backend>, _> {
        Ok(Box::new(Unfaithful::new(Fault::StateBit { from_step: 30, word: 3 })))
    };
    let mut subject = Subject::new("unfaithful", "unfaithful", open);
    // The state of `poisson` has no words, so that nothing can be wrong there.
    subject.known = vec![
        known("5 neurons/adex alone, step by step"),
        known("5 neurons/poisson alone, step by step"),
    ];
    let climb = rung_of(&subject, Rung::Neurons);
    let status = |name: &str| {
        let named = climb.outcomes.iter().find(|outcome| outcome.name.starts_with(name));
        named.unwrap().status.clone()
    };
    assert!(matches!(status("adex alone"), Status::KnownFailure(_, why) if why == "made up"));
    let Status::Failed(failure) = status("poisson alone") else { panic!() };
    assert!(failure.message.contains("a known failure passes (made up): remove it"), "{failure}");
    assert!(status("lif_exp alone").is_red());
}

#[test]
fn a_panic_is_a_failure_and_the_climb_goes_on() {
    let climb = betray(Rung::Seams, Fault::Panics);
    assert!(climb.outcomes.len() > 5);
    let told = message(failed(&climb)[0]);
    assert!(told.contains("panicked: the driver fell over"), "{told}");
}
