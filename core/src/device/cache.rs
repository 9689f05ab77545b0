//! Compiled kernels on disk, with the hash of their sources as keys.
//!
//! An entry is one file: the SHA-256 of its content, then the content. It is written beside its
//! place and renamed into it, so a reader sees all of it or nothing, and two processes that compile
//! the same kernel write the same file twice. A file that does not match its digest is removed: a
//! cache may lose everything at any time, and never returns a wrong kernel.

use crate::base::environment;
use crate::base::input;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most bytes of all entries together; the oldest are removed first.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of the digest before the content.
const DIGEST_BYTES: usize = 32;

/// A folder of compiled kernels, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Returns the key for all that decides a compiled kernel: source, options, device, driver.
    pub fn new(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length keeps ("ab", "c") apart from ("a", "bc").
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Cache {
    /// Returns the cache that `ISOSPIKE_CACHE` names: a folder, or a switch as in
    /// [`environment::switch`]. On, unset or empty means `isospike` in the user's folder for
    /// caches; without such a folder nothing is cached.
    pub fn from_environment() -> Self {
        let value = std::env::var_os("ISOSPIKE_CACHE").unwrap_or_default();
        let of_user = || dirs::cache_dir().map(|folder| folder.join("isospike"));
        let folder = match value.to_str().map(str::trim) {
            Some("") => of_user(),
            text => match text.and_then(environment::as_switch) {
                Some(true) => of_user(),
                Some(false) => None,
                None => Some(PathBuf::from(value)),
            },
        };
        Self { folder }
    }

    /// Returns a cache in this folder, which is made when the first entry is written.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    /// Returns the content of an entry, if it is there and whole.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let mut file = input::regular_bytes(&self.path(key)?, input::CACHED).ok()?;
        if file.len() < DIGEST_BYTES {
            self.remove(key);
            return None;
        }
        let content = file.split_off(DIGEST_BYTES);
        if file[..] != Sha256::digest(&content)[..] {
            self.remove(key);
            return None;
        }
        Some(content)
    }

    /// Writes an entry. A disk that is full or read-only costs the entry and nothing else.
    pub fn put(&self, key: &Key, content: &[u8]) {
        if let (Some(folder), Some(path)) = (&self.folder, self.path(key)) {
            // A failure leaves no entry, which is no error for the next reader.
            _ = write(folder, &path, content);
            shrink(folder, MOST_BYTES);
        }
    }

    /// Removes an entry that a driver has refused.
    pub fn remove(&self, key: &Key) {
        if let Some(path) = self.path(key) {
            // Another process may have removed it before.
            _ = fs::remove_file(path);
        }
    }

    fn path(&self, key: &Key) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(&key.0))
    }
}

fn write(folder: &Path, path: &Path, content: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&Sha256::digest(content))?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// Removes the entries that were written first until the rest is small enough.
fn shrink(folder: &Path, most_bytes: u64) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let mut entries: Vec<(SystemTime, u64, PathBuf)> = files
        .flatten()
        .filter_map(|file| {
            let data = file.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((data.modified().ok()?, data.len(), file.path()))
        })
        .collect();
    let mut bytes: u64 = entries.iter().map(|(_, len, _)| len).sum();
    entries.sort();
    for (_, len, path) in entries {
        if bytes <= most_bytes {
            break;
        }
        if fs::remove_file(path).is_ok() {
            bytes -= len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path().join("deep").join("down"));
        (folder, cache)
    }

    #[test]
    fn what_is_put_is_got_by_the_same_parts_only() {
        let (_folder, cache) = cache();
        let key = Key::new(&["source", "options"]);
        assert_eq!(cache.get(&key), None);
        cache.put(&key, b"kernel");
        assert_eq!(cache.get(&key).unwrap(), b"kernel");
        assert_eq!(cache.get(&Key::new(&["sourceo", "ptions"])), None);
        cache.put(&key, b"");
        assert_eq!(cache.get(&key).unwrap(), b"");
        cache.remove(&key);
        assert_eq!(cache.get(&key), None);
    }

    #[test]
    fn a_damaged_entry_is_gone() {
        let (_folder, cache) = cache();
        let key = Key::new(&["k"]);
        let damages: [fn(&mut Vec<u8>); 4] =
            [|f| f.truncate(10), |f| f.truncate(35), |f| f[40] ^= 1, |f| f.push(0)];
        for damage in damages {
            cache.put(&key, b"0123456789");
            let path = cache.path(&key).unwrap();
            let mut file = fs::read(&path).unwrap();
            damage(&mut file);
            fs::write(&path, file).unwrap();
            assert_eq!(cache.get(&key), None);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let (folder, _) = cache();
        let file = folder.path().join("file");
        fs::write(&file, "not a folder").unwrap();
        for cache in [Cache::in_folder(file), Cache::default()] {
            cache.put(&Key::new(&["k"]), b"kernel");
            assert_eq!(cache.get(&Key::new(&["k"])), None);
        }
    }

    #[test]
    fn the_oldest_entries_go_first() {
        let (_folder, cache) = cache();
        let keys: Vec<Key> = (0..4).map(|n| Key::new(&[&n.to_string()])).collect();
        for (key, second) in keys.iter().zip(1..) {
            cache.put(key, &[0; 68]);
            let file = fs::File::options().append(true).open(cache.path(key).unwrap()).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(second))
                .unwrap();
        }
        shrink(cache.folder.as_deref().unwrap(), 250);
        let left: Vec<bool> = keys.iter().map(|key| cache.get(key).is_some()).collect();
        assert_eq!(left, [false, false, true, true]);
    }

    #[test]
    fn writers_at_once_leave_a_whole_entry() {
        let (_folder, cache) = cache();
        let key = Key::new(&["k"]);
        std::thread::scope(|scope| {
            for n in 0..4u8 {
                let (cache, key) = (&cache, &key);
                scope.spawn(move || (0..50).for_each(|_| cache.put(key, &[n; 10_000])));
            }
            for _ in 0..200 {
                if let Some(content) = cache.get(&key) {
                    assert!(content.len() == 10_000 && content.iter().all(|b| *b == content[0]));
                }
            }
        });
        assert!(cache.get(&key).is_some());
    }
}
