"""`Model`: a neuron model that has been read and checked, and can be looked at from every side.

It stands between the language and the kernel: the kernel gets from it a closed definition (no name
left open) and the values of the parameters. The language is imported when a model is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpybrain.model.fragments import Expression, Statements
    from numpybrain.model.model import Model

__all__ = ["Expression", "Model", "Statements"]


def __getattr__(name: str) -> Any:
    if name == "Model":
        from numpybrain.model.model import Model

        return Model
    if name in __all__:
        from numpybrain.model import fragments

        return getattr(fragments, name)
    message = f"module 'numpybrain.model' has no attribute '{name}'"
    raise AttributeError(message)
