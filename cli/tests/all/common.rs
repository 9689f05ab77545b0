//! Running the program.

use npyz::NpyFile;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use zip::ZipArchive;

/// A model in `tests/models`.
pub fn model(name: &str) -> String {
    format!("{}/tests/models/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// Runs `isospike`.
pub fn isospike(arguments: &[&str]) -> Output {
    match Command::new(env!("CARGO_BIN_EXE_isospike")).args(arguments).output() {
        Ok(output) => output,
        Err(error) => panic!("isospike does not start: {error}"),
    }
}

/// The exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {output:?}"))
}

/// The standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs `isospike`, which must end with 0 and print JSON and nothing else. Standard error is not
/// looked at: drivers of devices write to it.
pub fn json(arguments: &[&str]) -> Value {
    let output = isospike(&[arguments, &["--json"]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A file of arrays, as NumPy reads it.
pub struct Archive(ZipArchive<File>);

impl Archive {
    /// Opens a file.
    pub fn open(path: &Path) -> Self {
        Self(ZipArchive::new(File::open(path).unwrap()).unwrap())
    }

    /// An array of it.
    pub fn array(&mut self, name: &str) -> NpyFile<impl Read> {
        NpyFile::new(self.0.by_name(&format!("{name}.npy")).unwrap()).unwrap()
    }
}

/// A folder that goes away at the end of the test.
pub struct Folder(PathBuf);

impl Folder {
    /// Names a folder that no other call names; `name` gives a reader of a listing its purpose.
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let unique = format!("isospike_{}_{number}_{name}", std::process::id());
        Self(std::env::temp_dir().join(unique))
    }

    /// Its path as an argument.
    pub fn argument(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It is not there where the test failed before it was made.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
