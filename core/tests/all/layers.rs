//! Folders of core stand in an order: each imports from those before it only.

use std::fs;
use std::path::{Path, PathBuf};

/// Files that still import upward: none may be added.
const OPEN: [&str; 2] = ["run/backend.rs", "device/any.rs"];

/// The folders, the leaves first.
const ORDER: [&str; 10] =
    ["base", "ir", "connect", "describe", "plan", "run", "print", "device", "oracle", "analyse"];

#[test]
fn no_import_runs_upward() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let folder = path.file_stem().unwrap().to_str().unwrap().to_string();
        if folder == "lib" {
            continue;
        }
        let place = ORDER.iter().position(|known| *known == folder);
        let place = place.unwrap_or_else(|| panic!("{folder} has no place in ORDER"));
        for file in sources(&path) {
            if OPEN.iter().any(|open| file.ends_with(open)) {
                continue;
            }
            files.push((place, file));
        }
    }
    assert!(files.len() > 80, "only {} files were found", files.len());
    let upward: Vec<String> = files.iter().flat_map(|(place, file)| upward(*place, file)).collect();
    assert!(upward.is_empty(), "imports that run upward:\n{}", upward.join("\n"));
}

/// Returns all source files at or under a path.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        return entries.flat_map(|entry| sources(&entry.unwrap().path())).collect();
    }
    vec![path.to_path_buf()]
}

/// Returns a line for each mention of a later folder; comments may mention any.
fn upward(place: usize, file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for (number, line) in code {
        for mention in line.split("crate::").skip(1) {
            let name: String =
                mention.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let later = ORDER.iter().position(|known| *known == name).is_some_and(|n| n > place);
            if later {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    found
}
