//! Output folders: each belongs to one process at a time, and says whether that one came to its
//! end.
//!
//! The file [`MARKER`] is there while a process writes, and locked by it. The lock goes with the
//! process, however that ends; the file stays where the folder may hold files of two runs.

use crate::error::Error;
use crate::replace::{part_name, sync_folder};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file that marks a folder as unfinished.
pub const MARKER: &str = "UNFINISHED";

/// The files that a run or a comparison writes.
const RESULTS: [&str; 13] = [
    "spikes.npz",
    "traces.npz",
    "series.npz",
    "traces.svg",
    "traces.png",
    "histograms.svg",
    "histograms.png",
    "raster.svg",
    "raster.png",
    "rates.svg",
    "rates.png",
    "run.json",
    "compare.json",
];

/// The start of the names of files with the synapses of a projection.
pub const SYNAPSES: &str = "synapses-";

/// A folder that this process alone writes to.
pub struct OutFolder {
    path: PathBuf,
    marker: File,
    /// The marker of a process that did not come to its end was there.
    was_unfinished: bool,
    /// Files may have been replaced since.
    is_writing: bool,
    /// All results that are there are of this process.
    is_of_one: bool,
}

impl OutFolder {
    /// Makes the folder where it is missing, and takes it.
    ///
    /// # Errors
    /// Another process that has it, by its number; a folder that cannot be made or written.
    pub fn take(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(|error| Error::file(path, error))?;
        let marker_path = path.join(MARKER);
        let failure = |error: io::Error| Error::file(&marker_path, error);
        loop {
            let (mut marker, was_unfinished) = open(&marker_path).map_err(failure)?;
            match marker.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(taken(path, &mut marker)),
                // A file system without locks is no reason not to run.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // The other process may have come to its end, and removed what is locked here.
            if !is_same(&marker, &marker_path) {
                continue;
            }
            let text = format!(
                "process {}\nThis process writes here. Where it is gone, it did not come to its \
                 end, and these files may be of two runs.\n",
                std::process::id()
            );
            let written = marker.set_len(0).and_then(|()| marker.write_all(text.as_bytes()));
            let folder = Self {
                path: path.to_owned(),
                marker,
                was_unfinished,
                is_writing: false,
                is_of_one: false,
            };
            written.map_err(failure)?;
            remove_parts(path);
            return Ok(folder);
        }
    }

    /// Returns a note that the process before did not come to its end, where it did not.
    pub fn note(&self) -> Option<String> {
        self.was_unfinished.then(|| unfinished(&self.path))
    }

    /// From now on files are replaced: until [`Self::finish`] the folder is unfinished.
    pub fn begin(&mut self) {
        self.is_writing = true;
    }

    /// Removes results of an earlier run that this one does not have.
    pub fn remove_others(&mut self, written: &[PathBuf]) -> Result<(), Error> {
        for path in results(&self.path) {
            if !written.contains(&path) {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(Error::file(&path, error));
                    }
                    _ => {}
                }
            }
        }
        self.is_of_one = true;
        Ok(())
    }

    /// Marks the folder as finished, once everything in it is on the disk. The mark of a run that
    /// did not come to its end stays where this process has left its results; a note says so.
    ///
    /// # Errors
    /// The folder or its mark, where the system refuses.
    pub fn finish(mut self) -> Result<Option<String>, Error> {
        if !self.is_writing {
            return Ok(None);
        }
        self.is_writing = false;
        sync_folder(&self.path).map_err(|error| Error::file(&self.path, error))?;
        if self.was_unfinished && !self.is_of_one && has_results(&self.path) {
            return Ok(self.note());
        }
        self.was_unfinished = false;
        let marker = self.path.join(MARKER);
        fs::remove_file(&marker).map_err(|error| Error::file(&marker, error))?;
        Ok(None)
    }
}

impl Drop for OutFolder {
    /// Leaves the folder as it was found, unless files were replaced.
    fn drop(&mut self) {
        if !self.is_writing
            && !self.was_unfinished
            && is_same(&self.marker, &self.path.join(MARKER))
        {
            // A file that cannot be removed stays as a mark of a folder that is in doubt.
            let _ = fs::remove_file(self.path.join(MARKER));
        }
    }
}

fn unfinished(folder: &Path) -> String {
    format!(
        "{} is unfinished: the process that wrote it did not come to its end, and its files may be \
         of two runs",
        folder.display()
    )
}

/// The marker, made anew where there is none; whether there was one. A link is not followed.
fn open(path: &Path) -> io::Result<(File, bool)> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match options.create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (file, false)),
        }
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(io::Error::other("it is no ordinary file; remove it"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            found => found?,
        };
        match options.create_new(false).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened.map(|file| (file, true)),
        }
    }
}

/// The failure of a folder that another process has. That one may be about to write its number.
fn taken(folder: &Path, marker: &mut File) -> Error {
    let mut who = String::new();
    for _ in 0..50 {
        let mut text = String::new();
        let read = marker.rewind().and_then(|()| marker.take(100).read_to_string(&mut text));
        who = text.lines().next().unwrap_or_default().to_owned();
        if read.is_err() || who.starts_with("process ") {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let who = if who.starts_with("process ") { who } else { "another process".into() };
    let why = format!("{who} writes here; wait for its end, or write to another folder");
    Error::file(folder, why)
}

fn has_results(folder: &Path) -> bool {
    results(folder).iter().any(|path| path.symlink_metadata().is_ok())
}

/// The files of results that are or may be in a folder.
fn results(folder: &Path) -> Vec<PathBuf> {
    let is_synapses = |name: &str| name.starts_with(SYNAPSES) && name.ends_with(".npz");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let synapses = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_synapses));
    let fixed = RESULTS.iter().map(|name| folder.join(name));
    fixed.chain(synapses.map(|entry| folder.join(entry.file_name()))).collect()
}

/// Removes what processes left that were killed in the middle of a file. A link to a folder is not
/// followed.
fn remove_parts(folder: &Path) {
    let checkpoint = folder.join("checkpoint");
    let own = fs::symlink_metadata(&checkpoint).is_ok_and(|found| found.is_dir());
    for folder in [Some(folder.to_owned()), own.then_some(checkpoint)].into_iter().flatten() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            if part_name(&entry.file_name()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether the open file is the one that stands at the path.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(there)) => place(file) == place(there),
        _ => false,
    }
}

/// A file that is open cannot be removed here.
#[cfg(not(unix))]
fn is_same(_: &File, path: &Path) -> bool {
    path.exists()
}
