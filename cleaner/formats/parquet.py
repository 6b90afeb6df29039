"""Parquet: a page a row. Row groups are streamed in and out, and other columns keep their types."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from cleaner.errors import CleanerError, PageError, missing_extra
from cleaner.formats.arrow import (
    holds_text,
    mended,
    part_of,
    sizes_of,
    to_column,
    to_values,
    type_of,
)
from cleaner.formats.jsonl import as_text
from cleaner.formats.parquet_pages import Place, bounds_of, find_places
from cleaner.formats.record import (
    CHUNK,
    MAX_PAGE,
    MAX_RECORDS,
    PageFields,
    Record,
    Row,
    check_fields,
    choose_page,
    other_fields,
    page_field,
    too_large,
)
from cleaner.metadata.fields import free_name, originals

MAGIC = b"PAR1"

LARGEST_PAGE = 250_000_000
"""Bytes of a page of Parquet, unpacked, in memory beside its rows. pyarrow puts 1024 rows into one:
with 100 kB of HTML each it has 100 MB."""

LARGEST_BATCH = 1 << 26
"""Bytes of rows that pyarrow makes at once, if all are as long as they may be."""

ROW_GROUP = 1 << 25
"""Bytes in memory that make a row group of the output: enough to pack well, little to hold."""

PAGE_ROWS = 64
"""Rows after which a page of Parquet may end, and only so does it stay near its 1 MB of texts."""


def read(
    file: BinaryIO,
    name: str,
    text_field: str = "text",
    html_field: str = "html",
    markdown_field: str = "markdown",
    max_page: int = MAX_PAGE,
    keep: Collection[str] = (),
) -> tuple[Any, Iterator[list[Record]]]:
    """Return the schema of the fields of all records, and the pages in batches.

    A row of over `max_page` bytes, and a row group that can't be read, give a record with the
    reason. Raises `PageError` for a file that is no Parquet, or has no such fields.
    """
    _, parquet = _import()
    try:
        places = find_places(file)
        reader = parquet.ParquetFile(file)
        schema = reader.schema_arrow
        names = schema.names
        if len(places) != reader.num_row_groups:
            raise ValueError("it is damaged")
    except PageError:
        raise
    except Exception as error:  # pyarrow's, also of its C++
        end = file.seek(0, io.SEEK_END)
        raise PageError(
            f"no index of Parquet at byte {end}, the end ({_first_line(error)}); "
            "without it nothing can be read: get the whole file"
        ) from None
    if twice := [n for i, n in enumerate(names) if n in names[:i]]:
        raise PageError(f"two columns have the name {twice[0]!r}; rename one")
    page_names = PageFields(text_field, html_field, markdown_field)
    check_fields(names, page_names)
    page_names = page_names.of_texts(names, lambda name: holds_text(schema.field(name).type))
    left_out = {page_field(names, page_names)}.difference(keep)
    table = _Table(file, reader, places, name, page_names, max_page, keep)
    for field in {*page_names.by_kind().values()}.intersection(names):
        if not holds_text(schema.field(field).type):
            raise PageError(
                f"the field {field!r} holds {schema.field(field).type}; give it as strings"
            )
    for field in left_out.intersection(names):
        schema = schema.remove(schema.get_field_index(field))
    return schema, _read(table)


@dataclass(frozen=True, slots=True)
class _Table:
    """An open file and how it is read."""

    file: BinaryIO
    reader: Any
    places: list[list[Place]]
    name: str
    page_names: PageFields
    max_page: int
    keep: Collection[str]


def _read(table: _Table) -> Iterator[list[Record]]:
    _, parquet = _import()
    reader = parquet.ParquetFile(
        table.file,
        metadata=table.reader.metadata,
        read_dictionary=_shared(table.reader),
        buffer_size=CHUNK,
        pre_buffer=False,
        page_checksum_verification=True,
    )
    first = 1
    for number in range(reader.num_row_groups):
        rows = max(0, reader.metadata.row_group(number).num_rows)
        row, reason = first, "they are not there"
        batch: list[Record] = []
        size = 0
        try:
            for taken, record in _records(table, _batches(table, reader, number, rows), first):
                batch.append(record)
                size += taken
                row += 1
                if size >= CHUNK or len(batch) >= MAX_RECORDS:
                    yield batch
                    batch, size = [], 0
        except Exception as error:  # pyarrow's, also of its C++
            # Not the offset of the row group: where the index is damaged too, pyarrow ends the
            # whole process when it is asked for a column's.
            reason = _first_line(error)
        first += rows
        if row < first:
            failure = PageError(
                f"{first - row} rows of row group {number + 1} can't be read, "
                f"before byte {table.file.tell()} ({reason}); the others were"
            )
            batch.append(Record(failure, {}, f"{table.name}: row {row}"))
        if batch:
            yield batch


def _shared(reader: Any) -> list[str]:
    """Return the columns within lists whose texts pyarrow shall not make as often as they stand
    there: a row can hold any number of them."""
    leaves = [reader.schema.column(n) for n in range(len(reader.schema))]
    views = {field.name for field in reader.schema_arrow if "_view" in str(field.type)}
    return [
        leaf.path
        for leaf in leaves
        if leaf.physical_type == "BYTE_ARRAY" and leaf.max_repetition_level > 0
        if leaf.path.partition(".")[0] not in views  # pyarrow can't make views of them later
    ]


def _batches(table: _Table, reader: Any, number: int, rows: int) -> Iterator[Any]:
    """Yield the rows of a row group as pyarrow has them. Raises whatever it does."""
    most = max(LARGEST_PAGE, 2 * table.max_page)
    bounds = bounds_of(table.file, table.places[number], reader.schema, rows, most)
    size = min(CHUNK / max(1, bounds.row_bytes), LARGEST_BATCH / max(1, bounds.row_most))
    size = min(max(1, int(size)), MAX_RECORDS)
    if bounds.rows < rows:  # a batch ends where the first page is that can't be read
        size = next(n for n in range(size, 0, -1) if bounds.rows % n == 0)
    left = bounds.rows
    if left:
        for batch in reader.iter_batches(size, row_groups=[number], use_threads=False):
            yield batch
            left -= len(batch)
            if left <= 0:
                break
    if bounds.rows < rows:
        raise PageError(f"a page of Parquet has over {most / 10**6:g} MB, unpacked")


def _records(table: _Table, batches: Iterator[Any], first: int) -> Iterator[tuple[int, Record]]:
    """Yield the rows of batches as records, with their bytes; about `CHUNK` bytes are made of
    pyarrow's values at once."""
    import numpy as np

    types = table.reader.schema_arrow.types
    most = min(CHUNK, table.max_page)
    for batch in batches:
        names = batch.schema.names
        if batch.nbytes <= most and "dictionary" not in str(batch.schema):
            sizes = np.full(len(batch), batch.nbytes // max(1, len(batch)))  # about
        else:
            sizes = sum(map(sizes_of, batch.columns), np.zeros(len(batch), np.int64))
        ends = np.cumsum(sizes)
        start = 0
        while start < len(batch):
            room = ends[start] - sizes[start] + most  # so a row over the limit is alone
            end = max(start + 1, int(np.searchsorted(ends, room, "right")))
            if sizes[start] > table.max_page:
                rows = [Record(too_large(table.max_page), {}, f"{table.name}: row {first}")]
            else:
                columns = [
                    to_values(part_of(column, start, end, type))
                    for column, type in zip(batch.columns, types, strict=True)
                ]
                rows = [
                    _record(table, number, dict(zip(names, values, strict=True)))
                    for number, values in enumerate(zip(*columns, strict=True), first)
                ]
            yield from zip(sizes[start:end].tolist(), rows, strict=True)
            first += len(rows)
            start = end


def _record(table: _Table, number: int, fields: Row) -> Record:
    where = f"{table.name}: row {number}"
    try:
        page = choose_page(fields, table.page_names)
    except PageError as error:
        return Record(error, fields, where)
    return Record(page, other_fields(fields, page, table.page_names, table.keep), where)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def write(
    batches: Iterable[list[Row]], schema: Any = None, like: Row | None = None
) -> Iterator[bytes]:
    """Yield a Parquet file of rows, a row group at a time.

    The columns are the fields of the rows. They have the type of the value in `like`, an example of
    what `add_fields` adds; else the one that `schema`, the `pyarrow.Schema` of the fields as they
    came, says; later rows must then fit these columns, else `CleanerError` is raised with the
    field. Without a schema they have one that fits all rows, which are held on the disk until all
    are there: a field of several types comes as texts, lists and objects among them as JSON.
    """
    pyarrow, parquet = _import()
    like = like or {}
    came = {field.name: field for field in schema or ()}
    names = {**dict(zip(came, came, strict=True)), **originals(came, like)}
    fields = {kept: came[name].with_name(kept) for name, kept in names.items()}
    for name, value in like.items():
        fields[name] = pyarrow.field(name, type_of(value))
    tables = (_table(rows, fields) for rows in batches)
    fit = _unified if schema is None else _conformed
    sink = io.BytesIO()
    writer: Any = None
    for group in _row_groups(fit(tables, fields)):
        if writer is None:
            writer = parquet.ParquetWriter(
                sink,
                group.schema.with_metadata(schema and schema.metadata),
                compression="zstd",
                write_page_checksum=True,
                write_batch_size=PAGE_ROWS,
            )
        writer.write_table(group)
        yield _drained(sink)
    writer.close()
    yield _drained(sink)


def _row_groups(tables: Iterable[Any]) -> Iterator[Any]:
    """Yield tables of the same columns joined to row groups; at least one, though it be empty."""
    pyarrow, _ = _import()
    group: list[Any] = []
    size = 0
    for table in tables:
        group.append(table)
        size += table.nbytes
        if size >= ROW_GROUP:
            yield pyarrow.concat_tables(group)
            group, size = [], 0
    if group:
        yield pyarrow.concat_tables(group)


def _table(rows: list[Row], fields: dict[str, Any]) -> Any:
    """Return rows as a `pyarrow.Table`; columns that are not among the fields get a type of
    their own."""
    pyarrow, _ = _import()
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        field = fields.get(name)
        try:
            column = to_column(values, field and field.type)
        except _misfits() as error:
            if field:
                raise _misfit(name, _first_line(error)) from None
            column = pyarrow.nulls(0)
        if not field and _is_mixed(column, values):
            column = to_column([as_text(value) for value in values], pyarrow.string())
        columns[name if field else free_name(mended(name), columns)] = column
    return pyarrow.table(columns)


def _is_mixed(column: Any, values: list[Any]) -> bool:
    """Say whether values did not fit one type, or are objects without a field, which Parquet does
    not hold; of `true` among numbers Arrow would make 1."""
    type = str(column.type)
    if len(column) != len(values) or "struct<>" in type:
        return True
    has_numbers = "double" in type or "int64" in type
    return has_numbers and "bool" not in type and any(map(_holds_bool, values))


def _holds_bool(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_bool, value.values()))
    return any(map(_holds_bool, value)) if isinstance(value, list) else isinstance(value, bool)


def _unified(tables: Iterable[Any], fields: dict[str, Any]) -> Iterator[Any]:
    """Yield tables again, all with columns that fit all of them, behind an empty one."""
    pyarrow, _ = _import()
    schemas: dict[Any, None] = {}
    with tempfile.TemporaryFile() as held:
        count = 0
        for table in tables:
            schemas.setdefault(table.schema)
            options = pyarrow.ipc.IpcWriteOptions(compression="zstd")
            with pyarrow.ipc.new_stream(held, table.schema, options=options) as stream:
                stream.write_table(table)
            count += 1
        columns = _columns([*schemas], fields)
        yield columns.empty_table()
        held.seek(0)
        for _ in range(count):
            with pyarrow.ipc.open_stream(held) as stream:
                table = stream.read_all()
            yield _fitted(table, columns)


def _columns(schemas: list[Any], fields: dict[str, Any]) -> Any:
    """Return the columns that fit tables of these schemas: of the type that all values of a field
    fit, else texts."""
    pyarrow, _ = _import()
    found: dict[str, Any] = {}
    for schema in schemas:
        for field in schema:
            found[field.name] = _common(found.get(field.name, field), field)
    for name, field in found.items():
        if field.type == pyarrow.null():  # as if of texts
            found[name] = pyarrow.field(name, pyarrow.string())
    return pyarrow.schema([*{**found, **fields}.values()])


def _common(one: Any, other: Any) -> Any:
    """Return the field that the values of two fit."""
    pyarrow, _ = _import()
    if one.type == other.type:
        return one
    try:
        schemas = [pyarrow.schema([one]), pyarrow.schema([other])]
        return pyarrow.unify_schemas(schemas, promote_options="permissive").field(0)
    except pyarrow.ArrowException:
        return pyarrow.field(one.name, pyarrow.string())


def _fitted(table: Any, columns: Any) -> Any:
    """Return a table with these columns."""
    pyarrow, _ = _import()
    arrays = []
    for field in columns:
        if field.name not in table.column_names:
            arrays.append(pyarrow.nulls(len(table), field.type))
            continue
        column = table[field.name]
        if field.type == column.type:
            arrays.append(column)
        elif field.type == pyarrow.string():
            texts = [as_text(value) for value in column.to_pylist()]
            arrays.append(to_column(texts, field.type))
        else:
            tables = [pyarrow.schema([field]).empty_table(), table.select([field.name])]
            joined = pyarrow.concat_tables(tables, promote_options="permissive")
            arrays.append(joined[field.name])
    return pyarrow.table(arrays, columns)


def _conformed(tables: Iterable[Any], fields: dict[str, Any]) -> Iterator[Any]:
    """Yield tables with these columns, behind an empty one; raise `CleanerError` where one has
    another."""
    pyarrow, _ = _import()
    columns = pyarrow.schema([*fields.values()])
    yield columns.empty_table()
    for table in tables:
        for name in table.column_names:
            if name not in fields:
                raise _misfit(name, "it is not in the first file")
        yield _fitted(table, columns)


def _misfit(name: str, reason: str) -> CleanerError:
    return CleanerError(
        f"the pages do not fit the columns of Parquet (field {name!r}: {reason}); write JSON "
        "Lines, with --to"
    )


def _misfits() -> tuple[type[Exception], ...]:
    """What says that values do not fit a type."""
    pyarrow, _ = _import()
    return pyarrow.ArrowException, ValueError, TypeError, OverflowError


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
