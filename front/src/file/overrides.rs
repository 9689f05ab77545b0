//! `--set PATH=VALUE`.

use super::Override;
use super::sections::{SECTIONS, Section, section};
use super::source;
use crate::check::suggest;
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Network, Value};

/// Replaces or adds the field that the path names.
pub(super) fn apply(network: &mut Network, one: &Override) -> Result<(), Box<Diagnostic>> {
    let length = (one.path.chars().count() + 1 + one.value.chars().count()) as u32;
    let location = Location { file: Some("--set".into()), line: 0, column: 0, length };
    let wrong = |message: String, help: String| {
        let item = format!("{}={}", one.path, one.value);
        Box::new(Diagnostic {
            location: location.clone(),
            item,
            field: String::new(),
            message,
            help,
        })
    };
    let value = source::value(one.value.trim(), &location).unwrap_or_else(|| Value {
        content: Content::Text(one.value.clone()),
        location: location.clone(),
    });
    let parts: Vec<&str> = one.path.split('.').map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        let help = "a path is `population.exc.size`, or the name of a constant";
        return Err(wrong("the path has an empty part".into(), help.into()));
    }
    let missing = |what: &str, name: &str, known: Vec<&str>, plural: &str| {
        wrong(format!("there is no {what} `{name}`"), suggest::help(name, &known, plural))
    };
    if let [name] = parts[..] {
        let known = names(&network.constants);
        if SECTIONS.contains(&name) || !known.contains(&name) {
            return Err(missing("constant", name, known, "constants"));
        }
        put(&mut network.constants, &[name], value, &location);
        return Ok(());
    }
    let Some(found) = section(network, parts[0]) else {
        return Err(missing("section", parts[0], SECTIONS.to_vec(), "sections"));
    };
    let (fields, path) = match found {
        Section::Fields(fields) => (fields, &parts[1..]),
        Section::Items(items) => {
            let Some(at) = items.iter().position(|item| item.name == parts[1]) else {
                let known = items.iter().map(|item| item.name.as_str()).collect();
                return Err(missing(parts[0], parts[1], known, "names"));
            };
            if parts.len() < 3 {
                let message = format!("`{}` is a table, not a value", one.path);
                return Err(wrong(message, "name one of its fields too".into()));
            }
            (&mut items[at].fields, &parts[2..])
        }
    };
    match put(fields, path, value, &location) {
        None => Ok(()),
        Some(part) => Err(wrong(
            format!("`{part}` is not a table, so it has no field `{}`", parts[parts.len() - 1]),
            format!("set `{part}` itself"),
        )),
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

/// Puts the value at the path, making tables on the way. Gives the part that is in the way.
fn put(
    fields: &mut Vec<Field>,
    path: &[&str],
    value: Value,
    location: &Location,
) -> Option<String> {
    let (name, rest) = path.split_first()?;
    let at = fields.iter().position(|field| field.name == *name).unwrap_or_else(|| {
        let empty = Value { content: Content::Table(Vec::new()), location: location.clone() };
        fields.push(Field { name: name.to_string(), location: location.clone(), value: empty });
        fields.len() - 1
    });
    if rest.is_empty() {
        fields[at].value = value;
        return None;
    }
    match &mut fields[at].value.content {
        Content::Table(inner) => put(inner, rest, value, location),
        _ => Some(name.to_string()),
    }
}
