//! Signals of the whole network: their values against sums of exponentials in f64, the step in
//! which events read them, names, checkpoints with spikes on their way.

use super::{FORCE, Network, SOURCES, compile, models, weights};
use isospike_core::base::id::PopulationId;
use isospike_core::describe::model::{Expr, Stmt};
use isospike_core::describe::signal::{Signal, SignalSpikes};
use isospike_core::describe::synapse::Synapse;
use isospike_core::oracle::network::ModelBackend;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::backend::{Backend, BackendError, Simulation};
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::input::Input;
use isospike_core::run::quantity::Quantity;
use isospike_core::run::record::{Recording, Spike};
use std::sync::Arc;

/// A signal of dt 0.1 ms.
fn signal(tau_ms: f64, spikes: Option<(PopulationId, f64, u32)>, pulses: &[(u32, f64)]) -> Signal {
    let spikes = spikes.map(|(population, gain, delay_steps)| SignalSpikes {
        population,
        gain,
        delay_steps,
    });
    Signal { name: "d".into(), tau_ms, spikes, pulses: pulses.into() }
}

/// A synapse whose `w` becomes the signal at each event of these sides.
fn reader(pre: bool, post: bool) -> Synapse {
    let mut synapse = models::sending();
    let model = Arc::make_mut(&mut synapse.model);
    let read = Stmt::SetState(0, Expr::Signal(0));
    model.signals = vec!["d".into()];
    model.on_post.statements = post.then(|| read.clone()).into_iter().collect();
    if pre {
        model.on_pre.statements.insert(0, read);
    }
    synapse.signals = vec![0];
    synapse
}

/// A source that spikes in these steps onto a cell that spikes in these, and a signal.
fn plan(pre: &[u32], post: &[u32], synapse: Synapse, signal: Signal, batch: u32) -> Plan {
    let [pre, post] = [pre, post].map(|all| all.iter().map(|step| (*step, 0)).collect::<Vec<_>>());
    let network = Network { batch, ..Network::pair(&pre, &post, synapse, (0.5, 1)) };
    let mut network = network.checked();
    network.signals = vec![signal];
    lower(Arc::new(network))
}

/// The values of the signal now, copy by copy.
fn values(plan: &Plan, simulation: &mut dyn Simulation) -> Vec<f32> {
    let state = simulation.state().unwrap();
    state[plan.signal_words()].iter().map(|word| f32::from_bits(*word)).collect()
}

#[test]
fn a_pulse_decays_exponentially() {
    for tau_ms in [0.7, 20.0, 200.0] {
        let plan = plan(&[], &[], reader(true, false), signal(tau_ms, None, &[(4, 0.3)]), 1);
        let mut simulation = compile(&plan);
        let mut record = Recording::new(&plan);
        simulation.run(4, &mut record).unwrap();
        assert_eq!(values(&plan, simulation.as_mut()), [0.0]);
        for k in 0..1000 {
            simulation.run(1, &mut record).unwrap();
            let exact = 0.3 * (-f64::from(k) * 0.1 / tau_ms).exp();
            let found = f64::from(values(&plan, simulation.as_mut())[0]);
            if exact < 2f64.powi(-60) {
                continue;
            }
            // Two roundings of half a unit in each step.
            let error = (found / exact - 1.0).abs();
            assert!(error <= f64::from(k + 1) * 2f64.powi(-23), "{tau_ms} {k}: {error}");
        }
    }
}

#[test]
fn pulses_and_spikes_of_a_copy_add_up() {
    let (steps, tau_ms, delay) = (400, 6.0, 7);
    let pulses = [(0, 1.0), (1, -0.5), (100, 0.25), (399, 2.0)];
    let spikes: Vec<u32> = (3..steps).step_by(11).chain([200]).collect();
    let mut spikes = spikes;
    spikes.sort_unstable();
    let signal = signal(tau_ms, Some((SOURCES, 0.125, delay)), &pulses);
    let plan = plan(&spikes, &[50], reader(true, true), signal, 2);
    let mut simulation = compile(&plan);
    let mut record = Recording::new(&plan);
    // The source of the second copy spikes more often.
    let own: Vec<Spike> = [5, 6, 399].map(|step| Spike { step, neuron: plan.neurons() }).to_vec();
    let given = Input { spikes: &own, ..Input::default() };
    simulation.advance(steps, &given, &mut record).unwrap();
    let found = values(&plan, simulation.as_mut());
    for (copy, found) in (0..2).zip(found) {
        let mut exact = 0.0;
        let since = |step: u32| (-f64::from(steps - 1 - step) * 0.1 / tau_ms).exp();
        for (step, value) in pulses {
            exact += value * since(step);
        }
        let own = own.iter().filter(|_| copy == 1).map(|spike| spike.step);
        for step in spikes.iter().copied().chain(own).map(|step| step + delay) {
            exact += if step < steps { 0.125 * since(step) } else { 0.0 };
        }
        assert!((f64::from(found) - exact).abs() < 1e-5, "{copy}: {found}, {exact}");
    }
}

#[test]
fn events_read_the_value_before_their_own_step() {
    let pulses: Vec<(u32, f64)> = (0..20).map(|step| (step, f64::from(step) + 1.0)).collect();
    // It decays to nothing in a step: the value after a step is its pulse.
    for (pre, post, step) in [(&[5][..], &[][..], 6), (&[], &[9], 9)] {
        let signal = signal(1e-3, None, &pulses);
        let synapse = reader(!pre.is_empty(), !post.is_empty());
        let plan = plan(pre, post, synapse, signal, 1);
        let mut simulation = compile(&plan);
        simulation.run(15, &mut Recording::new(&plan)).unwrap();
        assert_eq!(weights(&plan, simulation.as_mut()), [step as f32]);
        assert_eq!(values(&plan, simulation.as_mut()), [15.0]);
    }
}

#[test]
fn signals_are_read_and_written_by_name() {
    let signal = signal(5.0, Some((SOURCES, 1.0, 1)), &[]);
    let plan = plan(&[2], &[], reader(true, false), signal, 3);
    let mut simulation = compile(&plan);
    let named = Quantity::signal("d");
    assert_eq!(Quantity::signals(&plan), std::slice::from_ref(&named));
    let words = [0.5f32, -2.0, 1e-30].map(f32::to_bits);
    simulation.write(&named, &words).unwrap();
    assert_eq!(simulation.read(&named).unwrap(), [words[0], words[1], 0]);
    assert_eq!(values(&plan, simulation.as_mut()), [0.5, -2.0, 0.0]);
    let told = |error: Result<(), BackendError>| error.unwrap_err().to_string();
    let nan = [0, f32::NAN.to_bits(), 0];
    assert_eq!(
        told(simulation.write(&named, &nan)),
        "signal d: NaN for copy 1; give a finite number"
    );
    assert_eq!(told(simulation.write(&named, &[0])), "signal d: 1 word given, it has 3");
    assert_eq!(
        told(simulation.write(&Quantity::signal("e"), &[0])),
        "signal e: there is no such signal; there is `d`"
    );
}

#[test]
fn spikes_on_their_way_to_a_signal_are_in_a_checkpoint() {
    let signal = signal(2.0, Some((FORCE, 0.5, 40)), &[(30, 1.0)]);
    let plan = plan(&[3, 20, 44], &[4, 5, 30, 31, 60], reader(true, true), signal, 2);
    assert_eq!((plan.max_delay_steps, plan.flight_steps()), (1, 40));
    let mut whole = compile(&plan);
    let mut recorded = Recording::new(&plan);
    let mut checkpoints = Vec::new();
    for _ in 0..120 {
        whole.run(1, &mut recorded).unwrap();
        checkpoints.push(Checkpoint::take(&plan, whole.as_mut(), &recorded).unwrap());
    }
    let mut resumed = compile(&plan);
    for from in [0, 3, 10, 30, 43, 44, 45, 80] {
        resumed.restore(&checkpoints[from]).unwrap();
        let mut record = Recording { steps: from as u32 + 1, ..Recording::new(&plan) };
        resumed.run(119 - from as u32, &mut record).unwrap();
        assert_eq!(resumed.state().unwrap(), checkpoints[119].state, "{from}");
    }
}

#[test]
fn a_signal_that_is_not_finite_ends_no_run() {
    let signal = signal(1e9, Some((SOURCES, 3e38, 1)), &[]);
    let plan = plan(&[2, 3, 4], &[], reader(true, false), signal, 1);
    let mut simulation = compile(&plan);
    simulation.run(10, &mut Recording::new(&plan)).unwrap();
    assert_eq!(values(&plan, simulation.as_mut()), [f32::INFINITY]);
}

/// Breaks a plan in one way.
type Break<'a> = &'a dyn Fn(&mut Plan);

#[test]
fn each_fault_of_a_plan_is_named() {
    let right = || {
        let signal = signal(5.0, Some((SOURCES, 1.0, 1)), &[(1, 1.0), (2, 1.0)]);
        plan(&[2], &[], reader(true, false), signal, 1)
    };
    fn spikes(plan: &mut Plan) -> &mut isospike_core::plan::signal::SignalSpikesPlan {
        plan.signals[0].spikes.as_mut().unwrap()
    }
    let faults: [(Break<'_>, &str); 5] = [
        (&|p| spikes(p).population = PopulationId(3), "signal d: population 3 of 3"),
        (&|p| spikes(p).delay_steps = 0, "signal d: 0 steps are no delay of its spikes"),
        (&|p| spikes(p).delay_steps = 1 << 16, "65536 steps are no delay"),
        (&|p| p.signals[0].pulses = [(2, 1.0), (2, 1.0)].into(), "its pulses are not in order"),
        (&|p| p.signals.clear(), "projection learns: signal 0 of 0"),
    ];
    for (change, words) in faults {
        let mut plan = right();
        change(&mut plan);
        let Err(error) = ModelBackend::default().compile(&plan) else { panic!("{words}") };
        assert!(error.to_string().contains(words), "{error}: {words}");
    }
}
