//! The bytes that a step moves on a device with kernels, counted in the kernels themselves, and the
//! least that it would have to move.
//!
//! Each word that a thread loads or stores counts. A load at an index that is the same for all
//! threads (the step, the number of spikes, a series of one word a row) is one word for a whole
//! launch and is left out; so is the second load from a Poisson table after a tie, one time in
//! 2,048. The threads of a team that load the same word together count as one. Caches are not
//! modelled: they can only make it less.

use super::Limits;
use super::rows::RowPlan;
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

/// The limits of a device that runs any network.
const UNLIMITED: Limits = Limits {
    binding_words: u64::MAX,
    bindings: u32::MAX,
    groups: u32::MAX,
    group_size: u32::MAX,
    memory_bytes: None,
};

/// Bytes of memory that are moved, and atomic operations.
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
    /// Returns all bytes: read, written, and 8 for each atomic operation.
    pub fn bytes(&self) -> f64 {
        self.read_bytes + self.written_bytes + 2.0 * WORD * self.atomics
    }

    /// Returns the traffic of `n` repetitions.
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

/// The traffic of the update of one neuron of a population in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateTraffic {
    /// The population.
    pub population: PopulationId,
    /// The traffic of a neuron that does not spike.
    pub neuron: Traffic,
    /// The traffic that a spike adds: its place in the list and its bit in the raster.
    pub spike: Traffic,
    /// The least bytes, as [`least_of_update`] counts them.
    pub least_bytes: f64,
}

/// The traffic of one synaptic event in one delivery kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTraffic {
    /// Indices of the projections whose rows it delivers: all that are stored, or one that is not.
    pub projections: Vec<usize>,
    /// Whether rows are drawn again at each spike.
    pub procedural: bool,
    /// Synapses of one copy.
    pub synapses: u64,
    /// The sharing of its rows.
    pub sharing: Sharing,
    /// The traffic of one event, with its part of the search for the row, where all neurons of the
    /// network spike equally often: threads read the spikes of those without a row here, too.
    pub event: Traffic,
    /// The least bytes: the bits that name target, delay and weight of a stored synapse, and the
    /// accumulator, read and written.
    pub least_bytes: f64,
}

/// The traffic of the steps of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficEstimate {
    /// An entry for each population of neurons, in order.
    pub updates: Vec<UpdateTraffic>,
    /// An entry for each delivery kernel with synapses, in order.
    pub events: Vec<EventTraffic>,
    /// The projections that are left out: the words that synapses that learn move depend on the
    /// post events that wait for them.
    pub learning: Vec<usize>,
}

impl TrafficEstimate {
    /// Counts the traffic in the kernels of a plan for a device without limits that gives all
    /// arithmetic guarantees.
    ///
    /// # Errors
    /// [`BackendError::Unsupported`] where no device can store the rows.
    pub fn new(plan: &Plan) -> Result<Self, BackendError> {
        let layout = Layout::new(plan);
        let update = |index: usize| update_traffic(plan, &layout, index);
        let updates = (0..plan.populations.len()).filter_map(update).collect();
        let mut events = stored_traffic(plan, &layout)?;
        let drawn = procedural::all(&layout, plan);
        events.extend(drawn.map(|rows| drawn_traffic(plan, &layout, rows)));
        events.retain(|event| event.synapses > 0);
        let all = plan.projections.iter().enumerate();
        let learning = all.filter(|(_, p)| p.synapse.is_some()).map(|(index, _)| index).collect();
        Ok(Self { updates, events, learning })
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

/// Returns the least bytes that the update of one neuron moves: each state word and accumulator
/// read and written once, each constant, series and current from outside of its own read once.
pub fn least_of_update(neuron: &NeuronPlan) -> f64 {
    let own = neuron.constants.iter().filter(|words| matches!(words, Words::Each(_))).count();
    let own = own + neuron.series.iter().filter(|series| !series.is_uniform()).count();
    let own = own + neuron.external.len();
    let kept = neuron.state.len() as u64 + u64::from(neuron.receptors);
    WORD * (2 * kept + own as u64) as f64
}

/// Returns the traffic of the kernel of each part of the stored rows.
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

/// Returns the traffic of one event of a delivery kernel, with its part of the search for the rows
/// of all spikes.
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
    let units = blocks.iter().position(|block| block.is_loop).unwrap_or(0);
    let synapse = blocks.iter().rposition(|block| block.is_loop).unwrap_or(0);
    let search = moved_in(kernel, &blocks[units..=units]);
    let found = moved_in(kernel, &blocks[units + 1..synapse]);
    let events = synapses.max(1) as f64;
    let segments = f64::from(sharing.segments);
    moved_in(kernel, &blocks[synapse..])
        + search.times(segments * f64::from(layout.neurons) / events)
        + found.times(segments * f64::from(sources) / events)
}

/// Returns the least bytes of an event of these projections, averaged over their synapses.
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

/// Returns the bits that name target, delay and weight of a synapse, where they are stored. A
/// value that all synapses of the projection share needs none.
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

/// Returns the bits that number `n` things.
fn bits_to_tell(n: u32) -> u32 {
    u32::BITS - n.saturating_sub(1).leading_zeros()
}

/// A block of statements.
#[derive(Clone, Copy)]
struct Block<'k> {
    body: &'k [Stmt],
    /// Whether it is the body of a loop.
    is_loop: bool,
}

/// Returns the blocks around the first statement that is `wanted`, the outermost first; none where
/// there is no such statement.
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

/// Returns the traffic of the statements of some blocks, without those of blocks inside them.
fn moved_in(kernel: &Kernel, blocks: &[Block]) -> Traffic {
    blocks.iter().fold(Traffic::default(), |sum, block| sum + moved(kernel, block.body))
}

/// Returns the traffic of the statements of a block, once each, without those of blocks inside it.
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
