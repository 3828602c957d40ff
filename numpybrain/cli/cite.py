"""What to cite: NumpyBrain itself, and the sources of models of the library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from numpybrain import __version__

TITLE = "NumpyBrain: a spiking neural network simulator that takes equations and leaves nothing behind"
AUTHORS = "The NumpyBrain developers"
ENTRY = re.compile(
    r"(?P<authors>.+?) \((?P<year>\d{4})\)\. (?P<title>.+?[.?]) (?P<rest>.+?)\.?(?: doi:(?P<doi>\S+))?$",
    re.DOTALL,
)


def cited(names: Sequence[str], *, bibtex: bool) -> str:
    """The reference of NumpyBrain and those of models, as text or in BibTeX.

    Raises:
        LibraryError: if a model is not in the library.
    """
    if bibtex:
        return "\n\n".join([_of_program_in_bibtex(), *map(in_bibtex, references(names))])
    return "\n\n".join([f"{AUTHORS}. {TITLE}. Version {__version__}.", *references(names)])


def references(names: Iterable[str]) -> list[str]:
    """The references of models, each once."""
    from numpybrain import library

    def of(name: str) -> Iterator[str]:
        table = library.table_of(name)
        base = table.get("base", [])
        for each in [base] if isinstance(base, str) else base:
            yield from of(each)
        reference = table["reference"]
        yield from [reference] if isinstance(reference, str) else reference

    return list(dict.fromkeys(reference for name in names for reference in of(name)))


def in_bibtex(reference: str) -> str:
    """A reference, `Surname AB, Surname C (2005). Title. Journal 94:1-2. doi:...`, as a BibTeX entry."""
    found = ENTRY.match(reference)
    if found is None:
        return f"@misc{{{_key(reference, '')},\n  note = {{{reference}}}\n}}"
    names = [_author(each) for each in found["authors"].split(", ")]
    fields = {
        "author": " and ".join(names),
        "year": found["year"],
        "title": found["title"].rstrip("."),
        "journal": found["rest"],
        "doi": found["doi"],
    }
    volume = re.fullmatch(r"(.+?) (\w+):([\w-]+)", found["rest"])
    if volume is not None:
        pages = volume[3].replace("-", "--")
        fields |= {"journal": volume[1], "volume": volume[2], "pages": pages}
    lines = [f"  {key} = {{{value}}}" for key, value in fields.items() if value]
    return f"@article{{{_key(found['authors'], found['year'])},\n" + ",\n".join(lines) + "\n}"


def _author(name: str) -> str:
    """`Surname, A. B.` of `Surname AB`."""
    surname, _, initials = name.rpartition(" ")
    is_short = bool(surname) and re.fullmatch(r"[A-Z]{1,4}", initials) is not None
    return f"{surname}, {' '.join(f'{c}.' for c in initials)}" if is_short else name


def _key(authors: str, year: str) -> str:
    surname = re.match(r"\w+", authors)
    return f"{surname[0].lower() if surname else 'source'}{year}"


def _of_program_in_bibtex() -> str:
    return (
        f"@software{{numpybrain,\n  author = {{{{{AUTHORS}}}}},\n  title = {{{{{TITLE}}}}},\n"
        f"  version = {{{__version__}}},\n  license = {{BSD-3-Clause}}\n}}"
    )
