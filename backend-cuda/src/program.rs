//! From a kernel to PTX: printed as CUDA C, compiled by NVRTC, checked, kept on disk.

use crate::driver;
use crate::ptx;
use crate::version::Version;
use isospike_core::device::cache::{Cache, Key};
use isospike_core::ir;
use isospike_core::print;
use isospike_core::print::c::CUDA_C;
use isospike_core::run::backend::BackendError;

/// Options of NVRTC for floats. The text names the rounding of every operation as well: either
/// alone would do.
pub const FLOAT_OPTIONS: [&str; 4] =
    ["--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true"];

/// How to get NVRTC. The folder is where the package of PyPI puts the library.
pub(crate) const HOW_TO_GET_NVRTC: &str = "it comes with the CUDA toolkit, and without one by \
     `pip install nvidia-cuda-nvrtc`; then LD_LIBRARY_PATH must name the folder of libnvrtc, \
     site-packages/nvidia/cu13/lib";

/// NVRTC, NVIDIA's compiler from CUDA C to PTX, as this machine has it. It needs no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    version: Version,
    /// Ascending.
    architectures: Vec<u32>,
}

impl Compiler {
    /// Loads NVRTC. Error: why it cannot be used, and what to do.
    pub fn load() -> Result<Self, String> {
        if !driver::has_nvrtc() {
            return Err(format!("there is no NVRTC (libnvrtc.so); {HOW_TO_GET_NVRTC}"));
        }
        let broken = || format!("NVRTC does not answer; {HOW_TO_GET_NVRTC}");
        let version = driver::nvrtc_version().ok_or_else(broken)?;
        if version < Version::OLDEST {
            return Err(format!(
                "NVRTC is of CUDA {version}, and {} is the oldest that is used; {HOW_TO_GET_NVRTC}",
                Version::OLDEST
            ));
        }
        Ok(Self::with(version, driver::nvrtc_architectures().ok_or_else(broken)?))
    }

    pub(crate) fn with(version: Version, mut architectures: Vec<u32>) -> Self {
        architectures.sort_unstable();
        Self { version, architectures }
    }

    /// The CUDA that it belongs to.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The architecture to compile for a device of this compute capability: its own, or the
    /// highest below it that this NVRTC supports; the driver compiles PTX of one for all later
    /// ones.
    pub fn architecture(&self, capability: Version) -> Option<u32> {
        let own = capability.architecture();
        self.architectures.iter().copied().rfind(|known| *known <= own)
    }

    /// The options for an architecture, 80 for `compute_80`.
    pub fn options(architecture: u32) -> Vec<String> {
        let virtual_architecture = format!("--gpu-architecture=compute_{architecture}");
        FLOAT_OPTIONS.iter().map(|s| s.to_string()).chain([virtual_architecture]).collect()
    }

    /// Compiles CUDA C to PTX. Nothing is checked yet.
    ///
    /// Errors: [`BackendError::Kernel`] with the compiler's log and the numbered text.
    pub fn compile(
        &self,
        text: &str,
        name: &str,
        options: &[String],
    ) -> Result<String, BackendError> {
        driver::compile(text, name, options).map_err(|log| {
            BackendError::Kernel(format!(
                "kernel {name} does not compile with {}:\n{log}\n{}",
                options.join(" "),
                print::numbered(text)
            ))
        })
    }

    /// The checked PTX of a kernel for an architecture, and whether the cache had it.
    ///
    /// Errors: [`BackendError::Kernel`] where it does not compile, or where its PTX has an
    /// instruction that the contract has not.
    pub fn program(
        &self,
        kernel: &ir::Kernel,
        architecture: u32,
        cache: &Cache,
    ) -> Result<Program, BackendError> {
        let text = source(kernel)?;
        let options = Self::options(architecture);
        // PTX is the same for every device of an architecture and for every driver; what the
        // driver makes of it, the driver keeps in a cache of its own.
        let key = Key::new(&["cuda", &text, &options.join(" "), &self.version.to_string()]);
        if let Some(ptx) = cache.get(&key).and_then(|bytes| String::from_utf8(bytes).ok()) {
            if ptx::check(&ptx).is_ok() {
                return Ok(Program { ptx, key, from_cache: true });
            }
            cache.remove(&key);
        }
        let ptx = self.compile(&text, &kernel.name, &options)?;
        ptx::check(&ptx).map_err(|finding| {
            BackendError::Kernel(format!(
                "kernel {} is not what was written: {finding}; NVRTC {} was told {}",
                kernel.name,
                self.version,
                options.join(" ")
            ))
        })?;
        cache.put(&key, ptx.as_bytes());
        Ok(Program { ptx, key, from_cache: false })
    }
}

/// Checked PTX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The text.
    pub ptx: String,
    /// Its entry in the cache.
    pub key: Key,
    /// Whether the cache had it, so that nothing was compiled.
    pub from_cache: bool,
}

/// The CUDA C of a kernel.
///
/// Errors: [`BackendError::Kernel`] with the operation that C has not.
pub fn source(kernel: &ir::Kernel) -> Result<String, BackendError> {
    print::print(kernel, &CUDA_C, print::ContractionGuard::None)
        .map_err(|e| BackendError::Kernel(e.to_string()))
}
