//! A place in a list of tokens, and the small phrases that are read from it.

use super::LoadError;
use super::text::Token;

/// Reads tokens from front to back.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'t, 'a> {
    rest: &'t [Token<'a>],
    line: u32,
}

impl<'t, 'a> Cursor<'t, 'a> {
    /// Before the first token.
    pub fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { rest: tokens, line: tokens.first().map_or(1, |token| token.line) }
    }

    /// The line of the latest token.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// An error here.
    pub fn error(&self, what: impl Into<String>) -> LoadError {
        LoadError::invalid(self.line, what)
    }

    /// The next token's text, not consumed; empty at the end.
    pub fn peek(&self) -> &'a str {
        self.rest.first().map_or("", |token| token.text)
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next token.
    pub fn next(&mut self) -> Result<&'a str, LoadError> {
        let (first, rest) =
            self.rest.split_first().ok_or_else(|| self.error("the text ends here"))?;
        self.line = first.line;
        self.rest = rest;
        Ok(first.text)
    }

    /// Consumes the next token if it is `text`.
    pub fn take(&mut self, text: &str) -> bool {
        let is = self.peek() == text;
        if is {
            self.line = self.rest[0].line;
            self.rest = &self.rest[1..];
        }
        is
    }

    /// The next token must be `text`.
    pub fn expect(&mut self, text: &str) -> Result<(), LoadError> {
        match self.next()? {
            found if found == text => Ok(()),
            found => Err(self.error(format!("`{text}` expected, not `{found}`"))),
        }
    }

    /// A whole number in decimal or hexadecimal, as its 64 bits.
    pub fn integer(&mut self) -> Result<u64, LoadError> {
        let token = self.next()?;
        integer(token).ok_or_else(|| self.error(format!("a number expected, not `{token}`")))
    }

    /// The tokens up to `end`, which is consumed too.
    pub fn until(&mut self, end: &str) -> Result<Cursor<'t, 'a>, LoadError> {
        let length = self.rest.iter().position(|token| token.text == end);
        let length = length.ok_or_else(|| self.error(format!("no `{end}` after this")))?;
        let inner = Cursor { rest: &self.rest[..length], line: self.line };
        self.line = self.rest[length].line;
        self.rest = &self.rest[length + 1..];
        Ok(inner)
    }
}

/// The bits of a literal: decimal or hexadecimal with an optional sign.
pub fn integer(token: &str) -> Option<u64> {
    let (negative, digits) = match token.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, token),
    };
    let magnitude = match digits.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok()?,
        // A leading zero would mean octal, which no compiler writes.
        None if digits.len() > 1 && digits.starts_with('0') => return None,
        None => digits.parse().ok()?,
    };
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}
