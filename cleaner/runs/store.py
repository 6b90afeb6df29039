"""What a run leaves on disk: whole files only, so that it can be killed at any point.

A shard is done when its state is there, and that is written last. What was begun before is written
again, byte for byte the same.

    OUT_DIR/manifest.json             what the run is, and all that it was given
    OUT_DIR/SHARD.jsonl.gz            what came out
    OUT_DIR/failed.jsonl, …           the lists, when all shards are done
    OUT_DIR/.cleaner/lock             held by the run that is at work
    OUT_DIR/.cleaner/states/SHARD.…   the state of each shard, and its part of each list
    OUT_DIR/.cleaner/unfinished/…     what is being written, and all that a killed run leaves behind

The folder is looked at before anything is made in it. Only shards of inputs that changed are
removed, once what takes their place is there. Nothing else in it is removed or written over, and
nothing is written through a link.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from tempfile import TemporaryFile
from typing import IO, Any

import orjson

from cleaner.errors import CleanerError, UsageError
from cleaner.formats import Row, encode_rows
from cleaner.formats.compression import pack
from cleaner.formats.record import CHUNK
from cleaner.formats.writer import discarded
from cleaner.runs import lists, manifest
from cleaner.runs.manifest import Known
from cleaner.runs.state import State, Written
from cleaner.runs.summary import DIGEST

FOLDER = ".cleaner"
"""The folder of the states: hidden, so that what reads the output folder passes it over."""

LOCK, STATES, UNFINISHED = (f"{FOLDER}/{name}" for name in ("lock", "states", "unfinished"))

ENDINGS = {"jsonl.gz": ".jsonl.gz", "parquet": ".parquet", "text": ".txt", "markdown": ".md"}
"""Of a shard, for each format to write."""

PAGES = ("text", "markdown")
"""Formats in which a page is a file of its own where it came as one."""

SHARD = "shard"
"""The kind of a shard's files that it is itself; the others are those of `lists.LISTS`."""

_EXPECTED = {
    FOLDER: S_ISDIR,
    STATES: S_ISDIR,
    UNFINISHED: S_ISDIR,
    LOCK: S_ISREG,
    manifest.NAME: S_ISREG,
}
"""What must be a folder or a file, and no link, where it is there."""

_SHARD = re.compile(rf".*-\d{{5,}}({'|'.join(map(re.escape, ENDINGS.values()))})", re.S)
"""What the file of a shard is called."""

_OWN = re.compile(
    rf"{re.escape(FOLDER)}(/.*)?|{re.escape(manifest.NAME)}|"
    rf"({'|'.join(lists.LISTS)}){re.escape(lists.ENDING)}|"
    rf"{_SHARD.pattern}|\.",
    re.S,
)
"""The files of a run, and its folder."""


def is_own(path: str, out: Path) -> bool:
    """Say whether a path is one that a run into a folder has for itself, seen through links."""
    real, folder = (PurePath(os.path.realpath(p).casefold()) for p in (path, out))
    if folder.is_relative_to(real):
        return True
    return real.is_relative_to(folder) and bool(_OWN.fullmatch(real.relative_to(folder).as_posix()))


@dataclass(frozen=True, slots=True)
class Store:
    """An output folder."""

    out: Path
    to: str

    def look(self, mine: dict[str, Any]) -> Known | None:
        """Return what the folder knows of a run that is held to `mine`, None where it is new or
        empty.

        Makes nothing. Raises `UsageError` where the folder holds anything else, or can't be read.
        """
        with _refusing(self.out):
            names = os.listdir(self.out) if os.path.lexists(self.out) else []
            hidden = self._look_for_links()
        if manifest.NAME in names:
            return manifest.check(self.out / manifest.NAME, mine)
        for other in [name for name in names if not name.startswith(".")] + hidden:
            raise UsageError(f"{self.out} holds other files ({other}); give a new or empty folder")
        return None

    def _look_for_links(self) -> list[str]:
        """Refuse what is not the file or folder that a run makes; return what else is hidden."""
        for name, is_right in _EXPECTED.items():
            path = self.out / name
            if os.path.lexists(path) and not is_right(path.lstat().st_mode):
                raise UsageError(
                    f"{path} is a link, or not what a run makes there; give another folder with -o"
                )
        with suppress(FileNotFoundError):
            inside = (f"{FOLDER}/{name}" for name in os.listdir(self.out / FOLDER))
            return [name for name in inside if name not in (LOCK, UNFINISHED)]
        return []

    @contextmanager
    def opened(self, mine: dict[str, Any]) -> Iterator[Known]:
        """Make the folder of a run, or go on in it, and return what it knows; keep other runs out.

        What a killed run left unfinished is removed. Raises `UsageError` as `look` does, and where
        another run is at work there.
        """
        self.look(mine)
        with _refusing(self.out):
            self._make(self.out / UNFINISHED)
            lock = os.open(self.out / LOCK, _LOCK_FLAGS, 0o666)
        try:
            _lock(lock, self.out)
            known = self.look(mine)  # once more: another run may have been here since
            with _refusing(self.out):
                for file in os.scandir(self.out / UNFINISHED):
                    if not file.is_dir(follow_symlinks=False):
                        os.unlink(file)
            yield known or Known([], [])
        finally:
            os.close(lock)

    def write_manifest(self, mine: dict[str, Any], known: Known) -> None:
        """Write what the run is held to, and all that it was given, unless it is there."""
        about = orjson.dumps({**mine, **known.as_json()}, option=orjson.OPT_INDENT_2)
        path = self.out / manifest.NAME
        if not path.is_file() or path.read_bytes() != about:
            self.write([about], path)

    def path_of(self, name: str, kind: str = SHARD) -> Path:
        """Return the file of a shard: itself, or its part of a list."""
        if kind == SHARD:
            return self.out / f"{name}{ENDINGS[self.to]}"
        return self.out / STATES / f"{name}.{kind}{lists.ENDING}"

    def read_state(self, name: str, mark: str) -> State | None:
        """Return the state of a shard of the source with this mark, None where it is not done.

        Raises `CleanerError` where it is damaged.
        """
        path = self._state_path(name)
        if not os.path.lexists(path):
            return None
        with suppress(OSError, ValueError):
            if S_ISREG(path.lstat().st_mode):
                state = State.from_bytes(path.read_bytes())
                return state if state.mark == mark else None
        raise CleanerError(f"{path}: is damaged; remove it to do its shard again")

    def is_whole(self, name: str, state: State) -> bool:
        """Say whether the files of a shard are there as its state says."""
        return all(file.is_at(self.path_of(name, kind)) for kind, file in state.files.items())

    def write_state(self, name: str, state: State) -> None:
        """Write the state of a shard whose files are written: with it the shard is done."""
        self.write([state.to_bytes()], self._state_path(name))

    def write_lists(self, shards: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Write each list that is not empty out of its parts.

        Of each shard, in order, its name is given, and the kinds of its files.
        """
        shards = list(shards)
        for kind in lists.LISTS:
            parts = [self.path_of(name, kind) for name, kinds in shards if kind in kinds]
            if parts:
                self.write(_chunks(parts), self._list_path(kind))

    def find_surplus(self, names: Iterable[str]) -> list[str]:
        """Return the names of shards that are there beside those of these names: inputs that
        changed have fewer now."""
        states = self.out / STATES
        there = {path.relative_to(states).as_posix() for path in states.rglob("*.state")}
        return sorted(name.removesuffix(".state") for name in there - {f"{n}.state" for n in names})

    def find_uncounted(self, names: Container[str]) -> list[Path]:
        """Return the files of shards that are there beside those of these names."""
        ending = ENDINGS[self.to]
        found = []
        for folder, below, files in os.walk(self.out):
            below[:] = [name for name in below if not name.startswith(".")]
            for path in (Path(folder, file) for file in files if _SHARD.fullmatch(file)):
                name = path.relative_to(self.out).as_posix().removesuffix(ending)
                if path.name.endswith(ending) and name not in names:
                    found.append(path)
        return sorted(found)

    def remove(self, name: str) -> None:
        """Remove a shard and all that is known of it, its state last."""
        for path in (
            *(self.path_of(name, kind) for kind in (SHARD, *lists.LISTS)),
            self._state_path(name),
        ):
            if path.parent.resolve() == self.out.resolve() / path.parent.relative_to(self.out):
                with _telling(path):
                    path.unlink(missing_ok=True)

    def remove_shard(self, name: str) -> bool:
        """Remove what came out of a shard before, as nothing does now; say whether it was there."""
        path = self.path_of(name)
        with _telling(path):
            self._make(path.parent)  # so that it is no link to elsewhere
            there = os.path.lexists(path)
            path.unlink(missing_ok=True)
        return there

    def remove_lists(self) -> None:
        """Remove the lists of an earlier start, since not all shards are done after all."""
        for kind in lists.LISTS:
            with _telling(self._list_path(kind)):
                self._list_path(kind).unlink(missing_ok=True)

    def write(self, chunks: Iterable[bytes], path: Path) -> Written:
        """Write a file, whole or not at all, packed as its ending says.

        Raises `CleanerError` where the disk won't have it, `UsageError` where its folder is a link.
        """
        unfinished = self.out / UNFINISHED / "file"
        digest = blake2b(digest_size=DIGEST)
        with discarded(str(unfinished)):
            with _telling(path):
                self._make(path.parent)
                file = unfinished.open("xb")
            with file:
                for chunk in pack(chunks, path.name):
                    digest.update(chunk)
                    with _telling(path):
                        file.write(chunk)
                with _telling(path):
                    file.flush()
                    os.fsync(file.fileno())  # else a power cut could leave the name without bytes
                    about = os.fstat(file.fileno())
            with _telling(path):
                unfinished.replace(path)
                _sync(path.parent)  # and what relies on this file could be there without it
        return Written(about.st_size, about.st_mtime_ns, digest.hexdigest())

    def _make(self, folder: Path) -> None:
        """Make a folder below the output folder; refuse one that is a link, out of it perhaps."""
        self.out.mkdir(parents=True, exist_ok=True)
        place = self.out
        for part in folder.relative_to(self.out).parts:
            place /= part
            with suppress(FileExistsError):
                place.mkdir()
            if not S_ISDIR(place.lstat().st_mode):
                raise UsageError(
                    f"{place} is a link or a file where the run has a folder; put a folder there, "
                    "or give another one with -o"
                )

    def _state_path(self, name: str) -> Path:
        return self.out / STATES / f"{name}.state"

    def _list_path(self, kind: str) -> Path:
        return self.out / f"{kind}{lists.ENDING}"


class Lists:
    """Takes the rows of a shard's lists until the shard is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files: dict[str, IO[bytes]] = {}

    def add(self, kind: str, row: Row) -> None:
        """Add a row to a list."""
        folder = self._store.out / UNFINISHED
        with _telling(folder):
            if kind not in self._files:  # without a name: a killed run leaves none behind
                self._files[kind] = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `write`
            self._files[kind].writelines(encode_rows([[row]], "jsonl"))

    def write(self, name: str) -> dict[str, Written]:
        """Write the lists of the shard of this name; return what was written, by its kind."""
        written = {}
        for kind, file in self._files.items():
            with file:
                file.seek(0)
                written[kind] = self._store.write(_read(file), self._store.path_of(name, kind))
        return written


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _chunks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            yield from _read(file)


@contextmanager
def _refusing(out: Path) -> Iterator[None]:
    """Say of an output folder that can't be had that another one is to be given."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{out}: can't be written ({error.strerror}); give a folder of yours with -o"
        ) from None


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say of a file that the disk won't have that the run can go on."""
    try:
        yield
    except OSError as error:
        raise CleanerError(
            f"{path}: can't be written ({error.strerror or error}); mend this, and the same "
            "command goes on where it stopped"
        ) from None


_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Nothing is cut short or waited for, whatever is in the place of the lock."""


def _lock(file: int, out: Path) -> None:
    """Hold a file until this process ends, however it does; its workers do not hold it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    with _refusing(out):
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise UsageError(f"another run is at work in {out}; wait for it, or end it") from None


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk before what relies on them."""
    if os.name == "posix":
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
