"""What is known of a shard that is done, and how that lies on the disk."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG
from typing import Any, Self

import orjson

from cleaner.formats.record import CHUNK
from cleaner.runs.lists import Id
from cleaner.runs.samples import Sample
from cleaner.runs.summary import DIGEST, Tally


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was when the run had written it."""

    size: int
    modified: int
    """Nanoseconds since 1970."""
    digest: str
    """As `blake2b` of `DIGEST` bytes shows it."""

    def is_at(self, path: Path) -> bool:
        """Say whether the file is there as it was.

        Size and time tell; where the time is another, as of a copy, the file is read.
        """
        try:
            about = path.lstat()
            if not S_ISREG(about.st_mode) or about.st_size != self.size:
                return False
            return about.st_mtime_ns == self.modified or _digest_of(path) == self.digest
        except OSError:
            return False


def _digest_of(path: Path) -> str:
    digest = blake2b(digest_size=DIGEST)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a shard that is done."""

    tally: Tally
    samples: list[Sample]
    firsts: dict[bytes, Id]
    """What the pages are called that came out, by the digest of their clean text; empty where
    duplicates are not looked for."""
    leaned: dict[bytes, Id]
    """In the same form the pages, here or elsewhere, that others were dropped for as duplicates:
    should one of them come out no more, this shard is to be made again."""
    sketches: bytes
    """Those of `firsts`, one behind the other, where near-duplicates are looked for."""
    files: dict[str, Written]
    """The shard and its parts of the lists, by their kind."""
    last: bool
    """Whether it is the last of its source."""
    mark: str
    """That of its source: see `Source`."""

    def to_bytes(self) -> bytes:
        """Return it as JSON, behind a line with a digest of that."""
        about = {
            "tally": asdict(self.tally),
            "samples": [sample.as_json() for sample in self.samples],
            "firsts": _pack(self.firsts),
            "leaned": _pack(self.leaned),
            "sketches": b64encode(self.sketches).decode(),
            "files": {kind: asdict(file) for kind, file in self.files.items()},
            "last": self.last,
            "mark": self.mark,
        }
        body = orjson.dumps(about, option=orjson.OPT_INDENT_2)
        return _line(body) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return it as `to_bytes` wrote it; raise `ValueError` for anything else."""
        line, newline, body = data.partition(b"\n")
        if line + newline != _line(body):
            raise ValueError("these are other bytes")
        try:
            about = orjson.loads(body)
            return cls(
                Tally(**about["tally"]),
                [Sample(**sample) for sample in about["samples"]],
                _unpack(about["firsts"]),
                _unpack(about["leaned"]),
                b64decode(about["sketches"]),
                {kind: Written(**file) for kind, file in about["files"].items()},
                about["last"],
                about["mark"],
            )
        except (AttributeError, KeyError, TypeError) as error:  # of another version
            raise ValueError(f"no such state: {error}") from None


def _pack(pages: dict[bytes, Id]) -> dict[str, Any]:
    return {"digests": b64encode(b"".join(pages)).decode(), "ids": list(pages.values())}


def _unpack(about: dict[str, Any]) -> dict[bytes, Id]:
    digests = b64decode(about["digests"])
    each = (digests[i : i + DIGEST] for i in range(0, len(digests), DIGEST))
    return dict(zip(each, about["ids"], strict=True))


def _line(body: bytes) -> bytes:
    return blake2b(body, digest_size=DIGEST).hexdigest().encode() + b"\n"
