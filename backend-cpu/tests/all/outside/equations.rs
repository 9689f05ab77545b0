//! The published equations of the models, in continuous time. `p` holds the values of the
//! parameters that each model lists, in that order; `current` is `i_ext`.

use super::integrate::Equations;
use super::row::Parameter;

/// A model as a set of equations.
pub trait Model<const N: usize>: Equations<N> + Sized {
    /// Its name with us.
    const NAME: &'static str;
    /// Its parameters, none of them 0, so that each can be wrong by 1 %.
    const PARAMETERS: &'static [Parameter];
    /// The names of its state variables with us.
    const STATE: [&'static str; N];
    /// Its receptors: name, unit of the weights, and the state variable that a spike adds to.
    const RECEPTORS: &'static [(&'static str, &'static str, usize)];
    /// The unit of its current.
    const CURRENT: &'static str;
    /// With these values of the parameters.
    fn new(p: Vec<f64>, current: f64) -> Self;
}

macro_rules! model {
    ($(#[$doc:meta])* $name:ident, $ours:literal, $current:literal, $n:literal,
     parameters: [$($parameter:expr),* $(,)?], state: $state:expr, receptors: $receptors:expr) => {
        $(#[$doc])*
        pub struct $name {
            p: Vec<f64>,
            current: f64,
        }

        impl Model<$n> for $name {
            const NAME: &'static str = $ours;
            const PARAMETERS: &'static [Parameter] = &[$($parameter),*];
            const STATE: [&'static str; $n] = $state;
            const RECEPTORS: &'static [(&'static str, &'static str, usize)] = &$receptors;
            const CURRENT: &'static str = $current;
            fn new(p: Vec<f64>, current: f64) -> Self {
                Self { p, current }
            }
        }
    };
}

model! {
    /// Leaky integrate-and-fire with conductances: Brette et al. 2007, benchmark 1.
    LifCondExp, "lif_cond_exp", "pA", 3,
    parameters: [
        ("c_m", 200.0, "pF"), ("g_l", 10.0, "nS"), ("e_l", -60.0, "mV"), ("v_th", -50.0, "mV"),
        ("v_reset", -58.0, "mV"), ("t_ref", 5.0, "ms"), ("e_exc", 5.0, "mV"),
        ("e_inh", -80.0, "mV"), ("tau_exc", 5.0, "ms"), ("tau_inh", 10.0, "ms"),
    ],
    state: ["v", "g_exc", "g_inh"],
    receptors: [("exc", "nS", 1), ("inh", "nS", 2)]
}

impl Equations<3> for LifCondExp {
    fn start(&self) -> [f64; 3] {
        [self.p[2], 0.0, 0.0]
    }

    fn slope(&self, &[v, exc, inh]: &[f64; 3]) -> [f64; 3] {
        let [c_m, g_l, e_l, _, _, _, e_exc, e_inh, tau_exc, tau_inh] = self.p[..] else {
            unreachable!("as many as there are parameters")
        };
        let current = g_l * (e_l - v) + exc * (e_exc - v) + inh * (e_inh - v) + self.current;
        [current / c_m, -exc / tau_exc, -inh / tau_inh]
    }

    fn threshold(&self, y: &[f64; 3]) -> f64 {
        y[0] - self.p[3]
    }

    fn reset(&self, y: &mut [f64; 3]) {
        y[0] = self.p[4];
    }

    fn refractory_ms(&self) -> f64 {
        self.p[5]
    }

    fn holds(&self) -> bool {
        true
    }
}

model! {
    /// Adaptive exponential integrate-and-fire: Brette and Gerstner 2005, equations 2 and 3.
    Adex, "adex", "pA", 4,
    parameters: [
        ("c_m", 281.0, "pF"), ("g_l", 30.0, "nS"), ("e_l", -70.6, "mV"), ("v_t", -50.4, "mV"),
        ("delta_t", 2.0, "mV"), ("v_peak", 20.0, "mV"), ("v_reset", -65.0, "mV"),
        ("t_ref", 4.0, "ms"), ("tau_w", 144.0, "ms"), ("a", 4.0, "nS"), ("b", 80.5, "pA"),
        ("e_exc", 5.0, "mV"), ("e_inh", -80.0, "mV"), ("tau_exc", 5.0, "ms"),
        ("tau_inh", 10.0, "ms"),
    ],
    state: ["v", "w", "g_exc", "g_inh"],
    receptors: [("exc", "nS", 2), ("inh", "nS", 3)]
}

impl Equations<4> for Adex {
    fn start(&self) -> [f64; 4] {
        [self.p[2], 0.0, 0.0, 0.0]
    }

    fn slope(&self, &[v, w, exc, inh]: &[f64; 4]) -> [f64; 4] {
        let [c_m, g_l, e_l, v_t, delta_t, _, _, _, tau_w, a, _, e_exc, e_inh, tau_exc, tau_inh] =
            self.p[..]
        else {
            unreachable!("as many as there are parameters")
        };
        let spike = g_l * delta_t * ((v - v_t) / delta_t).exp();
        let synapses = exc * (e_exc - v) + inh * (e_inh - v);
        let current = g_l * (e_l - v) + spike - w + synapses + self.current;
        [current / c_m, (a * (v - e_l) - w) / tau_w, -exc / tau_exc, -inh / tau_inh]
    }

    fn threshold(&self, y: &[f64; 4]) -> f64 {
        y[0] - self.p[5]
    }

    fn reset(&self, y: &mut [f64; 4]) {
        y[0] = self.p[6];
        y[1] += self.p[10];
    }

    fn refractory_ms(&self) -> f64 {
        self.p[7]
    }

    fn holds(&self) -> bool {
        true
    }
}

model! {
    /// Izhikevich 2003, equations 1 to 3.
    Izhikevich, "izhikevich", "", 2,
    parameters: [("a", 0.02, ""), ("b", 0.2, ""), ("c", -65.0, ""), ("d", 8.0, "")],
    state: ["v", "u"],
    receptors: [("syn", "", 0)]
}

impl Equations<2> for Izhikevich {
    fn start(&self) -> [f64; 2] {
        [-65.0, self.p[1] * -65.0]
    }

    fn slope(&self, &[v, u]: &[f64; 2]) -> [f64; 2] {
        [0.04 * v * v + 5.0 * v + 140.0 - u + self.current, self.p[0] * (self.p[1] * v - u)]
    }

    fn threshold(&self, y: &[f64; 2]) -> f64 {
        y[0] - 30.0
    }

    fn reset(&self, y: &mut [f64; 2]) {
        y[0] = self.p[2];
        y[1] += self.p[3];
    }

    fn refractory_ms(&self) -> f64 {
        0.0
    }

    fn holds(&self) -> bool {
        false
    }
}

model! {
    /// Hodgkin-Huxley with the rates of Traub and Miles 1991: Brette et al. 2007, benchmark 3.
    HhTraubMiles, "hh_traub_miles", "pA", 6,
    parameters: [
        ("c_m", 200.0, "pF"), ("g_l", 10.0, "nS"), ("e_l", -60.0, "mV"), ("g_na", 20_000.0, "nS"),
        ("e_na", 50.0, "mV"), ("g_k", 6000.0, "nS"), ("e_k", -90.0, "mV"), ("v_t", -63.0, "mV"),
        ("v_spike", -20.0, "mV"), ("t_ref", 0.0, "ms"), ("e_exc", 5.0, "mV"),
        ("e_inh", -80.0, "mV"), ("tau_exc", 5.0, "ms"), ("tau_inh", 10.0, "ms"),
    ],
    state: ["v", "gate_m", "gate_h", "gate_n", "g_exc", "g_inh"],
    receptors: [("exc", "nS", 4), ("inh", "nS", 5)]
}

/// z / (exp(z) - 1), the form that the rates are published in, whole where z is 0.
fn rate(z: f64) -> f64 {
    if z == 0.0 { 1.0 } else { z / z.exp_m1() }
}

impl HhTraubMiles {
    /// Opening and closing rates of m, h and n at `v`, per ms.
    fn rates(&self, v: f64) -> [(f64, f64); 3] {
        let v = v - self.p[7];
        [
            (0.32 * 4.0 * rate((13.0 - v) / 4.0), 0.28 * 5.0 * rate((v - 40.0) / 5.0)),
            (0.128 * ((17.0 - v) / 18.0).exp(), 4.0 / (1.0 + ((40.0 - v) / 5.0).exp())),
            (0.032 * 5.0 * rate((15.0 - v) / 5.0), 0.5 * ((10.0 - v) / 40.0).exp()),
        ]
    }
}

impl Equations<6> for HhTraubMiles {
    fn start(&self) -> [f64; 6] {
        let [m, h, n] = self.rates(self.p[2]).map(|(opens, closes)| opens / (opens + closes));
        [self.p[2], m, h, n, 0.0, 0.0]
    }

    fn slope(&self, &[v, m, h, n, exc, inh]: &[f64; 6]) -> [f64; 6] {
        let [c_m, g_l, e_l, g_na, e_na, g_k, e_k, _, _, _, e_exc, e_inh, tau_exc, tau_inh] =
            self.p[..]
        else {
            unreachable!("as many as there are parameters")
        };
        let sodium = g_na * m.powi(3) * h * (e_na - v);
        let potassium = g_k * n.powi(4) * (e_k - v);
        let synapses = exc * (e_exc - v) + inh * (e_inh - v);
        let current = g_l * (e_l - v) + sodium + potassium + synapses + self.current;
        let rates = self.rates(v);
        let gate = |x: f64, (opens, closes): (f64, f64)| opens * (1.0 - x) - closes * x;
        [
            current / c_m,
            gate(m, rates[0]),
            gate(h, rates[1]),
            gate(n, rates[2]),
            -exc / tau_exc,
            -inh / tau_inh,
        ]
    }

    fn threshold(&self, y: &[f64; 6]) -> f64 {
        y[0] - self.p[8]
    }

    fn reset(&self, _: &mut [f64; 6]) {}

    fn refractory_ms(&self) -> f64 {
        self.p[9]
    }

    fn holds(&self) -> bool {
        false
    }
}
