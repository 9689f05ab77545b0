//! The decay of a trace over whole steps, in closed form (`docs/semantics.md` 8.6).

use super::flush;

/// Entries of the first three tables: the steps 0 to 31, the multiples of 32, of 1024.
const ENTRIES: u32 = 32;
/// Steps of an entry of the third table.
const LONG: u32 = ENTRIES * ENTRIES;
/// Steps of an entry of the last table.
const LONGEST: u32 = LONG * LONG;
/// The steps whose products are kept.
const NEAR: u32 = 4096;
/// Entries of the third table.
const LONG_ENTRIES: u32 = LONGEST / LONG;

/// Factors by which a trace decays in so many steps: a product of table entries, each exp(-n dt /
/// tau) in f64, rounded once. The error is at most 2e-7 at any age, while that of repeated
/// multiplication grows with the age.
#[derive(Clone, Debug, PartialEq)]
pub struct Decay {
    /// The factors of 0 to 31 steps.
    ones: [f32; ENTRIES as usize],
    /// The factors of 0 to 31 times 32 steps.
    tens: [f32; ENTRIES as usize],
    /// The factors of 0 to 1023 times 1024 steps, without the zeros at the end.
    long: Vec<f32>,
    /// The factors of multiples of 2^20 steps, without the zeros at the end.
    longest: Vec<f32>,
    /// The products of 0 to 4095 steps: most events are no farther apart.
    near: Vec<f32>,
}

impl Decay {
    /// Makes the tables of a time constant above 0.
    pub fn new(tau_ms: f64, dt_ms: f64) -> Self {
        let entry = |steps: f64| {
            let exact = libm::exp(-(steps * dt_ms) / tau_ms);
            // Below this a factor would leave nothing of any trace.
            if exact < libm::scalbn(1.0, -64) { 0.0 } else { exact as f32 }
        };
        let table = |unit: u32| std::array::from_fn(|n| entry(n as f64 * f64::from(unit)));
        let tail = |unit: u32, count: u32| {
            let entries = (0..count).map(|n| entry(f64::from(n) * f64::from(unit)));
            entries.take_while(|factor| *factor > 0.0).collect()
        };
        let mut decay = Self {
            ones: table(1),
            tens: table(ENTRIES),
            long: tail(LONG, LONG_ENTRIES),
            longest: tail(LONGEST, u32::MAX / LONGEST + 1),
            near: Vec::new(),
        };
        decay.near = (0..NEAR).map(|steps| decay.product(steps)).collect();
        decay
    }

    /// Returns the tables: factors of 0 to 31 steps, of multiples of 32, of 1024 and of 2^20 steps;
    /// what is behind the end of one is 0.
    pub fn tables(&self) -> [&[f32]; 4] {
        [&self.ones, &self.tens, &self.long, &self.longest]
    }

    /// Returns the factors of 0 to 4095 steps; those of the first 1,024 are products of an entry of
    /// each of the first two tables, flushed.
    pub fn near(&self) -> &[f32] {
        &self.near
    }

    /// Returns the factor of so many steps; products below 2^-63 are +0.
    #[inline(always)]
    pub fn factor(&self, steps: u32) -> f32 {
        match self.near.get(steps as usize) {
            Some(factor) => *factor,
            None => self.product(steps),
        }
    }

    /// Multiplies the entries of so many steps.
    fn product(&self, steps: u32) -> f32 {
        let at = |table: &[f32], n: u32| table.get(n as usize).copied().unwrap_or(0.0);
        let mut factor = self.ones[(steps % ENTRIES) as usize];
        if steps >= ENTRIES {
            factor *= self.tens[(steps / ENTRIES % ENTRIES) as usize];
        }
        if steps >= LONG {
            factor *= at(&self.long, steps / LONG % LONG_ENTRIES);
        }
        if steps >= LONGEST {
            factor *= at(&self.longest, steps / LONGEST);
        }
        flush(factor)
    }

    /// Returns a trace so many steps after its last spike.
    #[inline(always)]
    pub fn apply(&self, value: f32, steps: u32) -> f32 {
        flush(value * self.factor(steps))
    }
}

#[cfg(test)]
mod tests;
