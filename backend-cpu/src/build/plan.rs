//! What will be stored where, and how much of it there can be.

use super::Site;
use crate::arena::Arena;
use crate::format::chunk::{Targets, Weighted};
use crate::format::dense::Reach;
use crate::format::single::Single;
use crate::layout::{self, Choice, Layout};
use crate::simd::LANES;
use crate::store::{Store, header_chunks};
use isospike_core::plan::{Plan, ProjectionPlan};
use isospike_core::run::backend::BackendError;

/// A store to be built.
pub(super) struct Spec {
    pub layout: Layout,
    /// For each population: its projections that are stored here.
    pub projections: Vec<Vec<usize>>,
    /// For each population: the row of its neuron 0.
    pub first_row: Vec<Option<u32>>,
    pub rows: u32,
    pub min_delay_steps: u32,
    pub max_delay_steps: u32,
}

impl Spec {
    /// The stores of all layouts that were chosen.
    pub fn all(site: &Site<'_>) -> Vec<Self> {
        let mut layouts: Vec<Layout> = Vec::new();
        for choice in site.choices {
            if choice.layout != Layout::Drawn && !layouts.contains(&choice.layout) {
                layouts.push(choice.layout);
            }
        }
        layouts.into_iter().map(|layout| Self::new(site.plan, site.choices, layout)).collect()
    }

    fn new(plan: &Plan, choices: &[Choice], layout: Layout) -> Self {
        let mut spec = Self {
            layout,
            projections: vec![Vec::new(); plan.populations.len()],
            first_row: vec![None; plan.populations.len()],
            rows: 0,
            min_delay_steps: u32::MAX,
            max_delay_steps: 1,
        };
        for (index, projection) in plan.projections.iter().enumerate() {
            if choices[index].layout == layout {
                spec.projections[projection.pre.index()].push(index);
                spec.min_delay_steps = spec.min_delay_steps.min(projection.min_delay_steps);
                spec.max_delay_steps = spec.max_delay_steps.max(projection.max_delay_steps);
            }
        }
        spec.min_delay_steps = spec.min_delay_steps.min(spec.max_delay_steps);
        for (population, projections) in spec.projections.iter().enumerate() {
            if !projections.is_empty() {
                spec.first_row[population] = Some(spec.rows);
                spec.rows += plan.populations[population].size;
            }
        }
        spec
    }

    /// How many delays a row is sorted by; rows without a wheel are not sorted.
    pub fn delays(&self) -> usize {
        match self.layout.waits() {
            true => (self.max_delay_steps - self.min_delay_steps) as usize + 1,
            false => 1,
        }
    }

    /// Whether rows start with a header.
    pub fn has_header(&self) -> bool {
        self.delays() > 1
    }

    /// For each shard, where rows are dense: what they have places for.
    fn reach(&self, site: &Site<'_>) -> Vec<Reach> {
        let Some(block) = self.layout.block() else { return Vec::new() };
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

    /// The store, with address space but without rows.
    pub fn store(&self, site: &Site<'_>) -> Result<Store, BackendError> {
        let shards = site.lanes.len();
        let reach = self.reach(site);
        let places: u64 = reach.iter().map(|reach| u64::from(reach.chunks)).sum();
        let chunks = self.most_chunks(site) + places * u64::from(self.rows);
        if chunks > u64::from(u32::MAX) {
            let what = format!("{chunks} chunks of synapses in one layout, more than 2^32 - 1");
            return Err(BackendError::Unsupported(what));
        }
        let (_, chunk_bytes) = self.layout.chunk();
        Ok(Store {
            layout: self.layout,
            delay: (!self.has_header()).then_some(self.max_delay_steps),
            max_delay_steps: self.max_delay_steps,
            first_row: self.first_row.clone(),
            starts: vec![0; self.rows as usize * (shards + 1)],
            shards: shards as u32,
            reach,
            arena: Arena::reserve(chunks.saturating_mul(chunk_bytes))?,
        })
    }

    /// More chunks than all rows together can have beside their places; where the length of rows is
    /// drawn too, more than ever come about.
    fn most_chunks(&self, site: &Site<'_>) -> u64 {
        let (plan, shards) = (site.plan, site.lanes.len());
        let (per_chunk, _) = self.layout.chunk();
        let mut chunks = 0.0;
        for projections in self.projections.iter().filter(|list| !list.is_empty()) {
            let of = |&index: &usize| &plan.projections[index];
            let rows =
                f64::from(projections.iter().map(of).map(|p| p.rows.rows()).max().unwrap_or(0));
            let synapses: f64 = projections.iter().map(of).map(most_synapses).sum();
            let segments = (self.delays() * shards) as f64;
            let partly_filled = rows * segments * self.partly_filled(site);
            chunks += synapses / per_chunk as f64 + synapses.min(partly_filled);
            if self.has_header() {
                // A segment of more than 2^16 - 1 chunks takes further entries.
                let entries = self.delays() + 1 + (synapses / 65_535.0) as usize;
                chunks += rows * (shards * self.header_chunks(entries)) as f64;
            }
        }
        chunks as u64 + 1
    }

    /// At most how many chunks of a segment can have padding: the last, and where targets are kept
    /// by their distances, those whose next target is too far away.
    fn partly_filled(&self, site: &Site<'_>) -> f64 {
        if !self.layout.by_distance() {
            return 1.0;
        }
        let accumulators = site.lanes.iter().max().map_or(0, |lanes| lanes * LANES);
        1.0 + accumulators as f64 / f64::from(Single::FARTHEST)
    }

    fn header_chunks(&self, segments: usize) -> usize {
        match self.layout {
            Layout::Targets { .. } => header_chunks::<Targets>(segments),
            _ => header_chunks::<Weighted>(segments),
        }
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
        match choice.layout {
            Layout::Drawn => return 0.0,
            layout @ (Layout::Dense { .. } | Layout::Bits { .. }) => {
                return dense_bytes(plan, projection, shards, layout) + places;
            }
            _ => {}
        }
        let (per_chunk, bytes) = choice.layout.chunk();
        let segment = match choice.layout {
            Layout::Chunks | Layout::Targets { .. } => layout::segment(plan, projection, shards),
            _ => synapses / rows.max(1.0),
        };
        // On average a segment lacks half a chunk, and so does one that ends before a long way.
        let long_ways = if choice.layout.by_distance() {
            libm::exp(-f64::from(Single::FARTHEST) / layout::distance(plan, projection))
        } else {
            0.0
        };
        let fill = 1.0 + (per_chunk - 1) as f64 / 2.0 * (1.0 / segment.max(1.0) + long_ways);
        synapses / per_chunk as f64 * bytes as f64 * fill + places
    };
    plan.projections.iter().zip(choices).map(|pair| one(pair) as u64).collect()
}

/// About how many bytes the dense rows of a projection will take.
fn dense_bytes(plan: &Plan, projection: &ProjectionPlan, shards: u32, layout: Layout) -> f64 {
    let Some(block) = layout.block() else { return 0.0 };
    let (per_chunk, bytes) = layout.chunk();
    let places = layout::places(plan, projection.receptor, shards, block) / block.places as u64;
    let repeats = matches!(layout, Layout::Bits { .. }) && projection.rows.kind().may_repeat();
    let listed = if repeats {
        // Of n picks among m targets, m (1 - 1/m)^n leave a target out.
        let (n, m) = (layout::degree(projection), f64::from(projection.rows.site().candidates()));
        let again = n - m * (1.0 - libm::exp(-n / m.max(1.0)));
        again / per_chunk as f64 + f64::from(shards) / 2.0
    } else {
        0.0
    };
    let chunks = (places as usize * block.chunks) as f64 + listed;
    f64::from(projection.rows.rows()) * chunks * bytes as f64
}
