//! The sections of a model file.

use crate::check::suggest;
use crate::diagnostic::{Diagnostic, Location, SourceFile};
use crate::language::closest;
use crate::network::{Content, Field, Item, Network};

/// All sections, as they are written in files and in `--set` paths.
pub(super) const SECTIONS: [&str; 10] = [
    "network",
    "constants",
    "model",
    "synapse",
    "population",
    "projection",
    "stimulus",
    "signal",
    "rewire",
    "probe",
];

/// Sorts the top-level tables of a document into a network. A section whose name is nearly right is
/// read as the one that was meant, so that one slip hides nothing and causes nothing else.
pub(super) fn network(fields: Vec<Field>, file: &SourceFile) -> Network {
    let location = Location { file: Some(file.clone()), ..Location::default() };
    let mut network = Network { location, ..Network::default() };
    let mut diagnostics = Vec::new();
    for field in fields {
        let known = SECTIONS.contains(&field.name.as_str());
        if !known {
            diagnostics.push(unknown_section(&field.name, field.location.clone()));
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
                diagnostics.push(wrong(field.value.location, message, help));
            }
            continue;
        };
        match list {
            Section::Fields(fields) => fields.extend(entries),
            Section::Items(items) => {
                for entry in entries {
                    match item(name, entry) {
                        Ok(item) => items.push(item),
                        Err(diagnostic) => diagnostics.push(*diagnostic),
                    }
                }
            }
        }
        if name == "network" {
            network.location = field.location;
        }
    }
    network.diagnostics = diagnostics;
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
        "synapse" => Section::Items(&mut network.synapses),
        "population" => Section::Items(&mut network.populations),
        "projection" => Section::Items(&mut network.projections),
        "stimulus" => Section::Items(&mut network.stimuli),
        "signal" => Section::Items(&mut network.signals),
        "rewire" => Section::Items(&mut network.rewires),
        "probe" => Section::Items(&mut network.probes),
        _ => return None,
    })
}

fn item(section: &str, entry: Field) -> Result<Item, Box<Diagnostic>> {
    match entry.value.content {
        Content::Table(fields) => Ok(Item { name: entry.name, location: entry.location, fields }),
        _ => Err(Box::new(Diagnostic {
            location: entry.value.location,
            item: format!("{section} {}", entry.name),
            field: String::new(),
            message: "a table of fields is expected here, not a value".into(),
            help: format!("write `[{section}.{}]` and its fields below", entry.name),
        })),
    }
}

fn unknown_section(name: &str, location: Location) -> Diagnostic {
    let help = suggest::help(name, &SECTIONS, "sections");
    wrong(location, format!("there is no section `{name}`"), help)
}

fn wrong(location: Location, message: String, help: String) -> Diagnostic {
    Diagnostic { location, item: "file".into(), field: String::new(), message, help }
}
