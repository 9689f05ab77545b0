//! Files that users give: each is opened and read once, and no more of it than its kind may have.
//!
//! A path may name anything: a pipe, a device without end, a folder. Whoever reads a text keeps it
//! for messages (`diagnostic::SourceFile`): a pipe gives it once.

use crate::base::words::count;
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// The purpose of a file, and how large it may be.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// In a sentence: `a model file`.
    pub name: &'static str,
    /// The most bytes.
    pub most_bytes: u64,
    /// The remedy where it has more.
    pub help: &'static str,
}

/// A model file.
pub const MODEL: Kind = Kind {
    name: "a model file",
    most_bytes: 16 << 20,
    help: "lists of synapses or spikes may be .csv or .npy files",
};

/// A table of energies.
pub const ENERGIES: Kind =
    Kind { name: "a table of energies", most_bytes: 16 << 20, help: "keep the rows that you need" };

/// A file of workloads.
pub const WORKLOADS: Kind = Kind {
    name: "a file of workloads",
    most_bytes: 16 << 20,
    help: "keep the workloads that you need",
};

/// The rows of benchmarks.
pub const BENCH_ROWS: Kind = Kind {
    name: "a file of benchmarks",
    most_bytes: 256 << 20,
    help: "write new benchmarks to another --out",
};

/// Synapses, spikes or values beside a model file. Rows are read one by one; `check` limits what
/// is kept of them.
pub const DATA: Kind = Kind {
    name: "a data file",
    most_bytes: 64 << 30,
    help: "describe the connections by a rule, or spread them over several projections",
};

/// A compiled kernel of an earlier run.
pub const CACHED: Kind = Kind { name: "a cached kernel", most_bytes: 256 << 20, help: "remove it" };

/// A file that the system makes, such as a counter of energy.
pub const SYSTEM: Kind =
    Kind { name: "a file of the system", most_bytes: 16 << 20, help: "report it" };

/// The state of a checkpoint.
pub const CHECKPOINT: Kind = Kind {
    name: "a checkpoint",
    most_bytes: 64 << 30,
    help: "remove the folder and start again without resuming",
};

/// Opens a file for reading.
///
/// # Errors
/// What cannot be opened, and folders.
pub fn open(path: &Path) -> Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(Error::new(ErrorKind::IsADirectory, "it is a folder, not a file")),
        false => Ok(file),
    }
}

/// Opens a file that must be an ordinary one: what is read twice or from the end on.
///
/// # Errors
/// As [`open`], and pipes and devices.
pub fn open_regular(path: &Path) -> Result<File> {
    // A pipe that nobody writes to must not be opened: that waits for a writer.
    let metadata = std::fs::metadata(path)?;
    match metadata.is_file() {
        true => File::open(path),
        false if metadata.is_dir() => {
            Err(Error::new(ErrorKind::IsADirectory, "it is a folder, not a file"))
        }
        false => Err(Error::new(ErrorKind::InvalidInput, "it is a pipe or device, not a file")),
    }
}

/// Reads the bytes of a file.
///
/// # Errors
/// As [`open`]; a file with more bytes than its kind may have, which is not read on.
pub fn bytes(path: &Path, kind: Kind) -> Result<Vec<u8>> {
    read(open(path)?, kind)
}

/// Reads the bytes of an ordinary file.
///
/// # Errors
/// As [`open_regular`] and [`bytes`].
pub fn regular_bytes(path: &Path, kind: Kind) -> Result<Vec<u8>> {
    read(open_regular(path)?, kind)
}

fn read(file: File, kind: Kind) -> Result<Vec<u8>> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > kind.most_bytes {
        return Err(too_large(&format!("has {}", mebibytes(size)), kind));
    }
    let mut bytes = Vec::new();
    file.take(kind.most_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > kind.most_bytes {
        let is = format!("has more than {}", mebibytes(kind.most_bytes));
        return Err(too_large(&is, kind));
    }
    Ok(bytes)
}

/// Reads a text in UTF-8, with or without a byte-order mark.
///
/// # Errors
/// As [`bytes`]; the line that is not UTF-8.
pub fn text(path: &Path, kind: Kind) -> Result<String> {
    let mut bytes = bytes(path, kind)?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let wrong = |why: String| Error::new(ErrorKind::InvalidData, why);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(wrong("it is a text in UTF-16; save it in UTF-8".into()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let byte = error.as_bytes()[at];
        wrong(format!("line {line} is not UTF-8 (byte {byte:#04x}); save it in UTF-8"))
    })
}

/// The error of a file that `is` so large, or larger than that.
pub fn too_large(is: &str, kind: Kind) -> Error {
    let (name, most, help) = (kind.name, mebibytes(kind.most_bytes), kind.help);
    let message = format!("it {is}, and {name} may have {most} at most; {help}");
    Error::new(ErrorKind::FileTooLarge, message)
}

fn mebibytes(bytes: u64) -> String {
    match bytes {
        0..0x100_000 => count(bytes, "byte"),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: Kind = Kind { name: "a note", most_bytes: 8, help: "shorten it" };

    fn with(name: &str, content: &[u8]) -> Result<String> {
        let path = std::env::temp_dir().join(format!("isospike_{}_{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        let text = text(&path, TINY);
        std::fs::remove_file(path).unwrap();
        text
    }

    #[test]
    fn a_text_is_read_within_its_limit() {
        assert_eq!(with("most", b"12345678").unwrap(), "12345678");
        let error = with("more", b"123456789").unwrap_err();
        let words = "it has 9 bytes, and a note may have 8 bytes at most; shorten it";
        assert_eq!(error.to_string(), words);
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn other_encodings_are_told() {
        assert_eq!(with("bom", b"\xef\xbb\xbfa = 1").unwrap(), "a = 1");
        let error = with("latin", b"a\nb \xb5s").unwrap_err().to_string();
        assert_eq!(error, "line 2 is not UTF-8 (byte 0xb5); save it in UTF-8");
        let error = with("utf16", b"\xff\xfea\0").unwrap_err().to_string();
        assert_eq!(error, "it is a text in UTF-16; save it in UTF-8");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_told() {
        let error = text(Path::new("/"), TINY).unwrap_err().to_string();
        assert_eq!(error, "it is a folder, not a file");
        assert_eq!(text(Path::new("/dev/null"), TINY).unwrap(), "");
        let error = text(Path::new("/dev/zero"), TINY).unwrap_err().to_string();
        assert_eq!(
            error,
            "it has more than 8 bytes, and a note may have 8 bytes at most; shorten it"
        );
        let error = open_regular(Path::new("/dev/zero")).unwrap_err().to_string();
        assert_eq!(error, "it is a pipe or device, not a file");
    }
}
