import io
import json
import sys
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Page, PageError, UsageError
from cleaner.errors import CleanerError
from cleaner.formats import Record, Row, encode_rows
from cleaner.formats.parquet import read, write
from cleaner.formats.record import MAX_RECORDS

VIENNA = timezone(timedelta(hours=2))
TYPES = {
    "nanoseconds": (pa.timestamp("ns"), [1_700_000_000_123_456_789, None]),
    "with_zone": (
        pa.timestamp("us", "Europe/Vienna"),
        [datetime(2024, 5, 1, 8, tzinfo=VIENNA), None],
    ),
    "day": (pa.date32(), [date(2024, 5, 1), None]),
    "time": (pa.time64("ns"), [1, None]),
    "duration": (pa.duration("ms"), [1500, None]),
    "price": (pa.decimal128(20, 2), [Decimal("123456789012345678.90"), None]),
    "small": (pa.int8(), [7, None]),
    "unsigned": (pa.uint64(), [2**64 - 1, None]),
    "short_float": (pa.float32(), [0.5, None]),
    "flag": (pa.bool_(), [True, None]),
    "bytes": (pa.binary(), [b"\xff\0", None]),
    "digest": (pa.binary(4), [b"\xff\0\1\2", None]),
    "large": (pa.large_string(), ["large", None]),
    "nothing": (pa.null(), [None, None]),
    "times": (pa.list_(pa.timestamp("ns")), [[5, None], None]),
    "vector": (pa.list_(pa.float32(), 2), [[1.5, 2.5], [0, 0]]),
    "links": (
        pa.list_(pa.struct([("url", pa.string()), ("at", pa.int16())])),
        [[{"url": "/", "at": 3}], None],
    ),
    "empty_list": (pa.list_(pa.int32()), [[], None]),
    "counts": (pa.map_(pa.string(), pa.int32()), [[("a", 1)], None]),
    "category": (pa.dictionary(pa.int8(), pa.string()), ["news", None]),
}
"""By column: a type, and two values that have it."""

JSON = {
    "nanoseconds": "2023-11-14T22:13:20.123456789",
    "with_zone": "2024-05-01T06:00:00.000000Z",
    "day": "2024-05-01",
    "time": "00:00:00.000000001",
    "duration": 1.5,
    "price": Decimal("123456789012345678.90"),
    "small": 7,
    "unsigned": 2**64 - 1,
    "short_float": 0.5,
    "flag": True,
    "bytes": "/wA=",
    "digest": "/wABAg==",
    "large": "large",
    "nothing": None,
    "times": ["1970-01-01T00:00:00.000000005", None],
    "vector": [1.5, 2.5],
    "links": [{"url": "/", "at": 3}],
    "empty_list": [],
    "counts": {"a": 1},
    "category": "news",
}
"""The first of the two values, as JSON Lines have it."""


@pytest.fixture
def odd() -> pa.Table:
    """A table with a column of each type, as a Parquet file brings it."""
    columns = {name: pa.array(values, type) for name, (type, values) in TYPES.items()}
    table = pa.table({**columns, "text": ["A line", "Another"], "html": ["", "<p>Another"]})
    return pq.read_table(io.BytesIO(as_file(table)))


def as_file(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def records(data: bytes, **names: Any) -> list[Record]:
    return list(chain.from_iterable(read(io.BytesIO(data), "f", **names)[1]))


def rows_of(data: bytes) -> list[Row]:
    return [record.fields for record in records(data)]


def written(batches: list[list[Row]], **options: object) -> pa.Table:
    return pq.read_table(io.BytesIO(b"".join(write(batches, **options))))


def test_every_type_comes_out_as_it_went_in(odd):
    schema, batches = read(io.BytesIO(as_file(odd)), "f")
    others = odd.drop_columns("html")
    texts = pa.array([None, "Another"])  # where it was the page
    others = others.set_column(others.column_names.index("text"), others.field("text"), texts)
    rows = [[r.fields for r in batch] for batch in batches]
    assert schema == others.schema
    assert written(rows, schema=schema) == others
    again = written(rows).schema
    changed = {f.name for f in others.schema if again.field(f.name).type != f.type}
    assert changed == {"large", "category", "nothing"}  # texts: these come as Python has them


def test_every_type_has_a_form_in_json(odd):
    first, second = rows_of(as_file(odd))
    lines = b"".join(encode_rows([[first, second]], "jsonl")).splitlines()
    found = json.loads(lines[0], parse_float=lambda s: Decimal(s) if len(s) > 9 else float(s))
    assert found == {**JSON, "text": None}
    second_row = {**dict.fromkeys(TYPES), "vector": [0, 0], "text": "Another"}
    assert json.loads(lines[1]) == second_row


def test_a_uuid_is_kept():
    number = uuid.UUID(int=7)
    column = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([number.bytes], pa.binary(16)))
    (row,) = rows_of(as_file(pa.table({"id": column, "text": ["A line"]})))
    assert written([[row]])["id"].type == pa.uuid()
    assert json.loads(b"".join(encode_rows([[row]], "jsonl"))) == {"id": str(number)}


def test_columns_hold_pages(odd):
    first, second = records(as_file(odd))
    assert (first.page, second.page) == (Page("A line", "text"), Page("<p>Another", "html"))
    assert (first.where, second.where) == ("f: row 1", "f: row 2")
    table = pa.table({"body": pa.array([b"<p>caf\xe9", None]), "url": pa.array(["/a", None])})
    pages = [r.page for r in records(as_file(table), html_field="body")]
    assert pages == [Page(b"<p>caf\xe9", "html", "/a"), Page("", "html")]


def test_a_column_of_markdown_holds_pages_unless_it_holds_objects():
    table = pa.table({"markdown": ["# a", None], "text": ["b", "c"]})
    first, second = records(as_file(table))
    assert (first.page, first.fields) == (Page("# a", "markdown"), {"text": "b"})
    assert (second.page, second.fields) == (Page("c", "text"), {"text": None})
    ((record,)) = records(as_file(pa.table({"markdown": [{"raw": "# a"}], "text": ["b"]})))
    assert (record.page, list(record.fields)) == (Page("b", "text"), ["markdown"])
    with pytest.raises(PageError, match="the field 'markdown' holds struct"):
        records(as_file(pa.table({"markdown": [{"raw": "# a"}]})))


@pytest.mark.parametrize(
    ("type", "source"),
    [(pa.large_string(), "A line"), (pa.string_view(), "A line"), (pa.binary(), b"A line")],
)
def test_texts_of_any_kind(type, source):
    table = pa.table({"text": pa.array(["A line"], pa.string()).cast(type)})
    ((record,)) = records(as_file(table))
    assert record.page == Page(source, "text")


def test_broken_utf8_is_mended():
    raw = pa.array([b"caf\xe9", None], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 2, raw.buffers())
    first, second = records(as_file(pa.table({"text": broken, "title": broken})))
    assert first.page == Page("caf\ufffd", "text")
    assert (first.fields, second.fields) == ({"title": "caf\ufffd"}, {"title": None})


def test_broken_utf8_within_values_is_mended():
    raw = pa.array([b"caf\xe9"], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 1, raw.buffers())
    columns = {
        "list": pa.ListArray.from_arrays([0, 1], broken),
        "struct": pa.StructArray.from_arrays([broken], ["name"]),
        "map": pa.MapArray.from_arrays([0, 1], broken, broken),
        "category": pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), broken),
        "text": broken,
    }
    data = as_file(pa.table(columns))
    ((record,),) = read(io.BytesIO(data), "f")[1]
    found = json.loads(b"".join(encode_rows([[record.fields]], "jsonl")))
    mended = "caf\ufffd"
    assert record.page == Page(mended, "text")
    assert found == {
        "list": [mended], "struct": {"name": mended}, "map": {mended: mended}, "category": mended,
    }  # fmt: skip
    schema, batches = read(io.BytesIO(data), "f")
    written([[r.fields for r in batch] for batch in batches], schema=schema)


def test_a_date_that_no_calendar_has_comes_as_it_is():
    table = pa.table({"day": pa.array([2**30], pa.date32()), "text": ["A line"]})
    row = json.loads(b"".join(encode_rows([rows_of(as_file(table))], "jsonl")))
    assert row == {"day": "<value out of range: 1073741824>"}


LARGE = "x" * 3_000_000


def shared(texts: list[str], numbers: list[int]) -> pa.Array:
    """Texts of which each row has one, so that a file has each once."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(texts))


POOLS = []
"""Each outlives what was taken from it."""


def peak_of(data: bytes) -> tuple[list[Record], int]:
    """The records of a file, and how much pyarrow took at once to read them."""
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(pa.system_memory_pool())
    POOLS.append(pool)
    pa.set_memory_pool(pool)
    try:
        return records(data, max_page=1_000_000), pool.max_memory()
    finally:
        pa.set_memory_pool(before)


@pytest.mark.parametrize("field", ["text", "title"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_long_text_that_rows_share_fails_these_rows_alone(field, version):
    column = shared(["A line", LARGE], [int(n % 10 != 3) for n in range(200)])
    table = pa.table({"text": ["A line"] * 200, field: column})
    data = as_file(table, store_schema=False, data_page_version=version)
    assert len(data) < 1_000_000
    found, peak = peak_of(data)
    assert [r.where for r in found] == [f"f: row {n}" for n in range(1, 201)]
    good = [n for n, r in enumerate(found) if isinstance(r.page, Page)]
    assert good == list(range(3, 200, 10))
    assert "larger than 1 MB, unpacked" in str(found[0].page)
    assert peak < 200_000_000


@pytest.mark.parametrize("options", [{}, {"use_dictionary": False}])
def test_a_limit_below_a_megabyte_is_kept_among_short_rows(options):
    texts = [f"Line {n}" for n in range(50)]
    texts[20] = texts[49] = "word " * 100_000
    data = as_file(pa.table({"text": texts}), **options)
    found = list(chain.from_iterable(read(io.BytesIO(data), "f", max_page=100_000)[1]))
    assert [r.where for r in found] == [f"f: row {n}" for n in range(1, 51)]
    assert [n for n, r in enumerate(found) if isinstance(r.page, PageError)] == [20, 49]
    assert found[21].page == Page("Line 21", "text")


def test_long_texts_in_lists_fail_their_rows_alone():
    values = shared(["short", LARGE], [0] * 50 + [1] * 1000 + [0] * 50)
    tags = pa.ListArray.from_arrays([0, 50, 1050, 1100], values)
    data = as_file(pa.table({"text": ["a", "b", "c"], "tags": tags}), store_schema=False)
    (first, second, third), peak = peak_of(data)
    assert "larger than 1 MB, unpacked" in str(second.page)
    assert (first.page, third.page) == (Page("a", "text"), Page("c", "text"))
    assert written([[first.fields]])["tags"].to_pylist() == [["short"] * 50]
    assert peak < 150_000_000  # of 3 GB, most of it only asked for


def test_texts_that_begin_like_the_one_before_are_read_one_at_a_time():
    texts = [LARGE + str(n) for n in range(50)]
    data = as_file(
        pa.table({"text": texts}),
        use_dictionary=False,
        column_encoding={"text": "DELTA_BYTE_ARRAY"},
    )
    assert len(data) < 1_000_000
    found, peak = peak_of(data)
    assert ["larger than 1 MB" in str(r.page) for r in found] == [True] * 50
    assert peak < 200_000_000


@pytest.mark.parametrize("compression", ["zstd", "gzip", "snappy"])
def test_a_page_of_parquet_that_is_too_large_goes_with_the_rows_from_it_on(
    monkeypatch, compression
):
    monkeypatch.setattr("cleaner.formats.parquet.LARGEST_PAGE", 2_000_000)
    texts = [f"Line {n}" for n in range(60)]
    texts[23] = LARGE
    data = as_file(
        pa.table({"text": texts, "n": range(60)}),
        row_group_size=20,
        use_dictionary=False,
        write_batch_size=1,
        data_page_size=1,
        compression=compression,
    )
    found, peak = peak_of(data)
    pages = [r.page for r in found if isinstance(r.page, Page)]
    assert pages == [Page(f"Line {n}", "text") for n in [*range(23), *range(40, 60)]]
    (bad,) = [r for r in found if isinstance(r.page, PageError)]
    assert bad.where == "f: row 24"
    assert str(bad.page).startswith("17 rows of row group 2 can't be read, before byte ")
    assert "(a page of Parquet has over 2 MB, unpacked)" in str(bad.page)
    assert peak < 1_000_000


def test_a_list_that_is_packed_well_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("cleaner.formats.parquet.LARGEST_PAGE", 2_000_000)
    zeros = pa.ListArray.from_arrays([0, 1, 1_000_001], pa.array(bytes(1_000_001), pa.int64()))
    data = as_file(pa.table({"text": ["a", "b"], "n": zeros}), row_group_size=1)
    assert len(data) < 10_000
    (first, second), peak = peak_of(data)
    assert (first.page, second.where) == (Page("a", "text"), "f: row 2")
    assert "1 rows of row group 2 can't be read" in str(second.page)
    assert peak < 1_000_000


def test_an_index_that_is_too_large_is_told(monkeypatch, odd):
    monkeypatch.setattr("cleaner.formats.parquet_pages.LARGEST_INDEX", 1 << 10)
    with pytest.raises(PageError, match=r"its index of Parquet has \d+ \w+, and at most"):
        read(io.BytesIO(as_file(odd)), "f")


def test_batches_hold_a_bounded_number_of_rows():
    table = pa.table({"text": [""] * (2 * MAX_RECORDS + 1)})
    assert [len(b) for b in read(io.BytesIO(as_file(table)), "f")[1]] == [
        MAX_RECORDS, MAX_RECORDS, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.string_view()])
def test_texts_in_lists_keep_their_type(type):
    table = pa.table({"text": ["a", "b"], "tags": pa.array([["x", "y"], ["z"]], pa.list_(type))})
    schema, batches = read(io.BytesIO(as_file(table)), "f")
    assert schema.field("tags").type.value_type == type
    rows = [[record.fields for record in batch] for batch in batches]
    assert written(rows, schema=schema)["tags"].to_pylist() == [["x", "y"], ["z"]]


def test_a_cut_file_is_told_with_its_end(odd):
    data = as_file(odd)
    for end in (0, 3, 4, len(data) // 2, len(data) - 1):
        with pytest.raises(PageError, match=f"no index of Parquet at byte {end}, the end "):
            read(io.BytesIO(data[:end]), "f")


def test_a_damaged_row_group_is_told_and_the_others_are_read():
    lines = [f"Line {n} of a story" for n in range(3000)]
    data = bytearray(as_file(pa.table({"text": lines}), row_group_size=1000))
    place = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(0).dictionary_page_offset
    data[place + 50 : place + 60] = bytes(10)
    found = records(bytes(data))
    bad = [r for r in found if isinstance(r.page, PageError)]
    assert [r.page for r in found if r not in bad] == [
        Page(line, "text") for line in lines[:1000] + lines[2000:]
    ]
    assert [r.where for r in bad] == ["f: row 1001"]
    message = str(bad[0].page)
    assert message.startswith("1000 rows of row group 2 can't be read, before byte ")
    assert place < int(message.split("byte ")[1].split()[0]) <= len(data)
    assert found[-1].where == "f: row 3000"


OPTIONS = [{}, {"data_page_version": "2.0"}, {"use_dictionary": False, "compression": "gzip"}]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(OPTIONS))
def test_any_damage_gives_pages_or_errors(data, options):
    columns = {"text": [f"Line {n}" for n in range(300)], "n": [[n] for n in range(300)]}
    whole = bytearray(as_file(pa.table(columns), row_group_size=100, **options))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = records(bytes(whole))
    except PageError:
        return
    assert all(isinstance(r.page, Page | PageError) for r in found)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"id": [1], "body": ["b"]},
            r"no field 'text', 'html' or 'markdown' \(it has id, body\); name the one",
        ),
        ({"text": [1]}, "the field 'text' holds int64; give it as strings"),
        ({"text": [["a"]]}, "the field 'text' holds list<.*>; give it as strings"),
    ],
)
def test_columns_that_are_no_pages_are_told_once(columns, message):
    with pytest.raises(PageError, match=message):
        read(io.BytesIO(as_file(pa.table(columns))), "f")


def test_two_columns_of_one_name_are_told():
    table = pa.Table.from_arrays([pa.array(["a"])] * 3, names=["text", "n", "n"])
    with pytest.raises(PageError, match="two columns have the name 'n'; rename one"):
        read(io.BytesIO(as_file(table)), "f")


def test_batches_hold_about_a_megabyte():
    table = pa.table({"text": [f"{n} " + "word " * 20_000 for n in range(100)]})
    _, batches = read(io.BytesIO(as_file(table)), "f")
    sizes = [len(batch) for batch in batches]
    assert sum(sizes) == 100
    assert max(sizes) <= 11


values = st.fixed_dictionaries(
    {"text": st.text()},
    optional={
        "n": st.integers(-(2**63), 2**63 - 1),
        "share": st.floats(allow_nan=False),
        "title": st.none() | st.text(),
        "flag": st.booleans(),
        "tags": st.lists(st.text() | st.none()),
        "source": st.fixed_dictionaries({"name": st.text()}, optional={"n": st.integers(0, 9)}),
    },
)


@settings(deadline=None)
@given(st.lists(st.lists(values, max_size=3), max_size=3))
def test_rows_of_json_come_back(batches):
    rows = [row for batch in batches for row in batch]
    given_names = list(dict.fromkeys(name for row in rows for name in row))
    table = written(batches)
    assert table.column_names == given_names
    for row, found in zip(rows, table.to_pylist(), strict=True):
        filled = {name: row.get(name) for name in given_names}
        if filled.get("source"):
            filled["source"] = {"n": None, **filled["source"]}
            found["source"].setdefault("n", None)
        assert found == filled


def test_half_an_emoji_becomes_a_replacement_character():
    (row,) = written([[{"a": "cut \ud83d", "b": [{"c": "\ud83d"}]}]]).to_pylist()
    assert row == {"a": "cut \ufffd", "b": [{"c": "\ufffd"}]}


def test_half_an_emoji_in_a_name_becomes_a_replacement_character():
    (row,) = written([[{"a\ud83d": 1, "b": {"\ud83d": 2}}]]).to_pylist()
    assert row == {"a\ufffd": 1, "b": {"\ufffd": 2}}
    (row,) = written([[{"a\ud83d": 1} | {"a\ud83e": 2}]]).to_pylist()
    assert row == {"a\ufffd": 1, "a\ufffd_": 2}


def test_columns_are_told_by_an_example():
    like = {"text": "", "paragraphs": [{"text": "", "probability": 1.0}]}
    table = written([[{"n": 1, "text": None, "paragraphs": []}]], like=like)
    assert table.column_names == ["n", "text", "paragraphs"]
    assert table.schema.field("text").type == pa.string()
    assert table.schema.field("paragraphs").type.value_type.names == ["text", "probability"]
    assert written([], like=like).schema.names == ["text", "paragraphs"]


def test_no_rows_keep_the_schema(odd):
    schema, batches = read(io.BytesIO(as_file(odd.slice(0, 0))), "f")
    assert list(batches) == []
    table = written([], schema=schema, like={"text": ""})
    assert len(table) == 0
    renamed = odd.drop_columns("html").rename_columns({"text": "text_original"})
    expected = renamed.schema.append(pa.field("text", pa.string()))
    assert table.schema.remove_metadata() == expected.remove_metadata()


def test_a_column_of_nulls_can_take_texts_later(monkeypatch):
    monkeypatch.setattr("cleaner.formats.parquet.ROW_GROUP", 1)
    titles = [None, "A title", None, "Another"]
    assert written([[{"title": t}] for t in titles])["title"].to_pylist() == titles


@pytest.mark.parametrize(
    ("later", "first", "last"),
    [
        ({"n": "one"}, {"n": "1"}, {"n": "one"}),
        ({"n": 1.5}, {"n": 1.0}, {"n": 1.5}),
        ({"new": 1}, {"n": 1, "new": None}, {"n": None, "new": 1}),
        ({"n": 2**70}, {"n": "1"}, {"n": str(2**70)}),
        ({"n": [1]}, {"n": "1"}, {"n": "[1]"}),
        ({"n": None}, {"n": 1}, {"n": None}),
        ({"n": True}, {"n": "1"}, {"n": "true"}),
        (
            {"source": {"name": "a", "id": 1}},
            {"source": {"name": "a", "id": None}},
            {"source": {"name": "a", "id": 1}},
        ),
        ({"source": "a"}, {"source": '{"name":"a"}'}, {"source": "a"}),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_rows_of_other_types_and_fields_come_out(monkeypatch, later, first, last, together):
    monkeypatch.setattr("cleaner.formats.parquet.ROW_GROUP", 1)
    rows = [{"n": 1, "source": {"name": "a"}}, later]
    found = written([rows] if together else [[row] for row in rows]).to_pylist()
    assert first.items() <= found[0].items()
    assert last.items() <= found[1].items()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, "a"], '[1,"a"]'),
        ([0.5, True], "[0.5,true]"),
        ({}, "{}"),
        (2**64, str(2**64)),
        ([{}], "[{}]"),
    ],
)
def test_values_that_no_column_can_hold_are_json(value, text):
    assert written([[{"n": value}]])["n"].to_pylist() == [text]


@pytest.mark.parametrize(("later", "field"), [({"n": "one"}, "n"), ({"n": 1, "new": 1}, "new")])
def test_rows_that_do_not_fit_the_columns_of_an_input_are_told(later, field):
    schema = pa.schema({"n": pa.int64()})
    with pytest.raises(CleanerError, match=rf"columns of Parquet \(field '{field}': .*JSON Lines"):
        written([[{"n": 1}], [later]], schema=schema)


def test_row_groups_come_out_as_they_are_full(monkeypatch):
    monkeypatch.setattr("cleaner.formats.parquet.ROW_GROUP", 1000)
    asked = []
    rows = [{"n": n, "text": "word " * 50} for n in range(40)]
    schema = pa.schema({"n": pa.int64(), "text": pa.string()})
    chunks = write((asked.append(n) or [row] for n, row in enumerate(rows)), schema)
    first = next(chunks)
    assert first.startswith(b"PAR1")
    assert len(asked) == 4
    whole = first + b"".join(chunks)
    assert pq.ParquetFile(io.BytesIO(whole)).metadata.num_row_groups == 10
    assert pq.read_table(io.BytesIO(whole)).to_pylist() == rows
    assert whole == b"".join(write([row] for row in rows))


def test_parquet_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    message = r"Parquet needs pyarrow: pip install 'article-cleaner\[parquet\]'"
    with pytest.raises(UsageError, match=message):
        read(io.BytesIO(b"PAR1"), "f")
    with pytest.raises(UsageError, match=message):
        list(write([[{"n": 1}]]))
