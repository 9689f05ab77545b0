//! Rust text by lines: code without its strings and comments, comments without their markers.

/// One line of a source.
#[derive(Debug, Default, PartialEq)]
pub struct Line {
    /// The code; strings, character literals and comments are left out.
    pub code: String,
    /// The text of the comment that ends the line, without slashes.
    pub comment: Option<String>,
    /// Whether a part of the line is text in quotes.
    pub quoted: bool,
}

/// The state between two characters.
enum State {
    Code,
    Comment,
    /// A comment between slash and asterisk, so deeply nested.
    Block(u32),
    /// A string; of a raw one the number of its `#`.
    Text(Option<usize>),
}

/// Splits a source into lines.
pub fn lines(source: &str) -> Vec<Line> {
    let letters: Vec<char> = source.chars().collect();
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut state = State::Code;
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        if rest[0] == '\n' {
            if let State::Comment = state {
                state = State::Code;
            }
            lines.push(std::mem::take(&mut line));
            line.quoted = matches!(state, State::Text(_));
            at += 1;
            continue;
        }
        let taken;
        (state, taken) = step(state, rest, &mut line);
        at += taken;
    }
    lines.push(line);
    lines
}

/// Reads the next characters, none of which ends a line but in an escape.
fn step(state: State, rest: &[char], line: &mut Line) -> (State, usize) {
    match state {
        State::Code => code(rest, line),
        State::Comment => {
            line.comment.get_or_insert_default().push(rest[0]);
            (State::Comment, 1)
        }
        State::Block(depth) if starts(rest, "*/") => match depth {
            0 => (State::Code, 2),
            _ => (State::Block(depth - 1), 2),
        },
        State::Block(depth) if starts(rest, "/*") => (State::Block(depth + 1), 2),
        State::Block(depth) => (State::Block(depth), 1),
        State::Text(None) if rest[0] == '\\' && rest.get(1) != Some(&'\n') => {
            (State::Text(None), 2)
        }
        State::Text(None) if rest[0] == '"' => (State::Code, 1),
        State::Text(Some(n)) if rest[0] == '"' && hashes(&rest[1..]) >= n => (State::Code, 1 + n),
        State::Text(kind) => (State::Text(kind), 1),
    }
}

/// Reads code up to the next string, comment or character.
fn code(rest: &[char], line: &mut Line) -> (State, usize) {
    if starts(rest, "//") {
        let slashes = rest.iter().take_while(|c| **c == '/').count();
        let marker = slashes + usize::from(slashes == 2 && rest.get(2) == Some(&'!'));
        line.comment = Some(String::new());
        return (State::Comment, marker);
    }
    if starts(rest, "/*") {
        return (State::Block(0), 2);
    }
    let before = line.code.chars().last();
    let part_of_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest[0] == '"' {
        line.quoted = true;
        return (State::Text(None), 1);
    }
    let raw = usize::from(starts(rest, "b")) + 1;
    if !part_of_word && (starts(rest, "r") || starts(rest, "br")) {
        let n = hashes(&rest[raw..]);
        if rest.get(raw + n) == Some(&'"') {
            line.quoted = true;
            return (State::Text(Some(n)), raw + n + 1);
        }
    }
    // A character literal, not a lifetime: it ends with a quote.
    if rest[0] == '\'' {
        let escaped = rest.get(1) == Some(&'\\');
        let end = rest.iter().skip(if escaped { 3 } else { 2 }).take(10).position(|c| *c == '\'');
        match (escaped, end) {
            (true, Some(end)) => return (State::Code, end + 4),
            (false, Some(0)) => return (State::Code, 3),
            _ => {}
        }
    }
    line.code.push(rest[0]);
    (State::Code, 1)
}

fn starts(rest: &[char], with: &str) -> bool {
    with.chars().enumerate().all(|(n, c)| rest.get(n) == Some(&c))
}

fn hashes(rest: &[char]) -> usize {
    rest.iter().take_while(|c| **c == '#').count()
}

/// Returns the name, the first line and the number of lines of each function with a body.
pub fn functions(lines: &[Line]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    // Those whose body has not begun, at most one; those whose body is open, with its depth.
    let mut waiting: Option<(String, usize)> = None;
    let mut open: Vec<(String, usize, u32)> = Vec::new();
    let (mut depth, mut brackets) = (0, 0);
    for (number, line) in lines.iter().enumerate() {
        for (at, c) in line.code.char_indices() {
            match c {
                'f' => {
                    if let Some(name) = function(&line.code, at) {
                        (waiting, brackets) = (Some((name, number)), 0);
                    }
                }
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets -= 1,
                ';' if brackets == 0 => waiting = None,
                '{' => {
                    if let Some((name, first)) = waiting.take() {
                        open.push((name, first, depth));
                    }
                    depth += 1;
                }
                '}' => {
                    depth -= 1;
                    if let Some((name, first, _)) = open.pop_if(|last| last.2 == depth) {
                        found.push((name, first + 1, number - first + 1));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Returns the name of the function whose keyword stands at `at`.
fn function(code: &str, at: usize) -> Option<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let name = code[at..].strip_prefix("fn ")?;
    let name: String = name.chars().take_while(|c| word(*c)).collect();
    (!code[..at].ends_with(word) && !name.is_empty()).then_some(name)
}

#[test]
fn strings_and_comments_are_no_code() {
    let source = "let a = \"unsafe // {\"; // Where?\nlet b = r#\"fn \"x\" {\"#; /* { */ let c = '{';\n\
                  let d: &'a str = \"\n{\\\"\"; let e = '\\''; let f = '\\u{1f}';\n/// `x`\n//! y";
    let found = lines(source);
    let code: Vec<&str> = found.iter().map(|line| line.code.as_str()).collect();
    assert_eq!(
        code,
        [
            "let a = ; ",
            "let b = ;  let c = ;",
            "let d: &'a str = ",
            "; let e = ; let f = ;",
            "",
            ""
        ]
    );
    let comments: Vec<_> = found.iter().filter_map(|line| line.comment.as_deref()).collect();
    assert_eq!(comments, [" Where?", " `x`", " y"]);
    assert!(found[3].quoted && !found[4].quoted);
}

#[test]
fn functions_have_their_lengths() {
    let source = "trait T { fn a(&self); }\nfn b(x: [u8; 3]) -> u8\nwhere\n{\n    fn c() {}\n    0\n}\n\
                  type F = fn(u8);\nimpl X { const fn d() {\n} }";
    let found = functions(&lines(source));
    let expected = [("c", 5, 1), ("b", 2, 6), ("d", 9, 2)];
    assert_eq!(found, expected.map(|(name, first, count)| (name.to_string(), first, count)));
}
