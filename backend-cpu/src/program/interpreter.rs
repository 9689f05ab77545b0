//! The block interpreter: executes bytecode on blocks of neurons, one tight loop per instruction.
//!
//! A block is small enough that the registers stay in the first-level cache. Everything here is
//! inlined into [`crate::arch::dispatch`], so each loop exists once per instruction set.

use crate::arch::philox::Draws;
use crate::arch::word::{self, f};
use crate::arch::{BLOCK, LANES, Lanes, Task};
use crate::program::bytecode::{Bytecode, Code, Dst, Instruction, Src};
use isospike_core::base::numeric::{INFINITY_BITS, MAGNITUDE_BITS};
use isospike_core::ir::{Input, Op, Val};
use isospike_core::ops;
use isospike_core::plan::StimulusPlan;
use std::ops::Range;

/// The registers of one worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers {
    /// The interpreter's.
    arrays: Vec<Vec<Lanes>>,
    /// The results of generated code: random words and counts, and a bit for each spike.
    pub feeds: Feeds,
}

/// See [`Registers::feeds`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Feeds {
    /// One block each.
    pub arrays: Vec<Vec<Lanes>>,
    /// A bit for each neuron.
    pub masks: Vec<u64>,
    /// The frame of a call.
    pub frame: Vec<usize>,
}

impl Registers {
    /// Makes sure there are as many as the bytecode needs.
    pub fn reserve(&mut self, bytecode: &Bytecode) {
        let registers = self.arrays.len().max(bytecode.registers as usize);
        self.arrays.resize_with(registers, || vec![Lanes::ZERO; BLOCK]);
    }
}

/// The arrays of a slice of a population: whole [`Lanes`], the last one padded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrays {
    /// State variables, copy after copy.
    pub state: Vec<Vec<Lanes>>,
    /// How many of them are floats, the first ones.
    pub floats: usize,
    /// Per-neuron constants, then the present rows of series, then those of currents from outside,
    /// one copy; empty for those that are scalars.
    pub constants: Vec<Vec<Lanes>>,
    /// The first lanes of each receptor among the accumulators of a copy.
    pub receptors: Vec<usize>,
}

/// One step of one copy of a slice.
pub(crate) struct Step<'a> {
    /// The program.
    pub bytecode: &'a Bytecode,
    /// Scratch.
    pub registers: &'a mut Registers,
    /// [`Bytecode::scalars`] of this step.
    pub scalars: &'a [u32],
    /// The present words of series that all neurons share.
    pub series: &'a [u32],
    /// The data of the slice.
    pub arrays: &'a mut Arrays,
    /// The accumulators of this step and copy, of the whole shard; zero afterwards for this slice.
    pub accumulators: &'a mut [Lanes],
    /// The source of random words.
    pub draws: Draws<'a>,
    /// How many neurons there are.
    pub neurons: usize,
    /// The number that is added to a neuron's number in the slice to give the number of its spike.
    pub spike_base: u32,
    /// Receives the spikes, ascending.
    pub spikes: &'a mut Vec<u32>,
    /// The stimuli of the population that have events, with their indices in the plan.
    pub stimuli: &'a [(usize, StimulusPlan)],
    /// The events of each stimulus of the plan so far.
    pub events: &'a mut [u64],
    /// Set where a state variable of a neuron is not finite afterwards.
    pub failed: &'a mut bool,
}

impl Task for Step<'_> {
    #[inline(always)]
    fn run(mut self) {
        let lanes = self.neurons.div_ceil(LANES);
        for first in (0..lanes).step_by(BLOCK) {
            let here = first..lanes.min(first + BLOCK);
            for instruction in &self.bytecode.instructions {
                self.carry_out(instruction, here.clone());
            }
            *self.failed |= !self.is_finite(&here);
            self.emit(here);
        }
    }
}

/// [`Step::is_finite`] for a part of a step that generated code has done.
pub(crate) struct Test<'a, 'b> {
    /// The step.
    pub step: &'a mut Step<'b>,
    /// Which lanes.
    pub here: Range<usize>,
}

impl Task for Test<'_, '_> {
    #[inline(always)]
    fn run(self) {
        *self.step.failed |= !self.step.is_finite(&self.here);
    }
}

/// An operand: an array or the same word for all.
#[derive(Clone, Copy)]
enum Arg<'a> {
    Array(&'a [Lanes]),
    Word(u32),
}

impl Step<'_> {
    /// The start of this copy's part of a state array.
    #[inline(always)]
    pub fn of_copy(&self, here: &Range<usize>) -> Range<usize> {
        let first = self.draws.copy as usize * self.neurons.div_ceil(LANES);
        first + here.start..first + here.end
    }

    /// Whether the state variables of these neurons are finite, found out while they are in the
    /// cache. To the end in any case, without a branch: that is vectorised.
    #[inline(always)]
    pub fn is_finite(&self, here: &Range<usize>) -> bool {
        // Lanes behind the last neuron draw numbers of their own, and are nobody's state.
        let neurons = self.neurons.min(here.end * LANES) - here.start * LANES;
        let place = self.of_copy(here);
        let mut largest = 0;
        for state in &self.arrays.state[..self.arrays.floats] {
            let words = &Lanes::words(&state[place.clone()])[..neurons];
            largest = words.iter().fold(largest, |most: u32, word| most.max(word & MAGNITUDE_BITS));
        }
        largest < INFINITY_BITS
    }

    /// Fills an array with what an input draws for a block; counts events.
    #[inline(always)]
    pub fn draw(&mut self, input: Input, here: &Range<usize>, to: &mut [Lanes]) {
        let drawn = self.draws.fill(input, here.start, to);
        let Input::Poisson { stream, keep, .. } = input else { return };
        // Lanes behind the last neuron are drawn, but are nobody's event.
        let neurons = self.neurons.min(here.end * LANES) - here.start * LANES;
        let (counts, behind) = Lanes::words_mut(to).split_at_mut(neurons);
        let events = match keep {
            None => drawn - behind.iter().sum::<u32>(),
            Some(series) => self.thin(series as usize, stream, here.start * LANES, counts),
        };
        for (index, stimulus) in self.stimuli {
            if stimulus.streams.contains(&stream) && stimulus.is_on(self.draws.step) {
                self.events[*index] += u64::from(events);
            }
        }
    }

    /// Leaves of each count, from neuron `first` of the slice on, the events that the present row
    /// of a series keeps. Gives their sum.
    fn thin(&self, series: usize, stream: u32, first: usize, counts: &mut [u32]) -> u32 {
        let row = Lanes::words(&self.arrays.constants[self.bytecode.series_array(series)]);
        let mut sum = 0;
        for (i, count) in counts.iter_mut().enumerate() {
            if *count > 0 {
                let keep = row.get(first + i).copied().unwrap_or(self.series[series]);
                *count = self.draws.kept(*count, keep, stream, first + i);
                sum += *count;
            }
        }
        sum
    }

    #[inline(always)]
    fn arg(&self, src: Src, here: &Range<usize>) -> Arg<'_> {
        match src {
            Src::Register(r) => Arg::Array(&self.registers.arrays[r as usize][..here.len()]),
            Src::State(n) | Src::Integer(n) => {
                Arg::Array(&self.arrays.state[n as usize][self.of_copy(here)])
            }
            Src::Constant(n) => Arg::Array(&self.arrays.constants[n as usize][here.clone()]),
            Src::Accumulator(n) => {
                let first = self.arrays.receptors[n as usize];
                Arg::Array(&self.accumulators[first + here.start..first + here.end])
            }
            Src::Scalar(slot) => Arg::Word(self.scalars[slot as usize]),
            Src::Value(_) => Arg::Word(0),
        }
    }

    /// Takes the array of the result out of its place, so that the operands can be borrowed.
    #[inline(always)]
    fn carry_out(&mut self, instruction: &Instruction, here: Range<usize>) {
        let place = match instruction.dst {
            Dst::Register(r) => &mut self.registers.arrays[r as usize],
            Dst::State(n) | Dst::Integer(n) => &mut self.arrays.state[n as usize],
            Dst::Accumulator(n) => {
                let first = self.arrays.receptors[n as usize];
                return self.accumulators[first + here.start..first + here.end].fill(Lanes::ZERO);
            }
            Dst::Value(_) => return,
        };
        let mut array = std::mem::take(place);
        let target = match instruction.dst {
            Dst::Register(_) => 0..here.len(),
            _ => self.of_copy(&here),
        };
        let padded = here.len().next_multiple_of(8);
        match instruction.code {
            Code::Op(Op::Input(input)) => {
                self.draw(input, &here, &mut array[..padded]);
            }
            _ => {
                let [a, b, c] = instruction.src;
                let (a, b, c) = (self.arg(a, &here), self.arg(b, &here), self.arg(c, &here));
                compute(instruction.code, &mut array[target], a, b, c);
            }
        }
        match instruction.dst {
            Dst::Register(r) => self.registers.arrays[r as usize] = array,
            Dst::State(n) | Dst::Integer(n) => self.arrays.state[n as usize] = array,
            Dst::Accumulator(_) | Dst::Value(_) => {}
        }
    }

    /// Lists the neurons of the block that spike.
    #[inline(always)]
    fn emit(&mut self, here: Range<usize>) {
        let Some(spike) = self.bytecode.spike else { return };
        match self.arg(spike, &here) {
            Arg::Word(0) => {}
            Arg::Word(_) => {
                let end = self.neurons.min(here.end * LANES);
                let all = (here.start * LANES..end).map(|i| self.spike_base + i as u32);
                self.spikes.extend(all);
            }
            Arg::Array(_) => {
                let Src::Register(r) = spike else { return };
                let conditions = &self.registers.arrays[r as usize][..here.len()];
                for (k, lanes) in conditions.iter().enumerate() {
                    if lanes.0.iter().fold(0, |any, word| any | word) == 0 {
                        continue;
                    }
                    let first = (here.start + k) * LANES;
                    for (lane, _) in lanes.0.iter().enumerate().filter(|(_, word)| **word != 0) {
                        if first + lane < self.neurons {
                            self.spikes.push(self.spike_base + (first + lane) as u32);
                        }
                    }
                }
            }
        }
    }
}

/// Applies a one-operand op to a block.
macro_rules! unary {
    ($to:ident, $a:ident, $op:expr) => {
        map1(
            $to,
            $a,
            #[inline(always)]
            |x| word::unary(&$op, x),
        )
    };
}

/// Applies a two-operand op to a block.
macro_rules! binary {
    ($to:ident, $a:ident, $b:ident, $name:ident) => {
        map2(
            $to,
            $a,
            $b,
            #[inline(always)]
            |x, y| word::binary(&Op::$name(NONE, NONE), x, y),
        )
    };
}

const NONE: Val = Val(0);

#[inline(always)]
fn compute(code: Code, to: &mut [Lanes], a: Arg<'_>, b: Arg<'_>, c: Arg<'_>) {
    match code {
        Code::Op(op) => operate(op, to, a, b, c),
        Code::Copy => map1(to, a, |x| x),
        Code::Lesser => map2(to, a, b, |x, y| if f(x) < f(y) { x } else { y }),
        Code::Greater => map2(to, a, b, |x, y| if f(x) > f(y) { x } else { y }),
        Code::Flush => map1(to, a, word::flush),
        Code::MulAdd => map3(to, a, b, c, |x, y, z| (f(x) * f(y) + f(z)).to_bits()),
        Code::MulSub => map3(to, a, b, c, |x, y, z| (f(x) * f(y) - f(z)).to_bits()),
        Code::SubMul => map3(to, a, b, c, |x, y, z| (f(z) - f(x) * f(y)).to_bits()),
        Code::NotAnd => map2(to, a, b, |x, y| !x & y),
        Code::SelectFlush => map3(to, a, b, c, |x, y, z| word::flush(word::select(x, y, z))),
        Code::Receive => receive(to, a, b, c),
        Code::ConvertMul => map2(to, a, b, |x, y| (x as i32 as f32 * f(y)).to_bits()),
    }
}

#[inline(always)]
#[deny(clippy::wildcard_enum_match_arm)]
fn operate(op: Op, to: &mut [Lanes], a: Arg<'_>, b: Arg<'_>, c: Arg<'_>) {
    match op {
        Op::FAdd(..) => binary!(to, a, b, FAdd),
        Op::FSub(..) => binary!(to, a, b, FSub),
        Op::FMul(..) => binary!(to, a, b, FMul),
        Op::FDiv(..) => binary!(to, a, b, FDiv),
        Op::FLt(..) => binary!(to, a, b, FLt),
        Op::FLe(..) => binary!(to, a, b, FLe),
        Op::FEq(..) => binary!(to, a, b, FEq),
        Op::IAdd(..) | Op::UAdd(..) => binary!(to, a, b, UAdd),
        Op::ISub(..) | Op::USub(..) => binary!(to, a, b, USub),
        Op::IMul(..) | Op::UMul(..) => binary!(to, a, b, UMul),
        Op::ILt(..) => binary!(to, a, b, ILt),
        Op::IEq(..) | Op::UEq(..) => binary!(to, a, b, UEq),
        Op::UMulHi(..) => binary!(to, a, b, UMulHi),
        Op::UAnd(..) | Op::And(..) => binary!(to, a, b, UAnd),
        Op::UOr(..) | Op::Or(..) => binary!(to, a, b, UOr),
        Op::UXor(..) => binary!(to, a, b, UXor),
        Op::UShrBy(..) => binary!(to, a, b, UShrBy),
        Op::UShlBy(..) => binary!(to, a, b, UShlBy),
        Op::ULt(..) => binary!(to, a, b, ULt),
        Op::Select(..) => map3(to, a, b, c, word::select),
        Op::FSqrt(_) => unary!(to, a, Op::FSqrt(NONE)),
        Op::Not(_) => unary!(to, a, Op::Not(NONE)),
        Op::IToF(_) => unary!(to, a, Op::IToF(NONE)),
        Op::FToI(_) => unary!(to, a, Op::FToI(NONE)),
        Op::ISar(_, n) => unary!(to, a, Op::ISar(NONE, n)),
        Op::UDiv(_, n) => unary!(to, a, Op::UDiv(NONE, n)),
        Op::URem(_, n) => unary!(to, a, Op::URem(NONE, n)),
        Op::UShl(_, n) => unary!(to, a, Op::UShl(NONE, n)),
        Op::UShr(_, n) => unary!(to, a, Op::UShr(NONE, n)),
        // The same bits, and leaves: operands, not instructions.
        Op::FToBits(_) | Op::BitsToF(_) | Op::IToU(_) | Op::UToI(_) => {}
        ops!(literal) | ops!(input) | ops!(memory) | ops!(thread) => {}
    }
}

/// [`Code::Receive`]; the bytecode has checked that `a` and `c` are scalars.
#[inline(always)]
fn receive(to: &mut [Lanes], a: Arg<'_>, b: Arg<'_>, c: Arg<'_>) {
    let (Arg::Word(a), Arg::Array(b), Arg::Word(c)) = (a, b, c) else { return };
    for (to, sum) in Lanes::words_mut(to).iter_mut().zip(Lanes::words(b)) {
        *to = word::flush((f(*to) * f(a) + *sum as i32 as f32 * f(c)).to_bits());
    }
}

// Plain loops over long slices, here and in `random`: the form that is vectorised best. Loops over
// the sixteen words of a `Lanes` are unrolled first, and then not vectorised.

#[inline(always)]
fn map1(to: &mut [Lanes], a: Arg<'_>, op: impl Fn(u32) -> u32) {
    match a {
        Arg::Array(a) => {
            for (to, a) in Lanes::words_mut(to).iter_mut().zip(Lanes::words(a)) {
                *to = op(*a);
            }
        }
        Arg::Word(a) => Lanes::words_mut(to).fill(op(a)),
    }
}

#[inline(always)]
fn map2(to: &mut [Lanes], a: Arg<'_>, b: Arg<'_>, op: impl Fn(u32, u32) -> u32) {
    match (a, b) {
        (Arg::Array(a), Arg::Array(b)) => {
            let operands = Lanes::words(a).iter().zip(Lanes::words(b));
            for (to, (a, b)) in Lanes::words_mut(to).iter_mut().zip(operands) {
                *to = op(*a, *b);
            }
        }
        (Arg::Array(_), Arg::Word(b)) => map1(to, a, |x| op(x, b)),
        (Arg::Word(a), _) => map1(to, b, |y| op(a, y)),
    }
}

#[inline(always)]
fn map3(to: &mut [Lanes], a: Arg<'_>, b: Arg<'_>, c: Arg<'_>, op: impl Fn(u32, u32, u32) -> u32) {
    match (a, b, c) {
        (Arg::Array(a), Arg::Array(b), Arg::Array(c)) => {
            let operands = Lanes::words(a).iter().zip(Lanes::words(b)).zip(Lanes::words(c));
            for (to, ((a, b), c)) in Lanes::words_mut(to).iter_mut().zip(operands) {
                *to = op(*a, *b, *c);
            }
        }
        (_, _, Arg::Word(c)) => map2(to, a, b, |x, y| op(x, y, c)),
        (_, Arg::Word(b), _) => map2(to, a, c, |x, z| op(x, b, z)),
        (Arg::Word(a), _, _) => map2(to, b, c, |y, z| op(a, y, z)),
    }
}
