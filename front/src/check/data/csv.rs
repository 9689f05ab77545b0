//! Lines of a text table, one at a time and each within a limit.

use std::io::{BufRead, BufReader, Read, Result};

/// The longest line in bytes. A row has at most four numbers.
pub(super) const LINE_MAX: usize = 4096;

/// Reads lines; none is longer than [`LINE_MAX`].
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// The number of the line that was read last.
    pub number: u32,
}

/// How reading a line ended.
pub(super) enum Next<'l> {
    /// A line that is not blank.
    Line(&'l str),
    /// One that is not UTF-8.
    NotUtf8,
    /// One that is too long; nothing more can be read.
    TooLong,
    /// There is no more.
    End,
}

impl<R: Read> Lines<R> {
    /// Starts before the first line.
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(1 << 18, reader), line: Vec::new(), number: 0 }
    }

    /// Reads the next line that is not blank; gives its number, too.
    pub fn next(&mut self) -> Result<(u32, Next<'_>)> {
        loop {
            match self.read()? {
                None => return Ok((self.number, Next::TooLong)),
                Some(false) => return Ok((self.number, Next::End)),
                Some(true) if self.line.trim_ascii().is_empty() => {}
                Some(true) => break,
            }
        }
        let line = std::str::from_utf8(&self.line);
        Ok((self.number, line.map_or(Next::NotUtf8, |line| Next::Line(line.trim()))))
    }

    /// Reads a line without its end, which is a line feed, a carriage return, or both. Gives false
    /// at the end of the file, `None` where the line is too long.
    fn read(&mut self) -> Result<Option<bool>> {
        self.line.clear();
        self.number = self.number.saturating_add(1);
        let mut any = false;
        loop {
            let bytes = self.reader.fill_buf()?;
            if bytes.is_empty() {
                return Ok(Some(any));
            }
            any = true;
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let piece = end.unwrap_or(bytes.len());
            if self.line.len() + piece > LINE_MAX {
                return Ok(None);
            }
            self.line.extend_from_slice(&bytes[..piece]);
            let Some(end) = end else {
                self.reader.consume(piece);
                continue;
            };
            let returned = bytes[end] == b'\r';
            self.reader.consume(end + 1);
            if returned && self.reader.fill_buf()?.first() == Some(&b'\n') {
                self.reader.consume(1);
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            return Ok(Some(true));
        }
    }
}

/// Splits a line at commas; a field may stand in quotes.
pub(super) fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|field| {
        let field = field.trim();
        let quoted = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        quoted.map_or(field, str::trim)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(u32, String)> {
        let mut lines = Lines::new(text);
        let mut all = Vec::new();
        loop {
            let (number, line) = lines.next().unwrap();
            let line = match line {
                Next::Line(line) => line.to_owned(),
                Next::NotUtf8 => "not UTF-8".into(),
                Next::TooLong => "too long".into(),
                Next::End => return all,
            };
            let ends = line == "too long";
            all.push((number, line));
            if ends {
                return all;
            }
        }
    }

    #[test]
    fn lines_end_in_each_of_three_ways() {
        let expected = [(1, "a,b"), (3, "1, 2"), (4, "3,4")].map(|(n, s)| (n, s.to_owned()));
        for text in ["a,b\n\n 1, 2\n3,4", "a,b\r\n\r\n1, 2 \r\n3,4\r\n", "\u{feff}a,b\r\r1, 2\r3,4"]
        {
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(read(b"a\n\xff\nb")[1..], [(2, "not UTF-8".into()), (3, "b".into())]);
        assert_eq!(read(&[b'1'; LINE_MAX]).len(), 1);
        assert_eq!(read(&[b'1'; LINE_MAX + 1]), [(1, "too long".into())]);
    }

    #[test]
    fn fields_may_have_blanks_and_quotes() {
        assert_eq!(fields("1, \"2.5\" ,,x").collect::<Vec<_>>(), ["1", "2.5", "", "x"]);
    }
}
