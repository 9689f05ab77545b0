Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 3118702321_i64)
    .setting("batch", 1_i64)
    .population(
        Population::new("p0", 14_i64, "lif_exp_2")
            .field("initial", table([("v", Value::from("uniform(-60 mV, -50 mV)"))])),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "250 pA"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("60 pA")]))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("1.5 ms"), Value::from("0.75 ms")]))])),
    )
    .projection(
        Projection::new("j1", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_probability", Value::from(0.13))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("60 pA")]))]))
            .field("delay", "0.2 ms"),
    )
