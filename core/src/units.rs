//! Units and dimensions. Base units: ms, mV, pA; so nS, pF, GOhm and 1/ms follow.

/// Exponents of (time, voltage, current). All zero: a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Dimension {
    /// Exponent of time.
    pub time: i8,
    /// Exponent of voltage.
    pub voltage: i8,
    /// Exponent of current.
    pub current: i8,
}
