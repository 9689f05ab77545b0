//! Helpers that the tests of synapse models share.

use crate::check::support::{good, wrong};
use isospike_core::base::id::Side;
use isospike_core::describe::model::{BinaryOp, Expr, Stmt, UnaryOp};
use isospike_core::describe::synapse::{EventProgram, Synapse};

/// A synapse model `s` of these fields, and a projection that uses it, with weights of 1 pA.
pub fn network(fields: &str) -> String {
    format!("[synapse.s]\n{fields}\n{}", projection("synapse = \"s\""))
}

/// A projection with weights of 1 pA and these fields.
pub fn projection(fields: &str) -> String {
    format!(
        "[projection.p]\nfrom = \"told\"\nto = \"inh\"\nconnect = \"all_to_all\"\n\
         weight = \"1 pA\"\n{fields}"
    )
}

/// The synapse model of these fields in its projection.
pub fn synapse(fields: &str) -> Synapse {
    synapse_of(&network(fields))
}

/// The synapse model of the first projection of a text.
pub fn synapse_of(text: &str) -> Synapse {
    good(text).projections.swap_remove(0).synapse.expect("the projection has a synapse model")
}

/// The mistakes of a synapse model of these fields.
pub fn mistakes(fields: &str) -> String {
    wrong(&network(fields))
}

/// The mistakes of a synapse model with these fields besides `on_pre` and state `w`.
pub fn plain(fields: &str) -> String {
    mistakes(&format!("state = {{ w = \"weight\" }}\non_pre = \"send w\"\n{fields}"))
}

/// Statements in short: `s0`, `l0` and `p0` are numbers of state, locals and parameters, `pre0` is
/// a trace.
pub fn text(program: &EventProgram) -> String {
    block(&program.statements)
}

fn block(statements: &[Stmt]) -> String {
    let one = |statement: &Stmt| match statement {
        Stmt::SetState(n, e) => format!("s{n} = {}", expression(e)),
        Stmt::SetLocal(n, e) => format!("l{n} = {}", expression(e)),
        Stmt::If(c, yes, no) => {
            format!("if {} {{ {} }} else {{ {} }}", expression(c), block(yes), block(no))
        }
    };
    statements.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// An expression in short, as in [`text`].
pub fn expression(e: &Expr) -> String {
    match e {
        Expr::Number(x) => x.to_string(),
        Expr::Bool(x) => x.to_string(),
        Expr::Parameter(n) => format!("p{n}"),
        Expr::TimeStep => "dt".into(),
        Expr::State(n) => format!("s{n}"),
        Expr::Local(n) => format!("l{n}"),
        Expr::Trace(Side::Pre, n) => format!("pre{n}"),
        Expr::Trace(Side::Post, n) => format!("post{n}"),
        Expr::Target(n) => format!("target{n}"),
        Expr::Source(n) => format!("source{n}"),
        Expr::Signal(n) => format!("signal{n}"),
        Expr::Unary(UnaryOp::Neg, a) => format!("-{}", expression(a)),
        Expr::Unary(UnaryOp::Not, a) => format!("!{}", expression(a)),
        Expr::Binary(op, a, b) => {
            format!("({} {} {})", expression(a), operator(*op), expression(b))
        }
        Expr::If(c, a, b) => {
            format!("(if {} {} else {})", expression(c), expression(a), expression(b))
        }
        Expr::Call(function, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(expression).collect();
            format!("{function:?}({})", arguments.join(", "))
        }
        other => panic!("{other:?} in a synapse model"),
    }
}

fn operator(op: BinaryOp) -> &'static str {
    use BinaryOp as B;
    match op {
        B::Add => "+",
        B::Sub => "-",
        B::Mul => "*",
        B::Div => "/",
        B::Pow => "^",
        B::Lt => "<",
        B::Le => "<=",
        B::Gt => ">",
        B::Ge => ">=",
        B::Eq => "==",
        B::Ne => "!=",
        B::And => "&&",
        B::Or => "||",
    }
}
