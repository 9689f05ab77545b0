//! Mistakes with the lines they stand on.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use isospike_core::base::words::count;
use isospike_front::diagnostic::{Diagnostic, Diagnostics, Location};
use std::ops::Range;

/// All mistakes, each with its line, a caret and what would be right; at the end their number.
pub fn render(diagnostics: &Diagnostics, styled: bool) -> String {
    render_from(diagnostics, styled, |_, _| None)
}

/// The same with lines from elsewhere, such as the cells of a notebook. `line` gets the name of a
/// file and the number of a line from 1 on; it gives that line without its end. It is called where
/// the mistake does not hold the text itself.
pub fn render_from(
    diagnostics: &Diagnostics,
    styled: bool,
    line: impl Fn(&str, u32) -> Option<String>,
) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in &diagnostics.0 {
        let location = &diagnostic.location;
        // The text that was read: a pipe gives it once, and a file may have changed since.
        let line = location.file.as_ref().filter(|_| location.line > 0).and_then(|file| {
            let held = file.line(location.line).map(str::to_owned);
            held.or_else(|| line(file, location.line))
        });
        text += &renderer.render(&[group(diagnostic, line.as_deref())]);
        text += "\n\n";
    }
    text + &format!("{} found", count(diagnostics.0.len() as u64, "mistake"))
}

/// One mistake as a title, a snippet where its line is known, and its help.
fn group<'a>(diagnostic: &'a Diagnostic, line: Option<&'a str>) -> Group<'a> {
    let field = match diagnostic.field.as_str() {
        "" => String::new(),
        field => format!(", field `{field}`"),
    };
    let title = format!("{}{field}: {}", diagnostic.item, diagnostic.message);
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    let location = &diagnostic.location;
    let file = location.file.as_deref();
    match (file, line) {
        (Some(file), Some(line)) => {
            let snippet = Snippet::source(line).line_start(location.line as usize).path(file);
            let annotation = AnnotationKind::Primary.span(span(line, location));
            group = group.element(snippet.annotation(annotation));
        }
        (Some(file), None) => group = group.element(Level::NOTE.message(place(file, diagnostic))),
        (None, _) => {}
    }
    if !diagnostic.help.is_empty() {
        group = group.element(Level::HELP.message(diagnostic.help.as_str()));
    }
    group
}

/// `in FILE:LINE:COLUMN`, as far as known.
fn place(file: &str, diagnostic: &Diagnostic) -> String {
    match diagnostic.location.line {
        0 => format!("in {file}"),
        line => format!("in {file}:{line}:{}", diagnostic.location.column),
    }
}

/// The bytes of its line that an origin names.
fn span(line: &str, location: &Location) -> Range<usize> {
    let column = location.column.saturating_sub(1) as usize;
    let byte = |characters: usize| {
        line.char_indices().nth(characters).map_or(line.len(), |(offset, _)| offset)
    };
    byte(column)..byte(column + location.length.max(1) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_front::diagnostic::SourceFile;

    fn location(line: u32, column: u32, length: u32) -> Location {
        Location { file: None, line, column, length }
    }

    #[test]
    fn a_span_counts_characters_and_stays_on_its_line() {
        let line = "b = \"µs µs\"";
        assert_eq!(&line[span(line, &location(2, 9, 2))], "µs");
        assert_eq!(&line[span(line, &location(2, 1, 1))], "b");
        assert_eq!(&line[span(line, &location(2, 9, 50))], "µs\"");
        assert_eq!(span(line, &location(2, 99, 1)), line.len()..line.len());
    }

    #[test]
    fn a_line_is_quoted_from_the_text_that_was_read() {
        let file = SourceFile::new("/nowhere/m.toml", "size = 4\r\nnext = 0\n");
        assert_eq!(file.line(1), Some("size = 4"));
        assert_eq!((file.line(0), file.line(3)), (None, None));
        let diagnostic = Diagnostic {
            location: Location { file: Some(file), ..location(2, 8, 1) },
            item: "population exc".into(),
            field: "next".into(),
            message: "is 0".into(),
            help: String::new(),
        };
        let text = render(&Diagnostics(vec![diagnostic]), false);
        for words in ["/nowhere/m.toml:2:8", "2 | next = 0", "1 mistake found"] {
            assert!(text.contains(words), "`{words}` is not in {text}");
        }
    }

    #[test]
    fn a_line_that_no_mistake_holds_comes_from_elsewhere() {
        let at = |file: SourceFile| Diagnostic {
            location: Location { file: Some(file), ..location(2, 5, 4) },
            item: "population exc".into(),
            field: "size".into(),
            message: "is 0".into(),
            help: String::new(),
        };
        let held = at(SourceFile::new("m.toml", "\nnew=size"));
        let all = Diagnostics(vec![at("cell 3".into()), held, at("cell 4".into())]);
        let cell = |file: &str, line| (file == "cell 3").then(|| format!("net.size # {line}"));
        let text = render_from(&all, false, cell);
        for words in ["cell 3:2:5", "2 | net.size # 2", "2 | new=size", "in cell 4:2:5"] {
            assert!(text.contains(words), "`{words}` is not in {text}");
        }
        assert!(!render(&all, false).contains("net.size"));
    }

    #[test]
    fn every_mistake_is_printed_with_its_help() {
        let diagnostic = |field: &str| Diagnostic {
            location: Location {
                file: Some("/nowhere/m.toml".into()),
                line: 3,
                ..location(3, 5, 2)
            },
            item: "population exc".into(),
            field: field.into(),
            message: "is 0".into(),
            help: "at least 1".into(),
        };
        let text = render(&Diagnostics(vec![diagnostic("size"), diagnostic("model")]), false);
        assert!(text.contains("population exc, field `size`: is 0"), "{text}");
        assert!(text.contains("field `model`"), "{text}");
        assert!(text.contains("/nowhere/m.toml:3:5"), "{text}");
        assert!(text.contains("at least 1"), "{text}");
        assert!(text.ends_with("2 mistakes found"), "{text}");
    }
}
