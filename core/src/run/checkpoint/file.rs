//! The bytes of a checkpoint file. Numbers are little-endian, lists begin with their length (u64):
//!
//! | bytes | |
//! |---|---|
//! | 8 | `isospike` |
//! | 4 | version of this format |
//! | 8 | bytes of the file |
//! | 32 | fingerprint of the network |
//! | 4, 4 | steps run; steps between two checkpoints |
//! | list of 4 | state words |
//! | list of 4 + 4 | step and neuron of each spike of the last steps |
//! | 8, four lists of 8 | steps; spikes and neuron updates by population, events by projection and by stimulus |
//! | list of 8 | from version 3 on: post events by projection |
//! | list of 8 | version 4: clocked events by projection |
//! | list of 4 + 4 + list of 4 | from version 2 on: population, parameter and words of each parameter that was written |
//! | list of 8 + 32 | for each log beside the file: bytes that are valid, their SHA-256 |
//! | 32 | SHA-256 of all bytes before |
//!
//! Version 1 is the file of a run without post events and clocked events in which no parameter was
//! written: it has no list of any. Version 2 is that of a run without these events, version 3 that
//! of one without clocked events.
//! The content of the logs is described by those who write them (`docs/checkpoints.md`).

use super::{Checkpoint, Fingerprint};
use crate::base::id::PopulationId;
use crate::base::words::count;
use crate::run::counters::Counters;
use crate::run::parameters::WrittenParameter;
use crate::run::quantity::ParameterPlace;
use crate::run::record::Spike;
use sha2::{Digest, Sha256};

/// The first bytes of every file.
const MAGIC: &[u8; 8] = b"isospike";

/// The version of files without written parameters.
const PLAIN: u32 = 1;

/// The version of files with written parameters.
const WRITTEN: u32 = 2;

/// The version of files with post events and written parameters, where there are any.
const LEARNT: u32 = 3;

/// The version of files with clocked events, and post events and written parameters where there
/// are any.
const CLOCKED: u32 = 4;

/// Bytes up to the length of the file.
const HEAD: usize = 20;

/// Bytes of a digest.
const DIGEST: usize = 32;

/// The content of a checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The run.
    pub checkpoint: Checkpoint,
    /// How many steps there are between two checkpoints of this run.
    pub every_steps: u32,
    /// For each log beside the file, how much of it belongs to this checkpoint.
    pub logs: Vec<LogEnd>,
}

/// How much of an append-only log is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// Bytes from the start of the log.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: [u8; DIGEST],
}

/// Why bytes are not a checkpoint file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// It begins otherwise.
    #[error("it is not a checkpoint of isospike")]
    Foreign,
    /// Written by another version of isospike.
    #[error("its format has version {0}, this isospike reads versions {PLAIN} to {CLOCKED}")]
    Version(u32),
    /// Cut off, or something was appended.
    #[error("it has {} and says that it has {expected}", count(*found, "byte"))]
    Length {
        /// The value in the file.
        expected: u64,
        /// The value that it has.
        found: u64,
    },
    /// A byte is not what was written.
    #[error("its content does not match its checksum")]
    Altered,
}

impl Saved {
    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let Checkpoint { fingerprint, step, state, spikes, counters, parameters } =
            &self.checkpoint;
        let mut bytes = Vec::with_capacity(self.bytes());
        bytes.extend_from_slice(MAGIC);
        let version = self.version();
        bytes.extend(version.to_le_bytes());
        bytes.extend((self.bytes() as u64).to_le_bytes());
        bytes.extend_from_slice(&fingerprint.0);
        bytes.extend(step.to_le_bytes());
        bytes.extend(self.every_steps.to_le_bytes());
        bytes.extend((state.len() as u64).to_le_bytes());
        bytes.extend(state.iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend((spikes.len() as u64).to_le_bytes());
        for spike in spikes {
            bytes.extend(spike.step.to_le_bytes());
            bytes.extend(spike.neuron.to_le_bytes());
        }
        bytes.extend(counters.steps.to_le_bytes());
        for counts in lists(counters) {
            bytes.extend((counts.len() as u64).to_le_bytes());
            bytes.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
        }
        for counts in later_lists(counters, version) {
            bytes.extend((counts.len() as u64).to_le_bytes());
            bytes.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
        }
        if version >= WRITTEN {
            bytes.extend((parameters.len() as u64).to_le_bytes());
            for WrittenParameter { place, words } in parameters {
                bytes.extend(place.population.0.to_le_bytes());
                bytes.extend((place.parameter as u32).to_le_bytes());
                bytes.extend((words.len() as u64).to_le_bytes());
                bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            }
        }
        bytes.extend((self.logs.len() as u64).to_le_bytes());
        for log in &self.logs {
            bytes.extend(log.bytes.to_le_bytes());
            bytes.extend_from_slice(&log.sha256);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// The least version that holds all of it.
    fn version(&self) -> u32 {
        let any = |counts: &[u64]| counts.iter().any(|n| *n > 0);
        match &self.checkpoint {
            Checkpoint { counters, .. } if any(&counters.clocked_events) => CLOCKED,
            Checkpoint { counters, .. } if any(&counters.post_events) => LEARNT,
            Checkpoint { parameters, .. } if !parameters.is_empty() => WRITTEN,
            _ => PLAIN,
        }
    }

    /// How many bytes the file has.
    fn bytes(&self) -> usize {
        let version = self.version();
        let lists_bytes = 4 * self.checkpoint.state.len()
            + 8 * self.checkpoint.spikes.len()
            + lists(&self.checkpoint.counters).map(|counts| 8 * counts.len()).iter().sum::<usize>()
            + (8 + DIGEST) * self.logs.len();
        let parameters = &self.checkpoint.parameters;
        let of_one = |written: &WrittenParameter| 16 + 4 * written.words.len();
        let list_bytes = if version >= WRITTEN { 8 } else { 0 };
        let parameter_bytes = list_bytes + parameters.iter().map(of_one).sum::<usize>();
        let later = later_lists(&self.checkpoint.counters, version);
        let later_bytes: usize = later.map(|counts| 8 + 8 * counts.len()).sum();
        HEAD + DIGEST + 8 + 8 + 7 * 8 + lists_bytes + later_bytes + parameter_bytes + DIGEST
    }

    /// Reads the bytes of a file. The result is as it was written, or nothing.
    pub fn decode(file: &[u8]) -> Result<Self, SavedError> {
        let mut rest = Reader(file);
        if rest.take::<8>() != Ok(*MAGIC) {
            return Err(SavedError::Foreign);
        }
        let version = match rest.word() {
            Ok(version @ PLAIN..=CLOCKED) => version,
            Ok(other) => return Err(SavedError::Version(other)),
            Err(_) => return Err(SavedError::Foreign),
        };
        let (expected, found) = (rest.long(), file.len() as u64);
        match (expected, file.split_last_chunk::<DIGEST>()) {
            (Ok(expected), _) if expected != found => Err(SavedError::Length { expected, found }),
            (Ok(_), Some((content, digest))) if Sha256::digest(content)[..] == digest[..] => {
                rest.saved(version)
            }
            _ => Err(SavedError::Altered),
        }
    }
}

/// The lists of counts that every file has, in its order.
fn lists(counters: &Counters) -> [&Vec<u64>; 4] {
    let Counters {
        steps: _,
        spikes,
        neuron_updates,
        synaptic_events,
        post_events: _,
        clocked_events: _,
        stimulus_events,
    } = counters;
    [spikes, neuron_updates, synaptic_events, stimulus_events]
}

/// The lists of counts that files of a version have besides, in its order.
fn later_lists(counters: &Counters, version: u32) -> impl Iterator<Item = &Vec<u64>> {
    let lists = [(LEARNT, &counters.post_events), (CLOCKED, &counters.clocked_events)];
    lists.into_iter().filter(move |(from, _)| version >= *from).map(|(_, counts)| counts)
}

/// The rest of a file to read. Its checksum was right, so a list that does not fit is one that
/// was never written.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SavedError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(SavedError::Altered)?;
        self.0 = rest;
        Ok(*first)
    }

    fn word(&mut self) -> Result<u32, SavedError> {
        self.take().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Result<u64, SavedError> {
        self.take().map(u64::from_le_bytes)
    }

    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, SavedError>,
    ) -> Result<Vec<T>, SavedError> {
        let length = self.long()?;
        (0..length).map(|_| one(self)).collect()
    }

    fn parameter(&mut self) -> Result<WrittenParameter, SavedError> {
        let (population, parameter) = (PopulationId(self.word()?), self.word()? as usize);
        let place = ParameterPlace { population, parameter };
        Ok(WrittenParameter { place, words: self.list(Self::word)? })
    }

    fn saved(mut self, version: u32) -> Result<Saved, SavedError> {
        let fingerprint = Fingerprint(self.take()?);
        let (step, every_steps) = (self.word()?, self.word()?);
        let state = self.list(Self::word)?;
        let spikes = self.list(|rest| Ok(Spike { step: rest.word()?, neuron: rest.word()? }))?;
        let mut counters = Counters {
            steps: self.long()?,
            spikes: self.list(Self::long)?,
            neuron_updates: self.list(Self::long)?,
            synaptic_events: self.list(Self::long)?,
            post_events: Vec::new(),
            clocked_events: Vec::new(),
            stimulus_events: self.list(Self::long)?,
        };
        let projections = counters.synaptic_events.len();
        let lists = [(LEARNT, &mut counters.post_events), (CLOCKED, &mut counters.clocked_events)];
        for (from, counts) in lists {
            *counts = if version >= from { self.list(Self::long)? } else { vec![0; projections] };
        }
        let parameters = match version {
            PLAIN => Vec::new(),
            _ => self.list(Self::parameter)?,
        };
        let logs = self.list(|rest| Ok(LogEnd { bytes: rest.long()?, sha256: rest.take()? }))?;
        let checkpoint = Checkpoint { fingerprint, step, state, spikes, counters, parameters };
        Ok(Saved { checkpoint, every_steps, logs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let fingerprint = Fingerprint(std::array::from_fn(|i| i as u8));
        let spikes = vec![Spike { step: 998, neuron: 3 }, Spike { step: 999, neuron: 0 }];
        let counters = Counters {
            steps: 1000,
            spikes: vec![2, 7],
            neuron_updates: vec![2000, 0],
            synaptic_events: vec![20],
            post_events: vec![0],
            clocked_events: vec![0],
            stimulus_events: vec![1 << 40],
        };
        let state = vec![1, 2, 3];
        let parameters = Vec::new();
        let checkpoint =
            Checkpoint { fingerprint, step: 1000, state, spikes, counters, parameters };
        let logs =
            vec![LogEnd { bytes: 80, sha256: [7; 32] }, LogEnd { bytes: 0, sha256: [9; 32] }];
        Saved { checkpoint, every_steps: 250, logs }
    }

    fn with_parameters() -> Saved {
        let written = |population, parameter, words: &[u32]| WrittenParameter {
            place: ParameterPlace { population: PopulationId(population), parameter },
            words: words.to_vec(),
        };
        let mut saved = saved();
        saved.checkpoint.parameters = vec![written(0, 2, &[7, 8, 9]), written(3, 0, &[1])];
        saved
    }

    fn with_post_events(mut saved: Saved) -> Saved {
        saved.checkpoint.counters.post_events = vec![1 << 33];
        saved
    }

    fn with_clocked_events(mut saved: Saved) -> Saved {
        saved.checkpoint.counters.clocked_events = vec![1 << 34];
        saved
    }

    #[test]
    fn a_file_says_what_was_saved() {
        let learnt = [with_post_events(saved()), with_post_events(with_parameters())];
        let clocked = [saved(), with_post_events(with_parameters())].map(with_clocked_events);
        let all = [saved(), with_parameters()].into_iter().chain(learnt).chain(clocked);
        for saved in all {
            let file = saved.encode();
            assert_eq!(file.len(), saved.bytes());
            assert_eq!(Saved::decode(&file), Ok(saved));
        }
    }

    #[test]
    fn only_written_parameters_make_a_file_of_the_second_version() {
        assert_eq!([saved().encode()[8], with_parameters().encode()[8]], [1, 2]);
    }

    #[test]
    fn only_post_events_make_a_file_of_the_third_version() {
        let learnt = [with_post_events(saved()), with_post_events(with_parameters())];
        assert_eq!(learnt.map(|saved| saved.encode()[8]), [3, 3]);
    }

    #[test]
    fn only_clocked_events_make_a_file_of_the_fourth_version() {
        let clocked = [saved(), with_post_events(saved())].map(with_clocked_events);
        assert_eq!(clocked.map(|saved| saved.encode()[8]), [4, 4]);
    }

    #[test]
    fn every_length_but_the_right_one_is_refused() {
        let file = with_clocked_events(with_post_events(with_parameters())).encode();
        for length in 0..file.len() {
            let error = Saved::decode(&file[..length]).unwrap_err();
            let (expected, found) = (file.len() as u64, length as u64);
            let told = match length {
                0..12 => SavedError::Foreign,
                12..HEAD => SavedError::Altered,
                _ => SavedError::Length { expected, found },
            };
            assert_eq!(error, told, "{length}");
        }
        assert!(matches!(
            Saved::decode(&[&file[..], &[0]].concat()),
            Err(SavedError::Length { .. })
        ));
    }

    #[test]
    fn every_altered_bit_is_found() {
        let file = with_clocked_events(with_post_events(with_parameters())).encode();
        for bit in 0..8 * file.len() {
            let mut altered = file.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(Saved::decode(&altered).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn another_version_is_named() {
        let mut file = saved().encode();
        file[8] = 5;
        assert_eq!(Saved::decode(&file), Err(SavedError::Version(5)));
    }

    /// These bytes are on people's disks: a change needs another version.
    #[test]
    fn the_bytes_do_not_change() {
        let file = saved().encode();
        assert_eq!(file.len(), saved().bytes());
        let digest = Sha256::digest(&file);
        let digits: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, "d51734ef4571b0bb");
    }
}
