//! The rows of `isospike bench`: printed by `--json`, kept in `bench.jsonl`, read by `plot`.

use isospike_benches::{Goals, Peer};
use isospike_core::run::cost::PhaseTime;
use serde::{Deserialize, Serialize};

/// `bench`.
#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    /// The version of isospike.
    pub isospike: &'static str,
    /// One for each workload that ran.
    pub rows: Vec<BenchRow>,
    /// Files written.
    pub files: Vec<String>,
}

/// One workload on one backend.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BenchRow {
    /// The version of isospike.
    pub isospike: String,
    /// The commit that the program was built from; `+` where files had changed since.
    pub commit: String,
    /// The machine and the time.
    pub machine: MachineReport,
    /// The workload.
    pub workload: String,
    /// Its model file.
    pub model: String,
    /// Fields replaced in it.
    pub set: Vec<String>,
    /// The selector.
    pub backend: String,
    /// The device.
    pub device: String,
    /// True where the device is software.
    pub software: bool,
    /// Threads of the CPU engine; null on other backends.
    pub threads: Option<usize>,
    /// Neurons in one copy.
    pub neurons: u64,
    /// Synapses in one copy.
    pub synapses: u64,
    /// False where it is the number expected: rows that are drawn at each spike are not counted.
    #[serde(default = "counted")]
    pub synapses_exact: bool,
    /// Simulated time before the measurement.
    pub warm_up_ms: f64,
    /// Simulated time of each measurement.
    pub measured_ms: f64,
    /// How often the network was built and measured.
    pub repetitions: usize,
    /// From the checked network to a simulation that can run.
    pub build_s: SpreadReport,
    /// Wall time of the measured steps over their simulated time.
    pub real_time_factor: SpreadReport,
    /// Spikes of the measured steps.
    pub spikes: u64,
    /// Synaptic events of the measured steps.
    pub synaptic_events: u64,
    /// Neuron updates of the measured steps.
    pub neuron_updates: u64,
    /// Synaptic events per second of wall time, of the fastest repetition.
    pub events_per_s: f64,
    /// Neuron updates per second of wall time, of the fastest repetition.
    pub updates_per_s: f64,
    /// How the backend spent the fastest repetition.
    pub phases: Vec<BenchPhase>,
    /// Nanoseconds of one thread that a synaptic event takes, its spike's emission included; null
    /// where the backend does not time that.
    pub ns_per_event: Option<f64>,
    /// Nanoseconds of one thread that a neuron update takes, stimuli included; null as above.
    pub ns_per_update: Option<f64>,
    /// Bytes that an event moves.
    pub bytes_per_event: Option<f64>,
    /// Bytes that an update moves.
    pub bytes_per_update: Option<f64>,
    /// Bytes moved per second of wall time, of the fastest repetition, in 1e9.
    pub moved_gb_per_s: Option<f64>,
    /// The least time that moving them takes; null where the bandwidth is not known.
    pub limit: Option<LimitReport>,
    /// That time over the time taken.
    pub share_of_limit: Option<f64>,
    /// Memory held by the simulation.
    pub memory_bytes: u64,
    /// Memory of the process at its peak; null where the system does not say.
    pub peak_bytes: Option<u64>,
    /// Bytes of the stored synapses over their number; null on other backends.
    pub bytes_per_synapse: Option<f64>,
    /// How far rates may be from the reference, as a share of it.
    pub rates_within: f64,
    /// The same beside one busy process; null where the number of threads is given, on other
    /// backends, with `--idle`, and absent from rows of earlier versions.
    #[serde(default)]
    pub beside_busy: Option<BesideReport>,
    /// Whether all rates are that near; null where there is no reference.
    pub rates_agree: Option<bool>,
    /// One for each population, of the measured steps.
    pub rates: Vec<RateReport>,
    /// SHA-256 of spikes and final state, the same in all repetitions.
    pub digest: String,
    /// The limit that should be held.
    pub bar: Goals,
    /// Whether it is, by medians.
    pub bar_reached: Option<bool>,
    /// The goal.
    pub aim: Goals,
    /// Whether it is there.
    pub aim_reached: Option<bool>,
    /// The best of other simulators.
    pub peer: Option<Peer>,
    /// Further notes.
    pub notes: Vec<String>,
}

/// A workload beside one busy process. Factors are wall time over simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BesideReport {
    /// With as many threads as the engine finds to pay.
    pub real_time_factor: SpreadReport,
    /// With one thread less than cores, on the machine as it is.
    pub one_thread_less: SpreadReport,
    /// With as many threads as cores, on the machine as it is.
    pub all_threads: SpreadReport,
    /// The better of the median with one thread less and twice that with all threads.
    pub ideal: f64,
    /// The median over the ideal.
    pub over_ideal: f64,
    /// The most that should be.
    pub bar: f64,
    /// Whether it is not more.
    pub bar_reached: bool,
}

/// The machine during a workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MachineReport {
    /// When the workload ended, in UTC.
    pub date: String,
    /// The processor.
    pub processor: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// Mean number of runnable threads over the last minute, our own included; null where the
    /// system does not say.
    pub load_average: Option<f64>,
    /// Its memory beyond the caches.
    pub memory: MemoryReport,
}

/// STREAM's loops.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemoryReport {
    /// Threads that ran them.
    pub threads: usize,
    /// Bytes of each array.
    pub array_bytes: u64,
    /// `sum += a[i]`, in 1e9 bytes per second.
    pub read_gb_per_s: f64,
    /// `b[i] = a[i]`.
    pub copy_gb_per_s: f64,
    /// `c[i] = a[i] + s * b[i]`.
    pub triad_gb_per_s: f64,
}

/// The least and the median of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpreadReport {
    /// The least.
    pub min: f64,
    /// The middle one, or the mean of the middle two.
    pub median: f64,
}

impl SpreadReport {
    /// Sums up at least one figure.
    pub fn new(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        let (low, high) = (all.get((all.len().max(1) - 1) / 2), all.get(all.len() / 2));
        let median = low.zip(high).map_or(0.0, |(low, high)| (low + high) / 2.0);
        Self { min: all.first().copied().unwrap_or(0.0), median }
    }

    /// Both changed alike.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { min: f(self.min), median: f(self.median) }
    }
}

/// Time of a phase for a simulated second, added over threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchPhase {
    /// `deliver`, `update`, `emit`, `wait`; on devices `write`, `submit`, `read`.
    pub phase: String,
    /// Seconds for a simulated second.
    pub s_per_s: f64,
}

impl BenchPhase {
    /// The row of a run of so many simulated seconds.
    pub fn new(spent: &PhaseTime, simulated_s: f64) -> Self {
        let s_per_s = spent.time.as_secs_f64() / simulated_s;
        Self { phase: spent.phase.name().to_owned(), s_per_s }
    }
}

/// How fast the machine moves arrays of the size of the network's, and the time that follows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitReport {
    /// Synapses, read, in 1e9 bytes per second; 0 where nothing reads them.
    pub synapses_gb_per_s: f64,
    /// Accumulators, changed in place.
    pub accumulators_gb_per_s: f64,
    /// State, changed in place.
    pub states_gb_per_s: f64,
    /// The time of moving all bytes of a simulated second, one after another.
    pub real_time_factor: f64,
}

/// Rows of files that do not say were written when all synapses were counted.
fn counted() -> bool {
    true
}

/// A population's rate beside the one of its model file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateReport {
    /// The population.
    pub population: String,
    /// Spikes per neuron and second of the measured steps.
    pub rate_hz: Option<f64>,
    /// The one of the model file.
    pub reference_rate_hz: Option<f64>,
    /// Whether they are near; null where one is missing.
    pub agrees: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        let median = |all: &[f64]| SpreadReport::new(all.to_vec()).median;
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(SpreadReport::new(vec![7.0]), SpreadReport { min: 7.0, median: 7.0 });
        assert_eq!(SpreadReport::new(vec![3.0, 1.0]).map(|x| 2.0 * x).min, 2.0);
    }
}
