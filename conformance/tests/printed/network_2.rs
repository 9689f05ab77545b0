Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 4016590070_i64)
    .setting("batch", 2_i64)
    .model(
        Model::new("own")
            .field("current", "pA")
            .field("refractory", "0.6 ms")
            .field("spike", "crossing")
            .field("threshold", "w > -0.1 || v > 0.8")
            .field("update", "let a = 2\nlet b = q + 0.7\nlet c = 0.5 * v\nlet h = p > 0.25\nlet d = v < w\nif b > a {\nif v > 0.7 { a = 0.3 } else { a = 0.3 }\nif c <= v {\na = clamp(p + dt, -30, 30)\n} else {\nv = v\nh = refractory\n}\n}\nif refractory {\nif v > w { a = 0.3 } else { a = 0.3 }\n}\nif !d && v < 2 {\nif p > 0.25 {\nd = !d && v < 2\n}\nif !d && v < 2 {\nb = clamp((abs(v) + 1) ^ clamp(b, -4, 4), -30, 30)\nw = clamp(if q > 1 { b } else { v }, -30, 30)\n} else {\nv = clamp(if h { a } else { v }, -30, 30)\nd = !d && v < 2\n}\n}\nc = clamp(a + q, -30, 30)\nif h {\nif p > 0.25 {\nd = p > 0.25\n} else {\na = clamp(dt / (abs(b) + 1), -30, 30)\na = clamp(if refractory { q } else { a }, -30, 30)\n}\nif refractory {\na = b\n} else {\nv = clamp((abs(c) + 1) ^ clamp(w, -4, 4), -30, 30)\n}\n}\nw = clamp(0.4 * w + exp(-0.3 * a) + (abs(c) + 1) ^ a * exprel(0.2 * b), -30, 30)\nlet e = if h || d { 0.6 * v + a } else { b - 0.1 * c }\nv = clamp(e + 0.01 * syn + 0.3 * i_ext, -30, 30)\n")
            .field("reset", "v = clamp(b / (abs(b) + 1), -30, 30)\nv = -1 - exp(-a)\n")
            .field("parameters", table([("p", Value::from(0.7)), ("q", Value::from(1_i64))]))
            .field("state", table([("v", Value::from(0.1)), ("w", Value::from(-0.2))]))
            .field("receptors", table([("syn", Value::from("pA"))])),
    )
    .population(
        Population::new("p0", 2_i64, "own")
            .field("parameters", table([("q", Value::from("uniform(0.5, 2)"))]))
            .field("initial", table([("v", Value::from("normal(0, 2)"))])),
    )
    .population(
        Population::new("p1", 57_i64, "lif_exp_2")
            .field("initial", table([("v", Value::from("uniform(-60 mV, -50 mV)"))])),
    )
    .stimulus(
        Stimulus::noise("s0", "p0", "0.4 pA", "0.5 * 0.4 pA"),
    )
    .stimulus(
        Stimulus::noise("s1", "p1", "250 pA", "0.5 * 250 pA"),
    )
