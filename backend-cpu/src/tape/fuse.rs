//! Pairs of operations done in one pass over the block, so that the value between them never goes
//! through memory. Each operation still rounds by itself: bits do not change.

use super::{Code, Dst, Instruction, Roots, Src};
use isospike_core::ir::Op;

/// Fuses products into the sums that are their only use, and conversions into products.
pub(super) fn fuse(list: &mut Vec<Instruction>, roots: &Roots) {
    let values = list.iter().map(|i| value(i) + 1).max().unwrap_or(0) as usize;
    let mut uses = vec![0_u32; values];
    let mut at = vec![usize::MAX; values];
    for (position, instruction) in list.iter().enumerate() {
        at[value(instruction) as usize] = position;
        instruction.src.iter().for_each(|src| count(src, &mut uses));
    }
    roots.all().for_each(|src| count(&src, &mut uses));

    let mut gone = vec![false; list.len()];
    let single = |src: Src, uses: &[u32]| match src {
        Src::Value(v) if uses[v as usize] == 1 => Some(at[v as usize]),
        _ => None,
    };
    for position in 0..list.len() {
        let [a, b, _] = list[position].src;
        let product = |src: Src| {
            single(src, &uses).filter(|&p| matches!(list[p].code, Code::Op(Op::FMul(..))))
        };
        let fused = match list[position].code {
            Code::Op(Op::FAdd(..)) => {
                let left = product(a).map(|p| (p, Code::MulAdd, b));
                left.or_else(|| product(b).map(|p| (p, Code::MulAdd, a)))
            }
            Code::Op(Op::FSub(..)) => {
                let left = product(a).map(|p| (p, Code::MulSub, b));
                left.or_else(|| product(b).map(|p| (p, Code::SubMul, a)))
            }
            _ => None,
        };
        if let Some((p, code, other)) = fused {
            let [x, y, _] = list[p].src;
            list[position].code = code;
            list[position].src = [x, y, other];
            gone[p] = true;
        }
    }
    for position in 0..list.len() {
        let [a, b, c] = list[position].src;
        let converted = |src: Src| {
            single(src, &uses).filter(|&p| matches!(list[p].code, Code::Op(Op::IToF(_))))
        };
        if gone[position] || !matches!(list[position].code, Code::Op(Op::FMul(..))) {
            continue;
        }
        let fused = converted(a).map(|p| (p, b)).or_else(|| converted(b).map(|p| (p, a)));
        if let Some((p, other)) = fused {
            list[position].code = Code::ConvertMul;
            list[position].src = [list[p].src[0], other, c];
            gone[p] = true;
        }
    }
    let mut position = 0;
    list.retain(|_| {
        position += 1;
        !gone[position - 1]
    });
}

fn value(instruction: &Instruction) -> u32 {
    match instruction.dst {
        Dst::Value(v) => v,
        _ => 0,
    }
}

fn count(src: &Src, uses: &mut [u32]) {
    if let Src::Value(v) = src {
        uses[*v as usize] += 1;
    }
}
