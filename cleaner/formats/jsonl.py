"""JSON Lines: a page a line, as a JSON object in UTF-8."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from cleaner.errors import PageError
from cleaner.formats.arrow import to_json
from cleaner.formats.record import (
    MAX_PAGE,
    PageFields,
    Record,
    Row,
    choose_page,
    in_batches,
    name_type,
    other_fields,
    too_large,
)
from cleaner.pages.charset import refuse_wide, unescape
from cleaner.pages.split import refuse_binary

MAX_DEPTH = 250
"""Levels of lists and objects in a line; orjson writes up to 254, the paragraphs need some."""

INTEGERS = 2.0**63
"""From here on orjson reads whole numbers as floats, which would lose their last digits."""

MAX_VALUES = 2_000_000
"""Values in a line: each takes up to 100 bytes of memory, though a line can hold one in two."""

_VALUE = re.compile(rb'[,\[{]|"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.S)
"""What comes with each value: a comma, a bracket, or a string whose own marks are skipped."""


def read(
    chunks: Iterable[bytes],
    name: str,
    *,
    text_field: str = "text",
    html_field: str = "html",
    markdown_field: str = "markdown",
    max_page: int = MAX_PAGE,
    keep: Collection[str] = (),
) -> Iterator[list[Record]]:
    """Yield the pages of the lines that each chunk completes. Blank lines are skipped.

    A line that holds no page, or over `max_page` bytes, gives a record with the reason. Raises
    `PageError` where the chunks do: a line that was not complete by then is left out.
    """
    first, names = True, PageFields(text_field, html_field, markdown_field)
    for number, lines in _complete_lines(chunks, max_page):
        if first and (error := _refuse(lines[0])):
            yield [Record(error, {}, name)]
            return
        first = False
        lines = [line.removeprefix(codecs.BOM_UTF8) for line in lines]  # of joined files too
        yield from in_batches(
            _record(line, f"{name}:{at}", names, keep)
            if len(line) <= max_page
            else Record(too_large(max_page), {}, f"{name}:{at}")
            for at, line in enumerate(lines, number)
            if line and not line.isspace()
        )


def write(batches: Iterable[list[Row]], text_field: str = "text") -> Iterator[bytes]:
    """Yield the rows of each batch, a JSON object a line."""
    for rows in batches:
        yield b"".join(map(_dump, rows))


def _dump(value: object) -> bytes:
    try:
        return orjson.dumps(value, to_json, orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a whole number of more than 64 bits, or half an emoji
        return json.dumps(value, separators=(",", ":"), default=to_json).encode() + b"\n"


def as_text(value: object) -> str | None:
    """Return a value as one text, for formats that have no other place for it: a text as it is, a
    list or object as JSON."""
    if value is None or isinstance(value, str):
        return value
    shown = _dump(value).decode().removesuffix("\n")
    if shown.startswith('"'):
        return str(json.loads(shown))
    return None if shown == "null" else shown


def _complete_lines(chunks: Iterable[bytes], most: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the lines that each chunk completes, and the number of the first.

    A line of over `most` bytes comes as soon as it has `most` + 1, and what follows of it is passed
    over. Lines without anything come as none where a chunk holds no others.
    """
    number = 1
    start = bytearray()  # of the line that goes on in the next chunk
    cut = False
    for chunk in chunks:
        if cut:
            _, newline, chunk = chunk.partition(b"\n")
            cut = not newline
            number += len(newline)
        complete, newline, rest = chunk.rpartition(b"\n")
        if newline:
            if start or not (complete.isspace() or not complete):
                first, *others = complete.split(b"\n")
                lines = [bytes(start + first[: most + 1 - len(start)]), *others]
                start.clear()
                yield number, lines
            number += complete.count(b"\n") + 1
        start += rest[: most + 1 - len(start)]
        if len(start) > most:
            yield number, [bytes(start)]
            start.clear()
            cut = True
    if start:
        yield number, [bytes(start)]


def _refuse(first_line: bytes) -> PageError | None:
    """Say once of a whole file that its lines can't be read."""
    try:
        refuse_binary(first_line)
        refuse_wide(first_line)
    except PageError as error:
        return error
    return None


def _record(line: bytes, where: str, names: PageFields, keep: Collection[str]) -> Record:
    fields: Row = {}
    try:
        fields, cut = _parse(line)
        page = choose_page(fields, names)
    except PageError as error:
        return Record(error, fields, where)
    except MemoryError:
        return Record(PageError("there is too little memory to read it"), {}, where)
    if cut and isinstance(page.source, str):
        page = replace(page, source=unescape(page.source))  # as failed.jsonl has bytes
    return Record(page, other_fields(fields, page, names, keep), where)


def _parse(line: bytes) -> tuple[Row, bool]:
    """Return the line's object, and whether a string of it holds half an emoji."""
    if len(line) > MAX_VALUES and _holds_many(line):
        raise PageError(f"over {MAX_VALUES} values; leave out what is no page")
    fields, cut = _decode(line)
    if not isinstance(fields, dict):
        raise PageError(f"{name_type(fields)}, not an object; give one JSON object a line")
    depth, large = _survey(fields)
    if depth > MAX_DEPTH:
        raise PageError(f"nested {depth} levels deep; at most {MAX_DEPTH} can be passed through")
    return (json.loads(line) if large else fields), cut


def _holds_many(line: bytes) -> bool:
    """Say whether a line holds over `MAX_VALUES` values, without making them."""
    at_most = sum(line.count(mark) for mark in (b",", b"[", b"{"))  # those in strings too
    if at_most <= MAX_VALUES:
        return False
    return any(True for _ in islice(_VALUE.finditer(line), MAX_VALUES, None))


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
