//! Neuron programs as machine code: one pass over the neurons, values in registers.
//!
//! The code is made from the same list of operations as the interpreter's bytecode, operation by
//! operation and in its order, without contraction: the bits are the same. There is no other
//! optimisation than keeping values in registers. If a program cannot be encoded, or memory
//! cannot be made executable, the interpreter runs it.
//!
//! [`body`] prepares a program, [`emit`] walks over it, [`operands`] and [`registers`] say what is
//! where, [`instructions`] has the encodings, [`assembler`] makes bytes of them, [`code`] holds and
//! calls them.

mod assembler;
mod body;
mod code;
mod emit;
#[cfg(all(test, target_os = "linux"))]
mod guard;
mod instructions;
mod operands;
mod registers;

use crate::arch::{BLOCK, Detected, Isa, LANES, Lanes, dispatch};
use crate::program::bytecode::{Bytecode, Src, Straight};
use crate::program::interpreter::{Step, Test};
use body::{Array, Body};
use code::{Code, Frame};
use emit::Encoded;
use instructions::Width;
use isospike_core::ir::Input;
use isospike_core::plan::NeuronPlan;
use operands::{Literals, Scalars};
use std::ops::Range;

/// How many [`Lanes`] are done in one call where nothing must be generated before.
const STRIDE: usize = 256;

/// Why this machine cannot run generated code, if it cannot.
pub(crate) fn obstacle(isa: Detected) -> Option<&'static str> {
    match width(isa) {
        None => Some("machine code needs AVX2"),
        Some(_) if !Code::is_allowed() => Some("the system lets no memory be made executable"),
        Some(_) => None,
    }
}

fn width(isa: Detected) -> Option<Width> {
    match isa.isa() {
        Isa::Baseline => None,
        Isa::Avx2 => Some(Width::Ymm),
        Isa::Avx512 => Some(Width::Zmm),
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Jit {
    code: Code,
    arrays: Vec<Array>,
    feeds: Vec<Input>,
    /// Whether there is a condition for each neuron; else [`Jit::spike`] is the same for all.
    masks: bool,
    spike: Option<Src>,
}

impl Jit {
    /// Makes code of a program. `None` where the interpreter must do it.
    pub fn new(
        bytecode: &mut Bytecode,
        straight: Straight,
        neurons: &NeuronPlan,
        isa: Detected,
    ) -> Option<Self> {
        let width = width(isa)?;
        let body = Body::new(straight, neurons, |word| Src::Scalar(bytecode.literal(word)));
        let literals = Literals::new(|word| bytecode.literal(word));
        let all = vec![true; bytecode.scalar_count()];
        let trial =
            emit::encode(&body, width, literals, &Scalars { pinned: Vec::new(), used: all })
                .ok()?;
        let kept = kept(width, &trial);
        let code = Code::of(&body, width, literals, &kept, bytecode.scalar_count())?;
        Some(Self {
            code,
            masks: matches!(body.spike, Some(Src::Value(_))),
            spike: body.spike,
            arrays: body.arrays,
            feeds: body.feeds,
        })
    }

    /// Updates the neurons.
    pub fn update(&self, mut step: Step<'_>) {
        let lanes = step.neurons.div_ceil(LANES);
        let stride = if self.feeds.is_empty() { STRIDE } else { BLOCK };
        for first in (0..lanes).step_by(stride) {
            let here = first..lanes.min(first + stride);
            self.fill_feeds(&mut step, here.clone());
            // The code watches whole vectors: what is behind the last neuron decides nothing.
            if !self.call(&mut step, here.clone()) {
                let isa = step.draws.isa;
                dispatch(isa, Test { step: &mut step, here: here.clone() });
            }
            self.list_spikes(&mut step, here);
        }
    }

    fn fill_feeds(&self, step: &mut Step<'_>, here: Range<usize>) {
        let mut arrays = std::mem::take(&mut step.registers.feeds.arrays);
        while arrays.len() < self.feeds.len() {
            arrays.push(vec![Lanes::ZERO; BLOCK]);
        }
        for (input, to) in self.feeds.iter().zip(&mut arrays) {
            step.draw(*input, &here, &mut to[..here.len().next_multiple_of(8)]);
        }
        step.registers.feeds.arrays = arrays;
    }

    /// Runs the code; false where state that it stored may not be finite.
    fn call(&self, step: &mut Step<'_>, here: Range<usize>) -> bool {
        let copied = step.of_copy(&here);
        let feeds = &mut step.registers.feeds;
        let masks = (here.len() * LANES).div_ceil(64);
        feeds.masks.resize(feeds.masks.len().max(masks), 0);
        if let Some(last) = feeds.masks.get_mut(masks - 1) {
            *last = 0;
        }
        let mut frame = Frame::new(&self.code, &mut feeds.frame, here.len());
        let mut state = step.arrays.state.iter_mut();
        let mut rest = &mut *step.accumulators;
        let mut taken = 0;
        for array in &self.arrays {
            match *array {
                Array::State(_) => {
                    if let Some(array) = state.next() {
                        frame.write(&mut array[copied.clone()]);
                    }
                }
                Array::Accumulator(n) => {
                    let first = step.arrays.receptors[n as usize] + here.start;
                    let (_, ahead) = rest.split_at_mut(first - taken);
                    let (part, behind) = ahead.split_at_mut(here.len());
                    (rest, taken) = (behind, first + here.len());
                    frame.write(part);
                }
                Array::Constant(n) => frame.read(&step.arrays.constants[n as usize][here.clone()]),
                Array::Feed(n) => frame.read(&feeds.arrays[n as usize][..here.len()]),
            }
        }
        frame.call(step.scalars, &mut feeds.masks[..masks])
    }

    fn list_spikes(&self, step: &mut Step<'_>, here: Range<usize>) {
        let first = here.start * LANES;
        let end = step.neurons.min(here.end * LANES);
        if !self.masks {
            let Some(Src::Scalar(slot)) = self.spike else { return };
            if step.scalars[slot as usize] != 0 {
                step.spikes.extend((first..end).map(|i| step.spike_base + i as u32));
            }
            return;
        }
        for (n, mask) in step.registers.feeds.masks[..(end - first).div_ceil(64)].iter().enumerate()
        {
            let mut mask = *mask;
            while mask != 0 {
                let i = first + n * 64 + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                if i < end {
                    step.spikes.push(step.spike_base + i as u32);
                }
            }
        }
    }
}

/// The scalars that are used, and those among them for which registers are left: the most used.
fn kept(width: Width, trial: &Encoded) -> Scalars {
    let uses = &trial.scalar_uses;
    let mut by_use: Vec<u32> = (0..uses.len() as u32).filter(|s| uses[*s as usize] > 0).collect();
    by_use.sort_by_key(|slot| std::cmp::Reverse(uses[*slot as usize]));
    by_use.truncate(width.free() - trial.peak);
    Scalars { pinned: by_use, used: uses.iter().map(|uses| *uses > 0).collect() }
}
