//! What keeps a compiler from rearranging floats.
//!
//! OpenCL C may fuse a product and a sum of one expression. [`Protection::NoContraction`] forbids
//! that by the pragma `FP_CONTRACT OFF` and gives each operation a statement of its own; nothing
//! else is allowed to a compiler that was not asked for fast arithmetic, and here it never is.
//! [`Protection::FullBarrier`] needs no compiler to keep its word: it is taken where one breaks
//! it.

use isospike_core::print;
use std::str::FromStr;

/// How float operations are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// `FP_CONTRACT OFF`, and division and square root as the device promises them.
    NoContraction,
    /// The full barrier in the text, and nothing of the device but sums and products of floats.
    FullBarrier,
}

impl Protection {
    /// What the printed text must contain. The pragma stands in every text.
    pub(crate) fn of_text(self) -> print::Protection {
        match self {
            Self::FullBarrier => print::Protection::FullBarrier,
            Self::NoContraction => print::Protection::None,
        }
    }

    /// As [`FromStr`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoContraction => "no-contraction",
            Self::FullBarrier => "full-barrier",
        }
    }
}

impl FromStr for Protection {
    type Err = String;

    /// `no-contraction` or `full-barrier`.
    fn from_str(s: &str) -> Result<Self, String> {
        [Self::NoContraction, Self::FullBarrier].into_iter().find(|p| p.name() == s).ok_or_else(
            || format!("`{s}` is not a protection; there are no-contraction, full-barrier"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protections_have_names() {
        for p in [Protection::NoContraction, Protection::FullBarrier] {
            assert_eq!(p.name().parse(), Ok(p));
        }
        assert!("fast".parse::<Protection>().is_err());
    }
}
