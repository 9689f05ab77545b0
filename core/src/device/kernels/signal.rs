//! Signals of the whole network (`docs/semantics.md` 8.15), in the control buffer: their values,
//! and how many spikes of the last steps are on their way to them.

use super::body::{Body, build};
use super::layout::{Layout, control};
use super::learn::{for_each, when_among};
use super::share::GROUP;
use super::shared::{Number, unless_stopped};
use super::small::{for_threads, lower_bound};
use super::{Buffer, Role, Stage};
use crate::ir::{Access, Atomic, Guarantees, Op, Val, math};
use crate::plan::signal::{SignalPlan, SignalSpikesPlan};
use crate::plan::{Phase, Plan};

/// The part of a step in which signals change.
const ROLE: Role = Role::Phase(Phase::Signals);

/// The places of the words of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalPlace {
    /// The start of its values in the control buffer: one for each copy.
    pub values: u32,
    /// The start of the counts of spikes there: those of each copy, for each slot `step mod slots`.
    pub counts: u32,
    /// Slots of the counts, a power of two above the delay; 0 where no spikes are added.
    pub slots: u32,
    /// The start of its pulses among the constants: all steps, then all values.
    pub pulses: u32,
}

impl SignalPlace {
    /// Places the words of a signal from these on.
    pub fn new(signal: &SignalPlan, batch: u32, values: u32, pulses: u32) -> Self {
        let slots = signal.spikes.map_or(0, |s| (s.delay_steps + 1).next_power_of_two());
        Self { values, counts: values.wrapping_add(batch), slots, pulses }
    }

    /// Returns how many words of the control buffer it takes.
    pub fn words(&self, batch: u32) -> u64 {
        u64::from(batch) * (1 + u64::from(self.slots))
    }

    /// Returns the place of the count of a step and copy.
    pub fn count(&self, batch: u32, step: u32, copy: u32) -> u32 {
        self.counts + (step & (self.slots - 1)) * batch + copy
    }
}

/// Returns the launches that change the signals of a plan at the end of a step, in order.
pub fn stages(layout: &Layout, plan: &Plan, groups: u32, guarantees: Guarantees) -> Vec<Stage> {
    let counts = plan.signals.iter().any(|signal| signal.spikes.is_some());
    let count = counts.then(|| count(layout, plan, groups, guarantees));
    count.into_iter().chain([change(layout, plan, guarantees)]).collect()
}

/// Returns the word of a signal in a copy, before it changes in this step.
pub fn word(body: &mut Body, layout: &Layout, signal: u32, copy: Val) -> Val {
    let at = body.add(copy, layout.signals[signal as usize].values);
    body.load(Buffer::Control, at)
}

/// The launch that counts the spikes of a step for the signals that they are added to.
fn count(layout: &Layout, plan: &Plan, groups: u32, guarantees: Guarantees) -> Stage {
    let buffers = [(Buffer::Control, Access::Atomic), (Buffer::Spikes, Access::Read)];
    build((ROLE, "signal_spikes"), &buffers, GROUP, guarantees, groups, |body| {
        unless_stopped(body, |body| {
            let step = body.load_at(Buffer::Control, control::STEP);
            let spikes = body.load_at(Buffer::Control, control::SPIKES);
            for_each(body, spikes, |body, spike| {
                let id = body.load(Buffer::Spikes, spike);
                for (signal, place) in plan.signals.iter().zip(&layout.signals) {
                    let Some(SignalSpikesPlan { population, .. }) = signal.spikes else { continue };
                    let population = &plan.populations[population.index()];
                    let neurons = [population.first_neuron, population.size];
                    when_among(body, layout, id, neurons, |body, copy, _| {
                        let at = count_at(body, layout, place, step, copy);
                        let one = body.u32(1);
                        body.atomic(Atomic::Add, Buffer::Control, at, one);
                    });
                }
            });
        });
    })
}

/// The launch in which signals decay, and pulses and spikes are added: a thread for each copy.
fn change(layout: &Layout, plan: &Plan, guarantees: Guarantees) -> Stage {
    // All threads read the step, which lies in the same buffer as the words that each changes.
    let buffers = [(Buffer::Control, Access::Atomic), (Buffer::Constants, Access::Read)];
    let groups = layout.batch.div_ceil(GROUP);
    build((ROLE, "signals"), &buffers, GROUP, guarantees, groups, |body| {
        unless_stopped(body, |body| {
            for_threads(body, layout.batch, |body, copy| {
                let step = body.load_at(Buffer::Control, control::STEP);
                for (number, (signal, place)) in (0..).zip(plan.signals.iter().zip(&layout.signals))
                {
                    let old = word(body, layout, number, copy);
                    let value = body.op(Op::BitsToF(old));
                    let next = next(body, layout, (signal, place), value, step, copy);
                    let at = body.add(copy, place.values);
                    let new = math::flush(body.builder(), next);
                    replace(body, at, old, new);
                }
            });
        });
    })
}

fn next(
    body: &mut Body,
    layout: &Layout,
    (signal, place): (&SignalPlan, &SignalPlace),
    value: Val,
    step: Val,
    copy: Val,
) -> Val {
    let factor = body.builder().f32(signal.decay);
    let decayed = body.op(Op::FMul(value, factor));
    let word = math::flush(body.builder(), decayed);
    let mut next = body.op(Op::BitsToF(word));
    if !signal.pulses.is_empty() {
        next = with_pulse(body, place.pulses, signal.pulses.len() as u32, next, step);
    }
    let Some(SignalSpikesPlan { gain, delay_steps, .. }) = signal.spikes else { return next };
    let delay = body.u32(delay_steps);
    let emitted = body.op(Op::USub(step, delay));
    let at = count_at(body, layout, place, emitted, copy);
    let spikes = body.load(Buffer::Control, at);
    // The slot of the next step, which may be the same one.
    let after = body.add(step, 1);
    let (at, none) = (count_at(body, layout, place, after, copy), body.u32(0));
    let old = body.load(Buffer::Control, at);
    replace(body, at, old, none);
    let spikes = body.op(Op::UToI(spikes));
    let spikes = body.op(Op::IToF(spikes));
    let gain = body.builder().f32(gain);
    let sum = body.op(Op::FMul(gain, spikes));
    body.op(Op::FAdd(next, sum))
}

/// Replaces a word that no other thread touches.
fn replace(body: &mut Body, at: Val, old: Val, new: Val) {
    let difference = body.op(Op::USub(new, old));
    body.atomic(Atomic::Add, Buffer::Control, at, difference);
}

/// `value` with the pulse of a step, if it has one.
fn with_pulse(body: &mut Body, pulses: u32, count: u32, value: Val, step: Val) -> Val {
    let (end, zero) = (body.u32(count), body.u32(0));
    let found = lower_bound(body, Number::Literal(pulses), end, step);
    let inside = body.op(Op::ULt(found, end));
    let number = body.op(Op::Select(inside, found, zero));
    let at = body.add(number, pulses);
    let of = body.load(Buffer::Constants, at);
    let same = body.op(Op::UEq(of, step));
    let now = body.op(Op::And(inside, same));
    let at = body.add(number, pulses.wrapping_add(count));
    let word = body.load(Buffer::Constants, at);
    let pulse = body.op(Op::BitsToF(word));
    let sum = body.op(Op::FAdd(value, pulse));
    body.op(Op::Select(now, sum, value))
}

/// The place of the count of a step and copy.
fn count_at(body: &mut Body, layout: &Layout, place: &SignalPlace, step: Val, copy: Val) -> Val {
    let (mask, batch) = (body.u32(place.slots - 1), body.u32(layout.batch));
    let slot = body.op(Op::UAnd(step, mask));
    let base = body.op(Op::UMul(slot, batch));
    let at = body.op(Op::UAdd(base, copy));
    body.add(at, place.counts)
}
