//! The stores that will be built, and how much of it there can be.

use crate::arch::LANES;
use crate::synapse::arena::Arena;
use crate::synapse::format::dense::{Block, Reach};
use crate::synapse::format::single::Single;
use crate::synapse::format::table::{Table, header_chunks};
use crate::synapse::format::tile::{Delays, Site, Spec};
use crate::synapse::layout::{self, Choice, Layout};
use crate::synapse::segment::{all_in_order, degree, distance, segment};
use isospike_core::plan::synapse::SynapsePlan;
use isospike_core::plan::{Plan, ProjectionPlan};
use isospike_core::run::backend::BackendError;

impl Spec {
    /// Returns the stores of all layouts that were chosen.
    pub fn all(site: &Site<'_>, choices: &[Choice]) -> Vec<Self> {
        let mut layouts: Vec<Layout> = Vec::new();
        for choice in choices {
            if !layouts.contains(&choice.layout) {
                layouts.push(choice.layout);
            }
        }
        layouts.into_iter().filter_map(|layout| Self::new(site.plan, choices, layout)).collect()
    }

    fn new(plan: &Plan, choices: &[Choice], layout: Layout) -> Option<Self> {
        let format = layout.format()?;
        let mut projections = vec![Vec::new(); plan.populations.len()];
        let (mut least, mut largest) = (u32::MAX, 1);
        for (index, projection) in plan.projections.iter().enumerate() {
            if choices[index].layout == layout {
                projections[projection.pre.index()].push(index);
                least = least.min(projection.min_delay_steps);
                largest = largest.max(projection.max_delay_steps);
            }
        }
        // Rows without a wheel are not sorted.
        let least = if format.delivery().waits() { least.min(largest) } else { largest };
        let (mut first_row, mut rows) = (vec![None; plan.populations.len()], 0);
        for (population, projections) in projections.iter().enumerate() {
            if !projections.is_empty() {
                first_row[population] = Some(rows);
                rows += plan.populations[population].size;
            }
        }
        let delays = Delays { least, largest };
        Some(Self { format, projections, first_row, rows, delays, max_delay_steps: largest })
    }

    /// For each shard, where rows are dense: what they have places for.
    fn reach(&self, site: &Site<'_>) -> Vec<Reach> {
        let Some(block) = self.format.block() else { return Vec::new() };
        let shards = site.lanes.len();
        let mut ranges = vec![Vec::new(); shards];
        for index in self.projections.iter().flatten() {
            let post = site.plan.projections[*index].post.index();
            let size = site.plan.populations[post].size;
            let of_projection = site.places[*index].ranges(size, shards);
            ranges.iter_mut().zip(of_projection).for_each(|(all, range)| all.push(range));
        }
        ranges.into_iter().map(|ranges| Reach::new(ranges, block)).collect()
    }

    /// Returns the rows of the store: address space, nothing in it.
    pub fn table(&self, site: &Site<'_>) -> Result<Table, BackendError> {
        let shards = site.lanes.len();
        let reach = self.reach(site);
        let places: u64 = reach.iter().map(|reach| u64::from(reach.chunks)).sum();
        let chunks = self.most_chunks(site) + places * u64::from(self.rows);
        if chunks > u64::from(u32::MAX) {
            let what = format!("{chunks} chunks of synapses in one layout, more than 2^32 - 1");
            return Err(BackendError::Unsupported(what));
        }
        let (_, chunk_bytes) = self.format.chunk();
        Ok(Table {
            delay: (!self.delays.has_header()).then_some(self.max_delay_steps),
            max_delay_steps: self.max_delay_steps,
            first_row: self.first_row.clone(),
            starts: vec![0; self.rows as usize * (shards + 1)],
            shards: shards as u32,
            reach,
            arena: Arena::reserve(chunks.saturating_mul(chunk_bytes))?,
            chunk_bytes,
        })
    }

    /// More chunks than all rows together can have beside their places; where the length of rows is
    /// drawn too, more than ever come about.
    fn most_chunks(&self, site: &Site<'_>) -> u64 {
        let (plan, shards) = (site.plan, site.lanes.len());
        let (per_chunk, chunk_bytes) = self.format.chunk();
        let mut chunks = 0.0;
        for projections in self.projections.iter().filter(|list| !list.is_empty()) {
            let of = |&index: &usize| &plan.projections[index];
            let rows =
                f64::from(projections.iter().map(of).map(|p| p.rows.rows()).max().unwrap_or(0));
            let synapses: f64 = projections.iter().map(of).map(most_synapses).sum();
            let segments = (self.delays.count() * shards) as f64;
            let partly_filled = rows * segments * self.partly_filled(site);
            chunks += synapses / per_chunk as f64 + synapses.min(partly_filled);
            if self.delays.has_header() {
                // A segment of more than 2^16 - 1 chunks takes further entries.
                let entries = self.delays.count() + 1 + (synapses / 65_535.0) as usize;
                chunks += rows * (shards * header_chunks(chunk_bytes as usize, entries)) as f64;
            }
        }
        chunks as u64 + 1
    }

    /// At most how many chunks of a segment can have padding: the last, and where targets are kept
    /// by their distances, those whose next target is too far away.
    fn partly_filled(&self, site: &Site<'_>) -> f64 {
        if !self.format.by_distance() {
            return 1.0;
        }
        let accumulators = site.lanes.iter().max().map_or(0, |lanes| lanes * LANES);
        1.0 + accumulators as f64 / f64::from(Single::FARTHEST)
    }
}

/// The number of synapses of a projection; where it is drawn, eight standard deviations more.
fn most_synapses(projection: &ProjectionPlan) -> f64 {
    let expected = projection.rows.expected_synapses() as f64;
    match projection.rows.draws_lengths() {
        true => expected + 8.0 * expected.sqrt() + 64.0,
        false => expected,
    }
}

/// Estimates how many bytes the stored synapses of each projection will take.
pub(crate) fn expected_bytes(plan: &Plan, choices: &[Choice], shards: u32) -> Vec<u64> {
    let one = |(projection, choice): (&ProjectionPlan, &Choice)| {
        let synapses = projection.rows.expected_synapses() as f64;
        let rows = f64::from(projection.rows.rows()) * f64::from(shards);
        let places = rows * size_of::<u32>() as f64;
        if let Some(synapse) = &projection.synapse {
            let delays = projection.max_delay_steps - projection.min_delay_steps + 1;
            let target = if all_in_order(plan, projection) { 0 } else { size_of::<u16>() };
            return late_bytes(plan, synapse, target, [synapses, rows * f64::from(delays)]);
        }
        let Some(format) = choice.layout.format() else { return 0.0 };
        if let Some(block) = format.block() {
            return dense_bytes(plan, projection, shards, choice.layout, block) + places;
        }
        let (per_chunk, bytes) = format.chunk();
        let segment = match choice.layout {
            Layout::Chunks | Layout::Targets { .. } => segment(plan, projection, shards),
            _ => synapses / rows.max(1.0),
        };
        // On average a segment lacks half a chunk, and so does one that ends before a long way.
        let long_ways = if format.by_distance() {
            libm::exp(-f64::from(Single::FARTHEST) / distance(plan, projection))
        } else {
            0.0
        };
        let fill = 1.0 + (per_chunk - 1) as f64 / 2.0 * (1.0 / segment.max(1.0) + long_ways);
        synapses / per_chunk as f64 * bytes as f64 * fill + places
    };
    plan.projections.iter().zip(choices).map(|pair| one(pair) as u64).collect()
}

/// Estimates how many bytes synapses that learn will take, with so many bytes for a target: so many
/// synapses in at most so many segments.
fn late_bytes(
    plan: &Plan,
    synapse: &SynapsePlan,
    target: usize,
    [synapses, segments]: [f64; 2],
) -> f64 {
    let (word, copies) = (size_of::<u32>() as f64, f64::from(plan.batch));
    let segments = segments.min(synapses);
    // The last lanes of a segment are half full on average, and no segment is without lanes.
    let padded = (synapses + segments * (LANES / 2) as f64).max(segments * LANES as f64);
    let record = (2 + 2 * synapse.pre.len()) as f64 * copies + 3.0;
    let state = synapse.words() as f64 * copies;
    padded * (state * word + target as f64) + segments * record * word
}

/// Estimates how many bytes the dense rows of a projection will take.
fn dense_bytes(
    plan: &Plan,
    projection: &ProjectionPlan,
    shards: u32,
    layout: Layout,
    block: Block,
) -> f64 {
    let (per_chunk, bytes) = layout.format().map_or((1, 0), |format| format.chunk());
    let places = layout::places(plan, projection.receptor, shards, block) / block.places as u64;
    let repeats = matches!(layout, Layout::Bits { .. }) && projection.rows.kind().may_repeat();
    let listed = if repeats {
        // The targets that n picks among m leave out: m (1 - 1/m)^n.
        let (n, m) = (degree(projection), f64::from(projection.rows.site().candidates()));
        let again = n - m * (1.0 - libm::exp(-n / m.max(1.0)));
        again / per_chunk as f64 + f64::from(shards) / 2.0
    } else {
        0.0
    };
    let chunks = (places as usize * block.chunks) as f64 + listed;
    f64::from(projection.rows.rows()) * chunks * bytes as f64
}
