//! The OpenCL C of every kind of kernel: reviewed as text, and accepted by every compiler here.

use crate::common::on_each;
use crate::tiny;
use isospike_conformance::device::verified;
use isospike_core::base::random::PoissonTable;
use isospike_core::device::Device;
use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::share::{ROUNDS, Sharing};
use isospike_core::device::kernels::{RowFormat, Stage, Width, clear, stages};
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::{Access, Guarantees, Kernel, Op, Type, Val};
use isospike_core::plan::Plan;
use isospike_core::print::c::OPENCL_C;
use isospike_core::print::{ContractionGuard, print};

/// A noisy LIF population that a spike list drives, probed.
fn network() -> Plan {
    let cells = tiny::lif(Some(PoissonTable::new(0.9)));
    let mut plan = tiny::plan(cells, 100, &[(0, 0), (0, 1), (4, 1)], &[(0, 3, 9, 2)], &[]);
    plan.probes = vec![tiny::probe(&[5, 6], 10)];
    plan
}

/// The kernels: for rows of 20 synapses, or with wide weights for rows of 10,000.
fn kernels(plan: &Plan, wide: bool, guarantees: Guarantees) -> Vec<Stage> {
    let layout = Layout::new(plan);
    let rows = [if wide { 10_000 } else { 20 }; 10];
    let format = RowFormat { wide, parts: vec![Sharing::new(&rows, ROUNDS, 10, 1)] };
    let width = Width { deliver_groups: 32, learn_groups: 4, clear_groups: 16 };
    let mut all = stages(plan, &layout, &format, &[], width, guarantees);
    all.push(clear(&layout, width, guarantees));
    all
}

fn source(kernel: &Kernel, contraction_guard: ContractionGuard) -> String {
    print(kernel, &OPENCL_C, contraction_guard).unwrap()
}

#[test]
fn every_kind_of_kernel() {
    for stage in kernels(&network(), false, Guarantees::ALL) {
        let name = stage.kernel.name.clone();
        insta::assert_snapshot!(name, source(&stage.kernel, ContractionGuard::None));
    }
    let wide = kernels(&network(), true, Guarantees::ALL);
    let deliver = wide.iter().find(|stage| stage.kernel.name == "deliver").unwrap();
    insta::assert_snapshot!("deliver_wide", source(&deliver.kernel, ContractionGuard::None));
}

#[test]
fn the_full_barrier_guards_every_float_result() {
    let stages = kernels(&network(), false, Guarantees::NONE);
    let update = stages.iter().find(|stage| stage.kernel.name == "update_1").unwrap();
    insta::assert_snapshot!(
        "update_1-full_barrier",
        source(&update.kernel, ContractionGuard::FullBarrier)
    );
}

#[test]
fn every_compiler_takes_every_kind_of_kernel() {
    let mut copies = network();
    copies.batch = 3;
    on_each(|device, path| {
        for (plan, wide) in [(&network(), false), (&network(), true), (&copies, false)] {
            for stage in kernels(plan, wide, device.guarantees()) {
                let kernel = verified(&stage.kernel, &vec![1000; stage.buffers.len()]).unwrap();
                let compiled = device.compile(&kernel);
                assert!(compiled.is_ok(), "{path}: {}", compiled.unwrap_err());
            }
        }
    });
}

/// A kernel that evaluates operations on the words of one buffer and stores those that are words.
fn every_op(ops: &[Op]) -> Kernel {
    let mut b = KernelBuilder::new("ops", 64, Guarantees::ALL);
    let input = b.bind("input", Access::Read);
    let output = b.bind("output", Access::ReadWrite);
    let thread = b.emit(Op::ThreadId);
    b.load(input, thread);
    for op in ops {
        let value = b.emit(*op);
        if op.result_type() == Some(Type::U32) {
            b.store(output, thread, value);
        }
    }
    b.finish()
}

/// Operands: a word, that word as a float, as an integer, and a condition; then literals that C
/// takes only in some form.
fn operations() -> Vec<Op> {
    let (word, float, int, cond) = (Val(1), Val(2), Val(3), Val(4));
    vec![
        Op::BitsToF(word),
        Op::UToI(word),
        Op::FLt(float, float),
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
        Op::UMulHi(word, Val(13)),
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
    ]
}

#[test]
fn every_operation_and_every_awkward_literal() {
    let kernel = every_op(&operations());
    let checked = verified(&kernel, &[64, 64]).unwrap();
    insta::assert_snapshot!("ops", source(&kernel, ContractionGuard::None));
    on_each(|device, path| {
        let compiled = device.compile(&checked);
        assert!(compiled.is_ok(), "{path}: {}", compiled.unwrap_err());
    });
}
