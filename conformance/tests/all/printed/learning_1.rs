Network::new("", "200 us")
    .setting("duration", "21000 us")
    .setting("seed", 618248135_i64)
    .setting("batch", 1_i64)
    .population(
        Population::new("p0", 19_i64, "lif_cond_exp")
            .field("parameters", table([("t_ref", Value::from("1 ms"))])),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "60 * 150 pA"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(18_i64), Value::from(18_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(18_i64)]), Value::from(vec![Value::from(18_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("1600 us"), Value::from("800 us")]))]))
            .field("weight", "0.09 nS")
            .field("synapse", "stdp_multiplicative")
            .field("parameters", table([("tau_plus", Value::from("0.05 ms")), ("tau_minus", Value::from("0.7 ms")), ("lambda", Value::from(0.06)), ("alpha", Value::from(0.0)), ("mu", Value::from(0.05)), ("w_max", Value::from("0.18 nS"))])),
    )
