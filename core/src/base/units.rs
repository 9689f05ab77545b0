//! Units and dimensions. Base units: ms, mV, pA; so nS, pF, GOhm and 1/ms follow.

use std::fmt::Write;

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

impl Dimension {
    /// A number without unit.
    pub const NUMBER: Self = Self::new(0, 0, 0);
    /// Base unit ms.
    pub const TIME: Self = Self::new(1, 0, 0);
    /// Base unit mV.
    pub const VOLTAGE: Self = Self::new(0, 1, 0);
    /// Base unit pA.
    pub const CURRENT: Self = Self::new(0, 0, 1);
    /// Base unit nS.
    pub const CONDUCTANCE: Self = Self::new(0, -1, 1);
    /// Base unit pF.
    pub const CAPACITANCE: Self = Self::new(1, -1, 1);
    /// Base unit GOhm.
    pub const RESISTANCE: Self = Self::new(0, 1, -1);
    /// Base unit 1/ms.
    pub const RATE: Self = Self::new(-1, 0, 0);

    /// The dimension with these exponents.
    pub const fn new(time: i8, voltage: i8, current: i8) -> Self {
        Self { time, voltage, current }
    }

    /// Whether it is a plain number.
    pub fn is_number(self) -> bool {
        self == Self::NUMBER
    }

    /// The dimension of a product; `None` where an exponent leaves the range of `i8`.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        self.zip(other, i8::checked_add)
    }

    /// The dimension of a quotient; `None` where an exponent leaves the range of `i8`.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.zip(other, i8::checked_sub)
    }

    /// The dimension of an integer power; `None` where an exponent leaves the range of `i8`.
    pub fn powi(self, n: i32) -> Option<Self> {
        let power = |x: i8| i32::from(x).checked_mul(n).and_then(|x| i8::try_from(x).ok());
        Some(Self::new(power(self.time)?, power(self.voltage)?, power(self.current)?))
    }

    /// The dimension of a square root; `None` where an exponent is odd.
    pub fn sqrt(self) -> Option<Self> {
        let half = |x: i8| (x % 2 == 0).then_some(x / 2);
        Some(Self::new(half(self.time)?, half(self.voltage)?, half(self.current)?))
    }

    /// Whether it has a name of its own, as a voltage has.
    pub fn is_common(self) -> bool {
        self.known().is_some()
    }

    /// Names the dimension for a sentence: `a time`, `a plain number`, `a quantity in mV/ms`.
    pub fn noun(self) -> String {
        match self.known() {
            Some((_, noun, _)) => noun.into(),
            None => format!("a quantity in {}", self.base_unit()),
        }
    }

    /// The noun with an example of how to write one: `a time like "20 ms"`.
    pub fn noun_with_example(self) -> String {
        match self.known() {
            Some((_, noun, "")) => noun.into(),
            Some((_, noun, example)) => format!("{noun} like \"{example}\""),
            None => self.noun(),
        }
    }

    /// The unit that numbers of this dimension are stored in: `mV`, `nS`, `mV/ms`, `1`.
    pub fn base_unit(self) -> String {
        let named = UNITS.iter().find(|unit| unit.dimension == self && unit.power_of_ten == 0);
        if let Some(unit) = named.filter(|_| self != Self::RATE) {
            return unit.name.into();
        }
        let parts = [("mV", self.voltage), ("pA", self.current), ("ms", self.time)];
        let power = |name: &str, n: u8| if n == 1 { name.into() } else { format!("{name}^{n}") };
        let over: Vec<String> =
            parts.iter().filter(|p| p.1 > 0).map(|p| power(p.0, p.1.unsigned_abs())).collect();
        let mut text = if over.is_empty() { "1".into() } else { over.join("*") };
        for (name, n) in parts.iter().filter(|p| p.1 < 0) {
            let _ = write!(text, "/{}", power(name, n.unsigned_abs()));
        }
        text
    }

    fn known(self) -> Option<(Self, &'static str, &'static str)> {
        const KNOWN: [(Dimension, &str, &str); 8] = [
            (Dimension::NUMBER, "a plain number", ""),
            (Dimension::TIME, "a time", "20 ms"),
            (Dimension::VOLTAGE, "a voltage", "-65 mV"),
            (Dimension::CURRENT, "a current", "100 pA"),
            (Dimension::CONDUCTANCE, "a conductance", "10 nS"),
            (Dimension::CAPACITANCE, "a capacitance", "250 pF"),
            (Dimension::RESISTANCE, "a resistance", "100 MOhm"),
            (Dimension::RATE, "a rate", "8 Hz"),
        ];
        KNOWN.into_iter().find(|known| known.0 == self)
    }

    fn zip(self, other: Self, f: fn(i8, i8) -> Option<i8>) -> Option<Self> {
        Some(Self::new(
            f(self.time, other.time)?,
            f(self.voltage, other.voltage)?,
            f(self.current, other.current)?,
        ))
    }
}

/// A unit that quantities may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As written, `mV`.
    pub name: &'static str,
    /// The dimension that it measures.
    pub dimension: Dimension,
    /// One of it is ten to this power of the base unit.
    pub power_of_ten: i8,
}

impl Unit {
    /// The unit of this name. Upper and lower case matter: `mS` is not `MS`.
    pub fn named(name: &str) -> Option<&'static Self> {
        UNITS.iter().find(|unit| unit.name == name)
    }

    /// `value` in base units per one of this unit: `0.1 1/s` is 0.0001 1/ms.
    pub fn from_base(&self, value: f64) -> f64 {
        Self { power_of_ten: -self.power_of_ten, ..*self }.to_base(value)
    }

    /// `value` of this unit in base units, rounded once: powers of ten up to 10^22 are exact, so
    /// `8 Hz` is 8 / 1000 and not 8 * 0.001.
    pub fn to_base(&self, value: f64) -> f64 {
        let factor = 10u64.pow(u32::from(self.power_of_ten.unsigned_abs())) as f64;
        if self.power_of_ten < 0 { value / factor } else { value * factor }
    }
}

/// All units.
pub const UNITS: [Unit; 26] = {
    const fn unit(name: &'static str, dimension: Dimension, power_of_ten: i8) -> Unit {
        Unit { name, dimension, power_of_ten }
    }
    [
        unit("s", Dimension::TIME, 3),
        unit("ms", Dimension::TIME, 0),
        unit("us", Dimension::TIME, -3),
        unit("V", Dimension::VOLTAGE, 3),
        unit("mV", Dimension::VOLTAGE, 0),
        unit("uV", Dimension::VOLTAGE, -3),
        unit("A", Dimension::CURRENT, 12),
        unit("mA", Dimension::CURRENT, 9),
        unit("uA", Dimension::CURRENT, 6),
        unit("nA", Dimension::CURRENT, 3),
        unit("pA", Dimension::CURRENT, 0),
        unit("S", Dimension::CONDUCTANCE, 9),
        unit("mS", Dimension::CONDUCTANCE, 6),
        unit("uS", Dimension::CONDUCTANCE, 3),
        unit("nS", Dimension::CONDUCTANCE, 0),
        unit("pS", Dimension::CONDUCTANCE, -3),
        unit("F", Dimension::CAPACITANCE, 12),
        unit("uF", Dimension::CAPACITANCE, 6),
        unit("nF", Dimension::CAPACITANCE, 3),
        unit("pF", Dimension::CAPACITANCE, 0),
        unit("Ohm", Dimension::RESISTANCE, -9),
        unit("kOhm", Dimension::RESISTANCE, -6),
        unit("MOhm", Dimension::RESISTANCE, -3),
        unit("GOhm", Dimension::RESISTANCE, 0),
        unit("Hz", Dimension::RATE, -3),
        unit("kHz", Dimension::RATE, 0),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_follow_from_the_base() {
        use Dimension as D;
        assert_eq!(D::CURRENT.checked_div(D::VOLTAGE), Some(D::CONDUCTANCE));
        assert_eq!(D::CONDUCTANCE.checked_mul(D::TIME), Some(D::CAPACITANCE));
        assert_eq!(D::VOLTAGE.checked_div(D::CURRENT), Some(D::RESISTANCE));
        assert_eq!(D::TIME.powi(-1), Some(D::RATE));
        assert_eq!(D::TIME.powi(2).unwrap().sqrt(), Some(D::TIME));
        assert_eq!(D::TIME.sqrt(), None);
        assert_eq!(D::TIME.powi(128), None);
        assert_eq!(D::new(127, 0, 0).checked_mul(D::TIME), None);
        assert_eq!(D::new(-128, 0, 0).checked_div(D::TIME), None);
    }

    #[test]
    fn dimensions_have_names() {
        assert_eq!(Dimension::TIME.noun_with_example(), "a time like \"20 ms\"");
        assert_eq!(Dimension::NUMBER.noun_with_example(), "a plain number");
        assert_eq!(Dimension::new(-1, 1, 0).noun_with_example(), "a quantity in mV/ms");
        for (dimension, unit) in [
            (Dimension::NUMBER, "1"),
            (Dimension::CAPACITANCE, "pF"),
            (Dimension::RATE, "1/ms"),
            (Dimension::new(2, 1, 0), "mV*ms^2"),
            (Dimension::new(-2, 0, -1), "1/pA/ms^2"),
        ] {
            assert_eq!(dimension.base_unit(), unit);
        }
    }

    #[test]
    fn units_convert_by_exact_powers_of_ten() {
        for (name, value, base) in [
            ("ms", 0.1, 0.1),
            ("Hz", 8.0, 8.0 / 1000.0),
            ("us", 100.0, 0.1),
            ("s", 0.3, 300.0),
            ("kHz", 1.5, 1.5),
            ("nA", 0.1, 100.0),
            ("A", 1.0, 1e12),
            ("uS", 20.0, 20_000.0),
            ("nF", 0.25, 250.0),
            ("MOhm", 100.0, 0.1),
            ("Ohm", 1.0, 1e-9),
        ] {
            assert_eq!(Unit::named(name).unwrap().to_base(value), base, "{value} {name}");
        }
        assert_eq!(Unit::named("MS"), None);
    }
}
