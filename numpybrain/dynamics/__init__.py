"""What the equations of a model tell: equilibria, stability, bifurcations, gating and f-I curves.

Functions of a model, or of its name in the library. All but `f_i` look at the equations alone.
"""

from __future__ import annotations

from numpybrain.dynamics.bifurcations import Bifurcation, bifurcation
from numpybrain.dynamics.equilibria import Equilibrium, equilibria, jacobian, stability
from numpybrain.dynamics.mean_field import mean_field, siegert
from numpybrain.dynamics.phase_plane import PhasePlane, phase_plane
from numpybrain.dynamics.response_curves import Gating, f_i, gating, i_v

__all__ = [
    "Bifurcation",
    "Equilibrium",
    "Gating",
    "PhasePlane",
    "bifurcation",
    "equilibria",
    "f_i",
    "gating",
    "i_v",
    "jacobian",
    "mean_field",
    "phase_plane",
    "siegert",
    "stability",
]
