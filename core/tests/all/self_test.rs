//! The start-up self-test on the kernel interpreter, whole and with faults.

use isospike_core::device::self_test::{Provable, prove, run};
use isospike_core::device::{Device, Launch, Limits};
use isospike_core::ir::verify::Verified;
use isospike_core::ir::{Guarantees, Kernel, Op};
use isospike_core::oracle::kernel::Machine;
use isospike_core::run::backend::{BackendError, BackendInfo};

#[test]
fn the_interpreter_keeps_what_it_promises() {
    for guarantees in [Guarantees::ALL, Guarantees::NONE] {
        assert_eq!(run(&mut Machine::new(guarantees)), Ok(None));
    }
}

/// The effect of a faulty compiler on a kernel.
type Fault = fn(&mut Kernel);

/// An interpreter whose compiler has a fault until it is set to be careful.
struct Faulty {
    machine: Machine,
    info: BackendInfo,
    fault: Fault,
    careful: bool,
    /// Whether being careful helps.
    curable: bool,
    /// A fault that no kernel of the self-test shows, known beforehand.
    known: Option<&'static str>,
}

impl Faulty {
    fn new(fault: Fault, curable: bool) -> Self {
        let machine = Machine::new(Guarantees::ALL);
        let info = machine.info().clone();
        Self { machine, info, fault, careful: false, curable, known: None }
    }
}

impl Device for Faulty {
    type Buffer = <Machine as Device>::Buffer;
    type Kernel = <Machine as Device>::Kernel;

    fn info(&self) -> &BackendInfo {
        &self.info
    }
    fn guarantees(&self) -> Guarantees {
        self.machine.guarantees()
    }
    fn limits(&self) -> Limits {
        self.machine.limits()
    }
    fn alloc(&mut self, words: u64) -> Result<Self::Buffer, BackendError> {
        self.machine.alloc(words)
    }
    fn write(&mut self, to: &Self::Buffer, at: u64, words: &[u32]) -> Result<(), BackendError> {
        self.machine.write(to, at, words)
    }
    fn read(&mut self, from: &Self::Buffer, at: u64, to: &mut [u32]) -> Result<(), BackendError> {
        self.machine.read(from, at, to)
    }
    fn compile(&mut self, kernel: &Verified) -> Result<Self::Kernel, BackendError> {
        let mut kernel = kernel.source().clone();
        if !(self.careful && self.curable) {
            (self.fault)(&mut kernel);
        }
        self.machine.interpret(&kernel)
    }
    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let mut same: Vec<Launch<'_, Machine>> = Vec::new();
        for Launch { kernel, buffers, groups } in batch {
            same.push(Launch { kernel, buffers: buffers.clone(), groups: *groups });
        }
        self.machine.submit(&same, times)
    }
}

impl Provable for Faulty {
    fn identity(&self) -> String {
        format!("faulty {:?} {}", self.fault as usize, self.curable)
    }
    fn contraction_guard(&self) -> &'static str {
        if self.careful { "care" } else { "none" }
    }
    fn known_fault(&self) -> Option<String> {
        self.known.filter(|_| !self.careful).map(str::to_owned)
    }
    fn strengthen(&mut self) -> bool {
        !std::mem::replace(&mut self.careful, true)
    }
    fn note(&mut self, note: String) {
        self.info.notes.push(note);
    }
}

/// Square roots are taken for the number itself.
fn lose_roots(kernel: &mut Kernel) {
    for op in &mut kernel.ops {
        if let Op::FSqrt(x) = *op {
            *op = Op::FAdd(x, x);
        }
    }
}

/// Shifts by the largest distance are one too short.
fn spoil_shifts(kernel: &mut Kernel) {
    for op in &mut kernel.ops {
        if let Op::UShl(x, 31) = *op {
            *op = Op::UShl(x, 30);
        }
    }
}

#[test]
fn a_wrong_function_is_named_with_its_first_input() {
    let mismatch = run(&mut Faulty::new(lose_roots, false)).unwrap().unwrap();
    assert_eq!(mismatch.function, "square root");
    assert!(mismatch.wrong > 10_000 && mismatch.inputs.len() == 1, "{mismatch}");
    let mismatch = run(&mut Faulty::new(spoil_shifts, false)).unwrap().unwrap();
    assert_eq!(mismatch.function, "shifts");
}

#[test]
fn a_device_that_fails_takes_stronger_protection_or_is_refused() {
    let mut curable = Faulty::new(lose_roots, true);
    prove(&mut curable, false).unwrap();
    let notes = curable.info.notes.join("; ");
    assert!(notes.contains("none does not hold here: `square root`"), "{notes}");
    assert!(notes.contains("protected by care; 44 functions proved"), "{notes}");

    let refused = |device: &mut Faulty, fixed| match prove(device, fixed) {
        Err(BackendError::Kernel(why)) => why,
        other => panic!("{other:?}"),
    };
    let why = refused(&mut Faulty::new(lose_roots, false), false);
    assert!(why.contains("with the protection care, `square root`"), "{why}");
    let why = refused(&mut Faulty::new(lose_roots, true), true);
    assert!(why.contains("with the protection none, `square root`"), "{why}");
}

#[test]
fn a_device_with_a_known_fault_is_not_asked() {
    let known = || Faulty { known: Some("sums are lost"), ..Faulty::new(|_| (), true) };
    let mut device = known();
    prove(&mut device, false).unwrap();
    let notes = device.info.notes.join("; ");
    assert!(
        notes.starts_with("none does not hold here: sums are lost; floats protected"),
        "{notes}"
    );

    let refused = prove(&mut known(), true).unwrap_err().to_string();
    assert!(refused.ends_with("with the protection none, sums are lost"), "{refused}");
}
