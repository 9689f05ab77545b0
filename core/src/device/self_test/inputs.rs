//! The inputs of the self-test: columns of 65,533 words, the same on every machine.

use std::sync::OnceLock;

/// Words of a column: no multiple of a group, because compilers have other code for a last group in
/// which not all threads have work.
pub const INPUTS: usize = (1 << 16) - 3;
/// The number of columns.
const COLUMNS: usize = 8;

/// A kind of operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Any word: one of three.
    Word(u8),
    /// A float with a magnitude in [2^-40, 2^40), every exponent as likely: one of three.
    Wide(u8),
    /// A float in (-128, 128), every exponent from 2^-20 on as likely.
    Near,
    /// A float with any magnitude but infinity, subnormals too.
    Any,
}

impl Column {
    /// Returns the beginning of its words.
    pub fn start(self) -> usize {
        let column = match self {
            Self::Word(n) => usize::from(n),
            Self::Wide(n) => 3 + usize::from(n),
            Self::Near => 6,
            Self::Any => 7,
        };
        column * INPUTS
    }
}

/// All columns, one after the other.
#[derive(Debug)]
pub struct Inputs {
    /// The words.
    pub words: Vec<u32>,
}

impl Inputs {
    /// Returns the inputs, made once in a process.
    pub fn shared() -> &'static Self {
        static INPUTS_ONCE: OnceLock<Inputs> = OnceLock::new();
        INPUTS_ONCE.get_or_init(|| {
            let mut words = vec![0; COLUMNS * INPUTS];
            let mut fill = |column: Column, of: fn(u32) -> u32| {
                let start = column.start();
                for (i, word) in words[start..start + INPUTS].iter_mut().enumerate() {
                    *word = of(mix((start + i) as u32));
                }
            };
            for n in 0..3 {
                fill(Column::Word(n), |w| w);
                fill(Column::Wide(n), |w| with_exponent(w, 127 - 40, 80));
            }
            fill(Column::Near, |w| with_exponent(w, 127 - 20, 27));
            fill(Column::Any, |w| with_exponent(w, 0, 255));
            edges(&mut words);
            Inputs { words }
        })
    }
}

/// Returns a word with its sign and mantissa, and an exponent field in `first..first + count`.
fn with_exponent(word: u32, first: u32, count: u32) -> u32 {
    // The exponent must not be made of bits that the mantissa keeps.
    let exponent = first + ((u64::from(mix(word)) * u64::from(count)) >> 32) as u32;
    (word & 0x807f_ffff) | (exponent << 23)
}

/// Writes values around which a function changes over the first ones of some columns.
fn edges(words: &mut [u32]) {
    let integers = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0100_0001, 0x00ff_ffff];
    for n in 0..3 {
        let start = Column::Word(n).start();
        // Columns are shifted against each other, so that pairs differ, too.
        for i in 0..49 {
            words[start + i] = integers[(i / 7usize.pow(u32::from(n) % 2)) % 7];
        }
    }
    let floats = [0.0f32, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 88.0, -87.0, 127.99999, 1e-6];
    let start = Column::Near.start();
    for (i, x) in floats.iter().enumerate() {
        words[start + i] = x.to_bits();
    }
    // Neighbours of the least normal number and of the least number that is stored unflushed.
    let bits = [0x0080_0000, 0x007f_ffff, 0x2000_0000, 0x1fff_ffff, 0, 0x8000_0000, 0x7f7f_ffff];
    words[Column::Any.start()..][..bits.len()].copy_from_slice(&bits);
}

/// Returns the image of a word under a permutation without pattern (the finaliser of MurmurHash3).
fn mix(word: u32) -> u32 {
    let mut h = word.wrapping_add(0x9e37_79b9);
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(column: Column) -> impl Iterator<Item = f32> {
        let words = &Inputs::shared().words[column.start()..][..INPUTS];
        words.iter().map(|w| f32::from_bits(*w))
    }

    #[test]
    fn columns_hold_what_they_say() {
        for n in 0..3 {
            assert!(floats(Column::Wide(n)).all(|x| x.abs() >= 2f32.powi(-40)));
            assert!(floats(Column::Wide(n)).all(|x| x.abs() < 2f32.powi(40)));
        }
        assert!(floats(Column::Near).all(|x| x.abs() < 128.0));
        assert!(floats(Column::Near).any(|x| x.abs() > 100.0));
        assert!(floats(Column::Near).any(|x| x < 0.0));
        assert!(floats(Column::Any).all(f32::is_finite));
        assert!(floats(Column::Any).filter(|x| x.is_subnormal()).count() > 100);
    }

    #[test]
    fn columns_differ() {
        let words = &Inputs::shared().words;
        let tail = |c: Column| &words[c.start() + 64..c.start() + INPUTS];
        assert_ne!(tail(Column::Word(0)), tail(Column::Word(1)));
        assert_ne!(tail(Column::Wide(1)), tail(Column::Wide(2)));
    }
}
