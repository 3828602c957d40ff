"""Networks with all that synapses can do, for runs that are cut: how they are made, and changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import numpybrain as nb
from tests.kernel.checkpoints import LIF, SOME, lif, observe

Change = Callable[[list[nb.Synapses]], Any]
Build = Callable[[], nb.Network]

EACH = "0.2*ms + 4*ms*rand()"
STDP = """
    w : 1
    da/dt = -a/tau_a : 1 (event-driven)
    db/dt = -b/tau_b : 1 (event-driven)
    tau_a = 20*ms    : ms
    tau_b = 15*ms    : ms
    """
ON_PRE, ON_POST = "v_post += w; a += 0.01; w = clip(w - b, 0, 1)", "b += 0.012; w = clip(w + a, 0, 1)"


def network(
    cells: nb.Neurons, *synapses: nb.Synapses, schedule: Any = None, record: str = "w"
) -> nb.Network:
    """Cells and synapses with monitors."""
    traces = [nb.Monitor(s, record, every="0.7 ms") for s in synapses if record in s.inspect.state.slots]
    monitors = [nb.Monitor(cells, "spikes"), nb.Monitor(cells[:3], "v", every="0.5 ms")]
    return nb.Network(cells, *synapses, *monitors, *traces, schedule=schedule)


def plain(
    model: Any = "w : 1", *, connect: Any = SOME, record: str = "w", schedule: Any = None, **given: Any
) -> Build:
    """Cells that are connected among themselves."""

    def build() -> nb.Network:
        cells = lif()
        given.setdefault("on_pre", "v_post += w")
        given.setdefault("w", "0.1*rand()")
        return network(
            cells,
            nb.Synapses(cells, cells, model, connect=connect, **given),
            record=record,
            schedule=schedule,
        )

    return build


def pathways() -> nb.Network:
    cells = lif(refractory="1 ms")
    first = nb.Synapses(
        cells[:12], cells[4:], "w : 1\ncount : integer", connect=SOME, w="0.1*rand()",
        on_pre={"fast": "v_post += w", "slow": "v_post -= 0.5*w; count += 1"},
        on_post={"now": "w *= 1.01", "late": "v_pre += 0.1*w"},
        delay={"fast": "0.3 ms", "slow": EACH, "late": "2.1 ms"},
    )  # fmt: skip
    second = nb.Synapses(
        cells, cells, "w : 1", on_pre="v_post += w", connect=SOME, w="0.05*rand()", delay=EACH
    )
    return network(cells, first, second)


def two_sums() -> nb.Network:
    cells = lif(model=LIF.replace("1.5 : 1", "1.3 + s : 1\ns : 1"))
    gating = (
        "ds/dt = -s/(20*ms) + 0.5*x*(1 - s)/ms : 1\ndx/dt = -x/(2*ms) : 1\nw : 1\ns_post = w*s : 1 (summed)"
    )
    first = nb.Synapses(cells, cells, gating, on_pre="x += 1", connect=SOME, w="0.1*rand()", delay="0.7 ms")
    second = nb.Synapses(
        cells, cells[3:], "w : 1\ns_post = w*(v_pre - v_post) : 1 (summed)", connect=SOME, w="0.01*rand()"
    )
    return network(cells, first, second)


def method(name: str, each: str) -> Build:
    """A method that is a loop; the variables are the same for all synapses of a source, unless `each`."""

    def build() -> nb.Network:
        cells = lif()
        model = f"ds/dt = 20*(s - s**3/3 - x + 0.5)/ms*0.1 : 1\ndx/dt = {each}0.5*(s + 0.7 - 0.8*x)/ms*0.1 : 1\nc : 1"
        synapses = nb.Synapses(
            cells, cells, model, on_pre="v_post += 0.02*s; s += 0.3", connect=SOME, method=name, c="rand()"
        )
        return network(cells, synapses, record="s")

    return build


def linked() -> nb.Network:
    cells = lif()
    synapses = nb.Synapses(cells, cells, "w : 1 (linked)\nc : 1", on_pre="v_post += 0.05*w + c", connect=([1, 2, 3, 3], [4, 5, 6, 1]),
                           c="0.1*rand()")  # fmt: skip
    synapses.w = nb.link(cells, "v", index=[3, 1, 1, 19])
    return network(cells, synapses, record="c")


def modulated() -> nb.Network:
    cells = lif()
    model = STDP.replace(
        "w : 1", "w : 1\ndD/dt = -D/(50*ms) : 1 (shared)\ndc/dt = -c/(30*ms) : 1 (event-driven)"
    )
    synapses = nb.Synapses(cells, cells, model, on_pre="v_post += w; a += 0.01; c -= b; w = clip(w + c*D, 0, 1)",
                           on_post="b += 0.01; c += a", connect=SOME, w="0.1*rand()")  # fmt: skip
    reward = nb.Synapses(cells[:2], synapses, on_pre="D_post += 0.1", delay="1.7 ms")
    return network(cells, synapses, reward)


def instant(coincident: str | None, *, reset_first: bool) -> Build:
    def build() -> nb.Network:
        cells = nb.Neurons(20, LIF.replace(" (unless refractory)", ""), threshold="v > 1", reset="v -= 1",
                           initial={"v": "rand()"})  # fmt: skip
        synapses = nb.Synapses(
            cells, cells, "w : 1\n" + "da/dt = -a/(20*ms) : 1 (event-driven, pre)",
            on_pre="a += 0.1; v_post += w*a", connect=SOME, w="0.3*rand()", delivery="instant", coincident=coincident,
        )  # fmt: skip
        order = ["start", "reset", "integrate", "threshold", "synapse", "end"] if reset_first else None
        return network(cells, synapses, schedule=order)

    return build


def events() -> nb.Network:
    """Events that are found at the end of a step and delivered in the next one."""
    cells = lif(events={"low": "v < 0.1"}, on_event={"low": "v += 0.05"})
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += w", on_event={"on_pre": "low"},
                           connect=SOME, w="0.05*rand()", delay=EACH)  # fmt: skip
    others = nb.Synapses(
        cells, cells, "w : 1", on_post="w += 0.01", on_event={"on_post": "low"}, connect=SOME
    )
    order = ["start", "synapse", "reset", "integrate", "threshold", "end"]
    return network(cells, synapses, others, schedule=order)


def growing() -> nb.Network:
    """Synapses that come and go in the middle of a run."""
    cells = lif()
    synapses = nb.Synapses(
        cells, cells, STDP, on_pre=ON_PRE, on_post=ON_POST, connect=SOME, w="0.1*rand()", delay=EACH
    )

    @cells.at("end")
    def grow(t: float, rng: np.random.Generator) -> None:
        if round(t / 0.1) % 50 == 17:
            synapses.remove(synapses.w[:] < 0.01)
            synapses.connect((rng.integers(0, 20, 3), rng.integers(0, 20, 3)), w=0.05, delay=rng.random(3))

    return nb.Network(cells, synapses, nb.Monitor(cells, "spikes"))


def python() -> nb.Network:
    """Functions that get arrays; delays that change in the middle of a run."""
    cells = lif()

    def act(v_post: np.ndarray, w: np.ndarray, post: np.ndarray, synapses: np.ndarray) -> None:
        np.add.at(v_post, post, w[synapses])

    first = nb.Synapses(
        cells, cells, "w : 1", on_pre=act, on_post="w *= 1.01", connect=SOME, w="0.1*rand()", delay=EACH
    )
    second = nb.Synapses(
        cells, cells, "w : 1", on_pre="v_post += w", connect=SOME, w="0.1*rand()", delay=EACH
    )
    third = nb.Synapses(
        cells, cells, STDP, on_pre=ON_PRE, on_post=ON_POST, connect=SOME, w="0.1*rand()", delay=EACH
    )

    @first.at("end")
    def move(delay: np.ndarray, rng: np.random.Generator) -> None:
        delay += 0.01 * rng.standard_normal(delay.size) ** 2

    return network(cells, first, second, third)


def assign(**values: Any) -> Change:
    """Assign to variables, of the first synapses."""

    def change(synapses: list[nb.Synapses]) -> None:
        for name, value in values.items():
            owner: Any = synapses[0].pathways.get(name.removeprefix("delay_"), synapses[0])
            setattr(owner, "delay" if name.startswith("delay") else name, value)

    return change


def edit(synapses: list[nb.Synapses]) -> None:
    """Other pairs."""
    one = synapses[0]
    values = {"w": 0.07} if "w" in one.inspect.state.slots else {}
    one.connect(([0, 3, 3, 19], [19, 3, 2, 0]), **values)
    one.remove(slice(2, 40, 3))
    one.rewire(slice(5, 15), j=4)
    one.rewire([1, 2], i=[7, 0])


def read(*names: str) -> Change:
    """Somebody looks at values."""
    return lambda synapses: [getattr(synapses[0], name) for name in names]


def nothing(synapses: list[nb.Synapses]) -> None:
    """No change."""


PLASTIC = plain(STDP, on_pre=ON_PRE, on_post=ON_POST)
NOISY = "dw/dt = (0.05 - w)/(50*ms) + 0.02*xi*ms**-0.5 : 1"
FLAGS = """
    w : 1
    da/dt = -a/(20*ms) : 1 (event-driven, pre)
    db/dt = -b/(15*ms) : 1 (event-driven, post)
    """
CLOCKED = STDP.replace("(event-driven)", "(clock-driven)")
SHARED = "w : 1\ndD/dt = (1 - D**3)/(50*ms) + 0.1*xi*ms**-0.5 : 1 (shared)\nu = rand() : 1 (shared, constant over dt)"
RING, LATE = plain(delay=EACH), plain(delay="1.2 ms")
DENDRITE = plain(STDP, on_pre=ON_PRE, on_post=ON_POST, dendritic_delay="1.3 ms", delay="0.4 ms")
DENDRITES = plain(STDP, on_pre=ON_PRE, on_post=ON_POST, dendritic_delay=EACH, delay=EACH)

CASES: dict[str, tuple[Build, Change]] = {
    "pathways": (pathways, nothing),
    "common delay": (LATE, assign(delay=0.3)),
    "common delay, longer": (LATE, assign(delay=3.1)),
    "no delay any more": (LATE, assign(delay=0)),
    "delays": (RING, nothing),
    "delays that act": (plain(on_pre="v_post += w; w *= 0.995", delay=EACH), assign(delay=EACH)),
    "delays of on_post": (plain(on_pre={}, on_post="v_pre += w", delay={"on_post": EACH}), assign(delay_on_post="3*ms*rand()")),
    "delays, longer": (RING, assign(delay="2*ms + 6*ms*rand()")),
    "delays, shorter": (RING, assign(delay="0.5*ms*rand()")),
    "delays that become one": (RING, assign(delay=[0.9])),
    "a delay that becomes many": (LATE, assign(delay="0.3*ms*rand()")),
    "weights change": (RING, assign(w="0.1*rand()")),
    "draws": (plain(on_pre="v_post += w*rand()", delay=EACH), nothing),
    "dendrite": (DENDRITE, assign(dendritic_delay=0.2)),
    "dendrite, longer": (DENDRITE, assign(dendritic_delay=4)),
    "dendrites": (DENDRITES, assign(dendritic_delay="2*ms*rand()")),
    "dendrites, longer": (DENDRITES, assign(dendritic_delay="9*ms*rand()")),
    "dendrite, edited": (DENDRITE, edit),
    "dendrites, edited": (DENDRITES, edit),
    "plastic": (PLASTIC, nothing),
    "plastic, read": (PLASTIC, read("a")),
    "plastic, all read": (PLASTIC, read("a", "b", "w", "tau_a", "delay")),
    "plastic, two values": (PLASTIC, assign(tau_a="20*ms + 10*ms*rand()")),
    "plastic, edited": (PLASTIC, edit),
    "plastic, delays": (PLASTIC, assign(delay=EACH)),
    "plastic with flags": (plain(FLAGS, on_pre=ON_PRE, on_post=ON_POST, delay="0.5 ms"), nothing),
    "plastic with flags, edited": (plain(FLAGS, on_pre=ON_PRE, on_post=ON_POST, delay="0.5 ms"), edit),
    "plastic with the clock": (plain(CLOCKED, on_pre=ON_PRE, on_post=ON_POST), nothing),
    "plastic with the clock, read": (plain(CLOCKED, on_pre=ON_PRE, on_post=ON_POST), read("b")),
    "plastic with the clock, edited": (plain(CLOCKED, on_pre=ON_PRE, on_post=ON_POST), edit),
    "plastic, each": (plain(STDP, on_pre=ON_PRE, on_post=ON_POST, tau_a="20*ms + 10*ms*rand()", delay=EACH), nothing),
    "shared": (plain(SHARED, on_pre="v_post += w", on_post="w = clip(w + 0.01*D*u, 0, 1)"), nothing),
    "noise": (plain(NOISY, on_pre="v_post += w"), nothing),
    "noise, edited": (plain(NOISY, on_pre="v_post += w"), edit),
    "sums": (two_sums, nothing),
    "sums, read": (two_sums, read("s")),
    "sums, edited": (two_sums, edit),
    "last update": (plain(on_pre="v_post += w*exp(-(t - lastupdate)/(5*ms))", delay=EACH), nothing),
    "last update, read": (PLASTIC, read("lastupdate")),
    "last update, edited": (plain(on_pre="v_post += w*exp(-(t - lastupdate)/(5*ms))"), edit),
    "constant over dt": (plain("w : 1\nc = 0.5 + rand() : 1 (constant over dt)", on_pre="v_post += w*c"), edit),
    "linked": (linked, nothing),
    "modulated": (modulated, nothing),
    "modulated, edited": (modulated, edit),
    "edited": (RING, edit),
    "edited, queues": (plain(on_pre="v_post += w; w *= 0.995", delay="2.2 ms"), edit),
    "events": (events, nothing),
    "growing": (growing, nothing),
    "python": (python, nothing),
    "python, read": (python, read("w")),
    **{
        f"instant {how}{', reset first' if first else ''}": (instant(how, reset_first=first), nothing)
        for how in ("lost", "kept") for first in (False, True)
    },
    **{
        f"{name}{of}{words}": (method(name, each), change)
        for name in ("rk45", "rk23", "rk4", "backward_euler", "rosenbrock")
        for of, each in (("", ""), (" each", "c*"))
        for words, change in (("", nothing), (", read", read("s")), (", edited", edit))
    },
}  # fmt: skip


def parts(net: nb.Network) -> list[nb.Synapses]:
    """The synapses of a network."""
    return [member for member in net.objects if isinstance(member, nb.Synapses)]


def watch(net: nb.Network) -> dict[str, Any]:
    """All that a user can see, with variables of synapses wherever they are."""
    seen = observe(net)
    for k, member in enumerate(net.objects):
        if not isinstance(member, nb.Synapses):
            continue
        known = {s.name: s.kind != "special" or s.fresh is not None for s in member.inspect.slots()}
        for name in [name for name, is_state in known.items() if is_state and not name.startswith("_")]:
            seen[f"{k} {name}"] = np.copy(getattr(member, name))
    return seen
