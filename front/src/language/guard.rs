//! Limits and brackets, checked before the parser recurses into the text.

use super::place::{Place, Span};
use crate::diagnostic::Diagnostic;

/// The longest text that is read, in bytes.
pub const LENGTH_MAX: usize = 64 * 1024;

/// How many brackets may be open at once.
pub const NESTING_MAX: usize = 64;

/// Checks length, nesting and brackets. Gives the text with comments, carriage returns and the
/// newlines inside parentheses replaced by spaces, byte for byte, so that places stay right.
pub fn guard(place: Place) -> Result<String, Diagnostic> {
    let text = place.text;
    if text.len() > LENGTH_MAX {
        let help = format!("the limit is {LENGTH_MAX} bytes");
        return Err(place.diagnostic(Span { start: 0, end: 0 }, "the text is too long", help));
    }
    let mut clean = String::with_capacity(text.len());
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut parentheses = 0;
    let mut comment = false;
    for (at, c) in text.char_indices() {
        let span = Span { start: at, end: at + c.len_utf8() };
        comment = (comment || c == '#') && c != '\n';
        if comment || c == '\r' || (c == '\n' && parentheses > 0) {
            clean.extend(std::iter::repeat_n(' ', c.len_utf8()));
            continue;
        }
        clean.push(c);
        match c {
            '(' | '{' => {
                if open.len() == NESTING_MAX {
                    let help = format!("at most {NESTING_MAX} brackets may be open at once");
                    return Err(place.diagnostic(span, "brackets are nested too deeply", help));
                }
                parentheses += usize::from(c == '(');
                open.push((c, at));
            }
            ')' | '}' => {
                let partner = if c == ')' { '(' } else { '{' };
                if open.last().map(|last| last.0) != Some(partner) {
                    return Err(unmatched(place, span, c, partner, open.last().copied()));
                }
                parentheses -= usize::from(c == ')');
                open.pop();
            }
            _ => {}
        }
    }
    match open.pop() {
        Some((c, at)) => Err(unclosed(place, c, at)),
        None => Ok(clean),
    }
}

fn unmatched(
    place: Place,
    span: Span,
    c: char,
    partner: char,
    open: Option<(char, usize)>,
) -> Diagnostic {
    match open {
        Some((c, at)) => unclosed(place, c, at),
        None => place.diagnostic(
            span,
            format!("`{c}` closes nothing"),
            format!("remove it, or add a `{partner}` before it"),
        ),
    }
}

fn unclosed(place: Place, c: char, at: usize) -> Diagnostic {
    let partner = if c == '(' { ')' } else { '}' };
    let span = Span { start: at, end: at + 1 };
    place.diagnostic(span, format!("`{c}` is never closed"), format!("add a `{partner}`"))
}
