//! Section 9 of `docs/semantics.md`: rewiring, synapse by synapse, in the rows that the next step
//! looks up.

use super::ModelSimulation;
use super::synapse::{Learning, Reads};
use crate::base::numeric::{flush, round_host};
use crate::base::random::{Tag, key, philox, pick};
use crate::connect::rule::Explicit;
use crate::connect::{RealDraw, Rule, Synapse, delay_steps};
use crate::describe::synapse::Rewire;

impl ModelSimulation {
    /// 9.1: the rewirings that are due now, in order of the projections.
    pub(super) fn rewire(&mut self) {
        let steps = self.steps();
        let mut learning = std::mem::take(&mut self.learning);
        for of_projection in &mut learning {
            let Some(rewire) = of_projection.rewiring().cloned() else { continue };
            if !steps.is_multiple_of(rewire.period_steps) {
                continue;
            }
            let p = of_projection.projection;
            for row in 0..self.rows[p].len() as u32 {
                self.rewire_row(of_projection, &rewire, row);
            }
            self.connect(of_projection);
        }
        self.learning = learning;
    }

    /// 9.2 to 9.5 for one row.
    fn rewire_row(&mut self, of_projection: &mut Learning, rewire: &Rewire, row: u32) {
        let (p, steps) = (of_projection.projection, self.steps());
        let projection = &self.network.projections[p];
        let before = self.rows[p][row as usize].clone();
        let no_autapse = projection.pre == projection.post && !projection.autapses;
        let size = self.network.population(projection.post).size;
        let mut taken: Vec<u32> = before.iter().map(|synapse| synapse.target).collect();
        let is_free = |taken: &[u32], x: u32| !(taken.contains(&x) || no_autapse && x == row);
        let key = philox([steps, 0, p as u32, Tag::Rewire as u32], key(self.plan.seed));
        let delays =
            RealDraw::new(&projection.delay_ms).round(|d| delay_steps(d, self.network.dt_ms));
        let mut n = 0;
        for (j, old) in (0..).zip(before) {
            let none_free = || (0..size).all(|x| !is_free(&taken, x));
            if !of_projection.is_removed(rewire, row, j, steps) || none_free() {
                continue;
            }
            let (target, x) = loop {
                let x = philox([n, row, p as u32, Tag::Rewire as u32], [key[0], key[1]]);
                n += 1;
                let c = pick(x[0], size - u32::from(no_autapse));
                let target = if no_autapse && c >= row { c + 1 } else { c };
                if is_free(&taken, target) {
                    break (target, x);
                }
            };
            taken.push(target);
            let delay_steps = match projection.rule {
                Rule::Explicit(Explicit(_)) => old.delay_steps,
                _ => delays.get(x[2]) as u32,
            };
            self.rows[p][row as usize][j as usize] = Synapse { target, delay_steps, ..old };
            of_projection.create(rewire, row, j, steps);
        }
    }

    /// 9.6: from now on events go over the present rows.
    pub(super) fn connect(&self, of_projection: &mut Learning) {
        let p = of_projection.projection;
        let pre = self.plan.projections[p].pre;
        let steps = self.steps();
        let mut spikes = Vec::new();
        let first = steps.saturating_sub(self.plan.flight_steps());
        for s in first..steps {
            for &(copy, population, n) in &self.history[s as usize] {
                if population == pre {
                    spikes.push((s, copy, n));
                }
            }
        }
        of_projection.connect(&self.rows[p]);
        of_projection.arrive(steps, &spikes);
    }

    /// 9.7: appends the words of rows.
    pub(super) fn row_words(&self, words: &mut Vec<u32>) {
        for learning in self.learning.iter().filter(|of| of.rewiring().is_some()) {
            let all = || self.rows[learning.projection].iter().flatten();
            words.extend(all().map(|synapse| synapse.target));
            words.extend(all().map(|synapse| synapse.delay_steps));
        }
    }

    /// 9.7: takes the rows from words, which are the last of all.
    pub(super) fn set_rows(&mut self, words: &[u32]) {
        let rewired: Vec<usize> = self
            .learning
            .iter()
            .filter(|of| of.rewiring().is_some())
            .map(|of| of.projection)
            .collect();
        let synapses = |p: &usize| self.rows[*p].iter().map(Vec::len).sum::<usize>();
        let all: usize = rewired.iter().map(synapses).sum();
        let mut words = words[words.len() - 2 * all..].iter();
        for p in rewired {
            for synapse in self.rows[p].iter_mut().flatten() {
                synapse.target = words.next().copied().unwrap_or(0);
            }
            for synapse in self.rows[p].iter_mut().flatten() {
                synapse.delay_steps = words.next().copied().unwrap_or(1);
            }
        }
        let mut learning = std::mem::take(&mut self.learning);
        for of_projection in learning.iter_mut().filter(|of| of.rewiring().is_some()) {
            of_projection.connect(&self.rows[of_projection.projection]);
        }
        self.learning = learning;
    }
}

impl Learning {
    /// The rewiring of the projection.
    fn rewiring(&self) -> Option<&Rewire> {
        self.model.synapse.rewire.as_ref()
    }

    /// 9.2: whether a synapse is removed when so many steps have been.
    fn is_removed(&self, rewire: &Rewire, row: u32, j: u32, steps: u32) -> bool {
        let at = self.place(0, row, j);
        let state: Vec<f32> =
            (0..self.state.len()).map(|variable| self.read(variable, at, steps)).collect();
        self.model.holds(&rewire.remove, &state, &Reads::default())
    }

    /// 9.5: gives a new synapse its state.
    fn create(&mut self, rewire: &Rewire, row: u32, j: u32, steps: u32) {
        let at = self.place(0, row, j);
        for (variable, given) in rewire.create.iter().enumerate() {
            self.state[variable][at] = match given {
                Some(value) => flush(round_host(*value)),
                None => self.begins[variable][at],
            };
        }
        self.last[at] = steps;
    }
}
