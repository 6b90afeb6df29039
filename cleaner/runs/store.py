"""What a run leaves on disk: whole files only, so that it can be killed at any point.

A shard is done when its state is there, and that is written last. What was begun before is written
again, byte for byte the same.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import orjson

from cleaner.errors import CleanerError, UsageError
from cleaner.formats import write_file
from cleaner.runs import failures
from cleaner.runs.summary import DIGEST, Sample, Tally

FOLDER = ".cleaner"
"""The folder of the states: hidden, so that what reads the output folder passes it over."""

ENDINGS = {"jsonl.gz": ".jsonl.gz", "parquet": ".parquet", "text": ".txt"}
"""Of a shard, for each format to write."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a shard that is done."""

    tally: Tally
    samples: list[Sample]
    digests: list[bytes]
    """Of the clean texts that came out, in order; empty where duplicates are not looked for."""
    last: bool
    """Whether it is the last of its source."""


@dataclass(frozen=True, slots=True)
class Store:
    """An output folder."""

    out: Path
    to: str

    def shard_path(self, name: str) -> Path:
        """Return the file of a shard, in a folder that is there."""
        return _parent_made(self.out / f"{name}{ENDINGS[self.to]}")

    def read_state(self, name: str) -> State | None:
        """Return the state of a shard, None where it is not done."""
        path = self._state_path(name)
        if not path.exists():
            return None
        try:
            state = orjson.loads(path.read_bytes())
            digests = b64decode(state["digests"])
            return State(
                Tally(**state["tally"]),
                [Sample(**sample) for sample in state["samples"]],
                [digests[i : i + DIGEST] for i in range(0, len(digests), DIGEST)],
                state["last"],
            )
        except (ValueError, KeyError, TypeError):
            raise CleanerError(f"{path}: is damaged; remove it to do its shard again") from None

    def write_state(self, name: str, state: State, failed: Iterable[bytes]) -> None:
        """Write the failed pages of a shard, if any, then its state: with it the shard is done."""
        path = self._state_path(name)
        _sync(self.shard_path(name).parent)
        if state.tally.failed:
            write(failed, self._failed_path(name))
        about = {
            "tally": asdict(state.tally),
            "samples": [sample.as_json() for sample in state.samples],
            "digests": b64encode(b"".join(state.digests)).decode(),
            "last": state.last,
        }
        write([orjson.dumps(about, option=orjson.OPT_INDENT_2)], path)
        _sync(path.parent)

    def write_failed(self, names: Iterable[str]) -> None:
        """Write the failed pages of all shards, in order, where there are any."""
        paths = [path for name in names if (path := self._failed_path(name)).exists()]
        if paths:
            write(_chunks(paths), self.out / failures.NAME)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, and keep other runs out of it; remove what a killed one left half done.

        Raises `UsageError` where another run is at work there.
        """
        try:
            (self.out / FOLDER).mkdir(parents=True, exist_ok=True)
            lock = (self.out / FOLDER / "lock").open("wb")
        except OSError as error:
            raise UsageError(
                f"{self.out}: can't be written ({error.strerror}); give a folder of yours with -o"
            ) from None
        with lock:
            _lock(lock, self.out)
            for part in self.out.rglob(".*.part"):
                part.unlink()
            yield

    def _state_path(self, name: str) -> Path:
        return _parent_made(self.out / FOLDER / f"{name}.json")

    def _failed_path(self, name: str) -> Path:
        return _parent_made(self.out / FOLDER / f"{name}.failed.jsonl")


def write(chunks: Iterable[bytes], path: Path) -> None:
    """Write a file, whole or not at all; raise `CleanerError` where the disk won't have it."""
    try:
        write_file(chunks, str(path))
    except OSError as error:
        raise CleanerError(
            f"{path}: can't be written ({error.strerror or error}); mend this, and the same "
            "command goes on where it stopped"
        ) from None


def _parent_made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _chunks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk


def _lock(file: IO[bytes], out: Path) -> None:
    """Hold a file until this process ends, however it does; its workers do not hold it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UsageError(f"another run is at work in {out}; wait for it, or end it") from None


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk before what relies on them."""
    if os.name == "posix":
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
