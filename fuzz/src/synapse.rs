//! The language of synapse models on its own.

use crate::agree::agree;
use crate::language::constants;
use isospike_core::base::units::Dimension;
use isospike_front::check::Limits;
use isospike_front::diagnostic::Location;
use isospike_front::file::parse_item;
use isospike_front::language::{SynapseText, parse_synapse};
use isospike_front::network::{Content, Field, Network, Population, Projection, Value, table};

/// Neurons, each of which spikes in every step: with a delay of one step, pre events and post
/// events meet.
const TICKING: &str = "state = { v = 0 }\nreceptors = { input = \"pA\", other = \"nS\" }\n\
                       update = \"v = 1 + abs(input) / 1 pA + abs(other) / 1 nS\"\nthreshold = \"v > 0.5\"\n\
                       reset = \"v = 0\"";

const SIZE: u32 = 3;

/// A text as the fields of a synapse model; synapses of one that is accepted are run.
pub fn synapse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(item) = parse_item(text, "fuzzed", "fuzzed.toml") else { return };
    let read = [None, Some(Dimension::CURRENT)].map(|of| parse_synapse(&item, &constants(), of));
    let refused = read.iter().filter_map(|read| read.as_ref().err());
    refused.for_each(|diagnostics| assert!(!diagnostics.is_empty(), "refused without a mistake"));
    let [without_units, Ok(read)] = read else { return };
    assert!(without_units.is_ok(), "a mistake that only weights of any unit have");
    let mut network = Network::new("fuzzed", "0.1 ms")
        .setting("batch", 2)
        .population(Population::new("n", SIZE, "ticking"))
        .projection(projection(&read));
    for (name, quantity) in [("scale", "0.5"), ("tau", "20 ms"), ("w", "87.8 pA")] {
        network = network.constant(name, quantity);
    }
    network.models.push(parse_item(TICKING, "ticking", "ticking.toml").expect("a model"));
    network.synapses.push(item);
    match network.check(Limits::default()) {
        Ok(checked) => agree(checked),
        Err(diagnostics) => assert!(!diagnostics.0.is_empty(), "refused without a mistake"),
    }
}

/// A projection that gives the parameters without defaults, and weights where they matter.
fn projection(read: &SynapseText) -> Projection {
    let required = read.model.parameters.iter().filter(|parameter| parameter.default.is_none());
    let values = required.map(|parameter| Field {
        name: parameter.name.clone(),
        value: Value::from(format!("1 {}", parameter.dimension.base_unit()).trim_end()),
        location: Location::builder(),
    });
    let parameters = Value::from(Content::Table(values.collect()));
    let projection = Projection::new("p", "n", "n")
        .field("receptor", "input")
        .field("connect", "all_to_all")
        .field("delay", "0.1 ms")
        .field("synapse", "fuzzed")
        .field("parameters", parameters);
    match read.uses_weight() {
        true => projection.field("weight", table([("uniform", Value::from(vec!["0 pA", "1 pA"]))])),
        false => projection,
    }
}
