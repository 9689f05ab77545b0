//! The compiled programs of all populations.

use crate::arch::Detected;
use crate::program::compiled::Compiled;
use crate::synapse::late::event::Events;
use isospike_core::plan::{Plan, PopulationPlanKind, ProjectionPlan, Words};
use std::sync::Arc;

/// The compiled programs of a plan, and how they were compiled.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    /// The instruction set.
    pub isa: Detected,
    interpret: bool,
    /// One for each population that has neurons.
    pub all: Vec<Option<Arc<Compiled>>>,
    /// One for each projection that learns.
    pub events: Vec<Option<Arc<Events>>>,
}

impl Programs {
    /// Compiles the programs of a plan; only bytecode where `interpret` is set.
    pub fn new(plan: &Plan, isa: Detected, interpret: bool) -> Self {
        let mut all: Vec<Option<Arc<Compiled>>> = Vec::new();
        for index in 0..plan.populations.len() {
            let same = (0..index).find(|other| share_code(plan, *other, index));
            let known = same.and_then(|other| all[other].clone());
            all.push(known.or_else(|| compile(plan, index, isa, interpret)));
        }
        let events = |projection: &ProjectionPlan| {
            let synapse = projection.synapse.as_ref()?;
            Some(Arc::new(Events::new(synapse, isa, interpret)))
        };
        Self { isa, interpret, all, events: plan.projections.iter().map(events).collect() }
    }

    /// Counts the populations that run as machine code.
    pub fn generated(&self) -> usize {
        self.all.iter().flatten().filter(|program| program.is_generated()).count()
    }

    /// Names the populations that have no machine code although that was wanted.
    pub fn interpreted(&self, plan: &Plan) -> Vec<String> {
        if self.interpret {
            return Vec::new();
        }
        let lacks =
            |program: &Option<Arc<Compiled>>| program.as_ref().is_some_and(|c| !c.is_generated());
        let all = plan.populations.iter().zip(&self.all).filter(|(_, program)| lacks(program));
        all.map(|(population, _)| population.name.clone()).collect()
    }
}

/// Whether two populations run one code: nothing in their programs differs but the values of each
/// neuron.
fn share_code(plan: &Plan, a: usize, b: usize) -> bool {
    let neurons = |index: usize| match &plan.populations[index].kind {
        PopulationPlanKind::Neurons(neurons) => Some(neurons),
        PopulationPlanKind::SpikeList(_) => None,
    };
    let (Some(x), Some(y)) = (neurons(a), neurons(b)) else { return false };
    let counted = |index| plan.stimuli.iter().any(|s| s.population.index() == index);
    let same = |(x, y): (&Words, &Words)| match (x, y) {
        (Words::All(x), Words::All(y)) => x == y,
        (Words::Each(_), Words::Each(_)) | (Words::Slot(_), Words::Slot(_)) => true,
        _ => false,
    };
    x.program == y.program
        && x.constants.len() == y.constants.len()
        && x.constants.iter().zip(&y.constants).all(same)
        && (x.receptors, x.state.len()) == (y.receptors, y.state.len())
        && x.series.is_empty()
        && y.series.is_empty()
        && x.external.is_empty()
        && y.external.is_empty()
        && !counted(a)
        && !counted(b)
}

fn compile(plan: &Plan, index: usize, isa: Detected, interpret: bool) -> Option<Arc<Compiled>> {
    let PopulationPlanKind::Neurons(neurons) = &plan.populations[index].kind else { return None };
    Some(Arc::new(Compiled::new(plan, index, neurons, isa, interpret)))
}
