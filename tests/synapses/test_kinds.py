"""All kinds of variables and statements of synapses, worked out by hand or by loops."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from .test_corners import timed


def test_integers_booleans_and_a_switch() -> None:
    cells = timed({0, 2, 4, 6}, {1, 3})
    synapses = nb.Synapses(
        cells, cells, "k : integer\nb : boolean\non : boolean (shared)\nw : 1",
        on_pre="k += 1; b = k > 1 and on; w += int(b)*k", connect="i != j",
    )  # fmt: skip
    net = nb.Network(cells, synapses)
    synapses.on = True
    net.run(0.5)
    assert (synapses.k.tolist(), synapses.b.tolist(), synapses.w.tolist()) == ([3, 2], [True, True], [5, 2])
    synapses.on = False
    net.run(0.5)
    assert (synapses.k.tolist(), synapses.b.tolist(), synapses.w.tolist()) == (
        [4, 2],
        [False, True],
        [5, 2],
    )
    assert (synapses.k.dtype.kind, synapses.b.dtype.kind) == ("i", "b")


def test_blocks() -> None:
    cells = timed({0, 1, 2, 3}, {0, 2})
    synapses = nb.Synapses(
        cells, cells, "k : integer\nw : 1", connect="True",
        on_pre="""
        k += 1
        if i == j:
            w += 100
            if k == 2:
                w += 1000
        elif k % 2 == 0:
            y_post += k
        else:
            w -= 1
        """,
    )  # fmt: skip
    nb.Network(cells, synapses).run(0.4)
    pairs, k, w, y = [(0, 0), (0, 1), (1, 0), (1, 1)], [0] * 4, [0] * 4, [0, 0]
    for step in range(4):
        for n, (i, j) in enumerate(pairs):
            if step in [{0, 1, 2, 3}, {0, 2}][i]:
                k[n] += 1
                if i == j:
                    w[n] += 100 + 1000 * (k[n] == 2)
                elif k[n] % 2 == 0:
                    y[j] += k[n]
                else:
                    w[n] -= 1
    assert (synapses.k.tolist(), synapses.w.tolist(), cells.y.tolist()) == (k, w, y)


def test_subexpressions_of_both_sides_time_and_functions_with_units() -> None:
    cells = timed({0, 4}, {2}, model="y : 1\nu : mV\nl = 2*u : mV\nh = 3*u : mV")
    cells.u = [1, 10]
    synapses = nb.Synapses(
        cells, cells, "g = f(l_pre, h) : mV\nw : mV\ndz/dt = t/ms/ms : 1\ny_post = g/mV : 1 (summed)", connect="True",
        on_pre="w += g*(1 + t/ms)", method="rk4", functions={"f": nb.function("mV, mV -> mV")(lambda a, b: a + 100 * b)},
    )  # fmt: skip
    nb.Network(cells, synapses).run(0.5)
    low, high = [2, 20], [3, 30]
    g = [low[i] + 100 * high[j] for i in (0, 1) for j in (0, 1)]
    np.testing.assert_allclose(synapses.g, g)
    np.testing.assert_allclose(synapses.w, [g[0] * 2.4, g[1] * 2.4, g[2] * 1.2, g[3] * 1.2])
    np.testing.assert_allclose(synapses.z, 0.5 * 0.5**2, rtol=1e-12)
    np.testing.assert_allclose(cells.y, [g[0] + g[2], g[1] + g[3]])


def test_what_is_constant_over_a_step_is_drawn_once() -> None:
    cells = timed({0, 1}, {0, 1})
    synapses = nb.Synapses(
        cells,
        cells,
        "r = rand() : 1 (constant over dt)\nu : 1\nw : 1",
        on_pre="u = r",
        on_post="w = u - r",
        connect="True",
    )
    net = nb.Network(cells, synapses)
    net.step()
    first = synapses.u.copy()
    net.step()
    assert synapses.w.tolist() == [0] * 4
    assert np.unique([first, synapses.u]).size == 8


def test_lastupdate() -> None:
    cells = timed({0, 5}, {3})
    synapses = nb.Synapses(
        cells,
        cells,
        "w : second",
        on_pre="w = t - lastupdate",
        on_post="w += 0*second",
        delay=0.2,
        connect="i != j",
    )
    net = nb.Network(cells, synapses)
    net.run(1)
    # 0 -> 1: arrives at 0.2 and 0.7, its target fires at 0.3; 1 -> 0: arrives at 0.5, its target at 0 and 0.5
    np.testing.assert_allclose(synapses.lastupdate, [0.7, 0.5], rtol=1e-12)
    np.testing.assert_allclose(synapses.w, [0.0004, 0.0005], rtol=1e-12)


@pytest.mark.parametrize("n", [0, 1])
def test_no_synapse_and_one(n: int) -> None:
    """Everything at once."""
    cells = timed({0, 3})
    synapses = nb.Synapses(
        cells, cells,
        """dw/dt = -w/(3*ms) : 1
        dp/dt = -p/ms : 1 (event-driven)
        dD/dt = -D/ms : 1 (shared)
        q : 1 (pre)
        s = rand() : 1 (constant over dt)
        y_post = w : 1 (summed)""",
        on_pre="w += p + 1; q += 1", on_post="p += 1", connect=([0][:n], [0][:n]), dendritic_delay="0.1 ms", delay=0.2,
    )  # fmt: skip
    trace = nb.Monitor(synapses, "w", "p", "q", "D", "s")
    nb.Network(cells, synapses, trace).run(1)
    assert trace.w.shape == trace.p.shape == trace.s.shape == (10, n)
    assert synapses.q.tolist() == [2]
    assert (synapses.matrix("w") > 0).tolist() == [[bool(n)]]
    assert len(synapses.w[0, :]) == len(synapses.select("w >= 0")) == n
    assert f"{n} synapses" in synapses.explain()


# ---- statements in every step ----


def test_statements_for_all_synapses() -> None:
    """In every step: as if synapse by synapse, with variables wherever they live, and after any change."""
    cells = timed({0, 1, 5}, {1, 3})
    synapses = nb.Synapses(
        cells, cells, "w : 1\ndp/dt = -p/(2*ms) : 1\ndq/dt = -q/ms : 1 (event-driven)\nk : 1 (post)\nn : integer",
        on_pre="p += 1; q += 1", connect="True",
    )  # fmt: skip
    assert synapses.inspect.sides_of["p"] == "pre"
    synapses.at("end", "w += p*q; k += 1; y_post += i_pre + 1; n += 1")
    synapses.at("start", "if n % 2 == 1: w *= 0.5")
    net = nb.Network(cells, synapses)
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    p, q, w, n = [[0.0] * 4 for _ in range(4)]
    y, k = [0.0, 0.0], [0.0, 0.0]
    for step in range(8):
        w = [x / 2 if m % 2 == 1 else x for x, m in zip(w, n, strict=True)]
        p, q = [x * np.exp(-0.05) for x in p], [x * np.exp(-0.1) for x in q]
        for s, (i, j) in enumerate(pairs):
            if step in [{0, 1, 5}, {1, 3}][i]:
                p[s], q[s] = p[s] + 1, q[s] + 1
            w[s] += p[s] * q[s]
            n[s] += 1
            k[j] += 1
            y[j] += i + 1
        net.step()
        np.testing.assert_allclose(synapses.w, w, rtol=1e-12)
        assert (synapses.n.tolist(), synapses.k.tolist(), cells.y.tolist()) == (n, k, y)
        if step == 3:
            synapses.remove(1)
            synapses.connect(([1], [1]))
            pairs = [pairs[s] for s in (0, 2, 3)] + [(1, 1)]
            p, q, w, n = ([x[s] for s in (0, 2, 3)] + [0.0] for x in (p, q, w, n))


def test_statements_may_change_what_lived_in_neurons() -> None:
    cells = timed({0}, {1})
    synapses = nb.Synapses(
        cells, cells, "w : 1\ndp/dt = -p/(2*ms) : 1", on_pre="p += 1; w += p", connect="True"
    )
    assert synapses.inspect.sides_of == {"p": "pre"}
    synapses.at("end", "p += j")
    assert synapses.inspect.sides_of == {}
    nb.Network(cells, synapses).run(0.2)
    step = np.exp(-0.05)
    np.testing.assert_allclose(synapses.p, [step, (1 + 1) * step + 1, 1, step + 1 + 1], rtol=1e-12)


def test_statements_that_cannot_be() -> None:
    cells = timed({0})
    synapses = nb.Synapses(
        cells, cells, "w : 1\nD : 1 (shared)", on_pre="w += 1", connect="True", name="syn"
    )
    for text, message in (
        ("w += v_ps", "unknown name 'v_ps' in the statements"),
        ("D += 1", "'D' is shared"),
        ("w +=", "expected a value"),
    ):
        with pytest.raises(nb.NumpyBrainError, match=message):
            synapses.at("end", text)
    python = nb.Synapses(cells, cells, {"w": "1"}, on_pre=lambda w: None, connect=([0], [0]), name="py")
    with pytest.raises(nb.ModelError, match="'py' is written in Python: hand over a function"):
        python.at("end", "w += 1")
