//! How many bytes a step moves on a device with kernels, counted in the kernels themselves, and
//! how many it would have to move at least.
//!
//! What is counted is every word that a thread asks memory for. A load at an index that is the same for
//! all threads (the step, the number of spikes, a series of one word a row) is one word for a whole
//! launch and is left out; so is the second
//! look into a Poisson table after a tie, one time in 2,048. The threads of a team that load the
//! same word together count as one. Caches are not modelled: they can only make it less.

use super::rows::RowPlan;
use super::{Limits, check_learning};
use crate::base::id::PopulationId;
use crate::connect::Draw;
use crate::device::kernels::layout::Layout;
use crate::device::kernels::procedural::{self, DrawnRows};
use crate::device::kernels::share::Sharing;
use crate::device::kernels::{Buffer, deliver, is_stored, update};
use crate::ir::{Guarantees, Kernel, Op, Stmt, Val};
use crate::ops;
use crate::plan::{NeuronPlan, Plan, PopulationPlanKind, ProjectionPlan, Words};
use crate::run::backend::BackendError;
use std::ops::Add;

/// Bytes of a word.
const WORD: f64 = 4.0;

/// A device that takes any network.
const UNLIMITED: Limits = Limits {
    binding_words: u64::MAX,
    bindings: u32::MAX,
    groups: u32::MAX,
    group_size: u32::MAX,
    memory_bytes: None,
};

/// Memory that is read, written, and changed in place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Bytes loaded.
    pub read_bytes: f64,
    /// Bytes stored.
    pub written_bytes: f64,
    /// Atomic operations on a word, each of which reads and writes it.
    pub atomics: f64,
}

impl Traffic {
    /// Bytes in all: read, written, and 8 for each atomic.
    pub fn bytes(&self) -> f64 {
        self.read_bytes + self.written_bytes + 2.0 * WORD * self.atomics
    }

    /// This, so many times.
    fn times(self, n: f64) -> Self {
        Self {
            read_bytes: n * self.read_bytes,
            written_bytes: n * self.written_bytes,
            atomics: n * self.atomics,
        }
    }
}

impl Add for Traffic {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            read_bytes: self.read_bytes + other.read_bytes,
            written_bytes: self.written_bytes + other.written_bytes,
            atomics: self.atomics + other.atomics,
        }
    }
}

/// What the update of one neuron of a population moves in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateTraffic {
    /// The population.
    pub population: PopulationId,
    /// One neuron that does not spike.
    pub neuron: Traffic,
    /// What a spike adds: its place in the list and its bit in the raster.
    pub spike: Traffic,
    /// Each state word and accumulator read and written once, each constant of its own read once.
    pub least_bytes: f64,
}

/// What one synaptic event moves in one delivery kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTraffic {
    /// Indices of the projections whose rows it delivers: all that are stored, or one that is not.
    pub projections: Vec<usize>,
    /// Whether rows are drawn again at each spike.
    pub procedural: bool,
    /// Synapses of one copy.
    pub synapses: u64,
    /// How its rows are shared.
    pub sharing: Sharing,
    /// One event, with its part of what finding the row takes, where all neurons of the network
    /// spike equally often: those without a row here are looked at, too.
    pub event: Traffic,
    /// The bits that say target, delay and weight of a stored synapse, and the accumulator read
    /// and written.
    pub least_bytes: f64,
}

/// What the steps of a plan move.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// For each population of neurons, in order.
    pub updates: Vec<UpdateTraffic>,
    /// For each delivery kernel with synapses, in order.
    pub events: Vec<EventTraffic>,
}

impl Account {
    /// Counts in the kernels of a plan, as a device without limits that promises all its
    /// arithmetic gets them. An error where no device can store the rows, or synapses learn.
    pub fn new(plan: &Plan) -> Result<Self, BackendError> {
        check_learning(plan)?;
        let layout = Layout::new(plan);
        let update = |index: usize| update_traffic(plan, &layout, index);
        let updates = (0..plan.populations.len()).filter_map(update).collect();
        let mut events = stored_traffic(plan, &layout)?;
        let drawn = procedural::all(&layout, plan);
        events.extend(drawn.map(|rows| drawn_traffic(plan, &layout, rows)));
        events.retain(|event| event.synapses > 0);
        Ok(Self { updates, events })
    }
}

fn update_traffic(plan: &Plan, layout: &Layout, index: usize) -> Option<UpdateTraffic> {
    let PopulationPlanKind::Neurons(planned) = &plan.populations[index].kind else { return None };
    let kernel = update::alone(layout, plan, index, Guarantees::ALL)?.kernel;
    let stores = |stmt: &Stmt, name: Option<Buffer>| match stmt {
        Stmt::Store { buffer, .. } => name.is_none_or(|name| binds(&kernel, *buffer, name)),
        _ => false,
    };
    // The branch of a spike is the innermost block around the store into the list.
    let spiking = blocks_around(&kernel.body, &|stmt| stores(stmt, Some(Buffer::Spikes)));
    let (neuron, spike) = match spiking.split_last() {
        Some((spike, outer)) => (moved_in(&kernel, outer), moved(&kernel, spike.body)),
        None => {
            let storing = blocks_around(&kernel.body, &|stmt| stores(stmt, None));
            (moved_in(&kernel, &storing), Traffic::default())
        }
    };
    let population = PopulationId(index as u32);
    Some(UpdateTraffic { population, neuron, spike, least_bytes: least_of_update(planned) })
}

/// The least bytes that the update of one neuron moves: each state word and accumulator read and
/// written once, each constant, series and current from outside of its own read once.
pub fn least_of_update(neuron: &NeuronPlan) -> f64 {
    let own = neuron.constants.iter().filter(|words| matches!(words, Words::Each(_))).count();
    let own = own + neuron.series.iter().filter(|series| !series.is_uniform()).count();
    let own = own + neuron.external.len();
    let kept = neuron.state.len() as u64 + u64::from(neuron.receptors);
    WORD * (2 * kept + own as u64) as f64
}

/// Of the kernel of each part of the stored rows.
fn stored_traffic(plan: &Plan, layout: &Layout) -> Result<Vec<EventTraffic>, BackendError> {
    let rows = RowPlan::new(plan, UNLIMITED)?;
    let format = rows.format(layout);
    let stored = |index: &usize| is_stored(&plan.projections[*index]);
    let projections: Vec<usize> = (0..plan.projections.len()).filter(stored).collect();
    let least_bytes = mean_least(plan, &projections);
    let parts = (0..).zip(rows.parts.iter().zip(&format.parts));
    let traffic = parts.map(|(index, (part, sharing))| {
        let place = (index, *sharing);
        let stage = deliver::deliver(layout, format.wide, place, 1, Guarantees::ALL);
        let (synapses, sources) = (part.synapses(), part.sources());
        let event = event(&stage.kernel, layout, *sharing, sources, synapses);
        let projections = projections.clone();
        EventTraffic {
            projections,
            procedural: false,
            synapses,
            sharing: *sharing,
            event,
            least_bytes,
        }
    });
    Ok(traffic.collect())
}

fn drawn_traffic(plan: &Plan, layout: &Layout, rows: DrawnRows<'_>) -> EventTraffic {
    let index = rows.index;
    let projection = &plan.projections[index];
    let (sharing, stage) = (rows.sharing(), rows.deliver(1, Guarantees::ALL));
    let synapses = projection.count().synapses;
    let event = event(&stage.kernel, layout, sharing, projection.rows.rows(), synapses);
    let least_bytes = mean_least(plan, &[index]);
    let projections = vec![index];
    EventTraffic { projections, procedural: true, synapses, sharing, event, least_bytes }
}

/// One event of a delivery kernel, with its part of what its spike and all other spikes take.
fn event(
    kernel: &Kernel,
    layout: &Layout,
    sharing: Sharing,
    sources: u32,
    synapses: u64,
) -> Traffic {
    let adds = |stmt: &Stmt| match stmt {
        Stmt::Atomic { buffer, .. } => binds(kernel, *buffer, Buffer::Accumulators),
        _ => false,
    };
    let blocks = blocks_around(&kernel.body, &adds);
    let items = blocks.iter().position(|block| block.is_loop).unwrap_or(0);
    let synapse = blocks.iter().rposition(|block| block.is_loop).unwrap_or(0);
    let asked = moved_in(kernel, &blocks[items..=items]);
    let found = moved_in(kernel, &blocks[items + 1..synapse]);
    let events = synapses.max(1) as f64;
    let segments = f64::from(sharing.segments);
    moved_in(kernel, &blocks[synapse..])
        + asked.times(segments * f64::from(layout.neurons) / events)
        + found.times(segments * f64::from(sources) / events)
}

/// The least that an event of these projections takes, averaged over their synapses.
fn mean_least(plan: &Plan, projections: &[usize]) -> f64 {
    let all = projections.iter().map(|index| &plan.projections[*index]);
    let (mut synapses, mut bytes) = (0, 0.0);
    for projection in all {
        let count = projection.count().synapses;
        synapses += count;
        bytes += count as f64 * f64::from(information_bits(plan, projection)) / 8.0;
    }
    2.0 * WORD + bytes / (synapses.max(1) as f64)
}

/// Bits that say which target, delay and weight a synapse has, where that is stored. A value that
/// all synapses of the projection share needs none.
fn information_bits(plan: &Plan, projection: &ProjectionPlan) -> u32 {
    if !is_stored(projection) {
        return 0;
    }
    let weight = match (projection.rows.kind().listed(), &projection.rows.site().weight) {
        (None, Draw::Constant(_)) => 0,
        _ => projection.weight_bits.into(),
    };
    let delays = projection.max_delay_steps - projection.min_delay_steps + 1;
    let targets = plan.populations[projection.post.index()].size;
    bits_to_tell(targets) + bits_to_tell(delays) + weight
}

/// Bits that tell `n` things apart.
fn bits_to_tell(n: u32) -> u32 {
    u32::BITS - n.saturating_sub(1).leading_zeros()
}

/// A block of statements, and whether it is the body of a loop.
#[derive(Clone, Copy)]
struct Block<'k> {
    body: &'k [Stmt],
    is_loop: bool,
}

/// The blocks around the first statement that is `wanted`, the outermost first; none where there
/// is no such statement.
fn blocks_around<'k>(body: &'k [Stmt], wanted: &dyn Fn(&Stmt) -> bool) -> Vec<Block<'k>> {
    fn search<'k>(block: Block<'k>, wanted: &dyn Fn(&Stmt) -> bool, path: &mut Vec<Block<'k>>) {
        path.push(block);
        let depth = path.len();
        for stmt in block.body {
            match stmt {
                stmt if wanted(stmt) => return,
                Stmt::If(_, yes, no) => {
                    for body in [yes, no] {
                        search(Block { body, is_loop: false }, wanted, path);
                        if path.len() > depth {
                            return;
                        }
                    }
                }
                Stmt::Loop(body) => search(Block { body, is_loop: true }, wanted, path),
                _ => {}
            }
            if path.len() > depth {
                return;
            }
        }
        path.pop();
    }
    let mut path = Vec::new();
    search(Block { body, is_loop: false }, wanted, &mut path);
    path
}

/// What the statements of some blocks move, without those of blocks inside them.
fn moved_in(kernel: &Kernel, blocks: &[Block]) -> Traffic {
    blocks.iter().fold(Traffic::default(), |sum, block| sum + moved(kernel, block.body))
}

/// What the statements of a block move, once each, without those of blocks inside it.
#[deny(clippy::wildcard_enum_match_arm)]
fn moved(kernel: &Kernel, body: &[Stmt]) -> Traffic {
    let op = |val: Val| kernel.ops[val.0 as usize];
    let literal = |index: Val| matches!(op(index), Op::U32(_));
    let constant =
        |index: Val| literal(index) || matches!(op(index), Op::Load(_, index) if literal(index));
    let mut sum = Traffic::default();
    for stmt in body {
        match *stmt {
            Stmt::Let(val) => match kernel.ops[val.0 as usize] {
                Op::Load(_, index) => {
                    sum.read_bytes += if constant(index) { 0.0 } else { WORD };
                }
                Op::Get(_) | ops!(literal) | ops!(pure) | ops!(input) | ops!(thread) => {}
            },
            Stmt::Store { index, .. } if !constant(index) => sum.written_bytes += WORD,
            Stmt::Atomic { .. } => sum.atomics += 1.0,
            Stmt::Store { .. }
            | Stmt::Set(..)
            | Stmt::If(..)
            | Stmt::Loop(_)
            | Stmt::BreakIf(_) => {}
        }
    }
    sum
}

fn binds(kernel: &Kernel, position: u32, buffer: Buffer) -> bool {
    let binding = kernel.bindings.get(position as usize);
    binding.is_some_and(|binding| binding.name == buffer.name())
}
