//! The steps between an event and the arrival of what it sends, and between a spike of a target
//! and its post event (`docs/semantics.md` 8.21, 8.25).

use isospike_core::plan::synapse::SynapsePlan;

/// The sums that the synapses of a shard have sent and that have not arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    /// The steps between an event and the arrival; 0 where nothing is kept.
    steps: u32,
    receptors: usize,
    targets: usize,
    copies: usize,
    /// `[step modulo steps][receptor][copy][target]`
    sums: Vec<u32>,
    /// For each copy, the step before which all that arrives has arrived.
    next_step: Vec<u32>,
}

/// The spikes of the targets of a shard that are not back at their synapses.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    /// The steps that a spike takes; 0 where nothing is kept.
    steps: u32,
    /// `[copy][step modulo steps]`: numbers of targets.
    spikes: Vec<Vec<u32>>,
}

impl Sent {
    /// Makes room for so many targets and copies.
    pub fn new(plan: &SynapsePlan, targets: usize, copies: usize) -> Self {
        let (steps, receptors) = (plan.way_steps(), plan.sent.len());
        let sums = vec![0; steps as usize * receptors * copies * targets];
        Self { steps, receptors, targets, copies, sums, next_step: vec![0; copies] }
    }

    /// Adds what arrives in a step and copy to `sums`, in which the targets of each receptor begin
    /// at one of `firsts`. Called again for the same step it does nothing.
    pub fn arrive(&mut self, step: u32, copy: u32, firsts: &[usize], sums: &mut [u32]) {
        if self.steps == 0 || self.next_step[copy as usize] > step {
            return;
        }
        self.next_step[copy as usize] = step.wrapping_add(1);
        for (receptor, first) in firsts.iter().enumerate() {
            let arriving = self.sums_mut(step, receptor, copy);
            for (sum, sent) in sums[*first..].iter_mut().zip(arriving) {
                *sum = sum.wrapping_add(std::mem::take(sent));
            }
        }
    }

    /// The sums that events of a step and copy send to a receptor, by target: they have the
    /// place of those that arrive in this step, and in all steps of the same remainder.
    pub fn sums_mut(&mut self, step: u32, receptor: usize, copy: u32) -> &mut [u32] {
        let slot = (step % self.steps.max(1)) as usize;
        let at = (slot * self.receptors + receptor) * self.copies + copy as usize;
        &mut self.sums[at * self.targets..(at + 1) * self.targets]
    }

    /// Goes to a step, before which all that arrives has arrived.
    pub fn go_to(&mut self, step: u32) {
        self.next_step.fill(step);
    }

    /// Takes over those of the same synapses.
    pub fn copy_from(&mut self, other: &Self) {
        self.sums.copy_from_slice(&other.sums);
        self.next_step.copy_from_slice(&other.next_step);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        size_of_val(&*self.sums) as u64
    }
}

impl Back {
    /// Makes room for so many copies.
    pub fn new(plan: &SynapsePlan, copies: usize) -> Self {
        let steps = plan.back_steps;
        Self { steps, spikes: vec![Vec::new(); steps as usize * copies] }
    }

    /// Whether a spike is back in the step in which it is emitted.
    pub fn is_at_once(&self) -> bool {
        self.steps == 0
    }

    /// Takes the spikes of a step and copy on their way, and gives the targets whose spikes are
    /// back in it. `empty` is the memory of a list that is no longer needed.
    pub fn exchange(
        &mut self,
        step: u32,
        copy: u32,
        spikes: impl Iterator<Item = u32>,
        mut empty: Vec<u32>,
    ) -> Vec<u32> {
        empty.extend(spikes);
        let at = self.at(step, copy);
        std::mem::replace(&mut self.spikes[at], empty)
    }

    /// Adds a spike that was emitted in a step, if it is not back before step `now`.
    pub fn add(&mut self, step: u32, copy: u32, target: u32, now: u32) {
        if self.steps > 0 && u64::from(step) + u64::from(self.steps) >= u64::from(now) {
            let at = self.at(step, copy);
            self.spikes[at].push(target);
        }
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        self.spikes.iter_mut().for_each(Vec::clear);
    }

    /// Takes over those of the same targets.
    pub fn copy_from(&mut self, other: &Self) {
        self.spikes.clone_from(&other.spikes);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let lists = self.spikes.iter().map(|list| list.capacity() * size_of::<u32>());
        lists.sum::<usize>() as u64
    }

    fn at(&self, step: u32, copy: u32) -> usize {
        copy as usize * self.steps as usize + (step % self.steps) as usize
    }
}
