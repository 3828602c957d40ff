"""`Model`: a neuron model that has been read and checked, and can be looked at from every side.

It stands between the language and the kernel: the kernel asks it for a closed definition (no name
left open) and the values of the parameters.
"""

from numpybrain.model.fragments import Expression, Statements
from numpybrain.model.model import Model

__all__ = ["Expression", "Model", "Statements"]
