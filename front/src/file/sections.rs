//! The sections of a model file.

use crate::check::suggest;
use crate::language::closest;
use crate::mistake::{Mistake, Origin, SourceFile};
use crate::network::{Content, Field, Item, Network};

/// All sections, as they are written in files and in `--set` paths.
pub(super) const SECTIONS: [&str; 7] =
    ["network", "constants", "model", "population", "projection", "stimulus", "probe"];

/// Sorts the top-level tables of a document into a network. A section whose name is nearly right is
/// read as the one that was meant, so that one slip hides nothing and causes nothing else.
pub(super) fn network(fields: Vec<Field>, file: &SourceFile) -> Network {
    let origin = Origin { file: Some(file.clone()), ..Origin::default() };
    let mut network = Network { origin, ..Network::default() };
    let mut mistakes = Vec::new();
    for field in fields {
        let known = SECTIONS.contains(&field.name.as_str());
        if !known {
            mistakes.push(unknown_section(&field.name, field.origin.clone()));
        }
        let name = if known { Some(&*field.name) } else { closest(&field.name, SECTIONS) };
        let Some((name, list)) = name.and_then(|name| Some((name, section(&mut network, name)?)))
        else {
            continue;
        };
        let Content::Table(entries) = field.value.content else {
            let header = match list {
                Section::Fields(_) => format!("[{name}]"),
                Section::Items(_) => format!("[{name}.NAME]"),
            };
            let message = format!("`{name}` is a section, not a value");
            if known {
                let help = format!("write `{header}`");
                mistakes.push(wrong(field.value.origin, message, help));
            }
            continue;
        };
        match list {
            Section::Fields(fields) => fields.extend(entries),
            Section::Items(items) => {
                for entry in entries {
                    match item(name, entry) {
                        Ok(item) => items.push(item),
                        Err(mistake) => mistakes.push(*mistake),
                    }
                }
            }
        }
        if name == "network" {
            network.origin = field.origin;
        }
    }
    network.mistakes = mistakes;
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
