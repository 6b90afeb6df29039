"""The values of Parquet's columns: into rows, out of rows, and as JSON shows them.

pyarrow is imported where it is used; nothing here is called without it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from cleaner.pages.charset import mend

VALUE = 8
"""Bytes that a value of fixed size takes, about."""

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""Of a length of time, how many are a second."""


def to_values(column: Any) -> list[Any]:
    """Return the values of a `pyarrow.Array`, one a row.

    Texts and bytes come as Python has them, and so do numbers and truth values of the type that
    pyarrow would give them back; null is None. Any other value is an array of length 1, which
    knows its type: Python's would lose some of it, such as all below a microsecond of a time.
    """
    type = column.type
    if not holds_text(type) and type not in _python_types():
        return [column.slice(i, 1) if column[i].is_valid else None for i in range(len(column))]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # Parquet does not check that a text is UTF-8
        import pyarrow

        values = column.cast(pyarrow.binary()).to_pylist()
        return [None if v is None else v.decode(errors="replace") for v in values]
    return values


def sizes_of(column: Any) -> Any:
    """Return how many bytes each value of a `pyarrow.Array` takes, about, as numpy has numbers.

    A text counts each time that it stands there, also where it is stored once.
    """
    import numpy as np
    from pyarrow import BaseExtensionType, compute, large_binary, types

    type = column.type
    if isinstance(type, BaseExtensionType):
        return sizes_of(column.storage)
    if types.is_string_view(type) or types.is_binary_view(type):
        return sizes_of(column.cast(large_binary()))
    if types.is_dictionary(type):
        sizes = np.append(sizes_of(column.dictionary), 0)  # the last one is that of a null
        return sizes[compute.fill_null(column.indices, len(sizes) - 1).to_numpy()]
    if holds_text(type) and not types.is_null(type):
        return compute.fill_null(compute.binary_length(column), 0).to_numpy().astype(np.int64)
    if types.is_struct(type):
        return sum(map(sizes_of, column.flatten()), np.zeros(len(column), np.int64))
    if types.is_list(type) or types.is_large_list(type) or types.is_map(type):
        ends = np.append(0, np.cumsum(sizes_of(column.values)))[column.offsets.to_numpy()]
        return np.diff(ends)
    fixed = type.list_size if types.is_fixed_size_list(type) else 1
    if types.is_fixed_size_binary(type):
        fixed = -(-type.byte_width // VALUE)
    return np.full(len(column), VALUE * fixed)


def part_of(column: Any, start: int, end: int, type: Any) -> Any:
    """Return some values of a `pyarrow.Array` as an array of a type."""
    import pyarrow

    part = column.slice(start, end - start)
    if part.type == type:
        return part
    if pyarrow.types.is_dictionary(part.type):
        return part.dictionary_decode().cast(type)
    # A cast would work on the values before and behind, too.
    return part.take(pyarrow.array(range(len(part)))).cast(type)


def holds_text(type: Any) -> bool:
    """Say whether a column's values are texts or bytes, or all null."""
    from pyarrow import types

    if types.is_dictionary(type):
        type = type.value_type
    return bool(
        types.is_string(type) or types.is_large_string(type) or types.is_string_view(type)
        or types.is_binary(type) or types.is_large_binary(type) or types.is_null(type)
    )  # fmt: skip


def _python_types() -> list[Any]:
    import pyarrow

    return [pyarrow.bool_(), pyarrow.int64(), pyarrow.float64()]


def to_column(values: Sequence[Any], type: Any = None) -> Any:
    """Return values, as they are in rows, as a `pyarrow.Array` of a type, or of theirs.

    Raises what pyarrow does where they do not fit: `ArrowException`, `ValueError`, `TypeError` or
    `OverflowError`.
    """
    import pyarrow

    arrays = [v for v in values if isinstance(v, pyarrow.Array)]
    if arrays:
        type = type or arrays[0].type
        return pyarrow.concat_arrays([_cell(v, type) for v in values])
    try:
        return pyarrow.array(values, type)
    except UnicodeEncodeError:  # half an emoji, which Arrow can't write
        return pyarrow.array(mended(list(values)), type)


def _cell(value: Any, type: Any) -> Any:
    import pyarrow

    if not isinstance(value, pyarrow.Array):
        return pyarrow.array([value], type)
    return value if value.type == type else value.cast(type)


def _decoded(buffer: Any) -> str:
    """Decode a text of Parquet, which does not check that it is UTF-8."""
    return bytes(buffer).decode(errors="replace")


def mended(value: Any) -> Any:
    """Return a value as JSON has it, its texts and names without halves of emoji."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [mended(v) for v in value]
    if isinstance(value, dict):
        return {mended(k): mended(v) for k, v in value.items()}
    return value


def type_of(example: Any) -> Any:
    """Return the `pyarrow.DataType` of values like this one, the fields of an object in order."""
    import pyarrow

    if isinstance(example, dict):
        return pyarrow.struct([(name, type_of(value)) for name, value in example.items()])
    if isinstance(example, list):
        return pyarrow.list_(type_of(example[0]))
    return pyarrow.array([example]).type


def to_json(value: Any) -> Any:
    """Return what orjson has no type for, bytes or an array of length 1, as JSON shows it.

    A date or time is a text in ISO 8601, a length of time a number of seconds, a decimal a number
    with all its digits; bytes are in base64.
    """
    return b64encode(value).decode() if isinstance(value, bytes) else _scalar_to_json(value[0])


def _scalar_to_json(scalar: Any) -> Any:
    import pyarrow
    from pyarrow import types

    type = scalar.type
    if not scalar.is_valid:
        return None
    if isinstance(type, pyarrow.BaseExtensionType):
        uuid = type.extension_name == "arrow.uuid"
        return str(scalar.as_py()) if uuid else _scalar_to_json(scalar.value)
    if types.is_dictionary(type):
        return _scalar_to_json(scalar.value)
    if types.is_struct(type):
        return {field.name: _scalar_to_json(scalar[i]) for i, field in enumerate(type)}
    if types.is_map(type):
        return {str(_scalar_to_json(e[0])): _scalar_to_json(e[1]) for e in scalar.values}
    if types.is_nested(type):
        return [_scalar_to_json(item) for item in scalar.values]
    if types.is_timestamp(type) and type.tz:
        scalar = scalar.cast(pyarrow.timestamp(type.unit, "UTC"))
    if types.is_timestamp(type) or types.is_date(type) or types.is_time(type):
        text = str(scalar.cast(pyarrow.string()))
        return text if text.startswith("<") else text.replace(" ", "T")  # <value out of range: 1>
    if types.is_duration(type):
        return scalar.value / UNITS[type.unit]
    if types.is_string(type) or types.is_large_string(type) or types.is_string_view(type):
        return _decoded(scalar.as_buffer())
    value = scalar.as_py()
    if types.is_decimal(type):
        return orjson.Fragment(format(value, "f"))
    return to_json(value) if isinstance(value, bytes) else value
