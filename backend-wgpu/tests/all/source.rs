//! The WGSL of every kind of kernel: reviewed as text, and accepted by naga.

use crate::tiny;
use isospike_core::base::random::PoissonTable;
use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::share::{ROUNDS, Sharing};
use isospike_core::device::kernels::{RowFormat, Stage, Width, clear, stages};
use isospike_core::ir::{Access, Binding, Guarantees, Kernel, Op, Stmt, Type, Val};
use isospike_core::plan::Plan;
use isospike_core::print::{ContractionGuard, print};
use isospike_wgpu::wgsl::Wgsl;

const PROMISES: Guarantees = Guarantees::NONE;

/// A noisy LIF population that a spike list drives, probed.
fn network() -> Plan {
    let cells = tiny::lif(Some(PoissonTable::new(0.9)));
    let mut plan = tiny::plan(cells, 100, &[(0, 0), (0, 1), (4, 1)], &[(0, 3, 9, 2)], &[]);
    plan.probes = vec![tiny::probe(&[5, 6], 10)];
    plan
}

/// The kernels: for rows of 20 synapses, or with wide weights for rows of 10,000.
fn kernels(plan: &Plan, wide: bool) -> Vec<Stage> {
    let layout = Layout::new(plan);
    let rows = [if wide { 10_000 } else { 20 }; 10];
    let format = RowFormat { wide, parts: vec![Sharing::new(&rows, ROUNDS, 10, 1)] };
    let width = Width { deliver_groups: 32, learn_groups: 4, clear_groups: 16 };
    let mut all = stages(plan, &layout, &format, &[], width, PROMISES);
    all.push(clear(&layout, width, PROMISES));
    all
}

/// Parses and validates WGSL as a WebGPU implementation does.
fn validate(source: &str) {
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{}\n{source}", error.emit_to_string(source)),
    };
    let flags = naga::valid::ValidationFlags::all();
    let capabilities = naga::valid::Capabilities::empty();
    let mut validator = naga::valid::Validator::new(flags, capabilities);
    if let Err(error) = validator.validate(&module) {
        panic!("{}\n{source}", error.emit_to_string(source));
    }
}

fn source(kernel: &Kernel, contraction_guard: ContractionGuard) -> String {
    let source = print(kernel, &Wgsl, contraction_guard).unwrap();
    validate(&source);
    source
}

#[test]
fn every_kind_of_kernel() {
    for stage in kernels(&network(), false) {
        let name = format!("{}-none", stage.kernel.name);
        insta::assert_snapshot!(name, source(&stage.kernel, ContractionGuard::None));
    }
    let wide = kernels(&network(), true);
    let deliver = wide.iter().find(|stage| stage.kernel.name == "deliver").unwrap();
    insta::assert_snapshot!("deliver_wide-none", source(&deliver.kernel, ContractionGuard::None));
}

#[test]
fn the_full_barrier_guards_every_float_result() {
    for stage in kernels(&network(), false) {
        let text = source(&stage.kernel, ContractionGuard::FullBarrier);
        let float = |op: &&Op| {
            matches!(op, Op::FAdd(..) | Op::FSub(..) | Op::FMul(..) | Op::FDiv(..) | Op::FSqrt(_))
        };
        let results = stage.kernel.ops.iter().filter(float).count();
        assert_eq!(text.matches("+ zz)").count(), results, "{}", stage.kernel.name);
        if stage.kernel.name == "update_1" {
            assert!(results >= 3);
            insta::assert_snapshot!("update_1-full_barrier", text);
        }
    }
}

#[test]
fn copies_of_a_batch_are_told_apart() {
    let mut plan = network();
    plan.batch = 3;
    for stage in kernels(&plan, true) {
        source(&stage.kernel, ContractionGuard::None);
    }
}

/// A kernel that evaluates operations on the words of buffer 0 and stores each word.
fn every_op(ops: &[Op]) -> Kernel {
    let mut kernel = Kernel {
        name: "ops".into(),
        bindings: vec![
            Binding { name: "input", access: Access::Read },
            Binding { name: "output", access: Access::ReadWrite },
        ],
        group_size: 64,
        ops: Vec::new(),
        types: Vec::new(),
        vars: 0,
        body: Vec::new(),
    };
    for (op, val) in ops.iter().zip((0..).map(Val)) {
        let ty = match op {
            Op::Select(_, a, _) => kernel.types[a.0 as usize],
            _ => op.result_type().unwrap(),
        };
        kernel.types.push(ty);
        kernel.ops.push(*op);
        kernel.body.push(Stmt::Let(val));
        if ty == Type::U32 {
            kernel.body.push(Stmt::Store { buffer: 1, index: Val(0), value: val });
        }
    }
    kernel
}

#[test]
fn every_operation_and_every_awkward_literal() {
    let (thread, word, float, int, cond) = (Val(0), Val(1), Val(2), Val(3), Val(4));
    let ops = [
        Op::ThreadId,
        Op::Load(0, thread),
        Op::BitsToF(word),
        Op::UToI(word),
        Op::FLt(float, float),
        // Literals that WGSL takes only in some form, or not as constants.
        Op::F32(0x7f80_0000),
        Op::F32(0x7fc0_0000),
        Op::F32(0x8000_0000),
        Op::F32(1),
        Op::F32(0x7f7f_ffff),
        Op::I32(i32::MIN),
        Op::I32(-1),
        Op::I32(i32::MAX),
        Op::U32(u32::MAX),
        Op::Bool(true),
        Op::FAdd(float, Val(5)),
        Op::FSub(float, Val(6)),
        Op::FMul(float, Val(7)),
        Op::FDiv(float, Val(8)),
        Op::FSqrt(float),
        Op::FLe(float, Val(9)),
        Op::FEq(float, Val(9)),
        Op::IAdd(int, Val(10)),
        Op::ISub(int, Val(11)),
        Op::IMul(int, Val(12)),
        Op::ISar(int, 31),
        Op::ILt(int, Val(10)),
        Op::IEq(int, Val(10)),
        Op::UAdd(word, Val(13)),
        Op::USub(word, Val(13)),
        Op::UMul(word, Val(13)),
        Op::UDiv(word, 7),
        Op::URem(word, 4_000_000_000),
        Op::UAnd(word, word),
        Op::UOr(word, word),
        Op::UXor(word, word),
        Op::UShl(Val(13), 31),
        Op::UShr(word, 31),
        Op::UShlBy(Val(13), word),
        Op::UShrBy(word, word),
        Op::ULt(word, word),
        Op::UEq(word, word),
        Op::And(cond, Val(14)),
        Op::Or(cond, cond),
        Op::Not(cond),
        Op::Select(cond, float, Val(5)),
        Op::Select(cond, int, Val(10)),
        Op::FToBits(float),
        Op::IToU(int),
        Op::IToF(int),
        Op::FToI(float),
        Op::LocalId,
        Op::GroupId,
        Op::GroupCount,
    ];
    let kernel = every_op(&ops);
    insta::assert_snapshot!("ops-none", source(&kernel, ContractionGuard::None));
    source(&kernel, ContractionGuard::FullBarrier);
}

#[test]
fn what_wgsl_cannot_say_is_refused_by_name() {
    let kernel = every_op(&[Op::U32(3), Op::UMulHi(Val(0), Val(0))]);
    let error = print(&kernel, &Wgsl, ContractionGuard::None).unwrap_err().to_string();
    assert_eq!(error, "kernel ops: UMulHi(Val(0), Val(0)) cannot be printed in this language");
}
