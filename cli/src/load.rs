//! From a model file to a plan.

use crate::args::ModelArgs;
use crate::failure::Failure;
use crate::progress::screen;
use isospike_core::base::console::note;
use isospike_core::base::cores::cores;
use isospike_core::base::memory;
use isospike_core::base::progress::begin;
use isospike_core::describe::checked::Checked;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use std::sync::Arc;

/// A model that can run.
pub struct Loaded {
    /// What was read.
    pub network: Arc<Checked>,
    /// What will run.
    pub plan: Plan,
}

/// Reads, checks and lowers a model. Networks larger than this machine's memory are a mistake
/// unless `any_size`: `inspect` may look at a network that another machine will run.
pub fn load(args: &ModelArgs, any_size: bool) -> Result<Loaded, Failure> {
    begin("reading the model", 0);
    let described = isospike_front::file::read(&args.model, &args.overrides())?;
    let memory_bytes = if any_size { None } else { available_memory() };
    begin("checking the model", 0);
    let network = Arc::new(described.check(Limits { memory_bytes })?);
    for told in described.notes() {
        screen::clear();
        note(format_args!("note: {told}"));
    }
    begin("deciding how it runs", 0);
    let plan = lower(network.clone());
    Ok(Loaded { network, plan })
}

/// Bounds the threads that draw rows and build networks by those that are given for the cpu.
pub fn bound_builders(threads: Option<u32>) {
    if let Some(threads) = threads {
        let threads = cores().min(threads as usize);
        // Fails only where threads build already, and this comes first of all.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
}

/// Memory that this process can still take, in bytes; `None` where the system does not say.
pub fn available_memory() -> Option<u64> {
    // What the backends go by too, where core knows it.
    memory::available_bytes().or_else(|| {
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_memory();
        Some(system.available_memory()).filter(|bytes| *bytes > 0)
    })
}
