Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 3708341877_i64)
    .setting("batch", 2_i64)
    .model(
        Model::new("own")
            .field("current", "1")
            .field("refractory", "0.6 ms")
            .field("threshold", "v > 0.8")
            .field("update", "let a = 2\nlet b = q + 0.7\nlet c = 0.5 * v\nlet h = p > 0.25\nlet d = v < w\nif v > w {\nv = 0.7\nc = clamp(exprel(0.1 * clamp(b, -30, 30)) * (1 - syn), -30, 30)\n}\nif p > 0.25 {\nif p > 0.25 { a = 3 } else { a = 3 }\nw = clamp(if q > 1 { w } else { 2 }, -30, 30)\n} else {\nv = 0.7\nc = clamp((abs(p) + 1) ^ clamp(0.7, -4, 4), -30, 30)\n}\nif v > 0.7 { b = 3 } else { b = 3 }\nif b > a {\nif v > 0.7 { b = 3 } else { b = 3 }\n}\nw = clamp(0.4 * w + exp(-0.3 * a) + (abs(c) + 1) ^ a * exprel(0.2 * b), -30, 30)\nlet e = if h || d { 0.6 * v + a } else { b - 0.1 * c }\nv = clamp(e + 0.01 * syn + 0.3 * i_ext, -30, 30)\n")
            .field("reset", "if p > 0.25 { a = 3 } else { a = 3 }\nv = -1 - exp(-a)\n")
            .field("parameters", table([("p", Value::from(0.7)), ("q", Value::from(1_i64))]))
            .field("state", table([("v", Value::from(0.1)), ("w", Value::from(-0.2))]))
            .field("receptors", table([("syn", Value::from("1"))])),
    )
    .population(
        Population::new("p0", 23_i64, "hh_traub_miles")
            .field("initial", table([("v", Value::from("uniform(-70 mV, 0 mV)"))])),
    )
    .population(
        Population::new("p1", 71_i64, "own")
            .field("parameters", table([("q", Value::from("uniform(0.5, 2)"))]))
            .field("initial", table([("v", Value::from("normal(0, 2)"))])),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "500 pA"),
    )
    .stimulus(
        Stimulus::current("s1", "p1", "0.4"),
    )
    .projection(
        Projection::new("j0", "p1", "p1")
            .field("receptor", "syn")
            .field("connect", table([("fixed_out_degree", Value::from(6_i64))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 "), Value::from("30 ")]))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("1.5 ms"), Value::from("0.75 ms")]))]))
            .field("weight_bits", 32_i64),
    )
