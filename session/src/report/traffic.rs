//! Bytes that a step moves on a device with kernels.

use isospike_core::device::traffic::{EventTraffic, Traffic, TrafficEstimate, UpdateTraffic};
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;
use serde::Serialize;

/// The bytes that a step moves on a device with kernels.
#[derive(Clone, Debug, Serialize)]
pub struct TrafficReport {
    /// One for each population of neurons.
    pub updates: Vec<UpdateReport>,
    /// One for each delivery kernel.
    pub events: Vec<EventReport>,
    /// The projections that are left out, because their synapses learn.
    pub not_estimated: Vec<String>,
}

/// The bytes that the update of one neuron moves.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateReport {
    /// The population.
    pub population: String,
    /// One neuron that does not spike.
    #[serde(flatten)]
    pub moved: Moved,
    /// The bytes that a spike adds.
    pub spike_bytes: f64,
}

/// The bytes that one synaptic event moves.
#[derive(Clone, Debug, Serialize)]
pub struct EventReport {
    /// The projections whose rows are delivered together.
    pub projections: Vec<String>,
    /// Drawn again at each spike, not stored.
    pub procedural: bool,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where it is the number expected.
    pub synapses_exact: bool,
    /// Threads of a team.
    pub team: u32,
    /// Synapses of a segment; of a row of geometric gaps, segments of candidates.
    pub segment: u32,
    /// Segments of each row.
    pub segments: u32,
    /// One event.
    #[serde(flatten)]
    pub moved: Moved,
}

/// Bytes, and the fewest possible.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Moved {
    /// Bytes loaded.
    pub read_bytes: f64,
    /// Bytes stored.
    pub written_bytes: f64,
    /// Atomic operations.
    pub atomics: f64,
    /// Bytes in all; an atomic reads and writes a word.
    pub bytes: f64,
    /// The least that could be moved.
    pub least_bytes: f64,
}

impl Moved {
    fn new(traffic: Traffic, least_bytes: f64) -> Self {
        let Traffic { read_bytes, written_bytes, atomics } = traffic;
        Self { read_bytes, written_bytes, atomics, bytes: traffic.bytes(), least_bytes }
    }
}

impl TrafficReport {
    /// Counts in the kernels of a plan.
    ///
    /// # Errors
    /// Devices with kernels refuse the plan.
    pub fn new(plan: &Plan) -> Result<Self, BackendError> {
        let estimate = TrafficEstimate::new(plan)?;
        let name = |index: &usize| plan.projections[*index].name.clone();
        Ok(Self {
            not_estimated: estimate.learning.iter().map(name).collect(),
            updates: estimate.updates.iter().map(|update| self::update(plan, update)).collect(),
            events: estimate.events.iter().map(|event| self::event(plan, event)).collect(),
        })
    }
}

fn update(plan: &Plan, update: &UpdateTraffic) -> UpdateReport {
    UpdateReport {
        population: plan.populations[update.population.index()].name.clone(),
        moved: Moved::new(update.neuron, update.least_bytes),
        spike_bytes: update.spike.bytes(),
    }
}

fn event(plan: &Plan, event: &EventTraffic) -> EventReport {
    let name = |index: &usize| plan.projections[*index].name.clone();
    EventReport {
        projections: event.projections.iter().map(name).collect(),
        procedural: event.procedural,
        synapses: event.synapses,
        synapses_exact: event.projections.iter().all(|&p| plan.projections[p].count().is_exact),
        team: event.sharing.team,
        segment: event.sharing.segment,
        segments: event.sharing.segments,
        moved: Moved::new(event.event, event.least_bytes),
    }
}
