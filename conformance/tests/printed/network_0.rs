Network::new("", "0.2 ms")
