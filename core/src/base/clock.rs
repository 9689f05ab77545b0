//! Times of steps (`docs/semantics.md` 5.9).

/// The times of a run whose steps have one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    dt_ms: f64,
    /// `dt_ms` as an integer over a power of ten, where 15 digits hold it.
    decimal: Option<(u64, f64)>,
}

impl Clock {
    /// Returns the clock of a time step.
    pub fn new(dt_ms: f64) -> Self {
        const MOST: f64 = 1e15;
        let mut denominator = 1.0;
        let mut decimal = None;
        while denominator <= MOST && decimal.is_none() {
            let numerator = (dt_ms * denominator).round();
            if (1.0..=MOST).contains(&numerator) && numerator / denominator == dt_ms {
                decimal = Some((numerator as u64, denominator));
            }
            // Powers of ten up to 10^22 are exact.
            denominator *= 10.0;
        }
        Self { dt_ms, decimal }
    }

    /// Returns the time that so many steps take. A time step that is a decimal fraction gives the
    /// float nearest to the product: three steps of 0.1 ms are 0.3 ms, not 0.30000000000000004 ms.
    pub fn after_ms(&self, steps: u64) -> f64 {
        // Integers up to 2^53 are floats, so the one rounding is that of the quotient.
        let exact = |numerator: u64| numerator.checked_mul(steps).filter(|n| *n <= 1 << 53);
        let product = self.decimal.and_then(|(n, denominator)| Some((exact(n)?, denominator)));
        match product {
            Some((numerator, denominator)) => numerator as f64 / denominator,
            None => steps as f64 * self.dt_ms,
        }
    }

    /// Returns the time of a spike or sample of step `step`: that of its end, (step + 1) dt.
    pub fn of_step_ms(&self, step: u32) -> f64 {
        self.after_ms(u64::from(step) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_floats_nearest_to_the_decimals() {
        for (dt, text) in [(0.1, "0.1"), (0.2, "0.2"), (0.025, "0.025"), (1.0, "1"), (0.07, "0.07")]
        {
            let clock = Clock::new(dt);
            let parts = text.split_once('.').unwrap_or((text, ""));
            let digits: u64 = format!("{}{}", parts.0, parts.1).parse().unwrap();
            for steps in [0, 1, 2, 3, 6, 7, 12, 29, 999, 100_003, u64::from(u32::MAX)] {
                let nearest = format!("{}e-{}", digits * steps, parts.1.len()).parse().unwrap();
                assert_eq!(clock.after_ms(steps), nearest, "{steps} steps of {text}");
            }
        }
        assert_eq!(Clock::new(0.1).of_step_ms(2), 0.3);
        assert_eq!(Clock::new(0.1).of_step_ms(u32::MAX - 1), 429_496_729.5);
    }

    #[test]
    fn a_time_step_without_a_short_decimal_is_multiplied() {
        let clock = Clock::new(1.0 / 3.0);
        assert_eq!(clock.after_ms(3), 1.0);
        assert_eq!(clock.after_ms(10), 10.0 * (1.0 / 3.0));
        // Products beyond 2^53 are those of floats.
        let fine = Clock::new(0.123456789012345);
        assert_eq!(fine.after_ms(1_000_000), 1_000_000.0 * 0.123456789012345);
    }
}
