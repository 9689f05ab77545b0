//! Delivery of rows that are nowhere stored: each is drawn again at every spike, from the same
//! counters as [`crate::connect`] draws it (`docs/semantics.md`, section 3).

use super::body::{Body, build};
use super::deliver::add_to_ring;
use super::layout::{Layout, control};
use super::random::{permutation_keys, permute, philox};
use super::share::{GROUP, Item, ROUNDS, Sharing, for_each_item, for_each_synapse};
use super::{Buffer, Stage};
use crate::base::random::Tag;
use crate::connect::{Draw, Gaps, Lengths, RowKind, RowShape};
use crate::ir::{Access, Op, Promises, Val, math};
use crate::plan::{Plan, ProjectionPlan};

/// How the rows of a projection are shared. Where targets are found one after another a row is
/// entered at its segments of candidates only: they are what is shared, and one is work enough for
/// a thread.
pub fn sharing(layout: &Layout, projection: &ProjectionPlan) -> Sharing {
    let shape = projection.rows.shape();
    let all = |length| vec![length; shape.rows as usize];
    let (lengths, rounds) = match &shape.kind {
        RowKind::Gaps(gaps) => (all(shape.candidates().div_ceil(gaps.segment_size)), 1),
        RowKind::Picks(Lengths::Each(lengths)) => (lengths.to_vec(), ROUNDS),
        RowKind::Picks(Lengths::Same(length)) => (all(*length), ROUNDS),
        RowKind::Distinct { degree } => (all(*degree), ROUNDS),
        RowKind::OneToOne => (all(1), ROUNDS),
        _ => (all(shape.candidates()), ROUNDS),
    };
    Sharing::new(&lengths, rounds, layout.neurons, layout.batch)
}

/// The delivery kernel of a projection: for each spike of its sources, teams share the synapses of
/// the row, or its segments of candidates.
pub fn deliver(
    layout: &Layout,
    plan: &Plan,
    index: usize,
    groups: u32,
    promises: Promises,
) -> Stage {
    let projection = &plan.projections[index];
    let pre = &plan.populations[projection.pre.index()];
    let buffers = vec![
        (Buffer::Control, Access::Read),
        (Buffer::Spikes, Access::Read),
        (Buffer::Accumulators, Access::Atomic),
        (Buffer::Constants, Access::Read),
    ];
    build(&format!("deliver_{index}"), &buffers, GROUP, promises, groups, |body| {
        let step = body.load_at(Buffer::Control, control::STEP);
        let sharing = sharing(layout, projection);
        for_each_item(body, layout, sharing, |body, item| {
            let first = body.u32(pre.first_neuron);
            let row = body.op(Op::USub(item.neuron, first));
            let rows = body.u32(pre.size);
            let mine = body.op(Op::ULt(row, rows));
            body.when(mine, |body| {
                let site = Site {
                    layout,
                    plan,
                    index,
                    shape: projection.rows.shape(),
                    sharing,
                    item,
                    step,
                    row,
                };
                Drawing { body, site }.row();
            });
        });
    })
}

/// Which row is drawn, and from what.
#[derive(Clone, Copy)]
struct Site<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    /// Index of the projection.
    index: usize,
    shape: &'a RowShape,
    sharing: Sharing,
    item: Item,
    step: Val,
    row: Val,
}

/// One row being drawn by a team.
struct Drawing<'a, 'b> {
    body: &'a mut Body<'b>,
    site: Site<'a>,
}

impl Drawing<'_, '_> {
    fn row(&mut self) {
        match &self.site.shape.kind {
            RowKind::Gaps(gaps) => return self.gaps(*gaps),
            RowKind::OneToOne => return self.one_to_one(),
            _ => {}
        }
        let end = match &self.site.shape.kind {
            RowKind::Picks(Lengths::Each(_)) => {
                let base = self.site.layout.projections[self.site.index].lengths as u32;
                let at = self.body.add(self.site.row, base);
                self.body.load(Buffer::Constants, at)
            }
            RowKind::Picks(Lengths::Same(length)) => self.body.u32(*length),
            RowKind::Distinct { degree } => self.body.u32(*degree),
            _ => self.body.u32(self.site.shape.candidates()),
        };
        let keys = match &self.site.shape.kind {
            RowKind::Distinct { .. } => {
                let site = (self.site.shape.seed, self.site.shape.projection);
                Some(permutation_keys(self.body, site, self.site.row, self.site.shape.candidates()))
            }
            _ => None,
        };
        self.shared(end, |drawing, j| {
            let words = drawing.words(j, None);
            let candidate = match (&drawing.site.shape.kind, &keys) {
                (RowKind::Picks(_), _) => {
                    let candidates = drawing.body.u32(drawing.site.shape.candidates());
                    drawing.body.op(Op::UMulHi(words[0], candidates))
                }
                (_, Some(keys)) => permute(drawing.body, keys, j, drawing.site.shape.candidates()),
                _ => j,
            };
            drawing.synapse(candidate, words);
        });
    }

    /// The only synapse of a row.
    fn one_to_one(&mut self) {
        let length = self.body.u32(u32::from(!self.site.shape.skip_self));
        self.shared(length, |drawing, j| {
            let words = drawing.words(j, None);
            drawing.deliver(drawing.site.row, words);
        });
    }

    /// The segments of candidates of a row, each by one thread.
    fn gaps(&mut self, gaps: Gaps) {
        let candidates = self.site.shape.candidates();
        let segments = self.body.u32(candidates.div_ceil(gaps.segment_size));
        let (j, passed) = (self.body.var(), self.body.var());
        self.shared(segments, |drawing, segment| {
            let size = drawing.body.u32(gaps.segment_size);
            let start = drawing.body.op(Op::UMul(segment, size));
            let all = drawing.body.u32(candidates);
            let left = drawing.body.op(Op::USub(all, start));
            let short = drawing.body.op(Op::ULt(left, size));
            let length = drawing.body.op(Op::Select(short, left, size));
            let zero = drawing.body.u32(0);
            drawing.body.set(j, zero);
            drawing.body.set(passed, zero);
            drawing.endless(|drawing| {
                let number = drawing.body.get(j);
                let words = drawing.words(number, Some(segment));
                let gap = gap(drawing.body, gaps, words[0]);
                let before = drawing.body.get(passed);
                let place = drawing.body.op(Op::UAdd(before, gap));
                let inside = drawing.body.op(Op::ULt(place, length));
                let over = drawing.body.op(Op::Not(inside));
                drawing.body.break_if(over);
                let candidate = drawing.body.op(Op::UAdd(start, place));
                drawing.synapse(candidate, words);
                let next = drawing.body.add(number, 1);
                drawing.body.set(j, next);
                let next = drawing.body.add(place, 1);
                drawing.body.set(passed, next);
            });
        });
    }

    /// A synapse onto a candidate, which is a target but for a missing autapse.
    fn synapse(&mut self, candidate: Val, words: [Val; 4]) {
        let mut target = candidate;
        if self.site.shape.skip_self {
            let below = self.body.op(Op::ULt(candidate, self.site.row));
            let above = self.body.add(candidate, 1);
            target = self.body.op(Op::Select(below, candidate, above));
        }
        self.deliver(target, words);
    }

    fn deliver(&mut self, target: Val, words: [Val; 4]) {
        let places = &self.site.layout.projections[self.site.index];
        let weight = value(self.body, &self.site.shape.weight, places.weight as u32, words[1]);
        let delay = value(self.body, &self.site.shape.delay, places.delay as u32, words[2]);
        let arrival = self.body.op(Op::UAdd(self.site.step, delay));
        let receptor = self.site.plan.projections[self.site.index].receptor;
        let first = self.site.plan.receptors[receptor as usize].first_accumulator;
        let target = self.body.add(target, first);
        add_to_ring(self.body, self.site.layout, arrival, self.site.item.copy, target, weight);
    }

    /// The words of synapse `j` of the row, or of draw `j` of a segment.
    fn words(&mut self, j: Val, segment: Option<Val>) -> [Val; 4] {
        let projection = self.body.u32(self.site.shape.projection);
        let fourth = match segment {
            Some(segment) => {
                let high = self.body.op(Op::UShl(segment, 8));
                self.body.add(high, Tag::Row as u32)
            }
            None => self.body.u32(Tag::Row as u32),
        };
        philox(self.body, self.site.shape.seed, [j, self.site.row, projection, fourth])
    }

    /// `each` for `0..end`, as far as it is this thread's.
    fn shared(&mut self, end: Val, each: impl FnOnce(&mut Drawing, Val)) {
        let site = self.site;
        let begin = self.body.u32(0);
        for_each_synapse(self.body, site.sharing, site.item, [begin, end], |body, j| {
            each(&mut Drawing { body, site }, j);
        });
    }

    fn endless(&mut self, each: impl FnOnce(&mut Drawing)) {
        let site = self.site;
        self.body.repeat(|body| each(&mut Drawing { body, site }));
    }
}

/// What a word gives, as [`Draw::get`]; `table` is where the table starts among the constants.
fn value(body: &mut Body, draw: &Draw, table: u32, word: Val) -> Val {
    match draw {
        Draw::Constant(value) => body.u32(*value as u32),
        Draw::Uniform { lo, span } => {
            let span = body.u32(*span);
            let above = body.op(Op::UMulHi(word, span));
            body.add(above, *lo as u32)
        }
        Draw::Table(_) => {
            let entry = body.op(Op::UShr(word, 16));
            let at = body.add(entry, table);
            body.load(Buffer::Constants, at)
        }
    }
}

/// How many candidates a draw skips: `trunc(ln(u) * scale)`, at most the size of a segment.
fn gap(body: &mut Body, gaps: Gaps, word: Val) -> Val {
    let uniform = math::uniform(body.builder(), word);
    let log = math::log(body.builder(), uniform);
    let scale = body.op(Op::F32(gaps.scale.to_bits()));
    let gap = body.op(Op::FMul(log, scale));
    // A power of two up to 2^30, so exact.
    let size = body.op(Op::F32((gaps.segment_size as f32).to_bits()));
    let inside = body.op(Op::FLt(gap, size));
    let bounded = body.op(Op::Select(inside, gap, size));
    let integer = body.op(Op::FToI(bounded));
    body.op(Op::IToU(integer))
}
