//! The language of quantities and neuron models on its own.

use crate::agree::agree;
use isospike_core::base::units::Dimension;
use isospike_front::check::Limits;
use isospike_front::diagnostic::Location;
use isospike_front::file::parse_item;
use isospike_front::language::{self, Constants, DrawSite, Quantity};
use isospike_front::network::{Content, Network, Population, Value};
use std::collections::BTreeMap;

/// How many neurons a per-neuron value is evaluated for.
const SIZE: u32 = 5;

/// A text as an expression of quantities, for one value and for one per neuron.
pub fn quantity(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let value = Value { content: Content::Text(text.into()), location: Location::builder() };
    let one = language::quantity(&value, &constants());
    if let Ok(one) = &one {
        assert!(one.value.is_finite());
    }
    let mut site = DrawSite { seed: 1, population: 0, next: 0 };
    let each = language::per_neuron(&value, &constants(), &BTreeMap::new(), SIZE, &mut site);
    match (one, each) {
        (Ok(one), Ok((values, dimension))) => {
            // A value that is one for the whole network is the same for all neurons.
            assert_eq!(one.dimension, dimension);
            assert!((0..SIZE).all(|i| values.get(i) == one.value), "{values:?}");
        }
        (Ok(one), Err(diagnostic)) => panic!("{one:?} as one value, but for each: {diagnostic}"),
        (Err(diagnostic), Ok((values, _))) => {
            assert!((0..SIZE).all(|i| values.get(i).is_finite()));
            assert!(!diagnostic.message.is_empty());
        }
        (Err(_), Err(diagnostic)) => assert!(!diagnostic.message.is_empty()),
    }
}

/// A text as the fields of a neuron model; neurons of one that is accepted are run.
pub fn language(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(item) = parse_item(text, "fuzzed", "fuzzed.toml") else { return };
    if let Err(diagnostics) = language::parse_model(&item, &constants()) {
        assert!(!diagnostics.is_empty(), "refused without a mistake");
        return;
    }
    let mut network =
        Network::new("fuzzed", "0.1 ms").population(Population::new("n", SIZE, "fuzzed"));
    for (name, quantity) in [("scale", "0.5"), ("tau", "20 ms"), ("w", "87.8 pA")] {
        network = network.constant(name, quantity);
    }
    network.models.push(item);
    if let Ok(checked) = network.check(Limits::default()) {
        agree(checked);
    }
}

pub(crate) fn constants() -> Constants {
    let of = |name: &str, value, dimension| (name.to_string(), Quantity { value, dimension });
    Constants::from([
        of("scale", 0.5, Dimension::NUMBER),
        of("tau", 20.0, Dimension::TIME),
        of("w", 87.8, Dimension::CURRENT),
    ])
}
