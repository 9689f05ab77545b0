//! Guards against compilers that rearrange floats.
//!
//! OpenCL C may fuse a product and a sum of one expression. [`ContractionGuard::NoContraction`]
//! forbids that by the pragma `FP_CONTRACT OFF` and gives each operation a statement of its own;
//! nothing else is allowed to a compiler without options for fast arithmetic, and here it never is.
//! [`ContractionGuard::FullBarrier`] needs no compiler to keep its word: it is taken where one
//! breaks it.

use isospike_core::device::adapter::FoundDevice;
use isospike_core::print;
use std::str::FromStr;

/// How float operations are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractionGuard {
    /// `FP_CONTRACT OFF`, and division and square root as the device promises them.
    NoContraction,
    /// The full barrier in the text, and nothing of the device but sums and products of floats.
    FullBarrier,
}

impl ContractionGuard {
    /// The text that printed kernels must contain. The pragma stands in every text.
    pub(crate) fn of_text(self) -> print::ContractionGuard {
        match self {
            Self::FullBarrier => print::ContractionGuard::FullBarrier,
            Self::NoContraction => print::ContractionGuard::None,
        }
    }

    /// As [`FromStr`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoContraction => "no-contraction",
            Self::FullBarrier => "full-barrier",
        }
    }
}

/// Says why [`ContractionGuard::NoContraction`] does not hold on a device whose compiler is known
/// to break its word in some kernels and to keep it in others: no sample of its kernels proves the
/// rest.
///
/// The network `crossing` of the conformance suite (`conformance/cases/crossing.toml`) shows it:
/// with AVX2 one word of its state is 1 ulp off, while all kernels of the self-test are right; with
/// AVX-512 the self-test finds a difference too.
pub(crate) fn known_fault(found: &FoundDevice) -> Option<&'static str> {
    let is_intel_cpu = found.software && found.platform.starts_with("Intel(R) OpenCL");
    is_intel_cpu.then_some(
        "Intel's compiler for processors multiplies out products of differences in some kernels, \
         against FP_CONTRACT OFF, whatever the kernels of the self-test give",
    )
}

impl FromStr for ContractionGuard {
    type Err = String;

    /// `no-contraction` or `full-barrier`.
    fn from_str(s: &str) -> Result<Self, String> {
        [Self::NoContraction, Self::FullBarrier].into_iter().find(|p| p.name() == s).ok_or_else(
            || format!("`{s}` is not a protection; there are no-contraction, full-barrier"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protections_have_names() {
        for p in [ContractionGuard::NoContraction, ContractionGuard::FullBarrier] {
            assert_eq!(p.name().parse(), Ok(p));
        }
        assert!("fast".parse::<ContractionGuard>().is_err());
    }

    #[test]
    fn the_compiler_for_processors_of_intel_is_known() {
        let found = |platform: &str, software| FoundDevice {
            index: 0,
            name: "AMD EPYC".into(),
            platform: platform.into(),
            vendor: "Intel(R) Corporation".into(),
            driver: "2026.21.3".into(),
            version: "OpenCL 3.0".into(),
            memory_bytes: Some(1 << 33),
            kind: if software { "software" } else { "gpu" },
            software,
            obstacle: None,
        };
        assert!(known_fault(&found("Intel(R) OpenCL", true)).is_some());
        assert!(known_fault(&found("Intel(R) OpenCL Graphics", false)).is_none());
        assert!(known_fault(&found("Portable Computing Language", true)).is_none());
    }
}
