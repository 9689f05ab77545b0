//! Names in the texts of a model: what each stands for, and what it measures.

use super::{Resolved, Resolver};
use crate::language::dimension::Type;
use crate::language::function::is_reserved;
use crate::language::place::Span;
use crate::language::section::{PERIOD, WEIGHT};
use crate::language::sources::count;
use crate::language::syntax::Name;
use crate::language::{Constants, hint};
use isospike_core::base::id::Side;
use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{Expr, ParameterDef, ReceptorDef, StateDef};
use isospike_core::describe::synapse::TraceDef;

/// The texts in which names stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Those of a neuron model.
    Neuron,
    /// The host values of a synapse model.
    Synapse,
    /// The statements of a pre event; weights have this dimension.
    Pre(Dimension),
    /// The statements of a post event.
    Post,
    /// The condition that makes post events.
    Condition,
    /// The statements of a clocked block; weights have this dimension.
    Clocked(Dimension),
    /// The changes of traces by a spike of their side: they are the state of these texts.
    Trace,
    /// The condition of a rewiring.
    Rewire,
}

/// The names that the condition of a rewiring may have.
pub(super) const REWIRE_READS: &str =
    "it reads state variables and parameters of the synapse model, constants and `dt`";

/// The help about the names that a trace cannot read.
pub(super) const TRACE_READS: &str =
    "a trace reads traces of its side, parameters, constants and `dt`";

/// The help about the names that a condition of post events cannot read.
const CONDITION_READS: &str =
    "it reads variables of the target (`post.v`), signals, parameters, constants and `dt`";

/// The names that a model declares.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The texts in which they stand.
    pub subject: Subject,
    /// The network's constants.
    pub constants: &'a Constants,
    /// Parameters.
    pub parameters: &'a [ParameterDef],
    /// State variables.
    pub state: &'a [StateDef],
    /// The bounds of state variables, where they have any.
    pub bounds: &'a [Option<(Expr, Expr)>],
    /// The state variable that cannot be assigned: the drawn weight.
    pub fixed: Option<usize>,
    /// The traces of the source and of the target of a synapse.
    pub traces: [&'a [TraceDef]; 2],
    /// The signals that a synapse reads.
    pub signals: &'a [String],
    /// The period of a clocked block.
    pub period: Option<&'a Expr>,
    /// Other names with what they are: they have no value in these texts.
    pub others: &'a [(&'a str, &'static str)],
    /// Receptors.
    pub receptors: &'a [ReceptorDef],
    /// The receptors of the targets of a synapse, as far as they are known.
    pub targets: &'a [ReceptorDef],
    /// The unit of `i_ext`, if it has a meaning.
    pub current: Option<Dimension>,
    /// Whether `refractory` has a meaning.
    pub refractory: bool,
    /// Whether units are checked: the model declares one.
    pub units: bool,
}

impl<'a> Names<'a> {
    /// Names of texts that may use constants only.
    pub fn new(subject: Subject, constants: &'a Constants) -> Self {
        Self {
            subject,
            constants,
            parameters: &[],
            state: &[],
            bounds: &[],
            fixed: None,
            traces: [&[], &[]],
            signals: &[],
            period: None,
            others: &[],
            receptors: &[],
            targets: &[],
            current: None,
            refractory: false,
            units: false,
        }
    }

    /// The sort of a number that is declared or written with this dimension. Without a unit it
    /// fits any: models whose units are not written remain right.
    pub(super) fn sort(&self, dimension: Dimension) -> Type {
        match self.units && !dimension.is_number() {
            true => Type::Number(dimension),
            false => Type::Free,
        }
    }

    /// The signal of this name. Signals have no unit.
    fn signal(&self, name: &str) -> Option<Expr> {
        let n = self.signals.iter().position(|signal| signal == name)?;
        Some(Expr::Signal(n as u32))
    }

    /// The trace of this name. Traces have no unit.
    fn trace(&self, name: &str) -> Option<Expr> {
        [Side::Pre, Side::Post].into_iter().zip(self.traces).find_map(|(side, traces)| {
            let n = traces.iter().position(|trace| trace.name == name)?;
            Some(Expr::Trace(side, n as u32))
        })
    }
}

impl Resolver<'_> {
    /// Resolves a name in an expression.
    pub(super) fn name(&mut self, name: &str, at: Span) -> Resolved {
        if let Some(found) = self.host_name(name) {
            return Some(found);
        }
        let what = self.declared(name);
        if self.host && name == WEIGHT && self.names.subject == Subject::Synapse {
            let help = "`name = \"weight\"` under `state` begins with it, and `send_max` may use \
                        the largest";
            return self.wrong(at, "`weight` differs between synapses", help);
        }
        if self.host
            && let Some(what) = what
        {
            let message = format!("`{name}` is {what}, which has no value before the run");
            return self.wrong(at, message, "only parameters, constants and `dt` can be used here");
        }
        let names = &self.names;
        if let Some(n) = names.state.iter().position(|state| state.name == name) {
            return Some((Expr::State(n as u32), names.sort(names.state[n].dimension)));
        }
        if let Some(n) = names.receptors.iter().position(|receptor| receptor.name == name) {
            self.receptors_read[n] = true;
            if self.state_only {
                return self.before_step_0(&format!("`{name}`"), "is a receptor", at);
            }
            return Some((Expr::Receptor(n as u32), names.sort(names.receptors[n].dimension)));
        }
        if let Some(n) = self.locals.iter().position(|local| local.name == name) {
            if self.state_only {
                return self.before_step_0(&format!("`{name}`"), "is a local variable", at);
            }
            let local = &self.locals[n];
            if !local.defined {
                return self.undefined_local(&Name { text: name.into(), span: at });
            }
            return Some((Expr::Local(n as u32), local.sort));
        }
        if names.subject == Subject::Neuron { self.step(name, at) } else { self.event(name, at) }
    }

    /// Resolves a name that only synapse models have.
    fn event(&mut self, name: &str, at: Span) -> Resolved {
        let names = &self.names;
        if let Some(found) = names.trace(name).or_else(|| names.signal(name)) {
            return Some((found, Type::Free));
        }
        if let Some(period) = names.period.filter(|_| name == PERIOD) {
            for _ in 1..count(period) {
                self.sources.note(at);
            }
            return Some((period.clone(), names.sort(Dimension::TIME)));
        }
        if let Some((_, what)) = names.others.iter().find(|other| other.0 == name) {
            let (reader, help) = match names.subject {
                Subject::Rewire => ("a rewiring", REWIRE_READS),
                Subject::Condition => ("a condition of post events", CONDITION_READS),
                _ => ("a trace", TRACE_READS),
            };
            return self.wrong(at, format!("{reader} cannot read `{name}`, {what}"), help);
        }
        if ["i_ext", "refractory", "i", "n"].contains(&name) {
            let help = "a synapse reads its state, traces, parameters, constants and `dt`";
            return self.wrong(at, format!("`{name}` has no meaning in a synapse model"), help);
        }
        self.unknown(name, at)
    }

    /// Resolves a name that only neuron models have.
    fn step(&mut self, name: &str, at: Span) -> Resolved {
        let names = &self.names;
        match (name, names.current) {
            ("i_ext", Some(dimension)) => {
                self.current_read = true;
                if self.state_only {
                    return self.before_step_0("`i_ext`", "is the current of a step", at);
                }
                Some((Expr::Current, names.sort(dimension)))
            }
            ("refractory", _) if names.refractory => Some((Expr::Refractory, Type::Condition)),
            ("i_ext", None) => self.wrong(
                at,
                "the model takes no current",
                "declare its unit, as in `current = \"pA\"`",
            ),
            ("refractory", _) => self.wrong(
                at,
                "the model has no refractory period",
                "declare it, as in `refractory = \"t_ref\"`",
            ),
            ("i" | "n", _) => {
                let help = "it can be used in the values of a population; make it a parameter";
                self.wrong(at, format!("`{name}` has no meaning in a model"), help)
            }
            _ => self.unknown(name, at),
        }
    }

    /// Reports what a crossing cannot be of.
    pub(super) fn before_step_0<T>(&mut self, name: &str, what: &str, at: Span) -> Option<T> {
        let message =
            format!("{name} {what} and has no value before step 0, from which a crossing is");
        let help = "a crossing is of state variables: keep it in one, or write spike = \"level\"";
        self.wrong(at, message, help)
    }

    fn host_name(&self, name: &str) -> Resolved {
        let names = &self.names;
        match name {
            "dt" => return Some((Expr::TimeStep, names.sort(Dimension::TIME))),
            "pi" => return Some((Expr::Number(std::f64::consts::PI), Type::Free)),
            _ => {}
        }
        if let Some(n) = names.parameters.iter().position(|p| p.name == name) {
            return Some((Expr::Parameter(n as u32), names.sort(names.parameters[n].dimension)));
        }
        // A name that the model declares hides a constant of the network.
        let hidden = self.declared(name).is_some() || self.locals.iter().any(|l| l.name == name);
        let constant = names.constants.get(name).filter(|_| !hidden)?;
        Some((Expr::Number(constant.value), names.sort(constant.dimension)))
    }

    /// Describes a name that is no local variable.
    pub(super) fn declared(&self, name: &str) -> Option<&'static str> {
        let names = &self.names;
        if names.parameters.iter().any(|parameter| parameter.name == name) {
            Some("a parameter")
        } else if names.fixed.is_some_and(|fixed| names.state[fixed].name == name) {
            Some("the drawn weight")
        } else if names.state.iter().any(|state| state.name == name) {
            Some("a state variable")
        } else if names.receptors.iter().any(|receptor| receptor.name == name) {
            Some("a receptor")
        } else if names.trace(name).is_some() {
            Some("a trace")
        } else if names.signal(name).is_some() {
            Some("a signal")
        } else if names.period.is_some() && name == PERIOD {
            Some("the period of the block")
        } else if let Some(other) = names.others.iter().find(|other| other.0 == name) {
            Some(other.1)
        } else if name == WEIGHT && names.subject == Subject::Synapse {
            Some("the drawn weight")
        } else if is_reserved(name) {
            Some("a name with a fixed meaning")
        } else {
            None
        }
    }

    fn unknown(&mut self, name: &str, at: Span) -> Resolved {
        let names = &self.names;
        let known = (names.parameters.iter().map(|parameter| parameter.name.as_str()))
            .chain(names.state.iter().map(|state| state.name.as_str()))
            .chain(names.receptors.iter().map(|receptor| receptor.name.as_str()))
            .chain(self.locals.iter().map(|local| local.name.as_str()))
            .chain(names.constants.keys().map(String::as_str))
            .chain(names.traces.into_iter().flatten().map(|trace| trace.name.as_str()))
            .chain(names.signals.iter().map(String::as_str));
        let known = known.chain(match names.subject {
            Subject::Neuron => ["dt", "i_ext", "refractory"].as_slice().iter().copied(),
            _ => ["dt", WEIGHT].as_slice().iter().copied(),
        });
        let otherwise = match (self.host, names.subject) {
            (true, _) => "only parameters, constants and `dt` can be used here",
            (false, Subject::Neuron) => "declare it as a parameter or define it with `let`",
            (false, Subject::Trace) => TRACE_READS,
            (false, Subject::Condition) => CONDITION_READS,
            (false, Subject::Rewire) => REWIRE_READS,
            (false, _) => {
                "declare it as a parameter, state variable or trace, or define it with `let`"
            }
        };
        let help = hint::for_name(name, known, otherwise);
        self.wrong(at, format!("`{name}` is not defined"), help)
    }

    pub(super) fn undefined_local<T>(&mut self, name: &Name) -> Option<T> {
        let message = format!("`{}` has no value on some paths to here", name.text);
        self.wrong(name.span, message, "define it with `let` before the `if`, or in both branches")
    }
}
