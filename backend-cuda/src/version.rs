//! Versions of CUDA, of devices and of PTX.

use std::fmt;

/// `13.5`: of CUDA, of a compute capability, of PTX.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Before the dot.
    pub major: u32,
    /// After the dot.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// The oldest CUDA that has all calls used here: with 11.4 came the instantiation of graphs
    /// with flags.
    pub(crate) const OLDEST: Self = Self { major: 11, minor: 4 };

    /// The version of PTX that the NVRTC of a CUDA writes and its driver reads (table "Release
    /// Notes" of NVIDIA's "Parallel Thread Execution ISA").
    pub(crate) fn ptx(self) -> Self {
        let minor = match self {
            Self { major: 12, minor: 6.. } => self.minor - 1,
            _ => self.minor,
        };
        Self { major: self.major.saturating_sub(4), minor }
    }

    /// 80 for 8.0, as in `compute_80`.
    pub(crate) fn architecture(self) -> u32 {
        10 * self.major + self.minor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cuda_has_its_ptx() {
        let pairs = [
            ((11, 4), (7, 4)),
            ((12, 5), (8, 5)),
            ((12, 6), (8, 5)),
            ((12, 9), (8, 8)),
            ((13, 0), (9, 0)),
        ];
        for ((major, minor), ptx) in pairs {
            let Version { major, minor } = Version { major, minor }.ptx();
            assert_eq!((major, minor), ptx);
        }
    }

    #[test]
    fn architectures_are_two_or_three_digits() {
        assert_eq!(Version { major: 8, minor: 6 }.architecture(), 86);
        assert_eq!(Version { major: 12, minor: 0 }.architecture(), 120);
    }
}
