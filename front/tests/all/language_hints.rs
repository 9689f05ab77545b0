//! Words of other languages and simulators, and the hint that each gets.

use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;

/// The mistakes of a network with one neuron of a model.
fn diagnostics(update: &str, threshold: &str) -> String {
    let text = format!(
        "[network]\ndt = \"0.1 ms\"\n[model.m]\nrefractory = \"1 ms\"\ncurrent = \"pA\"\n\
         update = \"\"\"\n{update}\nv += i_ext\n\"\"\"\nthreshold = \"{threshold}\"\n[model.m.state]\nv = 0\n\
         w = 0\n[model.m.parameters]\ntau = \"5 ms\"\n[population.p]\nsize = 1\nmodel = \"m\"\n"
    );
    of(&text)
}

fn of(text: &str) -> String {
    let network = file::parse(text, "net.toml", Path::new("."), &[]).expect("TOML");
    network.check(Limits::default()).expect_err(text).to_string()
}

/// The mistakes of a population of a model with one parameter.
fn population(model: &str, parameters: &str) -> String {
    of(&format!(
        "[network]\ndt = \"0.1 ms\"\n[population.p]\nsize = 1\nmodel = \"{model}\"\n\
         parameters = {{ {parameters} }}\n"
    ))
}

#[test]
fn updates_of_other_languages_are_understood() {
    for (update, hint) in [
        ("dv/dt = -v / tau", "a text is one step, not an equation"),
        ("dv / dt = (1 - v) / tau : volt", "a text is one step, not an equation"),
        ("v' = -v / tau", "a text is one step, not an equation"),
        ("v = t", "there is no time in these texts"),
        ("v = rand()", "`rand_uniform()`"),
        ("v = random()", "`rand_uniform()`"),
        ("v = randn()", "`rand_normal()`"),
        ("v = xi * 3", "`sigma * sqrt(dt) * rand_normal()`"),
        ("v = int(w)", "`floor(x)` rounds down"),
        ("v = log10(w)", "ln(x) / ln(10)"),
        ("v = sign(w)", "if x > 0 { 1 }"),
        ("v = w ** 2", "a power is `x ^ y`"),
        ("v = w % 2", "a remainder is"),
        ("v = v > 1 ? 2 : 3", "a choice is `if c { a } else { b }`"),
        ("v = 1 if w > 2 else 3", "a choice is `if c { a } else { b }`"),
        ("if w > 2: v = 1", "an `if` has braces"),
        ("if w > 2 and v > 1 { v = 1 }", "`a && b` joins conditions"),
        ("if w > 2 or v > 1 { v = 1 }", "`a || b` joins conditions"),
        ("if not refractory { v = 1 }", "`!` stands before the condition"),
        ("if not(refractory) { v = 1 }", "`!` stands before the condition"),
        ("if w > 2 & v > 1 { v = 1 }", "conditions are joined by `&&` and `||`"),
        ("if w > 2 | v > 1 { v = 1 }", "conditions are joined by `&&` and `||`"),
        ("if w = 2 { v = 1 }", "`==` compares"),
        ("if w <> 2 { v = 1 }", "write `a != b`"),
        ("if w => 2 { v = 1 }", "write `>=`"),
        ("if ~refractory { v = 1 }", "`!` stands before the condition"),
        ("if w > 1 { v = 1 } elif w > 2 { v = 2 }", "write `else if`"),
        ("let a = True", "write `true`"),
        ("let a = False", "write `false`"),
        ("v++", "write `x += 1`"),
        ("v = np.exp(w)", "functions and names stand alone"),
        ("v = 20*mV", "a unit follows its number"),
        ("v = 3 // half", "a comment starts with `#`"),
        ("float x = 3", "a local variable is `let x = ...`"),
        ("int x = 3", "a local variable is `let x = ...`"),
        ("for k in range { v = 1 }", "there are no loops"),
        ("return v", "leave it out"),
        ("v = clip(w, 0, 1)", "write `clamp(x, lo, hi)`"),
        ("v = w \u{2212} 1", "the minus of the keyboard is `-`"),
        ("v = w\u{b2}", "a power is `x ^ 2`"),
        ("v = heaviside(w)", "write `if x > 0 { 1 } else { 0 }`"),
    ] {
        let diagnostics = diagnostics(update, "v > 1");
        assert!(diagnostics.contains(hint), "{update}\n{diagnostics}");
    }
}

#[test]
fn conditions_of_other_languages_are_understood() {
    for (threshold, hint) in [
        ("v > 1 and w > 2", "`a && b` joins conditions"),
        ("v > 1 and not refractory", "`a && b` joins conditions"),
        ("not refractory", "`!` stands before the condition"),
        ("v > 1 && not_refractory", "write `!refractory`"),
        ("v > -50*mV", "a unit follows its number"),
        ("rand() < 0.1", "`rand_uniform()`"),
        ("v = 1", "`==` compares"),
        ("v is 1", "`==` compares numbers"),
        ("v \u{2265} 1", "write `>=`"),
        ("t > 100", "there is no time in these texts"),
    ] {
        let diagnostics = diagnostics("w = 1", threshold);
        assert!(diagnostics.contains(hint), "{threshold}\n{diagnostics}");
    }
}

#[test]
fn values_of_populations_have_hints() {
    for (value, hint) in [
        ("20*ms", "a unit follows its number"),
        ("10 ms * rand()", "`uniform(lo, hi)`"),
        ("10 ms + randn() * 1 ms", "`normal(mean, sd)`"),
        ("t", "there is no time in these texts"),
        ("10 ms if i > 2 else 20 ms", "a choice is"),
        ("1 ms * i / N", "`n` is the size"),
    ] {
        let diagnostics = population("lif_exp", &format!("tau_m = \"{value}\""));
        assert!(diagnostics.contains(hint), "{value}\n{diagnostics}");
    }
    // A name of one's own that is the same but for case comes first.
    let text = "[network]\ndt = \"0.1 ms\"\n[constants]\nT = \"5 ms\"\n[population.p]\nsize = 1\n\
                model = \"lif_exp\"\nparameters = { tau_m = \"t\" }\n";
    assert!(of(text).contains("did you mean `T`?"));
}

#[test]
fn models_of_other_simulators_have_hints() {
    for (model, hint) in [
        ("iaf_psc_exp", "\"lif_exp\""),
        ("iaf_psc_delta", "\"lif_delta\""),
        ("iaf_cond_exp", "\"lif_cond_exp\""),
        ("iaf_psc_alpha", "there are no alpha synapses built in"),
        ("aeif_cond_exp", "\"adex\""),
        ("hh_cond_exp_traub", "\"hh_traub_miles\""),
        ("IF_curr_exp", "\"lif_exp\""),
        ("IF_cond_exp", "\"lif_cond_exp\""),
        ("EIF_cond_exp_isfa_ista", "\"adex\""),
        ("HH_cond_exp", "\"hh_traub_miles\""),
        ("Izhikevich", "\"izhikevich\""),
        ("poisson_generator", "kind = \"poisson\""),
        ("PoissonGroup", "model = \"poisson\""),
        ("SpikeSourcePoisson", "model = \"poisson\""),
        ("spike_generator", "\"spike_list\""),
        ("SpikeGeneratorGroup", "\"spike_list\""),
        ("SpikeSourceArray", "\"spike_list\""),
        ("dc_generator", "kind = \"current\""),
        ("noise_generator", "kind = \"noise\""),
        ("multimeter", "[probe.NAME]"),
        ("spike_recorder", "every spike is recorded"),
        ("NeuronGroup", "[model.NAME]"),
    ] {
        let diagnostics = population(model, "");
        assert!(
            diagnostics.contains(&format!("there is no neuron model `{model}`")),
            "{diagnostics}"
        );
        assert!(diagnostics.contains(hint), "{model}\n{diagnostics}");
    }
    for (parameter, hint) in [
        ("v_rest", "`e_l`"),
        ("v_thresh", "`v_th`"),
        ("tau_refrac", "`t_ref`"),
        ("I_e", "kind = \"current\""),
        ("C_m", "did you mean `c_m`?"),
    ] {
        let diagnostics = population("lif_exp", &format!("{parameter} = 1"));
        assert!(diagnostics.contains(hint), "{parameter}\n{diagnostics}");
    }
    let stimulus = "[network]\ndt = \"0.1 ms\"\n[population.p]\nsize = 1\nmodel = \"lif_exp\"\n\
                    [stimulus.s]\npopulation = \"p\"\nkind = \"dc_generator\"\n";
    assert!(of(stimulus).contains("kind = \"current\""));
}
