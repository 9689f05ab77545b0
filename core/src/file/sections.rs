//! The sections of a model file.

use crate::check::suggest;
use crate::mistake::{Mistake, Origin};
use crate::network::{Content, Field, Item, Network};
use std::sync::Arc;

/// All sections, as they are written in files and in `--set` paths.
pub(super) const SECTIONS: [&str; 7] =
    ["network", "constants", "model", "population", "projection", "stimulus", "probe"];

/// Sorts the top-level tables of a document into a network.
pub(super) fn network(fields: Vec<Field>, file: &Arc<str>, mistakes: &mut Vec<Mistake>) -> Network {
    let origin = Origin { file: Some(file.clone()), ..Origin::default() };
    let mut network = Network { origin, ..Network::default() };
    for field in fields {
        let Some(list) = section(&mut network, &field.name) else {
            mistakes.push(unknown_section(&field.name, field.origin));
            continue;
        };
        let Content::Table(entries) = field.value.content else {
            let header = match list {
                Section::Fields(_) => format!("[{}]", field.name),
                Section::Items(_) => format!("[{}.NAME]", field.name),
            };
            let message = format!("`{}` is a section, not a value", field.name);
            mistakes.push(wrong(field.value.origin, message, format!("write `{header}`")));
            continue;
        };
        match list {
            Section::Fields(fields) => {
                *fields = entries;
                if field.name == "network" {
                    network.origin = field.origin;
                }
            }
            Section::Items(items) => {
                for entry in entries {
                    match item(&field.name, entry) {
                        Ok(item) => items.push(item),
                        Err(mistake) => mistakes.push(*mistake),
                    }
                }
            }
        }
    }
    network
}

/// A section of a network by name.
pub(super) enum Section<'n> {
    /// Fields, with no items in between.
    Fields(&'n mut Vec<Field>),
    /// Named items.
    Items(&'n mut Vec<Item>),
}

/// The section of this name.
pub(super) fn section<'n>(network: &'n mut Network, name: &str) -> Option<Section<'n>> {
    Some(match name {
        "network" => Section::Fields(&mut network.settings),
        "constants" => Section::Fields(&mut network.constants),
        "model" => Section::Items(&mut network.models),
        "population" => Section::Items(&mut network.populations),
        "projection" => Section::Items(&mut network.projections),
        "stimulus" => Section::Items(&mut network.stimuli),
        "probe" => Section::Items(&mut network.probes),
        _ => return None,
    })
}

fn item(section: &str, entry: Field) -> Result<Item, Box<Mistake>> {
    match entry.value.content {
        Content::Table(fields) => Ok(Item { name: entry.name, origin: entry.origin, fields }),
        _ => Err(Box::new(Mistake {
            origin: entry.value.origin,
            item: format!("{section} {}", entry.name),
            field: String::new(),
            message: "a table of fields is expected here, not a value".into(),
            help: format!("write `[{section}.{}]` and its fields below", entry.name),
        })),
    }
}

fn unknown_section(name: &str, origin: Origin) -> Mistake {
    let help = suggest::help(name, &SECTIONS, "sections");
    wrong(origin, format!("there is no section `{name}`"), help)
}

fn wrong(origin: Origin, message: String, help: String) -> Mistake {
    Mistake { origin, item: "file".into(), field: String::new(), message, help }
}
