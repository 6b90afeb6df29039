"""JSON Lines: a page a line, as a JSON object in UTF-8."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from cleaner.errors import PageError
from cleaner.formats.arrow import to_json
from cleaner.formats.record import Record, Row, choose_page, name_type
from cleaner.pages.detect import mend, refuse_binary

MAX_DEPTH = 250
"""Levels of lists and objects in a line; orjson writes up to 254, the paragraphs need some."""

INTEGERS = 2.0**63
"""From here on orjson reads whole numbers as floats, which would lose their last digits."""


def read(
    chunks: Iterable[bytes], name: str, *, text_field: str = "text", html_field: str = "html"
) -> Iterator[list[Record]]:
    """Yield the pages of the lines that each chunk completes. Blank lines are skipped.

    A line that holds no page gives a record with the reason. Raises `PageError` where the chunks
    do: a line that was not complete by then is left out.
    """
    number = 0
    for lines in _complete_lines(chunks):
        if number == 0 and (error := _refuse(lines[0])):
            yield [Record(error, {}, name)]
            return
        lines = [line.removeprefix(codecs.BOM_UTF8) for line in lines]  # of joined files too
        yield [
            _record(line, f"{name}:{at}", text_field, html_field)
            for at, line in enumerate(lines, number + 1)
            if line and not line.isspace()
        ]
        number += len(lines)


def write(batches: Iterable[list[Row]], text_field: str = "text") -> Iterator[bytes]:
    """Yield the rows of each batch, a JSON object a line."""
    for rows in batches:
        yield b"".join(map(_dump, rows))


def _dump(row: Row) -> bytes:
    try:
        return orjson.dumps(row, to_json, orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a whole number of more than 64 bits, or half an emoji
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _complete_lines(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines that each chunk completes; a long line is joined once, at its end."""
    pieces: list[bytes] = []
    for chunk in chunks:
        complete, newline, rest = chunk.rpartition(b"\n")
        if newline:
            yield b"".join([*pieces, complete]).split(b"\n")
            pieces = []
        pieces.append(rest)
    if last := b"".join(pieces):
        yield [last]


def _refuse(first_line: bytes) -> PageError | None:
    """Say once of a whole file that its lines can't be read."""
    if first_line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return PageError("this is UTF-16; convert it first: iconv -f utf-16 -t utf-8")
    try:
        refuse_binary(first_line)
    except PageError as error:
        return error
    return None


def _record(line: bytes, where: str, text_field: str, html_field: str) -> Record:
    fields: Row = {}
    try:
        fields, cut = _parse(line)
        page = choose_page(fields, text_field, html_field)
    except PageError as error:
        return Record(error, fields, where)
    if cut and isinstance(page.source, str):
        page = replace(page, source=mend(page.source))
    others = {k: v for k, v in fields.items() if k not in (text_field, html_field)}
    return Record(page, others, where)


def _parse(line: bytes) -> tuple[Row, bool]:
    """Return the line's object, and whether a string of it holds half an emoji."""
    fields, cut = _decode(line)
    if not isinstance(fields, dict):
        raise PageError(f"{name_type(fields)}, not an object; give one JSON object a line")
    depth, large = _survey(fields)
    if depth > MAX_DEPTH:
        raise PageError(f"nested {depth} levels deep; at most {MAX_DEPTH} can be passed through")
    return (json.loads(line) if large else fields), cut


def _decode(line: bytes) -> tuple[Any, bool]:
    try:
        return orjson.loads(line), False
    except orjson.JSONDecodeError as error:
        if "UTF-8" in error.msg:
            raise PageError("not UTF-8; convert the file first, e.g. with iconv") from None
        reason: object = f"{error.msg}, column {error.colno}"
        if "surrogate" in error.msg:  # an emoji cut in two, as other tools write it
            try:
                return json.loads(line, parse_constant=_no_number), True
            except (ValueError, RecursionError) as other:
                reason = other
    raise PageError(f"not JSON ({reason}); give one JSON object a line")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _survey(fields: Row) -> tuple[int, bool]:
    """Return how deep the values are nested, and whether there is a number of over 63 bits."""
    depth, large = 0, False
    level: list[object] = [fields]
    while level:
        depth += 1
        large = large or any(isinstance(v, float) and abs(v) >= INTEGERS for v in level)
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = inner
    return depth - 1, large
