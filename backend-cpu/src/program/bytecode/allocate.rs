//! Registers of the block interpreter: which array of a block holds what.

use super::{Bytecode, Dst, Instruction, Src};

/// Gives registers to values (linear scan), and puts the list into the bytecode.
pub(super) fn allocate(bytecode: &mut Bytecode, mut list: Vec<Instruction>, spike: Option<Src>) {
    let values = list.iter().map(|i| i.dst.number() + 1).max().unwrap_or(0) as usize;
    let mut last = vec![0; values];
    for (position, instruction) in list.iter().enumerate() {
        for src in instruction.src {
            if let Src::Value(v) = src {
                last[v as usize] = position;
            }
        }
    }
    if let Some(Src::Value(v)) = spike {
        last[v as usize] = usize::MAX;
    }
    let mut register = vec![u32::MAX; values];
    let mut free: Vec<u32> = Vec::new();
    for (position, instruction) in list.iter_mut().enumerate() {
        let before = instruction.src;
        for src in &mut instruction.src {
            if let Src::Value(v) = *src {
                *src = Src::Register(register[v as usize]);
            }
        }
        // The result's register is taken before the operands' are given back: no instruction
        // writes where it reads.
        if let Dst::Value(v) = instruction.dst {
            let r = free.pop().unwrap_or_else(|| {
                bytecode.registers += 1;
                bytecode.registers - 1
            });
            register[v as usize] = r;
            instruction.dst = Dst::Register(r);
        }
        for (k, src) in before.iter().enumerate() {
            if let Src::Value(v) = *src
                && last[v as usize] == position
                && !before[..k].contains(src)
            {
                free.push(register[v as usize]);
            }
        }
    }
    bytecode.instructions = list;
    bytecode.spike = spike.map(|src| match src {
        Src::Value(v) => Src::Register(register[v as usize]),
        src => src,
    });
}
