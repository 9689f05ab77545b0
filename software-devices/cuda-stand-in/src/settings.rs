//! The environment: which devices there seem to be, and what fails on them.

use std::env;

/// The settings of the process, read once at `cuInit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `CUDA_STAND_IN_DEVICES`: how many devices there are.
    pub devices: u32,
    /// `CUDA_STAND_IN_MEMORY_BYTES`: the memory of each device.
    pub memory_bytes: u64,
    /// `CUDA_STAND_IN_SM`: the compute capability, 80 for 8.0.
    pub sm: u32,
    /// `CUDA_STAND_IN_DRIVER`: the driver's version, 13050 for 13.5.
    pub driver: u32,
    /// `CUDA_STAND_IN_FAIL_LAUNCH`: which kernel launch of each device fails, from 1.
    pub fail_launch: Option<u64>,
    /// `CUDA_STAND_IN_LENIENT`: PTX whose bits are not fixed is run instead of refused.
    pub lenient: bool,
    /// `CUDA_STAND_IN_RACES`: conflicting accesses to a word within a launch are errors.
    pub races: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            devices: 1,
            memory_bytes: 4 << 30,
            sm: 80,
            driver: 13_050,
            fail_launch: None,
            lenient: false,
            races: false,
        }
    }
}

impl Settings {
    /// The defaults, changed by the environment. Error: a variable whose value means nothing.
    pub fn from_environment() -> Result<Self, String> {
        let default = Self::default();
        Ok(Self {
            devices: number("CUDA_STAND_IN_DEVICES", default.devices)?,
            memory_bytes: number("CUDA_STAND_IN_MEMORY_BYTES", default.memory_bytes)?,
            sm: number("CUDA_STAND_IN_SM", default.sm)?,
            driver: number("CUDA_STAND_IN_DRIVER", default.driver)?,
            fail_launch: match number("CUDA_STAND_IN_FAIL_LAUNCH", 0)? {
                0 => None,
                n => Some(n),
            },
            lenient: switch("CUDA_STAND_IN_LENIENT", default.lenient)?,
            races: switch("CUDA_STAND_IN_RACES", default.races)?,
        })
    }
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> Result<T, String> {
    match env::var(name) {
        Ok(text) if !text.is_empty() => {
            text.parse().map_err(|_| format!("{name} is `{text}`, which is not a number"))
        }
        _ => Ok(default),
    }
}

fn switch(name: &str, default: bool) -> Result<bool, String> {
    match env::var(name).unwrap_or_default().as_str() {
        "" => Ok(default),
        "0" => Ok(false),
        "1" => Ok(true),
        other => Err(format!("{name} is `{other}`; it can be 0 or 1")),
    }
}
