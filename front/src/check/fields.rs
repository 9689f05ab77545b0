//! The fields of one table, each taken by name; those never taken are mistakes.

use super::context::{Context, Site};
use super::suggest;
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Field, Item};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A table being read.
pub(super) struct Fields<'a> {
    item: Arc<str>,
    /// `connect.` inside a table field, else empty.
    prefix: String,
    location: &'a Location,
    fields: &'a [Field],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of an item of a section.
    pub fn of_item(section: &str, item: &'a Item) -> Self {
        Self::new(format!("{section} {}", item.name), &item.location, &item.fields)
    }

    /// Fields under a label.
    pub fn new(item: String, location: &'a Location, fields: &'a [Field]) -> Self {
        Self { item: item.into(), prefix: String::new(), location, fields, known: Vec::new() }
    }

    /// The fields of a table value.
    pub fn of_table(site: &Site<'a>, fields: &'a [Field]) -> Self {
        let location = &site.value.location;
        let prefix = format!("{}.", site.field);
        Self { item: site.item.clone(), prefix, location, fields, known: Vec::new() }
    }

    /// The field of this name, if it is there.
    pub fn get(&mut self, name: &'static str) -> Option<Site<'a>> {
        self.known.push(name);
        let field = self.fields.iter().find(|field| field.name == name)?;
        let label = format!("{}{name}", self.prefix);
        Some(Site { item: self.item.clone(), field: label, value: &field.value })
    }

    /// The entries of the table of this name, to be looked at without reading them.
    pub fn entries(&self, name: &str) -> &'a [Field] {
        let field = self.fields.iter().find(|field| field.name == name);
        match field.map(|field| &field.value.content) {
            Some(Content::Table(entries)) => entries,
            _ => &[],
        }
    }

    /// The field of this name, or a mistake with what to give.
    pub fn need(
        &mut self,
        cx: &mut Context<'_>,
        name: &'static str,
        help: &str,
    ) -> Option<Site<'a>> {
        let site = self.get(name);
        if site.is_none() {
            let diagnostic = self.diagnostic(name, "this field is missing", help);
            cx.push(diagnostic);
        }
        site
    }

    /// Reports the field if it is there: it has no meaning here, for this reason.
    pub fn refuse(&mut self, cx: &mut Context<'_>, name: &'static str, message: &str, help: &str) {
        if let Some(site) = self.get(name) {
            cx.push(site.diagnostic(message, help));
        }
    }

    /// A mistake about the table as a whole, under the name of a field.
    pub fn diagnostic(&self, field: &str, message: &str, help: &str) -> Diagnostic {
        let field = match field {
            "" => self.prefix.trim_end_matches('.').into(),
            name => format!("{}{name}", self.prefix),
        };
        Diagnostic {
            location: self.location.clone(),
            item: self.item.to_string(),
            field,
            message: message.into(),
            help: help.into(),
        }
    }

    /// Reports every field that was never taken, and every field given twice.
    pub fn finish(self, cx: &mut Context<'_>) {
        let mut names = BTreeSet::new();
        for field in self.fields {
            let twice = !names.insert(&field.name);
            let (message, help) = if !self.known.contains(&field.name.as_str()) {
                let help = suggest::help(&field.name, &self.known, "fields");
                ("there is no such field", help)
            } else if twice {
                ("this field is given twice", "keep one of them".into())
            } else {
                continue;
            };
            cx.push(Diagnostic {
                location: field.location.clone(),
                item: self.item.to_string(),
                field: format!("{}{}", self.prefix, field.name),
                message: message.into(),
                help,
            });
        }
    }
}
