"""Compression, the layer below all formats: gzip and zstd, unpacked and packed as they stream.

What comes in is told by its first bytes, whatever it is called; what goes out by the ending.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cleaner.errors import PageError, missing_extra
from cleaner.formats.record import CHUNK

PIECE = 1 << 14
"""Packed bytes unpacked at once: at most these are lost before a damaged place."""

WINDOW = 27
"""Bits of the largest window that a zstd frame may ask for, as for the command zstd: 128 MB."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of compression."""

    name: str
    magic: tuple[bytes, ...]
    """How a member begins."""
    unpacker: Callable[[], Any]
    """Makes what unpacks one member: it has `decompress`, which takes a limit of bytes to give out,
    `eof` and `unused_data`."""
    packer: Callable[[], Any]
    """Makes what packs: it has `compress` and `flush`. The same bytes give the same bytes."""


def _zstd() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise missing_extra("zstd data", "backports.zstd", "zst") from None
    return zstd


def _zstd_unpacker() -> Any:
    zstd = _zstd()
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW})


def _zstd_packer() -> Any:
    zstd = _zstd()  # with a checksum, as the command zstd writes it
    return zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})


GZIP = 31
"""zlib's number for a gzip header and trailer; the header it writes has no time and no name."""

ZSTD_FRAMES = (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60)))
"""How frames of zstd begin: one of data, and the 16 kinds that a reader skips."""

CODECS = {
    ".gz": Codec(
        "gzip",
        (b"\x1f\x8b",),
        lambda: zlib.decompressobj(wbits=GZIP),
        lambda: zlib.compressobj(wbits=GZIP),
    ),
    ".zst": Codec("zstd", ZSTD_FRAMES, _zstd_unpacker, _zstd_packer),
}
"""By ending."""


def bare_name(path: str) -> str:
    """The path without the ending of a compression."""
    bare, ending = os.path.splitext(path)
    return bare if ending.lower() in CODECS else path


def is_packed(head: bytes) -> bool:
    """Say whether a file that begins with `head` is compressed."""
    return any(head.startswith(codec.magic) for codec in CODECS.values())


def unpack(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a gzip or zstd file unpacked, those of any other file as they are.

    Members end to end are one file. What a chunk holds is yielded before the next one is asked
    for, some `CHUNK` bytes at a time, however small it was packed. Raises `PageError` after the
    last good bytes where the data is cut off or damaged, with the offset.
    """
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if not any(m.startswith(head) for codec in CODECS.values() for m in codec.magic):
            break
    whole = chain([head], chunks) if head else chunks
    codec = next((c for c in CODECS.values() if head.startswith(c.magic)), None)
    yield from _unpack(whole, codec) if codec else whole


def _unpack(chunks: Iterable[bytes], codec: Codec) -> Iterator[bytes]:
    unpacker = codec.unpacker()
    read = 0
    ready = bytearray()
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            rest = chunk[start : start + PIECE]
            read += len(rest)
            while rest:
                if unpacker.eof:
                    rest = rest.lstrip(b"\0")  # padding, as tapes and block devices leave it
                    if not rest:
                        break
                    unpacker = codec.unpacker()
                try:
                    for part in unpack_part(unpacker, rest):
                        ready += part
                        if len(ready) >= CHUNK:
                            yield bytes(ready)
                            ready.clear()
                except Exception as error:  # each codec has an error of its own
                    if ready:
                        yield bytes(ready)
                    raise _damaged(codec, read - len(rest), error) from None
                rest = unpacker.unused_data if unpacker.eof else b""
        if ready:
            yield bytes(ready)
            ready.clear()
    if not unpacker.eof:
        raise PageError(
            f"the {codec.name} data is cut off at byte {read}; what comes before was read"
        )


def unpack_part(unpacker: Any, data: bytes) -> Iterator[bytes]:
    """Yield what some bytes of a member unpack to, about `CHUNK` bytes at a time.

    Raises whatever the codec does where they are damaged.
    """
    part: bytes = unpacker.decompress(data, CHUNK)
    yield part
    while len(part) >= CHUNK and not unpacker.eof:
        part = unpacker.decompress(getattr(unpacker, "unconsumed_tail", b""), CHUNK)
        yield part


def _damaged(codec: Codec, place: int, error: Exception) -> PageError:
    if "requires too much memory" in str(error):
        return PageError(
            f"the zstd data needs a window of over {2**WINDOW >> 20} MB after byte {place}; "
            "unpack it first: zstd -d --long=31"
        )
    return PageError(
        f"the {codec.name} data is damaged after byte {place} ({error}); what comes before was read"
    )


def pack(chunks: Iterable[bytes], path: str) -> Iterator[bytes]:
    """Yield chunks packed as the ending of `path` says, or as they are."""
    codec = CODECS.get(os.path.splitext(path)[1].lower())
    if codec is None:
        yield from chunks
        return
    packer = codec.packer()
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
