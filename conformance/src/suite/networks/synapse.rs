//! Random synapse models: the built-in ones with any parameters, and models of random statements.

use super::statements::Names;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// The synapses of a projection.
#[derive(Clone, Debug)]
pub enum Synapse {
    /// Weights that never change.
    Static,
    /// A built-in model, with the places of its parameters among the values of their kinds.
    BuiltIn(usize, [usize; 6]),
    /// A model of its own: a section in which `NAME` stands for its name, and the learning rate.
    Own(String, usize),
}

/// Kinds of parameters.
#[derive(Clone, Copy)]
enum Kind {
    Tau,
    /// A factor.
    Amplitude,
    /// From 0 to 1.
    Part,
    Rate,
    /// A part of the largest weight, of its sign.
    Weight,
}

use Kind::{Amplitude, Part, Rate, Tau, Weight};

/// A built-in model: its name, whether its weights have an upper bound `w_max`, whether that may be
/// below 0, and its other parameters.
type BuiltIn = (&'static str, bool, bool, &'static [(&'static str, Kind)]);

const BUILT_IN: [BuiltIn; 7] = [
    (
        "stdp",
        true,
        false,
        &[("tau_plus", Tau), ("tau_minus", Tau), ("a_plus", Amplitude), ("a_minus", Amplitude)],
    ),
    (
        "stdp_multiplicative",
        true,
        false,
        &[
            ("tau_plus", Tau),
            ("tau_minus", Tau),
            ("lambda", Amplitude),
            ("alpha", Amplitude),
            ("mu", Part),
        ],
    ),
    (
        "stdp_triplet",
        true,
        false,
        &[
            ("w0", Weight),
            ("tau_plus", Tau),
            ("tau_x", Tau),
            ("tau_y", Tau),
            ("a3_plus", Amplitude),
            ("a2_minus", Amplitude),
        ],
    ),
    ("vogels_sprekeler", true, true, &[("tau", Tau), ("rho0", Rate), ("eta", Weight)]),
    ("tsodyks_markram", false, true, &[("u0", Part), ("tau_f", Tau), ("tau_d", Tau)]),
    ("nmda", false, true, &[("a", Part), ("tau", Tau)]),
    ("bcm", true, false, &[("w0", Weight), ("tau", Tau), ("tau_theta", Tau), ("eta", Rate)]),
];

/// The signals that models may read.
pub const SIGNALS: [&str; 2] = ["sig", "sig2"];

pub const TAUS: [&str; 6] = ["0.05 ms", "0.7 ms", "5 ms", "20 ms", "101 ms", "30 s"];
const AMPLITUDES: [f64; 6] = [0.005, 0.06, 0.9, 0.0, 7.0, 1e-12];
const PARTS: [f64; 6] = [0.5, 1.0, 0.0, 0.05, 0.9, 0.3];
const RATES: [&str; 3] = ["5 Hz", "0 Hz", "400 Hz"];

/// Returns the synapses of a projection.
pub fn synapse() -> impl Strategy<Value = Synapse> {
    let places = any::<[u8; 6]>().prop_map(|places| places.map(usize::from));
    prop_oneof![
        1 => Just(Synapse::Static),
        4 => (0..BUILT_IN.len(), places).prop_map(|(model, at)| Synapse::BuiltIn(model, at)),
        5 => (own(), 0..4_usize).prop_map(|(text, rate)| Synapse::Own(text, rate)),
    ]
}

impl Synapse {
    /// Whether the drawn weight matters, with or without another receptor of the target; else a
    /// projection must not give one.
    pub fn uses_weight(&self, other: Option<&str>) -> bool {
        match self {
            Self::Static | Self::BuiltIn(..) => true,
            Self::Own(text, _) => {
                let uses = [
                    "w = \"weight\"",
                    "initial = \"weight\"",
                    "send_max = \"weight\"",
                    "weight / w_max",
                ];
                lines(text, other).any(|line| uses.iter().any(|use_of_it| line.contains(use_of_it)))
            }
        }
    }

    /// The fields of projection `i` whose largest weight is `w_max` of this unit, and the section
    /// of its model, which may send to `other` receptor of the target, too, and read `v` of the
    /// source if that has it.
    pub fn fields(
        &self,
        i: usize,
        w_max: f64,
        unit: &str,
        other: Option<&str>,
        source_has_v: bool,
    ) -> (String, String) {
        match self {
            Self::Static => (String::new(), String::new()),
            Self::BuiltIn(model, at) => (built_in(*model, at, w_max, unit), String::new()),
            Self::Own(text, rate) => {
                let gain = w_max * [0.05, 0.001, 0.6, -3.0][*rate];
                let initial = [
                    "",
                    "initial = { q = { uniform = [-0.5, 0.75] } }\n",
                    "initial = { q = { normal = [0.1, 0.3], min = -0.5, max = 0.5 } }\n",
                    "initial = { q = -0.125 }\n",
                ];
                let has_q = ["q = \"", "q = { initial"].iter().any(|state| text.contains(state));
                let initial = if has_q { initial[*rate] } else { "" };
                let fields = format!(
                    "synapse = \"s{i}\"\nparameters = {{ w_max = \"{w_max} {unit}\", gain = \
                     \"{gain} {unit}\" }}\n{initial}"
                );
                let text: String = lines(text, other).flat_map(|line| [line, "\n"]).collect();
                let text = text.replace(OTHER, other.unwrap_or_default());
                let text = if source_has_v { text } else { text.replace("pre.v", "0.25") };
                (fields, text.replace("NAME", &format!("s{i}")))
            }
        }
    }
}

/// The lines of a model, without those about another receptor where there is none.
fn lines<'t>(text: &'t str, other: Option<&str>) -> impl Iterator<Item = &'t str> {
    let has_other = other.is_some();
    text.lines().filter(move |line| has_other || !line.contains(OTHER))
}

fn built_in(model: usize, at: &[usize; 6], w_max: f64, unit: &str) -> String {
    let (mut name, mut has_bound, signed, mut parameters) = BUILT_IN[model];
    if !signed && w_max < 0.0 {
        (name, has_bound, _, parameters) = BUILT_IN[3];
    }
    let mut all: Vec<String> = (parameters.iter().zip(at))
        .map(|((parameter, kind), at)| match kind {
            Tau => format!("{parameter} = \"{}\"", TAUS[at % TAUS.len()]),
            Amplitude => format!("{parameter} = {:?}", AMPLITUDES[at % AMPLITUDES.len()]),
            Part => format!("{parameter} = {:?}", PARTS[at % PARTS.len()]),
            Rate => format!("{parameter} = \"{}\"", RATES[at % RATES.len()]),
            Weight => {
                let weight = w_max * AMPLITUDES[at % AMPLITUDES.len()];
                format!("{parameter} = \"{weight} {unit}\"")
            }
        })
        .collect();
    if has_bound {
        all.push(format!("w_max = \"{w_max} {unit}\""));
    }
    format!("synapse = \"{name}\"\nparameters = {{ {} }}\n", all.join(", "))
}

/// Expressions start from state (`q`, `r`, the weight `w`), traces of both sides, the target's `v`,
/// signals, a parameter, locals that begin as host values and as a device value, and the drawn
/// weight.
const NAMES: Names = Names {
    leaves: &[
        "q",
        "r",
        "x",
        "z",
        "y",
        "y2",
        "x",
        "y",
        "post.v",
        "p",
        "a",
        "b",
        "c",
        "sig",
        "sig2",
        "2",
        "0.7",
        "w / w_max",
        "weight / w_max",
        "dt / tau",
    ],
    conditions: &[
        "x > y",
        "q > 0.1",
        "y2 < 0.5",
        "c <= q",
        "p > 0.25",
        "h",
        "!d && r < 2",
        "w > 0.5 * w_max",
        "z > 1 || d",
        "post.v < q",
        "b > a",
        "sig > g",
    ],
    targets: &[
        "a =",
        "b =",
        "c =",
        "q =",
        "q +=",
        "r =",
        "r *=",
        "w =  w_max *",
        "w += gain *",
        "w -= gain *",
        "w +=  w_max *",
        "w += gain *",
    ],
    equal: &["3", "p", "0.3"],
};

/// The end of a pre event, with a condition `C` and an expression `E`. All but the last keep what
/// is sent between the bounds of the weight. Factors are at least 0.2: an expression can be a
/// constant near 0, and weights far below others onto their receptor are refused (4.5).
const SENDS: [&str; 7] = [
    "send w",
    "send w * clamp(E, 0.2, 1)",
    "if C { send w }",
    "if C { send w } else { w -= gain * E\n send w / 2 }",
    "if C { if h { send w_max * clamp(E, 0.2, 1) } } else { send 0 * w_max }",
    "send if C { w } else { w / 4 }",
    "send w_max * (E + if E < 0 { -0.2 } else { 0.2 })",
];

/// The name of another receptor in [`OTHERS`].
const OTHER: &str = "other_one";

/// Statements that send to another receptor of the target, too.
const OTHERS: [&str; 4] = [
    "",
    "send other_one w_max * clamp(E, 0.2, 1)",
    "if C { send other_one (w_max / 3) * clamp(E, 0.2, 1) }",
    "if C { send other_one w_max } else { send other_one 0.5 * w_max }",
];

/// Bounds of a weight from 0 to `w_max`, of either sign.
const BOUNDS: &str = "[\"min(0 * w_max, w_max)\", \"max(0 * w_max, w_max)\"]";

const SPIKES: [[&str; 7]; 4] = [
    ["x + 1", "1", "x / 2 + 1", "clamp(1.5 * x + 1, 0, 9)", "exp(-x)", "x * x + 0.5", "p - x"],
    ["z + 1", "z + x / 4 + 1", "x", "sqrt(abs(z)) + p", "1", "z * x", "max(z, x) + dt / tau"],
    ["y + 1", "1", "y / 2 + 1", "clamp(1.5 * y + 1, 0, 9)", "exp(-y)", "y * y + 0.5", "p - y"],
    ["y2 + 1", "y2 + y / 4 + 1", "y", "1 - y2", "1", "y2 * y", "max(y2, y) + dt / tau"],
];

/// Conditions that make post events; the first is that of spikes. Those of the second list read a
/// signal.
const CONDITIONS: [&[&str]; 2] = [
    &[
        "",
        "",
        "",
        "post.v > 0.6",
        "post.v > -58 && post.v < 5 * p",
        "post.v <= -65 || post.v > p",
        "post.v == post.v",
        "abs(post.v) < 61 - dt / tau",
    ],
    &["post.v > sig", "sig > 0.01 || post.v < -66", "post.v * sig > 0.4"],
];

/// Periods of clocked blocks.
const PERIODS: [&str; 4] = ["dt", "2 * dt", "5 * dt", "17 * dt"];

/// A clocked block in numbers: its period, its statements, whether it reads the source in place of
/// the target, and what it sends.
type Block = (usize, Vec<String>, bool, Option<(usize, String, String)>);

/// A trace in numbers: its time constant and its value at an event.
type Trace = (usize, usize);

/// The section of a model, whose name is `NAME`.
fn own() -> impl Strategy<Value = String> {
    let trace = || (0..TAUS.len(), 0..SPIKES[0].len());
    let traces = || (0..3_usize, [trace(), trace()]);
    // Whether there is a state variable w, whether it has bounds, the same of q, r alone; then
    // whether there is each signal.
    let names = (any::<[bool; 5]>(), any::<[bool; 2]>());
    let other = (0..OTHERS.len(), NAMES.condition(), NAMES.expression());
    let send = (0..SENDS.len(), NAMES.condition(), NAMES.expression(), 0..4_usize, other);
    // With which time constant each decays between events; some do not.
    let decay = [0..2 * TAUS.len(), 0..2 * TAUS.len(), 0..2 * TAUS.len()];
    let events =
        (vec(NAMES.statement(), 0..4), vec(NAMES.statement(), 0..2), vec(NAMES.statement(), 0..4));
    let sends = weighted(0.4, (0..SENDS.len(), NAMES.condition(), NAMES.expression()));
    let block = (0..PERIODS.len(), vec(NAMES.statement(), 1..3), any::<bool>(), sends);
    let every = (vec(block, 0..3), any::<bool>(), 0..11_usize);
    let all = (traces(), traces(), (names, decay), send, events, every);
    all.prop_map(|(pre, post, (names, decay), send, events, (every, silent, on_post_if))| {
        let (state, signals) = names;
        let [w, w_unbounded, q, q_unbounded, r] = state;
        let mut decay = decay.into_iter();
        let (send, condition, expression, most, other) = send;
        let (before, after, on_post) = events;
        let (mut variables, mut bounds, mut absent) = (Vec::new(), Vec::new(), String::new());
        // A local takes the place of each that is absent.
        let mut variable = |is_there: bool, name: &str, initial: &str, other: &str| {
            let tau = decay.next().and_then(|tau| TAUS.get(tau));
            match is_there {
                true => variables.push(declared(name, initial, tau)),
                false => absent += &format!("let {name} = {other}\n"),
            }
        };
        variable(w, "w", "weight", "0.4 * w_max");
        variable(q, "q", "0.25", "0.25");
        variable(r, "r", "1", "1");
        let mut sides = signals_of(signals, &mut absent);
        for (side, (count, traces)) in [(0, pre), (1, post)] {
            sides += &side_of(side, count, traces, &mut absent);
        }
        if w && !w_unbounded {
            bounds.push(format!("w = {BOUNDS}"));
        }
        if q && !q_unbounded {
            bounds.push("q = [\"-0.5\", \"0.75\"]".to_owned());
        }
        let mut of_blocks = every.iter().filter_map(|block| Some(block.3.as_ref()?.0));
        let silent = silent && of_blocks.clone().next().is_some();
        let keeps_bounds = |send: usize| send + 1 < SENDS.len();
        let is_bounded = w && !w_unbounded && keeps_bounds(send) && of_blocks.all(keeps_bounds);
        let most = send_max(most, is_bounded);
        let send = sent(send, &condition, &expression);
        let other = OTHERS[other.0].replace('C', &other.1).replace('E', &other.2);
        let locals = format!(
            "{absent}let a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\n\
             let g = sig / 2 + sig2\n"
        );
        let conditions = CONDITIONS[..1 + usize::from(signals[0])].concat();
        let condition = conditions[on_post_if % conditions.len()];
        let on_post = post_events(condition, &on_post.concat(), &locals, post.0 > 0);
        let every = clocked(&every, &locals);
        let (before, after) = (before.concat(), after.concat());
        let on_pre = [&locals, &before, &other, "\n", &send, "\n", &after];
        let on_pre = event("on_pre", &on_pre, silent);
        let (state, bounds) = (table("state", &variables), table("bounds", &bounds));
        let events = format!("{on_pre}{on_post}{every}");
        format!("\n[synapse.NAME]\n{state}{bounds}{sides}{most}{events}{PARAMETERS}")
    })
}

/// The parameters of all models.
const PARAMETERS: &str = "[synapse.NAME.parameters]
p = 0.6
tau = { default = \"3 ms\", above = \"0 ms\" }
gain = { unit = \"weight\" }
w_max = { unit = \"weight\" }
";

/// A field that is a table.
fn table(name: &str, all: &[String]) -> String {
    match all {
        [] => String::new(),
        all => format!("{name} = {{ {} }}\n", all.join(", ")),
    }
}

/// The field of an event with these statements, unless it is left out.
fn event(name: &str, statements: &[&str], is_left_out: bool) -> String {
    match is_left_out {
        true => String::new(),
        false => format!("{name} = \"\"\"\n{}\"\"\"\n", statements.concat()),
    }
}

/// The statement that sends, in numbers.
fn sent(send: usize, condition: &str, expression: &str) -> String {
    SENDS[send].replace('C', condition).replace('E', expression)
}

/// The field `send_max`, in numbers.
fn send_max(most: usize, is_bounded: bool) -> &'static str {
    match (most, is_bounded) {
        (0, true) => "",
        (1, _) => "send_max = \"abs(w_max) / 3\"\n",
        (2, _) => "send_max = \"weight\"\n",
        _ => "send_max = \"abs(w_max)\"\n",
    }
}

/// The fields of post events: the condition that makes them, where anything follows these, and
/// their statements.
fn post_events(condition: &str, statements: &str, locals: &str, has_traces: bool) -> String {
    let mut out = String::new();
    if !condition.is_empty() && (has_traces || !statements.is_empty()) {
        out += &format!("on_post_if = \"{condition}\"\n");
    }
    if !statements.is_empty() {
        out += &format!("on_post = \"\"\"\n{locals}{statements}\"\"\"\n");
    }
    out
}

/// The field of the signals that are read, the last one first.
fn signals_of(is_there: [bool; 2], absent: &mut String) -> String {
    let mut listed = Vec::new();
    for (name, is_there) in SIGNALS.into_iter().zip(is_there).rev() {
        match is_there {
            true => listed.push(format!("\"{name}\"")),
            false => *absent += &format!("let {name} = 0.3\n"),
        }
    }
    match listed.is_empty() {
        true => String::new(),
        false => format!("signals = [{}]\n", listed.join(", ")),
    }
}

/// The field of clocked blocks; all begin with `locals`.
fn clocked(blocks: &[Block], locals: &str) -> String {
    let block = |(period, statements, reads_source, sends): &Block| {
        let (period, mut statements) = (PERIODS[*period], statements.concat());
        if let Some((send, condition, expression)) = sends {
            statements += &sent(*send, condition, expression);
            statements += "\n";
        }
        if *reads_source {
            statements = statements.replace("post.v", "pre.v");
        }
        format!("{{ period = \"{period}\", do = \"\"\"\n{locals}{statements}\"\"\" }}")
    };
    let all: Vec<String> = blocks.iter().map(block).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!("every = [{}]\n", all.join(", ")),
    }
}

/// A state variable under `state`, which decays with a time constant if it has one.
fn declared(name: &str, initial: &str, tau: Option<&&str>) -> String {
    match tau {
        None => format!("{name} = \"{initial}\""),
        Some(tau) => format!("{name} = {{ initial = \"{initial}\", tau = \"{tau}\" }}"),
    }
}

/// The field of the traces of a side: none, the first, or both.
fn side_of(side: usize, count: usize, traces: [Trace; 2], absent: &mut String) -> String {
    let names = [["x", "z"], ["y", "y2"]][side];
    let mut all = Vec::new();
    for (n, (tau, spike)) in traces.into_iter().enumerate() {
        let name = names[n];
        if n < count {
            let (tau, spike) = (TAUS[tau], SPIKES[2 * side + n][spike]);
            all.push(format!("{name} = {{ tau = \"{tau}\", spike = \"{spike}\" }}"));
        } else {
            *absent += &format!("let {name} = 0.75\n");
        }
    }
    match all.is_empty() {
        true => String::new(),
        false => format!("{} = {{ {} }}\n", ["pre", "post"][side], all.join(", ")),
    }
}
