//! One figure for a run: the meters that are beside one another, added; nothing counted twice.

use crate::measurement::Reading;
use crate::meter::{MeterInfo, Part};

/// The part of the machine on which a run computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// On the processor.
    Processor,
    /// On the device of this name; the processor drives it.
    Device(&'a str),
}

impl Target<'_> {
    /// Whether a meter counts for a run here: those of the processor always, those of a device
    /// where the run used it, and none whose energy another one has already.
    pub fn counts(self, info: &MeterInfo) -> bool {
        info.overlaps.is_none()
            && match (&info.part, self) {
                (Part::Processor, _) => true,
                (Part::Device(_), Self::Processor) => false,
                (Part::Device(words), Self::Device(name)) => words.iter().any(|w| name.contains(w)),
            }
    }
}

/// Measured energy of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Joules, idle included.
    pub energy_j: f64,
    /// The meters that were added.
    pub meters: Vec<String>,
}

/// The measured energy of a run on `target`.
///
/// # Errors
/// Why there is none: no meter covers the target, or one of those that do gave no figure. A part
/// is never shown as the whole.
pub fn total(readings: &[Reading], target: Target<'_>) -> Result<Total, Vec<String>> {
    let counted: Vec<_> = readings.iter().filter(|r| target.counts(&r.info)).collect();
    let covered = counted.iter().any(|r| match target {
        Target::Processor => r.info.part == Part::Processor,
        Target::Device(_) => r.info.part != Part::Processor,
    });
    if !covered {
        let what = match target {
            Target::Processor => "the processor",
            Target::Device(name) => name,
        };
        return Err(vec![format!("no meter covers {what}")]);
    }
    let mut sum = Total { energy_j: 0.0, meters: Vec::new() };
    let mut reasons = Vec::new();
    for reading in counted {
        match &reading.energy_j {
            Ok(energy_j) => sum.energy_j += energy_j,
            Err(reason) => reasons.push(format!("{}: {reason}", reading.info.name)),
        }
        sum.meters.push(reading.info.name.clone());
    }
    if reasons.is_empty() { Ok(sum) } else { Err(reasons) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::NotMeasured;
    use std::time::Duration;

    fn reading(name: &str, part: Part, overlaps: Option<&str>, energy_j: f64) -> Reading {
        let window = Duration::from_secs(6);
        let info = MeterInfo {
            name: name.into(),
            covers: String::new(),
            part,
            overlaps: overlaps.map(str::to_owned),
            resolution_j: 1e-6,
            refresh: Duration::from_millis(1),
            read_every: Duration::from_secs(1),
            caveat: None,
        };
        Reading { info, window, energy_j: Ok(energy_j) }
    }

    fn machine() -> Vec<Reading> {
        let gpu = |name: &str| Part::Device(vec![name.into()]);
        vec![
            reading("package", Part::Processor, None, 10.0),
            reading("core", Part::Processor, Some("package"), 7.0),
            reading("dram", Part::Processor, None, 2.0),
            reading("nvml 0", gpu("H200"), None, 100.0),
            reading("amdgpu", gpu("Radeon"), None, 30.0),
        ]
    }

    #[test]
    fn what_is_counted_already_and_idle_boards_stay_out() {
        let cpu = total(&machine(), Target::Processor).unwrap();
        assert_eq!((cpu.energy_j, cpu.meters.join(" ").as_str()), (12.0, "package dram"));
        let gpu = total(&machine(), Target::Device("NVIDIA H200")).unwrap();
        assert_eq!((gpu.energy_j, gpu.meters.len()), (112.0, 3));
    }

    #[test]
    fn a_part_is_never_shown_as_the_whole() {
        let unknown = total(&machine(), Target::Device("Apple M4"));
        assert_eq!(unknown, Err(vec!["no meter covers Apple M4".into()]));
        assert_eq!(
            total(&[], Target::Processor),
            Err(vec!["no meter covers the processor".into()])
        );
        let mut readings = machine();
        let needed = Duration::from_secs(5);
        readings[3].energy_j = Err(NotMeasured::TooShort { window: needed / 5, needed });
        let reasons = total(&readings, Target::Device("NVIDIA H200")).unwrap_err();
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].starts_with("nvml 0: "), "{}", reasons[0]);
        // The processor's own run does not need that board.
        assert!(total(&readings, Target::Processor).is_ok());
    }
}
