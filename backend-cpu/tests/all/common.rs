//! Helpers that the tests of this backend share beside the plans made by hand of the conformance
//! suite.

pub mod run;

use isospike_core::base::environment::switch;
use isospike_cpu::{Isa, Options};

/// Every way in which this machine can run programs: instruction sets, interpreted and generated.
pub fn every_way() -> impl Iterator<Item = Options> {
    let here = Isa::ALL.into_iter().filter(|isa| isa.available());
    here.flat_map(|isa| {
        [true, false].map(|interpret| Options { isa: Some(isa), interpret, ..Options::default() })
    })
}

/// Whether programs become machine code with these options.
pub fn generates(options: Options) -> bool {
    let asked = !options.interpret && options.isa != Some(Isa::Baseline);
    let switch = switch("ISOSPIKE_CPU_JIT").expect("a switch");
    asked && switch != Some(false) && cfg!(target_arch = "x86_64")
}
