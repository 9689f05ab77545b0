//! From a model to a plan.

use crate::error::Error;
use isospike_core::base::memory;
use isospike_core::base::progress::begin;
use isospike_core::describe::checked::Checked;
use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_front::check::Limits;
use isospike_front::diagnostic::Diagnostic;
use isospike_front::file::{self, Override};
use isospike_front::network::Network;
use std::path::Path;
use std::sync::Arc;

/// A model that can run.
pub struct Loaded {
    /// The network, checked.
    pub network: Arc<Checked>,
    /// Its plan.
    pub plan: Plan,
    /// Remarks about what the writer of the model may not mean.
    pub notes: Vec<Diagnostic>,
}

impl Loaded {
    /// Reads, checks and lowers a model file, with these fields replaced. A network that needs more
    /// than `memory_bytes` on every backend is a mistake; `None` does not look.
    ///
    /// # Errors
    /// All mistakes of the model at once.
    pub fn read(
        model: &Path,
        overrides: &[Override],
        memory_bytes: Option<u64>,
    ) -> Result<Self, Error> {
        begin("reading the model", 0);
        Self::new(&file::read(model, overrides)?, memory_bytes)
    }

    /// The same from text. `name` stands for the file in mistakes, and relative paths start from
    /// `folder`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(
        text: &str,
        name: &str,
        folder: &Path,
        overrides: &[Override],
        memory_bytes: Option<u64>,
    ) -> Result<Self, Error> {
        Self::new(&file::parse(text, name, folder, overrides)?, memory_bytes)
    }

    /// Checks and lowers a network that was described by other means, such as the builder.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn new(described: &Network, memory_bytes: Option<u64>) -> Result<Self, Error> {
        begin("checking the model", 0);
        let network = Arc::new(described.check(Limits { memory_bytes })?);
        begin("deciding how it runs", 0);
        let plan = lower(network.clone());
        Ok(Self { network, plan, notes: described.notes() })
    }
}

/// Returns the memory that this process can still take, in bytes; `None` where the system does not
/// say.
pub fn available_memory() -> Option<u64> {
    // The limit that the backends go by too, where core has it.
    memory::available_bytes().or_else(|| {
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_memory();
        Some(system.available_memory()).filter(|bytes| *bytes > 0)
    })
}
