"""Synapses that read potentials, in isospike and Brian2: `clopath` onto a neuron whose potential is given, `gap_junction` between two.

Made equal: all variables are written with the same explicit steps. A pre event reads the target as it was before the step, each
step with potentiation as it is after it, and its spike counts from the next step on. The current of a gap junction is that of
the potentials after the step before.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy

STEPS = 20_000
DT_MS = 0.1
W0, W_MAX = 20.0, 100.0
TEXT = """
[network]
dt = "0.1 ms"
duration = "2000 ms"

[model.held]
state = { at = "0", v = "-80 mV", u_plus = "-80 mV", u_minus = "-80 mV" }
receptors = { in = "pA" }
update = '''
at = if at >= 199 { 0 } else { at + 1 }
v = -80 mV + 0.25 mV * at
u_plus += dt / 7 ms * (v - u_plus)
u_minus += dt / 10 ms * (v - u_minus) + 0 mV * in / 1 pA
'''

[model.cell]
state = { v = "0 mV" }
receptors = { jump = "mV", gap = "pA" }
update = "v += dt / 200 pF * (gap - 10 nS * v) + jump"

[population.source]
size = 1
model = "spike_list"
spikes = SPIKES

[population.held]
size = 1
model = "held"

[population.cells]
size = 2
model = "cell"

[projection.learns]
from = "source"
to = "held"
connect = "all_to_all"
weight = "50 pA"
synapse = "clopath"
parameters = { w0 = "20 pA", w_max = "100 pA" }

[projection.jumps]
from = "source"
to = "cells"
connect = { list = [[0, 0]] }
receptor = "jump"
weight = "4 mV"

[projection.gaps]
from = "cells"
to = "cells"
connect = { list = [[0, 1], [1, 0]] }
receptor = "gap"
weight_bits = 32
synapse = "gap_junction"
parameters = { g = "5 nS", largest = "200 pA" }

[probe.w]
projection = "learns"
variable = "w"

[probe.v]
population = "cells"
variable = "v"
"""


def train():
    rng = numpy.random.default_rng(8)
    return numpy.flatnonzero(rng.random(STEPS - 400) < 40.0 * DT_MS / 1e3) + 100


def isospike(program, steps):
    """Weights and the two potentials after each step."""
    spikes = "[" + ", ".join(f'["{step / 10} ms", 0]' for step in steps) + "]"
    with tempfile.TemporaryDirectory(prefix="isospike_rules_") as folder:
        path = Path(folder) / "potentials.toml"
        path.write_text(TEXT.replace("SPIKES", spikes))
        subprocess.run([program, "run", path, "--out", folder, "--threads", "1", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        with numpy.load(Path(folder) / "traces.npz") as traces:
            return traces["w"].reshape(-1).astype(float), traces["v"].reshape(STEPS, 2).astype(float)


def in_brian2(steps):
    """The same from Brian2; what a spike does comes a step after it, as here."""
    from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, StateMonitor, Synapses, defaultclock, ms, prefs

    prefs.codegen.target = "numpy"
    defaultclock.dt = DT_MS * ms
    source = SpikeGeneratorGroup(1, numpy.zeros(len(steps), int), (steps + 1) * DT_MS * ms, sorted=True)
    held = NeuronGroup(1, "at : 1\nv : 1\nu_plus : 1\nu_minus : 1")
    held.v = held.u_plus = held.u_minus = -80
    held.run_regularly(
        "at = int(at < 199) * (at + 1)\nv = -80 + 0.25 * at\nu_plus += 0.1 / 7 * (v - u_plus)\nu_minus += 0.1 / 10 * (v - u_minus)",
        when="resets",
    )
    learns = Synapses(
        source, held, "w : 1\ndx/dt = -x / (15*ms) : 1 (clock-driven)", method="exact",
        on_pre={"weight": "w = clip(w - 14e-5 * w0 * clip(u_minus_post + 70.6, 0, inf), 0, w_max)", "trace": "x += 1"},
        namespace={"w0": W0, "w_max": W_MAX},
    )  # fmt: skip
    learns.connect()
    learns.w = 50
    learns.run_regularly(
        "w = clip(w + int(v_post > -45.3) * int(u_plus_post > -70.6)"
        " * 8e-5 * (0.1 / 15) * w0 * x * (v_post + 45.3) * (u_plus_post + 70.6), 0, w_max)",
        when="end",
    )
    learns.trace.when, learns.trace.order = "end", 1
    cells = NeuronGroup(2, "v : 1\ngap : 1\njump : 1")
    cells.run_regularly("v += 0.1 / 200 * (gap - 10 * v) + jump\njump = 0", when="resets")
    jumps = Synapses(source, cells, on_pre="jump_post += 4")
    jumps.connect(i=[0], j=[0])
    gaps = Synapses(cells, cells, "gap_post = 5 * (v_pre - v_post) : 1 (summed)")
    gaps.connect(i=[0, 1], j=[1, 0])
    monitors = [StateMonitor(group, name, record=True, when="end", order=2) for group, name in ((learns, "w"), (cells, "v"))]
    network = Network(source, held, learns, cells, jumps, gaps, monitors)
    network.run(STEPS * DT_MS * ms)
    return monitors[0].w[0], monitors[1].v.T


def compare(program):
    """Yields model, events, range and the largest difference, as a share of the largest weight or of 10 mV."""
    steps = train()
    ours, theirs = isospike(program, steps), in_brian2(steps)
    for name, unit, full, a, b in zip(("clopath", "gap_junction"), ("pA", "mV"), (W_MAX, 10.0), ours, theirs):
        yield f"`{name}`", f"{STEPS} steps", f"{b.min():.2f} to {b.max():.2f} {unit}", numpy.abs(a - b).max() / full
