//! A meter whose hardware or driver counts.

use super::{Meter, MeterError, MeterInfo};
use std::time::Duration;

/// A meter that reads microjoules somewhere.
pub(super) struct Counter {
    info: MeterInfo,
    source: Source,
    accumulator: Accumulator,
}

/// The source of a counter.
pub(super) type Source = Box<dyn Fn() -> Result<u64, MeterError> + Send>;

impl Counter {
    /// A counter that wraps at `range_uj`, or never. It decides how often it has to be read.
    pub fn new(info: MeterInfo, range_uj: Option<u64>, source: Source) -> Self {
        let accumulator = Accumulator::new(range_uj);
        let info = MeterInfo { read_every: accumulator.read_every(), ..info };
        Self { info, source, accumulator }
    }
}

impl Meter for Counter {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn start(&mut self, now: Duration) -> Result<(), MeterError> {
        self.accumulator.start(now, (self.source)()?);
        Ok(())
    }

    fn read(&mut self, now: Duration) -> Result<u64, MeterError> {
        let energy_uj = (self.source)()?;
        self.accumulator.read(now, energy_uj)
    }
}

/// The highest power that wrap-around is prepared for, in watts: no single domain comes near it.
const MOST_POWER_W: u64 = 8_000;

/// Energy since the start of a counter that may wrap.
struct Accumulator {
    /// The largest value of a counter that wraps.
    range_uj: Option<u64>,
    last: Option<(Duration, u64)>,
    total_uj: u64,
}

impl Accumulator {
    /// For a counter that wraps at `range_uj`, or never.
    fn new(range_uj: Option<u64>) -> Self {
        Self { range_uj, last: None, total_uj: 0 }
    }

    /// How often the counter has to be read: twice in the time in which it could wrap at 8 kW,
    /// and at least every 10 s.
    fn read_every(&self) -> Duration {
        let half_a_wrap = self.wrap_time().map_or(Duration::MAX, |time| time / 2);
        half_a_wrap.min(Duration::from_secs(10))
    }

    /// Begins at this reading.
    fn start(&mut self, now: Duration, counter_uj: u64) {
        self.last = Some((now, counter_uj));
        self.total_uj = 0;
    }

    /// Takes a reading; gives the microjoules since the start.
    fn read(&mut self, now: Duration, counter_uj: u64) -> Result<u64, MeterError> {
        let Some((then, before_uj)) = self.last else {
            self.start(now, counter_uj);
            return Ok(0);
        };
        let reset = MeterError::Reset { from_uj: before_uj, to_uj: counter_uj };
        let gap = now.saturating_sub(then);
        if self.wrap_time().is_some_and(|time| gap > time) {
            return Err(MeterError::Gap { seconds: gap.as_secs() });
        }
        let delta = match (counter_uj.checked_sub(before_uj), self.range_uj) {
            (Some(delta), _) => delta,
            (None, Some(range)) if before_uj <= range => range - before_uj + counter_uj,
            (None, _) => return Err(reset),
        };
        self.last = Some((now, counter_uj));
        self.total_uj += delta;
        Ok(self.total_uj)
    }

    /// The time in which the counter could wrap once.
    fn wrap_time(&self) -> Option<Duration> {
        self.range_uj.map(|range| Duration::from_micros(range / MOST_POWER_W))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn wrap_around_is_seen_as_often_as_it_happens() {
        let mut counter = Accumulator::new(Some(65_000_000_000));
        counter.start(SECOND, 64_999_999_000);
        assert_eq!(counter.read(SECOND * 2, 500), Ok(1500));
        assert_eq!(counter.read(SECOND * 3, 64_000_000_000), Ok(64_000_001_000));
        assert_eq!(counter.read(SECOND * 4, 0), Ok(65_000_001_000));
        // A new window forgets the old one.
        counter.start(SECOND * 5, 7);
        assert_eq!(counter.read(SECOND * 6, 9), Ok(2));
    }

    #[test]
    fn a_gap_in_which_it_could_have_wrapped_is_an_error() {
        // 65 kJ at 8 kW: 8.125 s.
        let mut counter = Accumulator::new(Some(65_000_000_000));
        assert_eq!(counter.read_every(), Duration::from_micros(8_125_000) / 2);
        counter.start(SECOND, 0);
        assert_eq!(counter.read(SECOND * 9, 1), Ok(1));
        assert_eq!(counter.read(SECOND * 18, 2), Err(MeterError::Gap { seconds: 9 }));
        // Without a range there is nothing to miss.
        let mut counter = Accumulator::new(None);
        assert_eq!(counter.read_every(), SECOND * 10);
        counter.start(SECOND, 0);
        assert_eq!(counter.read(SECOND * 1000, 1), Ok(1));
    }

    #[test]
    fn a_counter_that_does_not_wrap_must_not_run_backwards() {
        let mut counter = Accumulator::new(None);
        counter.start(SECOND, 10);
        let reset = MeterError::Reset { from_uj: 10, to_uj: 9 };
        assert_eq!(counter.read(SECOND * 2, 9), Err(reset));
    }
}
