//! Launches that populations share whose programs are the same but for numbers, and those of spike
//! lists and of probes. All members have one kernel, and their differences stand in a table among
//! the constants.
//!
//! Each group of threads belongs to one member. The table has the start of the row of its member
//! for each group, then a row for each member: the number of its first group, and the numbers that
//! are not the same for all.

use super::Buffer;
use super::body::Body;
use super::layout::control;
use crate::ir::{Op, Val};

/// Threads of a group of a launch that may be shared.
pub const GROUP: u32 = 64;

/// The most groups of a shared launch: every device launches as many.
const MOST_GROUPS: u32 = 65_535;

/// The first number of every member: the threads that it takes.
pub const THREADS: usize = 0;

/// The members of one launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Indices of populations or probes, ascending.
    pub members: Vec<usize>,
    /// The number of groups of threads.
    pub groups: u32,
    /// The numbers of each member.
    numbers: Vec<Vec<u32>>,
    /// The column of each number that is not the same for all members.
    columns: Vec<Option<u32>>,
    /// Words of a row.
    width: u32,
    /// The place of the table among the constants.
    base: u32,
}

impl Shared {
    /// Returns a launch of one member.
    pub fn alone(index: usize, numbers: Vec<u32>) -> Self {
        let (groups, columns) = (numbers[THREADS].div_ceil(GROUP), vec![None; numbers.len()]);
        Self { members: vec![index], groups, numbers: vec![numbers], columns, width: 0, base: 0 }
    }

    /// Gathers the members of each shape in a launch. `place` returns the place of a table of so
    /// many words.
    pub fn gather<S: PartialEq>(
        items: impl Iterator<Item = (usize, S, Vec<u32>)>,
        mut place: impl FnMut(u64) -> u64,
    ) -> Vec<Self> {
        let mut all: Vec<(S, Self)> = Vec::new();
        for (index, shape, numbers) in items {
            let groups = numbers[THREADS].div_ceil(GROUP);
            let fits = |(other, shared): &&mut (S, Self)| {
                *other == shape && shared.groups.saturating_add(groups) <= MOST_GROUPS
            };
            match all.iter_mut().find(fits) {
                Some((_, shared)) => {
                    shared.members.push(index);
                    shared.numbers.push(numbers);
                    shared.groups += groups;
                }
                None => all.push((shape, Self::alone(index, numbers))),
            }
        }
        let mut all: Vec<Self> = all.into_iter().map(|(_, shared)| shared).collect();
        for shared in all.iter_mut().filter(|shared| shared.members.len() > 1) {
            shared.width = 1;
            for (number, column) in shared.columns.iter_mut().enumerate() {
                let first = shared.numbers[0][number];
                if shared.numbers.iter().any(|numbers| numbers[number] != first) {
                    *column = Some(shared.width);
                    shared.width += 1;
                }
            }
            let rows = shared.members.len() as u64 * u64::from(shared.width);
            shared.base = place(u64::from(shared.groups) + rows) as u32;
        }
        all
    }

    /// Returns the threads that the first member takes.
    pub fn threads_of_first(&self) -> u32 {
        self.numbers[0][THREADS]
    }

    /// Appends the words of the table.
    pub fn push_table(&self, data: &mut Vec<u32>) {
        if self.members.len() < 2 {
            return;
        }
        let groups = self.numbers.iter().map(|numbers| numbers[THREADS].div_ceil(GROUP));
        let rows = self.base + self.groups;
        for (row, groups) in (rows..).step_by(self.width as usize).zip(groups.clone()) {
            data.extend(std::iter::repeat_n(row, groups as usize));
        }
        let mut first_group = 0;
        for (numbers, groups) in self.numbers.iter().zip(groups) {
            data.push(first_group);
            let columns = self.columns.iter().zip(numbers);
            data.extend(columns.filter_map(|(column, number)| column.map(|_| *number)));
            first_group += groups;
        }
    }
}

/// A number of a member, in a kernel.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// The same for all members: part of the kernel.
    Literal(u32),
    /// A word of the table.
    Word(Val),
}

impl Number {
    /// Emits its value.
    pub fn val(self, body: &mut Body) -> Val {
        match self {
            Self::Literal(n) => body.u32(n),
            Self::Word(val) => val,
        }
    }

    /// Emits the sum of `a`, the number and `more`.
    pub fn add_to(self, body: &mut Body, a: Val, more: u32) -> Val {
        match self {
            Self::Literal(n) => body.add(a, n.wrapping_add(more)),
            Self::Word(val) => {
                let sum = body.op(Op::UAdd(a, val));
                body.add(sum, more)
            }
        }
    }
}

/// The numbers of the member that a thread belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a> {
    shared: &'a Shared,
    /// The start of its row.
    row: Option<Val>,
}

impl Numbers<'_> {
    /// Emits one of the numbers.
    pub fn get(&self, body: &mut Body, number: usize) -> Number {
        match (self.row, self.shared.columns[number]) {
            (Some(row), Some(column)) => {
                let at = body.add(row, column);
                Number::Word(body.load(Buffer::Constants, at))
            }
            _ => Number::Literal(self.shared.numbers[0][number]),
        }
    }
}

/// Emits the body of every thread of every member, with its number among those of the member. The
/// other threads of a group do nothing.
pub fn for_threads<'s>(
    body: &mut Body,
    shared: &'s Shared,
    each: impl FnOnce(&mut Body, Val, Numbers<'s>),
) {
    let (thread, row) = if shared.members.len() == 1 {
        (body.op(Op::ThreadId), None)
    } else {
        let group = body.op(Op::GroupId);
        let at = body.add(group, shared.base);
        let row = body.load(Buffer::Constants, at);
        let first = body.load(Buffer::Constants, row);
        let own = body.op(Op::USub(group, first));
        let before = body.op(Op::UShl(own, GROUP.trailing_zeros()));
        let local = body.op(Op::LocalId);
        (body.op(Op::UAdd(before, local)), Some(row))
    };
    let numbers = Numbers { shared, row };
    let end = numbers.get(body, THREADS).val(body);
    let inside = body.op(Op::ULt(thread, end));
    body.when(inside, |body| each(body, thread, numbers));
}

/// Emits [`for_threads`] for the steps up to the one in which state was not finite.
pub fn while_running<'s>(
    body: &mut Body,
    shared: &'s Shared,
    each: impl FnOnce(&mut Body, Val, Numbers<'s>),
) {
    unless_stopped(body, |body| for_threads(body, shared, each));
}

/// Emits a block that is left out in steps after the one in which state was not finite.
pub fn unless_stopped(body: &mut Body, inner: impl FnOnce(&mut Body)) {
    let stopped = body.load_at(Buffer::Control, control::STOPPED);
    let none = body.u32(0);
    let running = body.op(Op::UEq(stopped, none));
    body.when(running, inner);
}
