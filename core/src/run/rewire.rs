//! Carries out rewirings between two steps (`docs/semantics.md` 9), for every backend alike: a
//! simulation is read as for a checkpoint, the rows that follow are computed here, and a simulation
//! with these rows goes on from there.

mod cut;
mod replace;

use crate::connect::RowSource;
use crate::plan::Plan;
use crate::run::backend::{BackendError, Simulation};
use crate::run::checkpoint::{Checkpoint, Fingerprint, first_step};
use crate::run::cost::Cost;
use crate::run::counters::Counters;
use crate::run::input::Input;
use crate::run::parameters::WrittenParameter;
use crate::run::quantity::Quantity;
use crate::run::record::{Recording, Spike};
use crate::run::weights;
use cut::Cut;

/// Makes a simulation of a plan; `build` makes one of a plan that is not rewired. Every backend
/// compiles through here.
///
/// # Errors
///
/// Those of `build`; a plan with rewiring that is not well formed.
pub fn compile(
    plan: &Plan,
    build: impl Fn(&Plan) -> Result<Box<dyn Simulation>, BackendError> + Send + 'static,
) -> Result<Box<dyn Simulation>, BackendError> {
    if !plan.rewires() {
        return build(plan);
    }
    plan.verify()?;
    let now = plan.between_rewirings(&[]);
    Ok(Box::new(Rewired {
        simulation: build(&now)?,
        plan: plan.clone(),
        now,
        build: Box::new(build),
        steps: 0,
        recent: Vec::new(),
        earlier: Cost::default(),
        failed: None,
    }))
}

/// Makes a simulation of a plan that is not rewired.
type Build = dyn Fn(&Plan) -> Result<Box<dyn Simulation>, BackendError> + Send;

/// A simulation whose rows change between two steps.
struct Rewired {
    /// The network with its first rows.
    plan: Plan,
    /// The network with the present rows, not rewired.
    now: Plan,
    /// The simulation of that.
    simulation: Box<dyn Simulation>,
    build: Box<Build>,
    /// How many steps have been.
    steps: u32,
    /// The spikes that may be on their way.
    recent: Vec<Spike>,
    /// The cost of the simulations before.
    earlier: Cost,
    /// The error that ended the run.
    failed: Option<BackendError>,
}

impl Rewired {
    /// Runs steps up to a rewiring, and carries that out where it is due.
    fn advance_to(
        &mut self,
        end: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        let first = record.spikes.len();
        self.simulation.advance(end - self.steps, input, record)?;
        self.steps = end;
        let first_step = first_step(&self.plan, end);
        self.recent.extend_from_slice(&record.spikes[first..]);
        self.recent.retain(|spike| spike.step >= first_step);
        self.rewire()
    }

    /// Returns the step before which the next rewiring is due.
    fn next_rewiring(&self) -> u32 {
        let rewires = self.plan.projections.iter().filter_map(|projection| projection.rewire());
        let next = rewires.map(|rewire| {
            let period_steps = rewire.period_steps.max(1);
            self.steps.saturating_add(period_steps - self.steps % period_steps)
        });
        next.min().unwrap_or(u32::MAX)
    }

    /// Carries out the rewirings that are due.
    fn rewire(&mut self) -> Result<(), BackendError> {
        let is_due = |index: &usize| {
            self.plan.projections[*index].rewire().is_some_and(|rewire| rewire.is_due(self.steps))
        };
        let due: Vec<usize> = (0..self.plan.projections.len()).filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let mut state = self.simulation.state()?;
        let mut rows = self.rows();
        let mut any = false;
        for (projection, own) in rows.iter_mut().filter(|(index, _)| due.contains(index)) {
            let new = replace::rows(&self.plan, (*projection, own), &mut state, self.steps);
            any |= new.is_some();
            *own = new.unwrap_or_else(|| own.clone());
        }
        if !any {
            return Ok(());
        }
        let (step, spikes) = (self.steps, self.recent.clone());
        let counters = self.simulation.counters()?;
        self.go_on(&rows, |now, parameters| Checkpoint {
            fingerprint: Fingerprint::of(now),
            step,
            state,
            spikes,
            counters,
            parameters,
        })
    }

    /// Returns the present rows of the projections that are rewired, by their index.
    fn rows(&self) -> Vec<(usize, RowSource)> {
        let own = self.plan.row_words().into_iter().map(|own| own.projection);
        own.map(|index| (index, self.now.projections[index].rows.clone())).collect()
    }

    /// Goes on with other rows from the checkpoint that `at` makes of the network with these, and
    /// of the parameters that were written. An error changes nothing.
    fn go_on(
        &mut self,
        rows: &[(usize, RowSource)],
        at: impl FnOnce(&Plan, Vec<WrittenParameter>) -> Checkpoint,
    ) -> Result<(), BackendError> {
        let mut now = self.plan.between_rewirings(rows);
        // Weights of other projections that were written stay.
        for index in 0..now.projections.len() {
            if now.projections[index].weight_bounds.is_some() {
                let quantity = Quantity::weights(&now.projections[index].name);
                let words = self.simulation.read(&quantity)?;
                weights::write(&mut now, &quantity, index, &words)?;
            }
        }
        let mut simulation = (self.build)(&now)?;
        simulation.restore(&at(&now, self.simulation.written_parameters()))?;
        self.earlier.add(&self.simulation.cost());
        (self.now, self.simulation) = (now, simulation);
        Ok(())
    }

    /// Appends the words of the present rows.
    fn push_rows(&self, state: &mut Vec<u32>) {
        let own = self.plan.row_words().into_iter().map(|own| own.projection);
        self.now.push_rows(own, state);
    }
}

impl Simulation for Rewired {
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let end = self.steps.checked_add(steps).ok_or_else(|| {
            BackendError::Unsupported("a run has at most 2^32 - 1 steps".to_string())
        })?;
        input.accept(&self.plan, self.steps..end)?;
        while self.steps < end {
            let cut = Cut::new(input, self.steps..end.min(self.next_rewiring()));
            let result = cut.with(|end, input| self.advance_to(end, input, record));
            if let Err(error) = result {
                self.failed = Some(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<u32>, BackendError> {
        let mut state = self.simulation.state()?;
        self.push_rows(&mut state);
        Ok(state)
    }

    fn counters(&mut self) -> Result<Counters, BackendError> {
        self.simulation.counters()
    }

    fn cost(&self) -> Cost {
        let mut cost = self.earlier.clone();
        cost.add(&self.simulation.cost());
        cost
    }

    fn written_parameters(&self) -> Vec<WrittenParameter> {
        self.simulation.written_parameters()
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        checkpoint.fits(&self.plan)?;
        let mut own = checkpoint.clone();
        let rows = own.state.split_off(self.now.state_words() as usize);
        let mut present = Vec::with_capacity(rows.len());
        self.push_rows(&mut present);
        match rows == present {
            true => self.simulation.restore(&own)?,
            false => self.go_on(&self.plan.rows_of(&checkpoint.state), |_, _| own)?,
        }
        (self.steps, self.failed) = (checkpoint.step, None);
        self.recent.clone_from(&checkpoint.spikes);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        let (mut first, mut present) = (Vec::new(), Vec::new());
        self.plan.initial_rows(&mut first);
        self.push_rows(&mut present);
        if first == present {
            self.simulation.reset()?;
        } else {
            self.go_on(&[], |now, parameters| Checkpoint { parameters, ..Checkpoint::start(now) })?;
        }
        (self.steps, self.failed) = (0, None);
        self.recent.clear();
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        self.simulation.read(quantity)
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => self.simulation.write(quantity, words),
        }
    }

    fn memory_bytes(&self) -> u64 {
        self.simulation.memory_bytes()
    }

    fn notes(&self) -> Vec<String> {
        self.simulation.notes()
    }
}
