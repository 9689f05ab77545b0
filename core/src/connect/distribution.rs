//! Distributions of weights and delays, as they are described.

/// How a weight or delay is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always this.
    Constant(f64),
    /// Uniform in [lo, hi].
    Uniform {
        /// Least.
        lo: f64,
        /// Most.
        hi: f64,
    },
    /// Normal; outside [lo, hi] clipped to the bound, or drawn again (the truncated normal).
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
        /// Least.
        lo: f64,
        /// Most.
        hi: f64,
        /// Draw again instead of clipping.
        redraw: bool,
    },
}
