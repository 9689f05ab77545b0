//! The difference of one run from another: a digest of everything in a network that can change a
//! bit of a run or the shape of what it records.
//!
//! Every number is hashed as little-endian bits, every list with its length, every choice with a
//! number written here; so the fingerprint is the same in every process, on every machine, and as
//! long as [`VERSION`] and `docs/semantics.md` stay. Names, reference rates, the transient and the
//! duration are left out: a run can be made longer and still be the same run.

mod synapse;

use crate::base::hash::Hash;
use crate::connect::Distribution;
use crate::describe::checked::{
    Checked, Histogram, PerNeuron, Population, PopulationKind, Probe, Projection, Rows, Series,
    Stimulus, StimulusKind, SynapseProbe, SynapseSample,
};
use crate::describe::model::{Expr, NeuronModel, SpikeRule, Stmt};
use crate::describe::signal::{Signal, SignalSpikes};
use crate::plan::Plan;
use std::fmt;

/// Goes up where the same network has to count as another one: where what is hashed changes, or
/// what it means.
const VERSION: u32 = 1;

/// The SHA-256 of what decides a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Digests the network of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut hash = Hash::default();
        hash.word(VERSION);
        hash.network(&plan.network);
        // Weights are integers in units that lowering decides.
        hash.list(&plan.receptors, |hash, receptor| {
            hash.word(receptor.scale_exponent.cast_unsigned());
        });
        Self(hash.finish())
    }
}

/// The first 16 digits, as digests are shown.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Takes a network apart. Every structure is named field by field, so that a new field does not
/// compile until somebody has decided whether it changes a run.
impl Hash {
    fn network(&mut self, network: &Checked) {
        let Checked {
            name: _,
            dt_ms,
            duration_steps: _,
            transient_steps: _,
            seed,
            batch,
            populations,
            projections,
            stimuli,
            signals,
            probes,
            synapse_probes,
        } = network;
        self.float(*dt_ms);
        self.long(*seed);
        self.word(*batch);
        self.list(populations, Self::population);
        self.list(projections, Self::projection);
        self.list(stimuli, Self::stimulus);
        self.list(probes, Self::probe);
        // No length of a list begins with this word, so a network without them keeps the
        // fingerprint that it had before there were any.
        if !synapse_probes.is_empty() {
            self.word(u32::MAX);
            self.list(synapse_probes, Self::synapse_probe);
        }
        // Nor does one begin with this word.
        if !signals.is_empty() {
            self.word(u32::MAX - 1);
            self.list(signals, Self::signal);
        }
    }

    fn signal(&mut self, signal: &Signal) {
        let Signal { name: _, tau_ms, spikes, pulses } = signal;
        self.float(*tau_ms);
        self.option(spikes.as_ref(), |hash, spikes| {
            let SignalSpikes { population, gain, delay_steps } = spikes;
            hash.word(population.0);
            hash.float(*gain);
            hash.word(*delay_steps);
        });
        self.list(pulses, |hash, (step, value)| {
            hash.word(*step);
            hash.float(*value);
        });
    }

    fn population(&mut self, population: &Population) {
        let Population { name: _, size, kind, reference_rate_hz: _ } = population;
        self.word(*size);
        match kind {
            PopulationKind::Neurons { model, parameters, initial, refractory_steps } => {
                self.word(0);
                self.model(model);
                self.list(parameters, Self::per_neuron);
                self.list(initial, Self::per_neuron);
                self.word(*refractory_steps);
            }
            PopulationKind::SpikeList(spikes) => {
                self.word(1);
                self.list(spikes, |hash, (step, neuron)| {
                    hash.word(*step);
                    hash.word(*neuron);
                });
            }
        }
    }

    fn per_neuron(&mut self, value: &PerNeuron) {
        match value {
            PerNeuron::All(value) => {
                self.word(0);
                self.float(*value);
            }
            PerNeuron::Slot(value) => {
                self.word(2);
                self.float(*value);
            }
            PerNeuron::Each(values) => {
                self.word(1);
                self.list(values, |hash, value| hash.float(*value));
            }
        }
    }

    fn projection(&mut self, projection: &Projection) {
        let Projection {
            name: _,
            pre,
            post,
            receptor,
            rule,
            autapses,
            weight,
            delay_ms,
            // How rows are kept changes no bit, nor does their width: the unit is hashed.
            procedural: _,
            weight_bits: _,
            weight_bounds,
            synapse,
        } = projection;
        self.word(pre.0);
        self.word(post.0);
        self.word(*receptor);
        rule.hash(self);
        self.flag(*autapses);
        self.distribution(weight);
        self.distribution(delay_ms);
        if let Some((least, largest)) = weight_bounds {
            self.float(*least);
            self.float(*largest);
        }
        if let Some(synapse) = synapse {
            self.synapse(synapse, *receptor);
        }
    }

    fn distribution(&mut self, distribution: &Distribution) {
        match *distribution {
            Distribution::Constant(value) => {
                self.word(0);
                self.float(value);
            }
            Distribution::Uniform { lo, hi } => {
                self.word(1);
                self.float(lo);
                self.float(hi);
            }
            Distribution::Normal { mean, sd, lo, hi, redraw } => {
                self.word(2);
                [mean, sd, lo, hi].into_iter().for_each(|value| self.float(value));
                self.flag(redraw);
            }
        }
    }

    fn stimulus(&mut self, stimulus: &Stimulus) {
        let Stimulus { name: _, population, start_step, stop_step, kind } = stimulus;
        self.word(population.0);
        self.word(*start_step);
        self.word(*stop_step);
        match kind {
            StimulusKind::Poisson { receptor, events_per_step, weight, rates } => {
                self.word(if rates.is_some() { 6 } else { 0 });
                self.word(*receptor);
                self.float(*events_per_step);
                self.float(*weight);
                if let Some(rates) = rates {
                    self.series(6, rates);
                }
            }
            StimulusKind::Direct(amplitude) => {
                self.word(1);
                self.per_neuron(amplitude);
            }
            StimulusKind::Noise { mean, sd } => {
                self.word(2);
                self.float(*mean);
                self.float(*sd);
            }
            StimulusKind::Steps(series) => self.series(3, series),
            StimulusKind::External => self.word(9),
        }
    }

    /// A current of one value for all neurons with the time of each is hashed pair by pair.
    fn series(&mut self, tag: u32, series: &Series) {
        let Series { rows, width, values } = series;
        match rows {
            Rows::From(steps) if *width == 1 && tag == 3 => {
                self.word(3);
                self.long(steps.len() as u64);
                for (step, value) in steps.iter().zip(&**values) {
                    self.word(*step);
                    self.float(*value);
                }
                return;
            }
            Rows::From(steps) => {
                self.word(tag + 1);
                self.list(steps, |hash, step| hash.word(*step));
            }
            Rows::Every { first_step, steps, count } => {
                self.word(tag + 2);
                [*first_step, *steps, *count].into_iter().for_each(|word| self.word(word));
            }
        }
        self.word(*width);
        self.list(values, |hash, value| hash.float(*value));
    }

    fn probe(&mut self, probe: &Probe) {
        let Probe { name: _, population, variable, neurons, every_steps, initial } = probe;
        self.word(population.0);
        self.word(*variable);
        self.list(neurons, |hash, neuron| hash.word(*neuron));
        self.word(*every_steps);
        // No population and no length of a list begins with this word, so a probe without a sample
        // of the start keeps the fingerprint that it had before there were such samples.
        if *initial {
            self.word(u32::MAX);
        }
    }

    fn synapse_probe(&mut self, probe: &SynapseProbe) {
        let SynapseProbe { name: _, projection, variable, sample, every_steps, initial } = probe;
        self.word(projection.0);
        self.word(variable.unwrap_or(u32::MAX));
        match sample {
            SynapseSample::First(count) => {
                self.word(0);
                self.long(*count);
            }
            SynapseSample::Every(of) => {
                self.word(1);
                self.long(*of);
            }
            SynapseSample::Pairs(pairs) => {
                self.word(2);
                self.list(pairs, |hash, (pre, post)| {
                    hash.word(*pre);
                    hash.word(*post);
                });
            }
            SynapseSample::Histogram(Histogram { lo, hi, bins }) => {
                self.word(3);
                self.float(*lo);
                self.float(*hi);
                self.word(*bins);
            }
        }
        self.word(*every_steps);
        self.word(u32::from(*initial));
    }

    /// Parameters and initial values are hashed with the population, as numbers.
    fn model(&mut self, model: &NeuronModel) {
        let NeuronModel {
            name: _,
            parameters: _,
            state: _,
            receptors,
            current,
            refractory,
            update,
            threshold,
            spike,
            reset,
            locals: _,
            draws: _,
        } = model;
        self.long(receptors.len() as u64);
        self.flag(current.is_some());
        self.flag(refractory.is_some());
        self.list(update, Self::statement);
        self.option(threshold.as_ref(), Self::expression);
        // No length of a list begins with this word, so a model that counts by level keeps the
        // fingerprint that it had before crossings.
        if *spike == SpikeRule::Crossing {
            self.word(u32::MAX);
        }
        self.list(reset, Self::statement);
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::SetState(variable, value) => {
                self.word(0);
                self.word(*variable);
                self.expression(value);
            }
            Stmt::SetLocal(local, value) => {
                self.word(1);
                self.word(*local);
                self.expression(value);
            }
            Stmt::If(condition, yes, no) => {
                self.word(2);
                self.expression(condition);
                self.list(yes, Self::statement);
                self.list(no, Self::statement);
            }
        }
    }

    /// Operators and functions count by their place in their lists in [`crate::describe::model`].
    fn expression(&mut self, expression: &Expr) {
        let mut numbered = |tag: u32, number: u32| {
            self.word(tag);
            self.word(number);
        };
        match expression {
            Expr::Number(value) => {
                self.word(0);
                self.float(*value);
            }
            Expr::Bool(value) => numbered(1, (*value).into()),
            Expr::Parameter(index) => numbered(2, *index),
            Expr::TimeStep => self.word(3),
            Expr::State(index) => numbered(4, *index),
            Expr::Local(index) => numbered(5, *index),
            Expr::Receptor(index) => numbered(6, *index),
            Expr::Current => self.word(7),
            Expr::Refractory => self.word(8),
            Expr::Unary(operator, x) => {
                numbered(9, *operator as u32);
                self.expression(x);
            }
            Expr::Binary(operator, a, b) => {
                numbered(10, *operator as u32);
                self.expression(a);
                self.expression(b);
            }
            Expr::If(condition, yes, no) => {
                self.word(11);
                [condition, yes, no].into_iter().for_each(|part| self.expression(part));
            }
            Expr::Call(function, arguments) => {
                numbered(12, *function as u32);
                self.list(arguments, Self::expression);
            }
            Expr::RandUniform(draw) => numbered(13, *draw),
            Expr::RandNormal(draw) => numbered(14, *draw),
            Expr::RandBernoulli(draw, probability) => {
                numbered(15, *draw);
                self.expression(probability);
            }
            Expr::Trace(side, trace) => {
                numbered(16, *side as u32);
                self.word(*trace);
            }
            Expr::Target(number) => numbered(17, *number),
            Expr::Signal(signal) => numbered(32, *signal),
            Expr::Source(number) => numbered(33, *number),
        }
    }
}
