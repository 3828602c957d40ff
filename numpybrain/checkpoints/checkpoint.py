"""Checkpoints: the whole state of a network, kept in memory or in a file, and taken back.

A snapshot holds what the next steps depend on: all variables, spikes under way, refractoriness, random
streams, the clock, what numerical methods have learnt; and what monitors have recorded. It holds no model
and no function: the same script makes the network, then the state is restored. What Python functions of
the user keep for themselves, in closures or in generators of their own, is not in it. The objects give and
take their parts themselves; this module knows none of them from inside.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.checkpoints.restoring import plan_restore
from numpybrain.errors import MAX_ERRORS, CheckpointError, UnknownNameError, suggestion
from numpybrain.kernel.contracts import DeclaringObject
from numpybrain.kernel.state import Form, State
from numpybrain.utils.arrays import compact

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import SimulationObject
    from numpybrain.kernel.variables import Array

Value = Any  # bool, int, float, str, or an array of booleans, whole or floating-point numbers
NUMBERED = re.compile(r"(neurons|synapses|inputs|monitor|rate|statistics)_\d+")  # not given by the user
VARIABLE = ("kind", "unit", "type", "shared")  # what is told of each variable
PARAMETERS = {"parameter", "sampled"}  # the same parameter may follow the time, or not, as it was assigned


class Part:
    """Part of one object: its structure, which must be the same at restoring, and its values."""

    __slots__ = ("fingerprint", "values")

    def __init__(self, fingerprint: dict[str, Any], values: dict[str, Value]) -> None:
        self.fingerprint = fingerprint
        self.values = values

    @property
    def name(self) -> str:
        """The name of the object."""
        name: str = self.fingerprint["name"]
        return name

    @property
    def is_monitor(self) -> bool:
        """Whether it is what a monitor recorded, or another record of the run."""
        return bool(self.fingerprint["kind"] == "monitor" or self.fingerprint.get("is_record"))


class Snapshot:
    """The state of a network at one time: `net.snapshot()` or `nb.load(path)`; `net.restore(snapshot)`.

    It can be looked at without a network: `snapshot["cells"]["state/values/v"]`. Arrays are read-only;
    whole numbers are kept in the smallest type that holds them.

    Attributes:
        step, dt, t: steps so far, their length and the time, in ms.
        left: what the runs so far leave over for the next one, in steps.
        own: what belongs to the network itself: where its own random numbers are.
        names: the names of the objects.
        records: whether it holds what monitors recorded.
        versions: of NumpyBrain and of what it calculates with, when the snapshot was taken. Other versions
            resume it as well, but may round differently.
    """

    __slots__ = ("_parts", "_source", "dt", "left", "own", "records", "step", "versions")

    def __init__(
        self,
        parts: list[Part],
        *,
        step: int,
        dt: float,
        records: bool,
        versions: Mapping[str, str],
        left: float = 0.0,
        own: Mapping[str, Value] = MappingProxyType({}),
        source: str = "snapshot",
    ) -> None:
        self._parts = parts
        self.own = own
        self._source = source
        self.step = step
        self.dt = dt
        self.left = left
        self.records = records
        self.versions = versions

    @property
    def t(self) -> float:
        """The time in ms."""
        return self.step * self.dt

    @property
    def names(self) -> list[str]:
        """The names of the objects."""
        return [part.name for part in self._parts]

    def __getitem__(self, name: str) -> Mapping[str, Value]:
        for part in self._parts:
            if part.name == name:
                return MappingProxyType(part.values)
        raise UnknownNameError(f"the {self._source} has no object '{name}'{suggestion(name, self.names)}")

    def save(self, path: Any) -> None:
        """Write it to a file, as `net.save(path)` does.

        Raises:
            CheckpointError: if it cannot be written; a file of that name stays as it is then.
        """
        from numpybrain.checkpoints.checkpoint_file import write

        objects: list[dict[str, Any]] = []
        arrays: dict[str, Array] = {}
        for k, part in enumerate(self._parts):
            folder = re.sub(r"\W", "_", part.name, flags=re.ASCII)
            if any(member.startswith(f"{folder}/") for member in arrays):
                folder += f" {k}"  # which no other name becomes
            names = {}
            for key, value in part.values.items():
                if isinstance(value, np.ndarray):
                    names[key] = f"{folder}/{key}"
                    arrays[names[key]] = value
            values = {key: value for key, value in part.values.items() if key not in names}
            objects.append({"structure": part.fingerprint, "values": values, "arrays": names})
        header = {
            "step": self.step,
            "dt": self.dt,
            "left": self.left,
            **({"network": dict(self.own)} if self.own else {}),
            "records": self.records,
            "versions": dict(self.versions),
        }
        write(path, {**header, "objects": objects}, arrays)

    def __repr__(self) -> str:
        size = sum(v.nbytes for p in self._parts for v in p.values.values() if isinstance(v, np.ndarray))
        names = " ".join(f"'{name}'" for name in self.names)
        return f"<Snapshot t={self.t:g} ms of {names} {size / 1e6:.3g} MB>"

    # ---- restoring ----

    def restore(
        self,
        clock: Clock,
        members: Sequence[SimulationObject],
        *,
        records: bool,
        own: Iterable[State] = (),
    ) -> None:
        """Give the objects of a network their state back; all is checked before anything is changed.

        `own` is the state of the network itself.
        """
        records = records and self.records
        chosen = [m for m in members if records or not m.is_record]
        parts = [p for p in self._parts if records or not p.is_monitor]
        different = list(_differences(structures(chosen), [p.fingerprint for p in parts]))
        if clock.dt != self.dt:
            different.insert(0, f"dt is {clock.dt:g} ms, was {self.dt:g} ms")
        if different:
            message = f"the {self._source} does not fit the network; nothing has been changed"
            detail = "\n    ".join(different[:MAX_ERRORS])
            if len(different) > MAX_ERRORS:
                detail += f"\n    and {len(different) - MAX_ERRORS} more"
            advice = "make the network as it was made when the snapshot was taken"
            raise CheckpointError(message, detail=detail, help=advice)
        states: list[tuple[SimulationObject, Mapping[str, Value] | None]] = [
            (member, part.values) for member, part in zip(chosen, parts, strict=True)
        ]
        states += [(member, None) for member in members if not records and member.is_record]
        acts = plan_restore("the network", own, self.own)
        take_back(clock, self.step, self.left, states)
        for act in acts:
            act()


def take(
    clock: Clock,
    members: Sequence[SimulationObject],
    *,
    records: bool,
    copy: bool = True,
    own: Mapping[str, Value] = MappingProxyType({}),
) -> Snapshot:
    """The state of these objects; without `copy`, arrays are the live ones. `own` is the network's."""
    chosen = [m for m in members if records or not m.is_record]
    parts = []
    for member, fingerprint in zip(chosen, structures(chosen), strict=True):
        values = {key: kept(value, copy=copy) for key, value in state_of(member).items()}
        parts.append(Part(fingerprint, values))
    return Snapshot(
        parts, step=clock.step, dt=clock.dt, left=clock.left, records=records, versions=_versions(), own=own
    )


def kept(value: Value, *, copy: bool) -> Value:
    """A value that stays as it is now."""
    if isinstance(value, np.generic):
        return value.item()
    if not copy or not isinstance(value, np.ndarray):
        return value
    array = compact(value)
    if array is value or array.base is not None:
        array = array.copy()
    array.flags.writeable = False
    return array


def _versions() -> dict[str, str]:
    """Of what results depend on; SymPy only if it has been used."""
    found = {"python": sys.version.split()[0]}
    for name in ("numpybrain", "numpy", "sympy"):
        if name in sys.modules:
            found[name] = str(sys.modules[name].__version__)
    return found


# ---- what must be the same ----


def structures(members: Sequence[SimulationObject]) -> list[dict[str, Any]]:
    """Give the structure of each object, which must be the same where a snapshot is restored."""
    groups = {id(m): k for k, m in enumerate(m for m in members if not m.is_record)}
    return [_numbered(_fingerprint(member), groups) for member in members]


def _fingerprint(member: SimulationObject) -> dict[str, Any]:
    of_a_stranger = {"kind": type(member).__name__, "name": member.name, "is_record": member.is_record}
    return member.fingerprint() if isinstance(member, DeclaringObject) else of_a_stranger


def _numbered(value: Any, groups: Mapping[int, int]) -> Any:
    """What an object says of its structure, with the numbers of groups in their place."""
    if isinstance(value, dict):
        return {key: _numbered(each, groups) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_numbered(each, groups) for each in value]
    return groups.get(id(value), value)


def state_of(member: SimulationObject) -> Mapping[str, Value]:
    """Give the state of an object, which consists of what snapshots can keep."""
    state = member.get_state()
    for key, value in state.items():
        if not isinstance(value, (bool, int, float, str, np.ndarray, np.generic)):
            message = f"'{key}' of '{member.name}' is a {type(value).__name__}, which no snapshot can keep"
            raise CheckpointError(message, help="a state is made of numbers, texts and arrays")
    return state


def take_back(
    clock: Clock,
    step: int,
    left: float,
    states: Iterable[tuple[SimulationObject, Mapping[str, Value] | None]],
) -> None:
    """Go to a step with these states of objects, or None to begin anew; all are checked before a change."""
    acts = []
    for member, values in states:
        acts += _plan_restore(member, values)
    clock.at(step)
    clock.left = left
    for act in acts:
        act()


def _plan_restore(member: SimulationObject, values: Mapping[str, Value] | None) -> list[Callable[[], Any]]:
    if values is None:
        return [member.begin_anew()] if isinstance(member, DeclaringObject) else []
    if isinstance(member, DeclaringObject):
        return plan_restore(member.name, member.declare_state(), values)
    forms = dict.fromkeys((*member.get_state(), *values), Form(object))
    return plan_restore(member.name, [State(forms, put=member.set_state, in_place=True)], values)


def _differences(now: list[dict[str, Any]], then: list[dict[str, Any]]) -> Iterator[str]:
    """Describe in words what differs between the objects of a network and those of a snapshot."""
    if [s["kind"] for s in now] != [s["kind"] for s in then]:
        yield f"there are {_listed(now)}"
        yield f"there were {_listed(then)}"
        return
    for new, old in zip(now, then, strict=True):
        name = f"'{new['name']}'"
        for key in {**new, **old}:
            if key == "variables":
                yield from _different_variables(name, new[key], old[key])
            elif key == "name" and NUMBERED.fullmatch(new[key]) and NUMBERED.fullmatch(old[key]):
                continue  # numbers depend on what else the program has made
            elif new.get(key) != old.get(key):
                yield f"{name}: {key.replace('_', ' ')} is {new.get(key)}, was {old.get(key)}"


def _different_variables(group: str, new: dict[str, Any], old: dict[str, Any]) -> Iterator[str]:
    for name in {**new, **old}:
        if name not in new or name not in old:
            yield f"{group}: variable '{name}' {'is missing' if name in old else 'is new'}"
            continue
        for what, now, then in zip(VARIABLE, new[name], old[name], strict=True):
            if now != then and not (what == "kind" and {now, then} == PARAMETERS):
                yield f"'{name}' of {group}: {what} is {now}, was {then}"


def _listed(objects: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"{s['kind']} '{s['name']}'" for s in objects) or "no objects"


# ---- files ----


def load(path: Any) -> Snapshot:
    """A snapshot from a file that `net.save(path)` has written, checked byte by byte.

    Args:
        path: the file.

    Nothing in the file is executed. `net.load(path)` restores it at once.

    Raises:
        CheckpointError: if it is missing, no checkpoint, damaged, or of a newer version of NumpyBrain.
    """
    from numpybrain.checkpoints.checkpoint_file import AGAIN, path_of, read

    header, arrays = read(path)
    name = path_of(path)
    try:
        parts = [_part(entry, arrays) for entry in header["objects"]]  # which takes the arrays
        step, dt, records, versions = (header[key] for key in ("step", "dt", "records", "versions"))
        if arrays or type(step) is not int or not 0 <= step < 2**62 or type(records) is not bool:
            raise TypeError
        versions = {str(key): str(value) for key, value in versions.items()}
        dt, left = float(dt), float(header.get("left", 0.0))  # which older files do not have
        if not -1 <= left <= 1:
            raise ValueError
        own = dict(header.get("network", {}))
        if not all(isinstance(value, (bool, int, str)) for value in own.values()):
            raise TypeError
    except (KeyError, TypeError, ValueError, AttributeError):
        message = f"the checkpoint '{name}' is damaged"
        raise CheckpointError(message, detail="its header is not complete", help=AGAIN) from None
    return Snapshot(
        parts,
        step=step,
        dt=dt,
        left=left,
        records=records,
        versions=versions,
        own=own,
        source=f"checkpoint '{name}'",
    )


def _part(entry: dict[str, Any], arrays: dict[str, Array]) -> Part:
    """The part of one object in a file; takes its arrays.

    Raises:
        KeyError, TypeError, AttributeError: if it is not complete.
    """
    fingerprint, values = entry["structure"], dict(entry["values"])
    if not all(isinstance(fingerprint[key], str) for key in ("kind", "name")):
        raise TypeError
    if fingerprint["kind"] in ("neurons", "synapses") and "variables" not in fingerprint:
        raise TypeError
    if not all(
        isinstance(variable, list) and len(variable) == len(VARIABLE)
        for variable in fingerprint.get("variables", {}).values()
    ):
        raise TypeError
    if not all(isinstance(value, (bool, int, float, str)) for value in values.values()):
        raise TypeError
    for key, member in entry["arrays"].items():
        values[key] = arrays.pop(member)
    return Part(fingerprint, values)
