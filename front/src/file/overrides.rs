//! `--set PATH=VALUE`, and the same in Rust.

use super::Override;
use super::sections::{SECTIONS, Section, section};
use super::source;
use crate::check::{SETTINGS, suggest};
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Network, Value};

impl Network {
    /// Replaces or adds the field that a path names, as `--set` does: `population.exc.size`,
    /// `projection.p.parameters.a_plus`. A path of one name is a constant (`scale`), or a field of
    /// `[network]` (`seed`) where no constant has that name.
    ///
    /// A path that leads nowhere is a mistake that [`Self::check`] reports at the place of the
    /// value.
    ///
    /// ```
    /// use isospike_front::check::Limits;
    /// use isospike_front::network::{Network, Population};
    ///
    /// let network = Network::new("small", "0.1 ms").constant("scale", 1);
    /// let network = network.population(Population::new("exc", "80 * scale", "lif_exp"));
    /// let large = network.clone().replace("scale", 2).replace("seed", 5);
    /// let checked = large.check(Limits::default())?;
    /// assert_eq!((checked.populations[0].size, checked.seed), (160, 5));
    ///
    /// let mistakes = network.replace("population.ecx.size", 3).check(Limits::default());
    /// assert_eq!(mistakes.unwrap_err().0[0].help, "did you mean `exc`?");
    /// # Ok::<(), isospike_front::diagnostic::Diagnostics>(())
    /// ```
    pub fn replace(mut self, path: &str, value: impl Into<Value>) -> Self {
        put(&mut self, path, value.into(), path);
        self
    }
}

/// Reads the value of `--set` and puts it into its place.
pub(super) fn apply(network: &mut Network, one: &Override) {
    let length = (one.path.chars().count() + 1 + one.value.chars().count()) as u32;
    let location = Location { file: Some("--set".into()), line: 0, column: 0, length };
    let value = source::value(one.value.trim(), &location)
        .unwrap_or_else(|| Value { content: Content::Text(one.value.clone()), location });
    put(network, &one.path, value, &format!("{}={}", one.path, one.value));
}

/// A path that leads nowhere: what is wrong, and what would be right.
type Wrong = (String, String);

/// Puts the value at the path; `item` is what a mistake in the path names.
fn put(network: &mut Network, path: &str, value: Value, item: &str) {
    let location = value.location.clone();
    if let Err((message, help)) = put_at(network, path, value) {
        let (item, field) = (item.into(), String::new());
        network.diagnostics.push(Diagnostic { location, item, field, message, help });
    }
}

fn put_at(network: &mut Network, path: &str, value: Value) -> Result<(), Wrong> {
    let parts: Vec<&str> = path.split('.').map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        let help = "a path is `population.exc.size`, or the name of a constant";
        return Err(("the path has an empty part".into(), help.into()));
    }
    let missing = |what: &str, name: &str, known: Vec<&str>, plural: &str| {
        (format!("there is no {what} `{name}`"), suggest::help(name, &known, plural))
    };
    if let [name] = parts[..] {
        let known = names(&network.constants);
        let fields = match known.contains(&name) {
            true if !SECTIONS.contains(&name) => &mut network.constants,
            false if SETTINGS.contains(&name) => &mut network.settings,
            _ => return Err(missing("constant", name, known, "constants")),
        };
        return put_below(fields, &[name], value);
    }
    let Some(found) = section(network, parts[0]) else {
        return Err(missing("section", parts[0], SECTIONS.to_vec(), "sections"));
    };
    match found {
        Section::Fields(fields) => put_below(fields, &parts[1..], value),
        Section::Items(items) => {
            let Some(at) = items.iter().position(|item| item.name == parts[1]) else {
                let known = items.iter().map(|item| item.name.as_str()).collect();
                return Err(missing(parts[0], parts[1], known, "names"));
            };
            if parts.len() < 3 {
                let message = format!("`{path}` is a table, not a value");
                return Err((message, "name one of its fields too".into()));
            }
            put_below(&mut items[at].fields, &parts[2..], value)
        }
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

/// Puts the value at the path, making tables on the way.
fn put_below(fields: &mut Vec<Field>, path: &[&str], value: Value) -> Result<(), Wrong> {
    let mut fields = fields;
    let (last, tables) = path.split_last().expect("a path has a part");
    for name in tables {
        let at = position(fields, name, &value.location);
        match &mut fields[at].value.content {
            Content::Table(inner) => fields = inner,
            _ => {
                let message = format!("`{name}` is not a table, so it has no field `{last}`");
                return Err((message, format!("set `{name}` itself")));
            }
        }
    }
    let at = position(fields, last, &value.location);
    fields[at].value = value;
    Ok(())
}

/// The place of the field of this name, which is an empty table where there was none.
fn position(fields: &mut Vec<Field>, name: &str, location: &Location) -> usize {
    fields.iter().position(|field| field.name == name).unwrap_or_else(|| {
        let value = Value { content: Content::Table(Vec::new()), location: location.clone() };
        fields.push(Field { name: name.into(), location: location.clone(), value });
        fields.len() - 1
    })
}
