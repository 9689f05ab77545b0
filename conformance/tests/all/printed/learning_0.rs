Network::new("", "100 us")
    .setting("duration", "3500 us")
    .setting("seed", 3118702321_i64)
    .setting("batch", 1_i64)
    .model(
        Model::new("fast")
            .field("current", "1")
            .field("parameters", table([("up", Value::from(0.4))]))
            .field("state", table([("v", Value::from("0"))]))
            .field("receptors", table([("r_a", Value::from("1")), ("r_b", Value::from("1"))]))
            .field("update", "v = clamp(0.98 * v + up + 0.2 * r_a + 0.1 * r_b + 0.1 * i_ext, -2, 3)")
            .field("threshold", "v > 1")
            .field("reset", "v = 0"),
    )
    .synapse(
        Synapse::new("s0")
            .field("state", table([("q", table([("initial", Value::from("0.25")), ("tau", Value::from("0.05 ms"))]))]))
            .field("bounds", table([("q", Value::from(vec![Value::from("-0.5"), Value::from("0.75")]))]))
            .field("pre", table([("x", table([("tau", Value::from("101 ms")), ("spike", Value::from("1"))]))]))
            .field("post", table([("y", table([("tau", Value::from("30 s")), ("spike", Value::from("clamp(1.5 * y + 1, 0, 9)"))]))]))
            .field("send_max", "weight")
            .field("on_pre", "let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a { b = 3 } else { b = 3 }\nif x > y {\nif x > y {\nq += sig2\n} else {\nc = clamp(0.7 / (abs(post.v) + 1), -30, 30)\n}\nh = p > 0.25\n}\nif !d && r < 2 { b = 0.3 } else { b = 0.3 }\n\nsend w\n")
            .field("on_post_if", "abs(post.v) < 61 - dt / tau")
            .field("on_post", "let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif y2 < 0.5 {\nif b > a {\nw +=  w_max * clamp(sin(0.1 * clamp(b, -30, 30)) * (1 - y2), -30, 30)\nd = x > y\n}\n} else {\nw =  w_max * clamp(tanh(0.1 * clamp(q, -30, 30)) * (1 - x), -30, 30)\n}\nif h {\nif b > a {\nh = sig > g\nh = x > y\n} else {\na = clamp((abs(sig) + 1) ^ clamp(c, -4, 4), -30, 30)\nw -= gain * clamp(weight / w_max + w / w_max, -30, 30)\n}\n}\nif p > 0.25 { a = p } else { a = p }\n")
            .field("every", vec![table([("period", Value::from("5 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a {\nw += gain * clamp(if x > y { y } else { post.v }, -30, 30)\n} else {\nh = sig > g\n}\nif c <= q { a = 0.3 } else { a = 0.3 }\n"))]), table([("period", Value::from("2 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif !d && r < 2 {\nif z > 1 || d {\na = clamp((abs(y) + 1) ^ clamp(y, -4, 4), -30, 30)\nw +=  w_max * clamp(if !d && r < 2 { x } else { 2 }, -30, 30)\n} else {\nc = clamp(tanh(0.1 * clamp(x, -30, 30)) * (1 - y), -30, 30)\nq += clamp(x * sig2, -30, 30)\n}\nif b > a {\nr = y\n}\n} else {\nw += gain * clamp(if z > 1 || d { w / w_max } else { x }, -30, 30)\nr = 0.7\n}\nif post.v < q { b = 0.3 } else { b = 0.3 }\n"))])])
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
            .field("receptor", "r_a"),
    )
    .stimulus(
        Stimulus::noise("s1", "p1", "0.4", "0.5 * 0.4"),
    )
    .projection(
        Projection::new("j0", "p2", "p0")
            .field("receptor", "r_a")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("400 us"), Value::from("1200 us")]))]))
            .field("weight", "-0.02 ")
            .field("weight_bits", 32_i64)
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("-0.02 ")), ("gain", Value::from("-0.001 "))]))
            .field("back", "0 us"),
    )
    .projection(
        Projection::new("j1", "p1", "p0")
            .field("receptor", "r_a")
            .field("connect", table([("fixed_out_degree", Value::from(9_i64))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("800 us"), Value::from("400 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 "), Value::from("4 ")]))])),
    )
