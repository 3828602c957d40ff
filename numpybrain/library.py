"""The model library: TOML files in `models/`, and whatever else a user may mean by "a model"."""

from __future__ import annotations

import functools
import operator
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from numpybrain import resources
from numpybrain.errors import ArgumentError, LibraryError, NumpyBrainError, short, suggestion, visible
from numpybrain.model import Model
from numpybrain.model.arguments import growing, in_files
from numpybrain.model.model_file import LISTS, MAX_LENGTH, TABLES, load_toml, wrong_kind

TOLD = ("name", "title")  # what is shown of a file, wherever its model is
MAX_BASES = 20  # of one model file
MAX_CHAINED = 20  # files of which each is the base of the one before
MOST_MEANT = 4
ELSEWHERE = {  # what others call models, or their kind
    "iaf": ("lif",), "integrate_and_fire": ("lif",), "leaky_integrate_and_fire": ("lif",),
    "lifneuron": ("lif",), "iaf_psc_delta": ("lif", "delta"),
    "iaf_psc_exp": ("lif", "exponential_current"), "iaf_psc_alpha": ("lif", "alpha"),
    "iaf_cond_exp": ("lif", "exponential_conductance"), "eif": ("exponential_if",), "aeif": ("adex",),
    "aeif_cond_exp": ("adex", "exponential_conductance"), "aeif_cond_alpha": ("adex", "alpha"),
    "adaptive_exponential": ("adex",), "fhn": ("fitzhugh_nagumo",),
    "hodgkinhuxley": ("hodgkin_huxley",), "hh_psc_alpha": ("hodgkin_huxley", "alpha"),
    "stdp": ("stdp_pair",), "stdp_synapse": ("stdp_pair",), "static_synapse": ("delta",),
    "stp": ("short_term_tsodyks_markram", "short_term_mongillo"), "gaba": ("gaba_a", "gaba_b"),
    "tsodyks2_synapse": ("short_term_tsodyks_markram",),
}  # fmt: skip
DESCRIBING = {*TOLD, *TABLES, *LISTS, "description", "doi"}  # keys of its files, beside those of models


def list_models(kind: str | None = "neurons") -> list[str]:
    """Names of the models of the library, sorted.

    Args:
        kind: the folder: "neurons" are whole neurons, "channels" are fragments to be added to one,
            "synapses" are models of synapses. None lists all.
    """
    files = _files()
    kinds = sorted({path.parent.name for path in files.values()})
    if kind is not None and kind not in kinds:
        raise LibraryError(f"the library has no models of kind '{kind}'{suggestion(kind, kinds)}")
    return sorted(name for name, path in files.items() if kind in (None, path.parent.name))


def load_model(name: str | Path) -> Model:
    """A model of the library, or of a model file.

    Raises:
        LibraryError: if there is no such model, or the file is not a sound model file.
    """
    if isinstance(name, Path) or str(name).endswith(".toml"):
        return read_model_file(Path(name))
    files = _files()
    if name not in files:
        raise _unknown(str(name), files)
    return read_model_file(files[name])


def read_model_file(path: Path, made: dict[Path, Model | None] | None = None) -> Model:
    """The model in a TOML file, on top of its base if it has one.

    `made` holds the models that this one builds on, each read once; None while it is being read.
    """
    made = {} if made is None else made
    place = path.resolve()
    if place not in made:
        if sum(model is None for model in made.values()) >= MAX_CHAINED:
            message = f"more than {MAX_CHAINED} model files are built on one another, as far as {path}"
            raise LibraryError(message, help="write what they have in common into one")
        made[place] = None
        made[place] = _read(path, made)
    model = made[place]
    if model is None:
        raise LibraryError(f"the model file {path} is its own base")
    return model


def _read(path: Path, made: dict[Path, Model | None]) -> Model:
    data = read_table(path)
    texts = {key: data[key] for key in in_files() if key in data and key != "equations"}
    if isinstance(texts.get("open_names"), str):
        texts["open_names"] = [texts["open_names"]]
    try:
        if "base" not in data:
            return Model(data["equations"], **texts)
        base = _base(data["base"], path, made)
        texts |= {what: {**base.arguments[what], **texts[what]} for what in growing() if what in texts}
        opened = (*base.definition.given, *texts.pop("open_names", ()))
        base = Model(**{**base.arguments, "open_names": opened})
        return base.extend(data.get("equations", ""), **texts.pop("parameters", {}), **texts)
    except NumpyBrainError as error:
        error.add_note(visible(f"in the model file {path}"))
        raise


def _base(names: str | list[str], path: Path, made: dict[Path, Model | None]) -> Model:
    """The sum of the models that a file builds on: names of the library, or files beside it."""
    models: list[Model] = []
    if not isinstance(names, str) and len(names) > MAX_BASES:
        raise LibraryError(f"a model file has at most {MAX_BASES} bases (got {len(names)})")
    for name in [names] if isinstance(names, str) else names:
        beside = path.parent / Path(name.replace("\0", "")).name
        found = beside if name.endswith(".toml") else _files().get(name)
        if found is None:
            raise _unknown(name, _files())
        models.append(read_model_file(found, made))
    if not models:
        raise LibraryError("the key 'base' names no model", help='write  base = "hodgkin_huxley"')
    return functools.reduce(operator.add, models)


def read_table(path: Path) -> dict[str, Any]:
    """The content of a model file, with its keys checked."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LENGTH + 1)
        if len(content) > MAX_LENGTH:
            raise LibraryError(
                f"the model file {path} is too large", help=f"write at most {MAX_LENGTH} bytes"
            )
        data = load_toml(content.decode("utf-8"))
    except OSError as error:
        raise LibraryError(f"cannot read the model file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LibraryError(f"the model file {path} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(f"the model file {path} is not TOML: {error}") from None
    data.setdefault("name", path.stem)
    data |= {key: visible(data[key]) for key in TOLD if isinstance(data.get(key), str)}
    if "equations" not in data and "base" not in data:
        message = f"the model file {path} lacks the key 'equations'"
        raise LibraryError(message, help='add  equations = "..."')
    keys = {*DESCRIBING, *in_files()}
    for key, value in data.items():
        if key not in keys:
            message = f"unknown key '{key}' in the model file {path}"
            raise LibraryError(message + suggestion(key, keys))
        kind = wrong_kind(key, value)
        if kind is not None:
            raise LibraryError(f"'{key}' in the model file {path} must be {kind}")
    return data


def as_model(value: Any, given: Iterable[str] = (), *, owner: str = "neurons", **texts: Any) -> Model:
    """Give the model that a user means by `value`: a Model, equations, a library name or a model file.

    `texts` (threshold, reset, ...) replace those of the model; names in `given` are no units. `owner`
    is "neurons" or "synapses": a model of the other kind is an error.
    """
    if isinstance(value, Model):
        model = value
    elif isinstance(value, Path):
        model = load_model(value)
    elif isinstance(value, str):
        if _is_name(value):
            model = load_model(value.strip())
        else:
            return Model(value, **texts, open_names=given)
    else:
        message = f"a model is equations, a name, a path or a Model (got {type(value).__name__})"
        raise ArgumentError(message)
    model.check_owner(owner)
    if not texts:
        return model
    for what in growing():
        if isinstance(texts.get(what), Mapping):
            texts[what] = {**model.arguments[what], **texts[what]}
    return model.replace(**texts)


def _is_name(text: str) -> bool:
    """Whether a string names a model or a file instead of being equations."""
    stripped = text.strip()
    return stripped.endswith(".toml") or stripped.replace("-", "_").isidentifier()


def _files() -> dict[str, Path]:
    """Model name -> file; the name of a model is that of its file."""
    return {path.stem: path for path in resources.folder("models").rglob("*.toml")}


def table_of(name: str) -> dict[str, Any]:
    """The whole content of a library model's file."""
    files = _files()
    if name not in files:
        raise _unknown(name, files)
    return read_table(files[name])


def _unknown(name: str, names: Iterable[str]) -> LibraryError:
    """The error for a model that is not in the library, with those that may be meant."""
    word = name.lower().replace("-", "_")
    meant = [n for n in sorted(names) if n in ELSEWHERE.get(word, ()) or _abbreviates(word, n)]
    found = " or ".join(f"'{n}'" for n in meant[:MOST_MEANT])
    message = f"unknown model '{short(name)}'" + (
        f": did you mean {found}?" if meant else suggestion(name, names)
    )
    return LibraryError(message, help="list_models(None) names all of the library")


def _abbreviates(word: str, name: str) -> bool:
    """Whether a word is short for a name: "hh" for "hodgkin_huxley", "izh" for "izhikevich"."""
    parts = name.split("_")
    initials = "".join(part[0] for part in parts)
    return len(word) > 1 and (
        word == initials
        or (len(word) > 2 and name.startswith(word))
        or any(len(word) > 2 and part.startswith(word) for part in parts)
    )
