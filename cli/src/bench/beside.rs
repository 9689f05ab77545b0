//! The same workload beside one busy process.

use super::busy::Busy;
use super::measure::{Repetition, Site, measure};
use crate::failure::Failure;
use crate::report::{BesideReport, SpreadReport};
use isospike_core::base::cores::cores;
use isospike_core::describe::checked::Checked;
use isospike_core::run::backend::BackendError;
use isospike_session::{Kind, Selector};
use std::sync::Arc;
use std::time::Duration;

/// How much longer a workload may take than what fixed threads would ideally take.
const BAR: f64 = 1.3;

/// The measurement for it: nothing where the number of threads is given, or on other backends.
pub struct Beside {
    /// All threads but one, and all, on the machine as it is.
    fixed: Option<[Site; 2]>,
    /// Times of those, and of the engine's own choice beside a busy process.
    times: [Vec<Duration>; 3],
}

impl Beside {
    /// For a selector; nothing is measured where it is not `wanted`.
    pub fn open(selector: &Selector, wanted: bool) -> Result<Self, BackendError> {
        let site = |threads: usize| {
            Site::open(&Selector { kind: Kind::Cpu, device: Some(threads.max(1).to_string()) })
        };
        let applies = wanted && selector.kind == Kind::Cpu && selector.device.is_none();
        let fixed = match applies {
            true => Some([site(cores() - 1)?, site(cores())?]),
            false => None,
        };
        Ok(Self { fixed, times: Default::default() })
    }

    /// Measures once more.
    pub fn measure(
        &mut self,
        site: &Site,
        network: &Arc<Checked>,
        label: &str,
    ) -> Result<Vec<Repetition>, Failure> {
        let Some([fewer, all]) = &self.fixed else { return Ok(Vec::new()) };
        let mut found = vec![
            measure(fewer, network, &format!("{label}, one thread less"))?,
            measure(all, network, &format!("{label}, all threads"))?,
        ];
        let failure =
            |error| Failure::backend(label, BackendError::Lost(format!("busy thread: {error}")));
        let busy = Busy::start().map_err(failure)?;
        found.push(measure(site, network, &format!("{label}, beside a busy process"))?);
        drop(busy);
        for (times, found) in self.times.iter_mut().zip(&found) {
            times.push(found.run);
        }
        Ok(found)
    }

    /// The result for a workload of so many simulated seconds; the next workload starts anew.
    pub fn report(&mut self, simulated_s: f64) -> Option<BesideReport> {
        let times = std::mem::take(&mut self.times);
        if times.iter().any(Vec::is_empty) {
            return None;
        }
        let [fewer, all, beside] = times.map(|times| {
            SpreadReport::new(times.iter().map(Duration::as_secs_f64).collect())
                .map(|s| s / simulated_s)
        });
        Some(report(fewer, all, beside, cores()))
    }
}

/// Holds a time beside a busy process against the better of what all cores but one take, and of
/// what all take where one of them gives half of its time away: twice as long.
fn report(
    fewer: SpreadReport,
    all: SpreadReport,
    beside: SpreadReport,
    cores: usize,
) -> BesideReport {
    let halved = 2.0 * all.median;
    let ideal = if cores > 1 { fewer.median.min(halved) } else { halved };
    let over_ideal = beside.median / ideal;
    BesideReport {
        real_time_factor: beside,
        one_thread_less: fewer,
        all_threads: all,
        ideal,
        over_ideal,
        bar: BAR,
        bar_reached: over_ideal <= BAR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ideal_is_the_better_of_two() {
        let all_the_same = |x| SpreadReport { min: x, median: x };
        let of = |fewer, all, beside, cores| {
            let [fewer, all, beside] = [fewer, all, beside].map(all_the_same);
            let found = report(fewer, all, beside, cores);
            (found.ideal, found.over_ideal, found.bar_reached)
        };
        // Two threads gain nothing: one core is free for the only one.
        assert_eq!(of(1.0, 1.0, 1.25, 2), (1.0, 1.25, true));
        // They gain more than a factor of two.
        assert_eq!(of(3.0, 1.0, 3.0, 2), (2.0, 1.5, false));
        // There is no core beside.
        assert_eq!(of(1.0, 1.0, 2.0, 1), (2.0, 1.0, true));
    }
}
