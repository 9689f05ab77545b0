Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 3040105923_i64)
    .setting("batch", 2_i64)
    .model(
        Model::new("own")
            .field("current", "pA")
            .field("threshold", "v > 0.8")
            .field("update", "let a = 2\nlet b = q + 0.7\nlet c = 0.5 * v\nlet h = p > 0.25\nlet d = v < w\nif v > 0.7 { a = 3 } else { a = 3 }\nif !d && v < 2 { b = 3 } else { b = 3 }\nif v > 0.7 {\nh = v > 0.7\n} else {\nh = q > 1\nif v > w { b = 0.3 } else { b = 0.3 }\n}\nif p > 0.25 {\nif true { b = 0.3 } else { b = 0.3 }\n} else {\nb = c\n}\nif q > 1 { a = p } else { a = p }\nw = clamp(0.4 * w + exp(-0.3 * a) + (abs(c) + 1) ^ a * exprel(0.2 * b), -30, 30)\nlet e = if h || d { 0.6 * v + a } else { b - 0.1 * c }\nv = clamp(e + 0.01 * syn + 0.3 * i_ext, -30, 30)\n")
            .field("reset", "if h {\na = c\nif v > w {\nh = b > a\n}\n}\nv = -1 - exp(-a)\n")
            .field("parameters", table([("p", Value::from(0.7)), ("q", Value::from(1_i64))]))
            .field("state", table([("v", Value::from(0.1)), ("w", Value::from(-0.2))]))
            .field("receptors", table([("syn", Value::from("pA"))])),
    )
    .population(
        Population::new("p0", 40_i64, "own")
            .field("parameters", table([("q", Value::from("uniform(0.5, 2)"))]))
            .field("initial", table([("v", Value::from("normal(0, 2)"))])),
    )
    .population(
        Population::new("p1", 59_i64, "lif_exp_2")
            .field("initial", table([("v", Value::from("uniform(-60 mV, -50 mV)"))])),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "0.4 pA"),
    )
    .stimulus(
        Stimulus::current("s1", "p1", "250 pA"),
    )
    .projection(
        Projection::new("j0", "p0", "p1")
            .field("receptor", "exc")
            .field("connect", table([("fixed_total_number", Value::from(150_i64))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("60 pA")]))]))
            .field("delay", "0.2 ms")
            .field("procedural", true)
            .field("weight_bits", 32_i64),
    )
    .projection(
        Projection::new("j1", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("weight", "30 pA")
            .field("delay", "0.2 ms"),
    )
    .projection(
        Projection::new("j2", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("30 pA"), Value::from("10 pA")]))]))
            .field("delay", "0.2 ms")
            .field("weight_bits", 32_i64),
    )
    .projection(
        Projection::new("j3", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("30 pA"), Value::from("10 pA")]))]))
            .field("delay", "0.2 ms")
            .field("weight_bits", 32_i64),
    )
    .projection(
        Projection::new("j4", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("fixed_total_number", Value::from(150_i64))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("30 pA"), Value::from("10 pA")]))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("1.5 ms"), Value::from("0.75 ms")]))]))
            .field("procedural", true)
            .field("weight_bits", 32_i64),
    )
    .projection(
        Projection::new("j5", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", "all_to_all")
            .field("weight", table([("normal", Value::from(vec![Value::from("30 pA"), Value::from("10 pA")]))]))
            .field("delay", "0.2 ms")
            .field("autapses", false),
    )
