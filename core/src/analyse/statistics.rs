//! Statistics of populations after the transient: rates, irregularity and correlation of their
//! spikes (`docs/semantics.md` 6), as means for reports and value by value for distributions.

use crate::analyse::train::SpikeTrain;
use crate::base::steps;

/// The bins in which spikes are counted for correlations; rounded to steps, at least one.
pub const BIN_MS: f64 = 2.0;

/// Correlations are those between this many neurons of a population, evenly spaced.
pub const CORRELATED_NEURONS: u32 = 250;

/// The refractoriness constant of the revised local variation.
pub const REFRACTORINESS_MS: f64 = 5.0;

/// A run of fewer mean inter-spike intervals is too short for their variation.
pub const LEAST_INTERVALS: f64 = 10.0;

/// The statistics of one population.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Activity {
    /// Spikes of all copies, the transient included.
    pub spikes: u64,
    /// Spikes per neuron and second after the transient; `None` where no step counts.
    pub rate_hz: Option<f64>,
    /// The mean of [`Spikes::cvs_isi`]; `None` where no neuron has three spikes.
    pub cv_isi: Option<f64>,
    /// The mean of [`Spikes::lvs_revised`]; `None` as above.
    pub lvr: Option<f64>,
    /// The inter-spike intervals that both rest on.
    pub isi_count: u64,
    /// The time that counts over the mean number of spikes of a neuron that spikes at all; `None`
    /// where none does.
    pub isi_mean_ms: Option<f64>,
    /// Whether the time that counts is shorter than [`LEAST_INTERVALS`] of these: long intervals do
    /// not fit into it, which makes `cv_isi` too small.
    pub isi_short: bool,
    /// The mean of [`Spikes::correlations`]; `None` where there is no pair.
    pub correlation: Option<f64>,
}

/// The activity of each population.
pub fn activity(train: &SpikeTrain) -> Vec<Activity> {
    let mut total = vec![0_u64; train.populations.len()];
    for &population in &train.population {
        total[population as usize] += 1;
    }
    let one = |(spikes, total): (Spikes, u64)| Activity {
        spikes: total,
        rate_hz: spikes.rate_hz(),
        cv_isi: mean(&spikes.cvs_isi()),
        lvr: mean(&spikes.lvs_revised()),
        isi_count: spikes.isi_count(),
        isi_mean_ms: spikes.isi_mean_ms(),
        isi_short: spikes
            .isi_mean_ms()
            .is_some_and(|ms| spikes.is_shorter_than(LEAST_INTERVALS * ms)),
        correlation: spikes.correlation(),
    };
    Spikes::of(train).into_iter().zip(total).map(one).collect()
}

/// The mean of some values, `None` where there are none.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The spikes of one population after the transient, neuron by neuron, copy after copy.
#[derive(Clone, Debug)]
pub struct Spikes {
    /// Spikes of neuron `i` are `steps[first[i]..first[i + 1]]`, in order.
    first: Vec<usize>,
    /// Steps since the end of the transient.
    steps: Vec<u32>,
    /// Neurons in one copy.
    size: u32,
    /// Steps that count.
    duration_steps: u32,
    dt_ms: f64,
}

impl Spikes {
    /// Those of each population.
    pub fn of(train: &SpikeTrain) -> Vec<Self> {
        let copies = train.batch.max(1) as usize;
        let empty = |size: u32| Self {
            first: vec![0; size as usize * copies + 1],
            steps: Vec::new(),
            size,
            duration_steps: train.steps.saturating_sub(train.transient_steps),
            dt_ms: train.dt_ms,
        };
        let mut all: Vec<Self> = train.populations.iter().map(|p| empty(p.size)).collect();
        let row =
            |i: usize, size: u32| train.copy[i] as usize * size as usize + train.neuron[i] as usize;
        let counted = || (0..train.len()).filter(|&i| train.step[i] >= train.transient_steps);
        for i in counted() {
            let spikes = &mut all[train.population[i] as usize];
            let neuron = row(i, spikes.size);
            spikes.first[neuron + 1] += 1;
        }
        for spikes in &mut all {
            for neuron in 1..spikes.first.len() {
                spikes.first[neuron] += spikes.first[neuron - 1];
            }
            spikes.steps = vec![0; spikes.first.last().copied().unwrap_or(0)];
        }
        // The next place for a spike of each neuron.
        let mut next: Vec<Vec<usize>> = all.iter().map(|spikes| spikes.first.clone()).collect();
        for i in counted() {
            let population = train.population[i] as usize;
            let place = &mut next[population][row(i, all[population].size)];
            all[population].steps[*place] = train.step[i] - train.transient_steps;
            *place += 1;
        }
        all
    }

    /// Spikes per second of every neuron; none where no step counts.
    pub fn rates_hz(&self) -> Vec<f64> {
        let milliseconds = f64::from(self.duration_steps) * self.dt_ms;
        let rate = |neuron: &[u32]| 1000.0 * neuron.len() as f64 / milliseconds;
        if self.duration_steps > 0 { self.neurons().map(rate).collect() } else { Vec::new() }
    }

    /// The coefficient of variation of the inter-spike intervals of every neuron with at least
    /// three spikes.
    pub fn cvs_isi(&self) -> Vec<f64> {
        let cv = |neuron: &[u32]| {
            let intervals = neuron.windows(2).map(|pair| f64::from(pair[1] - pair[0]));
            let intervals: Vec<f64> = intervals.collect();
            let mean = mean(&intervals)?;
            let square = intervals.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            Some((square / intervals.len() as f64).sqrt() / mean)
        };
        self.irregular().filter_map(cv).collect()
    }

    /// Returns the revised local variation of the inter-spike intervals of every neuron with at
    /// least three spikes (`docs/semantics.md` 6.9).
    pub fn lvs_revised(&self) -> Vec<f64> {
        let one = |spikes: &[u32]| {
            let (first, second) = (spikes[1] - spikes[0], spikes[2] - spikes[1]);
            let (first, second) = (f64::from(first), f64::from(second));
            let sum = first + second;
            let variation = 1.0 - 4.0 * first * second / (sum * sum);
            3.0 * variation * (1.0 + 4.0 * REFRACTORINESS_MS / (sum * self.dt_ms))
        };
        let of = |neuron: &[u32]| mean(&neuron.windows(3).map(one).collect::<Vec<f64>>());
        self.irregular().filter_map(of).collect()
    }

    /// Returns how many inter-spike intervals the measures of irregularity rest on.
    fn isi_count(&self) -> u64 {
        self.irregular().map(|neuron| neuron.len() as u64 - 1).sum()
    }

    fn isi_mean_ms(&self) -> Option<f64> {
        let spiking = self.neurons().filter(|neuron| !neuron.is_empty()).count();
        let milliseconds = f64::from(self.duration_steps) * self.dt_ms;
        (spiking > 0).then(|| milliseconds * spiking as f64 / self.steps.len() as f64)
    }

    fn is_shorter_than(&self, ms: f64) -> bool {
        f64::from(self.duration_steps) * self.dt_ms < ms
    }

    /// The spikes of the neurons with at least two intervals.
    fn irregular(&self) -> impl Iterator<Item = &[u32]> {
        self.neurons().filter(|neuron| neuron.len() >= 3)
    }

    /// The correlation coefficient of the spike counts, in bins of [`BIN_MS`], of every pair among
    /// [`CORRELATED_NEURONS`] neurons of a copy. A neuron whose count never changes has none.
    pub fn correlations(&self) -> Vec<f64> {
        let mut pairs = Vec::new();
        for copy in self.counts() {
            for (i, a) in copy.iter().enumerate() {
                pairs.extend(copy[i + 1..].iter().map(|b| a.correlation(b, self.bins())));
            }
        }
        pairs
    }

    fn rate_hz(&self) -> Option<f64> {
        let seconds = f64::from(self.duration_steps) * self.dt_ms / 1000.0;
        let neurons = (self.first.len() - 1) as f64;
        (seconds > 0.0).then(|| self.steps.len() as f64 / neurons / seconds)
    }

    /// The mean of [`Self::correlations`] without the pairs: the square of a sum of normalised
    /// counts has the pairs as its cross terms.
    fn correlation(&self) -> Option<f64> {
        let (mut cross, mut pairs) = (0.0, 0.0);
        for copy in self.counts() {
            let mut sum = vec![0.0; self.bins() as usize];
            let mut below = 0.0;
            for counts in &copy {
                below += counts.mean / counts.deviation;
                for &(bin, count) in &counts.bins {
                    sum[bin as usize] += count / counts.deviation;
                }
            }
            let n = copy.len() as f64;
            let square = sum.iter().map(|x| (x - below) * (x - below)).sum::<f64>();
            cross += square / f64::from(self.bins()) - n;
            pairs += n * (n - 1.0);
        }
        (pairs > 0.0).then(|| cross / pairs)
    }

    fn neurons(&self) -> impl Iterator<Item = &[u32]> {
        self.first.windows(2).map(|range| &self.steps[range[0]..range[1]])
    }

    fn bin_steps(&self) -> u32 {
        (steps::nearest(BIN_MS, self.dt_ms) as u32).max(1)
    }

    /// Whole bins only.
    fn bins(&self) -> u32 {
        self.duration_steps / self.bin_steps()
    }

    /// The counts of the chosen neurons of each copy.
    fn counts(&self) -> Vec<Vec<Counts>> {
        let neurons: Vec<&[u32]> = self.neurons().collect();
        let chosen = CORRELATED_NEURONS.min(self.size);
        let of = |copy: &[&[u32]]| {
            let place = |i: u32| u64::from(i) * u64::from(self.size) / u64::from(chosen);
            let counts = |i| Counts::new(copy[place(i) as usize], self.bin_steps(), self.bins());
            (0..chosen).filter_map(counts).collect()
        };
        neurons.chunks(self.size as usize).map(of).collect()
    }
}

/// The spike counts of one neuron.
struct Counts {
    /// Bins that are not empty, in order, and their counts.
    bins: Vec<(u32, f64)>,
    mean: f64,
    /// Above zero.
    deviation: f64,
}

impl Counts {
    fn new(steps: &[u32], bin_steps: u32, number: u32) -> Option<Self> {
        let mut bins: Vec<(u32, f64)> = Vec::new();
        for bin in steps.iter().map(|step| step / bin_steps).filter(|&bin| bin < number) {
            match bins.last_mut() {
                Some((last, count)) if *last == bin => *count += 1.0,
                _ => bins.push((bin, 1.0)),
            }
        }
        let mean = bins.iter().map(|(_, count)| count).sum::<f64>() / f64::from(number);
        let square = bins.iter().map(|(_, count)| count * count).sum::<f64>() / f64::from(number);
        let deviation = (square - mean * mean).sqrt();
        // NaN where there is no bin.
        (deviation > 0.0).then_some(Self { bins, mean, deviation })
    }

    fn correlation(&self, other: &Self, number: u32) -> f64 {
        let mut both = 0.0;
        let mut rest = other.bins.as_slice();
        for &(bin, count) in &self.bins {
            rest = &rest[rest.partition_point(|(there, _)| *there < bin)..];
            if let Some(&(there, more)) = rest.first()
                && there == bin
            {
                both += count * more;
            }
        }
        (both / f64::from(number) - self.mean * other.mean) / (self.deviation * other.deviation)
    }
}

#[cfg(test)]
mod tests;
