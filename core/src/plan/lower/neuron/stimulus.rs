//! Stimuli as part of the program: Poisson events join the accumulators, currents become `i_ext`.

use super::emit::Emitter;
use crate::base::numeric;
use crate::base::random;
use crate::describe::checked::{Checked, PerNeuron, Series, Stimulus, StimulusKind};
use crate::ir::{Input, Op, Val};
use crate::plan::SeriesPlan;
use crate::plan::lower::quantise::quantise;
use std::ops::Range;
use std::sync::Arc;

/// 2.2: the streams of each stimulus, in order. Populations come first; a Poisson stimulus takes
/// one stream for each of its tables, noise one, the others none.
pub fn streams(network: &Checked) -> Vec<Range<u32>> {
    let count = |stimulus: &Stimulus| match stimulus.kind {
        StimulusKind::Poisson { events_per_step, .. } => {
            random::poisson_table_count(events_per_step) as u32
        }
        StimulusKind::Noise { .. } => 1,
        StimulusKind::Direct(_) | StimulusKind::Steps(_) | StimulusKind::External => 0,
    };
    let mut next = network.populations.len() as u32;
    let mut take = |stimulus| {
        let first = next;
        next += count(stimulus);
        first..next
    };
    network.stimuli.iter().map(&mut take).collect()
}

/// A current: a host value, or one of the step.
enum Current {
    Host(PerNeuron),
    Device(Val),
}

impl Emitter<'_> {
    /// 4.4 and 5.2: the input of each receptor, its accumulator with the Poisson events.
    pub(super) fn inputs(&mut self, exponents: &[i32]) {
        for (receptor, &exponent) in exponents.iter().enumerate() {
            let mut sum = self.builder.input(Input::Receptor(receptor as u32));
            for index in 0..self.network.stimuli.len() {
                let stimulus = &self.network.stimuli[index];
                if stimulus.population != self.population {
                    continue;
                }
                if let StimulusKind::Poisson { receptor: to, events_per_step, weight, rates } =
                    &stimulus.kind
                    && *to as usize == receptor
                {
                    let weight = quantise(*weight, exponent);
                    let tables = random::poisson_tables(*events_per_step);
                    let word = |rate: &f64| random::keep_word(*rate, *events_per_step);
                    let keep = rates.as_ref().map(|rates| {
                        let words = rates.values.iter().map(word).collect();
                        self.add_series(rates, words)
                    });
                    sum = self.poisson(sum, index, weight, tables, keep);
                }
            }
            let float = self.builder.emit(Op::IToF(sum));
            let unit = self.builder.f32(libm::ldexp(1.0, -exponent) as f32);
            let input = self.builder.fmul(float, unit);
            self.inputs.push(input);
        }
    }

    /// `sum` and the events of every table, times the weight, while the stimulus is on.
    fn poisson(
        &mut self,
        sum: Val,
        index: usize,
        weight: i32,
        tables: Vec<random::PoissonTable>,
        keep: Option<u32>,
    ) -> Val {
        let (stimulus, first_stream) = (&self.network.stimuli[index], self.streams[index].start);
        let mut sum = sum;
        for (i, table) in tables.into_iter().enumerate() {
            let known = self.poisson.iter().position(|other| *other == table);
            let index = known.unwrap_or_else(|| {
                self.poisson.push(table);
                self.poisson.len() - 1
            });
            let stream = first_stream + i as u32;
            let events = self.builder.input(Input::Poisson { table: index as u32, stream, keep });
            let mut events = self.builder.emit(Op::UToI(events));
            if let Some(on) = self.window(stimulus) {
                let none = self.builder.i32(0);
                events = self.builder.select(on, events, none);
            }
            let weight = self.builder.i32(weight);
            let product = self.builder.emit(Op::IMul(events, weight));
            sum = self.builder.emit(Op::IAdd(sum, product));
        }
        sum
    }

    /// 5.2: `i_ext`, the currents summed in order of the file. Returns it where it is a host value,
    /// which is folded with the expressions that use it.
    pub(super) fn current(&mut self) -> Option<PerNeuron> {
        let mut sum: Option<Current> = None;
        for index in 0..self.network.stimuli.len() {
            let stimulus = &self.network.stimuli[index];
            if stimulus.population != self.population {
                continue;
            }
            let Some(term) = self.current_of(stimulus, index) else { continue };
            sum = Some(match (sum, term) {
                (None, term) => term,
                (Some(Current::Host(a)), Current::Host(b)) => {
                    Current::Host(PerNeuron::map(&[&a, &b], |x| x[0] + x[1]))
                }
                (Some(a), b) => {
                    let (a, b) = (self.device(a), self.device(b));
                    Current::Device(self.builder.fadd(a, b))
                }
            });
        }
        match sum {
            None => Some(PerNeuron::All(0.0)),
            Some(Current::Host(host)) => Some(host),
            Some(Current::Device(val)) => {
                self.current = Some(val);
                None
            }
        }
    }

    fn device(&mut self, current: Current) -> Val {
        match current {
            Current::Host(host) => self.host(&host),
            Current::Device(val) => val,
        }
    }

    fn current_of(&mut self, stimulus: &Stimulus, index: usize) -> Option<Current> {
        let always = stimulus.start_step == 0 && stimulus.stop_step == u32::MAX;
        let value = match &stimulus.kind {
            StimulusKind::Poisson { .. } => return None,
            StimulusKind::Direct(amplitude) if always => {
                return Some(Current::Host(amplitude.clone()));
            }
            StimulusKind::Direct(amplitude) => self.host(amplitude),
            StimulusKind::Noise { mean, sd } => {
                let stream = self.streams[index].start;
                let normal = self.normal(stream, 0);
                let (mean, sd) =
                    (self.host(&PerNeuron::All(*mean)), self.host(&PerNeuron::All(*sd)));
                let noise = self.builder.fmul(sd, normal);
                self.builder.fadd(mean, noise)
            }
            StimulusKind::Steps(series) => {
                let words = series.values.iter().map(|x| numeric::round_host(*x).to_bits());
                let number = self.add_series(series, words.collect());
                let word = self.builder.input(Input::Series(number));
                self.builder.emit(Op::BitsToF(word))
            }
            StimulusKind::External => self.external(index),
        };
        let Some(on) = self.window(stimulus) else { return Some(Current::Device(value)) };
        let zero = self.builder.f32(0.0);
        Some(Current::Device(self.builder.select(on, value, zero)))
    }

    /// The current from outside of the stimulus with this index.
    fn external(&mut self, index: usize) -> Val {
        let before = self.network.stimuli[..index].iter();
        let before = before.filter(|other| matches!(other.kind, StimulusKind::External)).count();
        self.external.push(before as u32);
        self.builder.input(Input::External(self.external.len() as u32 - 1))
    }

    /// The number of a series with the words of all its rows.
    fn add_series(&mut self, series: &Series, words: Arc<[u32]>) -> u32 {
        let Series { rows, width, values: _ } = series;
        self.series.push(SeriesPlan { rows: rows.clone(), width: *width, words });
        self.series.len() as u32 - 1
    }

    /// Whether the stimulus is on now; `None`: always.
    fn window(&mut self, stimulus: &Stimulus) -> Option<Val> {
        let now = self.builder.input(Input::Step);
        let mut on = None;
        if stimulus.start_step > 0 {
            let start = self.builder.u32(stimulus.start_step);
            let early = self.builder.emit(Op::ULt(now, start));
            on = Some(self.builder.emit(Op::Not(early)));
        }
        if stimulus.stop_step < u32::MAX {
            let stop = self.builder.u32(stimulus.stop_step);
            let early = self.builder.emit(Op::ULt(now, stop));
            on = Some(match on {
                Some(on) => self.builder.emit(Op::And(on, early)),
                None => early,
            });
        }
        on
    }
}
