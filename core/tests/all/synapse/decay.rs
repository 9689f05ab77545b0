//! State that decays between events: closed forms, reading and writing between two steps.

use super::models::{self, STDP};
use super::{Network, compile};
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{Stamp, SynapsePart};
use isospike_core::run::backend::{Backend, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::Recording;

/// The largest error of a value, in parts of it.
const ERROR_MAX: f64 = 2e-6;

/// A pair of events at steps 100 + 7 and 120: the eligibility becomes what is left of the trace.
fn plan(tau_ms: f64) -> Plan {
    Network::pair(&[(100, 0)], &[(120, 0)], models::eligibility(tau_ms), (0.5, 7)).plan()
}

fn read(simulation: &mut dyn Simulation, name: &str) -> f64 {
    let words = simulation.read(&Quantity::synapse("learns", name)).unwrap();
    f64::from(f32::from_bits(words[0]))
}

fn write(simulation: &mut dyn Simulation, name: &str, value: f32) {
    simulation.write(&Quantity::synapse("learns", name), &[value.to_bits()]).unwrap();
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= ERROR_MAX * expected.abs(), "{found}, not {expected}");
}

/// The stored words of the synapse: w, c, fast, the stamp.
fn stored(plan: &Plan, simulation: &mut dyn Simulation) -> Vec<u32> {
    let state = simulation.state().unwrap();
    let blocks = plan.synapse_blocks();
    let of_synapse = |part| matches!(part, SynapsePart::State(..) | SynapsePart::LastEvent);
    blocks.iter().filter(|b| of_synapse(b.part)).map(|b| state[b.words.start]).collect()
}

#[test]
fn one_pair_decays_in_closed_form() {
    for tau_ms in [0.7, 20.0, 101.0, 1000.0] {
        let plan = plan(tau_ms);
        let mut simulation = compile(&plan);
        let mut record = Recording::new(&plan);
        let c_0 = libm::exp(-1.3 / STDP[0]);
        let mut step = 0;
        for next in [121, 122, 130, 152, 153, 1144, 1145, 1500, 4321] {
            simulation.run(next - step, &mut record).unwrap();
            step = next;
            // The last step is that before `step`.
            let since = 0.1 * f64::from(step - 1 - 120);
            let c = read(simulation.as_mut(), "c");
            match c_0 * libm::exp(-since / tau_ms) {
                expected if expected > 1e-18 => assert_near(c, expected),
                _ => assert!(c.abs() < 1e-18),
            }
        }
        assert_eq!(stored(&plan, simulation.as_mut())[3], 121, "reading stores nothing");
    }
}

#[test]
fn initial_values_decay_from_the_start_of_the_run() {
    let plan = plan(20.0);
    let mut simulation = compile(&plan);
    assert_eq!(read(simulation.as_mut(), "fast"), 2.0);
    simulation.run(107, &mut Recording::new(&plan)).unwrap();
    assert_eq!(stored(&plan, simulation.as_mut())[2..], [2f32.to_bits(), Stamp::NEVER.word()]);
    let expected = 2.0 * libm::exp(-10.7 / 2.5);
    assert_near(read(simulation.as_mut(), "fast"), expected);
    // The pre event of step 107 stores it, although no statement assigns it.
    simulation.run(1, &mut Recording { steps: 107, ..Recording::new(&plan) }).unwrap();
    let [_, _, fast, stamp] = stored(&plan, simulation.as_mut())[..] else { panic!() };
    assert_near(f64::from(f32::from_bits(fast)), 2.0 * libm::exp(-10.8 / 2.5));
    assert_eq!(stamp, Stamp::at(107).word());
}

#[test]
fn a_value_that_is_written_is_that_of_an_event() {
    let plan = plan(20.0);
    let mut simulation = compile(&plan);
    write(simulation.as_mut(), "c", 0.5);
    assert_eq!((read(simulation.as_mut(), "c"), read(simulation.as_mut(), "fast")), (0.5, 2.0));
    let mut record = Recording::new(&plan);
    simulation.run(50, &mut record).unwrap();
    let fast = read(simulation.as_mut(), "fast");
    write(simulation.as_mut(), "c", 3.0);
    assert_eq!(read(simulation.as_mut(), "fast"), fast);
    assert_eq!(
        stored(&plan, simulation.as_mut())[1..],
        [3f32.to_bits(), (fast as f32).to_bits(), 50]
    );
    // A variable that does not decay leaves the stamp.
    simulation.run(10, &mut record).unwrap();
    write(simulation.as_mut(), "w", 0.25);
    assert_eq!(stored(&plan, simulation.as_mut())[3], 50);
    assert_near(read(simulation.as_mut(), "c"), 3.0 * libm::exp(-1.0 / 20.0));
}

/// Three billion steps between two events, near the last step that a run can have.
#[test]
fn ages_are_integers_of_32_bits() {
    const FAR: u32 = 4_200_000_000;
    let plan = plan(1e8);
    let mut checkpoint = Checkpoint::start(&plan);
    let block = plan.synapse_blocks();
    let place = |part| block.iter().find(|b| b.part == part).unwrap().words.start;
    checkpoint.state[place(SynapsePart::State(1, "c"))] = 5f32.to_bits();
    checkpoint.state[place(SynapsePart::LastEvent)] = 1_200_000_000;
    (checkpoint.step, checkpoint.counters.steps) = (FAR, FAR.into());
    let mut simulation = MachineBackend::new(Guarantees::ALL).compile(&plan).unwrap();
    simulation.restore(&checkpoint).unwrap();
    assert_near(read(simulation.as_mut(), "c"), 5.0 * libm::exp(-3.0));
    simulation.run(1, &mut Recording { steps: FAR, ..Recording::new(&plan) }).unwrap();
    assert_near(read(simulation.as_mut(), "c"), 5.0 * libm::exp(-3.0 - 1e-9));
    assert_eq!(stored(&plan, simulation.as_mut())[3], 1_200_000_000);
}
