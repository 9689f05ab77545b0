Network::new("", "0.2 ms")
    .setting("duration", "20 ms")
    .setting("seed", 4016590070_i64)
    .setting("batch", 2_i64)
    .model(
        Model::new("own")
            .field("current", "1")
            .field("refractory", "0.6 ms")
            .field("spike", "crossing")
            .field("threshold", "w > -0.1 || v > 0.8")
            .field("update", "let a = 2\nlet b = q + 0.7\nlet c = 0.5 * v\nlet h = p > 0.25\nlet d = v < w\nif b > a {\nif v > 0.7 { a = 0.3 } else { a = 0.3 }\nif c <= v {\na = clamp(p + dt, -30, 30)\n} else {\nv = v\nh = refractory\n}\n}\nif refractory {\nif v > w { a = 0.3 } else { a = 0.3 }\n}\nif !d && v < 2 {\nif p > 0.25 {\nd = !d && v < 2\n}\nif !d && v < 2 {\nb = clamp((abs(v) + 1) ^ clamp(b, -4, 4), -30, 30)\nw = clamp(if q > 1 { b } else { v }, -30, 30)\n} else {\nv = clamp(if h { a } else { v }, -30, 30)\nd = !d && v < 2\n}\n}\nc = clamp(a + q, -30, 30)\nif h {\nif p > 0.25 {\nd = p > 0.25\n} else {\na = clamp(dt / (abs(b) + 1), -30, 30)\na = clamp(if refractory { q } else { a }, -30, 30)\n}\nif refractory {\na = b\n} else {\nv = clamp((abs(c) + 1) ^ clamp(w, -4, 4), -30, 30)\n}\n}\nw = clamp(0.4 * w + exp(-0.3 * a) + (abs(c) + 1) ^ a * exprel(0.2 * b), -30, 30)\nlet e = if h || d { 0.6 * v + a } else { b - 0.1 * c }\nv = clamp(e + 0.01 * syn + 0.3 * i_ext, -30, 30)\n")
            .field("reset", "v = clamp(b / (abs(b) + 1), -30, 30)\nv = -1 - exp(-a)\n")
            .field("parameters", table([("p", Value::from(0.7)), ("q", Value::from(1_i64))]))
            .field("state", table([("v", Value::from(0.1)), ("w", Value::from(-0.2))]))
            .field("receptors", table([("syn", Value::from("1"))])),
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
        Stimulus::series("s0", "p0", vec![Value::from(vec![Value::from("1 / 2 * 0.4"), Value::from("2 / 2 * 0.4")]), Value::from(vec![Value::from("1 / 2 * 0.4"), Value::from("2 / 2 * 0.4")])])
            .field("start", "0.6 ms")
            .field("every", "6 ms"),
    )
    .stimulus(
        Stimulus::series("s1", "p1", vec![Value::from(vec![Value::from("1 / 57 * 250 pA"), Value::from("2 / 57 * 250 pA"), Value::from("3 / 57 * 250 pA"), Value::from("4 / 57 * 250 pA"), Value::from("5 / 57 * 250 pA"), Value::from("6 / 57 * 250 pA"), Value::from("7 / 57 * 250 pA"), Value::from("8 / 57 * 250 pA"), Value::from("9 / 57 * 250 pA"), Value::from("10 / 57 * 250 pA"), Value::from("11 / 57 * 250 pA"), Value::from("12 / 57 * 250 pA"), Value::from("13 / 57 * 250 pA"), Value::from("14 / 57 * 250 pA"), Value::from("15 / 57 * 250 pA"), Value::from("16 / 57 * 250 pA"), Value::from("17 / 57 * 250 pA"), Value::from("18 / 57 * 250 pA"), Value::from("19 / 57 * 250 pA"), Value::from("20 / 57 * 250 pA"), Value::from("21 / 57 * 250 pA"), Value::from("22 / 57 * 250 pA"), Value::from("23 / 57 * 250 pA"), Value::from("24 / 57 * 250 pA"), Value::from("25 / 57 * 250 pA"), Value::from("26 / 57 * 250 pA"), Value::from("27 / 57 * 250 pA"), Value::from("28 / 57 * 250 pA"), Value::from("29 / 57 * 250 pA"), Value::from("30 / 57 * 250 pA"), Value::from("31 / 57 * 250 pA"), Value::from("32 / 57 * 250 pA"), Value::from("33 / 57 * 250 pA"), Value::from("34 / 57 * 250 pA"), Value::from("35 / 57 * 250 pA"), Value::from("36 / 57 * 250 pA"), Value::from("37 / 57 * 250 pA"), Value::from("38 / 57 * 250 pA"), Value::from("39 / 57 * 250 pA"), Value::from("40 / 57 * 250 pA"), Value::from("41 / 57 * 250 pA"), Value::from("42 / 57 * 250 pA"), Value::from("43 / 57 * 250 pA"), Value::from("44 / 57 * 250 pA"), Value::from("45 / 57 * 250 pA"), Value::from("46 / 57 * 250 pA"), Value::from("47 / 57 * 250 pA"), Value::from("48 / 57 * 250 pA"), Value::from("49 / 57 * 250 pA"), Value::from("50 / 57 * 250 pA"), Value::from("51 / 57 * 250 pA"), Value::from("52 / 57 * 250 pA"), Value::from("53 / 57 * 250 pA"), Value::from("54 / 57 * 250 pA"), Value::from("55 / 57 * 250 pA"), Value::from("56 / 57 * 250 pA"), Value::from("57 / 57 * 250 pA")]), Value::from(vec![Value::from("1 / 57 * 250 pA"), Value::from("2 / 57 * 250 pA"), Value::from("3 / 57 * 250 pA"), Value::from("4 / 57 * 250 pA"), Value::from("5 / 57 * 250 pA"), Value::from("6 / 57 * 250 pA"), Value::from("7 / 57 * 250 pA"), Value::from("8 / 57 * 250 pA"), Value::from("9 / 57 * 250 pA"), Value::from("10 / 57 * 250 pA"), Value::from("11 / 57 * 250 pA"), Value::from("12 / 57 * 250 pA"), Value::from("13 / 57 * 250 pA"), Value::from("14 / 57 * 250 pA"), Value::from("15 / 57 * 250 pA"), Value::from("16 / 57 * 250 pA"), Value::from("17 / 57 * 250 pA"), Value::from("18 / 57 * 250 pA"), Value::from("19 / 57 * 250 pA"), Value::from("20 / 57 * 250 pA"), Value::from("21 / 57 * 250 pA"), Value::from("22 / 57 * 250 pA"), Value::from("23 / 57 * 250 pA"), Value::from("24 / 57 * 250 pA"), Value::from("25 / 57 * 250 pA"), Value::from("26 / 57 * 250 pA"), Value::from("27 / 57 * 250 pA"), Value::from("28 / 57 * 250 pA"), Value::from("29 / 57 * 250 pA"), Value::from("30 / 57 * 250 pA"), Value::from("31 / 57 * 250 pA"), Value::from("32 / 57 * 250 pA"), Value::from("33 / 57 * 250 pA"), Value::from("34 / 57 * 250 pA"), Value::from("35 / 57 * 250 pA"), Value::from("36 / 57 * 250 pA"), Value::from("37 / 57 * 250 pA"), Value::from("38 / 57 * 250 pA"), Value::from("39 / 57 * 250 pA"), Value::from("40 / 57 * 250 pA"), Value::from("41 / 57 * 250 pA"), Value::from("42 / 57 * 250 pA"), Value::from("43 / 57 * 250 pA"), Value::from("44 / 57 * 250 pA"), Value::from("45 / 57 * 250 pA"), Value::from("46 / 57 * 250 pA"), Value::from("47 / 57 * 250 pA"), Value::from("48 / 57 * 250 pA"), Value::from("49 / 57 * 250 pA"), Value::from("50 / 57 * 250 pA"), Value::from("51 / 57 * 250 pA"), Value::from("52 / 57 * 250 pA"), Value::from("53 / 57 * 250 pA"), Value::from("54 / 57 * 250 pA"), Value::from("55 / 57 * 250 pA"), Value::from("56 / 57 * 250 pA"), Value::from("57 / 57 * 250 pA")])])
            .field("start", "0.6 ms")
            .field("every", "6 ms"),
    )
