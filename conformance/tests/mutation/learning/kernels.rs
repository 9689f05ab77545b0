//! Kernels of synapses that learn, changed.

use crate::wrong::each_statement;
use isospike_core::ir::{Kernel, Stmt};

/// Notes that post events up to this step have been carried out where a pre event is noted, not
/// those before this step only.
pub fn caught_this_step(kernel: &mut Kernel) {
    if kernel.name != "records" {
        return;
    }
    let mut stores = Vec::new();
    each_statement(&mut kernel.body, &mut |stmt| {
        if let Stmt::Store { value, .. } = stmt {
            stores.push(value);
        }
        vec![stmt]
    });
    // The last two are the step of the event + 1, and the step.
    let [.., next, step] = stores[..] else { return };
    each_statement(&mut kernel.body, &mut |stmt| match stmt {
        Stmt::Store { buffer, index, value } if value == step => {
            vec![Stmt::Store { buffer, index, value: next }]
        }
        other => vec![other],
    });
}
