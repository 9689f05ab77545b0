Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 716831985_i64)
    .setting("batch", 3_i64)
    .population(
        Population::new("p0", 38_i64, "izhikevich"),
    )
    .stimulus(
        Stimulus::noise("s0", "p0", "6", "0.5 * 6"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("fixed_probability", Value::from(0.13))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("4 "), Value::from("1.3333333333333333 ")]))]))
            .field("delay", "0.2 ms")
            .field("autapses", false)
            .field("procedural", true),
    )
    .probe(
        Probe::new("v", "p0", "v")
            .field("neurons", "all")
            .field("initial", true),
    )
