//! Faults of randomness: level 3.

use crate::Mutant;
use crate::wrong::{Site, Told, arithmetic, constant, kernels, machine, plans, told};
use isospike_conformance::suite::Level::Random;
use isospike_core::base::random::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS, Tag};
use isospike_core::ir::{Input, Op, Program, Val};
use isospike_core::plan::{NeuronPlan, Plan, PopulationPlanKind};

/// Faults between a seed and a draw.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "philox_round", expected: Random, backend: || arithmetic(last_key_left_out),
        what: "The last round of Philox leaves its key out." },
    Mutant { name: "philox_key_late", expected: Random, backend: || arithmetic(key_late),
        what: "The key of Philox is raised one round late." },
    Mutant { name: "philox_multiplier", expected: Random, backend: || kernels(|kernel| constant(kernel, MULTIPLIERS[1], MULTIPLIERS[1] ^ 2)),
        what: "A multiplier of Philox has one bit wrong." },
    Mutant { name: "uniform_from_zero", expected: Random, backend: || arithmetic(uniform_from_zero),
        what: "Uniform numbers lie in [0, 1), not in (0, 1]." },
    Mutant { name: "draw_ignored", expected: Random, backend: || plans(|plan| draws(plan, |stream, _| (stream, 0))),
        what: "All draws of a step are its first." },
    Mutant { name: "stream_ignored", expected: Random, backend: || plans(|plan| draws(plan, |_, draw| (0, draw))),
        what: "All populations and stimuli draw from one stream." },
    Mutant { name: "copies_share", expected: Random, backend: || arithmetic(copies_share),
        what: "All copies of a batch draw the same." },
    Mutant { name: "copies_told_once", expected: Random, backend: || told(machine(), Told { state: first_copy, ..Told::default() }),
        what: "The state of the first copy is told for every copy." },
    Mutant { name: "poisson_half", expected: Random, backend: || arithmetic(low_half),
        what: "Poisson counts are made of the low half of each word only." },
    Mutant { name: "poisson_tie", expected: Random, backend: || plans(ties_to_own),
        what: "Ties of Poisson counts always go to the column's own count." },
];

/// How often the key schedule has raised this value.
fn raised(s: Site, key: Val) -> u32 {
    match s.op(key) {
        Op::UAdd(before, by) if is_increment(s.op(by)) => 1 + raised(s, before),
        _ => 0,
    }
}

fn is_increment(op: Op) -> bool {
    matches!(op, Op::U32(word) if KEY_INCREMENTS.contains(&word))
}

fn last_key_left_out(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UXor(word, key) = s.op(at) else { return None };
    (raised(s, key) == ROUNDS - 1).then_some(s.u(word))
}

fn key_late(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UAdd(key, by) = s.op(at) else { return None };
    (is_increment(s.op(by)) && raised(s, key) == 0).then_some(s.u(key))
}

fn uniform_from_zero(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UAdd(word, one) = s.op(at) else { return None };
    (matches!(s.op(word), Op::UShr(_, 8)) && s.op(one) == Op::U32(1)).then_some(s.u(word))
}

fn copies_share(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    // The copy is the high half of word 3 of a counter.
    let is_copy = |val| matches!(s.op(val), Op::UShl(_, 16));
    match s.op(at) {
        Op::UOr(tag, copy) if is_copy(copy) => Some(s.u(tag)),
        Op::UAdd(copy, tag) if is_copy(copy) => match s.op(tag) {
            Op::U32(word) if word <= Tag::Initial as u32 => Some(word),
            _ => None,
        },
        _ => None,
    }
}

fn low_half(at: Val, ops: &[Op], words: &[u32]) -> Option<u32> {
    let s = Site { ops, words };
    let Op::UShrBy(word, by) = s.op(at) else { return None };
    let Op::UAnd(_, mask) = s.op(by) else { return None };
    (s.op(mask) == Op::U32(16)).then_some(s.u(word))
}

/// Every neuron program of a plan.
pub fn neurons(plan: &mut Plan) -> impl Iterator<Item = &mut NeuronPlan> {
    plan.populations.iter_mut().filter_map(|population| match &mut population.kind {
        PopulationPlanKind::Neurons(neurons) => Some(neurons.as_mut()),
        PopulationPlanKind::SpikeList(_) => None,
    })
}

fn draws(plan: &mut Plan, change: fn(u32, u32) -> (u32, u32)) {
    for neurons in neurons(plan) {
        let mut program = std::mem::take(&mut neurons.program);
        for op in &mut program.ops {
            if let Op::Input(Input::Random { stream, draw }) = op {
                (*stream, *draw) = change(*stream, *draw);
            }
        }
        neurons.program = Program::new(program.ops, program.types, program.outputs);
    }
}

fn ties_to_own(plan: &mut Plan) {
    for table in neurons(plan).flat_map(|neurons| &mut neurons.poisson) {
        table.fine = [1 << 16; 32];
    }
}

/// State words lie population by population, variable by variable, copy by copy.
fn first_copy(plan: &Plan, words: Vec<u32>) -> Vec<u32> {
    let mut told = Vec::with_capacity(words.len());
    for block in plan.state_blocks() {
        let first = &words[block.words][..block.population.size as usize];
        (0..plan.batch).for_each(|_| told.extend_from_slice(first));
    }
    told
}
