//! From repetitions to a row of the report.

use super::limit::{account, limit};
use super::machine::Machine;
use super::measure::{Repetition, Site};
use crate::command::VERSION;
use crate::report::{BenchPhase, BenchRow, BesideReport, RateReport, SpreadReport};
use isospike_benches::{Goals, Workload};
use isospike_core::analyse::statistics::{self, Activity};
use isospike_core::analyse::train::{SpikeTrain, TrainPopulation};
use isospike_core::describe::checked::Checked;
use std::time::Duration;

/// The row of a workload whose repetitions gave the same spikes.
pub fn row(
    workload: &Workload,
    network: &Checked,
    site: &Site,
    backend: &str,
    machine: &Machine,
    repetitions: &[Repetition],
    beside_busy: Option<BesideReport>,
) -> BenchRow {
    let first = &repetitions[0];
    let best = repetitions.iter().min_by_key(|r| r.run).unwrap_or(first);
    let simulated_s = workload.measured_ms / 1000.0;
    let counters = &first.counters;
    let events = counters.synaptic_events.iter().sum::<u64>();
    let updates = counters.neuron_updates.iter().sum::<u64>();
    let seconds = |of: fn(&Repetition) -> Duration| {
        SpreadReport::new(repetitions.iter().map(|r| of(r).as_secs_f64()).collect())
    };
    let run_s = seconds(|r| r.run);
    let rates = rates(workload, network, first);
    let count = first.plan.synapses();
    let synapses = count.synapses;
    let mut row = BenchRow {
        isospike: VERSION.into(),
        commit: env!("ISOSPIKE_COMMIT").into(),
        machine: machine.report(),
        workload: workload.name.clone(),
        model: workload.model.clone(),
        set: workload.set.iter().map(|one| format!("{}={}", one.path, one.value)).collect(),
        backend: backend.into(),
        device: site.info().device.clone(),
        software: site.info().software,
        threads: first.engine.as_ref().map(|engine| engine.threads),
        neurons: u64::from(first.plan.neurons()),
        synapses,
        synapses_exact: count.is_exact,
        warm_up_ms: workload.warm_up_ms,
        measured_ms: workload.measured_ms,
        repetitions: repetitions.len(),
        build_s: seconds(|r| r.build),
        real_time_factor: run_s.map(|s| s / simulated_s),
        spikes: counters.spikes.iter().sum(),
        synaptic_events: events,
        neuron_updates: updates,
        events_per_s: events as f64 / run_s.min,
        updates_per_s: updates as f64 / run_s.min,
        phases: best.phases.iter().map(|p| BenchPhase::new(p, simulated_s)).collect(),
        ns_per_event: None,
        ns_per_update: None,
        bytes_per_event: None,
        bytes_per_update: None,
        moved_gb_per_s: None,
        limit: None,
        share_of_limit: None,
        memory_bytes: first.memory_bytes,
        peak_bytes: first.peak_bytes,
        bytes_per_synapse: first
            .engine
            .as_ref()
            .filter(|_| synapses > 0)
            .map(|engine| engine.synapse_bytes as f64 / synapses as f64),
        beside_busy,
        rates_within: workload.rates_within,
        rates_agree: agree(&rates),
        rates,
        digest: first.digest.clone(),
        bar: workload.bar,
        bar_reached: None,
        aim: workload.aim,
        aim_reached: None,
        peer: workload.peer.clone(),
        notes: Vec::new(),
    };
    times(&mut row, simulated_s);
    bytes(&mut row, first, machine, simulated_s);
    row.bar_reached = reached(&row, &row.bar);
    row.aim_reached = reached(&row, &row.aim);
    row
}

/// The time of a thread for an event and an update, where the backend times these phases.
fn times(row: &mut BenchRow, simulated_s: f64) {
    let time = |name: &str| row.phases.iter().find(|p| p.phase == name).map(|p| p.s_per_s);
    let ns = |s: f64, count: u64| (count > 0).then(|| s * simulated_s * 1e9 / count as f64);
    let event = time("deliver").zip(time("emit")).map(|(deliver, emit)| deliver + emit);
    let update = time("update");
    row.ns_per_event = event.and_then(|s| ns(s, row.synaptic_events));
    row.ns_per_update = update.and_then(|s| ns(s, row.neuron_updates));
}

/// The bytes that they move, and how long that alone would take.
fn bytes(row: &mut BenchRow, first: &Repetition, machine: &Machine, simulated_s: f64) {
    let account = match account(first) {
        Ok(account) => account,
        Err(error) => return row.notes.push(format!("bytes not counted: {error}")),
    };
    let event = account.synapse_bytes + account.accumulator_bytes;
    row.bytes_per_event = (row.synapses > 0).then_some(event);
    row.bytes_per_update = Some(account.update_bytes);
    let (events, updates) = (row.synaptic_events as f64, row.neuron_updates as f64);
    let moved = events * event + updates * account.update_bytes;
    row.moved_gb_per_s = Some(moved / simulated_s / row.real_time_factor.min * 1e-9);
    if first.engine.is_none() && !row.software {
        row.notes.push("limit not known: the bandwidth of the device is not measured".into());
        return;
    }
    let (events, updates) = (events / simulated_s, updates / simulated_s);
    let found = limit(&account, machine.memory(), first.threads(), events, updates);
    row.share_of_limit = Some(found.real_time_factor / row.real_time_factor.min);
    row.limit = Some(found);
}

/// The rate of each population beside the one of its model file.
fn rates(workload: &Workload, network: &Checked, first: &Repetition) -> Vec<RateReport> {
    let train = SpikeTrain::new(network, &first.plan, &first.recording);
    let report = |(population, activity): (_, Activity)| {
        let population: &TrainPopulation = population;
        let (rate_hz, reference_hz) = (activity.rate_hz, population.reference_rate_hz);
        let near = |a: f64, b: f64| (a - b).abs() <= workload.rates_within * b;
        RateReport {
            population: population.name.clone(),
            rate_hz,
            reference_rate_hz: reference_hz,
            agrees: rate_hz.zip(reference_hz).map(|(rate, reference)| near(rate, reference)),
        }
    };
    train.populations.iter().zip(statistics::activity(&train)).map(report).collect()
}

/// Whether all rates agree that can; `None` where none can.
fn agree(rates: &[RateReport]) -> Option<bool> {
    let known: Vec<bool> = rates.iter().filter_map(|rate| rate.agrees).collect();
    (!known.is_empty()).then(|| known.iter().all(|agrees| *agrees))
}

/// Whether all goals are reached, by medians; `None` where there is none, or a figure is missing.
fn reached(row: &BenchRow, goals: &Goals) -> Option<bool> {
    let peak_gb = row.peak_bytes.map(|bytes| bytes as f64 * 1e-9);
    let updates = row.neuron_updates as f64 * 1000.0 / row.measured_ms;
    let at_most = [
        (goals.real_time_factor, Some(row.real_time_factor.median)),
        (goals.build_s, Some(row.build_s.median)),
        (goals.peak_gb, peak_gb),
    ];
    let at_least = [
        (goals.updates_per_s, Some(updates / row.real_time_factor.median)),
        (goals.share_of_limit, row.share_of_limit),
    ];
    let wanted = |&(goal, value): &(Option<f64>, Option<f64>)| goal.map(|goal| (goal, value));
    let below = at_most.iter().filter_map(wanted).map(|(goal, value)| Some(value? <= goal));
    let above = at_least.iter().filter_map(wanted).map(|(goal, value)| Some(value? >= goal));
    let all: Option<Vec<bool>> = below.chain(above).collect();
    all.filter(|all| !all.is_empty()).map(|all| all.iter().all(|reached| *reached))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_agree_where_all_that_can_be_compared_do() {
        let rate = |agrees| RateReport {
            population: "p".into(),
            rate_hz: Some(1.0),
            reference_rate_hz: None,
            agrees,
        };
        assert_eq!(agree(&[rate(None)]), None);
        assert_eq!(agree(&[rate(None), rate(Some(true))]), Some(true));
        assert_eq!(agree(&[rate(Some(false)), rate(Some(true))]), Some(false));
    }
}
