//! Network -> Checked, or all mistakes at once. The only way to a [`Checked`].

pub(crate) mod suggest;

use crate::checked::Checked;
use crate::mistake::Mistakes;
use crate::network::Network;

/// What the machine allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Refuse networks that need more than this; `None`: do not look.
    pub memory_bytes: Option<u64>,
}

impl Network {
    /// Finds every mistake, or gives the network in plain numbers.
    pub fn check(&self, limits: Limits) -> Result<Checked, Mistakes> {
        let _ = limits;
        todo!()
    }
}
