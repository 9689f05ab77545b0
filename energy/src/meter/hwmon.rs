//! Energy and power of GPUs through Linux hwmon: `amdgpu`, `i915`, `xe`.

use super::counter::Counter;
use super::{Meter, MeterError, MeterInfo, Meters, Part, files};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often power is read to be integrated, and how old an energy counter of a driver may be.
const REFRESH: Duration = Duration::from_millis(100);

/// Words of the names that Intel's GPUs have in OpenCL, Vulkan and OpenGL.
const INTEL: &[&str] =
    &["Intel(R) Arc", "Intel(R) Iris", "Intel(R) UHD", "Intel(R) Graphics", "Data Center GPU"];

/// The drivers whose sensors are those of a GPU, and words of the names of their devices.
const DRIVERS: [(&str, &[&str]); 3] =
    [("amdgpu", &["Radeon", "Instinct", "gfx"]), ("i915", INTEL), ("xe", INTEL)];

/// Power in microwatts, integrated by the trapezoidal rule between readings.
struct Power {
    info: MeterInfo,
    path: PathBuf,
    last: Option<(Duration, u64)>,
    /// Twice the energy, in picojoules: whole numbers, so that many small steps lose nothing.
    twice_pj: u128,
}

impl Meter for Power {
    fn info(&self) -> &MeterInfo {
        &self.info
    }

    fn start(&mut self, now: Duration) -> Result<(), MeterError> {
        self.last = Some((now, files::number(&self.path)?));
        self.twice_pj = 0;
        Ok(())
    }

    fn read(&mut self, now: Duration) -> Result<u64, MeterError> {
        let power_uw = files::number(&self.path)?;
        if let Some((then, before_uw)) = self.last {
            let span_us = now.saturating_sub(then).as_micros();
            self.twice_pj += (u128::from(before_uw) + u128::from(power_uw)) * span_us;
        }
        self.last = Some((now, power_uw));
        Ok((self.twice_pj / 2_000_000) as u64)
    }
}

/// Adds the sensors of every GPU below `root`.
pub(super) fn discover(root: &Path, meters: &mut Meters) {
    if !root.exists() {
        let reason = format!(
            "there is no {}: hwmon needs Linux, and virtual machines and containers hide it",
            root.display()
        );
        return meters.miss("hwmon", reason);
    }
    let paths = match files::entries(root) {
        Ok(paths) => paths,
        Err(error) => return meters.miss("hwmon", error.to_string()),
    };
    let mut any = false;
    for path in paths {
        let Ok(chip) = files::text(&path.join("name")) else { continue };
        let driver = DRIVERS.iter().find(|(driver, _)| *driver == chip);
        if let Some((driver, words)) = driver {
            any = true;
            add(&path, driver, words, meters);
        }
    }
    if !any {
        let drivers = DRIVERS.map(|(driver, _)| driver).join(", ");
        let reason = format!("{} has no sensor of a GPU ({drivers})", root.display());
        meters.miss("hwmon", reason);
    }
}

fn add(folder: &Path, driver: &str, words: &[&str], meters: &mut Meters) {
    let number = folder.file_name().map_or(String::new(), |name| name.to_string_lossy().into());
    let name = format!("{driver} {number}");
    // Channel 1 is the card or the whole chip; the others are parts of it.
    let energy = folder.join("energy1_input");
    let power = ["power1_average", "power1_input"].map(|file| folder.join(file));
    let power = power.into_iter().find(|path| path.exists());
    // amdgpu shows a fan for boards only; the drivers of Intel have sensors for boards only.
    let board = driver != "amdgpu" || folder.join("fan1_input").exists();
    let place = if board { "" } else { ", which may share its chip with the processor" };
    let info = |what: &str| MeterInfo {
        name: name.clone(),
        covers: format!("the GPU of {driver}{place}{what}"),
        part: Part::Device(words.iter().map(|&word| word.to_owned()).collect()),
        overlaps: (!board).then(|| "rapl package-0".into()),
        resolution_j: 1e-6,
        refresh: REFRESH,
        read_every: REFRESH,
        caveat: None,
    };
    if energy.exists() {
        meters.add(Counter::new(info(""), None, Box::new(move || files::number(&energy))));
    } else if let Some(path) = power {
        let file = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into());
        let info = info(&format!(", {file} read every 100 ms and integrated"));
        meters.add(Power { info, path, last: None, twice_pj: 0 });
    } else {
        let files = "energy1_input, power1_average nor power1_input";
        meters.miss(name, format!("{} has neither {files}", folder.display()));
    }
}
