//! Files of sysfs.

use super::MeterError;
use isospike_core::base::input;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The trimmed text of a file.
pub(super) fn text(path: &Path) -> Result<String, MeterError> {
    match input::text(path, input::SYSTEM) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The whole number in a file.
pub(super) fn number(path: &Path) -> Result<u64, MeterError> {
    let text = text(path)?;
    text.parse().map_err(|_| MeterError::Malformed { path: path.to_owned(), text })
}

/// The entries of a folder by name, so that the order of meters does not depend on the disk.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, MeterError> {
    let read = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &std::io::Error) -> MeterError {
    let why = match error.kind() {
        ErrorKind::PermissionDenied => permission(path),
        ErrorKind::NotFound => "there is no such file".into(),
        _ => error.to_string(),
    };
    MeterError::Unreadable { path: path.to_owned(), why }
}

/// The remedy for a counter that only root may read.
fn permission(path: &Path) -> String {
    if path.ends_with("energy_uj") {
        "only root may read it since CVE-2020-8694 (PLATYPUS); run as root, or let everybody read \
         it until the next boot: sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"
            .into()
    } else {
        "permission denied; run as root, or make it readable".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_of_root_says_what_to_do() {
        let denied = std::io::Error::from(ErrorKind::PermissionDenied);
        let path = Path::new("/sys/class/powercap/intel-rapl:0/energy_uj");
        let text = unreadable(path, &denied).to_string();
        assert!(text.contains("sudo chmod a+r"), "{text}");
        assert!(text.contains("CVE-2020-8694"), "{text}");
        let other = unreadable(Path::new("/sys/class/hwmon"), &denied).to_string();
        assert!(other.contains("permission denied"), "{other}");
    }
}
