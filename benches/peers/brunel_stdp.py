"""Runs `examples/brunel_stdp.toml` at a tenth of its size in isospike and NEST, and prints rates and weights: `run brunel_stdp`.

Networks and input are drawn anew by each program and seed, so figures agree as those of seeds do. NEST's delay is all behind the
synapse; here `dendritic` is a step less than the delay, and `back` a step more.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import nest
import numpy
from model import ROOT

DELAY_MS, RUN_MS, TRANSIENT_MS = 1.5, 10_100.0, 100.0
EXC, INH, FROM_EXC, FROM_INH = 1_000, 250, 100, 25
J, G, STEP, ALPHA = 1.0, 5.0, 1e-3, 1.05
DRIVE_HZ, J_EXT = 20_000.0, 0.1


def in_nest(seed):
    nest.ResetKernel()
    nest.set(resolution=0.1, rng_seed=seed)
    cells = {"C_m": 250.0, "tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0, "V_m": 0.0, "tau_minus": 20.0}
    exc, inh = (nest.Create("iaf_psc_delta", size, cells) for size in (EXC, INH))
    both = exc + inh
    rule = {"weight": J, "Wmax": 3 * J, "lambda": STEP, "alpha": ALPHA, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 20.0}
    plastic = {"synapse_model": "stdp_synapse", "delay": DELAY_MS, **rule}
    nest.Connect(exc, both, {"rule": "fixed_indegree", "indegree": FROM_EXC}, plastic)
    nest.Connect(inh, both, {"rule": "fixed_indegree", "indegree": FROM_INH}, {"weight": -G * J, "delay": DELAY_MS})
    nest.Connect(nest.Create("poisson_generator", params={"rate": DRIVE_HZ}), both, syn_spec={"weight": J_EXT, "delay": 0.1})
    recorders = [nest.Create("spike_recorder", params={"start": TRANSIENT_MS}) for _ in range(2)]
    for cell, recorder in zip((exc, inh), recorders):
        nest.Connect(cell, recorder)
    nest.Simulate(RUN_MS)
    seconds = (RUN_MS - TRANSIENT_MS) / 1e3
    rates = [recorder.n_events / size / seconds for recorder, size in zip(recorders, (EXC, INH))]
    return rates, numpy.asarray(nest.GetConnections(exc, exc, synapse_model="stdp_synapse").weight)


def isospike(program, seed):
    settings = ["scale=0.1", f"network.duration={RUN_MS} ms", f"network.transient={TRANSIENT_MS} ms"]
    for name in ("exc_exc", "exc_inh"):
        field = f"projection.{name}"
        settings += [f"{field}.dendritic={DELAY_MS - 0.1} ms", f"{field}.back={round(DELAY_MS + 0.1, 3)} ms"]
        settings += [f"{field}.parameters.a_plus={STEP}", f"{field}.parameters.a_minus={STEP * ALPHA}"]
    with tempfile.TemporaryDirectory(prefix="isospike_brunel_") as folder:
        command = [program, "run", ROOT / "examples/brunel_stdp.toml", "--seed", str(seed), "--out", folder, "--quiet", "--json"]
        command += ["--synapses", "exc_exc", *(word for setting in settings for word in ("--set", setting))]
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        rates = [population["rate_hz"] for population in report["populations"]]
        with numpy.load(Path(folder) / "synapses-exc_exc.npz") as file:
            return rates, file["state.w"].reshape(-1)


def main():
    parser = argparse.ArgumentParser(prog="benches/peers/run brunel_stdp", description=__doc__.splitlines()[0])
    parser.add_argument("--isospike", default=ROOT / "target/release/isospike", help="the program [target/release/isospike]")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each [3]")
    arguments = parser.parse_args()
    nest.verbosity = nest.VerbosityLevel.ERROR
    programs = {"isospike": lambda seed: isospike(arguments.isospike, seed), f"NEST {nest.__version__}": in_nest}
    print(f"Weights of exc_exc after {RUN_MS / 1e3} s: mV, tenth, median, ninth tenth of them. Mean and standard deviation over seeds.\n")
    print("| simulator | rate exc, Hz | rate inh, Hz | mean weight | sd | 10 % | 50 % | 90 % |")
    print("|---|---|---|---|---|---|---|---|")
    for title, run in programs.items():
        rows = []
        for seed in range(1, arguments.seeds + 1):
            rates, weights = run(seed)
            rows.append([*rates, weights.mean(), weights.std(), *numpy.quantile(weights, (0.1, 0.5, 0.9))])
        means, spread = numpy.mean(rows, axis=0), numpy.std(rows, axis=0, ddof=1 if len(rows) > 1 else 0)
        print(f"| {title} | {' | '.join(f'{mean:.4f} ± {sd:.4f}' for mean, sd in zip(means, spread))} |", flush=True)


if __name__ == "__main__":
    main()
