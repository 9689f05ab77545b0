//! The built-in models against closed solutions and published code, in f64: what is tested here is
//! the text of the models, not the arithmetic of a device.

use isospike_core::base::random;
use isospike_core::describe::model::{BinaryOp, Expr, Function, NeuronModel, Stmt, UnaryOp};
use isospike_front::language::builtin;
use std::sync::Arc;

/// One neuron of a model.
struct Neuron {
    model: Arc<NeuronModel>,
    dt: f64,
    parameters: Vec<f64>,
    state: Vec<f64>,
    locals: Vec<f64>,
    receptors: Vec<f64>,
    current: f64,
    counter: u32,
    /// Whether the condition of a crossing held at the end of the last step.
    held: bool,
    step: u32,
}

impl Neuron {
    fn new(name: &str, dt: f64, given: &[(&str, f64)]) -> Self {
        let model = builtin(name).expect(name);
        let value = |name: &str| given.iter().find(|given| given.0 == name).map(|given| given.1);
        let parameters = model.parameters.iter().map(|parameter| {
            value(&parameter.name).or(parameter.default).expect("a value for each parameter")
        });
        let mut neuron = Self {
            dt,
            parameters: parameters.collect(),
            state: Vec::new(),
            locals: vec![f64::NAN; model.locals as usize],
            receptors: vec![0.0; model.receptors.len()],
            current: 0.0,
            counter: 0,
            held: false,
            step: 0,
            model: Arc::clone(&model),
        };
        neuron.state = model
            .state
            .iter()
            .map(|state| value(&state.name).unwrap_or_else(|| neuron.value(&state.initial)))
            .collect();
        neuron
    }

    fn with_current(mut self, current: f64) -> Self {
        self.current = current;
        self
    }

    fn get(&self, name: &str) -> f64 {
        let n = self.model.state.iter().position(|state| state.name == name);
        self.state[n.expect("a state variable")]
    }

    /// One step with this input; whether it spiked.
    fn step(&mut self, input: &[f64]) -> bool {
        self.receptors[..input.len()].copy_from_slice(input);
        let model = Arc::clone(&self.model);
        self.run(&model.update);
        let above = |of: &Self| model.threshold.as_ref().is_some_and(|c| of.value(c) != 0.0);
        let spike = above(self) && !self.held && self.counter == 0;
        if spike {
            self.run(&model.reset);
            let period = model.refractory.as_ref().map_or(0.0, |period| self.value(period));
            self.counter = (period / self.dt).round() as u32;
        } else {
            self.counter = self.counter.saturating_sub(1);
        }
        self.held = model.held().is_some() && above(self);
        self.receptors.fill(0.0);
        self.step += 1;
        spike
    }

    /// The steps in which it spikes without input.
    fn spikes(&mut self, steps: u32) -> Vec<u32> {
        (0..steps).filter(|_| self.step(&[])).collect()
    }

    fn run(&mut self, statements: &[Stmt]) {
        for statement in statements {
            match statement {
                Stmt::SetState(n, value) => self.state[*n as usize] = self.value(value),
                Stmt::SetLocal(n, value) => self.locals[*n as usize] = self.value(value),
                Stmt::If(c, yes, no) => {
                    let branch = if self.value(c) != 0.0 { yes } else { no };
                    self.run(branch);
                }
            }
        }
    }

    fn value(&self, expr: &Expr) -> f64 {
        let truth = |c: bool| f64::from(u8::from(c));
        match expr {
            Expr::Number(x) => *x,
            Expr::Bool(c) => truth(*c),
            Expr::Parameter(n) => self.parameters[*n as usize],
            Expr::TimeStep => self.dt,
            Expr::State(n) => self.state[*n as usize],
            Expr::Local(n) => self.locals[*n as usize],
            Expr::Receptor(n) => self.receptors[*n as usize],
            Expr::Current => self.current,
            Expr::Refractory => truth(self.counter > 0),
            Expr::RandBernoulli(draw, p) => {
                let word = random::word(1, 0, self.step, 0, *draw, 0);
                truth(f64::from(word) < self.value(p) * 4_294_967_296.0)
            }
            Expr::Unary(UnaryOp::Neg, x) => -self.value(x),
            Expr::Unary(UnaryOp::Not, x) => truth(self.value(x) == 0.0),
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div => a / b,
                    BinaryOp::Pow => libm::pow(a, b),
                    BinaryOp::Ge => truth(a >= b),
                    BinaryOp::Le => truth(a <= b),
                    op => panic!("no built-in model uses {op:?}"),
                }
            }
            Expr::Call(function, arguments) => {
                let x = self.value(&arguments[0]);
                match function {
                    Function::Exp => libm::exp(x),
                    Function::Exprel if x == 0.0 => 1.0,
                    Function::Exprel => libm::expm1(x) / x,
                    Function::Min => x.min(self.value(&arguments[1])),
                    function => panic!("no built-in model uses {function:?}"),
                }
            }
            Expr::RandUniform(draw) => {
                f64::from(random::uniform(random::word(1, 0, self.step, 0, *draw, 0)))
            }
            expr => panic!("no built-in model uses {expr:?}"),
        }
    }
}

fn close(found: f64, expected: f64, bound: f64) {
    assert!((found - expected).abs() < bound, "{found} is not {expected}");
}

#[test]
fn lif_exp_is_the_exact_solution() {
    for tau in [0.5, 9.9999, 10.0] {
        let given = [("tau_syn", tau), ("i_syn", 100.0)];
        let mut neuron = Neuron::new("lif_exp", 0.1, &given).with_current(50.0);
        for _ in 0..70 {
            neuron.step(&[]);
        }
        let (t, tau_m) = (7.0_f64, 10.0_f64);
        let decay = libm::exp(-t / tau_m);
        let synaptic = if tau == tau_m {
            t * decay
        } else {
            (libm::exp(-t / tau_m) - libm::exp(-t / tau)) / (1.0 / tau - 1.0 / tau_m)
        };
        let expected = -65.0 + 100.0 / 250.0 * synaptic + 50.0 / 250.0 * tau_m * (1.0 - decay);
        close(neuron.get("v"), expected, 1e-9);
        close(neuron.get("i_syn"), 100.0 * libm::exp(-t / tau), 1e-9);
    }
}

#[test]
fn synaptic_current_acts_from_the_next_step_on() {
    for (name, state) in [("lif_exp", "i_syn"), ("lif_exp_2", "i_exc"), ("lif_adaptive", "i_exc")] {
        let mut neuron = Neuron::new(name, 0.1, &[]);
        neuron.step(&[80.0]);
        assert_eq!((neuron.get("v"), neuron.get(state)), (-65.0, 80.0), "{name}");
        neuron.step(&[]);
        assert!(neuron.get("v") > -65.0, "{name}");
    }
    for name in ["lif_cond_exp", "adex", "hh_traub_miles"] {
        let mut neuron = Neuron::new(name, 0.1, &[]);
        let mut still = Neuron::new(name, 0.1, &[]);
        neuron.step(&[8.0, 0.0]);
        still.step(&[]);
        assert_eq!((neuron.get("v"), neuron.get("g_exc")), (still.get("v"), 8.0), "{name}");
        neuron.step(&[]);
        still.step(&[]);
        assert!(neuron.get("v") > still.get("v"), "{name}");
    }
}

#[test]
fn a_constant_current_gives_the_exact_interval() {
    for (name, given, rest, reset, threshold, tau) in [
        ("lif_exp", 600.0, -65.0, -65.0, -50.0, 10.0),
        ("lif_exp_2", 600.0, -65.0, -65.0, -50.0, 10.0),
        ("lif_delta", 400.0, 0.0, 10.0, 20.0, 20.0),
    ] {
        let end = rest + given / 250.0 * tau;
        let rise = tau * libm::log((end - reset) / (end - threshold));
        let interval = 20 + (rise / 0.1).ceil() as u32;
        let spikes = Neuron::new(name, 0.1, &[]).with_current(given).spikes(2000);
        assert!(spikes.len() > 4, "{name}: {spikes:?}");
        assert!(spikes.windows(2).all(|pair| pair[1] - pair[0] == interval), "{name}: {spikes:?}");
    }
}

#[test]
fn lif_delta_adds_input_at_once_and_ignores_it_while_refractory() {
    let mut neuron = Neuron::new("lif_delta", 0.1, &[]);
    assert!(!neuron.step(&[19.0]));
    assert_eq!(neuron.get("v"), 19.0);
    assert!(neuron.step(&[2.0]));
    for _ in 0..20 {
        assert!(!neuron.step(&[15.0]));
        assert_eq!(neuron.get("v"), 10.0);
    }
    assert!(neuron.step(&[15.0]));
}

#[test]
fn conductances_pull_towards_their_equilibrium() {
    let given = [("g_exc", 1.0), ("g_inh", 4.0), ("tau_exc", 1e12), ("tau_inh", 1e12)];
    let mut neuron = Neuron::new("lif_cond_exp", 0.1, &given).with_current(30.0);
    for _ in 0..100 {
        neuron.step(&[]);
    }
    let end = (10.0 * -60.0 + 4.0 * -80.0 + 30.0) / 15.0;
    close(neuron.get("v"), end + (-60.0 - end) * libm::exp(-10.0 * 15.0 / 200.0), 1e-6);
    neuron.step(&[0.5, 0.25]);
    close(neuron.get("g_exc"), 1.5, 1e-6);
    close(neuron.get("g_inh"), 4.25, 1e-6);
}

#[test]
fn adaptation_lengthens_the_intervals() {
    for given in [("w_jump", 30.0), ("theta_jump", 1.0)] {
        let other = if given.0 == "w_jump" { ("theta_jump", 0.0) } else { ("w_jump", 0.0) };
        let mut neuron = Neuron::new("lif_adaptive", 0.1, &[given, other]).with_current(700.0);
        let spikes = neuron.spikes(5000);
        let intervals: Vec<u32> = spikes.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(intervals.len() > 5 && intervals[0] < intervals[4], "{given:?}: {intervals:?}");
    }
    let without = [("w_jump", 0.0), ("theta_jump", 0.0)];
    let plain = Neuron::new("lif_exp_2", 0.1, &[]).with_current(700.0).spikes(5000);
    let adaptive = Neuron::new("lif_adaptive", 0.1, &without).with_current(700.0).spikes(5000);
    assert_eq!(plain, adaptive);
}

#[test]
fn izhikevich_is_net_m() {
    for (a, b, c, d) in [(0.02, 0.2, -65.0, 8.0), (0.1, 0.2, -65.0, 2.0), (0.02, 0.2, -50.0, 2.0)] {
        let given = [("a", a), ("b", b), ("c", c), ("d", d)];
        let mut neuron = Neuron::new("izhikevich", 1.0, &given).with_current(4.0);
        let found: Vec<u32> = (0..1000).filter(|_| neuron.step(&[6.0])).collect();
        let (mut v, mut u) = (-65.0_f64, b * -65.0);
        let mut expected = Vec::new();
        for t in 0..=1000_u32 {
            if v >= 30.0 {
                expected.push(t - 1);
                v = c;
                u += d;
            }
            if t < 1000 {
                // The terms in the model's order: the map is chaotic, roundings matter.
                let drive = (140.0 + 4.0) - u + 6.0;
                v += 0.5 * ((0.04 * v + 5.0) * v + drive);
                v += 0.5 * ((0.04 * v + 5.0) * v + drive);
                u += a * (b * v - u);
            }
        }
        assert!(found.len() > 10, "{found:?}");
        assert_eq!(found, expected);
        assert_eq!((neuron.get("v"), neuron.get("u")), (v, u));
    }
}

#[test]
fn adex_adapts_and_converges() {
    let spikes = |dt: f64| {
        let mut neuron = Neuron::new("adex", dt, &[]).with_current(1000.0);
        neuron.spikes((500.0 / dt) as u32)
    };
    let coarse = spikes(0.1);
    let intervals: Vec<u32> = coarse.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(intervals.len() > 5 && intervals[0] < intervals[4], "{intervals:?}");
    assert!(coarse.len().abs_diff(spikes(0.01).len()) <= 1);
    // Far below rest and with the strongest input nothing leaves the finite numbers.
    let mut neuron = Neuron::new("adex", 0.1, &[("v", -500.0), ("delta_t", 0.01)]);
    for _ in 0..1000 {
        neuron.step(&[1e6, 0.0]);
        assert!(neuron.state.iter().all(|x| x.is_finite()));
    }
}

#[test]
fn hh_rests_fires_and_converges() {
    // Compared with forward Euler at 0.005 ms in the form of Brette et al.: silent at e_l = -65 mV,
    // a spike every 72.3 ms with the default parameters, 30 in 500 ms at 300 pA.
    let mut rest = Neuron::new("hh_traub_miles", 0.1, &[("e_l", -65.0)]);
    assert_eq!(rest.spikes(3000), []);
    close(rest.get("v"), -65.0, 2.0);
    let spikes = Neuron::new("hh_traub_miles", 0.005, &[]).spikes(50_000);
    assert_eq!(spikes.len(), 4);
    spikes.windows(2).for_each(|pair| close(f64::from(pair[1] - pair[0]) * 0.005, 72.3, 0.3));
    for (dt, apart) in [(0.1, 2), (0.01, 1), (0.002, 0)] {
        let mut driven = Neuron::new("hh_traub_miles", dt, &[]).with_current(300.0);
        let count = driven.spikes((500.0 / dt) as u32).len();
        assert!(count.abs_diff(30) <= apart, "{count} at {dt}");
    }
    // The rates are finite where their usual form is 0 / 0.
    for v in [-50.0, -23.0, -48.0] {
        let mut neuron = Neuron::new("hh_traub_miles", 0.1, &[("v", v)]);
        neuron.step(&[]);
        assert!(neuron.state.iter().all(|x| x.is_finite()), "{v}");
    }
}

#[test]
fn a_leaky_integrator_sums_and_forgets() {
    let mut neuron = Neuron::new("leaky_integrator", 1.0, &[("e_l", -1.0)]);
    assert!(!neuron.step(&[5.0]));
    close(neuron.get("v"), 4.0, 1e-12);
    for _ in 0..20 {
        neuron.step(&[]);
    }
    close(neuron.get("v"), -1.0 + 5.0 * libm::exp(-1.0), 1e-12);
}

#[test]
fn a_poisson_source_has_its_rate() {
    // 50 Hz at 0.1 ms: 0.005 per step. The standard deviation of the count is 22.3.
    let spikes = Neuron::new("poisson", 0.1, &[("rate", 0.05)]).spikes(100_000);
    assert!(spikes.len().abs_diff(500) < 90, "{}", spikes.len());
}
