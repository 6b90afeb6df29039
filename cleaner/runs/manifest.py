"""What an output folder is made from and how: written at the start, and held to ever after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

import orjson

from cleaner import __version__
from cleaner.errors import PageError, UsageError
from cleaner.formats import Found, expand, is_url
from cleaner.model.store import hash_models
from cleaner.runs.reading import ADVICE

NAME = "manifest.json"


class Input(NamedTuple):
    """A file that is read."""

    path: str
    relative: str
    """See `Found`."""
    size: int | None
    """Bytes; None behind a URL."""
    modified: int | None
    """Nanoseconds since 1970; None behind a URL."""

    def is_there(self) -> bool:
        """Say whether it can be opened: one that became a pipe would never end."""
        return self.size is None or os.path.isfile(self.path)

    def is_unchanged(self) -> bool:
        """Say whether it is what it was at the start, as far as size and time tell."""
        try:
            there = (self.size, self.modified)
            return self.size is None or there == _size_and_time(os.stat(self.path))
        except OSError:
            return False


def _size_and_time(about: os.stat_result) -> tuple[int, int]:
    return about.st_size, about.st_mtime_ns


class Inputs(NamedTuple):
    """All that the given paths stand for."""

    files: list[Input]
    skipped: list[str]
    """Files of folders that are not read: see `expand`."""


def find_inputs(
    given: tuple[str, ...], out: Path, *, every: bool, outputs: tuple[str, ...] = ()
) -> Inputs:
    """Return all files that the inputs stand for, without those that the run itself makes.

    These are what lies in the output folder, and the `outputs` elsewhere: those of the start
    before, which the manifest of the run does not have among its inputs. Raises `UsageError` where
    a file is missing, or can't be read again after a stop, as a pipe.
    """
    inside = os.path.join(os.path.realpath(out), "")
    made = {os.path.realpath(path) for path in outputs}
    listed = _listed(out / NAME)
    named = set(given)

    def is_own(path: str) -> bool:
        return path not in named and os.path.realpath(path).startswith(inside)

    def is_made(path: str) -> bool:
        return path not in named and os.path.realpath(path) in made

    files: list[Input] = []
    skipped: list[str] = []
    for one in given:
        if one == "-":
            raise UsageError(
                "a run can't go on with standard input; give files, or take cleaner clean"
            )
        try:
            for found in expand(one, every=every, failed=_refuse, skipped=skipped.append):
                before = listed is not None and _shown(found.path) not in listed
                if not is_own(found.path) and not (before and is_made(found.path)):
                    files.append(_input(found))
        except (PageError, OSError) as error:  # that of a URL, which may have no message but itself
            raise UsageError(f"{_shown(one)}: {error}") from None
    return Inputs(files, [path for path in skipped if not is_own(path) and not is_made(path)])


def _input(found: Found) -> Input:
    if is_url(found.path):
        return Input(found.path, found.relative, None, None)
    try:
        about = os.stat(found.path)
    except OSError as error:
        _refuse(error)
    if not S_ISREG(about.st_mode):
        raise UsageError(f"{_shown(found.path)}: is no file; a run must be able to read it again")
    if not os.access(found.path, os.R_OK):
        raise UsageError(f"{_shown(found.path)}: {ADVICE[PermissionError]}")
    return Input(found.path, found.relative, *_size_and_time(about))


def _refuse(error: OSError) -> None:
    if not error.filename:  # of a URL
        raise error
    raise UsageError(f"{_shown(error.filename)}: {error.strerror}; check the name") from None


def describe(
    inputs: list[Input], options: dict[str, Any], model: str | Path | None
) -> dict[str, Any]:
    """Return the manifest of a run, as JSON has it."""
    return {
        "cleaner": __version__,
        "models": hash_models(model),
        "options": {
            name: _shown(value) if isinstance(value, str) else value
            for name, value in options.items()
        },
        "inputs": [
            {"path": _shown(i.path), "bytes": i.size, "modified": i.modified} for i in inputs
        ],
    }


def check(path: Path, mine: dict[str, Any]) -> None:
    """Raise `UsageError`, with what differs, where the manifest of a folder is not that of mine."""
    theirs = _load(path)
    if theirs == mine:
        return
    try:
        difference = next(_differences(theirs, mine), None)
    except (KeyError, TypeError, AttributeError):
        difference = None
    raise UsageError(
        f"{path.parent} holds another run: {difference or f'{path} is damaged'}; "
        "give another folder with -o"
    )


def _load(path: Path) -> Any:
    """Return what a manifest says; None where it is none, or not there."""
    try:
        return orjson.loads(path.read_bytes()) if S_ISREG(path.lstat().st_mode) else None
    except (OSError, ValueError):
        return None


def _listed(path: Path) -> set[str] | None:
    """Return the inputs of a manifest as it shows them; None where there is none."""
    try:
        return {one["path"] for one in _load(path)["inputs"]}
    except (KeyError, TypeError):
        return None


def _differences(theirs: dict[str, Any], mine: dict[str, Any]) -> Iterator[str]:
    if theirs["cleaner"] != mine["cleaner"]:
        yield f"of cleaner {theirs['cleaner']}, and this is {mine['cleaner']}"
    for kind, digest in mine["models"].items():
        if theirs["models"][kind] != digest:
            yield f"with another model for {kind}"
    for name, value in mine["options"].items():
        if theirs["options"].get(name) != value:
            yield f"with {name} {theirs['options'].get(name)}, not {value}"
    before, now = ({i["path"]: i for i in m["inputs"]} for m in (theirs, mine))
    for name in [*before, *now]:
        if before.get(name) != now.get(name):
            what = "changed since" if name in before and name in now else "is not"
            yield f"its input {name} {what}" if name in before else f"{name} was not its input"
    if theirs["inputs"] != mine["inputs"]:
        yield "with its inputs in another order"


def _shown(path: str) -> str:
    return os.fsencode(path).decode(errors="replace")
