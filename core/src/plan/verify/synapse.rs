//! Well-formedness of synapses that learn.

use super::within;
use crate::base::id::Side;
use crate::ir::{Input, Output, Program, Type, verify};
use crate::plan::synapse::{RewirePlan, SentPlan, SynapsePlan, SynapseWord, TracesPlan};
use crate::plan::{Plan, PopulationPlan, ProjectionPlan, SynapseProbePlan, SynapseSamplePlan};

/// Exponents for which the unit of weights is a normal float.
const EXPONENTS: std::ops::RangeInclusive<i32> = -126..=126;

/// Checks that the programs of a synapse model read only what is there and give all that they have
/// to, and that rows are stored.
pub(super) fn synapse(
    plan: &Plan,
    projection: &ProjectionPlan,
    synapse: &SynapsePlan,
) -> Result<(), String> {
    if projection.procedural {
        return Err("its synapses learn, but its rows are not stored".into());
    }
    let synapses = projection.rows.synapses();
    let weights = synapse.weights.iter().map(|given| ("weights", given));
    let values = synapse.state.iter().filter_map(|variable| match &variable.initial {
        SynapseWord::Given(given) => Some(("values", given)),
        SynapseWord::Weight | SynapseWord::All(_) | SynapseWord::Drawn(_) => None,
    });
    for (what, given) in weights.chain(values) {
        if given.len() as u64 != synapses {
            return Err(format!("{} {what} are given for {synapses} synapses", given.len()));
        }
    }
    if projection.weight_bounds.is_some() {
        return Err("its synapses learn, but its weights are written as those of no model".into());
    }
    if !EXPONENTS.contains(&synapse.weight_exponent) {
        return Err(format!("2^{} is no unit of its weights", -synapse.weight_exponent));
    }
    sent_fits(plan, projection, &synapse.sent)?;
    if synapse.dendritic_steps >= projection.min_delay_steps {
        return Err("its least delay has no step before the synapse".into());
    }
    if synapse.back_steps > plan.max_delay_steps {
        return Err("its spikes take longer back than the largest delay of the plan".into());
    }
    for signal in &synapse.signals {
        within("signal", *signal, plan.signals.len())?;
    }
    programs_fit(plan, synapse)
}

/// Checks that the programs of events, of a condition and of traces read only what is there and
/// give all that they have to.
fn programs_fit(plan: &Plan, synapse: &SynapsePlan) -> Result<(), String> {
    let states = synapse.state.len();
    let of_event = |input, clocked: bool| match input {
        Input::State(number) => within("state variable", number, states),
        Input::Decay(number) => {
            within("state variable", number, states)?;
            match synapse.state[number as usize].decay {
                Some(_) => Ok(()),
                None => Err(format!("{input}, but state variable {number} does not decay")),
            }
        }
        Input::Trace(side, number) => within("trace", number, synapse.traces(side).len()),
        Input::Target(number) => within("variable of the target", number, synapse.target.len()),
        Input::Source(number) if clocked => {
            within("variable of the source", number, synapse.source.len())
        }
        Input::Signal(number) => within("signal", number, synapse.signals.len()),
        other => Err(foreign(other)),
    };
    let fits = |event: &str, program: &Program, sends: usize, clocked: bool| {
        program_fits(program, states, sends, |input| of_event(input, clocked))
            .map_err(|fault| format!("{event}: {fault}"))
    };
    let receptors = synapse.sent.len();
    fits("on_pre", &synapse.on_pre, receptors, false)?;
    synapse.on_post.iter().try_for_each(|program| fits("on_post", program, 0, false))?;
    if let Some(program) = &synapse.on_post_if {
        condition_fits(program, synapse).map_err(|fault| format!("on_post_if: {fault}"))?;
    }
    for (n, block) in synapse.clocked.iter().enumerate() {
        if block.period_steps == 0 {
            return Err(format!("every[{n}]: its period has no step"));
        }
        fits(&format!("every[{n}]"), &block.program, receptors, true)?;
    }
    if receptors > 0 && synapse.sends_of_a_step() == 0 {
        return Err("none of its programs sends".into());
    }
    if let Some(rewire) = &synapse.rewire {
        rewire_fits(plan, rewire, states).map_err(|fault| format!("{}: {fault}", rewire.name))?;
    }
    for (name, side) in [("pre", Side::Pre), ("post", Side::Post)] {
        traces_fit(synapse.traces(side)).map_err(|fault| format!("{name}: {fault}"))?;
    }
    Ok(())
}

/// Checks that the variables of source and target that programs read are floats of their neurons.
pub(super) fn ends(ends: [&PopulationPlan; 2], synapse: &SynapsePlan) -> Result<(), String> {
    let read = [("source", &synapse.source), ("target", &synapse.target)];
    for (population, (side, numbers)) in ends.into_iter().zip(read) {
        let state = population.state();
        for number in numbers {
            within(&format!("state variable of the {side}"), *number, state.len())?;
            if state[*number as usize].ty != Type::F32 {
                return Err(format!("state variable {number} of the {side} is no float"));
            }
        }
    }
    Ok(())
}

/// Checks that synapses send to receptors of their targets, to each once.
fn sent_fits(plan: &Plan, projection: &ProjectionPlan, sent: &[SentPlan]) -> Result<(), String> {
    for (n, SentPlan { receptor, bounds }) in sent.iter().enumerate() {
        within("receptor", *receptor, plan.receptors.len())?;
        let name = &plan.receptors[*receptor as usize].name;
        if plan.receptors[*receptor as usize].population != projection.post {
            return Err(format!("what is sent to receptor {name} does not reach its targets"));
        }
        if sent[..n].iter().any(|other| other.receptor == *receptor) {
            return Err(format!("its synapses send to receptor {name} twice"));
        }
        if bounds.least > bounds.largest {
            return Err("the least that its synapses send is above the largest".into());
        }
    }
    Ok(())
}

/// Checks that a rewiring reads state variables alone, says when a synapse is removed and nothing
/// else, and that there is one copy of the rows.
fn rewire_fits(plan: &Plan, rewire: &RewirePlan, states: usize) -> Result<(), String> {
    if plan.batch != 1 {
        return Err("each copy of the batch would have rows of its own".into());
    }
    if rewire.period_steps == 0 {
        return Err("its period has no step".into());
    }
    if rewire.create.len() != states {
        return Err(format!("it makes {} of {states} state variables", rewire.create.len()));
    }
    verify::program(&rewire.remove)?;
    rewire.remove.inputs.iter().try_for_each(|input| match *input {
        Input::State(number) => within("state variable", number, states),
        other => Err(foreign(other)),
    })?;
    match rewire.remove.outputs[..] {
        [(Output::Spike, _)] => Ok(()),
        _ => Err("its program gives more or less than one condition".into()),
    }
}

/// Checks that the condition of post events reads only what it may, gives nothing else, and makes
/// them in its own step.
fn condition_fits(program: &Program, synapse: &SynapsePlan) -> Result<(), String> {
    verify::program(program)?;
    program.inputs.iter().try_for_each(|input| match *input {
        Input::Target(number) => within("variable of the target", number, synapse.target.len()),
        Input::Signal(number) => within("signal", number, synapse.signals.len()),
        other => Err(format!("{other} is not of conditions")),
    })?;
    if !matches!(program.outputs[..], [(Output::Spike, _)]) {
        return Err("it gives no condition, or more".into());
    }
    match synapse.back_steps {
        0 => Ok(()),
        steps => Err(format!("its post events come {steps} steps later")),
    }
}

/// Checks the traces of a side.
fn traces_fit(traces: &TracesPlan) -> Result<(), String> {
    let (names, decays) = (traces.len(), traces.decay.len());
    if names != decays {
        return Err(format!("{names} traces with {decays} decays"));
    }
    program_fits(&traces.spike, names, 0, |input| match input {
        Input::State(number) => within("trace", number, names),
        other => Err(foreign(other)),
    })
}

/// Checks that a program is well formed, that its inputs fit, and that it gives every variable,
/// what is sent to each of so many receptors or to none, and nothing else.
fn program_fits(
    program: &Program,
    variables: usize,
    sends: usize,
    input_fits: impl Fn(Input) -> Result<(), String>,
) -> Result<(), String> {
    verify::program(program)?;
    program.inputs.iter().try_for_each(|input| input_fits(*input))?;
    let (mut given, mut sent) = (vec![false; variables], vec![false; sends]);
    for (output, _) in &program.outputs {
        match *output {
            Output::State(number) => {
                within("state variable", number, variables)?;
                given[number as usize] = true;
            }
            Output::Sent(_) if sends == 0 => {
                return Err(format!("{output} is of pre events and of clocked blocks"));
            }
            Output::Sent(number) => {
                within("receptor that it sends to", number, sends)?;
                sent[number as usize] = true;
            }
            Output::Integer(_) | Output::Spike => return Err(format!("{output} is of neurons")),
        }
    }
    if let Some(missing) = given.iter().position(|given| !given) {
        return Err(format!("it gives no state variable {missing}"));
    }
    match sent.iter().position(|sent| !sent) {
        Some(missing) if sent.contains(&true) => {
            Err(format!("it gives nothing that is sent to receptor {missing}"))
        }
        _ => Ok(()),
    }
}

fn foreign(input: Input) -> String {
    format!("{input} is not of synapses")
}

/// Checks that a probe samples synapses and a variable that are there.
pub(super) fn probe(plan: &Plan, probe: &SynapseProbePlan) -> Result<(), String> {
    within("projection", probe.projection as u32, plan.projections.len())?;
    let projection = &plan.projections[probe.projection];
    match (probe.variable, &projection.synapse) {
        (Some(number), Some(synapse)) => {
            within("state variable", number as u32, synapse.state.len())?;
        }
        (None, None) if !projection.procedural => {}
        (None, None) => return Err("its rows are not stored".into()),
        (None, Some(_)) => return Err("its synapses learn, so they have no weight".into()),
        (Some(_), None) => return Err("its synapses have no state".into()),
    }
    if probe.every_steps == 0 {
        return Err("there are 0 steps between its samples".into());
    }
    match &probe.sample {
        SynapseSamplePlan::Each(places) => {
            let synapses = projection.rows.synapses();
            match places.iter().find(|place| *place >= synapses) {
                Some(place) => Err(format!("synapse {place}, but there are {synapses}")),
                None if !places.iter().is_sorted_by(|a, b| a < b) => {
                    Err("its synapses are not in order".into())
                }
                None => Ok(()),
            }
        }
        SynapseSamplePlan::Histogram(edges) => match edges.is_sorted_by(|a, b| a < b) {
            true if edges.len() > 1 => Ok(()),
            _ => Err("the ends of its intervals do not ascend".into()),
        },
    }
}
