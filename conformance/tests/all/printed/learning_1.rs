Network::new("", "100 us")
    .setting("duration", "10800 us")
    .setting("seed", 3333190658_i64)
    .setting("batch", 3_i64)
    .synapse(
        Synapse::new("s0")
            .field("state", table([("w", Value::from("weight"))]))
            .field("bounds", table([("w", Value::from(vec![Value::from("min(0 * w_max, w_max)"), Value::from("max(0 * w_max, w_max)")]))]))
            .field("signals", vec![Value::from("sig")])
            .field("pre", table([("x", table([("tau", Value::from("101 ms")), ("spike", Value::from("x / 2 + 1"))])), ("z", table([("tau", Value::from("0.05 ms")), ("spike", Value::from("max(z, x) + dt / tau"))]))]))
            .field("post", table([("y", table([("tau", Value::from("5 ms")), ("spike", Value::from("1"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif z > 1 || d {\nif post.v < q {\nh = sig > g\n}\nif q > 0.1 {\nw +=  w_max * w / w_max\nh = x > y\n}\n} else {\nw += gain * clamp(sig2 + x, -30, 30)\n}\nif x > y {\nc = c\nif b > a {\nh = c <= q\n}\n} else {\nh = c <= q\nif sig > g {\nw +=  w_max * clamp(x / (abs(b) + 1), -30, 30)\nw -= gain * clamp(dt / tau / (abs(c) + 1), -30, 30)\n}\n}\nif z > 1 || d {\nif !d && r < 2 { a = 3 } else { a = 3 }\nr = clamp((abs(x) + 1) ^ clamp(x, -4, 4), -30, 30)\n} else {\nh = sig > g\nif x > y { b = p } else { b = p }\n}\nsend w * clamp(clamp(if w > 0.5 * w_max { b } else { p }, -30, 30), 0, 1)\n")
            .field("on_post_if", "abs(post.v) < 61 - dt / tau")
            .field("on_post", "let q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif x > y {\nif q > 0.1 {\nr *= dt / tau\n} else {\nw -= gain * clamp(y - 2, -30, 30)\n}\nw += gain * clamp(tanh(0.1 * clamp(y, -30, 30)) * (1 - 2), -30, 30)\n} else {\nd = z > 1 || d\nif q > 0.1 { b = 3 } else { b = 3 }\n}\nif h { a = 0.3 } else { a = 0.3 }\nif p > 0.25 {\nif p > 0.25 { b = p } else { b = p }\n} else {\nif p > 0.25 {\na = sig2\nw += gain * clamp(b / (abs(w / w_max) + 1), -30, 30)\n}\n}\n")
            .field("every", vec![table([("period", Value::from("17 * dt")), ("do", Value::from("let q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nc = clamp(exp(0.1 * clamp(weight / w_max, -30, 30)) * (1 - weight / w_max), -30, 30)\n"))]), table([("period", Value::from("2 * dt")), ("do", Value::from("let q = 0.25\nlet r = 1\nlet sig2 = 0.3\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nq += clamp(tanh(0.1 * clamp(p, -30, 30)) * (1 - weight / w_max), -30, 30)\n"))])])
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s3")
            .field("state", table([("w", table([("initial", Value::from("weight")), ("tau", Value::from("0.7 ms"))]))]))
            .field("signals", vec![Value::from("sig2"), Value::from("sig")])
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let q = 0.25\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif !d && r < 2 {\nw += gain * clamp(x - y2, -30, 30)\n} else {\nr = clamp(x / (abs(y) + 1), -30, 30)\n}\nif sig > g {\nd = z > 1 || d\n}\n\nsend if h { w } else { w / 4 }\nif b > a {\nif y2 < 0.5 {\nq = b\nd = y2 < 0.5\n} else {\nq += clamp(tanh(0.1 * clamp(a, -30, 30)) * (1 - 2), -30, 30)\n}\n} else {\nif x > y {\nh = w > 0.5 * w_max\nb = z\n} else {\nc = clamp((abs(w / w_max) + 1) ^ clamp(post.v, -4, 4), -30, 30)\n}\n}\n")
            .field("on_post_if", "post.v * sig > 0.4")
            .field("on_post", "let q = 0.25\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif c <= q {\nif p > 0.25 {\nc = clamp((abs(z) + 1) ^ clamp(y2, -4, 4), -30, 30)\n} else {\nw +=  w_max * clamp(if z > 1 || d { r } else { b }, -30, 30)\nw +=  w_max * clamp((abs(0.7) + 1) ^ clamp(r, -4, 4), -30, 30)\n}\n}\nif w > 0.5 * w_max {\nd = h\nif c <= q {\nh = post.v < q\n}\n}\n")
            .field("every", vec![table([("period", Value::from("dt")), ("do", Value::from("let q = 0.25\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif x > y {\nif b > a {\nw += gain * clamp(x * post.v, -30, 30)\na = clamp(if p > 0.25 { z } else { weight / w_max }, -30, 30)\n}\n} else {\nif y2 < 0.5 { a = 0.3 } else { a = 0.3 }\nif sig > g { a = 3 } else { a = 3 }\n}\nw =  w_max * clamp(2 * post.v, -30, 30)\n"))]), table([("period", Value::from("2 * dt")), ("do", Value::from("let q = 0.25\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif y2 < 0.5 { a = 0.3 } else { a = 0.3 }\n"))])])
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .population(
        Population::new("p0", 4_i64, "lif_exp_2")
            .field("parameters", table([("t_ref", Value::from("0 ms"))])),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "8 * 250 pA"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("delay", table([("normal", Value::from(vec![Value::from("800 us"), Value::from("400 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("400 pA")]))]))
            .field("autapses", false)
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("400 pA")), ("gain", Value::from("-1200 pA"))]))
            .field("back", "0 us"),
    )
    .projection(
        Projection::new("j1", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", "all_to_all")
            .field("delay", table([("uniform", Value::from(vec![Value::from("100 us"), Value::from("3000 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("25 pA")]))]))
            .field("synapse", "nmda")
            .field("parameters", table([("a", Value::from(0.9)), ("tau", Value::from("0.05 ms"))])),
    )
    .projection(
        Projection::new("j2", "p0", "p0")
            .field("receptor", "inh")
            .field("connect", table([("fixed_out_degree", Value::from(9_i64))]))
            .field("delay", "100 us")
            .field("weight", table([("uniform", Value::from(vec![Value::from("-25 pA"), Value::from("0 pA")]))]))
            .field("autapses", false)
            .field("weight_bits", 32_i64)
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("20 ms")), ("rho0", Value::from("5 Hz")), ("eta", Value::from("-0.000000000025 pA")), ("w_max", Value::from("-25 pA"))]))
            .field("back", "4300 us"),
    )
    .projection(
        Projection::new("j3", "p0", "p0")
            .field("receptor", "exc")
            .field("connect", table([("fixed_total_number", Value::from(30_i64))]))
            .field("delay", "100 us")
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 pA"), Value::from("25 pA")]))]))
            .field("weight_bits", 32_i64)
            .field("synapse", "s3")
            .field("parameters", table([("w_max", Value::from("25 pA")), ("gain", Value::from("1.25 pA"))]))
            .field("back", "0 us"),
    )
    .signal(
        Signal::new("sig", "0.7 ms")
            .field("spikes_of", "p0")
            .field("gain", 0.02)
            .field("delay", "700 us"),
    )
    .signal(
        Signal::new("sig2", "30 s")
            .field("spikes_of", "p0")
            .field("gain", 0.3)
            .field("pulses", vec![Value::from(vec![Value::from("0 us"), Value::from(0.7)]), Value::from(vec![Value::from("300 us"), Value::from(0.29999999999999993)]), Value::from(vec![Value::from("5400 us"), Value::from(-0.10000000000000009)]), Value::from(vec![Value::from("10700 us"), Value::from(-0.5000000000000002)])]),
    )
