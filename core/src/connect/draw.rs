//! Integer draws: how one random word becomes a quantised weight or a delay in steps.

use super::Distribution;
use super::batch::{LANES, Lanes};
use crate::base::normal;
use crate::base::random::{self, pick};
use crate::base::steps;
use std::sync::Arc;

/// How many quantiles the table of a normal distribution has.
pub const TABLE_LEN: usize = 65_536;

/// A function from a random word to an integer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Always this; the word is not looked at.
    Constant(i32),
    /// `lo + (word * span div 2^32)`: each of `span` integers from `lo` on.
    Uniform {
        /// The least.
        lo: i32,
        /// How many, at least 1.
        span: u32,
    },
    /// Entry `word >> 16` of [`TABLE_LEN`] quantiles, ascending.
    Table(Arc<[i32; TABLE_LEN]>),
}

impl Draw {
    /// Returns the value that `word` gives.
    pub fn get(&self, word: u32) -> i32 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { lo, span } => lo.wrapping_add_unsigned(pick(word, *span)),
            Self::Table(table) => table[(word >> 16) as usize],
        }
    }

    /// The least value it can give.
    pub fn min(&self) -> i32 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { lo, .. } => *lo,
            Self::Table(table) => table[0],
        }
    }

    /// The largest value it can give.
    pub fn max(&self) -> i32 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { lo, span } => lo.wrapping_add_unsigned(span - 1),
            Self::Table(table) => table[TABLE_LEN - 1],
        }
    }

    /// The largest absolute value it can give.
    pub fn max_abs(&self) -> u32 {
        self.min().unsigned_abs().max(self.max().unsigned_abs())
    }

    /// Whether the word matters.
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    /// Writes what each word of a batch gives.
    #[inline]
    pub(super) fn fill(&self, words: &Lanes, out: &mut [i32; LANES]) {
        match self {
            Self::Constant(value) => *out = [*value; LANES],
            Self::Uniform { lo, span } => {
                for (out, word) in out.iter_mut().zip(words) {
                    *out = lo.wrapping_add_unsigned(pick(*word, *span));
                }
            }
            Self::Table(table) => {
                for (out, word) in out.iter_mut().zip(words) {
                    *out = table[(word >> 16) as usize];
                }
            }
        }
    }
}

/// A distribution before rounding to integers: normal distributions as their quantiles.
#[derive(Clone, Debug, PartialEq)]
pub enum RealDraw {
    /// Always this.
    Constant(f64),
    /// Uniform between the two.
    Uniform(f64, f64),
    /// [`TABLE_LEN`] quantiles, ascending.
    Table(Arc<[f64]>),
}

impl RealDraw {
    /// The draw of a distribution.
    pub fn new(distribution: &Distribution) -> Self {
        match *distribution {
            Distribution::Constant(value) => Self::Constant(value),
            Distribution::Uniform { lo, hi } => Self::Uniform(lo, hi),
            Distribution::Normal { mean, sd: 0.0, lo, hi, .. } => {
                Self::Constant(mean.max(lo).min(hi))
            }
            Distribution::Normal { mean, sd, lo, hi, redraw } => {
                let value = |x: f64| (mean + sd * x).max(lo).min(hi);
                if redraw {
                    let quantiles = truncated((lo - mean) / sd, (hi - mean) / sd);
                    Self::Table(quantiles.map(value).collect())
                } else {
                    Self::Table(middles().map(|p| value(normal::quantile(p))).collect())
                }
            }
        }
    }

    /// Rounds every value by `round`, which must be monotone.
    pub fn round(&self, round: impl Fn(f64) -> i32) -> Draw {
        match self {
            Self::Constant(value) => Draw::Constant(round(*value)),
            Self::Uniform(lo, hi) => {
                let (lo, hi) = (round(*lo), round(*hi));
                let span = (i64::from(hi) - i64::from(lo)).max(0) + 1;
                Draw::Uniform { lo, span: u32::try_from(span).unwrap_or(u32::MAX) }
            }
            Self::Table(values) => {
                let integers: Arc<[i32]> = values.iter().map(|&value| round(value)).collect();
                Draw::Table(integers.try_into().expect("every table has TABLE_LEN values"))
            }
        }
    }

    /// Returns the value that random words give: of a uniform distribution with 53 bits.
    pub fn get(&self, words: [u32; 4]) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform(lo, hi) => (lo + (hi - lo) * random::unit(words)).min(*hi),
            Self::Table(values) => values[(words[0] >> 16) as usize],
        }
    }

    /// The largest absolute value.
    pub fn max_abs(&self) -> f64 {
        let (least, largest) = self.extremes();
        least.abs().max(largest.abs())
    }

    /// The least and the largest value.
    pub fn extremes(&self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (*value, *value),
            Self::Uniform(lo, hi) => (*lo, *hi),
            Self::Table(values) => (values[0], values[TABLE_LEN - 1]),
        }
    }

    /// The mean of the squared values.
    pub fn mean_square(&self) -> f64 {
        match self {
            Self::Constant(value) => value * value,
            Self::Uniform(lo, hi) => (lo * lo + lo * hi + hi * hi) / 3.0,
            Self::Table(values) => values.iter().map(|v| v * v).sum::<f64>() / TABLE_LEN as f64,
        }
    }
}

/// Returns the delay in steps of a delay in ms: the nearest step, at least 1.
pub fn delay_steps(delay_ms: f64, dt_ms: f64) -> i32 {
    steps::nearest(delay_ms, dt_ms).max(1.0) as i32
}

/// The probabilities in the middle of each entry of a table.
fn middles() -> impl Iterator<Item = f64> {
    (0..TABLE_LEN).map(|m| (m as f64 + 0.5) / TABLE_LEN as f64)
}

/// The quantiles of a standard normal number that is drawn again until it lies in [a, b].
fn truncated(a: f64, b: f64) -> impl Iterator<Item = f64> {
    // Probabilities near 1 have few digits left, so an interval above 0 is mirrored.
    let mirror = a > 0.0;
    let (below, above) = if mirror { (-b, -a) } else { (a, b) };
    let (first, last) = (normal::cdf(below), normal::cdf(above));
    middles().map(move |p| {
        let p = if mirror { 1.0 - p } else { p };
        let x = normal::quantile(first + p * (last - first)).max(below).min(above);
        if mirror { -x } else { x }
    })
}
