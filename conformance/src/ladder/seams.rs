//! Rung 9: where runs are cut, doubled and continued.

use super::{Rung, Settings, Test};
use crate::cases::{self, Case};
use crate::{checkpoint, verdict};

/// Batches cut into chunks, and checkpoints of every case.
pub fn tests(_: &Settings) -> Vec<Test> {
    let chunks = |case: Case| {
        Test::new(Rung::Seams, case.name.clone(), move |backend, _| {
            verdict::against_oracle(backend, &case)
        })
    };
    let checkpoints = |case: Case| {
        Test::new(Rung::Seams, format!("checkpoint/{}", case.name), move |backend, _| {
            checkpoint::against_oracle(backend, &case)
        })
    };
    let batches = cases::named(&["batch"]).into_iter().map(chunks);
    batches.chain(cases::all().into_iter().map(checkpoints)).collect()
}
