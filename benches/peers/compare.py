"""Runs workloads in isospike, Brian2 and NEST by turns, and prints how they compare: see `run`."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from model import ROOT, workloads

ISOSPIKE = ROOT / "target/release/isospike"
HERE = Path(__file__).parent
# Rates of other simulators may be this far from ours, as a share: the networks are drawn anew.
BAND = 0.15
# Below this many spikes per neuron and second a rate is silence.
SILENCE_HZ = 0.05
# Build or run for minutes elsewhere.
LONG = ("cuba_400k", "coba_400k", "microcircuit")


class Worker:
    """A simulator with a network, ready to be measured again and again."""

    def __init__(self, simulator, workload, threads):
        self.name = f"{simulator} {threads}"
        command = [sys.executable, str(HERE / f"{simulator}_worker.py"), workload, str(threads)]
        self.log = open(ROOT / f"target/peers/{workload}_{simulator}_{threads}.log", "w")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.build_s = self.line()["build_s"]

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}; {self.log.name} says why")
        return json.loads(text)

    def measure(self):
        self.process.stdin.write("measure\n")
        self.process.stdin.flush()
        return self.line()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


class Isospike:
    """Ours, started for each measurement; it builds in less time than the others take to say so."""

    name = "isospike"

    def __init__(self, workload):
        self.workload, self.build_s = workload, None

    def measure(self):
        command = [ISOSPIKE, "bench", self.workload, "--repeat", "1", "--json"]
        [row] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["rows"]
        self.build_s = row["build_s"]["min"]
        self.commit, self.processor = row["commit"], row["machine"]["processor"]
        wall_s = row["real_time_factor"]["min"] * row["measured_ms"] / 1e3
        rates = {rate["population"]: rate["rate_hz"] for rate in row["rates"]}
        return {"wall_s": wall_s, "simulated_ms": row["measured_ms"], "rates_hz": rates}

    def close(self):
        pass


def compare(workload, rounds, threads):
    """Measures by turns; gives a record for each simulator, ours first."""
    runners = [Isospike(workload)]
    for simulator in workloads()[workload].get("peers", []):
        # NEST with one thread is never the faster.
        for count in sorted({1, threads} if simulator == "brian2" else {threads}):
            print(f"{workload}: building in {simulator} with {count} thread{'s' * (count > 1)}", file=sys.stderr)
            runners.append(Worker(simulator, workload, count))
    found = {runner.name: [] for runner in runners}
    for number in range(rounds):
        print(f"{workload}: round {number + 1} of {rounds}", file=sys.stderr)
        for runner in runners:
            found[runner.name].append(runner.measure())
    for runner in runners:
        runner.close()
    ours = found["isospike"][0]["rates_hz"]
    records = []
    for runner in runners:
        factors = [one["wall_s"] * 1e3 / one["simulated_ms"] for one in found[runner.name]]
        rates = found[runner.name][0]["rates_hz"]
        records.append({
            "workload": workload,
            "simulator": runner.name,
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "commit": runners[0].commit,
            "processor": runners[0].processor,
            "load_average": os.getloadavg()[0],
            "build_s": runner.build_s,
            "real_time_factor": {"min": min(factors), "median": statistics.median(factors)},
            "rates_hz": rates,
            "apart": [name for name in ours if not near(rates[name], ours[name])],
        })
    return records


def near(rate, ours):
    return abs(rate - ours) <= BAND * ours or max(rate, ours) < SILENCE_HZ


def table(records):
    """A row for each simulator, in Markdown."""
    ours = next(r for r in records if r["simulator"] == "isospike")["real_time_factor"]
    for record in records:
        factor = record["real_time_factor"]
        ratio = "" if record["simulator"] == "isospike" else f"{factor['min'] / ours['min']:.1f}"
        rates = ", ".join(f"{rate:.2f}" for rate in record["rates_hz"].values())
        verdict = "agree" if not record["apart"] else f"APART in {', '.join(record['apart'])}"
        cells = [
            record["workload"], record["simulator"], f"{factor['min']:.4g}", f"{factor['median']:.4g}", ratio,
            f"{record['build_s']:.2f}", rates, verdict,
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def main():
    known = workloads()
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__)
    parser.add_argument("workload", nargs="*", choices=[[], *known], help=f"default: all but {', '.join(LONG)}")
    parser.add_argument("--long", action="store_true", help="those too: half an hour and 15 GB")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each simulator [3]")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the others [all cores]")
    arguments = parser.parse_args()
    names = arguments.workload or [name for name in known if arguments.long or name not in LONG]
    print(f"Rates agree within {BAND:.0%} of ours. Brian2's build is its compiler's; NEST's is its construction and warm-up.\n")
    print("| workload | simulator, threads | x real time, min | median | over ours | build s | rates, Hz | rates |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with open(ROOT / "target/peers/peers.jsonl", "a") as file:
        for name in names:
            records = compare(name, arguments.rounds, arguments.threads)
            for record, line in zip(records, table(records), strict=True):
                print(json.dumps(record), file=file, flush=True)
                print(line, flush=True)


if __name__ == "__main__":
    main()
