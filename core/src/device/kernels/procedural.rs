//! The delivery of procedural rows: each is drawn again at every spike, from the same counters as
//! in [`crate::connect`] (`docs/semantics.md`, section 3). The file of each rule draws its rows;
//! here are the place of a row in a kernel and its delivery.

use super::body::{Body, build};
use super::deliver::{ROLE, add_to_ring};
use super::layout::{Layout, control};
use super::random::{permutation_keys, permute, philox};
use super::share::{GROUP, ROUNDS, Sharing, WorkUnit, for_each_synapse, for_each_work_unit};
use super::{Buffer, Stage, drawn_form};
use crate::base::random::Tag;
use crate::connect::rule::Lengths;
use crate::connect::{Draw, InKernels, KernelRow, RowSite};
use crate::ir::build::Builder;
use crate::ir::{Access, Guarantees, Op, Val, Var};
use crate::plan::Plan;

/// Returns the projections whose rows are drawn at each spike, in order.
pub fn all<'a>(layout: &'a Layout, plan: &'a Plan) -> impl Iterator<Item = DrawnRows<'a>> {
    (0..plan.projections.len()).filter_map(move |index| {
        let form = drawn_form(&plan.projections[index])?;
        Some(DrawnRows { layout, plan, index, form })
    })
}

/// A projection whose rows are drawn at each spike.
#[derive(Clone, Copy)]
pub struct DrawnRows<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    /// Index of the projection.
    pub index: usize,
    form: &'a dyn InKernels,
}

impl DrawnRows<'_> {
    /// Returns the sharing of the rows. With geometric skipping a row can be entered only at its
    /// segments of candidates: threads share these, and one is work enough for a thread.
    pub fn sharing(self) -> Sharing {
        let site = self.plan.projections[self.index].rows.site();
        let lengths = match self.form.items(site) {
            Lengths::Same(length) => vec![length; site.rows as usize],
            Lengths::Each(lengths) => lengths.to_vec(),
        };
        let rounds = if self.form.has_long_items() { 1 } else { ROUNDS };
        Sharing::new(&lengths, rounds, self.layout.neurons, self.layout.batch)
    }

    /// Returns the delivery kernel: for each spike of the sources, teams share the synapses of the
    /// row, or its segments of candidates.
    pub fn deliver(self, groups: u32, guarantees: Guarantees) -> Stage {
        let Self { layout, plan, index, form } = self;
        let pre = &plan.populations[plan.projections[index].pre.index()];
        let buffers = vec![
            (Buffer::Control, Access::Read),
            (Buffer::Spikes, Access::Read),
            (Buffer::Accumulators, Access::Atomic),
            (Buffer::Constants, Access::Read),
        ];
        build((ROLE, &format!("deliver_{index}")), &buffers, GROUP, guarantees, groups, |body| {
            let step = body.load_at(Buffer::Control, control::STEP);
            let sharing = self.sharing();
            for_each_work_unit(body, layout, sharing, |body, unit| {
                let first = body.u32(pre.first_neuron);
                let row = body.op(Op::USub(unit.neuron, first));
                let rows = body.u32(pre.size);
                let mine = body.op(Op::ULt(row, rows));
                body.when(mine, |body| {
                    let place = Place { layout, plan, index, sharing, unit, step, row };
                    form.draw(&mut Drawing { body, place });
                });
            });
        })
    }
}

/// The row that is drawn, and its spike.
#[derive(Clone, Copy)]
struct Place<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    /// Index of the projection.
    index: usize,
    sharing: Sharing,
    unit: WorkUnit,
    step: Val,
    row: Val,
}

/// The drawing of one row by a team.
struct Drawing<'a, 'b> {
    body: &'a mut Body<'b>,
    place: Place<'a>,
}

impl KernelRow for Drawing<'_, '_> {
    fn site(&self) -> &RowSite {
        self.place.plan.projections[self.place.index].rows.site()
    }

    fn number(&self) -> Val {
        self.place.row
    }

    fn length(&mut self) -> Val {
        let base = self.place.layout.projections[self.place.index].lengths as u32;
        let at = self.body.add(self.place.row, base);
        self.body.load(Buffer::Constants, at)
    }

    fn builder(&mut self) -> &mut Builder {
        self.body.builder()
    }

    fn op(&mut self, op: Op) -> Val {
        self.body.op(op)
    }

    fn u32(&mut self, value: u32) -> Val {
        self.body.u32(value)
    }

    fn add(&mut self, a: Val, n: u32) -> Val {
        self.body.add(a, n)
    }

    fn var(&mut self) -> Var {
        self.body.var()
    }

    fn set(&mut self, var: Var, value: Val) {
        self.body.set(var, value);
    }

    fn get(&mut self, var: Var) -> Val {
        self.body.get(var)
    }

    fn repeat(&mut self, inner: &mut dyn FnMut(&mut dyn KernelRow)) {
        let place = self.place;
        self.body.repeat(|body| inner(&mut Drawing { body, place }));
    }

    fn break_if(&mut self, condition: Val) {
        self.body.break_if(condition);
    }

    fn shared(&mut self, end: Val, each: &mut dyn FnMut(&mut dyn KernelRow, Val)) {
        let place = self.place;
        let begin = self.body.u32(0);
        for_each_synapse(self.body, place.sharing, place.unit, [begin, end], |body, j| {
            each(&mut Drawing { body, place }, j);
        });
    }

    fn words(&mut self, j: Val, segment: Option<Val>) -> [Val; 4] {
        let (seed, projection) = (self.site().seed, self.site().projection);
        let projection = self.body.u32(projection);
        let fourth = match segment {
            Some(segment) => {
                let high = self.body.op(Op::UShl(segment, 8));
                self.body.add(high, Tag::Row as u32)
            }
            None => self.body.u32(Tag::Row as u32),
        };
        philox(self.body, seed, [j, self.place.row, projection, fourth])
    }

    fn permutation_keys(&mut self) -> Vec<Val> {
        let candidates = self.site().candidates();
        let site = (self.site().seed, self.site().projection);
        permutation_keys(self.body, site, self.place.row, candidates)
    }

    fn permute(&mut self, keys: &[Val], j: Val) -> Val {
        let candidates = self.site().candidates();
        permute(self.body, keys, j, candidates)
    }

    fn synapse(&mut self, candidate: Val, words: [Val; 4]) {
        let mut target = candidate;
        if self.site().skip_self {
            let below = self.body.op(Op::ULt(candidate, self.place.row));
            let above = self.body.add(candidate, 1);
            target = self.body.op(Op::Select(below, candidate, above));
        }
        self.deliver(target, words);
    }

    fn deliver(&mut self, target: Val, words: [Val; 4]) {
        let Place { layout, plan, index, unit, step, .. } = self.place;
        let (projection, places) = (&plan.projections[index], &layout.projections[index]);
        let site = projection.rows.site();
        let weight = value(self.body, &site.weight, places.weight as u32, words[1]);
        let delay = value(self.body, &site.delay, places.delay as u32, words[2]);
        let arrival = self.body.op(Op::UAdd(step, delay));
        let first = plan.receptors[projection.receptor as usize].first_accumulator;
        let target = self.body.add(target, first);
        add_to_ring(self.body, layout, arrival, unit.copy, target, weight);
    }
}

/// Emits the value that a word gives, as [`Draw::get`]; `table` is the start of the table among the
/// constants.
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
