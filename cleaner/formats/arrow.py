"""The values of Parquet's columns: into rows, out of rows, and as JSON shows them.

pyarrow is imported where it is used; nothing here is called without it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from cleaner.pages.detect import mend

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
    except UnicodeEncodeError:
        return pyarrow.array([_mended(v) for v in values], type)


def _cell(value: Any, type: Any) -> Any:
    import pyarrow

    if not isinstance(value, pyarrow.Array):
        return pyarrow.array([value], type)
    return value if value.type == type else value.cast(type)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [_mended(v) for v in value]
    if isinstance(value, dict):
        return {mend(k): _mended(v) for k, v in value.items()}
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
        return str(scalar.cast(pyarrow.string())).replace(" ", "T")
    if types.is_duration(type):
        return scalar.value / UNITS[type.unit]
    value = scalar.as_py()
    if types.is_decimal(type):
        return orjson.Fragment(format(value, "f"))
    return to_json(value) if isinstance(value, bytes) else value
