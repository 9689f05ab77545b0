//! Well-formedness of plans: what every backend may take for granted, so that no plan, made by hand
//! or not, makes one panic or reach beyond its memory.

mod signal;
mod synapse;

use super::{NeuronPlan, Plan, PopulationPlan, PopulationPlanKind, ProjectionPlan, Words};
use crate::base::id::PopulationId;
use crate::ir::{Input, Output, Type, verify};

/// A plan is not well formed: the item and its fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan is not well formed: {item}: {fault}")]
pub struct Malformed {
    /// The population, projection, receptor, stimulus, current, signal or probe.
    pub item: String,
    /// The fault.
    pub fault: String,
}

impl Plan {
    /// Checks that all numbers lie in the lists that they are indices of, that lists have the
    /// lengths of their populations, and that programs are well formed and fit the state,
    /// constants, receptors and series of their neurons, or the state, traces and signals of their
    /// synapses.
    ///
    /// # Errors
    ///
    /// The first fault, in order of the plan.
    pub fn verify(&self) -> Result<(), Malformed> {
        for current in &self.currents {
            self.neurons_of(current.population)
                .map_err(|fault| malformed("current", &current.name, fault))?;
        }
        let mut first_neuron: u32 = 0;
        for population in &self.populations {
            let at = |fault| malformed("population", &population.name, fault);
            let block = [population.first_neuron, population.size];
            first_neuron = follows("neuron", first_neuron, block).map_err(at)?;
            self.population(population).map_err(at)?;
        }
        self.receptors()?;
        for projection in &self.projections {
            self.projection(projection)
                .map_err(|fault| malformed("projection", &projection.name, fault))?;
        }
        for stimulus in &self.stimuli {
            self.neurons_of(stimulus.population)
                .map_err(|fault| malformed("stimulus", &stimulus.name, fault))?;
        }
        for signal in &self.signals {
            signal::signal(self, signal)
                .map_err(|fault| malformed("signal", &signal.name, fault))?;
        }
        for probe in &self.probes {
            let at = |fault| malformed("probe", &probe.name, fault);
            let (population, neurons) = self.neurons_of(probe.population).map_err(at)?;
            within("state variable", probe.variable, neurons.state.len()).map_err(at)?;
            for neuron in &probe.neurons {
                within("neuron", *neuron, population.size as usize).map_err(at)?;
            }
        }
        for probe in &self.synapse_probes {
            synapse::probe(self, probe).map_err(|fault| malformed("probe", &probe.name, fault))?;
        }
        Ok(())
    }

    fn population(&self, population: &PopulationPlan) -> Result<(), String> {
        match &population.kind {
            PopulationPlanKind::Neurons(neurons) => self.neurons_fit(population, neurons),
            PopulationPlanKind::SpikeList(spikes) => {
                if !spikes.is_sorted_by(|a, b| a < b) {
                    return Err("its spikes are not in order of step, then neuron".into());
                }
                let size = population.size as usize;
                spikes.iter().try_for_each(|(_, neuron)| within("neuron", *neuron, size))
            }
        }
    }

    fn neurons_fit(&self, population: &PopulationPlan, neurons: &NeuronPlan) -> Result<(), String> {
        let owners: Vec<_> = self.receptors.iter().map(|receptor| receptor.population).collect();
        for number in 0..neurons.receptors {
            let receptor = neurons.first_receptor.saturating_add(number);
            self.owns(population, "receptor", receptor, &owners)?;
        }
        let floats = neurons.float_variables();
        if neurons.state[floats..].iter().any(|variable| variable.ty != Type::I32) {
            return Err("its state variables are not floats, then those that count".into());
        }
        let initial = neurons.state.iter().map(|variable| &variable.initial);
        for words in initial.chain(&neurons.constants) {
            if let Words::Each(each) = words
                && each.len() < population.size as usize
            {
                let (found, size) = (each.len(), population.size);
                return Err(format!("{found} words for {size} neurons"));
            }
        }
        for (number, series) in neurons.series.iter().enumerate() {
            let rows = u64::from(series.rows.count()) * u64::from(series.width);
            if ![1, population.size].contains(&series.width) || series.words.len() as u64 != rows {
                return Err(format!("series {number} has not a word for each row and neuron"));
            }
        }
        let owners: Vec<_> = self.currents.iter().map(|current| current.population).collect();
        for current in &neurons.external {
            self.owns(population, "current", *current, &owners)?;
        }
        verify::program(&neurons.program)?;
        neurons.program.inputs.iter().try_for_each(|input| input_fits(neurons, *input))?;
        outputs_fit(neurons)
    }

    /// Checks that the item with this number is there and belongs to a population.
    fn owns(
        &self,
        population: &PopulationPlan,
        what: &str,
        number: u32,
        owners: &[PopulationId],
    ) -> Result<(), String> {
        within(what, number, owners.len())?;
        let owner = owners[number as usize];
        within("population", owner.0, self.populations.len())?;
        let owner = &self.populations[owner.index()];
        match std::ptr::eq(owner, population) {
            true => Ok(()),
            false => Err(format!("{what} {number} belongs to population {}", owner.name)),
        }
    }

    fn receptors(&self) -> Result<(), Malformed> {
        let mut first: u32 = 0;
        for receptor in &self.receptors {
            let at = |fault| malformed("receptor", &receptor.name, fault);
            let (population, _) = self.neurons_of(receptor.population).map_err(at)?;
            let block = [receptor.first_accumulator, population.size];
            first = follows("accumulator", first, block).map_err(at)?;
        }
        Ok(())
    }

    fn projection(&self, projection: &ProjectionPlan) -> Result<(), String> {
        within("population", projection.pre.0, self.populations.len())?;
        let pre = &self.populations[projection.pre.index()];
        let (post, _) = self.neurons_of(projection.post)?;
        within("receptor", projection.receptor, self.receptors.len())?;
        let receptor = &self.receptors[projection.receptor as usize];
        if receptor.population != projection.post {
            return Err(format!("receptor {} is not one of {}", receptor.name, post.name));
        }
        let site = projection.rows.site();
        if (site.rows, site.targets) != (pre.size, post.size) {
            let (rows, targets) = (site.rows, site.targets);
            return Err(format!("{rows} rows onto {targets} targets are not its populations"));
        }
        let listed = projection.rows.kind().listed().unwrap_or_default();
        if let Some(synapse) = listed.iter().find(|synapse| synapse.target >= post.size) {
            return Err(format!("target {} of {} neurons", synapse.target, post.size));
        }
        let delays = projection.min_delay_steps..=projection.max_delay_steps;
        if let Some(synapse) = listed.iter().find(|s| !delays.contains(&s.delay_steps)) {
            let (delay, (least, largest)) = (synapse.delay_steps, (delays.start(), delays.end()));
            return Err(format!("a delay of {delay} steps is not one of {least} to {largest}"));
        }
        if projection.min_delay_steps == 0 || projection.max_delay_steps > self.max_delay_steps {
            return Err("its delays are not between 1 step and the largest of the plan".into());
        }
        projection.synapse.as_ref().map_or(Ok(()), |synapse| {
            synapse::synapse(self, projection, synapse)?;
            synapse::ends([pre, post], synapse)
        })
    }

    /// Returns a population of neurons.
    fn neurons_of(&self, id: PopulationId) -> Result<(&PopulationPlan, &NeuronPlan), String> {
        within("population", id.0, self.populations.len())?;
        let population = &self.populations[id.index()];
        match &population.kind {
            PopulationPlanKind::Neurons(neurons) => Ok((population, neurons)),
            PopulationPlanKind::SpikeList(_) => {
                Err(format!("population {} is a spike list", population.name))
            }
        }
    }
}

/// Checks that an input of a program is there.
fn input_fits(neurons: &NeuronPlan, input: Input) -> Result<(), String> {
    let state = |number: u32, ty: Type| {
        within("state variable", number, neurons.state.len())?;
        match neurons.state[number as usize].ty {
            own if own == ty => Ok(()),
            own => Err(format!("{input} is {own:?}")),
        }
    };
    match input {
        Input::State(number) => state(number, Type::F32),
        Input::Integer(number) => state(number, Type::I32),
        Input::Parameter(number) => within("constant", number, neurons.constants.len()),
        Input::Receptor(number) => within("receptor", number, neurons.receptors as usize),
        Input::Series(number) => within("series", number, neurons.series.len()),
        Input::External(number) => within("current", number, neurons.external.len()),
        Input::Poisson { table, keep, .. } => {
            within("Poisson table", table, neurons.poisson.len())?;
            keep.map_or(Ok(()), |series| within("series", series, neurons.series.len()))
        }
        Input::Random { draw, .. } => within("draw", draw, 256),
        Input::Trace(..)
        | Input::Target(_)
        | Input::Source(_)
        | Input::Signal(_)
        | Input::Decay(_) => Err(format!("{input} is of synapses")),
        Input::Step => Ok(()),
    }
}

/// Checks that a program gives every state variable, in its type, and nothing else but a spike.
fn outputs_fit(neurons: &NeuronPlan) -> Result<(), String> {
    let mut given = vec![false; neurons.state.len()];
    for (output, _) in &neurons.program.outputs {
        let (number, ty) = match *output {
            Output::State(number) => (number, Type::F32),
            Output::Integer(number) => (number, Type::I32),
            Output::Spike => continue,
            Output::Sent(_) => return Err(format!("{output} is of synapses")),
        };
        within("state variable", number, given.len())?;
        let variable = &neurons.state[number as usize];
        if variable.ty != ty {
            return Err(format!("{output} is {:?}", variable.ty));
        }
        given[number as usize] = true;
    }
    match given.iter().position(|given| !given) {
        Some(missing) => Err(format!("its program gives no `{}`", neurons.state[missing].name)),
        None => Ok(()),
    }
}

/// Checks that a block of numbers, first and length, begins where the one before ended. Returns its
/// end.
fn follows(what: &str, end: u32, [first, length]: [u32; 2]) -> Result<u32, String> {
    if first != end {
        return Err(format!("its first {what} is {first}, not {end}"));
    }
    end.checked_add(length).ok_or_else(|| format!("the plan has more than 2^32 - 1 {what}s"))
}

fn within(what: &str, number: u32, count: usize) -> Result<(), String> {
    match (number as usize) < count {
        true => Ok(()),
        false => Err(format!("{what} {number} of {count}")),
    }
}

fn malformed(kind: &str, name: &str, fault: String) -> Malformed {
    Malformed { item: format!("{kind} {name}"), fault }
}
