//! Files that are there as a whole or not at all.

use crate::failure::Failure;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Writes a file beside its place and, once it is whole and on the disk, renames it into it.
/// `write` gets the path to write to. Where it fails, what stood in the place still does.
pub fn replace<E: fmt::Display>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), Failure> {
    let part = part_of(path);
    let written = write(&part).map_err(|error| Failure::file(path, error));
    let moved = written.and_then(|()| settle(&part, path).map_err(|e| Failure::file(path, e)));
    if moved.is_err() {
        // It may not have come into being; if it stays, the next write replaces it.
        let _ = fs::remove_file(&part);
    }
    moved
}

/// `DIR/.part-NAME`: the extension stays, as writers go by it.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".part-{name}"))
}

/// The rename lasts once the folder is on the disk too.
fn settle(part: &Path, path: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, path)?;
    sync_folder_of(path)
}

#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Folders are no files here; the system keeps their order.
#[cfg(not(unix))]
fn sync_folder_of(_: &Path) -> io::Result<()> {
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
            Err(Failure::File(named, why)) => (named, why),
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
