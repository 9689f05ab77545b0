"""What the workers of all simulators do: build once, say so, then measure as often as they are told.

A worker prints one line of JSON when it is ready and one for each line `measure` that it reads.
"""

import json
import sys
import time


def serve(name, threads, build, measure):
    """`build(name, threads)` gives what `measure` takes; `measure` gives seconds, simulated ms and spikes by population."""
    # What the simulators print must not stand between our lines.
    lines, sys.stdout = sys.stdout, sys.stderr
    start = time.perf_counter()
    built = build(name, threads)
    say(lines, build_s=time.perf_counter() - start)
    for line in sys.stdin:
        if line.strip() != "measure":
            raise ValueError(f"`measure` was expected, not `{line.strip()}`")
        wall_s, simulated_ms, rates_hz = measure(built)
        say(lines, wall_s=wall_s, simulated_ms=simulated_ms, rates_hz=rates_hz)


def say(lines, **values):
    print(json.dumps(values), file=lines, flush=True)
