//! The verifier refuses what is not well-formed, by name; and passes every built-in model.

use isospike_core::base::id::PopulationId;
use isospike_core::describe::checked::{Checked, PerNeuron, Population, PopulationKind};
use isospike_core::describe::model::{NeuronModel, SpikeRule};
use isospike_core::ir::build::Builder;
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::{
    Access, Atomic, Guarantees, Input, Kernel, Op, Output, Program, Stmt, Type, Val, Var, text,
    verify,
};
use isospike_core::plan::lower::neuron::neuron_program;
use isospike_front::language;
use std::sync::Arc;

fn program(ops: Vec<Op>, types: Vec<Type>) -> Program {
    Program::new(ops, types, Vec::new())
}

fn refused(program: &Program, part: &str) {
    let message = verify::program(program).unwrap_err();
    assert!(message.contains(part), "{message}");
}

#[test]
fn malformed_programs_are_refused() {
    use Type::{Bool, F32, I32, U32};
    let one = Op::F32(0x3f80_0000);
    refused(&program(vec![one], vec![]), "1 operations but 0 types");
    refused(&program(vec![Op::FAdd(Val(0), Val(0))], vec![F32]), "%0 is not in scope");
    refused(
        &program(vec![one, Op::IAdd(Val(0), Val(0))], vec![F32, I32]),
        "operands are [F32, F32]",
    );
    refused(&program(vec![one], vec![U32]), "gives F32");
    refused(&program(vec![Op::ThreadId], vec![U32]), "may not stand in a Program");
    refused(&program(vec![Op::U32(1), Op::UShl(Val(0), 32)], vec![U32, U32]), "shifts by 32");
    refused(&program(vec![Op::U32(1), Op::UDiv(Val(0), 0)], vec![U32, U32]), "divides by 0");
    refused(
        &program(vec![Op::Input(Input::Random { stream: 0, draw: 256 })], vec![U32]),
        "above 255",
    );
    let mixed = vec![Op::Bool(true), one, Op::U32(0), Op::Select(Val(0), Val(1), Val(2))];
    refused(&program(mixed, vec![Bool, F32, U32, F32]), "operands are [Bool, F32, U32]");
    let mut spike = program(vec![one], vec![F32]);
    spike.outputs = vec![(Output::Spike, Val(0))];
    refused(&spike, "spike = %0 is F32, not Bool");
    spike.outputs = vec![(Output::Integer(0), Val(0))];
    refused(&spike, "integer 0 = %0 is F32, not I32");
    spike.outputs = vec![(Output::State(0), Val(3))];
    refused(&spike, "state 0 = %3 does not exist");
    spike.outputs = vec![(Output::State(0), Val(0)), (Output::State(0), Val(0))];
    refused(&spike, "state 0 is given twice");
}

#[test]
fn programs_whose_inputs_are_not_those_that_they_read_are_refused() {
    let mut builder = Builder::new();
    let v = builder.input(Input::State(0));
    let same = builder.input(Input::State(0));
    let counter = builder.input(Input::Integer(1));
    assert_eq!(v, same);
    let right = builder.program(vec![(Output::State(0), v), (Output::Integer(1), counter)]);
    assert_eq!(right.inputs, [Input::State(0), Input::Integer(1)]);
    verify::program(&right).unwrap();
    let with = |inputs: Vec<Input>| Program { inputs, ..right.clone() };
    refused(&with(vec![Input::State(0)]), "Integer 1 is read and is no input");
    let mut more = right.inputs.clone();
    more.push(Input::Step);
    refused(&with(more), "input Step is never read");
    let mut other = right.clone();
    other.outputs[1] = (Output::State(1), v);
    verify::program(&other).unwrap();
    other.outputs.push((Output::Integer(1), counter));
    refused(&other, "integer 1 is given twice");
}

/// `out[i] = in[i] + sum of 0..i`, with a branch, a loop and an atomic.
fn kernel() -> Kernel {
    let all = Guarantees::ALL;
    let mut k = KernelBuilder::new("sum", 64, all);
    let input = k.bind("in", Access::Read);
    let output = k.bind("out", Access::ReadWrite);
    let count = k.bind("count", Access::Atomic);
    let thread = k.emit(Op::ThreadId);
    let (sum, turn, old) = (k.var(), k.var(), k.var());
    let word = k.load(input, thread);
    k.set(sum, word);
    k.repeat(|k| {
        let now = k.get(turn);
        let done = k.ueq(now, thread);
        k.break_if(done);
        let before = k.get(sum);
        let after = k.uadd(before, now);
        k.set(sum, after);
        let one = k.u32(1);
        let next = k.uadd(now, one);
        k.set(turn, next);
    });
    let result = k.get(sum);
    let limit = k.u32(100);
    let small = k.ult(result, limit);
    k.when_else(
        small,
        |k| k.store(output, thread, result),
        |k| {
            let zero = k.u32(0);
            k.atomic(Atomic::Add, count, zero, result, Some(old));
        },
    );
    k.finish()
}

#[test]
fn a_kernel_reads_as_it_was_built() {
    let kernel = kernel();
    verify::kernel(&kernel).unwrap();
    insta::assert_snapshot!(text::kernel(&kernel), @"
    kernel sum (groups of 64)
    buffer 0 = in Read
    buffer 1 = out ReadWrite
    buffer 2 = count Atomic
    variables 3
    %0: U32 = ThreadId
    %1: U32 = Load 0[%0]
    $0 = %1
    loop {
      %2: U32 = Get $1
      %3: Bool = UEq %2 %0
      break if %3
      %4: U32 = Get $0
      %5: U32 = UAdd %4 %2
      $0 = %5
      %6: U32 = U32 0x1
      %7: U32 = UAdd %2 %6
      $1 = %7
    }
    %8: U32 = Get $0
    %9: U32 = U32 0x64
    %10: Bool = ULt %8 %9
    if %10 {
      out[%0] = %8
    } else {
      %11: U32 = U32 0x0
      $2 = atomic Add count[%11] %8
    }
    ");
}

#[test]
fn malformed_kernels_are_refused() {
    let refused = |change: &dyn Fn(&mut Kernel), part: &str| {
        let mut changed = kernel();
        change(&mut changed);
        let message = verify::kernel(&changed).unwrap_err();
        assert!(message.contains(part), "{message}");
    };
    refused(&|k| k.group_size = 0, "group size");
    refused(&|k| k.vars = 1, "no variable $1");
    refused(&|k| k.bindings.truncate(1), "buffer 1 is not bound");
    refused(&|k| k.bindings[1].access = Access::Read, "`out` is bound Read");
    refused(&|k| k.bindings[2].access = Access::ReadWrite, "`count` is bound ReadWrite");
    refused(&|k| k.body.push(Stmt::BreakIf(Val(0))), "break outside a loop");
    refused(&|k| k.body.push(Stmt::Let(Val(0))), "evaluated twice");
    refused(&|k| k.body.push(Stmt::Set(Var(0), Val(2))), "%2 is not in scope");
    refused(&|k| k.body.insert(0, Stmt::Set(Var(0), Val(0))), "%0 is not in scope");
    refused(&|k| k.ops[0] = Op::Input(Input::Step), "may not stand in a Kernel");
    refused(
        &|k| {
            k.ops.push(Op::U32(0));
            k.types.push(Type::U32);
        },
        "is never evaluated",
    );
}

/// A network of one neuron of a built-in model, every parameter without default being 10.
fn one_neuron(model: Arc<NeuronModel>) -> Checked {
    let parameters =
        model.parameters.iter().map(|p| PerNeuron::All(p.default.unwrap_or(10.0))).collect();
    let initial = vec![PerNeuron::All(0.0); model.state.len()];
    let kind = PopulationKind::Neurons { model, parameters, initial, refractory_steps: 3 };
    let population = Population { name: "p".into(), size: 1, kind, reference_rate_hz: None };
    Checked {
        name: "one".into(),
        dt_ms: 0.1,
        duration_steps: 1,
        transient_steps: 0,
        seed: 1,
        batch: 1,
        populations: vec![population],
        projections: vec![],
        stimuli: vec![],
        probes: vec![],
        synapse_probes: vec![],
        signals: vec![],
    }
}

#[test]
fn built_in_models_are_well_formed() {
    for name in language::builtin_names() {
        let model = language::builtin(name).unwrap();
        let exponents = vec![16; model.receptors.len()];
        let held = usize::from(model.spike == SpikeRule::Crossing);
        let (states, spikes) = (model.state.len() + held, model.threshold.is_some());
        let plan = neuron_program(&one_neuron(model), PopulationId(0), &exponents);
        verify::program(&plan.program).unwrap_or_else(|message| panic!("{name}: {message}"));
        assert_eq!(plan.float_variables(), states, "{name}");
        assert_eq!(plan.program.next_state().count(), plan.state.len(), "{name}");
        assert_eq!(plan.program.spike().is_some(), spikes, "{name}");
    }
}

#[test]
fn equal_operations_are_named_once_in_scope_only() {
    let mut builder = Builder::new();
    let (a, b) = (builder.f32(1.5), builder.f32(1.5));
    assert_eq!(a, b);
    let none = Guarantees::NONE;
    let mut k = KernelBuilder::new("scopes", 1, none);
    let thread = k.emit(Op::ThreadId);
    let mut inner = None;
    let always = k.emit(Op::Bool(true));
    k.when(always, |k| inner = Some(k.u32(7)));
    let outer = k.u32(7);
    assert_ne!(inner, Some(outer));
    assert_eq!(k.emit(Op::ThreadId), thread);
    verify::kernel(&k.finish()).unwrap();
}
