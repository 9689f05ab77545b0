//! The cost of a run on one backend. Nothing of it is comparable, so nothing of it is compared:
//! counts that must be equal everywhere is in [`crate::run::counters`].

use std::time::Duration;

/// Since the simulation was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Cost {
    /// How the time of the steps was spent, in the order in which it is spent.
    pub phases: Vec<PhaseTime>,
    /// How often each kernel was launched, in the order of a step; empty where there are none.
    pub launches: Vec<Launches>,
    /// Bytes that came back from the device during the steps: spikes, traces, state, counts.
    pub read_bytes: u64,
    /// Bytes that went to the device during the steps.
    pub written_bytes: u64,
}

impl Cost {
    /// Adds the cost of another simulation.
    pub fn add(&mut self, other: &Self) {
        for PhaseTime { phase, time } in &other.phases {
            match self.phases.iter_mut().find(|own| own.phase == *phase) {
                Some(own) => own.time += *time,
                None => self.phases.push(PhaseTime { phase: *phase, time: *time }),
            }
        }
        for Launches { kernel, count } in &other.launches {
            match self.launches.iter_mut().find(|own| own.kernel == *kernel) {
                Some(own) => own.count += count,
                None => self.launches.push(Launches { kernel: kernel.clone(), count: *count }),
            }
        }
        self.read_bytes += other.read_bytes;
        self.written_bytes += other.written_bytes;
    }
}

/// Time of one phase. On several threads: added over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PhaseTime {
    /// Which.
    pub phase: Phase,
    /// How long; in JSON `time_s`.
    #[cfg_attr(feature = "serde", serde(rename = "time_s", with = "crate::base::seconds"))]
    pub time: Duration,
}

/// Launches of one kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Launches {
    /// The name of the kernel.
    pub kernel: String,
    /// How many launches.
    pub count: u64,
}

/// The phases of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Adding weights to accumulators.
    Deliver,
    /// Neuron programs, random numbers, probes.
    Update,
    /// Passing spikes on to other threads.
    Emit,
    /// Waiting for other threads.
    Wait,
    /// The host hands launches to the device; where the driver is quick it does not wait for them.
    Submit,
    /// The host writes to the device.
    Write,
    /// The host reads from the device, waiting for the launches before.
    Read,
}

impl Phase {
    /// The word for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::Update => "update",
            Self::Emit => "emit",
            Self::Wait => "wait",
            Self::Submit => "submit",
            Self::Write => "write",
            Self::Read => "read",
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Phase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
