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
            .field("on_pre", "let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nsend w\n")
            .field("on_post", "let w = 0.4 * w_max\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif sig > g {\nr *= clamp(if p > 0.25 { r } else { y }, -30, 30)\n}\nif w > 0.5 * w_max {\nif c <= q {\nb = sig\n} else {\nw +=  w_max * clamp(w / w_max / (abs(weight / w_max) + 1), -30, 30)\n}\n} else {\nif b > a {\nq = clamp(x * z, -30, 30)\nr *= clamp(w / w_max / (abs(q) + 1), -30, 30)\n} else {\nr *= clamp(if z > 1 || d { 0.7 } else { 2 }, -30, 30)\n}\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s1")
            .field("state", table([("q", Value::from("0.25")), ("r", Value::from("1"))]))
            .field("bounds", table([("q", Value::from(vec![Value::from("-0.5"), Value::from("0.75")]))]))
            .field("pre", table([("x", table([("tau", Value::from("0.7 ms")), ("spike", Value::from("clamp(1.5 * x + 1, 0, 9)"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let w = 0.4 * w_max\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif w > 0.5 * w_max {\nw =  w_max * clamp(if z > 1 || d { x } else { w / w_max }, -30, 30)\nif q > 0.1 {\nh = c <= q\nh = b > a\n} else {\nh = p > 0.25\nr *= clamp((abs(0.7) + 1) ^ clamp(dt / tau, -4, 4), -30, 30)\n}\n}\nif !d && r < 2 { b = 3 } else { b = 3 }\nif h {\nif b > a {\nd = b > a\nq += clamp(if h { 2 } else { y }, -30, 30)\n} else {\nh = c <= q\nd = y2 < 0.5\n}\nif x > y {\nc = clamp(2 / (abs(x) + 1), -30, 30)\nb = clamp(if q > 0.1 { sig2 } else { b }, -30, 30)\n}\n} else {\nif h {\nw += gain * clamp(if w > 0.5 * w_max { w / w_max } else { y2 }, -30, 30)\n}\n}\nif p > 0.25 { send w } else { w -= gain * clamp(if b > a { c } else { c }, -30, 30)\n send w / 2 }\nif h {\nw +=  w_max * clamp((abs(y) + 1) ^ clamp(2, -4, 4), -30, 30)\nif c <= q {\na = clamp(if q > 0.1 { q } else { dt / tau }, -30, 30)\n}\n}\n")
            .field("on_post", "let w = 0.4 * w_max\nlet sig2 = 0.3\nlet sig = 0.3\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif h {\nc = clamp(r / (abs(sig2) + 1), -30, 30)\n} else {\nif b > a {\nw +=  w_max * clamp(sin(0.1 * clamp(x, -30, 30)) * (1 - 0.7), -30, 30)\nh = q > 0.1\n}\nif sig > g { b = 3 } else { b = 3 }\n}\nif w > 0.5 * w_max {\nr *= clamp(x * q, -30, 30)\nb = clamp(c - r, -30, 30)\n}\nif z > 1 || d {\nif b > a {\nd = p > 0.25\n}\nif h {\nh = y2 < 0.5\nd = p > 0.25\n} else {\nb = clamp((abs(weight / w_max) + 1) ^ clamp(c, -4, 4), -30, 30)\n}\n}\n")
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
            .field("weight", "-0.02 ")
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("-0.02 ")), ("gain", Value::from("-0.001 "))])),
    )
    .projection(
        Projection::new("j1", "p0", "p0")
            .field("receptor", "a")
            .field("connect", table([("fixed_probability", Value::from(0.6))]))
            .field("delay", "500 us")
            .field("weight", table([("uniform", Value::from(vec![Value::from("-0.02 "), Value::from("0 ")]))]))
            .field("autapses", false)
            .field("weight_bits", 32_i64)
            .field("synapse", "s1")
            .field("parameters", table([("w_max", Value::from("-0.02 ")), ("gain", Value::from("-0.012 "))])),
    )
