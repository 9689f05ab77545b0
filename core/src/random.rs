//! Counter-based randomness: Philox4x32-10 (Salmon et al. 2011), `f(seed, stream, index, step,
//! draw)`, no state anywhere.

/// Alias table of a Poisson count on 16-bit words, see `docs/semantics.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonTable {
    /// 11-bit threshold of each of the 32 columns.
    pub threshold: [u16; 32],
    /// 16 more bits of the threshold, for ties.
    pub fine: [u32; 32],
    /// The count below the threshold.
    pub own: [u16; 32],
    /// The count above it.
    pub alias: [u16; 32],
}
