//! Kernels on the machine oracle against networks computed by hand.

use crate::tiny::{Synapse, lif, neuron, plan, probe};
use isospike_core::base::random::{self, PoissonTable};
use isospike_core::device::kernels::layout::{control, countable_steps};
use isospike_core::device::{Device, DeviceBackend, Launch, Limits};
use isospike_core::ir::build::Builder;
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::{Access, Guarantees, Input, Op, Output, math};
use isospike_core::oracle::kernel::{Machine, MachineBackend};
use isospike_core::plan::{Plan, Words};
use isospike_core::run::backend::{Backend, BackendError, one_nan_of_state};
use isospike_core::run::record::Recording;

/// Runs a plan in pieces on a machine without limits.
fn run(plan: &Plan, pieces: &[u32]) -> (Recording, Vec<u32>) {
    run_on(&MachineBackend::new(Guarantees::ALL), plan, pieces)
}

fn run_on(backend: &dyn Backend, plan: &Plan, pieces: &[u32]) -> (Recording, Vec<u32>) {
    let mut simulation = backend.compile(plan).unwrap();
    let mut record = Recording::new(plan);
    for steps in pieces {
        simulation.run(*steps, &mut record).unwrap();
    }
    let state = simulation.state().unwrap();
    (record, state)
}

fn spikes(record: &Recording) -> Vec<(u32, u32)> {
    record.spikes.iter().map(|spike| (spike.step, spike.neuron)).collect()
}

#[test]
fn a_weight_arrives_after_its_delay_and_only_then() {
    let synapses = [(0, 0, 16, 1), (0, 1, 16, 3), (0, 2, 8, 7)];
    let mut plan = plan(lif(None), 3, &[(0, 0)], &synapses, &[]);
    plan.probes = vec![probe(&[2], 1)];
    let (record, state) = run(&plan, &[10]);
    // Global ids: the list has 0 and 1, the cells 2, 3, 4.
    assert_eq!(spikes(&record), [(0, 0), (1, 2), (3, 3)]);
    let trace: Vec<f32> = record.traces[0].iter().map(|w| f32::from_bits(*w)).collect();
    assert_eq!(trace, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.25, 0.125]);
    // v of the three cells, then their refractory counters.
    assert_eq!(state, [0, 0, 0.125f32.to_bits(), 0, 0, 0]);
}

#[test]
fn the_ring_wraps_and_every_slot_is_cleared() {
    // Slots: 8 for a delay of 7. A pulse of 0.5 every 8 steps would add up if a slot kept it.
    let list: Vec<(u32, u32)> = (0..10).map(|k| (8 * k, 0)).collect();
    let mut plan = plan(lif(None), 1, &list, &[(0, 0, 8, 7)], &[]);
    plan.probes = vec![probe(&[0], 8)];
    let (record, _) = run(&plan, &[80]);
    assert_eq!(record.spikes.len(), 10);
    // The sample one step after a pulse; v has lost a factor 2^7 when the next one comes.
    let mut expected = vec![0.0f32];
    let mut v = 0.0f32;
    for _ in 1..10 {
        v = (v / 128.0 + 0.5) / 2.0;
        expected.push(v);
    }
    let trace: Vec<f32> = record.traces[0].iter().map(|w| f32::from_bits(*w)).collect();
    assert_eq!(trace, expected);
}

#[test]
fn a_refractory_neuron_waits_two_steps() {
    let list: Vec<(u32, u32)> = (0..9).map(|step| (step, 1)).collect();
    let plan = plan(lif(None), 1, &list, &[(1, 0, 16, 1)], &[]);
    let (record, state) = run(&plan, &[9]);
    let cell: Vec<u32> = record.spikes.iter().filter(|s| s.neuron == 2).map(|s| s.step).collect();
    assert_eq!(cell, [1, 4, 7]);
    assert_eq!(state, [0, 1], "one refractory step left after step 8");
}

#[test]
fn cells_excite_each_other_around_a_ring() {
    let ring = [(0, 1, 16, 2), (1, 2, 16, 3), (2, 0, 16, 5)];
    let plan = plan(lif(None), 3, &[(0, 0)], &[(0, 0, 16, 1)], &ring);
    let (record, _) = run(&plan, &[23]);
    let expected = [(0, 0), (1, 2), (3, 3), (6, 4), (11, 2), (13, 3), (16, 4), (21, 2)];
    assert_eq!(spikes(&record), expected);
}

#[test]
fn weights_of_32_bits_and_negative_ones_keep_their_value() {
    for (weight, v) in [(-3, -0.1875f32), (-100_000, -6250.0), (-32_768, -2048.0)] {
        let plan = plan(lif(None), 1, &[(0, 0)], &[(0, 0, weight, 1)], &[]);
        let (_, state) = run(&plan, &[2]);
        assert_eq!(f32::from_bits(state[0]), v);
    }
}

#[test]
fn copies_of_a_batch_run_side_by_side() {
    let mut plan = plan(lif(None), 3, &[(0, 0)], &[(0, 1, 16, 1)], &[(1, 2, 8, 2)]);
    plan.batch = 2;
    plan.probes = vec![probe(&[0, 2], 2)];
    let (record, state) = run(&plan, &[4]);
    // A copy has five neurons.
    assert_eq!(spikes(&record), [(0, 0), (0, 5), (1, 3), (1, 8)]);
    let half = 0.5f32.to_bits();
    assert_eq!(state[..6], [0, 0, half, 0, 0, half]);
    assert_eq!(record.traces[0], [0; 8], "steps 0 and 2: neurons 0 and 2 of both copies");
}

#[test]
fn draws_are_those_of_the_definition_in_every_copy() {
    let mut ops = Builder::new();
    let word = ops.input(Input::Random { stream: 3, draw: 2 });
    let high = ops.emit(Op::UShr(word, 8));
    let integer = ops.emit(Op::UToI(high));
    let v = ops.emit(Op::IToF(integer));
    let program = ops.program(vec![(Output::State(0), v)]);
    let mut plan = plan(neuron(program, 0, Vec::new(), Vec::new()), 150, &[], &[], &[]);
    plan.batch = 2;
    let (_, state) = run_on(&MachineBackend::new(Guarantees::NONE), &plan, &[3]);
    let draw = |copy, i| (random::word(plan.seed, i, 2, 3, 2, copy) >> 8) as f32;
    let expected: Vec<u32> =
        (0..2).flat_map(|copy| (0..150).map(move |i| draw(copy, i).to_bits())).collect();
    assert_eq!(state, expected);
}

#[test]
fn poisson_counts_are_those_of_the_definition_ties_included() {
    // One draw in 2,048 is a tie: about a dozen of the 24,000 here.
    for mean in [3.7, 0.02] {
        let table = PoissonTable::new(mean);
        let mut ops = Builder::new();
        let count = ops.input(Input::Poisson { table: 0, stream: 9, keep: None });
        let integer = ops.emit(Op::UToI(count));
        let old = ops.input(Input::State(0));
        let fresh = ops.emit(Op::IToF(integer));
        let sum = ops.emit(Op::FAdd(old, fresh));
        let program = ops.program(vec![(Output::State(0), sum)]);
        let cells = neuron(program, 0, Vec::new(), vec![table.clone()]);
        let mut plan = plan(cells, 300, &[], &[], &[]);
        plan.batch = 2;
        let (_, state) = run_on(&MachineBackend::new(Guarantees::NONE), &plan, &[40]);
        let mut at = 0;
        for copy in 0..2 {
            for i in 0..300 {
                let count = |step| random::poisson(&table, plan.seed, i, step, 9, copy);
                let sum: u32 = (0..40).map(count).sum();
                assert_eq!(f32::from_bits(state[at]), sum as f32, "copy {copy}, neuron {i}");
                at += 1;
            }
        }
    }
}

/// A plan in which everything happens: noise, recurrence, several delays, probes.
fn busy() -> Plan {
    let ring: Vec<Synapse> = (0..40)
        .flat_map(|i| (1..9).map(move |d| (i, (7 * i + d * d) % 40, 5 - d as i32, d)))
        .collect();
    let list: Vec<(u32, u32)> = (0..300).map(|k| (3 * k, k % 2)).collect();
    let table = PoissonTable::new(0.9);
    let mut plan = plan(lif(Some(table)), 40, &list, &[(0, 3, 9, 2), (1, 5, 12, 4)], &ring);
    plan.batch = 2;
    plan.probes = vec![probe(&[0, 7, 39], 7), probe(&[5], 1)];
    plan
}

fn digest(run: &(Recording, Vec<u32>)) -> String {
    run.0.digest(&run.1)
}

#[test]
fn one_run_or_ten_the_bits_are_the_same() {
    let plan = busy();
    let whole = run(&plan, &[1000]);
    let pieces = run(&plan, &[100; 10]);
    let odd = run(&plan, &[1, 99, 3, 897]);
    assert!(whole.0.spikes.len() > 1000, "{} spikes", whole.0.spikes.len());
    assert!(whole.0.spikes.is_sorted());
    assert_eq!(digest(&whole), digest(&pieces));
    assert_eq!(whole.0.traces, pieces.0.traces);
    assert_eq!(whole.0.traces, odd.0.traces);
    assert_eq!(digest(&whole), digest(&odd));
    // Every seventh step from 0 on; three neurons of two copies.
    assert_eq!(whole.0.traces[0].len(), 143 * 6);
}

#[test]
fn events_are_counted_once_however_they_are_collected() {
    let plan = busy();
    let table = PoissonTable::new(0.9);
    let expected = |steps: u32| -> u64 {
        let neurons = (0..2).flat_map(|copy| (0..40).map(move |i| (copy, i)));
        let of = |(copy, i)| (0..steps).map(move |t| (t, copy, i));
        let count = |(t, copy, i)| random::poisson(&table, plan.seed, i, t, 7, copy);
        neurons.flat_map(of).map(|place| u64::from(count(place))).sum()
    };
    let mut simulation = MachineBackend::new(Guarantees::ALL).compile(&plan).unwrap();
    let mut record = Recording::new(&plan);
    // Asked before anything was run, twice, after a part of a chunk, and after more than one.
    for steps in [0, 30, 0, 1070] {
        simulation.run(steps, &mut record).unwrap();
        let counters = simulation.counters().unwrap();
        assert_eq!(counters.steps, u64::from(record.steps));
        assert_eq!(counters.stimulus_events, [expected(record.steps)], "{} steps", record.steps);
        assert_eq!(counters.spikes.iter().sum::<u64>(), record.spikes.len() as u64);
        assert_eq!(counters.neuron_updates, [0, 80 * u64::from(record.steps)]);
    }
    // A stimulus of so many streams could fill a word in five steps.
    let mut hasty = plan.clone();
    hasty.stimuli[0].streams = 0..27_000_000;
    assert_eq!(countable_steps(&hasty), 5);
    let mut simulation = MachineBackend::new(Guarantees::ALL).compile(&hasty).unwrap();
    simulation.run(33, &mut Recording::new(&hasty)).unwrap();
    assert_eq!(simulation.counters().unwrap().stimulus_events, [expected(33)]);
}

#[test]
fn launches_and_bytes_are_accounted_for() {
    let plan = busy();
    let mut simulation = MachineBackend::new(Guarantees::ALL).compile(&plan).unwrap();
    assert_eq!(simulation.cost().read_bytes, 0, "building is not part of the steps");
    simulation.run(1030, &mut Recording::new(&plan)).unwrap();
    let cost = simulation.cost();
    let launches = |name: &str| cost.launches.iter().find(|l| l.kernel == name).unwrap().count;
    // Two chunks, of 1,024 steps and of 6.
    assert_eq!((launches("clear"), launches("update_1"), launches("tick")), (2, 1030, 1030));
    assert_eq!(cost.written_bytes, 8, "where each chunk starts");
    // A bit for each of 2 * 42 neurons in each step; two probes; after each chunk where it ended.
    let raster = 1030 * 3;
    let traces = 148 * 6 + 1030 * 2;
    assert_eq!(cost.read_bytes, 4 * (raster + traces + 2 * u64::from(control::SERIES)));
}

#[test]
fn a_run_longer_than_a_chunk_is_the_same_run() {
    let mut plan = busy();
    plan.batch = 1;
    let whole = run(&plan, &[1100]);
    let pieces = run(&plan, &[550, 550]);
    assert_eq!(whole, pieces);
}

#[test]
fn guarantees_change_kernels_and_no_bit() {
    let plan = busy();
    let with = run_on(&MachineBackend::new(Guarantees::ALL), &plan, &[200]);
    let without = run_on(&MachineBackend::new(Guarantees::NONE), &plan, &[200]);
    assert_eq!(with, without);
}

#[test]
fn divisions_and_roots_are_written_out_where_not_promised() {
    let mut ops = Builder::new();
    let v = ops.input(Input::State(0));
    let word = ops.input(Input::Random { stream: 1, draw: 0 });
    let draw = math::uniform(&mut ops, word);
    let sum = ops.fadd(v, draw);
    let three = ops.f32(3.0);
    let quotient = ops.fdiv(sum, three);
    let root = ops.fsqrt(quotient);
    let ratio = ops.fdiv(root, draw);
    let log = math::log(&mut ops, ratio);
    let next = math::abs(&mut ops, log);
    let program = ops.program(vec![(Output::State(0), next)]);
    let plan = plan(neuron(program, 0, Vec::new(), Vec::new()), 200, &[], &[], &[]);
    let with = run_on(&MachineBackend::new(Guarantees::ALL), &plan, &[20]);
    let without = run_on(&MachineBackend::new(Guarantees::NONE), &plan, &[20]);
    assert_eq!(with, without);
}

/// Two threads run `body` on a buffer of one word that is bound for loads and stores.
fn two_threads(body: impl FnOnce(&mut KernelBuilder)) -> Result<(), BackendError> {
    let mut machine = Machine::new(Guarantees::ALL);
    let mut kernel = KernelBuilder::new("two", 2, Guarantees::ALL);
    kernel.bind("words", Access::ReadWrite);
    body(&mut kernel);
    let kernel = machine.interpret(&kernel.finish())?;
    let buffer = machine.alloc(1)?;
    let launch = Launch { kernel: &kernel, buffers: vec![&buffer], groups: 1 };
    machine.submit(&[launch], 1)
}

#[test]
fn the_machine_finds_races_and_words_outside() {
    let race = two_threads(|kernel| {
        let zero = kernel.u32(0);
        kernel.store(0, zero, zero);
    });
    let error = race.unwrap_err().to_string();
    assert_eq!(error, "two: touched by two threads: words[0] of 1");
    let outside = two_threads(|kernel| {
        let thread = kernel.emit(Op::ThreadId);
        kernel.store(0, thread, thread);
    });
    let error = outside.unwrap_err().to_string();
    assert_eq!(error, "two: outside of the buffer: words[1] of 1");
}

#[test]
fn rows_cut_into_parts_are_the_same_rows() {
    let all: Vec<Synapse> = (0..40)
        .flat_map(|i| (0..100).map(move |k| (i, (i + 3 * k) % 40, 2 - (k % 4) as i32, 1 + k % 5)))
        .collect();
    let mut plan = plan(lif(Some(PoissonTable::new(2.0))), 40, &[(3, 0)], &[(0, 3, 9, 2)], &all);
    plan.batch = 2;
    let machine = Machine::new(Guarantees::ALL);
    // 4,001 synapses of two words; the raster of a chunk has 3,072 words and is not cut.
    let limits = Limits { binding_words: 3_100, ..machine.limits() };
    let backend = DeviceBackend::new(machine.with_limits(limits));
    let memory = |backend: &dyn Backend| backend.compile(&plan).unwrap().memory_bytes();
    let part_words = (memory(&backend) - memory(&MachineBackend::new(Guarantees::ALL))) / 4;
    // Two more parts: each has a header of four words and ends its rows once more.
    assert_eq!(part_words, 2 * 5);
    let whole = run(&plan, &[200]);
    assert!(whole.0.spikes.len() > 100);
    assert_eq!(whole, run_on(&backend, &plan, &[200]));
}

#[test]
fn no_kernel_binds_more_buffers_than_every_web_gpu_has() {
    let machine = Machine::new(Guarantees::ALL);
    let limits = Limits { bindings: 8, ..machine.limits() };
    let mut plan = busy();
    for wide in [false, true] {
        plan.projections.iter_mut().for_each(|p| p.weight_bits = if wide { 32 } else { 16 });
        DeviceBackend::new(machine.clone().with_limits(limits)).compile(&plan).unwrap();
    }
}

#[test]
fn what_is_too_large_is_refused_with_the_numbers() {
    let plan = busy();
    let refuse = |limits: Limits| {
        let backend = DeviceBackend::new(Machine::new(Guarantees::ALL).with_limits(limits));
        backend.compile(&plan).err().unwrap()
    };
    let free = Machine::new(Guarantees::ALL).limits();
    let error = refuse(Limits { memory_bytes: Some(1000), ..free });
    let BackendError::OutOfMemory { needed_bytes, available_bytes: 1000, .. } = error else {
        panic!("{error}");
    };
    assert!(needed_bytes > 1000);
    let error = refuse(Limits { bindings: 3, ..free }).to_string();
    assert!(error.contains("binds at most 3"), "{error}");
    let error = refuse(Limits { group_size: 32, ..free }).to_string();
    assert!(error.contains("groups of 64 threads") && error.contains("at most 32"), "{error}");
    let error = refuse(Limits { groups: 1, ..free }).to_string();
    assert!(error.contains("launches at most 1"), "{error}");
    let error = refuse(Limits { binding_words: 8, ..free }).to_string();
    assert!(error.contains("binds at most"), "{error}");
}

#[test]
fn infinite_state_is_reported_with_its_neuron() {
    let mut ops = Builder::new();
    let v = ops.input(Input::State(0));
    let factor = ops.input(Input::Parameter(0));
    let next = ops.emit(Op::FMul(v, factor));
    let program = ops.program(vec![(Output::State(0), next)]);
    let constants = vec![Words::Each([1.0f32, 1e30].map(f32::to_bits).as_slice().into())];
    let mut cells = neuron(program, 0, constants, Vec::new());
    cells.state[0].initial = Words::All(1.0f32.to_bits());
    let plan = plan(cells, 2, &[], &[], &[]);
    let mut simulation = MachineBackend::new(Guarantees::ALL).compile(&plan).unwrap();
    let error = simulation.run(4, &mut Recording::new(&plan)).unwrap_err();
    let expected = BackendError::NotFinite {
        population: "cells".into(),
        variable: "v".into(),
        neuron: 1,
        value: "inf".into(),
        step: 1,
    };
    assert_eq!(error, expected);
}

#[test]
fn nans_of_floats_have_one_pattern_and_integers_keep_theirs() {
    // The state is v of three cells, then their refractory counters.
    let plan = plan(lif(None), 3, &[], &[], &[]);
    let other_nan = 0xffc0_1234;
    let mut state = [other_nan, 1.0f32.to_bits(), other_nan, other_nan, u32::MAX, 7];
    one_nan_of_state(&plan, &mut state);
    let one = f32::NAN.to_bits();
    assert_eq!(state, [one, 1.0f32.to_bits(), one, other_nan, u32::MAX, 7]);
}
