//! Projections: quantised draws, rows, delays.

use super::quantise::{self, Input};
use super::synapse;
use crate::base::id::{PopulationId, ProjectionId};
use crate::connect::{Distribution, Draw, RealDraw, RowSite, RowSource, delay_steps};
use crate::describe::checked::{Checked, Projection, StimulusKind};
use crate::plan::{ProjectionPlan, ReceptorPlan, WeightBounds};

/// The tables made so far, so that equal distributions share one.
#[derive(Default)]
pub(super) struct Tables {
    reals: Vec<(Distribution, RealDraw)>,
    weights: Vec<(Distribution, i32, Draw)>,
    delays: Vec<(Distribution, Draw)>,
}

impl Tables {
    /// The draw of a distribution before rounding.
    fn real(&mut self, distribution: &Distribution) -> RealDraw {
        if !matches!(distribution, Distribution::Normal { .. }) {
            return RealDraw::new(distribution);
        }
        if let Some((_, draw)) = self.reals.iter().find(|(known, _)| known == distribution) {
            return draw.clone();
        }
        let draw = RealDraw::new(distribution);
        self.reals.push((*distribution, draw.clone()));
        draw
    }

    /// Weights as multiples of 2^-exponent.
    fn weight(&mut self, distribution: &Distribution, exponent: i32) -> Draw {
        let known = |(d, e, _): &&(_, _, _)| d == distribution && *e == exponent;
        if let Some((.., draw)) = self.weights.iter().find(known) {
            return draw.clone();
        }
        let draw = self.real(distribution).round(|weight| quantise::quantise(weight, exponent));
        if let Draw::Table(_) = draw {
            self.weights.push((*distribution, exponent, draw.clone()));
        }
        draw
    }

    /// Delays in steps.
    fn delay(&mut self, distribution: &Distribution, dt_ms: f64) -> Draw {
        if let Some((_, draw)) = self.delays.iter().find(|(known, _)| known == distribution) {
            return draw.clone();
        }
        let draw = self.real(distribution).round(|delay| delay_steps(delay, dt_ms));
        if let Draw::Table(_) = draw {
            self.delays.push((*distribution, draw.clone()));
        }
        draw
    }
}

/// Everything that delivers to a receptor.
pub(super) fn inputs(
    network: &Checked,
    population: PopulationId,
    receptor: u32,
    tables: &mut Tables,
) -> Vec<Input> {
    let size = network.population(population).size;
    let mut inputs = Vec::new();
    for (index, projection) in network.projections.iter().enumerate() {
        if projection.post != population {
            continue;
        }
        let mut push = |sent| {
            let weights = tables.real(&projection.weight);
            inputs.push(Input::projection(network, index, weights, sent));
        };
        match &projection.synapse {
            None if projection.receptor == receptor => push(None),
            None => {}
            Some(synapse) => {
                let own = synapse.sent.iter().filter(|sent| sent.receptor == receptor);
                own.for_each(|sent| push(Some(sent.bounds)));
            }
        }
    }
    for (index, stimulus) in network.stimuli.iter().enumerate() {
        match stimulus.kind {
            StimulusKind::Poisson { receptor: to, events_per_step, weight, .. }
                if stimulus.population == population && to == receptor =>
            {
                inputs.push(Input::poisson(index, size, events_per_step, weight));
            }
            _ => {}
        }
    }
    inputs
}

/// All projections, in order.
pub(super) fn lower(
    network: &Checked,
    receptors: &[ReceptorPlan],
    tables: &mut Tables,
) -> Vec<ProjectionPlan> {
    let lower = |(index, projection)| one(network, index, projection, receptors, tables);
    network.projections.iter().enumerate().map(lower).collect()
}

fn one(
    network: &Checked,
    index: usize,
    projection: &Projection,
    receptors: &[ReceptorPlan],
    tables: &mut Tables,
) -> ProjectionPlan {
    let first = receptors.partition_point(|receptor| receptor.population < projection.post);
    let receptor = first + projection.receptor as usize;
    let unit_exponent = receptors[receptor].scale_exponent;
    let synapse = projection.synapse.as_ref().map(|synapse| {
        let weights = tables.real(&projection.weight);
        Box::new(synapse::lower(network, projection, synapse, &weights, (first, receptors)))
    });
    let exponent = synapse.as_ref().map_or(unit_exponent, |synapse| synapse.weight_exponent);
    let weight = tables.weight(&projection.weight, exponent);
    let site = site(network, index, projection, weight, tables);
    let integer = |weight| quantise::quantise(weight, exponent);
    let rows = RowSource::new(site, &projection.rule, integer);
    let (min_delay_steps, max_delay_steps) = rows.delays_steps();
    let weight_bounds = projection
        .weight_bounds
        .map(|(least, largest)| WeightBounds { least: integer(least), largest: integer(largest) });
    let reach = weight_bounds.map_or(0, WeightBounds::max_abs);
    let narrow = rows.max_weight().max(reach) <= i16::MAX as u32;
    ProjectionPlan {
        name: projection.name.clone(),
        pre: projection.pre,
        post: projection.post,
        receptor: receptor as u32,
        procedural: projection.procedural,
        weight_bits: match &synapse {
            Some(_) => 32,
            None => projection.weight_bits.unwrap_or(if narrow { 16 } else { 32 }),
        },
        weight_bounds,
        synapse,
        min_delay_steps,
        max_delay_steps,
        rows,
    }
}

/// Returns rows with the targets of a projection; their weights are 0.
pub(super) fn targets(network: &Checked, id: ProjectionId) -> RowSource {
    let (projection, mut tables) = (network.projection(id), Tables::default());
    let weight = tables.weight(&Distribution::Constant(0.0), 0);
    let site = site(network, id.index(), projection, weight, &mut tables);
    RowSource::new(site, &projection.rule, |_| 0)
}

fn site(
    network: &Checked,
    index: usize,
    projection: &Projection,
    weight: Draw,
    tables: &mut Tables,
) -> RowSite {
    RowSite {
        seed: network.seed,
        projection: index as u32,
        rows: network.population(projection.pre).size,
        targets: network.population(projection.post).size,
        skip_self: projection.pre == projection.post && !projection.autapses,
        weight,
        delay: tables.delay(&projection.delay_ms, network.dt_ms),
    }
}
