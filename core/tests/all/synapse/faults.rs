//! Plans of synapses that learn with one fault each.

use super::{Network, models};
use isospike_core::base::id::Side;
use isospike_core::base::numeric::decay::Decay;
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Input, Op, Output, Program};
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::{ClockedPlan, SentPlan, SynapsePlan, SynapseState, SynapseWord};
use isospike_core::run::backend::{Backend, BackendError};

/// Breaks a plan in one way.
type Break<'a> = &'a dyn Fn(&mut Plan);

fn right() -> Plan {
    Network::pair(&[(1, 0)], &[(2, 0)], models::stdp(1.0), (0.5, 1)).plan()
}

fn synapse(plan: &mut Plan) -> &mut SynapsePlan {
    plan.projections[1].synapse.as_mut().unwrap()
}

/// Names another input than a program reads.
fn reads(program: &mut Program, input: Input) {
    let mut builder = Builder::new();
    let own = builder.input(input);
    let outputs = program.outputs.clone();
    *program = builder.program(outputs.into_iter().map(|(output, _)| (output, own)).collect());
}

fn lacks(program: &mut Program, output: Output) {
    program.outputs.retain(|(own, _)| *own != output);
}

fn gives(program: &mut Program, output: Output, like: Output) {
    let (_, val) = program.outputs.iter().find(|(own, _)| *own == like).unwrap();
    program.outputs.push((output, *val));
}

#[test]
fn each_fault_is_named() {
    let more =
        SynapseState { name: "c".into(), initial: SynapseWord::All(0), bounds: None, decay: None };
    let more = &more;
    let post = Input::Trace(Side::Post, 1);
    let faults: &[(Break<'_>, &str)] = &[
        (&|p| p.projections[1].procedural = true, "its rows are not stored"),
        (
            &|p| p.projections[1].weight_bounds = Some(synapse(p).sent[0].bounds),
            "its weights are written as those of no model",
        ),
        (&|p| synapse(p).weight_exponent = 127, "2^-127 is no unit of its weights"),
        (&|p| synapse(p).state.clear(), "on_pre: state variable 0 of 0"),
        (&|p| synapse(p).state.push(more.clone()), "on_pre: it gives no state variable 1"),
        (&|p| synapse(p).signals.push(0), "signal 0 of 0"),
        (
            &|p| reads(synapse(p).on_post.as_mut().unwrap(), Input::Signal(0)),
            "on_post: signal 0 of 0",
        ),
        (&|p| lacks(&mut synapse(p).on_pre, Output::State(0)), "on_pre: it gives no state"),
        (&|p| lacks(&mut synapse(p).on_pre, Output::Sent(0)), "none of its programs sends"),
        (&|p| other_receptor(p), "on_pre: it gives nothing that is sent to receptor 1"),
        (&|p| reads(on_post(p), Input::Source(0)), "on_post: Source 0 is not of synapses"),
        (
            &|p| reads(clocked(p, 1, on_post), Input::Source(0)),
            "every[0]: variable of the source 0 of 0",
        ),
        (&|p| synapse(p).source.push(0), "state variable of the source 0 of 0"),
        (
            &|p| gives(&mut synapse(p).on_pre, Output::Integer(3), Output::Sent(0)),
            "on_pre: integer 3 is of neurons",
        ),
        (&|p| reads(on_post(p), Input::State(1)), "on_post: state variable 1 of 1"),
        (&|p| reads(on_post(p), post), "on_post: trace 1 of 1"),
        (&|p| reads(on_post(p), Input::Parameter(0)), "on_post: Parameter 0 is not of synapses"),
        (&|p| lacks(on_post(p), Output::State(0)), "on_post: it gives no state variable 0"),
        (
            &|p| {
                let on_pre = synapse(p).on_pre.clone();
                *on_post(p) = on_pre;
            },
            "on_post: sent 0 is of pre events",
        ),
        (&|p| _ = clocked(p, 0, on_post), "every[0]: its period has no step"),
        (&|p| reads(clocked(p, 1, on_post), Input::State(1)), "every[0]: state variable 1 of 1"),
        (&|p| reads(clocked(p, 2, on_post), post), "every[0]: trace 1 of 1"),
        (&|p| lacks(clocked(p, 3, on_post), Output::State(0)), "every[0]: it gives no state"),
        (
            &|p| reads(clocked(p, 1, on_post), Input::Decay(0)),
            "every[0]: Decay 0, but state variable 0 does not decay",
        ),
        (&|p| reads(clocked(p, 1, on_post), Input::Decay(1)), "every[0]: state variable 1 of 1"),
        (&|p| synapse(p).pre.names.push("z".into()), "pre: 2 traces with 1 decays"),
        (&|p| synapse(p).post.decay.push(Decay::new(1.0, 0.1)), "post: 1 traces with 2 decays"),
        (&|p| synapse(p).post.names.clear(), "on_pre: trace 0 of 0"),
        (&|p| reads(&mut synapse(p).pre.spike, Input::State(1)), "pre: trace 1 of 1"),
        (
            &|p| reads(&mut synapse(p).pre.spike, Input::Trace(Side::Pre, 0)),
            "pre: Trace pre 0 is not of synapses",
        ),
        (&|p| lacks(&mut synapse(p).post.spike, Output::State(0)), "post: it gives no state"),
        (
            &|p| gives(&mut synapse(p).post.spike, Output::State(1), Output::State(0)),
            "post: state variable 1 of 1",
        ),
        (&|p| synapse(p).on_pre.inputs.clear(), "on_pre: "),
    ];
    each_is_named(faults);
}

#[test]
fn faults_of_delivery_are_named() {
    each_is_named(&[
        (
            &|p| synapse(p).sent[0].bounds.least = i32::MAX,
            "the least that its synapses send is above",
        ),
        (&|p| synapse(p).sent[0].receptor = 7, "receptor 7 of 2"),
        (&|p| double(p), "its synapses send to receptor input twice"),
        (&|p| synapse(p).sent.clear(), "on_pre: sent 0 is of pre events"),
        (&|p| synapse(p).dendritic_steps = 1, "its least delay has no step before the synapse"),
        (&|p| synapse(p).back_steps = 2, "its spikes take longer back than the largest delay"),
    ]);
}

#[test]
fn faults_of_conditions_are_named() {
    let condition = |plan: &mut Plan, input: Input, outputs: &[Output]| {
        let mut builder = Builder::new();
        let value = builder.input(input);
        let holds = builder.emit(Op::FLt(value, value));
        let outputs = outputs.iter().map(|output| (*output, holds)).collect();
        synapse(plan).on_post_if = Some(builder.program(outputs));
    };
    let (signal, spike) = (Input::Signal(0), Output::Spike);
    each_is_named(&[
        (&|p| condition(p, signal, &[spike]), "on_post_if: signal 0 of 0"),
        (
            &|p| condition(p, Input::Target(0), &[spike]),
            "on_post_if: variable of the target 0 of 0",
        ),
        (&|p| condition(p, Input::State(0), &[spike]), "on_post_if: State 0 is not of conditions"),
        (&|p| condition(p, signal, &[]), "on_post_if: "),
    ]);
}

fn each_is_named(faults: &[(Break<'_>, &str)]) {
    assert_eq!(right().verify(), Ok(()));
    for (number, (fault, expected)) in faults.iter().enumerate() {
        let mut plan = right();
        fault(&mut plan);
        let found = plan.verify().expect_err(expected);
        let text = found.to_string();
        let words = format!("the plan is not well formed: projection learns: {expected}");
        assert!(text.contains(expected), "{number}: `{words}` is not in `{text}`");
        let error = ModelBackend::default().compile(&plan).err();
        assert_eq!(error, Some(BackendError::Malformed(found)), "{number}");
    }
}

/// Adds a receptor to which no program sends.
fn other_receptor(plan: &mut Plan) {
    let first = synapse(plan).sent[0];
    synapse(plan).sent.push(SentPlan { receptor: 1, ..first });
}

fn double(plan: &mut Plan) {
    let first = synapse(plan).sent[0];
    synapse(plan).sent.push(first);
}

fn on_post(plan: &mut Plan) -> &mut Program {
    synapse(plan).on_post.as_mut().unwrap()
}

/// Adds a clocked block with the program of another event.
fn clocked(
    plan: &mut Plan,
    period_steps: u32,
    like: impl Fn(&mut Plan) -> &mut Program,
) -> &mut Program {
    let program = like(plan).clone();
    let blocks = &mut synapse(plan).clocked;
    blocks.push(ClockedPlan { period_steps, program });
    &mut blocks.last_mut().unwrap().program
}
