//! Folders of core, and those of the CPU backend, stand in an order: each imports from those before
//! it only.

use std::fs;
use std::path::{Path, PathBuf};

/// A crate with an order.
struct Layers {
    /// Its sources, from the folder of core.
    source: &'static str,
    /// The folders, the leaves first.
    order: &'static [&'static str],
    /// Files that still import upward: none may be added.
    open: &'static [&'static str],
    /// Fewer files are a fault of this test.
    least_files: usize,
}

const CORE: Layers = Layers {
    source: "src",
    order: &[
        "base", "ir", "connect", "describe", "plan", "run", "print", "device", "oracle", "analyse",
    ],
    open: &[],
    least_files: 80,
};

const CPU: Layers = Layers {
    source: "../backend-cpu/src",
    order: &["arch", "program", "synapse", "run", "simulation"],
    // A test of workers runs whole simulations.
    open: &["run/worker/tests.rs"],
    least_files: 50,
};

#[test]
fn no_import_of_core_runs_upward() {
    CORE.check();
}

#[test]
fn no_import_of_the_cpu_backend_runs_upward() {
    CPU.check();
}

impl Layers {
    /// Panics with the imports that run upward, and with exceptions that nothing needs.
    fn check(&self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.source);
        let mut files = Vec::new();
        for entry in fs::read_dir(&root).unwrap() {
            let path = entry.unwrap().path();
            let folder = path.file_stem().unwrap().to_str().unwrap().to_string();
            if folder == "lib" {
                continue;
            }
            let place = self.order.iter().position(|known| *known == folder);
            let place = place.unwrap_or_else(|| panic!("{folder} has no place in the order"));
            files.extend(sources(&path).into_iter().map(|file| (place, file)));
        }
        assert!(files.len() > self.least_files, "only {} files were found", files.len());
        let is_open = |file: &Path| self.open.iter().any(|open| file.ends_with(open));
        let (open, closed): (Vec<_>, Vec<_>) = files.iter().partition(|(_, file)| is_open(file));
        let upward = |(place, file): &&(usize, PathBuf)| self.upward(*place, file);
        let found: Vec<String> = closed.iter().flat_map(upward).collect();
        assert!(found.is_empty(), "imports that run upward:\n{}", found.join("\n"));
        let needed = open.iter().filter(|file| !upward(file).is_empty()).count();
        assert_eq!(needed, self.open.len(), "exceptions that are needed");
    }

    /// Returns a line for each mention of a later folder; comments may mention any.
    fn upward(&self, place: usize, file: &Path) -> Vec<String> {
        let text = fs::read_to_string(file).unwrap();
        let code =
            text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let mut found = Vec::new();
        for (number, line) in code {
            for mention in line.split("crate::").skip(1) {
                let name: String =
                    mention.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let later =
                    self.order.iter().position(|known| *known == name).is_some_and(|n| n > place);
                if later {
                    found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
                }
            }
        }
        found
    }
}

/// Returns all source files at or under a path.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        return entries.flat_map(|entry| sources(&entry.unwrap().path())).collect();
    }
    vec![path.to_path_buf()]
}
