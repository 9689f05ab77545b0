//! The sharing of the spikes of a step, and of the synapses of their rows, among the threads of a
//! delivery launch.

use super::Buffer;
use super::body::Body;
use super::layout::{Layout, control};
use crate::ir::{Op, Val};

/// Threads of a group of a delivery kernel.
pub const GROUP: u32 = 128;

/// The least number of synapses of a work unit that a thread takes one after another. Before the
/// first one a work unit costs three loads, and a division where rows have several segments.
pub const ROUNDS: u32 = 4;

/// The most threads that a spike may occupy for each synapse of the mean neuron. Longer rows are
/// cut no finer: threads that read a short row and have nothing to do cost time.
const THREADS_PER_SYNAPSE: u64 = 2;

/// The most work units of a step, so that neither their number nor the next one of a team
/// overflows.
const MOST_WORK_UNITS: u64 = 1 << 31;

/// The sharing of rows, decided from their lengths: constants of the kernel. A *team* of
/// neighbouring threads takes one *work unit* at a time: a spike and a segment of its row.
/// Neighbours in a team take neighbouring synapses, so that their words are in one piece of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Threads of a team, a power of two, at most [`GROUP`].
    pub team: u32,
    /// Synapses of a segment, a multiple of `team`.
    pub segment: u32,
    /// Segments of every row; those beyond the end of a short row are empty.
    pub segments: u32,
}

impl Sharing {
    /// Returns the sharing of rows with these lengths in a network of `neurons`, those without a
    /// row here included; a thread takes `rounds` synapses of a work unit.
    ///
    /// *The team* is the largest with which more than half of the threads hold a synapse, over all
    /// rows: with fewer threads a row takes longer for nothing, with more the better part of them
    /// idles. Rows of 20 get 32 threads, rows of 3 get 4, rows of thousands a whole group.
    ///
    /// *The segment* is `rounds` synapses for each thread of the team, so that many teams deliver a
    /// row of thousands. Every spike has as many work units as the longest row has segments, and
    /// most are empty where that row is a giant. So segments grow until a spike occupies at most
    /// [`THREADS_PER_SYNAPSE`] threads for each synapse of the mean neuron, and until a word can
    /// count the work units of a step in which all `copies` of all neurons spike.
    pub fn new(lengths: &[u32], rounds: u32, neurons: u32, copies: u32) -> Self {
        let team = team_of(lengths);
        let longest = u64::from(lengths.iter().copied().max().unwrap_or(0)).max(1);
        let total: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let most_threads = THREADS_PER_SYNAPSE * total / u64::from(neurons).max(1);
        let most_by_threads = most_threads / u64::from(team);
        let most_by_units = MOST_WORK_UNITS / (u64::from(neurons) * u64::from(copies)).max(1);
        let most_segments = most_by_threads.min(most_by_units).max(1);
        let least = u64::from(team) * u64::from(rounds);
        let segment = longest.div_ceil(most_segments).next_multiple_of(team.into()).max(least);
        let segments = longest.div_ceil(segment) as u32;
        // Only a segment that is a whole row of nearly 2^32 can be rounded up beyond a word.
        Self { team, segment: u32::try_from(segment).unwrap_or(u32::MAX), segments }
    }

    /// Returns the teams of one group.
    fn teams_of_group(self) -> u32 {
        GROUP / self.team
    }
}

/// Returns the largest team of which more than half of the threads hold a synapse.
fn team_of(lengths: &[u32]) -> u32 {
    let total: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    let taken = |team: u32| -> u64 {
        lengths.iter().map(|length| u64::from(*length).next_multiple_of(team.into())).sum()
    };
    let sizes = (0..=GROUP.ilog2()).rev().map(|bits| 1 << bits);
    sizes.into_iter().find(|team| taken(*team) < 2 * total).unwrap_or(1)
}

/// The part of a row that a team delivers.
#[derive(Clone, Copy, Debug)]
pub struct WorkUnit {
    /// The copy of the batch.
    pub copy: Val,
    /// The global id of the neuron that spiked.
    pub neuron: Val,
    /// The segment of its row; `None` where a row is one segment.
    segment: Option<Val>,
    /// The thread's number in its team.
    member: Val,
}

/// Emits `each` for the work units of the step, shared among the teams of a launch. Work units of
/// one spike are neighbours, and so are the teams that take them.
pub fn for_each_work_unit(
    body: &mut Body,
    layout: &Layout,
    sharing: Sharing,
    each: impl FnOnce(&mut Body, WorkUnit),
) {
    let spikes = body.load_at(Buffer::Control, control::SPIKES);
    let (first, teams, member) = team(body, sharing);
    let units = match sharing.segments {
        1 => spikes,
        segments => {
            let segments = body.u32(segments);
            body.op(Op::UMul(spikes, segments))
        }
    };
    body.strided(first, units, teams, |body, unit| {
        let (spike, segment) = match sharing.segments {
            1 => (unit, None),
            n => (body.op(Op::UDiv(unit, n)), Some(body.op(Op::URem(unit, n)))),
        };
        let id = body.load(Buffer::Spikes, spike);
        let (copy, neuron) = body.split(id, layout.neurons, layout.batch);
        each(body, WorkUnit { copy, neuron, segment, member });
    });
}

/// Emits the number of the thread's team, the number of teams, and the thread's number in its team.
pub fn team(body: &mut Body, sharing: Sharing) -> (Val, Val, Val) {
    let (group, groups) = (body.op(Op::GroupId), body.op(Op::GroupCount));
    let local = body.op(Op::LocalId);
    if sharing.team == GROUP {
        // Without arithmetic, so that compilers find the same branches in all threads of a group.
        return (group, groups, local);
    }
    let teams_bits = sharing.teams_of_group().ilog2();
    let first = body.op(Op::UShl(group, teams_bits));
    let within = body.op(Op::UShr(local, sharing.team.ilog2()));
    let team = body.op(Op::UAdd(first, within));
    let teams = body.op(Op::UShl(groups, teams_bits));
    let mask = body.u32(sharing.team - 1);
    let member = body.op(Op::UAnd(local, mask));
    (team, teams, member)
}

/// Emits `each` for the numbers of this thread's synapses of `begin..end`.
pub fn for_each_synapse(
    body: &mut Body,
    sharing: Sharing,
    unit: WorkUnit,
    [begin, end]: [Val; 2],
    each: impl FnOnce(&mut Body, Val),
) {
    let team = body.u32(sharing.team);
    let Some(segment) = unit.segment else {
        let first = body.op(Op::UAdd(begin, unit.member));
        return body.strided(first, end, team, each);
    };
    let size = body.u32(sharing.segment);
    let offset = body.op(Op::UMul(segment, size));
    let length = body.op(Op::USub(end, begin));
    let some = body.op(Op::ULt(offset, length));
    body.when(some, |body| {
        let start = body.op(Op::UAdd(begin, offset));
        let left = body.op(Op::USub(length, offset));
        let short = body.op(Op::ULt(left, size));
        let count = body.op(Op::Select(short, left, size));
        let stop = body.op(Op::UAdd(start, count));
        let first = body.op(Op::UAdd(start, unit.member));
        body.strided(first, stop, team, each);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the sharing of rows of all neurons of a network.
    fn sharing(lengths: &[u32]) -> Sharing {
        Sharing::new(lengths, ROUNDS, lengths.len() as u32, 1)
    }

    #[test]
    fn short_rows_get_small_teams() {
        let of = |length| sharing(&[length; 1000]);
        assert_eq!(of(1), Sharing { team: 1, segment: 4, segments: 1 });
        assert_eq!(of(3), Sharing { team: 4, segment: 16, segments: 1 });
        assert_eq!(of(20), Sharing { team: 32, segment: 128, segments: 1 });
        assert_eq!(of(80), Sharing { team: 128, segment: 512, segments: 1 });
    }

    #[test]
    fn long_rows_get_many_teams() {
        let of = |length| sharing(&[length; 1000]);
        assert_eq!(of(512), Sharing { team: 128, segment: 512, segments: 1 });
        assert_eq!(of(513), Sharing { team: 128, segment: 512, segments: 2 });
        assert_eq!(of(10_000), Sharing { team: 128, segment: 512, segments: 20 });
    }

    #[test]
    fn rows_of_several_lengths_share_by_the_synapses_they_have() {
        let mut lengths = vec![3; 500];
        lengths.extend([10_000; 500]);
        assert_eq!(sharing(&lengths), Sharing { team: 128, segment: 512, segments: 20 });
    }

    #[test]
    fn a_giant_among_short_rows_is_cut_but_not_at_any_price() {
        let mut lengths = vec![3; 999];
        lengths.push(100_000);
        // The mean row has 102 synapses: 205 threads for a spike, 3 teams of 64.
        assert_eq!(sharing(&lengths), Sharing { team: 64, segment: 33_344, segments: 3 });
        // Among few short rows a giant is cut as finely as alone.
        assert_eq!(sharing(&[3, 0, 100_000, 3]).segments, sharing(&[100_000]).segments);
        assert_eq!(sharing(&[100_000]).segments, 196);
    }

    #[test]
    fn spikes_of_neurons_without_a_row_count() {
        let rows = [10_000; 10];
        assert_eq!(Sharing::new(&rows, ROUNDS, 10, 1).segments, 20);
        // 250 synapses a neuron: 500 threads, 3 teams.
        assert_eq!(Sharing::new(&rows, ROUNDS, 400, 1).segments, 3);
    }

    #[test]
    fn empty_rows_and_no_rows_have_one_segment() {
        let nothing = Sharing { team: 1, segment: 4, segments: 1 };
        assert_eq!(sharing(&[]), nothing);
        assert_eq!(sharing(&[0; 10]), nothing);
        // Most rows empty: the others still get their team.
        let mut lengths = vec![0; 990];
        lengths.extend([20; 10]);
        assert_eq!(sharing(&lengths), Sharing { team: 32, segment: 128, segments: 1 });
    }

    #[test]
    fn work_units_of_a_step_fit_a_word() {
        for copies in [1, 1_000_000, 1 << 24, 1 << 29, (1 << 30) + 1] {
            for longest in [1, 100_000, (1 << 31) - 1] {
                let sharing = Sharing::new(&[longest; 3], ROUNDS, 3, copies);
                let (spikes, segments) = (3 * u64::from(copies), u64::from(sharing.segments));
                assert!(spikes * segments <= MOST_WORK_UNITS.max(spikes), "{copies}: {sharing:?}");
                let covered = u64::from(sharing.segment) * segments;
                assert!(covered >= longest.into(), "{longest} synapses: {sharing:?}");
                assert_eq!(sharing.segment % sharing.team, 0);
            }
        }
        assert_eq!(Sharing::new(&[100_000], ROUNDS, 1, 1 << 24).segments, 112);
    }

    #[test]
    fn a_thread_takes_as_many_synapses_as_it_is_told() {
        let share = |length| Sharing::new(&[length; 9], 1, 9, 1);
        assert_eq!(share(40), Sharing { team: 64, segment: 64, segments: 1 });
        assert_eq!(share(1000), Sharing { team: 128, segment: 128, segments: 8 });
    }
}
