//! Stores: when the results of a program are written.

use super::{Code, Dst, Instruction, Roots, Src};
use isospike_core::ir::Output;

/// Adds the stores of the results to the list, and the clearing of the accumulators. Gives the list
/// and where the spike condition is.
pub(super) fn place(
    list: Vec<Instruction>,
    roots: &Roots,
    receptors: u32,
) -> (Vec<Instruction>, Option<Src>) {
    let mut next = list.iter().map(|i| i.dst.number() + 1).max().unwrap_or(0);
    let mut copies = Vec::new();
    let mut stores = Vec::new();
    // A result that is another variable's old value, or a spike condition that is no register, is
    // copied first: the array it names may be overwritten before it is read.
    let mut settle = |src: Src| match src {
        Src::State(_) | Src::Integer(_) => {
            copies.push(Instruction::new(Code::Copy, Dst::Value(next), &[src]));
            next += 1;
            Src::Value(next - 1)
        }
        src => src,
    };
    for &(output, src) in &roots.state {
        match output {
            Output::State(n) if src != Src::State(n) => {
                stores.push(Instruction::new(Code::Flush, Dst::State(n), &[settle(src)]));
            }
            Output::Integer(n) if src != Src::Integer(n) => {
                stores.push(Instruction::new(Code::Copy, Dst::Integer(n), &[settle(src)]));
            }
            Output::State(_) | Output::Integer(_) | Output::Spike | Output::Sent(_) => {}
        }
    }
    let spike = roots.spike.map(settle);
    for n in 0..receptors {
        stores.push(Instruction::new(Code::Copy, Dst::Accumulator(n), &[Src::Scalar(0)]));
    }

    let mut list: Vec<Instruction> = copies.into_iter().chain(list).collect();
    for store in stores {
        let at = position(&list, &store);
        list.insert(at, store);
    }
    (list, spike)
}

/// The first place after the value is made and the old content was read for the last time.
fn position(list: &[Instruction], store: &Instruction) -> usize {
    let made =
        list.iter().rposition(|i| matches!(i.dst, Dst::Value(v) if Src::Value(v) == store.src[0]));
    let target = match store.dst {
        Dst::State(n) => Some(Src::State(n)),
        Dst::Integer(n) => Some(Src::Integer(n)),
        Dst::Accumulator(n) => Some(Src::Accumulator(n)),
        Dst::Value(_) | Dst::Register(_) => None,
    };
    let read = target.and_then(|target| list.iter().rposition(|i| i.src.contains(&target)));
    made.max(read).map_or(0, |position| position + 1)
}
