//! A file that only grows. The part that a checkpoint counts is valid; bytes behind it were
//! torn by a crash and is cut off.

use isospike_core::base::words::count;
use isospike_core::run::checkpoint::LogEnd;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes that are encoded at once.
const PIECE: usize = 1 << 16;

/// A log, open for writing and locked: nobody else writes to it.
pub struct Log {
    path: PathBuf,
    file: File,
    /// The digest of the valid bytes.
    hash: Sha256,
    bytes: u64,
}

impl Log {
    /// Makes an empty log in place of what stands there.
    ///
    /// # Errors
    /// A log that another process writes to, and what cannot be removed.
    pub fn create(path: &Path) -> io::Result<Self> {
        // The lock of an earlier log is held until the new one stands in its place.
        let before = std::fs::symlink_metadata(path).is_ok_and(|before| before.is_file());
        let _before = before.then(|| Self::lock(path, &mut OpenOptions::new())).transpose()?;
        // A link is removed, and the file that it names stays.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Self::lock(path, OpenOptions::new().create_new(true)),
        }
    }

    /// The log up to its end, and what it says. Nothing is cut off before the next [`Log::append`].
    pub fn open(path: &Path, end: LogEnd) -> io::Result<(Self, Vec<u8>)> {
        let mut log = Self::lock(path, &mut OpenOptions::new())?;
        let found = log.file.metadata()?.len();
        if found < end.bytes {
            return Err(io::Error::other(format!(
                "it has {}, of which the checkpoint counts {}",
                count(found, "byte"),
                end.bytes
            )));
        }
        let mut content = Vec::new();
        (&log.file).take(end.bytes).read_to_end(&mut content)?;
        log.hash.update(&content);
        log.bytes = end.bytes;
        if log.end() != end {
            return Err(io::Error::other("its content is not what the checkpoint counts"));
        }
        Ok((log, content))
    }

    fn lock(path: &Path, options: &mut OpenOptions) -> io::Result<Self> {
        let file = options.read(true).write(true).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another isospike is writing here"));
            }
            // A file system without locks is no reason not to run.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { path: path.to_owned(), file, hash: Sha256::new(), bytes: 0 })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is.
    pub fn end(&self) -> LogEnd {
        LogEnd { bytes: self.bytes, sha256: self.hash.clone().finalize().into() }
    }

    /// Appends words, little-endian, and waits until they are on the disk. After an error the log
    /// is as long as before, and the same words can be appended again.
    pub fn append(&mut self, words: impl Iterator<Item = u32>) -> io::Result<()> {
        self.file.set_len(self.bytes)?;
        self.file.seek(SeekFrom::Start(self.bytes))?;
        let (mut hash, mut bytes) = (self.hash.clone(), self.bytes);
        let mut piece = Vec::with_capacity(PIECE);
        let mut words = words.peekable();
        while words.peek().is_some() {
            piece.clear();
            piece.extend(words.by_ref().take(PIECE / 4).flat_map(u32::to_le_bytes));
            self.file.write_all(&piece)?;
            hash.update(&piece);
            bytes += piece.len() as u64;
        }
        self.file.sync_data()?;
        (self.hash, self.bytes) = (hash, bytes);
        Ok(())
    }
}

/// The words of a log.
pub fn words(content: &[u8]) -> Vec<u32> {
    let (words, _) = content.as_chunks();
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("isospike_log_{}_{name}", std::process::id()))
    }

    #[test]
    fn a_torn_tail_is_cut_off_and_the_rest_goes_on() {
        let path = path("torn");
        let mut log = Log::create(&path).unwrap();
        log.append(0..40_000).unwrap();
        let end = log.end();
        log.append(40_000..50_000).unwrap();
        drop(log);
        // As after a crash: the checkpoint has the first part only, the file has more.
        let (mut log, content) = Log::open(&path, end).unwrap();
        assert_eq!(words(&content), (0..40_000).collect::<Vec<_>>());
        log.append([7, 8].into_iter()).unwrap();
        let end = log.end();
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(whole.len() as u64, end.bytes);
        assert_eq!(words(&whole)[39_999..], [39_999, 7, 8]);
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&whole)), end.sha256);
    }

    #[test]
    fn a_log_that_is_short_or_altered_or_taken_is_refused() {
        let path = path("bad");
        let mut log = Log::create(&path).unwrap();
        log.append(0..100).unwrap();
        let end = log.end();
        let taken = Log::open(&path, end).map(|_| ()).unwrap_err().to_string();
        assert!(taken.contains("another isospike"), "{taken}");
        drop(log);
        let mut bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..399]).unwrap();
        let short = Log::open(&path, end).map(|_| ()).unwrap_err().to_string();
        bytes[17] ^= 4;
        std::fs::write(&path, &bytes).unwrap();
        let altered = Log::open(&path, end).map(|_| ()).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(short, "it has 399 bytes, of which the checkpoint counts 400");
        assert_eq!(altered, "its content is not what the checkpoint counts");
    }
}
