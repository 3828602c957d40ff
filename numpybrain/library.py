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
    "lifneuron": ("lif",), "eif": ("exponential_if",), "aeif": ("adex",),
    "aeif_cond_alpha": ("aeif_cond_exp",), "aeif_psc_exp": ("adex", "exponential_current"),
    "aeif_psc_alpha": ("adex", "alpha"), "adaptive_exponential": ("adex",), "fhn": ("fitzhugh_nagumo",),
    "hodgkinhuxley": ("hodgkin_huxley",), "hh_psc_alpha": ("hodgkin_huxley", "alpha"),
    "qif": ("quadratic_if",), "quaif": ("quadratic_if",), "alif": ("adaptive_threshold",),
    "mat2_psc_exp": ("mat2",), "glif_psc": ("glif",), "pp_psc_delta": ("escape_rate",),
    "gif_curr": ("gif",), "stdp": ("stdp_pair",), "stdp_synapse": ("stdp_pair",),
    "static_synapse": ("delta",), "stp": ("short_term_tsodyks_markram", "short_term_mongillo"),
    "gaba": ("gaba_a", "gaba_b"), "tsodyks2_synapse": ("short_term_tsodyks_markram",),
    "tsodyks_synapse": ("short_term_three_state",),
}  # fmt: skip
DESCRIBING = {*TOLD, *TABLES, *LISTS, "description", "doi"}  # keys of its files, beside those of models
OF_VARIANTS = {"title", "description", "check", "drive"}  # keys of a variant, beside those of models


def list_models(kind: str | None = "neurons", *, variants: bool = False) -> list[str]:
    """Names of the models of the library, sorted.

    Args:
        kind: the folder: "neurons" are whole neurons, "channels" are fragments to be added to one,
            "synapses" are models of synapses. None lists all.
        variants: whether their variants are listed too, as "adex:regular_bursting".
    """
    files = _files()
    kinds = sorted({path.parent.name for path in files.values()})
    if kind is not None and kind not in kinds:
        raise LibraryError(f"the library has no models of kind '{kind}'{suggestion(kind, kinds)}")
    names = sorted(name for name, path in files.items() if kind in (None, path.parent.name))
    if not variants:
        return names
    return [full for name in names for full in (name, *(f"{name}:{v}" for v in variants_of(name)))]


def variants_of(name: str) -> dict[str, str]:
    """Variants of a model of the library or of a model file: name -> title."""
    path, _ = _place(name)
    return {n: str(v.get("title", "")) for n, v in read_table(path).get("variants", {}).items()}


def load_model(name: str | Path) -> Model:
    """A model of the library, or of a model file; a variant of it is named after a colon: "adex:tonic".

    Raises:
        LibraryError: if there is no such model or variant, or the file is not a sound model file.
    """
    path, variant = _place(name)
    model = read_model_file(path)
    return _variant(model, path, variant) if variant else model


def _place(name: str | Path) -> tuple[Path, str]:
    """The file of a model that is meant, and the name of its variant, or ""."""
    if isinstance(name, Path):
        return name, ""
    first, _, variant = name.rpartition(":")
    if name.endswith(".toml"):
        return Path(name), ""
    if first.endswith(".toml"):
        return Path(first), variant
    first, _, variant = name.partition(":")
    files = _files()
    if first not in files:
        raise _unknown(first, files)
    return files[first], variant


def _variant(model: Model, path: Path, variant: str) -> Model:
    """A variant of the model in a file, which says what differs."""
    said = _said_by_variant(path, variant)
    try:
        return _extended(model, {**said, "name": f"{model.name}:{variant}"})
    except NumpyBrainError as error:
        error.add_note(visible(f"in the variant '{variant}' of the model file {path}"))
        raise


def _said_by_variant(path: Path, variant: str) -> dict[str, Any]:
    """The table of a variant."""
    data = read_table(path)
    found: dict[str, dict[str, Any]] = data.get("variants", {})
    if variant in found:
        return found[variant]
    message = f"the model '{data['name']}' has no variant '{short(variant)}'{suggestion(variant, found)}"
    raise LibraryError(message, help=f"its variants: {', '.join(found) or 'none'}")


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
    try:
        if "base" in data:
            return _extended(_base(data["base"], path, made), data)
        return Model(data["equations"], **_texts(data))
    except NumpyBrainError as error:
        error.add_note(visible(f"in the model file {path}"))
        raise


def _texts(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a file or a variant says about its model, but for the equations."""
    texts = {key: data[key] for key in in_files() if key in data and key != "equations"}
    if isinstance(texts.get("open_names"), str):
        texts["open_names"] = [texts["open_names"]]
    return texts


def _extended(base: Model, data: Mapping[str, Any]) -> Model:
    """A model with what a file or a variant says on top of it."""
    texts = _texts(data)
    texts |= {what: {**base.arguments[what], **texts[what]} for what in growing() if what in texts}
    opened = (*base.definition.given, *texts.pop("open_names", ()))
    base = Model(**{**base.arguments, "open_names": opened})
    return base.extend(data.get("equations", ""), **texts.pop("parameters", {}), **texts)


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
    _check_keys(data, {*DESCRIBING, *in_files()}, f"the model file {path}")
    for variant, said in data.get("variants", {}).items():
        place = visible(f"the variant '{variant}' of the model file {path}")
        if not isinstance(said, dict):
            raise LibraryError(f"{place} must be a table", help=f"write  [variants.{short(variant)}]")
        if not variant.isidentifier():
            raise LibraryError(f"{place} needs a name of letters, digits and _", help="such as  bursting")
        _check_keys(said, {*OF_VARIANTS, *in_files()} - {"name"}, place)
    return data


def _check_keys(data: Mapping[str, Any], keys: Iterable[str], place: str) -> None:
    """Raise an error if a file, or a variant in it, has an unknown key or a value of the wrong kind."""
    for key, value in data.items():
        if key not in keys:
            raise LibraryError(f"unknown key '{key}' in {place}{suggestion(key, keys)}")
        kind = wrong_kind(key, value)
        if kind is not None:
            raise LibraryError(f"'{key}' in {place} must be {kind}")


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
    """Whether a string names a model, a variant of one, or a file, instead of being equations."""
    stripped = text.strip()
    first, colon, variant = stripped.rpartition(":")
    if not colon or first.endswith(".toml"):
        return bool(colon) or stripped.endswith(".toml") or stripped.replace("-", "_").isidentifier()
    if not (first.replace("-", "_").isidentifier() and variant.replace("-", "_").isidentifier()):
        return False
    return first in _files() or not _is_unit(variant)


def _is_unit(word: str) -> bool:
    """Whether a word is what may follow a colon in an equation."""
    from numpybrain.language import unit_table

    return word in ("boolean", "integer") or unit_table.named(word) is not None


def _files() -> dict[str, Path]:
    """Model name -> file; the name of a model is that of its file."""
    return {path.stem: path for path in resources.folder("models").rglob("*.toml")}


def table_of(name: str) -> dict[str, Any]:
    """The whole content of the file of a model; of a variant, with what it says in place of the rest."""
    path, variant = _place(name)
    table = read_table(path)
    if not variant:
        return table
    said = _said_by_variant(path, variant)
    kept = {key: value for key, value in table.items() if key not in ("check", "drive", "variants")}
    merged = {key: {**table.get(key, {}), **said[key]} for key in growing() if key in said}
    return {**kept, **said, **merged, "name": f"{table['name']}:{variant}"}


def drive_of(name: str) -> dict[str, Any]:
    """Input that shows what a model does: "parameters" and, if it matters, "initial", "run" and "dt".

    It is the table `drive` of its file, else that of its check.
    """
    table = table_of(name)
    keys = ("parameters", "initial", "run", "dt")
    found = table.get("drive") or {k: v for k, v in table.get("check", {}).items() if k in keys}
    return {"parameters": {}, **found}


def _unknown(name: str, names: Iterable[str]) -> LibraryError:
    """The error for a model that is not in the library, with those that may be meant."""
    word = name.lower().replace("-", "_")
    meant = list(ELSEWHERE.get(word, ()))
    meant += [n for n in sorted(names) if n not in meant and _abbreviates(word, n)]
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
