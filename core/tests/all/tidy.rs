//! The house rules of all sources and pages of the workspace, as facts: lengths, widths, `unsafe`
//! where `ARCHITECTURE.md` names it, prose.

mod prose;
mod source;

use source::Line;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a file.
const FILE_LINES: usize = 500;

/// The most lines of a function, from its name to its last brace.
const FUNCTION_LINES: usize = 70;

/// The most columns of a line of Rust. Text in quotes may be wider.
const COLUMNS: usize = 100;

/// The most columns of a line of a page outside of tables and code blocks.
const PAGE_COLUMNS: usize = 150;

/// Functions that are longer.
const LONG_FUNCTIONS: &[&str] =
    &["cli/src/bench/row.rs: row", "software-devices/cuda-stand-in/src/machine/warp.rs: compute"];

/// Folders without sources of the workspace.
const SKIPPED: [&str; 6] = ["target", "out", "shared", "corpus", "artifacts", "__pycache__"];

/// A source or a page.
struct File {
    /// Its path from the root of the workspace, with `/`.
    path: String,
    text: String,
    /// The lines of a source; none of a page.
    lines: Vec<Line>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads all sources and pages.
fn files() -> Vec<File> {
    let mut paths = Vec::new();
    list(&root(), "", &mut paths);
    paths.sort();
    assert!(paths.len() > 500, "only {} files were found", paths.len());
    let read = |path: String| {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let lines = if path.ends_with(".rs") { source::lines(&text) } else { Vec::new() };
        File { path, text, lines }
    };
    paths.into_iter().map(read).collect()
}

fn list(folder: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
            list(&entry.path(), &format!("{path}/"), paths);
        } else if kind.is_file() && (name.ends_with(".rs") || name.ends_with(".md")) {
            paths.push(path);
        }
    }
}

/// Faults, and the exceptions that they have needed.
#[derive(Default)]
struct Verdict {
    faults: Vec<String>,
    needed: BTreeSet<&'static str>,
}

impl Verdict {
    /// Takes a fault at `place`, which an exception that it starts with excuses.
    fn fault(&mut self, exceptions: &[&'static str], place: &str, fault: &str) {
        match exceptions.iter().find(|exception| place.starts_with(*exception)) {
            Some(exception) => drop(self.needed.insert(exception)),
            None => self.faults.push(format!("{place}: {fault}")),
        }
    }

    /// Panics with the faults and with the exceptions that nothing needed.
    fn end(mut self, exceptions: &[&'static str]) {
        for exception in exceptions.iter().filter(|exception| !self.needed.contains(*exception)) {
            self.faults.push(format!("{exception}: this exception is no longer needed"));
        }
        let Self { faults, .. } = self;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

#[test]
fn files_are_short() {
    let mut verdict = Verdict::default();
    for File { path, text, .. } in files() {
        let count = text.lines().count();
        if count > FILE_LINES {
            verdict.fault(&[], &path, &format!("{count} lines, at most {FILE_LINES}"));
        }
    }
    verdict.end(&[]);
}

#[test]
fn functions_are_short() {
    let mut verdict = Verdict::default();
    for File { path, lines, .. } in files() {
        for (name, first, count) in source::functions(&lines) {
            if count > FUNCTION_LINES {
                let place = format!("{path}: {name}");
                let fault = format!("line {first}: {count} lines, at most {FUNCTION_LINES}");
                verdict.fault(LONG_FUNCTIONS, &place, &fault);
            }
        }
    }
    verdict.end(LONG_FUNCTIONS);
}

#[test]
fn unsafe_stands_in_the_files_that_are_named() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, rest) = text.split_once("\n- `unsafe` stands in").expect("the rule");
    let rule = rest.split("\n- ").next().unwrap_or("");
    let quoted = rule.split('`').skip(1).step_by(2);
    let named: BTreeSet<&str> = quoted.filter(|name| name.contains('/')).collect();
    let mut needed = BTreeSet::new();
    let mut faults = Vec::new();
    for File { path, lines, .. } in files() {
        let word = |line: &Line| {
            line.code.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_unsafe)
        };
        let Some(first) = lines.iter().position(word) else { continue };
        let folder =
            |name: &&&str| path == **name || (name.ends_with('/') && path.starts_with(**name));
        match named.iter().find(folder) {
            Some(name) => drop(needed.insert(*name)),
            None => faults.push(format!("{path}:{}: `unsafe` in a file without leave", first + 1)),
        }
    }
    faults
        .extend(named.difference(&needed).map(|name| format!("{name}: no `unsafe` is left here")));
    assert!(faults.is_empty(), "against ARCHITECTURE.md:\n{}", faults.join("\n"));
}

fn is_unsafe(word: &str) -> bool {
    word == "unsafe"
}

#[test]
fn lines_are_narrow_and_prose_is_plain() {
    let mut faults = Vec::new();
    for File { path, text, lines } in files() {
        for (n, (text, line)) in text.lines().zip(&lines).enumerate() {
            let width = text.chars().count();
            // Rows of tables cannot be broken.
            let row = line.comment.as_ref().is_some_and(|text| text.trim().starts_with('|'));
            if width > COLUMNS && !line.quoted && !row {
                faults.push(format!("{path}:{}: {width} columns, at most {COLUMNS}", n + 1));
            }
        }
        let is_page = path.ends_with(".md");
        let paragraphs = match is_page {
            true => prose::of_page(&text),
            false => prose::of_source(&lines),
        };
        for (line, width) in is_page.then(|| wide_lines(&text)).into_iter().flatten() {
            faults.push(format!("{path}:{line}: {width} columns, at most {PAGE_COLUMNS}"));
        }
        for (line, fault) in paragraphs.iter().flat_map(|paragraph| prose::faults(paragraph)) {
            faults.push(format!("{path}:{line}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Returns the numbers and widths of the lines of a page that are too wide. Rows of tables and
/// lines of code blocks cannot be broken.
fn wide_lines(page: &str) -> Vec<(usize, usize)> {
    let mut is_code = false;
    let mut wide = Vec::new();
    for (n, line) in page.lines().enumerate() {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        let width = line.chars().count();
        if width > PAGE_COLUMNS && !is_code && !line.trim_start().starts_with('|') {
            wide.push((n + 1, width));
        }
    }
    wide
}

#[test]
fn wide_lines_of_pages_are_found() {
    let wide = "x".repeat(PAGE_COLUMNS + 1);
    let narrow = "x".repeat(PAGE_COLUMNS);
    let page = format!("{wide}\n{narrow}\n| {wide} |\n```\n{wide}\n```\n  {wide}\n");
    assert_eq!(wide_lines(&page), [(1, PAGE_COLUMNS + 1), (7, PAGE_COLUMNS + 3)]);
}

#[test]
fn links_of_pages_lead_to_files() {
    let mut faults = Vec::new();
    let mut count = 0;
    for File { path, text, .. } in files().into_iter().filter(|file| file.path.ends_with(".md")) {
        let folder = Path::new(&path).parent().unwrap_or(Path::new("")).to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let is_outside = link.starts_with("http") || link.starts_with('#');
            if is_outside || link.contains(char::is_whitespace) {
                continue;
            }
            let target = link.split('#').next().unwrap_or("");
            count += 1;
            if !root().join(&folder).join(target).exists() {
                faults.push(format!("{path}: {link} does not exist"));
            }
        }
    }
    assert!(count > 100, "only {count} links");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_glossary_names_places_that_exist() {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 80, "only {} rows", rows.len());
    for row in rows {
        let places = row.rsplit('|').nth(1).unwrap_or("").split('`').skip(1).step_by(2);
        for place in places.filter(|place| place.contains('/')) {
            assert!(root().join(place).exists(), "{place} does not exist: {row}");
        }
    }
}
