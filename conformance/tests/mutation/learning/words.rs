//! Buffers of synapses that learn, whose words are changed between launches.

use super::launches::is;
use crate::tampered::Tamper;
use crate::wrong::bound;
use isospike_core::device::kernels::layout::Layout;
use isospike_core::device::kernels::learn::{Arena, Part, RING};
use isospike_core::device::{Device, Launch};
use isospike_core::oracle::kernel::{BufferId, Machine};
use isospike_core::plan::Plan;
use isospike_core::run::backend::BackendError;
use std::collections::{BTreeMap, BTreeSet};

/// The projections of a plan that learn, and the buffer of the rows of each, in the order in which
/// they are first launched.
#[derive(Clone)]
struct Places {
    arenas: Vec<Arena>,
    rows: Vec<BufferId>,
}

impl Places {
    fn new(plan: &Plan) -> Self {
        let arenas = plan.projections.iter().filter_map(|projection| {
            let synapse = projection.synapse.as_ref()?;
            let mut delays = BTreeSet::new();
            for row in 0..projection.rows.rows() {
                projection.rows.for_each(row, |drawn| {
                    delays.insert(drawn.delay_steps);
                });
            }
            Some(Arena::new(plan, projection, synapse, delays.len() as u32))
        });
        Self { arenas: arenas.collect(), rows: Vec::new() }
    }

    /// The projection of a launch of pre events, and whether it is its first one.
    fn find(&mut self, launch: &Launch<'_, Machine>) -> Option<(Arena, BufferId, bool)> {
        let rows = bound(launch, "learned_rows").filter(|_| is(launch, &["pre_events"]))?;
        let known = self.rows.iter().position(|own| *own == rows);
        let at = known.unwrap_or_else(|| {
            self.rows.push(rows);
            self.rows.len() - 1
        });
        Some((self.arenas[at].clone(), rows, known.is_none()))
    }
}

/// Replaces the factors of decays by powers of that of one step.
#[derive(Clone)]
pub struct Powers {
    places: Places,
    of_state: bool,
}

impl Powers {
    /// Those of traces.
    pub fn new(plan: &Plan) -> Self {
        Self { places: Places::new(plan), of_state: false }
    }

    /// Those of state.
    pub fn of_state(plan: &Plan) -> Self {
        Self { places: Places::new(plan), of_state: true }
    }
}

impl Tamper for Powers {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        let Some((arena, buffer, true)) = self.places.find(launch) else { return Ok(()) };
        let traces = arena.decay_at.iter().flatten().filter(|_| !self.of_state);
        let state = arena.state_decay_at.iter().flatten().filter(|_| self.of_state);
        for tables in traces.chain(state) {
            let mut step = 1.0_f32;
            // The first factor of a table is that of the end of the one before.
            for (number, (place, length)) in tables.iter().enumerate() {
                let mut words = vec![0; *length as usize];
                machine.read(&buffer, place.at.into(), &mut words)?;
                if number == 0 {
                    step = words.get(1).map_or(0.0, |word| f32::from_bits(*word));
                }
                let mut factor = 1.0_f32;
                for word in &mut words {
                    *word = factor.to_bits();
                    factor *= step;
                }
                machine.write(&buffer, place.at.into(), &words)?;
                step = factor;
            }
        }
        Ok(())
    }
}

/// Gives all synapses of a source, delay and target the state of the first of them.
#[derive(Clone)]
pub struct OneOfEach(Places);

impl OneOfEach {
    pub fn new(plan: &Plan) -> Self {
        Self(Places::new(plan))
    }
}

impl Tamper for OneOfEach {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        let Some((arena, rows, _)) = self.0.find(launch) else { return Ok(()) };
        let Some(synapses) = bound(launch, "learned_synapses") else { return Ok(()) };
        let mut words = vec![0; arena.words[Part::Rows as usize] as usize];
        machine.read(&rows, 0, &mut words)?;
        let mut state = vec![0; arena.words[Part::Synapses as usize] as usize];
        machine.read(&synapses, 0, &mut state)?;
        for segment in 0..arena.segments() as usize {
            let starts = arena.starts_at.at as usize + segment;
            let mut first = BTreeMap::new();
            for synapse in words[starts]..words[starts + 1] {
                let target = words[(arena.targets_at.at + synapse) as usize];
                let first = *first.entry(target).or_insert(synapse);
                for copy in 0..arena.copies {
                    for place in &arena.state_at {
                        let of = |synapse| (place.at + copy * arena.synapses + synapse) as usize;
                        state[of(synapse)] = state[of(first)];
                    }
                }
            }
        }
        machine.write(&synapses, 0, &state)
    }
}

/// Puts the present values of signals beside all post events that wait.
#[derive(Clone)]
pub struct NewestSignals {
    places: Places,
    plan: Plan,
    layout: Layout,
}

impl NewestSignals {
    pub fn new(plan: &Plan) -> Self {
        Self { places: Places::new(plan), plan: plan.clone(), layout: Layout::new(plan) }
    }

    /// The index of each signal that the model of an arena reads.
    fn read_by(&self, arena: &Arena) -> Vec<u32> {
        let all = self.plan.projections.iter().filter(|p| p.synapse.is_some());
        let own = all.zip(&self.places.arenas).find(|(_, other)| *other == arena);
        let synapse = own.and_then(|(projection, _)| projection.synapse.as_ref());
        synapse.map_or_else(Vec::new, |synapse| synapse.signals.clone())
    }
}

impl Tamper for NewestSignals {
    fn before(
        &mut self,
        machine: &mut Machine,
        launch: &Launch<'_, Machine>,
    ) -> Result<(), BackendError> {
        let Some((arena, ..)) = self.places.find(launch) else { return Ok(()) };
        let buffers = (bound(launch, "control"), bound(launch, "learned_targets"));
        let (Some(control), Some(targets)) = buffers else { return Ok(()) };
        for (signal, place) in self.read_by(&arena).iter().zip(&arena.signal_ring_at) {
            let Some(place) = place else { continue };
            let mut values = vec![0; arena.copies as usize];
            let at = self.layout.signals[*signal as usize].values;
            machine.read(&control, at.into(), &mut values)?;
            let of_copy = |value: &u32| std::iter::repeat_n(*value, arena.targets as usize);
            let once: Vec<u32> = values.iter().flat_map(of_copy).collect();
            machine.write(&targets, place.at.into(), &once.repeat(RING as usize))?;
        }
        Ok(())
    }
}
