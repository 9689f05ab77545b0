//! Network -> Checked, or all mistakes at once. The only way to a [`Checked`].
//!
//! Each file below reads one section. Whatever is wrong is pushed to the [`context::Context`] and
//! reading goes on: a function gives `None` where its value is unknown, and only after a mistake
//! was pushed that explains it. A value that depends on an unknown one is not judged, so one slip
//! is one mistake.

mod context;
mod data;
mod distribution;
mod fields;
mod finite;
mod given;
mod host;
mod model;
mod notes;
mod population;
mod probe;
mod projection;
mod range;
mod rewire;
mod rule;
mod series;
mod settings;
mod signal;
mod size;
mod spikes;
mod stimulus;
pub(crate) mod suggest;
mod synapse;
mod weights;

use crate::diagnostic::Diagnostics;
use crate::network::Network;
use context::Context;
use isospike_core::describe::checked::Checked;
pub(crate) use settings::SETTINGS;

/// The limits of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Refuse networks that need more than this on every backend; `None`: do not look.
    pub memory_bytes: Option<u64>,
}

impl Network {
    /// Finds every mistake, or gives the network in plain numbers.
    ///
    /// # Errors
    /// All mistakes in the order of the file, then those of `--set` and of data files; for a
    /// network made by the builder in the order of its sections.
    pub fn check(&self, limits: Limits) -> Result<Checked, Diagnostics> {
        let mut cx = Context::new(self);
        let checked = self.read(&mut cx, limits);
        let diagnostics = cx.into_diagnostics();
        match checked {
            Some(checked) if diagnostics.is_empty() => Ok(checked),
            _ => {
                assert!(!diagnostics.is_empty(), "a part was left out without a mistake");
                Err(Diagnostics(diagnostics))
            }
        }
    }

    /// `None` where a part has a mistake, which is in `cx` then.
    fn read(&self, cx: &mut Context<'_>, limits: Limits) -> Option<Checked> {
        let settings = settings::read(cx);
        let models = model::read(cx);
        let mut drafts = population::drafts(cx, &models, settings.seed.unwrap_or(0));
        let fits = size::neurons(cx, &drafts, &settings, limits);
        let populations: Vec<_> = population::read(cx, &mut drafts, fits);
        let signals: Vec<_> = signal::read(cx, &drafts);
        let mut synapses = synapse::read(cx);
        let projections: Vec<_> = projection::read(cx, &drafts, &mut synapses);
        rewire::read(cx, &projections, settings.batch);
        let stimuli: Vec<_> = stimulus::read(cx, &mut drafts, fits, limits);
        finite::read(cx, &populations, &stimuli);
        let probes = probe::read(cx, &drafts, &projections, fits);
        if fits {
            size::stored(cx, &drafts, &projections, &stimuli, &probes, &settings, limits);
        }
        let checked = Checked {
            name: settings.name?,
            dt_ms: cx.dt_ms?,
            duration_steps: settings.duration_steps?,
            transient_steps: settings.transient_steps?,
            seed: settings.seed?,
            batch: settings.batch?,
            populations: populations.into_iter().collect::<Option<_>>()?,
            projections: projections.into_iter().collect::<Option<_>>()?,
            stimuli: stimuli.into_iter().collect::<Option<_>>()?,
            signals: signals.into_iter().collect::<Option<_>>()?,
            probes: probes.neurons.into_iter().collect::<Option<_>>()?,
            synapse_probes: probes.synapses.into_iter().collect::<Option<_>>()?,
        };
        // The rest is about a network whose parts are all right.
        if cx.count_diagnostics() == 0 {
            weights::judge(cx, &checked);
            probe::judge(cx, &checked);
            signal::judge(cx, &checked);
        }
        Some(checked)
    }
}
