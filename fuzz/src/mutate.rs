//! A small mutator for the bounded run: the same inputs in every run, on every machine, without a
//! fuzzing engine. Campaigns of days with feedback are libFuzzer's.

use isospike_core::base::random::{philox, pick};

/// A stream of random numbers.
struct Dice {
    key: [u32; 2],
    thrown: u32,
}

impl Dice {
    /// A number below `n`; 0 where `n` is 0.
    fn below(&mut self, n: usize) -> usize {
        self.thrown += 1;
        pick(philox([self.thrown, 0, 0, 0], self.key)[0], n as u32) as usize
    }
}

/// One of the seeds with one to eight changes: bytes flipped, cut, doubled, taken from another
/// seed, or replaced by a word of the dictionary. `number` says which of all mutants.
pub fn mutant(seeds: &[Vec<u8>], words: &[Vec<u8>], target: u32, number: u32) -> Vec<u8> {
    let mut dice = Dice { key: [target, number], thrown: 0 };
    let mut data = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(8) {
        let at = dice.below(data.len() + 1);
        let end = (at + dice.below(12)).min(data.len());
        match dice.below(6) {
            0 if at < data.len() => data[at] ^= 1 << dice.below(8),
            1 => drop(data.drain(at..end)),
            2 => {
                let piece = data[at..end].to_vec();
                data.splice(at..at, piece);
            }
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(200)).min(other.len());
                data.splice(at..end, other[from..to].iter().copied());
            }
            _ => drop(data.splice(at..end, words[dice.below(words.len())].iter().copied())),
        }
    }
    data
}

/// The words of a libFuzzer dictionary: one in quotes on each line, `\xNN` for other bytes.
pub fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let quoted = |line: &str| Some(unescaped(line.strip_prefix('"')?.strip_suffix('"')?));
    dictionary.lines().filter_map(quoted).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let hex = rest.strip_prefix('x').and_then(|rest| rest.get(..2));
        match (c, hex.map(|hex| u8::from_str_radix(hex, 16))) {
            ('\\', Some(Ok(byte))) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            ('\\', _) => {
                let escaped = rest.chars().next().unwrap_or(c);
                bytes.extend(escaped.to_string().bytes());
                rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
            }
            _ => bytes.extend(c.to_string().bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_libfuzzer_reads_them() {
        let text = "# none\n\"a b\"\n\"\\x93N\\\\x\\\"\"\n";
        assert_eq!(words(text), [b"a b".to_vec(), b"\x93N\\x\"".to_vec()]);
    }

    #[test]
    fn mutants_differ_and_come_again() {
        let seeds = [b"seed = 1".to_vec(), b"batch = 2".to_vec()];
        let words = [b"word".to_vec()];
        let all = |target| -> Vec<_> {
            (0..50).map(|number| mutant(&seeds, &words, target, number)).collect()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let mut distinct = all(1);
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > 40, "{}", distinct.len());
    }
}
