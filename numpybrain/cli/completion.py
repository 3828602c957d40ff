"""Completion of command lines in bash, zsh and fish.

`numpybrain completion bash` prints a script for the shell, which asks `numpybrain --complete WORDS` for
what may stand in place of the last word. Where that is nothing of ours, the shell proposes files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from numpybrain.errors import ArgumentError, NumpyBrainError

FLAG = "--complete"
SCRIPTS = {
    "bash": """\
# eval "$(numpybrain completion bash)", for good in ~/.bashrc
_numpybrain() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        [ -n "$word" ] && COMPREPLY+=("$word")
    done < <(numpybrain --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o default -F _numpybrain numpybrain
""",
    "zsh": """\
# eval "$(numpybrain completion zsh)", for good in ~/.zshrc, after compinit
_numpybrain() {
    local -a found
    found=("${(@f)$(numpybrain --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        [[ "${found[1]}" == *= ]] && compadd -S '' -- "${found[@]}" || compadd -- "${found[@]}"
    else
        _files
    fi
}
compdef _numpybrain numpybrain
""",
    "fish": """\
# numpybrain completion fish | source, for good in ~/.config/fish/config.fish
function __numpybrain_complete
    set -l words (commandline -opc) (commandline -ct)
    numpybrain --complete -- $words[2..-1] 2>/dev/null
end
complete -c numpybrain -a '(__numpybrain_complete)'
""",
}


def script(shell: str) -> str:
    """The script for a shell.

    Raises:
        ArgumentError: if there is none.
    """
    if shell not in SCRIPTS:
        raise ArgumentError(f"there is no completion for '{shell}'", help=f"there is {', '.join(SCRIPTS)}")
    return SCRIPTS[shell]


def proposals(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """What may stand in place of the last word, after those before it."""
    *before, last = words or [""]
    commands = _commands(parser)
    command = next((word for word in before if not word.startswith("-")), None)
    if command not in commands:
        options = [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001
        return _fitting([*(commands if command is None else ()), *options], last)
    own, rest = commands[command], before[before.index(command) + 1 :]
    if "--" in rest:  # what follows belongs to a script
        return []
    option = _option(own, rest[-1]) if rest else None
    if option is not None and option.nargs != 0:
        return _fitting(_values(option, command, rest), last)
    if last.startswith("-"):
        return _fitting((o for action in own._actions for o in action.option_strings), last)  # noqa: SLF001
    return _fitting(_targets(own, command, rest), last)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 - argparse shows its commands nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}


def _option(parser: argparse.ArgumentParser, word: str) -> argparse.Action | None:
    return next((a for a in parser._actions if word in a.option_strings), None)  # noqa: SLF001


def _values(option: argparse.Action, command: str, rest: list[str]) -> Iterable[str]:
    """What an option takes."""
    from numpybrain.methods import list_methods

    if option.dest == "method":
        return list_methods()
    if option.dest in ("given", "record", "inputs"):
        return _names(option.dest, command, rest)
    return ()


def _names(what: str, command: str, rest: list[str]) -> list[str]:
    """The names of the model that stands in the line."""
    from numpybrain import library

    known = library.list_models(None)
    targets = [w for w in rest if w.partition(":")[0] in known or w.partition(":")[0].endswith(".toml")]
    if not targets:
        return []
    try:
        model = library.load_model(targets[0])
    except NumpyBrainError:
        return []
    definition = model.definition
    if what == "record":
        spikes = ["spikes"] if definition.threshold is not None else []
        return [*spikes, *definition.events, *definition.variables]
    kinds = ("parameter",) if what == "inputs" else ("parameter", "differential")
    named = [v.name for v in definition.variables.values() if v.kind in kinds]
    return [f"{name}=" for name in (*named, *model.open_names)]


def _targets(own: argparse.ArgumentParser, command: str, rest: list[str]) -> Iterable[str]:
    """What stands without an option: a model, or a shell; of files the shell knows more."""
    from numpybrain import library

    if command == "completion":
        return () if set(rest) & set(SCRIPTS) else SCRIPTS
    if command == "cite":
        return library.list_models(None)
    takes = {option: a.nargs != 0 for a in own._actions for option in a.option_strings}  # noqa: SLF001
    given = [
        w for k, w in enumerate(rest) if not w.startswith("-") and not takes.get(rest[k - 1] if k else "")
    ]
    if given or command not in ("run", "show"):
        return ()
    return library.list_models("neurons") if command == "run" else library.list_models(None)


def _fitting(words: Iterable[str], last: str) -> list[str]:
    return [word for word in words if word.startswith(last)]
