Network::new("", "1000 us")
    .setting("duration", "62000 us")
    .setting("seed", 1930256501_i64)
    .setting("batch", 1_i64)
    .synapse(
        Synapse::new("s0")
            .field("state", table([("q", Value::from("0.25"))]))
            .field("bounds", table([("q", Value::from(vec![Value::from("-0.5"), Value::from("0.75")]))]))
            .field("post", table([("y", table([("tau", Value::from("0.7 ms")), ("spike", Value::from("y / 2 + 1"))]))]))
            .field("send_max", "weight")
            .field("on_pre", "let w = 0.4 * w_max\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nif y2 < 0.5 {\nw += gain * clamp(if p > 0.25 { p } else { dt / tau }, -30, 30)\n} else {\nb = clamp(x / (abs(p) + 1), -30, 30)\n}\nif h { send w }\nif c <= q {\nr = clamp(b * 2, -30, 30)\nif y2 < 0.5 {\nc = clamp(weight / w_max / (abs(c) + 1), -30, 30)\n} else {\nw +=  w_max * c\nb = x\n}\n}\n")
            .field("on_post", "let w = 0.4 * w_max\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nif c <= q {\nw +=  w_max * clamp(y2 + 0.7, -30, 30)\n} else {\nif h {\nr = clamp(z / (abs(a) + 1), -30, 30)\n}\nif q > 0.1 { b = p } else { b = p }\n}\nif h {\nif x > y {\nd = c <= q\n} else {\nw += gain * x\nw +=  w_max * clamp(2 / (abs(r) + 1), -30, 30)\n}\nh = c <= q\n}\nif x > y {\nw += gain * clamp(if z > 1 || d { x } else { z }, -30, 30)\n}\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .synapse(
        Synapse::new("s3")
            .field("state", table([("w", Value::from("weight"))]))
            .field("bounds", table([("w", Value::from(vec![Value::from("min(0 * w_max, w_max)"), Value::from("max(0 * w_max, w_max)")]))]))
            .field("post", table([("y", table([("tau", Value::from("5 ms")), ("spike", Value::from("exp(-y)"))]))]))
            .field("on_pre", "let q = 0.25\nlet r = 1\nlet x = 0.75\nlet z = 0.75\nlet y2 = 0.75\nlet a = 2\nlet b = p - 0.7\nlet c = 0.5 * q\nlet h = p > 0.25\nlet d = x < y\nif y2 < 0.5 {\nr = weight / w_max\nif z > 1 || d {\nh = !d && r < 2\n}\n}\nq += r\nif b > a {\nq = clamp(if z > 1 || d { 0.7 } else { y }, -30, 30)\nif y2 < 0.5 {\nc = clamp(x - a, -30, 30)\n}\n}\nif y2 < 0.5 { send w } else { w -= gain * clamp((abs(z) + 1) ^ clamp(b, -4, 4), -30, 30)\n send w / 2 }\n")
            .field("parameters", table([("p", Value::from(0.6)), ("tau", table([("default", Value::from("3 ms")), ("above", Value::from("0 ms"))])), ("gain", table([("unit", Value::from("weight"))])), ("w_max", table([("unit", Value::from("weight"))]))])),
    )
    .population(
        Population::new("p0", 5_i64, "lif_exp_2")
            .field("parameters", table([("t_ref", Value::from("0 ms"))])),
    )
    .population(
        Population::new("p1", 40_i64, "izhikevich"),
    )
    .stimulus(
        Stimulus::current("s0", "p0", "8 * 250 pA"),
    )
    .stimulus(
        Stimulus::noise("s1", "p1", "6", "0.5 * 6"),
    )
    .projection(
        Projection::new("j0", "p0", "p0")
            .field("receptor", "inh")
            .field("connect", "all_to_all")
            .field("delay", table([("uniform", Value::from(vec![Value::from("1000 us"), Value::from("3000 us")]))]))
            .field("weight", "0 pA")
            .field("autapses", false)
            .field("weight_bits", 32_i64)
            .field("synapse", "s0")
            .field("parameters", table([("w_max", Value::from("-100 pA")), ("gain", Value::from("-60 pA"))])),
    )
    .projection(
        Projection::new("j1", "p1", "p0")
            .field("receptor", "inh")
            .field("connect", table([("fixed_total_number", Value::from(150_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("1000 us"), Value::from("30000 us")]))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("-200 pA"), Value::from("160 pA")])), ("min", Value::from("-400 pA")), ("max", Value::from("0 pA"))]))
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("0.05 ms")), ("rho0", Value::from("400 Hz")), ("eta", Value::from("-2 pA")), ("w_max", Value::from("-400 pA"))])),
    )
    .projection(
        Projection::new("j2", "p0", "p0")
            .field("receptor", "inh")
            .field("connect", table([("fixed_in_degree", Value::from(5_i64))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("1000 us"), Value::from("30000 us")]))]))
            .field("weight", table([("normal", Value::from(vec![Value::from("-50 pA"), Value::from("40 pA")])), ("min", Value::from("-100 pA")), ("max", Value::from("0 pA"))]))
            .field("autapses", false)
            .field("synapse", "vogels_sprekeler")
            .field("parameters", table([("tau", Value::from("0.7 ms")), ("rho0", Value::from("400 Hz")), ("eta", Value::from("-0 pA")), ("w_max", Value::from("-100 pA"))])),
    )
    .projection(
        Projection::new("j3", "p0", "p0")
            .field("receptor", "inh")
            .field("connect", table([("fixed_probability", Value::from(0.6))]))
            .field("delay", table([("uniform", Value::from(vec![Value::from("1000 us"), Value::from("30000 us")]))]))
            .field("weight", "-100 pA")
            .field("autapses", false)
            .field("synapse", "s3")
            .field("parameters", table([("w_max", Value::from("-100 pA")), ("gain", Value::from("-5 pA"))])),
    )
