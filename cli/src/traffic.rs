//! The part of `inspect` that says what a device moves.

use crate::table::Table;
use isospike_core::device::traffic::{Account, EventTraffic, Traffic, UpdateTraffic};
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;
use serde::Serialize;

/// What a step moves on a device with kernels.
#[derive(Clone, Debug, Serialize)]
pub struct TrafficReport {
    /// One for each population of neurons.
    pub updates: Vec<UpdateReport>,
    /// One for each delivery kernel.
    pub events: Vec<EventReport>,
}

/// What the update of one neuron moves.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateReport {
    /// The population.
    pub population: String,
    /// One neuron that does not spike.
    #[serde(flatten)]
    pub moved: Moved,
    /// What a spike adds.
    pub spike_bytes: f64,
}

/// What one synaptic event moves.
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

    /// The cells of a table.
    fn cells(self) -> [String; 6] {
        let Self { read_bytes, written_bytes, atomics, bytes, least_bytes } = self;
        let ratio = if least_bytes > 0.0 { number(bytes / least_bytes) } else { "-".into() };
        let [read, written, atomics] = [read_bytes, written_bytes, atomics].map(number);
        [read, written, atomics, number(bytes), number(least_bytes), ratio]
    }
}

/// Counts in the kernels of a plan.
pub fn report(plan: &Plan) -> Result<TrafficReport, BackendError> {
    let account = Account::new(plan)?;
    Ok(TrafficReport {
        updates: account.updates.iter().map(|update| self::update(plan, update)).collect(),
        events: account.events.iter().map(|event| self::event(plan, event)).collect(),
    })
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

/// A row for each population and for each delivery kernel; populations and kernels that move the
/// same share one.
pub fn table(report: &TrafficReport) -> Table {
    let mut rows: Vec<(&str, Vec<String>, [String; 6])> = Vec::new();
    let mut row = |what, of: String, moved: Moved| {
        let cells = moved.cells();
        match rows.iter_mut().find(|row| row.0 == what && row.2 == cells) {
            Some((_, all, _)) => all.push(of),
            None => rows.push((what, vec![of], cells)),
        }
    };
    for update in &report.updates {
        row("a neuron update", update.population.clone(), update.moved);
    }
    for event in &report.events {
        let of = if event.procedural { event.projections.join(", ") } else { "stored rows".into() };
        row("a synaptic event", of, event.moved);
    }
    let mut table = Table::new(
        ["bytes moved on a device by", "of"],
        ["read", "written", "atomics", "bytes", "least", "ratio"],
    )
    .prose(0)
    .prose(1);
    for (what, of, cells) in rows {
        let of = match of.len() {
            1..=4 => of.join(", "),
            n => format!("{} and {} more", of[..3].join(", "), n - 3),
        };
        table.row([what.to_owned(), of].into_iter().chain(cells));
    }
    table
}

/// At most two decimals, and none that are zero.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(24.0), "24");
        assert_eq!(number(16.0625), "16.06");
        assert_eq!(number(1.5), "1.5");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(0.0), "0");
    }
}
