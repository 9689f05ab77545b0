//! Round numbers for axes.

/// About `count` round positions in [from, to].
pub fn ticks(from: f64, to: f64, count: u32) -> Vec<f64> {
    let span = to - from;
    if span <= 0.0 || !span.is_finite() {
        return vec![from];
    }
    let step = round_step(span / f64::from(count.max(1)));
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// The least fairly round number that is not below `x`: the end of an axis.
pub fn round_up(x: f64) -> f64 {
    let factors = &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    if x > 0.0 && x.is_finite() { round_to(x, factors) } else { 1.0 }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `x`.
pub fn round_step(x: f64) -> f64 {
    round_to(x, &[1.0, 2.0, 5.0, 10.0])
}

/// The least of these factors times a power of ten that is not below `x > 0`.
fn round_to(x: f64, factors: &[f64]) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    let mut power = 1.0;
    while power > x {
        power /= 10.0;
    }
    while power * 10.0 <= x {
        power *= 10.0;
    }
    factors.iter().map(|factor| factor * power).find(|step| *step >= x * (1.0 - 1e-9)).unwrap_or(x)
}

/// About `count` round whole numbers from 0 to `last`.
pub fn whole_ticks(last: u32, count: u32) -> Vec<u32> {
    let step = round_step(f64::from(last) / f64::from(count.max(1))).max(1.0);
    (0..=last).step_by(step as usize).collect()
}

/// A number without digits that say nothing: `0.5`, `20`, `1e-9`.
pub fn label(x: f64) -> String {
    if x != 0.0 && !(1e-4..1e7).contains(&x.abs()) {
        let text = format!("{x:.3e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    let text = format!("{x:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 1000.0, 5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(ticks(130.0, 290.0, 4), [150.0, 200.0, 250.0]);
        assert_eq!(ticks(1.0, 1.0, 4), [1.0]);
    }

    #[test]
    fn whole_ticks_begin_at_0() {
        assert_eq!(whole_ticks(0, 5), [0]);
        assert_eq!(whole_ticks(3, 5), [0, 1, 2, 3]);
        assert_eq!(whole_ticks(3199, 4), [0, 1000, 2000, 3000]);
        assert_eq!(whole_ticks(u32::MAX, 1), [0]);
    }

    #[test]
    fn round_numbers_do_not_cut() {
        for (x, up) in [(5.6, 6.0), (4.9, 5.0), (0.02, 0.02), (121.0, 150.0), (0.0, 1.0)] {
            assert!((round_up(x) - up).abs() < 1e-9 * up, "{x}: {}", round_up(x));
        }
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(label(0.5), "0.5");
        assert_eq!(label(200.0), "200");
        assert_eq!(label(-0.0), "0");
        assert_eq!(label(0.1 + 0.2), "0.3");
        assert_eq!((label(1.5e-9), label(-2e7)), ("1.5e-9".into(), "-2e7".into()));
    }
}
