//! Instruction sets, found once.

use isospike_core::base::environment;
use isospike_core::run::backend::BackendError;

/// An instruction set that the neuron update can be compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// The instructions that every processor of this architecture has: SSE2 on x86-64, NEON on
    /// AArch64.
    Baseline,
    /// AVX2, 8 words at a time (x86-64).
    Avx2,
    /// AVX-512 F, BW, DQ and VL with POPCNT, 16 words at a time (x86-64).
    Avx512,
}

impl Isa {
    /// All of them, narrowest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// Whether this machine has it.
    pub fn available(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512_detected(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The widest that this machine has.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|isa| isa.available()).unwrap_or(Self::Baseline)
    }

    /// Its word in the environment.
    fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Reads `ISOSPIKE_CPU_ISA` (`docs/environment.md`); `None` where it is unset or empty.
    ///
    /// Errors: a value that is no word of an instruction set.
    pub(crate) fn from_environment() -> Result<Option<Self>, BackendError> {
        let name = "ISOSPIKE_CPU_ISA";
        let Some(text) = environment::text(name).map_err(BackendError::Unsupported)? else {
            return Ok(None);
        };
        let found = Self::ALL.into_iter().find(|isa| isa.word().eq_ignore_ascii_case(&text));
        let wrong = || {
            let words = Self::ALL.map(Self::word).join("`, `");
            BackendError::Unsupported(format!("{name}={text} is none of `{words}`"))
        };
        found.map(Some).ok_or_else(wrong)
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline if cfg!(target_arch = "x86_64") => "SSE2",
            Self::Baseline if cfg!(target_arch = "aarch64") => "NEON",
            Self::Baseline => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx512_detected() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("popcnt")
}

/// An instruction set that was found on this machine; the only way to [`dispatch`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detected(Isa);

impl Detected {
    /// The requested one, or the best; an error where the machine lacks it.
    pub fn new(wanted: Option<Isa>) -> Result<Self, BackendError> {
        let isa = wanted.unwrap_or_else(Isa::best);
        if isa.available() {
            Ok(Self(isa))
        } else {
            Err(BackendError::NoDevice(format!("this processor has no {}", isa.name())))
        }
    }

    /// Which.
    pub fn isa(self) -> Isa {
        self.0
    }
}
