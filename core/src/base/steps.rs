//! Times as numbers of steps (`docs/semantics.md` 1.10). Every time becomes steps here.

/// The share of a quotient by which rounding may have put it below a half.
const ROUNDING: f64 = 1.0 / (1_u64 << 48) as f64;

/// A time within this many steps of a whole number of steps is whole: `0.3 ms` is 3 steps of
/// `0.1 ms`.
pub const WHOLE: f64 = 1e-5;

/// Returns the step nearest to a time, halves up. A quotient that only the rounding of decimal
/// numbers puts below a half counts as that half: 0.15 / 0.1 is 1.4999999999999998 in f64.
pub fn nearest(time_ms: f64, dt_ms: f64) -> f64 {
    let steps = time_ms / dt_ms;
    libm::floor(steps + (0.5 + libm::fabs(steps) * ROUNDING))
}

/// Returns the number of steps of a time that is a multiple of the step, else nothing.
pub fn exact(time_ms: f64, dt_ms: f64) -> Option<f64> {
    let whole = nearest(time_ms, dt_ms);
    (libm::fabs(time_ms / dt_ms - whole) <= WHOLE).then_some(whole)
}

/// Returns the first step that is not before a time.
pub fn up(time_ms: f64, dt_ms: f64) -> f64 {
    exact(time_ms, dt_ms).unwrap_or_else(|| libm::ceil(time_ms / dt_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every decimal half `n.5 * dt`, written as a person writes it, for steps of one digit.
    #[test]
    fn decimal_halves_go_up() {
        for (dt, unit) in [("0.1", 1), ("0.2", 2), ("0.05", 5), ("0.025", 25), ("0.7", 7)] {
            let places = dt.len() - 1;
            let dt_ms: f64 = dt.parse().unwrap();
            for n in (0..5000_u64).chain((1..4_000_000).step_by(99_991)) {
                // (n + 1/2) * dt has one digit more than dt.
                let digits = (2 * n + 1) * unit * 5;
                let text = format!("{digits:0>width$}", width = places + 1);
                let (whole, rest) = text.split_at(text.len() - places);
                let time_ms: f64 = format!("{whole}.{rest}").parse().unwrap();
                assert_eq!(nearest(time_ms, dt_ms), (n + 1) as f64, "{time_ms} / {dt_ms}");
            }
        }
    }

    #[test]
    fn what_is_below_a_half_goes_down() {
        assert_eq!(nearest(0.1499999, 0.1), 1.0);
        assert_eq!(nearest(0.149999999999, 0.1), 1.0);
        assert_eq!(nearest(0.04, 0.1), 0.0);
        assert_eq!(nearest(0.05, 0.1), 1.0);
        assert_eq!(nearest(100_000.049_999, 0.1), 1_000_000.0);
    }

    #[test]
    fn multiples_are_whole_and_the_rest_goes_up() {
        assert_eq!(
            (exact(0.3, 0.1), exact(0.35, 0.1), exact(0.0, 0.1)),
            (Some(3.0), None, Some(0.0))
        );
        assert_eq!(
            (up(0.3, 0.1), up(0.31, 0.1), up(0.35, 0.1), up(0.0, 0.1)),
            (3.0, 4.0, 4.0, 0.0)
        );
    }
}
