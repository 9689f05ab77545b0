//! The table's file: a TOML table `[row.NAME]` for each row.

use super::{Evidence, Operation, Row, Scope, Table};
use isospike_front::diagnostic::{Diagnostic, Diagnostics, Location};
use isospike_front::file::parse_item;
use isospike_front::language::{closest, is_name};
use isospike_front::network::{Content, Field};

/// The fields that hold an energy, what it is paid for, and picojoules per unit.
const ENERGIES: [(&str, Operation, f64); 4] = [
    ("synaptic_event_pj", Operation::SynapticEvent, 1.0),
    ("neuron_update_pj", Operation::NeuronUpdate, 1.0),
    ("spike_pj", Operation::Spike, 1.0),
    ("static_power_mw", Operation::Second, 1e9),
];

const WORDS: [&str; 8] =
    ["name", "process", "scope", "evidence", "source", "link", "covers", "excludes"];

/// The rows of a file.
pub(super) fn rows(text: &str, file: &str, added: bool) -> Result<Vec<Row>, Diagnostics> {
    let item = parse_item(text, "energies", file)?;
    let mut diagnostics = Vec::new();
    let mut rows = Vec::new();
    for field in &item.fields {
        match (&field.value.content, field.name.as_str()) {
            (Content::Table(tables), "row") => {
                rows.extend(tables.iter().filter_map(|table| row(table, added, &mut diagnostics)));
            }
            _ => diagnostics.push(Diagnostic {
                location: field.location.clone(),
                item: "energies".into(),
                field: field.name.clone(),
                message: "there is no such section".into(),
                help: "write each row as a table [row.NAME]".into(),
            }),
        }
    }
    if diagnostics.is_empty() { Ok(rows) } else { Err(Diagnostics(diagnostics)) }
}

/// The rows of a user's file, none of which is in the table already.
pub(super) fn new_rows(text: &str, file: &str, table: &Table) -> Result<Vec<Row>, Diagnostics> {
    let rows = rows(text, file, true)?;
    let known = |row: &&Row| table.rows.iter().any(|present| present.key == row.key);
    let twice: Vec<Diagnostic> = rows
        .iter()
        .filter(known)
        .map(|row| Diagnostic {
            location: row_location(text, file, &row.key),
            item: format!("row {}", row.key),
            field: String::new(),
            message: "there is a row of this name already".into(),
            help: "choose another name; published rows are not replaced".into(),
        })
        .collect();
    if twice.is_empty() { Ok(rows) } else { Err(Diagnostics(twice)) }
}

/// The mistake of a file that cannot be read.
pub(super) fn no_file(name: &str, error: &std::io::Error) -> Diagnostics {
    Diagnostics(vec![Diagnostic {
        location: Location { file: Some(name.into()), ..Location::default() },
        item: "energies".into(),
        field: String::new(),
        message: format!("the file cannot be read: {error}"),
        help: "give the path of a table of energies in UTF-8, as docs/energy.md describes".into(),
    }])
}

/// Finds the place of a row. The text has been parsed before.
fn row_location(text: &str, file: &str, key: &str) -> Location {
    let item = parse_item(text, "energies", file).ok();
    let tables = item.iter().flat_map(|item| &item.fields).filter_map(|f| match &f.value.content {
        Content::Table(tables) => Some(tables),
        _ => None,
    });
    let found = tables.flatten().find(|table| table.name == key);
    found.map_or_else(Location::default, |table| table.location.clone())
}

fn row(table: &Field, added: bool, diagnostics: &mut Vec<Diagnostic>) -> Option<Row> {
    let before = diagnostics.len();
    let mut reader = Reader { table, fields: &[], diagnostics };
    match &table.value.content {
        Content::Table(fields) => reader.fields = fields,
        _ => {
            reader.diagnostic(&table.location, "", "is not a table", "write [row.NAME]");
            return None;
        }
    }
    if !is_name(&table.name) {
        let help = "a letter, then letters, digits and underscores";
        reader.diagnostic(&table.location, "", "the name of the row is not a name", help);
    }
    reader.unknown();
    let mut energies_pj = Vec::new();
    for (field, operation, unit_pj) in ENERGIES {
        energies_pj.extend(reader.energy(field).map(|value| (operation, value * unit_pj)));
    }
    if ENERGIES.iter().all(|(field, ..)| reader.find(field).is_none()) {
        let help = format!("give one of {}", ENERGIES.map(|(field, ..)| field).join(", "));
        reader.diagnostic(&table.location, "", "has no energy", &help);
    }
    let [name, process, scope, evidence, source, link, covers, excludes] =
        WORDS.map(|field| reader.text(field));
    let row = Row {
        key: table.name.clone(),
        name,
        energies_pj,
        year: reader.year(),
        process,
        scope: reader.choice("scope", &scope, &Scope::ALL),
        evidence: reader.choice("evidence", &evidence, &Evidence::ALL),
        source,
        link,
        covers,
        excludes,
        caveat: reader.find("caveat").is_some().then(|| reader.text("caveat")),
        added,
    };
    (diagnostics.len() == before).then_some(row)
}

/// The fields of one row.
struct Reader<'a> {
    table: &'a Field,
    fields: &'a [Field],
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn diagnostic(&mut self, location: &Location, field: &str, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic {
            location: location.clone(),
            item: format!("row {}", self.table.name),
            field: field.into(),
            message: message.into(),
            help: help.into(),
        });
    }

    fn find(&self, name: &str) -> Option<&'a Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn unknown(&mut self) {
        let known = || {
            let energies = ENERGIES.iter().map(|&(field, ..)| field);
            energies.chain(WORDS).chain(["year", "caveat"])
        };
        for field in self.fields {
            if known().all(|name| name != field.name) {
                let help = match closest(&field.name, known()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
                };
                self.diagnostic(&field.location, &field.name, "there is no such field", &help);
            }
        }
    }

    /// The field, or a mistake where it is missing.
    fn wanted(&mut self, name: &str, help: &str) -> Option<&'a Field> {
        let found = self.find(name);
        if found.is_none() {
            self.diagnostic(&self.table.location.clone(), name, "is missing", help);
        }
        found
    }

    /// A text that is not empty.
    fn text(&mut self, name: &str) -> String {
        let help = "give a text; docs/energy.md says what belongs here";
        let Some(field) = self.wanted(name, help) else { return String::new() };
        match &field.value.content {
            Content::Text(text) if !text.trim().is_empty() => text.trim().into(),
            _ => {
                self.diagnostic(&field.value.location, name, "is not a text", help);
                String::new()
            }
        }
    }

    fn energy(&mut self, name: &str) -> Option<f64> {
        let field = self.find(name)?;
        let value = match field.value.content {
            Content::Number(value) => value,
            Content::Integer(value) => value as f64,
            _ => f64::NAN,
        };
        if value.is_finite() && value > 0.0 {
            return Some(value);
        }
        let help = "a number above 0; leave the field out where nothing was published";
        self.diagnostic(&field.value.location, name, "is not an energy or power", help);
        None
    }

    fn year(&mut self) -> u16 {
        let help = "the year of the source, such as 2018";
        let Some(field) = self.wanted("year", help) else { return 0 };
        match field.value.content {
            Content::Integer(year @ 1940..=2100) => year as u16,
            _ => {
                self.diagnostic(&field.value.location, "year", "is not a year", help);
                0
            }
        }
    }

    fn choice<T: Copy>(&mut self, name: &str, text: &str, all: &[(&'static str, T)]) -> T {
        let found = all.iter().find(|(word, _)| *word == text);
        // An empty text has been reported already.
        if let (None, Some(field), false) = (found, self.find(name), text.is_empty()) {
            let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
            let help = format!("one of {}", words.join(", "));
            self.diagnostic(&field.value.location, name, "is none of its words", &help);
        }
        found.unwrap_or(&all[0]).1
    }
}
