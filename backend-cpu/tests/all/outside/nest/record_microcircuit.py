#!/usr/bin/env python3
"""Records the statistics of the cortical microcircuit as its authors' own implementation gives
them: the package `microcircuit` on NEST, at a tenth of the size, for several seeds.

    python3 -m venv nest && nest/bin/pip install nest-simulator==3.10.0 microcircuit==1.0
    nest/bin/python record_microcircuit.py microcircuit.json

Statistics as in their analysis: rate of every neuron; coefficient of variation of the intervals of
every neuron with at least three spikes; correlation of the spike counts in bins of 2 ms of every
pair among 250 neurons, silent ones left out. For each: the mean of every seed, the distribution
function of all seeds together at some points, and how far each seed is from the others together
(the Kolmogorov-Smirnov distance at these points).
"""

import json
import re
import sys
import tempfile

import nest
import numpy as np
from microcircuit.network import Network
from microcircuit.network_params import default_net_dict as net
from microcircuit.sim_params import default_sim_dict as sim
from microcircuit.stimulus_params import default_stim_dict as stim

SCALE = 0.1
TRANSIENT_MS = 500.0
DURATION_MS = 5_000.0
SEEDS = range(1, 7)
BIN_MS = 2.0
CORRELATED = 250
POINTS = 64
STATISTICS = ["rate_hz", "cv_isi", "correlation"]


def simulate(seed):
    """The spikes of every population after the transient: a list of times for each neuron."""
    net.update(N_scaling=SCALE, K_scaling=SCALE, bg_input_type="poisson")
    folder = tempfile.mkdtemp()
    sim.update(rng_seed=seed, rec_dev=[], local_num_threads=1, print_time=False, data_path=folder)
    network = Network(sim, net, stim)
    network.create()
    recorders = [nest.Create("spike_recorder", {"start": TRANSIENT_MS}) for _ in network.pops]
    for population, recorder in zip(network.pops, recorders):
        nest.Connect(population, recorder)
    network.connect()
    network.simulate(TRANSIENT_MS + DURATION_MS)
    trains = []
    for population, recorder in zip(network.pops, recorders):
        first, size = population[0].global_id, len(population)
        events = recorder.events
        neurons, times = np.asarray(events["senders"]) - first, np.asarray(events["times"])
        order = np.lexsort((times, neurons))
        cuts = np.searchsorted(neurons[order], np.arange(1, size))
        trains.append(np.split(times[order], cuts))
    return trains


def statistics(trains):
    """The values of one population, by statistic."""
    rates = [1000 * len(train) / DURATION_MS for train in trains]
    intervals = [np.diff(train) for train in trains if len(train) > 2]
    variations = [np.std(interval) / np.mean(interval) for interval in intervals]
    chosen = np.random.default_rng(1).choice(len(trains), min(CORRELATED, len(trains)), False)
    edges = np.arange(0, DURATION_MS + BIN_MS, BIN_MS) + TRANSIENT_MS
    # Spikes are at multiples of the time step: a bin ends with its edge, as (start, end].
    counts = np.array([np.histogram(trains[n] - 0.05, edges)[0] for n in chosen])
    counts = counts[counts.std(axis=1) > 0]
    above = np.triu_indices(len(counts), 1)
    return dict(zip(STATISTICS, [rates, variations, np.corrcoef(counts)[above]]))


def share(values, points):
    """The share of values that are not above each point."""
    return np.searchsorted(np.sort(values), points, side="right") / len(values)


def summary(seeds):
    """What is kept of the values of one population and statistic, a list for each seed."""
    pool = np.concatenate(seeds)
    points = np.quantile(pool, np.linspace(0, 1, POINTS), method="inverted_cdf")
    points = np.unique(np.round(points, 6))
    distances = []
    for i, values in enumerate(seeds):
        others = np.concatenate([other for j, other in enumerate(seeds) if j != i])
        distances.append(np.max(np.abs(share(values, points) - share(others, points))))
    digits = lambda values, n: [float(f"{value:.{n}g}") for value in values]
    return {
        "mean": digits([np.mean(values) for values in seeds], 6),
        "points": [float(point) for point in points],
        "share": digits(share(pool, points), 6),
        "distance": digits(distances, 4),
    }


def main(path):
    nest.verbosity = nest.VerbosityLevel.ERROR
    values = {name.lower(): {key: [] for key in STATISTICS} for name in net["populations"]}
    for seed in SEEDS:
        for population, trains in zip(values.values(), simulate(seed)):
            for key, found in statistics(trains).items():
                population[key].append(found)
        print(f"seed {seed} done", file=sys.stderr, flush=True)
    result = {
        "nest": nest.__version__,
        "scale": SCALE,
        "transient_ms": TRANSIENT_MS,
        "duration_ms": DURATION_MS,
        "seeds": list(SEEDS),
        "populations": {
            name: {key: summary(seeds) for key, seeds in statistics.items()}
            for name, statistics in values.items()
        },
    }
    text = json.dumps(result, indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text)
    with open(path, "w") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
