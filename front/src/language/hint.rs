//! Hints for what people type who come from other languages and simulators: each says what to write
//! here.

use super::suggest::{closest, did_you_mean};

/// Words that have no meaning here, in groups, and what stands for them.
const WORDS: &[(&[&str], &str)] = &[
    (&["and"], "`a && b` joins conditions"),
    (&["or"], "`a || b` joins conditions"),
    (&["not"], "`!` stands before the condition: `!refractory`"),
    (&["xor"], "write `(a || b) && !(a && b)`"),
    (&["is"], "`==` compares numbers"),
    (&["elif", "elsif", "elseif", "elsewhere"], "write `else if`"),
    (&["then", "endif", "end", "begin"], "write `if c { ... } else { ... }`"),
    (&["for", "while", "repeat"], "there are no loops: a text is one step of one neuron"),
    (&["return"], "the last value is what the text gives: leave it out"),
    (&["float", "double", "real", "var", "const", "auto"], "a local variable is `let x = ...`"),
    (&["True", "TRUE"], "write `true`"),
    (&["False", "FALSE"], "write `false`"),
    (
        &["t", "time", "t_sim"],
        "there is no time in these texts: a model keeps its own as a state variable, `t += dt` in \
         `update`; input over time is a stimulus",
    ),
    (&["timestep", "resolution", "defaultclock"], "`dt` is the time step"),
    (
        &["rand", "random", "rand_unif", "uniform_random", "runif"],
        "a model draws with `rand_uniform()` in each step, the values of a population with \
         `uniform(lo, hi)` once",
    ),
    (
        &["randn", "gauss", "randnormal", "rnorm", "standard_normal"],
        "a model draws with `rand_normal()` in each step, the values of a population with \
         `normal(mean, sd)` once",
    ),
    (
        &["xi", "white_noise"],
        "white noise of one step is `sigma * sqrt(dt) * rand_normal()`, or a stimulus with \
         kind = \"noise\"",
    ),
    (&["bernoulli", "binomial"], "`rand_bernoulli(p)` is a condition with probability p"),
    (&["poisson"], "random events are a stimulus with kind = \"poisson\""),
    (&["randint", "choice"], "write `floor(n * rand_uniform())`, which is 0 to n"),
    (
        &["int", "trunc", "integer"],
        "`floor(x)` rounds down, `ceil(x)` up, `round(x)` to the nearest; of a condition write \
         `if c { 1 } else { 0 }`",
    ),
    (&["bool", "boolean"], "a comparison is a condition: `x != 0`"),
    (&["fabs"], "write `abs(x)`"),
    (&["log10"], "write `ln(x) / ln(10)`"),
    (&["log2"], "write `ln(x) / ln(2)`"),
    (&["log1p"], "write `ln(1 + x)`"),
    (&["expm1"], "write `x * exprel(x)`"),
    (&["exp2"], "write `exp(x * ln(2))`"),
    (&["tan"], "write `sin(x) / cos(x)`"),
    (&["sinh"], "write `(exp(x) - exp(-x)) / 2`"),
    (&["cosh"], "write `(exp(x) + exp(-x)) / 2`"),
    (&["sigmoid", "logistic"], "write `1 / (1 + exp(-x))`"),
    (&["sign", "sgn"], "write `if x > 0 { 1 } else if x < 0 { -1 } else { 0 }`"),
    (&["heaviside", "Heaviside", "step", "theta"], "write `if x > 0 { 1 } else { 0 }`"),
    (&["relu", "rectify"], "write `max(x, 0)`"),
    (&["where", "select", "ifelse", "iif"], "write `if c { a } else { b }`"),
    (&["mod", "fmod", "modulo"], "write `x - floor(x / y) * y`"),
    (&["sqr", "square"], "write `x ^ 2`"),
    (&["power"], "write `x ^ y`"),
    (&["clip"], "write `clamp(x, lo, hi)`"),
    (&["maximum"], "write `max(a, b)`"),
    (&["minimum"], "write `min(a, b)`"),
    (&["PI", "Pi"], "write `pi`"),
    (&["inf", "nan", "NaN", "infinity"], "no value may be infinite or not a number"),
    (&["not_refractory"], "write `!refractory`, of a model with a field `refractory`"),
    (
        &["lastspike", "last_spike"],
        "keep the time since the last spike as a state variable: `since += dt` in `update`, \
         `since = 0` in `reset`",
    ),
    (&["I", "I_e", "I_stim", "I_ext"], "`i_ext` is the sum of the current stimuli"),
    (&["N"], "`n` is the size of a population, in its values"),
    (&["volt", "mvolt"], "a voltage is `-65 mV`"),
    (&["second", "msecond", "usecond", "seconds"], "a time is `20 ms`"),
    (&["amp", "pamp", "namp", "ampere"], "a current is `300 pA`"),
    (&["siemens", "nsiemens", "usiemens"], "a conductance is `10 nS`"),
    (&["farad", "pfarad", "nfarad", "ufarad"], "a capacitance is `200 pF`"),
    (&["hertz", "khertz"], "a rate is `8 Hz`"),
];

/// A place where the grammar stops: the text there (`At`) or before (`After`). A word counts whole.
enum Stop {
    At(&'static str),
    After(&'static str),
    /// The second right behind the first.
    Between(&'static str, &'static str),
}

const DIFFERENTIAL: &str = "a text is one step, not an equation: write what `x` becomes in `dt`, \
                            `x += dt * (...)`, or exactly `x = inf + (x - inf) * exp(-dt / tau)`";

/// Texts outside the grammar, and their equivalents. The first that fits counts.
const SYNTAX: &[(Stop, &str)] = &[
    (Stop::At("'"), DIFFERENTIAL),
    (Stop::Between("/", "/"), "a comment starts with `#`"),
    (Stop::Between("/", "*"), "a comment starts with `#`"),
    (Stop::Between("*", "*"), "a power is `x ^ y`"),
    (Stop::Between("=", ">"), "write `>=`"),
    (Stop::Between("=", "<"), "write `<=`"),
    (Stop::Between("<", ">"), "write `a != b`"),
    (Stop::At("++"), "write `x += 1`"),
    (Stop::At("--"), "write `x -= 1`"),
    (Stop::At("=>"), "write `>=`"),
    (Stop::At("=<"), "write `<=`"),
    (Stop::At(":="), "`=` assigns: `x = ...`"),
    (Stop::At("="), "`==` compares, `=` stands after the name that it changes"),
    (Stop::At("&"), "conditions are joined by `&&` and `||`"),
    (Stop::At("|"), "conditions are joined by `&&` and `||`"),
    (Stop::At("~"), "`!` stands before the condition: `!refractory`"),
    (Stop::At("?"), "a choice is `if c { a } else { b }`"),
    (
        Stop::At(":"),
        "an `if` has braces, `if c { ... } else { ... }`; units stand under `parameters`",
    ),
    (Stop::At("%"), "a remainder is `x - floor(x / y) * y`"),
    (Stop::At("."), "functions and names stand alone: `exp(x)`"),
    (Stop::At("["), "there are no lists: every neuron has its own values"),
    (Stop::At("\u{2212}"), "the minus of the keyboard is `-`"),
    (Stop::At("\u{d7}"), "a product is `a * b`"),
    (Stop::At("\u{b7}"), "a product is `a * b`"),
    (Stop::At("\u{2264}"), "write `<=`"),
    (Stop::At("\u{2265}"), "write `>=`"),
    (Stop::At("\u{2260}"), "write `!=`"),
    (Stop::At("\u{b2}"), "a power is `x ^ 2`"),
    (Stop::At("if"), "a choice is `if c { a } else { b }`"),
    (Stop::After("int"), "a local variable is `let x = ...`"),
    (Stop::After("bool"), "a local variable is `let x = ...`"),
];

/// Neuron models, generators and recorders of NEST, Brian2 and PyNN, and what to write here.
const MODELS: &[(&[&str], &str)] = &[
    (
        &["iaf_psc_exp", "IF_curr_exp", "iaf_psc_exp_multisynapse", "IaF"],
        "write \"lif_exp\" (one time constant of the synapses) or \"lif_exp_2\" (two receptors)",
    ),
    (&["iaf_psc_delta", "iaf_psc_delta_ps", "IF_curr_delta"], "write \"lif_delta\""),
    (
        &["iaf_cond_exp", "IF_cond_exp", "iaf_cond_exp_sfa_rr", "IF_cond_exp_gsfa_grr"],
        "write \"lif_cond_exp\"; with adaptation see \"adex\" or write a [model.NAME]",
    ),
    (
        &[
            "aeif_cond_exp",
            "aeif_cond_alpha",
            "aeif_cond_alpha_multisynapse",
            "aeif_psc_exp",
            "aeif_psc_delta",
            "aeif_psc_alpha",
            "EIF_cond_exp_isfa_ista",
            "EIF_cond_alpha_isfa_ista",
            "AdExIF",
        ],
        "write \"adex\", whose synapses are exponential conductances; others are a [model.NAME]",
    ),
    (
        &["hh_cond_exp_traub", "HH_cond_exp", "HH_cond_traub", "hh_psc_alpha", "hodgkin_huxley"],
        "write \"hh_traub_miles\"",
    ),
    (&["Izhikevich", "izhikevich_neuron", "Izh"], "write \"izhikevich\""),
    (
        &["mat2_psc_exp", "amat2_psc_exp"],
        "write \"lif_adaptive\", which has one adapting threshold",
    ),
    (
        &["iaf_psc_alpha", "iaf_cond_alpha", "IF_curr_alpha", "IF_cond_alpha", "iaf_cond_beta"],
        "there are no alpha synapses built in: copy \"lif_exp_2\" or \"lif_cond_exp\" and add a \
         state variable (docs/models.md), or use its exponential synapses",
    ),
    (&["lif", "LIF", "iaf", "IF", "if"], "write \"lif_exp\", \"lif_delta\" or \"lif_cond_exp\""),
    (&["HH", "hh", "Hodgkin-Huxley"], "write \"hh_traub_miles\""),
    (&["NeuronGroup"], "write a built-in model, or equations of one step as [model.NAME]"),
    (
        &[
            "poisson_generator",
            "PoissonGroup",
            "SpikeSourcePoisson",
            "PoissonInput",
            "mip_generator",
        ],
        "spikes of its own to project from: model = \"poisson\" with `rate`; independent input of \
         each neuron: a [stimulus.NAME] with kind = \"poisson\"",
    ),
    (
        &[
            "inhomogeneous_poisson_generator",
            "sinusoidal_poisson_generator",
            "poisson_generator_ps",
            "SpikeSourceInhGamma",
        ],
        "write a [stimulus.NAME] with kind = \"poisson\", or a [model.NAME] with \
         threshold = \"rand_bernoulli(...)\"",
    ),
    (
        &[
            "spike_generator",
            "SpikeGeneratorGroup",
            "SpikeSourceArray",
            "spike_train_injector",
            "spike_dilutor",
        ],
        "write \"spike_list\" with spikes = [[\"1 ms\", 0]], or a file of them",
    ),
    (
        &["dc_generator", "DCSource"],
        "a constant current is a [stimulus.NAME] with kind = \"current\"",
    ),
    (
        &["step_current_generator", "StepCurrentSource", "TimedArray", "ac_generator", "ACSource"],
        "a current over time is a [stimulus.NAME] with kind = \"steps\"",
    ),
    (&["noise_generator", "NoisyCurrentSource"], "write a [stimulus.NAME] with kind = \"noise\""),
    (&["parrot_neuron"], "project from the population itself: every population can"),
    (
        &["spike_recorder", "spike_detector", "SpikeMonitor", "PopulationRateMonitor"],
        "every spike is recorded: nothing is to be written",
    ),
    (
        &["multimeter", "voltmeter", "StateMonitor"],
        "a state variable is recorded by a [probe.NAME] with `population` and `variable`",
    ),
];

/// Synapse models of other simulators.
const SYNAPSES: &[(&[&str], &str)] = &[
    (
        &["static_synapse", "static_synapse_hom_w", "StaticSynapse", "StaticPulse"],
        "write \"static\"",
    ),
    (
        &["stdp_synapse", "stdp_pl_synapse", "STDPMechanism", "SpikePairRule", "STDP"],
        "write \"stdp\" (additive) or \"stdp_multiplicative\" with `mu`",
    ),
    (
        &["gap", "GapJunction", "ElectricalSynapse", "electrical"],
        "write \"gap_junction\", and connect both directions",
    ),
    (&["stdp_triplet_synapse", "triplet"], "write \"stdp_triplet\""),
    (&["vogels_sprekeler_synapse", "vogels", "istdp"], "write \"vogels_sprekeler\""),
    (
        &["tsodyks_synapse", "tsodyks2_synapse", "TsodyksMarkramSynapse", "stp"],
        "write \"tsodyks_markram\"",
    ),
];

/// Parameters as others call them, and their names here.
const PARAMETERS: &[(&[&str], &str)] = &[
    (&["v_rest", "E_rest", "EL", "el", "V_rest"], "the resting potential is `e_l`"),
    (&["v_thresh", "VT", "vt", "Vt", "V_thresh", "theta"], "the threshold is `v_th`"),
    (&["tau_refrac", "refractory", "tau_ref", "t_refrac"], "the refractory period is `t_ref`"),
    (&["cm", "C", "Cm"], "the membrane capacitance is `c_m`"),
    (&["gl", "gL"], "the leak conductance is `g_l`"),
    (&["taum"], "the membrane time constant is `tau_m`"),
    (&["I_e", "i_offset", "I_offset"], "a current is a [stimulus.NAME] with kind = \"current\""),
    (
        &["tau_syn_ex", "tau_syn_E", "taue"],
        "time constants of synapses are `tau_exc` (two receptors) or `tau_syn` (one)",
    ),
    (
        &["tau_syn_in", "tau_syn_I", "taui"],
        "time constants of synapses are `tau_inh` (two receptors) or `tau_syn` (one)",
    ),
    (&["E_ex", "e_rev_E", "Ee"], "the reversal potential of excitation is `e_exc`"),
    (&["E_in", "e_rev_I", "Ei"], "the reversal potential of inhibition is `e_inh`"),
    (&["V_m", "v_init", "V_init"], "the potential before step 0 is `v` under `initial`"),
];

/// Returns the equivalent of a word in an expression or a statement.
pub fn word(word: &str) -> Option<&'static str> {
    of(WORDS, word)
}

/// Returns the equivalent of a model of another simulator.
pub fn model(name: &str) -> Option<&'static str> {
    of(MODELS, name)
}

/// Returns the equivalent of a synapse model of another simulator.
pub fn synapse(name: &str) -> Option<&'static str> {
    of(SYNAPSES, name)
}

/// Returns the equivalent of a parameter of another simulator.
pub fn parameter(name: &str) -> Option<&'static str> {
    of(PARAMETERS, name)
}

/// Help for an unknown name in a text: the known name that it is but for case, a hint, or a known
/// name that is close.
pub fn for_name<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    otherwise: &str,
) -> String {
    let same = closest(name, known.clone()).is_some_and(|near| near.eq_ignore_ascii_case(name));
    match word(name) {
        Some(hint) if !same => hint.into(),
        _ if isospike_core::base::units::Unit::named(name).is_some() && !same => {
            format!("a unit follows its number: `20 {name}`, without `*`")
        }
        _ => did_you_mean(name, known, otherwise),
    }
}

/// Returns the equivalent of the text between `before` and `rest`, where the grammar stopped.
pub fn syntax(before: &str, rest: &str) -> Option<&'static str> {
    let blank = before.ends_with(char::is_whitespace);
    let before = before.trim_end();
    let last = before.rsplit(|c| !is_letter(c)).next().unwrap_or("");
    let next = rest.split(|c| !is_letter(c)).next().unwrap_or("");
    if ["pre", "post"].contains(&last) && rest.starts_with('.') {
        return Some(
            "`post.` and a name is read only: a synapse acts on its target by what it sends",
        );
    }
    // `dv/dt`, also with blanks.
    let derivative = rest.strip_prefix('/').is_some_and(|rest| rest.trim_start().starts_with("dt"));
    if derivative && last.len() > 1 && last.starts_with('d') {
        return Some(DIFFERENTIAL);
    }
    if let Some(hint) = word_of_a_statement(last, next) {
        return Some(hint);
    }
    let fits = |stop: &Stop| match stop {
        Stop::At(text) if text.starts_with(is_letter) => next == *text,
        Stop::At(text) => rest.starts_with(text),
        Stop::After(text) => last == *text,
        Stop::Between(a, b) => !blank && before.ends_with(a) && rest.starts_with(b),
    };
    SYNTAX.iter().find(|(stop, _)| fits(stop)).map(|(_, hint)| *hint)
}

/// A hint for a word of [`WORDS`] where no name can stand, or one that a name follows: `not x`.
fn word_of_a_statement(last: &str, next: &str) -> Option<&'static str> {
    const TYPES: [&str; 2] = ["int", "bool"];
    let followed = !next.is_empty() && !last.is_empty() && !TYPES.contains(&last);
    // `a and not b` stops at `not`, behind a name that could not follow one.
    of(WORDS, last).filter(|_| followed).or_else(|| of(WORDS, next))
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The text of the group that has a word; case counts.
fn of(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{STATIC, builtin_names, builtin_synapse_names, is_name, is_reserved};
    use std::collections::BTreeSet;

    #[test]
    fn every_word_has_one_hint_and_no_meaning_here() {
        for table in [WORDS, MODELS, SYNAPSES, PARAMETERS] {
            let mut seen = BTreeSet::new();
            for (words, hint) in table {
                assert!(!words.is_empty() && !hint.is_empty());
                for word in *words {
                    assert!(seen.insert(*word), "{word} stands twice");
                }
            }
        }
        for word in MODELS.iter().flat_map(|(words, _)| *words) {
            assert!(!builtin_names().contains(word), "{word}");
        }
        for (words, _) in WORDS {
            for word in *words {
                assert!(is_name(word) && !is_reserved(word), "{word}");
            }
        }
    }

    #[test]
    fn hints_name_synapse_models_that_exist() {
        for (words, hint) in SYNAPSES {
            for quoted in hint.split('"').skip(1).step_by(2) {
                let known = quoted == STATIC || builtin_synapse_names().contains(&quoted);
                assert!(known && !words.contains(&quoted), "{words:?}: {quoted}");
            }
        }
    }

    #[test]
    fn hints_name_models_that_exist() {
        for (words, hint) in MODELS {
            for quoted in hint.split('"').skip(1).step_by(2) {
                let kinds = ["spike_list", "current", "noise", "steps", "1 ms"];
                let known = builtin_names().contains(&quoted)
                    || kinds.contains(&quoted)
                    || quoted.starts_with("rand_bernoulli");
                assert!(known, "{words:?}: {quoted}");
            }
        }
    }
}
