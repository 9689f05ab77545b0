//! The choice of one of the devices that a driver lists, by its number or by a part of its
//! description.

use crate::run::backend::BackendError;

/// A device that a driver lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundDevice {
    /// Its place in the list, which is a selector.
    pub index: usize,
    /// The name that the driver gives: `llvmpipe (LLVM 15.0.6, 256 bits)`.
    pub name: String,
    /// The interface or the platform that leads to it: `vulkan`, `rusticl`; empty for CUDA.
    pub platform: String,
    /// The version of the interface: `OpenCL 3.0` and what the driver adds to it, `compute 9.0`;
    /// empty where there is none.
    pub version: String,
    /// The maker of the device, empty where the driver does not name it.
    pub vendor: String,
    /// Driver and version, empty where the driver does not name them.
    pub driver: String,
    /// `discrete`, `integrated`, `virtual`, `gpu`, `accelerator`, `software` or `unknown`.
    pub kind: &'static str,
    /// True where the device is software: it proves bits, not speed.
    pub software: bool,
    /// All memory that it can use, in bytes, where the driver reports it.
    pub memory_bytes: Option<u64>,
    /// The reason why it cannot be used, where it cannot.
    pub obstacle: Option<String>,
}

/// The devices of one interface, and what is missing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The devices, the preferred one first.
    pub devices: Vec<FoundDevice>,
    /// A sentence for each library, platform or device that is missing: why, and what to do.
    pub missing: Vec<String>,
}

impl FoundDevice {
    /// Returns the first two words of the version, or the platform of a device without version:
    /// `OpenCL 3.0`, `compute 9.0`, `vulkan`.
    pub fn api(&self) -> String {
        let words: Vec<&str> = self.version.split_whitespace().take(2).collect();
        if words.is_empty() { self.platform.clone() } else { words.join(" ") }
    }

    /// Returns the entry of the device in a list: `2: NVIDIA H200 (NVIDIA CUDA, gpu)`.
    fn line(&self) -> String {
        let details = [self.platform.as_str(), self.kind];
        let details: Vec<&str> = details.into_iter().filter(|text| !text.is_empty()).collect();
        format!("{}: {} ({})", self.index, self.name, details.join(", "))
    }
}

impl Found {
    /// Numbers the devices in their order, as selectors count them.
    pub fn new(mut devices: Vec<FoundDevice>, missing: Vec<String>) -> Self {
        for (index, device) in devices.iter_mut().enumerate() {
            device.index = index;
        }
        Self { devices, missing }
    }

    /// Returns the place of the device that a selector means: an index, or a part of the platform,
    /// the version, the vendor or the name, in this order and whatever the case (a platform called
    /// Intel is meant before a processor made by Intel). Without a selector it is the first device
    /// that can be used, or the first.
    ///
    /// # Errors
    /// [`BackendError::NoDevice`] where nothing matches, with the list of what is there and what
    /// is missing; [`BackendError::Unsupported`] where the device has an obstacle.
    pub fn select(&self, selector: Option<&str>) -> Result<usize, BackendError> {
        let Some(at) = self.choose(&normal(selector)) else {
            return Err(self.no_match(selector));
        };
        let device = &self.devices[at];
        match &device.obstacle {
            None => Ok(at),
            Some(why) => Err(BackendError::Unsupported(format!("{}: {why}", device.name))),
        }
    }

    /// Returns the error of a selector that matches nothing.
    pub fn no_match(&self, selector: Option<&str>) -> BackendError {
        let given = Some(normal(selector)).filter(|s| !s.is_empty());
        let given = given.map(|s| format!("nothing here matches `{s}`"));
        let lines: Vec<String> = self.devices.iter().map(FoundDevice::line).collect();
        let there = (!lines.is_empty()).then(|| format!("there are {}", lines.join("; ")));
        let parts = given.into_iter().chain(there).chain(self.missing.iter().cloned());
        BackendError::NoDevice(parts.collect::<Vec<_>>().join("; "))
    }

    /// Returns the place of the device for a selector in lower case, empty for none.
    fn choose(&self, selector: &str) -> Option<usize> {
        let all = &self.devices;
        if selector.is_empty() {
            let usable = all.iter().position(|device| device.obstacle.is_none());
            return usable.or((!all.is_empty()).then_some(0));
        }
        if let Ok(index) = selector.parse::<usize>() {
            return (index < all.len()).then_some(index);
        }
        let fields: [fn(&FoundDevice) -> &str; 4] =
            [|d| &d.platform, |d| &d.version, |d| &d.vendor, |d| &d.name];
        let matches = |field: &fn(&FoundDevice) -> &str| {
            all.iter().position(|device| field(device).to_lowercase().contains(selector))
        };
        fields.iter().find_map(matches)
    }
}

/// Returns a selector in lower case and without spaces around it; empty for none.
pub fn normal(selector: Option<&str>) -> String {
    selector.unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, platform: &str, version: &str, vendor: &str) -> FoundDevice {
        let [name, platform, version, vendor] = [name, platform, version, vendor].map(Into::into);
        FoundDevice { name, platform, version, vendor, kind: "gpu", ..FoundDevice::default() }
    }

    fn list() -> Found {
        let pocl = "Portable Computing Language";
        let devices = vec![
            device("cpu-haswell-Intel(R) Xeon(R)", pocl, "OpenCL 3.0 PoCL HSTR", "GenuineIntel"),
            device("Intel(R) Arc(TM) A770", "Intel(R) OpenCL Graphics", "OpenCL 3.0 NEO", "Intel"),
            device("NVIDIA H200", "NVIDIA CUDA", "OpenCL 3.0 CUDA", "NVIDIA Corporation"),
            device("llvmpipe (LLVM 15.0.6)", "rusticl", "OpenCL 3.0", "Mesa/X.org"),
            device("AMD 780M", "vulkan", "", ""),
            device("NVIDIA RTX A2000", "", "compute 8.6", ""),
        ];
        Found::new(devices, vec!["there is no NVRTC".into()])
    }

    #[test]
    fn selectors_are_an_index_or_a_part_of_what_the_driver_says() {
        let all = list();
        let choose = |selector| all.choose(selector);
        assert_eq!(choose(""), Some(0));
        assert_eq!(choose("2"), Some(2));
        assert_eq!(choose("6"), None);
        assert_eq!(choose("pocl"), Some(0));
        assert_eq!(choose("intel"), Some(1));
        assert_eq!(choose("xeon"), Some(0));
        assert_eq!(choose("h200"), Some(2));
        assert_eq!(choose("mesa"), Some(3));
        assert_eq!(choose("rusticl"), Some(3));
        assert_eq!(choose("vulkan"), Some(4));
        assert_eq!(choose("rtx"), Some(5));
        assert_eq!(choose("radeon"), None);
        assert_eq!(Found::default().choose(""), None);
        assert_eq!(all.select(Some("  RTX ")), Ok(5));
    }

    #[test]
    fn a_device_that_can_be_used_comes_before_one_that_cannot() {
        let mut all = list();
        all.devices[0].obstacle = Some("too old".into());
        assert_eq!(all.select(None), Ok(1));
        let refused = all.select(Some("0")).unwrap_err();
        assert!(matches!(refused, BackendError::Unsupported(why) if why.ends_with("too old")));
        all.devices.truncate(1);
        assert!(matches!(all.select(None), Err(BackendError::Unsupported(_))));
    }

    #[test]
    fn a_selector_that_matches_nothing_lists_what_is_there_and_what_is_not() {
        let mut all = list();
        all.devices.drain(..2);
        all.devices.remove(1);
        let BackendError::NoDevice(text) = all.select(Some("Radeon")).unwrap_err() else {
            panic!("not reported as a missing device");
        };
        assert_eq!(
            text,
            "nothing here matches `radeon`; there are 2: NVIDIA H200 (NVIDIA CUDA, gpu); \
             4: AMD 780M (vulkan, gpu); 5: NVIDIA RTX A2000 (gpu); there is no NVRTC"
        );
        let nothing = Found::new(vec![], vec!["wgpu finds none".into()]).select(None).unwrap_err();
        assert_eq!(nothing, BackendError::NoDevice("wgpu finds none".into()));
    }

    #[test]
    fn the_interface_is_the_version_or_the_platform() {
        let apis: Vec<String> = list().devices[2..].iter().map(FoundDevice::api).collect();
        assert_eq!(apis, ["OpenCL 3.0", "OpenCL 3.0", "vulkan", "compute 8.6"]);
    }
}
