//! `isospike energy`.

use super::*;
use crate::args::EnergyArgs;
use crate::drive::{Show, drive};
use crate::energy::{Gauge, Idle, energies, idle, projected};
use crate::load::load;
use crate::progress::watch_signals;
use crate::report::{CountsReport, EnergyReport, to_json};
use crate::table;

/// Runs a model on one backend and explains what it cost, term by term.
pub fn energy(args: &EnergyArgs) -> Result<(), Failure> {
    let selector = args.place.selector()?;
    let idle = idle(&args.cost, Idle::AsNeeded)?;
    let rows = energies(&args.cost)?;
    screen::start("energy", args.quiet, args.json);
    let loaded = load(&args.model, false)?;
    let name = selector.to_string();
    let failure = |error| Failure::Backend(name.clone(), error);
    watch_signals();
    let mut gauge = Gauge::open();
    let quiet = args.quiet || args.json;
    gauge.rest(idle, quiet);
    begin("opening the device", 0);
    let backend = selector.open().map_err(failure)?;
    let show = Show { label: &name, dt_ms: loaded.network.dt_ms, series: false };
    let steps = loaded.network.duration_steps;
    let outcome =
        drive(&*backend, &loaded.plan, steps, &show, &mut gauge, None).map_err(failure)?;

    let counted = Counted::new(&loaded, &outcome);
    let counted = counted.as_ref();
    let run = backend_report(&name, &loaded, &outcome, counted);
    let report = EnergyReport {
        isospike: VERSION,
        network: network_report(&args.model.model, &loaded),
        backend: run.backend,
        device: run.device,
        status: run.status,
        error: run.error,
        run_s: run.run_s,
        counts: counted.map(|c| counts_report(&loaded, c)),
        measured: run.measured,
        projected: counted.map_or(Vec::new(), |c| projected(&rows, &c.counts)),
        not_measured: run.not_measured,
    };
    let width = table::terminal_width();
    let said = say(&if args.json { to_json(&report)? } else { table::energy(&report, width) });
    match outcome.end {
        End::Failed(error) => Err(failure(error)),
        End::Interrupted => Err(Failure::Interrupted),
        End::Complete => said,
    }
}

fn counts_report(loaded: &Loaded, counted: &Counted) -> CountsReport {
    let counts = counted.counts;
    CountsReport {
        synaptic_events: counts.synaptic_events,
        stimulus_events: counts.stimulus_events,
        dense_operations: counted.dense_operations(),
        neuron_updates: counts.neuron_updates,
        spikes: counts.spikes,
        simulated_s: counts.simulated_s,
        activation_sparsity: counted.figures.total_activation_sparsity,
        synaptic_operations: counted.synaptic_operations(),
        stimuli: counted.stimuli(loaded),
    }
}
