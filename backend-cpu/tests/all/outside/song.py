"""Simulates one neuron with 1,000 plastic inputs (Song, Miller & Abbott 2000) in f64: the figures in plasticity.rs.

`python song.py SEED SECONDS DT_MS`, with NumPy. Constants are those of examples/song_2000.toml; steps are forward Euler.
"""

import sys

import numpy as np

seed, seconds, dt_ms = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
inputs, rate_hz, g_max = 1000, 15.0, 0.01
tau_m_ms, tau_exc_ms, tau_ms = 10.0, 5.0, 20.0
potentiation, depression = 0.01 * g_max, 0.0105 * g_max

random = np.random.default_rng(seed)
weights = random.random(inputs) * g_max
x, y, v, g = np.zeros(inputs), 0.0, -60.0, 0.0
keep, keep_g = np.exp(-dt_ms / tau_ms), np.exp(-dt_ms / tau_exc_ms)
spikes_s = []
block = 10_000
for step in range(int(seconds * 1000 / dt_ms)):
    if step % block == 0:
        arrives = random.random((block, inputs)) < rate_hz * dt_ms / 1000
        sources = [np.flatnonzero(row) for row in arrives]
    v += dt_ms / tau_m_ms * (-74.0 - v - g * v)
    g *= keep_g
    x *= keep
    y *= keep
    due = sources[step % block]
    if len(due):
        x[due] += 1
        weights[due] = np.clip(weights[due] - depression * y, 0, g_max)
        g += weights[due].sum()
    if v > -54.0:
        v = -60.0
        y += 1
        spikes_s.append(step * dt_ms / 1000)
        weights = np.clip(weights + potentiation * x, 0, g_max)

spikes_s = np.array(spikes_s)
for start, end in [(0, 5), (seconds * 0.8, seconds)]:
    count = ((spikes_s >= start) & (spikes_s < end)).sum()
    print(f"{start:g} s to {end:g} s: {count / (end - start):.1f} Hz")
print("shares of weights by tenth:", np.histogram(weights / g_max, 10, (0, 1))[0] / inputs)
