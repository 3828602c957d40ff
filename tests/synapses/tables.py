"""What synapses may do: texts, and the same as Python functions of source, synapse and target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .reference import Item, Linear, Neuron, doubt

Act = Callable[[Neuron, Item, Neuron], Any]
TAU_A, TAU_B, TAU_X, TAU_Z = 2.0, 3.0, 2.5, 1.5


def clip(x: float) -> float:
    return min(max(x, -1.0), 1.0)


# ---- statements without traces -----------------------------------------------------------------------

ON_PRE: dict[str, Act] = {
    "v_post += w": lambda s, y, t: t.put(v=t.v + y.w),
    "u += 0.5*w": lambda s, y, t: t.put(u=t.u + 0.5 * y.w),
    "v_post += w; w *= 0.5": lambda s, y, t: (t.put(v=t.v + y.w), y.put(w=y.w * 0.5)),
    "u_post += w*(1 - u_post)": lambda s, y, t: t.put(u=t.u + y.w * (1 - t.u)),
    "w += 0.125; u_post -= w": lambda s, y, t: (y.put(w=y.w + 0.125), t.put(u=t.u - y.w)),
    "u_post = 0.5*w": lambda s, y, t: t.put(u=0.5 * y.w),
    "w = 0.5*w + 0.25": lambda s, y, t: y.put(w=0.5 * y.w + 0.25),
    "u_post += 0.125*w*(1 + p_pre)": lambda s, y, t: t.put(u=t.u + 0.125 * y.w * (1 + s.p)),
    "v_post -= 0.25*(v_post - 1)": lambda s, y, t: t.put(v=t.v - 0.25 * (t.v - 1)),
    "v_post += 0.25*w; u_post += 0.125*v_post": lambda s, y, t: (
        t.put(v=t.v + 0.25 * y.w), t.put(u=t.u + 0.125 * t.v),
    ),
    "v_post += w; v_post *= 0.875": lambda s, y, t: (t.put(v=t.v + y.w), t.put(v=t.v * 0.875)),
    "r = w*(1 - u_post); u_post += r; w += 0.0625*r": lambda s, y, t: (
        y.put(r=y.w * (1 - t.u)), t.put(u=t.u + y.r), y.put(w=y.w + 0.0625 * y.r),
    ),
    "v_pre -= 0.125*w; v_post += 0.125*w": lambda s, y, t: (
        s.put(v=s.v - 0.125 * y.w), t.put(v=t.v + 0.125 * y.w),
    ),
    "u_pre = 0.5*u_pre + w; u_post += 0.25*u_pre": lambda s, y, t: (
        s.put(u=0.5 * s.u + y.w), t.put(u=t.u + 0.25 * s.u),
    ),
    "w -= 0.125*(w - v_post)": lambda s, y, t: y.put(w=y.w - 0.125 * (y.w - t.v)),
}  # fmt: skip

ON_POST: dict[str, Act] = {
    "w = clip(w - 0.125, -1, 1)": lambda s, y, t: y.put(w=clip(y.w - 0.125)),
    "u_pre += 0.25*w": lambda s, y, t: s.put(u=s.u + 0.25 * y.w),
    "v_pre += 0.125*w": lambda s, y, t: s.put(v=s.v + 0.125 * y.w),
    "w += 0.0625*v_post": lambda s, y, t: y.put(w=y.w + 0.0625 * t.v),
    "v_pre = 0.5*v_pre; w -= 0.0625*v_pre": lambda s, y, t: (
        s.put(v=0.5 * s.v), y.put(w=y.w - 0.0625 * s.v),
    ),
}  # fmt: skip

# ---- traces a, b: solved exactly between events ----------------------------------------------------

HALF = "\ntau_a = 2*ms : ms\ntau_b = 3*ms : ms"
SINGLE = [[-1 / TAU_A, 0.0], [0.0, -1 / TAU_B]]


def decay(s: Neuron, y: Item, t: Neuron) -> tuple[float, float]:
    return 0.0, 0.0


def traces(rates: Callable[[Item], Any], drive: Act = decay) -> Linear:
    return Linear(("a", "b"), rates, drive)


TRACES: dict[str, Linear] = {
    "da/dt = -a/tau_a : 1 (event-driven)\ndb/dt = -b/tau_b : 1 (event-driven)" + HALF: traces(lambda y: SINGLE),
    "da/dt = (b - a)/tau_a : 1 (event-driven)\ndb/dt = -b/tau_b : 1 (event-driven)" + HALF:
        traces(lambda y: [[-1 / TAU_A, 1 / TAU_A], [0.0, -1 / TAU_B]]),
    # equal time constants: a matrix that has no basis of eigenvectors
    "da/dt = (b - a)/tau_a : 1 (event-driven)\ndb/dt = -b/tau_a : 1 (event-driven)\ntau_a = 2*ms : ms":
        traces(lambda y: [[-1 / TAU_A, 1 / TAU_A], [0.0, -1 / TAU_A]]),
    "da/dt = (c - a)/tau_a : 1 (event-driven)\ndb/dt = -0.5*a/tau_b : 1 (event-driven)\nc : 1" + HALF:
        traces(lambda y: [[-1 / TAU_A, 0.0], [-0.5 / TAU_B, 0.0]], lambda s, y, t: (y.c / TAU_A, 0.0)),
    "da/dt = -a/tau_c : 1 (event-driven)\ndb/dt = -b/tau_b : 1 (event-driven)\ntau_c : ms" + HALF:
        traces(lambda y: [[-1 / y.tau_c, 0.0], [0.0, -1 / TAU_B]]),
    # turning: complex eigenvalues
    "da/dt = (b - 0.25*a)/tau_a : 1 (event-driven)\ndb/dt = -(a + 0.25*b)/tau_b : 1 (event-driven)" + HALF:
        traces(lambda y: [[-0.25 / TAU_A, 1 / TAU_A], [-1 / TAU_B, -0.25 / TAU_B]]),
}  # fmt: skip

TRACES_ON_PRE: dict[str, Act] = {
    "v_post += w; a += 0.25; w = clip(w + 0.125*b, -1, 1)": lambda s, y, t: (
        t.put(v=t.v + y.w), y.put(a=y.a + 0.25), y.put(w=clip(y.w + 0.125 * y.b)),
    ),
    "w = clip(w - 0.25*b, -1, 1); a = 1": lambda s, y, t: (y.put(w=clip(y.w - 0.25 * y.b)), y.put(a=1.0)),
    "u_post += 0.25*w*a; a -= 0.5*a": lambda s, y, t: (
        t.put(u=t.u + 0.25 * y.w * y.a), y.put(a=y.a - 0.5 * y.a),
    ),
    "a += 0.5*(1 - a); v_post += 0.5*w*a": lambda s, y, t: (
        y.put(a=y.a + 0.5 * (1 - y.a)), t.put(v=t.v + 0.5 * y.w * y.a),
    ),
    "a += 0.25*(1 - a); b += a": lambda s, y, t: (y.put(a=y.a + 0.25 * (1 - y.a)), y.put(b=y.b + y.a)),
    "a += 0.25; b += 0.125": lambda s, y, t: (y.put(a=y.a + 0.25), y.put(b=y.b + 0.125)),
    "a += 0.125*w": lambda s, y, t: y.put(a=y.a + 0.125 * y.w),
    "b *= 0.5; v_post += b": lambda s, y, t: (y.put(b=0.5 * y.b), t.put(v=t.v + y.b)),
}  # fmt: skip

TRACES_ON_POST: dict[str, Act] = {
    "b -= 0.25; w = clip(w + 0.125*a, -1, 1)": lambda s, y, t: (
        y.put(b=y.b - 0.25), y.put(w=clip(y.w + 0.125 * y.a)),
    ),
    "b += 0.25*(1 - b)": lambda s, y, t: y.put(b=y.b + 0.25 * (1 - y.b)),
    "b = 0.5*v_post; a *= 0.5": lambda s, y, t: (y.put(b=0.5 * t.v), y.put(a=0.5 * y.a)),
    "v_pre += 0.125*a": lambda s, y, t: s.put(v=s.v + 0.125 * y.a),
    "w += 0.125 if a > 0.1 else -0.0625": lambda s, y, t: (
        doubt(y.a - 0.1), y.put(w=y.w + (0.125 if y.a > 0.1 else -0.0625)),
    ),
    "w += 0.125*a*b; b += 0.5": lambda s, y, t: (y.put(w=y.w + 0.125 * y.a * y.b), y.put(b=y.b + 0.5)),
}  # fmt: skip

# ---- one value for each neuron: a belongs to the source, b to the target ------------------------------

# The spikes of the source change a alone, those of the target b alone, so all synapses of a neuron agree.
SIDED: dict[str, Linear] = {
    "da/dt = -a/tau_a : 1 (event-driven, pre)\ndb/dt = -b/tau_b : 1 (event-driven, post)" + HALF:
        traces(lambda y: SINGLE),
    "da/dt = -a/tau_a : 1 (event-driven, pre)\ndb/dt = -b/tau_b : 1 (event-driven)" + HALF: traces(lambda y: SINGLE),
    "da/dt = -a/tau_a : 1 (event-driven)\ndb/dt = -b/tau_b : 1 (event-driven, post)" + HALF: traces(lambda y: SINGLE),
    "da/dt = (1 - a)/tau_a : 1 (event-driven, pre)\ndb/dt = (0.5 - b)/tau_b : 1 (event-driven, post)" + HALF:
        traces(lambda y: SINGLE, lambda s, y, t: (1 / TAU_A, 0.5 / TAU_B)),
}  # fmt: skip
SIDED_ON_PRE: dict[str, Act] = {
    text: TRACES_ON_PRE[text]
    for text in (
        "v_post += w; a += 0.25; w = clip(w + 0.125*b, -1, 1)",
        "w = clip(w - 0.25*b, -1, 1); a = 1",
        "u_post += 0.25*w*a; a -= 0.5*a",
        "a += 0.5*(1 - a); v_post += 0.5*w*a",
    )
} | {
    "a += 0.125*v_pre; u_post += 0.25*b": lambda s, y, t: (
        y.put(a=y.a + 0.125 * s.v), t.put(u=t.u + 0.25 * y.b),
    ),
    "a += 0.125": lambda s, y, t: y.put(a=y.a + 0.125),
    "u_post += 0.5*a*w": lambda s, y, t: t.put(u=t.u + 0.5 * y.a * y.w),
}  # fmt: skip
SIDED_ON_POST: dict[str, Act] = {
    text: TRACES_ON_POST[text]
    for text in (
        "b -= 0.25; w = clip(w + 0.125*a, -1, 1)",
        "b += 0.25*(1 - b)",
        "v_pre += 0.125*a",
        "w += 0.125*a*b; b += 0.5",
        "w += 0.125 if a > 0.1 else -0.0625",
    )
}
SIDED_WITH_CLOCK: dict[str, Linear] = {
    text.replace("event-driven, ", "").replace("event-driven", "clock-driven"): equations
    for text, equations in SIDED.items()
}

# ---- x, z: stepped with the clock --------------------------------------------------------------------

LAST = "\ntau_x = 2.5*ms : ms\ntau_z = 1.5*ms : ms"
ONE, TWO = [[-1 / TAU_X]], [[-1 / TAU_X, 1 / TAU_X], [0.0, -1 / TAU_Z]]

CLOCKED: dict[str, Linear] = {
    "dx/dt = -x/tau_x : 1 (clock-driven)" + LAST: Linear(("x",), lambda y: ONE, lambda s, y, t: (0.0,)),
    "dx/dt = (v_pre - x)/tau_x : 1 (clock-driven)" + LAST:
        Linear(("x",), lambda y: ONE, lambda s, y, t: (s.v / TAU_X,)),
    "dx/dt = (w*v_post - x)/tau_x : 1" + LAST: Linear(("x",), lambda y: ONE, lambda s, y, t: (y.w * t.v / TAU_X,)),
    "dx/dt = (z - x)/tau_x : 1\ndz/dt = -z/tau_z : 1" + LAST:
        Linear(("x", "z"), lambda y: TWO, lambda s, y, t: (0.0, 0.0)),
    "dx/dt = (z - x)/tau_x : 1 (clock-driven)\ndz/dt = (k*u_post - z)/tau_z : 1 (clock-driven)\nk = x_0*0.5 : 1\nx_0 = 0.5 : 1"
    + LAST: Linear(("x", "z"), lambda y: TWO, lambda s, y, t: (0.0, 0.25 * t.u / TAU_Z)),
    "dx/dt = -x/tau_y : 1 (clock-driven)\ntau_y : ms": Linear(("x",), lambda y: [[-1 / y.tau_y]], lambda s, y, t: (0.0,)),
}  # fmt: skip
CLOCKED_ON_PRE: dict[str, Act] = {
    "x += w": lambda s, y, t: y.put(x=y.x + y.w),
    "x += 0.5*(1 - x)": lambda s, y, t: y.put(x=y.x + 0.5 * (1 - y.x)),
    "v_post += x; x -= 0.25*x": lambda s, y, t: (t.put(v=t.v + y.x), y.put(x=0.75 * y.x)),
    "u_post += 0.25*w*x": lambda s, y, t: t.put(u=t.u + 0.25 * y.w * y.x),
    "x = 0.5; w -= 0.0625*x": lambda s, y, t: (y.put(x=0.5), y.put(w=y.w - 0.0625 * y.x)),
}
CLOCKED_ON_POST: dict[str, Act] = {
    "w = clip(w + 0.125*x, -1, 1)": lambda s, y, t: y.put(w=clip(y.w + 0.125 * y.x)),
    "x *= 0.5": lambda s, y, t: y.put(x=0.5 * y.x),
}

# ---- sums over synapses ------------------------------------------------------------------------------

SUMS: dict[str, tuple[str, str, Act]] = {
    "I_post = 0.25*w*(v_pre - v_post) : 1 (summed)": ("post", "I", lambda s, y, t: 0.25 * y.w * (s.v - t.v)),
    "I_post = w*x : 1 (summed)": ("post", "I", lambda s, y, t: y.w * y.x),
    "I_post = w : 1 (summed)": ("post", "I", lambda s, y, t: y.w),
    "I_post = g : 1 (summed)\ng = 0.5*w*x*(1 - u_post) : 1": ("post", "I", lambda s, y, t: 0.5 * y.w * y.x * (1 - t.u)),
    "I_post = 0.5*w*v_pre : 1 (summed)": ("post", "I", lambda s, y, t: 0.5 * y.w * s.v),
    "I_pre = 0.25*w*v_post : 1 (summed)": ("pre", "I", lambda s, y, t: 0.25 * y.w * t.v),
    "I_post = 0.25*w*p_pre*u_pre : 1 (summed)": ("post", "I", lambda s, y, t: 0.25 * y.w * s.p * s.u),
}  # fmt: skip

# ---- additions that travel along the dendrite ---------------------------------------------------------

Later = Callable[..., None]
DENDRITIC: dict[str, Callable[[Neuron, Item, Neuron, Later], Any]] = {
    "v_post += w": lambda s, y, t, later: later(t, v=y.w),
    "v_post += w; w *= 0.5": lambda s, y, t, later: (later(t, v=y.w), y.put(w=0.5 * y.w)),
    "w -= 0.0625; v_post += w; u_post -= 0.25*w": lambda s, y, t, later: (
        y.put(w=y.w - 0.0625), later(t, v=y.w), later(t, u=-0.25 * y.w),
    ),
    "a += 0.25; u_post += 0.5*a*w": lambda s, y, t, later: (
        y.put(a=y.a + 0.25), later(t, u=0.5 * y.a * y.w),
    ),
    "u_post += 0.125*p_pre; a += b": lambda s, y, t, later: (later(t, u=0.125 * s.p), y.put(a=y.a + y.b)),
    "w = clip(w + 0.125*b, -1, 1); a += 1": lambda s, y, t, later: (
        y.put(w=clip(y.w + 0.125 * y.b)), y.put(a=y.a + 1),
    ),
}  # fmt: skip
DENDRITIC_ON_POST: dict[str, Act] = {
    text: TRACES_ON_POST[text]
    for text in (
        "b -= 0.25; w = clip(w + 0.125*a, -1, 1)",
        "b += 0.25*(1 - b)",
        "w += 0.125*a*b; b += 0.5",
        "w += 0.125 if a > 0.1 else -0.0625",
    )
}
