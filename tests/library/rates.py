"""The ion channels of the library a second time, written from the papers and without NumpyBrain.

Units: mV, ms, mM, mS/cm**2, uA/cm**2. Run as a program, this file prints the numbers for the ``[check]``
table of every fragment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import exp

Values = Mapping[str, float]
Gate = Callable[[Values], tuple[float, float]]  # (steady state, time constant in ms; 0 is at once)


@dataclass(frozen=True)
class Channel:
    """One fragment: ``gates`` at given values of the open names, and its current at given gates.

    ``singular`` are the voltages at which a rate, written as in the paper, is 0/0.
    """

    current: str
    gates: Mapping[str, Gate]
    flow: Callable[[Values], float]
    at: Mapping[str, tuple[float, float]] = field(default_factory=lambda: {"v": (-65.0, -30.0)})
    singular: tuple[float, ...] = ()

    def points(self) -> list[dict[str, float]]:
        """The two points of the check, each with a value for every open name."""
        return [dict(zip(self.at, values, strict=True)) for values in zip(*self.at.values(), strict=True)]

    def steady_current(self, point: Values) -> float:
        return self.flow({**point, **{name: gate(point)[0] for name, gate in self.gates.items()}})


def linoid(x: float) -> float:
    """x/(1 - exp(-x)) with its limit near zero."""
    return 1 + x / 2 + x * x / 12 if abs(x) < 1e-4 else x / (1 - exp(-x))


def from_rates(
    alpha: Callable[[float], float], beta: Callable[[float], float], factor: float = 1.0
) -> Gate:
    """A gate of an opening and a closing rate, both functions of v."""

    def gate(p: Values) -> tuple[float, float]:
        a, b = alpha(p["v"]), beta(p["v"])
        return a / (a + b), 1 / (factor * (a + b))

    return gate


def of_voltage(steady: Callable[[float], float], tau: Callable[[float], float]) -> Gate:
    return lambda p: (steady(p["v"]), tau(p["v"]))


def at_once(gate: Gate) -> Gate:
    return lambda p: (gate(p)[0], 0.0)


# Hodgkin & Huxley (1952); x = v - v_rest with v_rest = -65 mV, minus the V of the paper

NA_HH = Channel(
    current="I_Na",
    gates={
        "m_Na": from_rates(lambda v: linoid((v + 65 - 25) / 10), lambda v: 4 * exp(-(v + 65) / 18)),
        "h_Na": from_rates(
            lambda v: 0.07 * exp(-(v + 65) / 20), lambda v: 1 / (exp((30 - (v + 65)) / 10) + 1)
        ),
    },
    flow=lambda p: 120 * p["m_Na"] ** 3 * p["h_Na"] * (p["v"] - 50),
    singular=(-40.0,),
)
K_HH = Channel(
    current="I_K",
    gates={
        "n_K": from_rates(lambda v: 0.1 * linoid((v + 65 - 10) / 10), lambda v: 0.125 * exp(-(v + 65) / 80))
    },
    flow=lambda p: 36 * p["n_K"] ** 4 * (p["v"] + 77),
    singular=(-55.0,),
)
LEAK = Channel(current="I_leak", gates={}, flow=lambda p: 0.3 * (p["v"] + 54.387))

# Traub & Miles (1991) in the form of Brette et al. (2007); conductances are those per area

V_T = -63.0
NA_TM = Channel(
    current="I_Na",
    gates={
        "m_Na": from_rates(
            lambda v: 0.32 * 4 * linoid((v - V_T - 13) / 4), lambda v: 0.28 * 5 * linoid((40 - v + V_T) / 5)
        ),
        "h_Na": from_rates(
            lambda v: 0.128 * exp((17 - v + V_T) / 18), lambda v: 4 / (1 + exp((40 - v + V_T) / 5))
        ),
    },
    flow=lambda p: 100 * p["m_Na"] ** 3 * p["h_Na"] * (p["v"] - 50),
    singular=(-50.0, -23.0),
)
K_TM = Channel(
    current="I_K",
    gates={
        "n_K": from_rates(
            lambda v: 0.032 * 5 * linoid((v - V_T - 15) / 5), lambda v: 0.5 * exp((10 - v + V_T) / 40)
        )
    },
    flow=lambda p: 30 * p["n_K"] ** 4 * (p["v"] + 90),
    singular=(-48.0,),
)

# Wang & Buzsaki (1996), equations 2.1 to 2.4

NA_WB = Channel(
    current="I_Na",
    gates={
        "m_Na": at_once(
            from_rates(lambda v: linoid(0.1 * (v + 35)), lambda v: 4 * exp(-(v + 60) / 18)),
        ),
        "h_Na": from_rates(
            lambda v: 0.07 * exp(-(v + 58) / 20), lambda v: 1 / (exp(-0.1 * (v + 28)) + 1), 5.0
        ),
    },
    flow=lambda p: 35 * p["m_Na"] ** 3 * p["h_Na"] * (p["v"] - 55),
    singular=(-35.0,),
)
K_WB = Channel(
    current="I_K",
    gates={
        "n_K": from_rates(
            lambda v: 0.1 * linoid(0.1 * (v + 34)), lambda v: 0.125 * exp(-(v + 44) / 80), 5.0
        )
    },
    flow=lambda p: 9 * p["n_K"] ** 4 * (p["v"] + 90),
    singular=(-34.0,),
)

# Pospischil et al. (2008), sections on the slow potassium and the two calcium currents

K_M = Channel(
    current="I_M",
    gates={
        "p_M": of_voltage(
            lambda v: 1 / (1 + exp(-(v + 35) / 10)),
            lambda v: 608 / (3.3 * exp((v + 35) / 20) + exp(-(v + 35) / 20)),
        )
    },
    flow=lambda p: 0.075 * p["p_M"] * (p["v"] + 90),
)
CA_L = Channel(
    current="I_CaL",
    gates={
        "q_CaL": from_rates(
            lambda v: 0.055 * 3.8 * linoid((27 + v) / 3.8), lambda v: 0.94 * exp((-75 - v) / 17)
        ),
        "r_CaL": from_rates(
            lambda v: 0.000457 * exp((-13 - v) / 50), lambda v: 0.0065 / (exp((-15 - v) / 28) + 1)
        ),
    },
    flow=lambda p: 0.1 * p["q_CaL"] ** 2 * p["r_CaL"] * (p["v"] - 120),
    singular=(-27.0,),
)


def tau_u(v: float) -> float:
    """At 36 degrees: all of what Huguenard & McCormick found at 24 degrees, divided by 3.7."""
    x = v + 2
    return (30.8 + (211.4 + exp((x + 113.2) / 5)) / (1 + exp((x + 84) / 3.2))) / 3.7


CA_T = Channel(
    current="I_CaT",
    gates={
        "s_CaT": of_voltage(lambda v: 1 / (1 + exp(-(v + 2 + 57) / 6.2)), lambda _v: 0.0),
        "u_CaT": of_voltage(lambda v: 1 / (1 + exp((v + 2 + 81) / 4)), tau_u),
    },
    flow=lambda p: 0.4 * p["s_CaT"] ** 2 * p["u_CaT"] * (p["v"] - 120),
    at={"v": (-85.0, -50.0)},
)

# Connor, Walter & McKown (1977)

K_A = Channel(
    current="I_A",
    gates={
        "a_A": of_voltage(
            lambda v: (0.0761 * exp((v + 94.22) / 31.84) / (1 + exp((v + 1.17) / 28.93))) ** (1 / 3),
            lambda v: 0.3632 + 1.158 / (1 + exp((v + 55.96) / 20.12)),
        ),
        "b_A": of_voltage(
            lambda v: (1 / (1 + exp((v + 53.3) / 14.54))) ** 4,
            lambda v: 1.24 + 2.678 / (1 + exp((v + 50) / 16.027)),
        ),
    },
    flow=lambda p: 47.7 * p["a_A"] ** 3 * p["b_A"] * (p["v"] + 75),
)

# Huguenard & McCormick (1992)

H_CURRENT = Channel(
    current="I_h",
    gates={
        "m_h": of_voltage(
            lambda v: 1 / (1 + exp((v + 75) / 5.5)),
            lambda v: 1 / (exp(-14.59 - 0.086 * v) + exp(-1.87 + 0.0701 * v)),
        )
    },
    flow=lambda p: 0.07 * p["m_h"] * (p["v"] + 43),
    at={"v": (-90.0, -70.0)},
)


# Destexhe et al. (1994): half open at (beta/alpha)**(1/2) = 25 uM


def m_ahp(p: Values) -> tuple[float, float]:
    ratio = (p["ca"] / 0.025) ** 2
    return ratio / (1 + ratio), 1 / 0.03 / (1 + ratio)


K_AHP = Channel(
    current="I_AHP",
    gates={"m_AHP": m_ahp},
    flow=lambda p: 10 * p["m_AHP"] ** 2 * (p["v"] + 95),
    at={"v": (-65.0, -30.0), "ca": (0.001, 0.02)},
)

# Connor, Walter & McKown (1977), in the form of Dayan & Abbott (2001), section 6.1, at 18 degrees

NA_CS = Channel(
    current="I_Na",
    gates={
        "m_Na": from_rates(
            lambda v: 3.8 * linoid((v + 29.7) / 10), lambda v: 15.2 * exp(-0.0556 * (v + 54.7))
        ),
        "h_Na": from_rates(
            lambda v: 0.266 * exp(-0.05 * (v + 48)), lambda v: 3.8 / (1 + exp(-0.1 * (v + 18)))
        ),
    },
    flow=lambda p: 120 * p["m_Na"] ** 3 * p["h_Na"] * (p["v"] - 55),
    singular=(-29.7,),
)
K_CS = Channel(
    current="I_K",
    gates={
        "n_K": from_rates(
            lambda v: 0.2 * linoid((v + 45.7) / 10), lambda v: 0.25 * exp(-0.0125 * (v + 55.7))
        )
    },
    flow=lambda p: 20 * p["n_K"] ** 4 * (p["v"] + 72),
    singular=(-45.7,),
)

# Hill & Tononi (2005), appendix: the persistent sodium current
NA_P = Channel(
    current="I_NaP",
    gates={"m_NaP": of_voltage(lambda v: 1 / (1 + exp(-(v + 55.7) / 7.7)), lambda _v: 0.0)},
    flow=lambda p: p["m_NaP"] ** 3 * (p["v"] - 30),
)

CHANNELS: dict[str, Channel] = {
    "leak": LEAK,
    "na_hh": NA_HH,
    "k_hh": K_HH,
    "na_tm": NA_TM,
    "k_tm": K_TM,
    "na_wb": NA_WB,
    "k_wb": K_WB,
    "k_m": K_M,
    "k_a": K_A,
    "k_ahp": K_AHP,
    "ca_t": CA_T,
    "ca_l": CA_L,
    "h_current": H_CURRENT,
    "na_cs": NA_CS,
    "k_cs": K_CS,
    "na_p": NA_P,
}
UNITS = {"v": "mV", "ca": "mM"}


def table(channel: Channel) -> str:
    """The ``[check]`` table of a fragment."""

    def texts(values: list[float], unit: str = "") -> str:
        return "[" + ", ".join(f'"{f"{v:.9g} {unit}".strip()}"' for v in values) + "]"

    points = channel.points()
    lines = ["[check]", 'source = "the formulas of the paper, a second time in tests/library/rates.py"']
    at = ", ".join(f"{name} = {texts([p[name] for p in points], UNITS[name])}" for name in channel.at)
    lines.append(f"at = {{ {at} }}")
    found = {name: [gate(p) for p in points] for name, gate in channel.gates.items()}
    steady = [f"{name} = {texts([x for x, _ in pairs])}" for name, pairs in found.items()]
    tau = [f"{name} = {texts([t for _, t in pairs], 'ms')}" for name, pairs in found.items() if pairs[0][1]]
    for what, entries in (("steady", steady), ("tau", tau)):
        if entries:
            lines.append(f"{what} = {{ {', '.join(entries)} }}")
    currents = [channel.steady_current(p) for p in points]
    lines.append(
        f"current = {texts(currents, 'uA/cm**2')}  # {channel.current}, gates in their steady state"
    )
    return "\n".join(lines)


def main() -> None:
    for name, channel in CHANNELS.items():
        print(f"{name}:\n{table(channel)}\n")


if __name__ == "__main__":
    main()
