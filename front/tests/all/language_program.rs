//! Models: what the texts become, and every mistake at its line and column.

use isospike_core::base::units::Dimension;
use isospike_core::describe::model::{
    BinaryOp, Expr, Function, NeuronModel, SpikeRule, Stmt, UnaryOp,
};
use isospike_front::file;
use isospike_front::language::{Constants, Quantity, parse_model};
use isospike_front::network::Item;
use proptest::prelude::*;
use std::path::Path;

fn item(text: &str) -> Item {
    let network = file::parse(text, "net.toml", Path::new(""), &[]).expect("TOML");
    network.models.into_iter().next().expect("a model")
}

fn constants() -> Constants {
    Constants::from([("scale".into(), Quantity { value: 0.5, dimension: Dimension::NUMBER })])
}

/// A model with two parameters, two state variables and this update.
fn with_update(update: &str) -> String {
    format!(
        r#"[model.m]
update = """
{update}
"""
threshold = "v > e"
current = "pA"
refractory = "2 ms"
[model.m.parameters]
tau = "10 ms"
e = {{ unit = "mV" }}
[model.m.state]
v = "e"
w = 0
[model.m.receptors]
syn = "pA"
"#
    )
}

/// The statements of an update that reads both inputs, so that nothing is unused.
fn update(text: &str) -> Vec<Stmt> {
    let whole = with_update(&format!("{text}\nw += syn + i_ext"));
    let mut model = parse_model(&item(&whole), &constants()).expect(text);
    model.update.pop();
    model.update
}

/// `line:column message` of every mistake; line 1 is the first line of the update.
fn diagnostics(text: &str) -> Vec<String> {
    let whole = with_update(&format!("{text}\nw += syn + i_ext"));
    let all = parse_model(&item(&whole), &constants()).expect_err(text);
    let line = |m: &isospike_front::diagnostic::Diagnostic| {
        assert_eq!((m.item.as_str(), m.field.as_str()), ("model m", "update"), "{m}");
        format!("{}:{} {}", m.location.line - 2, m.location.column, m.message)
    };
    all.iter().map(line).collect()
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

#[test]
fn names_are_resolved() {
    let quotient = binary(BinaryOp::Div, Expr::TimeStep, Expr::Parameter(0));
    let decay = Expr::Call(Function::Exp, vec![Expr::Unary(UnaryOp::Neg, Box::new(quotient))]);
    assert_eq!(
        update("v = v * exp(-(dt / tau)) + 2 nA * scale"),
        [Stmt::SetState(
            0,
            binary(
                BinaryOp::Add,
                binary(BinaryOp::Mul, Expr::State(0), decay),
                binary(BinaryOp::Mul, Expr::Number(2000.0), Expr::Number(0.5)),
            ),
        )]
    );
    assert_eq!(
        update("let a = syn; w -= a; a /= pi"),
        [
            Stmt::SetLocal(0, Expr::Receptor(0)),
            Stmt::SetState(1, binary(BinaryOp::Sub, Expr::State(1), Expr::Local(0))),
            Stmt::SetLocal(
                0,
                binary(BinaryOp::Div, Expr::Local(0), Expr::Number(std::f64::consts::PI)),
            ),
        ]
    );
}

#[test]
fn branches_become_nested_ifs() {
    let set = |x| vec![Stmt::SetState(0, Expr::Number(x))];
    assert_eq!(
        update("if refractory { v = 1 } else if true { v = 2 }\nelse {\n v = 3; }"),
        [Stmt::If(
            Expr::Refractory,
            set(1.0),
            vec![Stmt::If(Expr::Bool(true), set(2.0), set(3.0))]
        )]
    );
    assert_eq!(
        update("if !refractory {}; w = if w < 1 { i_ext } else { syn }"),
        [
            Stmt::If(Expr::Unary(UnaryOp::Not, Box::new(Expr::Refractory)), Vec::new(), Vec::new()),
            Stmt::SetState(
                1,
                Expr::If(
                    Box::new(binary(BinaryOp::Lt, Expr::State(1), Expr::Number(1.0))),
                    Box::new(Expr::Current),
                    Box::new(Expr::Receptor(0)),
                )
            ),
        ]
    );
}

#[test]
fn locals_need_a_value_on_every_path() {
    // One name in two branches is one local.
    let both = update("if refractory { let a = 1 } else { let a = 2 }\nv = a");
    assert_eq!(both[1], Stmt::SetState(0, Expr::Local(0)));
    // A branch may leave a local behind that nobody reads.
    update("if refractory { let a = 1; v = a }\nlet a = 3");
    assert_eq!(
        diagnostics(
            "if refractory { let a = 1 }\nv = a\nif w > 0 { a = 1 } else { let a = 1; a = 2 }"
        ),
        [
            "2:5 `a` has no value on some paths to here",
            "3:12 `a` has no value on some paths to here",
        ]
    );
    assert_eq!(
        diagnostics(
            "v = a\nlet a = 1\nlet a = 2\nif refractory { let b = 1 } else { let b = true }"
        ),
        [
            "1:5 `a` is not defined",
            "3:5 `a` is already defined",
            "4:40 `b` is a number in one branch, a condition in another",
        ]
    );
}

#[test]
fn diagnostics_of_an_update_are_found_all_at_once() {
    assert_eq!(
        diagnostics(
            "tau = 1\nvv = tua + 1\n  let v = 2 # no\nx = y\nsyn += 1; dt = 2\nlet exp = 1\n\
             v = 1 + (2 < 3)\nw = !v\nif w { v = 1 }\nlet c = v > 0; c += 1\nc = 1\n\
             v = exp(1, 2) + foo(tau)\nv = i + n\nv = uniform(0, 1)\nv = if c { 1 } else { c }\n\
             v = v & w"
        ),
        ["16:7 `&` is not expected here"]
    );
    assert_eq!(
        diagnostics(
            "tau = 1\nvv = tua + 1\n  let v = 2 # no\nx = y\nsyn += 1; dt = 2\nlet exp = 1\n\
             v = 1 + (2 < 3)\nw = !v\nif w { v = 1 }\nlet c = v > 0; c += 1\nc = 1\n\
             v = exp(1, 2) + foo(tau)\nv = i + n\nv = uniform(0, 1)\nv = if c { 1 } else { c }"
        ),
        [
            "1:1 `tau` is a parameter and cannot be changed",
            "2:1 `vv` is not defined",
            "2:6 `tua` is not defined",
            "3:7 `v` is already a state variable",
            "4:1 `x` is not defined",
            "4:5 `y` is not defined",
            "5:1 `syn` is a receptor and cannot be changed",
            "5:11 `dt` is a name with a fixed meaning and cannot be changed",
            "6:5 `exp` is already a name with a fixed meaning",
            "7:9 a number is expected, this is a condition",
            "8:6 a condition is expected, this is a number",
            "9:4 a condition is expected, this is a number",
            "10:16 `c` is a condition, there is nothing to add to",
            "10:21 a condition is expected, this is a number",
            "11:5 a condition is expected, this is a number",
            "12:5 `exp` takes 1 argument, not 2",
            "12:17 there is no function `foo`",
            "13:5 `i` has no meaning in a model",
            "13:9 `n` has no meaning in a model",
            "14:5 `uniform` is a function of a population's values",
            "15:23 a number is expected, this is a condition",
        ]
    );
}

#[test]
fn draws_are_numbered_in_order_of_the_text() {
    let text = r#"[model.m]
reset = "x = rand_uniform()"
threshold = "rand_uniform() < a"
update = "let a = rand_uniform() + rand_normal(); x = rand_normal() + a"
[model.m.state]
x = 0.0
"#;
    let model = parse_model(&item(text), &constants()).expect("a model");
    let sum = binary(BinaryOp::Add, Expr::RandUniform(0), Expr::RandNormal(1));
    assert_eq!(model.update[0], Stmt::SetLocal(0, sum));
    let sum = binary(BinaryOp::Add, Expr::RandNormal(3), Expr::Local(0));
    assert_eq!(model.update[1], Stmt::SetState(0, sum));
    // Locals of the update go on to live in the threshold.
    let threshold = binary(BinaryOp::Lt, Expr::RandUniform(5), Expr::Local(0));
    assert_eq!(model.threshold, Some(threshold));
    assert_eq!(model.reset, [Stmt::SetState(0, Expr::RandUniform(6))]);
    assert_eq!((model.draws, model.locals), (7, 1));

    let lines = |n| "v += rand_normal()\n".repeat(n);
    assert_eq!(update(&lines(128)).len(), 128);
    assert_eq!(diagnostics(&lines(130)), ["129:6 the model draws too often"]);
}

/// Every mistake of a whole model, as a user reads it.
fn report(text: &str) -> String {
    let all = parse_model(&item(text), &constants()).expect_err(text);
    all.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}

#[test]
fn diagnostics_of_the_fields() {
    insta::assert_snapshot!(report(
        r#"[model.m]
current = "pB"
refractory = "v + 1"
updat = ""
update = "w = 1"
threshold = "tau"
reset = 5
[model.m.parameters]
tau = "10 mss"
dt = 1
e = { unti = "mV" }
f = { unit = "10 mV" }
g = true
[model.m.state]
tau = "tau + 1 mV"
w = "tau * rand_uniform()"
"a b" = 1
c = "uniform(0, 1)"
[model.m.receptors]
a = { unit = "pA", sign = "postive" }
b = { sign = 1 }
c = 5
"#
    ));
}

#[test]
fn diagnostics_of_the_whole() {
    insta::assert_snapshot!(report(
        r#"[model.m]
current = "mV/ms"
refractory = "3 mV"
reset = "v = w"
[model.m.state]
v = 0
[model.m.receptors]
a = "1"
"#
    ));
    insta::assert_snapshot!(report("[model.m]\nstate = 1\nupdate = \"v = refractory + i_ext\"\n"));
}

fn dimensions(model: &NeuronModel) -> Vec<String> {
    model.state.iter().map(|state| state.dimension.base_unit()).collect()
}

#[test]
fn dimensions_of_state_are_inferred() {
    let text = r#"[model.m]
update = "a += 0 * b + 0 * c + 0 * d"
[model.m.parameters]
g = { unit = "nS" }
e = "-65 mV"
tau = "20 ms"
x = { unit = "mV/ms" }
[model.m.state]
a = "g * (e + 5 mV)"
b = "e * dt / tau"
c = "x * tau"
d = "if e > 0 mV { tau ^ 2 } else { 0 ms * tau }"
"#;
    let model = parse_model(&item(text), &constants()).expect("a model");
    assert_eq!(dimensions(&model), ["pA", "mV", "mV", "ms^2"]);
    assert_eq!(model.parameters[0].default, None);
    assert_eq!(model.parameters[3].dimension, Dimension::new(-1, 1, 0));
}

#[test]
fn statements_nest_only_so_deep() {
    let chain =
        |n: usize| format!("if refractory {{ v = 1 }}{}", " else if true { v = 2 }".repeat(n));
    assert_eq!(update(&chain(150)).len(), 1);
    assert_eq!(diagnostics(&chain(1000)), ["1:1 too many `if`s in each other"]);
    let nested = |n: usize| format!("{}v = 1{}", "if true {".repeat(n), "}".repeat(n));
    assert_eq!(update(&nested(64)).len(), 1);
    assert_eq!(diagnostics(&nested(65)), ["1:585 brackets are nested too deeply"]);
}

#[test]
fn long_texts_are_read_in_linear_time() {
    let before = std::time::Instant::now();
    assert_eq!(update(&"\n;".repeat(30_000)).len(), 0);
    assert_eq!(update(&"v=w\n".repeat(15_000)).len(), 15_000);
    let open = "if true {\n".repeat(64);
    for text in [
        format!("{open}{}v = 1 2{}", "\n".repeat(50_000), "}".repeat(64)),
        format!("v = {}1 2{}", "exp(\n".repeat(64), ")".repeat(64)),
        format!("v = {}{}", "if true {\n".repeat(64), "\n".repeat(50_000)),
    ] {
        assert_eq!(diagnostics(&text).len(), 1);
    }
    // A tenth of a second on the machine that this was written on; exponential time never ends.
    assert!(before.elapsed().as_secs() < 20);
}

proptest! {
    #[test]
    fn no_update_makes_it_panic(text in "[^\"\\\\\\p{C}]{0,80}") {
        let _ = parse_model(&item(&with_update(&text)), &constants());
    }

    #[test]
    fn no_sequence_of_tokens_makes_it_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "1", "2.5e3", "mV", "v", "w", "tau", "syn", "a", "b", "if", "else", "true", "{",
                "}", "(", ")", "+", "-", "*", "=", "+=", "!", "<", "&&", "exp", "rand_normal()",
                "\n", ";", "let", "refractory", "i_ext", "# x\n", "let a = 1\n", "v = v\n",
                "if v > 0 {", "} else {",
            ]),
            0..30,
        )
    ) {
        let text = tokens.join(" ");
        if let Err(all) = parse_model(&item(&with_update(&text)), &constants()) {
            prop_assert!(!all.is_empty());
            prop_assert!(all.iter().all(|diagnostic| diagnostic.location.line > 0));
        }
    }
}

#[test]
fn a_crossing_is_of_state() {
    let text = |fields: &str, threshold: &str| {
        format!(
            "[model.m]\ncurrent = \"pA\"\nrefractory = \"1 ms\"\n{fields}\nthreshold = \"{threshold}\"\n\
             update = \"let a = i_ext + syn; v += a\"\n[model.m.parameters]\np = 1\n\
             [model.m.state]\nv = 0\n[model.m.receptors]\nsyn = \"pA\"\n"
        )
    };
    let read =
        |fields: &str, threshold: &str| parse_model(&item(&text(fields, threshold)), &constants());
    let crossing = "spike = \"crossing\"";
    let model = read(crossing, "v > p * dt + scale && !refractory").expect("a model");
    assert_eq!(model.spike, SpikeRule::Crossing);
    assert_eq!(model.state_names(), ["v", "threshold.held"]);
    for level in ["", "spike = \"level\""] {
        let model = read(level, "v > a || rand_bernoulli(0.1)").expect("a model");
        assert_eq!((model.spike, model.state_names()), (SpikeRule::Level, vec!["v"]));
    }
    let wrong = |fields: &str, threshold: &str| {
        let all = read(fields, threshold).expect_err(threshold);
        all.iter().map(|m| format!("{}:{} {}", m.field, m.message, m.help)).collect::<Vec<_>>()
    };
    let help = "a crossing is of state variables: keep it in one, or write spike = \"level\"";
    for (threshold, what) in [
        ("v > a", "`a` is a local variable"),
        ("v > syn", "`syn` is a receptor"),
        ("v > i_ext", "`i_ext` is the current of a step"),
        ("v > rand_normal()", "`rand_normal` draws in each step"),
        ("rand_bernoulli(0.5)", "`rand_bernoulli` draws in each step"),
    ] {
        let message = format!("{what} and has no value before step 0, from which a crossing is");
        assert_eq!(wrong(crossing, threshold), [format!("threshold:{message} {help}")]);
    }
    assert_eq!(
        wrong("spike = \"crosing\"", "v > 1"),
        [
            "spike:this is not a way to make a spike of the threshold's condition did you mean `crossing`?"
        ]
    );
    assert!(wrong("spike = 1", "v > 1")[0].contains("\"crossing\" (where it becomes true)"));
    // No name of a user can be that of the hidden variable.
    assert!(!isospike_front::language::is_name(isospike_core::describe::model::HELD));
}
