"""Parquet: a page a row. Row groups are streamed in and out, and other columns keep their types."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from cleaner.errors import CleanerError, PageError, missing_extra
from cleaner.formats.arrow import holds_text, to_column, to_values, type_of
from cleaner.formats.record import CHUNK, Record, Row, check_fields, choose_page

MAGIC = b"PAR1"

MOST_ROWS = 1024
"""Rows that are unpacked at once, however little they seem to hold: equal texts are stored once."""

ROW_GROUP = 1 << 25
"""Bytes in memory that make a row group of the output: enough to pack well, little to hold."""

PAGE_ROWS = 64
"""Rows after which a page of Parquet may end, and only so does it stay near its 1 MB of texts."""


def read(
    file: BinaryIO, name: str, text_field: str = "text", html_field: str = "html"
) -> tuple[Any, Iterator[list[Record]]]:
    """Return the schema of the fields of all records, and the pages in batches.

    A row group that can't be read gives a record with the reason and the offset. Raises `PageError`
    for a file that is no Parquet, or has no such fields.
    """
    pyarrow, parquet = _import()
    try:
        source = parquet.ParquetFile(
            file, buffer_size=CHUNK, pre_buffer=False, page_checksum_verification=True
        )
        schema = source.schema_arrow
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        end = file.seek(0, io.SEEK_END)
        raise PageError(
            f"no index of Parquet at byte {end}, the end ({_first_line(error)}); "
            "without it nothing can be read: get the whole file"
        ) from None
    if twice := [n for i, n in enumerate(schema.names) if n in schema.names[:i]]:
        raise PageError(f"two columns have the name {twice[0]!r}; rename one")
    check_fields(schema.names, text_field, html_field)
    for field in {text_field, html_field}.intersection(schema.names):
        if not holds_text(schema.field(field).type):
            raise PageError(
                f"the field {field!r} holds {schema.field(field).type}; give it as strings"
            )
        schema = schema.remove(schema.get_field_index(field))
    return schema, _read(file, source, name, text_field, html_field)


def _read(
    file: BinaryIO, source: Any, name: str, text_field: str, html_field: str
) -> Iterator[list[Record]]:
    pyarrow, _ = _import()
    first = 1
    for number in range(source.num_row_groups):
        group = source.metadata.row_group(number)
        rows = CHUNK * group.num_rows // max(1, group.total_byte_size)
        row = first
        try:
            for batch in source.iter_batches(
                min(max(1, rows), MOST_ROWS), row_groups=[number], use_threads=False
            ):
                yield list(_records(batch, row, name, text_field, html_field))
                row += batch.num_rows
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            # Not the offset of the row group: where the index is damaged too, pyarrow ends the
            # whole process when it is asked for a column's.
            reason = PageError(
                f"{first + group.num_rows - row} rows of row group {number + 1} can't be read, "
                f"before byte {file.tell()} ({_first_line(error)}); the others were"
            )
            yield [Record(reason, {}, f"{name}: row {row}")]
        first += group.num_rows


def _records(
    batch: Any, first: int, name: str, text_field: str, html_field: str
) -> Iterator[Record]:
    columns = [to_values(column) for column in batch.columns]
    for number, values in enumerate(zip(*columns, strict=True), first):
        fields: Row = dict(zip(batch.schema.names, values, strict=True))
        page = choose_page(fields, text_field, html_field)
        others = {k: v for k, v in fields.items() if k not in (text_field, html_field)}
        yield Record(page, others, f"{name}: row {number}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def write(
    batches: Iterable[list[Row]], schema: Any = None, like: Row | None = None
) -> Iterator[bytes]:
    """Yield a Parquet file of rows, a row group at a time.

    The columns are the fields of the rows. They have the type of the value in `like`, a row as an
    example; else the one that `schema`, a `pyarrow.Schema`, says; else one that fits all rows of
    the first row group. Later rows must fit these columns. Raises `CleanerError` with the field
    where one does not.
    """
    pyarrow, parquet = _import()
    fields = {field.name: field for field in schema or ()}
    for name, value in (like or {}).items():
        fields[name] = pyarrow.field(name, type_of(value))
    sink = io.BytesIO()
    writer: Any = None
    for tables in _row_groups(batches, fields):
        group = _joined(tables, fields, writer and writer.schema)
        try:
            if writer is None:
                writer = parquet.ParquetWriter(
                    sink,
                    group.schema.with_metadata(schema and schema.metadata),
                    compression="zstd",
                    write_page_checksum=True,
                    write_batch_size=PAGE_ROWS,
                )
            writer.write_table(group)
        except pyarrow.ArrowException as error:
            raise _misfit(_first_line(error)) from None
        yield _drained(sink)
    writer.close()
    yield _drained(sink)


def _row_groups(batches: Iterable[list[Row]], fields: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield the tables that make a row group each; at least one group, though it be empty."""
    none = True
    tables: list[Any] = []
    size = 0
    for rows in batches:
        table = _table(rows, fields)
        tables.append(table)
        size += table.nbytes
        if size >= ROW_GROUP:
            yield tables
            none = False
            tables, size = [], 0
    if tables or none:
        yield tables


def _table(rows: list[Row], fields: dict[str, Any]) -> Any:
    """Return rows as a `pyarrow.Table`; columns that are not among the fields get a type of
    their own."""
    pyarrow, _ = _import()
    columns, types = [], []
    for name in dict.fromkeys(name for row in rows for name in row):
        field = fields.get(name)
        try:
            column = to_column([row.get(name) for row in rows], field and field.type)
        except (pyarrow.ArrowException, ValueError, TypeError, OverflowError) as error:
            raise _misfit(f"field {name!r}: {_first_line(error)}") from None
        columns.append(column)
        types.append(field or pyarrow.field(name, column.type))
    return pyarrow.table(columns, pyarrow.schema(types))


def _joined(tables: list[Any], fields: dict[str, Any], columns: Any) -> Any:
    """Return the table of a row group: with these columns, or, of the first one, with those that
    fit all its rows. A column of nulls only is taken for one of texts."""
    pyarrow, _ = _import()
    first = columns is None
    known = (pyarrow.schema(list(fields.values())) if first else columns).empty_table()
    try:
        group = pyarrow.concat_tables(
            [*tables, known] if first else [known, *tables], promote_options="permissive"
        )
    except pyarrow.ArrowException as error:
        raise _misfit(_first_line(error)) from None
    if first:
        empty = [f for f in group.schema if f.type == pyarrow.null() and f.name not in fields]
        for field in empty:
            at = group.schema.get_field_index(field.name)
            texts = pyarrow.nulls(len(group), pyarrow.string())
            group = group.set_column(at, field.name, texts)
        return group
    for field in group.schema:
        if field.name not in columns.names:
            raise _misfit(f"field {field.name!r}: it is not in the first pages")
        if field.type != (before := columns.field(field.name).type):
            raise _misfit(f"field {field.name!r}: {field.type}, but {before} in the first pages")
    return group


def _misfit(reason: str) -> CleanerError:
    return CleanerError(
        f"the pages do not fit the columns of Parquet ({reason}); write JSON Lines, with --to"
    )


def _drained(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def _import() -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("Parquet", "pyarrow", "parquet") from None
    return pyarrow, parquet
