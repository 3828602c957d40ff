"""Names that Tab shows of an object: those for users, not those that networks and checkpoints call."""

from __future__ import annotations

from collections.abc import Iterable

from numpybrain.kernel.contracts import Coordinator, DeclaringObject

FOR_USERS = {"network"}  # of the contract
INNER = frozenset(
    {n for n in (*dir(DeclaringObject), *dir(Coordinator), "integrated") if not n.startswith("_")}
    - FOR_USERS
)


def for_users(names: Iterable[str]) -> set[str]:
    """The names without those of the contract, which are there all the same."""
    return set(names) - INNER
