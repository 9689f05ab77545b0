//! Host values of models are finite (`docs/semantics.md` 1.2): what parameters make of the texts of
//! a model is computed before anything runs, for every neuron, and what is not a number or
//! infinite is found there, with its place. Later operators could hide it.

use super::context::{Context, spell};
use crate::diagnostic::{Diagnostic, Location};
use crate::language::{self, Constants, Sources, host};
use isospike_core::base::id::PopulationId;
use isospike_core::base::numeric;
use isospike_core::describe::arithmetic;
use isospike_core::describe::checked::{
    PerNeuron, Population, PopulationKind, Stimulus, StimulusKind,
};
use isospike_core::describe::model::{BinaryOp, Expr, NeuronModel, Stmt};
use std::collections::BTreeSet;

/// The longest piece of a text that a message quotes, in characters.
const QUOTED_MAX: usize = 60;

/// The most parameters whose values a message names.
const PARAMETERS_MAX: usize = 4;

/// Reports the host values of each population's model that are not finite.
pub(super) fn read(
    cx: &mut Context<'_>,
    populations: &[Option<Population>],
    stimuli: &[Option<Stimulus>],
) {
    let Some(dt_ms) = cx.dt_ms else { return };
    for (index, population) in populations.iter().enumerate() {
        let Some(Population { name, kind, .. }) = population else { continue };
        let PopulationKind::Neurons { model, parameters, .. } = kind else { continue };
        let current = constant_current(PopulationId(index as u32), stimuli);
        let location = cx.network.populations[index].location.clone();
        let mut walk = Walk {
            parameters,
            dt_ms,
            current,
            counts: PerNeuron::All(1.0),
            number: 0,
            locals: vec![Value::Unknown; model.locals as usize],
            found: Vec::new(),
        };
        walk.statements(&model.update);
        if let Some(threshold) = &model.threshold {
            walk.value(threshold);
        }
        walk.statements(&model.reset);
        for found in walk.found {
            let sources = sources(cx, &model.name);
            cx.push(diagnostic(name, &location, model, parameters, &found, sources.as_ref()));
        }
    }
}

/// The host part of `i_ext`: the sum of the currents that are constant and always on, where all
/// are (5.2).
fn constant_current(population: PopulationId, stimuli: &[Option<Stimulus>]) -> Value {
    let mut sum = PerNeuron::All(0.0);
    for stimulus in stimuli {
        let Some(stimulus) = stimulus else { return Value::Unknown };
        let always = stimulus.start_step == 0 && stimulus.stop_step == u32::MAX;
        match &stimulus.kind {
            _ if stimulus.population != population => {}
            StimulusKind::Poisson { .. } => {}
            StimulusKind::Direct(amplitude) if always => {
                sum = PerNeuron::map(&[&sum, amplitude], |x| x[0] + x[1]);
            }
            _ => return Value::Device,
        }
    }
    Value::Host(sum)
}

/// The value of an expression before the run.
#[derive(Clone, Debug)]
enum Value {
    /// Known; a condition is 1 or 0.
    Host(PerNeuron),
    /// Known during the run only.
    Device,
    /// Not judged: it was reported, or is never used.
    Unknown,
}

/// An expression with its value.
#[derive(Clone, Debug)]
struct Operand<'m> {
    value: Value,
    /// The number of the expression among those of the model.
    number: usize,
    expression: &'m Expr,
}

/// The fault of a host value.
#[derive(Clone, Copy)]
enum Fault {
    /// It is not finite, or a device cannot hold it.
    NotFinite,
    /// It is a probability outside [0, 1].
    Probability,
}

impl Fault {
    fn help(self) -> &'static str {
        match self {
            Self::NotFinite => {
                "values that do not change in a run must be finite: change the parameters, or \
                 guard the text with `if`"
            }
            Self::Probability => {
                "a probability is from 0 to 1: change the parameters or dt, or guard the text \
                 with `if`"
            }
        }
    }
}

/// A host value with a fault.
struct Found<'m> {
    number: usize,
    expression: &'m Expr,
    neuron: u32,
    value: f64,
    fault: Fault,
}

/// Goes through the texts of a model in the order in which they are carried out.
struct Walk<'m> {
    parameters: &'m [PerNeuron],
    dt_ms: f64,
    current: Value,
    /// The neurons for which the present branch counts: 1, the others 0.
    counts: PerNeuron,
    /// The number of the next expression.
    number: usize,
    locals: Vec<Value>,
    found: Vec<Found<'m>>,
}

impl<'m> Walk<'m> {
    fn statements(&mut self, statements: &'m [Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(_, e) => {
                    let stored = self.operand(e);
                    self.meets(&stored);
                }
                Stmt::SetLocal(i, e) => self.locals[*i as usize] = self.value(e),
                Stmt::If(condition, then, otherwise) => {
                    let condition = self.operand(condition);
                    self.branch(&condition, then, otherwise);
                }
            }
        }
    }

    /// 1.7: of a condition that is the same for all neurons only the branch taken counts; else
    /// every variable that is assigned in either is selected.
    fn branch(&mut self, on: &Operand<'m>, then: &'m [Stmt], otherwise: &'m [Stmt]) {
        let before = self.locals.clone();
        match &on.value {
            Value::Host(condition) => {
                self.where_it(condition, true, |walk| walk.statements(then));
            }
            Value::Device => self.statements(then),
            Value::Unknown => {
                self.number += expressions(then) + expressions(otherwise);
                for local in assigned(&[then, otherwise]) {
                    self.locals[local as usize] = Value::Unknown;
                }
                return;
            }
        }
        let after_then = std::mem::replace(&mut self.locals, before);
        match &on.value {
            Value::Host(condition) => {
                self.where_it(condition, false, |walk| walk.statements(otherwise));
            }
            _ => self.statements(otherwise),
        }
        for local in assigned(&[then, otherwise]) {
            let at = local as usize;
            // A value that is too large for a device is reported at the condition that selects it.
            let of = |value: &Value| Operand { value: value.clone(), ..on.clone() };
            let (a, b) = (of(&after_then[at]), of(&self.locals[at]));
            self.locals[at] = self.select(&on.value, &a, &b);
        }
    }

    /// Carries out a part that counts for the neurons where `condition` is `holds` only.
    fn where_it<T>(
        &mut self,
        condition: &PerNeuron,
        holds: bool,
        part: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let both = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && (v[1] != 0.0) == holds));
        let inner = PerNeuron::map(&[&self.counts, condition], both);
        let outer = std::mem::replace(&mut self.counts, inner);
        let result = part(self);
        self.counts = outer;
        result
    }

    fn operand(&mut self, e: &'m Expr) -> Operand<'m> {
        let value = self.value(e);
        Operand { value, number: self.number - 1, expression: e }
    }

    fn value(&mut self, e: &'m Expr) -> Value {
        let value = match e {
            Expr::Number(x) => Value::Host(PerNeuron::All(*x)),
            Expr::Bool(x) => Value::Host(PerNeuron::All(f64::from(u8::from(*x)))),
            Expr::Parameter(i) => Value::Host(self.parameters[*i as usize].clone()),
            Expr::TimeStep => Value::Host(PerNeuron::All(self.dt_ms)),
            Expr::Local(i) => self.locals[*i as usize].clone(),
            Expr::Current => self.current.clone(),
            Expr::State(_) | Expr::Receptor(_) | Expr::Refractory | Expr::Trace(..) => {
                Value::Device
            }
            Expr::RandUniform(_) | Expr::RandNormal(_) => Value::Device,
            Expr::RandBernoulli(_, p) => {
                let p = self.operand(p);
                self.report(&p, Fault::Probability, |x| !(0.0..=1.0).contains(&x));
                Value::Device
            }
            Expr::Unary(op, a) => match self.value(a) {
                Value::Host(x) => Value::Host(PerNeuron::map(&[&x], |x| host::unary(*op, x[0]))),
                other => other,
            },
            Expr::Binary(op, a, b) => self.binary(*op, a, b),
            Expr::If(condition, a, b) => self.choice(condition, a, b),
            Expr::Call(function, arguments) => {
                let arguments: Vec<Operand> = arguments.iter().map(|a| self.operand(a)).collect();
                self.operation(&arguments, |x| arithmetic::function(*function, x))
            }
        };
        self.number += 1;
        let found = Operand { value, number: self.number - 1, expression: e };
        let wrong = self.report(&found, Fault::NotFinite, |x| !x.is_finite());
        if wrong { Value::Unknown } else { found.value }
    }

    fn binary(&mut self, op: BinaryOp, a: &'m Expr, b: &'m Expr) -> Value {
        let x = self.operand(a);
        let y = match (op, &x.value) {
            // The second operand counts where the first does not decide.
            (BinaryOp::And | BinaryOp::Or, Value::Host(x)) => {
                self.where_it(x, op == BinaryOp::And, |walk| walk.operand(b))
            }
            _ => self.operand(b),
        };
        self.operation(&[x, y], |v| host::binary(op, v[0], v[1]))
    }

    /// An operation on values: computed where all are known, else its operands meet a device value.
    fn operation(&mut self, operands: &[Operand<'m>], f: impl Fn(&[f64]) -> f64) -> Value {
        let mut hosts: Vec<&PerNeuron> = Vec::new();
        for operand in operands {
            match &operand.value {
                Value::Host(x) => hosts.push(x),
                Value::Device => {}
                Value::Unknown => return Value::Unknown,
            }
        }
        if hosts.len() == operands.len() {
            return Value::Host(PerNeuron::map(&hosts, f));
        }
        operands.iter().for_each(|operand| self.meets(operand));
        Value::Device
    }

    fn choice(&mut self, condition: &'m Expr, a: &'m Expr, b: &'m Expr) -> Value {
        let on = self.value(condition);
        let (x, y) = match &on {
            Value::Unknown => {
                self.number += count(a) + count(b);
                return Value::Unknown;
            }
            Value::Device => (self.operand(a), self.operand(b)),
            Value::Host(c) => {
                let x = self.where_it(c, true, |walk| walk.operand(a));
                (x, self.where_it(c, false, |walk| walk.operand(b)))
            }
        };
        self.select(&on, &x, &y)
    }

    /// One of two values, by a condition.
    fn select(&mut self, on: &Value, a: &Operand<'m>, b: &Operand<'m>) -> Value {
        match (on, &a.value, &b.value) {
            (Value::Host(PerNeuron::All(c)), x, y) => if *c != 0.0 { x } else { y }.clone(),
            (_, Value::Unknown, _) | (_, _, Value::Unknown) => Value::Unknown,
            (Value::Host(c), Value::Host(x), Value::Host(y)) => {
                let choose = |v: &[f64]| if v[0] != 0.0 { v[1] } else { v[2] };
                Value::Host(PerNeuron::map(&[c, x, y], choose))
            }
            _ => {
                self.meets(a);
                self.meets(b);
                Value::Device
            }
        }
    }

    /// A host value is rounded to an f32 where it meets a device value; that must be finite, too.
    fn meets(&mut self, operand: &Operand<'m>) {
        self.report(operand, Fault::NotFinite, |x| !numeric::round_host(x).is_finite());
    }

    /// Notes the first neuron that counts and whose host value is wrong.
    fn report(&mut self, operand: &Operand<'m>, fault: Fault, wrong: impl Fn(f64) -> bool) -> bool {
        let Operand { value: Value::Host(values), number, expression } = operand else {
            return false;
        };
        let both = |v: &[f64]| f64::from(u8::from(v[0] != 0.0 && wrong(v[1])));
        let bad = PerNeuron::map(&[&self.counts, values], both);
        let Some(neuron) = bad.first(|bad| bad != 0.0) else { return false };
        let (number, value) = (*number, values.get(neuron));
        self.found.push(Found { number, expression, neuron, value, fault });
        true
    }
}

/// How many expressions an expression has, itself included.
fn count(e: &Expr) -> usize {
    1 + match e {
        Expr::Unary(_, a) | Expr::RandBernoulli(_, a) => count(a),
        Expr::Binary(_, a, b) => count(a) + count(b),
        Expr::If(c, a, b) => count(c) + count(a) + count(b),
        Expr::Call(_, arguments) => arguments.iter().map(count).sum(),
        _ => 0,
    }
}

/// How many expressions statements have.
fn expressions(statements: &[Stmt]) -> usize {
    let of = |statement: &Stmt| match statement {
        Stmt::SetState(_, e) | Stmt::SetLocal(_, e) => count(e),
        Stmt::If(c, a, b) => count(c) + expressions(a) + expressions(b),
    };
    statements.iter().map(of).sum()
}

/// The locals that branches assign.
fn assigned(branches: &[&[Stmt]; 2]) -> BTreeSet<u32> {
    let mut locals = BTreeSet::new();
    for statement in branches.iter().copied().flatten() {
        match statement {
            Stmt::SetState(..) => {}
            Stmt::SetLocal(i, _) => {
                locals.insert(*i);
            }
            Stmt::If(_, a, b) => locals.extend(assigned(&[a, b])),
        }
    }
    locals
}

fn diagnostic(
    population: &str,
    location: &Location,
    model: &NeuronModel,
    parameters: &[PerNeuron],
    found: &Found<'_>,
    sources: Option<&Sources>,
) -> Diagnostic {
    let mut names = BTreeSet::new();
    used(found.expression, &mut names);
    let spelled = |i: &u32| {
        let parameter = &model.parameters[*i as usize];
        let value = spell(parameters[*i as usize].get(found.neuron));
        match parameter.dimension.is_number() {
            true => format!("{} = {value}", parameter.name),
            false => format!("{} = {value} {}", parameter.name, parameter.dimension.base_unit()),
        }
    };
    let values: Vec<String> = names.iter().take(PARAMETERS_MAX).map(spelled).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!(", where {}", values.join(", ")),
    };
    let what = match found.fault {
        Fault::NotFinite if found.value.is_finite() => {
            format!("{}, more than a 32-bit float holds,", spell(found.value))
        }
        Fault::NotFinite => spell(found.value),
        Fault::Probability => format!("{}, which is no probability,", spell(found.value)),
    };
    let source = sources.and_then(|sources| sources.find(found.number));
    let quoted = source.as_ref().map_or("a value".into(), |(_, _, text)| quote(text));
    let model_name = &model.name;
    let field = source.as_ref().map_or("update", |(field, ..)| *field);
    // A built-in model has its places in a text that the user did not write.
    let own = source.as_ref().is_some_and(|(_, place, _)| place.file == location.file);
    let location = match source {
        Some((_, place, _)) if own => place,
        _ => location.clone(),
    };
    Diagnostic {
        location,
        item: format!("population {population}"),
        field: String::new(),
        message: format!(
            "{quoted} in the {field} of model {model_name} is {what} for neuron {}{values}",
            found.neuron
        ),
        help: found.fault.help().into(),
    }
}

/// Returns the places of a model's expressions: read again, since a place is looked up for a
/// mistake only.
fn sources(cx: &Context<'_>, model: &str) -> Option<Sources> {
    match cx.network.models.iter().find(|item| item.name == model) {
        Some(item) => language::sources(item, &cx.constants),
        None => language::sources(&language::builtin_item(model)?, &Constants::new()),
    }
}

/// The parameters that an expression uses.
fn used(e: &Expr, names: &mut BTreeSet<u32>) {
    match e {
        Expr::Parameter(i) => {
            names.insert(*i);
        }
        Expr::Unary(_, a) | Expr::RandBernoulli(_, a) => used(a, names),
        Expr::Binary(_, a, b) => [a, b].into_iter().for_each(|part| used(part, names)),
        Expr::If(c, a, b) => [c, a, b].into_iter().for_each(|part| used(part, names)),
        Expr::Call(_, arguments) => arguments.iter().for_each(|part| used(part, names)),
        _ => {}
    }
}

/// A piece of a text on one line, cut where it is long.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED_MAX {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(QUOTED_MAX - 3).collect();
    format!("`{start}...`")
}
