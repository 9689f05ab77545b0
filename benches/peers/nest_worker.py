"""A workload in NEST: `nest_worker.py WORKLOAD THREADS`, see worker.py.

Traps: neurons are created before devices, or look-ups become linear; each source population has its own copy of the synapse
model, of which a thread can hold 134 million connections; recording takes 32 KiB a neuron, so at most 1,000 neurons of each
population are recorded; a call of Run takes whole multiples of the least delay.
"""

import sys
import time

from worker import serve  # Before the simulator, which prints.

import nest
from model import Draw, read

# A simulator that is far slower than real time simulates less: rounds of a twentieth, until this has passed.
PATIENCE_S = 20.0
RECORDED = 1000

# Our parameters and state variables by NEST's names.
MODELS = {
    "lif_exp": ("iaf_psc_exp", {"C_m": "c_m", "tau_m": "tau_m", "E_L": "e_l", "V_th": "v_th", "V_reset": "v_reset", "t_ref": "t_ref",
                                "tau_syn_ex": "tau_syn", "tau_syn_in": "tau_syn"}, {"V_m": "v"}),
    "lif_exp_2": ("iaf_psc_exp", {"C_m": "c_m", "tau_m": "tau_m", "E_L": "e_l", "V_th": "v_th", "V_reset": "v_reset", "t_ref": "t_ref",
                                  "tau_syn_ex": "tau_exc", "tau_syn_in": "tau_inh"}, {"V_m": "v"}),
    "lif_delta": ("iaf_psc_delta", {"C_m": "c_m", "tau_m": "tau_m", "E_L": "e_l", "V_th": "v_th", "V_reset": "v_reset", "t_ref": "t_ref"},
                  {"V_m": "v"}),
    "lif_cond_exp": ("iaf_cond_exp", {"C_m": "c_m", "g_L": "g_l", "E_L": "e_l", "V_th": "v_th", "V_reset": "v_reset", "t_ref": "t_ref",
                                      "E_ex": "e_exc", "E_in": "e_inh", "tau_syn_ex": "tau_exc", "tau_syn_in": "tau_inh"},
                     {"V_m": "v", "g_ex": "g_exc", "g_in": "g_inh"}),
    "hh_traub_miles": ("hh_cond_exp_traub", {"C_m": "c_m", "g_L": "g_l", "E_L": "e_l", "g_Na": "g_na", "E_Na": "e_na", "g_K": "g_k",
                                             "E_K": "e_k", "V_T": "v_t", "t_ref": "t_ref", "E_ex": "e_exc", "E_in": "e_inh",
                                             "tau_syn_ex": "tau_exc", "tau_syn_in": "tau_inh"}, {"V_m": "v"}),
    "izhikevich": ("izhikevich", {"a": "a", "b": "b", "c": "c", "d": "d"}, {"V_m": "v", "U_m": "u"}),
}  # fmt: skip
CONDUCTANCES = ("lif_cond_exp", "hh_traub_miles")


def build(name, threads):
    network = read(name)
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.SetKernelStatus({"resolution": network.dt, "local_num_threads": threads, "rng_seed": network.seed + 1})
    nodes = {p.name: neurons(p, network.dt) for p in network.populations}
    for population in network.populations:
        nest.CopyModel("static_synapse", f"from_{population.name}")
    models = {p.name: p.model for p in network.populations}
    for projection in network.projections:
        connect(projection, nodes, models[projection.target], network.dt)
    for stimulus in network.stimuli:
        stimulate(stimulus, nodes, network.dt)
    recorders = {}
    for population in network.populations:
        recorders[population.name] = nest.Create("spike_recorder")
        nest.Connect(nodes[population.name][: min(population.size, RECORDED)], recorders[population.name])
    nest.Prepare()
    run(network, network.warm_up)
    return network, recorders


def neurons(population, dt):
    model, parameters, state = MODELS[population.model]
    nodes = nest.Create(model, population.size)
    if population.model == "izhikevich":
        nodes.consistent_integration = False
    for ours, names in ((population.parameters, parameters), (population.initial, state)):
        for theirs, name in names.items():
            value = ours[name]
            nodes.set({theirs: float(value) if getattr(value, "ndim", 0) == 0 else list(value)})
    return nodes


def connect(projection, nodes, target_model, dt):
    rule = {
        "all_to_all": {"rule": "all_to_all"},
        "fixed_probability": {"rule": "pairwise_bernoulli", "p": float(projection.number)},
        "fixed_in_degree": {"rule": "fixed_indegree", "indegree": round(projection.number)},
        "fixed_total_number": {"rule": "fixed_total_number", "N": round(projection.number)},
    }[projection.rule]
    rule["allow_autapses"] = projection.autapses
    # Inhibitory conductances are negative weights in NEST.
    sign = -1.0 if target_model in CONDUCTANCES and projection.receptor == "inh" else 1.0
    weight, delay = projection.weight, projection.delay
    if isinstance(weight, Draw):
        weight = drawn(weight)
    if isinstance(delay, Draw):
        bounds = max(delay.low, dt), min(delay.high, 1e6)
        delay = nest.math.redraw(nest.random.normal(*delay.numbers), *bounds)
    synapse = {"synapse_model": f"from_{projection.source}", "weight": sign * weight, "delay": delay}
    nest.Connect(nodes[projection.source], nodes[projection.target], rule, synapse)


def drawn(draw):
    if draw.kind == "uniform":
        return nest.random.uniform(*draw.numbers)
    if (draw.low, draw.high) != (-float("inf"), float("inf")):
        raise ValueError("normal weights with bounds are not translated")
    return nest.random.normal(*draw.numbers)


def stimulate(stimulus, nodes, dt):
    target, values = nodes[stimulus.population], stimulus.values
    if stimulus.kind == "poisson":
        rate_hz = 1e3 * values["rate"] * values.get("sources", 1)
        source = nest.Create("poisson_generator", params={"rate": rate_hz})
        nest.Connect(source, target, syn_spec={"weight": values["weight"], "delay": dt})
    elif stimulus.kind == "noise":
        params = {"mean": float(values["mean"]), "std": float(values["sd"]), "dt": dt}
        nest.Connect(nest.Create("noise_generator", params=params), target, syn_spec={"delay": dt})
    elif stimulus.kind == "current":
        target.I_e = float(values["amplitude"])
    else:
        raise ValueError(f"stimuli of kind `{stimulus.kind}` are not translated")


def run(network, ms):
    """Whole slices of the least delay, at least one; gives the time simulated."""
    slices = max(1, round(ms / nest.min_delay))
    nest.Run(slices * nest.min_delay)
    return slices * nest.min_delay


def measure(built):
    network, recorders = built
    before = {name: recorder.n_events for name, recorder in recorders.items()}
    start, simulated = time.perf_counter(), 0.0
    while simulated < network.measured - 1e-9 and time.perf_counter() - start < PATIENCE_S:
        simulated += run(network, network.measured / 20)
    wall = time.perf_counter() - start
    rates = {}
    for population in network.populations:
        spikes = recorders[population.name].n_events - before[population.name]
        rates[population.name] = 1e3 * spikes / min(population.size, RECORDED) / simulated
    return wall, simulated, rates


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), build, measure)
