//! Verified kernels keep within their buffers, whatever words these hold.

use crate::tiny::{Synapse, lif, plan, probe};
use isospike_core::base::random::{PoissonTable, philox};
use isospike_core::device::kernels::Buffer;
use isospike_core::device::{Device, DeviceSimulation, Launch, Limits, self_test};
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Access, Atomic, Guarantees, Kernel, Op, Val};
use isospike_core::oracle::kernel::{BufferId, Machine};
use isospike_core::plan::Plan;
use isospike_core::run::backend::{BackendError, BackendInfo};
use std::sync::Arc;

/// A kernel with two buffers, the first atomic, that does something with the number of its thread.
fn kernel(body: impl FnOnce(&mut KernelBuilder, Val)) -> Kernel {
    let mut b = KernelBuilder::new("k", 64, Guarantees::ALL);
    b.bind("sums", Access::Atomic);
    b.bind("words", Access::Read);
    let thread = b.emit(Op::ThreadId);
    body(&mut b, thread);
    b.finish()
}

/// How many accesses of a kernel on buffers of 10 words have a guard.
fn guards(body: impl FnOnce(&mut KernelBuilder, Val)) -> usize {
    Verified::new(&kernel(body), &[10, 10]).unwrap().guards()
}

/// Adds the word at an index of buffer 1 to the word there in buffer 0.
fn touch(b: &mut KernelBuilder, index: Val) {
    let word = b.load(1, index);
    b.atomic(Atomic::Add, 0, index, word, None);
}

#[test]
fn conditions_prove_what_stands_behind_them() {
    let below = |most: u32| {
        guards(move |b, thread| {
            let end = b.u32(most);
            let inside = b.emit(Op::ULt(thread, end));
            b.when(inside, |b| touch(b, thread));
        })
    };
    assert_eq!((below(0), below(9), below(10)), (0, 0, 0));
    assert_eq!((below(11), below(u32::MAX)), (2, 2));
    // A condition holds in its branch, not behind it nor in the other one.
    let behind = guards(|b, thread| {
        let end = b.u32(10);
        let inside = b.emit(Op::ULt(thread, end));
        b.when_else(inside, |b| touch(b, thread), |b| touch(b, thread));
        touch(b, thread);
    });
    assert_eq!(behind, 4);
    let denied = guards(|b, thread| {
        let nine = b.u32(9);
        let outside = b.emit(Op::ULt(nine, thread));
        let inside = b.emit(Op::Not(outside));
        let odd = b.emit(Op::UEq(thread, nine));
        let both = b.emit(Op::And(inside, odd));
        b.when(both, |b| touch(b, thread));
    });
    assert_eq!(denied, 0);
}

#[test]
fn loops_and_variables_are_followed() {
    let counted = |end: u32, before: bool| {
        guards(move |b, _| {
            let counter = b.var();
            let (end, one) = (b.u32(end), b.u32(1));
            b.repeat(|b| {
                let now = b.get(counter);
                if before {
                    touch(b, now);
                }
                let more = b.emit(Op::ULt(now, end));
                let done = b.emit(Op::Not(more));
                b.break_if(done);
                touch(b, now);
                let next = b.uadd(now, one);
                b.set(counter, next);
            });
        })
    };
    assert_eq!(counted(10, false), 0);
    assert_eq!(counted(11, false), 2);
    // The counter is 10 in the last round.
    assert_eq!(counted(10, true), 2);
    // A variable holds 0 or what it was given anywhere.
    let given = |word: u32| {
        guards(move |b, thread| {
            let var = b.var();
            let now = b.get(var);
            touch(b, now);
            let word = b.u32(word);
            b.set(var, word);
            let (old, rare) = (b.var(), b.emit(Op::ULt(word, thread)));
            b.when(rare, |b| b.atomic(Atomic::Or, 0, word, thread, Some(old)));
        })
    };
    assert_eq!((given(9), given(10)), (0, 3));
    let from_memory = guards(|b, thread| {
        let (old, zero) = (b.var(), b.u32(0));
        b.atomic(Atomic::Add, 0, zero, thread, Some(old));
        let word = b.get(old);
        touch(b, word);
    });
    assert_eq!(from_memory, 2);
}

#[test]
fn arithmetic_that_wraps_proves_nothing() {
    let sum = |n: u32| {
        guards(move |b, thread| {
            let (end, n) = (b.u32(10 - n.min(10)), b.u32(n));
            let inside = b.emit(Op::ULt(thread, end));
            b.when(inside, |b| {
                let index = b.uadd(thread, n);
                touch(b, index);
            });
        })
    };
    assert_eq!((sum(3), sum(9)), (0, 0));
    // 0 + 2^32 - 1 does not wrap, 1 + 2^32 - 1 would.
    assert_eq!(sum(u32::MAX), 2);
    let less = guards(|b, thread| {
        let five = b.u32(5);
        let inside = b.emit(Op::ULt(thread, five));
        b.when(inside, |b| {
            let left = b.emit(Op::USub(five, thread));
            touch(b, left);
            let wrapped = b.emit(Op::USub(thread, five));
            touch(b, wrapped);
        });
    });
    assert_eq!(less, 2);
    let cut = guards(|b, thread| {
        let n = b.u32(10);
        let rest = b.emit(Op::URem(thread, 10));
        touch(b, rest);
        let high = b.emit(Op::UMulHi(thread, n));
        touch(b, high);
        let nine = b.u32(9);
        let inside = b.emit(Op::ULt(thread, nine));
        let bounded = b.emit(Op::Select(inside, thread, nine));
        touch(b, bounded);
        let local = b.emit(Op::LocalId);
        let few = b.emit(Op::UShr(local, 3));
        touch(b, few);
    });
    assert_eq!(cut, 0);
}

#[test]
fn a_guard_takes_the_last_word_and_writes_nothing() {
    let stray = kernel(touch);
    let verified = Verified::new(&stray, &[100, 10]).unwrap();
    assert_eq!(verified.guards(), 2);
    assert_eq!(verified.source(), &stray);
    let mut machine = Machine::new(Guarantees::ALL);
    let (sums, words) = (machine.alloc(100).unwrap(), machine.alloc(10).unwrap());
    machine.write(&words, 0, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
    let launch = |machine: &mut Machine, kernel: &Kernel| {
        let kernel = machine.interpret(kernel)?;
        let buffers = vec![&sums, &words];
        machine.submit(&[Launch { kernel: &kernel, buffers, groups: 2 }], 1)
    };
    assert!(launch(&mut machine, &stray).is_err(), "128 threads, 100 and 10 words");
    machine.write(&sums, 0, &[0; 100]).unwrap();
    launch(&mut machine, verified.kernel()).unwrap();
    let mut got = vec![0; 100];
    machine.read(&sums, 0, &mut got).unwrap();
    let expected: Vec<u32> = (0..100).map(|n| n.min(9)).collect();
    assert_eq!(got, expected);
}

#[test]
fn a_kernel_that_is_certain_to_leave_its_buffers_is_refused_by_name() {
    let refused = |words: u64, body: fn(&mut KernelBuilder, Val)| {
        Verified::new(&kernel(body), &[words, words]).map(drop).unwrap_err()
    };
    let load = refused(10, |b, _| {
        let far = b.u32(10);
        b.load(1, far);
    });
    assert_eq!(load, "kernel k: it loads from `words` at 10 or above, a buffer of 10 words");
    let store = refused(10, |b, thread| {
        let five = b.emit(Op::URem(thread, 5));
        let most = b.u32(20);
        let far = b.emit(Op::USub(most, five));
        b.store(0, far, thread);
    });
    assert_eq!(store, "kernel k: it stores to `sums` at 16 or above, a buffer of 10 words");
    let atomic = refused(0, |b, thread| {
        let one = b.u32(1);
        b.repeat(|b| {
            b.atomic(Atomic::Or, 0, one, thread, None);
            let done = b.emit(Op::Bool(true));
            b.break_if(done);
        });
    });
    assert_eq!(atomic, "kernel k: it adds to `sums` at 1 or above, a buffer of 0 words");
    // An access that no thread may come to has a guard, which is never needed.
    let rare = guards(|b, thread| {
        let far = b.u32(10);
        let condition = b.emit(Op::ULt(far, thread));
        b.when(condition, |b| touch(b, far));
        b.repeat(|b| {
            b.break_if(condition);
            touch(b, far);
        });
    });
    assert_eq!(rare, 4);
}

#[test]
fn a_kernel_that_is_ill_formed_is_refused() {
    let bad = Kernel { group_size: 0, ..kernel(touch) };
    let why = Verified::new(&bad, &[1, 1]).unwrap_err();
    assert_eq!(why, "kernel k: the group size is 0");
    let why = Verified::new(&kernel(touch), &[1]).unwrap_err();
    assert!(why.contains("2 bindings"), "{why}");
    // A buffer of no words has one, and one of all words has every index.
    assert!(Verified::new(&kernel(touch), &[0, 0]).unwrap().guards() == 2);
    assert!(Verified::new(&kernel(touch), &[1 << 32, u64::MAX]).unwrap().guards() == 0);
}

#[test]
fn the_self_test_needs_no_guard() {
    for kernel in self_test::kernels(Guarantees::NONE) {
        let verified = Verified::new(&kernel, &[1 << 24, 1 << 24]).unwrap();
        assert_eq!(verified.guards(), 0, "{}", kernel.name);
        assert_eq!(verified.kernel(), &kernel);
    }
}

/// A machine that takes kernels with their guards.
#[derive(Clone)]
struct Guarded(Machine);

impl Device for Guarded {
    type Buffer = BufferId;
    type Kernel = Arc<Kernel>;

    fn info(&self) -> &BackendInfo {
        self.0.info()
    }
    fn guarantees(&self) -> Guarantees {
        self.0.guarantees()
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    fn alloc(&mut self, words: u64) -> Result<BufferId, BackendError> {
        self.0.alloc(words)
    }
    fn write(&mut self, to: &BufferId, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.0.write(to, at, words)
    }
    fn read(&mut self, from: &BufferId, at: u64, to: &mut [u32]) -> Result<(), BackendError> {
        self.0.read(from, at, to)
    }
    fn compile(&mut self, kernel: &Verified) -> Result<Arc<Kernel>, BackendError> {
        self.0.interpret(kernel.kernel())
    }
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut same: Vec<Launch<'_, Machine>> = Vec::new();
        for Launch { kernel, buffers, groups } in batch {
            same.push(Launch { kernel, buffers: buffers.clone(), groups: *groups });
        }
        self.0.submit(&same, times)
    }
}

/// Plans with every kind of kernel: one copy and three, stored rows, a spike list, Poisson events,
/// probes.
fn plans() -> Vec<Plan> {
    let synapses: Vec<Synapse> = (0..40).map(|n| (n % 2, n % 7, n as i32, 1 + n % 9)).collect();
    let inner: Vec<Synapse> = (0..60).map(|n| (n % 50, n % 50, 3, 1 + n % 5)).collect();
    let cells = lif(Some(PoissonTable::new(0.9)));
    let mut one = plan(cells, 50, &[(0, 0), (0, 1), (4, 1)], &synapses, &inner);
    one.probes = vec![probe(&[5, 6], 2)];
    let three = Plan { batch: 3, ..one.clone() };
    vec![one, three]
}

/// Launches each kernel of a plan on buffers of garbage; returns what went wrong.
fn launch_on_garbage<D: Device>(device: D, plan: &Plan) -> Vec<String> {
    let mut simulation = DeviceSimulation::new(device, plan).unwrap();
    let buffers: Vec<(Buffer, u64)> = simulation.buffers().to_vec();
    let kernels = simulation.kernels().count();
    let mut errors = Vec::new();
    for round in 0..20 {
        for kernel in 0..kernels {
            for (place, (buffer, words)) in (0..).zip(&buffers) {
                let is_data =
                    matches!(buffer, Buffer::Spikes | Buffer::State | Buffer::Accumulators);
                let word = |at| {
                    let [word, kind, ..] = philox([at, place, round, kernel as u32], [7, 9]);
                    // Loops count to words of the other buffers, which are small.
                    let huge = kind % 97 == 0 && round % 4 == 0 && is_data;
                    if huge { u32::MAX - word % 9 } else { word % 700 }
                };
                let garbage: Vec<u32> = (0..*words as u32).map(word).collect();
                simulation.set_buffer(*buffer, &garbage).unwrap();
            }
            errors.extend(simulation.launch(kernel).err().map(|error| error.to_string()));
        }
    }
    errors
}

#[test]
fn kernels_keep_within_their_buffers_whatever_these_hold() {
    for plan in plans() {
        let machine = Machine::new(Guarantees::ALL);
        let strays = |why: &String| why.contains("outside of the buffer");
        let errors = launch_on_garbage(machine.clone(), &plan);
        assert!(errors.iter().filter(|why| strays(why)).count() > 10, "{errors:?}");
        // Garbage makes threads meet, which is wrong, and harmless.
        let errors = launch_on_garbage(Guarded(machine), &plan);
        let meets = |why: &String| why.contains("touched by two threads");
        assert!(errors.iter().all(meets), "{errors:?}");
    }
}

#[test]
fn a_run_is_the_same_with_guards() {
    use isospike_core::device::DeviceBackend;
    use isospike_core::oracle::kernel::MachineBackend;
    use isospike_core::run::backend::Backend;
    use isospike_core::run::record::Recording;
    for plan in plans() {
        let guarded = Guarded(Machine::new(Guarantees::ALL));
        let run = |backend: &dyn Backend| {
            let mut simulation = backend.compile(&plan).unwrap();
            let mut record = Recording::new(&plan);
            simulation.run(40, &mut record).unwrap();
            (record, simulation.state().unwrap())
        };
        let (record, state) = run(&DeviceBackend::new(guarded));
        assert!(record.spikes.len() > 20);
        assert_eq!((record, state), run(&MachineBackend::new(Guarantees::ALL)));
    }
}
