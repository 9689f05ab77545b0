//! The model of the synapses of a projection: what each event does, from the expressions of the
//! checked network.

use crate::base::id::Side;
use crate::base::numeric::{self, decay::Decay};
use crate::connect;
use crate::describe::model::Expr;
use crate::describe::synapse::{EventProgram, Sent, Synapse};
use crate::oracle::function;
use crate::oracle::network::host;
use crate::oracle::value::{Scope, Value};
use crate::plan::Plan;

/// The largest scaled bound up to which what is sent goes to the nearest even integer (8.7).
const NEAREST_EVEN_MAX: f32 = 4_194_304.0;

/// The model of a projection with all values.
pub(in crate::oracle::network) struct Model {
    pub(in crate::oracle::network) synapse: Synapse,
    parameters: Vec<Value>,
    dt_ms: f64,
    /// The exponents of the units of the receptors that it sends to.
    exponents: Vec<i32>,
    /// The decays of the traces of the source and of the target.
    pub(super) decay: [Vec<Decay>; 2],
    /// The decays of state variables.
    pub(super) state_decay: Vec<Option<Decay>>,
}

/// Traces and variables that an event reads beside the state of its synapse.
#[derive(Default)]
pub(in crate::oracle::network) struct Reads {
    /// The traces of the source and of the target.
    pub(super) traces: [Vec<f32>; 2],
    /// The variables of the target that the model names.
    pub(super) target: Vec<f32>,
    /// The variables of the source that the model names.
    pub(super) source: Vec<f32>,
    /// The signals that it lists.
    pub(super) signals: Vec<f32>,
}

/// The traces of one neuron for one delay: values after the last event, and its step.
#[derive(Clone)]
pub(super) struct Traces {
    pub(super) values: Vec<f32>,
    pub(super) last: Option<u32>,
}

impl Model {
    pub(super) fn new(plan: &Plan, projection: usize, synapse: Synapse) -> Self {
        let dt_ms = plan.network.dt_ms;
        let post = plan.projections[projection].post;
        let receptors: Vec<_> = plan.receptors.iter().filter(|r| r.population == post).collect();
        let exponent = |sent: &Sent| receptors[sent.receptor as usize].scale_exponent;
        let decay = [&synapse.pre_tau_ms, &synapse.post_tau_ms]
            .map(|tau_ms| tau_ms.iter().map(|tau_ms| Decay::new(*tau_ms, dt_ms)).collect());
        let of_state = |tau_ms: &Option<f64>| tau_ms.map(|tau_ms| Decay::new(tau_ms, dt_ms));
        Self {
            state_decay: synapse.state_tau_ms.iter().map(of_state).collect(),
            parameters: synapse.parameters.iter().map(|x| host(x, 0)).collect(),
            exponents: synapse.sent.iter().map(exponent).collect(),
            synapse,
            dt_ms,
            decay,
        }
    }

    /// 8.4: carries out the statements of an event; gives the variables after it.
    pub(super) fn event(&self, program: &EventProgram, state: &[f32], reads: &Reads) -> Vec<f32> {
        let mut scope = self.scope(state, reads, program.locals as usize);
        scope.run(&program.statements);
        scope.state.iter().map(|x| x.device()).collect()
    }

    /// 8.23, 9.2: whether a condition holds for a synapse with these variables.
    pub(in crate::oracle::network) fn holds(
        &self,
        condition: &Expr,
        state: &[f32],
        reads: &Reads,
    ) -> bool {
        self.scope(state, reads, 0).eval(condition).holds()
    }

    fn scope<'a>(&'a self, state: &[f32], reads: &'a Reads, locals: usize) -> Scope<'a> {
        Scope {
            parameters: &self.parameters,
            dt_ms: self.dt_ms,
            inputs: &[],
            traces: reads.traces.each_ref().map(|traces| &traces[..]),
            target: &reads.target,
            source: &reads.source,
            signals: &reads.signals,
            current: Value::Host { value: 0.0, uniform: true },
            refractory: false,
            draw: &|_| unreachable!("an event of a synapse draws nothing"),
            state: state.iter().map(|x| Value::Device(*x)).collect(),
            locals: vec![None; locals],
            assigned: vec![false; locals],
        }
    }

    /// 8.4, 8.7: carries out the statements of an event that may send; gives the variables after
    /// it, and the integer for each receptor.
    pub(super) fn event_that_sends(
        &self,
        program: &EventProgram,
        mut state: Vec<f32>,
        reads: &Reads,
    ) -> (Vec<f32>, Vec<i32>) {
        let (variables, receptors) = (state.len(), self.synapse.sent.len());
        state.extend(vec![0.0; receptors]);
        let mut state = self.event(program, &state, reads);
        let values = state.split_off(variables);
        // A program without any `send` sends nothing, not even 0 within bounds.
        let sends = self.synapse.model.sends(program);
        let sent = (0..receptors).filter(|_| sends);
        let sent = sent.map(|number| self.sent(number, values[number])).collect();
        (state, sent)
    }

    /// 8.21: the steps that a spike takes up to a synapse.
    pub(super) fn before(&self, synapse: &connect::Synapse) -> u32 {
        synapse.delay_steps - self.synapse.dendritic_steps
    }

    /// 8.6: an event of traces.
    pub(super) fn spike(&self, side: Side, traces: &mut Traces, step: u32) {
        let model = &self.synapse.model;
        let (program, decay) = match side {
            Side::Pre => (&model.pre.spike, &self.decay[0]),
            Side::Post => (&model.post.spike, &self.decay[1]),
        };
        let after = self.event(program, &traces.at(step, decay), &Reads::default());
        traces.values = after.into_iter().map(numeric::flush).collect();
        traces.last = Some(step);
    }

    /// 8.7: the integer of a value that is sent to the receptor of this number.
    pub(super) fn sent(&self, number: usize, value: f32) -> i32 {
        let (least, largest) = self.synapse.sent[number].bounds;
        let (least, largest) = (numeric::round_host(least), numeric::round_host(largest));
        let unit = libm::exp2(f64::from(self.exponents[number])) as f32;
        let scaled = function::clamp(value, least, largest) * unit;
        if function::abs(least * unit).max(function::abs(largest * unit)) <= NEAREST_EVEN_MAX {
            return libm::rintf(scaled) as i32;
        }
        function::floor(scaled + 0.5) as i32
    }
}

impl Traces {
    /// 8.6: their values in a step at or after the last event.
    pub(super) fn at(&self, step: u32, decay: &[Decay]) -> Vec<f32> {
        let Some(last) = self.last else { return vec![0.0; self.values.len()] };
        self.values
            .iter()
            .zip(decay)
            .map(|(value, decay)| decay.apply(*value, step.wrapping_sub(last)))
            .collect()
    }
}
