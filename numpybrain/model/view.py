"""A model as the functions about models see it: what was said, and what has been read. `Model` is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.model.pathway_texts import Pathways
    from numpybrain.symbolic.programs import UpdatePlan


class ModelView(Protocol):
    """View of the arguments of a model, and its syntax trees; see `Model`."""

    @property
    def name(self) -> str:
        """The name, or "model"."""

    @property
    def method(self) -> Any:
        """The numerical method that was asked for."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Values given for parameters and open names."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Arguments that the model was made from, by name."""

    @property
    def definition(self) -> Definition:
        """The checked syntax trees."""

    @property
    def pathways(self) -> Pathways:
        """Pathways of spikes at synapses, as syntax trees."""

    @property
    def is_synaptic(self) -> bool:
        """Whether only synapses can use the model."""

    @property
    def open_names(self) -> tuple[str, ...]:
        """Names that are used but have no value yet."""

    @property
    def on_pre(self) -> dict[str, Any]:
        """Name of a pathway -> what a presynaptic spike does there."""

    @property
    def on_post(self) -> dict[str, Any]:
        """Name of a pathway -> what a postsynaptic spike does there."""

    @property
    def delay(self) -> Any:
        """The delay as it was given."""

    def plan(self) -> UpdatePlan | None:
        """Give the plan by which the equations would be integrated, and why."""
