//! Stores and registers: where results are written, and which register holds what.

use super::{Code, Dst, Instruction, Roots, Src, Tape};

/// Adds the stores of the results to the list, gives registers to values (linear scan), and puts
/// both into the tape.
pub(super) fn schedule(tape: &mut Tape, list: Vec<Instruction>, roots: Roots) {
    let mut next = list.iter().map(|i| number(i.dst) + 1).max().unwrap_or(0);
    let mut copies = Vec::new();
    let mut stores = Vec::new();
    // A result that is another variable's old value, or a spike condition that is no register, is
    // copied first: the array it names may be overwritten before it is read.
    let mut settle = |src: Src| match src {
        Src::State(_) | Src::Refractory => {
            copies.push(Instruction::new(Code::Copy, Dst::Value(next), &[src]));
            next += 1;
            Src::Value(next - 1)
        }
        src => src,
    };
    for (n, &src) in roots.state.iter().enumerate() {
        let n = n as u32;
        if src != Src::State(n) {
            stores.push(Instruction::new(Code::Flush, Dst::State(n), &[settle(src)]));
        }
    }
    if let Some(src) = roots.refractory.filter(|&src| src != Src::Refractory) {
        stores.push(Instruction::new(Code::Copy, Dst::Refractory, &[settle(src)]));
    }
    let spike = roots.spike.map(settle);

    let mut list: Vec<Instruction> = copies.into_iter().chain(list).collect();
    for store in stores {
        let at = store_position(&list, &store);
        list.insert(at, store);
    }
    allocate(tape, list, spike);
}

/// The first place after the value is made and the old content was read for the last time.
fn store_position(list: &[Instruction], store: &Instruction) -> usize {
    let made =
        list.iter().rposition(|i| matches!(i.dst, Dst::Value(v) if Src::Value(v) == store.src[0]));
    let target = match store.dst {
        Dst::State(n) => Src::State(n),
        _ => Src::Refractory,
    };
    let read = list.iter().rposition(|i| i.src.contains(&target));
    made.max(read).map_or(0, |position| position + 1)
}

fn allocate(tape: &mut Tape, mut list: Vec<Instruction>, spike: Option<Src>) {
    let values = list.iter().map(|i| number(i.dst) + 1).max().unwrap_or(0) as usize;
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
                tape.registers += 1;
                tape.registers - 1
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
    tape.instructions = list;
    tape.spike = spike.map(|src| match src {
        Src::Value(v) => Src::Register(register[v as usize]),
        src => src,
    });
}

fn number(dst: Dst) -> u32 {
    match dst {
        Dst::Value(v) => v,
        _ => 0,
    }
}
