//! The machine, and its work beside us.

use crate::report::{MachineReport, MemoryReport};
use isospike_benches::bandwidth::Memory;
use isospike_conformance::certificate::utc;
use isospike_core::base::cores::cores;
use std::time::SystemTime;
use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// This machine, with its memory measured.
pub struct Machine {
    memory: Memory,
    processor: String,
}

impl Machine {
    /// Measures the memory with all cores.
    pub fn measure() -> Self {
        let what = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
        let system = System::new_with_specifics(what).ok();
        let brand = system.and_then(|s| s.cpus().first().map(|cpu| cpu.brand().trim().to_owned()));
        let processor = match brand {
            Some(brand) if !brand.is_empty() => brand,
            _ => std::env::consts::ARCH.to_owned(),
        };
        Self { memory: Memory::measure(cores()), processor }
    }

    /// The memory beyond the caches.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// As it is now: date and load.
    pub fn report(&self) -> MachineReport {
        let Memory { threads, array_bytes, read, copy, triad } = self.memory;
        MachineReport {
            date: utc(SystemTime::now()),
            processor: self.processor.clone(),
            cores: cores(),
            load_average: System::load_average().ok().map(|load| load.one),
            memory: MemoryReport {
                threads,
                array_bytes,
                read_gb_per_s: read * 1e-9,
                copy_gb_per_s: copy * 1e-9,
                triad_gb_per_s: triad * 1e-9,
            },
        }
    }
}

/// From here on the peak of the process's memory counts anew; false where the system cannot.
pub fn reset_peak() -> bool {
    cfg!(target_os = "linux") && std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// The most memory that the process has held since [`reset_peak`]; `None` where Linux's `/proc` is
/// not there.
pub fn peak_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_sees_memory_that_is_gone() {
        if !reset_peak() {
            return;
        }
        let before = peak_bytes().unwrap();
        let taken = std::hint::black_box(vec![1_u8; 200 << 20]);
        drop(taken);
        assert!(peak_bytes().unwrap() >= before + (150 << 20));
    }
}
