//! Connectivity rules, one file each: a rule counts its synapses, bounds its in-degrees, says how
//! its rows are drawn, on the host and in kernels, how it enters a fingerprint and how reports name
//! it. A new rule is a file beside the others and a line in each table of this module.

mod all_to_all;
mod explicit;
mod fixed_in_degree;
mod fixed_out_degree;
mod fixed_probability;
mod fixed_total_number;
mod one_to_one;
mod picks;

pub use all_to_all::AllToAll;
pub use explicit::Explicit;
pub use fixed_in_degree::FixedInDegree;
pub use fixed_out_degree::{Distinct, FixedOutDegree};
pub use fixed_probability::{FixedProbability, Gaps, segment_size};
pub use fixed_total_number::FixedTotalNumber;
pub use one_to_one::{OneToOne, Same};
pub use picks::{Lengths, Picks};

use super::targets::RowKind;
use super::{RowSite, SourceTable};
use crate::base::hash::Hash;
use std::sync::Arc;

/// Makes the type of all rules: a variant for each, and its functions by variant.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident,)*) => {
        /// A connectivity rule.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Rule {
            $($(#[$doc])* $rule($rule),)*
        }

        impl Rule {
            /// The rule behind its trait.
            fn as_connect(&self) -> &dyn Connect {
                match self {
                    $(Self::$rule(rule) => rule,)*
                }
            }
        }

        $(impl From<$rule> for Rule {
            fn from(rule: $rule) -> Self {
                Self::$rule(rule)
            }
        })*
    };
}

rules! {
    /// Every pair.
    AllToAll,
    /// `i` to `i`; both sizes are equal.
    OneToOne,
    /// Each pair with a probability, independently.
    FixedProbability,
    /// Each target draws the same number of sources.
    FixedInDegree,
    /// Each source draws the same number of targets.
    FixedOutDegree,
    /// A number of synapses, source and target of each drawn independently (with multapses).
    FixedTotalNumber,
    /// A list, sorted by (source, order of the list).
    Explicit,
}

impl Rule {
    /// Names the rule with its numbers, for reports: `in-degree 100 with multapses`.
    pub fn describe(&self) -> String {
        self.as_connect().describe()
    }

    /// Counts the synapses between populations of these sizes, on average where it is random.
    pub fn synapses(&self, pre: u64, post: u64) -> u64 {
        self.as_connect().synapses(pre, post)
    }

    /// Bounds the synapses that end at one target.
    pub fn in_degree(&self, pairs: Pairs) -> InDegree {
        self.as_connect().in_degree(pairs)
    }

    /// Adds the rule to a fingerprint.
    pub(crate) fn hash(&self, hash: &mut Hash) {
        self.as_connect().hash(hash);
    }

    /// Prepares its rows.
    pub(super) fn rows(&self, site: &RowSite, quantise: &dyn Fn(f64) -> i32) -> RowKind {
        self.as_connect().rows(site, quantise)
    }
}

/// A connectivity rule, as its file gives it.
trait Connect {
    /// Names it with its numbers, for reports.
    fn describe(&self) -> String;

    /// Adds its number and what it is made of to a fingerprint.
    fn hash(&self, hash: &mut Hash);

    /// Counts the synapses between populations of these sizes, on average where it is random.
    fn synapses(&self, pre: u64, post: u64) -> u64;

    /// Bounds the synapses that end at one target.
    fn in_degree(&self, pairs: Pairs) -> InDegree;

    /// Prepares the rows (in parallel). `quantise` gives the integer of a weight that is given.
    fn rows(&self, site: &RowSite, quantise: &dyn Fn(f64) -> i32) -> RowKind;
}

/// The neurons on both sides of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// The size of the post population.
    pub targets: u64,
    /// The sources that one target can have.
    pub sources: u64,
    /// The targets that one source can have.
    pub candidates: u64,
}

impl Pairs {
    /// The pairs of populations of these sizes, without autapses where these are skipped.
    pub fn new(pre: u32, post: u32, skip_self: bool) -> Self {
        let less = |size: u32| u64::from(size.saturating_sub(skip_self.into()));
        Self { targets: post.into(), sources: less(pre), candidates: less(post) }
    }
}

/// How many synapses of a projection end at one target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InDegree {
    /// On average.
    pub mean: f64,
    /// At most, or ten standard deviations and ten above the mean where it is random.
    pub likely_max: u64,
    /// At most.
    pub worst: u64,
}

impl InDegree {
    /// Always this many.
    pub fn exact(degree: u64) -> Self {
        Self { mean: degree as f64, likely_max: degree, worst: degree }
    }

    /// The binomial law: `n` pairs or draws end at the target with probability `p` each.
    pub fn binomial(n: u64, p: f64) -> Self {
        if p <= 0.0 || p >= 1.0 {
            return Self::exact(if p <= 0.0 { 0 } else { n });
        }
        let mean = n as f64 * p;
        let likely_max = libm::ceil(mean + 10.0 * libm::sqrt(mean * (1.0 - p)) + 10.0) as u64;
        Self { mean, likely_max: likely_max.min(n), worst: n }
    }
}

/// Names multapses, where they are allowed.
fn many(multapses: bool) -> &'static str {
    if multapses { " with multapses" } else { "" }
}
