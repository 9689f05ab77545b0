//! Text in a width: the width of the terminal, lines wrapped at spaces, names shortened in the
//! middle.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

/// The width where standard output is no terminal and `COLUMNS` says none.
const WIDTH: usize = 120;

/// No terminal is taken for narrower than this.
const LEAST: usize = 40;

/// Returns the columns of the terminal; else `COLUMNS`, else 120.
pub fn terminal_width() -> usize {
    let terminal = || {
        let is_terminal = std::io::stdout().is_terminal();
        let (_, columns) = is_terminal.then(|| console::Term::stdout().size_checked())??;
        Some(usize::from(columns)).filter(|columns| *columns > 0)
    };
    let variable = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    terminal().or_else(variable).unwrap_or(WIDTH).max(LEAST)
}

/// Returns how many columns of a terminal a text takes.
pub fn width_of(text: &str) -> usize {
    console::measure_text_width(text)
}

/// Returns a text that is too wide with its middle left out: `excitat…layer_4`.
pub fn shorten(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let start = prefix(text.chars(), room.div_ceil(2));
    let end = prefix(text.chars().rev(), room / 2);
    let end: String = end.chars().rev().collect();
    format!("{start}…{end}")
}

/// Returns names shortened to a width. Names that differ still do: those that would look the same
/// are numbered.
pub fn shorten_all(names: &[&str], width: usize) -> Vec<String> {
    let mut short: Vec<String> = names.iter().map(|name| shorten(name, width)).collect();
    // The different names of each short form, in the order given.
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (short, &name) in short.iter().zip(names) {
        let all = alike.entry(short.clone()).or_default();
        if !all.contains(&name) {
            all.push(name);
        }
    }
    for (short, name) in short.iter_mut().zip(names) {
        let all = &alike[short];
        if let Some(place) = all.iter().position(|other| other == name).filter(|_| all.len() > 1) {
            let mark = format!("~{}", place + 1);
            *short = shorten(name, width.saturating_sub(mark.len())) + &mark;
        }
    }
    short
}

/// Returns the lines of a text wrapped at spaces; a word that is wider than the width stays whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    if width_of(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if width_of(line) + 1 + width_of(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Returns a page whose lines fit a width. Lines that are too wide are wrapped at spaces, and go on
/// below the text behind their label; a command to type goes on behind a backslash.
pub fn page(text: &str, width: usize) -> String {
    let mut page = String::with_capacity(text.len());
    for line in text.lines() {
        if width_of(line) <= width || line.starts_with('─') || line.starts_with("wrote ") {
            page.push_str(line);
        } else {
            page.push_str(&wrapped(line, width));
        }
        page.push('\n');
    }
    page
}

/// The words before a command to type.
pub const COMMAND: &str = "  again: ";

fn wrapped(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    let hang = match label(line) {
        _ if line.starts_with(COMMAND) => COMMAND.len(),
        Some(hang) if hang <= width / 2 => hang,
        _ => indent + 2,
    };
    let (first, rest) = line.split_at(hang_start(line, hang, indent));
    let end = if line.starts_with(COMMAND) { " \\" } else { "" };
    let lines = wrap(rest, width.saturating_sub(hang.max(first.len()) + end.len()));
    first.to_owned() + &lines.join(&format!("{end}\n{}", " ".repeat(hang)))
}

/// The beginning of the text that is wrapped: behind the label, or behind the indentation.
fn hang_start(line: &str, hang: usize, indent: usize) -> usize {
    if line.is_char_boundary(hang) && line[..hang].ends_with(' ') { hang } else { indent }
}

/// The beginning of the text behind a label and at least two spaces.
fn label(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let gap = indent + line[indent..].find("  ")?;
    Some(gap + line[gap..].len() - line[gap..].trim_start().len())
}

/// As many characters as fit.
fn prefix(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut text = String::new();
    for character in characters {
        text.push(character);
        if width_of(&text) > width {
            text.pop();
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_in_the_middle() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("layer_1_of_column_A", 9), "laye…mn_A");
        assert_eq!(shorten("größer als gedacht", 8), "größ…cht");
        // Wide letters take two columns.
        assert_eq!(shorten("神经元神经元", 7), "神…元");
        assert_eq!((shorten("abc", 1), shorten("abc", 0)), ("…".into(), "…".into()));
    }

    #[test]
    fn names_that_differ_in_the_middle_are_numbered() {
        let names = ["layer_4_exc_of_A", "layer_4_inh_of_A", "layer_4_exc_of_A", "other"];
        let short = shorten_all(&names, 9);
        assert_eq!(short, ["lay…f_A~1", "lay…f_A~2", "lay…f_A~1", "other"]);
        assert_eq!(shorten_all(&names, 16), names);
    }

    #[test]
    fn lines_are_wrapped_at_spaces_and_go_on_below_their_text() {
        let text = "  label    some words that are too long for it\nnote without a label here\n";
        let wanted = "  label    some words\n           that are too\n           long for it\n\
                      note without a label\n  here\n";
        assert_eq!(page(text, 23), wanted);
        let path = "wrote /a/long path/that is/copied.npz\n";
        assert_eq!(page(path, 20), path);
        let command = "  again: isospike run model.toml --seed 7\n";
        let wanted = "  again: isospike run \\\n         model.toml \\\n         --seed 7\n";
        assert_eq!(page(command, 24), wanted);
    }

    #[test]
    fn a_word_that_is_wider_than_the_line_stays_whole() {
        assert_eq!(wrap("a bbbbbbbbbb c", 5), ["a", "bbbbbbbbbb", "c"]);
    }
}
