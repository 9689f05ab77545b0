//! The table of bytes that a device moves.

use super::Table;
use crate::report::{Moved, TrafficReport};

/// A row for each population and for each delivery kernel; populations and kernels that move the
/// same share one.
pub(super) fn traffic(report: &TrafficReport) -> Table {
    let mut rows: Vec<(&str, Vec<String>, [String; 6])> = Vec::new();
    let mut row = |what, of: String, moved: Moved| {
        let cells = cells(moved);
        match rows.iter_mut().find(|row| row.0 == what && row.2 == cells) {
            Some((_, all, _)) => all.push(of),
            None => rows.push((what, vec![of], cells)),
        }
    };
    for update in &report.updates {
        row("a neuron update", update.population.clone(), update.moved);
    }
    for event in &report.events {
        let of = if event.procedural { event.projections.join(", ") } else { "stored rows".into() };
        row("a synaptic event", of, event.moved);
    }
    let mut table = Table::new(
        ["bytes moved on a device by", "of"],
        ["read", "written", "atomics", "bytes", "least", "ratio"],
    )
    .prose(0)
    .prose(1);
    for (what, of, cells) in rows {
        let of = match of.len() {
            1..=4 => of.join(", "),
            n => format!("{} and {} more", of[..3].join(", "), n - 3),
        };
        table.row([what.to_owned(), of].into_iter().chain(cells));
    }
    table
}

fn cells(moved: Moved) -> [String; 6] {
    let Moved { read_bytes, written_bytes, atomics, bytes, least_bytes } = moved;
    let ratio = if least_bytes > 0.0 { number(bytes / least_bytes) } else { "-".into() };
    let [read, written, atomics] = [read_bytes, written_bytes, atomics].map(number);
    [read, written, atomics, number(bytes), number(least_bytes), ratio]
}

/// At most two decimals, and none that are zero.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(24.0), "24");
        assert_eq!(number(16.0625), "16.06");
        assert_eq!(number(1.5), "1.5");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(0.0), "0");
    }
}
