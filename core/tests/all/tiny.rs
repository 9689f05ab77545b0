//! Plans small enough to be computed by hand, put together without the model language.

use isospike_core::base::id::PopulationId;
use isospike_core::base::random::PoissonTable;
use isospike_core::connect::rule::Explicit;
use isospike_core::connect::{Draw, RowSite, RowSource};
use isospike_core::connect::{ExplicitSynapse, Rule};
use isospike_core::describe::checked::Checked;
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Input, Op, Program, Type, Val, neuron_outputs};
use isospike_core::plan::{
    NeuronPlan, Plan, PopulationPlan, PopulationPlanKind, ProbePlan, ProjectionPlan, Quantisation,
    ReceptorPlan, StateDef, StimulusPlan, Words,
};
use std::sync::Arc;

/// Weights are multiples of 2^-4.
pub const SCALE_EXPONENT: i32 = 4;

/// An integer accumulator as a float in base units.
pub fn input(ops: &mut Builder, sum: Val) -> Val {
    let sum = ops.int_to_float(sum);
    let unit = ops.f32(1.0 / 16.0);
    ops.fmul(sum, unit)
}

/// `v = refractory ? 0 : 0.5 v + input`, a spike at `v >= 1`, reset to 0, refractory for two steps.
/// With `table`, Poisson events of weight 3 * 2^-4 on stream 7.
pub fn lif(table: Option<PoissonTable>) -> NeuronPlan {
    let mut ops = Builder::new();
    let v = ops.input(Input::State(0));
    let counter = ops.input(Input::Integer(1));
    let mut sum = ops.input(Input::Receptor(0));
    if table.is_some() {
        let count = ops.input(Input::Poisson { table: 0, stream: 7, keep: None });
        let count = ops.emit(Op::UToI(count));
        let weight = ops.emit(Op::I32(3));
        let events = ops.emit(Op::IMul(count, weight));
        sum = ops.emit(Op::IAdd(sum, events));
    }
    let input = input(&mut ops, sum);
    let half = ops.input(Input::Parameter(0));
    let decayed = ops.emit(Op::FMul(v, half));
    let moved = ops.emit(Op::FAdd(decayed, input));
    let zero = ops.f32(0.0);
    let none = ops.emit(Op::I32(0));
    let refractory = ops.emit(Op::ILt(none, counter));
    let next = ops.emit(Op::Select(refractory, zero, moved));
    let one = ops.f32(1.0);
    let above = ops.emit(Op::FLe(one, next));
    let free = ops.emit(Op::Not(refractory));
    let spike = ops.emit(Op::And(above, free));
    let after = ops.emit(Op::Select(spike, zero, next));
    let back = ops.emit(Op::I32(1));
    let less = ops.emit(Op::ISub(counter, back));
    let less = ops.emit(Op::Select(refractory, less, none));
    let period = ops.emit(Op::I32(2));
    let counter = ops.emit(Op::Select(spike, period, less));
    let program = ops.program(neuron_outputs(vec![after], Some(counter), Some(spike)));
    neuron(program, 1, vec![Words::All(0.5f32.to_bits())], table.into_iter().collect())
}

/// A neuron plan of one state variable `v` that starts at 0.
pub fn neuron(
    program: Program,
    receptors: u32,
    constants: Vec<Words>,
    poisson: Vec<PoissonTable>,
) -> NeuronPlan {
    let float = StateDef { name: "v".into(), ty: Type::F32, initial: Words::All(0) };
    let counter = program.next_state().any(|(_, counts, _)| counts);
    let counter = counter.then(StateDef::refractory);
    NeuronPlan {
        state: [float].into_iter().chain(counter).collect(),
        program,
        constants,
        poisson,
        series: Vec::new(),
        external: Vec::new(),
        first_receptor: 0,
        receptors,
    }
}

/// A synapse: pre, post, weight in units, delay in steps.
pub type Synapse = (u32, u32, i32, u32);

/// Populations `list` (may be empty of spikes), `cells`; one projection from each onto `cells`.
pub fn plan(
    cells: NeuronPlan,
    size: u32,
    list: &[(u32, u32)],
    from_list: &[Synapse],
    from_cells: &[Synapse],
) -> Plan {
    let sources = 2;
    let population = |name: &str, size, first_neuron, kind| PopulationPlan {
        name: name.into(),
        size,
        first_neuron,
        kind,
    };
    let has_receptor = cells.receptors > 0;
    let events = StimulusPlan {
        name: "events".into(),
        population: PopulationId(1),
        streams: 7..8,
        start_step: 0,
        stop_step: u32::MAX,
    };
    let stimuli = if cells.poisson.is_empty() { Vec::new() } else { vec![events] };
    let receptor = ReceptorPlan {
        population: PopulationId(1),
        name: "input".into(),
        first_accumulator: 0,
        scale_exponent: SCALE_EXPONENT,
        quantisation: Quantisation { weight_bits: 16, ..Quantisation::default() },
        afferents: Vec::new(),
    };
    let longest = from_list.iter().chain(from_cells).map(|s| s.3).max().unwrap_or(1);
    let mut projections = Vec::new();
    if has_receptor {
        projections.push(projection(0, sources, size, from_list));
        projections.push(projection(1, size, size, from_cells));
    }
    Plan {
        network: Arc::new(nothing()),
        seed: 0x0123_4567_89ab_cdef,
        batch: 1,
        populations: vec![
            population("list", sources, 0, PopulationPlanKind::SpikeList(list.into())),
            population("cells", size, sources, PopulationPlanKind::Neurons(Box::new(cells))),
        ],
        receptors: if has_receptor { vec![receptor] } else { Vec::new() },
        projections,
        stimuli,
        currents: Vec::new(),
        probes: Vec::new(),
        synapse_probes: Vec::new(),
        signals: Vec::new(),
        max_delay_steps: longest,
    }
}

/// A probe of `v` of `cells`.
pub fn probe(neurons: &[u32], every_steps: u32) -> ProbePlan {
    ProbePlan {
        name: "v".into(),
        population: PopulationId(1),
        variable: 0,
        neurons: neurons.to_vec(),
        every_steps,
        initial: false,
    }
}

fn projection(pre: u32, rows: u32, targets: u32, synapses: &[Synapse]) -> ProjectionPlan {
    let site = RowSite {
        seed: 0,
        projection: pre,
        rows,
        targets,
        skip_self: false,
        weight: Draw::Constant(0),
        delay: Draw::Constant(1),
    };
    let explicit = |&(pre, post, weight, delay): &Synapse| ExplicitSynapse {
        pre,
        post,
        weight: Some(f64::from(weight)),
        delay_steps: Some(delay),
    };
    let mut list: Vec<ExplicitSynapse> = synapses.iter().map(explicit).collect();
    list.sort_by_key(|synapse| synapse.pre);
    let wide = synapses.iter().any(|s| i16::try_from(s.2).is_err());
    ProjectionPlan {
        name: format!("from_{pre}"),
        pre: PopulationId(pre),
        post: PopulationId(1),
        receptor: 0,
        rows: RowSource::new(site, &Rule::Explicit(Explicit(list.into())), |weight| weight as i32),
        procedural: false,
        weight_bits: if wide { 32 } else { 16 },
        weight_bounds: None,
        synapse: None,
        min_delay_steps: synapses.iter().map(|s| s.3).min().unwrap_or(1),
        max_delay_steps: synapses.iter().map(|s| s.3).max().unwrap_or(1),
    }
}

/// A network of which only the plan is looked at.
fn nothing() -> Checked {
    Checked {
        name: "tiny".into(),
        dt_ms: 0.1,
        duration_steps: 0,
        transient_steps: 0,
        seed: 0,
        batch: 1,
        populations: Vec::new(),
        projections: Vec::new(),
        stimuli: Vec::new(),
        probes: Vec::new(),
        synapse_probes: Vec::new(),
        signals: Vec::new(),
    }
}
