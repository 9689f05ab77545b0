//! Faults of devices and of what was compiled for them: level 4.

use crate::Mutant;
use crate::tampered::Tamper;
use crate::wrong::{Site, arithmetic, bound, device, each_statement, kernels};
use isospike_conformance::suite::Level::Kernels;
use isospike_core::device::kernels::layout::control;
use isospike_core::device::{Device, Launch};
use isospike_core::ir::{Atomic, Kernel, Op, Stmt, Type, Val};
use isospike_core::oracle::kernel::{BufferId, Machine};
use isospike_core::run::backend::BackendError;
use std::collections::BTreeMap;

/// Faults of a driver in memory and launches, and of kernels in shared words.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "launched_too_often", expected: Kernels, backend: || device(Eager),
        what: "A batch that is to run 500 times or more runs once too often." },
    Mutant { name: "last_group_lost", expected: Kernels, backend: || device(Lazy),
        what: "The last group of a launch of more than 1024 groups does not run." },
    Mutant { name: "not_zeroed", expected: Kernels, backend: || device(Dirty),
        what: "The last word of a new buffer is not 0." },
    Mutant { name: "stale_read", expected: Kernels, backend: || device(Stale::default()),
        what: "The second read of a place gives what the first one gave." },
    Mutant { name: "atomics_lost", expected: Kernels, backend: || kernels(last_thread_idle),
        what: "Atomic adds of the last thread of a group are lost." },
    Mutant { name: "or_overwrites", expected: Kernels, backend: || kernels(or_overwrites),
        what: "An atomic or stores its word: bits of others are lost." },
    Mutant { name: "atomic_gives_new", expected: Kernels, backend: || kernels(gives_new),
        what: "An atomic add gives the word after it, not the one before." },
    Mutant { name: "raster_not_cleared", expected: Kernels, backend: || device(Uncleared),
        what: "Where a run is recorded in parts, the spikes of one part are told again in the next." },
    Mutant { name: "burst_lost", expected: Kernels, backend: || device(Burst),
        what: "Of more than 16 spikes in a step only 16 are delivered." },
    Mutant { name: "not_cleared", expected: Kernels, backend: || kernels(not_cleared),
        what: "Accumulators keep their sum after the update." },
    Mutant { name: "slot_late", expected: Kernels, backend: || arithmetic(slot_late),
        what: "Kernels add every weight in the slot of one step later." },
    Mutant { name: "weight_15_bits", expected: Kernels, backend: || arithmetic(weight_15_bits),
        what: "The highest bit below the sign of a 16-bit weight is lost." },
];

#[derive(Clone)]
struct Eager;

impl Tamper for Eager {
    fn times(&self, times: u32) -> u32 {
        times + u32::from(times >= 500)
    }
}

#[derive(Clone)]
struct Lazy;

impl Tamper for Lazy {
    fn batch(&self, batch: &mut Vec<Launch<'_, Machine>>) {
        for launch in batch {
            launch.groups -= u32::from(launch.groups > 1024);
        }
    }
}

#[derive(Clone)]
struct Dirty;

impl Tamper for Dirty {
    fn after_alloc(
        &mut self,
        machine: &mut Machine,
        new: BufferId,
        words: u64,
    ) -> Result<(), BackendError> {
        match words.checked_sub(1) {
            Some(last) => machine.write(&new, last, &[0xdead_beef]),
            None => Ok(()),
        }
    }
}

/// The value of each place when it was read first.
#[derive(Clone, Default)]
struct Stale(Vec<(BufferId, u64, Vec<u32>)>);

impl Tamper for Stale {
    fn after_read(&mut self, from: BufferId, offset: u64, words: &mut [u32]) {
        let same = |seen: &&mut (BufferId, u64, Vec<u32>)| {
            seen.0 == from && seen.1 == offset && seen.2.len() == words.len()
        };
        match self.0.iter_mut().find(same) {
            Some((_, _, seen)) => words.copy_from_slice(seen),
            None => self.0.push((from, offset, words.to_vec())),
        }
    }
}

#[derive(Clone)]
struct Uncleared;

impl Tamper for Uncleared {
    fn batch(&self, batch: &mut Vec<Launch<'_, Machine>>) {
        batch.retain(|launch| launch.kernel.name != "clear");
    }
}

#[derive(Clone)]
struct Burst;

impl Tamper for Burst {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        if !launch.kernel.name.starts_with("deliver") {
            return Ok(());
        }
        let Some(buffer) = bound(launch, "control") else { return Ok(()) };
        let mut spikes = [0];
        machine.read(&buffer, control::SPIKES.into(), &mut spikes)?;
        machine.write(&buffer, control::SPIKES.into(), &[spikes[0].min(16)])
    }
}

/// A new operation of a kernel.
fn push(kernel: &mut Kernel, op: Op, kind: Type) -> Val {
    kernel.ops.push(op);
    kernel.types.push(kind);
    Val(kernel.ops.len() as u32 - 1)
}

fn last_thread_idle(kernel: &mut Kernel) {
    let last = kernel.group_size - 1;
    let local = push(kernel, Op::LocalId, Type::U32);
    let last = push(kernel, Op::U32(last), Type::U32);
    let works = push(kernel, Op::ULt(local, last), Type::Bool);
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Atomic { op: Atomic::Add, .. } => {
            let test = [local, last, works].map(Stmt::Let);
            test.into_iter().chain([Stmt::If(works, vec![stmt], Vec::new())]).collect()
        }
        other => vec![other],
    });
}

fn or_overwrites(kernel: &mut Kernel) {
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Atomic { op: Atomic::Or, buffer, index, value, .. } => {
            vec![Stmt::Store { buffer, index, value }]
        }
        other => vec![other],
    });
}

fn gives_new(kernel: &mut Kernel) {
    let mut body = std::mem::take(&mut kernel.body);
    each_statement(&mut body, &mut |stmt| match stmt {
        Stmt::Atomic { op: Atomic::Add, value, old: Some(old), .. } => {
            let before = push(kernel, Op::Get(old), Type::U32);
            let after = push(kernel, Op::UAdd(before, value), Type::U32);
            vec![stmt, Stmt::Let(before), Stmt::Let(after), Stmt::Set(old, after)]
        }
        other => vec![other],
    });
    kernel.body = body;
}

fn not_cleared(kernel: &mut Kernel) {
    let names: BTreeMap<u32, &str> = (0..).zip(kernel.bindings.iter().map(|b| b.name)).collect();
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Store { buffer, .. } if names.get(&buffer) == Some(&"accumulators") => Vec::new(),
        other => vec![other],
    });
}

fn slot_late(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UAdd(step, delay) = s.op(at) else { return None };
    matches!(s.op(delay), Op::UShr(_, 16)).then(|| s.u(step) + s.u(delay) + 1)
}

fn weight_15_bits(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::ISar(word, 16) = s.op(at) else { return None };
    let of_synapse = matches!(s.op(word), Op::UToI(high) if matches!(s.op(high), Op::UShl(_, 16)));
    of_synapse.then(|| ((s.i(word) << 1) >> 17) as u32)
}
