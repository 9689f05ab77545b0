//! The program of an event in a kernel.

use crate::base::id::Side;
use crate::device::kernels::body::Body;
use crate::ir::{Input, Op, Program, Val};
use crate::ops;

/// Evaluates a program of an event: `input` gives its state variables and traces.
pub fn evaluate(
    body: &mut Body,
    program: &Program,
    mut input: impl FnMut(&mut Body, Read) -> Val,
) -> Vec<Val> {
    let mut values: Vec<Val> = Vec::with_capacity(program.ops.len());
    for op in &program.ops {
        let value = match *op {
            Op::Input(Input::State(n)) => input(body, Read::State(n as usize)),
            Op::Input(Input::Trace(side, n)) => input(body, Read::Trace(side, n as usize)),
            ops!(literal) | ops!(pure) | ops!(input) | ops!(memory) | ops!(thread) => {
                body.op(op.map_operands(|val| values[val.0 as usize]))
            }
        };
        values.push(value);
    }
    values
}

/// An input of a program of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A state variable of the synapse, or the trace that a spike changes.
    State(usize),
    /// A trace of one side.
    Trace(Side, usize),
}
