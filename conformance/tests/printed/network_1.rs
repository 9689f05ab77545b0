Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 2037483704_i64)
    .setting("batch", 2_i64)
    .population(
        Population::new("p0", 20_i64, "izhikevich"),
    )
    .stimulus(
        Stimulus::poisson("s0", "p0", "2 kHz", "4 ")
            .field("receptor", "syn"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("weight", "4 ")
            .field("delay", table([("normal", Value::from(vec![Value::from("1.5 ms"), Value::from("0.75 ms")]))])),
    )
    .probe(
        Probe::new("v", "p0", "v")
            .field("neurons", "all"),
    )
