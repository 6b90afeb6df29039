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
from cleaner.formats import Found, expand, is_url, write_file
from cleaner.model.store import KINDS, find_models, hash_model

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


def find_inputs(given: tuple[str, ...], out: Path) -> list[Input]:
    """Return all files that the inputs stand for, those in the output folder left out.

    Raises `UsageError` where one is missing, or can't be read again after a stop, as a pipe.
    """
    inputs = []
    for one in given:
        if one == "-":
            raise UsageError(
                "a run can't go on with standard input; give files, or take cleaner clean"
            )
        try:
            found = expand(one, every=False, failed=_refuse, skipped=lambda path: None)
            inputs += [_input(f) for f in found if not _is_own(f.path, one, out)]
        except PageError as error:
            raise UsageError(f"{_shown(one)}: {error}") from None
    return inputs


def _input(found: Found) -> Input:
    if is_url(found.path):
        return Input(found.path, found.relative, None, None)
    try:
        about = os.stat(found.path)
    except OSError as error:
        _refuse(error)
    if not S_ISREG(about.st_mode):
        raise UsageError(f"{_shown(found.path)}: is no file; a run must be able to read it again")
    return Input(found.path, found.relative, about.st_size, about.st_mtime_ns)


def _refuse(error: OSError) -> None:
    raise UsageError(f"{_shown(error.filename)}: {error.strerror}; check the name") from None


def _is_own(path: str, given: str, out: Path) -> bool:
    """Say whether a file is of an earlier run into this folder, and was not asked for by name."""
    inside = os.path.realpath(path).startswith(os.path.join(os.path.realpath(out), ""))
    return inside and path != given


def write_or_check(
    out: Path, inputs: list[Input], options: dict[str, Any], model: str | Path | None
) -> None:
    """Write the manifest of a new run, or check that a run that is there is the same.

    Raises `UsageError`, with what differs, where it is not.
    """
    mine = {
        "cleaner": __version__,
        "models": {kind: hash_model(find_models(model) / kind) for kind in KINDS},
        "options": options,
        "inputs": [
            {"path": _shown(i.path), "bytes": i.size, "modified": i.modified} for i in inputs
        ],
    }
    path = out / NAME
    if path.exists():
        try:
            difference = next(_differences(orjson.loads(path.read_bytes()), mine), None)
        except (ValueError, KeyError, TypeError, AttributeError):
            difference = f"{path} is damaged"
        if difference:
            raise UsageError(f"{out} holds another run: {difference}; give another folder with -o")
        return
    others = [p.name for p in out.iterdir() if not p.name.startswith(".")]
    if others:
        raise UsageError(f"{out} holds other files ({others[0]}); give a new or empty folder")
    write_file([orjson.dumps(mine, option=orjson.OPT_INDENT_2)], str(path))


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
