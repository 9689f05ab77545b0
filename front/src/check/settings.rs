//! `[network]` and `[constants]`.

use super::context::{Context, Rounding, Site, spell};
use super::fields::Fields;
use crate::diagnostic::Diagnostic;
use crate::language;
use crate::network::Field;
use isospike_core::base::steps;
use isospike_core::base::units::Dimension;

/// The fields of `[network]`.
pub(crate) const SETTINGS: [&str; 6] = ["name", "dt", "duration", "transient", "seed", "batch"];

/// The shortest and longest time step in ms.
const DT_MS: (f64, f64) = (1e-6, 1e6);

/// `[network]`; `None` after a mistake.
pub(super) struct Settings {
    pub name: Option<String>,
    pub duration_steps: Option<u32>,
    pub transient_steps: Option<u32>,
    pub seed: Option<u64>,
    pub batch: Option<u32>,
}

/// Reads both sections; dt and the constants go to the context.
pub(super) fn read(cx: &mut Context<'_>) -> Settings {
    let network = cx.network;
    for field in &network.constants {
        constant(cx, field);
    }
    let mut fields = Fields::new("network".into(), &network.location, &network.settings);
    cx.dt_ms = fields
        .need(cx, "dt", "give the time step: dt = \"0.1 ms\"")
        .and_then(|site| time_step(cx, &site));
    let name = match fields.get("name") {
        None => Some(network.default_name()),
        Some(site) => cx.text(&site, "a name in quotes").map(String::from),
    };
    let duration_steps = match fields.get("duration") {
        None => cx.dt_ms.map(|dt_ms| steps::up(1000.0, dt_ms) as u32),
        Some(site) => cx.steps(&site, Rounding::Up),
    };
    let transient_steps = match fields.get("transient") {
        None => Some(0),
        // One that outlasts a short `--duration` is no mistake: the run just has no rates.
        Some(site) => cx.steps(&site, Rounding::Up),
    };
    let seed = match fields.get("seed") {
        None => Some(0),
        Some(site) => cx.integer(&site, 0, u64::MAX),
    };
    let batch = match fields.get("batch") {
        None => Some(1),
        Some(site) => cx.integer(&site, 1, 65_536).map(|batch| batch as u32),
    };
    fields.finish(cx);
    Settings { name, duration_steps, transient_steps, seed, batch }
}

fn time_step(cx: &mut Context<'_>, site: &Site<'_>) -> Option<f64> {
    let dt_ms = cx.quantity(site, Dimension::TIME)?;
    if dt_ms < DT_MS.0 || dt_ms > DT_MS.1 {
        let message = format!("{} ms cannot be a time step", spell(dt_ms));
        return cx.fail(site, message, "give a time from 1 ns to 1000 s, such as \"0.1 ms\"");
    }
    Some(dt_ms)
}

fn constant<'n>(cx: &mut Context<'n>, field: &'n Field) {
    let name = field.name.as_str();
    let site = Site { item: "constants".into(), field: name.into(), value: &field.value };
    let at_name = |message: &str, help: &str| Diagnostic {
        location: field.location.clone(),
        ..site.diagnostic(message, help)
    };
    if unfit_name(name) {
        let help = "use letters, digits and `_`, a letter first, and no word of the language";
        cx.push(at_name("this cannot be the name of a constant", help));
        cx.broken.insert(name);
    } else if cx.constants.contains_key(name) || cx.broken.contains(name) {
        cx.push(at_name("this constant is given twice", "keep one of them"));
    } else if let Some(quantity) = cx.any_quantity(&site) {
        cx.constants.insert(name.into(), quantity);
    } else {
        cx.broken.insert(name);
    }
}

/// Whether expressions cannot use this name for a constant or a draw.
pub(super) fn unfit_name(name: &str) -> bool {
    !language::is_name(name) || language::is_reserved(name)
}
