//! A run: shards, the workers that step them, and their exchange of spikes.

pub(crate) mod autotuner;
pub(crate) mod exchange;
pub(crate) mod phases;
pub(crate) mod pool;
pub(crate) mod shard;
pub(crate) mod shown;
pub(crate) mod spin_wait;
pub(crate) mod stages;
pub(crate) mod worker;
