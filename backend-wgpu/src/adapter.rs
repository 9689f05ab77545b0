//! Which devices are there, and which one is meant.

use crate::stray;
use isospike_core::device::adapter::{Found, FoundDevice, normal};
use isospike_core::run::backend::BackendError;
use wgpu::{Backend, Backends, DeviceType};

/// The interfaces that come first; they pass more to a driver than GL does.
const NATIVE: Backends = Backends::VULKAN.union(Backends::METAL).union(Backends::DX12);

/// The remedy where nothing is found.
const HOW_TO_GET_ONE: &str = "install a Vulkan driver; without a GPU, Debian and Ubuntu have a \
     software one in the package mesa-vulkan-drivers, and an OpenGL one in libegl1 and \
     libgl1-mesa-dri";

/// All devices that wgpu can reach, the preferred one first: hardware before software, discrete
/// before integrated, and of equals the one not reached through GL. The same chip appears once for
/// each interface that leads to it.
pub fn devices() -> Found {
    list(&enumerate(NATIVE | Backends::GL))
}

/// The adapter that a selector means; see [`crate::open`].
pub(crate) fn select(selector: Option<&str>) -> Result<wgpu::Adapter, BackendError> {
    let mut adapters = match normal(selector).as_str() {
        "" => preferred(),
        name => enumerate(backends_named(name).unwrap_or(NATIVE | Backends::GL)),
    };
    if adapters.is_empty() {
        // If one interface is named, the list of the error still has those of all.
        return Err(devices().no_match(selector));
    }
    let at = list(&adapters).select(selector)?;
    Ok(adapters.swap_remove(at))
}

/// Opening GL costs a context and may write to the terminal, so it is only opened where the
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

fn list(adapters: &[wgpu::Adapter]) -> Found {
    let one = |adapter: &wgpu::Adapter| {
        let info = adapter.get_info();
        FoundDevice {
            driver: driver(&info),
            platform: api(info.backend).into(),
            kind: kind(info.device_type),
            software: info.device_type == DeviceType::Cpu,
            name: info.name,
            ..FoundDevice::default()
        }
    };
    let none = adapters.is_empty().then(|| format!("wgpu finds none; {HOW_TO_GET_ONE}"));
    Found::new(adapters.iter().map(one).collect(), none.into_iter().collect())
}

/// Driver and version in one line.
pub(crate) fn driver(info: &wgpu::AdapterInfo) -> String {
    let words = [info.driver.trim(), info.driver_info.trim()];
    words.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The name that distinguishes a device, whichever way it was selected: the chip, its place on the
/// bus, the interface and the driver.
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
