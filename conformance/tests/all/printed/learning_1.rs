Network::new("", "200 us")
    .setting("duration", "6000 us")
    .setting("seed", 1002341693_i64)
    .setting("batch", 1_i64)
    .synapse(
        Synapse::new("s1")
            .field("pre", table([("x", table([("tau", Value::from("30 s")), ("spike", Value::from("exp(-x)"))])), ("z", table([("tau", Value::from("5 ms")), ("spike", Value::from("z * x"))]))]))
            .field("post", table([("y", table([("tau", Value::from("30 s")), ("spike", Value::from("exp(-y)"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let w = 0.4 * w_max\nlet q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\n\nif q > 0.1 { send w } else { w -= gain * clamp((abs(y) + 1) ^ clamp(z, -4, 4), -30, 30)\n send w / 2 }\nif y2 < 0.5 { b = 0.3 } else { b = 0.3 }\n")
            .field("on_post", "let w = 0.4 * w_max\nlet q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif c <= q {\nh = z > 1 || d\nif b > a {\nq = clamp(a / (abs(2) + 1), -30, 30)\n}\n} else {\nw += gain * clamp(post.v / (abs(c) + 1), -30, 30)\n}\nif p > 0.25 {\nq += clamp(exprel(0.1 * clamp(weight / w_max, -30, 30)) * (1 - 0.7), -30, 30)\n} else {\nc = clamp(if z > 1 || d { y2 } else { c }, -30, 30)\nif !d && r < 2 { a = 0.3 } else { a = 0.3 }\n}\n")
            .field("every", vec![table([("period", Value::from("dt")), ("do", Value::from("let w = 0.4 * w_max\nlet q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet sig = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif h {\nif !d && r < 2 {\nd = p > 0.25\n} else {\na = clamp(if y2 < 0.5 { q } else { x }, -30, 30)\n}\n} else {\nif b > a {\nr *= clamp(if p > 0.25 { weight / w_max } else { q }, -30, 30)\nd = y2 < 0.5\n} else {\na = clamp(weight / w_max / (abs(p) + 1), -30, 30)\n}\n}\nif p > 0.25 {\nw +=  w_max * clamp(sig * w / w_max, -30, 30)\nw -= gain * clamp((abs(z) + 1) ^ clamp(0.7, -4, 4), -30, 30)\n}\n"))])])
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s2")
            .field("state", table([("q", table([("initial", Value::from("0.25")), ("tau", Value::from("30 s"))])), ("r", table([("initial", Value::from("1")), ("tau", Value::from("30 s"))]))]))
            .field("bounds", table([("q", Value::from(vec![Value::from("-0.5"), Value::from("0.75")]))]))
            .field("pre", table([("x", table([("tau", Value::from("5 ms")), ("spike", Value::from("x + 1"))])), ("z", table([("tau", Value::from("0.7 ms")), ("spike", Value::from("max(z, x) + dt / tau"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let w = 0.4 * w_max\nlet sig2 = 0.3\nlet sig = 0.3\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif x > y { send inh (w_max / 3) * clamp(clamp(sig / (abs(2) + 1), -30, 30), 0, 1) }\nsend w_max * clamp(sin(0.1 * clamp(sig, -30, 30)) * (1 - y2), -30, 30)\n")
            .field("on_post", "let w = 0.4 * w_max\nlet sig2 = 0.3\nlet sig = 0.3\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif y2 < 0.5 {\nif h {\nh = p > 0.25\n}\nif z > 1 || d {\nc = clamp(exprel(0.1 * clamp(r, -30, 30)) * (1 - b), -30, 30)\nh = p > 0.25\n} else {\nq = clamp(exprel(0.1 * clamp(c, -30, 30)) * (1 - a), -30, 30)\nd = sig > g\n}\n}\nif b > a {\nif h {\nw =  w_max * clamp(w / w_max / (abs(y) + 1), -30, 30)\na = b\n} else {\nh = w > 0.5 * w_max\n}\nif q > 0.1 {\nw +=  w_max * clamp(c / (abs(y) + 1), -30, 30)\n}\n} else {\nif sig > g { b = p } else { b = p }\n}\nif w > 0.5 * w_max {\nw =  w_max * y\nq += y\n} else {\nif w > 0.5 * w_max {\nq = clamp(sig / (abs(q) + 1), -30, 30)\n}\nif p > 0.25 { b = 0.3 } else { b = 0.3 }\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s3")
            .field("state", table([("r", Value::from("1"))]))
            .field("pre", table([("x", table([("tau", Value::from("30 s")), ("spike", Value::from("1"))])), ("z", table([("tau", Value::from("30 s")), ("spike", Value::from("x"))]))]))
            .field("post", table([("y", table([("tau", Value::from("0.05 ms")), ("spike", Value::from("p - y"))]))]))
            .field("send_max", "weight")
            .field("on_pre", "let w = 0.4 * w_max\nlet q = 0.25\nlet sig2 = 0.3\nlet sig = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a {\nw += gain * clamp(sig / (abs(q) + 1), -30, 30)\n} else {\nc = clamp(c / (abs(post.v) + 1), -30, 30)\nw += gain * clamp(if !d && r < 2 { 0.7 } else { x }, -30, 30)\n}\nif h {\nif w > 0.5 * w_max {\nw +=  w_max * clamp(tanh(0.1 * clamp(c, -30, 30)) * (1 - y), -30, 30)\n} else {\nw += gain * clamp((abs(y) + 1) ^ clamp(weight / w_max, -4, 4), -30, 30)\n}\n}\n\nif post.v < q { send w }\n")
            .field("on_post", "let w = 0.4 * w_max\nlet q = 0.25\nlet sig2 = 0.3\nlet sig = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif p > 0.25 {\nw += gain * clamp(post.v / (abs(a) + 1), -30, 30)\n} else {\nif sig > g {\nd = !d && r < 2\nw +=  w_max * clamp((abs(b) + 1) ^ clamp(q, -4, 4), -30, 30)\n}\n}\nif p > 0.25 {\nif y2 < 0.5 {\nw +=  w_max * clamp(if x > y { p } else { w / w_max }, -30, 30)\n} else {\nq += clamp((abs(dt / tau) + 1) ^ clamp(a, -4, 4), -30, 30)\n}\nw +=  w_max * clamp((abs(z) + 1) ^ clamp(q, -4, 4), -30, 30)\n} else {\nif c <= q { a = p } else { a = p }\na = clamp(x + y2, -30, 30)\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .population(
        Population::new("p0", 58_i64, "lif_exp_2")
            .field("parameters", table([("t_ref", Value::from("0 ms"))])),
    )
    .population(
        Population::new("p1", 1_i64, "lif_cond_exp")
            .field("parameters", table([("t_ref", Value::from("1 ms"))])),
    )
    .population(
        Population::new("p2", 10_i64, "spike_list")
            .field("spikes", vec![Value::from(vec![Value::from("1400 us"), Value::from(7_i64)]), Value::from(vec![Value::from("1600 us"), Value::from(2_i64)]), Value::from(vec![Value::from("5200 us"), Value::from(7_i64)]), Value::from(vec![Value::from("5400 us"), Value::from(2_i64)])]),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "250 pA"),
    )
    .stimulus(
        Stimulus::current("s1", "p1", "150 pA"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "inh")
            .field("connect", table([("fixed_out_degree", Value::from(9_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("200 us"), Value::from("6000 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("-25 pA"), Value::from("0 pA")]))]))
            .field("weight_bits", 32_i64)
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("101 ms")), ("rho0", Value::from("0 Hz")), ("eta", Value::from("-0.000000000025 pA")), ("w_max", Value::from("-25 pA"))])),
    )
    .projection(
        Projection::new("j1", "p1", "p1")
            .field("receptor", "exc")
            .field("connect", table([("fixed_probability", Value::from(0.13))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("200 us"), Value::from("6000 us")]))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("1.125 nS"), Value::from("0.9 nS")])), ("min", Value::from("0 nS")), ("max", Value::from("2.25 nS"))]))
            .field("synapse", "s1")
            .field("parameters", table([("w_max", Value::from("2.25 nS")), ("gain", Value::from("1.3499999999999999 nS"))]))
            .field("back", "0 us"),
    )
    .projection(
        Projection::new("j2", "p1", "p1")
            .field("receptor", "exc")
            .field("connect", table([("list", Value::from(vec![Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)]), Value::from(vec![Value::from(0_i64), Value::from(0_i64)])]))]))
            .field("delay", "200 us")
            .field("weight_bits", 32_i64)
            .field("synapse", "s2")
            .field("parameters", table([("w_max", Value::from("9 nS")), ("gain", Value::from("0.009000000000000001 nS"))]))
            .field("initial", table([("q", table([("uniform", Value::from(vec![Value::from(-0.5), Value::from(0.75)]))]))]))
            .field("back", "8600 us"),
    )
    .projection(
        Projection::new("j3", "p1", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_total_number", Value::from(30_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("800 us"), Value::from("2400 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("400 pA")]))]))
            .field("synapse", "s3")
            .field("parameters", table([("w_max", Value::from("400 pA")), ("gain", Value::from("20 pA"))]))
            .field("dendritic", "600 us")
            .field("back", "0 us"),
    )
    .projection(
        Projection::new("j4", "p2", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_probability", Value::from(0.6))]))
            .field("delay", "200 us")
            .field("weight", table([("normal", Value::from(vec![Value::from("12.5 pA"), Value::from("10 pA")])), ("min", Value::from("0 pA")), ("max", Value::from("25 pA"))])),
    )
