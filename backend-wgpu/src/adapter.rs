//! Which devices are there, and which one is meant.

use crate::stray;
use isospike_core::run::backend::BackendError;
use wgpu::{Backend, Backends, DeviceType};

/// The interfaces that are asked first; they let a driver be told more than GL does.
const NATIVE: Backends = Backends::VULKAN.union(Backends::METAL).union(Backends::DX12);

/// What to do where nothing is found.
const HOW_TO_GET_ONE: &str = "install a Vulkan driver; without a GPU, Debian and Ubuntu have a \
     software one in the package mesa-vulkan-drivers, and an OpenGL one in libegl1 and \
     libgl1-mesa-dri";

/// A device that wgpu found. The same chip appears once for each interface it can be reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// Its place in the list of [`devices`], a selector of [`crate::open`].
    pub index: usize,
    /// As the driver gives it: `llvmpipe (LLVM 15.0.6, 256 bits)`.
    pub name: String,
    /// Driver and version, empty where the driver does not say.
    pub driver: String,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub api: &'static str,
    /// `discrete`, `integrated`, `virtual`, `software` or `unknown`.
    pub kind: &'static str,
    /// True where the device is software: it proves bits, not speed.
    pub software: bool,
}

/// All devices that wgpu can reach, the preferred one first: hardware before software, discrete
/// before integrated, and of equals the one not reached through GL.
pub fn devices() -> Vec<FoundDevice> {
    describe(&enumerate(NATIVE | Backends::GL))
}

/// The adapter that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<wgpu::Adapter, BackendError> {
    let selector = selector.map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty());
    let mut adapters = match selector.as_deref() {
        None => preferred(),
        Some(s) => enumerate(backends_named(s).unwrap_or(NATIVE | Backends::GL)),
    };
    let found = describe(&adapters);
    match choose(&found, selector.as_deref()) {
        Some(i) => Ok(adapters.swap_remove(i)),
        None => Err(not_found(&found, selector.as_deref())),
    }
}

/// Opening GL costs a context and may write to the terminal, so it is only asked where the
/// native interfaces have no hardware.
fn preferred() -> Vec<wgpu::Adapter> {
    let mut adapters = enumerate(NATIVE);
    let hardware = |a: &wgpu::Adapter| class(a.get_info().device_type) < class(DeviceType::Cpu);
    if !adapters.iter().any(hardware) {
        adapters.extend(enumerate(Backends::GL));
        adapters.sort_by_key(preference);
    }
    adapters
}

fn enumerate(backends: Backends) -> Vec<wgpu::Adapter> {
    let mut wanted = wgpu::InstanceDescriptor::new_without_display_handle();
    wanted.backends = backends;
    // No debug layers: they slow everything down and write to the terminal.
    wanted.flags = wgpu::InstanceFlags::empty();
    // A driver that overcommits would fail in the middle of a run instead.
    wanted.memory_budget_thresholds.for_resource_creation = Some(97);
    let mut adapters = stray::without(|| {
        let instance = wgpu::Instance::new(wanted);
        let mut adapters = pollster::block_on(instance.enumerate_adapters(backends));
        adapters.retain(can_compute);
        adapters
    });
    adapters.sort_by_key(preference);
    adapters
}

/// GL before 4.3 and ES before 3.1 have no compute shaders.
fn can_compute(adapter: &wgpu::Adapter) -> bool {
    let flags = adapter.get_downlevel_capabilities().flags;
    flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
}

fn preference(adapter: &wgpu::Adapter) -> (u8, bool) {
    let info = adapter.get_info();
    (class(info.device_type), info.backend == Backend::Gl)
}

fn class(kind: DeviceType) -> u8 {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        // GL does not say what it runs on; a software GL says that it is software.
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn describe(adapters: &[wgpu::Adapter]) -> Vec<FoundDevice> {
    let one = |(index, adapter): (usize, &wgpu::Adapter)| {
        let info = adapter.get_info();
        FoundDevice {
            index,
            driver: driver(&info),
            api: api(info.backend),
            kind: kind(info.device_type),
            software: info.device_type == DeviceType::Cpu,
            name: info.name,
        }
    };
    adapters.iter().enumerate().map(one).collect()
}

/// Driver and version in one line.
pub(crate) fn driver(info: &wgpu::AdapterInfo) -> String {
    let words = [info.driver.trim(), info.driver_info.trim()];
    words.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What tells a device from others, whichever way it was selected: the chip, its place on the bus,
/// the interface and the driver.
pub(crate) fn identity(info: &wgpu::AdapterInfo) -> String {
    format!(
        "{} {:x}:{:x} {} {} {}",
        api(info.backend),
        info.vendor,
        info.device,
        info.device_pci_bus_id,
        info.name,
        driver(info)
    )
}

/// The name of an interface, as selectors use it.
pub(crate) fn api(backend: Backend) -> &'static str {
    match backend {
        Backend::Vulkan => "vulkan",
        Backend::Metal => "metal",
        Backend::Dx12 => "dx12",
        Backend::Gl => "gl",
        Backend::BrowserWebGpu => "webgpu",
        Backend::Noop => "none",
    }
}

fn kind(kind: DeviceType) -> &'static str {
    match kind {
        DeviceType::DiscreteGpu => "discrete",
        DeviceType::IntegratedGpu => "integrated",
        DeviceType::VirtualGpu => "virtual",
        DeviceType::Cpu => "software",
        DeviceType::Other => "unknown",
    }
}

fn backends_named(selector: &str) -> Option<Backends> {
    match selector {
        "vulkan" => Some(Backends::VULKAN),
        "metal" => Some(Backends::METAL),
        "dx12" => Some(Backends::DX12),
        "gl" => Some(Backends::GL),
        _ => None,
    }
}

/// Index, interface or a part of the name, in this order; `selector` is in lower case.
fn choose(found: &[FoundDevice], selector: Option<&str>) -> Option<usize> {
    let Some(s) = selector else {
        return (!found.is_empty()).then_some(0);
    };
    if let Ok(index) = s.parse::<usize>() {
        return (index < found.len()).then_some(index);
    }
    found
        .iter()
        .position(|d| d.api == s)
        .or_else(|| found.iter().position(|d| d.name.to_lowercase().contains(s)))
}

fn not_found(found: &[FoundDevice], selector: Option<&str>) -> BackendError {
    let asked = selector.map_or(String::new(), |s| format!("nothing here matches `{s}`; "));
    // Where an interface was named only that one was asked; the list should still be whole.
    let all = if found.is_empty() { devices() } else { found.to_vec() };
    if all.is_empty() {
        return BackendError::NoDevice(format!("wgpu finds none; {HOW_TO_GET_ONE}"));
    }
    let line = |d: &FoundDevice| format!("{}: {} ({}, {})", d.index, d.name, d.api, d.kind);
    let lines: Vec<String> = all.iter().map(line).collect();
    BackendError::NoDevice(format!("{asked}there are {}", lines.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &[(&str, &'static str)]) -> Vec<FoundDevice> {
        let one = |(index, &(name, api)): (usize, &(&str, &'static str))| FoundDevice {
            index,
            name: name.into(),
            driver: String::new(),
            api,
            kind: "discrete",
            software: false,
        };
        list.iter().enumerate().map(one).collect()
    }

    #[test]
    fn selectors_are_an_index_an_interface_or_a_part_of_the_name() {
        let list = found(&[("AMD 780M", "vulkan"), ("NVIDIA H200", "vulkan"), ("AMD 780M", "gl")]);
        assert_eq!(choose(&list, None), Some(0));
        assert_eq!(choose(&list, Some("2")), Some(2));
        assert_eq!(choose(&list, Some("3")), None);
        assert_eq!(choose(&list, Some("gl")), Some(2));
        assert_eq!(choose(&list, Some("nvidia")), Some(1));
        assert_eq!(choose(&list, Some("intel")), None);
        assert_eq!(choose(&[], None), None);
    }

    #[test]
    fn a_selector_that_matches_nothing_lists_what_is_there() {
        let list = found(&[("AMD 780M", "vulkan"), ("NVIDIA H200", "vulkan")]);
        let BackendError::NoDevice(text) = not_found(&list, Some("intel")) else {
            panic!("not told as a missing device");
        };
        assert_eq!(
            text,
            "nothing here matches `intel`; there are 0: AMD 780M (vulkan, discrete); \
             1: NVIDIA H200 (vulkan, discrete)"
        );
    }
}
