//! Faults of runs that are cut, and of simulations that stand beside each other: level 10.

use crate::Mutant;
use crate::double::{Double, Doubled};
use crate::wrong::naive;
use isospike_conformance::Opened;
use isospike_conformance::suite::Level::Splitting;
use isospike_core::plan::Plan;
use isospike_core::run::backend::{Backend, BackendError, BackendInfo, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::counters::Counters;
use isospike_core::run::input::{Current, Input};
use isospike_core::run::quantity::{Place, Quantity};
use isospike_core::run::record::{Recording, Spike};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// State that is lost between two calls, or shared between two simulations.
#[rustfmt::skip]
pub const ALL: &[Mutant] = &[
    Mutant { name: "run_loses_spikes", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Run)),
        what: "Spikes that are on their way at the end of a run call never arrive." },
    Mutant { name: "restore_loses_spikes", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Restore)),
        what: "Spikes that are on their way in a checkpoint never arrive." },
    Mutant { name: "restore_late", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Clock)),
        what: "A restored run is one step ahead of its checkpoint." },
    Mutant { name: "restore_counts_anew", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Counts)),
        what: "A restored run counts from 0." },
    Mutant { name: "restore_forgets_parameters", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Parameters)),
        what: "A restored run has the parameters of the network, not those that were written before the checkpoint." },
    Mutant { name: "reset_late", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Reset)),
        what: "A reset run begins with step 1." },
    Mutant { name: "write_first_copy", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Copies)),
        what: "What is written reaches the first copy of a batch only." },
    Mutant { name: "write_first_row", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Rows)),
        what: "Weights that are written reach the synapses of the first source only." },
    Mutant { name: "write_loses_spikes", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Weights)),
        what: "Spikes that are on their way when weights are written never arrive." },
    Mutant { name: "slots_literal", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Slots)),
        what: "A parameter that is written to a slot is read back and used nowhere." },
    Mutant { name: "outside_first_copy", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Outside)),
        what: "Spikes from outside reach the first copy of a batch only." },
    Mutant { name: "currents_first_copy", expected: Splitting, backend: || Opened::engine(Forgetful::at(Cut::Currents)),
        what: "Currents from outside reach the first copy of a batch only." },
    Mutant { name: "simulations_share", expected: Splitting, backend: || Opened::engine(Shared::default()),
        what: "A second simulation of a plan goes on where the first, still there, is." },
];

/// The place at which something is lost.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    /// Between two run calls.
    Run,
    /// When a checkpoint is restored: the spikes.
    Restore,
    /// When a checkpoint is restored: the step.
    Clock,
    /// When a checkpoint is restored: what was counted.
    Counts,
    /// When a checkpoint is restored: the parameters that were written.
    Parameters,
    /// When the run is reset: the step.
    Reset,
    /// When a quantity is written: all copies but the first.
    Copies,
    /// When weights are written: all rows but the first.
    Rows,
    /// When weights are written: the spikes on their way.
    Weights,
    /// When a slot is written: the word is kept for those who read it.
    Slots,
    /// When spikes come from outside: those of all copies but the first.
    Outside,
    /// When currents come from outside: those of all copies but the first.
    Currents,
}

/// A backend that forgets at cuts.
struct Forgetful {
    right: Box<dyn Backend>,
    cut: Cut,
}

impl Forgetful {
    fn at(cut: Cut) -> Self {
        Self { right: naive(), cut }
    }
}

impl Backend for Forgetful {
    fn info(&self) -> &BackendInfo {
        self.right.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let inner = self.right.compile(plan)?;
        let (plan, cut) = (plan.clone(), self.cut);
        Ok(Box::new(Doubled(Forgetting { inner, plan, cut, slots: Vec::new() })))
    }
}

struct Forgetting {
    inner: Box<dyn Simulation>,
    plan: Plan,
    cut: Cut,
    /// The slots that were written, with their words.
    slots: Vec<(Quantity, u32)>,
}

impl Forgetting {
    /// Takes out the spikes that are on their way.
    fn silence(&mut self) -> Result<(), BackendError> {
        let counters = self.inner.counters()?;
        let silent = Checkpoint {
            step: counters.steps as u32,
            state: self.inner.state()?,
            counters,
            parameters: self.inner.written_parameters(),
            ..Checkpoint::start(&self.plan)
        };
        self.inner.restore(&silent)
    }

    /// The values of a current, 0 for all copies but the first.
    fn of_first_copy(&self, current: &Current<'_>) -> Vec<f32> {
        let mut values = current.values.to_vec();
        let place = self.plan.currents.iter().find(|place| place.name == current.stimulus);
        let Some(place) = place else { return values };
        let size = self.plan.populations[place.population.index()].size as usize;
        for row in values.chunks_mut(size * self.plan.batch as usize) {
            row.iter_mut().skip(size).for_each(|value| *value = 0.0);
        }
        values
    }
}

impl Double for Forgetting {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        &mut self.inner
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        &self.inner
    }

    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError> {
        if self.cut == Cut::Run && record.steps > 0 {
            self.silence()?;
        }
        if self.cut == Cut::Outside {
            let first = |spike: &&Spike| spike.neuron < self.plan.neurons();
            let spikes: Vec<Spike> = input.spikes.iter().filter(first).copied().collect();
            return self.inner.advance(steps, &Input { spikes: &spikes, ..*input }, record);
        }
        if self.cut == Cut::Currents {
            let values: Vec<Vec<f32>> =
                input.currents.iter().map(|current| self.of_first_copy(current)).collect();
            let pairs = input.currents.iter().zip(&values);
            let currents: Vec<Current<'_>> =
                pairs.map(|(current, values)| Current { values, ..*current }).collect();
            return self.inner.advance(steps, &Input { currents: &currents, ..*input }, record);
        }
        self.inner.advance(steps, input, record)
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError> {
        let mut other = checkpoint.clone();
        match self.cut {
            Cut::Run
            | Cut::Reset
            | Cut::Copies
            | Cut::Rows
            | Cut::Weights
            | Cut::Slots
            | Cut::Outside
            | Cut::Currents => {}
            Cut::Restore => other.spikes.clear(),
            Cut::Parameters => other.parameters.clear(),
            Cut::Counts => other.counters = Counters::new(&self.plan),
            Cut::Clock => {
                other.step += 1;
                other.spikes.iter_mut().for_each(|spike| spike.step += 1);
            }
        }
        self.inner.restore(&other)
    }

    fn reset(&mut self) -> Result<(), BackendError> {
        self.inner.reset()?;
        if self.cut == Cut::Reset {
            let mut start = Checkpoint::start(&self.plan);
            (start.step, start.counters.steps) = (1, 1);
            self.inner.restore(&start)?;
        }
        Ok(())
    }

    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError> {
        let written = self.slots.iter().rev().find(|(slot, _)| slot == quantity);
        written.map_or_else(|| self.inner.read(quantity), |(_, word)| Ok(vec![*word]))
    }

    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError> {
        if let (Cut::Slots, Quantity::Parameter { .. }, [word]) = (self.cut, quantity, words) {
            self.slots.push((quantity.clone(), *word));
            return Ok(());
        }
        let first = match (self.cut, quantity.place(&self.plan)?) {
            (Cut::Copies, Place::State(_)) => words.len() / self.plan.batch as usize,
            (Cut::Rows, Place::Weights(at)) => self.plan.projections[at].rows.len(0) as usize,
            (Cut::Weights, Place::Weights(_)) => {
                self.silence()?;
                return self.inner.write(quantity, words);
            }
            _ => return self.inner.write(quantity, words),
        };
        let mut now = self.inner.read(quantity)?;
        now[..first].copy_from_slice(&words[..first]);
        self.inner.write(quantity, &now)
    }
}

/// A simulation that several hold.
type Held = Mutex<Box<dyn Simulation>>;

/// A backend that has one simulation of a network at a time.
struct Shared {
    right: Box<dyn Backend>,
    made: RefCell<Vec<(String, Weak<Held>)>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { right: naive(), made: RefCell::default() }
    }
}

impl Backend for Shared {
    fn info(&self) -> &BackendInfo {
        self.right.info()
    }

    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError> {
        let network = format!("{:?}", plan.network);
        let mut made = self.made.borrow_mut();
        let same = made.iter().filter(|(name, _)| *name == network);
        if let Some(held) = same.filter_map(|(_, held)| held.upgrade()).next() {
            return Ok(Box::new(Doubled(Holder(held))));
        }
        let held = Arc::new(Mutex::new(self.right.compile(plan)?));
        made.push((network, Arc::downgrade(&held)));
        Ok(Box::new(Doubled(Holder(held))))
    }
}

struct Holder(Arc<Held>);

impl Holder {
    fn held(&self) -> MutexGuard<'_, Box<dyn Simulation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Double for Holder {
    fn inner(&mut self) -> impl DerefMut<Target = Box<dyn Simulation>> {
        self.held()
    }

    fn look(&self) -> impl Deref<Target = Box<dyn Simulation>> {
        self.held()
    }
}
