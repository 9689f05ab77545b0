//! Closed forms of the linear models: between two events the potential is a sum of exponentials of
//! the time since the last one. Events are spikes, ends of refractory periods, and arrivals.

/// A leaky integrate-and-fire neuron that is driven by currents that decay exponentially.
#[derive(Clone, Debug)]
pub struct Linear {
    pub tau_m: f64,
    pub c_m: f64,
    pub e_l: f64,
    pub v_th: f64,
    pub v_reset: f64,
    pub refractory_steps: u32,
    pub i_ext: f64,
    pub currents: Vec<Current>,
    /// Time constant of the threshold's offset and what a spike adds to it.
    pub offset: Option<(f64, f64)>,
    /// Input moves the potential at once, and is lost while the neuron is refractory.
    pub delta: Vec<(u32, f64)>,
}

/// A current that decays.
#[derive(Clone, Debug)]
pub struct Current {
    pub tau: f64,
    /// Its factor: -1 for an adaptation current.
    pub sign: f64,
    /// The jump at a spike of this neuron.
    pub at_spike: f64,
    /// Steps at whose end something arrives, and how much.
    pub arrivals: Vec<(u32, f64)>,
}

impl Current {
    /// A synaptic current.
    pub fn synaptic(tau: f64, arrivals: Vec<(u32, f64)>) -> Self {
        Self { tau, sign: 1.0, at_spike: 0.0, arrivals }
    }
}

/// The neuron on the grid.
#[derive(Clone, Debug)]
pub struct Closed {
    pub spikes: Vec<u32>,
    pub potential: Vec<f64>,
    /// The least distance of the potential from the threshold at the end of any step in which
    /// it was looked at: what rounding may not reach if spikes are to be the same.
    pub margin: f64,
}

/// The response of the potential, in mV per pA of current at its start, after `s` ms.
pub fn response(s: f64, tau: f64, tau_m: f64, c_m: f64) -> f64 {
    if tau == tau_m {
        return s / c_m * (-s / tau_m).exp();
    }
    tau * tau_m / (c_m * (tau_m - tau)) * ((-s / tau_m).exp() - (-s / tau).exp())
}

impl Linear {
    /// A neuron without input.
    pub fn new(
        tau_m: f64,
        c_m: f64,
        [e_l, v_th, v_reset]: [f64; 3],
        refractory_steps: u32,
    ) -> Self {
        let (currents, delta) = (Vec::new(), Vec::new());
        let (i_ext, offset) = (0.0, None);
        Self { tau_m, c_m, e_l, v_th, v_reset, refractory_steps, i_ext, currents, offset, delta }
    }

    /// Follows it over a grid on which it spikes at the first point at or above the threshold.
    pub fn run(&self, dt_ms: f64, steps: u32) -> Closed {
        let mut v = self.e_l;
        // Values at the last event, and steps since then.
        let mut i: Vec<f64> = vec![0.0; self.currents.len()];
        let (mut theta, mut since, mut left) = (0.0, 0_u32, 0_u32);
        let mut closed = Closed { spikes: vec![], potential: vec![], margin: f64::INFINITY };
        for step in 0..steps {
            since += 1;
            let s = f64::from(since) * dt_ms;
            let held = left > 0;
            let mut now = if held { v } else { self.potential(v, &i, s) };
            let mut event = self.is_arrival(step) || left == 1;
            if !held {
                now += at(&self.delta, step);
            }
            let decayed = |(x, c): (&f64, &Current)| x * (-s / c.tau).exp() + at(&c.arrivals, step);
            let mut currents: Vec<f64> = i.iter().zip(&self.currents).map(decayed).collect();
            let mut offset = self.offset.map_or(0.0, |(tau, _)| theta * (-s / tau).exp());
            left = left.saturating_sub(1);
            if !held {
                closed.margin = closed.margin.min((now - self.v_th - offset).abs());
            }
            if !held && now >= self.v_th + offset {
                closed.spikes.push(step);
                now = self.v_reset;
                left = self.refractory_steps;
                currents.iter_mut().zip(&self.currents).for_each(|(x, c)| *x += c.at_spike);
                offset += self.offset.map_or(0.0, |(_, jump)| jump);
                event = true;
            }
            closed.potential.push(now);
            if event {
                (v, i, theta, since) = (now, currents, offset, 0);
            }
        }
        closed
    }

    /// The potential `s` ms after an event that left it at `v`.
    fn potential(&self, v: f64, currents: &[f64], s: f64) -> f64 {
        let rest = self.e_l + self.tau_m / self.c_m * self.i_ext;
        let synaptic = currents.iter().zip(&self.currents);
        let driven = synaptic.map(|(x, c)| c.sign * x * response(s, c.tau, self.tau_m, self.c_m));
        rest + (v - rest) * (-s / self.tau_m).exp() + driven.sum::<f64>()
    }

    fn is_arrival(&self, step: u32) -> bool {
        let trains = self.currents.iter().map(|c| &c.arrivals).chain([&self.delta]);
        trains.flatten().any(|(there, _)| *there == step)
    }
}

fn at(arrivals: &[(u32, f64)], step: u32) -> f64 {
    arrivals.iter().filter(|(there, _)| *there == step).map(|(_, amount)| amount).sum()
}
