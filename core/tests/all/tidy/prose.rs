//! Prose of comments and pages: paragraphs, sentences, and the words that no sentence has.

use super::source::Line;

/// Words that open no sentence: the rest of it has no subject.
const OPENINGS: [&str; 4] = ["What", "Who", "Of", "Where"];

/// Verbs of people. Machines are given, have, need, report.
const VERBS: [&str; 6] = ["asks", "asked", "knows", "wants", "tells", "told"];

/// Words with the number of their line.
type Paragraph<'a> = Vec<(usize, &'a str)>;

/// Returns the paragraphs of the comments of a source.
pub fn of_source(lines: &[Line]) -> Vec<Paragraph<'_>> {
    let mut text = Text::default();
    for (n, line) in lines.iter().enumerate() {
        // A comment behind code belongs to that code.
        if !line.code.trim().is_empty() || line.comment.is_none() {
            text.end();
            text.fenced = false;
        }
        text.line(n + 1, line.comment.as_deref().unwrap_or(""));
    }
    text.end();
    text.paragraphs
}

/// Returns the paragraphs of a page.
pub fn of_page(page: &str) -> Vec<Paragraph<'_>> {
    let mut text = Text::default();
    for (n, line) in page.lines().enumerate() {
        text.line(n + 1, line);
    }
    text.end();
    text.paragraphs
}

/// The paragraphs so far.
#[derive(Default)]
struct Text<'a> {
    paragraphs: Vec<Paragraph<'a>>,
    last: Paragraph<'a>,
    /// Whether the present line stands in a code block.
    fenced: bool,
}

impl<'a> Text<'a> {
    fn line(&mut self, number: usize, line: &'a str) {
        let line = line.trim();
        let fence = line.starts_with("```");
        self.fenced ^= fence;
        // Cells of tables are no sentences.
        if self.fenced || fence || line.is_empty() || line.starts_with('|') {
            return self.end();
        }
        let first = line.split_whitespace().next().unwrap_or("");
        if first.chars().all(|c| "-*#.".contains(c) || c.is_ascii_digit()) {
            self.end();
        }
        self.last.extend(line.split_whitespace().map(|word| (number, word)));
    }

    fn end(&mut self) {
        if !self.last.is_empty() {
            self.paragraphs.push(std::mem::take(&mut self.last));
        }
    }
}

/// Returns the line and the fault of each banned word of a paragraph.
pub fn faults(paragraph: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut start = true;
    for (number, word) in paragraph {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if start && OPENINGS.contains(&bare) {
            found.push((*number, format!("a sentence opens with `{bare}`")));
        }
        if VERBS.contains(&bare) {
            found.push((*number, format!("`{bare}` is a verb of people")));
        }
        // Marks of lists and headings stand before the first word.
        let mark = start && !bare.chars().any(char::is_alphabetic) && !word.contains('`');
        start = mark || word.trim_end_matches(['*', ')', '"']).ends_with(['.', '!', '?']);
    }
    found
}

#[test]
fn banned_words_are_found() {
    let page = "# What it is\n\nA device. **Where** it\nends; Of course.\n- 1.2 Who\n| What |\n```\nWhat\n```\n\
                It knows `x`. (Of two.) where What";
    let found: Vec<(usize, String)> = of_page(page).iter().flat_map(|p| faults(p)).collect();
    let opens = |line, word| (line, format!("a sentence opens with `{word}`"));
    assert_eq!(
        found,
        [
            opens(1, "What"),
            opens(3, "Where"),
            opens(5, "Who"),
            (10, "`knows` is a verb of people".to_string()),
            opens(10, "Of"),
        ]
    );
}
