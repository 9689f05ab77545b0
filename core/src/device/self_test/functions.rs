//! Functions made of many operations: a compiler rearranges long chains most. The sequences are
//! those in the kernels of every plan.

use super::cases::{Case, floats, words};
use super::inputs::Column::{Any, Near, Wide, Word};
use crate::base::numeric::function;
use crate::base::random;
use crate::ir::build::Builder;
use crate::ir::{Val, math};

/// The functions of the model language, and random words.
pub static FUNCTIONS: [Case; 15] = [
    floats!("exp", [Near], |b, x| math::exp(b, x[0]), |x, _, _| function::exp(x)),
    floats!("ln", [Any], |b, x| math::log(b, x[0]), |x, _, _| function::log(x)),
    floats!("tanh", [Near], |b, x| math::tanh(b, x[0]), |x, _, _| function::tanh(x)),
    floats!("sin", [Near], |b, x| math::sin(b, x[0]), |x, _, _| function::sin(x)),
    // Mostly beyond the bounds that the argument is clamped to.
    floats!("cos", [Wide(0)], |b, x| math::cos(b, x[0]), |x, _, _| function::cos(x)),
    floats!("exprel", [Near], |b, x| math::exprel(b, x[0]), |x, _, _| function::exprel(x)),
    floats!("floor", [Wide(0)], |b, x| math::floor(b, x[0]), |x, _, _| function::floor(x)),
    floats!("ceil", [Wide(0)], |b, x| math::ceil(b, x[0]), |x, _, _| function::ceil(x)),
    floats!("min", [Near, Wide(0)], |b, x| math::min(b, x[0], x[1]), |x, y, _| function::min(x, y)),
    floats!("max", [Near, Wide(0)], |b, x| math::max(b, x[0], x[1]), |x, y, _| function::max(x, y)),
    floats!(
        "clamp",
        [Near, Wide(0), Wide(1)],
        |b, x| math::clamp(b, x[0], x[1], x[2]),
        function::clamp
    ),
    floats!("x ^ y", [Wide(0), Near], |b, x| math::pow(b, x[0], x[1]), |x, y, _| {
        function::pow(x, y)
    }),
    words!(
        "cos of a turn",
        [Word(0)],
        |b, w| {
            let cosine = math::cos2pi(b, w[0]);
            b.f_to_bits(cosine)
        },
        |w| function::cos2pi(w[0]).to_bits()
    ),
    words!(
        "normal of two words",
        [Word(0), Word(1)],
        |b, w| {
            let normal = math::normal(b, w[0], w[1]);
            b.f_to_bits(normal)
        },
        |w| function::normal(w[0], w[1]).to_bits()
    ),
    words!("Philox4x32-10", [Word(0), Word(1), Word(2)], philox, |w| {
        let c = random::philox([w[0], w[1], w[2], 1], [w[1], w[2]]);
        c[2] ^ c[1].wrapping_add(c[0] ^ c[3])
    }),
];

/// Combines the four words of the counter (w0, w1, w2, 1) and the key (w1, w2).
fn philox(b: &mut Builder, w: &[Val]) -> Val {
    let one = b.u32(1);
    let c = math::philox(b, [w[0], w[1], w[2], one], [w[1], w[2]]);
    let ends = b.uxor(c[0], c[3]);
    let sum = b.uadd(c[1], ends);
    b.uxor(c[2], sum)
}
