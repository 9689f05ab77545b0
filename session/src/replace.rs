//! Files that are there as a whole or not at all.

use crate::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Writes a file beside its place and, once it is whole and on the disk, renames it into it.
/// `write` gets the path to write to. If it fails, the earlier file still stands in the place.
pub fn replace<E: fmt::Display>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), Error> {
    let part = new_part(path).map_err(|error| Error::file(path, error))?;
    let written = write(&part).map_err(|error| Error::file(path, error));
    let moved = written.and_then(|()| settle(&part, path).map_err(|e| Error::file(path, e)));
    if moved.is_err() {
        // If it stays, the next process that takes the folder removes it.
        let _ = fs::remove_file(&part);
    }
    moved
}

/// Whether this is the name of a file that was being written.
pub fn part_name(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(".part-")
}

/// Makes `DIR/.part-PROCESS-NUMBER-NAME`, which was not there before: no file is overwritten and no
/// link followed. The extension stays, as writers go by it.
fn new_part(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let part = path.with_file_name(format!(".part-{process}-{number}-{name}"));
        match OpenOptions::new().write(true).create_new(true).open(&part) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|_| part),
        }
    }
}

/// The rename lasts once the folder is on the disk too.
fn settle(part: &Path, path: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new(".")))
}

/// Brings the names in a folder to the disk.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders are no files here; the system keeps their order.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_file_before() {
        let folder = std::env::temp_dir().join(format!("isospike_replace_{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file.npz");
        let put = |text: &'static str| replace(&path, |part| fs::write(part, text));
        put("first").unwrap();
        let half = replace(&path, |part| {
            fs::write(part, "sec")?;
            Err(io::Error::other("no space"))
        });
        let told = match half {
            Err(Error::File(named, why)) => (named, why),
            other => panic!("{other:?}"),
        };
        assert_eq!(told, (path.clone(), "no space".to_owned()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        put("second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
