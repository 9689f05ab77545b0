//! Signals of the whole network: `[signal.NAME]`, `signals` of synapse models, and what is wrong in
//! either.

use super::support::{network, projection, synapse_of, text};
use crate::check::support::{good, wrong};
use insta::assert_snapshot;
use isospike_core::base::id::PopulationId;
use isospike_core::describe::signal::SignalSpikes;

const MODEL: &str = "state = { w = 'weight' }\nbounds = { w = [0, '5 pA'] }\n";

/// Two signals and a model that reads them with these fields.
fn reads(fields: &str) -> String {
    let signals = "[signal.a]\ntau = '5 ms'\npulses = [['1 ms', 2]]\n\
                   [signal.b]\ntau = '1 s'\nspikes_of = 'exc'\ngain = 0.5\n";
    format!("{}\n{signals}", network(&format!("{MODEL}{fields}")))
}

/// The mistakes of a model with these fields, where signals `a` and `b` are there.
fn mistakes(fields: &str) -> String {
    wrong(&reads(fields))
}

/// The mistakes of a signal `a` of these fields, which a model reads.
fn signal(fields: &str) -> String {
    let model = network(&format!("{MODEL}signals = ['a']\non_pre = 'w += 1 pA * a; send w'"));
    wrong(&format!("[signal.a]\n{fields}\n{model}"))
}

#[test]
fn every_event_reads_signals_by_their_place_in_the_list() {
    let text_of = reads(
        "signals = ['b', 'a']\non_pre = 'w += a * b; send w'\non_post = 'if b > 1 { w -= a }'\n\
         every = [{ period = '1 ms', do = 'w *= a' }]",
    );
    let synapse = synapse_of(&text_of);
    assert_eq!(synapse.signals, [1, 0]);
    assert_eq!(synapse.model.signals, ["b", "a"]);
    let [pre, post] = [&synapse.model.on_pre, &synapse.model.on_post].map(text);
    assert_eq!(pre, "s0 = Clamp((s0 + (signal1 * signal0)), 0, 5); s1 = s0");
    assert_eq!(post, "if (signal0 > 1) { s0 = Clamp((s0 - signal1), 0, 5) } else {  }");
    assert_eq!(text(&synapse.model.every[0].program), "s0 = Clamp((s0 * signal1), 0, 5)");
    let signals = good(&text_of).signals;
    assert_eq!((signals[0].name.as_str(), signals[0].tau_ms, signals[1].tau_ms), ("a", 5.0, 1e3));
    assert_eq!((&*signals[0].pulses, signals[0].spikes), (&[(10, 2.0)][..], None));
    let spikes = SignalSpikes { population: PopulationId(0), gain: 0.5, delay_steps: 1 };
    assert_eq!((&*signals[1].pulses, signals[1].spikes), (&[][..], Some(spikes)));
}

#[test]
fn lists_of_signals() {
    assert_snapshot!(mistakes("signals = 'a'\non_pre = 'w += 1 pA * a; send w'"), @r#"
    net.toml:4:12: synapse s, field `signals`: a list of names is expected; as in signals = ["dopamine"]
    net.toml:5:23: synapse s, field `on_pre`: `a` is not defined; declare it as a parameter, state variable or trace, or define it with `let`
    "#);
    assert_snapshot!(mistakes("signals = [1]\non_pre = 'w += 1 pA * a; send w'"), @r#"
    net.toml:4:12: synapse s, field `signals[0]`: a text is expected; put it in quotes
    net.toml:5:23: synapse s, field `on_pre`: `a` is not defined; declare it as a parameter, state variable or trace, or define it with `let`
    "#);
    assert_snapshot!(mistakes("signals = ['a', 'a']\non_pre = 'w += 1 pA * a; send w'"), @"net.toml:4:18: synapse s, field `signals[1]`: the synapse model has this name twice; choose another name");
    assert_snapshot!(mistakes("signals = ['a', 'w', 'dt', 'weight', '2x']\non_pre = 'w += 1 pA * a; send w'"), @r#"
    net.toml:4:18: synapse s, field `signals[1]`: the synapse model has this name twice; choose another name
    net.toml:4:23: synapse s, field `signals[2]`: this name has a fixed meaning in synapse models; choose another name
    net.toml:4:29: synapse s, field `signals[3]`: this name has a fixed meaning in synapse models; choose another name
    net.toml:4:39: synapse s, field `signals[4]`: this is not a name; letters, digits and `_`, not starting with a digit
    "#);
    assert_snapshot!(mistakes("signals = ['a', 'b']\non_pre = 'w += 1 pA * a; send w'"), @"net.toml:4:18: synapse s, field `signals[1]`: no event reads the signal `b`; remove it, or use its name in `on_pre`, `on_post` or `every`");
    assert_snapshot!(mistakes("signals = ['a', 'c']\non_pre = 'w += a * c; send w'"), @"net.toml:4:18: synapse s, field `signals[1]`: there is no signal `c`; the signals are `a`, `b`");
    assert_snapshot!(mistakes("signals = ['b']\non_pre = 'w += 1 pA * a; send w'"), @r#"
    net.toml:4:13: synapse s, field `signals[0]`: no event reads the signal `b`; remove it, or use its name in `on_pre`, `on_post` or `every`
    net.toml:5:23: synapse s, field `on_pre`: `a` is not defined; declare it as a parameter, state variable or trace, or define it with `let`
    "#);
    assert_snapshot!(mistakes("signals = ['a']\non_pre = 'a = 1; send w'"), @"net.toml:5:11: synapse s, field `on_pre`: `a` is a signal and cannot be changed; only state and local variables can be assigned");
    assert_snapshot!(mistakes("signals = ['a']\non_pre = 'let a = 1; send w'"), @"net.toml:5:15: synapse s, field `on_pre`: `a` is already a signal; choose another name for the local variable");
    assert_snapshot!(mistakes("signals = ['a']\non_pre = 'send a * w'"), @"net.toml:5:11: synapse s, field `on_pre`: what is sent has no bound: a trace, a signal, a variable of a neuron, or state without `bounds`, is in it (in projection p); give `send_max`, or hold it with `clamp`, `min` and `max`");
    assert_snapshot!(mistakes("signals = ['a']\nsend_max = 'a'\non_pre = 'send a * w'"), @"net.toml:5:13: synapse s, field `send_max`: `a` is a signal, which has no value before the run; only parameters, constants and `dt` can be used here");
    assert_snapshot!(mistakes("signals = ['a']\npre = { x = { tau = '1 ms', spike = 'x + a' } }\non_pre = 'send w * min(a, 1)'"), @"net.toml:5:42: synapse s, field `pre.x.spike`: a trace cannot read `a`, a signal; a trace reads traces of its side, parameters, constants and `dt`");
    assert_snapshot!(mistakes("on_pre = 'w += a; send w'"), @"net.toml:4:16: synapse s, field `on_pre`: `a` is not defined; declare it as a parameter, state variable or trace, or define it with `let`");
    let unknown = "signals = ['dopamine']\non_pre = 'send min(w, 1 pA * dopamine)'";
    assert_snapshot!(wrong(&network(&format!("{MODEL}{unknown}"))), @"net.toml:4:13: synapse s, field `signals[0]`: there is no signal `dopamine`; add [signal.dopamine]");
}

#[test]
fn fields_of_a_signal() {
    assert_snapshot!(signal(""), @r#"
    net.toml:1:9: signal a, field `tau`: this field is missing; give the time constant of its decay: tau = "200 ms"
    net.toml:1:9: signal a: nothing is ever added to this signal; give spikes_of = "population" and a gain, or pulses = [["10 s", 0.5]]
    "#);
    assert_snapshot!(signal("tau = '5 ms'"), @r#"net.toml:1:9: signal a: nothing is ever added to this signal; give spikes_of = "population" and a gain, or pulses = [["10 s", 0.5]]"#);
    assert_snapshot!(signal("tau = '0 ms'\npulses = []"), @"net.toml:2:8: signal a, field `tau`: the time constant is 0 ms; give a time above 0 ms");
    assert_snapshot!(signal("tau = 5\npulses = []"), @r#"net.toml:2:7: signal a, field `tau`: this is a plain number, not a time; give a time like "20 ms""#);
    assert_snapshot!(signal("tau = '5 ms'\ngain = 1\ndelay = '1 ms'\npulses = []"), @r#"
    net.toml:3:8: signal a, field `gain`: this belongs to spikes that are added; name their population: spikes_of = "population"
    net.toml:4:10: signal a, field `delay`: this belongs to spikes that are added; name their population: spikes_of = "population"
    "#);
    assert_snapshot!(signal("tau = '5 ms'\nspikes_of = 'excc'"), @r#"
    net.toml:1:9: signal a, field `gain`: this field is missing; give the value of each spike: gain = 0.01
    net.toml:3:14: signal a, field `spikes_of`: there is no population `excc`; did you mean `exc`?
    "#);
    assert_snapshot!(signal("tau = '5 ms'\nspikes_of = 'exc'\ngain = '1 mV'\ndelay = '0 ms'"), @r#"
    net.toml:4:9: signal a, field `gain`: this is a voltage, not a plain number; give a plain number
    net.toml:5:10: signal a, field `delay`: the delay is 0; give dt or more
    "#);
    assert_snapshot!(signal("tau = '5 ms'\nspikes_of = 'exc'\ngain = 1\ndelay = '0.15 ms'"), @"net.toml:5:10: signal a, field `delay`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.1 ms and 0.2 ms");
    assert_snapshot!(signal("tau = '5 ms'\nspikes_of = 'exc'\ngain = 1\ndelay = '10 s'"), @"net.toml:5:10: signal a, field `delay`: this delay is 100000 steps; at most 65535 are possible; a larger dt has fewer");
    assert_snapshot!(signal("tau = '5 ms'\npulses = 3"), @r#"net.toml:3:10: signal a, field `pulses`: an integer cannot stand here; give a list of times and values: [["10 s", 0.5]]"#);
    assert_snapshot!(signal("tau = '5 ms'\npulses = ['1 ms', 2]"), @r#"
    net.toml:3:12: signal a, field `pulses[0]`: a text cannot stand here; give a time and a value, as in ["10 s", 0.5]
    net.toml:3:19: signal a, field `pulses[1]`: an integer cannot stand here; give a time and a value, as in ["10 s", 0.5]
    "#);
    assert_snapshot!(signal("tau = '5 ms'\npulses = [['1 ms'], ['0.15 ms', 1], ['2 ms', '1 pA'], ['2 ms', 1], ['1 ms', 1], ['-1 ms', 1]]"), @r#"
    net.toml:3:11: signal a, field `pulses[0]`: two values are expected, not 1; give a time and a value, as in ["10 s", 0.5]
    net.toml:3:23: signal a, field `pulses[1][0]`: this time is not a multiple of dt = 0.1 ms; the nearest are 0.1 ms and 0.2 ms
    net.toml:3:47: signal a, field `pulses[2][1]`: this is a current, not a plain number; give a plain number
    net.toml:3:55: signal a, field `pulses[3]`: this time is not after the one before it; sort the pulses, and add those of one time
    net.toml:3:68: signal a, field `pulses[4]`: this time is not after the one before it; sort the pulses, and add those of one time
    net.toml:3:83: signal a, field `pulses[5][0]`: this time is negative; give a time of 0 ms or later
    "#);
    assert_snapshot!(signal("tau = '5 ms'\npulse = [['1 ms', 2]]"), @r#"
    net.toml:1:9: signal a: nothing is ever added to this signal; give spikes_of = "population" and a gain, or pulses = [["10 s", 0.5]]
    net.toml:3:1: signal a, field `pulse`: there is no such field; did you mean `pulses`?
    "#);
    assert_snapshot!(wrong("[signal.a]\ntau = '1 ms'\npulses = []"), @r#"net.toml:1:9: signal a: no synapse model reads this signal; remove it, or let a synapse model read it: signals = ["a"]"#);
}

const PAGE: &str = include_str!("../../../../docs/synapses.md");

#[test]
fn the_example_of_the_page_is_right() {
    let blocks = PAGE.split("```toml\n").skip(1).filter_map(|block| block.split("```").next());
    let block = blocks.into_iter().find(|block| block.starts_with("[signal.")).unwrap();
    let use_of_it = "synapse = \"reward\"\nparameters = { w_max = \"4 pA\" }";
    let synapse = synapse_of(&format!("{block}{}", projection(use_of_it)));
    assert_eq!((synapse.signals, synapse.sent[0].bounds), (vec![0], (0.0, 4.0)));
}
