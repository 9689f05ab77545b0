//! The boundary of backends: a plan goes in, a running simulation comes out.

use crate::base::words::count;
use crate::ir::Type;
use crate::plan::synapse::SynapsePart;
use crate::plan::{Malformed, Overflow, Plan, StateBlock};
use crate::run::checkpoint::{Checkpoint, CheckpointMismatch};
use crate::run::cost::Cost;
use crate::run::counters::Counters;
use crate::run::input::{Input, InputError};
use crate::run::parameters::WrittenParameter;
use crate::run::quantity::{Quantity, QuantityError};
use crate::run::record::Recording;

/// A place that can run plans. Two ways to be one: implement this from the plan, or implement
/// [`crate::device::Device`] and wrap it in [`crate::device::DeviceBackend`].
pub trait Backend {
    /// Returns its names, for people and for reports.
    fn info(&self) -> &BackendInfo;

    /// Prepares a plan to run: builds rows, compiles kernels, uploads. Nothing has run yet.
    fn compile(&self, plan: &Plan) -> Result<Box<dyn Simulation>, BackendError>;
}

/// The device of a backend, and its driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackendInfo {
    /// `cpu`, `wgpu`, `reference`.
    pub backend: String,
    /// The device: `AMD EPYC, AVX2, 2 threads`.
    pub device: String,
    /// Driver and version, empty where there is none.
    pub driver: String,
    /// True where the device is software (llvmpipe): it proves bits, not speed.
    pub software: bool,
    /// Notes for users, such as the protection of float operations in use.
    pub notes: Vec<String>,
}

/// A plan in the middle of its run on one backend. It may move to another thread between calls.
pub trait Simulation: Send {
    /// Runs `steps` more steps with input from outside and appends what happened. Spikes arrive in
    /// canonical order. A caller that follows a run chunk by chunk empties the recording between
    /// two calls ([`Recording::take`]).
    ///
    /// Input that does not fit ([`Input::accept`]) is an error and changes nothing.
    ///
    /// A step after which state is not finite is the last one: [`BackendError::NotFinite`] names
    /// it. State, counters and the recording are then those after that step, whatever `steps` was,
    /// and every further call gives the same error, until [`Simulation::restore`].
    fn advance(
        &mut self,
        steps: u32,
        input: &Input<'_>,
        record: &mut Recording,
    ) -> Result<(), BackendError>;

    /// Runs `steps` more steps without input from outside, as [`Simulation::advance`] does.
    fn run(&mut self, steps: u32, record: &mut Recording) -> Result<(), BackendError> {
        self.advance(steps, &Input::default(), record)
    }

    /// The state words now, in canonical order: population, state variable (then the refractory
    /// counter), copy of the batch, neuron; then the words of synapses that learn
    /// ([`Plan::synapse_blocks`]), of signals ([`Plan::signal_words`]) and of rows that are rewired
    /// ([`Plan::row_words`]).
    fn state(&mut self) -> Result<Vec<u32>, BackendError>;

    /// Returns the counts of this backend since step 0, all copies together. Each backend counts
    /// its own work; that all counts are equal is part of every comparison. A simulation that goes
    /// on from a checkpoint goes on from the counts of the checkpoint.
    fn counters(&mut self) -> Result<Counters, BackendError>;

    /// Returns the cost of the run here since the simulation was made: compared with nothing.
    fn cost(&self) -> Cost;

    /// Returns the parameters whose values are not those of the plan, because they were written or
    /// restored ([`crate::run::parameters::Parameters::written`]).
    fn written_parameters(&self) -> Vec<WrittenParameter>;

    /// Goes to a checkpoint of the same network, whichever backend took it, and forgets what it
    /// has run so far, parameters that were written included. From there on it runs as if it had
    /// never been anywhere else: the next [`Simulation::run`] appends to a recording that ends
    /// where the checkpoint was taken. A checkpoint that does not fit ([`Checkpoint::fits`]) is an
    /// error and changes nothing.
    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), BackendError>;

    /// Goes back to before step 0: the state that the plan begins with, its seed, nothing on its
    /// way, counts of 0. The next [`Simulation::run`] appends to an empty recording. Nothing is
    /// compiled or drawn again; it costs as much as writing the state.
    fn reset(&mut self) -> Result<(), BackendError>;

    /// Reads the words of a quantity, as [`Quantity`] orders them. Costs no more than it has words.
    ///
    /// Errors: [`BackendError::Quantity`] for a name that the plan does not have.
    fn read(&mut self, quantity: &Quantity) -> Result<Vec<u32>, BackendError>;

    /// Writes all words of a quantity, as [`Quantity`] orders them: the next step begins with them.
    /// Floats are stored flushed (`docs/semantics.md` 1.3). Costs no more than it has words.
    ///
    /// Errors, which change nothing: [`BackendError::Quantity`], and the error of a run that has
    /// ended.
    fn write(&mut self, quantity: &Quantity, words: &[u32]) -> Result<(), BackendError>;

    /// Bytes of memory held for this simulation.
    fn memory_bytes(&self) -> u64;

    /// Returns notes for users on this network here, beside [`BackendInfo::notes`].
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Whether the word of a state variable is a finite number.
#[inline(always)]
pub fn is_finite(word: u32) -> bool {
    f32::from_bits(word).is_finite()
}

/// Gives every NaN among floats the same bits: processors make different ones.
pub fn one_nan(floats: &mut [u32]) {
    for word in floats.iter_mut().filter(|word| f32::from_bits(**word).is_nan()) {
        *word = f32::NAN.to_bits();
    }
}

/// Does so with all floats of the state; variables that count keep their bits.
pub fn one_nan_of_state(plan: &Plan, state: &mut [u32]) {
    for block in plan.state_blocks().filter(|block| block.variable.ty == Type::F32) {
        one_nan(&mut state[block.words]);
    }
    one_nan_of_synapses(plan, state);
}

/// Does so with all floats of synapses that learn and of signals: they may be NaN in a run that
/// goes on (`docs/semantics.md` 8.11).
pub fn one_nan_of_synapses(plan: &Plan, state: &mut [u32]) {
    for block in plan.synapse_blocks() {
        match block.part {
            SynapsePart::State(..) | SynapsePart::Trace(..) => one_nan(&mut state[block.words]),
            SynapsePart::LastEvent | SynapsePart::Stamp(_) | SynapsePart::Sent(..) => {}
        }
    }
    one_nan(&mut state[plan.signal_words()]);
}

/// The error of a run that ends with this step because state is not finite (`docs/semantics.md`
/// 1.8): it names the first such variable in canonical order. `None` where all of it is finite.
pub fn not_finite(plan: &Plan, state: &[u32], step: u32) -> Option<BackendError> {
    for StateBlock { population, variable, words } in plan.state_blocks() {
        let words = &state[words];
        if variable.ty != Type::F32 {
            continue;
        }
        if let Some(at) = words.iter().position(|word| !is_finite(*word)) {
            return Some(BackendError::NotFinite {
                population: population.name.clone(),
                variable: variable.name.clone(),
                neuron: at as u32 % population.size,
                value: f32::from_bits(words[at]).to_string(),
                step,
            });
        }
    }
    None
}

/// A failure outside the user's network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// There is no such device here.
    #[error("no device: {0}")]
    NoDevice(String),
    /// The plan needs something this device does not have; known before the run.
    #[error("the device cannot run this network: {0}")]
    Unsupported(String),
    /// The device has not enough memory.
    #[error("out of memory: {} needed, {available_bytes} available ({what})", count(*needed_bytes, "byte"))]
    OutOfMemory {
        /// For what.
        what: String,
        /// How much is needed.
        needed_bytes: u64,
        /// How much there is.
        available_bytes: u64,
    },
    /// A kernel did not compile, or the device computes other bits than the contract says.
    #[error("{0}")]
    Kernel(String),
    /// The device went away or failed in the middle.
    #[error("device lost: {0}")]
    Lost(String),
    /// A state variable became infinite or not a number: a mistake of the model.
    #[error(
        "population {population}: `{variable}` of neuron {neuron} became {value} in step {step}: \
         a sum, product, power or quotient in its model passed 3.4e38 (not a division by 0, which \
         gives 0; for rates that are 0 / 0 use exprel): take a smaller dt, or bound what grows with \
         clamp"
    )]
    NotFinite {
        /// Population.
        population: String,
        /// State variable.
        variable: String,
        /// Neuron in the population.
        neuron: u32,
        /// The value found.
        value: String,
        /// The step in which it arose, the last one that was run.
        step: u32,
    },
    /// A checkpoint is not one of this plan.
    #[error("the checkpoint cannot be restored: {0}")]
    Checkpoint(#[from] CheckpointMismatch),
    /// Input from outside does not fit.
    #[error("input from outside: {0}")]
    Input(#[from] InputError),
    /// A quantity cannot be read or written.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// A plan made by hand has a fault.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The rows that were drawn can overflow an accumulator.
    #[error(transparent)]
    AccumulatorBound(#[from] Overflow),
}
