//! The kernels of a plan: the launches of one step in order, with their buffers.
//!
//! Every device runs the same kernels, except that operations without an arithmetic guarantee are
//! emulated. The step is in the `control` buffer, so the same launches repeat for every step.

mod body;
pub(crate) mod deliver;
pub mod layout;
pub mod learn;
pub(crate) mod procedural;
mod random;
pub mod share;
mod shared;
pub mod signal;
mod small;
pub(crate) mod update;

use crate::connect::InKernels;
use crate::ir::{Guarantees, Kernel};
use crate::plan::{Phase, Plan, ProjectionPlan};
use layout::Layout;
use learn::{Part, Site};
use share::Sharing;

/// A buffer of a device run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buffer {
    /// The clock, the number of spikes, the present rows of series: [`layout::control`].
    Control,
    /// The state of all populations in canonical order.
    State,
    /// Constants of neurons, Poisson tables, rows of series, spike lists, neurons of probes, and
    /// the currents from outside of a chunk.
    Constants,
    /// The ring buffer of I32 accumulators by slot `step mod slots`, copy and accumulator id.
    Accumulators,
    /// The spikes of this step in any order: copy * neurons + global neuron id.
    Spikes,
    /// A bit for each step of a chunk, copy and neuron; each step begins with a new word.
    Raster,
    /// The samples of probes of a chunk.
    Traces,
    /// A word for each stimulus with events, copy and neuron of its population: the number of
    /// events since the words were last cleared.
    Events,
    /// A part of the stored rows in one arena: [`layout::part`].
    Rows(u32),
    /// The spikes of the last steps, for synapses that learn: for each slot of the ring how many
    /// there are, then their lists, each with room for all neurons.
    Recent,
    /// A part of a projection that learns, by its number among them: [`learn::Arena`].
    Learned(u32, Part),
}

impl Buffer {
    /// Returns its name in kernels; all arenas have the same.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::State => "state",
            Self::Constants => "constants",
            Self::Accumulators => "accumulators",
            Self::Spikes => "spikes",
            Self::Raster => "raster",
            Self::Traces => "traces",
            Self::Events => "events",
            Self::Rows(_) => "rows",
            Self::Recent => "recent",
            Self::Learned(_, Part::Rows) => "learned_rows",
            Self::Learned(_, Part::Synapses) => "learned_synapses",
            Self::Learned(_, Part::Records) => "learned_records",
            Self::Learned(_, Part::Targets) => "learned_targets",
            Self::Learned(_, Part::Sent) => "learned_sent",
        }
    }
}

/// A launch of every step: a kernel and the buffers that it binds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The kernel.
    pub kernel: Kernel,
    /// A buffer for each binding.
    pub buffers: Vec<Buffer>,
    /// The number of groups.
    pub groups: u32,
    /// The part of a step that it carries out.
    pub role: Role,
}

/// The part of a run that a launch carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One phase of the plan.
    Phase(Phase),
    /// The end of a step: the clock goes on.
    Tick,
    /// The start of a chunk: the raster is cleared.
    Clear,
}

/// The format of the stored rows, decided before the kernels are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFormat {
    /// Whether weights take a word of their own.
    pub wide: bool,
    /// The sharing of each part that the rows are cut into; empty where nothing is stored.
    pub parts: Vec<Sharing>,
}

/// The groups of launches whose amount of work is decided on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// The groups that share the spikes of a step.
    pub deliver_groups: u32,
    /// The groups that share the events of synapses that learn.
    pub learn_groups: u32,
    /// The groups that clear the raster.
    pub clear_groups: u32,
}

/// Returns whether the rows of a projection are stored in parts. Those of a procedural projection
/// are, too, where drawing needs a table of all synapses (explicit lists, fixed in-degrees).
pub fn is_stored(projection: &ProjectionPlan) -> bool {
    projection.synapse.is_none() && drawn_form(projection).is_none()
}

/// Returns the form of rows that are drawn at each spike.
fn drawn_form(projection: &ProjectionPlan) -> Option<&dyn InKernels> {
    projection.rows.kind().in_kernels().filter(|_| projection.procedural)
}

/// Returns the launches of one step, in order. Each reads all that the one before wrote.
pub fn stages(
    plan: &Plan,
    layout: &Layout,
    rows: &RowFormat,
    learned: &[Site<'_>],
    width: Width,
    guarantees: Guarantees,
) -> Vec<Stage> {
    let mut stages = Vec::new();
    for phase in plan.phases() {
        match phase {
            Phase::PreEvents => {
                for site in learned.iter().filter(|site| site.has_synapses()) {
                    if site.synapse.way_steps() > 0 {
                        stages.push(learn::arrive(site, width.learn_groups, guarantees));
                    }
                    stages.push(learn::pre_events(site, width.learn_groups, guarantees));
                    stages.push(learn::records(site, width.learn_groups, guarantees));
                }
            }
            Phase::PostEvents => {
                let groups = width.learn_groups;
                stages.extend(learned.first().map(|s| learn::remember(s, groups, guarantees)));
                for site in learned {
                    stages.push(learn::post_events(site, groups, guarantees));
                    if site.synapse.on_post.is_some() {
                        if site.has_synapses() {
                            stages.push(learn::catch_up(site, groups, guarantees));
                        }
                        stages.push(learn::caught(site, groups, guarantees));
                    }
                    if site.has_synapses() && !site.synapse.clocked.is_empty() {
                        stages.push(learn::clocked(site, groups, guarantees));
                    }
                }
            }
            Phase::Update => {
                let all = layout.updates.iter();
                stages.extend(all.filter_map(|s| update::update(layout, plan, s, guarantees)));
            }
            Phase::Emit => {
                let all = layout.lists.iter();
                stages.extend(all.map(|shared| small::emit(layout, shared, guarantees)));
            }
            Phase::Deliver => {
                let groups = width.deliver_groups;
                for part in (0..).zip(rows.parts.iter().copied()) {
                    stages.push(deliver::deliver(layout, rows.wide, part, groups, guarantees));
                }
                let drawn = procedural::all(layout, plan);
                stages.extend(drawn.map(|rows| rows.deliver(groups, guarantees)));
            }
            Phase::Signals => {
                stages.extend(signal::stages(layout, plan, width.learn_groups, guarantees));
            }
            Phase::Probe => {
                let all = layout.probes.iter();
                stages.extend(all.map(|s| small::probe(layout, plan, s, guarantees)));
            }
        }
    }
    stages.push(small::tick(layout, guarantees));
    stages
}

/// Returns the launch that begins a chunk: it clears the raster.
pub fn clear(layout: &Layout, width: Width, guarantees: Guarantees) -> Stage {
    small::clear(layout, width.clear_groups, guarantees)
}
