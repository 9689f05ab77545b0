//! How float operations keep their bits: WGSL lets a driver fuse, reorder and merge them, and
//! drivers do.
//!
//! On Vulkan every float operation of the compiled module is marked `NoContraction`, which forbids
//! all of that at no cost; wgpu has no way to ask for it, so the module is compiled and marked here
//! and handed to the driver as it is. Elsewhere no such mark exists, and the text itself must leave
//! the compiler nothing to simplify: the *full barrier* passes each intermediate result through an
//! exclusive-or with a zero that no compiler can see.

#![allow(unsafe_code)]

use crate::wgsl::Wgsl;
use isospike_core::ir::verify::Verified;
use isospike_core::print;
use isospike_core::run::backend::BackendError;
use std::borrow::Cow;
use std::str::FromStr;

/// How float operations are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractionGuard {
    /// `NoContraction` on every float operation. Vulkan only.
    NoContraction,
    /// The full barrier in the text. Everywhere.
    FullBarrier,
    /// Nothing. The bits are then wrong on every driver known, which is what tests use it for;
    /// a backend refuses it unless the start-up self-test passes.
    None,
}

impl ContractionGuard {
    /// The protection that the printed text must contain.
    pub(crate) fn of_text(self) -> print::ContractionGuard {
        match self {
            Self::FullBarrier => print::ContractionGuard::FullBarrier,
            Self::NoContraction | Self::None => print::ContractionGuard::None,
        }
    }

    /// As [`FromStr`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoContraction => "no-contraction",
            Self::FullBarrier => "full-barrier",
            Self::None => "none",
        }
    }
}

impl FromStr for ContractionGuard {
    type Err = String;

    /// `no-contraction`, `full-barrier` or `none`.
    fn from_str(s: &str) -> Result<Self, String> {
        [Self::NoContraction, Self::FullBarrier, Self::None]
            .into_iter()
            .find(|p| p.name() == s)
            .ok_or_else(|| {
                format!("`{s}` is not a protection; there are no-contraction, full-barrier, none")
            })
    }
}

/// The entry point of every text that [`crate::wgsl`] prints.
pub(crate) const ENTRY_POINT: &str = "main";

/// Gives the driver the module of a kernel, printed by [`crate::wgsl`].
///
/// Checks at run time are off. They could not change a result: they clamp indices and count loop
/// iterations, and a verified kernel indexes in range of buffers as long as it was verified for,
/// which is checked before each launch. Its loops end by construction; divisors are constants
/// above 0.
pub(crate) fn module(
    device: &wgpu::Device,
    contraction_guard: ContractionGuard,
    kernel: &Verified,
) -> Result<wgpu::ShaderModule, BackendError> {
    let kernel = kernel.kernel();
    let text = print::print(kernel, &Wgsl, contraction_guard.of_text())
        .map_err(|why| BackendError::Kernel(why.to_string()))?;
    if contraction_guard != ContractionGuard::NoContraction {
        let source = wgpu::ShaderSource::Wgsl(Cow::Borrowed(&text));
        let wanted = wgpu::ShaderModuleDescriptor { label: Some(&kernel.name), source };
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        // SAFETY: as said above, the kernel indexes in range, its loops end, and it divides by
        // constants above 0; it has no ray queries, task or mesh shaders.
        return Ok(unsafe { device.create_shader_module_trusted(wanted, checks) });
    }
    let entry = wgpu::PassthroughShaderEntryPoint {
        name: Cow::Borrowed(ENTRY_POINT),
        workgroup_size: (kernel.group_size, 1, 1),
    };
    let wanted = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some(&kernel.name),
        entry_points: Cow::Owned(vec![entry]),
        spirv: Some(Cow::Owned(mark_no_contraction(&spirv(&text, &kernel.name)?))),
        ..Default::default()
    };
    // SAFETY: the words were just written by naga from a module that its validator accepted, and
    // marking adds decorations only. The kernel itself is safe for the reasons above.
    Ok(unsafe { device.create_shader_module_passthrough(wanted) })
}

/// WGSL -> SPIR-V 1.3 (Vulkan 1.1), without checks at run time.
fn spirv(text: &str, name: &str) -> Result<Vec<u32>, BackendError> {
    let failed = |why: String| BackendError::Kernel(format!("kernel {name}: {why}"));
    let module = naga::front::wgsl::parse_str(text).map_err(|e| failed(e.emit_to_string(text)))?;
    let flags = naga::valid::ValidationFlags::all();
    let info = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty())
        .validate(&module)
        .map_err(|e| failed(e.emit_to_string(text)))?;
    let unchecked = naga::proc::BoundsCheckPolicy::Unchecked;
    let options = naga::back::spv::Options {
        lang_version: (1, 3),
        flags: naga::back::spv::WriterFlags::empty(),
        bounds_check_policies: naga::proc::BoundsCheckPolicies {
            index: unchecked,
            buffer: unchecked,
            image_load: unchecked,
            binding_array: unchecked,
        },
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    naga::back::spv::write_vec(&module, &info, &options, None).map_err(|e| failed(e.to_string()))
}

/// Words before the first instruction of a SPIR-V module.
const HEADER: usize = 5;
const OP_DECORATE: u32 = 71;
const OP_MEMBER_DECORATE: u32 = 72;
/// OpFNegate, OpFAdd, OpFSub, OpFMul, OpFDiv; the second operand of each is its result.
const FLOAT_OPS: [u32; 5] = [127, 129, 131, 133, 136];
const NO_CONTRACTION: u32 = 42;

/// Decorates the result of every float operation of a SPIR-V module with `NoContraction`.
fn mark_no_contraction(module: &[u32]) -> Vec<u32> {
    let mut results = Vec::new();
    let mut decorations_end = None;
    let mut types_start = None;
    for (at, opcode, words) in instructions(module) {
        match opcode {
            OP_DECORATE | OP_MEMBER_DECORATE => decorations_end = Some(at + words.len()),
            // OpTypeVoid (19) to OpTypeForwardPointer (39) are the first after decorations.
            19..=39 => _ = types_start.get_or_insert(at),
            op if FLOAT_OPS.contains(&op) => results.push(words[2]),
            _ => {}
        }
    }
    let at = decorations_end.or(types_start).unwrap_or(module.len());
    let mut marked = module[..at].to_vec();
    for id in results {
        marked.extend([(3 << 16) | OP_DECORATE, id, NO_CONTRACTION]);
    }
    marked.extend(&module[at..]);
    marked
}

/// (position, opcode, words) of each instruction.
fn instructions(module: &[u32]) -> impl Iterator<Item = (usize, u32, &[u32])> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let first = *module.get(at)?;
        let (start, len) = (at, (first >> 16).max(1) as usize);
        at += len;
        Some((start, first & 0xffff, module.get(start..at)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
        @group(0) @binding(0) var<storage, read_write> x: array<u32>;
        @compute @workgroup_size(64) fn f(@builtin(global_invocation_id) id: vec3<u32>) {
            let a = bitcast<f32>(x[id.x]);
            let b = a * 1.5;
            let c = b + a;
            let d = -(c - 2.0);
            x[id.x] = bitcast<u32>(d / a);
        }";

    #[test]
    fn every_float_operation_is_marked_and_nothing_else_changes() {
        let plain = spirv(TEXT, "f").unwrap();
        let marked = mark_no_contraction(&plain);
        assert_eq!(marked.len(), plain.len() + 5 * 3);
        let floats: Vec<u32> = instructions(&marked)
            .filter(|(_, op, _)| FLOAT_OPS.contains(op))
            .map(|(_, _, words)| words[2])
            .collect();
        let is_mark = |op: u32, words: &[u32]| op == OP_DECORATE && words[2] == NO_CONTRACTION;
        let marks: Vec<u32> = instructions(&marked)
            .filter(|(_, op, words)| is_mark(*op, words))
            .map(|(_, _, words)| words[1])
            .collect();
        assert_eq!(floats.len(), 5);
        assert_eq!(floats, marks);
        let rest: Vec<u32> = instructions(&marked)
            .filter(|(_, op, words)| !is_mark(*op, words))
            .flat_map(|(_, _, words)| words.iter().copied())
            .collect();
        assert_eq!(rest, plain[HEADER..]);
    }

    #[test]
    fn marks_stand_before_the_types() {
        let marked = mark_no_contraction(&spirv(TEXT, "f").unwrap());
        let at = |wanted: u32| {
            instructions(&marked).filter(move |(_, op, _)| *op == wanted).map(|(at, _, _)| at)
        };
        let first_void = at(19).next().unwrap();
        assert!(at(OP_DECORATE).all(|mark| mark < first_void));
        const OP_FUNCTION: u32 = 54;
        assert!(at(OP_FUNCTION).all(|function| function > first_void));
    }

    #[test]
    fn a_text_that_is_not_wgsl_is_a_typed_error() {
        let error = spirv("fn f( {", "f").unwrap_err();
        assert!(matches!(error, BackendError::Kernel(why) if why.contains("kernel f")));
    }

    #[test]
    fn protections_have_names() {
        for p in
            [ContractionGuard::NoContraction, ContractionGuard::FullBarrier, ContractionGuard::None]
        {
            assert_eq!(p.name().parse(), Ok(p));
        }
        assert!("fast".parse::<ContractionGuard>().is_err());
    }
}
