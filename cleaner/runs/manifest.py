"""What an output folder is made from and how: written at the start, and held to ever after; inputs
may be added."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple, Self

import orjson

from cleaner import __version__
from cleaner.errors import PageError, UsageError
from cleaner.formats import Found, expand, is_url
from cleaner.model.store import hash_models
from cleaner.runs.reading import ADVICE, reason_of

NAME = "manifest.json"

FORMAT = 2
"""Of the manifest and of the states; a folder of another one is refused."""


class Input(NamedTuple):
    """A file that is read."""

    path: str
    relative: str
    """See `Found`."""
    size: int | None
    """Bytes; None behind a URL."""
    modified: int | None
    """Nanoseconds since 1970; None behind a URL."""

    @property
    def shown(self) -> str:
        """The path as a manifest has it, whatever its bytes."""
        return _shown(self.path)

    @property
    def name(self) -> str:
        """The name of the file alone."""
        return os.path.basename(self.shown)

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
    again: list[str]
    """Files that were given more than once; they are read once."""
    own: list[str]
    """What was given and lies in the output folder: that is not read."""
    nothing: list[str]
    """Folders and patterns in which there is nothing to read, and why that is."""


def find_inputs(given: tuple[str, ...], out: Path, *, every: bool) -> Inputs:
    """Return all files that the inputs stand for, without those that the run itself makes.

    These are what lies in the output folder, and the summaries, reports and reviews of earlier
    starts, as the manifest has them, unless they are given by name. A folder or pattern in which
    nothing is left stands for nothing where there was an earlier start. Raises `UsageError` where a
    file is missing, or can't be read again after a stop, as a pipe.
    """
    folder = os.path.join(os.path.realpath(out), "")
    before = read_known(out)
    made = set(before.outputs)
    named = set(given)

    def is_inside(real: str) -> bool:
        return os.path.join(real, "").startswith(folder)

    def is_own(path: str) -> bool:
        real = os.path.realpath(path)
        return is_inside(real) or (path not in named and _shown(real) in made)

    files: dict[str, Input] = {}
    skipped: list[str] = []
    again: list[str] = []
    own: list[str] = []
    nothing: list[str] = []
    for one in given:
        if one == "-":
            raise UsageError(
                "a run can't go on with standard input; give files, or take cleaner clean"
            )
        if not is_url(one) and is_inside(os.path.realpath(one)):
            own.append(one)
            continue
        try:
            for found in expand(one, every=every, failed=_refuse, skipped=skipped.append):
                if is_own(found.path):
                    continue
                place = found.path if is_url(found.path) else os.path.abspath(found.path)
                if place in files:
                    again.append(found.path)
                else:
                    files[place] = _input(found)
        except PageError as error:  # of a folder or a pattern
            if before.inputs:
                nothing.append(f"{_shown(one)}: {error}")
                continue
            raise UsageError(f"{_shown(one)}: {error}") from None
        except OSError as error:  # of a URL
            raise UsageError(f"{_shown(one)}: {reason_of(error, one)}") from None
    skipped = [path for path in skipped if not is_own(path)]
    if own and not (files or before.inputs):
        raise UsageError(f"{own[0]}: is in the folder that is written to; give another with -o")
    return Inputs([*files.values()], skipped, again, own, nothing)


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
    options: dict[str, Any], model: str | Path | None, sketches: str | None
) -> dict[str, Any]:
    """Return what a manifest holds to, as JSON has it; `sketches` is what makes these, if any."""
    return {
        "format": FORMAT,
        "cleaner": __version__,
        "models": hash_models(model),
        "sketches": sketches,
        "options": {
            name: _shown(value) if isinstance(value, str) else value
            for name, value in options.items()
        },
    }


class Known(NamedTuple):
    """What else a manifest holds: all that the run was ever given."""

    inputs: list[tuple[str, Input]]
    """The files, in order, each with the name of its shards."""
    outputs: list[str]
    """Summaries, reports and reviews."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        inputs = [
            {"path": i.shown, "bytes": i.size, "modified": i.modified, "shards": name}
            for name, i in self.inputs
        ]
        return {"outputs": [_shown(path) for path in self.outputs], "inputs": inputs}

    @classmethod
    def from_json(cls, about: dict[str, Any]) -> Self:
        """Return it as `as_json` gave it; raise `TypeError` or `KeyError` for anything else."""
        inputs = [
            (i["shards"], Input(i["path"], "", i["bytes"], i["modified"])) for i in about["inputs"]
        ]
        texts = [*about["outputs"], *(text for name, i in inputs for text in (name, i.path))]
        numbers = [number for _, i in inputs for number in (i.size, i.modified)]
        if not all(isinstance(x, str) for x in texts):
            raise TypeError("no text")
        if not all(isinstance(x, int | None) for x in numbers):
            raise TypeError("no number")
        return cls(inputs, about["outputs"])


def check(path: Path, mine: dict[str, Any]) -> Known:
    """Return what the manifest of a folder knows; raise `UsageError`, with what differs, where what
    it holds to is not `mine`."""
    theirs = _load(path)
    difference = None
    with suppress(KeyError, TypeError, AttributeError):  # of what is damaged
        difference = next(_differences(theirs, mine), None)
        if difference is None:
            known = Known.from_json(theirs)
            if theirs == {**mine, **known.as_json()}:
                return known
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


def read_known(out: Path) -> Known:
    """Return what is known of earlier starts into a folder, nothing where it holds no run."""
    try:
        return Known.from_json(_load(out / NAME))
    except (KeyError, TypeError, AttributeError):
        return Known([], [])


def _differences(theirs: dict[str, Any], mine: dict[str, Any]) -> Iterator[str]:
    if theirs["cleaner"] != mine["cleaner"]:
        yield f"of cleaner {theirs['cleaner']}, and this is {mine['cleaner']}"
    if theirs.get("format", 1) != mine["format"]:
        yield "in an older or newer form, which does not go on"
    for kind, digest in mine["models"].items():
        if theirs["models"][kind] != digest:
            yield f"with another model for {kind}"
    for name, value in mine["options"].items():
        if (was := theirs["options"].get(name)) != value:
            yield f"{_given(name, was)}, and this is {_given(name, value)}"
    if theirs["sketches"] != mine["sketches"]:
        yield f"with sketches of {theirs['sketches']}, and these are of {mine['sketches']}"


def _given(name: str, value: Any) -> str:
    """An option as it was given."""
    if value in (False, None, "", [], ()):
        return f"without {name}"
    return f"with {name}" if value is True else f"with {name} {value}"


def _shown(path: str) -> str:
    return os.fsencode(path).decode(errors="replace")
