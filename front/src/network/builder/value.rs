//! Values and fields of the builder.

use crate::diagnostic::Location;
use crate::network::{Content, Field, Item, Value};

/// A table value, such as a distribution: `table([("normal", vec!["1 mV", "0.1 mV"].into())])`.
pub fn table<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Content::Table(fields.into_iter().map(|(name, value)| field(name, value)).collect()).into()
}

/// The values of a `.npy` or `.csv` file in this unit: `values_file("drive.npy", "pA")`.
pub fn values_file(path: &str, unit: &str) -> Value {
    table([("file", path.into()), ("unit", unit.into())])
}

impl From<Content> for Value {
    fn from(content: Content) -> Self {
        Self { content, location: Location::builder() }
    }
}

macro_rules! values {
    ($($from:ty => |$x:ident| $content:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($x: $from) -> Self {
                $content.into()
            }
        }
    )*};
}

values! {
    &str => |x| Content::Text(x.into());
    String => |x| Content::Text(x);
    f64 => |x| Content::Number(x);
    i64 => |x| Content::Integer(x);
    i32 => |x| Content::Integer(x.into());
    u32 => |x| Content::Integer(x.into());
    bool => |x| Content::Bool(x);
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Content::List(list.into_iter().map(Into::into).collect()).into()
    }
}

pub(super) fn trace(tau: Value, spike: Value) -> Value {
    table([("tau", tau), ("spike", spike)])
}

pub(super) fn item(name: &str) -> Item {
    Item { name: name.into(), location: Location::builder(), fields: Vec::new() }
}

fn field(name: &str, value: Value) -> Field {
    Field { name: name.into(), location: Location::builder(), value }
}

pub(super) fn block(period: Value, statements: Value) -> Value {
    table([("period", period), ("do", statements)])
}

/// Appends a value to the list of a field.
pub(super) fn push(fields: &mut Vec<Field>, name: &str, value: Value) {
    let list = fields.iter_mut().find(|field| field.name == name);
    match list.map(|field| &mut field.value.content) {
        Some(Content::List(values)) => values.push(value),
        _ => set(fields, name, Content::List(vec![value]).into()),
    }
}

/// Replaces or appends a field.
pub(super) fn set(fields: &mut Vec<Field>, name: &str, value: Value) {
    match fields.iter_mut().find(|field| field.name == name) {
        Some(old) => old.value = value,
        None => fields.push(field(name, value)),
    }
}

/// Replaces or appends a field of a table field.
pub(super) fn set_inner(fields: &mut Vec<Field>, table: &str, name: &str, value: Value) {
    let inner = match fields.iter_mut().find(|field| field.name == table) {
        Some(Field { value: Value { content: Content::Table(inner), .. }, .. }) => inner,
        _ => {
            set(fields, table, Content::Table(Vec::new()).into());
            return set_inner(fields, table, name, value);
        }
    };
    set(inner, name, value);
}
