Network::new("", "200 us")
    .setting("duration", "16800 us")
    .setting("seed", 1379009396_i64)
    .setting("batch", 3_i64)
    .population(
        Population::new("p0", 7_i64, "lif_exp")
            .field("parameters", table([("t_ref", Value::from("0 ms"))])),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("fixed_total_number", Value::from(150_i64))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("1600 us"), Value::from("800 us")]))]))
            .field("weight", "-480 pA")
            .field("autapses", false)
            .field("weight_bits", 32_i64)
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("101 ms")), ("rho0", Value::from("0 Hz")), ("eta", Value::from("-2.4 pA")), ("w_max", Value::from("-480 pA"))]))
            .field("back", "8600 us"),
    )
