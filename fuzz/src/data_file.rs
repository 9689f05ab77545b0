//! Data beside a model file: `.csv` and `.npy` tables of spikes, synapses and values in time.

use crate::model_file::judge;
use std::cell::OnceCell;
use tempfile::TempDir;

thread_local! {
    /// The folder in which the files are written.
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// The first byte chooses the format and what the table is for; the others are the file.
pub fn data_file(data: &[u8]) {
    let Some((&choice, content)) = data.split_first() else { return };
    let extension = if choice & 1 == 0 { "csv" } else { "npy" };
    let network = match (choice & 8, choice & 2) {
        (0, 0) => SPIKES,
        (0, _) => SYNAPSES,
        (_, 0) => CURRENTS,
        _ => RATES,
    };
    let columns = choice & 4 == 0;
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder can be made"));
        let file = folder.path().join(format!("data.{extension}"));
        std::fs::write(&file, content).expect("a file can be written");
        let text = network.replace("EXTENSION", extension);
        let text = if columns { text.replace("weight = \"1 pA\"", COLUMNS) } else { text };
        judge(&text, &[], folder.path());
    });
}

const COLUMNS: &str = "weight = { column_unit = \"pA\" }\ndelay = { column_unit = \"ms\" }";

const SPIKES: &str = r#"
[network]
dt = "0.1 ms"
[population.told]
size = 5
model = "spike_list"
spikes = "data.EXTENSION"
"#;

const SYNAPSES: &str = r#"
[network]
dt = "0.1 ms"
[population.a]
size = 5
model = "lif_exp"
[projection.p]
from = "a"
to = "a"
connect = { file = "data.EXTENSION" }
weight = "1 pA"
"#;

const CURRENTS: &str = r#"
[network]
dt = "0.1 ms"
[population.a]
size = 5
model = "lif_exp"
[stimulus.s]
population = "a"
kind = "steps"
amplitudes = { file = "data.EXTENSION", unit = "pA" }
"#;

const RATES: &str = r#"
[network]
dt = "0.1 ms"
[population.a]
size = 5
model = "lif_exp"
[stimulus.s]
population = "a"
kind = "poisson"
rate = { file = "data.EXTENSION", unit = "kHz" }
weight = "1 pA"
"#;
