//! Words into SHA-256: what fingerprints are made of.

use sha2::{Digest, Sha256};

/// Takes a value apart into words. Each number has a fixed width, lists and options say how many
/// follow, so two different values never give the same bytes.
#[derive(Clone, Debug, Default)]
pub struct Hash(Sha256);

impl Hash {
    /// Adds a word.
    pub fn word(&mut self, word: u32) {
        self.0.update(word.to_le_bytes());
    }

    /// Adds a flag.
    pub fn flag(&mut self, flag: bool) {
        self.word(flag.into());
    }

    /// Adds the bits of a float.
    pub fn float(&mut self, value: f64) {
        self.0.update(value.to_bits().to_le_bytes());
    }

    /// Adds a long word.
    pub fn long(&mut self, value: u64) {
        self.0.update(value.to_le_bytes());
    }

    /// Adds a length and each item.
    pub fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.long(items.len() as u64);
        items.iter().for_each(|item| each(self, item));
    }

    /// Adds whether there is an item, and the item.
    pub fn option<T>(&mut self, item: Option<&T>, each: impl FnOnce(&mut Self, &T)) {
        self.flag(item.is_some());
        if let Some(item) = item {
            each(self, item);
        }
    }

    /// The SHA-256 of all that was added.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
