//! Differential equations with events in f64: Runge-Kutta of fourth order, in steps so short that
//! what remains is far below any error we look for.

/// A neuron in continuous time. State 0 is the membrane potential.
pub trait Equations<const N: usize> {
    /// The state at time 0.
    fn start(&self) -> [f64; N];
    /// d/dt of the state, per ms.
    fn slope(&self, y: &[f64; N]) -> [f64; N];
    /// A spike is where this rises through 0 outside the refractory period.
    fn threshold(&self, y: &[f64; N]) -> f64;
    /// The effect of a spike.
    fn reset(&self, y: &mut [f64; N]);
    /// How long the neuron is refractory after a spike.
    fn refractory_ms(&self) -> f64;
    /// Whether the potential is held while it is.
    fn holds(&self) -> bool;
}

/// An amount that is added to a state variable.
#[derive(Clone, Copy, Debug)]
pub struct Kick {
    /// At the end of this grid interval, counted from 0.
    pub interval: u32,
    /// Which variable.
    pub variable: usize,
    /// How much.
    pub amount: f64,
}

/// A solution.
#[derive(Clone, Debug)]
pub struct Solution<const N: usize> {
    /// Times of spikes in ms.
    pub spikes_ms: Vec<f64>,
    /// The state at the end of every grid interval, kicks included.
    pub samples: Vec<[f64; N]>,
}

/// No step is longer.
const STEP_MS: f64 = 1e-3;
/// Nor moves the potential further in mV: upstrokes of the exponential are steep.
const STEP_MV: f64 = 0.02;
/// Spike times are located to this.
const LOCATED_MS: f64 = 1e-10;

/// Solves `equations` over `intervals` of `grid_ms`.
pub fn solve<const N: usize>(
    equations: &dyn Equations<N>,
    kicks: &[Kick],
    grid_ms: f64,
    intervals: u32,
) -> Solution<N> {
    let mut y = equations.start();
    let mut solution = Solution { spikes_ms: Vec::new(), samples: Vec::new() };
    // How long it is still refractory.
    let mut held_ms = 0.0;
    for interval in 0..intervals {
        let mut left_ms = grid_ms;
        while left_ms > 0.0 {
            let held = held_ms > 0.0;
            let steepness = slope(equations, &y, held)[0].abs();
            let mut h = STEP_MS.min(STEP_MV / steepness).min(left_ms);
            if held {
                h = h.min(held_ms);
            }
            let mut next = step(equations, &y, h, held);
            if !held && equations.threshold(&y) < 0.0 && equations.threshold(&next) >= 0.0 {
                (h, next) = locate(equations, &y, h);
                let before_ms = f64::from(interval) * grid_ms + (grid_ms - left_ms);
                solution.spikes_ms.push(before_ms + h);
                equations.reset(&mut next);
                held_ms = equations.refractory_ms() + h;
            }
            y = next;
            held_ms = (held_ms - h).max(0.0);
            left_ms -= h;
        }
        for kick in kicks.iter().filter(|kick| kick.interval == interval) {
            y[kick.variable] += kick.amount;
        }
        solution.samples.push(y);
    }
    solution
}

fn slope<const N: usize>(equations: &dyn Equations<N>, y: &[f64; N], held: bool) -> [f64; N] {
    let mut slope = equations.slope(y);
    if held && equations.holds() {
        slope[0] = 0.0;
    }
    slope
}

/// One step of the classical Runge-Kutta method.
fn step<const N: usize>(
    equations: &dyn Equations<N>,
    y: &[f64; N],
    h: f64,
    held: bool,
) -> [f64; N] {
    let along = |k: &[f64; N], h: f64| std::array::from_fn(|i| y[i] + h * k[i]);
    let k1 = slope(equations, y, held);
    let k2 = slope(equations, &along(&k1, 0.5 * h), held);
    let k3 = slope(equations, &along(&k2, 0.5 * h), held);
    let k4 = slope(equations, &along(&k3, h), held);
    std::array::from_fn(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
}

/// The shortest step, up to `h`, that reaches the threshold, and the state there.
fn locate<const N: usize>(equations: &dyn Equations<N>, y: &[f64; N], h: f64) -> (f64, [f64; N]) {
    let (mut below, mut above) = (0.0, h);
    while above - below > LOCATED_MS {
        let middle = 0.5 * (below + above);
        if equations.threshold(&step(equations, y, middle, false)) >= 0.0 {
            above = middle;
        } else {
            below = middle;
        }
    }
    (above, step(equations, y, above, false))
}
