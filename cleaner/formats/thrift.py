"""Thrift's compact protocol, in which Parquet writes its index and the headers of its pages.

Only what is wanted is made into values: so an index of any size takes little memory.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Wanted: TypeAlias = "dict[int, Wanted | None]"
"""Fields by number; of a struct, or a list of them, with the fields that are wanted of it."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


def read_struct(data: bytes, at: int, wanted: Wanted) -> tuple[dict[int, Any], int]:
    """Return the wanted fields of the struct that begins at a place, by number, and where it ends.

    Values are whole numbers, structs as a dict like this one, and lists; what is of another type is
    left out. Raises `IndexError` where the data ends within it, `ValueError` or `RecursionError`
    where it is none.
    """
    fields: dict[int, Any] = {}
    number = 0
    while kind := data[at] & 15:
        delta = data[at] >> 4
        at += 1
        if delta:
            number += delta
        else:
            number, at = _integer(data, at)
        if number in wanted:
            value, at = _value(data, at, kind, wanted[number])
            if value is not None:
                fields[number] = value
        else:
            at = _skip(data, at, kind)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int, wanted: Wanted | None) -> tuple[Any, int]:
    if wanted is None and kind in (I16, I32, I64):
        return _integer(data, at)
    if wanted is not None and kind == STRUCT:
        return read_struct(data, at, wanted)
    if wanted is not None and kind == LIST:
        count, inner, at = _list(data, at)
        values = []
        for _ in range(count):
            value, at = _value(data, at, inner, wanted)
            values.append(value)
        return values, at
    return None, _skip(data, at, kind)


def _skip(data: bytes, at: int, kind: int) -> int:
    """Return where a value ends."""
    if kind in (TRUE, FALSE):
        return at
    if kind in (I16, I32, I64):
        return _integer(data, at)[1]
    if kind in (BYTE, DOUBLE):
        return at + (1 if kind == BYTE else 8)
    if kind == BINARY:
        length, at = _varint(data, at)
        return at + length
    if kind == STRUCT:
        return read_struct(data, at, {})[1]
    if kind in (LIST, SET):
        count, inner, at = _list(data, at)
        kinds = [inner]
    elif kind == MAP:
        count, at = _varint(data, at)
        kinds = [data[at] >> 4, data[at] & 15] if count else []
        at += bool(count)
    else:
        raise ValueError(f"no type of Thrift: {kind}")
    kinds = [BYTE if kind in (TRUE, FALSE) else kind for kind in kinds]
    for _ in range(count):
        for kind in kinds:
            at = _skip(data, at, kind)
            data[at - 1]
    return at


def _list(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the length of a list, the type of its values, and where they begin."""
    count, kind = data[at] >> 4, data[at] & 15
    at += 1
    if count == 15:
        count, at = _varint(data, at)
    return count, kind, at


def _integer(data: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while data[at] & 128:
        number |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if shift > 63:
            raise ValueError("no number of Thrift: over 64 bits")
    return number | data[at] << shift, at + 1
