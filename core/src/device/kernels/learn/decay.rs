//! The decay of a trace, and of state (`docs/semantics.md` 8.6): a product of table entries.

use super::arena::Tables;
use super::{Place, Site};
use crate::base::id::Side;
use crate::device::kernels::body::Body;
use crate::ir::{Op, Val, math};

/// Steps of an entry of each table, as powers of two.
const UNITS: [u32; 4] = [0, 5, 10, 20];

/// Entries of each table but the last, as powers of two.
const ENTRIES: [u32; 4] = [5, 5, 10, 12];

/// Returns a trace so many steps after its last event.
pub fn decayed(
    body: &mut Body,
    site: &Site<'_>,
    (side, n): (Side, usize),
    value: Val,
    steps: Val,
) -> Val {
    let factor = factor(body, site, site.arena.decay_at[side as usize][n], steps);
    let product = body.op(Op::FMul(value, factor));
    flushed(body, product)
}

/// Returns the factor of so many steps.
pub fn factor(body: &mut Body, site: &Site<'_>, tables: Tables, steps: Val) -> Val {
    let mut factor = None;
    for ((place, length), (unit, entries)) in tables.into_iter().zip(UNITS.into_iter().zip(ENTRIES))
    {
        let number = match unit {
            0 => steps,
            unit => body.op(Op::UShr(steps, unit)),
        };
        let mask = body.u32((1 << entries) - 1);
        let number = body.op(Op::UAnd(number, mask));
        let entry = entry(body, site, place, length, number);
        factor = Some(match factor {
            None => entry,
            Some(product) => {
                // A factor of 1 leaves a product as it is.
                let (least, one) = (body.u32(1 << unit), body.builder().f32(1.0));
                let young = body.op(Op::ULt(steps, least));
                let entry = body.op(Op::Select(young, one, entry));
                body.op(Op::FMul(product, entry))
            }
        });
    }
    let factor = factor.unwrap_or(steps);
    flushed(body, factor)
}

/// An entry of a table, 0 behind its end.
fn entry(body: &mut Body, site: &Site<'_>, place: Place, length: u32, number: Val) -> Val {
    let (zero, nothing, end) = (body.u32(0), body.builder().f32(0.0), body.u32(length));
    let inside = body.op(Op::ULt(number, end));
    let number = body.op(Op::Select(inside, number, zero));
    let entry = site.float(body, place, number);
    body.op(Op::Select(inside, entry, nothing))
}

fn flushed(body: &mut Body, value: Val) -> Val {
    let word = math::flush(body.builder(), value);
    body.op(Op::BitsToF(word))
}
