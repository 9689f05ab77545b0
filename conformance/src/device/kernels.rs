//! Kernels small enough to know by heart.

use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Access, Atomic, Guarantees, Kernel, Op};
use isospike_core::run::backend::BackendError;

/// Threads in a group.
pub const GROUP: u32 = 64;

/// An empty kernel.
pub fn builder(name: &str) -> KernelBuilder {
    KernelBuilder::new(name, GROUP, Guarantees::NONE)
}

/// Verifies a kernel for buffers of so many words each.
pub fn verified(kernel: &Kernel, words: &[u64]) -> Result<Verified, BackendError> {
    Verified::new(kernel, words).map_err(BackendError::Kernel)
}

/// `to[i] = 3 * to[i] + from[i]`: the order and the number of launches show in the result.
pub fn triple_and_add() -> Kernel {
    let mut b = builder("triple");
    let from = b.bind("from", Access::Read);
    let to = b.bind("to", Access::ReadWrite);
    let i = b.emit(Op::ThreadId);
    let add = b.load(from, i);
    let old = b.load(to, i);
    let three = b.u32(3);
    let tripled = b.emit(Op::UMul(three, old));
    let sum = b.uadd(tripled, add);
    b.store(to, i, sum);
    b.finish()
}

/// Each thread adds its number to word 0, one to the word of its group, and sets the bit of its
/// place in the last word.
pub fn count(groups: u32) -> Kernel {
    let mut b = builder("count");
    let sums = b.bind("sums", Access::Atomic);
    let (zero, one, last) = (b.u32(0), b.u32(1), b.u32(groups + 1));
    let thread = b.emit(Op::ThreadId);
    b.atomic(Atomic::Add, sums, zero, thread, None);
    let group = b.emit(Op::GroupId);
    let of_group = b.uadd(group, one);
    b.atomic(Atomic::Add, sums, of_group, one, None);
    let local = b.emit(Op::LocalId);
    let place = b.emit(Op::UShr(local, 1));
    let bit = b.emit(Op::UShlBy(one, place));
    b.atomic(Atomic::Or, sums, last, bit, None);
    b.finish()
}

/// The first thread of each group writes how many groups there are.
pub fn sign_in() -> Kernel {
    let mut b = builder("sign_in");
    let list = b.bind("list", Access::ReadWrite);
    let local = b.emit(Op::LocalId);
    let zero = b.u32(0);
    let first = b.emit(Op::UEq(local, zero));
    let group = b.emit(Op::GroupId);
    let groups = b.emit(Op::GroupCount);
    b.when(first, |b| b.store(list, group, groups));
    b.finish()
}
