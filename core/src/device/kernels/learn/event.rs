//! The program of an event in a kernel.

use crate::base::id::Side;
use crate::device::kernels::body::Body;
use crate::ir::{Input, Op, Program, Val};
use crate::ops;

/// Evaluates a program of an event: `input` gives what it reads.
pub fn evaluate(
    body: &mut Body,
    program: &Program,
    mut input: impl FnMut(&mut Body, Read) -> Val,
) -> Vec<Val> {
    let mut values: Vec<Val> = Vec::with_capacity(program.ops.len());
    for op in &program.ops {
        let value = match *op {
            Op::Input(Input::State(n)) => input(body, Read::State(n as usize)),
            Op::Input(Input::Decay(n)) => input(body, Read::Decay(n as usize)),
            Op::Input(Input::Trace(side, n)) => {
                input(body, Read::Outside(Outside::Trace(side, n as usize)))
            }
            Op::Input(Input::Target(n)) => input(body, Read::Outside(Outside::Target(n as usize))),
            Op::Input(Input::Source(n)) => input(body, Read::Outside(Outside::Source(n as usize))),
            Op::Input(Input::Signal(n)) => input(body, Read::Outside(Outside::Signal(n as usize))),
            ops!(literal) | ops!(pure) | ops!(input) | ops!(memory) | ops!(thread) => {
                body.op(op.map_operands(|val| values[val.0 as usize]))
            }
        };
        values.push(value);
    }
    values
}

/// Evaluates the program of a spike on the traces of a neuron, which have decayed until then: each
/// trace that it gives, and its value.
pub fn traces_after(body: &mut Body, program: &Program, before: &[Val]) -> Vec<(usize, Val)> {
    let values = evaluate(body, program, |_, read| match read {
        Read::State(n) => before[n],
        Read::Decay(_) | Read::Outside(_) => {
            unreachable!("a checked plan has no spike that reads more than traces of its side")
        }
    });
    state_of(program, &values).collect()
}

/// Returns the state variables that a program gives, with their values.
pub fn state_of(program: &Program, values: &[Val]) -> impl Iterator<Item = (usize, Val)> {
    program.next_state().map(|(n, _, val)| (n as usize, values[val.0 as usize]))
}

/// An input of a program of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A state variable of the synapse, or the trace that a spike changes.
    State(usize),
    /// The factor by which a state variable has decayed since the last event of the synapse.
    Decay(usize),
    /// A value from outside the synapse.
    Outside(Outside),
}

/// An input of a program of an event from outside the synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// A trace of one side.
    Trace(Side, usize),
    /// A variable of the target.
    Target(usize),
    /// A variable of the source.
    Source(usize),
    /// A signal of the model.
    Signal(usize),
}
