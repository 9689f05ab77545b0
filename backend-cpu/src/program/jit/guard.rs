//! Generated code keeps within its arrays: each ends where the process would die.

use super::code::Frame;
use super::code::guarded::Guarded;
use super::*;
use isospike_core::base::random::philox;
use isospike_core::plan::PopulationPlanKind;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use isospike_front::language::builtin_names;
use isospike_front::network::{Network, Population, Stimulus};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;

/// The program of every built-in model, with noise where the model takes a current.
fn programs() -> Vec<(&'static str, NeuronPlan)> {
    let program = |name: &&'static str| {
        let network = |noise: bool| {
            let mut population = Population::new("n", 64, name);
            if *name == "poisson" {
                population = population.param("rate", "20 Hz");
            }
            let mut network = Network::new("guarded", "0.1 ms").population(population);
            if noise {
                network = network.stimulus(Stimulus::noise("s", "n", "1 pA", "2 pA"));
            }
            network.check(Limits::default())
        };
        let checked = network(true).or_else(|_| network(false)).expect("the model is complete");
        let plan = lower(Arc::new(checked));
        match &plan.populations[0].kind {
            PopulationPlanKind::Neurons(neurons) => (*name, (**neurons).clone()),
            PopulationPlanKind::SpikeList(_) => unreachable!("a model has neurons"),
        }
    };
    builtin_names().iter().map(program).collect()
}

/// Words that are plausible numbers.
fn content(array: u32, lanes: usize) -> Vec<Lanes> {
    let word = |i: usize| {
        let word = philox([i as u32, array, 0, 0], [1, 2])[0];
        (f32::from_bits(0x3f80_0000 | word >> 9) * 20.0 - 30.0).to_bits()
    };
    (0..lanes).map(|lane| Lanes(std::array::from_fn(|i| word(lane * LANES + i)))).collect()
}

/// Plausible content for each array of a function.
fn contents(jit: &Jit, lanes: usize) -> Vec<Vec<Lanes>> {
    (0..jit.arrays.len()).map(|n| content(n as u32, lanes)).collect()
}

/// Calls the function on arrays with these contents; gives the arrays, the masks and the watch
/// afterwards.
fn call(jit: &Jit, scalars: &[u32], contents: &[Vec<Lanes>]) -> (Vec<Vec<Lanes>>, Vec<u64>, bool) {
    let lanes = contents[0].len();
    let mut arrays: Vec<Guarded> = contents.iter().map(|content| Guarded::new(content)).collect();
    let mut masks = Guarded::new(&vec![0_u64; (lanes * LANES).div_ceil(64)]);
    let mut scalars = Guarded::new(scalars);
    let mut words = Vec::new();
    let mut frame = Frame::new(&jit.code, &mut words, lanes);
    for (kind, array) in jit.arrays.iter().zip(&mut arrays) {
        match kind {
            Array::Constant(_) | Array::Feed(_) => frame.read(array.elements()),
            _ => frame.write(array.elements()),
        }
    }
    let watch = frame.call(scalars.elements(), masks.elements());
    assert!(arrays.iter().all(Guarded::is_clean_before) && masks.is_clean_before());
    let contents = arrays.iter_mut().map(|array| array.elements().to_vec()).collect();
    (contents, masks.elements().to_vec(), watch)
}

#[test]
fn generated_code_keeps_within_its_arrays() {
    for (name, neurons) in programs() {
        let mut seen = Vec::new();
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            let isa = Detected::new(Some(isa)).unwrap();
            let (mut bytecode, straight) = Bytecode::new(&neurons);
            let Some(jit) = Jit::new(&mut bytecode, straight, &neurons, isa) else {
                assert_eq!(isa.isa(), Isa::Baseline, "{name} is machine code");
                continue;
            };
            let mut scalars = Vec::new();
            bytecode.scalars(7, &[], &[], &mut scalars);
            let all: Vec<_> =
                (1..40).map(|lanes| call(&jit, &scalars, &contents(&jit, lanes))).collect();
            // The neurons do not depend on how many there are.
            let (longest, ..) = &all[all.len() - 1];
            for (lanes, (arrays, ..)) in (1..).zip(&all) {
                assert!(arrays.iter().zip(longest).all(|(a, b)| a[..] == b[..lanes]), "{name}");
            }
            seen.push(all);
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{name}: the instruction sets");
    }
}

#[test]
fn the_watch_sees_each_neuron_whose_state_is_not_finite() {
    let (_, neurons) =
        programs().into_iter().find(|(name, _)| *name == "leaky_integrator").unwrap();
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let isa = Detected::new(Some(isa)).unwrap();
        let (mut bytecode, straight) = Bytecode::new(&neurons);
        let Some(jit) = Jit::new(&mut bytecode, straight, &neurons, isa) else { continue };
        let mut scalars = Vec::new();
        bytecode.scalars(7, &[], &[], &mut scalars);
        for lanes in [1, 2, 5] {
            let right = contents(&jit, lanes);
            assert!(call(&jit, &scalars, &right).2);
            for bad in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
                for neuron in 0..lanes * LANES {
                    let mut wrong = right.clone();
                    Lanes::words_mut(&mut wrong[0])[neuron] = bad.to_bits();
                    assert!(!call(&jit, &scalars, &wrong).2, "{neuron}: {bad}");
                }
            }
        }
    }
}

#[test]
#[ignore = "dies; `a_byte_too_far_is_seen` starts it"]
fn a_byte_too_far() {
    Guarded::new(&content(0, 3)).read_one_too_far();
}

#[test]
fn a_byte_too_far_is_seen() {
    const SIGBUS: i32 = 7;
    let test = ["--exact", "program::jit::guard::a_byte_too_far", "--ignored"];
    let child = Command::new(std::env::current_exe().unwrap()).args(test).output().unwrap();
    // AddressSanitizer catches the signal and reports it.
    let told = String::from_utf8_lossy(&child.stderr).contains("AddressSanitizer: BUS");
    assert!(child.status.signal() == Some(SIGBUS) || told, "{child:?}");
}
