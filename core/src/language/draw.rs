//! Random numbers of initial values and per-neuron parameters (`docs/semantics.md` 2.7).

use super::DrawSite;
use crate::normal;

/// The third word of the counter is the population, the fourth this tag.
const TAG: u32 = 8;

/// The uniform number in [0, 1) of a neuron: 53 random bits.
pub fn uniform(site: &DrawSite, call: u32, neuron: u32) -> f64 {
    let key = [site.seed as u32, (site.seed >> 32) as u32];
    let word = philox([neuron, call, site.population, TAG], key);
    let bits = (u64::from(word[0] >> 6) << 27) | u64::from(word[1] >> 5);
    bits as f64 / (1u64 << 53) as f64
}

/// The standard normal number of a neuron.
pub fn normal(site: &DrawSite, call: u32, neuron: u32) -> f64 {
    const HALF_STEP: f64 = 1.0 / (1u64 << 54) as f64;
    const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
    // In f64 the largest uniform number plus half a step would round to 1.
    normal::quantile((uniform(site, call, neuron) + HALF_STEP).min(BELOW_ONE))
}
