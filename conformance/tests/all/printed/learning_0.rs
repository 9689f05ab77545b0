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
            .field("on_post_if", "post.v <= -65 || post.v > p")
            .field("on_post", "let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif y2 < 0.5 {\nif b > a {\nw +=  w_max * clamp(sin(0.1 * clamp(b, -30, 30)) * (1 - y2), -30, 30)\nd = x > y\n}\n} else {\nw =  w_max * clamp(tanh(0.1 * clamp(q, -30, 30)) * (1 - x), -30, 30)\n}\nif h {\nif b > a {\nh = sig > g\nh = x > y\n} else {\na = clamp((abs(sig) + 1) ^ clamp(c, -4, 4), -30, 30)\nw -= gain * clamp(weight / w_max + w / w_max, -30, 30)\n}\n}\nif p > 0.25 { a = p } else { a = p }\n")
            .field("every", vec![table([("period", Value::from("5 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a {\nw += gain * clamp(if x > y { y } else { post.v }, -30, 30)\n} else {\nh = sig > g\n}\nif c <= q { a = 0.3 } else { a = 0.3 }\nif w > 0.5 * w_max { if h { send w_max * clamp(clamp((abs(sig) + 1) ^ clamp(sig, -4, 4), -30, 30), 0.2, 1) } } else { send 0 * w_max }\n"))]), table([("period", Value::from("17 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif post.v < q {\nc = sig2\n}\nif !d && r < 2 {\na = clamp(tanh(0.1 * clamp(p, -30, 30)) * (1 - sig2), -30, 30)\n} else {\nif sig > g {\nw += gain * clamp(z / (abs(x) + 1), -30, 30)\nw += gain * clamp(y - weight / w_max, -30, 30)\n} else {\nr *= clamp(2 / (abs(2) + 1), -30, 30)\nq = dt / tau\n}\nif q > 0.1 {\nq += clamp(if sig > g { w / w_max } else { b }, -30, 30)\n}\n}\n"))])])
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s1")
            .field("send_max", "abs(w_max)")
            .field("every", vec![table([("period", Value::from("5 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif z > 1 || d { a = p } else { a = p }\nif h { a = 3 } else { a = 3 }\nif p > 0.25 { send w } else { w -= gain * clamp(z / (abs(c) + 1), -30, 30)\n send w / 2 }\n"))]), table([("period", Value::from("5 * dt")), ("do", Value::from("let w = 0.4 * w_max\nlet q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif sig > g {\nif w > 0.5 * w_max {\nh = w > 0.5 * w_max\n}\nif x > y { b = 0.3 } else { b = 0.3 }\n}\n"))])])
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
            .field("weight", "0.02 ")
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("0.02 ")), ("gain", Value::from("0.00002 "))]))
            .field("initial", table([("q", table([("uniform", Value::from(vec![Value::from(-0.5), Value::from(0.75)]))]))]))
            .field("dendritic", "200 us")
            .field("back", "0 us"),
    )
    .projection(
        Projection::new("j1", "p1", "p0")
            .field("receptor", "r_a")
            .field("connect", table([("fixed_total_number", Value::from(30_i64))]))
            .field("delay", "100 us")
            .field("synapse", "s1")
            .field("parameters", table([("w_max", Value::from("-0.02 ")), ("gain", Value::from("-0.00002 "))]))
            .field("back", "0 us"),
    )
