"""A workload in Brian2's C++ standalone mode: `brian2_worker.py WORKLOAD THREADS`, see worker.py. One thread is plain C++,
more are OpenMP.

Traps: the time is that of the last run call, which Brian2 measures itself; the program is compiled once and started for each
measurement; synapses and Poisson input act on the potential of `lif_delta` only outside the refractory period, as here.
"""

import sys
import tempfile

from worker import serve  # Before the simulator, which prints.

import numpy
from brian2 import (
    Network, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, defaultclock, device, mV, ms, nS, pA, pF, prefs, seed, set_device,
)  # fmt: skip
from model import Draw, read

UNITS = {"mV": mV, "pA": pA, "nS": nS, "pF": pF, "ms": ms, "1": 1}
# What our parameters and state variables are measured in.
DIMENSIONS = {
    "c_m": "pF", "tau_m": "ms", "tau_syn": "ms", "tau_exc": "ms", "tau_inh": "ms", "t_ref": "ms", "g_l": "nS", "g_na": "nS", "g_k": "nS",
    "g_exc": "nS", "g_inh": "nS", "i_syn": "pA", "i_exc": "pA", "i_inh": "pA",
}  # fmt: skip

CURRENT_2 = """
dv/dt = (e_l - v) / tau_m + (i_exc + i_inh + i_ext) / c_m : volt (unless refractory)
di_exc/dt = -i_exc / tau_exc : amp
di_inh/dt = -i_inh / tau_inh : amp
"""
CONDUCTANCE = """
dv/dt = (g_l * (e_l - v) + g_exc * (e_exc - v) + g_inh * (e_inh - v) + i_ext) / c_m : volt (unless refractory)
dg_exc/dt = -g_exc / tau_exc : siemens
dg_inh/dt = -g_inh / tau_inh : siemens
"""
HODGKIN_HUXLEY = """
dv/dt = (g_l * (e_l - v) + g_exc * (e_exc - v) + g_inh * (e_inh - v) + i_ext
    - g_na * (gate_m * gate_m * gate_m) * gate_h * (v - e_na) - g_k * (gate_n * gate_n * gate_n * gate_n) * (v - e_k)) / c_m : volt
dgate_m/dt = alpha_m * (1 - gate_m) - beta_m * gate_m : 1
dgate_n/dt = alpha_n * (1 - gate_n) - beta_n * gate_n : 1
dgate_h/dt = alpha_h * (1 - gate_h) - beta_h * gate_h : 1
dg_exc/dt = -g_exc / tau_exc : siemens
dg_inh/dt = -g_inh / tau_inh : siemens
alpha_m = 0.32 * (mV**-1) * 4 * mV / exprel((13 * mV - v + v_t) / (4 * mV)) / ms : Hz
beta_m = 0.28 * (mV**-1) * 5 * mV / exprel((v - v_t - 40 * mV) / (5 * mV)) / ms : Hz
alpha_h = 0.128 * exp((17 * mV - v + v_t) / (18 * mV)) / ms : Hz
beta_h = 4. / (1 + exp((40 * mV - v + v_t) / (5 * mV))) / ms : Hz
alpha_n = 0.032 * (mV**-1) * 5 * mV / exprel((15 * mV - v + v_t) / (5 * mV)) / ms : Hz
beta_n = .5 * exp((10 * mV - v + v_t) / (40 * mV)) / ms : Hz
"""
# Equations, threshold, reset, method, and the variable that each receptor adds to.
MODELS = {
    "lif_exp_2": (CURRENT_2, "v >= v_th", "v = v_reset", "exact", {"exc": "i_exc", "inh": "i_inh"}),
    "lif_delta": ("dv/dt = (e_l - v) / tau_m + i_ext / c_m : volt (unless refractory)", "v >= v_th", "v = v_reset", "exact",
                  {"syn": "v"}),
    "lif_cond_exp": (CONDUCTANCE, "v >= v_th", "v = v_reset", "exponential_euler", {"exc": "g_exc", "inh": "g_inh"}),
    "hh_traub_miles": (HODGKIN_HUXLEY, "v >= v_spike", None, "exponential_euler", {"exc": "g_exc", "inh": "g_inh"}),
    "izhikevich": ("v : 1\nu : 1\nsyn : 1", "v >= 30", "v = c\nu += d", None, {"syn": "syn"}),
}  # fmt: skip
# Two half steps of the potential and one of the recovery; input of the step before is used up.
IZHIKEVICH = """
drive = 140 + noise_mean + noise_sd * randn() - u + syn
v += 0.5 * ((0.04 * v + 5) * v + drive)
v += 0.5 * ((0.04 * v + 5) * v + drive)
u += a * (b * v - u)
syn = 0
"""
ORDER = ["start", "groups", "thresholds", "synapses", "resets", "end"]


def build(name, threads):
    network = read(name)
    set_device("cpp_standalone", build_on_run=False)
    if threads > 1:
        prefs.devices.cpp_standalone.openmp_threads = threads
    seed(network.seed)
    defaultclock.dt = network.dt * ms
    objects, groups, monitors = [], {}, {}
    for population in network.populations:
        group, kept = neurons(population, network)
        groups[population.name], monitors[population.name] = group, SpikeMonitor(group)
        objects += [group, *kept, monitors[population.name]]
    models = {p.name: p.model for p in network.populations}
    for projection in network.projections:
        objects.append(connect(projection, groups, models[projection.target], network))
    for stimulus in network.stimuli:
        if stimulus.kind == "poisson":
            objects.append(poisson(stimulus, groups[stimulus.population], models[stimulus.population]))
    net = Network(*objects)
    net.schedule = ORDER
    net.run(network.warm_up * ms)
    net.run(network.measured * ms)
    # Workers run beside each other: each has a folder of its own.
    folder = tempfile.TemporaryDirectory(prefix="isospike_brian2_")
    device.build(directory=folder.name, run=False, compile=True, with_output=False)
    return network, monitors, folder


def unit(name):
    return UNITS[DIMENSIONS.get(name, "mV" if name.startswith(("v", "e_")) else "1")]


def neurons(population, network):
    equations, threshold, reset, method, _ = MODELS[population.model]
    parameters = {name: value for name, value in population.parameters.items()}
    each = {name: value for name, value in parameters.items() if getattr(value, "ndim", 0) > 0}
    plain = population.model == "izhikevich"
    namespace = {k: v * (1 if plain else unit(k)) for k, v in parameters.items() if k not in each}
    namespace |= {"i_ext": 0 * pA}
    for stimulus in network.stimuli:
        if stimulus.population == population.name and stimulus.kind == "current":
            namespace["i_ext"] = stimulus.values["amplitude"] * pA
        if stimulus.population == population.name and stimulus.kind == "noise":
            namespace |= {"noise_mean": stimulus.values["mean"], "noise_sd": stimulus.values["sd"]}
    equations += "".join(f"\n{name} : 1 (constant)" for name in each)
    refractory = parameters["t_ref"] * ms if "t_ref" in parameters else False
    options = {} if method is None else {"method": method}
    group = NeuronGroup(
        population.size, equations, threshold=threshold, reset=reset or "", refractory=refractory, namespace=namespace, **options
    )
    for name, value in [*population.initial.items(), *each.items()]:
        setattr(group, name, numpy.broadcast_to(value, population.size) * (1 if plain else unit(name)))
    kept = []
    if plain:
        kept.append(group.run_regularly(IZHIKEVICH, when="start"))
    return group, kept


def connect(projection, groups, target_model, network):
    variable = MODELS[target_model][4][projection.receptor]
    plain = target_model == "izhikevich"
    source, target = groups[projection.source], groups[projection.target]
    scale = 1 if plain else unit(variable)
    weight = projection.weight
    if isinstance(weight, Draw):
        if weight.kind != "uniform":
            raise ValueError("only uniform weights are translated")
        low, high = weight.numbers
        synapses = Synapses(source, target, "w : 1", on_pre=f"{variable}_post += w")
    else:
        held = " * int(not_refractory_post)" if variable == "v" else ""
        namespace = {"w": weight * scale}
        synapses = Synapses(source, target, on_pre=f"{variable}_post += w{held}", namespace=namespace)
    same = projection.source == projection.target and not projection.autapses
    condition = "i != j" if same else None
    if projection.rule == "all_to_all":
        synapses.connect(condition=condition)
    elif projection.rule == "fixed_probability":
        synapses.connect(condition=condition, p=projection.number)
    elif projection.rule == "fixed_in_degree" and not same:
        # Brian2 has no such rule: the sources of each target, drawn here.
        rng = numpy.random.default_rng([network.seed, len(projection.source), len(target)])
        degree = round(projection.number)
        targets = numpy.repeat(numpy.arange(len(target)), degree)
        synapses.connect(i=rng.integers(0, len(source), degree * len(target)), j=targets)
    else:
        raise ValueError(f"the rule `{projection.rule}` is not translated")
    if isinstance(weight, Draw):
        synapses.w = f"{low} + ({high} - {low}) * rand()"
    # Brian2 delivers a spike without delay in its own step; ours arrives in the next.
    if projection.delay > network.dt * 1.5:
        synapses.delay = projection.delay * ms
    return synapses


def poisson(stimulus, group, model):
    [variable] = MODELS[model][4].values()
    values = stimulus.values
    weight = f"{values['weight']} * mV * int(not_refractory)" if variable == "v" else values["weight"] * unit(variable)
    return PoissonInput(group, variable, N=round(values.get("sources", 1)), rate=values["rate"] / ms, weight=weight)


def measure(built):
    network, monitors, folder = built
    device.run(directory=folder.name, with_output=False, run_args=[])
    rates = {}
    for population in network.populations:
        times = monitors[population.name].t / ms
        spikes = int(numpy.count_nonzero(times >= network.warm_up - 1e-9))
        rates[population.name] = 1e3 * spikes / population.size / network.measured
    return device._last_run_time, network.measured, rates


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), build, measure)
