//! Error bounds, stated with their reasons.

/// How far we may be from the truth.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The model.
    pub model: &'static str,
    /// The quantity that is compared, with its unit.
    pub what: &'static str,
    /// The bound; an error that doubles breaks it.
    pub bound: f64,
    /// Why there is an error at all.
    pub reason: &'static str,
}

impl Bound {
    /// Prints the row of `docs/models.md` and fails where the error is above the bound, or so far
    /// below that twice as much would not be noticed.
    pub fn hold(&self, error: f64) {
        let Self { model, what, bound, reason } = self;
        println!("| `{model}` | {what} | {bound:.1e} | {error:.2e} | {reason} |");
        assert!(error <= *bound, "{model}, {what}: the error is {error:e}, the bound {bound:e}");
        let twice = 2.0 * error;
        assert!(twice > *bound, "{model}, {what}: a bound of {bound:e} is loose for {error:e}");
    }

    /// Whether this error breaks the bound.
    pub fn is_broken_by(&self, error: f64) -> bool {
        error > self.bound
    }
}

/// The largest distance between two rows of numbers, which must be equally long.
pub fn largest(ours: &[f64], truth: &[f64]) -> f64 {
    assert_eq!(ours.len(), truth.len());
    ours.iter().zip(truth).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
