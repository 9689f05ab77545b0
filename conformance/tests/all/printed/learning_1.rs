Network::new("", "100 us")
    .setting("duration", "5700 us")
    .setting("seed", 2619217454_i64)
    .setting("batch", 3_i64)
    .synapse(
        Synapse::new("s0")
            .field("state", table([("w", Value::from("weight")), ("q", Value::from("0.25"))]))
            .field("signals", vec![Value::from("sig2"), Value::from("sig")])
            .field("pre", table([("x", table([("tau", Value::from("5 ms")), ("spike", Value::from("x + 1"))]))]))
            .field("post", table([("y", table([("tau", Value::from("20 ms")), ("spike", Value::from("y + 1"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let r = 1\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a {\nh = x > y\nif sig > g {\nw =  w_max * clamp(exp(0.1 * clamp(y2, -30, 30)) * (1 - w / w_max), -30, 30)\nw =  w_max * p\n}\n}\nif w > 0.5 * w_max { send w } else { w -= gain * clamp(2 * 2, -30, 30)\n send w / 2 }\nif sig > g {\nq += clamp(if sig > g { w / w_max } else { r }, -30, 30)\nb = clamp(if sig > g { q } else { p }, -30, 30)\n} else {\nh = h\nb = clamp(r * b, -30, 30)\n}\n")
            .field("on_post", "let r = 1\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif b > a { b = p } else { b = p }\nif !d && r < 2 {\nw += gain * clamp((abs(z) + 1) ^ clamp(b, -4, 4), -30, 30)\n} else {\nw +=  w_max * clamp(tanh(0.1 * clamp(r, -30, 30)) * (1 - r), -30, 30)\n}\nif sig > g {\nif b > a {\nw += gain * clamp((abs(q) + 1) ^ clamp(p, -4, 4), -30, 30)\n} else {\nb = clamp(if h { y } else { weight / w_max }, -30, 30)\n}\n} else {\nif p > 0.25 {\nq += clamp(if sig > g { sig } else { z }, -30, 30)\n} else {\na = clamp(exprel(0.1 * clamp(sig2, -30, 30)) * (1 - sig), -30, 30)\n}\nif z > 1 || d {\nh = p > 0.25\n}\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s1")
            .field("state", table([("r", Value::from("1"))]))
            .field("signals", vec![Value::from("sig")])
            .field("post", table([("y", table([("tau", Value::from("0.05 ms")), ("spike", Value::from("clamp(1.5 * y + 1, 0, 9)"))])), ("y2", table([("tau", Value::from("20 ms")), ("spike", Value::from("1 - y2"))]))]))
            .field("send_max", "abs(w_max)")
            .field("on_pre", "let w = 0.4 * w_max\nlet q = 0.25\nlet sig2 = 0.3\nlet x = 0.75\nlet z = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nlet g = sig / 2 + sig2\nif !d && r < 2 {\nw -= gain * clamp((abs(0.7) + 1) ^ clamp(sig2, -4, 4), -30, 30)\nh = c <= q\n} else {\nh = sig > g\nif sig > g {\nr = clamp((abs(c) + 1) ^ clamp(b, -4, 4), -30, 30)\n}\n}\nif sig > g {\nw +=  w_max * clamp(if b > a { 2 } else { sig2 }, -30, 30)\n}\nif !d && r < 2 { if h { send w_max * clamp(clamp(weight / w_max / (abs(w / w_max) + 1), -30, 30), 0, 1) } } else { send 0 * w_max }\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .population(
        Population::new("p0", 18_i64, "lif_delta")
            .field("parameters", table([("t_ref", Value::from("0 ms"))])),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", "one_to_one")
            .field("delay", table([("uniform", Value::from(vec![Value::from("100 us"), Value::from("3000 us")]))]))
            .field("weight", "-0.04 mV")
            .field("weight_bits", 32_i64)
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("-0.08 mV")), ("gain", Value::from("0.24 mV"))])),
    )
    .projection(
        Projection::new("j1", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("fixed_out_degree", Value::from(9_i64))]))
            .field("delay", "500 us")
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 mV"), Value::from("16 mV")]))]))
            .field("autapses", false)
            .field("weight_bits", 32_i64)
            .field("synapse", "s1")
            .field("parameters", table([("w_max", Value::from("16 mV")), ("gain", Value::from("-48 mV"))])),
    )
    .projection(
        Projection::new("j2", "p0", "p0")
            .field("receptor", "syn")
            .field("connect", table([("fixed_out_degree", Value::from(9_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("100 us"), Value::from("300 us")]))]))
            .field("weight", table([("uniform", Value::from(vec![Value::from("0 mV"), Value::from("16 mV")]))]))
            .field("autapses", false)
            .field("synapse", "stdp_triplet")
            .field("parameters", table([("w0", Value::from("0.08 mV")), ("tau_plus", Value::from("0.05 ms")), ("tau_x", Value::from("20 ms")), ("tau_y", Value::from("101 ms")), ("a3_plus", Value::from(0.0)), ("a2_minus", Value::from(0.0)), ("w_max", Value::from("16 mV"))])),
    )
    .signal(
        Signal::new("sig", "0.7 ms")
            .field("spikes_of", "p0")
            .field("gain", 0.02)
            .field("delay", "2700 us"),
    )
    .signal(
        Signal::new("sig2", "0.7 ms")
            .field("pulses", vec![Value::from(vec![Value::from("0 us"), Value::from(0.7)]), Value::from(vec![Value::from("300 us"), Value::from(0.29999999999999993)]), Value::from(vec![Value::from("2800 us"), Value::from(-0.10000000000000009)]), Value::from(vec![Value::from("5600 us"), Value::from(-0.5000000000000002)])]),
    )
