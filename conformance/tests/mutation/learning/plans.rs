//! Plans of synapses that learn, changed.

use isospike_core::base::id::Side;
use isospike_core::describe::model::BEFORE_RESET;
use isospike_core::ir::{Input, Op, Output, Program, Type, Val};
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::SynapsePlan;

fn each(plan: &mut Plan, change: impl Fn(&mut SynapsePlan)) {
    for projection in &mut plan.projections {
        if let Some(synapse) = &mut projection.synapse {
            let mut other = SynapsePlan::clone(synapse);
            change(&mut other);
            *synapse = other.into();
        }
    }
}

pub fn post_unbounded(plan: &mut Plan) {
    each(plan, |synapse| synapse.on_post.iter_mut().for_each(unbounded));
}

pub fn pre_unbounded(plan: &mut Plan) {
    each(plan, |synapse| unbounded(&mut synapse.on_pre));
}

pub fn clocked_unbounded(plan: &mut Plan) {
    each(plan, |synapse| {
        synapse.clocked.iter_mut().for_each(|block| unbounded(&mut block.program));
    });
}

/// Swaps the first two receptors that synapses send to.
pub fn receptors_swapped(plan: &mut Plan) {
    each(plan, |synapse| {
        if let [first, second, ..] = &mut synapse.sent[..] {
            std::mem::swap(&mut first.receptor, &mut second.receptor);
        }
    });
}

/// Takes spikes for back at the synapses as soon as they are emitted.
pub fn never_back(plan: &mut Plan) {
    each(plan, |synapse| synapse.back_steps = 0);
}

pub fn clocked_backwards(plan: &mut Plan) {
    each(plan, |synapse| synapse.clocked.reverse());
}

pub fn target_after_reset(plan: &mut Plan) {
    read_instead(plan, Side::Post, |name| name.strip_suffix(BEFORE_RESET).map(String::from));
}

/// Lets the condition of post events alone read other variables of the target.
pub fn condition_after_reset(plan: &mut Plan) {
    let mut other = plan.clone();
    target_after_reset(&mut other);
    for (projection, other) in plan.projections.iter_mut().zip(other.projections) {
        let (Some(synapse), Some(other)) = (&mut projection.synapse, other.synapse) else {
            continue;
        };
        let mut changed = SynapsePlan::clone(synapse);
        let first = changed.target.len() as u32;
        changed.target.extend(other.target);
        if let Some(program) = &mut changed.on_post_if {
            let op = |op: &Op| match op {
                Op::Input(Input::Target(n)) => Op::Input(Input::Target(first + n)),
                op => *op,
            };
            let ops = program.ops.iter().map(op).collect();
            *program = Program::new(ops, program.types.clone(), program.outputs.clone());
        }
        *synapse = changed.into();
    }
}

/// Lets spikes make post events.
pub fn at_spikes(plan: &mut Plan) {
    each(plan, |synapse| synapse.on_post_if = None);
}

pub fn target_before_reset(plan: &mut Plan) {
    read_instead(plan, Side::Post, |name| Some(format!("{name}{BEFORE_RESET}")));
}

pub fn source_before_reset(plan: &mut Plan) {
    read_instead(plan, Side::Pre, |name| Some(format!("{name}{BEFORE_RESET}")));
}

/// Reads variables of the target in place of the same of the source, where both are read.
pub fn source_of_target(plan: &mut Plan) {
    for projection in &mut plan.projections {
        let is_one = projection.pre == projection.post;
        let Some(synapse) = projection.synapse.as_mut().filter(|_| is_one) else { continue };
        let mut changed = SynapsePlan::clone(synapse);
        let (source, target) = (&synapse.source, &synapse.target);
        for program in changed.clocked.iter_mut().map(|block| &mut block.program) {
            let mut ops = program.ops.clone();
            for op in &mut ops {
                let Op::Input(Input::Source(n)) = *op else { continue };
                let same = target.iter().position(|number| *number == source[n as usize]);
                if let Some(same) = same {
                    *op = Op::Input(Input::Target(same as u32));
                }
            }
            *program = Program::new(ops, program.types.clone(), program.outputs.clone());
        }
        *synapse = changed.into();
    }
}

/// Reads other variables of a side, where there are any with those names.
fn read_instead(plan: &mut Plan, side: Side, other: impl Fn(&str) -> Option<String>) {
    let states: Vec<Vec<String>> = (plan.populations.iter())
        .map(|population| population.state().iter().map(|state| state.name.clone()).collect())
        .collect();
    for projection in &mut plan.projections {
        let population = match side {
            Side::Pre => projection.pre,
            Side::Post => projection.post,
        };
        let names = &states[population.index()];
        let Some(synapse) = &mut projection.synapse else { continue };
        let mut changed = SynapsePlan::clone(synapse);
        let read = match side {
            Side::Pre => &mut changed.source,
            Side::Post => &mut changed.target,
        };
        for number in read {
            let name = other(&names[*number as usize]);
            let place = name.and_then(|name| names.iter().position(|known| *known == name));
            *number = place.map_or(*number, |place| place as u32);
        }
        *synapse = changed.into();
    }
}

pub fn pulses_late(plan: &mut Plan) {
    for signal in &mut plan.signals {
        signal.pulses = signal.pulses.iter().map(|(step, value)| (step + 1, *value)).collect();
    }
}

/// Takes the clamp from each variable.
fn unbounded(program: &mut Program) {
    let ops = &program.ops;
    for (output, val) in &mut program.outputs {
        if let Output::State(_) = output {
            *val = clamped(ops, *val).unwrap_or(*val);
        }
    }
}

/// The value that an operation clamps: it is `min(max(value, least), largest)`.
fn clamped(ops: &[Op], val: Val) -> Option<Val> {
    let Op::Select(_, larger, largest) = ops[val.0 as usize] else { return None };
    let Op::Select(_, least, value) = ops[larger.0 as usize] else { return None };
    let is_literal = |val: Val| matches!(ops[val.0 as usize], Op::F32(_));
    (is_literal(least) && is_literal(largest)).then_some(value)
}

pub fn pre_counts_itself(plan: &mut Plan) {
    each(plan, |synapse| {
        synapse.on_pre = behind_spike(&synapse.on_pre, &synapse.pre.spike, Side::Pre);
    });
}

pub fn post_counts_itself(plan: &mut Plan) {
    each(plan, |synapse| {
        if let Some(program) = &mut synapse.on_post {
            *program = behind_spike(program, &synapse.post.spike, Side::Post);
        }
    });
}

/// A program of an event that reads the traces of a side as the spike leaves them.
fn behind_spike(program: &Program, spike: &Program, side: Side) -> Program {
    let mut out = Program::default();
    for (op, ty) in spike.ops.iter().zip(&spike.types) {
        let op = match op {
            Op::Input(Input::State(n)) => Op::Input(Input::Trace(side, *n)),
            op => *op,
        };
        out.push(op, *ty);
    }
    let mut values: Vec<Val> = Vec::new();
    for (op, ty) in program.ops.iter().zip(&program.types) {
        let after = match op {
            Op::Input(Input::Trace(of, n)) if *of == side => spike.output(Output::State(*n)),
            _ => None,
        };
        let op = op.map_operands(|val| values[val.0 as usize]);
        values.push(after.unwrap_or_else(|| out.push(op, *ty)));
    }
    let outputs = program.outputs.iter().map(|(output, val)| (*output, values[val.0 as usize]));
    out.outputs = outputs.collect();
    out
}

pub fn send_truncates(plan: &mut Plan) {
    each(plan, |synapse| truncated(&mut synapse.on_pre));
}

/// Sends the integer toward zero of a value to which a half, or a float without a fraction, is
/// added to round it.
fn truncated(program: &mut Program) {
    const ROUNDER: f32 = 12_582_912.0;
    let ops = &program.ops;
    let rounds = |val: Val| match ops[val.0 as usize] {
        Op::F32(bits) => [0.5, ROUNDER].map(f32::to_bits).contains(&bits),
        _ => false,
    };
    let scaled = ops.iter().rev().find_map(|op| match op {
        Op::FAdd(scaled, rounder) if rounds(*rounder) => Some(*scaled),
        _ => None,
    });
    let Some(scaled) = scaled else { return };
    let integer = program.push(Op::FToI(scaled), Type::I32);
    for (output, val) in &mut program.outputs {
        if matches!(output, Output::Sent(_)) {
            *val = integer;
        }
    }
}
