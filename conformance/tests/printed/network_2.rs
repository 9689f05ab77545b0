Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 2610732682_i64)
    .setting("batch", 1_i64)
    .population(
        Population::new("p0", 57_i64, "adex"),
    )
    .population(
        Population::new("p1", 15_i64, "lif_exp_2")
            .field("initial", table([("v", Value::from("uniform(-60 mV, -50 mV)"))])),
    )
    .stimulus(
        Stimulus::noise("s0", "p0", "700 pA", "0.5 * 700 pA"),
    )
    .stimulus(
        Stimulus::noise("s1", "p1", "250 pA", "0.5 * 250 pA"),
    )
    .projection(
        Projection::new("j0", "p1", "p0")
            .field("receptor", "exc")
            .field("connect", "all_to_all")
            .field("weight", table([("normal", Value::from(vec![Value::from("9 nS"), Value::from("3 nS")]))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("0.2 ms"), Value::from("6 ms")]))]))
            .field("weight_bits", 32_i64),
    )
    .probe(
        Probe::new("v", "p0", "v")
            .field("neurons", "all")
            .field("initial", true),
    )
