"""A small model with sliders in a notebook: each move runs it again."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from inspect import signature
from time import perf_counter
from typing import Any

from numpybrain import library
from numpybrain.display.html import plain
from numpybrain.display.sketch import traces
from numpybrain.errors import ArgumentError, NumpyBrainError, UnknownNameError, shown, suggestion
from numpybrain.group.random_streams import seed as seed_all
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.model import Model
from numpybrain.model.arguments import ARGUMENTS
from numpybrain.monitors.monitor import Monitor
from numpybrain.network.network import Network
from numpybrain.neurons.neurons import Neurons
from numpybrain.notebook.ranges import Range, divisors, range_of, rounded

AT_ONCE = 0.1  # s; what runs in less follows a slider while it is dragged
TAKEN = frozenset(signature(Neurons.__init__).parameters)  # no parameter of these names can be given
HEIGHT = 140  # of the picture of a variable


def explore(
    model: Any,
    *,
    time: Any = "200 ms",
    dt: Any = 0.1,
    record: str | Iterable[str] | None = None,
    sliders: Mapping[str, Any] | Iterable[str] | None = None,
    seed: int | None = None,
    **values: Any,
) -> Exploration:
    """A neuron with a slider for each parameter; moving one runs it again and draws it, in a notebook.

    Args:
        model: a `Model`, equations, the name of a library model or a path to a model file. A library model
            begins with the parameters of its own check, with which it fires, unless others are given.
        time: how long it runs (ms if bare).
        dt: the time step (ms if bare).
        record: the variables that are drawn; by default the first one with a differential equation.
        sliders: which parameters get a slider, as a list of names; or {name: (lowest, highest)} or
            {name: (lowest, highest, step)} in the declared unit. By default all of them.
        seed: of all random numbers, set before each run; by default noise differs from run to run.
        **values: the parameters to begin with, and what `Neurons` takes: `threshold`, `reset`, `method` ...

    Returns:
        An exploration, which a notebook shows. `sliders["I"].value = 2` in Python does what the mouse does.

    Raises:
        ImportError: if ipywidgets is not installed: pip install "numpybrain[notebook]".
    """
    texts = {name: values.pop(name) for name in list(values) if name in ARGUMENTS or name == "namespace"}
    if isinstance(model, str) and not values and model in library.list_models(None):
        values = dict(library.table_of(model).get("check", {}).get("parameters", {}))
    found = library.as_model(model, values, **texts)
    names = [record] if isinstance(record, str) else list(record or ())
    return Exploration(found, values, names, sliders, milliseconds(time, "the time of a run"), dt, seed)


class Exploration:
    """A model, its sliders, and what it did in the last run.

    Attributes:
        sliders: name of a parameter -> its slider, of ipywidgets.
        widget: all that is shown.
        cells, spikes, trace: the neuron of the last run, and the monitors; None after an error, and
            `spikes` without a threshold.
        message: what went wrong in the last run, or its warnings.
    """

    def __init__(
        self,
        model: Model,
        values: Mapping[str, Any],
        record: list[str],
        sliders: Mapping[str, Any] | Iterable[str] | None,
        time: float,
        dt: Any,
        seed: int | None,
    ) -> None:
        self._widgets = _widgets()
        self.model, self._time, self._dt, self._seed = model, time, dt, seed
        self._given = dict(values)
        self.cells: Neurons | None = None
        self.spikes: Monitor | None = None
        self.trace: Monitor | None = None
        self.message = ""
        cells = self._make(self._given)
        self.record = record or [v.name for v in model.definition.of_kind("differential")][:1]
        if not self.record:
            raise ArgumentError("the model has no differential equation", help="name what to draw: record=")
        known = self.model.definition.variables
        self._units_of_record = {name: known[name].unit_text for name in self.record if name in known}
        self._units = _units_of(cells, self._given)
        self._start = _numbers(cells, self._given, self._units)
        ranges = _ranges(model, self._start, self._units, sliders)
        self.sliders = {name: self._slider(name, each) for name, each in ranges.items()}
        self._picture = self._widgets.HTML()
        reset = self._widgets.Button(description="start values")
        reset.on_click(lambda _: self.reset())
        column = self._widgets.VBox([*self.sliders.values(), reset])
        self.widget = self._widgets.HBox([column, self._picture])
        self._is_resetting = False
        self.run()
        for slider in self.sliders.values():
            slider.observe(self._moved, names="value")

    @property
    def values(self) -> dict[str, float]:
        """The present values of the sliders, in the declared units."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def reset(self) -> None:
        """Put all sliders back to where they began."""
        self._is_resetting = True
        try:
            for name, slider in self.sliders.items():
                slider.value = self._start[name]
        finally:
            self._is_resetting = False
        self.run()

    def run(self) -> None:
        """Run the model with the values of the sliders, and draw what it did."""
        began = perf_counter()
        self.cells = self.spikes = self.trace = None
        self.message = ""
        if self._seed is not None:
            seed_all(self._seed)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                self._run()
            except NumpyBrainError as error:
                self.cells = self.spikes = self.trace = None
                self.message = f"{type(error).__name__}: {error}"
        self.message = "\n".join([self.message, *(str(each.message) for each in told)]).strip("\n")
        self._picture.value = self._drawn()
        is_fast = perf_counter() - began < AT_ONCE
        for slider in self.sliders.values():
            slider.continuous_update = is_fast

    def code(self) -> str:
        """The call that makes the neuron of the last run."""
        changed = {n: v for n, v in self.values.items() if n in self._given or v != self._start[n]}
        texts = "".join(f", {n}={self._told(n, v)!r}".replace("'", '"') for n, v in changed.items())
        is_of_library = self.model.name in library.list_models()
        name = f'"{self.model.name}"' if is_of_library else "model"
        return f"nb.Neurons(1, {name}{texts})"

    def _told(self, name: str, value: float) -> Any:
        """A value as it is given to `Neurons`."""
        return value if self._units[name] == "1" else f"{value:.12g} {self._units[name]}"

    def _make(self, values: Mapping[str, Any]) -> Neurons:
        return Neurons(1, self.model, name="explored", **values)

    def _run(self) -> None:
        values = {**self._given, **{n: self._told(n, v) for n, v in self.values.items()}}
        cells = self._make(values)
        trace = Monitor(cells, self.record)
        fires = self.model.definition.threshold is not None
        spikes = Monitor(cells, "spikes") if fires else None
        Network(cells, trace, *([spikes] if spikes is not None else []), dt=self._dt).run(self._time)
        self.cells, self.trace, self.spikes = cells, trace, spikes

    def _moved(self, _: Any) -> None:
        if not self._is_resetting:
            self.run()

    def _slider(self, name: str, limits: Range) -> Any:
        unit, value = self._units[name], self._start[name]
        variable = self.model.definition.variables.get(name)
        return self._widgets.FloatSlider(
            value=value,
            min=min(limits.low, value),
            max=max(limits.high, value),
            step=limits.step,
            description=name if unit == "1" else f"{name} ({unit})",
            tooltip=variable.comment if variable is not None else "",
            readout_format=".4g",
            style={"description_width": "9em"},
        )

    def _drawn(self) -> str:
        parts = [f"<pre>{plain(self.message)}</pre>"] if self.message else []
        if self.trace is not None:
            times = self.spikes.t if self.spikes is not None else ()
            for name in self.record:
                unit = self._units_of_record.get(name, "1")
                label = name if unit in ("1", "boolean", "integer") else f"{name} ({unit})"
                span = (0.0, self._time)
                picture = traces(self.trace.t, self.trace[name], span, label, marks=times, height=HEIGHT)
                parts.append(f"<div>{picture}</div>")
        if self.spikes is not None:
            n = len(self.spikes)
            words = f"{n} spike{'' if n == 1 else 's'}, {self.spikes.rate:.4g} Hz"
            parts.append(f"<div>{plain(words)}</div>")
        return "".join((*parts, f"<div><code>{plain(self.code())}</code></div>"))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return f"<Exploration of '{self.model.name}': {' '.join(self.sliders)}>"


def _widgets() -> Any:
    """The package ipywidgets.

    Raises:
        ImportError: if it is not installed; says how to install it.
    """
    try:
        import ipywidgets
    except ImportError:
        message = "explore needs the package 'ipywidgets': pip install \"numpybrain[notebook]\""
        raise ImportError(message) from None
    return ipywidgets


def _units_of(cells: Neurons, given: Mapping[str, Any]) -> dict[str, str]:
    """Unit of each parameter: as declared, or, of names that the model leaves open, as given."""
    definition = cells.inspect.definition
    assert definition is not None  # the neuron follows a model
    found = {
        v.name: v.unit_text
        for v in definition.of_kind("parameter")
        if v.unit_text not in ("boolean", "integer") and v.name not in TAKEN
    }
    for name, value in given.items():
        if name not in definition.variables:
            found[name] = language_entry.magnitudes(value)[1] or "1"
    return found


def _numbers(cells: Neurons, given: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, float]:
    """The value of each parameter in its unit; those that are no single number are left out."""
    slots, numbers = cells.inspect.state.slots, {}
    for name in found:
        value = (
            slots[name].uniform_value()
            if name in slots
            else language_entry.convert(given[name], found[name], name)
        )
        if value is not None:
            numbers[name] = float(value)
    return numbers


def _ranges(
    model: Model,
    values: Mapping[str, float],
    found: Mapping[str, str],
    asked: Mapping[str, Any] | Iterable[str] | None,
) -> dict[str, Range]:
    """The range of each slider: as asked for, or around the value."""
    own = divisors(model.definition)
    ranges = {}
    for name in values if asked is None else asked:
        if name not in values:
            message = f"the model has no parameter '{name}' to slide{suggestion(name, values)}"
            raise UnknownNameError(message)
        given = asked[name] if isinstance(asked, Mapping) else None
        if given is None:
            unit = language_entry.unit(found[name])
            ranges[name] = range_of(values[name], unit, divides=name in own)
        else:
            ranges[name] = _asked(name, given)
    return ranges


def _asked(name: str, given: Any) -> Range:
    """The range that a user gives."""
    try:
        low, high, *rest = map(float, given)
    except (TypeError, ValueError):
        low, high, rest = 0.0, 0.0, []
    if low >= high or len(rest) > 1 or (rest and rest[0] <= 0):
        message = f"the slider of '{name}' takes (lowest, highest) or (lowest, highest, step)"
        raise ArgumentError(
            message, detail=f"got {shown(given)}", help=f"such as sliders={{'{name}': (0, 5)}}"
        )
    return Range(low, high, rest[0] if rest else rounded(low, high).step)
