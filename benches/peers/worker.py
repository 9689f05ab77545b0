"""What the workers of all simulators do: build once, say so, then measure as often as they are told.

A worker prints one line of JSON when it is ready and one for each line `measure` that it reads.
"""

import json
import os
import sys
import time

# What the simulators print, some of it when they are imported, must not stand between our lines.
LINES = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def serve(name, threads, build, measure):
    """`build(name, threads)` gives what `measure` takes; `measure` gives seconds, simulated ms and spikes by population."""
    start = time.perf_counter()
    built = build(name, threads)
    say(build_s=time.perf_counter() - start)
    for line in sys.stdin:
        if line.strip() != "measure":
            raise ValueError(f"`measure` was expected, not `{line.strip()}`")
        wall_s, simulated_ms, rates_hz = measure(built)
        say(wall_s=wall_s, simulated_ms=simulated_ms, rates_hz=rates_hz)


def say(**values):
    print(json.dumps(values), file=LINES, flush=True)
