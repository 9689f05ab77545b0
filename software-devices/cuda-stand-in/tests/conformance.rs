//! The conformance cases on the interpreter alone: this project's kernels as CUDA C, compiled by
//! the real NVRTC, with every access watched for races. No driver call is made; the CUDA
//! backend's own tests go through the driver's interface.

#[path = "all/common/nvrtc.rs"]
mod nvrtc;

use isospike_conformance::{Opened, Subject};
use isospike_core::device::{Device, DeviceBackend, Launch, Limits};
use isospike_core::ir::Guarantees;
use isospike_core::ir::verify::Verified;
use isospike_core::print::c::CUDA_C;
use isospike_core::print::{ContractionGuard, print};
use isospike_core::run::backend::{BackendError, BackendInfo};
use isospike_cuda_stand_in::machine::{self, Launch as MachineLaunch};
use isospike_cuda_stand_in::memory::Memory;
use isospike_cuda_stand_in::ptx::{self, Target};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

const MEMORY_BYTES: u64 = 4 << 30;

/// A device of its own for each simulation.
struct Interpreter {
    info: BackendInfo,
    memory: Memory,
    launches: u32,
    races: bool,
}

struct Compiled {
    kernel: Arc<ptx::Kernel>,
    group_size: u32,
    bindings: usize,
}

impl Interpreter {
    fn new(races: bool) -> Self {
        let info = BackendInfo {
            backend: "CUDA stand-in".into(),
            device: "PTX interpreted on the CPU".into(),
            software: true,
            ..BackendInfo::default()
        };
        Self { info, memory: Memory::new(MEMORY_BYTES), launches: 0, races }
    }
}

impl Clone for Interpreter {
    fn clone(&self) -> Self {
        Self::new(self.races)
    }
}

impl Device for Interpreter {
    type Buffer = u64;
    type Kernel = Compiled;

    fn info(&self) -> &BackendInfo {
        &self.info
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::ALL
    }

    fn limits(&self) -> Limits {
        Limits {
            binding_words: 1 << 31,
            bindings: 32,
            groups: 65_535,
            group_size: 1024,
            memory_bytes: Some(MEMORY_BYTES),
        }
    }

    fn alloc(&mut self, words: u64) -> Result<u64, BackendError> {
        let address = words.checked_mul(4).and_then(|bytes| self.memory.allocate(bytes));
        let refused = || BackendError::Unsupported(format!("no memory for {words} words"));
        let address = address.ok_or_else(refused)?;
        self.memory.fill(address, 0, 4 * words).map_err(unmapped)?;
        Ok(address)
    }

    fn write(&mut self, to: &u64, offset: u64, words: &[u32]) -> Result<(), BackendError> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.memory.write(at(*to, offset)?, &bytes).map_err(unmapped)
    }

    fn read(&mut self, from: &u64, offset: u64, words: &mut [u32]) -> Result<(), BackendError> {
        let mut bytes = vec![0; 4 * words.len()];
        self.memory.read(at(*from, offset)?, &mut bytes).map_err(unmapped)?;
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Ok(())
    }

    fn compile(&mut self, kernel: &Verified) -> Result<Compiled, BackendError> {
        let kernel = kernel.kernel();
        let (limits, threads) = (self.limits(), kernel.group_size);
        if kernel.bindings.len() > limits.bindings as usize || threads > limits.group_size {
            let name = &kernel.name;
            let why = format!("kernel {name}: too many buffers, or groups of {threads} threads");
            return Err(BackendError::Unsupported(why));
        }
        let source = print(kernel, &CUDA_C, ContractionGuard::None).map_err(failed)?;
        let target = Target {
            driver: 13_050,
            sm: 80,
            lenient: false,
            variables_at: self.memory.next_address(),
        };
        let module = ptx::parse(&compile(&source)?, &target).map_err(failed)?;
        assert!(module.variables.is_empty(), "kernels have no variables");
        let kernel_of_module = Arc::clone(&module.kernels[0]);
        let (group_size, bindings) = (kernel.group_size, kernel.bindings.len());
        Ok(Compiled { kernel: kernel_of_module, group_size, bindings })
    }

    fn submit(&mut self, batch: &[Launch<'_, Self>], times: u32) -> Result<(), BackendError> {
        let most = self.limits().groups;
        for Launch { kernel, buffers, groups } in batch {
            if *groups > most {
                let why = format!("{groups} groups, at most {most}");
                return Err(BackendError::Unsupported(why));
            }
            let repeated = (1..buffers.len()).any(|i| buffers[..i].contains(&buffers[i]));
            if buffers.len() != kernel.bindings || repeated {
                return Err(BackendError::Kernel("other buffers than bindings".into()));
            }
        }
        for launch in (0..times).flat_map(|_| batch) {
            self.launches += 1;
            let addresses = launch.buffers.iter().flat_map(|address| address.to_le_bytes());
            let parameters: Vec<u8> = addresses.collect();
            let machine_launch = MachineLaunch {
                kernel: &launch.kernel.kernel,
                grid: [launch.groups, 1, 1],
                block: [launch.kernel.group_size, 1, 1],
                parameters: &parameters,
                number: self.launches,
                races: self.races,
            };
            machine::run(&machine_launch, &mut self.memory)
                .map_err(|fault| BackendError::Kernel(fault.what))?;
        }
        Ok(())
    }
}

/// The address of a word of a buffer.
fn at(buffer: u64, word: u64) -> Result<u64, BackendError> {
    let address = word.checked_mul(4).and_then(|bytes| buffer.checked_add(bytes));
    address.ok_or_else(|| BackendError::Kernel("a copy outside of a buffer".into()))
}

/// PTX by NVRTC, once for each source.
fn compile(source: &str) -> Result<String, BackendError> {
    static COMPILED: Mutex<Option<HashMap<String, String>>> = Mutex::new(None);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compiled = compiled.get_or_insert_default();
    if let Some(ptx) = compiled.get(source) {
        return Ok(ptx.clone());
    }
    let ptx = nvrtc::compile(source, &[]).map_err(failed)?.to_src();
    compiled.insert(source.to_owned(), ptx.clone());
    Ok(ptx)
}

fn failed(error: impl std::fmt::Display) -> BackendError {
    BackendError::Kernel(error.to_string())
}

fn unmapped(_: isospike_cuda_stand_in::memory::Unmapped) -> BackendError {
    BackendError::Kernel("a copy outside of a buffer".into())
}

fn open(races: bool) -> Result<Opened, BackendError> {
    if !nvrtc::has_nvrtc() {
        return Err(BackendError::NoDevice("libnvrtc.so cannot be loaded".into()));
    }
    Ok(Opened::device(DeviceBackend::new(Interpreter::new(races))))
}

fn main() {
    isospike_conformance::main(&[
        Subject::new("CUDA stand-in", "nvrtc", || open(false)),
        Subject::new("CUDA stand-in/races watched", "nvrtc", || open(true)),
    ])
}
