//! Networks to the texts of model files.

use super::source;
use crate::diagnostic::{Diagnostics, SourceFile};
use crate::network::{Content, Field, Item, Network, Value};
use std::fmt::Write as _;

/// The columns that a line may take where it can be broken.
const WIDTH: usize = 100;

/// The name of the written text in mistakes.
const NAME: &str = "the network as a model file";

impl Network {
    /// Writes the network as the text of a model file, fields and values as they were given.
    /// [`super::parse`] makes of it a network whose check gives the same: the same numbers in the
    /// same order, the same mistakes.
    ///
    /// Data files stay where they are and keep their paths, which start from [`Self::folder`];
    /// lists that were given as values stand in the text. Comments of a file are left out, and
    /// `[network]` has a name also where the name came from that of the file. [`super::read`] takes
    /// files of 16 MiB at most.
    ///
    /// # Errors
    /// [`Self::diagnostics`], and what a model file cannot say: a name that is given twice, one of
    /// more than 256 bytes, tables and lists that nest more than 16 deep.
    pub fn to_toml(&self) -> Result<String, Diagnostics> {
        if !self.diagnostics.is_empty() {
            return Err(Diagnostics(self.diagnostics.clone()));
        }
        let text = text_of(self);
        source::fields(&text, &SourceFile::new(NAME, &text))?;
        Ok(text)
    }
}

fn text_of(network: &Network) -> String {
    // Named one by one, so that a new section does not compile until it is written.
    let Network {
        location: _,
        settings,
        constants,
        models,
        synapses,
        populations,
        projections,
        stimuli,
        signals,
        rewires,
        probes,
        diagnostics: _,
        folder: _,
    } = network;
    let mut text = "[network]\n".to_string();
    if !settings.iter().any(|field| field.name == "name") {
        text += &format!("name = {}\n", quoted(&network.default_name()));
    }
    write_fields(&mut text, settings);
    if !constants.is_empty() {
        text += "\n[constants]\n";
        write_fields(&mut text, constants);
    }
    let sections: [(&str, &[Item]); 8] = [
        ("model", models),
        ("synapse", synapses),
        ("population", populations),
        ("projection", projections),
        ("stimulus", stimuli),
        ("signal", signals),
        ("rewire", rewires),
        ("probe", probes),
    ];
    for (section, items) in sections {
        for item in items {
            write_item(&mut text, &format!("{section}.{}", key(&item.name)), &item.fields);
        }
    }
    text
}

/// Writes an item: first the fields that have lines of their own, then long tables, each under a
/// header. An item of such tables alone needs no header itself. The order of an item's fields has
/// no meaning; that within its tables has, and stays.
fn write_item(text: &mut String, path: &str, fields: &[Field]) {
    let lines = fields.iter().filter(|field| long_table(field).is_none());
    if fields.is_empty() || lines.clone().next().is_some() {
        let _ = writeln!(text, "\n[{path}]");
    }
    write_fields(text, lines);
    for field in fields {
        if let Some(inner) = long_table(field) {
            let _ = writeln!(text, "\n[{path}.{}]", key(&field.name));
            write_fields(text, inner);
        }
    }
}

fn write_fields<'f>(text: &mut String, fields: impl IntoIterator<Item = &'f Field>) {
    for field in fields {
        match &field.value.content {
            Content::List(values) if !fits(field) => write_list(text, &key(&field.name), values),
            _ => {
                text.push_str(&line(field));
                text.push('\n');
            }
        }
    }
}

/// The fields of a table that does not fit on a line.
fn long_table(field: &Field) -> Option<&[Field]> {
    match &field.value.content {
        Content::Table(fields) if !fields.is_empty() && !fits(field) => Some(fields),
        _ => None,
    }
}

fn line(field: &Field) -> String {
    format!("{} = {}", key(&field.name), inline(&field.value))
}

fn fits(field: &Field) -> bool {
    if is_long(&field.value) {
        return false;
    }
    let line = line(field);
    line.len() <= WIDTH && !line.contains('\n')
}

/// Whether a value has more parts than a line can hold, seen without writing it: each takes three
/// columns at least.
fn is_long(value: &Value) -> bool {
    match &value.content {
        Content::List(values) => values.len() > WIDTH / 3 || values.iter().any(is_long),
        Content::Table(fields) => fields.iter().any(|field| is_long(&field.value)),
        _ => false,
    }
}

/// Writes a list over several lines: as many values on a line as fit, a table on its own.
fn write_list(text: &mut String, key: &str, values: &[Value]) {
    let _ = write!(text, "{key} = [");
    // The columns of the line so far; the first value begins a line.
    let mut columns = WIDTH;
    for value in values {
        let one = inline(value);
        let alone = matches!(value.content, Content::Table(_)) || one.contains('\n');
        let width = one.chars().count() + 2;
        if alone || columns + width > WIDTH + 1 {
            text.push_str("\n    ");
            columns = 4;
        } else {
            text.push(' ');
        }
        text.push_str(&one);
        text.push(',');
        columns = if alone { WIDTH } else { columns + width };
    }
    text.push_str("\n]\n");
}

/// Writes a value without line breaks but those of texts.
fn inline(value: &Value) -> String {
    match &value.content {
        Content::Text(text) if text.contains('\n') => {
            format!("\"\"\"\n{}\"\"\"", escaped(text, "\n\t"))
        }
        Content::Text(text) => quoted(text),
        Content::Number(number) if number.is_nan() => "nan".into(),
        // The shortest digits that read as the same float, with a point or an exponent.
        Content::Number(number) => format!("{number:?}"),
        Content::Integer(number) => number.to_string(),
        Content::Bool(truth) => truth.to_string(),
        Content::List(values) => {
            let values: Vec<String> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        Content::Table(fields) if fields.is_empty() => "{}".into(),
        Content::Table(fields) => {
            let fields: Vec<String> = fields.iter().map(line).collect();
            format!("{{ {} }}", fields.join(", "))
        }
    }
}

/// Writes a name, in quotes where it needs them.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.into(),
        false => quoted(name),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, ""))
}

/// Escapes quotes, backslashes and control characters but those that may stay.
fn escaped(text: &str, stay: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if stay.contains(c) => result.push(c),
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\t' => result.push_str("\\t"),
            '\r' => result.push_str("\\r"),
            c if c.is_ascii_control() => {
                let _ = write!(result, "\\u{:04X}", u32::from(c));
            }
            c => result.push(c),
        }
    }
    result
}
