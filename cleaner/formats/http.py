"""HTTP responses, as crawlers keep them: the header, and the body without HTTP's own encodings."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

from cleaner.errors import CleanerError, PageError, missing_extra
from cleaner.formats.compression import CODECS, unpack_part
from cleaner.formats.record import too_large

HEADER = 1 << 20
"""Bytes in which a header ends; servers stop at a tenth of it."""

MAX_ENCODINGS = 5
"""Encodings of a body that are undone, as in curl."""

_BLANK = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:+-]+)""", re.I)
_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
"""What stands before a chunk of a body."""

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

TEXT_START = 256
"""Bytes at the beginning that tell text from what is packed: there one in ten is a control."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server sent."""

    type: str
    """Such as "text/html", empty where it does not say."""
    charset: str | None
    transfer: list[str]
    """Encodings of the body for its way, in the order in which they were applied."""
    content: list[str]
    """Encodings of the page itself, likewise."""
    body: memoryview | None
    """As it was sent; None where the header does not end."""


def values_of(header: bytes, name: str) -> str:
    """Return the value of a field of a header, "" where there is none, several with commas."""
    found: list[bytes] = re.findall(rb"^%s[ \t]*:(.*)" % name.encode(), header, re.I | re.M)
    return ", ".join(value.strip().decode(errors="replace") for value in found)


def parse_response(data: bytes) -> Response:
    """Split a response into header and body. What stands in its first line does not matter."""
    end = _BLANK.search(data, 0, HEADER)
    header = data[: end.start() if end else HEADER]
    header = re.sub(rb"\r?\n[ \t]+", b" ", header)  # a value may go on in the next line
    type = values_of(header, "content-type")
    charset = _CHARSET.search(type)
    return Response(
        re.split("[;,]", type)[0].strip().lower(),
        charset and charset[1],
        _names(values_of(header, "transfer-encoding")),
        _names(values_of(header, "content-encoding")),
        memoryview(data)[end.end() :] if end else None,
    )


def _names(value: str) -> list[str]:
    names = (name.strip().lower().removeprefix("x-") for name in value.split(","))
    return [name for name in names if name and name != "identity"]


def body_of(response: Response, max_page: int) -> bytes:
    """Return the body of a response, its encodings undone.

    Some archives keep the header, but the body decoded: where it is text already, an encoding is
    passed over, and so is one that no browser knows. A body that is cut off, as crawlers do with
    long ones, gives what it has. Raises `PageError` where it is damaged, or over `max_page` bytes.
    """
    if response.body is None:
        raise PageError("its HTTP header does not end; it has no page")
    encodings = response.content + response.transfer
    if len(encodings) > MAX_ENCODINGS:
        raise PageError(f"its HTTP body is packed over {MAX_ENCODINGS} times")
    body = bytes(response.body)
    for name in reversed(encodings):
        body = _joined(body) if name == "chunked" else _unpacked(body, name, max_page)
    if len(body) > max_page:
        raise too_large(max_page)
    return body


def _joined(body: bytes) -> bytes:
    """Return the chunks of a body as one."""
    joined = bytearray()
    at = 0
    while at < len(body):
        size = _SIZE.match(body, at)
        if size is None:
            if at == 0:
                return body
            raise PageError("the chunks of its HTTP body are damaged; get the page again")
        start, length = size.end(), int(size[1], 16)
        if length == 0:
            break
        joined += body[start : start + length]
        at = start + length
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    return bytes(joined)


def _unpacked(body: bytes, name: str, max_page: int) -> bytes:
    """Return a body without one encoding."""
    if name not in ("gzip", "deflate", "br", "zstd"):
        return body
    unpacked = bytearray()
    left = body
    try:
        while left:
            unpacker = _unpacker(name, left)
            for part in unpack_part(unpacker, left):
                unpacked += part
                if len(unpacked) > max_page:
                    raise too_large(max_page)
            left = unpacker.unused_data if unpacker.eof else b""
            if not left.startswith(CODECS[".gz"].magic + CODECS[".zst"].magic):
                break  # browsers, too, leave out what follows
    except CleanerError as error:  # too large, or a missing extra
        raise PageError(str(error)) from None
    except Exception as error:  # each codec has an error of its own
        if not _CONTROL.search(body, 0, TEXT_START):
            return body
        raise PageError(f"its HTTP body is damaged ({name}: {error}); get the page again") from None
    return bytes(unpacked)


def _unpacker(name: str, body: bytes) -> Any:
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return CODECS[".zst"].unpacker()
    if name == "gzip":
        return CODECS[".gz"].unpacker()
    # HTTP's deflate is that of zlib; servers that took it for the bare one taught browsers both.
    has_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


class _Brotli:
    """Unpacks brotli with the methods that the other codecs have."""

    unused_data = b""

    def __init__(self) -> None:
        try:
            from brotli import Decompressor
        except ImportError:
            raise missing_extra("an HTTP body in brotli", "brotli", "warc") from None
        self._decompressor = Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return bytes(self._decompressor.process(data, output_buffer_limit=max_length))
