//! The properties of a device, whether they suffice, and what follows. No call to a driver but
//! in [`Capabilities::read`]: the rest is decided from the answers alone.

use crate::contraction_guard::ContractionGuard;
use isospike_core::device::Limits;
use isospike_core::ir::Guarantees;
use opencl3::device::{
    CL_DEVICE_TYPE_ACCELERATOR, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU,
    CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT, CL_FP_ROUND_TO_NEAREST, Device,
};
use opencl3::error_codes::ClError;

/// Groups of one launch, at most: 2^26 threads in groups of 64. OpenCL names no limit, and a
/// device that runs so many is busy.
const MOST_GROUPS: u32 = 1 << 20;

/// The extensions that bring atomics where the profile does not.
const ATOMICS: [&str; 2] =
    ["cl_khr_global_int32_base_atomics", "cl_khr_global_int32_extended_atomics"];

/// The description that a device gives of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// `OpenCL 3.0 PoCL ...`
    pub version: String,
    /// Bits of `CL_DEVICE_TYPE`.
    pub kind: u64,
    /// `FULL_PROFILE` or `EMBEDDED_PROFILE`.
    pub profile: String,
    /// Separated by spaces.
    pub extensions: String,
    /// Bits of `CL_DEVICE_SINGLE_FP_CONFIG`.
    pub float_config: u64,
    pub available: bool,
    pub has_compiler: bool,
    pub little_endian: bool,
    pub address_bits: u32,
    /// Threads in a group, in all and in the first dimension.
    pub group_size: usize,
    /// Bytes of all arguments of a kernel.
    pub argument_bytes: usize,
    /// Bytes of one buffer.
    pub buffer_bytes: u64,
    /// Bytes of all buffers.
    pub memory_bytes: u64,
}

impl Capabilities {
    /// Asks the device.
    pub(crate) fn read(device: &Device) -> Result<Self, ClError> {
        let first_dimension = device.max_work_item_sizes()?.first().copied().unwrap_or(1);
        Ok(Self {
            version: device.version()?,
            kind: device.dev_type()?,
            profile: device.profile()?,
            extensions: device.extensions()?,
            float_config: device.single_fp_config()?,
            available: device.available()?,
            has_compiler: device.compiler_available()?,
            little_endian: device.endian_little()?,
            address_bits: device.address_bits()?,
            group_size: device.max_work_group_size()?.min(first_dimension),
            argument_bytes: device.max_parameter_size()?,
            buffer_bytes: device.max_mem_alloc_size()?,
            memory_bytes: device.global_mem_size()?,
        })
    }

    /// Why it cannot run kernels of ours, where it cannot.
    pub(crate) fn obstacle(&self) -> Option<String> {
        if !self.available {
            return Some("its driver says that it is not available".into());
        }
        if !self.has_compiler {
            return Some("its driver has no compiler for OpenCL C".into());
        }
        if self.version_number() < (1, 2) {
            return Some(format!("it has `{}`; OpenCL 1.2 is needed", self.version.trim()));
        }
        if !self.has_atomics() {
            return Some(format!(
                "it has no 32-bit atomics on global memory ({} are missing)",
                ATOMICS.join(" and ")
            ));
        }
        if !self.little_endian {
            return Some("it is big-endian; words are exchanged in little-endian order".into());
        }
        if self.float_config & CL_FP_ROUND_TO_NEAREST == 0 {
            return Some("its floats do not round to nearest".into());
        }
        None
    }

    /// `gpu`, `accelerator` or `software`.
    pub(crate) fn kind(&self) -> &'static str {
        // A simulator says that it is all of them at once.
        if self.kind & CL_DEVICE_TYPE_CPU != 0 {
            "software"
        } else if self.kind & CL_DEVICE_TYPE_GPU != 0 {
            "gpu"
        } else if self.kind & CL_DEVICE_TYPE_ACCELERATOR != 0 {
            "accelerator"
        } else {
            "unknown"
        }
    }

    /// True where the device is the machine's own processor: it proves bits, not speed.
    pub(crate) fn is_software(&self) -> bool {
        self.kind() == "software"
    }

    /// Limits of a network. A software device lives in the machine's memory, so `host_bytes` (what
    /// the machine has left) limits it too.
    pub(crate) fn limits(&self, host_bytes: Option<u64>) -> Limits {
        let pointer_bytes = (self.address_bits as usize / 8).max(1);
        // One argument is kept for the zero of the full barrier.
        let bindings = (self.argument_bytes / pointer_bytes).saturating_sub(1);
        let memory_bytes = match host_bytes.filter(|_| self.is_software()) {
            Some(left) => left.min(self.memory_bytes),
            None => self.memory_bytes,
        };
        Limits {
            binding_words: self.buffer_bytes.min(self.memory_bytes) / 4,
            bindings: u32::try_from(bindings).unwrap_or(u32::MAX),
            groups: MOST_GROUPS,
            group_size: u32::try_from(self.group_size).unwrap_or(u32::MAX),
            memory_bytes: Some(memory_bytes),
        }
    }

    /// The guarantees of its arithmetic. Behind the full barrier stands a compiler that has broken
    /// its word, so nothing but sums and products is taken from it.
    pub(crate) fn guarantees(&self, contraction_guard: ContractionGuard) -> Guarantees {
        // The high word of a product is an integer operation of OpenCL C itself.
        let integers = Guarantees { mul_hi: true, ..Guarantees::NONE };
        match contraction_guard {
            ContractionGuard::FullBarrier => integers,
            ContractionGuard::NoContraction => Guarantees {
                ieee_div: self.rounds_division(),
                ieee_sqrt: self.rounds_division(),
                ieee_compare: true,
                int_to_float_nearest: self.float_config & CL_FP_ROUND_TO_NEAREST != 0,
                ..integers
            },
        }
    }

    /// The options of the compiler.
    pub(crate) fn build_options(&self, contraction_guard: ContractionGuard) -> String {
        let mut options = String::from("-cl-std=CL1.2");
        if self.guarantees(contraction_guard).ieee_div {
            options += " -cl-fp32-correctly-rounded-divide-sqrt";
        }
        options
    }

    fn rounds_division(&self) -> bool {
        self.float_config & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0
    }

    /// Part of every full profile since 1.1.
    fn has_atomics(&self) -> bool {
        let extensions: Vec<&str> = self.extensions.split_whitespace().collect();
        self.profile.trim() == "FULL_PROFILE" || ATOMICS.iter().all(|a| extensions.contains(a))
    }

    /// Major and minor of `OpenCL 1.2 whatever`.
    fn version_number(&self) -> (u32, u32) {
        let number = self.version.split_whitespace().nth(1).unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A discrete GPU with everything.
    fn gpu() -> Capabilities {
        Capabilities {
            version: "OpenCL 3.0 CUDA".into(),
            kind: CL_DEVICE_TYPE_GPU,
            profile: "FULL_PROFILE".into(),
            extensions: String::new(),
            float_config: CL_FP_ROUND_TO_NEAREST | CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT,
            available: true,
            has_compiler: true,
            little_endian: true,
            address_bits: 64,
            group_size: 1024,
            argument_bytes: 4096,
            buffer_bytes: 2 << 30,
            memory_bytes: 8 << 30,
        }
    }

    #[test]
    fn a_device_that_lacks_something_is_refused_by_its_name() {
        assert_eq!(gpu().obstacle(), None);
        let embedded = Capabilities { profile: "EMBEDDED_PROFILE".into(), ..gpu() };
        let with_atomics = Capabilities { extensions: ATOMICS.join(" "), ..embedded.clone() };
        assert_eq!(with_atomics.obstacle(), None);
        let base_only = Capabilities { extensions: ATOMICS[0].into(), ..embedded.clone() };
        let cases = [
            (Capabilities { available: false, ..gpu() }, "not available"),
            (Capabilities { has_compiler: false, ..gpu() }, "compiler"),
            (Capabilities { version: "OpenCL 1.1 Mesa".into(), ..gpu() }, "OpenCL 1.2 is needed"),
            (Capabilities { version: String::new(), ..gpu() }, "OpenCL 1.2 is needed"),
            (embedded, "atomics"),
            (base_only, "extended_atomics"),
            (Capabilities { little_endian: false, ..gpu() }, "big-endian"),
            (Capabilities { float_config: 0, ..gpu() }, "round to nearest"),
        ];
        for (device, word) in cases {
            let why = device.obstacle().unwrap_or_default();
            assert!(why.contains(word), "{why:?} does not say {word}");
        }
    }

    #[test]
    fn kinds() {
        let kind = |kind| Capabilities { kind, ..gpu() }.kind();
        assert_eq!(kind(CL_DEVICE_TYPE_GPU), "gpu");
        assert_eq!(kind(CL_DEVICE_TYPE_ACCELERATOR), "accelerator");
        assert_eq!(kind(CL_DEVICE_TYPE_CPU), "software");
        assert_eq!(kind(CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU), "software");
    }

    #[test]
    fn division_is_promised_where_the_device_rounds_it_and_nothing_breaks_its_word() {
        let option = "-cl-fp32-correctly-rounded-divide-sqrt";
        assert_eq!(gpu().guarantees(ContractionGuard::NoContraction), Guarantees::ALL);
        assert!(gpu().build_options(ContractionGuard::NoContraction).contains(option));
        let rough = Capabilities { float_config: CL_FP_ROUND_TO_NEAREST, ..gpu() };
        for (device, contraction_guard) in
            [(&rough, ContractionGuard::NoContraction), (&gpu(), ContractionGuard::FullBarrier)]
        {
            let guarantees = device.guarantees(contraction_guard);
            assert!(!guarantees.ieee_div && !guarantees.ieee_sqrt && guarantees.mul_hi);
            assert!(!device.build_options(contraction_guard).contains(option));
        }
    }

    #[test]
    fn limits_come_from_the_device_and_for_software_from_the_machine() {
        let limits = gpu().limits(Some(1 << 30));
        assert_eq!(limits.binding_words, 1 << 29);
        assert_eq!((limits.bindings, limits.group_size), (511, 1024));
        assert_eq!(limits.memory_bytes, Some(8 << 30));
        let narrow = Capabilities { address_bits: 32, ..gpu() };
        assert_eq!(narrow.limits(None).bindings, 1023);
        let cpu = Capabilities { kind: CL_DEVICE_TYPE_CPU, ..gpu() };
        assert_eq!(cpu.limits(Some(1 << 30)).memory_bytes, Some(1 << 30));
        assert_eq!(cpu.limits(Some(1 << 40)).memory_bytes, Some(8 << 30));
        assert_eq!(cpu.limits(None).memory_bytes, Some(8 << 30));
    }
}
