use super::*;
use proptest::prelude::*;

/// The least and the largest value of each state variable; the last two are a point and all.
const STATE: [Interval; 4] = [
    Interval { lo: -2.0, hi: 3.0 },
    Interval { lo: 0.0, hi: 5.0 },
    Interval { lo: 1.5, hi: 1.5 },
    Interval::ALL,
];

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (0u32..4).prop_map(Expr::State),
        Just(Expr::Parameter(0)),
        prop::sample::select(vec![-3.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0]).prop_map(Expr::Number),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let operators =
            vec![BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div, BinaryOp::Pow];
        let one = vec![
            Function::Exp,
            Function::Log,
            Function::Sqrt,
            Function::Tanh,
            Function::Sin,
            Function::Cos,
            Function::Abs,
            Function::Floor,
            Function::Ceil,
            Function::Exprel,
        ];
        let of = |op: BinaryOp| move |(a, b)| Expr::Binary(op, Box::new(a), Box::new(b));
        prop_oneof![
            (prop::sample::select(operators), pair.clone()).prop_map(move |(op, ab)| of(op)(ab)),
            (prop::sample::select(one), inner.clone()).prop_map(|(f, a)| Expr::Call(f, vec![a])),
            (any::<bool>(), pair.clone()).prop_map(|(least, (a, b))| {
                Expr::Call(if least { Function::Min } else { Function::Max }, vec![a, b])
            }),
            (inner.clone(), pair.clone())
                .prop_map(|(x, (a, b))| Expr::Call(Function::Clamp, vec![x, a, b])),
            inner.clone().prop_map(|a| Expr::Unary(UnaryOp::Neg, Box::new(a))),
            (pair, inner).prop_map(move |((a, b), c)| {
                let condition = of(BinaryOp::Lt)((a.clone(), b));
                Expr::If(Box::new(condition), Box::new(a), Box::new(c))
            }),
        ]
    })
}

/// The value on a device, but for rounding; `None` where it is not finite.
fn value(e: &Expr, state: &[f64]) -> Option<f64> {
    let of = |e: &Expr| value(e, state);
    if is_host(e) {
        let parameters = [PerNeuron::All(2.0)];
        let found = check::host::per_neuron(e, &parameters, 0.1, 1)?.get(0);
        return found.is_finite().then_some(found);
    }
    let x = match e {
        Expr::Number(x) => *x,
        Expr::Parameter(_) => 2.0,
        Expr::State(n) => state[*n as usize],
        Expr::Unary(op, a) => host::unary(*op, of(a)?),
        Expr::Binary(BinaryOp::Div, a, b) => {
            let (a, b) = (of(a)?, of(b)?);
            if b == 0.0 { 0.0 } else { a / b }
        }
        Expr::Binary(BinaryOp::Pow, a, e) => {
            let (a, b) = (of(a)?, of(e)?);
            let whole = is_host(e) && (0.0..=16.0).contains(&b) && libm::floor(b) == b;
            if whole { libm::pow(a, b) } else { libm::exp(b * libm::log(a.max(LEAST))) }
        }
        Expr::Binary(op, a, b) => host::binary(*op, of(a)?, of(b)?),
        Expr::If(c, a, b) => {
            let (c, a, b) = (of(c)?, of(a)?, of(b)?);
            if c != 0.0 { a } else { b }
        }
        Expr::Call(f, arguments) => {
            let mut values = arguments.iter().map(of).collect::<Option<Vec<f64>>>()?;
            match f {
                Function::Log => values[0] = values[0].max(LEAST),
                Function::Exp => values[0] = values[0].clamp(EXP_LEAST, EXP_MOST),
                Function::Sin | Function::Cos => {
                    values[0] = values[0].clamp(-ANGLE_MOST, ANGLE_MOST);
                }
                Function::Sqrt => values[0] = values[0].max(0.0),
                _ => {}
            }
            arithmetic::function(*f, &values)
        }
        other => panic!("{other:?}"),
    };
    x.is_finite().then_some(x)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn values_lie_in_their_interval(
        e in expression(),
        a in -2.0f64..=3.0,
        b in 0.0f64..=5.0,
        any in prop::sample::select(vec![-1e6, -2.0, -1e-3, 0.0, 0.1, 7.0, 1e9]),
    ) {
        let parameters = [PerNeuron::All(2.0)];
        let values = Values {
            parameters: &parameters,
            dt_ms: 0.1,
            state: STATE.to_vec(),
            locals: Vec::new(),
        };
        let interval = values.of(&e);
        for (a, b) in [(a, b), (-2.0, 0.0), (3.0, 5.0), (0.0, b)] {
            let Some(x) = value(&e, &[a, b, 1.5, any]) else { continue };
            let slack = 1e-9 * (1.0 + libm::fabs(x));
            prop_assert!(
                interval.lo - slack <= x && x <= interval.hi + slack,
                "{x} is not in {interval:?}"
            );
        }
    }
}
