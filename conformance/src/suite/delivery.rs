//! Level 6: spikes reach their targets: every connectivity rule, delays of one step and of the
//! most, several synapses of a pair and none, a row of 100,000, accumulators at their bound.

use super::{Done, Level, Needs, Settings, Test, random};
use crate::cases::{self, Case};
use crate::failure::Failure;
use crate::handbuilt::code::Code;
use crate::handbuilt::{PlanBuilder, Values, neuron_plan, oracle, synapse};
use crate::verdict::{self, Outcome};
use isospike_core::connect::Rule;
use isospike_core::connect::rule::{AllToAll, Explicit};
use isospike_core::ir::{Input, Op};
use isospike_core::plan::{Plan, Words};
use isospike_core::run::backend::Backend;
use isospike_core::run::counters::derive;

/// The longest delay that every backend stores, in steps.
const LONGEST: u32 = 65_535;

/// A long one for software devices, where a step of few neurons takes as long as one of many.
const LONG: u32 = 4_099;

/// A test for each case; then what no network says.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let seed = settings.seed;
    let test = |case: Case| {
        Test::new(Level::Delivery, case.name.clone(), move |backend, _| case.run(backend))
    };
    let cases = [
        "rules",
        "delays",
        "multapses",
        "weights",
        "procedural",
        "giant_row",
        "bound",
        "events",
        "models_current",
        "models_conductance",
    ];
    let mut tests: Vec<Test> = cases::named(&cases).into_iter().map(test).collect();
    let rows = move |backend: &dyn Backend, _: &_| random::rows(backend, seed);
    let name = "rows of every rule, drawn at the spike";
    tests.push(Test::new(Level::Delivery, name, rows).needing(Needs::Programs));
    let by_hand = |name, plan: fn(bool) -> (Plan, u32)| {
        let run = move |backend: &dyn Backend, _: &_| {
            let (plan, steps) = plan(backend.info().software);
            check(backend, &plan, steps)
        };
        Test::new(Level::Delivery, name, run).needing(Needs::Programs)
    };
    tests.push(by_hand("accumulators at 2^31 - 1, both signs", at_the_bound));
    tests.push(by_hand("delays of 1 and of the most steps", longest_delay));
    tests
}

/// Against the oracle of plans, in one piece.
fn check(backend: &dyn Backend, plan: &Plan, steps: u32) -> Result<Done, Failure> {
    let expected = oracle::run(plan, steps);
    let counters = derive(plan, &expected.recording);
    let expected = Outcome { record: expected.recording, state: expected.state, counters };
    let got = verdict::run(backend, plan, &[steps])?;
    Ok(Done::of(verdict::equal(plan, &expected, &got)?))
}

/// Targets with two receptors that keep the last input that was not zero, whole.
fn listener(plan: &mut PlanBuilder, size: u32) -> u32 {
    let mut code = Code::default();
    for receptor in 0..2 {
        let sum = code.input(Input::Receptor(receptor));
        let zero = code.int(0);
        let none = code.op(Op::IEq(sum, zero));
        let sum = code.op(Op::IToU(sum));
        let before = code.load_halves(Input::State(2 * receptor), Input::State(2 * receptor + 1));
        let now = code.select(none, before, sum);
        code.store_halves(now);
    }
    plan.neurons("listeners", size, 2, neuron_plan(code.0, vec![Words::All(0); 4]))
}

/// Two sources bring exactly 2^31 - 1 to receptor 0 and its negative to receptor 1 in one step;
/// to one target in many small parts.
fn at_the_bound(_: bool) -> (Plan, u32) {
    const MOST: i32 = i32::MAX;
    let mut plan = PlanBuilder::new(1, 1);
    let sources = plan.spike_list("sources", 2, &[(0, 0), (0, 1)]);
    let targets = listener(&mut plan, 3);
    for (receptor, sign) in [(0, 1), (1, -1)] {
        let mut synapses = vec![synapse(0, 0, sign * MOST, 1), synapse(0, 1, sign * (MOST / 2), 1)];
        synapses.extend((0..255).map(|_| synapse(0, 2, sign * (MOST / 256), 1)));
        synapses.push(synapse(1, 1, sign * (MOST - MOST / 2), 1));
        synapses.push(synapse(1, 2, sign * (MOST - 255 * (MOST / 256)), 1));
        let rule = Rule::Explicit(Explicit(synapses.into()));
        let values = Values { weight_bits: 32, ..Values::constant(1, 1) };
        plan.project(sources, targets, receptor, &rule, values);
    }
    (plan.0, 3)
}

/// The same spike arrives in the next step and [`LONGEST`] steps later, on software [`LONG`].
fn longest_delay(software: bool) -> (Plan, u32) {
    let most = if software { LONG } else { LONGEST };
    let mut plan = PlanBuilder::new(1, 1);
    let sources = plan.spike_list("sources", 2, &[(0, 0), (2, 1)]);
    let targets = listener(&mut plan, 2);
    for (receptor, delay) in [(0, 1), (1, most)] {
        let values = Values::constant(1000 + delay as i32 % 7, delay as i32);
        plan.project(sources, targets, receptor, &Rule::AllToAll(AllToAll), values);
    }
    (plan.0, most + 3)
}
