//! `dendritic` and `back`: the parts of a delay around the synapses of a projection.

use super::Draft;
use crate::check::context::{Context, Site, nearest_multiples, spell};
use crate::check::distribution::MAX_DELAY_STEPS;
use crate::check::fields::Fields;
use isospike_core::base::steps;
use isospike_core::base::units::Dimension;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{Distribution, RealDraw, Rule, delay_steps};
use isospike_core::describe::synapse::SynapseModel;

/// The delays of a projection besides `delay`.
#[derive(Default)]
pub(super) struct Delays<'n> {
    /// The part of a delay behind the synapse, where it is given.
    dendritic: Option<(Site<'n>, u32)>,
    /// The delay of a spike of the target on its way back, where it is given.
    back: Option<(Site<'n>, u32)>,
}

impl<'n> Delays<'n> {
    /// The fields.
    pub fn fields(fields: &mut Fields<'n>) -> [Option<Site<'n>>; 2] {
        ["dendritic", "back"].map(|name| fields.get(name))
    }

    /// Reads the fields of a projection whose synapses have a model. `None` after a mistake.
    pub fn read(cx: &mut Context<'_>, [dendritic, back]: [Option<Site<'n>>; 2]) -> Option<Self> {
        let [dendritic_steps, back_steps] = [&dendritic, &back].map(|site| match site {
            Some(site) => steps_of(cx, site).map(Some),
            None => Some(None),
        });
        let (dendritic_steps, back_steps) = (dendritic_steps?, back_steps?);
        Some(Self { dendritic: dendritic.zip(dendritic_steps), back: back.zip(back_steps) })
    }

    /// Reports the fields of a projection whose synapses have no model.
    pub fn refuse(cx: &mut Context<'_>, fields: [Option<Site<'n>>; 2]) {
        for site in fields.into_iter().flatten() {
            let message = "only synapses with a model have it: all others add their weight one \
                           `delay` after a spike";
            cx.push(site.diagnostic(message, "remove it, or name a synapse model"));
        }
    }

    /// Reports a delay of post events that read variables of the target, or that a condition on
    /// these makes: these are values of the step of the event. `false` after that.
    pub fn fit(&self, cx: &mut Context<'_>, site: &Site<'_>, model: &SynapseModel) -> bool {
        let is_late = self.steps().1 > 0 && !model.read_before_reset().is_empty();
        if is_late {
            let dendritic = self.dendritic.as_ref().map_or(site, |dendritic| &dendritic.0);
            let message = match model.on_post_if {
                None => format!(
                    "post events of {} read variables of the target, so they come in the step of \
                     the spike",
                    model.name
                ),
                Some(_) => format!(
                    "post events of {} come in the steps in which their condition holds",
                    model.name
                ),
            };
            let at = self.back.as_ref().map_or(dendritic, |back| &back.0);
            cx.push(at.diagnostic(message, "give back = \"0 ms\""));
        }
        !is_late
    }

    /// The part of each delay behind the synapse, and the delay back to it, in steps.
    pub fn steps(&self) -> (u32, u32) {
        let dendritic_steps = self.dendritic.as_ref().map_or(0, |dendritic| dendritic.1);
        (dendritic_steps, self.back.as_ref().map_or(dendritic_steps, |back| back.1))
    }
}

/// Reports a part of the delays behind the synapses that leaves nothing before one. `None` after
/// that.
pub(in crate::check) fn leave_a_step(
    cx: &mut Context<'_>,
    draft: &Draft<'_>,
    delay: &Distribution,
    rule: &Rule,
) -> Option<()> {
    let dt_ms = cx.dt_ms?;
    let Some((site, dendritic_steps)) = &draft.delays.dendritic else { return Some(()) };
    let least_steps = least(delay, rule, dt_ms);
    if *dendritic_steps < least_steps || *dendritic_steps == 0 {
        return Some(());
    }
    let ms = |steps: u32| spell(f64::from(steps) * dt_ms);
    let (dendritic, least, dt) = (ms(*dendritic_steps), ms(least_steps), spell(dt_ms));
    let message = format!(
        "{dendritic} ms of each delay are behind the synapse, and the least delay is {least} ms"
    );
    let help = format!(
        "give at most {} ms: a step of {dt} ms before the synapse is needed, a delay that is all \
         behind it is not there yet",
        ms(least_steps.saturating_sub(1))
    );
    cx.fail(site, message, help)
}

/// The least delay that a synapse may have, in steps; 1 for an empty list.
fn least(delay: &Distribution, rule: &Rule, dt_ms: f64) -> u32 {
    let drawn = RealDraw::new(delay).round(|delay_ms| delay_steps(delay_ms, dt_ms)).min() as u32;
    let Rule::Explicit(Explicit(list)) = rule else { return drawn };
    list.iter().map(|synapse| synapse.delay_steps.unwrap_or(drawn)).min().unwrap_or(1)
}

/// A delay of whole steps, 0 or more.
fn steps_of(cx: &mut Context<'_>, site: &Site<'_>) -> Option<u32> {
    let delay_ms = cx.quantity(site, Dimension::TIME)?;
    let dt_ms = cx.dt_ms?;
    let (dt, found) = (spell(dt_ms), spell(delay_ms));
    if delay_ms < 0.0 {
        let help = format!("give 0 ms, or a multiple of dt = {dt} ms");
        return cx.fail(site, format!("this is {found} ms"), help);
    }
    if steps::nearest(delay_ms, dt_ms) > MAX_DELAY_STEPS {
        let help = format!("give at most {} ms", spell(MAX_DELAY_STEPS * dt_ms));
        return cx.fail(site, format!("{found} ms are too many steps of dt = {dt} ms"), help);
    }
    match steps::exact(delay_ms, dt_ms) {
        Some(steps) => Some(steps as u32),
        None => {
            let message = format!("{found} ms are no multiple of dt = {dt} ms");
            cx.fail(site, message, nearest_multiples(delay_ms, dt_ms, false))
        }
    }
}
