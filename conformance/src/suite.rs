//! The suite: all tests in the order in which one builds on the other. The lowest red level names
//! the culprit; what is red above it says little.

mod delivery;
mod entered;
mod examples;
mod failing;
mod functions;
mod kernels;
pub mod networks;
mod neurons;
mod ops;
mod outside;
mod random;
mod splitting;
mod synapses;
mod weights;

pub use kernels::KernelBackend;

use crate::failure::Failure;
use crate::golden::Golden;
use crate::subject::Subject;
use isospike_core::base::environment::number;
use isospike_core::run::backend::Backend;
use std::fmt;

/// A level of the suite, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Single operations.
    Ops,
    /// Functions made of operations.
    Functions,
    /// Random numbers.
    Random,
    /// Kernels, alone.
    Kernels,
    /// Neurons, alone.
    Neurons,
    /// Spikes that reach their targets.
    Delivery,
    /// Synapses that learn.
    Synapses,
    /// The published networks.
    Examples,
    /// Networks made at random.
    Networks,
    /// Runs that are cut, doubled and continued.
    Splitting,
}

impl Level {
    /// All levels, the lowest first.
    pub const ALL: [Self; 10] = [
        Self::Ops,
        Self::Functions,
        Self::Random,
        Self::Kernels,
        Self::Neurons,
        Self::Delivery,
        Self::Synapses,
        Self::Examples,
        Self::Networks,
        Self::Splitting,
    ];

    /// 1 to 10.
    pub fn number(self) -> u32 {
        self as u32 + 1
    }

    /// The level with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::Functions => "functions",
            Self::Random => "random",
            Self::Kernels => "kernels",
            Self::Neurons => "neurons",
            Self::Delivery => "delivery",
            Self::Synapses => "synapses",
            Self::Examples => "examples",
            Self::Networks => "networks",
            Self::Splitting => "splitting",
        }
    }

    /// The property that it shows.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Ops => "Every operation gives the right word, at edges and between.",
            Self::Functions => "Every function gives the right word, at every exponent.",
            Self::Random => "Every random number is the one that its place names.",
            Self::Kernels => "The device does what it is told, and each kernel alone is right.",
            Self::Neurons => "Single neurons of every model are right after every step.",
            Self::Delivery => "Every spike reaches its targets, with its weight, in its step.",
            Self::Synapses => "Every synapse learns at its own events, in their order.",
            Self::Examples => "The published networks, scaled, give their committed digests.",
            Self::Networks => "Networks made at random agree with the naive oracle.",
            Self::Splitting => "Chunks, batches, threads and checkpoints change nothing.",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

/// The requirements of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// To run networks: every backend does.
    Networks,
    /// To run neuron programs that no network stands behind.
    Programs,
    /// To be a device with kernels.
    Kernels,
    /// To have other ways to run: numbers of threads.
    Variants,
}

/// The results of a test that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many words and spikes were compared.
    pub checked: u64,
    /// The pair that a published network gave.
    pub golden: Option<Golden>,
}

impl Done {
    /// So many words were equal.
    pub fn of(checked: u64) -> Self {
        Self { checked, golden: None }
    }
}

/// The settings that the tests are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The seed of everything that is drawn: samples, buffers, networks.
    pub seed: u64,
    /// How many random networks of each family are tried.
    pub networks: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 7, networks: 12 }
    }
}

impl Settings {
    /// The defaults, with `ISOSPIKE_SEED` and `ISOSPIKE_RANDOM_NETWORKS` where they are set.
    ///
    /// Errors: the variable that is no such number.
    pub fn from_environment() -> Result<Self, String> {
        let Self { seed, networks } = Self::default();
        let found = number("ISOSPIKE_RANDOM_NETWORKS", 1..=u64::from(u32::MAX))?;
        Ok(Self {
            seed: number("ISOSPIKE_SEED", 0..=u64::MAX)?.unwrap_or(seed),
            networks: found.map_or(networks, |found| found as u32),
        })
    }
}

/// A test of any backend, which returns [`Done`] or the fault that it found.
pub type RunBackend = Box<dyn Fn(&dyn Backend, &Subject) -> Result<Done, Failure> + Send + Sync>;

/// A test of a device with kernels, which returns [`Done`] or the fault that it found.
pub type RunKernels = Box<dyn Fn(&dyn KernelBackend) -> Result<Done, Failure> + Send + Sync>;

/// The body of a test.
pub enum Run {
    /// A test of any backend.
    Backend(RunBackend),
    /// A test of a device with kernels.
    Kernels(RunKernels),
}

/// A test, as data.
pub struct Test {
    /// Its level.
    pub level: Level,
    /// Its name on the level.
    pub name: String,
    /// Its requirements.
    pub needs: Needs,
    /// Its body.
    pub run: Run,
}

impl Test {
    /// A test of any backend.
    fn new(
        level: Level,
        name: impl Into<String>,
        run: impl Fn(&dyn Backend, &Subject) -> Result<Done, Failure> + Send + Sync + 'static,
    ) -> Self {
        let run = Run::Backend(Box::new(run));
        Self { level, name: name.into(), needs: Needs::Networks, run }
    }

    /// The same test, with needs.
    fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// Level and name: `5 neurons/adex`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.level, self.name)
    }
}

/// All tests, level by level.
pub fn tests(settings: &Settings) -> Vec<Test> {
    [
        ops::tests(settings),
        functions::tests(settings),
        random::tests(settings),
        kernels::tests(settings),
        neurons::tests(settings),
        delivery::tests(settings),
        synapses::tests(settings),
        examples::tests(settings),
        networks::tests(settings),
        splitting::tests(settings),
        failing::tests(),
        entered::tests(),
        weights::tests(),
        outside::tests(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
