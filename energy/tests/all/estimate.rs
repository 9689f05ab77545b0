//! The table of published energies, users' rows, and projections.

use isospike_core::run::counters::Counters;
use isospike_energy::estimate::{Operation, Scope};
use isospike_energy::{Counts, Table};
use std::collections::BTreeSet;
use std::path::Path;

const COUNTS: Counts = Counts {
    synaptic_events: 1_000_000,
    post_events: 500_000,
    clocked_events: 70_000,
    stimulus_events: 3_000_000,
    neuron_updates: 2_000_000,
    spikes: 10_000,
    simulated_s: 2.0,
};

const ROW: &str = r#"
[row.mine]
name = "My chip"
synaptic_event_pj = 2
static_power_mw = 1.5
year = 2026
process = "22 nm"
scope = "chip"
evidence = "measured"
source = "a logbook"
link = "https://example.org"
covers = "all"
excludes = "nothing"
"#;

#[test]
fn the_published_table_has_no_mistake_and_no_two_rows_of_a_name() {
    let mut table = Table::default();
    table.add(include_str!("../../projections.toml"), "projections.toml").unwrap();
    let published = Table::published().unwrap();
    assert_eq!(table.rows.len(), published.rows.len());
    assert!(published.rows.len() >= 20);
    let keys: BTreeSet<_> = published.rows.iter().map(|row| &row.key).collect();
    assert_eq!(keys.len(), published.rows.len());
    for row in &published.rows {
        assert!(!row.added, "{}", row.key);
        let link = row.link.starts_with("doi:10.") || row.link.starts_with("arXiv:");
        assert!(link, "{}: {}", row.key, row.link);
        // The source's year is in the row's citation.
        assert!(row.source.contains(&row.year.to_string()), "{}: {}", row.key, row.source);
    }
}

#[test]
fn a_projection_is_count_times_energy_term_by_term() {
    let table = Table::published().unwrap();
    let loihi = table.rows.iter().find(|row| row.key == "loihi").unwrap();
    let projection = loihi.project(&COUNTS);
    let terms: Vec<_> =
        projection.terms.iter().map(|t| (t.operation, t.count, t.each_pj)).collect();
    let wanted = [
        (Operation::SynapticEvent, 1e6, 23.6),
        (Operation::NeuronUpdate, 2e6, 81.0),
        (Operation::Spike, 1e4, 1.7),
    ];
    assert_eq!(terms, wanted);
    // 23.6 + 162 + 0.017 microjoules.
    assert!((projection.energy_j - 185.617e-6).abs() < 1e-12, "{}", projection.energy_j);
}

#[test]
fn counts_are_sums_and_events_of_stimuli_stay_apart() {
    let counters = Counters {
        steps: 20_000,
        spikes: vec![1_000, 9_000],
        neuron_updates: vec![2_000_000, 0],
        synaptic_events: vec![400_000, 600_000],
        post_events: vec![0, 500_000],
        clocked_events: vec![70_000, 0],
        stimulus_events: vec![1_000_000, 2_000_000],
    };
    assert_eq!(Counts::new(&counters, 0.1), COUNTS);
    let without = Counts { stimulus_events: 0, post_events: 0, clocked_events: 0, ..COUNTS };
    for row in Table::published().unwrap().rows {
        assert_eq!(row.project(&COUNTS).energy_j, row.project(&without).energy_j);
    }
}

#[test]
fn users_add_rows_and_static_power_runs_in_simulated_time() {
    let mut table = Table::published().unwrap();
    let published = table.rows.len();
    table.add(ROW, "mine.toml").unwrap();
    assert_eq!(table.rows.len(), published + 1);
    let row = table.rows.last().unwrap();
    assert_eq!((row.key.as_str(), row.scope, row.added), ("mine", Scope::Chip, true));
    // 2 pJ x 1e6 = 2 microjoules; 1.5 mW x 2 s = 3 mJ.
    assert!((row.project(&COUNTS).energy_j - 3.002e-3).abs() < 1e-12);
    let again = table.add(ROW, "mine.toml").unwrap_err().to_string();
    assert!(again.starts_with("mine.toml:2:"), "{again}");
    assert!(again.contains("row mine: there is a row of this name already"), "{again}");
}

#[test]
fn every_mistake_has_its_line_and_field() {
    for (from, to, wanted) in [
        (
            "synaptic_event_pj = 2",
            "synaptic_event_pj = -2",
            "mine.toml:4:21: row mine, field `synaptic_event_pj`",
        ),
        (
            "synaptic_event_pj = 2",
            "synaptic_event_pj = \"2 pJ\"",
            "field `synaptic_event_pj`: is not an energy",
        ),
        (
            "synaptic_event_pj",
            "synaptic_event_pJ",
            "mine.toml:4:1: row mine, field `synaptic_event_pJ`: there is no such field; did you mean `synaptic_event_pj`?",
        ),
        ("year = 2026", "year = 26", "mine.toml:6:8: row mine, field `year`: is not a year"),
        ("year = 2026\n", "", "field `year`: is missing"),
        (
            "source = \"a logbook\"",
            "source = \"\"",
            "mine.toml:10:11: row mine, field `source`: is not a text",
        ),
        (
            "scope = \"chip\"",
            "scope = \"board\"",
            "mine.toml:8:10: row mine, field `scope`: is none of its words; one of operation, chip, system",
        ),
        (
            "synaptic_event_pj = 2\nstatic_power_mw = 1.5\n",
            "",
            "mine.toml:2:6: row mine: has no energy",
        ),
        ("[row.mine]", "[rows.mine]", "field `rows`: there is no such section"),
        ("year = 2026", "year = ", "syntax"),
    ] {
        assert!(ROW.contains(from), "{from}");
        let text = ROW.replace(from, to);
        let mut table = Table::default();
        let diagnostics = table.add(&text, "mine.toml").unwrap_err().to_string();
        assert!(diagnostics.contains(wanted), "`{wanted}` is not in\n{diagnostics}");
        assert_eq!(table, Table::default());
    }
}

#[test]
fn a_missing_file_is_a_mistake_with_its_name() {
    let diagnostics = Table::default().add_file(Path::new("/nowhere/mine.toml")).unwrap_err();
    assert!(diagnostics.to_string().starts_with("/nowhere/mine.toml"), "{diagnostics}");
}

#[test]
fn the_documentation_has_every_row() {
    let text = include_str!("../../../docs/energy.md");
    for row in Table::published().unwrap().rows {
        let key = format!("| `{}` |", row.key);
        let line = text.lines().find(|line| line.starts_with(&key));
        let line = line.unwrap_or_else(|| panic!("docs/energy.md has no row {}", row.key));
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().replace(',', "")).collect();
        assert_eq!(cells[2], row.energies_pj[0].1.to_string(), "{}", row.key);
        assert_eq!(cells[4], row.year.to_string(), "{}", row.key);
        assert_eq!((&*cells[5], &*cells[6]), (row.scope.name(), row.evidence.name()));
        assert!(line.contains(&format!("{}, {}", row.source, row.link)), "{}", row.key);
    }
}
