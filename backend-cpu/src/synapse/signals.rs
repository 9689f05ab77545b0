//! The signals of the whole network, as each shard keeps them: every shard sees all spikes, so
//! every one comes to the same values (`docs/semantics.md` 8.15).

use super::format::table::Due;
use isospike_core::plan::Plan;
use isospike_core::plan::signal::SignalPlan;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    copies: usize,
    all: Vec<Signal>,
}

#[derive(Clone, Debug)]
struct Signal {
    plan: SignalPlan,
    /// The value of each copy after the last step.
    values: Vec<f32>,
    /// How many spikes were emitted in a step and are still to be added, for slot `step mod slots`
    /// and copy. The slots are a power of two above the delay; none where no spikes are added.
    coming: Vec<u32>,
}

impl Signals {
    /// Makes the signals of a plan before step 0.
    pub fn new(plan: &Plan) -> Self {
        let copies = plan.batch as usize;
        let signal = |signal: &SignalPlan| {
            let slots = signal.spikes.map_or(0, |s| (s.delay_steps + 1).next_power_of_two());
            let (values, coming) = (vec![0.0; copies], vec![0; slots as usize * copies]);
            Signal { plan: signal.clone(), values, coming }
        };
        Self { copies, all: plan.signals.iter().map(signal).collect() }
    }

    /// Counts spikes that were exchanged. Exchanges are no farther apart than the least delay, so
    /// every spike is counted before the step in which it is added.
    pub fn receive(&mut self, due: &[Due]) {
        for signal in &mut self.all {
            let Some(spikes) = signal.plan.spikes else { continue };
            for spike in due.iter().filter(|spike| spike.population == spikes.population.0) {
                let at = signal.place(self.copies, spike.step, spike.copy);
                signal.coming[at] += 1;
            }
        }
    }

    /// Changes all signals of a copy at the end of a step.
    pub fn advance(&mut self, step: u32, copy: u32) {
        for signal in &mut self.all {
            let spikes = signal.take(self.copies, step, copy);
            let value = &mut signal.values[copy as usize];
            *value = signal.plan.next(*value, step, spikes);
        }
    }

    /// Takes out the spikes that are added to a copy in a step, whose values are known already.
    pub fn discard(&mut self, step: u32, copy: u32) {
        for signal in &mut self.all {
            signal.take(self.copies, step, copy);
        }
    }

    /// Takes out everything that is on its way.
    pub fn forget(&mut self) {
        self.all.iter_mut().for_each(|signal| signal.coming.fill(0));
    }

    /// The value of a signal in a copy.
    pub fn value(&self, signal: usize, copy: u32) -> f32 {
        self.all[signal].values[copy as usize]
    }

    /// The bits of all values, copy by copy in each signal.
    pub fn words(&self) -> impl Iterator<Item = u32> {
        self.all.iter().flat_map(|signal| &signal.values).map(|value| value.to_bits())
    }

    /// Gives a signal these values, whose bits go copy by copy.
    pub fn set(&mut self, signal: usize, words: &[u32]) {
        let values = self.all[signal].values.iter_mut();
        values.zip(words).for_each(|(value, word)| *value = f32::from_bits(*word));
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let bytes = |signal: &Signal| size_of_val(&*signal.values) + size_of_val(&*signal.coming);
        self.all.iter().map(bytes).sum::<usize>() as u64
    }
}

impl Signal {
    /// Takes the number of spikes that are added in a step.
    fn take(&mut self, copies: usize, step: u32, copy: u32) -> u32 {
        let Some(spikes) = self.plan.spikes else { return 0 };
        // Before the delay has passed this is a slot of a step to come, which has none.
        let at = self.place(copies, step.wrapping_sub(spikes.delay_steps), copy);
        std::mem::take(&mut self.coming[at])
    }

    fn place(&self, copies: usize, step: u32, copy: u32) -> usize {
        let slots = self.coming.len() / copies.max(1);
        (step as usize & (slots - 1)) * copies + copy as usize
    }
}
