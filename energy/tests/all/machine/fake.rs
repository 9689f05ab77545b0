//! A fake sysfs and a fake NVML.

use isospike_energy::meter::{Meters, Nvml, Roots, discover_in};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A sysfs in a folder of its own.
pub struct Machine {
    folder: TempDir,
    nvml: Result<Arc<dyn Nvml>, String>,
}

impl Machine {
    /// A machine with no counter at all.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, nvml: Err("no driver".into()) }
    }

    /// The same with GPUs.
    pub fn with_gpus(nvml: Arc<Gpus>) -> Self {
        Self { nvml: Ok(nvml), ..Self::new() }
    }

    /// Writes a file, such as `powercap/intel-rapl:0/energy_uj`.
    pub fn write(&self, path: &str, text: impl ToString) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{}\n", text.to_string())).unwrap();
    }

    /// A folder where a file should be: nobody can read that, not even root.
    pub fn unreadable(&self, path: &str) {
        std::fs::create_dir_all(self.folder.path().join(path)).unwrap();
    }

    /// A zone of RAPL.
    pub fn zone(&self, id: &str, name: &str, energy_uj: u64, range_uj: u64) {
        self.write(&format!("powercap/{id}/name"), name);
        self.write(&format!("powercap/{id}/energy_uj"), energy_uj);
        self.write(&format!("powercap/{id}/max_energy_range_uj"), range_uj);
    }

    /// Its meters.
    pub fn meters(&self) -> Meters {
        let root = |name: &str| self.folder.path().join(name);
        let roots =
            Roots { powercap: root("powercap"), hwmon: root("hwmon"), nvml: self.nvml.clone() };
        discover_in(&roots)
    }

    /// The folder of the fake.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// GPUs with counters that tests turn.
pub struct Gpus {
    names: Vec<&'static str>,
    energy_mj: Vec<Option<AtomicU64>>,
}

impl Gpus {
    /// These GPUs; one whose energy is `None` has no counter.
    pub fn new(gpus: &[(&'static str, Option<u64>)]) -> Arc<Self> {
        let names = gpus.iter().map(|(name, _)| *name).collect();
        let energy_mj = gpus.iter().map(|(_, energy)| energy.map(AtomicU64::new)).collect();
        Arc::new(Self { names, energy_mj })
    }

    /// Sets a counter.
    pub fn set(&self, gpu: usize, energy_mj: u64) {
        self.energy_mj[gpu].as_ref().unwrap().store(energy_mj, Ordering::SeqCst);
    }
}

impl Nvml for Gpus {
    fn count(&self) -> Result<u32, String> {
        Ok(self.names.len() as u32)
    }

    fn name(&self, gpu: u32) -> Result<String, String> {
        Ok(self.names[gpu as usize].into())
    }

    fn total_energy_mj(&self, gpu: u32) -> Result<u64, String> {
        let counter = self.energy_mj[gpu as usize].as_ref().ok_or("no energy counter")?;
        Ok(counter.load(Ordering::SeqCst))
    }
}
