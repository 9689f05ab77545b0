//! Statements that define and change names, and the units of locals on the paths through an `if`.

use super::{Local, Resolver};
use crate::language::dimension::{At, Type};
use crate::language::suggest::did_you_mean;
use crate::language::syntax::{Name, Node};
use isospike_core::describe::model::{BinaryOp, Expr, Stmt};

/// Whether each local has a value, and what it is.
pub(super) type Paths = Vec<(bool, Type)>;

impl Resolver<'_> {
    /// The locals at the present place.
    pub(super) fn paths(&self) -> Paths {
        self.locals.iter().map(|local| (local.defined, local.sort)).collect()
    }

    /// Goes on at an earlier place.
    pub(super) fn resume(&mut self, before: &Paths) {
        for (n, local) in self.locals.iter_mut().enumerate() {
            local.defined = before.get(n).is_some_and(|before| before.0);
        }
    }

    /// Goes on where another path and this one meet.
    pub(super) fn join(&mut self, other: &Paths) {
        for n in 0..self.locals.len() {
            let (defined, sort) = other.get(n).copied().unwrap_or((false, Type::Free));
            let local = &mut self.locals[n];
            local.defined &= defined;
            match (sort, local.sort) {
                _ if !local.defined => {}
                (Type::Number(x), Type::Number(y)) if x != y => {
                    let (name, at) = (&local.name, local.at);
                    let (x, y) = (x.noun(), y.noun());
                    let message = format!("`{name}` is {x} in one branch, {y} in another");
                    let _: Option<()> = self.wrong(at, message, "choose another name");
                }
                (Type::Number(_), Type::Free) => local.sort = sort,
                _ => {}
            }
        }
    }

    /// Resolves `let name = value`.
    pub(super) fn define(&mut self, name: &Name, value: &Node) -> Option<Stmt> {
        let value = self.expression(value);
        let text = name.text.as_str();
        if let Some(what) = self.declared(text) {
            let message = format!("`{text}` is already {what}");
            return self.wrong(name.span, message, "choose another name for the local variable");
        }
        let known = self.locals.iter().position(|local| local.name == text);
        // After a mistake in the value the name still exists, so that its uses are no mistakes.
        let sort = value.as_ref().map_or(Type::Free, |value| value.1);
        let condition = sort == Type::Condition;
        let index = match known {
            Some(n) if self.locals[n].defined => {
                let help = format!("write `{text} = ...` to change it");
                return self.wrong(name.span, format!("`{text}` is already defined"), help);
            }
            Some(n) if value.is_some() && (self.locals[n].sort == Type::Condition) != condition => {
                let message = format!("`{text}` is a number in one branch, a condition in another");
                return self.wrong(name.span, message, "choose another name");
            }
            Some(n) => n,
            None => {
                self.locals.push(Local { name: text.into(), sort, at: name.span, defined: false });
                self.locals.len() - 1
            }
        };
        let local = &mut self.locals[index];
        local.defined = true;
        let value = value?.0;
        (local.sort, local.at) = (sort, name.span);
        Some(Stmt::SetLocal(index as u32, value))
    }

    /// Resolves `name = value` and `name op= value`.
    pub(super) fn assign(
        &mut self,
        name: &Name,
        op: Option<BinaryOp>,
        value: &Node,
    ) -> Option<Stmt> {
        let text = name.text.as_str();
        if let Some(n) = self.names.state.iter().position(|state| state.name == text) {
            let sort = self.names.sort(self.names.state[n].dimension);
            let at = name.span.to(value.span);
            let value = self.new_value(name, op, value, (Expr::State(n as u32), sort))?;
            if self.names.fixed == Some(n) {
                let message = format!("`{text}` is the weight that was drawn, which stays");
                let help = format!("keep a state variable that begins with it: w = \"{text}\"");
                return self.wrong(name.span, message, help);
            }
            return Some(Stmt::SetState(n as u32, self.bounded(n, value, at)));
        }
        if let Some(n) = self.locals.iter().position(|local| local.name == text) {
            let sort = self.locals[n].sort;
            let value = self.new_value(name, op, value, (Expr::Local(n as u32), sort));
            if !self.locals[n].defined {
                return self.undefined_local(name);
            }
            if op.is_some() && sort == Type::Condition {
                let message = format!("`{text}` is a condition, there is nothing to add to");
                return self.wrong(name.span, message, "assign with `=`");
            }
            return Some(Stmt::SetLocal(n as u32, value?));
        }
        self.expression(value);
        if let Some(what) = self.declared(text) {
            let message = format!("`{text}` is {what} and cannot be changed");
            return self.wrong(
                name.span,
                message,
                "only state and local variables can be assigned",
            );
        }
        let state = self.names.state.iter().map(|state| state.name.as_str());
        let names = state.chain(self.locals.iter().map(|local| local.name.as_str()));
        let otherwise = format!("define it with `let {text} = ...`, or under `state`");
        let help = did_you_mean(text, names, &otherwise);
        self.wrong(name.span, format!("`{text}` is not defined"), help)
    }

    /// Resolves the value that `target = value` or `target op= value` assigns.
    fn new_value(
        &mut self,
        name: &Name,
        op: Option<BinaryOp>,
        value: &Node,
        (target, sort): (Expr, Type),
    ) -> Option<Expr> {
        let Some(op) = op else {
            let (new, found) = self.like(sort, value)?;
            self.fits((sort, name.span), (found, value.span));
            return Some(new);
        };
        self.sources.note(name.span);
        let (by, found) = self.like(sort, value)?;
        self.sources.note(name.span.to(value.span));
        self.changes(op, (sort, name.span), (found, value.span));
        Some(Expr::Binary(op, Box::new(target), Box::new(by)))
    }

    /// Reports a value that has another unit than the name that it is assigned to.
    fn fits(&mut self, target: At, value: At) {
        let (Type::Number(x), Type::Number(y)) = (target.0, value.0) else { return };
        if x != y {
            let name = self.place.quote(target.1);
            let message = format!("cannot assign {} to {name}, which is {}", y.noun(), x.noun());
            let help = self.rules().both(x, target.1, y, value.1);
            let _: Option<()> = self.wrong(value.1, message, help);
        }
    }

    /// Reports a change of a number by one that would give it another unit.
    fn changes(&mut self, op: BinaryOp, target: At, by: At) {
        let Type::Number(_) = target.0 else { return };
        let judged = match op {
            BinaryOp::Mul | BinaryOp::Div => {
                let part = if op == BinaryOp::Mul { "factor" } else { "divisor" };
                let what = format!("the {part} of {} must be", self.place.quote(target.1));
                by.0.plain(self.place, by.1, &what).map(|()| target.0)
            }
            _ => self.rules().binary(op, by.1, target, by, None),
        };
        self.judge(judged, Type::Free);
    }
}
