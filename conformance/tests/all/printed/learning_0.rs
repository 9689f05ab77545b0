Network::new("", "100 us")
    .setting("duration", "3500 us")
    .setting("seed", 3118702321_i64)
    .setting("batch", 1_i64)
    .model(
        Model::new("fast")
            .field("current", "1")
            .field("parameters", table([("up", Value::from(0.4))]))
            .field("state", table([("v", Value::from("0"))]))
            .field("receptors", table([("a", Value::from("1")), ("b", Value::from("1"))]))
            .field("update", "v = clamp(0.98 * v + up + 0.2 * a + 0.1 * b + 0.1 * i_ext, -2, 3)")
            .field("threshold", "v > 1")
            .field("reset", "v = 0"),
    )
    .synapse(
        Synapse::new("s0")
            .field("state", table([("q", Value::from("0.25"))]))
            .field("bounds", table([("q", Value::from(vec![Value::from("-0.5"), Value::from("0.75")]))]))
            .field("pre", table([("x", table([("tau", Value::from("101 ms")), ("spike", Value::from("1"))]))]))
            .field("post", table([("y", table([("tau", Value::from("30 s")), ("spike", Value::from("clamp(1.5 * y + 1, 0, 9)"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let w = 0.4 * w_max\nlet r = 1\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nsend w * clamp(z, 0, 1)\nif !d && r < 2 { a = p } else { a = p }\n")
            .field("on_post", "let w = 0.4 * w_max\nlet r = 1\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nif c <= q {\nh = h\nc = y\n} else {\nq = clamp(w / w_max / (abs(weight / w_max) + 1), -30, 30)\nr *= clamp(0.7 * a, -30, 30)\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .population(
        Population::new("p0", 9_i64, "fast")
            .field("parameters", table([("up", Value::from("1.3 * (i + 0.5) / n"))])),
    )
    .population(
        Population::new("p1", 16_i64, "fast")
            .field("parameters", table([("up", Value::from("1.3 * (i + 0.5) / n"))])),
    )
    .population(
        Population::new("p2", 5_i64, "lif_cond_exp")
            .field("parameters", table([("t_ref", Value::from("1 ms"))])),
    )
    .stimulus(
        Stimulus::poisson("s0", "p0", "2 kHz", "0.7 ")
            .field("receptor", "a"),
    )
    .stimulus(
        Stimulus::noise("s1", "p1", "0.4", "0.5 * 0.4"),
    )
    .projection(
        Projection::new("j0", "p2", "p0")
            .field("receptor", "a")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("100 us"), Value::from("3000 us")]))]))
            .field("weight", "0.02 ")
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("0.02 ")), ("gain", Value::from("0.00002 "))])),
    )
    .projection(
        Projection::new("j1", "p2", "p1")
            .field("receptor", "a")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("800 us"), Value::from("400 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("-0.02 "), Value::from("0 ")]))]))
            .field("weight_bits", 32_i64)
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("5 ms")), ("rho0", Value::from("400 Hz")), ("eta", Value::from("-0.0012 ")), ("w_max", Value::from("-0.02 "))])),
    )
