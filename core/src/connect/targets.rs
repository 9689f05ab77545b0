//! The forms that rows can have: which targets a row has, drawn on the host and in kernels. The
//! files of [`super::rule`] fill them in.

use super::row::{Block, Row};
use super::rule::{AllToAll, Distinct, Gaps, Lengths, Picks, Same};
use super::{Listed, RowSite, SourceTable, Synapse};
use crate::ir::build::Builder;
use crate::ir::{Op, Val, Var};
use std::sync::Arc;

/// Makes the type of all forms, and their functions by variant. `match` instead of a virtual call,
/// because a block has 16 synapses only.
macro_rules! forms {
    ($($(#[$doc:meta])* $form:ident($data:ty),)*) => {
        /// The form of a row: together with section 3 of `docs/semantics.md` and the site it says
        /// what every row is.
        #[derive(Clone, Debug, PartialEq)]
        pub enum RowKind {
            $($(#[$doc])* $form($data),)*
        }

        /// A place in a row of each form.
        pub(super) enum Place {
            $($form(<$data as Targets>::Place),)*
        }

        impl RowKind {
            /// Begins a row: its end, where that is known beforehand, and its first place.
            pub(super) fn begin(&self, site: &RowSite, row: u32) -> (u32, Place) {
                match self {
                    $(Self::$form(form) => {
                        let (end, place) = form.begin(site, row);
                        (end, Place::$form(place))
                    })*
                }
            }

            /// Draws the next synapses of a row; false at its end.
            #[inline(always)]
            pub(super) fn fill(
                &self,
                place: &mut Place,
                row: &mut Row<'_>,
                block: &mut Block,
            ) -> bool {
                match (self, place) {
                    $((Self::$form(form), Place::$form(place)) => form.fill(place, row, block),)*
                    _ => false,
                }
            }

            /// Counts the synapses of a row from its start.
            pub(super) fn count(&self, place: Place, row: &Row<'_>) -> u32 {
                match (self, place) {
                    $((Self::$form(form), Place::$form(place)) => form.count(place, row),)*
                    _ => 0,
                }
            }

            /// The probability of a pair, where only a draw counts the synapses of a row.
            pub fn drawn_probability(&self) -> Option<f64> {
                match self {
                    $(Self::$form(form) => form.drawn_probability(),)*
                }
            }

            /// Whether a row may have a target twice because targets are drawn with repetition.
            pub fn may_repeat(&self) -> bool {
                match self {
                    $(Self::$form(form) => form.may_repeat(),)*
                }
            }

            /// Whether in-degrees are exact or follow the law of [`super::InDegree::binomial`], by
            /// which a target exceeds ten standard deviations and ten above the mean with a
            /// probability below 1e-18.
            pub fn has_lawful_in_degrees(&self) -> bool {
                match self {
                    $(Self::$form(form) => form.has_lawful_in_degrees(),)*
                }
            }

            /// The form in kernels, where rows can be drawn from the site and a counter alone.
            pub fn in_kernels(&self) -> Option<&dyn InKernels> {
                match self {
                    $(Self::$form(form) => form.in_kernels(),)*
                }
            }
        }
    };
}

forms! {
    /// Every candidate.
    All(AllToAll),
    /// The target with the number of the source.
    Same(Same),
    /// Targets drawn with repetition.
    Picks(Picks),
    /// Targets drawn without repetition.
    Distinct(Distinct),
    /// Each candidate with a probability.
    Gaps(Gaps),
    /// The sources that targets have drawn, source by source.
    Sources(Arc<SourceTable>),
    /// Synapses in full.
    List(Listed),
}

impl RowKind {
    /// All synapses, where they are listed with weights and delays of their own.
    pub fn listed(&self) -> Option<&[Synapse]> {
        match self {
            Self::List(listed) => Some(&listed.synapses),
            _ => None,
        }
    }
}

/// A form of rows.
pub(super) trait Targets {
    /// A place in a row.
    type Place;

    /// Begins row `row`: its end, where that is known beforehand, and the place of its start.
    fn begin(&self, site: &RowSite, row: u32) -> (u32, Self::Place);

    /// Draws the next synapses; false at the end of the row. A block may be empty before the end.
    fn fill(&self, place: &mut Self::Place, row: &mut Row<'_>, block: &mut Block) -> bool;

    /// Counts the synapses from here to the end of the row.
    fn count(&self, _place: Self::Place, row: &Row<'_>) -> u32 {
        row.left()
    }

    /// See [`RowKind::drawn_probability`].
    fn drawn_probability(&self) -> Option<f64> {
        None
    }

    /// See [`RowKind::may_repeat`].
    fn may_repeat(&self) -> bool {
        false
    }

    /// See [`RowKind::has_lawful_in_degrees`].
    fn has_lawful_in_degrees(&self) -> bool {
        true
    }

    /// See [`RowKind::in_kernels`].
    fn in_kernels(&self) -> Option<&dyn InKernels> {
        None
    }
}

/// A form of rows that kernels can draw.
pub trait InKernels {
    /// The items of each row that threads share.
    fn items(&self, site: &RowSite) -> Lengths;

    /// Whether one item is work enough for a thread.
    fn has_long_items(&self) -> bool {
        false
    }

    /// Emits the draw of a row.
    fn draw(&self, row: &mut dyn KernelRow);
}

/// A row that a kernel draws.
pub trait KernelRow {
    /// The site of the rule.
    fn site(&self) -> &RowSite;
    /// The number of the row.
    fn number(&self) -> Val;
    /// The length of the row, from the table of [`InKernels::items`].
    fn length(&mut self) -> Val;

    /// The builder, for sequences of [`crate::ir::math`].
    fn builder(&mut self) -> &mut Builder;
    /// An operation, or the sequence that stands for one that was not promised.
    fn op(&mut self, op: Op) -> Val;
    /// A constant.
    fn u32(&mut self, value: u32) -> Val;
    /// `a + n`.
    fn add(&mut self, a: Val, n: u32) -> Val;
    /// A new variable. It is 0 when the thread starts.
    fn var(&mut self) -> Var;
    /// Gives a variable a value.
    fn set(&mut self, var: Var, value: Val);
    /// The value of a variable now.
    fn get(&mut self, var: Var) -> Val;
    /// A loop; leave it with [`KernelRow::break_if`].
    fn repeat(&mut self, inner: &mut dyn FnMut(&mut dyn KernelRow));
    /// Leaves the innermost loop if the condition holds.
    fn break_if(&mut self, condition: Val);

    /// `each` for the items `0..end`, as far as they are this thread's.
    fn shared(&mut self, end: Val, each: &mut dyn FnMut(&mut dyn KernelRow, Val));
    /// The words of synapse `j` of the row, or of draw `j` of a segment.
    fn words(&mut self, j: Val, segment: Option<Val>) -> [Val; 4];
    /// The keys of the row's permutation of the candidates.
    fn permutation_keys(&mut self) -> Vec<Val>;
    /// The place of `j` in that permutation.
    fn permute(&mut self, keys: &[Val], j: Val) -> Val;
    /// Delivers a synapse onto a candidate, which is a target but for a missing autapse.
    fn synapse(&mut self, candidate: Val, words: [Val; 4]);
    /// Delivers a synapse onto a target.
    fn deliver(&mut self, target: Val, words: [Val; 4]);
}
