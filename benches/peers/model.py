"""Reads workloads and model files for other simulators: plain numbers in ms, mV, pA, nS, pF and 1/ms.

The files are the ones that isospike reads, so no parameter is written twice. What is not understood is an error.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[2]
UNITS = {
    "s": 1e3, "ms": 1.0, "us": 1e-3, "V": 1e3, "mV": 1.0, "uV": 1e-3, "A": 1e12, "mA": 1e9, "uA": 1e6, "nA": 1e3, "pA": 1.0,
    "S": 1e9, "mS": 1e6, "uS": 1e3, "nS": 1.0, "pS": 1e-3, "F": 1e12, "uF": 1e6, "nF": 1e3, "pF": 1.0,
    "Ohm": 1e-9, "kOhm": 1e-6, "MOhm": 1e-3, "GOhm": 1.0, "Hz": 1e-3, "kHz": 1.0,
}  # fmt: skip
QUANTITY = re.compile(r"(?<![\w.])(\d+\.?\d*(?:[eE][+-]?\d+)?)\s+(" + "|".join(UNITS) + r")\b")


@dataclass
class Draw:
    """A distribution of weights or delays: `normal` or `uniform`, its two numbers, and bounds of a normal one."""

    kind: str
    numbers: tuple
    low: float = -numpy.inf
    high: float = numpy.inf


@dataclass
class Population:
    name: str
    size: int
    model: str
    parameters: dict
    initial: dict
    reference_hz: float | None


@dataclass
class Projection:
    source: str
    target: str
    receptor: str
    rule: str
    number: float
    weight: "float | Draw"
    delay: "float | Draw"
    autapses: bool


@dataclass
class Stimulus:
    population: str
    kind: str
    values: dict


@dataclass
class Network:
    """A workload as other simulators need it."""

    name: str
    dt: float
    seed: int
    warm_up: float
    measured: float
    peers: list
    populations: list = field(default_factory=list)
    projections: list = field(default_factory=list)
    stimuli: list = field(default_factory=list)

    def size(self):
        return sum(p.size for p in self.populations)


def workloads():
    """All workloads, as written."""
    with open(ROOT / "benches/workloads.toml", "rb") as file:
        return tomllib.load(file)["workload"]


def read(name):
    """The network of a workload."""
    workload = workloads()[name]
    with open(ROOT / "benches" / workload["model"], "rb") as file:
        document = tomllib.load(file)
    for replacement in workload.get("set", []):
        replace(document, *replacement.split("=", 1))
    about = document["network"]
    constants = {}
    for key, text in document.get("constants", {}).items():
        constants[key] = evaluate(text, constants)
    network = Network(
        name=name,
        dt=evaluate(about["dt"], constants),
        seed=about.get("seed", 0),
        warm_up=evaluate(workload["warm_up"], {}),
        measured=evaluate(workload["measured"], {}),
        peers=workload.get("peers", []),
    )
    rng = numpy.random.default_rng(network.seed)
    for key, table in document["population"].items():
        network.populations.append(population(key, table, constants, rng))
    models = {p.name: p.model for p in network.populations}
    for table in document.get("projection", {}).values():
        network.projections.append(projection(table, models, constants, network.dt))
    for table in document.get("stimulus", {}).values():
        values = {k: evaluate(v, constants) for k, v in table.items() if k not in ("population", "kind", "receptor")}
        network.stimuli.append(Stimulus(table["population"], table["kind"], values))
    return network


def replace(document, path, value):
    """`--set` of isospike."""
    try:
        value = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    *tables, last = path.split(".")
    if not tables:
        tables = ["constants"]
    for key in tables:
        document = document[key]
    document[last] = value


def evaluate(value, names, rng=None, size=None):
    """A number, or the value of an expression: an array where it draws for each neuron."""
    if not isinstance(value, str):
        return value
    functions = {
        "sqrt": numpy.sqrt, "exp": numpy.exp, "ln": numpy.log, "abs": numpy.abs, "max": numpy.maximum, "min": numpy.minimum,
        "exprel": lambda x: numpy.expm1(x) / x,
    }  # fmt: skip
    if rng is not None:
        functions["uniform"] = lambda low, high: rng.uniform(low, high, size)
        functions["normal"] = lambda mean, sd: rng.normal(mean, sd, size)
    text = QUANTITY.sub(r"(\1 * \2)", " ".join(value.split())).replace("^", "**")
    return eval(text, {"__builtins__": {}}, {**UNITS, **functions, **names})


def built_in(model):
    """The text of a built-in model of isospike: its defaults."""
    with open(ROOT / f"front/src/models/{model}.toml", "rb") as file:
        return tomllib.load(file)["model"][model]


def population(name, table, constants, rng):
    size = round(evaluate(table["size"], constants))
    names = dict(constants)
    for key, text in table.get("random", {}).items():
        names[key] = evaluate(text, names, rng, size)
    model = built_in(table["model"])
    parameters = {}
    defaults = {key: value["default"] if isinstance(value, dict) else value for key, value in model.get("parameters", {}).items()}
    for key, text in {**defaults, **table.get("parameters", {})}.items():
        parameters[key] = evaluate(text, names, rng, size)
    initial = {}
    for key, text in {**model["state"], **table.get("initial", {})}.items():
        initial[key] = evaluate(text, {**names, **parameters}, rng, size)
    reference = table.get("reference_rate")
    reference = None if reference is None else 1e3 * evaluate(reference, constants)
    return Population(name, size, table["model"], parameters, initial, reference)


def projection(table, models, constants, dt):
    connect = table["connect"]
    if isinstance(connect, str):
        rule, number = connect, 0.0
    else:
        [(rule, number)] = connect.items()
        number = evaluate(number, constants)
    receptors = list(built_in(models[table["to"]])["receptors"])
    return Projection(
        source=table["from"],
        target=table["to"],
        receptor=table.get("receptor", receptors[0]),
        rule=rule,
        number=number,
        weight=draw(table["weight"], constants),
        delay=draw(table.get("delay", dt), constants),
        autapses=table.get("autapses", True),
    )


def draw(value, constants):
    """A number or a distribution."""
    if not isinstance(value, dict):
        return evaluate(value, constants)
    kind = next(k for k in ("normal", "uniform") if k in value)
    numbers = tuple(evaluate(x, constants) for x in value[kind])
    bounds = [evaluate(value.get(k, d), constants) for k, d in (("min", -numpy.inf), ("max", numpy.inf))]
    return Draw(kind, numbers, *bounds)
