//! Faults of what single neurons do in a step: level 5.

use crate::Mutant;
use crate::tampered::Tamper;
use crate::wrong::{Told, device, lowering, naive, told};
use isospike_conformance::suite::Level::Neurons;
use isospike_core::describe::checked::{Checked, PerNeuron, PopulationKind};
use isospike_core::describe::model::{BinaryOp, Expr, NeuronModel, Stmt, UnaryOp};
use isospike_core::device::Launch;
use isospike_core::oracle::kernel::Machine;
use isospike_core::plan::Plan;
use isospike_core::run::counters::Counters;
use isospike_core::run::record::Recording;
use std::sync::Arc;

/// Faults of lowering and of the order of a step.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "reset_unordered", expected: Neurons, backend: || lowering(|n| models(n, |model| model.reset.reverse())),
        what: "The statements of a reset run in the other order." },
    Mutant { name: "reset_incomplete", expected: Neurons, backend: || lowering(|n| models(n, |model| model.reset.truncate(1))),
        what: "Of a reset only the first statement runs." },
    Mutant { name: "reset_before_threshold", expected: Neurons, backend: || lowering(|n| models(n, reset_in_update)),
        what: "The reset runs before the threshold is tested, so nothing spikes." },
    Mutant { name: "update_unordered", expected: Neurons, backend: || lowering(|n| models(n, update_backwards)),
        what: "The statements of an update run in the other order." },
    Mutant { name: "threshold_exclusive", expected: Neurons, backend: || lowering(|n| models(n, exclusive)),
        what: "The comparator of a threshold, >=, is taken for >." },
    Mutant { name: "refractory_long", expected: Neurons, backend: || lowering(refractory_long),
        what: "Neurons are refractory for one step more." },
    Mutant { name: "folded_in_f32", expected: Neurons, backend: || lowering(rounded_parameters),
        what: "Parameters are rounded to f32 before they are folded." },
    Mutant { name: "locals_selected", expected: Neurons, backend: || lowering(|n| models(n, locals_selected)),
        what: "A branch selects every local, also those that neither side assigns." },
    Mutant { name: "equal_sides_kept", expected: Neurons, backend: || lowering(|n| models(n, |model| equal_sides(&mut model.update))),
        what: "A local to which both sides of a branch assign the same stays a host value." },
    Mutant { name: "window_long", expected: Neurons, backend: || lowering(window_long),
        what: "A stimulus stops one step late." },
    Mutant { name: "currents_shuffled", expected: Neurons, backend: || lowering(|n| n.stimuli.reverse()),
        what: "Stimuli are summed, and take their streams, in the other order." },
    Mutant { name: "probe_early", expected: Neurons, backend: || device(ProbeFirst),
        what: "A probe sees the state before the step." },
    Mutant { name: "stimulus_event_uncounted", expected: Neurons, backend: || told(naive(), Told { counters: |_, c| one_less(&mut c.stimulus_events), ..Told::default() }),
        what: "One event of the first stimulus that has any is not counted." },
    Mutant { name: "updates_uncounted", expected: Neurons, backend: || told(naive(), Told { counters: resets_uncounted, ..Told::default() }),
        what: "Updates that end in a spike are not counted." },
    Mutant { name: "spikes_unsorted", expected: Neurons, backend: || told(naive(), Told { record: unsorted, ..Told::default() }),
        what: "Spikes of a step come in the order in which threads found them." },
];

fn models(network: &mut Checked, change: fn(&mut NeuronModel)) {
    for population in &mut network.populations {
        if let PopulationKind::Neurons { model, .. } = &mut population.kind {
            change(Arc::make_mut(model));
        }
    }
}

fn reset_in_update(model: &mut NeuronModel) {
    if let Some(threshold) = &model.threshold {
        let ready = Expr::Unary(UnaryOp::Not, Box::new(Expr::Refractory));
        let spikes = match model.refractory {
            Some(_) => Expr::Binary(BinaryOp::And, Box::new(threshold.clone()), Box::new(ready)),
            None => threshold.clone(),
        };
        model.update.push(Stmt::If(spikes, std::mem::take(&mut model.reset), Vec::new()));
    }
}

/// Only where no statement needs a local of another.
fn update_backwards(model: &mut NeuronModel) {
    if !model.update.iter().any(|stmt| matches!(stmt, Stmt::SetLocal(..))) {
        model.update.reverse();
    }
}

fn exclusive(model: &mut NeuronModel) {
    if let Some(Expr::Binary(op @ BinaryOp::Ge, ..)) = &mut model.threshold {
        *op = BinaryOp::Gt;
    }
}

/// Has each branch of the update assign the locals that exist before it.
fn locals_selected(model: &mut NeuronModel) {
    let mut known = Vec::new();
    for stmt in &mut model.update {
        match stmt {
            Stmt::SetLocal(local, _) => known.push(*local),
            Stmt::If(_, then, _) => {
                then.extend(known.iter().map(|local| Stmt::SetLocal(*local, Expr::Local(*local))));
            }
            Stmt::SetState(..) => {}
        }
    }
}

/// Takes a branch away whose sides are equal.
fn equal_sides(body: &mut Vec<Stmt>) {
    for stmt in std::mem::take(body) {
        match stmt {
            Stmt::If(_, then, otherwise) if then == otherwise => body.extend(then),
            other => body.push(other),
        }
    }
}

fn refractory_long(network: &mut Checked) {
    for population in &mut network.populations {
        if let PopulationKind::Neurons { refractory_steps, .. } = &mut population.kind {
            *refractory_steps += u32::from(*refractory_steps > 0);
        }
    }
}

fn rounded_parameters(network: &mut Checked) {
    let round = |x: f64| f64::from(x as f32);
    for population in &mut network.populations {
        let PopulationKind::Neurons { parameters, .. } = &mut population.kind else { continue };
        for parameter in parameters {
            *parameter = match parameter {
                PerNeuron::All(x) => PerNeuron::All(round(*x)),
                PerNeuron::Slot(x) => PerNeuron::Slot(round(*x)),
                PerNeuron::Each(xs) => PerNeuron::Each(xs.iter().map(|x| round(*x)).collect()),
            };
        }
    }
    network.dt_ms = round(network.dt_ms);
}

fn window_long(network: &mut Checked) {
    for stimulus in &mut network.stimuli {
        stimulus.stop_step = stimulus.stop_step.saturating_add(1);
    }
}

#[derive(Clone)]
struct ProbeFirst;

impl Tamper for ProbeFirst {
    fn batch(&self, batch: &mut Vec<Launch<'_, Machine>>) {
        batch.sort_by_key(|launch| !launch.kernel.name.starts_with("probe"));
    }
}

/// Takes one from the first count that is not 0.
pub fn one_less(counts: &mut [u64]) {
    if let Some(count) = counts.iter_mut().find(|count| **count > 0) {
        *count -= 1;
    }
}

fn resets_uncounted(_: &Plan, counters: &mut Counters) {
    for (updates, spikes) in counters.neuron_updates.iter_mut().zip(&counters.spikes) {
        *updates = updates.saturating_sub(*spikes);
    }
}

fn unsorted(_: &Plan, record: &mut Recording, before: &[usize]) {
    record.spikes[before[0]..].sort_by_key(|spike| (spike.step, std::cmp::Reverse(spike.neuron)));
}
