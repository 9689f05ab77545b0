//! `every`: the clocked blocks of a synapse model.

use super::{Parsed, Reader};
use crate::language::count;
use crate::language::program::Subject;
use crate::network::{Content, Value};
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::Expr;
use isospike_core::describe::synapse::{ClockedDef, EventProgram};

/// How many clocked blocks a model may have.
const BLOCKS_MAX: usize = 16;

/// How many expressions a period may have: each use of its name has a copy of it.
const PERIOD_MAX: usize = 32;

/// An entry of the list, as an example.
const EXAMPLE: &str = "{ period = \"10 ms\", do = \"w *= 0.99\" }";

/// A clocked block while it is read.
pub(super) struct Block<'a> {
    /// `every[0]`
    path: String,
    /// The period, a stand-in after a mistake.
    period: Expr,
    /// The statements; `None` after a mistake.
    pub(super) text: Option<Parsed<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads the periods and parses the statements of all clocked blocks.
    pub(super) fn blocks(&mut self) -> Vec<Block<'a>> {
        let Some(value) = self.section.value("every") else { return Vec::new() };
        let Content::List(values) = &value.content else {
            let help = format!("as in every = [{EXAMPLE}]");
            self.section.wrong(&value.location, "every", "a list of blocks is expected", help);
            return Vec::new();
        };
        if let Some(value) = values.get(BLOCKS_MAX) {
            let help = format!("a synapse model may have {BLOCKS_MAX}");
            self.section.wrong(&value.location, "every", "these are too many blocks", help);
        }
        let values = values.iter().take(BLOCKS_MAX).enumerate();
        values.map(|(n, value)| self.block(value, format!("every[{n}]"))).collect()
    }

    /// Resolves the statements of a clocked block.
    pub(super) fn clocked(&mut self, block: Block<'a>) -> ClockedDef {
        let Block { path, period, text } = block;
        let name = format!("{path}.do");
        let subject = Subject::Clocked(self.section.weight());
        let program = text.map(|text| self.event(&name, subject, &text, Some(&period)));
        ClockedDef { period, program: program.unwrap_or_else(EventProgram::default) }
    }

    fn block(&mut self, value: &'a Value, path: String) -> Block<'a> {
        let mut block = Block { path, period: Expr::Number(1.0), text: None };
        let path = block.path.as_str();
        let Content::Table(fields) = &value.content else {
            let help = format!("as in {EXAMPLE}");
            self.section.wrong(&value.location, path, "a table is expected", help);
            return block;
        };
        self.section.known_fields(fields, &["period", "do"], path);
        let [period, text] = ["period", "do"].map(|name| {
            let found = fields.iter().find(|field| field.name == name);
            if found.is_none() {
                let message = format!("`{name}` is missing");
                self.section.wrong(&value.location, path, message, format!("as in {EXAMPLE}"));
            }
            found.map(|field| (&field.value, format!("{path}.{name}")))
        });
        let period = period.and_then(|(value, path)| self.period(value, &path));
        block.text = text.and_then(|(value, path)| self.parsed(value, &path));
        block.period = period.unwrap_or(block.period);
        block
    }

    fn period(&mut self, value: &Value, path: &str) -> Option<Expr> {
        let (period, dimension) = self.host_expression(value, path)?;
        if self.section.differs(dimension, Dimension::TIME) {
            let message = format!("a period is a time, not {}", dimension.noun());
            self.section.wrong(&value.location, path, message, "as in \"10 ms\", or a parameter");
            return None;
        }
        if count(&period) > PERIOD_MAX {
            let help = "give a part of it a name: a parameter or a constant";
            self.section.wrong(&value.location, path, "this period is too long", help);
            return None;
        }
        Some(period)
    }
}
