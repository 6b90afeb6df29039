"""What training and evaluation write to a folder: all of it or nothing, and nothing else there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from cleaner.errors import UsageError
from cleaner.model.store import FILES, KINDS, WEIGHTS, WORDS


class _Work(NamedTuple):
    """A folder that is worked in, inside the one that it is for."""

    folder: Path
    names: Sequence[str]
    """What will stand in the folder around it."""
    made: bool
    """Whether that one was made for it."""


_UNFINISHED: list[_Work] = []


@contextmanager
def in_place_of(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Yield a new folder, where files or folders of these names are to be written; at the end they
    take the places of those in `folder`, which is made where it is missing.

    Where anything goes wrong, all is as it was. Raises `UsageError` where the folder can't be
    written to.
    """
    work = _Work(folder / f".cleaner-{os.urandom(8).hex()}", names, not folder.exists())
    _UNFINISHED.append(work)
    try:
        try:
            work.folder.mkdir(parents=True)
        except OSError as error:
            raise UsageError(
                f"{folder}: can't be written ({error.strerror}); give a folder of yours"
            ) from None
        yield work.folder
        _replace(work)
    finally:
        discard_unfinished()


def check_models_output(output: Path) -> None:
    """Refuse a folder where a model would take the place of something else."""
    for target in (output / kind for kind in (*KINDS, WORDS)):
        if not os.path.lexists(target):
            continue
        names = os.listdir(target) if target.is_dir() and not target.is_symlink() else ["."]
        other = sorted(set(names) - set(FILES))
        if other or (names and WEIGHTS not in names):
            what = f"holds {other[0]!r}, which is" if other and names != ["."] else "is"
            raise UsageError(f"{target}: {what} no model; give another folder with -o")


def discard_unfinished() -> None:
    """Put back what was there, and remove what is not finished; for who ends this process at once,
    too."""
    for work in list(_UNFINISHED):
        if (work.folder / "old").exists():
            for name in work.names:
                new, here, old = _places(work, name)
                if os.path.lexists(here) and not os.path.lexists(new):
                    os.replace(here, new)
                if os.path.lexists(old):
                    os.replace(old, here)
        shutil.rmtree(work.folder, ignore_errors=True)
        if work.made:
            with suppress(OSError):  # it holds something now
                work.folder.parent.rmdir()
        _UNFINISHED.remove(work)


def _replace(work: _Work) -> None:
    (work.folder / "old").mkdir()
    for name in work.names:
        new, here, old = _places(work, name)
        if os.path.lexists(here):
            os.replace(here, old)
        os.replace(new, here)
    os.replace(work.folder / "old", work.folder / "replaced")  # from here on they stay


def _places(work: _Work, name: str) -> tuple[Path, Path, Path]:
    return work.folder / name, work.folder.parent / name, work.folder / "old" / name
