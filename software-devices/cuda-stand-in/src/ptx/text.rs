//! Words and punctuation of a PTX text.

use super::LoadError;

/// A word, a string or one punctuation character, with the line it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: u32,
}

/// All tokens of a text, without comments.
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, LoadError> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => end_after(rest, 2, "*/", line)?,
            _ if first.is_whitespace() => first.len_utf8(),
            '"' => end_after(rest, 1, "\"", line)?,
            '-' => 1 + word_length(&rest[1..]),
            _ if is_word(first) => word_length(rest),
            ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '+' | '@'
            | '!' | '|' => 1,
            _ => return Err(LoadError::invalid(line, format!("unexpected `{first}`"))),
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() && !rest.starts_with("//") && !rest.starts_with("/*") {
            found.push(Token { text: token, line });
        }
        line += token.matches('\n').count() as u32;
        rest = after;
    }
    Ok(found)
}

fn end_after(rest: &str, from: usize, end: &str, line: u32) -> Result<usize, LoadError> {
    let found = rest[from..].find(end);
    found
        .map(|at| from + at + end.len())
        .ok_or_else(|| LoadError::invalid(line, format!("no `{end}` to the end of the text")))
}

fn word_length(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '%')
}
