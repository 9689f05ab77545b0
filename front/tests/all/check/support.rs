//! Helpers that the tests share.

use isospike_core::describe::checked::Checked;
use isospike_front::check::Limits;
use isospike_front::diagnostic::Diagnostics;
use isospike_front::file;
use std::path::Path;

/// Populations of each sort, to be put behind the text of a test.
pub const BASE: &str = r#"
[population.exc]
size = 10
model = "lif_exp_2"
[population.inh]
size = 5
model = "lif_exp"
[population.told]
size = 3
model = "spike_list"
spikes = []
[population.sum]
size = 10
model = "leaky_integrator"
"#;

/// The settings of a network without mistakes.
pub const NETWORK: &str = "\n[network]\ndt = \"0.1 ms\"\n";

/// Reads and checks a text.
pub fn check(text: &str, limits: Limits) -> Result<Checked, Diagnostics> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    file::parse(text, "net.toml", folder, &[])?.check(limits)
}

/// The checked network of a text followed by [`NETWORK`] and [`BASE`].
pub fn good(text: &str) -> Checked {
    match check(&format!("{text}{NETWORK}{BASE}"), Limits::default()) {
        Ok(checked) => checked,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

/// The mistakes of a text followed by [`NETWORK`] and [`BASE`].
pub fn wrong(text: &str) -> String {
    wrong_alone(&format!("{text}{NETWORK}{BASE}"))
}

/// The mistakes of a whole text.
pub fn wrong_alone(text: &str) -> String {
    check(text, Limits::default()).expect_err("no mistake was found").to_string()
}

/// The mistakes of a projection from `exc` to `inh` with these fields besides `from` and `to`.
pub fn wrong_projection(fields: &str) -> String {
    wrong(&format!("[projection.p]\nfrom = \"exc\"\nto = \"inh\"\n{fields}"))
}
