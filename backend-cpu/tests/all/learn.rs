//! Synapses that learn: the same bits as both oracles.

use crate::common::every_way;
use isospike_core::base::id::Side;
use isospike_core::describe::model::{BinaryOp, Expr, Function, Stmt};
use isospike_core::describe::synapse::*;
use isospike_core::ir::Guarantees;
use isospike_core::oracle::kernel::MachineBackend;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::Backend;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::record::Recording;
use isospike_cpu::{CpuBackend, Options};
use std::sync::Arc;

fn num(x: f64) -> Expr {
    Expr::Number(x)
}
fn bin(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}
fn clamp(x: Expr) -> Expr {
    Expr::Call(Function::Clamp, vec![x, num(0.0), num(20.0)])
}

fn model() -> SynapseModel {
    use BinaryOp::*;
    let w = || Expr::State(0);
    let x = |n| Expr::Trace(Side::Pre, n);
    let y = |n| Expr::Trace(Side::Post, n);
    let trace = |name: &str, tau: f64| TraceDef { name: name.into(), tau: num(tau) };
    let jump = |n| Stmt::SetState(n, bin(Add, Expr::State(n), num(1.0)));
    let both = |p: &str| TracesDef {
        traces: vec![trace(&format!("{p}1"), 20.0), trace(&format!("{p}2"), 50.0)],
        spike: EventProgram { statements: vec![jump(0), jump(1)], locals: 0 },
    };
    SynapseModel {
        name: "triplet".into(),
        parameters: vec![],
        state: vec![SynapseStateDef {
            name: "w".into(),
            initial: InitialDef::Weight,
            dimension: Default::default(),
            bounds: None,
        }],
        pre: both("x"),
        post: both("y"),
        on_pre: EventProgram {
            statements: vec![
                Stmt::SetState(
                    0,
                    clamp(bin(
                        Sub,
                        w(),
                        bin(Mul, y(0), bin(Add, num(0.7), bin(Mul, num(0.3), x(1)))),
                    )),
                ),
                Stmt::SetState(1, w()),
            ],
            locals: 0,
        },
        on_post: EventProgram {
            statements: vec![Stmt::SetState(
                0,
                clamp(bin(Add, w(), bin(Mul, x(0), bin(Add, num(0.6), bin(Mul, num(0.4), y(1)))))),
            )],
            locals: 0,
        },
    }
}

fn plan(batch: u32) -> Plan {
    let text = format!(
        "[network]\nname = \"n\"\ndt = \"0.1 ms\"\nduration = \"1 ms\"\nbatch = {batch}\n\
         [population.a]\nsize = 150\nmodel = \"lif_exp\"\n\
         [population.b]\nsize = 30\nmodel = \"lif_exp\"\n\
         [stimulus.s]\nkind = \"poisson\"\npopulation = \"a\"\nrate = \"8 kHz\"\nweight = \"300 pA\"\n\
         [projection.p]\nfrom = \"a\"\nto = \"a\"\n\
         connect = {{ fixed_probability = 0.2 }}\n\
         weight = {{ uniform = [\"1 pA\", \"15 pA\"] }}\ndelay = {{ uniform = [\"0.1 ms\", \"2 ms\"] }}\n\
         [projection.q]\nfrom = \"a\"\nto = \"b\"\n\
         connect = {{ fixed_in_degree = 20 }}\n\
         weight = \"20 pA\"\ndelay = \"1.5 ms\"\n"
    );
    let folder = std::path::Path::new("");
    let network = isospike_front::file::parse(&text, "test", folder, &[]).expect("a model");
    let limits = isospike_front::check::Limits { memory_bytes: None };
    let mut checked = network.check(limits).unwrap_or_else(|e| panic!("{e:?}"));
    for projection in &mut checked.projections {
        projection.synapse = Some(Synapse {
            model: Arc::new(model()),
            parameters: vec![],
            initial: vec![Initial::Weight],
            pre_tau_ms: vec![20.0, 50.0],
            post_tau_ms: vec![20.0, 50.0],
            sent: (0.0, 20.0),
        });
    }
    lower(Arc::new(checked))
}

fn run(backend: &dyn Backend, plan: &Plan, cuts: &[u32]) -> (Recording, Vec<u32>) {
    let mut simulation = backend.compile(plan).expect("it compiles");
    let mut recording = Recording::new(plan);
    for steps in cuts {
        simulation.run(*steps, &mut recording).expect("it runs");
    }
    (recording, simulation.state().expect("a state"))
}

#[test]
fn every_way_has_the_bits_of_both_oracles() {
    for batch in [1, 2] {
        let plan = plan(batch);
        let steps = 400;
        let (expected, state) = run(&ModelBackend::default(), &plan, &[steps]);
        assert!(expected.spikes.len() > 300, "{}", expected.spikes.len());
        assert_ne!(state, plan.initial_state());
        let same = |backend: &dyn Backend, what: &str, cuts: &[u32]| {
            let (found, words) = run(backend, &plan, cuts);
            let spikes = found.spikes.iter().zip(&expected.spikes).position(|(a, b)| a != b);
            assert_eq!(spikes, None, "{what} {cuts:?}");
            let first = words.iter().zip(&state).position(|(a, b)| a != b);
            assert_eq!(first, None, "{what} {cuts:?} of {}", words.len());
        };
        same(&MachineBackend::new(Guarantees::ALL), "machine", &[steps]);
        for threads in [1, 2, 3] {
            for options in every_way() {
                let cpu = CpuBackend::new(Options { threads: Some(threads), ..options });
                let cpu = cpu.expect("a CPU");
                for cuts in [&[steps][..], &[1, 100, steps - 101], &[37, steps - 37]] {
                    same(&cpu, &format!("{threads} {options:?}"), cuts);
                }
            }
        }
    }
}

#[test]
fn a_checkpoint_of_one_backend_goes_on_on_another() {
    let plan = plan(2);
    let cpu = CpuBackend::new(Options { threads: Some(2), ..Options::default() }).expect("a CPU");
    let (machine, model) = (MachineBackend::new(Guarantees::ALL), ModelBackend::default());
    let (expected, state) = run(&cpu, &plan, &[300]);
    let backends: [&dyn Backend; 3] = [&cpu, &machine, &model];
    for from in backends {
        let mut simulation = from.compile(&plan).expect("it compiles");
        let mut recording = Recording::new(&plan);
        simulation.run(200, &mut recording).expect("it runs");
        let checkpoint = Checkpoint::take(&plan, &mut *simulation, &recording).expect("taken");
        for to in backends {
            let mut other = to.compile(&plan).expect("it compiles");
            let mut rest = Recording::new(&plan);
            other.run(33, &mut rest).expect("it runs");
            other.restore(&checkpoint).expect("it fits");
            let mut recording = recording.clone();
            other.run(100, &mut recording).expect("it runs");
            assert!(recording.spikes == expected.spikes);
            let words = other.state().expect("a state");
            assert_eq!(words.iter().zip(&state).position(|(a, b)| a != b), None);
        }
    }
}
