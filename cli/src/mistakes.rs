//! Mistakes with the lines they stand on.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use isospike_core::mistake::{Mistake, Mistakes, Origin};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

/// All mistakes, each with its line, a caret and what would be right; at the end their number.
pub fn render(mistakes: &Mistakes, styled: bool) -> String {
    let mut sources = BTreeMap::new();
    for mistake in &mistakes.0 {
        if let Some(file) = &mistake.origin.file {
            sources
                .entry(file.clone())
                .or_insert_with(|| std::fs::read_to_string(file.as_ref()).ok());
        }
    }
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for mistake in &mistakes.0 {
        let source = mistake.origin.file.as_ref().and_then(|file| sources[file].as_deref());
        text += &renderer.render(&[group(mistake, source)]);
        text += "\n\n";
    }
    let count = mistakes.0.len();
    let _ = write!(text, "{count} mistake{} found", if count == 1 { "" } else { "s" });
    text
}

/// One mistake as a title, a snippet where its line is known, and its help.
fn group<'a>(mistake: &'a Mistake, source: Option<&'a str>) -> Group<'a> {
    let field = match mistake.field.as_str() {
        "" => String::new(),
        field => format!(", field `{field}`"),
    };
    let title = format!("{}{field}: {}", mistake.item, mistake.message);
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    let file = mistake.origin.file.as_deref();
    match (file, source.and_then(|text| Some((text, span(text, &mistake.origin)?)))) {
        (Some(file), Some((text, span))) => {
            group = group.element(
                Snippet::source(text).path(file).annotation(AnnotationKind::Primary.span(span)),
            );
        }
        (Some(file), None) => group = group.element(Level::NOTE.message(place(file, mistake))),
        (None, _) => {}
    }
    if !mistake.help.is_empty() {
        group = group.element(Level::HELP.message(mistake.help.as_str()));
    }
    group
}

/// `in FILE:LINE:COLUMN`, as far as known.
fn place(file: &str, mistake: &Mistake) -> String {
    match mistake.origin.line {
        0 => format!("in {file}"),
        line => format!("in {file}:{line}:{}", mistake.origin.column),
    }
}

/// The bytes of the text that an origin names; `None` where it lies outside.
fn span(text: &str, origin: &Origin) -> Option<Range<usize>> {
    let line_index = origin.line.checked_sub(1)? as usize;
    let line = text.split_inclusive('\n').nth(line_index)?;
    let start: usize = text.split_inclusive('\n').take(line_index).map(str::len).sum();
    let line = line.trim_end_matches(['\n', '\r']);
    let column = origin.column.saturating_sub(1) as usize;
    let byte = |characters: usize| {
        line.char_indices().nth(characters).map_or(line.len(), |(offset, _)| offset)
    };
    let end = byte(column + origin.length.max(1) as usize);
    Some(start + byte(column)..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(line: u32, column: u32, length: u32) -> Origin {
        Origin { file: None, line, column, length }
    }

    #[test]
    fn a_span_counts_characters_not_bytes() {
        let text = "a = 1\nb = \"µs µs\"\n";
        assert_eq!(&text[span(text, &origin(2, 9, 2)).unwrap()], "µs");
        assert_eq!(&text[span(text, &origin(1, 5, 1)).unwrap()], "1");
    }

    #[test]
    fn a_span_stays_on_its_line() {
        let text = "size = 4\r\nnext = 1\n";
        assert_eq!(&text[span(text, &origin(1, 8, 50)).unwrap()], "4");
        assert_eq!(span(text, &origin(3, 1, 1)), None);
        assert_eq!(span(text, &origin(0, 0, 0)), None);
    }

    #[test]
    fn every_mistake_is_printed_with_its_help() {
        let mistake = |field: &str| Mistake {
            origin: Origin { file: Some("/nowhere/m.toml".into()), line: 3, ..origin(3, 5, 2) },
            item: "population exc".into(),
            field: field.into(),
            message: "is 0".into(),
            help: "at least 1".into(),
        };
        let text = render(&Mistakes(vec![mistake("size"), mistake("model")]), false);
        assert!(text.contains("population exc, field `size`: is 0"), "{text}");
        assert!(text.contains("field `model`"), "{text}");
        assert!(text.contains("/nowhere/m.toml:3:5"), "{text}");
        assert!(text.contains("at least 1"), "{text}");
        assert!(text.ends_with("2 mistakes found"), "{text}");
    }
}
