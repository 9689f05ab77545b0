#!/usr/bin/env python3
"""Records what single neurons of NEST do under constant currents and two spike trains.

    python3 -m venv nest && nest/bin/pip install nest-simulator==3.10.0
    nest/bin/python record_neurons.py neurons.json

Each case is a row of neurons of one model, neuron `i` with the current `first + i * step`; all get
the same excitatory and inhibitory spikes after a delay of 1 ms. Kept are the spikes of every
neuron, as the number of the time step that they end (from 1), and the membrane potential of
neuron 0 every `SAMPLE_MS`.
"""

import json
import re
import sys

import nest
import numpy as np

NEURONS = 16
SAMPLE_MS = 1.0
DELAY_MS = 1.0
# Periods and offsets of the two trains, in ms: neither divides the other.
TRAINS_MS = [(7.3, 3.1), (11.9, 5.2)]

LIF = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}
CASES = [
    # Our model, NEST's, its parameters, weights, first current and step, time step and duration.
    (
        "lif_delta",
        "iaf_psc_delta",
        dict(LIF, tau_m=20.0, E_L=0.0, V_th=20.0, V_reset=10.0),
        [0.75, -0.5],
        [220.0, 7.0],
        [0.1, 500.0],
    ),
    (
        "lif_exp",
        "iaf_psc_exp",
        dict(LIF, tau_syn_ex=0.5, tau_syn_in=0.5),
        [150.0, -90.0],
        [360.0, 11.0],
        [0.1, 500.0],
    ),
    (
        "lif_exp_2",
        "iaf_psc_exp",
        dict(LIF, tau_syn_ex=2.0, tau_syn_in=5.0),
        [90.0, -40.0],
        [370.0, 11.0],
        [0.1, 500.0],
    ),
    (
        "lif_cond_exp",
        "iaf_cond_exp",
        {
            "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0,
            "t_ref": 5.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
        },
        [3.0, -4.0],
        [150.0, 12.0],
        [0.1, 200.0],
    ),
    (
        "adex",
        "aeif_cond_exp",
        {
            "C_m": 281.0, "g_L": 30.0, "E_L": -70.6, "V_th": -50.4, "Delta_T": 2.0, "V_peak": 20.0,
            "V_reset": -70.6, "t_ref": 0.0, "tau_w": 144.0, "a": 4.0, "b": 80.5,
            "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
        },
        [5.0, -6.0],
        [900.0, 25.0],
        [0.1, 200.0],
    ),
    (
        "izhikevich",
        "izhikevich",
        {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "consistent_integration": False},
        [0.0, 0.0],
        [6.0, 0.75],
        [1.0, 100.0],
    ),
    (
        "hh_traub_miles",
        "hh_cond_exp_traub",
        {
            "C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "g_Na": 20_000.0, "E_Na": 50.0,
            "g_K": 6_000.0, "E_K": -90.0, "V_T": -63.0, "E_ex": 0.0, "E_in": -80.0,
            "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
        },
        [3.0, -4.0],
        [100.0, 20.0],
        [0.1, 60.0],
    ),
]


def record(ours, theirs, parameters, weights, currents, times):
    """One case."""
    dt, duration = times
    nest.ResetKernel()
    nest.resolution = dt
    neurons = nest.Create(theirs, NEURONS, parameters)
    start = -65.0 if theirs == "izhikevich" else parameters["E_L"]
    neurons.V_m = start
    if theirs == "izhikevich":
        neurons.U_m = parameters["b"] * start
    neurons.I_e = [currents[0] + i * currents[1] for i in range(NEURONS)]
    inputs = []
    for (period, offset), weight in zip(TRAINS_MS, weights):
        count = int((duration - offset) / period) + 1
        spikes = [round(round((offset + k * period) / dt) * dt, 6) for k in range(count)]
        generator = nest.Create("spike_generator", {"spike_times": spikes})
        if weight:
            nest.Connect(generator, neurons, syn_spec={"weight": weight, "delay": DELAY_MS})
            inputs.append([round(spike / dt) for spike in spikes])
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    meter = nest.Create("multimeter", {"interval": dt, "record_from": ["V_m"]})
    nest.Connect(meter, neurons)
    # The last step is not recorded without one more.
    nest.Simulate(duration + dt)
    steps = round(duration / dt)
    every = round(SAMPLE_MS / dt)
    senders = np.asarray(meter.events["senders"])
    potential = [np.asarray(meter.events["V_m"])[senders == n.global_id][:steps] for n in neurons]
    if theirs == "hh_cond_exp_traub":
        # NEST sees a spike at its top; here it is the crossing of -20 mV.
        spikes = [1 + np.flatnonzero((v[1:] >= -20) & (v[:-1] < -20)) + 1 for v in potential]
    else:
        senders, at = np.asarray(recorder.events["senders"]), recorder.events["times"]
        ends = np.round(np.asarray(at) / dt).astype(int)
        spikes = [np.sort(ends[(senders == n.global_id) & (ends <= steps)]) for n in neurons]
    return {
        "model": ours,
        "nest_model": theirs,
        "dt_ms": dt,
        "steps": steps,
        "first_current": currents[0],
        "current_step": currents[1],
        "weights": [weight for weight in weights if weight],
        "delay_steps": round(DELAY_MS / dt),
        "inputs": inputs,
        "spikes": [[int(step) for step in train] for train in spikes],
        "sample_every": every,
        "potential": [float(f"{v:.9g}") for v in potential[0][every - 1 :: every]],
    }


def main(path):
    nest.verbosity = nest.VerbosityLevel.ERROR
    result = {"nest": nest.__version__, "cases": [record(*case) for case in CASES]}
    text = json.dumps(result, indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text)
    with open(path, "w") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
