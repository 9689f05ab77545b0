//! The values of a synapse model in a projection: initial state, time constants, bounds of what is
//! sent.

use super::initial::{Begin, extremes};
use super::interval::{Interval, Values};
use super::{Draft, Target};
use crate::check::context::{Context, Site, beyond_f32, spell};
use crate::check::{distribution, finite, host};
use crate::diagnostic::{Diagnostic, Location};
use crate::network::{Content, Item, Value};
use isospike_core::base::units::Dimension;
use isospike_core::connect::Distribution;
use isospike_core::describe::checked::PerNeuron;
use isospike_core::describe::model::{Expr, NeuronModel, ReceptorDef, Sign, Stmt};
use isospike_core::describe::synapse::{
    EventProgram, Initial, InitialDef, Sent, Synapse, SynapseModel, SynapseStateDef,
};

/// The surroundings of the synapses of a projection.
pub(in crate::check) struct Ends<'a> {
    /// The name of the projection.
    pub projection: &'a str,
    pub target: Target<'a>,
    /// The model of the neurons that it begins on; `None` for a spike list.
    pub source: Option<&'a NeuronModel>,
    /// The least and the largest weight at the start.
    pub weights: (f64, f64),
    /// The field that gives the weights.
    pub weight: Option<&'a Site<'a>>,
}

/// Gives the synapse model with its values. `None` after a mistake.
pub(in crate::check) fn values(
    cx: &mut Context<'_>,
    draft: &Draft<'_>,
    ends: &Ends<'_>,
) -> Option<Synapse> {
    let dt_ms = cx.dt_ms?;
    let parameters = draft.parameters.as_ref()?;
    let begins = draft.initial.as_deref()?;
    let model = &draft.text.model;
    let mut reader = Reader { cx, draft, ends, parameters, begins, dt_ms };
    let signals = reader.signals();
    let state = reader.state();
    let pre_tau_ms = reader.taus("pre", &model.pre);
    let post_tau_ms = reader.taus("post", &model.post);
    let period_steps = reader.periods();
    let (target, source) = (reader.target(), reader.source());
    if !finite::synapse(reader.cx, &draft.site, model, parameters) {
        return None;
    }
    let mut state = state?;
    let rewire = reader.rewire(&state)?;
    if let Some(rewire) = &rewire {
        state.iter_mut().zip(&rewire.create).for_each(|(state, value)| state.create = *value);
    }
    let sent = reader.sent(&state);
    let (dendritic_steps, back_steps) = draft.delays.steps();
    Some(Synapse {
        model: model.clone(),
        parameters: parameters.clone(),
        signals: signals?,
        state_tau_ms: state.iter().map(|state| state.tau_ms).collect(),
        initial: state.into_iter().map(|state| state.initial).collect(),
        weights: None,
        pre_tau_ms: pre_tau_ms?,
        post_tau_ms: post_tau_ms?,
        period_steps: period_steps?,
        target: target?,
        source: source?,
        dendritic_steps,
        back_steps,
        sent: sent?,
        rewire,
    })
}

/// The values of a state variable.
pub(super) struct State {
    initial: Initial,
    pub(super) bounds: Option<(f64, f64)>,
    /// The value with which it begins in synapses that a rewiring makes.
    create: Option<f64>,
    /// The time constant with which it decays.
    tau_ms: Option<f64>,
}

pub(super) struct Reader<'c, 'n, 'a> {
    pub(super) cx: &'c mut Context<'n>,
    pub(super) draft: &'a Draft<'a>,
    pub(super) ends: &'a Ends<'a>,
    pub(super) parameters: &'a [PerNeuron],
    /// The values that the projection gives.
    begins: &'a [Begin<'a>],
    pub(super) dt_ms: f64,
}

impl Reader<'_, '_, '_> {
    /// Reads the state variables, all of them before the first mistake counts.
    fn state(&mut self) -> Option<Vec<State>> {
        let model = &self.draft.text.model;
        let mut all = Vec::new();
        for (n, variable) in model.state.iter().enumerate() {
            let given = self.begins.iter().find(|begin| begin.variable == n);
            let path = ["bounds", variable.name.as_str()];
            let unit = variable.dimension;
            let bounds = match &variable.bounds {
                None => Some(None),
                Some((least, largest)) => {
                    let least = self.host(least, &path, unit);
                    let largest = self.host(largest, &path, unit);
                    self.bounds(&path, unit, least.zip(largest)).map(Some)
                }
            };
            let initial = match (&variable.initial, given) {
                (_, Some(given)) => Some(given.initial.clone()),
                (InitialDef::Weight, None) => Some(Initial::Weight),
                (InitialDef::Host(expr), None) => {
                    self.host(expr, &start_of(variable), unit).map(Initial::Value)
                }
            };
            let tau_ms = match &variable.tau {
                None => Some(None),
                Some(tau) => self.tau(tau, &["state", &variable.name, "tau"]).map(Some),
            };
            let state = initial.zip(bounds).zip(tau_ms);
            let state = state.map(|((initial, bounds), tau_ms)| {
                let create = None;
                State { initial, bounds, create, tau_ms }
            });
            all.push(state.filter(|state| self.stays_within(variable, given, state)));
        }
        all.into_iter().collect()
    }

    fn bounds(
        &mut self,
        path: &[&str],
        unit: Dimension,
        bounds: Option<(f64, f64)>,
    ) -> Option<(f64, f64)> {
        let (least, largest) = bounds?;
        if least <= largest {
            return Some((least, largest));
        }
        let (least, largest) = (amount(least, unit), amount(largest, unit));
        let message = format!("the least is {least}, the largest {largest}");
        self.wrong(path, message, "change the bounds, or the parameters in them")
    }

    /// Reports a variable that does not begin within its bounds, or leaves them when it decays.
    fn stays_within(
        &mut self,
        variable: &SynapseStateDef,
        given: Option<&Begin<'_>>,
        state: &State,
    ) -> bool {
        let Some((least, largest)) = state.bounds else { return true };
        let (name, unit) = (variable.name.as_str(), variable.dimension);
        let amount = |x| amount(x, unit);
        let within = |lo: f64, hi: f64| least <= lo && hi <= largest;
        let bounds =
            format!("the bounds of `{name}` are {} and {}", amount(least), amount(largest));
        if let Some(given) = given {
            let (lo, hi) = extremes(&state.initial, self.ends.weights);
            if !within(lo, hi) {
                let message =
                    format!("these lie between {} and {}, {bounds}", amount(lo), amount(hi));
                self.cx.push(given.site.diagnostic(message, "begin within the bounds"));
                return false;
            }
        }
        match &state.initial {
            &Initial::Value(x) if !within(x, x) => {
                let message = format!("it begins with {}, {bounds}", amount(x));
                self.wrong::<()>(&start_of(variable), message, "begin within the bounds");
                false
            }
            Initial::Weight if !within(self.ends.weights.0, self.ends.weights.1) => {
                let (lo, hi) = self.ends.weights;
                let message = format!(
                    "weights at the start lie between {} and {}, {bounds}",
                    amount(lo),
                    amount(hi)
                );
                let site = self.ends.weight.unwrap_or(&self.draft.site);
                let help = "draw weights within the bounds, or change the parameters in these";
                self.cx.push(site.diagnostic(message, help));
                false
            }
            _ if state.tau_ms.is_some() && !within(0.0, 0.0) => {
                let message = format!("it decays towards 0, {bounds}");
                let help = "let the bounds include 0, or remove `tau`";
                self.wrong::<()>(&["bounds", name], message, help);
                false
            }
            _ => true,
        }
    }

    /// Gives the least and the largest value that is sent to each receptor (`docs/semantics.md`
    /// 8.8).
    fn sent(&mut self, state: &[State]) -> Option<Vec<Sent>> {
        let given = match &self.draft.text.send_max {
            Some(largest) => Some(self.send_max(largest)?),
            None => None,
        };
        let mut all = Vec::new();
        let events = self.intervals(state);
        for (n, receptor) in self.draft.receptors.iter().enumerate() {
            let found = events.iter().map(|(path, sent)| (path.as_str(), sent[n]));
            let bounds = self.sent_to(*receptor, found.collect(), given)?;
            all.push(Sent { receptor: *receptor, bounds });
        }
        Some(all)
    }

    fn sent_to(
        &mut self,
        receptor: u32,
        events: Vec<(&str, Interval)>,
        given: Option<f64>,
    ) -> Option<(f64, f64)> {
        let found = events.iter().map(|event| event.1).reduce(Interval::hull)?;
        let Target { receptor: own, model } = self.ends.target;
        let all = &model.receptors;
        let receptor = &all[receptor as usize];
        // It has the unit of weights.
        let given = given.filter(|_| receptor.dimension == own.dimension);
        let (lo, hi) = match given {
            Some(most) => {
                let least = if receptor.sign == Sign::Positive { 0.0 } else { -most };
                let most = if receptor.sign == Sign::Negative { 0.0 } else { most };
                (found.lo.clamp(least, most), found.hi.clamp(least, most))
            }
            None if found.is_bounded() => (found.lo, found.hi),
            None => {
                let message = match found.lo.is_finite() && found.hi.is_finite() {
                    false => "what is sent has no bound: a trace, a signal, a variable of a \
                              neuron, or state without `bounds`, is in it"
                        .into(),
                    true => format!(
                        "values from {} to {} may be sent, which is out of range",
                        amount(found.lo, receptor.dimension),
                        amount(found.hi, receptor.dimension)
                    ),
                };
                let help = match receptor.dimension == own.dimension {
                    true => "give `send_max`, or hold it with `clamp`, `min` and `max`".into(),
                    false => format!(
                        "hold what is sent to `{}` with `clamp`, `min` and `max`: `send_max` has \
                         the unit of weights",
                        receptor.name
                    ),
                };
                let help: String = help;
                let own = events.iter().find(|event| !event.1.is_bounded());
                let path: Vec<&str> = own.map_or("on_pre", |event| event.0).split('.').collect();
                let message: String = message;
                return self.wrong(&path, message, &help);
            }
        };
        self.fits(receptor, lo, hi)?;
        Some((lo, hi))
    }

    /// Gives for each event that sends its path, and the values that interval arithmetic finds for
    /// what it sends to each receptor.
    fn intervals(&self, state: &[State]) -> Vec<(String, Vec<Interval>)> {
        let model = &self.draft.text.model;
        let begins = |n: u32, state: &State| match (state.bounds, &state.initial) {
            (None, _) if is_assigned(model, n) => Interval::ALL,
            (Some((least, largest)), _) => Interval::new(least, largest),
            (None, initial) => {
                let (least, largest) = extremes(initial, self.ends.weights);
                Interval::new(least, largest)
            }
        };
        let values = |(n, state): (u32, &State)| {
            let others = state.create.into_iter().chain(state.tau_ms.map(|_| 0.0));
            others.map(Interval::point).fold(begins(n, state), Interval::hull)
        };
        let variables = (0..).zip(state).map(values);
        let nothing = model.receptors.iter().map(|_| Interval::point(0.0));
        let state: Vec<Interval> = variables.chain(nothing).collect();
        let sent = |(path, program): (String, &EventProgram)| {
            let mut values = Values {
                parameters: self.parameters,
                dt_ms: self.dt_ms,
                state: state.clone(),
                locals: vec![Interval::ALL; program.locals as usize],
            };
            values.statements(&program.statements);
            (path, values.state.split_off(model.sent() as usize))
        };
        let blocks = model.every.iter().enumerate();
        let blocks = blocks.map(|(n, block)| (format!("every[{n}].do"), &block.program));
        let all = [("on_pre".to_string(), &model.on_pre)].into_iter().chain(blocks);
        all.filter(|(_, program)| model.sends(program)).map(sent).collect()
    }

    fn send_max(&mut self, largest: &Expr) -> Option<f64> {
        let (lo, hi) = self.ends.weights;
        let weight = PerNeuron::All(libm::fabs(lo).max(libm::fabs(hi)));
        let parameters: Vec<PerNeuron> = self.parameters.iter().cloned().chain([weight]).collect();
        let unit = self.ends.target.receptor.dimension;
        let largest = self.host_of(largest, &parameters, &["send_max"], unit)?;
        if largest < 0.0 {
            let message = format!("this is {}", amount(largest, unit));
            return self.wrong(&["send_max"], message, "give 0 or more: it bounds magnitudes");
        }
        Some(largest)
    }

    /// Reports values that a receptor cannot take.
    fn fits(&mut self, receptor: &ReceptorDef, lo: f64, hi: f64) -> Option<()> {
        let Self { draft, .. } = self;
        let ReceptorDef { name, dimension, sign } = receptor;
        let takes = match sign {
            Sign::Positive if lo < 0.0 => "0 or more",
            Sign::Negative if hi > 0.0 => "0 or less",
            _ => {
                let bounds = Distribution::Uniform { lo, hi };
                return distribution::fitting_weight(self.cx, &draft.site, &bounds, receptor);
            }
        };
        let message = format!(
            "{} may send values from {} to {}, the receptor `{name}` takes {takes}",
            draft.text.model.name,
            amount(lo, *dimension),
            amount(hi, *dimension)
        );
        self.cx.fail(&draft.site, message, "change the bounds of the model, or give `send_max`")
    }

    /// The value of a host expression.
    pub(super) fn host(&mut self, expr: &Expr, path: &[&str], unit: Dimension) -> Option<f64> {
        self.host_of(expr, self.parameters, path, unit)
    }

    fn host_of(
        &mut self,
        expr: &Expr,
        parameters: &[PerNeuron],
        path: &[&str],
        unit: Dimension,
    ) -> Option<f64> {
        let value = host::per_neuron(expr, parameters, self.dt_ms, 1);
        let message = match value {
            None => "its value is not known before the run".into(),
            Some(value) if beyond_f32(&value).is_some() => {
                format!("its value is {}", amount(value.get(0), unit))
            }
            Some(value) => return Some(value.get(0)),
        };
        self.wrong(path, message, "values must fit a 32-bit float: change the parameters in it")
    }

    /// Reports an expression of the model, at its place in the file or where a built-in one is
    /// named.
    pub(super) fn wrong_at<T>(
        &mut self,
        location: &Location,
        message: String,
        help: &str,
    ) -> Option<T> {
        let Draft { site, item, text, .. } = self.draft;
        let diagnostic = match item {
            None => site.diagnostic(message, help),
            Some(_) => Diagnostic {
                location: location.clone(),
                item: format!("synapse {}", text.model.name),
                field: String::new(),
                message: format!("{message} (in {})", site.item),
                help: help.into(),
            },
        };
        self.cx.push(diagnostic);
        None
    }

    /// Reports a value of the model, at its place in the file or where a built-in one is named.
    pub(super) fn wrong<T>(
        &mut self,
        path: &[&str],
        message: impl Into<String>,
        help: &str,
    ) -> Option<T> {
        let Draft { site, item, text, .. } = self.draft;
        let diagnostic = match item {
            None => site.diagnostic(message, help),
            Some(item) => Diagnostic {
                location: location(item, path),
                item: format!("synapse {}", text.model.name),
                field: path.join("."),
                message: format!("{} (in {})", message.into(), site.item),
                help: help.into(),
            },
        };
        self.cx.push(diagnostic);
        None
    }
}

pub(super) fn amount(value: f64, unit: Dimension) -> String {
    if value.is_finite() { distribution::amount(value, &unit.base_unit()) } else { spell(value) }
}

/// The path of the value that a variable begins with.
fn start_of(variable: &SynapseStateDef) -> Vec<&str> {
    let initial = variable.tau.is_some().then_some("initial");
    ["state", &variable.name].into_iter().chain(initial).collect()
}

/// How many words of a synapse change in a run: state variables, and the stamp of its last event.
pub(in crate::check) fn kept_words(model: &SynapseModel) -> u64 {
    let decays = |n: u32| model.state[n as usize].tau.is_some();
    let stamp = (0..model.sent()).any(decays);
    let changes = |n: &u32| decays(*n) || is_assigned(model, *n);
    (0..model.sent()).filter(changes).count() as u64 + u64::from(stamp)
}

fn is_assigned(model: &SynapseModel, state: u32) -> bool {
    let events = [&model.on_pre, &model.on_post].into_iter();
    let mut all = events.chain(model.every.iter().map(|block| &block.program));
    let sets = |statement: &Stmt| statement.sets(&|number| number == state);
    all.any(|program| program.statements.iter().any(sets))
}

/// The place of the value at a path of names; `every[0]` is an entry of a list.
fn location(item: &Item, path: &[&str]) -> Location {
    let mut fields = item.fields.as_slice();
    let mut found: Option<&Value> = None;
    for name in path {
        let (name, index) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, index)) => (name, index.parse::<usize>().ok()),
            None => (*name, None),
        };
        let Some(field) = fields.iter().find(|field| field.name == name) else { break };
        let value = match (&field.value.content, index) {
            (Content::List(values), Some(index)) => values.get(index),
            _ => None,
        };
        let value = value.unwrap_or(&field.value);
        found = Some(value);
        fields = match &value.content {
            Content::Table(fields) => fields,
            _ => &[],
        };
    }
    found.map_or_else(|| item.location.clone(), |value| value.location.clone())
}
